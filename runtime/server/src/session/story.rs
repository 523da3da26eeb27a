//! Keeping the interaction's story.

use jackfield_core::Instant;
use jackfield_store::TimelineEvent;

use super::CallSession;
use crate::tenant::now;

/// Events kept of one interaction; beyond it the story says that it goes on.
const EVENTS_MAX: usize = 2_000;

impl CallSession {
    /// Adds an event that happened just now.
    pub(super) fn note(&mut self, what: &str, details: &[(&str, &str)]) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.note_at(now(), what, details.iter().map(owned).collect());
    }

    /// Adds an event that happened at `at`.
    pub(super) fn note_at(&mut self, at: Instant, what: &str, details: Vec<(String, String)>) {
        let timeline = &mut self.record.timeline;
        if timeline.len() < EVENTS_MAX {
            let what = what.to_owned();
            timeline.push(TimelineEvent { at_micros: at.as_micros(), what, details });
        } else if timeline.len() == EVENTS_MAX {
            let what = "further events are not kept".to_owned();
            timeline.push(TimelineEvent { at_micros: at.as_micros(), what, details: Vec::new() });
        }
    }
}
