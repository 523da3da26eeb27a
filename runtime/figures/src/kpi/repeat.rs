//! Who came again: the index behind first contact resolution and containment.

use std::collections::BTreeMap;

use super::parameters::RepeatRule;
use super::record::{ContactRecord, Lent, StayOutcome};

/// Whether a contact was followed by another one of the same customer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Again {
    Yes,
    No,
    /// The window has not passed: even a "yes" is not told yet, so that a figure never moves once
    /// it is shown.
    NotYetKnown,
}

/// Who the customer is and, if the rule asks, what it was about.
type Identity<'a> = (&'a str, Option<&'a str>);

/// Every arrival of every customer.
pub(super) struct Repeats<'a> {
    rule: &'a RepeatRule,
    known_until: u64,
    /// Arrivals with the place in the records, in order.
    arrivals: BTreeMap<Identity<'a>, Vec<(u64, usize)>>,
}

impl<'a> Repeats<'a> {
    pub(super) fn new(records: &Lent<'a>, rule: &'a RepeatRule) -> Self {
        let known_until = records.known_until;
        let mut repeats = Self { rule, known_until, arrivals: BTreeMap::new() };
        for (place, contact) in records.contacts.iter().copied().enumerate() {
            let last = contact.stays.last().and_then(|stay| stay.outcome);
            let abandoned = last == Some(StayOutcome::Abandoned);
            if !repeats.looks_at(contact) || (rule.exclude_abandoned && abandoned) {
                continue;
            }
            if let Some(identity) = repeats.identity(contact) {
                repeats.arrivals.entry(identity).or_default().push((contact.arrived, place));
            }
        }
        for arrivals in repeats.arrivals.values_mut() {
            arrivals.sort_unstable();
        }
        repeats
    }

    /// Returns whether FCR is asked about the contact: an agent answered it, the customer is known,
    /// the rule includes it.
    pub(super) fn is_eligible(&self, contact: &ContactRecord) -> bool {
        contact.was_answered()
            && self.looks_at(contact)
            && self.identity(contact).is_some()
            && !(self.rule.exclude_transferred && contact.was_transferred())
    }

    /// Returns whether the customer of the contact at `place` came again. A customer who is not
    /// known cannot be seen to.
    pub(super) fn again(&self, place: usize, contact: &'a ContactRecord) -> Again {
        let Some(closed) = contact.closed else { return Again::NotYetKnown };
        let until = closed.saturating_add(self.rule.window_us);
        if self.known_until <= until {
            return Again::NotYetKnown;
        }
        let Some(identity) = self.identity(contact) else { return Again::No };
        let arrivals = self.arrivals.get(&identity).map_or(&[][..], Vec::as_slice);
        let next = arrivals.partition_point(|arrival| *arrival <= (contact.arrived, place));
        let came = arrivals.get(next).is_some_and(|(arrived, _)| *arrived <= until);
        if came { Again::Yes } else { Again::No }
    }

    fn looks_at(&self, contact: &ContactRecord) -> bool {
        self.rule.channels.is_empty() || self.rule.channels.contains(&contact.channel)
    }

    fn identity(&self, contact: &'a ContactRecord) -> Option<Identity<'a>> {
        let customer = contact.customer.as_deref()?;
        if self.rule.same_reason {
            // Two contacts without a reason are not known to be about the same.
            return Some((customer, Some(contact.reason.as_deref()?)));
        }
        Some((customer, None))
    }
}
