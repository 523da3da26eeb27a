//! Decides, for one tenant, who serves whom and when.
//!
//! [`Center`] is sans-IO: it opens no socket, reads no clock, draws no random number and starts no
//! thread, so the same value runs under the live server, in the simulator and in a replay. Drive it
//! like this:
//!
//! 1. feed one [`Input`] to [`Center::handle_input`], or call [`Center::handle_timeout`];
//! 2. call [`Center::poll_output`] until it returns `None` and carry out each [`Output`];
//! 3. wait for [`Center::next_deadline`] or the next input, whichever is first.
//!
//! Media, flows and plugins are elsewhere: this crate only says what is to happen and is told what
//! has happened. The same inputs at the same times give the same outputs, bit for bit.

mod agent;
mod ask;
mod center;
mod config;
mod configure;
mod distribute;
mod id;
mod input;
mod interaction;
mod journal;
mod offer;
mod output;
mod queue;
mod routing;
mod snapshot;
mod stats;
mod time;
mod timer;
mod vocabulary;

pub use center::Center;
pub use config::{
    AgentConfig, CenterConfig, CenterLimits, QueueConfig, RouterChoice, ServiceLevelTarget,
};
pub use id::{AgentId, AskId, InteractionId, NameError, OfferId, QueueId, TenantId};
pub use input::{EndCause, Input, OfferFailure, Party, PluginFailure};
pub use journal::{Divergence, JournalRecord, replay};
pub use output::{Output, Refusal, RoutedBy, WithdrawReason};
pub use routing::{Candidate, QueueView, RoutingAnswer, RoutingAsk, RoutingDecision, WaitingView};
pub use snapshot::{AgentSnapshot, CenterSnapshot, QueueSnapshot, WaitingSnapshot};
pub use stats::{AgentStats, LeftStats, QueueStats, Stats, StatsError};
pub use time::Instant;
pub use vocabulary::{
    AgentState, AgentStateOf, Attribute, Channel, NotReadyReason, Proficiency, QueueEnd,
    QueueOptions, SkillLevel,
};
