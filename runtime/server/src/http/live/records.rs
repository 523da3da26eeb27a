//! What the store keeps, as the interface shows it.

use jackfield_store::{Contact as StoredContact, StoreError, normalize_phone};
use serde::Serialize;

use crate::http::view::{Contact, FlowScript, FlowVersion, KeptNote};
use crate::rfc3339;
use crate::tenant::Tenant;

/// A contact with its notes.
pub fn view(contact: StoredContact) -> Contact {
    let notes = contact.notes.into_iter().map(|note| KeptNote {
        at: rfc3339::format(note.at_micros),
        author: note.author,
        interaction: note.interaction.map(|id| id.to_string()),
        text: note.text,
    });
    let moment = |at: u64| (at != 0).then(|| rfc3339::format(at));
    Contact {
        id: contact.id,
        name: contact.name,
        phones: contact.phones,
        emails: contact.emails,
        external_id: contact.external_id,
        language: contact.language,
        segment: contact.segment,
        fields: contact.fields,
        notes: notes.collect(),
        created_at: moment(contact.created_at),
        updated_at: moment(contact.updated_at),
    }
}

/// The contact that has this address, however it is written.
pub fn find(tenant: &Tenant, address: &str) -> Result<Option<StoredContact>, StoreError> {
    if let Some(found) = tenant.store.find_contact(address)? {
        return Ok(Some(found));
    }
    match normalize_phone(address, tenant.config().country_code.as_deref()) {
        Ok(phone) => tenant.store.find_contact(&phone),
        Err(_) => Ok(None),
    }
}

/// A version of a flow with its script.
pub fn flow_view(version: jackfield_store::FlowVersion, active: Option<u32>) -> FlowScript {
    FlowScript {
        version: FlowVersion {
            version: version.version,
            digest: version.digest,
            author: version.author,
            comment: version.comment,
            published_at: rfc3339::format(version.published_at),
            active: active == Some(version.version),
        },
        script: version.script,
    }
}

/// The name that a unit variant has in records: `voice`, `customer_left`.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // A variant with a text: `failed: the trunk refused`.
        Ok(serde_json::Value::Object(fields)) => fields
            .into_iter()
            .map(|(name, text)| format!("{name}: {}", text.as_str().unwrap_or_default()))
            .collect(),
        _ => String::new(),
    }
}
