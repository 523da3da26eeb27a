//! From a file to a scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jackfield_core::{
    AgentConfig, AgentId, Attribute, CalibrationLimits, CenterConfig, CenterLimits, Channel,
    ChannelCapacity, NotReadyReason, Proficiency, ProtectedBlock, QueueId, QueueOptions,
    RouterChoice, SkillLevel,
};
use toml::{Table, Value};

use super::keys::{Findings, Keys, Problems};
use super::lines::Lines;
use super::queue::{self, by_queue};
use super::text::SPANS;
use super::{Arrivals, Break, Operations, Scenario, Shift};
use crate::plan::{Act, AgentPlan, ByClass, Faults, Stream};
use crate::span::Spans;

/// What is accepted as a level, in words.
pub(super) const LEVEL: &str = "a level from 1 to 10";
const CHANNELS: [(&str, Channel); 5] = [
    ("voice", Channel::Voice),
    ("chat", Channel::Chat),
    ("email", Channel::Email),
    ("message", Channel::Message),
    ("task", Channel::Task),
];
impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    ///
    /// [`Problems`]: every mistake with its key, its value and what would be accepted.
    pub fn read(text: &str) -> Result<Self, Problems> {
        let (scenario, findings) = Self::read_with(text);
        let mut problems = findings.problems.into_inner();
        let lines = Lines::of(text);
        for problem in &mut problems {
            problem.line = lines.line(&problem.key);
        }
        if problems.is_empty() { Ok(scenario) } else { Err(Problems(problems)) }
    }

    pub(crate) fn read_with(text: &str) -> (Self, Findings) {
        let findings = Findings::default();
        let table = text.parse::<Table>().unwrap_or_else(|error| {
            findings.push(String::new(), error.to_string().trim_end().to_owned());
            Table::new()
        });
        let scenario = read(&Keys::new(&table, &findings), &findings);
        (scenario, findings)
    }
}

fn read(keys: &Keys<'_>, findings: &Findings) -> Scenario {
    let about = keys.text("about").unwrap_or_default();
    let length = keys.time("length").unwrap_or(Duration::from_secs(8 * 3_600));
    let warm_up = keys.time("warm_up").unwrap_or_default();
    if length <= warm_up && findings.problems.borrow().is_empty() {
        keys.problem("warm_up", "the run is over before the figures begin".to_owned());
    }
    let overtakes = keys.number("overtakes_max", 0, 1_000_000).unwrap_or(1_000);
    let limits = keys.table("limits").map(|keys| limits(&keys)).unwrap_or_default();
    let mut config = CenterConfig { limits, ..CenterConfig::default() };
    for (name, keys) in keys.named("queues") {
        if let Some(id) = queue_id(&keys, name) {
            config.queues.insert(id, queue::queue(&keys));
        }
        keys.finish();
    }
    let names: BTreeSet<QueueId> = config.queues.keys().cloned().collect();
    for (id, queue) in &config.queues {
        let branches = queue.branches.iter().map(|to| ("branches", to));
        for (key, to) in branches.chain(queue.overflow.as_ref().map(|to| ("overflow", to))) {
            if !names.contains(to) {
                findings.push(format!("queues.{id}.{key}"), format!("there is no queue `{to}`"));
            }
        }
    }
    for (name, keys) in keys.named("blends") {
        config.blends.insert(name.to_owned(), queue::blend(&keys, &names));
    }
    let mut agents = BTreeMap::new();
    for (class, keys) in keys.named("agents") {
        read_class(class, &keys, &names, &mut config, &mut agents);
        keys.finish();
    }
    let mut streams = Vec::new();
    for (name, keys) in keys.named("customers") {
        streams.extend(stream(name, &keys, &names));
        keys.finish();
    }
    if streams.is_empty() && findings.problems.borrow().is_empty() {
        keys.problem("customers", "nobody comes: name at least one kind of customers".to_owned());
    }
    let (faults, operations) = match keys.table("faults") {
        Some(keys) => {
            let read = (faults(&keys), operations(&keys, &config));
            keys.finish();
            read
        }
        None => (Faults::default(), Operations::default()),
    };
    keys.finish();
    let overtakes_max = u32::try_from(overtakes).unwrap_or(u32::MAX);
    Scenario { about, length, warm_up, overtakes_max, config, agents, streams, faults, operations }
}

