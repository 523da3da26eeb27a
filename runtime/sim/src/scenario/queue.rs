//! Reading queues: their limits, what agents must be, hours, announcements, callbacks; and the blends
//! between them.

use std::collections::BTreeSet;

use jackfield_core::{
    Announcements, AtClosing, Blend, CallbackMode, CallbackRules, EligibilityStep, Expression,
    Hours, QueueConfig, QueueId, RouterChoice, ServiceLevelTarget, SkillChange, Staffing,
};
use toml::Value;

use super::keys::Keys;
use super::read::{LEVEL, attributes, level, queue_id, queues_named, skills, small};

const STAFFING: [(&str, Staffing); 4] = [
    ("nobody", Staffing::Nobody),
    ("logged-in", Staffing::LoggedIn),
    ("working", Staffing::Working),
    ("free", Staffing::Free),
];
/// As many steps a queue may have.
const STEPS_MAX: usize = 100;

pub(super) fn queue(keys: &Keys<'_>) -> QueueConfig {
    let usual = QueueConfig::default();
    let service_level = ServiceLevelTarget {
        share: keys.share("target").unwrap_or(usual.service_level.share),
        within: keys.time("within").unwrap_or(usual.service_level.within),
    };
    let router = match keys.text("router").as_deref() {
        None | Some("built-in") => RouterChoice::BuiltIn,
        Some(name) => RouterChoice::Plugin(name.to_owned()),
    };
    let closing = [("serve", AtClosing::Serve), ("release", AtClosing::Release)];
    let priority = |key| keys.number(key, -128, 127).and_then(|limit| i8::try_from(limit).ok());
    QueueConfig {
        ring_time: keys.time("ring_time").unwrap_or(usual.ring_time),
        max_wait: keys.time("max_wait"),
        max_size: keys.number("max_size", 1, 1_000_000).map_or(100_000, small),
        wrap_up: keys.time("wrap_up").unwrap_or(usual.wrap_up),
        overflow: keys.text("overflow").and_then(|name| queue_id(keys, &name)),
        join_needs: keys.one_of("join_needs", &STAFFING).unwrap_or_default(),
        stay_needs: keys.one_of("stay_needs", &STAFFING).unwrap_or_default(),
        service_level,
        short_abandon: keys.time("short_abandon").unwrap_or(usual.short_abandon),
        router,
        not_ready_on_no_answer: keys
            .flag("not_ready_on_no_answer")
            .unwrap_or(usual.not_ready_on_no_answer),
        refusals_max: keys.number("refusals_max", 1, 1_000).map(small),
        weight: keys.number("weight", 0, 255).map_or(0, |weight| small(weight) as u8),
        age_every: keys.time("age_every"),
        age_limit: priority("age_limit").unwrap_or(usual.age_limit),
        eligible: eligible(keys),
        steps: steps(keys),
        attributes: attributes(keys, "attributes"),
        hours: hours(keys),
        branches: keys.texts("branches").iter().filter_map(|name| queue_id(keys, name)).collect(),
        at_closing: keys.one_of("at_closing", &closing).unwrap_or_default(),
        closed_message: keys.text("closed_message"),
        announcements: announcements(keys),
        estimator: keys.text("estimator").filter(|name| name != "built-in"),
        callbacks: keys.table("callbacks").map(|keys| callbacks(&keys)).unwrap_or_default(),
    }
}

fn eligible(keys: &Keys<'_>) -> Option<Expression> {
    let text = keys.text("eligible")?;
    text.parse().map_err(|error| keys.problem("eligible", format!("{error}"))).ok()
}

/// Reads hours as the configuration of a tenant has them.
pub(super) fn hours(keys: &Keys<'_>) -> Option<Hours> {
    let value = keys.get("hours", "", |value| Some(value.clone()))?;
    let read = value.try_into::<Hours>();
    read.map_err(|error| keys.problem("hours", error.to_string().trim_end().replace('\n', " ")))
        .ok()
}

fn announcements(keys: &Keys<'_>) -> Option<Announcements> {
    let every = keys.time("announce_every");
    let read = Announcements {
        first: keys.time("announce_first").or(every).unwrap_or_default(),
        every: every.unwrap_or_default(),
        position: keys.flag("announce_position").unwrap_or(true),
        wait: keys.flag("announce_wait").unwrap_or(true),
        message: keys.text("announce_message"),
    };
    if every.is_none()
        && ["first", "position", "wait", "message"]
            .iter()
            .any(|part| keys.has(&format!("announce_{part}")))
    {
        keys.problem("announce_every", "say how often: without it nothing is announced".to_owned());
    }
    every.map(|_| read)
}

