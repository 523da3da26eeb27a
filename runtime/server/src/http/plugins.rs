//! Plugins: install, activate, switch. A flow that is a component is installed here as well, and
//! is then a version of the flow like any that was published from a script.

use axum::response::Response;
use serde::Deserialize;

use super::call::{Answer, Call, created, ok};
use super::problem::Problem;
use super::rollouts::checked;
use super::view::Page;
use crate::app::{Arrival, gate_order};
use crate::replay::RouterOrder;

/// Worlds whose plugins are named in the configuration's `plugins`.
const CALLED: [jackfield_plugin_host::World; 5] = jackfield_plugin_host::World::CALLED;
/// The longest reason of a switch.
const REASON_CHARS: usize = 500;

/// `GET /plugins`
pub fn list(call: Call) -> Answer {
    Box::pin(async move { ok(&Page::whole(call.tenant()?.plugins().await?)) })
}

/// `GET /packages`
pub fn packages(call: Call) -> Answer {
    Box::pin(async move { ok(&Page::whole(call.tenant()?.packages().await?)) })
}

/// `GET /plugins/{plugin}/versions`
pub fn versions(call: Call) -> Answer {
    Box::pin(
        async move { ok(&Page::whole(call.tenant()?.plugin_versions(call.name("plugin")).await?)) },
    )
}

/// `GET /plugins/{plugin}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move { ok(&call.tenant()?.plugin_state(call.name("plugin")).await?) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    /// Why, for whoever looks later.
    #[serde(default)]
    reason: String,
}

/// `POST /plugins/{plugin}/disable`
pub fn disable(call: Call) -> Answer {
    Box::pin(switch(call, true))
}

/// `POST /plugins/{plugin}/enable`
pub fn enable(call: Call) -> Answer {
    Box::pin(switch(call, false))
}

async fn switch(call: Call, disabled: bool) -> Result<Response, Problem> {
    let Switch { reason } = call.json()?;
    if REASON_CHARS < reason.chars().count() {
        let most = format!("at most {REASON_CHARS} characters are accepted");
        return Err(Problem::invalid("reason", most));
    }
    let (tenancy, plugin) = (call.tenant()?, call.name("plugin"));
    tenancy.switch_plugin(plugin, disabled, &reason, call.principal.name()).await?;
    ok(&tenancy.plugin_state(plugin).await?)
}

/// The kinds of plugin that a tenant may have.
enum World {
    Router,
    Estimator,
    Flow,
    /// One that is asked once in a while.
    Called(jackfield_plugin_host::World),
}

fn world(call: &Call) -> Result<World, Problem> {
    match call.query("world").unwrap_or("router") {
        "router" => Ok(World::Router),
        "estimator" => Ok(World::Estimator),
        "flow" => Ok(World::Flow),
        other => {
            let named = jackfield_plugin_host::World::from_name(other);
            if let Some(world) = named.filter(|world| CALLED.contains(world)) {
                return Ok(World::Called(world));
            }
            let called: Vec<String> = CALLED.iter().map(|world| format!("`{world}`")).collect();
            let called = called.join(", ");
            let reason =
                format!("`router`, `estimator`, `flow`, {called} are accepted, got `{other}`");
            Err(Problem::bad_query("world", reason))
        }
    }
}

/// `POST /plugins/{plugin}`
pub fn install(call: Call) -> Answer {
    Box::pin(async move {
        let world = world(&call)?;
        let plugin = call.name("plugin");
        // A plugin is named as agents and queues are.
        if let Err(error) = jackfield_core::QueueId::new(plugin) {
            return Err(Problem::invalid("plugin", error.to_string()));
        }
        let tenancy = call.tenant()?;
        let grants = call.query("grants").unwrap_or_default();
        let grants = grants.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        let grants: Vec<String> = grants.collect();
        let arrival = Arrival {
            bytes: call.body.clone(),
            grants: grants.clone(),
            by_operator: call.principal.is_provider(),
            downgrade: call.query("downgrade") == Some("true"),
        };
        let arrived = tenancy.open_package(arrival).await?;
        let body = arrived.component.clone();
        let host = match world {
            World::Router => Some(jackfield_plugin_host::World::Router),
            World::Estimator => Some(jackfield_plugin_host::World::Estimator),
            World::Called(world) => Some(world),
            World::Flow => None,
        };
        let (kind, installed) = match host {
            Some(host) => ("plugins", tenancy.install_plugin(plugin, host, body, &grants).await?),
            None if grants.is_empty() => {
                ("flows", tenancy.install_flow(plugin, body, call.principal.name()).await?)
            }
            None => {
                let reason = "a flow has those of its entry in the configuration";
                return Err(Problem::bad_query("grants", reason));
            }
        };
        tenancy.enter_package(arrived).await?;
        let tenant = call.name("tenant");
        created(&format!("/api/v1/tenants/{tenant}/{kind}/{plugin}/versions"), &installed)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Activation {
    digest: String,
    /// What the candidate must reach on the recorded past.
    #[serde(default)]
    gate: Option<String>,
    /// The time that is judged; the last day if none is said.
    #[serde(default)]
    gate_from: Option<String>,
    #[serde(default)]
    gate_to: Option<String>,
}

/// `POST /plugins/{plugin}/activate`
pub fn activate(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Activation = call.json()?;
        let digest = &wanted.digest;
        checked(digest)?;
        let (tenancy, plugin) = (call.tenant()?, call.name("plugin"));
        let world = world(&call)?;
        if let Some(gate) = &wanted.gate {
            let World::Router = world else {
                return Err(Problem::invalid("gate", "only a router has one here"));
            };
            let (from, to) = (wanted.gate_from.as_deref(), wanted.gate_to.as_deref());
            let mut order = gate_order(gate, from, to);
            order.router = Some(RouterOrder::installed(plugin, digest));
            tenancy.pass_gate(order).await?;
        }
        ok(&match world {
            World::Router | World::Estimator | World::Called(_) => {
                tenancy.activate_router(plugin, digest, call.principal.name()).await?
            }
            World::Flow => tenancy.activate_flow(plugin, digest, call.principal.name()).await?,
        })
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouterScript {
    script: String,
}

/// `POST /routers/{plugin}/publish`
pub fn publish_router(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: RouterScript = call.json()?;
        let (router, author) = (call.name("plugin"), call.principal.name());
        ok(&call.tenant()?.publish_router(router, &wanted.script, author).await?)
    })
}
