//! Contacts and their import.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::call::{Answer, Call, created, done, ok};
use super::centre::{Fault, describe};
use super::problem::Problem;
use super::view::{ContactChange, ImportLine, Note};

/// Lines of an import's answer that may wait for a slow reader.
const LINES_WAITING: usize = 16;
/// The longest note, in bytes.
const NOTE_MAX: usize = 16 * 1024;
/// The longest name, in bytes; also of each field.
const VALUE_MAX: usize = 1024;
/// The most addresses or fields of one contact.
const VALUES_MAX: usize = 64;

/// `GET /contacts`
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let address = call.query("address").map(str::to_owned);
        ok(&call.tenant()?.contacts(address, call.page()?).await?)
    })
}

/// `GET /contacts/{contact}`
pub fn show(call: Call) -> Answer {
    Box::pin(async move { ok(&call.tenant()?.contact(call.name("contact")).await?) })
}

fn read(call: &Call) -> Result<ContactChange, Problem> {
    let contact: ContactChange = call.json()?;
    let long = |text: &str| VALUE_MAX < text.len();
    let options = [&contact.external_id, &contact.language, &contact.segment];
    let pairs = contact.fields.iter().any(|(key, value)| long(key) || long(value));
    let lists = contact.phones.iter().chain(&contact.emails).any(|text| long(text));
    if long(&contact.name) || pairs || lists || options.into_iter().flatten().any(|text| long(text))
    {
        return Err(Problem::invalid(".", format!("a value may have {VALUE_MAX} bytes")));
    }
    for (field, count) in [
        ("phones", contact.phones.len()),
        ("emails", contact.emails.len()),
        ("fields", contact.fields.len()),
    ] {
        if VALUES_MAX < count {
            let reason = format!("at most {VALUES_MAX} are accepted, got {count}");
            return Err(Problem::invalid(field, reason));
        }
    }
    Ok(contact)
}

/// `POST /contacts`
pub fn create(call: Call) -> Answer {
    Box::pin(async move {
        let contact = call.tenant()?.create_contact(read(&call)?).await?;
        let at = format!("/api/v1/tenants/{}/contacts/{}", call.name("tenant"), contact.id);
        created(&at, &contact)
    })
}

/// `PUT /contacts/{contact}`
pub fn replace(call: Call) -> Answer {
    Box::pin(async move {
        let id = call.name("contact");
        ok(&call.tenant()?.replace_contact(id, read(&call)?).await?)
    })
}

/// `DELETE /contacts/{contact}`
pub fn delete(call: Call) -> Answer {
    Box::pin(async move {
        call.tenant()?.delete_contact(call.name("contact")).await?;
        Ok(done())
    })
}

/// `POST /contacts/{contact}/notes`
pub fn add_note(call: Call) -> Answer {
    Box::pin(async move {
        let note: Note = call.json()?;
        if note.text.trim().is_empty() || NOTE_MAX < note.text.len() {
            let reason = format!("1 to {NOTE_MAX} bytes are accepted, got {}", note.text.len());
            return Err(Problem::invalid("text", reason));
        }
        let id = call.name("contact");
        let tenant = call.tenant()?;
        tenant.add_note(id, call.principal.name(), note).await?;
        let at = format!("/api/v1/tenants/{}/contacts/{id}", call.name("tenant"));
        created(&at, &tenant.contact(id).await?)
    })
}

/// `POST /contacts/import`
pub fn import(mut call: Call) -> Answer {
    Box::pin(async move {
        let dry_run = call.query_flag("dry_run")?.unwrap_or(false);
        let tenant = call.tenant.take().ok_or_else(|| Problem::internal("no tenant"))?;
        let csv = std::mem::take(&mut call.body);
        let permit = call.upload.take();
        let (lines, mut listen) = mpsc::channel(LINES_WAITING);
        let work = tokio::spawn(async move {
            let _permit = permit;
            tenant.import(csv, dry_run, lines).await
        });
        let Some(first) = listen.recv().await else {
            // It failed before anything was told: a file that is none is refused with a status.
            let failed = work.await.map_err(|error| Problem::internal(&error.to_string()))?;
            failed?;
            return Err(Problem::internal("an import ended without a report"));
        };
        let told = stream::unfold((Some(first), listen, Some(work)), |state| async move {
            let (next, mut listen, mut work) = state;
            let line = match next {
                Some(line) => line,
                None => match listen.recv().await {
                    Some(line) => line,
                    // The lines are over; if the import failed, this is the last one.
                    None => failure(work.take()?).await?,
                },
            };
            let mut text = serde_json::to_string(&line).unwrap_or_default();
            text.push('\n');
            Some((Ok::<_, Infallible>(Bytes::from(text)), (None, listen, work)))
        });
        let mut response = Response::new(Body::from_stream(told));
        let kind = HeaderValue::from_static("application/x-ndjson");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        Ok(response)
    })
}

async fn failure(work: JoinHandle<Result<(), Fault>>) -> Option<ImportLine> {
    let reason = match work.await {
        Ok(Ok(())) => return None,
        Ok(Err(fault)) => describe(&fault),
        Err(error) => describe(&Fault::Internal(error.to_string())),
    };
    Some(ImportLine::Failed { reason })
}
