//! The estimated wait: what an estimator is asked and what it answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Attribute, Channel, InteractionId, QueueId};

/// How long a contact will wait from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Half of such contacts wait no longer.
    pub p50: Duration,
    /// Nine of ten such contacts wait no longer.
    pub p90: Duration,
}

/// One question to an estimator: the Rust face of `jackfield:queueing/estimating`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EstimateAsk {
    /// The contact.
    pub interaction: InteractionId,
    /// The kind of conversation.
    pub channel: Channel,
    /// Where it waits.
    pub queue: QueueId,
    /// 1 is next.
    pub position: u32,
    /// Since joining the first queue of the stay.
    pub waited_ms: u32,
    /// Agents of the queue who could serve it and are logged in and not NotReady.
    pub agents: u32,
    /// Of these, who are Ready.
    pub agents_ready: u32,
    /// The latest waits of answered contacts of the queue, latest last: position at joining and
    /// milliseconds.
    pub recent_waits: Vec<(u32, u32)>,
    /// The latest handle times of the queue (conversation and after-call work), latest last, in
    /// milliseconds.
    pub recent_handles_ms: Vec<u32>,
    /// Of the latest contacts that left the queue, the share that abandoned, 0.0 to 1.0.
    pub abandon_share: f64,
    /// The queue's settings.
    pub attributes: Vec<Attribute>,
    /// Engine time since the first input of the journal, in seconds.
    pub now_seconds: f64,
}
