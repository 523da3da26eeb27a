//! Interactions.

use axum::response::Response;
use jackfield_core::{AgentId, Input, InteractionId, QueueId, WaitingSnapshot};
use serde::Deserialize;
use serde_json::json;

use super::call::{Answer, Call, ok};
use super::problem::Problem;
use super::tenants::stopped;
use super::view::{InteractionFilter, Page};

type Answered = Result<Response, Problem>;

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

/// The waiting contact of the path, and where it waits.
async fn waiting(call: &Call) -> Result<(InteractionId, QueueId, WaitingSnapshot), Problem> {
    let (name, id) = (call.name("interaction"), call.interaction()?);
    let (snapshot, _) = call.tenant()?.snapshot().await.ok_or_else(stopped)?;
    for (queue, line) in snapshot.queues {
        if let Some(place) = line.waiting.into_iter().find(|place| place.interaction == id) {
            return Ok((id, queue, place));
        }
    }
    // One that never was is not found; all others are somewhere else.
    call.tenant()?.interaction(name).await?;
    Err(Problem::not_now(format!("the interaction `{name}` does not wait in a queue")))
}

async fn place(call: &Call) -> Answered {
    let (id, queue, place) = waiting(call).await?;
    ok(&json!({
        "interaction": id,
        "queue": queue,
        "position": place.position,
        "priority": place.priority,
        "waited_ms": place.waited.as_millis(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    queue: String,
}

/// `POST /interactions/{interaction}/move`
pub fn move_to(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Move = call.json()?;
        let tenancy = call.tenant()?;
        let queue = QueueId::new(&wanted.queue).ok();
        let queue = queue.filter(|queue| tenancy.center().queues.contains_key(queue));
        let missing = || Problem::invalid("queue", format!("there is no queue `{}`", wanted.queue));
        let queue = queue.ok_or_else(missing)?;
        let (interaction, _, _) = waiting(&call).await?;
        let by = call.principal.name().to_owned();
        tenancy.input(Input::InteractionMoved { interaction, queue, by }).await;
        place(&call).await
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Priority {
    priority: i8,
}

/// `POST /interactions/{interaction}/prioritise`
pub fn prioritise(call: Call) -> Answer {
    Box::pin(async move {
        let Priority { priority } = call.json()?;
        let (interaction, _, _) = waiting(&call).await?;
        let by = call.principal.name().to_owned();
        let input = Input::InteractionPrioritised { interaction, priority, by };
        call.tenant()?.input(input).await;
        place(&call).await
    })
}

/// `GET /interactions/{interaction}/decisions`
pub fn decisions(call: Call) -> Answer {
    Box::pin(async move {
        let agent = call.query("agent").map(|name| {
            AgentId::new(name).map_err(|error| Problem::bad_query("agent", error.to_string()))
        });
        let id = call.interaction()?;
        let agent = agent.transpose()?;
        let found = call.tenant()?.decisions(id, agent).await?;
        ok(&Page::whole(found))
    })
}
