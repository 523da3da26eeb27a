//! What was revoked since it was installed, and serves. It is told at each start and each reload, in the
//! log, in metrics and by `jackfield plugin list`; `plugins.revoked = "stop"` has it asked no more. What
//! was revoked is not activated again either.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_package::{Digest, Lock, PackageError, TrustStore};
use jackfield_plugin_host::World;
use serde_json::json;

use super::App;
use super::packages::{refused, trust_store};
use super::plugins::PluginError;
use super::suspensions::publish;
use crate::config::Config;
use crate::tenant::Tenant;

/// A version that serves a tenant.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Serving {
    /// The plugin, or the flow.
    pub plugin: String,
    /// What it is.
    pub world: &'static str,
    /// The component's digest, in hexadecimal.
    pub digest: String,
}

/// Every version that serves a tenant now: the active ones, candidates, and flows that drain.
pub fn serving(tenant: &Tenant) -> Vec<Serving> {
    let config = tenant.config();
    let mut all = Vec::new();
    let mut add = |plugin: &str, world: World, digest: Option<String>| {
        let (plugin, world) = (plugin.to_owned(), world.name());
        all.extend(digest.map(|digest| Serving { plugin, world, digest }));
    };
    for name in config.routers.keys() {
        add(name, World::Router, tenant.router(name).map(|one| one.digest.clone()));
    }
    for name in config.estimators.keys() {
        add(name, World::Estimator, tenant.estimator(name).map(|one| one.digest.clone()));
    }
    for name in config.flows.keys() {
        add(name, World::Flow, tenant.flow(name).map(|one| one.digest.clone()));
    }
    for (name, entry) in &config.plugins {
        let active = tenant.plugins.get(name, entry.world);
        add(name, entry.world, active.map(|one| one.digest.clone()));
    }
    let routing = config.routers.keys().chain(config.estimators.keys());
    for name in routing.chain(config.flows.keys()).chain(config.plugins.keys()) {
        let Some((world, digest)) = tenant.rollouts.candidate(name) else { continue };
        add(name, world, Some(digest));
    }
    for draining in tenant.drains.list() {
        let entry = config.plugins.get(&draining.flow);
        let world = entry.map_or(World::Flow, |entry| entry.world);
        add(&draining.flow, world, Some(draining.digest));
    }
    all.sort();
    all.dedup();
    all
}

/// The trust store that the configuration names.
pub fn trust_of(config: &Config) -> Result<TrustStore, PackageError> {
    trust_store(config.plugins.trust.as_deref())
}

impl App {
    /// Looks which of the versions that serve a tenant were revoked, tells of them, and stops them if the
    /// configuration says so; those that are not revoked any more are asked again.
    pub(super) fn look_for_revoked(&self, tenant: &Arc<Tenant>, trust: &TrustStore) {
        let stop = self.config().plugins.stop_revoked;
        let lock = self.lock_of(tenant).unwrap_or_else(|error| {
            let why = crate::cli::error::in_full(&error);
            tracing::error!(tenant = %tenant.id, why, "what packages came from is not known");
            Lock::default()
        });
        let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for Serving { plugin, world, digest } in serving(tenant) {
            let Some(reason) = revoked(trust, &lock, &digest) else { continue };
            let next = if stop {
                "it is asked no more: what is built in serves until another version is activated"
            } else {
                "it goes on: activate another version, `jackfield plugin disable`, or `plugins.revoked = \"stop\"`"
            };
            tracing::warn!(
                tenant = %tenant.id, plugin, world, digest, reason, next,
                "a version that serves was revoked"
            );
            found.entry(plugin).or_default().insert(digest, reason);
        }
        for account in tenant.account.plugins() {
            let (before, stopped) = (account.all_revoked(), account.stops_revoked());
            let after = found.remove(account.name()).unwrap_or_default();
            account.revoke(after.clone(), stop);
            if (&before, stopped) == (&after, account.stops_revoked()) {
                continue;
            }
            for digest in before.keys().filter(|digest| !after.contains_key(*digest)) {
                let plugin = account.name();
                tracing::info!(tenant = %tenant.id, plugin, digest, "a version is revoked no more, or does not serve any more");
            }
            let versions: Vec<_> = after
                .iter()
                .map(|(digest, reason)| json!({ "digest": digest, "reason": reason }))
                .collect();
            let stopped = account.stops_revoked();
            let data =
                json!({ "plugin": account.name(), "versions": versions, "stopped": stopped });
            publish(tenant, "plugin_revoked", data);
        }
    }

    /// Refuses to let a version begin to serve that was revoked after it was installed.
    pub(super) fn refuse_revoked(
        &self,
        tenant: &Arc<Tenant>,
        plugin: &str,
        digest: &str,
    ) -> Result<(), PluginError> {
        let trust = trust_of(&self.config())?;
        match revoked(&trust, &self.lock_of(tenant)?, digest) {
            None => Ok(()),
            Some(reason) => Err(refused(
                plugin,
                digest.get(..12).unwrap_or(digest),
                &format!("it was revoked after it was installed: {reason}"),
            )),
        }
    }
}

/// Why a component is revoked, by itself or by the package that it came in.
fn revoked(trust: &TrustStore, lock: &Lock, digest: &str) -> Option<String> {
    let component: Digest = format!("sha256:{digest}").parse().ok()?;
    let entry = trust.revoked(component, lock.of_component(component));
    entry.map(|entry| entry.reason.clone())
}
