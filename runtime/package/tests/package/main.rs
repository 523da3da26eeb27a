//! Packages: made, changed, signed, trusted, pinned, and moved through a real registry.

mod archive;
mod manifest;
mod registry;
mod trust;

use std::collections::BTreeMap;

use jackfield_package::{Contents, FileKind, Package, SecretKey, Surface};

/// A `plugin.toml` of that version and with those wants.
pub fn plugin_toml(version: &str, wants: &str) -> String {
    format!(
        "name = \"router-sample\"\nversion = \"{version}\"\nworld = \"router\"\nwants = [{wants}]\n\
         on_trap = \"the built-in rule decides\"\nsummary = \"Longest idle agent first\"\n\
         licence = \"Apache-2.0\"\nkeywords = [\"idle\", \"fair\"]\n"
    )
}

/// A package of that version, with all kinds of files.
pub fn package(version: &str, wants: &str) -> Package {
    let files = [
        (FileKind::Manifest, plugin_toml(version, wants)),
        (FileKind::Readme, "# Sample\n\nRoutes.\n".to_owned()),
        (FileKind::Changelog, "# 1.0.0\n\nFirst.\n".to_owned()),
        (FileKind::Icon, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_owned()),
        (FileKind::Certification, "{\"seeds\":[1]}".to_owned()),
    ];
    let files: BTreeMap<_, _> =
        files.into_iter().map(|(kind, text)| (kind, text.into_bytes())).collect();
    // What is inside is the host's business: a package is bytes.
    let component = format!("\0asm a component of {version}").into_bytes();
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
