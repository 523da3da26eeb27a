//! `jackfield plugin bench`: what a call of a plugin costs.

use jackfield_plugin_host::bench::{BenchPlan, Spans, bench};
use jackfield_plugin_host::{HostConfig, World};
use serde_json::json;

use super::BenchArgs;
use crate::cli::args::Global;
use crate::cli::commands::{read_component, settings};
use crate::cli::error::CliError;
use crate::cli::hooks;
use crate::cli::output::{print, print_json};

/// Measures and prints.
pub fn run(global: &Global, args: &BenchArgs) -> Result<(), CliError> {
    let wasm = read_component(&args.file)?;
    let world = hooks::world_of(&wasm)?;
    let folder = std::env::temp_dir().join(format!("jackfield-bench-{}", std::process::id()));
    let config = HostConfig {
        cache_dir: folder.clone(),
        flow_instances_max: 4,
        router_instances_max: 4,
        ..hooks::tool_config()
    };
    let plan = BenchPlan { seed: args.seed, ..BenchPlan::new(args.calls, args.candidates) };
    let plan = plan.with_settings(&settings(world, &args.set)?);
    let measured = bench(&config, &wasm, world, &plan);
    // Only the machine code of this measurement is in it.
    let _ = std::fs::remove_dir_all(&folder);
    let report = measured.map_err(|error| CliError::failed(error.to_string()))?;
    let micros = |span: std::time::Duration| span.as_nanos() as f64 / 1_000.0;
    if global.json {
        let both = |spans: Spans| json!({ "p50_micros": micros(spans.p50), "p99_micros": micros(spans.p99) });
        return print_json(&json!({
            "digest": report.digest,
            "world": report.world.name(),
            "bytes": report.bytes,
            "compile_ms": report.compile_ms,
            "calls": args.calls,
            "warm": report.warm.map(both),
            "fresh": both(report.fresh),
            "fuel": report.fuel,
            "fuel_max": report.fuel_max,
            "refused": report.refused,
            "memory_bytes": report.memory_bytes,
        }));
    }
    let line = |spans: Spans| {
        format!("median {:.1} µs, 99th percentile {:.1} µs", micros(spans.p50), micros(spans.p99))
    };
    let (warm, fuel) = match (report.warm, report.world) {
        (Some(spans), _) => (line(spans), format!("{} a call", report.fuel)),
        (None, World::Flow) => {
            let why = "-  a flow has an instance for each contact".to_owned();
            (why, format!("{} a call", report.fuel))
        }
        (None, _) => (
            "-  each call has an instance of its own".to_owned(),
            format!(
                "{} the median call, {} the greatest; {} refused",
                report.fuel, report.fuel_max, report.refused
            ),
        ),
    };
    print(&format!(
        "world       {}\nsize        {} KiB\ncompiled    in {} ms\nwarm call   {warm}\n\
         fresh call  {}\nfuel        {fuel}\nmemory      {} KiB an instance",
        report.world.name(),
        report.bytes / 1_024,
        report.compile_ms,
        line(report.fresh),
        report.memory_bytes / 1_024,
    ));
    Ok(())
}
