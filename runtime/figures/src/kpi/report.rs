//! A report: records counted into a total and tables, by the parameters.
//!
//! What belongs to a stay follows the stay: its wait, its offers and its conversation are counted in
//! the interval of the stay. What belongs to a contact as a whole follows the contact, in the rows
//! of its last queue and last agent. The time of agents is cut at the borders of intervals.

use std::collections::BTreeMap;

use jackfield_core::Channel;

use super::parameters::{Attribution, Dimension, Grouping, Parameters, WaitFrom};
use super::record::{ContactRecord, IvrOutcome, Lent, QueueStay, Records, StayOutcome};
use super::repeat::{Again, Repeats};
use super::tally::{ContactTally, Judged, Tally};
use super::time_of_agents;
use super::vendor::{self, AsteriskAverages};

/// The counted records. Figures are made of it when it is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// What was asked for.
    pub parameters: Parameters,
    /// The last moment the source knows of, in microseconds.
    pub known_until: u64,
    /// What a reader has to know about the source: what was left out, what is not in it.
    pub notes: Vec<String>,
    /// Everything in one row: the tenant.
    pub total: Tally,
    /// The tables.
    pub tables: Vec<Table>,
    /// What Asterisk would announce as hold and talk time, by queue.
    pub asterisk: BTreeMap<String, AsteriskAverages>,
}

/// One table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// What its rows differ in.
    pub grouping: Grouping,
    /// The rows in order.
    pub rows: BTreeMap<Key, Tally>,
}

/// What a row is about; a dimension that the table does not have is `None`.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// The beginning of the interval, in microseconds.
    pub interval: Option<u64>,
    /// The queue.
    pub queue: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The channel's name.
    pub channel: Option<&'static str>,
}

/// Where something that is counted belongs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    pub at: u64,
    pub queue: Option<&'a str>,
    pub agent: Option<&'a str>,
    pub channel: Option<Channel>,
}

/// Returns the name of a channel.
pub const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "voice",
        Channel::Chat => "chat",
        Channel::Email => "email",
        Channel::Message => "message",
        Channel::Task => "task",
    }
}

/// Returns the channel of this name.
///
/// # Errors
///
/// The names there are.
pub fn channel_by_name(name: &str) -> Result<Channel, String> {
    const CHANNELS: [Channel; 5] =
        [Channel::Voice, Channel::Chat, Channel::Email, Channel::Message, Channel::Task];
    CHANNELS.into_iter().find(|channel| channel_name(*channel) == name).ok_or_else(|| {
        let known = CHANNELS.map(channel_name).join(", ");
        format!("`{name}` is no channel; {known} are accepted")
    })
}

impl Report {
    /// Counts `records`.
    pub fn of(records: &Records, parameters: &Parameters) -> Self {
        Self::count(&records.lend(), parameters)
    }

    pub(super) fn count(records: &Lent<'_>, parameters: &Parameters) -> Self {
        let tables = parameters
            .by
            .iter()
            .map(|grouping| Table { grouping: grouping.clone(), rows: BTreeMap::new() });
        let mut report = Self {
            parameters: parameters.clone(),
            known_until: records.known_until,
            notes: Vec::new(),
            total: Tally::default(),
            tables: tables.collect(),
            asterisk: vendor::asterisk_averages(records, parameters),
        };
        let repeats = Repeats::new(records, &parameters.repeat);
        for (place, contact) in records.contacts.iter().copied().enumerate() {
            report.contact(contact, repeats.is_eligible(contact), repeats.again(place, contact));
            for (index, stay) in contact.stays.iter().enumerate() {
                let last = index + 1 == contact.stays.len();
                report.stay(contact, stay, last && contact.transferred);
            }
        }
        time_of_agents::count(&mut report, records);
        report
    }

    /// Adds to the total and to the row of each table that the place belongs to.
    pub(super) fn add(&mut self, place: Place<'_>, add: impl Fn(&mut Tally)) {
        if !self.parameters.covers(place.at) {
            return;
        }
        add(&mut self.total);
        let interval = self.parameters.interval_us.max(1);
        for table in &mut self.tables {
            let has = |dimension| table.grouping.has(dimension);
            let key = Key {
                interval: has(Dimension::Interval).then(|| place.at / interval * interval),
                queue: place.queue.filter(|_| has(Dimension::Queue)).map(str::to_owned),
                agent: place.agent.filter(|_| has(Dimension::Agent)).map(str::to_owned),
                channel: place.channel.filter(|_| has(Dimension::Channel)).map(channel_name),
            };
            let complete = (key.queue.is_some() || !has(Dimension::Queue))
                && (key.agent.is_some() || !has(Dimension::Agent))
                && (key.channel.is_some() || !has(Dimension::Channel));
            if complete {
                add(table.rows.entry(key).or_default());
            }
        }
    }

