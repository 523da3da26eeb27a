//! Makes `sdk/go/jackfield` and `sdk/go/bindings` from `wit`:
//! `cargo run --manifest-path sdk/go/generate/Cargo.toml`, with `gofmt` in the path, after each change
//! of the contract that plugins in Go are to see.
//!
//! wit-bindgen makes one file of each interface. Here it is taken apart: types are for every machine,
//! what calls the host is for WebAssembly, and a unit test, which runs on the machine itself, has an
//! interface `Host` in that place, with the same functions.

mod split;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::Resolve;

/// Worlds of plugins, and the one that stands beside any of them.
const WORLDS: [&str; 9] = [
    "router",
    "flow",
    "estimator",
    "chatbot",
    "channel",
    "connector",
    "analyst",
    "pacer",
    MIGRATING,
];

/// Taking over state: its glue goes into one package with that of another world.
const MIGRATING: &str = "migrating";

/// What wit-bindgen calls a package, and what it is called here.
const PACKAGES: [(&str, &str); 24] = [
    ("jackfield_analysis_analysis", "analysis"),
    ("jackfield_channels_channels", "channels"),
    ("jackfield_clock_clock", "clock"),
    ("jackfield_connecting_connecting", "connecting"),
    ("jackfield_conversation_conversation", "conversation"),
    ("jackfield_crm_address", "crmaddress"),
    ("jackfield_crm_history", "crmhistory"),
    ("jackfield_crm_read", "crmread"),
    ("jackfield_crm_segment", "crmsegment"),
    ("jackfield_crm_write", "crmwrite"),
    ("jackfield_http_outbound", "outbound"),
    ("jackfield_http_webhook", "webhook"),
    ("jackfield_log_log", "log"),
    ("jackfield_messaging_messaging", "messaging"),
    ("jackfield_metrics_metrics", "metrics"),
    ("jackfield_pacing_pacing", "pacing"),
    ("jackfield_queueing_estimating", "estimating"),
    ("jackfield_queueing_routing", "routing"),
    ("jackfield_secrets_secrets", "secrets"),
    ("jackfield_settings_settings", "settings"),
    ("jackfield_state_migration", "migration"),
    ("jackfield_state_state", "state"),
    ("jackfield_telephony_session", "session"),
    ("jackfield_types_types", "types"),
];

fn main() -> Result<()> {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(sdk.join("../../wit"))?;
    let mut written = Vec::new();
    for world in WORLDS {
        let id = resolve.select_world(&[package], Some(world))?;
        let mut files = Files::default();
        let options = wit_bindgen_go::Opts::default();
        options.build().generate(&mut resolve.clone(), id, &mut files)?;
        for (file, bytes) in files.iter() {
            let text = std::str::from_utf8(bytes).context("generated text")?;
            if file == "wit_exports.go" {
                let path = sdk.join("bindings").join(world).join("main.go");
                written.push(write(path, &entry(text, world)?)?);
            }
            let folder = file.strip_suffix("/wit_bindings.go");
            let Some((_, name)) = PACKAGES.iter().find(|(made, _)| Some(*made) == folder) else {
                continue;
            };
            for (kind, text) in split::package(&renamed(text), name)? {
                let path = sdk.join("jackfield").join(name).join(format!("{name}{kind}.go"));
                written.push(write(path, &text)?);
            }
        }
    }
    // Packages of several worlds are the same in all.
    written.sort();
    written.dedup();
    let mut gofmt = std::process::Command::new("gofmt");
    let done = gofmt.arg("-w").args(&written).status().context("gofmt is not in the path")?;
    ensure!(done.success(), "gofmt refuses what was made");

    let text = std::fs::read_to_string(sdk.join("generate/no_system.wat"))?;
    std::fs::write(sdk.join("bindings/no_system.wasm"), wat::parse_str(text)?)?;
    Ok(())
}

/// The entry of a world: the exports that the host calls, which call the plugin's own functions.
fn entry(text: &str, world: &str) -> Result<String> {
    let (guest, call) = if world == MIGRATING {
        ("export_migration".to_owned(), "CallMigration")
    } else {
        (format!("export_jackfield_plugin_{world}_guest"), "Call")
    };
    let text = renamed(text);
    let called = format!("{guest}.");
    let mut made = String::new();
    let mut rest = text.as_str();
    // A panic becomes an answer: see `Call`.
    while let Some((before, after)) = rest.split_once(&called) {
        let (name, after) = after.split_once('(').context("an export without brackets")?;
        let none = after.starts_with(')');
        let (without, between) = if none { ("Without", "") } else { ("", ", ") };
        let _ = write!(made, "{before}witRuntime.{call}{without}(plugin.{name}{between}");
        rest = after;
    }
    ensure!(!made.is_empty(), "{world}: no export");
    let mut text = made + rest;
    text = text.replace(&format!("\"jackfield/{guest}\""), "plugin \"PLUGIN\"");
    text = text.replace("// Unused, but present to make the compiler happy\n", "");
    if world == MIGRATING {
        text = text.replace("func main() {}", "");
        for (theirs, ours) in [
            ("staticPinner", "migrationStaticPinner"),
            ("exportReturnArea", "migrationReturnArea"),
            ("syncExportPinner", "migrationPinner"),
        ] {
            text = text.replace(theirs, ours);
        }
    }
    Ok(format!("{}\n", text.trim_end()))
}

/// With the names that packages have here.
fn renamed(text: &str) -> String {
    let mut text = text.replace("go.bytecodealliance.org/pkg/wit/runtime", "jackfield/runtime");
    text = text.replace("witTypes \"go.bytecodealliance.org/pkg/wit/types\"", "\"jackfield/wit\"");
    text = text.replace("witTypes.", "wit.").replace("wit_component/", "jackfield/");
    for (made, name) in PACKAGES {
        text = text.replace(made, name);
    }
    // The list of all packages of the contract says nothing of this one.
    let (first, rest) = text.split_once('\n').unwrap_or_default();
    let rest = rest.find("\npackage ").map_or(rest, |at| &rest[at..]);
    format!("{first}\n{rest}")
}

fn write(path: PathBuf, text: &str) -> Result<PathBuf> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&path, text)?;
    Ok(path)
}
