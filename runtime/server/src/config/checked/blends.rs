//! A tenant's blends: rules that move staff between calls and deferred work.

use std::collections::BTreeMap;

use jackfield_core::{Blend, QueueConfig, QueueId};

use super::super::document::join;
use super::{Checker, raw};

impl Checker<'_> {
    /// Builds `[tenants.<id>.blends]`, where `key` is that path.
    pub(super) fn blends(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Blend>,
        queues: &BTreeMap<QueueId, QueueConfig>,
    ) -> BTreeMap<String, Blend> {
        let mut blends = BTreeMap::new();
        for (name, raw) in raw {
            let key = join(key, &name);
            let mut named = |word: &str, names: Option<Vec<String>>| -> Vec<QueueId> {
                let key = format!("{key}.{word}");
                if names.as_ref().is_some_and(Vec::is_empty) {
                    self.problem(&key, "names no queue");
                }
                let names = names.unwrap_or_default().into_iter();
                names.filter_map(|name| self.queue_named(&key, &name, queues)).collect()
            };
            let calls = named("calls", raw.calls);
            let deferred = named("deferred", raw.deferred);
            if let Some(both) = calls.iter().find(|queue| deferred.contains(queue)) {
                self.problem(&format!("{key}.deferred"), format!("has `{both}`, as `calls` has"));
            }
            if raw.peak_waiting <= raw.calm_waiting {
                let message = format!(
                    "must be less than `peak_waiting`, which is {}, got {}",
                    raw.peak_waiting, raw.calm_waiting
                );
                self.problem(&format!("{key}.calm_waiting"), message);
            }
            let blend = Blend {
                calls,
                deferred,
                peak_waiting: raw.peak_waiting,
                peak_wait: raw.peak_wait.0,
                calm_waiting: raw.calm_waiting,
                calm_for: raw.calm_for.0,
            };
            blends.insert(name, blend);
        }
        blends
    }
}
