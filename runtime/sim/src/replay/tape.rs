//! What the world did on the recorded day, apart from decisions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, AgentState, CallbackId, CenterConfig, Channel, EndCause, Input, Instant,
    InteractionId, JournalRecord, NotReadyReason, OfferFailure, OfferId, Output, Party, QueueEnd,
    QueueId, QueueOptions, WithdrawReason,
};

/// One process run of a tenant, from its first [`Input::Configured`] on.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// Inputs that no decision of the engine caused: set-ups, agents coming and going by their own
    /// will, what supervisors did. In order.
    pub fixed: Vec<(Instant, Input)>,
    /// The contacts, by name and so by arrival.
    pub contacts: BTreeMap<InteractionId, Contact>,
    /// How agents answered offers.
    pub responses: Vec<Response>,
    /// What came of each call to a customer who was to be called back, by queue and address, in order.
    pub calls: BTreeMap<(QueueId, String), Vec<Call>>,
    /// How long agents stayed away whom the engine had sent away for not answering.
    pub returns: Vec<Duration>,
    /// The whole record, for what is to be as it was.
    pub records: Arc<Vec<JournalRecord>>,
    /// The last moment on it.
    pub until: Instant,
}

/// One contact as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// When it arrived.
    pub arrived: Instant,
    /// The kind of conversation.
    pub channel: Channel,
    /// The customer's address.
    pub ani: Option<String>,
    /// What was dialled.
    pub dnis: String,
    /// Its stays in queues.
    pub stays: Vec<Stay>,
    /// Time in the flow after the last stay, or since arrival if there was none.
    pub tail: Duration,
    /// What the customer, or an agent for it, asked for: a callback, to leave the queue.
    pub said: Vec<Said>,
    /// It is the call of a callback: it comes when that is made.
    pub called_back: bool,
    /// How it ended; `None` if it was still there at the end of the tape.
    pub cause: Option<EndCause>,
}

/// Something that was asked for in the course of a contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// After, or in, this many stays in queues.
    pub stay: usize,
    /// Where the contact was.
    pub moment: Moment,
    /// So long after the moment had begun.
    pub after: Duration,
    /// What.
    pub input: Input,
}

/// Where a contact is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// In its flow.
    InFlow,
    /// In a queue.
    Waiting,
    /// With an agent.
    Talking,
}

/// One call to a customer who was to be called back.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// How long it took until this was known.
    pub after: Duration,
    /// The interaction of the call, or why there was none.
    pub answer: Result<InteractionId, OfferFailure>,
}

/// One stay in a queue and those it overflowed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// Time in the flow before it: since arrival or since the end of the stay before.
    pub lead: Duration,
    /// The queue it joined.
    pub queue: QueueId,
    /// How.
    pub options: QueueOptions,
    /// From joining to the end of the wait.
    pub waited: Duration,
    /// How the wait ended.
    pub end: WaitEnd,
    /// The conversation that followed.
    pub talk: Option<Talk>,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WaitEnd {
    /// The tape ends before.
    Open,
    /// The customer gave up.
    Abandoned,
    /// An agent answered.
    Answered,
    /// The queue let it go, or the customer left it by a key.
    Left(QueueEnd),
}

/// One conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Talk {
    /// With whom.
    pub agent: AgentId,
    /// How long; `None` if it went on at the end of the tape.
    pub talked: Option<Duration>,
    /// The after-call work that followed, if it ended.
    pub wrap_up: Option<Duration>,
    /// Who ended it.
    pub by: Party,
    /// The contact was over with it, for this reason.
    pub closed: Option<EndCause>,
}

/// How an agent answered one offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Who.
    pub agent: AgentId,
    /// Which contact.
    pub interaction: InteractionId,
    /// After how long.
    pub after: Duration,
    /// What.
    pub answer: Answer,
}

/// What an agent did about an offer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// Answered.
    Accepted,
    /// Declined, busy, unreachable.
    Failed(OfferFailure),
    /// Let it ring.
    NoAnswer,
}

