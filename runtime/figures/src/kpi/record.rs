//! What happened, in plain records: contacts, their stays in queues, offers, conversations, and the
//! time of agents.
//!
//! Every moment is in microseconds since the Unix epoch and every length in microseconds, both
//! `u64`: sums of them are exact, so figures do not depend on the order of counting. The records
//! know nothing of the engine; a journal and other systems' logs are read into the same ones.

use jackfield_core::{Channel, Party, PlannedActivity};

/// Everything a report is made of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Records {
    /// The contacts, by arrival as far as the source keeps it.
    pub contacts: Vec<ContactRecord>,
    /// What agents did and when; spans of one agent do not overlap.
    pub spans: Vec<AgentSpan>,
    /// What agents were planned to do; spans of one agent do not overlap.
    pub schedule: Vec<ScheduleSpan>,
    /// The last moment the source knows of. What had no time to happen by then is not yet known.
    pub known_until: u64,
}

/// The same by reference: a source lends its records to the count.
#[derive(Clone, Debug)]
pub(super) struct Lent<'a> {
    pub contacts: Vec<&'a ContactRecord>,
    pub spans: Vec<&'a AgentSpan>,
    pub schedule: &'a [ScheduleSpan],
    pub known_until: u64,
}

impl Records {
    pub(super) fn lend(&self) -> Lent<'_> {
        Lent {
            contacts: self.contacts.iter().collect(),
            spans: self.spans.iter().collect(),
            schedule: &self.schedule,
            known_until: self.known_until,
        }
    }
}

/// One contact: a customer's request, whatever its channel.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ContactRecord {
    /// Its name in the source.
    pub contact: String,
    /// Who the customer is, as far as the source can tell one from another.
    pub customer: Option<String>,
    /// What it was about.
    pub reason: Option<String>,
    /// The kind of conversation.
    pub channel: Channel,
    /// When it arrived.
    pub arrived: u64,
    /// When it was over.
    pub closed: Option<u64>,
    /// It was refused at the door.
    pub refused: bool,
    /// The time in an IVR or with a bot before the first queue, if there was any.
    pub ivr: Option<IvrRecord>,
    /// Its stays in queues, in order.
    pub stays: Vec<QueueStay>,
    /// The flow or an agent handed it to another address.
    pub transferred: bool,
    /// What the customer thought of it.
    pub rating: Rating,
}

/// Time with an IVR or a bot.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct IvrRecord {
    /// Since when.
    pub entered: u64,
    /// Until when.
    pub left: Option<u64>,
    /// What came of it; `None` if the contact went on to a queue or is still there.
    pub outcome: Option<IvrOutcome>,
}

/// How a contact ended that never went to a queue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IvrOutcome {
    /// The customer heard what there was to hear, and left.
    Informed,
    /// The flow did what the customer wanted and ended the contact.
    SelfService,
    /// The customer hung up before that.
    HungUp,
}

/// One stay in one queue.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct QueueStay {
    /// The queue.
    pub queue: String,
    /// When the contact joined the first queue of a chain of overflows; else as `entered`.
    pub joined: u64,
    /// When it joined this queue.
    pub entered: u64,
    /// When the wait here ended.
    pub left: Option<u64>,
    /// How; `None` while it waits.
    pub outcome: Option<StayOutcome>,
    /// An agent was being rung when the wait ended.
    pub ringing: bool,
    /// The target in force when the wait ended, if the source has one.
    pub target: Option<Target>,
    /// Who was rung.
    pub offers: Vec<OfferRecord>,
    /// The conversation that an answer began.
    pub conversation: Option<Conversation>,
}

/// The times that a wait is judged by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Target {
    /// T: answered within, inclusive.
    pub within: u64,
    /// s: a short abandon, inclusive.
    pub short: u64,
}

