//! `jackfield plugin certify`: a plugin meets made-up worlds; who passes gets a report.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use jackfield_package::{Certification, Spread, differences};
use jackfield_plugin_host::{HostConfig, MeteredConfig, MeteredHost, World};
use serde_json::json;

use super::{read, read_component, read_text, settings};
use crate::certify::{self, Broken, Order, Verdict};
use crate::cli::args::Global;
use crate::cli::error::{CliError, in_full};
use crate::cli::hooks;
use crate::cli::output::{print, print_json};

/// How often somebody who waits hears how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// What `plugin certify` is told.
#[derive(Debug, Args)]
pub struct CertifyArgs {
    /// The component
    pub file: PathBuf,
    /// A script, if the component is an interpreter: what it becomes with it is certified
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// How many worlds it meets
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub worlds: u64,
    /// The seed of the first world; each has the next one
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..1 << 52))]
    pub seed: u64,
    /// A setting of the plugin, or of the queues in all of them; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Where the report goes; beside plugin.toml as certification.json, `plugin pack` takes it along
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Make this report again, with its worlds, seeds and settings, and compare
    #[arg(long, value_name = "REPORT", conflicts_with_all = ["worlds", "seed", "set", "out"])]
    pub verify: Option<PathBuf>,
}

/// Runs `jackfield plugin certify`.
pub fn run(global: &Global, args: &CertifyArgs) -> Result<(), CliError> {
    let mut wasm = read_component(&args.file)?;
    let mut world = hooks::world_of(&wasm)?;
    let config = config()?;
    if let Some(script) = &args.script {
        let host = MeteredHost::new(config.clone());
        let host = host.map_err(|error| CliError::failed(error.to_string()))?;
        let published = host.publish_script(&wasm, &read_text(script)?);
        wasm = published
            .map_err(|error| CliError::failed(format!("{}: {error}", script.display())))?;
        world = world.published().unwrap_or(world);
    }
    if let Some(path) = &args.verify {
        let bytes = read(path)?;
        let said = again(&path.display().to_string(), &bytes, wasm)?;
        return if global.json {
            print_json(&json!({ "report": path, "same": true }))
        } else {
            print(&said);
            Ok(())
        };
    }
    let settings = settings(world, &args.set)?.into_iter().collect();
    // What takes minutes is not lost for want of a folder.
    if let Some(folder) = args.out.as_deref().and_then(Path::parent)
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(CliError::failed(format!("there is no folder {}", folder.display())));
    }
    let order = Order { world, wasm, seed: args.seed, worlds: args.worlds, settings };
    let report = match certified(config, &order)? {
        Verdict::Passed(report) => report,
        Verdict::Broken(broken) => return Err(refused(global, &args.file, args, &broken)?),
    };
    if let Some(out) = &args.out {
        let bytes = report.to_bytes().map_err(super::packages::failed)?;
        std::fs::write(out, bytes).map_err(|error| {
            CliError::failed(format!("cannot write {}: {error}", out.display()))
        })?;
    }
    if global.json {
        return print_json(&json!(report));
    }
    print(&told(&report));
    Ok(())
}

/// Makes a report again; says that it is the same.
///
/// # Errors
///
/// Where the reports differ, or what did not hold this time.
pub fn again(name: &str, bytes: &[u8], wasm: Vec<u8>) -> Result<String, CliError> {
    let report = Certification::parse(bytes).map_err(|error| {
        let why = in_full(&error);
        CliError::failed(format!("{name}: there is no certification report in it: {why}"))
    })?;
    report.is_about(&wasm).map_err(super::packages::failed)?;
    let world = World::from_name(&report.world)
        .ok_or_else(|| CliError::failed(format!("{name}: there is no world `{}`", report.world)))?;
    let order = Order {
        world,
        wasm,
        seed: report.seed,
        worlds: report.worlds,
        settings: report.settings.clone(),
    };
    let now = match certified(config()?, &order)? {
        Verdict::Passed(now) => now,
        Verdict::Broken(broken) => {
            let Broken { property, wrong, seed, .. } = broken;
            return Err(CliError::failed(format!(
                "{name}: says that it passed; now `{property}` is broken in the world of seed {seed}: \
                 {wrong}"
            )));
        }
    };
    if now.to_bytes().map_err(super::packages::failed)? == bytes {
        return Ok(format!("{name}: made again, the same to the byte\n{}", told(&now)));
    }
    let mut found = differences(&report, &now);
    if found.is_empty() {
        found.push("the same contents, written otherwise".to_owned());
    }
    Err(CliError::failed(format!("{name}: is not what comes out now\n  {}", found.join("\n  "))))
}

fn config() -> Result<MeteredConfig, CliError> {
    let host = HostConfig { cache_dir: super::replay::cache()?, ..hooks::tool_config() };
    Ok(MeteredConfig { instances_max: 8, ..MeteredConfig::new(host) })
}

fn certified(config: MeteredConfig, order: &Order) -> Result<Verdict, CliError> {
    let worlds = order.worlds;
    let mut told = Instant::now();
    let mut progress = |number: u64, decisions: u64| {
        if PROGRESS_EVERY <= told.elapsed() {
            told = Instant::now();
            eprintln!("world {number} of {worlds}, {decisions} decisions");
        }
    };
    certify::run(config, order, &mut progress).map_err(CliError::failed)
}

/// Shows what did not hold; what the command ends with.
fn refused(
    global: &Global,
    file: &Path,
    args: &CertifyArgs,
    broken: &Broken,
) -> Result<CliError, CliError> {
    let Broken { property, meaning, wrong, seed, trace } = broken;
    if global.json {
        print_json(&json!({
            "passed": false,
            "property": property,
            "meaning": meaning,
            "wrong": wrong,
            "seed": seed,
            "trace": trace,
        }))?;
    } else {
        print(&format!("broken     {property}: {meaning}\nby         {wrong}\n{trace}"));
    }
    let set: String = args.set.iter().map(|one| format!(" --set {one}")).collect();
    let script = args.script.as_ref();
    let script = script.map_or(String::new(), |script| format!(" --script {}", script.display()));
    let worlds = if *property == "answers" { args.worlds } else { 1 };
    let seed = if *property == "answers" { args.seed } else { *seed };
    Ok(CliError::failed(format!(
        "not certified: `{property}` does not hold; again: jackfield plugin certify {}{script}{set} \
         --seed {seed} --worlds {worlds}",
        file.display()
    )))
}

/// A report in words.
fn told(report: &Certification) -> String {
    let spread = |spread: &Spread| {
        format!("{} median, {} 99th percentile, {} most", spread.p50, spread.p99, spread.max)
    };
    let cost = &report.cost;
    let mut text = format!(
        "certified  {} ({})\nby         {}\nworlds     {} from seed {}, {} decisions, {} refused\n\
         fuel       ",
        report.world,
        report.digest,
        report.tool,
        report.worlds,
        report.seed,
        report.decisions,
        report.refused,
    );
    if let Some(warm) = &cost.warm_fuel {
        text += &format!("{}\nfresh      ", spread(warm));
    }
    text += &format!(
        "{}; {} are allowed\nmemory     {} KiB, {} are allowed\n",
        spread(&cost.fresh_fuel),
        report.limits.fuel,
        cost.memory_bytes / 1_024,
        report.limits.memory_bytes / 1_024,
    );
    for property in &report.properties {
        text += &format!("{:>9}  {}: {}\n", property.checked, property.name, property.meaning);
    }
    text
}
