//! `jackfield plugin dev`: at each save the plugin is built and swapped into a running tenant, and
//! what it logs and decides is shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use hyper::Method;
use jackfield_plugin_host::World;
use jackfield_plugin_host::build::{BuildOptions, BuiltPlugin, build_guest};
use serde_json::{Value, json};

use super::DevArgs;
use crate::cli::args::Global;
use crate::cli::client::{Client, escaped};
use crate::cli::error::CliError;
use crate::cli::output::print;

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Folders that change by building: not looked at.
const LEFT_OUT: [&str; 6] = ["target", "build", "node_modules", "__pycache__", "vendor", ".git"];
/// Files of one project that are looked at.
const FILES_MAX: usize = 10_000;

/// Builds and swaps until it is interrupted.
pub async fn run(global: &Global, args: &DevArgs) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    if args.once {
        return swap(&client, args).await;
    }
    let watching = crate::cli::client(global)?;
    tokio::select! {
        ended = work(&client, args) => ended,
        ended = follow(&watching, args) => ended,
    }
}

async fn work(client: &Client, args: &DevArgs) -> Result<(), CliError> {
    loop {
        let seen = files(&args.dir);
        // A mistake is mended by the next save.
        match swap(client, args).await {
            Err(CliError::Failed(problem)) => eprintln!("{problem}\nwaiting for the next save"),
            other => other?,
        }
        while files(&args.dir) == seen {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Builds, installs and activates.
async fn swap(client: &Client, args: &DevArgs) -> Result<(), CliError> {
    let started = Instant::now();
    let plugin = build(&args.dir).await?;
    let built = started.elapsed();
    let world = plugin.world.map(World::name);
    let world = world.ok_or_else(|| CliError::failed("it fits no world of this host"))?;
    let wasm = crate::cli::commands::read(&plugin.component)?;
    let path = format!("tenants/{}/plugins/{}", escaped(&args.tenant), escaped(&args.name));
    let install = format!("{path}?world={world}");
    let answer = client.call(Method::POST, &install, Some(("application/wasm", wasm))).await?;
    let digest = answer.get("digest").cloned().unwrap_or_default();
    let body = json!({ "digest": digest });
    client.send(Method::POST, &format!("{path}/activate?world={world}"), &body).await?;
    let whole = started.elapsed();
    print(&format!(
        "`{}` of {} is now {:.12}: built in {:.1} s, installed and active in {:.1} s",
        args.name,
        args.tenant,
        digest.as_str().unwrap_or_default(),
        built.as_secs_f64(),
        (whole - built).as_secs_f64()
    ));
    Ok(())
}

async fn build(dir: &Path) -> Result<BuiltPlugin, CliError> {
    let dir = dir.to_owned();
    let building = tokio::task::spawn_blocking(move || {
        let mut said = Vec::new();
        let options = BuildOptions {
            target_dir: PathBuf::from("target/guests"),
            output_dir: dir.join("build"),
            quick: true,
            progress: &mut |line| said.push(line.to_owned()),
        };
        build_guest(&dir, options)
    });
    let built = building.await.map_err(|error| CliError::failed(error.to_string()))?;
    built.map_err(|error| CliError::failed(error.to_string()))
}

/// When each file of the project was last changed, and its size.
fn files(dir: &Path) -> BTreeMap<PathBuf, (Option<SystemTime>, u64)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(about) = entry.metadata() else { continue };
            if LEFT_OUT.iter().any(|left| name == *left) || FILES_MAX <= found.len() {
                continue;
            }
            if about.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "lock") {
                found.insert(path, (about.modified().ok(), about.len()));
            }
        }
    }
    found
}

/// Shows what the plugin logs and what is decided, as the server tells it.
async fn follow(client: &Client, args: &DevArgs) -> Result<(), CliError> {
    let path = format!("tenants/{}/events", escaped(&args.tenant));
    let mut kind = String::new();
    let told = client.text_lines(&path, |line| {
        let line = String::from_utf8_lossy(line);
        if let Some(name) = line.strip_prefix("event: ") {
            name.trim().clone_into(&mut kind);
        } else if let Some(data) = line.strip_prefix("data: ") {
            let said = serde_json::from_str(data).ok().and_then(|data| show(&kind, &data, args));
            said.iter().for_each(|said| print(said));
        }
        true
    });
    told.await?;
    Err(CliError::failed("the server has ended"))
}

/// A line about an event; nothing about one that is not of this plugin.
fn show(kind: &str, event: &Value, args: &DevArgs) -> Option<String> {
    let data = event.get("data")?;
    let at = event.get("at")?.as_str()?.get(11..23)?;
    let word = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or("-");
    match kind {
        "plugin_log" if word("plugin") == args.name => {
            Some(format!("{at} {:5} {}", word("level"), word("message")))
        }
        "offer" | "plugin_failed" | "left_queue" | "ask_flow" => {
            Some(format!("{at} {kind} {data}"))
        }
        _ => None,
    }
}