fn steps(keys: &Keys<'_>) -> Vec<EligibilityStep> {
    let steps: Vec<EligibilityStep> = keys.list("steps").iter().map(step).collect();
    if !steps.is_sorted_by_key(|step| step.after) {
        keys.problem("steps", "they are not in the order of `after`".to_owned());
    }
    if STEPS_MAX < steps.len() {
        keys.problem("steps", format!("{} steps; accepted: at most {STEPS_MAX}", steps.len()));
    }
    steps
}

fn step(keys: &Keys<'_>) -> EligibilityStep {
    let after = keys.time("after");
    if !keys.has("after") {
        keys.problem("after", "say after how long a wait the step comes".to_owned());
    }
    let mut changes: Vec<SkillChange> = Vec::new();
    if keys.flag("drop_all") == Some(true) {
        changes.push(SkillChange::DropAll);
    }
    changes.extend(keys.texts("drop").into_iter().map(SkillChange::Drop));
    let lower_all = keys.number("lower_all", 1, 9);
    changes.extend(lower_all.map(|by| SkillChange::LowerAll(small(by) as u8)));
    changes.extend(skills(keys, "lower").into_iter().map(SkillChange::Lower));
    changes.extend(skills(keys, "add").into_iter().map(SkillChange::Add));
    let eligible = eligible(keys);
    keys.finish();
    EligibilityStep { after: after.unwrap_or_default(), eligible, skills: changes }
}

fn callbacks(keys: &Keys<'_>) -> CallbackRules {
    let usual = CallbackRules::default();
    let modes = [
        ("agent-first", CallbackMode::AgentFirst),
        ("customer-first", CallbackMode::CustomerFirst),
    ];
    let read = CallbackRules {
        after_abandon: keys.time("after_abandon"),
        mode: keys.one_of("mode", &modes).unwrap_or(usual.mode),
        attempts: keys.number("attempts", 1, 100).map_or(usual.attempts, small),
        retry: keys.time("retry").unwrap_or(usual.retry),
        deadline: keys.time("deadline").unwrap_or(usual.deadline),
        owner_only: keys.time("owner_only").unwrap_or(usual.owner_only),
    };
    keys.finish();
    read
}

pub(super) fn blend(keys: &Keys<'_>, names: &BTreeSet<QueueId>) -> Blend {
    for key in ["calls", "deferred"] {
        if !keys.has(key) {
            keys.problem(key, "name the queues".to_owned());
        }
    }
    let read = Blend {
        calls: queues_named(keys, "calls", names),
        deferred: queues_named(keys, "deferred", names),
        peak_waiting: keys.number("peak_waiting", 1, 1_000_000).map_or(1, small),
        peak_wait: keys.time("peak_wait").unwrap_or(crate::span::SPAN_MAX),
        calm_waiting: keys.number("calm_waiting", 0, 1_000_000).map_or(0, small),
        calm_for: keys.time("calm_for").unwrap_or_default(),
    };
    if read.peak_waiting <= read.calm_waiting {
        let what = format!(
            "`{}` is not under `peak_waiting` ({}): a peak would never end",
            read.calm_waiting, read.peak_waiting
        );
        keys.problem("calm_waiting", what);
    }
    keys.finish();
    read
}

/// Reads the levels of queues or of ranks.
pub(super) fn by_queue<T>(
    keys: &Keys<'_>,
    key: &'static str,
    names: &BTreeSet<QueueId>,
    (accepted, parse): (&str, impl Fn(&Value) -> Option<T>),
) -> Vec<(QueueId, T)> {
    let mut read = Vec::new();
    for (name, value) in keys.pairs(key, accepted, parse) {
        match names.iter().find(|id| id.as_str() == name) {
            Some(id) => read.push((id.clone(), value)),
            None => {
                let known: Vec<&str> = names.iter().map(QueueId::as_str).collect();
                let hint = super::keys::nearest(&name, &known);
                keys.problem(key, format!("there is no queue `{name}`{hint}"));
            }
        }
    }
    read
}

/// What is accepted as a level, and how it is read.
pub(super) const LEVELS: (&str, fn(&Value) -> Option<jackfield_core::Proficiency>) = (LEVEL, level);
