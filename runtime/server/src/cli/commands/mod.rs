//! The commands, by what they are about.

pub mod audit;
pub mod certify;
pub mod config;
pub mod contacts;
pub mod conversations;
pub mod flows;
pub mod interactions;
pub mod journal;
pub mod market;
pub mod packages;
pub mod plugins;
pub mod queues;
pub mod replay;
pub mod report;
pub mod schedules;
pub mod sdk;
pub mod simulate;
pub mod tenants;
pub mod users;

use std::path::Path;

use jackfield_plugin_host::World;
use serde_json::Value;

use super::error::CliError;

/// Returns the entries of a list as the API gives it: `{"items": [...]}`.
fn items(answer: &Value) -> &[Value] {
    let list = answer.get("items").unwrap_or(answer);
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Reads a file that was named on the command line.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    if path.is_dir() {
        let makes = if path.join("plugin.toml").is_file() {
            ": `jackfield plugin build` makes a component of it, `jackfield plugin pack` a package"
        } else {
            ""
        };
        let path = path.display();
        return Err(CliError::failed(format!("{path} is a folder, and a file is wanted{makes}")));
    }
    std::fs::read(path)
        .map_err(|error| CliError::failed(format!("cannot read {}: {error}", path.display())))
}

/// Reads a component that was named on the command line.
fn read_component(path: &Path) -> Result<Vec<u8>, CliError> {
    let bytes = read(path)?;
    let wrong = |what: &str| Err(CliError::failed(format!("{} is {what}", path.display())));
    if is_archive(&bytes) {
        return wrong(
            "a package, and a component is wanted: `jackfield plugin verify` looks at packages",
        );
    }
    if !is_wasm(&bytes) {
        return wrong("no component: `jackfield plugin build` makes one of a plugin's folder");
    }
    Ok(bytes)
}

/// Tells whether the bytes begin like WebAssembly.
fn is_wasm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm")
}

/// Tells whether the bytes begin like a tar, as a package does.
fn is_archive(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Reads a file of text that was named on the command line.
fn read_text(path: &Path) -> Result<String, CliError> {
    String::from_utf8(read(path)?)
        .map_err(|_| CliError::failed(format!("{} is not text in UTF-8", path.display())))
}

/// Reads what `--set NAME=VALUE` says to a plugin of `world`.
fn settings(world: World, written: &[String]) -> Result<Vec<(String, String)>, CliError> {
    let tells = matches!(world, World::Flow | World::Interpreter);
    if let Some(first) = written.first().filter(|_| tells) {
        return Err(CliError::Usage(format!("--set {first}: a flow has no settings")));
    }
    let one = |text: &String| {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let pair = pair.map(|(name, value)| (name.to_owned(), value.to_owned()));
        pair.ok_or_else(|| CliError::Usage(format!("--set {text}: `NAME=VALUE` is accepted")))
    };
    written.iter().map(one).collect()
}
