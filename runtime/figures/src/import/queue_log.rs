//! Asterisk's `queue_log`: `epoch|callid|queue|agent|event|data1|data2|…`.
//!
//! Waits are those that Asterisk wrote (whole seconds), so its own figures can be reproduced. After-
//! call work is not in the log. The time of an agent is known from the first `ADDMEMBER` or
//! `AGENTLOGIN` on; of members of the configuration only the calls are known.

mod agents;

use std::collections::BTreeMap;

use jackfield_core::Party;

use super::{ImportError, Imported, fixed_point};
use crate::kpi::record::{
    ContactRecord, Conversation, OfferOutcome, OfferRecord, QueueStay, StayOutcome,
};
use agents::Clocks;

const SECOND: u64 = 1_000_000;
/// A wait differs from its time stamps by more than the grain of the log.
const GRAIN: u64 = SECOND;

/// Events that say nothing about contacts or agents' time.
const WITHOUT_MEANING: [&str; 6] =
    ["CONFIGRELOAD", "DID", "INFO", "PENALTY", "SYSCOMPAT", "MEMBERSTATUS"];

/// Reads a `queue_log`.
///
/// # Errors
///
/// [`ImportError`] if it is empty or no line can be used. A bad line alone is no error: see
/// [`Imported::bad`].
///
/// # Examples
///
/// ```
/// use jackfield_figures::import::read_queue_log;
///
/// let log = "1700000000|c1|sales|NONE|ENTERQUEUE||5550100|1\n\
///            1700000012|c1|sales|SIP/101|CONNECT|12|c2|4\n\
///            1700000132|c1|sales|SIP/101|COMPLETECALLER|12|120|1\n";
/// let imported = read_queue_log(log.as_bytes()).unwrap();
/// assert!(imported.records.contacts[0].was_answered());
/// ```
pub fn read_queue_log(bytes: &[u8]) -> Result<Imported, ImportError> {
    let mut import = Import::default();
    let mut any = false;
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() {
            continue;
        }
        any = true;
        if let Err(problem) = import.line(line) {
            import.imported.refuse(number, None, problem);
        }
    }
    if any { import.finish() } else { Err(ImportError::Empty) }
}

#[derive(Default)]
struct Import {
    imported: Imported,
    /// The contacts by call id.
    calls: BTreeMap<String, usize>,
    clocks: Clocks,
    unknown: BTreeMap<String, u64>,
    /// Calls that began before the log.
    headless: u64,
    /// Waits that differ from their time stamps.
    inexact: u64,
    /// Calls in progress when Asterisk started again.
    lost: u64,
    /// Holds in progress, by contact: since when.
    holds: BTreeMap<usize, u64>,
}

/// One line.
struct Event<'a> {
    at: u64,
    call: &'a str,
    queue: &'a str,
    agent: &'a str,
    data: Vec<&'a str>,
}

impl Event<'_> {
    /// Returns data `index` (0 is the first) as seconds, in microseconds.
    fn seconds(&self, index: usize) -> Option<u64> {
        fixed_point(self.data.get(index)?.trim(), 6)
    }

    /// As [`Self::seconds`], counted from the last one.
    fn seconds_from_end(&self, index: usize) -> Option<u64> {
        self.seconds(self.data.len().checked_sub(index)?)
    }

    fn needed(&self, index: usize, what: &str) -> Result<u64, String> {
        self.seconds(index)
            .ok_or_else(|| format!("data{} must be the {what} in seconds", index + 1))
    }
}

