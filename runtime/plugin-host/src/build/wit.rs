//! The contract as files, and the world of one plugin: its exports, and of the imports those alone
//! that it wants. Languages whose components carry every import of their world would else need
//! every grant.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wit_parser::{Resolve, WorldId};

use super::{BuildError, Project, write};
use crate::Grants;
use crate::contract::{self, World};

/// The world that [`write_world`] writes.
pub const WORLD: &str = "plugin";

/// Returns the files of the contract, by their paths below `wit/`.
pub fn contract_files() -> Vec<(String, &'static str)> {
    let mut files = vec![("plugin.wit".to_owned(), contract::PLUGIN_WIT)];
    for package in contract::PACKAGES {
        let folder = package.first().and_then(|(_, text)| folder(text));
        let folder = folder.unwrap_or_default();
        files.extend(
            package.iter().map(|(name, text)| (format!("deps/{folder}/{name}.wit"), *text)),
        );
    }
    files
}

/// The folder of a package, `log@0.1`, from its first line.
fn folder(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("package jackfield:"))?;
    let (name, version) = line.trim_end_matches(';').split_once('@')?;
    let track = version.rsplit_once('.').map_or(version, |(track, _)| track);
    Some(format!("{name}@{track}"))
}

/// What a plugin that takes over state exports besides.
const MIGRATION: &str = "jackfield:state/migration@0.1.0";

/// The text of the world of a plugin that implements `world`, wants `wants`, and takes over state if it
/// `migrates`.
pub fn world_text(world: World, wants: &Grants, migrates: bool) -> Result<String, String> {
    let surface = contract::wanted(world)?;
    let mut text = format!(
        "package local:plugin;\n\n/// What this plugin exports, and the imports it wants.\nworld {WORLD} {{\n"
    );
    for import in surface.imports {
        if contract::grant_of_import(&import).is_none_or(|grant| wants.has(grant)) {
            let _ = writeln!(text, "  import {import};");
        }
    }
    for export in surface.exports {
        if !export.contains(':') {
            return Err(format!("the world `{world}` is for plugins in Rust only"));
        }
        let _ = writeln!(text, "  export {export};");
    }
    if migrates {
        let _ = writeln!(text, "  export {MIGRATION};");
    }
    text.push_str("}\n");
    Ok(text)
}

/// Writes the world of a project and the contract it is made of below its build folder; returns
/// the folder.
pub fn write_world(project: &Project) -> Result<PathBuf, BuildError> {
    let dir = project.build_dir().join("wit");
    let text = text_of(project)?;
    write(&dir.join("world.wit"), text.as_bytes())?;
    for (path, text) in contract_files() {
        // A package in a single file of its own is a dependency like the others.
        let path = if path == "plugin.wit" { "deps/plugin/plugin.wit" } else { &path };
        write(&dir.join(path), text.as_bytes())?;
    }
    Ok(dir)
}

/// The world of a project with every import that it may have, parsed.
pub fn resolve_whole_world(project: &Project) -> Result<(Resolve, WorldId), BuildError> {
    let all = world_text(project.world, &Grants::all(), project.migrates)
        .and_then(|text| contract::parse_with(&text, WORLD));
    all.map_err(|problem| refused(&project.dir, problem))
}

/// The world of a project, parsed.
pub fn resolve_world(project: &Project) -> Result<(Resolve, WorldId), BuildError> {
    contract::parse_with(&text_of(project)?, WORLD)
        .map_err(|problem| refused(&project.dir, problem))
}

fn text_of(project: &Project) -> Result<String, BuildError> {
    world_text(project.world, &project.wants, project.migrates)
        .map_err(|problem| refused(&project.dir, problem))
}

fn refused(dir: &Path, problem: String) -> BuildError {
    BuildError::Project { path: dir.join("plugin.toml").display().to_string(), problem }
}
