//! The flow studio: what a script is, how a customer fares with it, and what is being written.

use async_trait::async_trait;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Answer, Call, done, ok};
use super::centre::Fault;
use super::problem::Problem;
use super::view::{Page, Published};
use crate::rfc3339;
use crate::studio::effect::Effect;
use crate::studio::scenario::{Body, Tried};
use crate::studio::simulate::{Order, Simulated};
use crate::studio::{Analysis, templates, verbs};
use crate::tenant::now;

/// The longest name of a scenario, in bytes.
const NAME_MAX: usize = 200;
/// A day, in microseconds.
const DAY: u64 = 86_400_000_000;

/// The script of a flow as somebody is writing it.
#[derive(Clone, Debug, Serialize)]
pub struct WorkingCopy {
    /// The script.
    pub script: String,
    /// The version it was begun from; 0 if none.
    pub base: u32,
    /// Who wrote last.
    pub by: String,
    /// When.
    pub saved_at: String,
}

/// A scenario as it is kept.
#[derive(Clone, Debug, Serialize)]
pub struct KeptScenario {
    /// Its name.
    pub name: String,
    /// Who calls, when, and what happens.
    pub order: Order,
    /// What is expected.
    pub expect: Vec<crate::studio::scenario::Expected>,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub saved_at: String,
}

/// A change of the working copy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingCopyChange {
    /// The script.
    pub script: String,
    /// The version it was begun from; else none.
    #[serde(default)]
    pub base: u32,
    /// `saved_at` of the copy that is replaced; else there is none to be replaced.
    #[serde(default)]
    pub seen: Option<String>,
}

