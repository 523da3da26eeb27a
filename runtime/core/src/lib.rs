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

mod center;
mod config;
mod id;
mod input;
mod output;
mod routing;
mod time;
mod vocabulary;

pub use center::Center;
pub use config::{
    AgentConfig, CenterConfig, CenterLimits, QueueConfig, RouterChoice, ServiceLevelTarget,
};
pub use id::{AgentId, AskId, InteractionId, NameError, OfferId, QueueId, TenantId};
pub use input::{EndCause, Input, OfferFailure, Party, PluginFailure};
pub use output::{Output, Refusal, RoutedBy, WithdrawReason};
pub use routing::{Candidate, QueueView, RoutingAnswer, RoutingAsk, RoutingDecision, WaitingView};
pub use time::Instant;
pub use vocabulary::{
    AgentState, Attribute, Channel, NotReadyReason, Proficiency, QueueEnd, QueueOptions, SkillLevel,
};
