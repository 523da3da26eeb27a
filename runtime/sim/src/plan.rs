//! What a run is about before it begins: who comes when, who works when, what breaks.
//!
//! A plan knows nothing of the engine. It is made from a scenario and a seed, or from a recorded day;
//! the [`crate::World`] plays it and reacts to what the engine does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, CenterConfig, Channel, Instant, NotReadyReason, QueueId, QueueOptions,
};

use crate::chance::Seed;
use crate::span::Spans;

/// Everything that is settled before a run begins.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The root of all chance.
    pub seed: Seed,
    /// The moment of the first input.
    pub start: Instant,
    /// New contacts and faults come for this long: the safety phase. Then nobody new comes, nothing
    /// breaks, every agent is at work, and all must come to its end: the liveness phase.
    pub length: Duration,
    /// The set-up at the start.
    pub config: Arc<CenterConfig>,
    /// Who comes, in order of arrival.
    pub contacts: Vec<ContactPlan>,
    /// What else is done, in order of time.
    pub acts: Vec<(Instant, Act)>,
    /// The agents.
    pub agents: BTreeMap<AgentId, AgentPlan>,
    /// The kinds of customers.
    pub streams: Vec<Stream>,
    /// What may break, and how often.
    pub faults: Faults,
    /// A contact may be overtaken this often by others that came later into its queue with no better
    /// priority and were offered to an agent who could have served it.
    pub overtakes_max: u32,
}

/// One contact.
#[derive(Clone, Debug)]
pub struct ContactPlan {
    /// When it begins.
    pub at: Instant,
    /// What its draws are keyed to: the same in every run of the same plan.
    pub key: u64,
    /// Which of the plan's streams it belongs to.
    pub stream: usize,
    /// The queue that its flow puts it in; `None` is the stream's.
    pub queue: Option<QueueId>,
    /// How it is queued; `None` is the stream's.
    pub options: Option<QueueOptions>,
    /// How long it waits, if that is known; else it is drawn.
    pub patience: Option<Spans>,
    /// How long the conversation lasts, if that is known; else it is drawn by class of agent.
    pub talk: Option<Duration>,
    /// How often this customer has called before for the same matter.
    pub tries: u32,
}

/// Customers of one kind.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Its name in the scenario.
    pub name: String,
    /// The kind of conversation.
    pub channel: Channel,
    /// The queue that the flow puts them in.
    pub queue: QueueId,
    /// How they are queued.
    pub options: QueueOptions,
    /// From arrival to the queue.
    pub flow: Spans,
    /// How long they wait.
    pub patience: Spans,
    /// What is left of their patience is times this once they have been told where they stand.
    pub informed: f64,
    /// How long conversations last.
    pub talk: ByClass,
    /// How much work follows; the queue's `wrap_up` is the most there is time for.
    pub after_call: ByClass,
    /// The probability that a customer who abandoned tries again, each time.
    pub redial: f64,
    /// After how long.
    pub redial_after: Spans,
    /// The probability that a conversation is put on hold, for a third of its length.
    pub hold: f64,
    /// The probability that a customer asks to be called back when told where it stands.
    pub callback: f64,
    /// The probability that a customer who leaves the queue without an agent leaves a voicemail that
    /// asks for a call.
    pub voicemail: f64,
    /// The probability that who is to be called back wants one agent, whom chance names.
    pub wants_same: f64,
    /// The probability that a callback is cancelled, some time within ten minutes.
    pub cancels: f64,
    /// They call from so many numbers; 0 is one for each matter.
    pub callers: u64,
    /// The probability that a customer who is called back answers.
    pub reached: f64,
}

/// Lengths of time that depend on the class of the agent.
#[derive(Clone, Debug)]
pub struct ByClass {
    /// For classes that are not named.
    pub otherwise: Spans,
    /// By class.
    pub classes: BTreeMap<String, Spans>,
}

impl ByClass {
    /// Returns the distribution for a class.
    pub fn of(&self, class: &str) -> &Spans {
        self.classes.get(class).unwrap_or(&self.otherwise)
    }
}

/// How an agent behaves.
#[derive(Clone, Debug)]
pub struct AgentPlan {
    /// The class, which handle times depend on.
    pub class: String,
    /// From an offer to the answer.
    pub answer: Spans,
    /// The probability that a ringing phone is not answered.
    pub no_answer: f64,
    /// The probability that an offer is declined.
    pub declines: f64,
    /// The probability that the phone is busy or cannot be reached.
    pub unreachable: f64,
    /// After the engine has made the agent NotReady: until it is ready again.
    pub back_after: Spans,
}

/// Something that is done at a time, whatever the engine does.
#[derive(Clone, Debug)]
pub enum Act {
    /// An agent comes to work.
    LogIn(AgentId),
    /// An agent takes work.
    Ready(AgentId),
    /// An agent pauses.
    NotReady(AgentId, NotReadyReason),
    /// An agent goes home.
    LogOut(AgentId),
    /// The set-up changes.
    Configure(Arc<CenterConfig>),
    /// A supervisor closes a queue.
    Close(QueueId),
    /// A supervisor opens it again.
    Open(QueueId),
    /// A supervisor moves the first who waits in the one queue to the other.
    Move(QueueId, QueueId),
    /// A supervisor gives the last who waits in a queue this priority.
    Prioritise(QueueId, i8),
    /// Queues that ask the first router ask the second from now on.
    Swap(String, String),
    /// The process dies. What was written since the latest sync is lost from some byte on, which this
    /// number draws.
    Crash(u64),
}

/// What may break: probabilities by event.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// An offer does not reach the phone.
    pub offer_lost: f64,
    /// A phone is answered after the offer was withdrawn: both crossed on the wire.
    pub late_accept: f64,
    /// Something is said twice.
    pub duplicate: f64,
    /// Something is said late, after what came later.
    pub reorder: f64,
    /// The end of a conversation is not heard of: only the silence of its media tells.
    pub bye_lost: f64,
    /// A router traps.
    pub router_trap: f64,
    /// A router answers after its deadline.
    pub router_slow: f64,
    /// A router names somebody who is no candidate.
    pub router_wrong: f64,
    /// A router names nobody.
    pub router_empty: f64,
    /// A router wants to wait although it need not.
    pub router_waits: f64,
    /// An estimator traps.
    pub estimator_trap: f64,
    /// An estimator answers after its deadline.
    pub estimator_slow: f64,
    /// A customer answers a phone that was told to stop ringing.
    pub dial_crosses: f64,
    /// The journal is synced after so many records, at most; 0 is after each.
    pub group: u64,
    /// How much later is late; also what a duplicate takes.
    pub late: Duration,
    /// After so long without media a conversation is over.
    pub silence: Duration,
}
