//! `jackfield plugin`

use std::path::{Path, PathBuf};

use hyper::Method;
use jackfield_plugin_host::build::{BuildOptions, build_guests};
use jackfield_plugin_host::{HostConfig, World, conformance};
use serde_json::{Value, json};

use super::flows::table_or;
use super::{items, read, read_component, sdk};
use crate::cli::args::{CanaryArgs, Global, PluginCommand};
use crate::cli::client::{Client, escaped};
use crate::cli::error::{CliError, in_full};
use crate::cli::hooks;
use crate::cli::output::{object, plain, print, print_json, rows, table};

/// Runs `jackfield plugin`.
pub async fn run(global: &Global, command: &PluginCommand) -> Result<(), CliError> {
    match command {
        PluginCommand::Build { dir, out } => return build(global, dir, out.as_deref()),
        PluginCommand::Check { file, conformance: true, seed, set, .. } => {
            return conformance(global, file, *seed, set).await;
        }
        PluginCommand::Check { file, target: Some(version), .. } => {
            let fit = jackfield_plugin_host::check_target(&read_component(file)?, version)
                .map_err(|error| CliError::failed(error.to_string()))?;
            let imports = fit.imports.join("\n  ");
            print(&format!(
                "fits host {}: world {}; imports:\n  {imports}",
                fit.version, fit.world
            ));
            return Ok(());
        }
        PluginCommand::Check { file, target: None, .. } => {
            print(&hooks::check_component(&read_component(file)?)?);
            return Ok(());
        }
        PluginCommand::Package(command) => return super::packages::run(global, command).await,
        PluginCommand::New(args) => {
            print(&sdk::new(args)?);
            return Ok(());
        }
        PluginCommand::Test { dir } => return sdk::test(dir),
        PluginCommand::Bench(args) => return sdk::bench(global, args),
        PluginCommand::Certify(args) => return super::certify::run(global, args),
        PluginCommand::Dev(args) => return sdk::dev(global, args).await,
        _ => (),
    }
    let client = crate::cli::client(global)?;
    let (answer, said) = ask(global, &client, command).await?;
    if global.json {
        return print_json(&answer);
    }
    print(&said);
    Ok(())
}

