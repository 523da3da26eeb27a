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

#[path = "../e2e/audio.rs"]
mod audio;
#[path = "../e2e/harness.rs"]
mod harness;
#[path = "../e2e/queue.rs"]
mod queue;
#[path = "../e2e/sipp.rs"]
mod sipp;
#[path = "../e2e/swap.rs"]
mod swap;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use harness::{Server, root};
use serde_json::{Value, json};

/// Calls a second.
const RATE: u32 = 20;
/// Seconds of calls before the first swap.
const BEFORE: u64 = 30;

fn main() {
    let wanted = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let swaps: usize = wanted.unwrap_or(10_000);
    let port = harness::free_port();
    let server = Server::start("swap-bench", &swap::config(port), &[("main.rhai", &swap::flow(0))]);
    let _agents = swap::start_agents(&server, port);
    for number in 0..swap::AGENTS {
        server.ok(&["agent", "state", "acme", &format!("a{number}"), "ready"]);
    }
    let token = std::fs::read_to_string(server.dir.join("store/admin.token")).unwrap();
    let versions = versions(&server);
    let change = |n: usize| {
        let (name, world, digests) = &versions[n % 2];
        let began = Instant::now();
        activate(server.http, token.trim(), name, world, &digests[n / 2 % 2]);
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
    let file = journal(&server, "whole.jsonl");
    let report = Report::of(&file, from, until);
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
    let body = json!({ "digest": digest }).to_string();
    let path = format!("/api/v1/tenants/acme/plugins/{name}/activate?world={world}");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn micros() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// Ends the load as an operator would: no new calls, those there are go on to their end.
fn stop(load: &mut harness::Peer) {
    // SAFETY: kill(2) takes no pointer; the child is ours and not yet waited for.
    #[allow(unsafe_code)]
    unsafe {
        libc::kill(load.0.id().cast_signed(), libc::SIGUSR1);
    }
    let _ = load.0.wait();
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

fn journal(server: &Server, name: &str) -> std::path::PathBuf {
    let file = server.dir.join(name);
    std::fs::write(&file, server.ok(&["journal", "export", "acme"])).unwrap();
    file
}

/// What a journal says.
#[derive(Default)]
struct Report {
    arrived: usize,
    served: usize,
    double: usize,
    /// Questions to the router, in microseconds: before the swaps, and during them.
    pauses: [Vec<u64>; 2],
    failed: usize,
}

impl Report {
    fn of(file: &std::path::Path, from: u64, until: u64) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let mut report = Self::default();
        let mut asked: BTreeMap<u64, u64> = BTreeMap::new();
        let mut busy: BTreeMap<String, String> = BTreeMap::new();
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let at = record["at"].as_u64().unwrap();
            let input = &record["input"];
            match input["input"].as_str().unwrap() {
                "interaction_arrived" => report.arrived += 1,
                what @ ("router_replied" | "router_failed") => {
                    report.failed += usize::from(what == "router_failed");
                    let since = input["ask"].as_u64().and_then(|ask| asked.remove(&ask));
                    let swapping = (from..until).contains(&at);
                    if let Some(since) = since
                        && (swapping || at < from)
                    {
                        report.pauses[usize::from(swapping)].push(at - since);
                    }
                }
                _ => {}
            }
            for output in record["outputs"].as_array().unwrap() {
                let name = |key: &str| output[key].to_string();
                match output["output"].as_str().unwrap() {
                    "ask_router" => drop(asked.insert(output["ask"].as_u64().unwrap(), at)),
                    "connect" => {
                        report.served += 1;
                        let other = busy.insert(name("agent"), name("interaction"));
                        report.double += usize::from(other.is_some());
                    }
                    "disconnect" => drop(busy.remove(&name("agent"))),
                    _ => {}
                }
            }
        }
        report
    }

    fn print(&self) {
        println!(
            "{} calls arrived, {} were connected, {} agents had two calls, {} questions had no answer and were decided by the built-in rule",
            self.arrived, self.served, self.double, self.failed
        );
        for (when, pauses) in ["before the swaps", "during the swaps"].iter().zip(&self.pauses) {
            let mut sorted = pauses.clone();
            sorted.sort_unstable();
            let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
            println!(
                "{when}: {} questions to the router, {} µs in the middle, {} µs at the 99th percentile, {} µs the longest",
                sorted.len(),
                at(0.5),
                at(0.99),
                at(1.0),
            );
        }
        assert_eq!(self.double, 0, "somebody had two calls");
        assert_eq!(self.arrived, self.served, "calls were lost");
    }
}
