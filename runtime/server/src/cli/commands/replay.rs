//! `jackfield replay`

use std::io::{BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use hyper::Method;
use jackfield_plugin_host::{HostConfig, MeteredConfig, MeteredHost};
use jackfield_store::component_digest;
use serde_json::{Value, json};

use super::read;
use crate::cli::args::{Global, ReplayArgs};
use crate::cli::client::{Client, escaped};
use crate::cli::error::CliError;
use crate::cli::output::{print, print_json};
use crate::cli::time::moment;
use crate::replay::{FlowOrder, Material, Order, ReplayError, RouterOrder, from_lines, run, shown};
use crate::rfc3339;

mod text;

/// Runs `jackfield replay`; an error if the day does not replay to the byte, or a gate fails.
pub async fn replay(global: &Global, args: &ReplayArgs) -> Result<(), CliError> {
    let report = match &args.journal {
        Some(file) => from_file(args, file)?,
        None => from_server(global, args).await?,
    };
    if let Some(path) = &args.log {
        let log = report.get("decision_log").and_then(Value::as_str).unwrap_or_default();
        std::fs::write(path, log).map_err(|error| {
            CliError::failed(format!("cannot write {}: {error}", path.display()))
        })?;
    }
    if global.json {
        print_json(&report)?;
    } else {
        print(&text::report(&report));
    }
    let is = |pointer: &str| report.pointer(pointer).and_then(Value::as_bool);
    if is("/identical") == Some(false) {
        return Err(CliError::failed("the replay is not what was recorded"));
    }
    if is("/gate/passes") == Some(false) {
        return Err(CliError::failed("the candidate does not pass the gate"));
    }
    Ok(())
}

/// The day, or `--from` and `--to`: RFC 3339.
fn time(args: &ReplayArgs) -> Result<(String, String), CliError> {
    let now = SystemTime::now();
    if let Some(day) = &args.day {
        let (from, to) = crate::cli::time::day(day, args.utc_offset.as_deref(), now)?;
        return Ok((rfc3339::format(from), rfc3339::format(to)));
    }
    let from = args.range.from.as_deref().map(|text| moment(text, now)).transpose()?;
    let to = args.range.to.as_deref().map(|text| moment(text, now)).transpose()?;
    match (from, to) {
        (Some(from), Some(to)) => Ok((from, to)),
        // Moments are written to the second, and this one is to be in it.
        (Some(from), None) => Ok((from, moment("0s", now + Duration::from_secs(1))?)),
        (None, _) => Err(CliError::Usage(
            "say which day with --day 2026-11-27 (or yesterday, today), or a time with --from and \
             --to"
                .to_owned(),
        )),
    }
}

fn order(args: &ReplayArgs) -> Result<Order, CliError> {
    let (from, to) = time(args)?;
    let mut order = Order::of(from, to);
    order.gate.clone_from(&args.gate);
    order.within_ms = args.within_ms()?;
    order.short_abandon_ms = args.short_abandon_ms()?;
    order.imputations = args.imputations;
    order.seed = args.seed;
    order.most = args.most;
    order.interaction.clone_from(&args.interaction);
    order.step = args.step;
    order.log = args.log.is_some();
    Ok(order)
}

/// `NAME=FILE`, or a file and `fallback`.
fn named<'a>(text: &'a str, fallback: &str) -> (String, &'a Path) {
    match text.split_once('=') {
        Some((name, file)) => (name.to_owned(), Path::new(file)),
        None => (fallback.to_owned(), Path::new(text)),
    }
}

async fn from_server(global: &Global, args: &ReplayArgs) -> Result<Value, CliError> {
    let Some(tenant) = &args.tenant else {
        return Err(CliError::Usage("say whose day with --tenant, or which --journal".to_owned()));
    };
    let client = crate::cli::client(global)?;
    let mut order = order(args)?;
    if let Some(text) = &args.router {
        order.router = Some(send_router(&client, tenant, text, args).await?);
    }
    if let Some(text) = &args.flow {
        let (name, file) = named(text, "main");
        order.flow = Some(FlowOrder { name, script: script(file)? });
    }
    let path = format!("tenants/{}/replay", escaped(tenant));
    let body = ("application/json", json!(order).to_string().into_bytes());
    let (mut report, mut error, mut bar) = (None, None, Bar::new());
    client
        .lines(&path, body, |mut line| {
            if let Some(progress) = line.get("progress") {
                bar.show(progress);
            } else if let Some(said) = line.get("error") {
                error = said.as_str().map(str::to_owned);
            } else {
                report = line.get_mut("report").map(Value::take);
            }
        })
        .await?;
    bar.clear();
    match (report, error) {
        (Some(report), _) => Ok(report),
        (None, error) => {
            Err(CliError::failed(error.unwrap_or("the server did not report".to_owned())))
        }
    }
}

