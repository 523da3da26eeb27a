//! Candidates beside the active version: begin a canary or a shadow, promote, roll back.

use serde::Deserialize;

use super::call::{Answer, Call, ok};
use super::problem::Problem;
use crate::rollout::Share;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Canary {
    digest: String,
    /// Of those who fit what follows, or of all.
    percent: Option<f64>,
    queue: Option<String>,
    number: Option<String>,
    attribute: Option<Attribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shadow {
    digest: String,
}

/// A digest, or enough of its beginning.
pub(super) fn checked(digest: &str) -> Result<&str, Problem> {
    let hex = digest.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
    if hex && (12..=64).contains(&digest.len()) {
        return Ok(digest);
    }
    let reason = "a SHA-256 digest, or at least its first 12 characters, is accepted";
    Err(Problem::invalid("digest", reason))
}

/// `POST /plugins/{plugin}/canary`
pub fn canary(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Canary = call.json()?;
        let digest = checked(&wanted.digest)?;
        let share = Share {
            percent: wanted.percent.unwrap_or(100.0),
            queue: wanted.queue,
            number: wanted.number,
            attribute: wanted.attribute.map(|one| (one.name, one.value)),
        };
        let (tenancy, plugin) = (call.tenant()?, call.name("plugin"));
        tenancy.begin_canary(plugin, digest, share, call.principal.name()).await?;
        ok(&tenancy.plugin_state(plugin).await?)
    })
}

/// `POST /plugins/{plugin}/shadow`
pub fn shadow(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Shadow = call.json()?;
        let digest = checked(&wanted.digest)?;
        let (tenancy, plugin) = (call.tenant()?, call.name("plugin"));
        tenancy.begin_shadow(plugin, digest, call.principal.name()).await?;
        ok(&tenancy.plugin_state(plugin).await?)
    })
}

/// `POST /plugins/{plugin}/promote`
pub fn promote(call: Call) -> Answer {
    Box::pin(async move {
        let (tenancy, plugin) = (call.tenant()?, call.name("plugin"));
        ok(&tenancy.promote_plugin(plugin, call.principal.name()).await?)
    })
}

/// `POST /plugins/{plugin}/rollback`
pub fn roll_back(call: Call) -> Answer {
    Box::pin(async move {
        let (tenancy, plugin) = (call.tenant()?, call.name("plugin"));
        ok(&tenancy.roll_back_plugin(plugin, call.principal.name()).await?)
    })
}
