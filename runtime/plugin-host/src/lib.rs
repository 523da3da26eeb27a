//! Runs WebAssembly components: loads, limits, calls and swaps them. The only crate with wasmtime.
//!
//! A [`PluginHost`] installs components ([`PluginHost::install`]) and gives them out by digest: a
//! [`FlowPlugin`] leads one contact on an instance of its own, a [`RouterPlugin`] answers many
//! questions on a few. What plugins may do are the traits [`Session`] and [`Services`].
//!
//! Replay and simulation have a [`MeteredHost`]: fuel instead of clocks, one thread, no runtime,
//! the same answers in every run.
//!
//! Nothing is compiled in this process: [`worker_main`] does it in a child, under limits. Only
//! tools and tests with components of their own say [`HostConfig::compile_in_process`].

mod account;
mod api;
pub mod bench;
mod bucket;
pub mod build;
mod cache;
mod child;
pub mod conformance;
mod contract;
mod convert;
mod engine;
mod error;
mod flow;
mod functions;
mod guest;
mod host;
mod imports;
mod imports_outside;
mod inspect;
mod install;
mod lanes;
mod limits;
mod machine;
mod manifest;
mod metered;
mod migration;
mod processors;
mod publish;
mod quarantine;
mod questions;
mod replay_services;
mod targets;
mod track;
mod wit_docs;
mod worker;
mod worlds;

pub use account::{PluginAccount, StandingChange, TenantAccount};
pub use api::*;
pub use contract::{Grant, Grants, World, world_of_component as world_of};
pub use error::{
    FlowFailure, FlowOutcome, HostError, InstallError, InstallStep, NotInstalled, PublishError,
    ScriptError, WorkerError,
};
pub use flow::FlowPlugin;
pub use host::{HostConfig, PluginHost};
pub use inspect::{Inspected, inspect};
pub use install::Installed;
pub use limits::{Limit, TenantLimits};
pub use manifest::manifest_of;
pub use metered::{
    MeteredConfig, MeteredEstimator, MeteredFlow, MeteredHost, MeteredOutcome, MeteredRouter,
};
pub use migration::{MigrationError, StateEntry};
pub use quarantine::{Admitted, Quarantine, QuarantineRules, Standing};
pub use questions::{EstimatorPlugin, RouterPlugin};
pub use replay_services::ReplayServices;
pub use targets::{Fit, check_target, versions as target_versions};
pub use wit_docs::documents as wit_documents;
pub use worker::worker_main;
pub use worlds::{CallFailure, CalledPlugin, asked};
