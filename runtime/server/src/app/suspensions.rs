//! Plugins that are not asked: quarantined by the host, or switched off by an operator. The switch is
//! kept, with who turned it and why, and holds over a restart.

use std::sync::Arc;

use jackfield_plugin_host::{Standing, StandingChange};
use jackfield_store::{PluginSwitch, StoreError};
use serde_json::json;

use super::{App, PluginError};
use crate::tenant::{Event, Tenant, now};

/// Takes up the switches of the last run, and has what changes told.
pub fn begin(tenant: &Arc<Tenant>) -> Result<(), StoreError> {
    for turn in tenant.store.disabled_plugins()? {
        tracing::warn!(
            tenant = %tenant.id, plugin = turn.plugin, reason = turn.reason, by = turn.by,
            "a plugin is disabled since before this start"
        );
        tenant.account.plugin(&turn.plugin).disable(&turn.reason);
    }
    let weak = Arc::downgrade(tenant);
    tenant.account.watch(move |change| {
        if let Some(tenant) = weak.upgrade() {
            tell(&tenant, &change);
        }
    });
    Ok(())
}

fn tell(tenant: &Tenant, change: &StandingChange) {
    let StandingChange { plugin, digest, standing, length, times, failure } = change;
    let seconds = length.map_or(0.0, |length| length.as_secs_f64());
    let why = failure.as_ref().map(ToString::to_string).unwrap_or_default();
    match standing {
        Standing::Quarantined { .. } => tracing::warn!(
            tenant = %tenant.id, plugin, digest, seconds, times, why,
            "a plugin is quarantined; what is built in serves"
        ),
        Standing::Trial { .. } => {
            tracing::info!(tenant = %tenant.id, plugin, digest, "a plugin is tried again");
        }
        Standing::Serving => {
            tracing::info!(tenant = %tenant.id, plugin, digest, "a plugin serves again");
        }
    }
    if matches!(standing, Standing::Quarantined { .. })
        && let Some(back) = tenant.rollouts.quarantined(plugin, digest, &why)
    {
        tenant.took_back(back);
    }
    let data = json!({
        "plugin": plugin, "digest": digest, "standing": standing.name(),
        "seconds": seconds, "times": times, "why": why,
    });
    publish(tenant, "plugin_standing", data);
}

pub fn publish(tenant: &Tenant, kind: &str, data: serde_json::Value) {
    let at_micros = now().as_micros();
    // Without receivers the event is for nobody.
    let _ = tenant.events.send(Event { at_micros, kind: kind.to_owned(), data });
}

impl App {
    /// Stops every version of a plugin at once, or lets them be asked again. It has taken effect when
    /// this returns, and is durable.
    pub async fn switch_plugin(
        &self,
        tenant: &Arc<Tenant>,
        plugin: &str,
        disabled: bool,
        reason: &str,
        by: &str,
    ) -> Result<(), PluginError> {
        let config = tenant.config();
        let configured = config.routers.contains_key(plugin)
            || config.estimators.contains_key(plugin)
            || config.flows.contains_key(plugin)
            || config.plugins.contains_key(plugin);
        if !configured && tenant.store.plugins(Some(plugin))?.is_empty() {
            return Err(PluginError::Unknown(plugin.to_owned()));
        }
        let account = tenant.account.plugin(plugin);
        if disabled {
            account.disable(reason);
        }
        let turn = PluginSwitch {
            plugin: plugin.to_owned(),
            disabled,
            reason: reason.to_owned(),
            by: by.to_owned(),
            at_micros: now().as_micros(),
        };
        let lsn = tenant.store.turn_plugin_switch(turn)?;
        self.store.durable(lsn).await?;
        if !disabled {
            account.enable();
        }
        tracing::warn!(tenant = %tenant.id, plugin, disabled, reason, by, "a plugin was switched");
        let data = json!({ "plugin": plugin, "disabled": disabled, "reason": reason, "by": by });
        publish(tenant, "plugin_switched", data);
        Ok(())
    }
}
