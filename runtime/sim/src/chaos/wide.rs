//! Made-up centres at full width: what a centre may have besides queues, agents and calls. Each part is
//! there or not as chance has it, so that each is seen alone and with the others.

use std::time::Duration;

use jackfield_core::{
    AgentConfig, Announcements, AtClosing, Attribute, Blend, CalibrationLimits, CallbackMode,
    CallbackRules, CenterConfig, Channel, ChannelCapacity, EligibilityStep, Expression, Hours,
    Proficiency, ProtectedBlock, QueueConfig, QueueId, SkillChange, SkillLevel,
};

use super::{SKILLS, pick, seconds};
use crate::chance::Pcg;
use crate::plan::{Faults, Stream};

const LANGUAGES: [&str; 2] = ["en", "ru"];
const EXPRESSIONS: [&str; 4] = [
    "language == \"ru\"",
    "level(\"english\") >= 2 || language == \"en\"",
    "has(\"russian\") && queue_level >= 3",
    "language == contact.language",
];

pub(super) fn widen(pcg: &mut Pcg, config: &mut CenterConfig) {
    let names: Vec<QueueId> = config.queues.keys().cloned().collect();
    for queue in config.queues.values_mut() {
        self::queue(pcg, queue, &names);
    }
    for agent in config.agents.values_mut() {
        self::agent(pcg, agent, &names);
    }
    if pcg.happens(0.2) {
        config.limits.callbacks = pcg.below(4) as u32;
    }
    // Mostly easy to please, so that waits are told.
    let usual = CalibrationLimits { window: 20, ..CalibrationLimits::default() };
    let easy = CalibrationLimits {
        minimum: 1 + pcg.below(3) as u32,
        p50_tolerance: 0.5,
        p90_tolerance: 0.9,
        ..usual
    };
    config.limits.calibration = if pcg.happens(0.6) { easy } else { usual };
    if 1 < names.len() && pcg.happens(0.4) {
        config.blends.insert("office".to_owned(), blend(pcg, &names));
    }
}

/// Gives a queue what chance wants it to have.
pub(super) fn queue(pcg: &mut Pcg, queue: &mut QueueConfig, names: &[QueueId]) {
    if pcg.happens(0.3) {
        queue.weight = pick(pcg, &[1, 1, 5]);
    }
    if pcg.happens(0.2) {
        (queue.age_every, queue.age_limit) = (Some(seconds(pcg, 2, 30)), 6);
    }
    if pcg.happens(0.2) {
        queue.refusals_max = Some(1 + pcg.below(3) as u32);
    }
    if pcg.happens(0.2) {
        queue.eligible = expression(pcg);
    }
    if pcg.happens(0.4) {
        queue.steps = steps(pcg);
    }
    if pcg.happens(0.5) {
        queue.announcements = Some(Announcements {
            first: if pcg.happens(0.3) { Duration::ZERO } else { seconds(pcg, 1, 20) },
            every: seconds(pcg, 1, 30),
            position: pcg.happens(0.7),
            wait: pcg.happens(0.7),
            message: None,
        });
        queue.estimator = pick(pcg, &[None, Some("erlang"), Some("empirical"), Some("nobody")])
            .map(str::to_owned);
    }
    if pcg.happens(0.6) {
        queue.callbacks = callbacks(pcg);
    }
    if pcg.happens(0.15) {
        queue.hours = hours(pcg);
        queue.at_closing = pick(pcg, &[AtClosing::Serve, AtClosing::Release]);
        queue.branches = names.iter().filter(|_| pcg.happens(0.5)).cloned().collect();
    }
}

fn expression(pcg: &mut Pcg) -> Option<Expression> {
    pick(pcg, &EXPRESSIONS).parse().ok()
}