/// How the wait in a queue ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StayOutcome {
    /// An agent answered: A.
    Answered,
    /// The customer left while waiting or ringing: B.
    Abandoned,
    /// The customer asked to be called back: CB.
    Callback,
    /// It went elsewhere: to another queue, by a key, by the flow: F.
    FlowOut,
    /// The longest wait was reached.
    TimedOut,
    /// The queue was full.
    Full,
    /// The queue was closed.
    Closed,
    /// Nobody served the queue when the contact came.
    JoinEmpty,
    /// Nobody served the queue any more.
    LeaveEmpty,
}

/// One offer to one agent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OfferRecord {
    /// To whom.
    pub agent: String,
    /// When it began to ring.
    pub at: u64,
    /// When that ended.
    pub ended: Option<u64>,
    /// How; `None` while it rings.
    pub outcome: Option<OfferOutcome>,
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OfferOutcome {
    /// The agent answered.
    Answered,
    /// The agent did not answer, declined, was busy or could not be reached.
    Missed,
    /// It was taken back through no deed of the agent: the customer left, another one answered.
    Withdrawn,
}

/// A conversation with an agent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Conversation {
    /// The agent.
    pub agent: String,
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub to: Option<u64>,
    /// Time talking, without hold; `None` until it has ended.
    pub talk: Option<u64>,
    /// Time on hold.
    pub hold: u64,
    /// How often it was put on hold.
    pub holds: u64,
    /// After-call work; `None` until it has ended, or if the source does not know it.
    pub acw: Option<u64>,
    /// Of the agent's time for the contact, what was spent in a custom status.
    pub custom: u64,
    /// Who ended it.
    pub ended_by: Option<Party>,
    /// The agent handed the customer to someone else.
    pub transferred: bool,
}

/// What a customer answered when asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rating {
    /// The customer was asked.
    pub asked: bool,
    /// Satisfaction, 1 to 5.
    pub satisfaction: Option<u8>,
    /// How likely a recommendation is, 0 to 10.
    pub recommend: Option<u8>,
    /// The effort, 1 to 7; 7 is easy.
    pub effort: Option<u8>,
}

/// What an agent did for a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgentSpan {
    /// Who.
    pub agent: String,
    /// What.
    pub activity: Activity,
    /// Since when.
    pub from: u64,
    /// Until when.
    pub to: u64,
    /// How many conversations went on at once.
    pub slots_busy: u64,
    /// How many the agent can have at once.
    pub slots: u64,
}

/// What an agent does, as far as time is counted. Time logged out has no span.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Activity {
    /// Waits for a contact.
    Available,
    /// An offer rings.
    Ringing,
    /// Talks, or holds.
    Talking,
    /// Finishes the work of a contact.
    AfterCallWork,
    /// Takes no contacts: a break, a meeting, training.
    Unavailable,
}

/// What an agent was planned to do for a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScheduleSpan {
    /// Who.
    pub agent: String,
    /// What.
    pub activity: PlannedActivity,
    /// Since when.
    pub from: u64,
    /// Until when.
    pub to: u64,
    /// Whether the time is paid.
    pub paid: bool,
}

impl Activity {
    /// Returns whether the agent serves contacts: waits for one or has one.
    pub const fn is_working(self) -> bool {
        !matches!(self, Self::Unavailable)
    }
}

impl QueueStay {
    /// Returns the stay of a contact that joins `queue` at `at`.
    pub fn begun(queue: String, at: u64) -> Self {
        Self { queue, joined: at, entered: at, ..Self::default() }
    }

    /// Ends the wait.
    pub const fn end(&mut self, at: u64, outcome: StayOutcome) {
        self.left = Some(at);
        self.outcome = Some(outcome);
    }
}

impl ContactRecord {
    /// Returns whether an agent answered it.
    pub fn was_answered(&self) -> bool {
        self.stays.iter().any(|stay| stay.outcome == Some(StayOutcome::Answered))
    }

    /// Returns whether the customer was handed on, by the flow or by an agent.
    pub fn was_transferred(&self) -> bool {
        let mut conversations = self.stays.iter().filter_map(|stay| stay.conversation.as_ref());
        self.transferred || conversations.any(|conversation| conversation.transferred)
    }
}
