//! `jackfield plugin test`: the unit tests of a plugin, by the runner of its language.

use std::path::Path;
use std::process::{Command, Stdio};

use jackfield_plugin_host::build::{Language, Tools, bindings};

use crate::cli::error::CliError;

/// Runs the tests of a folder; what they print goes to the terminal.
pub fn run(dir: &Path) -> Result<(), CliError> {
    let failed = |error: &dyn std::error::Error| CliError::failed(error.to_string());
    let mut progress = |line: &str| eprintln!("{line}");
    // Says what a folder of a plugin is, if this is none.
    bindings(dir, &mut progress).map_err(|error| failed(&error))?;
    let Some(language) = Language::of(dir) else { return Ok(()) };
    let (mut command, mend) = match language {
        Language::Rust => {
            let mut cargo = Command::new("cargo");
            // Modules for the machine itself, apart from those for WebAssembly.
            let target = std::path::absolute("target/plugins-native");
            cargo.arg("test").env("CARGO_TARGET_DIR", target.map_err(|error| failed(&error))?);
            (cargo, "https://rustup.rs, or on Debian `apt-get install cargo-web`")
        }
        Language::JavaScript => (npm_test(), "on Debian `apt-get install nodejs npm`"),
        Language::TypeScript => {
            let tools = Tools::new().npm(&mut progress).map_err(|error| failed(&error))?;
            let mut path = tools.join("node_modules/.bin").into_os_string();
            path.push(":");
            path.push(std::env::var_os("PATH").unwrap_or_default());
            let mut npm = npm_test();
            npm.env("PATH", path);
            (npm, "on Debian `apt-get install nodejs npm`")
        }
        Language::Python => {
            let mut python = Command::new("python3");
            python.args(["-m", "unittest", "discover", "--start-directory", "."]);
            (python, "on Debian `apt-get install python3`")
        }
        Language::C => {
            let mut make = Command::new("make");
            make.args(["--silent", "test"]);
            (make, "on Debian `apt-get install make gcc libc6-dev`")
        }
        Language::Go => {
            let mut go = Tools::new().go(&mut progress).map_err(|error| failed(&error))?;
            go.args(["test", "./..."]);
            (go, "remove it from the folder of tools, and it is fetched again")
        }
    };
    let program = command.get_program().to_string_lossy().into_owned();
    let ended = command.current_dir(dir).stdin(Stdio::null()).status();
    let ended = ended
        .map_err(|error| CliError::failed(format!("cannot start `{program}`: {error}; {mend}")))?;
    if ended.success() { Ok(()) } else { Err(CliError::failed("the tests of the plugin failed")) }
}

fn npm_test() -> Command {
    let mut npm = Command::new("npm");
    npm.args(["test", "--silent"]);
    npm
}
