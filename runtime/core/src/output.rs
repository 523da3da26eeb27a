//! What the engine asks the world to do, and what it says has become of things.
//!
//! Everything a tenant can do to the world is a variant of [`Output`]: what is not here cannot happen.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, AskId, Attribute, EndCause, Instant, InteractionId, OfferFailure, OfferId,
    Party, PluginFailure, QueueEnd, QueueId, RoutingAsk,
};

/// An imperative for the shell, or a fact that reports and watchers are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "output", rename_all = "snake_case")]
pub enum Output {
    /// Ask this router plugin. The answer, or its failure, comes back as an input; after `deadline`
    /// the engine decides by itself and ignores it.
    AskRouter {
        /// Names the question.
        ask: AskId,
        /// The tenant's name for the plugin.
        router: String,
        /// When the engine stops waiting.
        deadline: Instant,
        /// The question.
        request: Box<RoutingAsk>,
    },
    /// Ring this agent for this interaction, until `ring_until` at most.
    Offer {
        /// Names the lease.
        offer: OfferId,
        /// What is offered.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// From which queue.
        queue: QueueId,
        /// When the engine will withdraw it.
        ring_until: Instant,
        /// Who chose the agent.
        routed_by: RoutedBy,
        /// The router's reasons.
        because: Vec<Attribute>,
    },
    /// Stop ringing this agent.
    Withdraw {
        /// Which offer.
        offer: OfferId,
        /// What was offered.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// Why.
        reason: WithdrawReason,
    },
    /// Join customer and agent.
    Connect {
        /// The offer that was accepted.
        offer: OfferId,
        /// What.
        interaction: InteractionId,
        /// With whom.
        agent: AgentId,
        /// From which queue.
        queue: QueueId,
        /// From joining the first queue of this stay to now.
        waited: Duration,
        /// Whether it counts as answered within the queue's target.
        in_target: bool,
    },
    /// Part customer and agent: the interaction is over, or the agent's side is.
    Disconnect {
        /// Which.
        interaction: InteractionId,
        /// Whose leg is to be hung up.
        agent: AgentId,
        /// Who ended the conversation.
        by: Party,
        /// The talk time.
        talked: Duration,
        /// From which queue it came.
        queue: QueueId,
    },
    /// The stay in the queue is over: the flow goes on.
    LeaveQueue {
        /// Which.
        interaction: InteractionId,
        /// The queue it was in at the end.
        queue: QueueId,
        /// How.
        end: QueueEnd,
        /// From joining the first queue of this stay to the end of the wait.
        waited: Duration,
    },

    /// A contact joined a queue: it counts as offered there.
    Queued {
        /// Which.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// 1 is next.
        position: u32,
    },
    /// A contact moved to the overflow queue, with its waiting time.
    Overflowed {
        /// Which.
        interaction: InteractionId,
        /// From.
        from: QueueId,
        /// To.
        to: QueueId,
    },
    /// The customer left while waiting or ringing.
    Abandoned {
        /// Which.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// From joining the first queue of this stay.
        waited: Duration,
        /// Whether it was sooner than the queue's `short_abandon`, and so is not counted.
        short: bool,
    },
    /// An agent's state changed.
    AgentChanged {
        /// Who.
        agent: AgentId,
        /// To what.
        state: AgentState,
        /// How long the state before lasted.
        lasted: Duration,
        /// The name of the state before.
        before: String,
    },
    /// A router did not give a usable answer; the built-in rule decided. To be counted and logged.
    RouterFailed {
        /// Which question.
        ask: AskId,
        /// Which queue.
        queue: QueueId,
        /// Why.
        failure: PluginFailure,
        /// The digest of the plugin version, empty if none was loaded.
        plugin: String,
    },
    /// An offer ended without being accepted, at the agent's end.
    OfferLost {
        /// Which offer.
        offer: OfferId,
        /// What was offered.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// From which queue.
        queue: QueueId,
        /// Why.
        failure: OfferFailure,
    },
    /// An interaction is over. Said exactly once for each that arrived.
    Closed {
        /// Which.
        interaction: InteractionId,
        /// Why.
        cause: EndCause,
        /// From arrival to now.
        lasted: Duration,
    },
    /// An input was not accepted, and nothing changed.
    Refused {
        /// The interaction it was about.
        interaction: InteractionId,
        /// Why.
        why: Refusal,
    },
}

/// Who chose the agent of an offer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutedBy {
    /// The queue's built-in rule.
    BuiltIn,
    /// A router plugin, by the digest of its version.
    Plugin(String),
    /// The built-in rule, because the plugin failed.
    Fallback,
}

/// Why an offer was withdrawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawReason {
    /// The customer hung up first, or left the queue.
    CustomerLeft,
    /// The agent let it ring: RONA, redirect on no answer.
    NoAnswer,
    /// The agent logged out or became not ready while it rang.
    AgentLeft,
    /// The longest wait was reached while it rang.
    TimedOut,
}

/// Why an input was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// As many interactions are in the centre as may be. Answer 503 with Retry-After.
    #[error("the tenant has {limit} interactions at once, as many as `limits.interactions` allows")]
    TooManyInteractions {
        /// The limit.
        limit: u32,
    },
    /// There is no such queue.
    #[error("there is no queue `{0}`")]
    UnknownQueue(QueueId),
    /// The interaction is in a queue or with an agent already.
    #[error("the interaction is queued already")]
    AlreadyQueued,
    /// The name is in use.
    #[error("the interaction arrived already")]
    AlreadyArrived,
}
