//! Router plugins: install, activate, roll back.

use serde::Deserialize;

use super::call::{Answer, Call, created, ok};
use super::problem::Problem;
use super::view::Page;

/// `GET /plugins`
pub fn list(call: Call) -> Answer {
    Box::pin(async move { ok(&Page::whole(call.tenant()?.plugins().await?)) })
}

/// `GET /plugins/{plugin}/versions`
pub fn versions(call: Call) -> Answer {
    Box::pin(
        async move { ok(&Page::whole(call.tenant()?.plugin_versions(call.name("plugin")).await?)) },
    )
}

/// `POST /plugins/{plugin}`
pub fn install(call: Call) -> Answer {
    Box::pin(async move {
        let world = call.query("world").unwrap_or("router");
        if world != "router" {
            return Err(Problem::bad_query(
                "world",
                format!("`router` is accepted, got `{world}`"),
            ));
        }
        let plugin = call.name("plugin");
        // A plugin is named as agents and queues are.
        if let Err(error) = jackfield_core::QueueId::new(plugin) {
            return Err(Problem::invalid("plugin", error.to_string()));
        }
        let installed = call.tenant()?.install_router(plugin, call.body.clone()).await?;
        let tenant = call.name("tenant");
        created(&format!("/api/v1/tenants/{tenant}/plugins/{plugin}/versions"), &installed)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Activation {
    digest: String,
}

/// `POST /plugins/{plugin}/activate`
pub fn activate(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Activation = call.json()?;
        let digest = &wanted.digest;
        let hex = digest.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        if !hex || !(12..=64).contains(&digest.len()) {
            let reason = "a SHA-256 digest, or at least its first 12 characters, is accepted";
            return Err(Problem::invalid("digest", reason));
        }
        ok(&call.tenant()?.activate_router(call.name("plugin"), digest).await?)
    })
}

/// `POST /plugins/{plugin}/rollback`
pub fn roll_back(call: Call) -> Answer {
    Box::pin(async move { ok(&call.tenant()?.roll_back_router(call.name("plugin")).await?) })
}
