//! Plugins in Go: TinyGo makes a module without a system below it, the encoder a component.
//!
//! No registry that the tests reach has TinyGo, so this is not tested.

use std::process::Command;

use wit_component::StringEncoding;

use super::{BuildError, BuildOptions, Project, absolute, encode, io, run, wit};

/// Builds a component of the package in the folder.
pub fn build(project: &Project, options: &mut BuildOptions<'_>) -> Result<Vec<u8>, BuildError> {
    if Command::new("tinygo").arg("version").output().is_err() {
        return Err(BuildError::NoTool {
            tool: "tinygo".to_owned(),
            mend: "0.36 or later, from https://tinygo.org/getting-started/install".to_owned(),
        });
    }
    bindings(project)?;
    let path = absolute(&project.build_dir().join("module.wasm"))?;
    let failed = |tool: &str, tail| BuildError::Tool {
        tool: tool.to_owned(),
        dir: project.dir.display().to_string(),
        tail,
    };
    // The bindings of the project's world: the tool is a requirement of its go.mod.
    let mut generate = Command::new("go");
    generate.args(["tool", "wit-bindgen-go", "generate", "--out", "internal", "--world"]);
    generate.args([wit::WORLD, "build/wit"]).current_dir(&project.dir);
    run(generate, options.progress).map_err(|tail| failed("wit-bindgen-go", tail))?;
    let mut tinygo = Command::new("tinygo");
    tinygo.args(["build", "-target=wasm-unknown", "-no-debug", "-o"]).arg(&path).arg(".");
    tinygo.current_dir(&project.dir);
    run(tinygo, options.progress).map_err(|tail| failed("tinygo", tail))?;
    let mut module = std::fs::read(&path).map_err(io(&path))?;
    let (resolve, world) = wit::resolve_world(project)?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| BuildError::Encode {
            name: project.name.clone(),
            reason: format!("{error:#}"),
        })?;
    encode(&project.name, &module)
}

/// Writes the contract and the project's world, from which `wit-bindgen-go` makes types.
pub fn bindings(project: &Project) -> Result<(), BuildError> {
    wit::write_world(project).map(drop)
}
