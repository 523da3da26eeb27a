//! What the world tells the engine. Every input is recorded before it is handled.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, AskId, Attribute, CallbackId, CenterConfig, Channel, Checkpoint, Estimate,
    Instant, InteractionId, NotReadyReason, OfferId, PlannedSpan, QueueId, QueueOptions,
    RoutingAnswer,
};

/// A past event.
///
/// Inputs about interactions, offers, asks or agents that the engine no longer knows are races with
/// the network, not errors: they change nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub enum Input {
    /// The tenant's set-up was read, at the start or after a change. Agents and queues that are
    /// gone finish what they have; nothing waiting is lost.
    Configured {
        /// The whole set-up.
        config: Arc<CenterConfig>,
    },
    /// The process started again: what outlives it. Sent once, after `Configured`. A callback whose
    /// customer was being dialled, or waited for an agent, was not reached.
    Restarted {
        /// The states agents had. Who was Reserved, Busy or AfterCallWork is Ready now.
        agents: Vec<(AgentId, AgentState)>,
        /// Callbacks that are open and queues that are closed.
        #[serde(default)]
        checkpoint: Box<Checkpoint>,
    },

    /// An agent came to work; NotReady with the reason `logged-in`.
    AgentLoggedIn {
        /// Who.
        agent: AgentId,
    },
    /// An agent left. A ringing offer is withdrawn; a conversation goes on and ends logged out.
    AgentLoggedOut {
        /// Who.
        agent: AgentId,
    },
    /// An agent takes work. While Busy it is remembered for the end of the conversation; during
    /// AfterCallWork it ends it. Logs the agent in if need be.
    AgentReady {
        /// Who.
        agent: AgentId,
    },
    /// An agent takes no more work. While Busy it is remembered for the end of the conversation.
    AgentNotReady {
        /// Who.
        agent: AgentId,
        /// Why.
        reason: NotReadyReason,
    },

    /// A customer's contact began; a flow is in charge of it.
    InteractionArrived {
        /// Its new name.
        interaction: InteractionId,
        /// The kind of conversation.
        channel: Channel,
        /// The customer's address, if not withheld.
        ani: Option<String>,
        /// What the customer dialled or wrote to.
        dnis: String,
    },
    /// The flow put the contact into a queue.
    InteractionEnqueued {
        /// Which.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// How.
        options: QueueOptions,
    },
    /// The customer pressed the key that leaves the queue.
    InteractionLeftQueue {
        /// Which.
        interaction: InteractionId,
        /// The key.
        key: char,
    },
    /// The contact is over: whatever it was doing, it is gone. In a queue, the customer abandoned.
    InteractionEnded {
        /// Which.
        interaction: InteractionId,
        /// Why.
        cause: EndCause,
    },

    /// The agent who was offered an interaction answered.
    OfferAccepted {
        /// Which offer.
        offer: OfferId,
    },
    /// The agent could not be reached or declined. The contact keeps its place.
    OfferFailed {
        /// Which offer.
        offer: OfferId,
        /// Why.
        failure: OfferFailure,
    },
    /// The conversation with the agent is over while the customer is still there.
    ConversationEnded {
        /// Which.
        interaction: InteractionId,
        /// Who ended it.
        by: Party,
    },

    /// The agent has done the after-call work of one conversation; that of others goes on.
    WrapUpFinished {
        /// Which conversation it followed.
        interaction: InteractionId,
        /// Whose.
        agent: AgentId,
    },

    /// A router answered.
    RouterReplied {
        /// Which question.
        ask: AskId,
        /// What it said.
        answer: RoutingAnswer,
        /// The digest of the plugin version that answered.
        plugin: String,
    },
    /// A router did not answer. The built-in rule decides at once.
    RouterFailed {
        /// Which question.
        ask: AskId,
        /// Why.
        failure: PluginFailure,
        /// The digest of the plugin version, empty if none was loaded.
        plugin: String,
    },

    /// A supervisor closed a queue at once, whatever its hours.
    QueueClosed {
        /// Which.
        queue: QueueId,
        /// What customers are told; `None` is the queue's `closed_message`.
        message: Option<String>,
        /// Who did it.
        by: String,
    },
    /// A supervisor opened a closed queue again: its hours count.
    QueueOpened {
        /// Which.
        queue: QueueId,
        /// Who did it.
        by: String,
    },
    /// A supervisor moved a waiting contact to another queue; it keeps its waiting time.
    InteractionMoved {
        /// Which.
        interaction: InteractionId,
        /// Where to.
        queue: QueueId,
        /// Who did it.
        by: String,
    },
    /// A supervisor changed a waiting contact's priority.
    InteractionPrioritised {
        /// Which.
        interaction: InteractionId,
        /// Higher is served earlier.
        priority: i8,
        /// Who did it.
        by: String,
    },
    /// The conversation was put on hold.
    HoldStarted {
        /// Which.
        interaction: InteractionId,
    },
    /// The hold is over.
    HoldEnded {
        /// Which.
        interaction: InteractionId,
    },

    /// A customer is to be called back: asked for in the queue (the contact keeps its place and
    /// leaves with [`crate::QueueEnd::Callback`]), in a flow, or from a voicemail.
    CallbackRequested {
        /// The contact that asks.
        interaction: InteractionId,
        /// The queue; `None` is the one it waits in.
        queue: Option<QueueId>,
        /// The number to be called; `None` is the contact's ANI.
        address: Option<String>,
        /// How the request came about.
        origin: CallbackOrigin,
        /// The agent who is to call, for as long as the queue's rules reserve it.
        owner: Option<AgentId>,
        /// The deadline from now; `None` is the queue's rule.
        deadline: Option<Duration>,
    },
    /// A callback is no longer wanted.
    CallbackCancelled {
        /// Which.
        callback: CallbackId,
        /// Who did it.
        by: String,
    },
    /// The customer of a callback answered the phone, as a new interaction.
    CallbackReached {
        /// Which.
        callback: CallbackId,
        /// The interaction of the call.
        interaction: InteractionId,
    },
    /// The customer of a callback did not answer.
    CallbackNotReached {
        /// Which.
        callback: CallbackId,
        /// Why.
        failure: OfferFailure,
    },

    /// An estimator answered.
    EstimatorReplied {
        /// Which question.
        ask: AskId,
        /// What it said; `None` if it cannot tell.
        estimate: Option<Estimate>,
        /// The digest of the plugin version that answered.
        plugin: String,
    },
    /// An estimator did not answer: nothing is told.
    EstimatorFailed {
        /// Which question.
        ask: AskId,
        /// Why.
        failure: PluginFailure,
        /// The digest of the plugin version, empty if none was loaded.
        plugin: String,
    },

    /// The shell called `handle_timeout`: recorded, so that a replay does it too.
    TimeElapsed,

    /// The shell kept a fact about an interaction that is no decision: a digit, a prompt, a CRM
    /// lookup, a rating, the reason. Changes nothing here; it is in the journal for the interaction's
    /// story and for reports, and may come after the interaction's end.
    Noted {
        /// Which.
        interaction: InteractionId,
        /// What happened: `prompt`, `digits`, `flow_failed`, `rating`, `reason`.
        what: String,
        /// Names and values.
        details: Vec<Attribute>,
    },
    /// What an agent is planned to do from one moment to another, in place of what was planned for
    /// that time before. Changes nothing here; reports hold the agent's time against it.
    Scheduled {
        /// Who.
        agent: AgentId,
        /// Since when this is the plan.
        from: Instant,
        /// Until when.
        to: Instant,
        /// The plan, in order, without overlaps, within the two; nothing is a time without a plan.
        spans: Vec<PlannedSpan>,
    },
}

