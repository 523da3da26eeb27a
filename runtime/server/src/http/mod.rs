//! The HTTP interface: `/api/v1`, health, metrics.
//!
//! [`route_table`] has every route once, and [`route`] says what a route is: the router and the OpenAPI document are made of it. A
//! request passes [`front`] (who asks, which tenant, which scope, query, limits, body,
//! idempotency) and reaches its handler as a [`call::Call`]; handlers know the centre only by the
//! traits of [`centre`], which [`live`] implements.

mod agents;
mod audit;
mod auth;
mod body;
mod call;
mod callbacks;
mod called;
mod centre;
mod console;
mod contacts;
mod conversations;
mod cookie;
mod decisions;
mod desk;
mod events;
mod exposition;
mod feedback;
mod flows;
mod front;
mod health;
mod history;
mod idempotency;
mod interactions;
mod listen;
mod live;
mod metrics;
mod oidc;
mod openapi;
mod plugin_metrics;
mod plugins;
mod problem;
mod queues;
mod recordings;
mod redact;
mod replay;
mod report;
mod rollouts;
mod route;
mod route_table;
mod schedules;
mod session;
mod sockets;
mod standings;
mod studio;
mod tenants;
mod users;
mod view;
mod webchat;

#[cfg(test)]
mod tests;

pub use live::{find as find_contact, serve, word};

/// Returns the OpenAPI document of the interface, as `jackfield openapi` prints it.
pub fn openapi_json() -> String {
    let mut text = serde_json::to_string_pretty(&openapi::document()).unwrap_or_default();
    text.push('\n');
    text
}
