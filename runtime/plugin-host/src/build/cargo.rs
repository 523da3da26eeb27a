//! Plugins in Rust: cargo makes modules.
//!
//! Two compilers will do: a rustup toolchain with the target `wasm32-unknown-unknown`, or Debian's
//! `rustc-web` with `rust-web-src` and `lld`, which builds the standard library once for each
//! target folder.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{BuildError, BuildOptions, BuiltPlugin, TAIL_LINES, absolute, encode, report};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A module that cargo made.
struct Module {
    name: String,
    file: PathBuf,
    /// Of its package.
    folder: PathBuf,
}

/// Builds the guest in `dir`, or all of a workspace, with one run of cargo.
pub fn build(dir: &Path, options: &mut BuildOptions<'_>) -> Result<Vec<BuiltPlugin>, BuildError> {
    let mut cargo = compiler(dir)?;
    cargo.args(["--release", "--target", TARGET]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.env("CARGO_TARGET_DIR", absolute(&options.target_dir)?).current_dir(dir);
    let modules = run_cargo(cargo, dir, options.progress)?;
    if modules.is_empty() {
        return Err(BuildError::NoGuest { dir: dir.display().to_string() });
    }
    let mut built = Vec::new();
    for Module { name, file, folder } in modules {
        let bytes = std::fs::read(&file).map_err(super::io(&file))?;
        built.push(report(&name, &folder, encode(&name, &bytes)?, options)?);
    }
    Ok(built)
}

/// Finds a compiler that has, or can build, the standard library for guests.
fn compiler(dir: &Path) -> Result<Command, BuildError> {
    let mut cargo = Command::new("cargo");
    cargo.arg("build");
    let found = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(dir)
        .output();
    let libdir = found.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    if libdir.is_ok_and(|libdir| !libdir.is_empty() && Path::new(&libdir).is_dir()) {
        return Ok(cargo);
    }
    let wanted = [
        (DEBIAN_RUSTC, "rustc-web"),
        ("/usr/lib/rustlib/src/rust/library/std/Cargo.toml", "rust-web-src"),
        ("/usr/bin/wasm-ld", "lld"),
    ];
    let missing = wanted.iter().filter(|(file, _)| !Path::new(file).exists());
    let missing: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        return Err(BuildError::NoCompiler { missing: missing.join(" ") });
    }
    // A stable compiler builds its own standard library if it is told that it is the one that may.
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", DEBIAN_RUSTC)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld")
        .arg("-Zbuild-std=std,panic_abort");
    Ok(cargo)
}

/// Runs cargo and returns the name and the module of each guest.
fn run_cargo(
    mut cargo: Command,
    dir: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Module>, BuildError> {
    // Variables of a cargo that runs us would make this one believe it is that one.
    for (name, _) in std::env::vars() {
        let about_package = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if about_package || name == "CARGO_ENCODED_RUSTFLAGS" || name == "RUSTFLAGS" {
            cargo.env_remove(name);
        }
    }
    let failed = |tail: String| BuildError::Tool {
        tool: "cargo".to_owned(),
        dir: dir.display().to_string(),
        tail,
    };
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("cannot start cargo: {error}")))?;
    let stdout = child.stdout.take();
    // Both pipes are read at once, or a full one would stop cargo.
    let reader = std::thread::spawn(move || {
        let lines = stdout.into_iter().flat_map(|out| BufReader::new(out).lines());
        lines.map_while(Result::ok).filter_map(|line| guest_of(&line)).collect::<Vec<_>>()
    });
    let mut tail = std::collections::VecDeque::new();
    let lines = child.stderr.take().into_iter().flat_map(|err| BufReader::new(err).lines());
    for line in lines.map_while(Result::ok) {
        progress(&line);
        tail.push_back(line);
        if TAIL_LINES < tail.len() {
            tail.pop_front();
        }
    }
    let modules = reader.join().unwrap_or_default();
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if status.success() {
        return Ok(modules);
    }
    Err(failed(Vec::from(tail).join("\n")))
}

/// The name and the module in one of cargo's messages, if it is about a `cdylib`.
fn guest_of(message: &str) -> Option<Module> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    if message.get("reason")? != "compiler-artifact" {
        return None;
    }
    let target = message.get("target")?;
    if !target.get("crate_types")?.as_array()?.iter().any(|kind| kind == "cdylib") {
        return None;
    }
    let files = message.get("filenames")?.as_array()?;
    let module = files.iter().filter_map(|file| file.as_str()).find(|f| f.ends_with(".wasm"))?;
    // Cargo names a library with underscores, people name the package.
    let name = target.get("name")?.as_str()?.replace('_', "-");
    let package = Path::new(message.get("manifest_path")?.as_str()?);
    let folder = package.parent().unwrap_or(Path::new("")).to_owned();
    Some(Module { name, file: PathBuf::from(module), folder })
}
