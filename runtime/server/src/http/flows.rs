//! Flows: check, try, publish, roll back.

use jackfield_plugin_host::World;
use serde::Deserialize;
use serde_json::json;

use super::call::{Answer, Call, created, done, ok};
use super::problem::Problem;
use super::studio;
use super::view::Page;
use crate::app::gate_order;
use crate::replay::FlowOrder;
use crate::rollout::Share;

/// The longest comment or author, in bytes.
const TEXT_MAX: usize = 1024;

/// `GET /flows`
pub fn list(call: Call) -> Answer {
    Box::pin(async move { ok(&Page::whole(call.tenant()?.flows().await?)) })
}

/// `GET /flows/{flow}/versions`
pub fn versions(call: Call) -> Answer {
    Box::pin(async move {
        let versions = call.tenant()?.flow_versions(call.name("flow")).await?;
        ok(&Page::whole(versions))
    })
}

/// `GET /flows/{flow}/versions/{version}`
pub fn version(call: Call) -> Answer {
    Box::pin(async move {
        let text = call.name("version");
        let number = text.parse().map_err(|_| Problem::not_found("version", text))?;
        ok(&call.tenant()?.flow_version(call.name("flow"), number).await?)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToCheck {
    script: String,
}

/// `POST /flows/{flow}/check`
pub fn check(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: ToCheck = call.json()?;
        call.tenant()?.check_flow(call.name("flow"), &wanted.script).await?;
        ok(&json!({ "ok": true }))
    })
}

/// `PUT /flows/{flow}/draft`
pub fn put_draft(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: ToCheck = call.json()?;
        ok(&call.tenant()?.put_draft(call.name("flow"), &wanted.script).await?)
    })
}

/// `DELETE /flows/{flow}/draft`
pub fn remove_draft(call: Call) -> Answer {
    Box::pin(async move {
        call.tenant()?.remove_draft(call.name("flow")).await?;
        Ok(done())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToPublish {
    script: String,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    comment: Option<String>,
    /// What the script must reach on the last day.
    #[serde(default)]
    gate: Option<String>,
    /// Of a hundred contacts, how many it has at first, beside the active version; else all.
    #[serde(default)]
    percent: Option<f64>,
}

/// `POST /flows/{flow}/publish`
pub fn publish(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: ToPublish = call.json()?;
        let author = wanted.author.as_deref().unwrap_or_else(|| call.principal.name());
        let comment = wanted.comment.as_deref().unwrap_or_default();
        for (field, text) in [("author", author), ("comment", comment)] {
            if TEXT_MAX < text.len() {
                let reason = format!("at most {TEXT_MAX} bytes are accepted, got {}", text.len());
                return Err(Problem::invalid(field, reason));
            }
        }
        let flow = call.name("flow");
        if let Some(gate) = &wanted.gate {
            let mut order = gate_order(gate, None, None);
            let (name, script) = (flow.to_owned(), wanted.script.clone());
            order.flow = Some(FlowOrder { name, script });
            call.tenant()?.pass_gate(order).await?;
        }
        studio::gate(&call, &wanted.script).await?;
        let (tenancy, script) = (call.tenant()?, &wanted.script);
        let published = match wanted.percent {
            None => tenancy.publish_flow(flow, script, author, comment).await?,
            Some(percent) => {
                let (queue, number, attribute) = (None, None, None);
                let share = Share { percent, queue, number, attribute };
                let wrong = share.check(World::Flow).err();
                wrong.map_or(Ok(()), |error| Err(Problem::invalid(error.field, error.reason)))?;
                let kept = tenancy.keep_flow(flow, script, author, comment).await?;
                tenancy.begin_canary(flow, &kept.digest, share, call.principal.name()).await?;
                kept
            }
        };
        let tenant = call.name("tenant");
        let number = published.version;
        created(&format!("/api/v1/tenants/{tenant}/flows/{flow}/versions/{number}"), &published)
    })
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    #[serde(default)]
    version: Option<u32>,
}

/// `POST /flows/{flow}/rollback`
pub fn roll_back(call: Call) -> Answer {
    Box::pin(async move {
        // Without a body it is the version before.
        let wanted: Rollback =
            if call.body.is_empty() { Rollback::default() } else { call.json()? };
        ok(&call.tenant()?.roll_back_flow(call.name("flow"), wanted.version).await?)
    })
}