impl Import {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split('|').collect();
        let [epoch, call, queue, agent, name, data @ ..] = &fields[..] else {
            return Err(format!(
                "{} fields, but epoch|callid|queue|agent|event are needed",
                fields.len()
            ));
        };
        let at = fixed_point(epoch.trim(), 6)
            .filter(|at| *at < u64::MAX / 1_000)
            .ok_or_else(|| format!("`{epoch}` is no time; seconds since 1970 are accepted"))?;
        let event = Event { at, call, queue, agent, data: data.to_vec() };
        self.event(name, &event)?;
        let records = &mut self.imported.records;
        records.known_until = records.known_until.max(at);
        Ok(())
    }

    fn event(&mut self, name: &str, event: &Event<'_>) -> Result<(), String> {
        match name {
            "ENTERQUEUE" => self.enter(event),
            "CONNECT" => return self.connect(event),
            "COMPLETEAGENT" => {
                let (hold, call) = (event.needed(0, "hold time")?, event.needed(1, "call time")?);
                self.complete(event, hold, call, Some(Party::Agent), false);
            }
            "COMPLETECALLER" => {
                let (hold, call) = (event.needed(0, "hold time")?, event.needed(1, "call time")?);
                self.complete(event, hold, call, Some(Party::Customer), false);
            }
            "TRANSFER" | "BLINDTRANSFER" | "ATTENDEDTRANSFER" => {
                let times = event.seconds_from_end(3).zip(event.seconds_from_end(2));
                let Some((hold, call)) = times else {
                    return Err("the last data must be hold time, call time, position".to_owned());
                };
                self.complete(event, hold, call, None, true);
            }
            "ABANDON" => self.leave(event, StayOutcome::Abandoned, event.seconds(2)),
            "EXITWITHTIMEOUT" => self.leave(event, StayOutcome::TimedOut, event.seconds(2)),
            "EXITWITHKEY" => self.leave(event, StayOutcome::FlowOut, event.seconds(3)),
            "EXITEMPTY" | "LEAVEEMPTY" => {
                self.leave(event, StayOutcome::LeaveEmpty, event.seconds(2));
            }
            "FULL" => self.turned_away(event, StayOutcome::Full),
            "CLOSED" => self.turned_away(event, StayOutcome::Closed),
            "JOINEMPTY" => self.turned_away(event, StayOutcome::JoinEmpty),
            "RINGNOANSWER" => self.ring(event, OfferOutcome::Missed),
            "RINGCANCELED" => self.ring(event, OfferOutcome::Withdrawn),
            "AGENTDUMP" => self.ring(event, OfferOutcome::Missed),
            "HOLD" | "UNHOLD" => self.hold(event, name == "HOLD"),
            "QUEUESTART" => self.started(event.at),
            _ if self.clocks.event(name, event.at, event.queue, event.agent) => (),
            _ if WITHOUT_MEANING.contains(&name) => (),
            _ => *self.unknown.entry(name.to_owned()).or_default() += 1,
        }
        Ok(())
    }

    fn contact(&mut self, call: &str, at: u64) -> (usize, &mut ContactRecord) {
        let contacts = &mut self.imported.records.contacts;
        let place = *self.calls.entry(call.to_owned()).or_insert_with(|| {
            let contact = call.to_owned();
            contacts.push(ContactRecord { contact, arrived: at, ..ContactRecord::default() });
            contacts.len() - 1
        });
        (place, &mut contacts[place])
    }

    fn enter(&mut self, event: &Event<'_>) {
        let (_, contact) = self.contact(event.call, event.at);
        contact.closed = None;
        let customer = event.data.get(1).map(|text| text.trim()).filter(|text| !text.is_empty());
        contact.customer = contact.customer.take().or(customer.map(str::to_owned));
        contact.stays.push(QueueStay::begun(event.queue.to_owned(), event.at));
    }

    /// Returns the stay that waits in the event's queue, or one that began `wait` ago.
    fn waiting(&mut self, event: &Event<'_>, wait: Option<u64>) -> &mut QueueStay {
        let began = event.at.saturating_sub(wait.unwrap_or_default());
        let (place, contact) = self.contact(event.call, began);
        let open = |stay: &QueueStay| stay.outcome.is_none() && stay.queue == event.queue;
        let found = contact.stays.iter().rposition(open);
        let index = found.unwrap_or_else(|| {
            contact.stays.push(QueueStay::begun(event.queue.to_owned(), began));
            contact.stays.len() - 1
        });
        if found.is_none() {
            self.headless += 1;
        }
        let stay = &mut self.imported.records.contacts[place].stays[index];
        if let Some(wait) = wait {
            let stamped = event.at.saturating_sub(stay.entered);
            self.inexact += u64::from(GRAIN < stamped.abs_diff(wait));
            stay.entered = event.at.saturating_sub(wait);
            stay.joined = stay.entered;
        }
        stay
    }

    fn leave(&mut self, event: &Event<'_>, outcome: StayOutcome, wait: Option<u64>) {
        let at = event.at;
        self.waiting(event, wait).end(at, outcome);
        self.contact(event.call, at).1.closed = Some(at);
    }

    fn turned_away(&mut self, event: &Event<'_>, outcome: StayOutcome) {
        let at = event.at;
        let (_, contact) = self.contact(event.call, at);
        let mut stay = QueueStay::begun(event.queue.to_owned(), at);
        stay.end(at, outcome);
        contact.stays.push(stay);
        contact.closed = Some(at);
    }

    fn connect(&mut self, event: &Event<'_>) -> Result<(), String> {
        let wait = event.needed(0, "hold time")?;
        let (at, agent) = (event.at, event.agent.to_owned());
        let rang = event.seconds(2).unwrap_or_default();
        let stay = self.waiting(event, Some(wait));
        stay.end(at, StayOutcome::Answered);
        stay.offers.push(OfferRecord {
            agent: agent.clone(),
            at: at.saturating_sub(rang),
            ended: Some(at),
            outcome: Some(OfferOutcome::Answered),
        });
        stay.conversation = Some(Conversation { agent, from: at, ..Conversation::default() });
        self.clocks.talks(at, event.agent, true);
        Ok(())
    }

    fn complete(
        &mut self,
        event: &Event<'_>,
        wait: u64,
        call: u64,
        by: Option<Party>,
        transferred: bool,
    ) {
        let at = event.at;
        let known = self.calls.get(event.call).is_some_and(|place| {
            let contact = self.imported.records.contacts.get(*place);
            contact.is_some_and(|contact| contact.stays.iter().any(|stay| talks(stay, event)))
        });
        if !known {
            let answered = Event { at: at.saturating_sub(call), data: Vec::new(), ..*event };
            let stay = self.waiting(&answered, Some(wait));
            stay.end(answered.at, StayOutcome::Answered);
            let agent = event.agent.to_owned();
            let from = answered.at;
            stay.conversation = Some(Conversation { agent, from, ..Conversation::default() });
        }
        let (place, contact) = self.contact(event.call, at);
        contact.closed = Some(at);
        let held = self.holds.remove(&place);
        let contact = &mut self.imported.records.contacts[place];
        let Some(stay) = contact.stays.iter_mut().rfind(|stay| talks(stay, event)) else { return };
        if let Some(conversation) = &mut stay.conversation {
            conversation.hold += held.map_or(0, |since| at.saturating_sub(since));
            conversation.hold = conversation.hold.min(call);
            conversation.talk = Some(call - conversation.hold);
            conversation.to = Some(at);
            conversation.ended_by = by;
            conversation.transferred = transferred;
        }
        self.clocks.talks(at, event.agent, false);
    }

    fn ring(&mut self, event: &Event<'_>, outcome: OfferOutcome) {
        // Here, and nowhere else, the log counts milliseconds.
        let rang = event.seconds(0).unwrap_or_default() / 1_000;
        let offer = OfferRecord {
            agent: event.agent.to_owned(),
            at: event.at.saturating_sub(rang),
            ended: Some(event.at),
            outcome: Some(outcome),
        };
        let place = self.calls.get(event.call).copied();
        let contact = place.and_then(|place| self.imported.records.contacts.get_mut(place));
        let stay = contact.and_then(|contact| contact.stays.last_mut());
        if let Some(stay) = stay {
            stay.offers.push(offer);
        }
    }

    fn hold(&mut self, event: &Event<'_>, begins: bool) {
        let Some(&place) = self.calls.get(event.call) else { return };
        if begins {
            self.holds.entry(place).or_insert(event.at);
            return;
        }
        let Some(since) = self.holds.remove(&place) else { return };
        let contact = self.imported.records.contacts.get_mut(place);
        let stay = contact.and_then(|contact| contact.stays.last_mut());
        if let Some(conversation) = stay.and_then(|stay| stay.conversation.as_mut()) {
            conversation.hold += event.at.saturating_sub(since);
            conversation.holds += 1;
        }
    }

    /// Asterisk started again: it says nothing of the calls that were in progress.
    fn started(&mut self, at: u64) {
        for contact in &mut self.imported.records.contacts {
            let before = contact.stays.len();
            contact.stays.retain(|stay| stay.outcome.is_some());
            self.lost += (before - contact.stays.len()) as u64;
            if contact.closed.is_none() {
                contact.closed = Some(at);
            }
        }
        self.holds.clear();
        self.clocks.stop(self.imported.records.known_until);
    }

    fn finish(mut self) -> Result<Imported, ImportError> {
        let now = self.imported.records.known_until;
        self.imported.records.spans = self.clocks.finish(now);
        let notes = &mut self.imported.notes;
        notes.push(
            "queue_log has no after-call work: AHT is talk and hold; Asterisk's own figures count \
             from its start, these from the beginning of the file"
                .to_owned(),
        );
        let mut tell = |count: u64, what: &str| {
            if count != 0 {
                notes.push(format!("{what}: {count}"));
            }
        };
        tell(
            self.headless,
            "calls that began before the log, their beginning taken from their end",
        );
        tell(
            self.inexact,
            "waits that differ from their time stamps by over 1 s, where what Asterisk wrote counts",
        );
        tell(self.lost, "calls that waited as Asterisk started again, not counted");
        if !self.unknown.is_empty() {
            let unknown = self.unknown.iter().map(|(name, count)| format!("{name} {count}"));
            let unknown: Vec<_> = unknown.collect();
            notes.push(format!("ignored events: {}", unknown.join(", ")));
        }
        self.imported.finish()
    }
}

/// Whether the stay's conversation is the one the event ends.
fn talks(stay: &QueueStay, event: &Event<'_>) -> bool {
    stay.queue == event.queue && stay.conversation.as_ref().is_some_and(|talk| talk.to.is_none())
}