impl Contact {
    fn new(arrived: Instant, channel: Channel, ani: &Option<String>, dnis: &str) -> Self {
        let (ani, dnis) = (ani.clone(), dnis.to_owned());
        let (stays, tail) = (Vec::new(), Duration::ZERO);
        let (said, called_back) = (Vec::new(), false);
        Self { arrived, channel, ani, dnis, stays, tail, said, called_back, cause: None }
    }
}

/// Cuts a journal into process runs: each begins with a set-up that follows a start of the process.
///
/// A run begins where [`Input::Restarted`] follows [`Input::Configured`], and at the first record. A
/// set-up without a restart is a change while calls are in progress.
pub fn runs(records: Vec<JournalRecord>) -> Vec<Vec<JournalRecord>> {
    let mut runs: Vec<Vec<JournalRecord>> = Vec::new();
    for record in records {
        let restart = matches!(record.input, Input::Restarted { .. });
        if restart && let Some(run) = runs.last_mut() {
            // The set-up read at the start stands before the restart.
            let configured = run.pop_if(|last| {
                0 < last.at.as_micros() && matches!(last.input, Input::Configured { .. })
            });
            match configured {
                Some(configured) if run.is_empty() => run.push(configured),
                Some(configured) => runs.push(vec![configured]),
                None => (),
            }
        }
        match runs.last_mut() {
            Some(run) => run.push(record),
            None => runs.push(vec![record]),
        }
    }
    runs
}

/// Reads one run.
pub fn read(records: Vec<JournalRecord>) -> Tape {
    let mut reader = Reader::default();
    for record in &records {
        reader.take(record);
    }
    let mut tape = reader.tape;
    tape.until = records.last().map(|record| record.at).unwrap_or_default();
    tape.records = Arc::new(records);
    tape
}

/// Where a contact is while the tape is read.
#[derive(Clone, Debug)]
struct Position {
    /// Since when the flow has it.
    in_flow_since: Instant,
    joined: Option<Instant>,
    answered: Option<Instant>,
}

#[derive(Default)]
struct Reader {
    tape: Tape,
    positions: BTreeMap<InteractionId, Position>,
    agents: BTreeMap<AgentId, AgentState>,
    offers: BTreeMap<OfferId, (AgentId, InteractionId, Instant)>,
    /// Whose after-call work belongs to which stay.
    wrapping: BTreeMap<AgentId, (InteractionId, usize)>,
    /// Customers who are being called, and since when.
    dialled: BTreeMap<CallbackId, (QueueId, String, Instant)>,
}

impl Reader {
    fn take(&mut self, record: &JournalRecord) {
        let at = record.at;
        match &record.input {
            Input::Configured { .. }
            | Input::Restarted { .. }
            | Input::AgentLoggedIn { .. }
            | Input::AgentLoggedOut { .. }
            | Input::AgentNotReady { .. }
            | Input::QueueClosed { .. }
            | Input::QueueOpened { .. }
            | Input::CallbackCancelled { .. } => self.fix(record),
            // The end of after-call work before its time belongs to the conversation.
            Input::AgentReady { agent }
                if self.agents.get(agent) != Some(&AgentState::AfterCallWork) =>
            {
                self.fix(record);
            }
            Input::InteractionArrived { interaction, channel, ani, dnis } => {
                let refused = record.outputs.iter().any(
                    |output| matches!(output, Output::Refused { interaction: id, .. } if id == interaction),
                );
                if !refused {
                    let contact = Contact::new(at, *channel, ani, dnis);
                    self.tape.contacts.insert(*interaction, contact);
                    let position = Position { in_flow_since: at, joined: None, answered: None };
                    self.positions.insert(*interaction, position);
                }
            }
            Input::InteractionEnqueued { interaction, queue, options } => {
                self.enqueued(at, *interaction, queue, options);
            }
            Input::InteractionLeftQueue { interaction, .. }
            | Input::CallbackRequested { interaction, .. } => {
                self.asked(at, *interaction, &record.input);
            }
            Input::CallbackReached { callback, interaction } => {
                self.reached(at, *callback, *interaction);
            }
            Input::CallbackNotReached { callback, failure } => {
                self.called(at, *callback, Err(*failure));
            }
            Input::OfferAccepted { offer } => self.responded(at, *offer, Answer::Accepted),
            Input::OfferFailed { offer, failure } => {
                self.responded(at, *offer, Answer::Failed(*failure));
            }
            _ => (),
        }
        for output in &record.outputs {
            self.said(at, output);
        }
    }

