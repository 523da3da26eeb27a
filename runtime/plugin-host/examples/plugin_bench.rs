//! What plugins cost: `cargo run --release -p jackfield-plugin-host --example plugin_bench`, after
//! `make plugins` and with the binary `plugin-worker` of the same profile beside it.

#[path = "../tests/host/support.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_core::{
    AgentId, Candidate, Channel, InteractionId, Proficiency, QueueId, QueueView, RoutingAsk,
    SkillLevel, WaitingView,
};
use jackfield_plugin_host::{
    FlowPlugin, Grants, MeteredConfig, MeteredHost, PluginHost, ReplayServices, Services, World,
};
use support::{Books, Scripted, guest};

const SCRIPT: &str = r#"
let n = 0;
play("welcome");
for i in 0..3 { let d = digits(1, "Which?"); if d == "2" { n += 1; play("sales"); } else { play("other"); } }
"#;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
    let host = PluginHost::new(jackfield_plugin_host::HostConfig {
        flow_instances_max: 5_000,
        ..support::config()
    });
    let (runtime, host) = (runtime.unwrap(), host.unwrap());
    runtime.block_on(async {
        for name in ["router-longest-idle", "router-skills"] {
            routers(&host, name).await;
        }
        flows(&host).await;
    });
    for name in ["router-longest-idle", "router-skills"] {
        metered(name);
    }
}

/// What a simulated day costs: answers by fuel, on one thread, and the fuel they take.
fn metered(name: &str) {
    let host = MeteredHost::new(MeteredConfig::new(support::config())).unwrap();
    let services = Arc::new(ReplayServices::new(1));
    let mut router = host.router(&guest(name), &Grants::default(), services).unwrap();
    for candidates in [1, 5, 50, 64] {
        let ask = question(candidates);
        let mut spans = Vec::new();
        for _ in 0..20_000 {
            let started = Instant::now();
            router.choose(&ask).unwrap();
            spans.push(started.elapsed());
        }
        let fuel = router.fuel_last();
        percentiles(&format!("{name} metered, {candidates} candidates, {fuel} of fuel"), spans);
    }
}

fn percentiles(what: &str, mut spans: Vec<Duration>) {
    spans.sort();
    let at = |share: usize| spans[spans.len() * share / 1_000];
    println!("{what}: p50 {:?}, p99 {:?}", at(500), at(990));
}

async fn routers(host: &PluginHost, name: &str) {
    let installed = host.install(&guest(name), World::Router, &Grants::default()).unwrap();
    let router = host.router(&installed.digest).unwrap();
    let services: Arc<dyn Services> = Arc::new(Books::default());
    for candidates in [1, 5, 50] {
        let ask = question(candidates);
        let mut spans = Vec::new();
        for _ in 0..20_000 {
            let started = Instant::now();
            router.choose(&ask, Arc::clone(&services)).await.unwrap();
            spans.push(started.elapsed());
        }
        percentiles(&format!("{name}, {candidates} candidates"), spans);
    }
}

fn question(candidates: u32) -> RoutingAsk {
    let skill =
        |level| SkillLevel { name: "billing".to_owned(), level: Proficiency::new(level).unwrap() };
    let candidate = |n: u32| Candidate {
        agent: AgentId::new(&format!("agent-{n}")).unwrap(),
        level: 5,
        skills: vec![skill(6)],
        idle_ms: n * 37 % 1_000,
        contacts: n,
        talk_seconds: 60,
        load: 0,
        ranks: Default::default(),
        attributes: Vec::new(),
    };
    RoutingAsk {
        contact: WaitingView {
            id: InteractionId(7),
            channel: Channel::Voice,
            queue: QueueId::new("sales").unwrap(),
            waited_ms: 1_000,
            priority: 0,
            required: Vec::new(),
            preferred: vec![skill(5)],
            attributes: Vec::new(),
            step: 0,
            history: Vec::new(),
        },
        candidates: (0..candidates).map(candidate).collect(),
        queue: QueueView::quiet(QueueId::new("sales").unwrap()),
        others: Vec::new(),
        now_seconds: 1.0,
        seed: 1,
    }
}

async fn flows(host: &PluginHost) {
    let started = Instant::now();
    let component = host.publish_script(&guest("flow-rhai"), SCRIPT).unwrap();
    let first = started.elapsed();
    let started = Instant::now();
    host.publish_script(&guest("flow-rhai"), &format!("{SCRIPT} // again")).unwrap();
    let again = started.elapsed();
    let installed = host.install(&component, World::Flow, &Grants::all()).unwrap();
    println!(
        "publish {first:?}, again {again:?}; {} KiB, compiled in {} ms",
        component.len() / 1_024,
        installed.compile_ms
    );
    let flow = host.flow(&installed.digest).unwrap();
    let mut spans = Vec::new();
    for _ in 0..3_000 {
        let session = Box::new(Scripted::new(&["1", "2", "1"]));
        let services: Arc<dyn Services> = Arc::new(Books::default());
        let started = Instant::now();
        flow.run(session, services).await.result.unwrap();
        spans.push(started.elapsed());
    }
    percentiles("a whole flow, instance included", spans);
    for sessions in [1_000, 5_000] {
        suspended(&flow, sessions).await;
    }
}

async fn suspended(flow: &FlowPlugin, sessions: u64) {
    let (before, started) = (Memory::now(), Instant::now());
    let mut running = Vec::new();
    for _ in 0..sessions {
        let flow = flow.clone();
        running.push(tokio::spawn(async move {
            let mut session = Scripted::new(&["1", "2", "1"]);
            session.verb_time = Duration::from_secs(4);
            let services: Arc<dyn Services> = Arc::new(Books::default());
            flow.run(Box::new(session), services).await.result.unwrap();
        }));
    }
    // By then every flow is in its second verb or later.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let now = Memory::now();
    let each = |of: fn(&Memory) -> u64| of(&now).saturating_sub(of(&before)) / sessions;
    let (resident, shared) = (each(|memory| memory.resident), each(|memory| memory.shared));
    let tables = each(|memory| memory.tables);
    for one in running {
        one.await.unwrap();
    }
    println!(
        "{sessions} suspended at once, KiB each: {} of its own and {tables} of page tables; \
         {shared} of the shared image are mapped, so `ps` counts {resident}; all done in {:?}",
        resident.saturating_sub(shared),
        started.elapsed()
    );
}

/// What the kernel counts for this process, in KiB.
struct Memory {
    /// Every page that is mapped: one that many instances share is counted for each of them.
    resident: u64,
    /// Of these, pages of the initial memories, which exist once.
    shared: u64,
    tables: u64,
}

impl Memory {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        Self { resident: of("VmRSS"), shared: of("RssShmem"), tables: of("VmPTE") }
    }
}
