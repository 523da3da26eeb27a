//! Plugins in Go: the ordinary compiler makes a module for WASI, the encoder a component in which a
//! small adapter stands in the place of a system.
//!
//! The glue of each world and the adapter were made from the contract: see `sdk/go/generate`. What a
//! plugin does not call is not in its module, and so no import of it.

use std::path::Path;

use wit_component::StringEncoding;

use super::{BuildError, BuildOptions, Project, Tools, absolute, io, run, wit, write};
use crate::World;

/// What Go's runtime would ask of an operating system: answered always alike, or refused.
const NO_SYSTEM: &[u8] = include_bytes!("../../../../sdk/go/bindings/no_system.wasm");
const WASI: &str = "wasi_snapshot_preview1";

/// The package that the glue's `main` calls, until it is known.
const PLUGIN: &str = "\"PLUGIN\"";

/// `runtime.sbrk` is reached by the glue, for what the host writes before Go has started; names and
/// tables for debuggers are half of a module.
const LINKER: &str = "-ldflags=-checklinkname=0 -s -w";

/// The `main` of a world.
const fn generated(world: World) -> Option<&'static str> {
    macro_rules! of {
        ($name:literal) => {
            Some(include_str!(concat!("../../../../sdk/go/bindings/", $name, "/main.go")))
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

/// The glue of what takes over state, beside that of a world.
const MIGRATION: &str = include_str!("../../../../sdk/go/bindings/migrating/main.go");

/// Builds a component of the package in the folder.
pub fn build(project: &Project, options: &mut BuildOptions<'_>) -> Result<Vec<u8>, BuildError> {
    let mut go = Tools::new().go(options.progress)?;
    bindings(project)?;
    let path = absolute(&project.build_dir().join("module.wasm"))?;
    go.args(["build", "-trimpath", "-buildvcs=false", "-buildmode=c-shared", LINKER, "-o"]);
    go.arg(&path).arg("./build/main");
    go.env("GOOS", "wasip1").env("GOARCH", "wasm").current_dir(&project.dir);
    run(go, options.progress).map_err(|tail| BuildError::Tool {
        tool: "go".to_owned(),
        dir: project.dir.display().to_string(),
        tail,
    })?;
    let mut module = std::fs::read(&path).map_err(io(&path))?;
    let (resolve, world) = wit::resolve_whole_world(project)?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .and_then(|()| wit_component::ComponentEncoder::default().module(&module))
        .and_then(|encoder| encoder.adapter(WASI, NO_SYSTEM))
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| BuildError::Encode {
            name: project.name.clone(),
            reason: format!("{error:#}"),
        })
}

/// Writes the glue of the project's world.
pub fn bindings(project: &Project) -> Result<(), BuildError> {
    let glue = generated(project.world).ok_or_else(|| BuildError::Project {
        path: project.dir.join("plugin.toml").display().to_string(),
        problem: format!("the SDK for Go has no world `{}`", project.world),
    })?;
    let module = format!("{:?}", module_path(&project.dir)?);
    // By the ends of their names they are for WebAssembly alone: a unit test does not see them.
    let dir = project.build_dir().join("main");
    let migration = dir.join("migration_wasm.go");
    if project.migrates {
        write(&migration, MIGRATION.replace(PLUGIN, &module).as_bytes())?;
    } else if migration.exists() {
        std::fs::remove_file(&migration).map_err(io(&migration))?;
    }
    write(&dir.join("main_wasm.go"), glue.replace(PLUGIN, &module).as_bytes())
}

/// What the project's `go.mod` calls it.
fn module_path(dir: &Path) -> Result<String, BuildError> {
    let path = dir.join("go.mod");
    let text = std::fs::read_to_string(&path).map_err(io(&path))?;
    told_path(&text).ok_or_else(|| BuildError::Project {
        path: path.display().to_string(),
        problem: "no line `module NAME`: `jackfield plugin new` writes one".to_owned(),
    })
}

fn told_path(text: &str) -> Option<String> {
    let told = text.lines().find_map(|line| {
        let told = line.split("//").next().unwrap_or(line).trim().strip_prefix("module")?;
        told.starts_with(char::is_whitespace).then_some(told)
    })?;
    let told = told.trim().trim_matches(['"', '`']);
    (!told.is_empty()).then(|| told.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_called_what_its_file_says() {
        let told = |text: &str| told_path(text);
        assert_eq!(
            told("// ours\nmodule\texample.com/a // since\n").as_deref(),
            Some("example.com/a")
        );
        assert_eq!(told("go 1.25\n\nmodule \"b\"\n").as_deref(), Some("b"));
        assert_eq!(told("modules a\n"), None);
        assert_eq!(told("module // none\n"), None);
    }

    #[test]
    fn every_glue_has_one_place_for_the_plugin() {
        for world in World::ALL {
            let places = generated(world).map(|glue| glue.matches(PLUGIN).count());
            let script = matches!(world, World::Interpreter | World::RouterInterpreter);
            assert_eq!(places, (!script).then_some(1), "{world}");
        }
    }
}