/// What the studio asks of a tenant.
#[async_trait]
pub trait Studio: Send + Sync {
    /// Keeps a script as a version that takes no calls. Durable when it returns.
    async fn keep_flow(
        &self,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<Published, Fault>;
    /// Compares a script with the active one on the callers of a past time, in microseconds since
    /// the Unix epoch.
    async fn effect(
        &self,
        flow: &str,
        script: &str,
        span: (u64, u64),
        each: bool,
    ) -> Result<Effect, Fault>;
    /// Looks at a script.
    async fn analyse(&self, flow: &str, script: &str) -> Result<Analysis, Fault>;
    /// Leads a made-up customer by a script.
    async fn simulate(&self, flow: &str, script: &str, order: &Order) -> Result<Simulated, Fault>;
    /// What is being written.
    async fn working_copy(&self, flow: &str) -> Result<Option<WorkingCopy>, Fault>;
    /// Keeps what is being written. Durable when it returns.
    async fn put_working_copy(
        &self,
        flow: &str,
        change: WorkingCopyChange,
        by: &str,
    ) -> Result<WorkingCopy, Fault>;
    /// Throws away what is being written. Durable when it returns.
    async fn delete_working_copy(&self, flow: &str) -> Result<(), Fault>;
    /// The scenarios by name.
    async fn scenarios(&self, flow: &str) -> Result<Vec<KeptScenario>, Fault>;
    /// Keeps a scenario. Durable when it returns.
    async fn put_scenario(
        &self,
        flow: &str,
        name: &str,
        body: Body,
        by: &str,
    ) -> Result<KeptScenario, Fault>;
    /// Forgets a scenario. Durable when it returns.
    async fn delete_scenario(&self, flow: &str, name: &str) -> Result<(), Fault>;
    /// Tries a script by every scenario.
    async fn try_scenarios(&self, flow: &str, script: &str) -> Result<Vec<Tried>, Fault>;
}

/// `GET /flows/verbs`
pub fn list_verbs(_: Call) -> Answer {
    Box::pin(async move {
        let all = verbs().iter().map(|verb| {
            json!({
                "name": verb.name,
                "signature": verb.signature(),
                "parameters": verb.parameters,
                "options": verb.options,
                "gives": verb.gives,
                "group": verb.group,
                "acts": verb.acts,
                "meaning": { "en": verb.en, "ru": verb.ru },
                "example": verb.example,
            })
        });
        ok(&Page::whole(all.collect()))
    })
}

/// `GET /flows/templates`
pub fn list_templates(call: Call) -> Answer {
    Box::pin(async move {
        let queues = &call.tenant()?.center().queues;
        let names: Vec<&str> = queues.keys().map(|queue| queue.as_str()).collect();
        ok(&Page::whole(templates(&names)))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    script: String,
}

/// `POST /flows/{flow}/analyse`
pub fn analyse(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Script = call.json()?;
        ok(&call.tenant()?.analyse(call.name("flow"), &wanted.script).await?)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToSimulate {
    script: String,
    #[serde(default)]
    order: Order,
}

/// `POST /flows/{flow}/simulate`
pub fn simulate(call: Call) -> Answer {
    Box::pin(async move {
        let ToSimulate { script, order } = call.json()?;
        ok(&call.tenant()?.simulate(call.name("flow"), &script, &order).await?)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToCompare {
    script: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    each: bool,
}

/// `POST /flows/{flow}/effect`
pub fn effect(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: ToCompare = call.json()?;
        let today = now().as_micros() / DAY * DAY;
        let moment = |field: &str, text: &Option<String>, usual: u64| match text {
            None => Ok(usual),
            Some(text) => rfc3339::parse(text).ok_or_else(|| {
                let reason = format!("a moment such as 2026-11-21T00:00:00Z, got `{text}`");
                Problem::invalid(field, reason)
            }),
        };
        let from = moment("from", &wanted.from, today.saturating_sub(DAY))?;
        let to = moment("to", &wanted.to, from + DAY)?;
        if to < from || 7 * DAY < to - from {
            return Err(Problem::invalid("to", "it lies after `from`, by a week at most"));
        }
        let (flow, script) = (call.name("flow"), &wanted.script);
        ok(&call.tenant()?.effect(flow, script, (from, to), wanted.each).await?)
    })
}

/// `GET /flows/{flow}/working-copy`
pub fn working_copy(call: Call) -> Answer {
    Box::pin(async move {
        let copy = call.tenant()?.working_copy(call.name("flow")).await?;
        ok(&json!({ "copy": copy }))
    })
}

/// `PUT /flows/{flow}/working-copy`
pub fn put_working_copy(call: Call) -> Answer {
    Box::pin(async move {
        let change: WorkingCopyChange = call.json()?;
        let by = call.principal.name();
        ok(&call.tenant()?.put_working_copy(call.name("flow"), change, by).await?)
    })
}

/// `DELETE /flows/{flow}/working-copy`
pub fn delete_working_copy(call: Call) -> Answer {
    Box::pin(async move {
        call.tenant()?.delete_working_copy(call.name("flow")).await?;
        Ok(done())
    })
}

/// `GET /flows/{flow}/scenarios`
pub fn scenarios(call: Call) -> Answer {
    Box::pin(async move { ok(&Page::whole(call.tenant()?.scenarios(call.name("flow")).await?)) })
}

/// `PUT /flows/{flow}/scenarios/{scenario}`
pub fn put_scenario(call: Call) -> Answer {
    Box::pin(async move {
        let (body, name): (Body, _) = (call.json()?, call.name("scenario"));
        if NAME_MAX < name.len() {
            let reason = format!("at most {NAME_MAX} bytes are accepted, got {}", name.len());
            return Err(Problem::invalid("scenario", reason));
        }
        body.check().map_err(|reason| Problem::invalid("expect", reason))?;
        let by = call.principal.name();
        ok(&call.tenant()?.put_scenario(call.name("flow"), name, body, by).await?)
    })
}

/// `DELETE /flows/{flow}/scenarios/{scenario}`
pub fn delete_scenario(call: Call) -> Answer {
    Box::pin(async move {
        call.tenant()?.delete_scenario(call.name("flow"), call.name("scenario")).await?;
        Ok(done())
    })
}

/// `POST /flows/{flow}/scenarios/try`
pub fn try_scenarios(call: Call) -> Answer {
    Box::pin(async move {
        let wanted: Script = call.json()?;
        let tried = call.tenant()?.try_scenarios(call.name("flow"), &wanted.script).await?;
        ok(&Page::whole(tried))
    })
}

/// Refuses a script by which a scenario does not go as expected.
pub async fn gate(call: &Call, script: &str) -> Result<(), Problem> {
    let tried = call.tenant()?.try_scenarios(call.name("flow"), script).await?;
    let failed: Vec<&Tried> = tried.iter().filter(|one| !one.passed).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let told: Vec<String> =
        failed.iter().map(|one| format!("{}: {}", one.name, one.failures.join("; "))).collect();
    let title = "A scenario does not go as expected; what served before still serves";
    let problem = Problem::new(StatusCode::CONFLICT, "scenario-failed", title, told.join(". "));
    Err(failed.iter().fold(problem, |problem, one| {
        problem.with_error(json!({ "scenario": one.name, "failures": one.failures }))
    }))
}
