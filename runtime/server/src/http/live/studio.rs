//! The flow studio of the running centre.

use async_trait::async_trait;
use jackfield_store::{Scenario, WorkingCopy as StoredCopy};

use super::faults::flow_fault;
use super::{LiveTenant, fault};
use crate::app::{SCENARIOS_MAX, SCRIPT_MAX, StudioError, analyse_flow};
use crate::http::centre::Fault;
use crate::http::studio::{KeptScenario, Studio, WorkingCopy, WorkingCopyChange};
use crate::http::view::Published;
use crate::rfc3339;
use crate::studio::Analysis;
use crate::studio::effect::Effect;
use crate::studio::scenario::{Body, Tried};
use crate::studio::simulate::{Order, Simulated};
use crate::tenant::now;

impl LiveTenant {
    fn knows_flow(&self, flow: &str) -> Result<(), Fault> {
        match self.tenant.config().flows.contains_key(flow) {
            true => Ok(()),
            false => Err(Fault::NotFound { what: "flow", name: flow.to_owned() }),
        }
    }

    /// Refuses a script that is too long, and a flow that is not there.
    fn takes(&self, flow: &str, script: &str) -> Result<(), Fault> {
        self.knows_flow(flow)?;
        if SCRIPT_MAX < script.len() {
            let got = script.len();
            let reason = format!("the script has {got} bytes, at most {SCRIPT_MAX} are accepted");
            return Err(Fault::TooLarge(reason));
        }
        Ok(())
    }
}

fn studio_fault(error: StudioError) -> Fault {
    match error {
        StudioError::Order(error) => Fault::Invalid { field: error.field, reason: error.reason },
        StudioError::Store(error) => fault(error),
        other => Fault::Refused(other.to_string()),
    }
}

fn copy_view(copy: StoredCopy) -> WorkingCopy {
    let saved_at = rfc3339::format(copy.at_micros);
    WorkingCopy { script: copy.script, base: copy.base, by: copy.by, saved_at }
}

fn scenario_view(kept: Scenario) -> KeptScenario {
    // One that cannot be read is shown empty: trying it says why.
    let body: Body = serde_json::from_str(&kept.body).unwrap_or_default();
    let saved_at = rfc3339::format(kept.at_micros);
    KeptScenario { name: kept.name, order: body.order, expect: body.expect, by: kept.by, saved_at }
}

#[async_trait]
impl Studio for LiveTenant {
    async fn keep_flow(
        &self,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<Published, Fault> {
        let kept = self.app.keep_flow(&self.tenant, flow, script, author, comment).await;
        let kept = kept.map_err(flow_fault)?;
        Ok(Published { version: kept.version, digest: kept.digest })
    }

    async fn effect(
        &self,
        flow: &str,
        script: &str,
        span: (u64, u64),
        each: bool,
    ) -> Result<Effect, Fault> {
        self.takes(flow, script)?;
        let compared = self.app.flow_effect(&self.tenant, flow, script, span, each).await;
        compared.map_err(studio_fault)
    }

    async fn analyse(&self, flow: &str, script: &str) -> Result<Analysis, Fault> {
        self.takes(flow, script)?;
        let analysis = analyse_flow(&self.tenant, script.to_owned()).await;
        analysis.ok_or_else(|| Fault::Internal("the analysis was broken off".to_owned()))
    }

    async fn simulate(&self, flow: &str, script: &str, order: &Order) -> Result<Simulated, Fault> {
        self.takes(flow, script)?;
        let led = self.app.simulate_flow(&self.tenant, flow, script, order).await;
        led.map_err(studio_fault)
    }

    async fn working_copy(&self, flow: &str) -> Result<Option<WorkingCopy>, Fault> {
        self.knows_flow(flow)?;
        Ok(self.tenant.store.working_copy(flow).map_err(fault)?.map(copy_view))
    }

    async fn put_working_copy(
        &self,
        flow: &str,
        change: WorkingCopyChange,
        by: &str,
    ) -> Result<WorkingCopy, Fault> {
        self.takes(flow, &change.script)?;
        let seen = match &change.seen {
            None => 0,
            Some(text) => rfc3339::parse(text).ok_or_else(|| Fault::Invalid {
                field: "seen".to_owned(),
                reason: format!("`saved_at` of the copy that is replaced, got `{text}`"),
            })?,
        };
        // As exact as it is shown, so that what was seen can be said.
        let at_micros = now().as_micros() / 1_000 * 1_000;
        let (flow, by) = (flow.to_owned(), by.to_owned());
        let copy = StoredCopy { flow, script: change.script, base: change.base, by, at_micros };
        let kept = self.tenant.store.put_working_copy(&copy, seen).map_err(fault)?;
        let lsn = kept.map_err(|other| Fault::Conflict {
            field: "seen".to_owned(),
            reason: format!("{} saved at {}", other.by, rfc3339::format(other.at_micros)),
        })?;
        self.durable(lsn).await?;
        Ok(copy_view(copy))
    }

    async fn delete_working_copy(&self, flow: &str) -> Result<(), Fault> {
        self.knows_flow(flow)?;
        self.durable(self.tenant.store.delete_working_copy(flow).map_err(fault)?).await
    }

    async fn scenarios(&self, flow: &str) -> Result<Vec<KeptScenario>, Fault> {
        self.knows_flow(flow)?;
        let kept = self.tenant.store.scenarios(flow).map_err(fault)?;
        Ok(kept.into_iter().map(scenario_view).collect())
    }

    async fn put_scenario(
        &self,
        flow: &str,
        name: &str,
        body: Body,
        by: &str,
    ) -> Result<KeptScenario, Fault> {
        self.knows_flow(flow)?;
        let kept = self.tenant.store.scenarios(flow).map_err(fault)?;
        if SCENARIOS_MAX <= kept.len() && !kept.iter().any(|one| one.name == name) {
            let reason = format!("a flow has at most {SCENARIOS_MAX} scenarios");
            return Err(Fault::Invalid { field: "scenario".to_owned(), reason });
        }
        let body =
            serde_json::to_string(&body).map_err(|error| Fault::Internal(error.to_string()))?;
        let (flow, name, by) = (flow.to_owned(), name.to_owned(), by.to_owned());
        let scenario = Scenario { flow, name, body, by, at_micros: now().as_micros() };
        self.durable(self.tenant.store.put_scenario(&scenario).map_err(fault)?).await?;
        Ok(scenario_view(scenario))
    }

    async fn delete_scenario(&self, flow: &str, name: &str) -> Result<(), Fault> {
        self.knows_flow(flow)?;
        self.durable(self.tenant.store.delete_scenario(flow, name).map_err(fault)?).await
    }

    async fn try_scenarios(&self, flow: &str, script: &str) -> Result<Vec<Tried>, Fault> {
        self.takes(flow, script)?;
        self.app.try_scenarios(&self.tenant, flow, script).await.map_err(studio_fault)
    }
}
