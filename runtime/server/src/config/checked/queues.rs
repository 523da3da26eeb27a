//! A tenant's queues.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use jackfield_core::{
    Announcements, AtClosing, CallbackMode, CallbackRules, QueueConfig, QueueId, RouterChoice,
    ServiceLevelTarget, Staffing,
};

use super::super::document::join;
use super::agents::settings;
use super::hours::NamedHours;
use super::{Checker, raw};

/// What the engine need not know of a queue.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct QueueExtras {
    /// Whether calls are recorded.
    pub record: bool,
    /// A WAV file played to those who wait, if not the tenant's.
    pub music: Option<PathBuf>,
    /// The key by which a caller leaves the queue.
    pub leave_key: Option<char>,
    /// The standard time of a contact; `None` is none.
    pub standard_time: Option<Duration>,
    /// The key by which a caller asks to be called back.
    pub callback_key: Option<char>,
    /// What a contact may have been about.
    pub wrap_up_codes: Vec<String>,
    /// What an agent has to write down after a contact.
    pub wrap_up_required: Vec<String>,
    /// What an agent may write down besides.
    pub wrap_up_fields: Vec<String>,
}

/// What queues of a tenant refer to.
pub struct Known<'a> {
    /// Plugins by router.
    pub routers: &'a BTreeMap<String, String>,
    /// Plugins by estimator.
    pub estimators: &'a BTreeMap<String, String>,
    /// The business hours.
    pub hours: &'a NamedHours,
}

type Queues = (BTreeMap<QueueId, QueueConfig>, BTreeMap<QueueId, QueueExtras>);

