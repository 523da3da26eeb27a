//! Whether plugins are asked, and why not.

use std::collections::BTreeMap;

use jackfield_plugin_host::{Limit, PluginAccount, Standing};

use super::centre::Fault;
use super::live::fault;
use super::view::{PluginState, PluginUse, SwitchTurn, VersionStanding};
use crate::app::serving;
use crate::rfc3339;
use crate::rollout::{DrainView, StepView};
use crate::tenant::Tenant;

/// The version of a plugin that serves; a flow's if there is no plugin of this name.
pub fn active_digest(tenant: &Tenant, name: &str) -> Option<String> {
    let router = tenant.router(name).map(|active| active.digest.clone());
    let found = router.or_else(|| tenant.estimator(name).map(|active| active.digest.clone()));
    let called = || tenant.plugins.find(name).map(|active| active.digest.clone());
    found.or_else(called).or_else(|| tenant.flow(name).map(|active| active.digest.clone()))
}

/// In a word, whether the active version is asked.
pub fn standing(account: &PluginAccount, active: Option<&str>) -> &'static str {
    if account.disabled().is_some() {
        return "disabled";
    }
    let Some(active) = active else { return "missing" };
    if account.stops_revoked() && account.revoked(active).is_some() {
        return "revoked";
    }
    let of_active = |(digest, _, _): &(String, Standing, u32)| digest.as_str() == active;
    let found = account.standings().into_iter().find(of_active);
    found.map_or("serving", |(_, standing, _)| standing.name())
}

/// The versions of a plugin that serve although they were revoked, by digest, and why.
fn revoked_of(tenant: &Tenant, name: &str) -> BTreeMap<String, String> {
    let account = tenant.account.plugin(name);
    let serving = serving(tenant).into_iter().filter(|one| one.plugin == name);
    let revoked = serving.filter_map(|one| {
        let reason = account.revoked(&one.digest)?;
        Some((one.digest, reason))
    });
    revoked.collect()
}

/// Shows one plugin, or a flow.
pub fn plugin_state(tenant: &Tenant, name: &str) -> Result<PluginState, Fault> {
    let config = tenant.config();
    let known = config.routers.contains_key(name)
        || config.estimators.contains_key(name)
        || config.plugins.contains_key(name)
        || tenant.flow(name).is_some()
        || !tenant.store.plugins(Some(name)).map_err(fault)?.is_empty();
    if !known {
        return Err(Fault::NotFound { what: "plugin", name: name.to_owned() });
    }
    let active = active_digest(tenant, name);
    let account = tenant.account.plugin(name);
    let versions = account.standings().into_iter().map(|(digest, standing, failures)| {
        let left = match standing {
            Standing::Quarantined { until } => account.left_of(until),
            Standing::Serving | Standing::Trial { .. } => std::time::Duration::ZERO,
        };
        let (standing, seconds_left) = (standing.name().to_owned(), left.as_secs_f64());
        VersionStanding { digest, standing, seconds_left, failures }
    });
    let met = |limit: &Limit| (limit.name().to_owned(), account.hits(*limit));
    let turns = tenant.store.plugin_switch(name).map_err(fault)?;
    let turn = |turn: jackfield_store::PluginSwitch| SwitchTurn {
        at: rfc3339::format(turn.at_micros),
        disabled: turn.disabled,
        reason: turn.reason,
        by: turn.by,
    };
    let steps = tenant.store.rollout_steps(name).map_err(fault)?;
    let draining = tenant.drains.list();
    let draining = draining.iter().filter(|draining| draining.flow == name);
    Ok(PluginState {
        name: name.to_owned(),
        standing: standing(&account, active.as_deref()).to_owned(),
        disabled: account.disabled(),
        revoked: revoked_of(tenant, name),
        versions: versions.collect(),
        limits_met: Limit::ALL.iter().map(met).filter(|(_, count)| 0 < *count).collect(),
        used: PluginUse {
            calls: account.calls(),
            host_calls: account.host_calls(),
            log_bytes: account.log_bytes(),
            memory_peak_bytes: account.memory_peak(),
        },
        switched: turns.into_iter().rev().map(turn).collect(),
        rollout: tenant.rollouts.view(name),
        draining: draining.map(DrainView::of).collect(),
        steps: steps.into_iter().rev().map(StepView::of).collect(),
    })
}
