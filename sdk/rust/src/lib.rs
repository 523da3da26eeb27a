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
//! `jackfield plugin build` turns it into a component. What the plugin does not call is not in its
//! component, so an import that is not used needs no grant.

#[doc(hidden)]
pub mod bindings;
pub mod crm;
pub mod estimator;
pub mod flow;
pub mod router;

pub use bindings::estimator::export_estimator;
pub use bindings::flow::jackfield::clock::clock;
pub use bindings::flow::jackfield::metrics::metrics;
pub use bindings::flow::jackfield::state::state;
pub use bindings::flow::jackfield::types::types::{
    Attribute, Channel, PluginError, ScriptError, SkillLevel,
};
pub use bindings::{flow::export_flow, loader::export_loader, router::export_router};

/// Lines for the plugin's author and the tenant's admin.
pub mod log {
    use crate::bindings::flow::jackfield::log::log;
    pub use log::Level;

    /// Writes a line for the author.
    pub fn debug(message: &str) {
        log::write(Level::Debug, message);
    }

    /// Writes a line worth knowing.
    pub fn info(message: &str) {
        log::write(Level::Info, message);
    }

    /// Writes a line about something that is off.
    pub fn warn(message: &str) {
        log::write(Level::Warn, message);
    }

    /// Writes a line about something that failed.
    pub fn error(message: &str) {
        log::write(Level::Error, message);
    }
}
