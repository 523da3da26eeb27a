//! What a running tenant's channels, connectors and analysts are asked for the interface.

use std::net::IpAddr;
use std::sync::Arc;

use jackfield_plugin_host::asked::analysis::Utterance;
use jackfield_plugin_host::asked::connecting::Lead;
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use jackfield_plugin_host::{Grant, World};

use crate::http::centre::Fault;
use crate::tenant::{Tenant, TenantServices};
use crate::worlds::chats::NotTaken;
use crate::worlds::webchat::{self, NotConnected, Seat};
use crate::worlds::{analysts, chats, connectors};

/// The names of all grants.
pub fn all_grants() -> String {
    let names: Vec<String> = Grant::ALL.iter().map(|grant| format!("`{}`", grant.name())).collect();
    names.join(", ")
}

/// Has a plugin of the tenant take a request.
pub async fn webhook(
    tenant: &Arc<Tenant>,
    world: World,
    plugin: &str,
    request: &Incoming,
) -> Result<Reply, Fault> {
    let taken = match world {
        World::Channel => chats::webhook(tenant, plugin, request).await,
        _ => connectors::webhook(tenant, plugin, request).await,
    };
    taken.map_err(|error| not_taken(plugin, &error))
}

fn not_taken(plugin: &str, error: &NotTaken) -> Fault {
    match error {
        NotTaken::Unknown(world) => Fault::NotFound { what: world.name(), name: plugin.to_owned() },
        // Whoever sent it sends it again, later.
        NotTaken::Full | NotTaken::Failed(_) => Fault::Busy(error.to_string()),
    }
}

/// Asks a connector for a customer, as JSON.
pub async fn look_up(
    tenant: &Tenant,
    connector: &str,
    address: &str,
) -> Result<Option<serde_json::Value>, Fault> {
    let missing = || Fault::NotFound { what: "connector", name: connector.to_owned() };
    let active = tenant.plugins.get(connector, World::Connector).ok_or_else(missing)?;
    let services = Arc::<TenantServices>::clone(&active.services);
    let found = active.plugin.find_contact(address, services).await;
    let found = found.map_err(|failure| {
        tenant.figures(connector).failed(&failure.failure, &active.digest);
        Fault::Busy(failure.to_string())
    })?;
    let Some(customer) = found else { return Ok(None) };
    serde_json::to_value(customer).map(Some).map_err(|error| Fault::Internal(error.to_string()))
}

/// Has a connector create a lead.
pub async fn create_lead(tenant: &Tenant, connector: &str, lead: &Lead) -> Result<String, Fault> {
    let made = connectors::create_lead(tenant, connector, lead).await;
    made.map_err(|error| not_taken(connector, &error))
}

/// Writes to the customer of a conversation on a channel.
pub async fn write_message(
    tenant: &Tenant,
    interaction: &str,
    agent: Option<String>,
    text: String,
) -> Result<(), Fault> {
    let missing = || Fault::NotFound { what: "conversation", name: interaction.to_owned() };
    let id = interaction.parse().map_err(|_| missing())?;
    let sent = chats::agent_writes(tenant, id, agent, text).await.ok_or_else(missing)?;
    sent.map_err(Fault::Refused)
}

/// Lets the visitor of a web chat see that an agent is writing.
pub async fn tell_typing(tenant: &Tenant, interaction: &str) -> Result<(), Fault> {
    let missing = || Fault::NotFound { what: "conversation", name: interaction.to_owned() };
    let id = interaction.parse().map_err(|_| missing())?;
    if chats::agent_types(tenant, id).await { Ok(()) } else { Err(missing()) }
}

/// Lets a page of a site into the web chat.
pub fn webchat(tenant: &Arc<Tenant>, origin: Option<&str>, address: IpAddr) -> Result<Seat, Fault> {
    webchat::admit(tenant, origin, address).map_err(|why| match why {
        NotConnected::Disabled => Fault::NotFound { what: "web chat", name: tenant.id.to_string() },
        NotConnected::Origin => Fault::Forbidden(why.to_string()),
        NotConnected::Full | NotConnected::AddressFull => Fault::Busy(why.to_string()),
    })
}

/// Has the analysts read what was said in an interaction that is over.
pub async fn add_transcript(
    tenant: &Tenant,
    interaction: &str,
    utterances: Vec<Utterance>,
) -> Result<(), Fault> {
    let missing = || Fault::NotFound { what: "interaction", name: interaction.to_owned() };
    let id = interaction.parse().map_err(|_| missing())?;
    let record = tenant.store.interaction(id).map_err(super::fault)?.ok_or_else(missing)?;
    if record.ended_at.is_none() {
        let reason = "the interaction goes on: its transcript is read once it is over";
        return Err(Fault::Conflict { field: "interaction".to_owned(), reason: reason.to_owned() });
    }
    let transcript = analysts::transcript(&record, utterances);
    analysts::analyse(tenant, record, transcript).await;
    Ok(())
}
