//! What the author of a Jackfield plugin sees in Rust.
//!
//! A plugin is a `cdylib` that implements one world and exports it:
//!
//! ```
//! use jackfield_sdk::router::{Answer, Ask, Router};
//!
//! struct First;
//!
//! impl Router for First {
//!     fn choose(ask: Ask) -> Result<Answer, jackfield_sdk::PluginError> {
//!         let first = ask.candidates.first().map(|one| one.agent.clone());
//!         Ok(Answer::offer(first).because("rule", "first"))
//!     }
//! }
//!
//! jackfield_sdk::export_router!(First);
//! ```
//!
//! A router that needs its question alone is a function and a line, [`router!`].
//!
//! `jackfield plugin build` turns it into a component. What the plugin does not call is not in its
//! component, so an import that is not used needs no grant.

pub mod analyst;
#[doc(hidden)]
pub mod bindings;
pub mod channel;
pub mod chatbot;
pub mod connector;
pub mod crm;
pub mod estimator;
pub mod flow;
mod host;
pub mod migration;
pub mod order;
pub mod outside;
pub mod pacer;
pub mod router;
pub mod settings;
pub mod testing;

pub use bindings::estimator::export_estimator;
pub use bindings::flow::jackfield::types::types::{
    Attribute, Channel, PluginError, ScriptError, SkillLevel,
};
pub use bindings::{
    analyst::export_analyst, channel::export_channel, chatbot::export_chatbot,
    connector::export_connector, pacer::export_pacer,
};
pub use bindings::{
    flow::export_flow, loader::export_loader, migrating::export_migration, router::export_router,
};
pub use host::{clock, metrics, state};

impl Channel {
    /// The word for it in scripts and configurations: `voice`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Email => "email",
            Self::Message => "message",
            Self::Task => "task",
        }
    }
}

/// Makes a function `fn(&Ask) -> Result<Answer, PluginError>` the router that this crate exports.
#[macro_export]
macro_rules! router {
    ($choose:path) => {
        struct ThisRouter;

        impl $crate::router::Router for ThisRouter {
            fn choose(
                ask: $crate::router::Ask,
            ) -> Result<$crate::router::Answer, $crate::PluginError> {
                $choose(&ask)
            }
        }

        $crate::export_router!(ThisRouter);
    };
}

/// Makes a function `fn(&EstimateAsk) -> Result<Option<WaitEstimate>, PluginError>` the estimator
/// that this crate exports.
#[macro_export]
macro_rules! estimator {
    ($estimate:path) => {
        struct ThisEstimator;

        impl $crate::estimator::Estimator for ThisEstimator {
            fn estimate(
                ask: $crate::estimator::EstimateAsk,
            ) -> Result<Option<$crate::estimator::WaitEstimate>, $crate::PluginError> {
                $estimate(&ask)
            }
        }

        $crate::export_estimator!(ThisEstimator);
    };
}

/// Lines for the plugin's author and the tenant's admin.
pub mod log {
    use crate::bindings::flow::jackfield::log::log;
    pub use log::Level;

    /// In a test of the plugin there is no host: the line is kept for
    /// [`testing::logged`](crate::testing::logged).
    fn write(level: Level, message: &str) {
        if cfg!(target_family = "wasm") {
            log::write(level, message);
        } else {
            crate::testing::keep(level, message);
        }
    }

    /// Writes a line for the author.
    pub fn debug(message: &str) {
        write(Level::Debug, message);
    }

    /// Writes a line worth knowing.
    pub fn info(message: &str) {
        write(Level::Info, message);
    }

    /// Writes a line about something that is off.
    pub fn warn(message: &str) {
        write(Level::Warn, message);
    }

    /// Writes a line about something that failed.
    pub fn error(message: &str) {
        write(Level::Error, message);
    }
}
