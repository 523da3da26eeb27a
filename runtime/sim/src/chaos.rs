//! Small centres made up from a seed, in which everything goes wrong at once.
//!
//! For finding faults, not for figures: few queues and agents, short times, absurd coincidences.

mod examined;
mod wide;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentConfig, AgentId, CenterConfig, CenterLimits, Channel, Instant, NotReadyReason,
    Proficiency, QueueConfig, QueueId, QueueOptions, RouterChoice, SkillLevel, Staffing,
};

use crate::chance::{Pcg, Seed};
use crate::plan::{Act, AgentPlan, ByClass, ContactPlan, Faults, Plan, Stream};
use crate::router::{Native, NativeEstimator};
use crate::span::Spans;
use crate::world::Cast;

const SKILLS: [&str; 3] = ["english", "russian", "billing"];
/// The moment at which made-up centres begin: 2026-01-01T00:00:00Z.
const START: Instant = Instant::from_micros(1_767_225_600_000_000);

impl Cast {
    /// All strategies and estimators in native code, by their names.
    pub fn native() -> Self {
        let mut cast = Self::default();
        for native in Native::ALL {
            cast.routers.insert(native.name().to_owned(), Box::new(native));
        }
        for native in NativeEstimator::ALL {
            cast.estimators.insert(native.name().to_owned(), Box::new(native));
        }
        cast
    }
}

impl Plan {
    /// Makes up a centre: the same one for the same seed. `length` is that of the safety phase.
    pub fn chaos(seed: u64, length: Duration) -> Self {
        Self::made_up(seed, length, true)
    }

    /// Makes up a centre that has calls and nothing else: for small counterexamples.
    pub fn chaos_of_calls(seed: u64, length: Duration) -> Self {
        Self::made_up(seed, length, false)
    }

    fn made_up(seed: u64, length: Duration, is_wide: bool) -> Self {
        let seed = Seed::new(seed).branch("chaos");
        let mut config = config(&mut seed.branch("config").pcg());
        if is_wide {
            wide::widen(&mut seed.branch("wide").pcg(), &mut config);
        }
        let config = Arc::new(config);
        let mut pcg = seed.branch("plan").pcg();
        let mut streams: Vec<Stream> = (0..3).map(|n| stream(&mut pcg, n, &config)).collect();
        let mut wide = seed.branch("wide-streams").pcg();
        streams.iter_mut().filter(|_| is_wide).for_each(|stream| wide::stream(&mut wide, stream));
        let agents = config.agents.keys().map(|id| (id.clone(), agent(&mut pcg))).collect();
        let contacts = contacts(seed, length, streams.len());
        let acts = acts(seed, length, &config, is_wide);
        let overtakes_max = 1_000;
        let mut faults = faults(&mut pcg);
        if is_wide {
            wide::faults(&mut wide, &mut faults);
        }
        Self {
            seed,
            start: START,
            length,
            config,
            contacts,
            acts,
            agents,
            streams,
            faults,
            overtakes_max,
        }
    }
}

fn id(name: String) -> QueueId {
    QueueId::new(&name).expect("a name of ours")
}

fn pick<T: Copy>(pcg: &mut Pcg, from: &[T]) -> T {
    from[pcg.below(from.len() as u64) as usize]
}

fn seconds(pcg: &mut Pcg, from: u64, to: u64) -> Duration {
    Duration::from_millis(1_000 * from + pcg.below(1_000 * (to - from) + 1))
}

fn skills(pcg: &mut Pcg, most: u64) -> Vec<SkillLevel> {
    let count = pcg.below(most + 1) as usize;
    let skill = |name: &&str| SkillLevel {
        name: (*name).to_owned(),
        level: Proficiency::new(1 + pcg.below(3) as u8).unwrap_or(Proficiency::MIN),
    };
    SKILLS[..count].iter().map(skill).collect()
}