async fn ask(
    global: &Global,
    client: &Client,
    command: &PluginCommand,
) -> Result<(Value, String), CliError> {
    let path =
        |tenant: &str, name: &str| format!("tenants/{}/plugins/{}", escaped(tenant), escaped(name));
    let digest = |answer: &Value| answer.get("digest").map_or("-".to_owned(), plain);
    Ok(match command {
        PluginCommand::Install { tenant, name, file, world, grant, downgrade } => {
            let downgrade = if *downgrade { "&downgrade=true" } else { "" };
            let grants: Vec<String> = grant.iter().map(|name| escaped(name)).collect();
            let grants = match grants.as_slice() {
                [] => String::new(),
                all => format!("&grants={}", all.join(",")),
            };
            let bytes = read(file)?;
            let world = match world {
                Some(world) => world.clone(),
                None => world_in(global, file, &bytes)?,
            };
            let path = path(tenant, name);
            let path = format!("{path}?world={}{grants}{downgrade}", escaped(&world));
            let body = ("application/wasm", bytes);
            let answer = client.call(Method::POST, &path, Some(body)).await?;
            let said = installed(tenant, name, &answer);
            (answer, said)
        }
        PluginCommand::Packages { tenant } => {
            let answer = client.get(&format!("tenants/{}/packages", escaped(tenant))).await?;
            let said = match items(&answer) {
                [] => "no packages: install one with `jackfield market install`".to_owned(),
                packages => {
                    let fields = ["name", "version", "publisher", "permissions", "package"];
                    let titles = ["NAME", "VERSION", "SIGNED BY", "MAY USE", "PACKAGE"];
                    table(&titles, &rows(packages, &fields))
                }
            };
            (answer, said)
        }
        PluginCommand::Activate {
            tenant,
            name,
            digest: wanted,
            world,
            gate,
            gate_from,
            gate_to,
        } => {
            let (known, full) = version(client, tenant, name, wanted).await?;
            let world = world.as_deref().unwrap_or(&known);
            let mut body = json!({ "digest": full });
            let now = std::time::SystemTime::now();
            if let Some(gate) = gate {
                body["gate"] = json!(gate);
            }
            for (key, text) in [("gate_from", gate_from), ("gate_to", gate_to)] {
                if let Some(text) = text {
                    body[key] = json!(crate::cli::time::moment(text, now)?);
                }
            }
            let path = format!("{}/activate?world={}", path(tenant, name), escaped(world));
            let answer = client.send(Method::POST, &path, &body).await?;
            (answer, format!("`{name}` is now {full}"))
        }
        PluginCommand::Canary(args) => {
            let (_, full) = version(client, &args.tenant, &args.name, &args.digest).await?;
            let path = format!("{}/canary", path(&args.tenant, &args.name));
            let answer = client.send(Method::POST, &path, &canary(args, &full)?).await?;
            let share = &answer["rollout"]["canary"]["share"];
            let said = format!("{full:.12} has {} of `{}`", plain(share), args.name);
            (answer, said)
        }
        PluginCommand::Shadow { tenant, name, digest } => {
            let (_, full) = version(client, tenant, name, digest).await?;
            let path = format!("{}/shadow", path(tenant, name));
            let answer = client.send(Method::POST, &path, &json!({ "digest": full })).await?;
            let said = format!("{full:.12} is asked what `{name}` is asked, and not obeyed");
            (answer, said)
        }
        PluginCommand::Promote { tenant, name } => {
            let path = format!("{}/promote", path(tenant, name));
            let answer = client.send(Method::POST, &path, &json!({})).await?;
            let said = format!("`{name}` is now {}", digest(&answer));
            (answer, said)
        }
        PluginCommand::Rollback { tenant, name } => {
            let path = format!("{}/rollback", path(tenant, name));
            let answer = client.send(Method::POST, &path, &json!({})).await?;
            let said = format!("`{name}` is back at {}", digest(&answer));
            (answer, said)
        }
        PluginCommand::Disable { tenant, name, reason } => {
            let path = format!("{}/disable", path(tenant, name));
            let answer = client.send(Method::POST, &path, &json!({ "reason": reason })).await?;
            let said = format!(
                "`{name}` is disabled: what is built in serves until `jackfield plugin enable`"
            );
            (answer, said)
        }
        PluginCommand::Enable { tenant, name, reason } => {
            let path = format!("{}/enable", path(tenant, name));
            let answer = client.send(Method::POST, &path, &json!({ "reason": reason })).await?;
            (answer, format!("`{name}` is asked again"))
        }
        PluginCommand::Ask { tenant, name, contact, lead, campaign } => {
            let of = |kind: &str| format!("tenants/{}/{kind}/{}", escaped(tenant), escaped(name));
            let asked = match (lead, campaign) {
                (Some(file), _) => Some((format!("{}/leads", of("connectors")), file)),
                (None, Some(file)) => Some((format!("{}/decide", of("pacers")), file)),
                (None, None) => None,
            };
            let answer = match (asked, contact) {
                (Some((path, file)), _) => {
                    let body = ("application/json", read(file)?);
                    client.call(Method::POST, &path, Some(body)).await?
                }
                (None, Some(address)) => {
                    let path = format!("{}/contact?address={}", of("connectors"), escaped(address));
                    client.get(&path).await?
                }
                (None, None) => Value::Null,
            };
            let said = object(&answer);
            (answer, said)
        }
        PluginCommand::Show { tenant, name } => {
            let answer = client.get(&path(tenant, name)).await?;
            let said = object(&answer);
            (answer, said)
        }
        PluginCommand::List { tenant, name: Some(name) } => {
            let answer = client.get(&format!("{}/versions", path(tenant, name))).await?;
            let said = table_or(&answer, &format!("`{name}` was never installed"));
            (answer, said)
        }
        PluginCommand::List { tenant, name: None } => {
            let answer = client.get(&format!("tenants/{}/plugins", escaped(tenant))).await?;
            let said = table_or(&answer, "no plugins: install one with `jackfield plugin install`");
            (answer, said)
        }
        // The others were dealt with.
        _ => (Value::Null, String::new()),
    })
}

