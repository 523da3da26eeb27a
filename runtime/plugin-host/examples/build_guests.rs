//! Builds guests as `jackfield plugin build` does: `build_guests DIR...`, into `target/plugins`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jackfield_plugin_host::build::{BuildOptions, build_guests};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for dir in std::env::args().skip(1) {
        let options = BuildOptions {
            target_dir: root.join("target/guests"),
            output_dir: root.join("target/plugins"),
            quick: false,
            progress: &mut |line| println!("{line}"),
        };
        if let Err(error) = build_guests(&PathBuf::from(dir), options) {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
