//! Requests of plugins to the world outside: to hosts that are listed, at addresses that are checked,
//! within limits, with secrets put in where the request leaves.
//!
//! What is checked, in this order: the URL and the headers; the host against the plugin's list
//! ([`HostRule`]); every address that its name stands for ([`refused_address`]); and the connection
//! goes to one of exactly these addresses, so that a name which means something else a moment later
//! gains nothing. Redirects are answered, not followed: the next request is checked like the first.
//!
//! It knows nothing of tenants and plugins: a [`Policy`] comes with each request.

mod address;
mod address_of;
mod client;
mod figures;
mod hosts;
mod network;
mod secrets;

pub use address::refused_address;
pub use client::{
    Egress, EgressConfig, EgressError, Policy, Request, Resolve, Response, SystemNames,
};
pub use figures::Figures;
pub use hosts::HostRule;
pub use network::Network;

#[cfg(test)]
mod tests;