/// Says what was installed, what it lacks, and how it comes to serve.
pub fn installed(tenant: &str, name: &str, answer: &Value) -> String {
    let digest = answer.get("digest").map_or("-".to_owned(), plain);
    let mut said = format!("`{name}` is installed: {digest}");
    for lack in answer.get("lacks").and_then(Value::as_array).into_iter().flatten() {
        said += &format!("\n{}", plain(lack));
    }
    let short = digest.get(..12).unwrap_or(&digest);
    let next = format!("jackfield plugin activate {tenant} {name} {short}");
    format!("{said}\nit serves once it is activated: {next}")
}

/// What is asked for a canary.
fn canary(args: &CanaryArgs, digest: &str) -> Result<Value, CliError> {
    let mut body = json!({ "digest": digest });
    if let Some(percent) = args.percent {
        body["percent"] = json!(percent);
    }
    for (key, value) in [("queue", &args.queue), ("number", &args.number)] {
        if let Some(value) = value {
            body[key] = json!(value);
        }
    }
    if let Some(segment) = &args.segment {
        let (name, value) = segment.split_once('=').ok_or_else(|| {
            CliError::failed(format!(
                "--segment takes ATTR=VALUE, such as segment=vip; got `{segment}`"
            ))
        })?;
        body["attribute"] = json!({ "name": name, "value": value });
    }
    Ok(body)
}

async fn versions(
    client: &Client,
    kind: &str,
    tenant: &str,
    name: &str,
) -> Result<Vec<Value>, CliError> {
    let path = format!("tenants/{}/{kind}/{}/versions", escaped(tenant), escaped(name));
    Ok(items(&client.get(&path).await?).to_vec())
}

/// The world of a component or a package.
fn world_in(global: &Global, file: &Path, bytes: &[u8]) -> Result<String, CliError> {
    if super::is_archive(bytes) {
        return Ok(super::packages::from_file(global, file)?.manifest().world.clone());
    }
    let world = hooks::world_of(&read_component(file)?)?;
    let publish = match world.published() {
        None => return Ok(world.name().to_owned()),
        Some(World::Flow) => "jackfield flow publish",
        Some(_) => "jackfield router publish",
    };
    Err(CliError::failed(format!(
        "{} reads scripts and is not installed itself: `{publish}` takes a script",
        file.display()
    )))
}

/// Finds the one version of a plugin, or else of a flow, whose digest starts with `start`: its world and
/// the whole digest.
async fn version(
    client: &Client,
    tenant: &str,
    name: &str,
    start: &str,
) -> Result<(String, String), CliError> {
    let of_plugin = versions(client, "plugins", tenant, name).await;
    if let Ok(known) = &of_plugin {
        let same = |one: &&Value| one["digest"].as_str().is_some_and(|one| one.starts_with(start));
        if let Some(found) = known.iter().find(same) {
            return Ok((plain(&found["world"]), digest_of(known, start)?));
        }
    }
    match versions(client, "flows", tenant, name).await {
        Ok(of_flow) => Ok(("flow".to_owned(), digest_of(&of_flow, start)?)),
        // No version of the plugin begins so, or there is none of this name at all.
        Err(_) => digest_of(&of_plugin?, start).map(|full| (String::new(), full)),
    }
}

