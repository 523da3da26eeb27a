//! Tenants.

use serde_json::json;

use super::call::{Answer, Call, ok};
use super::problem::Problem;
use super::queues;
use super::view::Page;

/// `GET /tenants`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let names = call.front.centre.tenants();
        let seen = names.iter().filter(|name| call.principal.sees(name));
        let tenants = seen.filter_map(|name| Some(call.front.centre.tenant(name)?.summary()));
        ok(&Page::whole(tenants.collect()))
    })
}

/// `GET /tenants/{tenant}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move {
        let tenant = call.tenant()?;
        let (snapshot, _) = tenant.snapshot().await.ok_or_else(stopped)?;
        let standing = tenant.standing();
        ok(&json!({
            "config": tenant.summary(),
            "interactions": snapshot.interactions,
            "queues": snapshot.queues.iter().map(|(name, queue)| {
                json!({ "queue": name, "live": queues::live(queue, !standing.closed.contains(name)) })
            }).collect::<Vec<_>>(),
        }))
    })
}

/// 503: the engine has stopped, as it does at the end of the process.
pub fn stopped() -> Problem {
    Problem::busy("the tenant's engine has stopped")
}
