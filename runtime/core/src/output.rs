//! What the engine asks the world to do, and what it says has become of things.
//!
//! Everything a tenant can do to the world is a variant of [`Output`]: what is not here cannot happen.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, AgentState, AskId, Attribute, CallbackId, CallbackOrigin, CallbackPlace, Certificate,
    EndCause, Estimate, EstimateAsk, Instant, InteractionId, OfferFailure, OfferId, Party,
    PluginFailure, QueueEnd, QueueId, RoutingAsk,
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
        /// What is offered; a callback's name in line ([`InteractionId::callback`]) if the agent is to
        /// call somebody: [`Output::Dial`] follows when it accepts.
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
        /// What the decision was made of, for "why this agent, why not me".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate: Option<Box<Certificate>>,
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
    /// The after-call work of a conversation is over, by time or by the agent's will. Said for every
    /// conversation that has some, so that its time can be counted while the agent has other work.
    WrapUpEnded {
        /// Which conversation it followed.
        interaction: InteractionId,
        /// Whose.
        agent: AgentId,
        /// From which queue it came.
        queue: QueueId,
        /// The time since the conversation's end.
        lasted: Duration,
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
        /// What the customer of a closed queue is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// Tell the waiting customer where it stands.
    Announce {
        /// Whom.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// The position, if it is to be told; 1 is next.
        position: Option<u32>,
        /// The estimated wait, if it is to be told.
        wait: Option<Estimate>,
        /// A prompt's name or a text.
        message: Option<String>,
    },
    /// Ask this estimator plugin; as [`Output::AskRouter`].
    AskEstimator {
        /// Names the question.
        ask: AskId,
        /// The tenant's name for the plugin.
        estimator: String,
        /// When the engine stops waiting.
        deadline: Instant,
        /// The question.
        request: Box<EstimateAsk>,
    },
    /// Put interruptible work aside: the agent is wanted for something that is not.
    Interrupt {
        /// Which work.
        interaction: InteractionId,
        /// Whose.
        agent: AgentId,
        /// What it makes room for.
        in_favour_of: InteractionId,
    },
    /// Take interrupted work up again.
    Resume {
        /// Which work.
        interaction: InteractionId,
        /// Whose.
        agent: AgentId,
    },
    /// Dial the customer of a callback. The answer is [`crate::Input::CallbackReached`] or
    /// [`crate::Input::CallbackNotReached`].
    Dial {
        /// Which.
        callback: CallbackId,
        /// The number.
        address: String,
        /// From which queue.
        queue: QueueId,
        /// The agent who waits on the line, agent-first.
        agent: Option<AgentId>,
    },
    /// Stop dialling the customer of a callback.
    StopDialling {
        /// Which.
        callback: CallbackId,
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
    /// A contact was moved to another queue, with its waiting time.
    Moved {
        /// Which.
        interaction: InteractionId,
        /// From.
        from: QueueId,
        /// To.
        to: QueueId,
        /// Who did it: a router's digest or a supervisor's name.
        by: String,
    },
    /// A contact's priority changed.
    Prioritised {
        /// Which.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// From.
        from: i8,
        /// To.
        to: i8,
        /// Who did it: `ageing`, a router's digest or a supervisor's name.
        by: String,
    },
    /// A step of the queue's eligibility began for a contact: what was mandatory is less, or more.
    Relaxed {
        /// Which.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// The step, from 1.
        step: u32,
        /// What an agent must be able to do from now on, in words.
        need: String,
    },
    /// An estimator spoke about a contact's wait.
    Estimated {
        /// Which.
        interaction: InteractionId,
        /// Where.
        queue: QueueId,
        /// The position at that moment.
        position: u32,
        /// From now on.
        estimate: Estimate,
        /// Whether it may be told: the estimator is calibrated on this queue.
        told: bool,
        /// The digest of the plugin version.
        plugin: String,
    },
    /// An estimator did not give a usable answer. To be counted and logged.
    EstimatorFailed {
        /// Which question.
        ask: AskId,
        /// Which queue.
        queue: QueueId,
        /// Why.
        failure: PluginFailure,
        /// The digest of the plugin version, empty if none was loaded.
        plugin: String,
    },
    /// A queue opened or closed.
    QueueChanged {
        /// Which.
        queue: QueueId,
        /// Whether it takes contacts.
        open: bool,
        /// Why: `hours`, `holiday`, or a supervisor's name.
        by: String,
    },
    /// A blend's peak began or ended.
    BlendChanged {
        /// Which.
        blend: String,
        /// Whether deferred work is left alone.
        peak: bool,
    },
    /// A callback changed.
    CallbackChanged {
        /// Which.
        callback: CallbackId,
        /// The contact that asked for it.
        interaction: InteractionId,
        /// From which queue.
        queue: QueueId,
        /// What became of it.
        state: CallbackState,
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
    /// Another agent, rung at the same time, answered.
    AnsweredElsewhere,
    /// The contact was moved to another queue, or its queue closed.
    Moved,
}

/// What became of a callback.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackState {
    /// It is in line.
    Waiting {
        /// The number to be called.
        address: String,
        /// How it came about.
        origin: CallbackOrigin,
        /// Who is to call.
        owner: Option<AgentId>,
        /// When the alarm goes off.
        deadline: Instant,
        /// Its place in line.
        #[serde(default)]
        place: Box<CallbackPlace>,
    },
    /// The same customer asked again: the earlier callback counts.
    Merged {
        /// Into this one.
        into: CallbackId,
    },
    /// An agent has it, or the customer is dialled.
    Dialling {
        /// Which try, from 1.
        attempt: u32,
    },
    /// The customer did not answer; it is tried again.
    Retry {
        /// When.
        at: Instant,
        /// Why.
        failure: OfferFailure,
    },
    /// Nobody has called by the deadline. An alarm; the callback stays in line.
    Overdue,
    /// Customer and agent talk.
    Done,
    /// The customer got through by itself.
    GotThrough,
    /// It was cancelled.
    Cancelled {
        /// By whom.
        by: String,
    },
    /// The customer could not be reached in all tries.
    Failed,
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
    /// The contact does not wait in a queue.
    #[error("the interaction does not wait in a queue")]
    NotQueued,
    /// A callback needs a number.
    #[error("there is no number to call back: the caller's is withheld and none was given")]
    NoAddress,
    /// As many callbacks are open as may be.
    #[error("the tenant has {limit} open callbacks, as many as `limits.callbacks` allows")]
    TooManyCallbacks {
        /// The limit.
        limit: u32,
    },
}
