//! Keeping the interaction's story.

use std::time::Duration;

use jackfield_core::{Instant, InteractionId, QueueEnd};
use jackfield_store::{InteractionRecord, TimelineEvent};

use super::CallSession;
use crate::tenant::{SessionNews, Tenant, now};

/// Events kept of one interaction; beyond it the story says that it goes on.
const EVENTS_MAX: usize = 2_000;

/// Adds an event that happened at `at` to an interaction's story.
pub fn add(
    record: &mut InteractionRecord,
    at: Instant,
    what: &str,
    details: Vec<(String, String)>,
) {
    let timeline = &mut record.timeline;
    let at_micros = at.as_micros();
    if timeline.len() < EVENTS_MAX {
        timeline.push(TimelineEvent { at_micros, what: what.to_owned(), details });
    } else if timeline.len() == EVENTS_MAX {
        let what = "further events are not kept".to_owned();
        timeline.push(TimelineEvent { at_micros, what, details: Vec::new() });
    }
}

/// Lets an interaction's story have the engine's news.
pub(super) fn keep_news(record: &mut InteractionRecord, news: &SessionNews) {
    match news {
        SessionNews::Story { at, what, details } => add(record, *at, what, details.clone()),
        SessionNews::Connect { agent, queue, waited, .. } => {
            record.agent = Some(agent.clone());
            record.answered_at.get_or_insert(now().as_micros());
            record.queue = Some(queue.clone());
            record.wait_ms += millis(*waited);
        }
        SessionNews::Disconnect { talked } => record.talk_ms += millis(*talked),
        SessionNews::LeftQueue { end, waited, .. } => {
            if *end != QueueEnd::Served {
                record.wait_ms += millis(*waited);
            }
        }
        SessionNews::Closed(_)
        | SessionNews::Held(_)
        | SessionNews::Digits(_)
        | SessionNews::Onward(_)
        | SessionNews::Handed(_)
        | SessionNews::Announce { .. }
        | SessionNews::Refused(_) => {}
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

impl CallSession {
    /// Adds an event that happened just now.
    pub(super) fn note(&mut self, what: &str, details: &[(&str, &str)]) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.note_at(now(), what, details.iter().map(owned).collect());
    }

    /// Adds an event that happened at `at`.
    pub(super) fn note_at(&mut self, at: Instant, what: &str, details: Vec<(String, String)>) {
        add(&mut self.record, at, what, details);
    }
}

/// Adds to the story of an interaction that has ended: whose session is not there any more to do so.
pub fn add_to_kept(
    tenant: &Tenant,
    interaction: InteractionId,
    at: Instant,
    what: &str,
    details: Vec<(String, String)>,
) {
    let kept = tenant.store.interaction(interaction);
    let ended = kept.map(|kept| kept.filter(|record| record.ended_at.is_some()));
    let written = match ended {
        Ok(None) => return,
        Ok(Some(mut record)) => {
            add(&mut record, at, what, details);
            tenant.store.put_interaction(&record).map(drop)
        }
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        tracing::error!(tenant = %tenant.id, %interaction, %error, "the story lacks something");
    }
}