    fn fix(&mut self, record: &JournalRecord) {
        self.tape.fixed.push((record.at, record.input.clone()));
    }

    fn enqueued(
        &mut self,
        at: Instant,
        id: InteractionId,
        queue: &QueueId,
        options: &QueueOptions,
    ) {
        let Some(contact) = self.tape.contacts.get_mut(&id) else { return };
        let Some(position) = self.positions.get_mut(&id) else { return };
        if position.joined.is_some() {
            return;
        }
        contact.stays.push(Stay {
            lead: at - position.in_flow_since,
            queue: queue.clone(),
            options: options.clone(),
            waited: Duration::ZERO,
            end: WaitEnd::Open,
            talk: None,
        });
        position.joined = Some(at);
    }

    fn asked(&mut self, at: Instant, id: InteractionId, input: &Input) {
        let Some(contact) = self.tape.contacts.get_mut(&id) else { return };
        let Some(position) = self.positions.get(&id) else { return };
        let (moment, since) = match (position.joined, position.answered) {
            (_, Some(answered)) => (Moment::Talking, answered),
            (Some(joined), None) => (Moment::Waiting, joined),
            (None, None) => (Moment::InFlow, position.in_flow_since),
        };
        let (stay, after, input) = (contact.stays.len(), at - since, input.clone());
        contact.said.push(Said { stay, moment, after, input });
    }

    fn called(&mut self, at: Instant, id: CallbackId, answer: Result<InteractionId, OfferFailure>) {
        if let Some((queue, address, since)) = self.dialled.remove(&id) {
            let call = Call { after: at - since, answer };
            self.tape.calls.entry((queue, address)).or_default().push(call);
        }
    }

    /// The call is a contact whose stay begins at once.
    fn reached(&mut self, at: Instant, callback: CallbackId, id: InteractionId) {
        let queue = self.dialled.get(&callback).map(|(queue, ..)| queue.clone());
        let (Some(queue), Some(contact)) = (queue, self.tape.contacts.get_mut(&id)) else { return };
        contact.called_back = true;
        self.enqueued(at, id, &queue, &QueueOptions::default());
        self.called(at, callback, Ok(id));
    }

    fn responded(&mut self, at: Instant, offer: OfferId, answer: Answer) {
        if let Some((agent, interaction, since)) = self.offers.remove(&offer) {
            self.tape.responses.push(Response { agent, interaction, after: at - since, answer });
        }
    }

