//! Packages: made, changed, signed, trusted, pinned, and moved through a real registry.

mod archive;
mod certification;
mod manifest;
mod registry;
mod trust;

use std::collections::BTreeMap;

use jackfield_package::{
    Certification, Contents, Cost, Digest, FileKind, Limited, Package, Property, SecretKey, Spread,
    Surface,
};

/// A `plugin.toml` of that version and with those wants.
pub fn plugin_toml(version: &str, wants: &str) -> String {
    format!(
        "name = \"router-sample\"\nversion = \"{version}\"\nworld = \"router\"\nwants = [{wants}]\n\
         on_trap = \"the built-in rule decides\"\nsummary = \"Longest idle agent first\"\n\
         licence = \"Apache-2.0\"\nkeywords = [\"idle\", \"fair\"]\n"
    )
}

/// A report on that component.
pub fn certification(component: &[u8]) -> Certification {
    Certification {
        format: 1,
        digest: Digest::of(component),
        world: "router".to_owned(),
        contract: "0.2".to_owned(),
        tool: "jackfield 0.1.0".to_owned(),
        seed: 1,
        worlds: 1_000,
        settings: BTreeMap::new(),
        decisions: 19_000,
        refused: 0,
        properties: vec![Property {
            name: "no-trap".to_owned(),
            meaning: "no call traps".to_owned(),
            checked: 38_000,
        }],
        cost: Cost {
            warm_fuel: Some(Spread::of(vec![3, 1, 2])),
            fresh_fuel: Spread::of((1..=1_000).collect()),
            memory_bytes: 1_179_648,
        },
        limits: Limited { fuel: 50_000_000, memory_bytes: 67_108_864 },
    }
}

/// A package of that version, with all kinds of files.
pub fn package(version: &str, wants: &str) -> Package {
    let files = [
        (FileKind::Manifest, plugin_toml(version, wants)),
        (FileKind::Readme, "# Sample\n\nRoutes.\n".to_owned()),
        (FileKind::Changelog, "# 1.0.0\n\nFirst.\n".to_owned()),
        (FileKind::Icon, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_owned()),
    ];
    let mut files: BTreeMap<_, _> =
        files.into_iter().map(|(kind, text)| (kind, text.into_bytes())).collect();
    // What is inside is the host's business: a package is bytes.
    let component = format!("\0asm a component of {version}").into_bytes();
    files.insert(FileKind::Certification, certification(&component).to_bytes().unwrap());
    let surface = Surface {
        imports: vec!["jackfield:log/log@0.1.0".to_owned()],
        exports: vec!["jackfield:plugin/router-guest@0.1.0".to_owned()],
    };
    Package::pack(Contents { component, surface, files }).unwrap()
}

/// The same, signed.
pub fn signed(version: &str, key: &SecretKey) -> Package {
    let mut package = package(version, "\"log\"");
    package.sign(key).unwrap();
    package
}
