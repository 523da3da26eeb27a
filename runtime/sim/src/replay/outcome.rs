//! What became of each stay in a queue, read from outputs: the same way from a record and a rerun.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{AgentId, Instant, InteractionId, JournalRecord, Output, QueueEnd, QueueId};

/// What became of one stay in a queue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// The contact.
    pub interaction: InteractionId,
    /// Which stay of the contact, from 0.
    pub stay: usize,
    /// The queue it was in at the end of the wait.
    pub queue: QueueId,
    /// When it joined the first queue of the stay.
    pub joined: Instant,
    /// From joining to the end of the wait, or to the end of the record.
    pub waited: Duration,
    /// How the wait ended.
    pub ending: Ending,
    /// How often it was moved or overflowed.
    pub moves: u32,
    /// Who served it.
    pub agent: Option<AgentId>,
    /// Whether that was within the queue's target.
    pub in_target: bool,
    /// The conversation, if it ended.
    pub talked: Option<Duration>,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// It had not ended at the end of the record.
    Waiting,
    /// An agent answered.
    Answered,
    /// The customer left.
    Abandoned {
        /// Sooner than the queue's `short_abandon`.
        short: bool,
    },
    /// The queue let the contact go.
    Left(QueueEnd),
}

impl Ending {
    /// Returns the word for it: `answered`, `abandoned`, `timed_out`.
    pub fn word(self) -> String {
        match self {
            Self::Waiting => "waiting".to_owned(),
            Self::Answered => "answered".to_owned(),
            Self::Abandoned { short: false } => "abandoned".to_owned(),
            Self::Abandoned { short: true } => "abandoned short".to_owned(),
            Self::Left(QueueEnd::Served) => "served".to_owned(),
            Self::Left(QueueEnd::TimedOut) => "timed out".to_owned(),
            Self::Left(QueueEnd::Full) => "queue full".to_owned(),
            Self::Left(QueueEnd::Closed) => "queue closed".to_owned(),
            Self::Left(QueueEnd::NoAgents) => "no agents".to_owned(),
            Self::Left(QueueEnd::LeftByKey(key)) => format!("left by {key}"),
            Self::Left(QueueEnd::Callback) => "callback".to_owned(),
        }
    }
}

/// How long an agent was in which state, within the time that counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AgentTime {
    /// Reserved, Busy or in AfterCallWork.
    pub working: Duration,
    /// Ready.
    pub ready: Duration,
}

/// Collects outcomes.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// Only stays that began at this moment or later, and agents' time after it, count.
    from: Instant,
    open: BTreeMap<InteractionId, usize>,
    stays: BTreeMap<InteractionId, usize>,
    /// In the order of joining.
    pub list: Vec<Outcome>,
    /// By agent.
    pub agents: BTreeMap<AgentId, AgentTime>,
    /// What agents are doing, and since when.
    doing: BTreeMap<AgentId, (&'static str, Instant)>,
    transferred: u64,
}

impl Outcomes {
    /// Begins with nothing; stays that began before `from` do not count.
    pub fn new(from: Instant) -> Self {
        Self { from, ..Self::default() }
    }

    /// Takes in one record.
    pub fn take(&mut self, record: &JournalRecord) {
        for output in &record.outputs {
            self.said(record.at, output);
        }
    }

    /// Ends at `until`: who waits has waited until then, and agents have been at it until then.
    pub fn end(&mut self, until: Instant) {
        for (agent, (state, since)) in std::mem::take(&mut self.doing) {
            self.spend(agent, state, since, until);
        }
        for index in self.open.values() {
            if let Some(outcome) = self.list.get_mut(*index) {
                outcome.waited = until - outcome.joined;
            }
        }
    }

    /// Adds what became of the stays of another process run.
    pub fn join(&mut self, other: Self) {
        self.list.extend(other.list);
        for (agent, time) in other.agents {
            let sum = self.agents.entry(agent).or_default();
            sum.working += time.working;
            sum.ready += time.ready;
        }
        self.transferred += other.transferred;
    }

    /// How many contacts were handed to another address.
    pub const fn transferred(&self) -> u64 {
        self.transferred
    }

    fn said(&mut self, at: Instant, output: &Output) {
        match output {
            Output::Queued { interaction, queue, .. } => self.queued(at, *interaction, queue),
            Output::Overflowed { interaction, to, .. } | Output::Moved { interaction, to, .. } => {
                if let Some(outcome) = self.at(*interaction) {
                    outcome.queue = to.clone();
                    outcome.moves += 1;
                }
            }
            Output::Connect { interaction, agent, waited, in_target, .. } => {
                if let Some(outcome) = self.at(*interaction) {
                    outcome.agent = Some(agent.clone());
                    (outcome.waited, outcome.in_target) = (*waited, *in_target);
                    outcome.ending = Ending::Answered;
                }
            }
            Output::Disconnect { interaction, talked, .. } => {
                if let Some(outcome) = self.at(*interaction) {
                    outcome.talked = Some(*talked);
                }
            }
            Output::Abandoned { interaction, waited, short, .. } => {
                self.leave(*interaction, *waited, Ending::Abandoned { short: *short });
            }
            Output::LeaveQueue { interaction, end, waited, .. } => {
                self.leave(*interaction, *waited, Ending::Left(*end));
            }
            Output::Closed { interaction, cause, .. } => {
                self.open.remove(interaction);
                if *cause == jackfield_core::EndCause::Transferred && self.from <= at {
                    self.transferred += 1;
                }
            }
            Output::AgentChanged { agent, state, .. } => {
                let before = self.doing.insert(agent.clone(), (state.name(), at));
                if let Some((state, since)) = before {
                    self.spend(agent.clone(), state, since, at);
                }
            }
            _ => (),
        }
    }

    fn spend(&mut self, agent: AgentId, state: &str, since: Instant, until: Instant) {
        let lasted = until - since.max(self.from);
        let time = self.agents.entry(agent).or_default();
        match state {
            "ready" => time.ready += lasted,
            "reserved" | "busy" | "after_call_work" => time.working += lasted,
            _ => (),
        }
    }

    fn queued(&mut self, at: Instant, interaction: InteractionId, queue: &QueueId) {
        let stays = self.stays.entry(interaction).or_default();
        let stay = *stays;
        *stays += 1;
        if at < self.from {
            return;
        }
        self.open.insert(interaction, self.list.len());
        self.list.push(Outcome {
            interaction,
            stay,
            queue: queue.clone(),
            joined: at,
            waited: Duration::ZERO,
            ending: Ending::Waiting,
            moves: 0,
            agent: None,
            in_target: false,
            talked: None,
        });
    }

    fn at(&mut self, interaction: InteractionId) -> Option<&mut Outcome> {
        self.list.get_mut(*self.open.get(&interaction)?)
    }

    fn leave(&mut self, interaction: InteractionId, waited: Duration, ending: Ending) {
        if let Some(outcome) = self.at(interaction)
            && outcome.ending == Ending::Waiting
        {
            (outcome.waited, outcome.ending) = (waited, ending);
        }
        self.open.remove(&interaction);
    }
}