pub(super) fn queue_id(keys: &Keys<'_>, name: &str) -> Option<QueueId> {
    QueueId::new(name).map_err(|error| keys.problem("", error.to_string())).ok()
}

pub(super) fn queue_named(
    keys: &Keys<'_>,
    key: &'static str,
    names: &BTreeSet<QueueId>,
) -> Option<QueueId> {
    let name = keys.text(key)?;
    let found = names.iter().find(|id| id.as_str() == name).cloned();
    if found.is_none() {
        let known: Vec<&str> = names.iter().map(QueueId::as_str).collect();
        let hint = super::keys::nearest(&name, &known);
        keys.problem(key, format!("there is no queue `{name}`{hint}"));
    }
    found
}

/// Reads a list of queues.
pub(super) fn queues_named(
    keys: &Keys<'_>,
    key: &'static str,
    names: &BTreeSet<QueueId>,
) -> Vec<QueueId> {
    let known: Vec<&str> = names.iter().map(QueueId::as_str).collect();
    let find = |name: String| {
        let found = names.iter().find(|id| id.as_str() == name).cloned();
        if found.is_none() {
            let hint = super::keys::nearest(&name, &known);
            keys.problem(key, format!("there is no queue `{name}`{hint}"));
        }
        found
    };
    keys.texts(key).into_iter().filter_map(find).collect()
}

pub(super) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn limits(keys: &Keys<'_>) -> CenterLimits {
    let usual = CenterLimits::default();
    let limits = CenterLimits {
        router_deadline: keys.time("router_deadline").unwrap_or(usual.router_deadline),
        router_candidates: keys
            .number("router_candidates", 1, 10_000)
            .map_or(usual.router_candidates, small),
        interactions: keys.number("interactions", 1, 1_000_000).map_or(usual.interactions, small),
        callbacks: keys.number("callbacks", 0, 1_000_000).map_or(usual.callbacks, small),
        estimator_deadline: keys.time("estimator_deadline").unwrap_or(usual.estimator_deadline),
        certificate_candidates: keys
            .number("certificate_candidates", 0, 10_000)
            .map_or(usual.certificate_candidates, small),
        calibration: keys
            .table("calibration")
            .map_or(usual.calibration, |keys| calibration(&keys, usual.calibration)),
    };
    keys.finish();
    limits
}

fn calibration(keys: &Keys<'_>, usual: CalibrationLimits) -> CalibrationLimits {
    let read = CalibrationLimits {
        window: keys.number("window", 1, 1_000).map_or(usual.window, small),
        minimum: keys.number("minimum", 1, 1_000).map_or(usual.minimum, small),
        p50_tolerance: keys.share("p50_tolerance").unwrap_or(usual.p50_tolerance),
        p90_tolerance: keys.share("p90_tolerance").unwrap_or(usual.p90_tolerance),
    };
    keys.finish();
    read
}

pub(super) fn attributes(keys: &Keys<'_>, key: &'static str) -> Vec<Attribute> {
    keys.pairs(key, "a text", |value| value.as_str().map(str::to_owned))
}

pub(super) fn skills(keys: &Keys<'_>, key: &'static str) -> Vec<SkillLevel> {
    let pairs = keys.pairs(key, LEVEL, level);
    pairs.into_iter().map(|(name, level)| SkillLevel { name, level }).collect()
}

pub(super) fn level(value: &Value) -> Option<Proficiency> {
    value.as_integer().and_then(|level| Proficiency::new(u8::try_from(level).ok()?))
}

