//! What attacks cost the others: `cargo run --release -p jackfield-plugin-host --example hostile_bench
//! -- [SECONDS] [SEED]`, after `make plugins` and with the binary `plugin-worker` beside it.
//!
//! A peaceful tenant routes calls through the engine and a Wasm router, a contact every two milliseconds,
//! on a runtime of as many threads as the machine has processors. A hostile tenant has a router for each
//! attack and asks each of them again as soon as it has answered, failed or been refused. Seconds with the attacks and
//! seconds without follow each other, so that whatever else the machine does meets both alike. Times of
//! the quarantine are a sixtieth of the defaults: a minute of attacks sees the trials of an hour.
//!
//! Printed are the percentiles of a routing, from the contact's joining the queue to the offer, and what
//! became of the attacks. `--no-quarantine` lets attacks go on for ever, `--inline=no` runs all guests on
//! the threads of plugins.

#[path = "../tests/host/support.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod support;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jackfield_core::{
    AgentConfig, AgentId, Candidate, Center, CenterConfig, Channel, EndCause, Input, InteractionId,
    Output, Party, PluginFailure, Proficiency, QueueConfig, QueueId, QueueOptions, QueueView,
    RouterChoice, RoutingAsk, WaitingView,
};
use jackfield_plugin_host::*;
use support::{Books, guest};

/// Agents of the peaceful tenant's queue.
const AGENTS: usize = 20;
/// Between two contacts of it.
const EVERY: Duration = Duration::from_millis(2);
/// One stretch with or without the attacks.
const STRETCH: Duration = Duration::from_secs(1);
/// By how much the times of the quarantine are shortened.
const SCALE: u32 = 60;

const ATTACKS: &[&str] = &[
    "endless-loop",
    "deep-recursion",
    "memory-growth",
    "giant-string",
    "giant-strings",
    "giant-list",
    "long-list",
    "log-flood",
    "host-call-flood",
    "metric-flood",
    "state-flood",
    "trap",
    "nonsense",
    "no-number",
    "slow-answer",
    "slow-host",
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let seconds = numbers.first().copied().unwrap_or(20);
    let quarantine = !args.iter().any(|arg| arg == "--no-quarantine");
    let inline = !args.iter().any(|arg| arg == "--inline=no");
    let rules = QuarantineRules::default();
    let rules = QuarantineRules {
        failures: if quarantine { rules.failures } else { 0 },
        window: rules.window / SCALE,
        back_off: rules.back_off / SCALE,
        back_off_max: rules.back_off_max / SCALE,
        ..rules
    };
    let host = PluginHost::new(HostConfig {
        router_deadline: Duration::from_millis(20),
        memory_bytes_max: 16 << 20,
        run_inline: inline,
        tenant: TenantLimits { quarantine: rules, ..TenantLimits::default() },
        ..support::config()
    });
    let host = host.expect("a host");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build();
    runtime.expect("a runtime").block_on(run(host, seconds));
}