fn steps(pcg: &mut Pcg) -> Vec<EligibilityStep> {
    let mut after = Duration::ZERO;
    let mut steps = Vec::new();
    for _ in 0..1 + pcg.below(3) {
        after += seconds(pcg, 1, 15);
        let skill = SkillLevel {
            name: pick(pcg, &SKILLS).to_owned(),
            level: Proficiency::new(1 + pcg.below(3) as u8).unwrap_or(Proficiency::MIN),
        };
        let change = match pcg.below(5) {
            0 => SkillChange::Add(skill),
            1 => SkillChange::Lower(skill),
            2 => SkillChange::LowerAll(1),
            3 => SkillChange::Drop(skill.name),
            _ => SkillChange::DropAll,
        };
        let eligible = if pcg.happens(0.3) { expression(pcg) } else { None };
        steps.push(EligibilityStep { after, eligible, skills: vec![change] });
    }
    steps
}

fn callbacks(pcg: &mut Pcg) -> CallbackRules {
    CallbackRules {
        after_abandon: pcg.happens(0.5).then(|| seconds(pcg, 0, 20)),
        mode: pick(pcg, &[CallbackMode::AgentFirst, CallbackMode::CustomerFirst]),
        attempts: 1 + pcg.below(3) as u32,
        retry: seconds(pcg, 1, 60),
        deadline: seconds(pcg, 5, 200),
        owner_only: seconds(pcg, 1, 60),
    }
}

/// Some minutes of every day, in the first hour.
fn hours(pcg: &mut Pcg) -> Option<Hours> {
    let from = pcg.below(12);
    let to = from + 1 + pcg.below(30);
    let span = serde_json::json!({
        "time_zone": "UTC",
        "weekly": [{ "days": "mon-sun", "from": format!("00:{from:02}"), "to": format!("00:{to:02}") }],
        "holidays": if pcg.happens(0.1) { vec!["2026-01-01"] } else { Vec::new() },
    });
    serde_json::from_value(span).ok()
}

fn agent(pcg: &mut Pcg, agent: &mut AgentConfig, names: &[QueueId]) {
    let language = Attribute::from(("language".to_owned(), pick(pcg, &LANGUAGES).to_owned()));
    agent.attributes.push(language);
    if pcg.happens(0.4) {
        let chats = ChannelCapacity { slots: 3, weight: 33, interruptible: false };
        let aside = ChannelCapacity { slots: 2, weight: 60, interruptible: true };
        agent.capacity.insert(Channel::Chat, chats);
        agent.capacity.insert(Channel::Email, aside);
        if pcg.happens(0.5) {
            agent.capacity.insert(Channel::Task, ChannelCapacity { weight: 40, ..aside });
        }
    }
    if pcg.happens(0.15)
        && let Some(hours) = hours(pcg)
    {
        let channels = if pcg.happens(0.5) { vec![Channel::Email] } else { Vec::new() };
        let queues = names.iter().filter(|_| pcg.happens(0.3)).cloned().collect();
        agent.protected.push(ProtectedBlock { hours, channels, queues });
    }
}

fn blend(pcg: &mut Pcg, names: &[QueueId]) -> Blend {
    let calm_waiting = pcg.below(2) as u32;
    Blend {
        calls: vec![names[0].clone()],
        deferred: names[1..].to_vec(),
        peak_waiting: calm_waiting + 1 + pcg.below(2) as u32,
        peak_wait: seconds(pcg, 2, 30),
        calm_waiting,
        calm_for: seconds(pcg, 0, 20),
    }
}

pub(super) fn stream(pcg: &mut Pcg, stream: &mut Stream) {
    let others = [Channel::Chat, Channel::Email, Channel::Task, Channel::Message];
    if pcg.happens(0.35) {
        stream.channel = pick(pcg, &others);
    }
    let language = ("language".to_owned(), pick(pcg, &LANGUAGES).to_owned());
    stream.options.attributes.push(language);
    let mut some = |most: f64| if pcg.happens(0.5) { most } else { 0.0 };
    stream.callback = some(0.4);
    stream.voicemail = some(0.5);
    stream.wants_same = some(0.4);
    stream.cancels = some(0.2);
    stream.callers = if some(1.0) == 0.0 { 0 } else { 7 };
}

pub(super) fn faults(pcg: &mut Pcg, faults: &mut Faults) {
    let mut some = |most: f64| if pcg.happens(0.5) { most } else { 0.0 };
    faults.estimator_trap = some(0.1);
    faults.estimator_slow = some(0.1);
    faults.dial_crosses = some(0.5);
    faults.group = pick(pcg, &[0, 6, 60]);
}
