//! The journal of a tenant, folded into records.
//!
//! [`Folder`] takes one [`JournalRecord`] after the other. Live figures and figures of a past day
//! are made by the same lines: live, the records arrive as they happen; in a batch, all at once.
//! What is asked for is a view of the records; folding itself depends on nothing else.
//!
//! A folder that lives on may [forget](Folder::forget) what ended long ago; reports of later times
//! stay the same to the bit.

use std::collections::BTreeMap;

use jackfield_core::{
    AgentId, AgentState, CenterConfig, EndCause, Input, InteractionId, JournalRecord, OfferId,
    Output, QueueEnd, QueueId, Refusal, WithdrawReason,
};

use super::noted::{note, replace_plan};
use super::parameters::Parameters;
use super::record::{
    Activity, AgentSpan, ContactRecord, Conversation, IvrOutcome, IvrRecord, Lent, OfferOutcome,
    OfferRecord, QueueStay, Records, ScheduleSpan, StayOutcome, Target,
};
use super::report::Report;

/// Turns a journal into records, as it comes.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// The contacts in order of arrival.
    contacts: BTreeMap<Place, ContactRecord>,
    spans: Vec<AgentSpan>,
    /// What agents are planned to do, past and to come.
    schedule: Vec<ScheduleSpan>,
    known_until: u64,
    /// How many records were folded.
    folded: u64,
    /// The place of the next contact.
    next: Place,
    /// Contacts that are not over, by their place.
    open: BTreeMap<InteractionId, Place>,
    /// Contacts that are over, by name: what customers think of them is often told later.
    over: BTreeMap<InteractionId, Place>,
    /// Since when each contact is on hold.
    holds: BTreeMap<InteractionId, u64>,
    /// The contact of each offer that rings.
    ringing: BTreeMap<OfferId, Place>,
    /// The last conversation of each contact, whose after-call work may go on.
    wrapping: BTreeMap<InteractionId, (Place, usize)>,
    /// What each agent does now.
    agents: BTreeMap<AgentId, Present>,
    targets: BTreeMap<QueueId, Target>,
    /// How many conversations each agent can have at once.
    slots: BTreeMap<AgentId, u64>,
    /// The last record but for set-ups: a new process begins with one, before it says that it is new.
    alive_until: u64,
}

/// The place of a contact among all that ever arrived.
type Place = u64;

/// What an agent does now.
#[derive(Clone, Debug)]
struct Present {
    state: AgentState,
    /// Since when the state lasts.
    state_since: u64,
    /// Since when nothing has changed, conversations included.
    since: u64,
    /// Conversations that go on.
    busy: u64,
    /// The conversation that the after-call work belongs to: contact and stay.
    worked_on: Option<(Place, usize)>,
}

/// What an agent does in a state, or `None` if the agent is not there.
const fn activity(state: &AgentState) -> Option<Activity> {
    match state {
        AgentState::LoggedOut => None,
        AgentState::NotReady { .. } => Some(Activity::Unavailable),
        AgentState::Ready => Some(Activity::Available),
        AgentState::Reserved => Some(Activity::Ringing),
        AgentState::Busy => Some(Activity::Talking),
        AgentState::AfterCallWork => Some(Activity::AfterCallWork),
    }
}

/// Returns the span of an agent from `present.since` to `to`.
fn span(agent: &AgentId, present: &Present, slots: u64, to: u64) -> Option<AgentSpan> {
    let activity = match activity(&present.state)? {
        // Who has a conversation has one, also while there is room for another.
        Activity::Available | Activity::Ringing if present.busy != 0 => Activity::Talking,
        activity => activity,
    };
    if to <= present.since {
        return None;
    }
    let busy = matches!(activity, Activity::Talking | Activity::AfterCallWork);
    let slots_busy = present.busy.max(u64::from(busy));
    Some(AgentSpan {
        agent: agent.to_string(),
        activity,
        from: present.since,
        to,
        slots_busy,
        slots: slots.max(slots_busy),
    })
}

