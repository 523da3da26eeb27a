//! Where the command line meets the rest of the binary.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use jackfield_plugin_host::{Grants, HostConfig, PluginHost, World};

use super::error::{CliError, in_full};
use crate::config::Config;

/// Runs the server until it is told to stop (Ctrl-C, SIGTERM).
///
/// Called inside a multi-threaded runtime with `config.worker_threads` threads.
pub async fn serve(config: Config) -> Result<(), CliError> {
    crate::serve::serve(config).await.map_err(|error| CliError::failed(in_full(&error)))
}

/// Compiles a plugin in a process of its own; started by the server with limits.
///
/// No runtime is running. `arguments` is what follows `plugin-worker`.
pub fn plugin_worker(arguments: &[String]) -> ExitCode {
    jackfield_plugin_host::worker_main(arguments)
}

/// Checks a component as an installation would, and says in words what it is.
pub fn check_component(bytes: &[u8]) -> Result<String, CliError> {
    let folder = std::env::temp_dir().join(format!("jackfield-check-{}", std::process::id()));
    let checked = check_in(&folder, bytes);
    // Only the cache of this check is in it.
    let _ = std::fs::remove_dir_all(&folder);
    checked
}

/// The limits of a host without a configuration, whose worker is this program.
pub fn tool_config() -> HostConfig {
    // A tool serves no calls that would have to go first.
    let mut config = HostConfig { compile_patience: Duration::ZERO, ..HostConfig::default() };
    if let Ok(binary) = std::env::current_exe() {
        config.worker = vec![binary.to_string_lossy().into_owned(), "plugin-worker".to_owned()];
    }
    config
}

/// Says what world a component is of.
pub fn world_of(wasm: &[u8]) -> Result<World, CliError> {
    let found = jackfield_plugin_host::world_of(wasm)
        .map_err(|error| CliError::failed(error.to_string()))?;
    found.ok_or_else(|| {
        let worlds: Vec<&str> = World::ALL.iter().map(|world| world.name()).collect();
        CliError::failed(format!(
            "it has the exports of no world: those of {} are known",
            worlds.join(", ")
        ))
    })
}

fn check_in(folder: &Path, bytes: &[u8]) -> Result<String, CliError> {
    let config = HostConfig { cache_dir: folder.to_owned(), ..tool_config() };
    let host = PluginHost::new(config).map_err(|error| CliError::failed(in_full(&error)))?;
    let world = world_of(bytes)?;
    let found = host
        .install(bytes, world, &Grants::all())
        .map_err(|error| CliError::failed(format!("as a {world}: {error}")))?;
    let imports = match found.imports.as_slice() {
        [] => " nothing".to_owned(),
        imports => format!("\n  {}", imports.join("\n  ")),
    };
    let migrates = host.migrates(&found.digest, world).unwrap_or_default();
    let migrates = if migrates { ", takes over state" } else { "" };
    Ok(format!(
        "world {world}{migrates}, digest {}, compiled in {} ms; imports:{imports}",
        found.digest, found.compile_ms
    ))
}

/// Returns the description of the API as an OpenAPI 3.1 document.
pub fn openapi() -> Result<String, CliError> {
    Ok(crate::http::openapi_json())
}
