//! Plugins in JavaScript and TypeScript: esbuild makes one script, QuickJS runs it.
//!
//! The script's top level runs once, at the build: what it computes is in the component, so secrets,
//! time and chance have no place there.

use std::path::Path;
use std::process::Command;

use super::project::Language;
use super::{BuildError, BuildOptions, Project, Tools, declarations, io, run, wit, write};

/// The program that does both; it stands beside the packages it uses.
const DRIVER: &str = include_str!("build.mjs");

/// Builds a component of `src/plugin.js` or `src/plugin.ts`.
pub fn build(project: &Project, options: &mut BuildOptions<'_>) -> Result<Vec<u8>, BuildError> {
    let typed = Language::of(&project.dir) == Some(Language::TypeScript);
    let entry = project.dir.join(if typed { "src/plugin.ts" } else { "src/plugin.js" });
    std::fs::metadata(&entry).map_err(io(&entry))?;
    bindings(project)?;
    let tools = Tools::new().npm(options.progress)?;
    let world = wit::write_world(project)?;
    if typed && !options.quick {
        let mut types = Command::new("node");
        types.arg(tools.join("node_modules/typescript/bin/tsc"));
        types.args(["--noEmit", "--pretty", "false", "--project", "tsconfig.json"]);
        types.current_dir(&project.dir);
        run(types, options.progress).map_err(failed(&project.dir, "tsc"))?;
    }
    let driver = tools.join("build.mjs");
    write(&driver, DRIVER.as_bytes())?;
    let output = project.build_dir().join("component.wasm");
    let mut node = Command::new("node");
    node.arg(&driver).arg(super::absolute(&entry)?);
    node.args([super::absolute(&world)?, super::absolute(&output)?]).arg(wit::WORLD);
    node.current_dir(&project.dir);
    run(node, options.progress).map_err(failed(&project.dir, "the build"))?;
    std::fs::read(&output).map_err(io(&output))
}

/// Writes the types of the project's world for editors and for the compiler of TypeScript.
pub fn bindings(project: &Project) -> Result<(), BuildError> {
    let (resolve, world) = wit::resolve_world(project)?;
    let text = declarations::of_world(&resolve, world);
    write(&project.build_dir().join("types/plugin.d.ts"), text.as_bytes())
}

fn failed(dir: &Path, tool: &str) -> impl FnOnce(String) -> BuildError {
    let (dir, tool) = (dir.display().to_string(), tool.to_owned());
    move |tail| BuildError::Tool { tool, dir, tail }
}
