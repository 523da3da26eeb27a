//! Drafts: scripts tried on the telephone before they are published.
//!
//! A draft is in memory only and takes calls to `*` and a number of its flow; the number itself goes
//! on to the published version. Nothing is compiled: the interpreter reads the script at the start
//! of each call.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jackfield_core::TenantId;

use super::flows::active_flow;
use super::{App, FlowError};
use crate::config::{NumberPlan, Pattern, Route};
use crate::tenant::{ActiveFlow, Tenant};

/// What is dialled before a number to reach the draft of its flow.
const MARK: char = '*';

/// The drafts of all tenants, by tenant and flow.
#[derive(Default)]
pub struct Drafts(RwLock<HashMap<(TenantId, String), Arc<ActiveFlow>>>);

impl Drafts {
    /// The number behind the mark with its route and draft, if `dialled` means one.
    pub fn find<'a>(
        &self,
        numbers: &'a NumberPlan,
        dialled: &'a str,
    ) -> Option<(&'a str, &'a Route, Arc<ActiveFlow>)> {
        let number = dialled.strip_prefix(MARK)?;
        let route = numbers.lookup(number)?;
        let key = (route.tenant.clone(), route.flow.clone());
        let drafts = self.0.read().unwrap_or_else(|poison| poison.into_inner());
        Some((number, route, drafts.get(&key).cloned()?))
    }

    fn put(&self, tenant: &TenantId, flow: &str, draft: ActiveFlow) {
        let mut drafts = self.0.write().unwrap_or_else(|poison| poison.into_inner());
        drafts.insert((tenant.clone(), flow.to_owned()), Arc::new(draft));
    }

    fn remove(&self, tenant: &TenantId, flow: &str) -> bool {
        let mut drafts = self.0.write().unwrap_or_else(|poison| poison.into_inner());
        drafts.remove(&(tenant.clone(), flow.to_owned())).is_some()
    }
}

impl App {
    /// Lets the script take the calls to the draft of `flow`, in place of the draft before. Returns
    /// what to dial: a number for each of the flow's, patterns as `*37167*`.
    pub async fn put_draft(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
    ) -> Result<Vec<String>, FlowError> {
        known(tenant, flow)?;
        self.check_flow(script).await?;
        let digest = self.interpreter_digest.clone();
        let plugin = self
            .plugins
            .draft(&digest, script)
            .map_err(|error| FlowError::Publish(error.to_string()))?;
        self.drafts.put(&tenant.id, flow, active_flow(tenant, flow, None, &digest, plugin));
        tracing::info!(tenant = %tenant.id, flow, "a draft takes calls");
        Ok(self
            .numbers_of(&tenant.id, flow)
            .iter()
            .map(|number| format!("{MARK}{number}"))
            .collect())
    }

    /// Removes the draft of `flow`; calls that it serves go on. Says whether there was one.
    pub fn remove_draft(&self, tenant: &Arc<Tenant>, flow: &str) -> Result<bool, FlowError> {
        known(tenant, flow)?;
        Ok(self.drafts.remove(&tenant.id, flow))
    }

    /// The numbers of a flow: whole ones first.
    pub(super) fn numbers_of(&self, tenant: &TenantId, flow: &str) -> Vec<String> {
        let config = self.config();
        let numbers = config.numbers.iter();
        let mine = numbers.filter(|(_, route)| route.tenant == *tenant && route.flow == flow);
        let (whole, prefixes): (Vec<_>, Vec<_>) =
            mine.map(|(pattern, _)| pattern).partition(|one| matches!(one, Pattern::Exact(_)));
        whole.into_iter().chain(prefixes).map(ToString::to_string).collect()
    }
}

fn known(tenant: &Tenant, flow: &str) -> Result<(), FlowError> {
    if tenant.config().flows.contains_key(flow) {
        return Ok(());
    }
    Err(FlowError::UnknownFlow(flow.to_owned()))
}