fn read_class(
    class: &str,
    keys: &Keys<'_>,
    names: &BTreeSet<QueueId>,
    config: &mut CenterConfig,
    agents: &mut BTreeMap<AgentId, (AgentPlan, Shift)>,
) {
    let count = small(keys.number("count", 0, 100_000).unwrap_or(1));
    let mut agent = AgentConfig {
        skills: skills(keys, "skills"),
        attributes: attributes(keys, "attributes"),
        ..AgentConfig::default()
    };
    agent.queues.extend(by_queue(keys, "queues", names, queue::LEVELS));
    let rank = |value: &Value| u8::try_from(value.as_integer()?).ok();
    agent.ranks.extend(by_queue(keys, "ranks", names, ("a rank from 0 to 255", rank)));
    agent.protected = protected(keys, names);
    for (name, capacity) in keys.named("capacity") {
        let usual = ChannelCapacity::default();
        let read = ChannelCapacity {
            slots: capacity.number("slots", 0, 100).map_or(usual.slots, |n| small(n) as u8),
            weight: capacity.number("weight", 1, 100).map_or(usual.weight, |n| small(n) as u8),
            interruptible: capacity.flag("interruptible").unwrap_or(usual.interruptible),
        };
        capacity.finish();
        match CHANNELS.iter().find(|(known, _)| *known == name) {
            Some((_, channel)) => drop(agent.capacity.insert(*channel, read)),
            None => keys.problem("capacity", format!("`{name}` is no channel")),
        }
    }
    let plan = agent_plan(class, keys);
    let shift = shift(keys);
    for number in 0..count {
        let name = format!("{class}-{:04}", number + 1);
        match AgentId::new(&name) {
            Ok(id) => {
                config.agents.insert(id.clone(), agent.clone());
                agents.insert(id, (plan.clone(), Shift { number, ..shift.clone() }));
            }
            Err(error) => {
                keys.problem("", error.to_string());
                return;
            }
        }
    }
}

fn protected(keys: &Keys<'_>, names: &BTreeSet<QueueId>) -> Vec<ProtectedBlock> {
    let block = |keys: Keys<'_>| {
        let hours = queue::hours(&keys);
        if !keys.has("hours") {
            keys.problem("hours", "say when the work is protected".to_owned());
        }
        let (mut channels, known) = (Vec::new(), CHANNELS.map(|(name, _)| name));
        for name in keys.texts("channels") {
            match CHANNELS.iter().find(|(known, _)| *known == name) {
                Some((_, channel)) => channels.push(*channel),
                None => {
                    let hint = super::keys::nearest(&name, &known);
                    let known = known.join("`, `");
                    keys.problem("channels", format!("`{name}` is none of `{known}`{hint}"));
                }
            }
        }
        let queues = queues_named(&keys, "queues", names);
        keys.finish();
        Some(ProtectedBlock { hours: hours?, channels, queues })
    };
    keys.list("protected").into_iter().filter_map(block).collect()
}

fn agent_plan(class: &str, keys: &Keys<'_>) -> AgentPlan {
    AgentPlan {
        class: class.to_owned(),
        answer: keys.spans("answer").unwrap_or(Spans::Fixed(Duration::ZERO)),
        no_answer: keys.share("no_answer").unwrap_or(0.0),
        declines: keys.share("declines").unwrap_or(0.0),
        unreachable: keys.share("unreachable").unwrap_or(0.0),
        back_after: keys.spans("back_after").unwrap_or(Spans::Fixed(Duration::from_secs(30))),
    }
}

fn shift(keys: &Keys<'_>) -> Shift {
    let (from, to) = (keys.time("from").unwrap_or_default(), keys.time("to"));
    let breaks = keys.list("breaks").into_iter().map(|keys| {
        let read = Break {
            at: keys.time("at").unwrap_or_default(),
            lasts: keys.time("for").unwrap_or(Duration::from_secs(15 * 60)),
            reason: NotReadyReason(keys.text("reason").unwrap_or_else(|| "break".to_owned())),
            stagger: keys.time("stagger").unwrap_or_default(),
        };
        keys.finish();
        read
    });
    Shift { from, to, breaks: breaks.collect(), number: 0 }
}

