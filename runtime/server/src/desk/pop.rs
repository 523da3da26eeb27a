//! What an agent wants to know of a customer before it rings.

use jackfield_core::InteractionId;
use jackfield_store::{InteractionFilter, InteractionRecord};
use serde_json::{Value, json};

use crate::http::{find_contact, word};
use crate::rfc3339;
use crate::tenant::Tenant;

/// Earlier interactions that are shown.
const HISTORY: usize = 20;
/// Notes of the customer's card that are shown, the latest.
const NOTES: usize = 10;

/// The customer's card, the timeline over all channels, what is open, what was chosen in the menu, and why
/// this agent. Reads the store: not for threads that must not wait.
pub fn of(tenant: &Tenant, interaction: InteractionId, why: &[(String, String)]) -> Value {
    let told = |error: jackfield_store::StoreError| {
        // A pop that lacks something is better than a ring without any.
        tracing::warn!(tenant = %tenant.id, %interaction, %error, "a customer cannot be shown whole");
    };
    let record = tenant.store.interaction(interaction).map_err(told).ok().flatten();
    let ani = record.as_ref().and_then(|record| record.ani.clone());
    let contact =
        ani.as_deref().and_then(|ani| find_contact(tenant, ani).map_err(told).ok().flatten());
    let earlier = ani.as_ref().map(|ani| {
        let filter = InteractionFilter { ani: Some(ani.clone()), ..InteractionFilter::default() };
        tenant.store.interactions(&filter, Some(interaction), HISTORY)
    });
    let earlier = earlier.and_then(|found| found.map_err(told).ok()).map(|page| page.items);
    let waiting = tenant.standing().callbacks.values().filter(|one| Some(&one.address) == ani.as_ref()).map(|one| {
        json!({ "queue": one.queue, "state": one.state, "since": rfc3339::format(one.since.as_micros()) })
    }).collect::<Vec<_>>();
    json!({
        "type": "pop",
        "interaction": interaction,
        "channel": record.as_ref().map(|record| word(&record.channel)),
        "ani": ani,
        "dnis": record.as_ref().map(|record| &record.dnis),
        "language": record.as_ref().and_then(|record| record.language.as_ref()),
        "attributes": record.as_ref().map(|record| &record.attributes),
        "chosen": record.as_ref().map(chosen),
        "contact": contact.as_ref().map(|card| json!({
            "id": card.id,
            "name": card.name,
            "segment": card.segment,
            "language": card.language,
            "phones": card.phones,
            "emails": card.emails,
            "external_id": card.external_id,
            "fields": card.fields,
            "notes": card.notes.iter().rev().take(NOTES).map(|note| json!({
                "at": rfc3339::format(note.at_micros), "author": note.author, "text": note.text,
            })).collect::<Vec<_>>(),
        })),
        "earlier": earlier.unwrap_or_default().iter().map(brief).collect::<Vec<_>>(),
        "callbacks": waiting,
        "why": why,
    })
}

/// What the customer has said and pressed so far.
fn chosen(record: &InteractionRecord) -> Vec<Value> {
    let of_customer =
        |what: &str| matches!(what, "gathered" | "attribute" | "said" | "menu" | "arrived");
    let events = record.timeline.iter().filter(|event| of_customer(&event.what));
    events
        .map(|event| {
            json!({
                "at": rfc3339::format(event.at_micros),
                "what": event.what,
                "details": event.details,
            })
        })
        .collect()
}

fn brief(record: &InteractionRecord) -> Value {
    json!({
        "interaction": record.id,
        "channel": word(&record.channel),
        "at": rfc3339::format(record.arrived_at),
        "queue": record.queue,
        "agent": record.agent,
        "open": record.ended_at.is_none(),
        "end": record.end.as_ref().map(word),
        "talk_ms": record.talk_ms,
    })
}