fn queue(pcg: &mut Pcg, overflow: Option<QueueId>) -> QueueConfig {
    let router = match pcg.below(4) {
        0 | 1 => RouterChoice::BuiltIn,
        _ => RouterChoice::Plugin(pick(pcg, &Native::ALL).name().to_owned()),
    };
    let staffing = if pcg.happens(0.3) { Staffing::LoggedIn } else { Staffing::Nobody };
    QueueConfig {
        ring_time: seconds(pcg, 3, 20),
        max_wait: pcg.happens(0.4).then(|| seconds(pcg, 5, 60)),
        max_size: 1 + pcg.below(8) as u32,
        wrap_up: if pcg.happens(0.3) { Duration::ZERO } else { seconds(pcg, 1, 30) },
        overflow,
        join_needs: staffing,
        stay_needs: staffing,
        short_abandon: Duration::from_secs(5),
        router,
        not_ready_on_no_answer: pcg.happens(0.5),
        weight: 0,
        ..QueueConfig::default()
    }
}

fn config(pcg: &mut Pcg) -> CenterConfig {
    let names: Vec<QueueId> = (0..1 + pcg.below(3)).map(|n| id(format!("queue-{n}"))).collect();
    let mut queues = BTreeMap::new();
    for name in &names {
        let overflow =
            pcg.happens(0.4).then(|| names[pcg.below(names.len() as u64) as usize].clone());
        queues.insert(name.clone(), queue(pcg, overflow.filter(|to| to != name)));
    }
    let mut agents = BTreeMap::new();
    for number in 0..1 + pcg.below(5) {
        let mut config = AgentConfig { skills: skills(pcg, 3), ..AgentConfig::default() };
        for name in &names {
            if pcg.happens(0.7) {
                let level = Proficiency::new(1 + pcg.below(10) as u8).unwrap_or(Proficiency::MIN);
                config.queues.insert(name.clone(), level);
            }
        }
        agents.insert(AgentId::new(&format!("agent-{number}")).expect("a name of ours"), config);
    }
    let limits = CenterLimits { router_candidates: 1 + pcg.below(8) as u32, ..Default::default() };
    CenterConfig { queues, agents, limits, blends: BTreeMap::new() }
}

fn stream(pcg: &mut Pcg, number: usize, config: &CenterConfig) -> Stream {
    let names: Vec<&QueueId> = config.queues.keys().collect();
    let any = |spans| ByClass { otherwise: spans, classes: BTreeMap::new() };
    let options = QueueOptions {
        required: skills(pcg, 2),
        priority: pick(pcg, &[0, 0, 0, 5, -3]),
        max_wait: pcg.happens(0.2).then(|| seconds(pcg, 5, 60)),
        ..QueueOptions::default()
    };
    Stream {
        name: format!("stream-{number}"),
        channel: Channel::Voice,
        queue: pick(pcg, &names).clone(),
        options,
        flow: if pcg.happens(0.5) { Spans::Fixed(Duration::ZERO) } else { exponential(3) },
        patience: if pcg.happens(0.2) { Spans::Never } else { exponential(30) },
        informed: 1.0,
        talk: any(exponential(20)),
        after_call: any(exponential(10)),
        redial: 0.3,
        redial_after: exponential(20),
        hold: 0.1,
        callback: 0.0,
        voicemail: 0.0,
        wants_same: 0.0,
        cancels: 0.0,
        callers: 0,
        reached: 0.7,
    }
}

fn exponential(seconds: u64) -> Spans {
    Spans::Exponential(Duration::from_secs(seconds))
}

fn agent(pcg: &mut Pcg) -> AgentPlan {
    AgentPlan {
        class: pick(pcg, &["novice", "expert"]).to_owned(),
        answer: exponential(3),
        no_answer: pick(pcg, &[0.0, 0.05, 0.3]),
        declines: pick(pcg, &[0.0, 0.05, 0.2]),
        unreachable: pick(pcg, &[0.0, 0.05]),
        back_after: exponential(15),
    }
}

fn contacts(seed: Seed, length: Duration, streams: usize) -> Vec<ContactPlan> {
    let mut pcg = seed.branch("arrivals").pcg();
    let gap = exponential(pick(&mut pcg, &[3, 8, 15]));
    let (mut at, mut contacts) = (START + Duration::from_secs(1), Vec::new());
    while at < START + length {
        let key = contacts.len() as u64;
        let stream = pcg.below(streams as u64) as usize;
        let known = (None, None, None);
        let (queue, options, patience) = known;
        contacts.push(ContactPlan {
            at,
            key,
            stream,
            queue,
            options,
            patience,
            talk: None,
            tries: 0,
        });
        // Many come at the same microsecond.
        let next = gap.draw(&mut pcg).unwrap_or_default();
        at = if pcg.happens(0.2) { at } else { at + next };
    }
    contacts
}

