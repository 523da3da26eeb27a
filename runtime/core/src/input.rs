//! What the world tells the engine. Every input is recorded before it is handled.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, AskId, Attribute, CenterConfig, Channel, InteractionId, NotReadyReason,
    OfferId, QueueId, QueueOptions, RoutingAnswer,
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
    /// The process started again: what was known of agents before. Sent once, after `Configured`.
    Restarted {
        /// The states agents had. Who was Reserved, Busy or AfterCallWork is Ready now.
        agents: Vec<(AgentId, AgentState)>,
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

    /// The shell called `handle_timeout`: recorded, so that a replay does it too.
    TimeElapsed,

    /// The shell kept a fact about an interaction that is no decision: a digit, a prompt, a CRM
    /// lookup. Changes nothing here; it is in the journal for the interaction's story.
    Noted {
        /// Which.
        interaction: InteractionId,
        /// What happened: `prompt`, `digits`, `flow_failed`.
        what: String,
        /// Names and values.
        details: Vec<Attribute>,
    },
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
        }
    }
}
