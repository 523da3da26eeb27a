//! Callbacks: who is to be called, asked for and called off.

use std::time::Duration;

use jackfield_core::{AgentId, CallbackId, CallbackOrigin, Input, QueueId};
use serde::{Deserialize, Serialize};

use super::call::{Answer, Call, created, done, ok};
use super::live::word;
use super::problem::Problem;
use super::tenants::stopped;
use super::view::Page;
use crate::rfc3339;
use crate::tenant::{OpenCallback, Standing};

/// The longest number or address, in bytes.
const ADDRESS_MAX: usize = 256;
/// The furthest deadline, in seconds: 30 days.
const DEADLINE_MAX: u64 = 30 * 24 * 3_600;

#[derive(Serialize)]
struct View {
    callback: String,
    queue: String,
    address: String,
    origin: String,
    interaction: String,
    owner: Option<String>,
    state: &'static str,
    attempts: u32,
    since: String,
    deadline: String,
    overdue: bool,
}

fn view(id: &CallbackId, open: &OpenCallback) -> View {
    View {
        callback: id.to_string(),
        queue: open.queue.to_string(),
        address: open.address.clone(),
        origin: word(&open.origin),
        interaction: open.interaction.to_string(),
        owner: open.owner.as_ref().map(ToString::to_string),
        state: open.state,
        attempts: open.attempts,
        since: rfc3339::format(open.since.as_micros()),
        deadline: rfc3339::format(open.deadline.as_micros()),
        overdue: open.overdue,
    }
}

/// The callbacks after all that the engine was told before this request.
async fn standing(call: &Call) -> Result<Standing, Problem> {
    call.tenant()?.snapshot().await.ok_or_else(stopped)?;
    Ok(call.tenant()?.standing())
}

/// `GET /callbacks`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let wanted = call.query("queue");
        let standing = standing(&call).await?;
        let open = standing.callbacks.iter();
        let open = open.filter(|(_, open)| wanted.is_none_or(|queue| open.queue.as_str() == queue));
        ok(&Page::whole(open.map(|(id, open)| view(id, open)).collect()))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToAdd {
    queue: String,
    address: String,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    deadline_seconds: Option<u64>,
}

/// `POST /callbacks`
pub fn add(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: ToAdd = call.json()?;
        let tenancy = call.tenant()?;
        let queue = QueueId::new(&wanted.queue).ok();
        let queue = queue.filter(|queue| tenancy.center().queues.contains_key(queue));
        let queue = queue.ok_or_else(|| {
            Problem::invalid("queue", format!("there is no queue `{}`", wanted.queue))
        })?;
        let address = wanted.address.trim().to_owned();
        if address.is_empty()
            || ADDRESS_MAX < address.len()
            || address.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            let reason = format!("a number or address of at most {ADDRESS_MAX} bytes is accepted");
            return Err(Problem::invalid("address", reason));
        }
        let owner = match &wanted.owner {
            None => None,
            Some(name) => {
                let known = AgentId::new(name).ok();
                let known = known.filter(|agent| tenancy.center().agents.contains_key(agent));
                let missing = || Problem::invalid("owner", format!("there is no agent `{name}`"));
                Some(known.ok_or_else(missing)?)
            }
        };
        if wanted.deadline_seconds.is_some_and(|seconds| seconds == 0 || DEADLINE_MAX < seconds) {
            let reason = format!("1 to {DEADLINE_MAX} is accepted");
            return Err(Problem::invalid("deadline_seconds", reason));
        }
        let input = Input::CallbackRequested {
            interaction: tenancy.new_interaction(),
            queue: Some(queue.clone()),
            address: Some(address.clone()),
            origin: CallbackOrigin::Agent,
            owner,
            deadline: wanted.deadline_seconds.map(Duration::from_secs),
        };
        tenancy.input(input).await;
        let standing = standing(&call).await?;
        let mut open = standing.callbacks.iter();
        let found = open.find(|(_, open)| open.queue == queue && open.address == address);
        let Some((id, open)) = found else {
            let limit = call.tenant()?.center().limits.callbacks;
            let reason = format!("{limit} callbacks are open, as many as `max_callbacks` allows");
            return Err(Problem::not_now(reason));
        };
        let tenant = call.name("tenant");
        created(&format!("/api/v1/tenants/{tenant}/callbacks/{id}"), &view(id, open))
    })
}

/// `DELETE /callbacks/{callback}`
pub fn cancel(call: Call) -> Answer {
    Box::pin(async move {
        let name = call.name("callback");
        let missing = || Problem::not_found("callback", name);
        let callback = CallbackId(name.parse().map_err(|_| missing())?);
        if !standing(&call).await?.callbacks.contains_key(&callback) {
            return Err(missing());
        }
        let by = call.principal.name().to_owned();
        call.tenant()?.input(Input::CallbackCancelled { callback, by }).await;
        if standing(&call).await?.callbacks.contains_key(&callback) {
            let reason = "the customer is on the line: it cannot be cancelled now";
            return Err(Problem::not_now(reason));
        }
        Ok(done())
    })
}
