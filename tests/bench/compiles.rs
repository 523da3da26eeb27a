//! Routing while components are compiled: `cargo run --release -p jackfield-tests --example compiles_bench`.
//!
//! SIPp calls, SIPp's agents answer and talk for 300 ms. Scripts are published, each an interpreter's
//! whole machine code made anew, with as long a time without between them; what is printed is how long
//! questions to the router took, from the journal.

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

use std::time::Duration;

use harness::Server;
use journal::{Report, micros, stop};
use serde_json::json;

/// Calls a second.
const RATE: u32 = 40;
/// Scripts that are published.
const SCRIPTS: u32 = 20;

fn main() {
    let port = harness::free_port();
    let config = format!("[plugins]\ncompile_reuse = \"0B\"\n{}", swap::config(port));
    let server = Server::start_alone("compiles-bench", &config, &[("main.rhai", &swap::flow(0))]);
    let _agents = swap::start_agents(&server, port);
    for number in 0..swap::AGENTS {
        server.ok(&["agent", "state", "acme", &format!("a{number}"), "ready"]);
    }
    let caller = sipp::Caller::new().call().expect_bye(30_000);
    let mut load = caller.start_many(&server, "100", 1_000_000, RATE);
    std::thread::sleep(Duration::from_secs(5));
    let (token, unique) = (api::token(&server), std::process::id());
    let mut spans = Vec::new();
    for number in 0..SCRIPTS {
        let script = json!({ "script": swap::flow(unique * 100 + number) });
        let from = micros();
        api::post(server.http, &token, "flows/main/publish", &script);
        let until = micros();
        std::thread::sleep(Duration::from_micros(until - from));
        spans.push((from, until, micros()));
    }
    stop(&mut load);
    server.until("the last call's end", Duration::from_secs(60), || {
        (server.metric("jackfield_interactions_open", "acme") == 0.0).then_some(())
    });
    let compiling: u64 = spans.iter().map(|(from, until, _)| until - from).sum();
    println!("{SCRIPTS} scripts published in {:.1} s", compiling as f64 / 1e6);
    let report = Report::of(&journal::export(&server, "whole.jsonl"), |at| {
        let span = spans.iter().find(|(from, _, end)| (*from..*end).contains(&at));
        span.map(|(_, until, _)| if at < *until { "during compilations" } else { "without" })
    });
    report.print();
}
