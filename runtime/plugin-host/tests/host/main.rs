//! The host with real guests: published scripts, drafts, routers, and guests that misbehave.
//!
//! The guests are built by `make plugins`.

mod bench;
mod conformance;
mod estimators;
mod flows;
mod hostile;
mod install;
mod limits;
mod metered;
mod migrations;
mod router_scripts;
mod routers;
mod script;
mod support;
mod swaps;
mod targets;
