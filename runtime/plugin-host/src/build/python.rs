//! Plugins in Python: componentize-py puts CPython and the program into one component.
//!
//! The program's top level runs once, at the build: what it computes is in the component, so secrets,
//! time and chance have no place there.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{BuildError, BuildOptions, Project, Tools, absolute, io, run, wit};

/// Builds a component of `src/plugin.py`.
pub fn build(project: &Project, options: &mut BuildOptions<'_>) -> Result<Vec<u8>, BuildError> {
    let entry = project.dir.join("src/plugin.py");
    std::fs::metadata(&entry).map_err(io(&entry))?;
    bindings(project, options.progress)?;
    let output = project.build_dir().join("component.wasm");
    let mut tool = tool(project, options.progress)?;
    tool.args(["componentize", "plugin", "--stub-wasi", "--python-path"]);
    tool.arg(absolute(&project.dir.join("src"))?);
    if let Some(sdk) = sdk(project) {
        tool.arg("--python-path").arg(absolute(&sdk)?);
    }
    // Packages of pure Python that the project brings along.
    let vendored = project.dir.join("vendor");
    if vendored.is_dir() {
        tool.arg("--python-path").arg(absolute(&vendored)?);
    }
    tool.arg("--output").arg(absolute(&output)?);
    run(tool, options.progress).map_err(failed(&project.dir))?;
    std::fs::read(&output).map_err(io(&output))
}

/// The folder in which the package `jackfield` is: the project's own, or the SDK's for its examples.
fn sdk(project: &Project) -> Option<PathBuf> {
    let beside = [project.dir.clone(), project.dir.join("../..")];
    beside.into_iter().find(|folder| folder.join("jackfield/__init__.py").is_file())
}

/// Writes the modules of the project's world, for editors and unit tests.
pub fn bindings(project: &Project, progress: &mut dyn FnMut(&str)) -> Result<(), BuildError> {
    let aside = project.build_dir().join("bindings.new");
    let _ = std::fs::remove_dir_all(&aside);
    let mut tool = tool(project, progress)?;
    tool.arg("bindings").arg(absolute(&aside)?);
    run(tool, progress).map_err(failed(&project.dir))?;
    let dir = project.build_dir().join("bindings");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::rename(&aside, &dir).map_err(io(&dir))
}

/// The tool with the project's world.
fn tool(project: &Project, progress: &mut dyn FnMut(&str)) -> Result<Command, BuildError> {
    let tools = Tools::new().python(progress)?;
    let world = wit::write_world(project)?;
    let mut tool = Command::new(tools.join("venv/bin/python3"));
    tool.args(["-c", "from componentize_py import script; script()"]);
    tool.env_remove("PYTHONPATH").env("PYTHONDONTWRITEBYTECODE", "1");
    tool.arg("--quiet").arg("--wit-path").arg(absolute(&world)?).args(["--world", wit::WORLD]);
    tool.current_dir(&project.dir);
    Ok(tool)
}

fn failed(dir: &Path) -> impl FnOnce(String) -> BuildError {
    let dir = dir.display().to_string();
    move |tail| BuildError::Tool { tool: "componentize-py".to_owned(), dir, tail }
}
