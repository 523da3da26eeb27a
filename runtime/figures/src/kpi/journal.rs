//! The journal of a tenant, folded into records.
//!
//! [`Folder`] takes one [`JournalRecord`] after the other. Live figures and figures of a past day
//! are made by the same lines: live, the records arrive as they happen; in a batch, all at once.
//! What is asked for is a view of the records; folding itself depends on nothing else.

use std::collections::BTreeMap;

use jackfield_core::{
    AgentId, AgentState, CenterConfig, EndCause, Input, InteractionId, JournalRecord, OfferId,
    Output, QueueEnd, QueueId, WithdrawReason,
};

use super::record::{
    Activity, AgentSpan, ContactRecord, Conversation, IvrOutcome, IvrRecord, OfferOutcome,
    OfferRecord, QueueStay, Records, StayOutcome, Target,
};

/// Turns a journal into records, as it comes.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    records: Records,
    /// Contacts that are not over, by their place in the records.
    open: BTreeMap<InteractionId, usize>,
    /// Since when each contact is on hold.
    holds: BTreeMap<InteractionId, u64>,
    /// The contact of each offer that rings.
    ringing: BTreeMap<OfferId, usize>,
    /// What each agent does now.
    agents: BTreeMap<AgentId, Present>,
    targets: BTreeMap<QueueId, Target>,
    /// The last record but for set-ups: a new process begins with one, before it says that it is new.
    alive_until: u64,
}

/// What an agent does now.
#[derive(Clone, Debug)]
struct Present {
    state: AgentState,
    since: u64,
    /// The conversation that the after-call work belongs to: contact and stay.
    worked_on: Option<(usize, usize)>,
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
fn span(agent: &AgentId, present: &Present, to: u64) -> Option<AgentSpan> {
    let activity = activity(&present.state)?;
    if to <= present.since {
        return None;
    }
    let busy = matches!(activity, Activity::Talking | Activity::AfterCallWork);
    Some(AgentSpan {
        agent: agent.to_string(),
        activity,
        from: present.since,
        to,
        slots_busy: u64::from(busy),
        slots: 1,
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
        if let Input::Restarted { .. } = record.input {
            self.interrupt();
        }
        self.records.known_until = self.records.known_until.max(at);
        if !matches!(record.input, Input::Configured { .. }) {
            self.alive_until = self.records.known_until;
        }
        self.input(at, &record.input);
        for output in &record.outputs {
            self.output(at, output);
        }
    }

    /// Returns what has happened up to the last record, with what agents do at this moment.
    pub fn records(&self) -> Records {
        let mut records = self.records.clone();
        let now = records.known_until;
        let present = self.agents.iter().filter_map(|(agent, present)| span(agent, present, now));
        records.spans.extend(present);
        records
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
                    self.open.insert(*interaction, self.records.contacts.len());
                    self.records.contacts.push(contact);
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
                if let Some(contact) = self.contact(interaction) {
                    note(contact, what, details);
                }
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
                let Some(&place) = self.open.get(interaction) else { return };
                let Some(stays) = self.records.contacts.get_mut(place).map(|one| &mut one.stays)
                else {
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
                if let Some(present) = self.agents.get_mut(agent) {
                    present.worked_on = Some((place, index));
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
            Output::Refused { interaction, .. } => {
                // Only a refusal at the door leaves nothing behind: the first word about it.
                let arrived = self.contact(interaction).filter(|one| one.arrived == at);
                if let Some(contact) = arrived.filter(|one| one.stays.is_empty()) {
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
        let Some(contact) = self.records.contacts.get_mut(place) else { return };
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
        let mut worked_on = None;
        if let Some(before) = before {
            self.records.spans.extend(span(agent, &before, at));
            worked_on = before.worked_on;
            if before.state == AgentState::AfterCallWork {
                self.end_wrap_up(worked_on.take(), at.saturating_sub(before.since));
            } else if *state == AgentState::AfterCallWork {
                self.begin_wrap_up(worked_on);
            } else {
                worked_on = None;
            }
        }
        self.agents.insert(agent.clone(), Present { state: state.clone(), since: at, worked_on });
    }

    /// After-call work that goes on is not known yet.
    fn begin_wrap_up(&mut self, of: Option<(usize, usize)>) {
        if let Some(conversation) = self.conversation(of) {
            conversation.acw = None;
        }
    }

    fn end_wrap_up(&mut self, of: Option<(usize, usize)>, lasted: u64) {
        if let Some(conversation) = self.conversation(of) {
            conversation.acw = Some(lasted);
        }
    }

    fn conversation(&mut self, of: Option<(usize, usize)>) -> Option<&mut Conversation> {
        let (place, index) = of?;
        self.records.contacts.get_mut(place)?.stays.get_mut(index)?.conversation.as_mut()
    }

    fn contact(&mut self, interaction: &InteractionId) -> Option<&mut ContactRecord> {
        let place = self.open.get(interaction)?;
        self.records.contacts.get_mut(*place)
    }

    fn last_stay(&mut self, place: usize) -> Option<&mut QueueStay> {
        self.records.contacts.get_mut(place)?.stays.last_mut()
    }

    /// Returns the conversation that goes on.
    fn talk(&mut self, place: usize) -> Option<&mut Conversation> {
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
        let Some(contact) = self.records.contacts.get_mut(place) else { return };
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
            self.records.spans.extend(span(&agent, &present, at));
        }
        self.ringing.clear();
        for interaction in self.holds.keys().copied().collect::<Vec<_>>() {
            self.end_hold(at, &interaction);
        }
        for place in std::mem::take(&mut self.open).into_values() {
            let Some(contact) = self.records.contacts.get_mut(place) else { continue };
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

/// Facts that the shell noted: what the flow did for the customer, what the customer thought.
fn note(contact: &mut ContactRecord, what: &str, details: &[(String, String)]) {
    let detail = |name: &str| details.iter().find(|(key, _)| key == name).map(|(_, text)| text);
    let grade = |name: &str| detail(name).and_then(|text| text.parse::<u8>().ok());
    match what {
        "rating" => {
            let rating = &mut contact.rating;
            rating.asked = true;
            rating.satisfaction = grade("satisfaction").filter(|grade| (1..=5).contains(grade));
            rating.recommend = grade("recommend").filter(|grade| *grade <= 10);
            rating.effort = grade("effort").filter(|grade| (1..=7).contains(grade));
        }
        "reason" => contact.reason = detail("reason").cloned().or(contact.reason.take()),
        "informed" => {
            if let Some(ivr) = &mut contact.ivr {
                ivr.outcome = Some(IvrOutcome::Informed);
            }
        }
        _ => (),
    }
}