/// Installs the candidate without activating it, unless it is a script. Its name is what the queues call their router.
async fn send_router(
    client: &Client,
    tenant: &str,
    text: &str,
    args: &ReplayArgs,
) -> Result<RouterOrder, CliError> {
    let (mut name, file) = named(text, "");
    let mut kept = name.clone();
    if name.is_empty() {
        let known = client.get(&format!("tenants/{}/plugins", escaped(tenant))).await?;
        let routers: Vec<&str> = super::items(&known)
            .iter()
            .filter(|plugin| plugin.get("world").and_then(Value::as_str) == Some("router"))
            .filter_map(|plugin| plugin.get("name").and_then(Value::as_str))
            .collect();
        let [first, others @ ..] = &routers[..] else {
            return Err(CliError::Usage(
                "the tenant has no router to be replaced: install one, or name one with \
                 --router NAME=FILE and the queues with --queue"
                    .to_owned(),
            ));
        };
        // Without a name the candidate is in stead of every router; it is kept under the first.
        (kept, name) = ((*first).to_owned(), (*first).to_owned());
        if !others.is_empty() {
            "*".clone_into(&mut name);
        }
    }
    if is_script(file) {
        let script = Some(script(file)?);
        let queues = args.queue.clone();
        return Ok(RouterOrder { name, digest: String::new(), script, queues });
    }
    let path = format!("tenants/{}/plugins/{}?world=router", escaped(tenant), escaped(&kept));
    let body = ("application/wasm", read(file)?);
    let installed = client.call(Method::POST, &path, Some(body)).await?;
    let digest = installed.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(RouterOrder { queues: args.queue.clone(), ..RouterOrder::installed(&name, &digest) })
}

fn is_script(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "rhai")
}

fn script(file: &Path) -> Result<String, CliError> {
    String::from_utf8(read(file)?)
        .map_err(|_| CliError::Usage(format!("{} is not UTF-8 text", file.display())))
}

/// Everything is in files: the journal, and the candidate.
fn from_file(args: &ReplayArgs, file: &Path) -> Result<Value, CliError> {
    if args.flow.is_some() {
        return Err(CliError::Usage(
            "a flow is replayed by the server, which knows what callers entered: use --tenant"
                .to_owned(),
        ));
    }
    let failed = |error: ReplayError| CliError::failed(error.to_string());
    let mut order = order(args)?;
    let span = order.span().map_err(failed)?;
    let opened = std::fs::File::open(file)
        .map_err(|error| CliError::failed(format!("cannot read {}: {error}", file.display())))?;
    let records = from_lines(BufReader::new(opened), span).map_err(failed)?;
    let mut material = Material::of_records(records, span);
    for path in &args.plugin {
        let component = read(path)?;
        material.components.insert(component_digest(&component), component);
    }
    if let Some(text) = &args.router {
        // Without a name it is in stead of every router, or a new one of the queues that are said.
        let unnamed = if args.queue.is_empty() { "*" } else { "router" };
        let (name, path) = named(text, unnamed);
        if is_script(path) {
            return Err(CliError::Usage(
                "a script is made a router by the server: use --tenant, or give a component"
                    .to_owned(),
            ));
        }
        let component = read(path)?;
        let digest = component_digest(&component);
        material.components.insert(digest.clone(), component);
        let queues = args.queue.clone();
        order.router = Some(RouterOrder { queues, ..RouterOrder::installed(&name, &digest) });
    }
    let host = host()?;
    let mut bar = Bar::new();
    let report = run(&host, &material, &order, "en", &mut |progress| bar.show(&shown(progress)));
    bar.clear();
    Ok(report.map_err(failed)?.to_json(&order))
}

/// Runs components deterministically.
pub(super) fn host() -> Result<MeteredHost, CliError> {
    let host = MeteredConfig::new(HostConfig { cache_dir: cache()?, ..HostConfig::default() });
    MeteredHost::new(host).map_err(|error| CliError::failed(error.to_string()))
}

/// Where compiled components are kept for commands without a server.
pub(super) fn cache() -> Result<std::path::PathBuf, CliError> {
    let home = std::env::var_os("XDG_CACHE_HOME").map(std::path::PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    home.map(|home| home.join("jackfield/plugins")).ok_or_else(|| {
        CliError::Usage("set HOME or XDG_CACHE_HOME: compiled components are kept there".to_owned())
    })
}

/// A line on the terminal that says how far it is.
struct Bar {
    on: bool,
    shown: bool,
}

impl Bar {
    fn new() -> Self {
        Self { on: std::io::stderr().is_terminal(), shown: false }
    }

    fn show(&mut self, progress: &Value) {
        if !self.on {
            return;
        }
        let number = |key: &str| progress.get(key).and_then(Value::as_u64).unwrap_or_default();
        let what = match progress.get("phase").and_then(Value::as_str) {
            Some("exact") => "records replayed",
            _ => "days played again",
        };
        eprint!("\r{} of {} {what}   ", number("done"), number("of"));
        // A terminal that is gone is no reason to stop.
        let _ = std::io::stderr().flush();
        self.shown = true;
    }

    fn clear(&mut self) {
        if self.shown {
            eprint!("\r{:60}\r", "");
        }
    }
}
