//! What other systems keep besides counts: Asterisk's moving averages.
//!
//! Their formulas over counts are with the other definitions.

use std::collections::BTreeMap;

use super::figure::MICROS;
use super::parameters::{Attribution, Parameters};
use super::record::{Lent, StayOutcome};

/// What `app_queue` keeps for one queue, in whole seconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AsteriskAverages {
    /// Its "holdtime": the moving average of the waits of answered calls, in order of the answers.
    pub holdtime: u64,
    /// Its "talktime": the same of the talk times, in order of the ends.
    pub talktime: u64,
}

/// Returns Asterisk's moving average of whole numbers: the first sample as it is, then
/// `(3 × old + new) / 4` without the remainder.
///
/// # Examples
///
/// ```
/// use jackfield_figures::kpi::asterisk_average;
///
/// assert_eq!(asterisk_average([10, 20, 60, 0]), Some(18));
/// assert_eq!(asterisk_average([]), None);
/// ```
pub fn asterisk_average(samples: impl IntoIterator<Item = u64>) -> Option<u64> {
    samples.into_iter().fold(None, |old, new| Some(old.map_or(new, |old| (3 * old + new) / 4)))
}

/// Returns the averages as they stand at the end of the range, by queue.
pub(super) fn asterisk_averages(
    records: &Lent<'_>,
    parameters: &Parameters,
) -> BTreeMap<String, AsteriskAverages> {
    let mut waits: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    let mut talks: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for stay in records.contacts.iter().copied().flat_map(|contact| &contact.stays) {
        let (Some(left), Some(StayOutcome::Answered)) = (stay.left, stay.outcome) else { continue };
        let at = match parameters.attribute {
            Attribution::Enter => stay.entered,
            Attribution::Exit => left,
        };
        if !parameters.covers(at) {
            continue;
        }
        let wait = left.saturating_sub(stay.entered) / MICROS;
        waits.entry(&stay.queue).or_default().push((left, wait));
        let ended = stay.conversation.as_ref();
        let ended = ended.and_then(|talk| Some((talk.to?, (talk.talk? + talk.hold) / MICROS)));
        if let Some(sample) = ended {
            talks.entry(&stay.queue).or_default().push(sample);
        }
    }
    let average = |samples: Option<&mut Vec<(u64, u64)>>| {
        let Some(samples) = samples else { return 0 };
        // In the same second the records keep the order.
        samples.sort_by_key(|(at, _)| *at);
        asterisk_average(samples.iter().map(|(_, sample)| *sample)).unwrap_or_default()
    };
    let queues: Vec<&str> = waits.keys().copied().collect();
    let averages = queues.into_iter().map(|queue| {
        let holdtime = average(waits.get_mut(queue));
        let talktime = average(talks.get_mut(queue));
        (queue.to_owned(), AsteriskAverages { holdtime, talktime })
    });
    averages.collect()
}
