//! `jackfield plugin new`: a project that builds and passes its test at once.
//!
//! An example of the SDK is the template: `sdk/LANG/examples/WORLD` becomes the project, with what
//! it uses of the SDK beside it. A further world is a further example.

use std::path::Path;

use jackfield_plugin_host::build::{Language, bindings};

use super::NewArgs;
use crate::cli::error::CliError;

include!(concat!(env!("OUT_DIR"), "/sdk_files.rs"));

/// The longest name that a package may have.
const NAME_MAX: usize = 64;

/// What a language's examples use of the SDK: where it is in the repository and where in a project,
/// and how an example's path to it becomes a project's.
struct Brought {
    folders: &'static [(&'static str, &'static str)],
    path: (&'static str, &'static str),
}

const fn brought(language: Language) -> Brought {
    match language {
        Language::Rust => Brought {
            folders: &[
                ("sdk/rust/Cargo.toml", "vendor/sdk/rust/Cargo.toml"),
                ("sdk/rust/src/", "vendor/sdk/rust/src/"),
                ("wit/", "vendor/wit/"),
            ],
            path: ("path = \"../..\"", "path = \"vendor/sdk/rust\""),
        },
        Language::JavaScript => Brought {
            folders: &[("sdk/js/jackfield/", "jackfield/")],
            path: ("../../jackfield", "jackfield"),
        },
        Language::TypeScript => Brought {
            folders: &[("sdk/js/jackfield/", "jackfield/")],
            path: ("../../../js/jackfield", "jackfield"),
        },
        Language::Python => Brought {
            folders: &[("sdk/python/jackfield/", "jackfield/")],
            path: ("../../jackfield", "jackfield"),
        },
        Language::C => Brought {
            folders: &[("sdk/c/jackfield/", "jackfield/")],
            path: ("../../jackfield", "jackfield"),
        },
        Language::Go => Brought {
            folders: &[("sdk/go/jackfield/", "jackfield/")],
            path: ("=> ../../jackfield", "=> ./jackfield"),
        },
    }
}

/// Writes the project; says what to do next.
pub fn run(args: &NewArgs) -> Result<String, CliError> {
    let language = language(&args.lang)?;
    let dir = args.into.join(&args.name);
    let files = project(language, &args.world, &args.name)?;
    if dir.exists() {
        let dir = dir.display();
        let text = format!("`{dir}` exists already: take another name, or remove it");
        return Err(CliError::failed(text));
    }
    for (name, text) in files {
        let path = dir.join(name);
        write(&path, &text)?;
    }
    // Python's need a tool that may have to be fetched first: its build and its test make them.
    if language != Language::Python {
        bindings(&dir, &mut |_| ()).map_err(|error| CliError::failed(error.to_string()))?;
    }
    let (dir, name) = (dir.display(), &args.name);
    let article = if args.world.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    Ok(format!(
        "`{name}` is {article} {} in {}, in `{dir}`. Next:\n  \
         jackfield plugin test {dir}\n  \
         jackfield plugin build {dir} --out {dir}\n  \
         jackfield plugin check {dir}/{name}.wasm\n  \
         jackfield plugin dev {dir} --tenant TENANT --name NAME",
        args.world,
        title(language)
    ))
}

fn language(name: &str) -> Result<Language, CliError> {
    Language::from_name(name).ok_or_else(|| {
        let known: Vec<_> = Language::ALL.iter().map(|known| known.name()).collect();
        CliError::Usage(format!("`--lang {name}`: one of {} is accepted", known.join(", ")))
    })
}

/// The files of a new project, by their paths in it.
pub fn project(
    language: Language,
    world: &str,
    name: &str,
) -> Result<Vec<(String, String)>, CliError> {
    let fits = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase());
    if NAME_MAX < name.len() || !name.bytes().all(fits) || !ends(name.bytes().next()) {
        return Err(CliError::Usage(format!(
            "`{name}` is no name of a plugin: a lower case letter, then lower case letters, digits \
             and `-`, {NAME_MAX} at most"
        )));
    }
    let examples = format!("sdk/{}/examples/", language.name());
    let example = format!("{examples}{world}/");
    let Brought { folders, path: (from, to) } = brought(language);
    let mut files = Vec::new();
    for (path, text) in FILES {
        if let Some(rest) = path.strip_prefix(&example) {
            let text = text.replace(from, to).replace(&format!("example-{world}"), name);
            // A workspace of its own: an example is in none either.
            files.push((rest.to_owned(), text));
        }
        for (folder, place) in folders {
            if let Some(rest) = path.strip_prefix(folder) {
                files.push((format!("{place}{rest}"), (*text).to_owned()));
            }
        }
    }
    if !files.iter().any(|(path, _)| path == "plugin.toml") {
        let known = worlds(&examples).join(", ");
        return Err(CliError::Usage(format!(
            "`--world {world}`: in {} there is a start for {known}",
            title(language)
        )));
    }
    let readme =
        FILES.iter().find(|(path, _)| *path == format!("sdk/{}/PROJECT.md", language.name()));
    if let Some((_, text)) = readme {
        let text = text.replace("{{name}}", name).replace("{{world}}", world);
        files.push(("README.md".to_owned(), text));
    }
    Ok(files)
}

/// The worlds for which a language has an example.
pub fn worlds(examples: &str) -> Vec<&'static str> {
    let manifests = FILES.iter().filter_map(|(path, _)| path.strip_prefix(examples));
    manifests.filter_map(|rest| rest.strip_suffix("/plugin.toml")).collect()
}

const fn title(language: Language) -> &'static str {
    match language {
        Language::Rust => "Rust",
        Language::JavaScript => "JavaScript",
        Language::TypeScript => "TypeScript",
        Language::Python => "Python",
        Language::C => "C",
        Language::Go => "Go",
    }
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error| CliError::failed(format!("cannot write {}: {error}", path.display()));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

#[cfg(test)]
mod tests;
