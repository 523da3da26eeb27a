//! Takes a generated package apart: what every machine has, what only WebAssembly has, and what stands
//! in its place in a unit test.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

/// Functions of a resource that only the glue calls.
const GLUE: [&str; 4] = ["TakeHandle", "SetHandle", "Handle", "Drop"];

/// Words of what calls the host, or holds what is the host's.
const HOST: [&str; 5] = ["wasm_import_", "witRuntime.", "unsafe.", "resourceDrop", "self.handle"];

/// Imports that a part has if it uses them.
const IMPORTS: [(&str, &str); 8] = [
    ("witRuntime.", "witRuntime \"jackfield/runtime\""),
    ("wit.", "\"jackfield/wit\""),
    ("runtime.", "\"runtime\""),
    ("unsafe.", "\"unsafe\""),
    ("math.", "\"math\""),
    ("types.", "\"jackfield/types\""),
    ("crmread.", "\"jackfield/crmread\""),
    ("webhook.", "\"jackfield/webhook\""),
];

/// Returns the endings of the names of the files of a package, and their texts.
pub fn package(text: &str, name: &str) -> Result<Vec<(&'static str, String)>> {
    let start = text.find("\npackage ").context("no package")? + 1;
    let (head, rest) = text.split_at(start);
    // After the package and what it imports.
    let rest = rest.split_once('\n').unwrap_or_default().1;
    let rest = match rest.find("\nimport (") {
        Some(at) => rest[at..].split_once("\n)\n").context("no end of imports")?.1,
        None => rest,
    };
    let (mut shared, mut wasm) = (String::new(), String::new());
    let mut calls = Vec::new();
    let mut resources = Vec::new();
    for part in parts(rest) {
        if !HOST.iter().any(|word| part.contains(word)) {
            shared.push_str(&part);
            continue;
        }
        if let Some(line) =
            part.lines().find(|line| line.starts_with("func ") && line.ends_with('{'))
        {
            calls.extend(Call::of(line));
        }
        if let Some(line) = part.lines().find(|line| line.starts_with("type ")) {
            let name = line.split(' ').nth(1).unwrap_or_default();
            resources.push((name.to_owned(), comment(&part)));
        }
        wasm.push_str(&without_cleanup(&part));
    }
    let file = |constraint: &str, code: &str| {
        let mut imports = String::new();
        for (used, import) in IMPORTS {
            if uses(code, used) && !import.ends_with(&format!("/{name}\"")) {
                let _ = writeln!(imports, "\t{import}");
            }
        }
        if !imports.is_empty() {
            imports = format!("import (\n{imports})\n\n");
        }
        format!("{head}{constraint}package {name}\n\n{imports}{code}")
    };
    let mut files = vec![("", file("", &shared))];
    if !wasm.is_empty() {
        files.push(("_wasm", file("", &wasm)));
        files.push(("_native", file("//go:build !wasm\n\n", &native(&calls, &resources, name))));
    }
    Ok(files)
}

/// Declarations, each with the comments before it.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut inside) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        part.push_str(line);
        part.push('\n');
        let comment = line.starts_with("//") || line.is_empty();
        if inside {
            inside = line != "}" && line != ")";
        } else if !comment {
            inside = line.ends_with('{') || line.ends_with('(');
        }
        if !inside && !comment {
            parts.push(format!("{}\n", std::mem::take(&mut part)));
        }
    }
    parts
}

fn comment(part: &str) -> String {
    part.lines()
        .filter(|line| line.starts_with("// "))
        .fold(String::new(), |all, line| all + line + "\n")
}

/// A resource is given back when its instance ends: a cleanup may run at a moment at which the host may
/// not be called.
fn without_cleanup(part: &str) -> String {
    match (part.find("\truntime.AddCleanup("), part.find("\t}, 0)\n")) {
        (Some(from), Some(to)) => format!("{}{}", &part[..from], &part[to + "\t}, 0)\n".len()..]),
        _ => part.to_owned(),
    }
}

fn uses(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_')
    })
}

/// A function that calls the host: of a resource, or of the package.
struct Call {
    of: Option<String>,
    name: String,
    /// With their types, in brackets.
    params: String,
    returns: String,
}

impl Call {
    fn of(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("func ")?.strip_suffix('{')?.trim_end();
        let (of, rest) = match rest.strip_prefix("(self *") {
            Some(rest) => rest.split_once(") ").map(|(of, rest)| (Some(of.to_owned()), rest))?,
            None => (None, rest),
        };
        let (name, rest) = rest.split_once('(')?;
        let (params, returns) = rest.split_once(')')?;
        let glue = GLUE.contains(&name)
            || name.ends_with("FromOwnHandle")
            || name.ends_with("FromBorrowHandle");
        let called = name.starts_with(|first: char| first.is_ascii_uppercase()) && !glue;
        called.then(|| Self {
            of,
            name: name.to_owned(),
            params: params.to_owned(),
            returns: returns.trim().to_owned(),
        })
    }

    /// Calls it on `host`.
    fn on(&self, host: &str) -> String {
        let mut depth = 0;
        let apart = self.params.split(|at: char| {
            depth += i32::from(at == '[') - i32::from(at == ']');
            at == ',' && depth == 0
        });
        let names: Vec<_> =
            apart.map(|param| param.trim().split(' ').next().unwrap_or_default()).collect();
        let answer = if self.returns.is_empty() { "" } else { "return " };
        format!("{answer}{host}.{}({})", self.name, names.join(", "))
    }
}

/// What stands in the place of the host in a unit test.
fn native(calls: &[Call], resources: &[(String, String)], package: &str) -> String {
    let mut code = String::new();
    let interface = |code: &mut String, name: &str, of: Option<&str>| {
        let _ = writeln!(code, "type {name} interface {{");
        for call in calls.iter().filter(|call| call.of.as_deref() == of) {
            let _ = writeln!(code, "\t{}({}) {}", call.name, call.params, call.returns);
        }
        code.push_str("}\n\n");
    };
    for (name, comment) in resources {
        let _ = writeln!(code, "// {name}Host answers a unit test in the place of the host.");
        interface(&mut code, &format!("{name}Host"), Some(name));
        let _ = writeln!(code, "{comment}type {name} struct {{\n\thost {name}Host\n}}\n");
        let _ = writeln!(code, "// New{name} returns one that `host` answers for, for unit tests.");
        let _ = writeln!(
            code,
            "func New{name}(host {name}Host) *{name} {{\n\treturn &{name}{{host}}\n}}\n"
        );
    }
    let plain = calls.iter().any(|call| call.of.is_none());
    if plain {
        code.push_str("// Host answers a unit test in the place of the host.\n");
        interface(&mut code, "Host", None);
        code.push_str("// Mock is who answers: set by `mock.New`.\nvar Mock Host\n\n");
        let _ = writeln!(
            code,
            "func mock() Host {{\n\tif Mock == nil {{\n\t\tpanic(\"the plugin called `{package}`, and the test has no mock host: call mock.New(t)\")\n\t}}\n\treturn Mock\n}}\n"
        );
    }
    for call in calls {
        let (of, host) = match &call.of {
            Some(of) => (format!("(self *{of}) "), "self.host"),
            None => (String::new(), "mock()"),
        };
        let _ = writeln!(
            code,
            "func {of}{}({}) {} {{\n\t{}\n}}\n",
            call.name,
            call.params,
            call.returns,
            call.on(host)
        );
    }
    code
}
