//! The worker of this crate's own tests and benchmarks; the server has a subcommand instead.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    jackfield_plugin_host::worker_main(&args)
}
