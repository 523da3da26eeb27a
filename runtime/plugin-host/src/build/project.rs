//! What a folder of a plugin says of itself.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{BuildError, io};
use crate::{Grant, Grants, World};

/// What a plugin is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// `rust`
    Rust,
    /// `js`
    JavaScript,
    /// `ts`
    TypeScript,
    /// `python`
    Python,
    /// `c`
    C,
    /// `go`
    Go,
}

impl Language {
    /// All there are.
    pub const ALL: [Self; 6] =
        [Self::Rust, Self::JavaScript, Self::TypeScript, Self::Python, Self::C, Self::Go];

    /// Returns the word for it on the command line: `js`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "js",
            Self::TypeScript => "ts",
            Self::Python => "python",
            Self::C => "c",
            Self::Go => "go",
        }
    }

    /// Returns the language of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }

    /// Tells what a folder is written in by the files in it; `None` if nothing tells.
    pub fn of(dir: &Path) -> Option<Self> {
        let has = |name: &str| dir.join(name).is_file();
        let sources = || super::c::sources(dir).is_ok_and(|found| !found.is_empty());
        let told = [
            (has("Cargo.toml"), Self::Rust),
            (has("package.json") && has("tsconfig.json"), Self::TypeScript),
            (has("package.json"), Self::JavaScript),
            (has("pyproject.toml"), Self::Python),
            (has("go.mod"), Self::Go),
        ];
        let found = told.iter().find(|(fits, _)| *fits).map(|(_, language)| *language);
        found.or_else(|| (has("plugin.toml") && sources()).then_some(Self::C))
    }
}

/// A plugin's folder and what its `plugin.toml` says to those who build it.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder.
    pub dir: PathBuf,
    /// The plugin's name.
    pub name: String,
    /// The world it implements.
    pub world: World,
    /// What it may import besides what its world gives to all.
    pub wants: Grants,
    /// Whether it takes over what the version before has kept: it exports `migration` too.
    pub migrates: bool,
}

#[derive(Deserialize)]
struct Told {
    name: String,
    world: String,
    #[serde(default)]
    wants: Vec<String>,
    #[serde(default)]
    migrates: bool,
}

impl Project {
    /// Reads the `plugin.toml` of a folder.
    ///
    /// # Errors
    ///
    /// [`BuildError::Project`] with what is wrong there and what would be accepted.
    pub fn read(dir: &Path) -> Result<Self, BuildError> {
        let path = dir.join("plugin.toml");
        let text = std::fs::read_to_string(&path).map_err(io(&path))?;
        let refuse = |problem: String| {
            let path = path.display().to_string();
            BuildError::Project { path, problem }
        };
        let told: Told = toml::from_str(&text).map_err(|error| refuse(error.to_string()))?;
        let world = World::from_name(&told.world).ok_or_else(|| {
            let known: Vec<_> = World::ALL.iter().map(|world| world.name()).collect();
            let problem = format!("`world` is `{}`: one of {}", told.world, known.join(", "));
            refuse(problem)
        })?;
        let mut wants = Vec::new();
        for want in &told.wants {
            wants.push(Grant::from_name(want).ok_or_else(|| {
                let known: Vec<_> = Grant::ALL.iter().map(|grant| grant.name()).collect();
                refuse(format!("`wants` has `{want}`: one of {} is accepted", known.join(", ")))
            })?);
        }
        let wants = wants.into_iter().collect();
        Ok(Self { dir: dir.to_owned(), name: told.name, world, wants, migrates: told.migrates })
    }

    /// Where generated files are: not kept by git.
    pub fn build_dir(&self) -> PathBuf {
        self.dir.join("build")
    }
}