fn by_class(keys: &Keys<'_>, key: &'static str, classes: &'static str, usual: Spans) -> ByClass {
    let otherwise = keys.spans(key).unwrap_or(usual);
    let read = |value: &Value| super::text::parse_spans(value.as_str()?);
    let named = keys.pairs(classes, SPANS, read).into_iter().collect();
    ByClass { otherwise, classes: named }
}

fn stream(name: &str, keys: &Keys<'_>, names: &BTreeSet<QueueId>) -> Option<(Stream, Arrivals)> {
    let queue = queue_named(keys, "queue", names);
    if !keys.has("queue") {
        keys.problem("queue", "name the queue that these customers join".to_owned());
    }
    let arrivals = arrivals(keys);
    let options = QueueOptions {
        required: skills(keys, "required"),
        preferred: skills(keys, "preferred"),
        priority: keys
            .number("priority", -128, 127)
            .and_then(|priority| i8::try_from(priority).ok())
            .unwrap_or_default(),
        max_wait: keys.time("max_wait"),
        attributes: attributes(keys, "attributes"),
        ..QueueOptions::default()
    };
    let nothing = Spans::Fixed(Duration::ZERO);
    let stream = Stream {
        name: name.to_owned(),
        channel: keys.one_of("channel", &CHANNELS).unwrap_or_default(),
        // Without one the scenario is not read, whatever stands here.
        queue: queue.or_else(|| QueueId::new("none").ok())?,
        options,
        flow: keys.spans("flow").unwrap_or_else(|| nothing.clone()),
        patience: keys.spans("patience").unwrap_or(Spans::Never),
        informed: keys
            .get("informed", "a number from 0 to 100", |value| {
                let number = value.as_float().or(value.as_integer().map(|n| n as f64))?;
                (0.0..=100.0).contains(&number).then_some(number)
            })
            .unwrap_or(1.0),
        talk: by_class(keys, "talk", "talk_by_class", Spans::Exponential(Duration::from_secs(180))),
        after_call: by_class(keys, "after_call", "after_call_by_class", Spans::Never),
        redial: keys.share("redial").unwrap_or(0.0),
        redial_after: keys
            .spans("redial_after")
            .unwrap_or(Spans::Exponential(Duration::from_secs(300))),
        hold: keys.share("hold").unwrap_or(0.0),
        callback: keys.share("callback").unwrap_or(0.0),
        voicemail: keys.share("voicemail").unwrap_or(0.0),
        wants_same: keys.share("wants_same").unwrap_or(0.0),
        cancels: keys.share("cancels").unwrap_or(0.0),
        callers: keys.number("callers", 0, 1_000_000).map_or(0, |n| u64::from(small(n))),
        reached: keys.share("reached").unwrap_or(1.0),
    };
    Some((stream, arrivals))
}

fn arrivals(keys: &Keys<'_>) -> Arrivals {
    let mut rates: Vec<(Duration, f64)> =
        keys.rate("rate").map(|rate| (Duration::ZERO, rate)).into_iter().collect();
    for interval in keys.list("intervals") {
        let at = interval.time("at").unwrap_or_default();
        rates.push((at, interval.rate("rate").unwrap_or_default()));
        interval.finish();
    }
    if !rates.is_sorted_by_key(|(at, _)| *at) {
        keys.problem("intervals", "they are not in the order of `at`".to_owned());
    }
    let trace = keys.get("trace", "a list of times such as [\"1s\", \"90s\"]", |value| {
        let times = value.as_array()?.iter();
        times.map(|time| super::text::parse_time(time.as_str()?)).collect::<Option<Vec<_>>>()
    });
    match trace {
        Some(mut trace) => {
            if !rates.is_empty() {
                keys.problem("trace", "there is a rate too: one of both says who comes".to_owned());
            }
            trace.sort();
            Arrivals::Trace(trace)
        }
        None => {
            if rates.is_empty() {
                keys.problem(
                    "rate",
                    "say how many come: `rate`, `intervals` or `trace`".to_owned(),
                );
            }
            Arrivals::Poisson(rates)
        }
    }
}

