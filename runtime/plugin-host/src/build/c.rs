//! Plugins in C: clang makes a module, the encoder a component.
//!
//! The header and the glue of each world were made by wit-bindgen from the contract: see
//! `sdk/c/generate`. What a plugin does not call is not in its module, and so no import of it.

use std::path::{Path, PathBuf};

use wit_component::StringEncoding;

use super::{BuildError, BuildOptions, Project, encode, io, run, tools, wit, write};
use crate::World;

/// What the C library would ask of an operating system: there is none, so it is refused.
const NO_SYSTEM: &str = include_str!("no_system.c");

/// The header and the glue of what takes over state, beside those of a world.
const MIGRATION: [(&str, &str); 2] = [
    ("migration.h", include_str!("../../../../sdk/c/bindings/migrating/migration.h")),
    ("migration.c", include_str!("../../../../sdk/c/bindings/migrating/migration.c")),
];

/// The header and the glue of a world.
const fn generated(world: World) -> Option<[&'static str; 2]> {
    macro_rules! of {
        ($name:literal) => {
            Some([
                include_str!(concat!("../../../../sdk/c/bindings/", $name, "/plugin.h")),
                include_str!(concat!("../../../../sdk/c/bindings/", $name, "/plugin.c")),
            ])
        };
    }
    match world {
        World::Flow => of!("flow"),
        World::Router => of!("router"),
        World::Estimator => of!("estimator"),
        World::Chatbot => of!("chatbot"),
        World::Channel => of!("channel"),
        World::Connector => of!("connector"),
        World::Analyst => of!("analyst"),
        World::Pacer => of!("pacer"),
        World::Interpreter | World::RouterInterpreter => None,
    }
}

/// Where a project has what the SDK brings along; the SDK's own examples share one.
const SDK_FOLDERS: [&str; 2] = ["jackfield", "../../jackfield"];

/// Builds a component of all of `src/*.c`, and of what the SDK brings along for plugins.
pub fn build(project: &Project, options: &mut BuildOptions<'_>) -> Result<Vec<u8>, BuildError> {
    let mut clang = tools::clang()?;
    bindings(project)?;
    let generated = project.build_dir().join("bindings");
    let path = project.build_dir().join("module.wasm");
    clang.args(["--target=wasm32-wasi", "-mexec-model=reactor", "-O2", "-std=c17", "-Wall"]);
    clang.arg("-Wextra").arg("-I").arg(&generated);
    let include = project.dir.join("include");
    if include.is_dir() {
        clang.arg("-I").arg(include);
    }
    clang.args(sources(&project.dir)?);
    let sdk = SDK_FOLDERS.iter().map(|folder| project.dir.join(folder)).find(|dir| dir.is_dir());
    if let Some(sdk) = sdk {
        clang.arg("-I").arg(&sdk);
        clang.args(files(&sdk)?.into_iter().filter(|path| !is_mock(path)));
    }
    clang.arg(generated.join("plugin.c")).arg(generated.join("no_system.c"));
    if project.migrates {
        clang.arg(generated.join("migration.c"));
    }
    // A stack that grows downwards into nothing traps instead of writing into data.
    clang.args(["-Wl,--stack-first", "-Wl,-z,stack-size=131072", "-Wl,--strip-debug", "-o"]);
    clang.arg(&path);
    run(clang, options.progress).map_err(|tail| BuildError::Tool {
        tool: "clang".to_owned(),
        dir: project.dir.display().to_string(),
        tail,
    })?;
    let mut module = std::fs::read(&path).map_err(io(&path))?;
    let (resolve, world) = wit::resolve_whole_world(project)?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| BuildError::Encode {
            name: project.name.clone(),
            reason: format!("{error:#}"),
        })?;
    encode(&project.name, &module)
}

/// Writes the header and the glue of the project's world.
pub fn bindings(project: &Project) -> Result<(), BuildError> {
    let [header, glue] = generated(project.world).ok_or_else(|| BuildError::Project {
        path: project.dir.join("plugin.toml").display().to_string(),
        problem: format!("the SDK for C has no world `{}`", project.world),
    })?;
    let dir = project.build_dir().join("bindings");
    write(&dir.join("plugin.h"), header.as_bytes())?;
    write(&dir.join("plugin.c"), glue.as_bytes())?;
    for (name, text) in MIGRATION {
        let path = dir.join(name);
        if project.migrates {
            write(&path, text.as_bytes())?;
        } else if path.exists() {
            // The tests are built with whatever lies here.
            std::fs::remove_file(&path).map_err(io(&path))?;
        }
    }
    write(&dir.join("no_system.c"), NO_SYSTEM.as_bytes())
}

/// The mock host is for unit tests alone.
fn is_mock(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("mock"))
}

/// The sources of a project, in the order of their names.
pub fn sources(dir: &Path) -> Result<Vec<PathBuf>, BuildError> {
    files(&dir.join("src"))
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io(dir))? {
        let path = entry.map_err(io(dir))?.path();
        if path.extension().is_some_and(|ending| ending == "c") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
