//! Makes `sdk/c/bindings` from `wit`: `cargo run --manifest-path sdk/c/generate/Cargo.toml`, after
//! each change of the contract that plugins in C are to see.
//!
//! Every world of plugins is called `plugin` in what is made, so that all plugins look alike.

use std::path::Path;

use anyhow::{Context as _, Result};
use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;

/// The folder of each world, and the name by which its files and types begin. What takes over state stands
/// beside any of the others.
const WORLDS: [(&str, &str); 9] = [
    ("router", "plugin"),
    ("flow", "plugin"),
    ("estimator", "plugin"),
    ("chatbot", "plugin"),
    ("channel", "plugin"),
    ("connector", "plugin"),
    ("analyst", "plugin"),
    ("pacer", "plugin"),
    ("migrating", "migration"),
];

fn main() -> Result<()> {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(sdk.join("../../wit"))?;
    for (folder, name) in WORLDS {
        let world = resolve.select_world(&[package], Some(folder))?;
        let options = wit_bindgen_c::Opts {
            rename_world: Some(name.to_owned()),
            no_object_file: true,
            ..Default::default()
        };
        let mut files = Files::default();
        options.build().generate(&mut resolve.clone(), world, &mut files)?;
        let dir = sdk.join("bindings").join(folder);
        std::fs::create_dir_all(&dir)?;
        for (file, bytes) in files.iter() {
            // The encoder adds the type of the component itself: nothing forces an object file in.
            let text = std::str::from_utf8(bytes).context("generated text")?;
            let text = text.split("// Ensure that the *_component_type.o").next().unwrap_or(text);
            let text = format!("{}\n", named_imports(text.trim_end()));
            std::fs::write(dir.join(file), text)?;
            println!("{}", dir.join(file).display());
        }
    }
    Ok(())
}

/// The header with a constant for each interface that it imports, so that the mock host, which serves
/// all worlds, knows what there is in this one.
fn named_imports(text: &str) -> String {
    let mut constants = String::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("// Imported Functions from `jackfield:") else {
            continue;
        };
        let name = rest.split('@').next().unwrap_or_default().replace(['/', '-'], "_");
        constants += &format!("#define JACKFIELD_IMPORTS_{}\n", name.to_uppercase());
    }
    let guard = "#define __BINDINGS_PLUGIN_H\n";
    text.replacen(guard, &format!("{guard}{constants}"), 1)
}