fn faults(keys: &Keys<'_>) -> Faults {
    let share = |key| keys.share(key).unwrap_or(0.0);
    Faults {
        offer_lost: share("offer_lost"),
        late_accept: share("late_accept"),
        duplicate: share("duplicate"),
        reorder: share("reorder"),
        bye_lost: share("bye_lost"),
        router_trap: share("router_trap"),
        router_slow: share("router_slow"),
        router_wrong: share("router_wrong"),
        router_empty: share("router_empty"),
        router_waits: share("router_waits"),
        estimator_trap: share("estimator_trap"),
        estimator_slow: share("estimator_slow"),
        dial_crosses: share("dial_crosses"),
        group: keys.number("crash_loses", 0, 1_000).map_or(3, |records| u64::from(small(records))),
        late: keys.time("late").unwrap_or(Duration::from_secs(2)),
        silence: keys.time("silence").unwrap_or(Duration::from_secs(30)),
    }
}

fn operations(keys: &Keys<'_>, config: &CenterConfig) -> Operations {
    let names: BTreeSet<QueueId> = config.queues.keys().cloned().collect();
    let crash_every = keys.time("crash_every").filter(|every| !every.is_zero());
    let mut operations = Operations { crash_every, ..Operations::default() };
    for keys in keys.list("closes") {
        let queue = queue_named(&keys, "queue", &names);
        let at = keys.time("at").unwrap_or_default();
        let lasts = keys.time("for").unwrap_or(Duration::from_secs(600));
        operations.closes.extend(queue.map(|queue| (queue, at, lasts)));
        keys.finish();
    }
    for keys in keys.list("swaps") {
        let at = keys.time("at").unwrap_or_default();
        let text = |key| keys.text(key).unwrap_or_default();
        operations.swaps.push((at, text("from"), text("to")));
        keys.finish();
    }
    for keys in keys.list("moves") {
        let at = keys.time("at").unwrap_or_default();
        let [from, to] = ["from", "to"].map(|key| queue_named(&keys, key, &names));
        operations.hands.extend(from.zip(to).map(|(from, to)| (at, Act::Move(from, to))));
        keys.finish();
    }
    for keys in keys.list("priorities") {
        let at = keys.time("at").unwrap_or_default();
        let queue = queue_named(&keys, "queue", &names);
        let priority = keys.number("priority", -128, 127).and_then(|p| i8::try_from(p).ok());
        let act = |(queue, priority)| (at, Act::Prioritise(queue, priority));
        operations.hands.extend(queue.zip(priority).map(act));
        keys.finish();
    }
    let mut current = config.clone();
    for keys in keys.list("changes") {
        let at = keys.time("at").unwrap_or_default();
        let id = queue_named(&keys, "queue", &names);
        let changed = id.as_ref().and_then(|id| current.queues.get_mut(id));
        let (wait, size) = (keys.time("max_wait"), keys.number("max_size", 1, 1_000_000));
        let (wrap_up, router) = (keys.time("wrap_up"), keys.text("router"));
        if let Some(queue) = changed {
            queue.max_wait = wait.or(queue.max_wait);
            queue.max_size = size.map_or(queue.max_size, small);
            queue.wrap_up = wrap_up.unwrap_or(queue.wrap_up);
            if let Some(name) = router {
                queue.router = RouterChoice::Plugin(name);
            }
        }
        keys.finish();
        operations.changes.push((at, current.clone()));
    }
    operations
}