/// Finds the one digest that starts with `start`.
fn digest_of(versions: &[Value], start: &str) -> Result<String, CliError> {
    let all = versions.iter().filter_map(|version| version.get("digest")?.as_str());
    let mut fitting: Vec<&str> = all.filter(|digest| digest.starts_with(start)).collect();
    // A flow may have been published twice with the same script.
    fitting.sort_unstable();
    fitting.dedup();
    match fitting[..] {
        [one] => Ok(one.to_owned()),
        [] => Err(CliError::failed(format!(
            "no version's digest starts with `{start}`: `jackfield plugin list TENANT NAME` shows them, \
             or `jackfield flow versions TENANT NAME`"
        ))),
        _ => {
            Err(CliError::failed(format!("more than one digest starts with `{start}`: write more")))
        }
    }
}

/// Puts made-up questions to a plugin and tells what held, or the least that shows what did not.
async fn conformance(
    global: &Global,
    file: &Path,
    seed: u64,
    settings: &[String],
) -> Result<(), CliError> {
    let wasm = read_component(file)?;
    let world = hooks::world_of(&wasm)?;
    let settings = super::settings(world, settings)?;
    let config = HostConfig { cache_dir: super::replay::cache()?, ..hooks::tool_config() };
    // It has a runtime of its own, for which this one has to make room.
    let run = move || conformance::run(&config, world, &wasm, &settings, seed);
    let report = tokio::task::spawn_blocking(run).await;
    let report = report.map_err(|error| CliError::failed(error.to_string()))?;
    let report = report.map_err(|error| CliError::failed(error.to_string()))?;
    let held = report.checked.iter().map(|(property, count)| {
        json!({ "property": property.name(), "meaning": property.meaning(), "checked": count })
    });
    let held: Vec<Value> = held.collect();
    if global.json {
        let broken = report.broken.as_ref().map(|broken| {
            json!({ "property": broken.property.name(), "wrong": broken.wrong,
                "question": broken.question, "trace": broken.trace })
        });
        print_json(&json!({
            "digest": report.digest, "world": world.name(), "seed": seed,
            "properties": held, "refused": report.refused, "broken": broken,
        }))?;
    } else {
        for (property, count) in &report.checked {
            print(&format!("{:<17} {count:>5}  {}", property.name(), property.meaning()));
        }
    }
    match report.broken {
        None => Ok(()),
        Some(broken) => Err(CliError::failed(format!(
            "`{}` does not hold: {}\n{}",
            broken.property.name(),
            broken.wrong,
            broken.trace
        ))),
    }
}

/// Compiles a folder of guests and makes components of them.
fn build(global: &Global, dir: &Path, out: Option<&Path>) -> Result<(), CliError> {
    let output_dir = match out {
        Some(out) => out.to_owned(),
        // A build needs no configuration; with one, the components go where it looks for them.
        None => match crate::cli::load(global) {
            Ok(config) => config.plugins.paths.first().cloned().unwrap_or_default(),
            Err(_) => PathBuf::from("target/plugins"),
        },
    };
    // Guests of several folders share what they have in common.
    let target_dir = PathBuf::from("target/guests");
    let mut progress = |line: &str| eprintln!("{line}");
    let options = BuildOptions { target_dir, output_dir, quick: false, progress: &mut progress };
    let built = build_guests(dir, options).map_err(|error| CliError::failed(in_full(&error)))?;
    let items: Vec<Value> = built
        .iter()
        .map(|plugin| {
            json!({
                "plugin": plugin.name,
                "world": plugin.world.map(World::name),
                "file": plugin.component,
                "bytes": plugin.bytes,
                "digest": plugin.digest,
            })
        })
        .collect();
    if global.json {
        return print_json(&json!({ "items": items }));
    }
    let fields = ["plugin", "world", "bytes", "file"];
    print(&table(&["PLUGIN", "WORLD", "BYTES", "FILE"], &rows(&items, &fields)));
    Ok(())
}