    fn stay(&mut self, contact: &ContactRecord, stay: &QueueStay, transferred: bool) {
        let at = match self.parameters.attribute {
            Attribution::Enter => stay.entered,
            Attribution::Exit => match stay.left {
                Some(left) => left,
                None => return,
            },
        };
        let since = match self.parameters.wait_from {
            WaitFrom::FirstQueue => stay.joined,
            WaitFrom::ThisQueue => stay.entered,
        };
        let until = stay.left.unwrap_or(self.known_until);
        let judged = Judged {
            stay,
            target: self.parameters.target(stay.target),
            wait: until.saturating_sub(since),
            own_wait: until.saturating_sub(stay.entered),
        };
        let within = judged.wait <= judged.target.within;
        let standard = self.parameters.standard_times_us.get(&stay.queue).copied();
        let conversation = stay.conversation.as_ref().map(|conversation| {
            let mut conversation = conversation.clone();
            conversation.transferred |= transferred;
            conversation
        });
        let place = Place {
            at,
            queue: Some(&stay.queue),
            agent: conversation.as_ref().map(|conversation| conversation.agent.as_str()),
            channel: Some(contact.channel),
        };
        self.add(place, |tally| {
            tally.queue.add(&judged);
            if let Some(conversation) = &conversation {
                tally.handled.add(conversation, within, standard.unwrap_or_default());
            }
        });
        for offer in &stay.offers {
            let Some(outcome) = offer.outcome else { continue };
            let place = Place { agent: Some(&offer.agent), ..place };
            self.add(place, |tally| tally.offers.add(outcome));
        }
    }

    fn contact(&mut self, contact: &ContactRecord, eligible: bool, again: Again) {
        let at = match self.parameters.attribute {
            Attribution::Enter => contact.arrived,
            Attribution::Exit => match contact.closed {
                Some(closed) => closed,
                None => return,
            },
        };
        let mut conversations = contact.stays.iter().filter_map(|stay| stay.conversation.as_ref());
        let place = Place {
            at,
            queue: contact.stays.last().map(|stay| stay.queue.as_str()),
            agent: conversations.next_back().map(|conversation| conversation.agent.as_str()),
            channel: Some(contact.channel),
        };
        self.add(place, |tally| {
            count_contact(&mut tally.contact, contact, again);
            if eligible {
                match again {
                    Again::Yes => tally.contact.eligible += 1,
                    Again::No => {
                        tally.contact.eligible += 1;
                        tally.contact.resolved += 1;
                    }
                    Again::NotYetKnown => tally.contact.pending += 1,
                }
            }
            tally.rating.add(&contact.rating);
        });
    }
}

fn count_contact(tally: &mut ContactTally, contact: &ContactRecord, again: Again) {
    tally.contacts += 1;
    let answered = contact.was_answered();
    let last = contact.stays.last();
    let waits = last.is_some_and(|stay| stay.outcome.is_none());
    tally.to_humans += u64::from(last.is_some() && !waits);
    tally.answered += u64::from(last.is_some() && !waits && answered);
    let outcome = contact.ivr.and_then(|ivr| ivr.outcome);
    if contact.refused {
        tally.lost_refused += 1;
    } else if !answered && !waits {
        lose(tally, contact, outcome);
    }
    if contact.ivr.is_none() {
        return;
    }
    let ended_there = matches!(outcome, Some(IvrOutcome::Informed | IvrOutcome::SelfService));
    // Who went on to a human is known at once, but is told with the others of the same time: else
    // the share would begin at 0 % and rise.
    match again {
        Again::NotYetKnown => tally.ivr_pending += 1,
        Again::Yes => tally.ivr += 1,
        Again::No => {
            tally.ivr += 1;
            tally.contained += u64::from(ended_there && last.is_none());
        }
    }
}

/// Counts a contact that no agent answered, if it was lost.
fn lose(tally: &mut ContactTally, contact: &ContactRecord, ivr: Option<IvrOutcome>) {
    let called_back = contact.stays.iter().any(|stay| stay.outcome == Some(StayOutcome::Callback));
    match contact.stays.last() {
        _ if called_back => (),
        None => tally.lost_ivr += u64::from(ivr == Some(IvrOutcome::HungUp)),
        Some(stay) => match stay.outcome {
            Some(StayOutcome::Abandoned) if stay.ringing => tally.lost_ringing += 1,
            Some(StayOutcome::Abandoned) => tally.lost_queue += 1,
            Some(
                StayOutcome::TimedOut
                | StayOutcome::Full
                | StayOutcome::Closed
                | StayOutcome::JoinEmpty
                | StayOutcome::LeaveEmpty,
            ) => tally.lost_refused += 1,
            Some(StayOutcome::Answered | StayOutcome::Callback | StayOutcome::FlowOut) | None => (),
        },
    }
}