impl Checker<'_> {
    /// Builds `[tenants.<id>.queues]`, where `key` is that path.
    pub(super) fn queues(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Queue>,
        known: &Known<'_>,
    ) -> Queues {
        let names: Vec<String> = raw.keys().cloned().collect();
        let (mut configs, mut extras) = Queues::default();
        for (name, queue) in raw {
            let Ok(id) = QueueId::new(&name) else { continue };
            let key = join(key, &name);
            extras.insert(
                id.clone(),
                QueueExtras {
                    record: queue.record,
                    music: queue.music.as_ref().map(|path| self.file(path)),
                    standard_time: Some(queue.standard_time.0).filter(|time| !time.is_zero()),
                    leave_key: queue.leave_key,
                    callback_key: queue.callback_key,
                    wrap_up_codes: queue.wrap_up_codes.clone(),
                    wrap_up_required: queue.wrap_up_required.clone(),
                    wrap_up_fields: queue.wrap_up_fields.clone(),
                },
            );
            let config = self.queue(&key, &name, queue, &names, known);
            configs.insert(id, config);
        }
        self.overflow_ends(key, &configs);
        (configs, extras)
    }

    fn queue(
        &mut self,
        key: &str,
        name: &str,
        raw: raw::Queue,
        names: &[String],
        known: &Known<'_>,
    ) -> QueueConfig {
        if raw.leave_key.is_some() && raw.leave_key == raw.callback_key {
            self.problem(&format!("{key}.callback_key"), "is the `leave_key` too");
        }
        let router = self.plugin(key, "router", raw.router, known.routers);
        let estimator = self.plugin(key, "estimator", raw.estimator, known.estimators);
        let mut other = |word: &str, wanted: String| {
            let key = format!("{key}.{word}");
            let others = names.iter().map(String::as_str).filter(|other| *other != name);
            if names.contains(&wanted) {
                return QueueId::new(&wanted).ok();
            }
            self.unknown(&key, "queue", &wanted, others);
            None
        };
        let overflow = raw.overflow.and_then(|queue| other("overflow", queue));
        let branches: Vec<QueueId> =
            raw.branches.into_iter().filter_map(|queue| other("branches", queue)).collect();
        if branches.iter().any(|branch| branch.as_str() == name) {
            self.problem(&format!("{key}.branches"), "has the queue itself");
        }
        if !branches.is_empty() && raw.hours.is_none() {
            let message = "are for the time the queue is closed, and it has no `hours`";
            self.problem(&format!("{key}.branches"), message);
        }
        let hours = raw.hours;
        let hours =
            hours.and_then(|hours| self.named_hours(&format!("{key}.hours"), &hours, known.hours));
        if raw.announcements.as_ref().is_some_and(|announcements| announcements.wait)
            && estimator.is_none()
        {
            let message = "wants the wait to be told, and the queue has no `estimator`";
            self.problem(&format!("{key}.announcements.wait"), message);
        }
        let needs = |word: Option<String>| match word.as_deref() {
            Some("logged_in") => Staffing::LoggedIn,
            Some("working") => Staffing::Working,
            Some("free") => Staffing::Free,
            None if raw.needs_agents => Staffing::LoggedIn,
            _ => Staffing::Nobody,
        };
        QueueConfig {
            ring_time: raw.ring_time.0,
            max_wait: Some(raw.max_wait.0).filter(|wait| !wait.is_zero()),
            max_size: raw.max_size,
            wrap_up: raw.wrap_up.0,
            overflow,
            join_needs: needs(raw.join_needs),
            stay_needs: needs(raw.stay_needs),
            eligible: self.expression(&format!("{key}.eligible"), raw.eligible),
            steps: self.steps(&format!("{key}.steps"), raw.steps),
            service_level: ServiceLevelTarget {
                share: raw.service_level.share,
                within: raw.service_level.within.0,
            },
            short_abandon: raw.short_abandon.0,
            router: router.map_or(RouterChoice::BuiltIn, RouterChoice::Plugin),
            not_ready_on_no_answer: raw.not_ready_on_no_answer,
            refusals_max: Some(raw.refusals_max).filter(|max| 0 < *max),
            weight: raw.weight,
            age_every: Some(raw.age_every.0).filter(|every| !every.is_zero()),
            age_limit: raw.age_limit,
            attributes: settings(&raw.settings),
            hours,
            branches,
            at_closing: match raw.at_closing.as_str() {
                "release" => AtClosing::Release,
                _ => AtClosing::Serve,
            },
            closed_message: raw.closed_message,
            announcements: raw.announcements.map(announcements),
            estimator,
            callbacks: callbacks(&raw.callbacks),
        }
    }

    /// Returns the name of a plugin that the queue uses; `None` and a problem if there is none.
    fn plugin(
        &mut self,
        key: &str,
        word: &str,
        name: Option<String>,
        known: &BTreeMap<String, String>,
    ) -> Option<String> {
        let name = name?;
        if known.contains_key(&name) {
            return Some(name);
        }
        self.unknown(&format!("{key}.{word}"), word, &name, known.keys().map(String::as_str));
        None
    }

    /// Notes chains of overflow that come back to where they began; each circle once.
    fn overflow_ends(&mut self, key: &str, queues: &BTreeMap<QueueId, QueueConfig>) {
        let mut reported: BTreeSet<QueueId> = BTreeSet::new();
        for start in queues.keys() {
            let mut chain = vec![start];
            while let Some(next) = chain
                .last()
                .and_then(|last| queues.get(*last))
                .and_then(|queue| queue.overflow.as_ref())
            {
                if next == start {
                    if !reported.contains(start) {
                        reported.extend(chain.iter().map(|queue| (*queue).clone()));
                        chain.push(next);
                        let circle: Vec<&str> = chain.iter().map(|queue| queue.as_str()).collect();
                        let key = format!("{}.overflow", join(key, start.as_str()));
                        self.problem(&key, format!("goes in a circle: {}", circle.join(" > ")));
                    }
                    break;
                }
                if chain.contains(&next) {
                    break;
                }
                chain.push(next);
            }
        }
    }
}

fn announcements(raw: raw::Announcements) -> Announcements {
    let raw::Announcements { first, every, position, wait, message } = raw;
    Announcements { first: first.0, every: every.0, position, wait, message }
}

fn callbacks(raw: &raw::Callbacks) -> CallbackRules {
    CallbackRules {
        after_abandon: Some(raw.after_abandon.0).filter(|after| !after.is_zero()),
        mode: match raw.mode.as_str() {
            "customer_first" => CallbackMode::CustomerFirst,
            _ => CallbackMode::AgentFirst,
        },
        attempts: raw.attempts,
        retry: raw.retry.0,
        deadline: raw.deadline.0,
        owner_only: raw.owner_only.0,
    }
}
