//! What one waiting contact is told of its wait, so that the next figure never breaks the last one.

use crate::{Estimate, Instant};

/// Remembers what one contact was told.
///
/// As long as the contact's place does not get worse and the staff not fewer, each announcement is at
/// most the one before less the time since. A contact that is overdue hears zero, which is to be
/// spoken as "in a moment": never a growing figure.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Announcer {
    last: Option<Said>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Said {
    at: Instant,
    estimate: Estimate,
    position: u32,
    staff: u32,
}

impl Announcer {
    /// Returns what to announce at `at`, or `None` if there is no estimate or it is not calibrated.
    ///
    /// `position` is the contact's place and `staff` the number of agents who could serve it, ready
    /// or at work. A worse place or fewer agents than at the last announcement excuse a longer wait.
    pub fn announce(
        &mut self,
        at: Instant,
        estimate: Option<Estimate>,
        position: u32,
        staff: u32,
        calibrated: bool,
    ) -> Option<Estimate> {
        let mut estimate = estimate.filter(|_| calibrated)?;
        if let Some(last) = self.last
            && position <= last.position
            && last.staff <= staff
        {
            let passed = at - last.at;
            estimate.p50 = estimate.p50.min(last.estimate.p50.saturating_sub(passed));
            estimate.p90 = estimate.p90.min(last.estimate.p90.saturating_sub(passed));
        }
        self.last = Some(Said { at, estimate, position, staff });
        Some(estimate)
    }

    /// Returns what was announced last.
    pub fn last(&self) -> Option<Estimate> {
        self.last.map(|said| said.estimate)
    }
}