impl Folder {
    /// Creates a folder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds a whole journal.
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a JournalRecord>) -> Self {
        let mut folder = Self::new();
        for record in records {
            folder.take(record);
        }
        folder
    }

    /// Folds the next record.
    pub fn take(&mut self, record: &JournalRecord) {
        let at = record.at.as_micros();
        self.folded += 1;
        if let Input::Restarted { .. } = record.input {
            self.interrupt();
        }
        self.known_until = self.known_until.max(at);
        if !matches!(record.input, Input::Configured { .. }) {
            self.alive_until = self.known_until;
        }
        self.input(at, &record.input);
        for output in &record.outputs {
            self.output(at, output);
        }
    }

    /// Returns what has happened up to the last record, with what agents do at this moment.
    pub fn records(&self) -> Records {
        let mut spans = self.spans.clone();
        spans.extend(self.present());
        Records {
            contacts: self.contacts.values().cloned().collect(),
            spans,
            schedule: self.schedule.clone(),
            known_until: self.known_until,
        }
    }

    /// Counts what has happened up to the last record: the same as a report of
    /// [`records`](Self::records), without a copy of them.
    pub fn report(&self, parameters: &Parameters) -> Report {
        let present = self.present();
        let lent = Lent {
            contacts: self.contacts.values().collect(),
            spans: self.spans.iter().chain(&present).collect(),
            schedule: &self.schedule,
            known_until: self.known_until,
        };
        Report::count(&lent, parameters)
    }

    /// Returns what agents are planned to do, by agent and time, as far as it is not forgotten.
    pub fn schedule(&self) -> &[ScheduleSpan] {
        &self.schedule
    }

    /// Returns how many records were folded.
    pub const fn folded(&self) -> u64 {
        self.folded
    }

    /// Forgets contacts and agents' time that ended before `before`, in microseconds. A report with
    /// `from_us` at or after it is not changed by that.
    pub fn forget(&mut self, before: u64) {
        self.contacts.retain(|_, contact| contact.closed.is_none_or(|closed| before <= closed));
        self.spans.retain(|span| before <= span.to);
        self.wrapping.retain(|_, (place, _)| self.contacts.contains_key(place));
        self.over.retain(|_, place| self.contacts.contains_key(place));
        self.schedule.retain(|span| before <= span.to);
    }

    fn present(&self) -> Vec<AgentSpan> {
        let now = self.known_until;
        let present = self.agents.iter();
        let spans = present.filter_map(|(name, agent)| span(name, agent, self.slots(name), now));
        spans.collect()
    }

    fn input(&mut self, at: u64, input: &Input) {
        match input {
            Input::Configured { config } => self.configure(config),
            Input::InteractionArrived { interaction, channel, ani, .. } => {
                let contact = ContactRecord {
                    contact: interaction.to_string(),
                    customer: ani.clone(),
                    channel: *channel,
                    arrived: at,
                    ivr: Some(IvrRecord { entered: at, ..IvrRecord::default() }),
                    ..ContactRecord::default()
                };
                // A name that is in use is refused: the output says so, and the first one stays.
                if !self.open.contains_key(interaction) {
                    self.open.insert(*interaction, self.next);
                    self.contacts.insert(self.next, contact);
                    self.next += 1;
                }
            }
            Input::InteractionEnqueued { interaction, options, .. } => {
                let reason = options.attributes.iter().find(|(name, _)| name == "reason");
                if let (Some(contact), Some((_, reason))) = (self.contact(interaction), reason) {
                    contact.reason = Some(reason.clone());
                }
            }
            Input::HoldStarted { interaction } => {
                let place = self.open.get(interaction).copied();
                if let Some(talk) = place.and_then(|place| self.talk(place)) {
                    talk.holds += 1;
                    self.holds.entry(*interaction).or_insert(at);
                }
            }
            Input::HoldEnded { interaction } => self.end_hold(at, interaction),
            Input::Noted { interaction, what, details } => {
                let place = self.open.get(interaction).or_else(|| self.over.get(interaction));
                if let Some(contact) = place.and_then(|place| self.contacts.get_mut(place)) {
                    note(contact, what, details);
                }
            }
            Input::Scheduled { agent, from, to, spans } => {
                let range = (from.as_micros(), to.as_micros());
                replace_plan(&mut self.schedule, agent.as_str(), range, spans);
            }
            _ => (),
        }
    }

    fn configure(&mut self, config: &CenterConfig) {
        let targets = config.queues.iter().map(|(name, queue)| {
            let micros =
                |span: std::time::Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
            let target = Target {
                within: micros(queue.service_level.within),
                short: micros(queue.short_abandon),
            };
            (name.clone(), target)
        });
        // A queue that is gone keeps its last target for who is still in it.
        self.targets.extend(targets);
        let slots = config.agents.iter().map(|(name, agent)| {
            let most = agent.capacity.values().map(|channel| u64::from(channel.slots)).max();
            (name.clone(), most.unwrap_or(1).max(1))
        });
        self.slots.extend(slots);
    }

    fn output(&mut self, at: u64, output: &Output) {
        match output {
            Output::Queued { interaction, queue, .. } => {
                let Some(contact) = self.contact(interaction) else { return };
                if let Some(ivr) = contact.ivr.as_mut().filter(|ivr| ivr.left.is_none()) {
                    ivr.left = Some(at);
                }
                contact.stays.push(QueueStay::begun(queue.to_string(), at));
            }
            Output::Overflowed { interaction, from, to }
            | Output::Moved { interaction, from, to, .. } => {
                self.leave(at, *interaction, from, StayOutcome::FlowOut);
                let Some(contact) = self.contact(interaction) else { return };
                let joined = contact.stays.last().map_or(at, |stay| stay.joined);
                let stay = QueueStay { joined, ..QueueStay::begun(to.to_string(), at) };
                contact.stays.push(stay);
            }
            Output::Offer { offer, interaction, agent, .. } => {
                let Some(&place) = self.open.get(interaction) else { return };
                self.ringing.insert(*offer, place);
                if let Some(stay) = self.last_stay(place) {
                    let agent = agent.to_string();
                    stay.offers.push(OfferRecord { agent, at, ended: None, outcome: None });
                }
            }
            Output::Withdraw { offer, interaction, agent, reason } => {
                let outcome = match reason {
                    WithdrawReason::NoAnswer | WithdrawReason::AgentLeft => OfferOutcome::Missed,
                    _ => OfferOutcome::Withdrawn,
                };
                self.end_offer(at, *offer, agent, outcome);
                if *reason == WithdrawReason::CustomerLeft {
                    let place = self.open.get(interaction).copied();
                    if let Some(stay) = place.and_then(|place| self.last_stay(place)) {
                        stay.ringing = true;
                    }
                }
            }
            Output::OfferLost { offer, agent, .. } => {
                self.end_offer(at, *offer, agent, OfferOutcome::Missed);
            }
            Output::Connect { offer, interaction, agent, queue, .. } => {
                self.converses(at, agent, true);
                self.end_offer(at, *offer, agent, OfferOutcome::Answered);
                self.leave(at, *interaction, queue, StayOutcome::Answered);
                let Some(&place) = self.open.get(interaction) else { return };
                if let Some(stay) = self.last_stay(place) {
                    let agent = agent.to_string();
                    stay.conversation =
                        Some(Conversation { agent, from: at, ..Conversation::default() });
                }
            }
            other => self.ending(at, other),
        }
    }

    /// What ends something.
    fn ending(&mut self, at: u64, output: &Output) {
        match output {
            Output::Disconnect { interaction, agent, by, .. } => {
                self.end_hold(at, interaction);
                self.converses(at, agent, false);
                let Some(&place) = self.open.get(interaction) else { return };
                let Some(stays) = self.contacts.get_mut(&place).map(|one| &mut one.stays) else {
                    return;
                };
                let index = stays.len().saturating_sub(1);
                let stay = stays.last_mut();
                if let Some(conversation) = stay.and_then(|stay| stay.conversation.as_mut()) {
                    end_conversation(conversation, at);
                    conversation.ended_by = Some(*by);
                    // Until the agent's next state says that there is some.
                    conversation.acw = Some(0);
                }
                self.wrapping.insert(*interaction, (place, index));
                if let Some(present) = self.agents.get_mut(agent) {
                    present.worked_on = Some((place, index));
                }
            }
            Output::WrapUpEnded { interaction, lasted, .. } => {
                let of = self.wrapping.remove(interaction);
                if let Some(conversation) = self.conversation(of) {
                    conversation.acw = Some(u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX));
                }
            }
            Output::LeaveQueue { interaction, queue, end, waited, .. } => {
                let outcome = match end {
                    // The answer ended the wait.
                    QueueEnd::Served => return,
                    QueueEnd::TimedOut => StayOutcome::TimedOut,
                    QueueEnd::Full => StayOutcome::Full,
                    QueueEnd::Closed => StayOutcome::Closed,
                    QueueEnd::Callback => StayOutcome::Callback,
                    QueueEnd::NoAgents if waited.is_zero() => StayOutcome::JoinEmpty,
                    QueueEnd::NoAgents => StayOutcome::LeaveEmpty,
                    _ => StayOutcome::FlowOut,
                };
                self.leave(at, *interaction, queue, outcome);
            }
            Output::Abandoned { interaction, queue, .. } => {
                self.leave(at, *interaction, queue, StayOutcome::Abandoned);
            }
            Output::AgentChanged { agent, state, .. } => self.agent_changed(at, agent, state),
            Output::Closed { interaction, cause, .. } => self.close(at, interaction, cause),
            // Only a refusal at the door ends a contact.
            Output::Refused { interaction, why: Refusal::TooManyInteractions { .. } } => {
                if let Some(contact) = self.contact(interaction) {
                    contact.refused = true;
                    contact.closed = Some(at);
                    contact.ivr = None;
                    self.open.remove(interaction);
                }
            }
            _ => (),
        }
    }

    fn close(&mut self, at: u64, interaction: &InteractionId, cause: &EndCause) {
        let Some(place) = self.open.remove(interaction) else { return };
        self.over.insert(*interaction, place);
        let Some(contact) = self.contacts.get_mut(&place) else { return };
        contact.closed = Some(at);
        contact.transferred |= *cause == EndCause::Transferred;
        if let Some(ivr) = contact.ivr.as_mut().filter(|ivr| ivr.left.is_none()) {
            ivr.left = Some(at);
            let by_cause = match cause {
                EndCause::Completed => Some(IvrOutcome::SelfService),
                EndCause::CustomerLeft | EndCause::Lost => Some(IvrOutcome::HungUp),
                _ => None,
            };
            ivr.outcome = ivr.outcome.or(by_cause);
        }
    }

    fn agent_changed(&mut self, at: u64, agent: &AgentId, state: &AgentState) {
        let before = self.agents.remove(agent);
        let (mut worked_on, mut busy) = (None, 0);
        // The engine says itself how long after-call work took; the state is what journals of
        // before have.
        if let Some(before) = before {
            self.spans.extend(span(agent, &before, self.slots(agent), at));
            (worked_on, busy) = (before.worked_on, before.busy);
            if before.state == AgentState::AfterCallWork {
                self.end_wrap_up(worked_on.take(), at.saturating_sub(before.state_since));
            } else if *state == AgentState::AfterCallWork {
                self.begin_wrap_up(worked_on);
            } else {
                worked_on = None;
            }
        }
        let state = state.clone();
        let present = Present { state, state_since: at, since: at, busy, worked_on };
        self.agents.insert(agent.clone(), present);
    }

    /// How many conversations the agent can have at once.
    fn slots(&self, agent: &AgentId) -> u64 {
        self.slots.get(agent).copied().unwrap_or(1)
    }

    /// A conversation of the agent began or ended.
    fn converses(&mut self, at: u64, agent: &AgentId, begins: bool) {
        let slots = self.slots(agent);
        let Some(present) = self.agents.get_mut(agent) else { return };
        self.spans.extend(span(agent, present, slots, at));
        present.since = at;
        present.busy = if begins { present.busy + 1 } else { present.busy.saturating_sub(1) };
    }

    /// After-call work that goes on is not known yet.
    fn begin_wrap_up(&mut self, of: Option<(Place, usize)>) {
        if let Some(conversation) = self.conversation(of) {
            conversation.acw = None;
        }
    }

    fn end_wrap_up(&mut self, of: Option<(Place, usize)>, lasted: u64) {
        if let Some(conversation) = self.conversation(of).filter(|talk| talk.acw.is_none()) {
            conversation.acw = Some(lasted);
        }
    }

    fn conversation(&mut self, of: Option<(Place, usize)>) -> Option<&mut Conversation> {
        let (place, index) = of?;
        self.contacts.get_mut(&place)?.stays.get_mut(index)?.conversation.as_mut()
    }

    fn contact(&mut self, interaction: &InteractionId) -> Option<&mut ContactRecord> {
        let place = self.open.get(interaction)?;
        self.contacts.get_mut(place)
    }

    fn last_stay(&mut self, place: Place) -> Option<&mut QueueStay> {
        self.contacts.get_mut(&place)?.stays.last_mut()
    }

    /// Returns the conversation that goes on.
    fn talk(&mut self, place: Place) -> Option<&mut Conversation> {
        let talk = self.last_stay(place)?.conversation.as_mut();
        talk.filter(|talk| talk.to.is_none())
    }

    fn end_hold(&mut self, at: u64, interaction: &InteractionId) {
        let Some(since) = self.holds.remove(interaction) else { return };
        let Some(&place) = self.open.get(interaction) else { return };
        if let Some(talk) = self.talk(place) {
            talk.hold += at.saturating_sub(since);
        }
    }

    fn leave(&mut self, at: u64, id: InteractionId, queue: &QueueId, outcome: StayOutcome) {
        let target = self.targets.get(queue).copied();
        let Some(&place) = self.open.get(&id) else { return };
        let stay = self.last_stay(place).filter(|stay| stay.outcome.is_none());
        if let Some(stay) = stay {
            stay.end(at, outcome);
            stay.target = target;
        }
    }

    fn end_offer(&mut self, at: u64, offer: OfferId, agent: &AgentId, outcome: OfferOutcome) {
        let Some(place) = self.ringing.remove(&offer) else { return };
        let Some(contact) = self.contacts.get_mut(&place) else { return };
        let mut offers = contact.stays.iter_mut().flat_map(|stay| &mut stay.offers);
        let found = offers.find(|one| one.outcome.is_none() && one.agent == agent.as_str());
        if let Some(found) = found {
            found.ended = Some(at);
            found.outcome = Some(outcome);
        }
    }

    /// The process ended and started again: what was in progress ended with the last record, since
    /// nothing is known of the time between.
    fn interrupt(&mut self) {
        let at = self.alive_until;
        for (agent, present) in std::mem::take(&mut self.agents) {
            self.spans.extend(span(&agent, &present, self.slots(&agent), at));
        }
        self.ringing.clear();
        self.wrapping.clear();
        for interaction in self.holds.keys().copied().collect::<Vec<_>>() {
            self.end_hold(at, &interaction);
        }
        for (interaction, place) in std::mem::take(&mut self.open) {
            self.over.insert(interaction, place);
            let Some(contact) = self.contacts.get_mut(&place) else { continue };
            contact.closed = Some(at);
            if let Some(ivr) = contact.ivr.as_mut().filter(|ivr| ivr.left.is_none()) {
                ivr.left = Some(at);
            }
            let Some(stay) = contact.stays.last_mut() else { continue };
            if stay.outcome.is_none() {
                stay.end(at, StayOutcome::Abandoned);
            }
            for offer in stay.offers.iter_mut().filter(|offer| offer.outcome.is_none()) {
                offer.ended = Some(at);
                offer.outcome = Some(OfferOutcome::Withdrawn);
            }
            if let Some(talk) = stay.conversation.as_mut().filter(|talk| talk.to.is_none()) {
                end_conversation(talk, at);
            }
        }
    }
}

fn end_conversation(conversation: &mut Conversation, at: u64) {
    conversation.to = Some(at);
    let whole = at.saturating_sub(conversation.from);
    conversation.talk = Some(whole.saturating_sub(conversation.hold));
}
