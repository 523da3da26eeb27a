//! What the host costs: `cargo run --release -p jackfield-plugin-host --example host_bench -- [PART...]`,
//! after `make plugins` and with the binary `plugin-worker` of the same profile beside it. Parts are
//! `warm`, `fresh`, `start`, `compiles` and `tenants`; without any, all of them.

#[path = "../tests/host/support.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_core::{
    AgentId, Candidate, Channel, InteractionId, QueueId, QueueView, RoutingAsk, WaitingView,
};
use jackfield_plugin_host::*;
use support::{Books, guest};

/// Routers that come with Jackfield: the cached plugins of a tenant.
const BUNDLED: &[&str] = &[
    "router-agent-queue-priority",
    "router-bullseye",
    "router-cost-and-branch",
    "router-fewest-contacts",
    "router-least-talk-time",
    "router-linear",
    "router-longest-idle",
    "router-random",
    "router-ring-all",
    "router-ring-progressive",
    "router-round-robin",
    "router-score-table",
    "router-service-level",
    "router-skills",
    "router-sticky",
    "router-top-down",
    "router-weighted-random",
];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        let parts: Vec<String> = std::env::args().skip(1).collect();
        let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
        if wanted("warm") {
            answers(0).await;
        }
        if wanted("fresh") {
            answers(1).await;
        }
        if wanted("start") {
            start().await;
        }
        if wanted("compiles") {
            compiles().await;
        }
        if wanted("tenants") {
            tenants().await;
        }
    });
}

fn host(change: impl FnOnce(&mut HostConfig)) -> PluginHost {
    let mut config = HostConfig { flow_instances_max: 6_000, ..support::config() };
    config.router_instances_max = 256;
    config.memory_bytes_max = 16 << 20;
    change(&mut config);
    PluginHost::new(config).expect("a host")
}

fn percentiles(what: &str, mut spans: Vec<Duration>) -> Duration {
    spans.sort_unstable();
    let at = |share: usize| spans[(spans.len() - 1) * share / 1_000];
    println!("{what}: p50 {:?}, p99 {:?}, p99.9 {:?}", at(500), at(990), at(999));
    at(990)
}

/// Tenants that ask in turn: one alone would overdraw the tenth of a processor that guests of a tenant
/// have where they are asked, and the rest of its answers would come from the threads of plugins.
const ASKING: usize = 25;

/// An answer by a warm instance, or with `fresh` by a new one each.
async fn answers(fresh: u32) {
    let host = host(|config| {
        if fresh == 1 {
            config.router_calls_per_instance = 1;
        }
    });
    for name in ["router-longest-idle", "router-skills"] {
        let installed = host.install(&guest(name), World::Router, &Grants::default());
        let digest = installed.expect("installed").digest;
        let of_tenant = |number: usize| {
            let account = host.account(&format!("bench-{number}")).plugin(name);
            host.router(&digest).expect("installed").billed_to(&account)
        };
        let routers: Vec<RouterPlugin> = (0..ASKING).map(of_tenant).collect();
        let services: Arc<dyn Services> = Arc::new(Books::default());
        for candidates in [1, 5] {
            let ask = question(candidates);
            let mut spans = Vec::new();
            for turn in 0..22_000 {
                let router = &routers[turn % ASKING];
                let started = Instant::now();
                router.choose(&ask, Arc::clone(&services)).await.expect("an answer");
                if 2_000 <= turn {
                    spans.push(started.elapsed());
                }
            }
            let kind = if fresh == 1 { "a fresh instance" } else { "a warm instance" };
            percentiles(&format!("{name}, {kind}, {candidates} candidates"), spans);
        }
    }
}

/// A component like `wasm` with another digest: a custom section more.
fn another(wasm: &[u8], number: usize) -> Vec<u8> {
    let name = format!("n{number:08}");
    let mut bytes = wasm.to_vec();
    bytes.extend([0, name.len() as u8 + 1, name.len() as u8]);
    bytes.extend(name.as_bytes());
    bytes
}