fn acts(seed: Seed, length: Duration, config: &CenterConfig, is_wide: bool) -> Vec<(Instant, Act)> {
    let mut acts: Vec<(Instant, Act)> = Vec::new();
    for (number, agent) in (0..).zip(config.agents.keys()) {
        let mut pcg = seed.branch("shift").leaf(number).pcg();
        let mut at = START + seconds(&mut pcg, 0, 5);
        acts.push((at, Act::Ready(agent.clone())));
        while at < START + length {
            at = at + exponential(30).draw(&mut pcg).unwrap_or_default();
            let agent = agent.clone();
            let act = match pcg.below(10) {
                0..5 => Act::Ready(agent),
                5..7 => Act::NotReady(agent, NotReadyReason("lunch".to_owned())),
                7 => Act::NotReady(agent, NotReadyReason("training".to_owned())),
                8 => Act::LogIn(agent),
                _ => Act::LogOut(agent),
            };
            acts.push((at, act));
        }
    }
    let mut pcg = seed.branch("operations").pcg();
    let crashes = pcg.happens(0.3);
    let queues: Vec<&QueueId> = config.queues.keys().collect();
    let (kinds, gap) = if is_wide { (9, 40) } else { (6, 60) };
    let mut at = START + exponential(gap).draw(&mut pcg).unwrap_or_default();
    while at < START + length {
        let act = match pcg.below(kinds) {
            0 if crashes => Act::Crash(pcg.roll()),
            1 => Act::Close(pick(&mut pcg, &queues).clone()),
            2 => Act::Open(pick(&mut pcg, &queues).clone()),
            3 => {
                let [from, to] = std::array::from_fn(|_| pick(&mut pcg, &Native::ALL).name());
                Act::Swap(from.to_owned(), to.to_owned())
            }
            4 | 5 => Act::Configure(Arc::new(changed(&mut pcg, config, is_wide))),
            6 => {
                let [from, to] = std::array::from_fn(|_| pick(&mut pcg, &queues).clone());
                Act::Move(from, to)
            }
            _ => Act::Prioritise(pick(&mut pcg, &queues).clone(), pick(&mut pcg, &[-3, 0, 5, 9])),
        };
        acts.push((at, act));
        at = at + exponential(gap).draw(&mut pcg).unwrap_or_default();
    }
    acts.sort_by_key(|(at, _)| *at);
    acts
}

/// Another set-up of the same centre: queues and agents go and come back, limits move.
fn changed(pcg: &mut Pcg, config: &CenterConfig, is_wide: bool) -> CenterConfig {
    let mut config = config.clone();
    let queues: Vec<QueueId> = config.queues.keys().cloned().collect();
    let names = queues.clone();
    for name in queues {
        match pcg.below(6) {
            0 => drop(config.queues.remove(&name)),
            1 | 2 => {
                let overflow = config.queues.get(&name).and_then(|queue| queue.overflow.clone());
                let mut other = queue(pcg, overflow);
                if is_wide {
                    wide::queue(pcg, &mut other, &names);
                }
                config.queues.insert(name, other);
            }
            _ => (),
        }
    }
    config.agents.retain(|_, _| !pcg.happens(0.15));
    for agent in config.agents.values_mut() {
        if pcg.happens(0.2) {
            agent.skills = skills(pcg, 3);
        }
        agent.queues.retain(|_, _| !pcg.happens(0.1));
    }
    config
}

fn faults(pcg: &mut Pcg) -> Faults {
    let mut some = |most: f64| if pcg.happens(0.5) { most } else { 0.0 };
    Faults {
        offer_lost: some(0.1),
        late_accept: some(0.3),
        duplicate: some(0.05),
        reorder: some(0.05),
        bye_lost: some(0.1),
        router_trap: some(0.1),
        router_slow: some(0.1),
        router_wrong: some(0.05),
        router_empty: some(0.05),
        router_waits: some(0.1),
        estimator_trap: 0.0,
        estimator_slow: 0.0,
        dial_crosses: 0.0,
        group: 0,
        late: Duration::from_secs(5),
        silence: Duration::from_secs(30),
    }
}
