//! A tenant's queues.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jackfield_core::{QueueConfig, QueueId, RouterChoice, ServiceLevelTarget, Staffing};

use super::super::document::join;
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
}

type Queues = (BTreeMap<QueueId, QueueConfig>, BTreeMap<QueueId, QueueExtras>);

impl Checker<'_> {
    /// Builds `[tenants.<id>.queues]`, where `key` is that path.
    pub(super) fn queues(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Queue>,
        routers: &BTreeMap<String, String>,
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
                    leave_key: queue.leave_key,
                },
            );
            let config = self.queue(&key, &name, queue, &names, routers);
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
        routers: &BTreeMap<String, String>,
    ) -> QueueConfig {
        let router = match raw.router {
            Some(router) if !routers.contains_key(&router) => {
                let known = routers.keys().map(String::as_str);
                self.unknown(&format!("{key}.router"), "router", &router, known);
                RouterChoice::BuiltIn
            }
            Some(router) => RouterChoice::Plugin(router),
            None => RouterChoice::BuiltIn,
        };
        let overflow = raw.overflow.and_then(|overflow| {
            let others = names.iter().map(String::as_str).filter(|other| *other != name);
            if names.contains(&overflow) {
                return QueueId::new(&overflow).ok();
            }
            self.unknown(&format!("{key}.overflow"), "queue", &overflow, others);
            None
        });
        let staffing = if raw.needs_agents { Staffing::LoggedIn } else { Staffing::Nobody };
        QueueConfig {
            ring_time: raw.ring_time.0,
            max_wait: Some(raw.max_wait.0).filter(|wait| !wait.is_zero()),
            max_size: raw.max_size,
            wrap_up: raw.wrap_up.0,
            overflow,
            join_needs: staffing,
            stay_needs: staffing,
            service_level: ServiceLevelTarget {
                share: raw.service_level.share,
                within: raw.service_level.within.0,
            },
            short_abandon: raw.short_abandon.0,
            router,
            not_ready_on_no_answer: raw.not_ready_on_no_answer,
            ..QueueConfig::default()
        }
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
