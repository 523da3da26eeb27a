//! Lists what `jackfield plugin new` brings along: the SDKs, their examples, the contract; and the pages of
//! the console and the chat window for other sites, if they were built (`make console`).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of tools, and what the binary has elsewhere: never part of a project.
const LEFT_OUT: [&str; 7] =
    ["target", "node_modules", "build", "__pycache__", "bindings", "generate", "releases"];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in ["sdk", "wit"] {
        println!("cargo:rerun-if-changed=../../{folder}");
        collect(&root, &root.join(folder), &mut files);
    }
    files.sort();
    let mut text = String::from("pub const FILES: &[(&str, &str)] = &[\n");
    for (name, path) in files {
        let _ = writeln!(text, "    ({name:?}, include_str!({path:?})),");
    }
    text.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("sdk_files.rs"), text).expect("cannot write to the build's own folder");
    let pages = [root.join("runtime/console/dist/web"), root.join("runtime/widget/dist/web")];
    fs::write(out.join("console_files.rs"), listed(&pages))
        .expect("cannot write to the build's own folder");
}

/// The files of these folders by their paths on the web.
fn listed(folders: &[PathBuf]) -> String {
    println!("cargo:rerun-if-changed=../console/dist");
    println!("cargo:rerun-if-changed=../widget/dist");
    let mut text = String::from("pub const FILES: &[(&str, &[u8])] = &[\n");
    for dist in folders {
        let mut files = Vec::new();
        everything(dist, &mut files);
        files.sort();
        for path in files {
            let Ok(name) = path.strip_prefix(dist) else { continue };
            let web = format!("/{}", name.display());
            let _ = writeln!(text, "    ({web:?}, include_bytes!({path:?})),");
        }
    }
    text + "];\n"
}

fn everything(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => everything(&path, files),
            path => files.push(path),
        }
    }
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                collect(root, &path, files);
            }
            continue;
        }
        // What is not text is not part of any of them.
        let text = fs::read(&path).is_ok_and(|bytes| std::str::from_utf8(&bytes).is_ok());
        let Ok(kept) = path.strip_prefix(root) else { continue };
        if text && name != "Cargo.lock" {
            files.push((kept.to_string_lossy().into_owned(), path));
        }
    }
}