async fn run(host: PluginHost, seconds: u64) {
    let attacking = Arc::new(AtomicBool::new(false));
    let stop = Arc::new(AtomicBool::new(false));
    let ends: Arc<Mutex<BTreeMap<String, u64>>> = Arc::default();
    let asked = Arc::new(AtomicU64::new(0));
    let wasm = guest("router-hostile");
    let installed = host.install(&wasm, World::Router, &Grants::all()).expect("installed");
    for attack in ATTACKS {
        let account = host.account("hostile").plugin(attack);
        let router = host.router(&installed.digest).expect("installed").billed_to(&account);
        let (attacking, stop) = (Arc::clone(&attacking), Arc::clone(&stop));
        let (ends, asked) = (Arc::clone(&ends), Arc::clone(&asked));
        tokio::spawn(async move {
            let services: Arc<dyn Services> = Arc::new(Books::default());
            let ask = attack_ask(attack);
            while !stop.load(Ordering::Relaxed) {
                if !attacking.load(Ordering::Relaxed) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    continue;
                }
                asked.fetch_add(1, Ordering::Relaxed);
                let end = match router.choose(&ask, Arc::clone(&services)).await {
                    Ok(_) => "answered",
                    Err(failure) => failure.label(),
                };
                *ends.lock().expect("no panic").entry(end.to_owned()).or_default() += 1;
                if end == "suspended" {
                    // As many contacts a second as come, not as many as a loop can count.
                    tokio::time::sleep(Duration::from_millis(2)).await;
                } else {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    let mut peaceful = Peaceful::new(&host);
    let (mut without, mut with) = (Vec::new(), Vec::new());
    // The first two warm up.
    for stretch in 0..2 * seconds + 2 {
        let on = stretch % 2 == 1;
        attacking.store(on, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let times = peaceful.serve(STRETCH).await;
        match (stretch < 2, on) {
            (true, _) => {}
            (false, true) => with.extend(times),
            (false, false) => without.extend(times),
        }
    }
    stop.store(true, Ordering::Relaxed);
    let account = host.account("hostile");
    println!(
        "{} contacts without attacks, {} with; every one was offered, {} by the built-in rule",
        without.len(),
        with.len(),
        peaceful.fallbacks,
    );
    let (before, during) = (percentiles(&mut without), percentiles(&mut with));
    println!("routing, us (p50, p90, p99, p99.9): without {before:.1?}, with {during:.1?}");
    println!("p99 moves by {:+.1} %", (during[2] / before[2] - 1.0) * 100.0);
    println!(
        "attacks: {} asked, ends {:?}; processor time {:?}, share used {:.2}",
        asked.load(Ordering::Relaxed),
        ends.lock().expect("no panic"),
        account.cpu(),
        account.cpu_share_used(),
    );
    for plugin in account.plugins() {
        let met = Limit::ALL.into_iter().filter(|limit| 0 < plugin.hits(*limit));
        let met: Vec<_> =
            met.map(|limit| format!("{} {}", limit.name(), plugin.hits(limit))).collect();
        let standings = plugin.standings();
        let standing = standings.first().map_or("unasked", |(_, standing, _)| standing.name());
        println!(
            "  {:16} {standing:12} {:7} calls; met {}",
            plugin.name(),
            plugin.calls(),
            met.join(", ")
        );
    }
}

fn percentiles(times: &mut [Duration]) -> [f64; 4] {
    times.sort_unstable();
    let at = |share: usize| match times.len() {
        0 => f64::NAN,
        count => times[(count - 1) * share / 1_000].as_secs_f64() * 1e6,
    };
    [at(500), at(900), at(990), at(999)]
}

/// The peaceful tenant: its engine, its router, a contact after the other.
struct Peaceful {
    center: Center,
    router: RouterPlugin,
    services: Arc<dyn Services>,
    started: Instant,
    last: u64,
    talks: VecDeque<InteractionId>,
    fallbacks: u64,
}

impl Peaceful {
    fn new(host: &PluginHost) -> Self {
        let wasm = guest("router-longest-idle");
        let installed = host.install(&wasm, World::Router, &Grants::all()).expect("installed");
        let account = host.account("peaceful").plugin("router");
        let router = host.router(&installed.digest).expect("installed").billed_to(&account);
        let queue = QueueId::new("sales").expect("a name");
        let choice = RouterChoice::Plugin("router".to_owned());
        let mut config = CenterConfig::default();
        config.limits.interactions = u32::MAX;
        let of_queue =
            QueueConfig { router: choice, wrap_up: Duration::ZERO, ..QueueConfig::default() };
        config.queues.insert(queue.clone(), of_queue);
        let names: Vec<AgentId> =
            (0..AGENTS).map(|n| AgentId::new(&format!("agent-{n}")).expect("a name")).collect();
        for agent in &names {
            let mut of_agent = AgentConfig::default();
            of_agent.queues.insert(queue.clone(), Proficiency::new(5).expect("a level"));
            config.agents.insert(agent.clone(), of_agent);
        }
        let mut peaceful = Self {
            center: Center::new(),
            router,
            services: Arc::new(Books::default()),
            started: Instant::now(),
            last: 0,
            talks: VecDeque::new(),
            fallbacks: 0,
        };
        peaceful.feed(Input::Configured { config: Arc::new(config) });
        for agent in names {
            peaceful.feed(Input::AgentReady { agent });
        }
        peaceful
    }

    fn feed(&mut self, input: Input) -> Vec<Output> {
        let micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let now = jackfield_core::Instant::from_micros(1_000_000 + micros);
        while self.center.next_deadline().is_some_and(|due| due <= now) {
            self.center.handle_timeout(now);
        }
        self.center.handle_input(now, input);
        std::iter::from_fn(|| self.center.poll_output()).collect()
    }

    async fn serve(&mut self, span: Duration) -> Vec<Duration> {
        let mut times = Vec::new();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let until = Instant::now() + span;
        while Instant::now() < until {
            ticks.tick().await;
            times.push(self.contact().await);
        }
        times
    }

    /// One contact: how long from its joining the queue to the offer.
    async fn contact(&mut self) -> Duration {
        self.last += 1;
        let interaction = InteractionId(self.last);
        let (channel, dnis) = (Channel::Voice, String::new());
        self.feed(Input::InteractionArrived { interaction, channel, ani: None, dnis });
        let queue = QueueId::new("sales").expect("a name");
        let options = QueueOptions::default();
        let joined = Instant::now();
        let mut outputs: VecDeque<Output> =
            self.feed(Input::InteractionEnqueued { interaction, queue, options }).into();
        let mut offered = None;
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::AskRouter { ask, request, .. } => {
                    let plugin = String::from("router");
                    let reply = self.router.choose(&request, Arc::clone(&self.services)).await;
                    outputs.extend(match reply {
                        Ok(answer) => self.feed(Input::RouterReplied { ask, answer, plugin }),
                        Err(failure) => {
                            assert_ne!(failure, PluginFailure::NotLoaded);
                            self.fallbacks += 1;
                            self.feed(Input::RouterFailed { ask, failure, plugin })
                        }
                    });
                }
                Output::Offer { offer, .. } => {
                    offered.get_or_insert_with(|| joined.elapsed());
                    outputs.extend(self.feed(Input::OfferAccepted { offer }));
                }
                _ => {}
            }
        }
        self.talks.push_back(interaction);
        if AGENTS / 2 < self.talks.len()
            && let Some(interaction) = self.talks.pop_front()
        {
            self.feed(Input::ConversationEnded { interaction, by: Party::Customer });
            self.feed(Input::InteractionEnded { interaction, cause: EndCause::Completed });
        }
        offered.expect("an agent is free: a contact without an offer is one that was lost")
    }
}

/// A question with its attack.
fn attack_ask(attack: &str) -> RoutingAsk {
    let queue = QueueId::new("sales").expect("a name");
    let candidate = |n: u32| Candidate {
        agent: AgentId::new(&format!("agent-{n}")).expect("a name"),
        level: 5,
        skills: Vec::new(),
        idle_ms: n,
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
            attributes: vec![("attack".to_owned(), attack.to_owned())],
            step: 0,
            history: Vec::new(),
        },
        candidates: (0..5).map(candidate).collect(),
        queue: QueueView::quiet(queue),
        others: Vec::new(),
        now_seconds: 1.0,
        seed: 1,
    }
}