    fn said(&mut self, at: Instant, output: &Output) {
        match output {
            Output::Offer { offer, interaction, agent, .. } => {
                self.offers.insert(*offer, (agent.clone(), *interaction, at));
            }
            Output::Withdraw { offer, reason: WithdrawReason::NoAnswer, .. } => {
                self.responded(at, *offer, Answer::NoAnswer);
            }
            Output::Withdraw { offer, .. } => {
                self.offers.remove(offer);
            }
            Output::Connect { interaction, agent, .. } => self.connected(at, *interaction, agent),
            Output::Disconnect { interaction, talked, by, agent, .. } => {
                let Some(contact) = self.tape.contacts.get_mut(interaction) else { return };
                let stay = contact.stays.len().saturating_sub(1);
                self.wrapping.insert(agent.clone(), (*interaction, stay));
                let talk = contact.stays.last_mut().and_then(|stay| stay.talk.as_mut());
                if let Some(talk) = talk {
                    (talk.talked, talk.by) = (Some(*talked), *by);
                }
            }
            Output::LeaveQueue { interaction, end, .. } => self.left(at, *interaction, *end),
            Output::Abandoned { interaction, waited, .. } => {
                self.wait_ended(*interaction, *waited, WaitEnd::Abandoned);
            }
            Output::Dial { callback, address, queue, .. } => {
                let dialled = (queue.clone(), address.clone(), at);
                self.dialled.insert(*callback, dialled);
            }
            Output::Closed { interaction, cause, .. } => self.closed(at, *interaction, cause),
            Output::AgentChanged { agent, state, before, lasted } => {
                if before == "after_call_work"
                    && let Some((id, stay)) = self.wrapping.remove(agent)
                    && let Some(contact) = self.tape.contacts.get_mut(&id)
                    && let Some(talk) = contact.stays.get_mut(stay).and_then(|s| s.talk.as_mut())
                {
                    talk.wrap_up = Some(*lasted);
                }
                let was = self.agents.insert(agent.clone(), state.clone());
                if *state == AgentState::Ready && was.is_some_and(|was| sent_away(&was)) {
                    self.tape.returns.push(*lasted);
                }
            }
            _ => (),
        }
    }

    fn wait_ended(&mut self, id: InteractionId, waited: Duration, end: WaitEnd) {
        let stay = self.tape.contacts.get_mut(&id).and_then(|contact| contact.stays.last_mut());
        if let Some(stay) = stay.filter(|stay| stay.end == WaitEnd::Open) {
            (stay.waited, stay.end) = (waited, end);
        }
    }

    fn connected(&mut self, at: Instant, id: InteractionId, agent: &AgentId) {
        let joined = self.positions.get(&id).and_then(|position| position.joined);
        let Some(joined) = joined else { return };
        if let Some(position) = self.positions.get_mut(&id) {
            position.answered = Some(at);
        }
        self.wait_ended(id, at - joined, WaitEnd::Answered);
        let stay = self.tape.contacts.get_mut(&id).and_then(|contact| contact.stays.last_mut());
        if let Some(stay) = stay {
            let (talked, wrap_up, closed) = (None, None, None);
            let agent = agent.clone();
            stay.talk = Some(Talk { agent, talked, wrap_up, by: Party::System, closed });
        }
    }

    fn left(&mut self, at: Instant, id: InteractionId, end: QueueEnd) {
        let Some(position) = self.positions.get_mut(&id) else { return };
        let joined = position.joined.take();
        (position.in_flow_since, position.answered) = (at, None);
        if end != QueueEnd::Served
            && let Some(joined) = joined
        {
            self.wait_ended(id, at - joined, WaitEnd::Left(end));
        }
    }

    fn closed(&mut self, at: Instant, id: InteractionId, cause: &EndCause) {
        let Some(position) = self.positions.remove(&id) else { return };
        let Some(contact) = self.tape.contacts.get_mut(&id) else { return };
        contact.cause = Some(cause.clone());
        if position.joined.is_none() {
            contact.tail = at - position.in_flow_since;
        } else if let Some(talk) = contact.stays.last_mut().and_then(|stay| stay.talk.as_mut()) {
            talk.closed = Some(cause.clone());
        }
    }
}

/// The set-up in force at the end of the tape's first record.
pub fn first_config(tape: &Tape) -> Option<Arc<CenterConfig>> {
    tape.fixed.iter().find_map(|(_, input)| match input {
        Input::Configured { config } => Some(Arc::clone(config)),
        _ => None,
    })
}

/// Whether it is the state of an agent whom the engine sent away: who did not answer, or refused too
/// often.
pub fn sent_away(state: &AgentState) -> bool {
    let reasons = [NotReadyReason::NO_ANSWER, NotReadyReason::REFUSALS];
    matches!(state, AgentState::NotReady { reason } if reasons.contains(&reason.0.as_str()))
}
