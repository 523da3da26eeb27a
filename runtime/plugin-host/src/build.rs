//! Builds guests: cargo makes modules, the encoder makes components of them.
//!
//! Two compilers will do: a rustup toolchain with the target `wasm32-unknown-unknown`, or Debian's
//! `rustc-web` with `rust-web-src` and `lld`, which builds the standard library once for each
//! target folder.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::World;
use crate::contract;
use crate::install::digest;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Lines of cargo's that an error shows.
const TAIL_LINES: usize = 40;

/// How to build.
pub struct BuildOptions<'a> {
    /// Cargo's folder, shared by all guests so that the standard library is built once.
    pub target_dir: PathBuf,
    /// Where components are written, as `<name>.wasm`.
    pub output_dir: PathBuf,
    /// Told every line of progress.
    pub progress: &'a mut dyn FnMut(&str),
}

impl std::fmt::Debug for BuildOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BuildOptions")
            .field("target_dir", &self.target_dir)
            .field("output_dir", &self.output_dir)
            .finish_non_exhaustive()
    }
}

/// A component that was built.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BuiltPlugin {
    /// The package's name.
    pub name: String,
    /// Where the component is.
    pub component: PathBuf,
    /// Its SHA-256, in hexadecimal.
    pub digest: String,
    /// Its size.
    pub bytes: usize,
    /// The world it implements; `None` if it is none of this host's.
    pub world: Option<World>,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no compiler for guests.
    #[error(
        "no compiler for WebAssembly: `rustup target add {TARGET}`, or on Debian \
         `apt-get install {missing}`"
    )]
    NoCompiler {
        /// The Debian packages that are not installed.
        missing: String,
    },
    /// Cargo failed.
    #[error("cargo failed in `{dir}`:\n{tail}")]
    Cargo {
        /// The package's or workspace's folder.
        dir: String,
        /// The end of what it wrote.
        tail: String,
    },
    /// A module is not one for the component encoder.
    #[error("`{name}` is no plugin: {reason}; does it export a world of the SDK?")]
    Encode {
        /// The package's name.
        name: String,
        /// What the encoder said.
        reason: String,
    },
    /// No package with a library of kind `cdylib` was found.
    #[error("`{dir}` has no package with `crate-type = [\"cdylib\"]`")]
    NoGuest {
        /// The folder.
        dir: String,
    },
    /// A file cannot be read or written.
    #[error("cannot use `{path}`")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Builds the one guest in `dir`.
///
/// # Errors
///
/// [`BuildError`] with the end of cargo's output. A workspace of several guests is built by
/// [`build_guests`]; here its first one is answered.
pub fn build_guest(dir: &Path, options: BuildOptions<'_>) -> Result<BuiltPlugin, BuildError> {
    let none = || BuildError::NoGuest { dir: dir.display().to_string() };
    build_guests(dir, options)?.into_iter().next().ok_or_else(none)
}

/// Builds the guest in `dir`, or all of a workspace, with one run of cargo.
///
/// # Errors
///
/// [`BuildError`] with the end of cargo's output.
pub fn build_guests(dir: &Path, options: BuildOptions<'_>) -> Result<Vec<BuiltPlugin>, BuildError> {
    let mut cargo = compiler(dir)?;
    cargo.args(["--release", "--target", TARGET]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.env("CARGO_TARGET_DIR", absolute(&options.target_dir)?).current_dir(dir);
    let modules = run_cargo(cargo, dir, options.progress)?;
    if modules.is_empty() {
        return Err(BuildError::NoGuest { dir: dir.display().to_string() });
    }
    std::fs::create_dir_all(&options.output_dir).map_err(io(&options.output_dir))?;
    let mut built = Vec::new();
    for (name, module) in modules {
        let plugin = encode(&name, &module, &options.output_dir)?;
        let world = plugin.world.map_or("no world of this host", World::name);
        (options.progress)(&format!(
            "{name}: {world}, {} KiB, {}",
            plugin.bytes / 1024,
            plugin.component.display()
        ));
        built.push(plugin);
    }
    Ok(built)
}

/// Turns a module with embedded types into a component.
fn encode(name: &str, module: &Path, output_dir: &Path) -> Result<BuiltPlugin, BuildError> {
    let bytes = std::fs::read(module).map_err(io(module))?;
    let component = wit_component::ComponentEncoder::default()
        .module(&bytes)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| BuildError::Encode {
            name: name.to_owned(),
            reason: format!("{error:#}"),
        })?;
    let path = output_dir.join(format!("{name}.wasm"));
    // Written aside and renamed: a host that is reading the old one is not disturbed.
    let aside = output_dir.join(format!(".{name}.wasm.{}", std::process::id()));
    std::fs::write(&aside, &component).map_err(io(&aside))?;
    std::fs::rename(&aside, &path).map_err(io(&path))?;
    Ok(BuiltPlugin {
        name: name.to_owned(),
        component: path,
        digest: digest(&component),
        bytes: component.len(),
        world: contract::decode(&component).ok().and_then(|surface| contract::world_of(&surface)),
    })
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
) -> Result<Vec<(String, PathBuf)>, BuildError> {
    // Variables of a cargo that runs us would make this one believe it is that one.
    for (name, _) in std::env::vars() {
        let about_package = name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if about_package || name == "CARGO_ENCODED_RUSTFLAGS" || name == "RUSTFLAGS" {
            cargo.env_remove(name);
        }
    }
    let failed = |tail: String| BuildError::Cargo { dir: dir.display().to_string(), tail };
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
fn guest_of(message: &str) -> Option<(String, PathBuf)> {
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
    Some((name, PathBuf::from(module)))
}

fn absolute(path: &Path) -> Result<PathBuf, BuildError> {
    std::path::absolute(path).map_err(io(path))
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.display().to_string();
    move |source| BuildError::Io { path, source }
}
