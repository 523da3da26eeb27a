//! State that outlives its version: a new one takes it over in a form of its own, or nothing changes.

use std::sync::Arc;

use jackfield_plugin_host::{Services, StateEntry, World};
use jackfield_store::{KeptValue, Replaced, StoreError};

use super::{App, PluginError};
use crate::rollout::ShadowServices;
use crate::tenant::{Tenant, TenantServices, now};

/// How often a migration is begun anew because the old version has written meanwhile.
const TRIES: u32 = 10;

/// A version that is to become the active one.
pub(super) struct Incoming<'a> {
    /// The plugin or flow.
    pub name: &'a str,
    /// What it is for.
    pub world: World,
    /// Its digest.
    pub digest: &'a str,
    /// What it uses.
    pub services: &'a Arc<TenantServices>,
    /// The digest of the version that serves, if one does.
    pub old: Option<String>,
}

impl App {
    /// Lets `switch` make the incoming version the active one, together with its state: what the old one has
    /// kept is taken over by the version's own `migrate`, if it has one; a version whose state was taken
    /// over gets back what it had. On an error nothing has changed.
    pub(super) async fn switch_with_state(
        &self,
        tenant: &Arc<Tenant>,
        incoming: Incoming<'_>,
        switch: impl FnOnce() + Send,
    ) -> Result<(), PluginError> {
        let Incoming { name, digest, services, ref old, .. } = incoming;
        let Some(old) = old.as_ref().filter(|old| *old != digest) else {
            switch();
            return Ok(());
        };
        let left = tenant.store.left_state(name)?.filter(|left| left.digest == digest);
        let kept = left.is_some() || self.would_migrate(tenant, name, incoming.world, digest)?;
        if !kept {
            switch();
            return Ok(());
        }
        let limits = tenant.account.limits();
        let mut switch = Some(switch);
        for _ in 0..TRIES {
            let at = now().as_micros();
            let before = tenant.store.state_values(name, at)?;
            let after = match &left {
                Some(left) => left.values.clone(),
                None => self.migrated(tenant, name, (digest, incoming.world), &before, at).await?,
            };
            if limits.state_keys < after.len() as u64 {
                let most = limits.state_keys;
                return Err(refused(format!(
                    "it wants to keep {} keys, at most {most} are accepted",
                    after.len()
                )));
            }
            let leave = left.is_none().then_some(old.as_str());
            let replaced = tenant.state_gate(name).replace(services, || {
                let then = || {
                    if let Some(switch) = switch.take() {
                        switch();
                    }
                };
                let quota = limits.plugin_state_bytes;
                let store = &tenant.store;
                let done = store.replace_state(name, (&before, at), &after, leave, quota, then);
                let replaced = matches!(done, Ok(Replaced::Done(_)));
                (done, replaced)
            });
            match replaced {
                Ok(Replaced::Done(_)) => {
                    tenant.account.plugin(name).note_state_key(None);
                    tracing::info!(
                        tenant = %tenant.id, plugin = name, digest, before = before.len(),
                        after = after.len(), given_back = left.is_some(), "a version took over its state"
                    );
                    return Ok(());
                }
                Ok(Replaced::Changed) => {}
                Err(error @ (StoreError::QuotaExceeded { .. } | StoreError::BadName { .. })) => {
                    return Err(refused(error.to_string()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(refused(format!(
            "the active version wrote each of {TRIES} times meanwhile: try again when it is quieter"
        )))
    }

    /// Whether this version has a `migrate` and there is something to take over.
    pub(super) fn would_migrate(
        &self,
        tenant: &Tenant,
        name: &str,
        world: World,
        digest: &str,
    ) -> Result<bool, PluginError> {
        let migrates = self.plugins.migrates(digest, world);
        let migrates = migrates.map_err(|error| PluginError::Load(error.to_string()))?;
        Ok(migrates && !tenant.store.state_values(name, now().as_micros())?.is_empty())
    }

    /// What this version makes of what is kept now; nothing is replaced.
    pub(super) async fn migrated(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        version: (&str, World),
        before: &[KeptValue],
        at: u64,
    ) -> Result<Vec<KeptValue>, PluginError> {
        let left = |until: u64| u32::try_from(until.saturating_sub(at).div_ceil(1_000_000));
        let entries = before.iter().map(|one| StateEntry {
            key: one.key.clone(),
            value: one.value.clone(),
            ttl_seconds: one.until.map(|until| left(until).unwrap_or(u32::MAX)),
        });
        // It may write lines; what it would write besides is nobody's.
        let inner: Arc<dyn Services> = Arc::new(TenantServices::new(tenant, name));
        let services = Arc::new(ShadowServices::new(inner, "migration"));
        let account = tenant.account.plugin(name);
        let made = self.plugins.migrate(version, entries.collect(), services, &account).await;
        let made = made.map_err(|error| refused(error.to_string()))?;
        let kept = made.into_iter().map(|entry| KeptValue {
            key: entry.key,
            value: entry.value,
            until: entry.ttl_seconds.map(|ttl| at + u64::from(ttl) * 1_000_000),
        });
        Ok(kept.collect())
    }

    /// Gives the active version back what it had, if the process ended between a migration and the
    /// activation that it was for.
    pub(super) fn mend_state(tenant: &Tenant, name: &str, active: &str) -> Result<(), StoreError> {
        let left = tenant.store.left_state(name)?.filter(|left| left.digest == active);
        let Some(left) = left else { return Ok(()) };
        let at = now().as_micros();
        let before = tenant.store.state_values(name, at)?;
        tenant.store.replace_state(name, (&before, at), &left.values, None, u64::MAX, || ())?;
        tracing::warn!(tenant = %tenant.id, plugin = name, digest = active, "a migration that was not finished is undone");
        Ok(())
    }
}

fn refused(why: String) -> PluginError {
    PluginError::Migration(why)
}
