//! What a tenant's journal says of a benchmark: nothing lost, nobody with two calls, how long questions took.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::harness::{Peer, Server};

/// Microseconds since the Unix epoch.
pub fn micros() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// Ends the load as an operator would: no new calls, those there are go on to their end.
pub fn stop(load: &mut Peer) {
    // SAFETY: kill(2) takes no pointer; the child is ours and not yet waited for.
    #[allow(unsafe_code)]
    unsafe {
        libc::kill(load.0.id().cast_signed(), libc::SIGUSR1);
    }
    let _ = load.0.wait();
}

/// The tenant's whole journal, in a file.
pub fn export(server: &Server, name: &str) -> PathBuf {
    let file = server.dir.join(name);
    std::fs::write(&file, server.ok(&["journal", "export", "acme"])).unwrap();
    file
}

/// What a journal says.
#[derive(Default)]
pub struct Report {
    arrived: usize,
    served: usize,
    double: usize,
    /// How long questions to the router took, in microseconds, by when they were asked.
    pauses: BTreeMap<&'static str, Vec<u64>>,
    failed: usize,
}

impl Report {
    /// Reads an exported journal; `phase` says to what a question belongs that was answered then.
    pub fn of(file: &Path, phase: impl Fn(u64) -> Option<&'static str>) -> Self {
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
                    if let (Some(since), Some(phase)) = (since, phase(at)) {
                        report.pauses.entry(phase).or_default().push(at - since);
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

    /// Prints it, and fails if calls were lost or doubled.
    pub fn print(&self) {
        println!(
            "{} calls arrived, {} were connected, {} agents had two calls, {} questions had no answer and were decided by the built-in rule",
            self.arrived, self.served, self.double, self.failed
        );
        for (when, pauses) in &self.pauses {
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