/// How a request for a callback came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackOrigin {
    /// The customer asked for it while waiting in a queue.
    Queue,
    /// The customer asked for it in a flow.
    Flow,
    /// The customer abandoned after a long wait.
    Abandon,
    /// The customer left a voicemail.
    Voicemail,
    /// An agent or another system asked for it.
    Agent,
}

/// Why an interaction is over.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// The customer left.
    CustomerLeft,
    /// The flow ended it, or the conversation with the agent was its end.
    Completed,
    /// It was handed to another address.
    Transferred,
    /// The customer's media or signalling went silent.
    Lost,
    /// The process ended while it was in progress.
    Interrupted,
    /// Something failed; the text says what.
    Failed(String),
}

/// Why an offer was not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferFailure {
    /// The agent's phone is busy (486, 600).
    Busy,
    /// The agent declined (603).
    Declined,
    /// It rang out at the phone's end (408, 480).
    NoAnswer,
    /// No phone is registered, or it did not respond.
    Unreachable,
    /// Anything else.
    Failed,
}

/// A side of a conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The agent hung up.
    Agent,
    /// The customer hung up.
    Customer,
    /// The system ended it.
    System,
}

/// Why a plugin did not do its work. One counter label each.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PluginFailure {
    /// It executed an instruction that traps.
    #[error("trapped: {0}")]
    Trapped(String),
    /// It took longer than it may.
    #[error("exceeded its deadline")]
    DeadlineExceeded,
    /// It used more instructions than it may.
    #[error("ran out of fuel")]
    OutOfFuel,
    /// It wanted more memory than it may have.
    #[error("ran out of memory")]
    OutOfMemory,
    /// It answered with an error of its own.
    #[error("refused: {0}")]
    Refused(String),
    /// Its answer makes no sense, such as an agent who is no candidate.
    #[error("bad reply: {0}")]
    BadReply(String),
    /// No version of it is active.
    #[error("not loaded")]
    NotLoaded,
    /// It is not asked for now: quarantined, disabled, or its tenant has used its share.
    #[error("suspended: {0}")]
    Suspended(String),
}

impl PluginFailure {
    /// Returns the failure's label in metrics: `trapped`, `deadline_exceeded`.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Trapped(_) => "trapped",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::OutOfFuel => "out_of_fuel",
            Self::OutOfMemory => "out_of_memory",
            Self::Refused(_) => "refused",
            Self::BadReply(_) => "bad_reply",
            Self::NotLoaded => "not_loaded",
            Self::Suspended(_) => "suspended",
        }
    }
}
