//! Ten thousand swaps under load: `cargo run --release -p jackfield-tests --example swap_bench -- SWAPS`.
//!
//! SIPp calls, SIPp's agents answer and talk for 300 ms; first without swaps, then while router and flow are
//! swapped in turn as fast as the API takes it, then swaps without calls. What is printed comes from the journal
//! (nothing lost, nobody with two calls, how long a question to the router took), from the API (how long a swap
//! took) and from the kernel (resident memory).

#![allow(
    dead_code,
    unused_imports,
    reason = "shares the end-to-end tests' files, and uses a part of them"
)]

mod api;
#[path = "../e2e/audio.rs"]
mod audio;
#[path = "../e2e/harness.rs"]
mod harness;
mod journal;
#[path = "../e2e/queue.rs"]
mod queue;
#[path = "../e2e/sipp.rs"]
mod sipp;
#[path = "../e2e/swap.rs"]
mod swap;

use std::time::{Duration, Instant};

use harness::{Server, root};
use journal::{Report, micros, stop};
use serde_json::json;

/// Calls a second.
const RATE: u32 = 20;
/// Seconds of calls before the first swap.
const BEFORE: u64 = 30;

fn main() {
    let wanted = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let swaps: usize = wanted.unwrap_or(10_000);
    let port = harness::free_port();
    let server =
        Server::start_alone("swap-bench", &swap::config(port), &[("main.rhai", &swap::flow(0))]);
    let _agents = swap::start_agents(&server, port);
    for number in 0..swap::AGENTS {
        server.ok(&["agent", "state", "acme", &format!("a{number}"), "ready"]);
    }
    let token = api::token(&server);
    let versions = versions(&server);
    let change = |n: usize| {
        let (name, world, digests) = &versions[n % 2];
        let began = Instant::now();
        activate(server.http, &token, name, world, &digests[n / 2 % 2]);
        began.elapsed()
    };
    // Warm: each version has served once.
    for n in 0..8 {
        change(n);
    }

    // More calls than there will be time for: what counts is what had begun.
    let caller = sipp::Caller::new().call().expect_bye(30_000);
    let mut load = caller.start_many(&server, "100", 1_000_000, RATE);
    println!("| swaps | resident memory, MiB | calls so far |\n| ---: | ---: | ---: |");
    memory(&server, 0);
    std::thread::sleep(Duration::from_secs(BEFORE));
    let (from, began) = (micros(), Instant::now());
    let mut took = Vec::with_capacity(swaps);
    for n in 0..swaps {
        if n % (swaps / 10).max(1) == 0 {
            memory(&server, n);
        }
        took.push(change(n));
        // SIPp gives up after three minutes.
        if n % 100 == 0 && load.0.try_wait().unwrap().is_some() {
            load = caller.start_many(&server, "100", 1_000_000, RATE);
        }
    }
    let (until, lasted) = (micros(), began.elapsed());
    memory(&server, swaps);
    stop(&mut load);
    server.until("the last call's end", Duration::from_secs(60), || {
        (server.metric("jackfield_interactions_open", "acme") == 0.0).then_some(())
    });
    let file = journal::export(&server, "whole.jsonl");
    let report = Report::of(&file, |at| match at {
        _ if at < from => Some("before the swaps"),
        _ if at < until => Some("during the swaps"),
        _ => None,
    });
    report.print();
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{swaps} swaps in {:.1} s; one, durable: {:.2} ms in the middle, {:.2} ms at the 99th percentile",
        lasted.as_secs_f64(),
        at(0.5),
        at(0.99),
    );
    let proof = server.cli(&["verify", file.to_str().unwrap()]);
    println!(
        "verify: {}",
        String::from_utf8_lossy(&proof.stdout).lines().last().unwrap_or_default()
    );
    assert!(proof.status.success(), "{}", String::from_utf8_lossy(&proof.stderr));

    // And without calls: whatever memory grows by now, swaps have taken.
    let quiet = resident(&server);
    for n in 0..swaps {
        change(n);
    }
    println!(
        "{swaps} swaps without calls: {quiet:.1} MiB before, {:.1} MiB after",
        resident(&server)
    );
}

/// Name, world and two digests of what is swapped.
fn versions(server: &Server) -> [(&'static str, &'static str, [String; 2]); 2] {
    let flows = [0, 1].map(|version| {
        let file = server.dir.join(format!("flow-{version}.rhai"));
        std::fs::write(&file, swap::flow(version)).unwrap();
        let published = server.json(&["flow", "publish", "acme", "main", file.to_str().unwrap()]);
        published["digest"].as_str().unwrap().to_owned()
    });
    let routers = ["router-longest-idle", "router-skills"].map(|name| {
        let file = root().join(format!("target/plugins/{name}.wasm"));
        let file = file.to_str().unwrap().to_owned();
        let installed = server.json(&["plugin", "install", "acme", "longest-idle", &file]);
        installed["digest"].as_str().unwrap().to_owned()
    });
    [("longest-idle", "router", routers), ("main", "flow", flows)]
}

fn activate(port: u16, token: &str, name: &str, world: &str, digest: &str) {
    let path = format!("plugins/{name}/activate?world={world}");
    api::post(port, token, &path, &json!({ "digest": digest }));
}

fn memory(server: &Server, swaps: usize) {
    let calls = server.metric("jackfield_queue_offered_total", "acme");
    println!("| {swaps} | {:.1} | {calls} |", resident(server));
}

fn resident(server: &Server) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