/// The start of a tenant with twenty plugins whose machine code is kept.
async fn start() {
    let mut wasm: Vec<Vec<u8>> = BUNDLED.iter().map(|name| guest(name)).collect();
    let more: Vec<Vec<u8>> =
        (wasm.len()..20).map(|number| another(&wasm[number % 3], number)).collect();
    wasm.extend(more);
    let first = host(|_| {});
    for one in &wasm {
        first.install(one, World::Router, &Grants::all()).expect("installed");
    }
    drop(first);
    let mut spans = Vec::new();
    let whole = Instant::now();
    let again = host(|_| {});
    let made = whole.elapsed();
    for round in 0..10 {
        let host = if round == 0 { again.clone() } else { host(|_| {}) };
        let account = host.account("acme");
        let started = Instant::now();
        for (number, one) in wasm.iter().enumerate() {
            let installed = host.install(one, World::Router, &Grants::all()).expect("installed");
            assert!(installed.cached);
            let account = account.plugin(&format!("router-{number}"));
            let router = host.router(&installed.digest).expect("installed").billed_to(&account);
            let services: Arc<dyn Services> = Arc::new(Books::default());
            router.choose(&question(5), services).await.expect("an answer");
        }
        spans.push(started.elapsed());
    }
    spans.sort_unstable();
    println!(
        "a tenant with 20 cached plugins, each asked once: {:?} to {:?}, median {:?}; the host itself {made:?}",
        spans[0], spans[9], spans[5]
    );
}

/// Routing while components are compiled, second by second with and without.
async fn compiles() {
    // As a server does.
    let half = std::thread::available_parallelism().map_or(1, |all| all.get() / 2).max(1);
    let host = host(|config| config.compile_threads = half);
    let installed = host.install(&guest("router-longest-idle"), World::Router, &Grants::default());
    let digest = installed.expect("installed").digest;
    let account = host.account("bench").plugin("router");
    let router = host.router(&digest).expect("installed").billed_to(&account);
    let services: Arc<dyn Services> = Arc::new(Books::default());
    let base = guest("router-rhai");
    let unique = std::process::id() as usize * 1_000;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for number in 0..10 {
        let compiled = tokio::task::spawn_blocking({
            let (host, wasm) = (host.clone(), another(&base, unique + number));
            move || {
                host.install(&wasm, World::RouterInterpreter, &Grants::all()).expect("installed")
            }
        });
        let started = Instant::now();
        while !compiled.is_finished() {
            with.push(timed(&router, &services).await);
        }
        let took = started.elapsed();
        compiled.await.expect("no panic");
        let until = Instant::now() + took;
        while Instant::now() < until {
            without.push(timed(&router, &services).await);
        }
    }
    let before = percentiles("routing without compilations", without);
    let during = percentiles("routing during ten compilations of router-rhai", with);
    let change = during.as_secs_f64() / before.as_secs_f64() - 1.0;
    println!("p99 moves by {:+.1} %", change * 100.0);
}

async fn timed(router: &RouterPlugin, services: &Arc<dyn Services>) -> Duration {
    tokio::time::sleep(Duration::from_millis(1)).await;
    let ask = question(5);
    let started = Instant::now();
    router.choose(&ask, Arc::clone(services)).await.expect("an answer");
    started.elapsed()
}

/// A thousand tenants with five plugins each, every one asked.
async fn tenants() {
    let host = host(|_| {});
    let names = &BUNDLED[6..11];
    let mut digests = Vec::new();
    for name in names {
        let installed = host.install(&guest(name), World::Router, &Grants::all());
        digests.push(installed.expect("installed").digest);
    }
    let services: Arc<dyn Services> = Arc::new(Books::default());
    let (before, started) = (resident_kib(), Instant::now());
    let mut routers = Vec::new();
    for tenant in 0..1_000 {
        let account = host.account(&format!("tenant-{tenant}"));
        for (name, digest) in names.iter().zip(&digests) {
            let router = host.router(digest).expect("installed");
            let router = router.billed_to(&account.plugin(name));
            router.choose(&question(5), Arc::clone(&services)).await.expect("an answer");
            routers.push(router);
        }
    }
    println!(
        "1,000 tenants with 5 plugins each, all asked once: {:?}; {} MiB resident, of these {} MiB since the host stood",
        started.elapsed(),
        resident_kib() / 1_024,
        (resident_kib() - before) / 1_024
    );
    assert_eq!(routers.len(), 5_000);
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

fn question(candidates: u32) -> RoutingAsk {
    let queue = QueueId::new("sales").expect("a name");
    let candidate = |n: u32| Candidate {
        agent: AgentId::new(&format!("agent-{n}")).expect("a name"),
        level: 5,
        skills: Vec::new(),
        idle_ms: n * 37 % 1_000,
        contacts: n,
        talk_seconds: 60,
        load: 0,
        ranks: BTreeMap::new(),
        attributes: Vec::new(),
    };
    RoutingAsk {
        contact: WaitingView {
            id: InteractionId(7),
            channel: Channel::Voice,
            queue: queue.clone(),
            waited_ms: 1_000,
            priority: 0,
            required: Vec::new(),
            preferred: Vec::new(),
            attributes: Vec::new(),
            step: 0,
            history: Vec::new(),
        },
        candidates: (0..candidates).map(candidate).collect(),
        queue: QueueView::quiet(queue),
        others: Vec::new(),
        now_seconds: 1.0,
        seed: 1,
    }
}
