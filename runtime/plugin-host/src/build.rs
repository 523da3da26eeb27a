//! Builds plugins: the tools of a language make a module or a component, the encoder makes a
//! component of a module.
//!
//! What language a folder is in is told by the files in it ([`Language::of`]); what else a project
//! is, by its `plugin.toml` ([`Project`]).

mod c;
mod cargo;
mod declarations;
mod go;
mod project;
mod python;
mod script;
mod tools;
mod wit;

use std::path::{Path, PathBuf};

use crate::World;
use crate::contract;
use crate::install::digest;
use crate::manifest::with_manifest;

pub use project::{Language, Project};
pub use tools::{Tools, run};
pub use wit::contract_files;

/// Lines of a tool's that an error shows.
const TAIL_LINES: usize = 40;

/// How to build.
pub struct BuildOptions<'a> {
    /// Cargo's folder, shared by all guests so that the standard library is built once.
    pub target_dir: PathBuf,
    /// Where components are written, as `<name>.wasm`.
    pub output_dir: PathBuf,
    /// Whether to leave out what takes time and changes nothing of the component: checking the types
    /// of TypeScript.
    pub quick: bool,
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
        "no compiler for WebAssembly: `rustup target add wasm32-unknown-unknown`, or on Debian \
         `apt-get install {missing}`"
    )]
    NoCompiler {
        /// The Debian packages that are not installed.
        missing: String,
    },
    /// A program of the language is not installed.
    #[error("`{tool}` is missing: {mend}")]
    NoTool {
        /// Its name.
        tool: String,
        /// How to get it.
        mend: String,
    },
    /// A tool could not be fetched from its registry.
    #[error("cannot get {what}: is its registry reachable? `{command}` said:\n{tail}")]
    Fetch {
        /// The packages.
        what: String,
        /// What was run.
        command: String,
        /// The end of what it wrote.
        tail: String,
    },
    /// A tool failed.
    #[error("{tool} failed in `{dir}`:\n{tail}")]
    Tool {
        /// Which one.
        tool: String,
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
    /// The folder is no project of a language that is known, or its `plugin.toml` is wrong.
    #[error("`{path}`: {problem}")]
    Project {
        /// The folder or file.
        path: String,
        /// What is wrong, and what would be accepted.
        problem: String,
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
/// [`BuildError`] with the end of the tool's output. A workspace of several guests is built by
/// [`build_guests`]; here its first one is answered.
pub fn build_guest(dir: &Path, options: BuildOptions<'_>) -> Result<BuiltPlugin, BuildError> {
    let none = || BuildError::NoGuest { dir: dir.display().to_string() };
    build_guests(dir, options)?.into_iter().next().ok_or_else(none)
}

/// Builds the guest in `dir`, or all of a Cargo workspace.
///
/// # Errors
///
/// [`BuildError`] with the end of the tool's output, or with what is missing and how to get it.
pub fn build_guests(
    dir: &Path,
    mut options: BuildOptions<'_>,
) -> Result<Vec<BuiltPlugin>, BuildError> {
    let language = Language::of(dir).ok_or_else(|| unknown(dir))?;
    std::fs::create_dir_all(&options.output_dir).map_err(io(&options.output_dir))?;
    if language == Language::Rust {
        return cargo::build(dir, &mut options);
    }
    let project = Project::read(dir)?;
    let component = match language {
        Language::Rust => return cargo::build(dir, &mut options),
        Language::JavaScript | Language::TypeScript => script::build(&project, &mut options)?,
        Language::Python => python::build(&project, &mut options)?,
        Language::C => c::build(&project, &mut options)?,
        Language::Go => go::build(&project, &mut options)?,
    };
    Ok(vec![report(&project.name, &project.dir, component, &mut options)?])
}

/// Writes what editors and unit tests of a project need and git does not keep: the types of its
/// world. Needs no network for languages but Python.
///
/// # Errors
///
/// [`BuildError`] as for a build.
pub fn bindings(dir: &Path, progress: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
    match Language::of(dir).ok_or_else(|| unknown(dir))? {
        Language::Rust => Ok(()),
        Language::Go => go::bindings(&Project::read(dir)?),
        Language::JavaScript | Language::TypeScript => script::bindings(&Project::read(dir)?),
        Language::Python => python::bindings(&Project::read(dir)?, progress),
        Language::C => c::bindings(&Project::read(dir)?),
    }
}

fn unknown(dir: &Path) -> BuildError {
    BuildError::Project {
        path: dir.display().to_string(),
        problem: "no plugin is here: a folder has Cargo.toml (Rust), package.json (JavaScript, or \
                  TypeScript with tsconfig.json), pyproject.toml (Python), go.mod (Go) or src/*.c (C)"
            .to_owned(),
    }
}

/// The manifest, if it says what the plugin may be configured with: a host has to know that wherever
/// the component came from.
fn configurable(folder: &Path) -> Option<String> {
    let text = std::fs::read_to_string(folder.join("plugin.toml")).ok()?;
    text.lines().any(|line| line.starts_with("[config")).then_some(text)
}

/// Turns a module with embedded types into a component.
fn encode(name: &str, module: &[u8]) -> Result<Vec<u8>, BuildError> {
    wit_component::ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| BuildError::Encode { name: name.to_owned(), reason: format!("{error:#}") })
}

/// Writes a component where it is looked for, with the manifest of its `folder`, and tells of it.
fn report(
    name: &str,
    folder: &Path,
    component: Vec<u8>,
    options: &mut BuildOptions<'_>,
) -> Result<BuiltPlugin, BuildError> {
    let component = &match configurable(folder) {
        Some(text) => with_manifest(component, &text),
        None => component,
    };
    let output_dir = &options.output_dir;
    let path = output_dir.join(format!("{name}.wasm"));
    // Written aside and renamed: a host that is reading the old one is not disturbed.
    let aside = output_dir.join(format!(".{name}.wasm.{}", std::process::id()));
    std::fs::write(&aside, component).map_err(io(&aside))?;
    std::fs::rename(&aside, &path).map_err(io(&path))?;
    let surface = contract::decode(component);
    let world = surface.ok().and_then(|surface| contract::world_of(&surface));
    let plugin = BuiltPlugin {
        name: name.to_owned(),
        component: path,
        digest: digest(component),
        bytes: component.len(),
        world,
    };
    let world = plugin.world.map_or("no world of this host", World::name);
    let (size, file) = (plugin.bytes / 1024, plugin.component.display());
    (options.progress)(&format!("{name}: {world}, {size} KiB, {file}"));
    Ok(plugin)
}

fn absolute(path: &Path) -> Result<PathBuf, BuildError> {
    std::path::absolute(path).map_err(io(path))
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError {
    let path = path.display().to_string();
    move |source| BuildError::Io { path, source }
}

/// Writes a file unless it is there with these bytes already, so that nobody who watches it wakes.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if std::fs::read(path).is_ok_and(|kept| kept == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(io(parent))?;
    }
    std::fs::write(path, bytes).map_err(io(path))
}
