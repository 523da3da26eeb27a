//! Where the command line meets the rest of the binary.
//!
//! TO BE FILLED by whoever writes the app: each function says what is expected of it.

use std::path::Path;
use std::process::ExitCode;

use super::error::CliError;
use crate::config::Config;

fn missing(what: &str) -> CliError {
    CliError::failed(format!("this build cannot {what} yet"))
}

/// Runs the server until it is told to stop (Ctrl-C, SIGTERM).
///
/// Called inside a multi-threaded runtime with `config.worker_threads` threads; the log is not set
/// up yet.
pub async fn serve(_config: Config) -> Result<(), CliError> {
    Err(missing("serve"))
}

/// Compiles a plugin in a process of its own; started by the server with limits.
///
/// No runtime is running. `arguments` is what follows `plugin-worker`.
pub fn plugin_worker(arguments: &[String]) -> ExitCode {
    jackfield_plugin_host::worker_main(arguments)
}

/// Checks a component file as an installation would, and says in words what it is.
pub fn check_component(_file: &Path) -> Result<String, CliError> {
    Err(missing("check plugins"))
}

/// Returns the description of the API as an OpenAPI 3.1 document.
pub fn openapi() -> Result<String, CliError> {
    Err(missing("describe its API"))
}
