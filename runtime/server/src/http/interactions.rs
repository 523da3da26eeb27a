//! Interactions.

use super::call::{Answer, Call, ok};
use super::view::InteractionFilter;

/// `GET /interactions`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let text = |key: &str| call.query(key).map(str::to_owned);
        let (from_micros, to_micros) = call.query_range()?;
        let filter = InteractionFilter {
            agent: text("agent"),
            queue: text("queue"),
            ani: text("ani"),
            from_micros,
            to_micros,
            open: call.query_flag("open")?,
        };
        ok(&call.tenant()?.interactions(filter, call.page()?).await?)
    })
}

/// `GET /interactions/{interaction}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move { ok(&call.tenant()?.interaction(call.name("interaction")).await?) })
}
