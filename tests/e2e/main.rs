//! The whole centre against real peers: SIPp, baresip, and our own phone.
//!
//! Each test starts the real binary with a store and ports of its own. Two run at a time, but those of loads,
//! times and sounds alone: they share two cores with their peers.

mod audio;
mod baresip;
mod blended;
mod buyers;
mod calls;
mod certify;
mod channels;
mod chatbots;
mod compiled;
mod connectors;
mod console;
mod crash;
mod desk;
mod digits;
mod drafts;
mod guests;
mod harness;
mod hostile;
mod mistakes;
mod oidc;
mod outside;
mod packages;
mod queue;
mod reload;
mod replay;
mod revocations;
mod rollouts;
mod scripts;
mod sdks;
mod sipp;
mod studio;
mod swap;
mod tenants;
mod tried;
mod waiting;
mod webchat;
