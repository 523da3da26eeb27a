//! Remembers: journals, contacts, interactions, versions.
//!
//! A [`Store`] is one folder. Its truth is a write-ahead log of its own (`wal/`): every write of
//! every tenant is a numbered, checksummed record, synced in groups. sled holds the key-value state
//! that reads look at; it is fed from the log after the sync, so it can be thrown away and built
//! again, and is when it does not agree with its own account (`sled/`, `checkpoint-*.jfc`).
//!
//! 1. write: [`Store::append_journal`] or a method of [`TenantStore`]; both return at once with an
//!    [`Lsn`], and the write is visible to every read from then on;
//! 2. before telling the world: [`Store::durable`];
//! 3. after a start: [`TenantStore::close_interrupted`], and [`Store::read_journal`] to project
//!    counters from the journal again.
//!
//! Nothing here reads a clock on a caller's behalf: moments are arguments, in microseconds since the
//! Unix epoch.

mod agent;
mod audit;
mod binding;
mod checkpoint;
mod components;
mod contact;
mod error;
mod import;
mod interaction;
mod kv;
mod metrics;
mod people;
mod phone;
mod recover;
mod rollout;
mod state;
mod store;
mod studio;
mod switch;
mod tenant;
mod version;
mod wal;
mod whole_state;

pub use agent::AgentRecord;
pub use audit::{AuditEntry, AuditFilter};
pub use binding::Binding;
pub use components::component_digest;
pub use contact::{Contact, Note};
pub use error::StoreError;
pub use import::{ImportOptions, ImportProgress, ImportReport, OnConflict, RejectedLine};
pub use interaction::{InteractionFilter, InteractionRecord, TimelineEvent};
pub use metrics::StoreMetrics;
pub use people::{Session, User};
pub use phone::{PhoneError, normalize_phone};
pub use recover::OpenReport;
pub use rollout::RolloutStep;
pub use state::CasOutcome;
pub use store::{Store, StoreConfig};
pub use studio::{Scenario, WorkingCopy};
pub use switch::PluginSwitch;
pub use tenant::{Page, TenantStore};
pub use version::{Activation, FlowVersion, PluginVersion};
pub use wal::Lsn;
pub use wal::read::Journal;
pub use wal::segment::CutTail;
pub use whole_state::{KeptValue, LeftState, Replaced};

#[cfg(test)]
mod tests;
