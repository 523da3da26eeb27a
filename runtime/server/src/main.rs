//! The binary `jackfield`.

mod cli;
// Taken away once the app uses all of it.
#[allow(dead_code, unused_imports, reason = "the app that uses it is still being written")]
mod config;

fn main() -> std::process::ExitCode {
    cli::main()
}
