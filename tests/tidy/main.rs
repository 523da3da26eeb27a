//! The repository about itself: what a comment would ask for, and nobody would keep.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All files git knows or would take, with this ending.
fn files(ending: &str) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let found: Vec<_> = listed
        .lines()
        .filter(|name| name.ends_with(ending))
        .map(|name| root().join(name))
        .filter(|path| path.exists())
        .collect();
    assert!(!found.is_empty(), "git lists no {ending} file");
    found
}

/// Which crate may use which: the table of runtime/ARCHITECTURE.md.
const EDGES: [(&str, &[&str]); 10] = [
    ("jackfield-core", &[]),
    ("jackfield-figures", &["jackfield-core"]),
    ("jackfield-telephony", &[]),
    ("jackfield-package", &[]),
    ("jackfield-egress", &[]),
    ("jackfield-plugin-host", &["jackfield-core"]),
    ("jackfield-sim", &["jackfield-core", "jackfield-figures"]),
    ("jackfield-store", &["jackfield-core"]),
    (
        "jackfield-server",
        &[
            "jackfield-core",
            "jackfield-egress",
            "jackfield-figures",
            "jackfield-package",
            "jackfield-plugin-host",
            "jackfield-sim",
            "jackfield-store",
            "jackfield-telephony",
        ],
    ),
    ("jackfield-tests", &[]),
];

/// Libraries that one crate alone may use.
const OWNERS: [(&str, &str); 6] = [
    ("wasmtime", "jackfield-plugin-host"),
    ("sled", "jackfield-store"),
    ("sipx-transport", "jackfield-telephony"),
    ("sipx-sip", "jackfield-telephony"),
    ("axum", "jackfield-server"),
    ("oci-client", "jackfield-package"),
];

/// What the engine must never use: it decides, and nothing else.
const NOT_IN_CORE: [&str; 5] = ["tokio", "wasmtime", "sled", "rand", "hyper"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |package: &serde_json::Value| {
        let ordinary = package["dependencies"].as_array().unwrap().iter();
        let ordinary = ordinary.filter(|dependency| dependency["kind"].is_null());
        let names = ordinary.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
        (package["name"].as_str().unwrap().to_owned(), names.collect())
    };
    metadata["packages"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn crates_use_only_what_they_may() {
    let dependencies = dependencies();
    let known: BTreeSet<_> = EDGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(dependencies.keys().cloned().collect::<BTreeSet<_>>(), known);
    for (name, allowed) in EDGES {
        let used = &dependencies[name];
        for ours in used.iter().filter(|used| used.starts_with("jackfield-")) {
            assert!(allowed.contains(&ours.as_str()), "{name} must not use {ours}");
        }
        for (library, owner) in OWNERS {
            assert!(name == owner || !used.contains(library), "only {owner} may use {library}");
        }
    }
    for library in NOT_IN_CORE {
        assert!(!dependencies["jackfield-core"].contains(library), "the engine uses {library}");
    }
}

#[test]
fn the_engine_reads_no_clock_and_keeps_no_unordered_map() {
    for path in files(".rs") {
        if !path.starts_with(root().join("runtime/core/src")) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for banned in
            ["SystemTime", "Instant::now", "HashMap", "HashSet", "std::thread", "std::net"]
        {
            assert!(!text.contains(banned), "{} has {banned}", path.display());
        }
    }
}

/// A file is read in one sitting. Longer ones are split.
const LINES_MAX: usize = 1_000;

#[test]
fn no_source_file_is_too_long() {
    let mut long = Vec::new();
    for path in files(".rs") {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        if LINES_MAX < lines {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "over {LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn the_top_level_is_as_agreed() {
    let agreed = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "Makefile",
        "README.md",
        "examples",
        "plugins",
        "runtime",
        "sdk",
        "tests",
        "wit",
    ];
    let output =
        Command::new("git").args(["ls-tree", "--name-only", "HEAD"]).current_dir(root()).output();
    let listed = String::from_utf8(output.unwrap().stdout).unwrap();
    for name in listed.lines().filter(|name| !name.starts_with('.')) {
        assert!(agreed.contains(&name), "`{name}` does not belong at the top level");
    }
}

#[test]
fn no_note_to_oneself_is_left() {
    // Written in parts, so that this file does not find itself.
    let banned = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X ")];
    for path in files(".rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in banned {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// Every function of the contract says who calls it and what comes back.
#[test]
fn every_item_of_the_contract_is_documented() {
    for path in files(".wit") {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut documented = false;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            let item = ["interface ", "record ", "variant ", "enum ", "resource ", "world "]
                .iter()
                .any(|keyword| line.starts_with(keyword))
                || line.contains(": func(");
            assert!(
                !item || documented,
                "{}:{}: `{line}` has no comment",
                path.display(),
                number + 1
            );
            documented = line.starts_with("///");
        }
    }
}

/// What a plugin cannot be given without breaking one of the languages it may be written in.
#[test]
fn the_contract_has_no_64_bit_integers() {
    for path in files(".wit") {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            assert!(!line.contains("u64") && !line.contains("s64"), "{}: {line}", path.display());
        }
    }
}
