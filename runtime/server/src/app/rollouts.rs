//! Candidates beside the active version: begun, promoted, taken back; each step is kept with who did it
//! and why, and what was begun goes on after a restart, with its counts at zero.

use std::sync::Arc;

use jackfield_core::QueueId;
use jackfield_plugin_host::World;
use jackfield_store::{FlowVersion, RolloutStep, StoreError};

use super::{App, FlowError, PluginError};
use crate::rollout::{
    Asker, Canary, Candidate, Mode, Rollout, Shadow, ShadowServices, Share, ShareError,
};
use crate::tenant::{Tenant, now};

impl From<ShareError> for PluginError {
    fn from(error: ShareError) -> Self {
        Self::Rollout { field: error.field, reason: error.reason }
    }
}

/// A candidate that was found.
struct Found {
    world: World,
    candidate: String,
    active: String,
}

impl App {
    /// Gives a candidate a part of the contacts. Durable when it returns.
    pub async fn begin_canary(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        digest: &str,
        share: Share,
        by: &str,
    ) -> Result<(), PluginError> {
        let world = kind(tenant, name)?;
        share.check(world)?;
        if let Some(queue) = &share.queue {
            let known = QueueId::new(queue).ok();
            let known = known.filter(|id| tenant.config().center.queues.contains_key(id));
            known.ok_or_else(|| wrong("queue", format!("there is no queue `{queue}`")))?;
        }
        let found = self.candidate(tenant, world, name, digest)?;
        self.refuse_revoked(tenant, name, &found.candidate)?;
        if world == World::Router {
            self.pass_required_gate(tenant, name, &found.candidate).await?;
        }
        let loaded = self.load_candidate(tenant, world, name, &found.candidate).await?;
        if self.would_migrate(tenant, name, world, &found.candidate)? {
            let reason = "this version would take over the state that the active one still needs: try it as a shadow, then activate it";
            return Err(wrong("digest", reason));
        }
        let canary = self.canary(&found, share.clone());
        let mode = Mode::Canary(Box::new(canary), loaded);
        self.begin_rollout(tenant, name, found, mode, Some(share), by).await
    }

    /// Begins a canary with nothing counted.
    fn canary(&self, found: &Found, share: Share) -> Canary {
        let canary = Canary::new(&found.candidate, share, self.config().plugins.canary);
        match found.world {
            World::Router | World::Flow | World::Chatbot => canary,
            _ => canary.by_call(),
        }
    }

    /// Asks a candidate what the active version is asked, and does not obey it. Durable when it returns.
    pub async fn begin_shadow(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        digest: &str,
        by: &str,
    ) -> Result<(), PluginError> {
        let world = kind(tenant, name)?;
        if let Some(reason) = no_shadow(world) {
            return Err(wrong("plugin", reason));
        }
        let found = self.candidate(tenant, world, name, digest)?;
        self.refuse_revoked(tenant, name, &found.candidate)?;
        let mode = self.load_shadow(tenant, name, world, &found.candidate).await?;
        self.begin_rollout(tenant, name, found, mode, None, by).await
    }

    /// Makes the candidate of a canary or a shadow the active version; returns its digest.
    pub async fn promote(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        by: &str,
    ) -> Result<String, PluginError> {
        let Some((world, candidate)) = tenant.rollouts.candidate(name) else {
            kind(tenant, name)?;
            let reason = format!(
                "no candidate of `{name}` is tried: `jackfield plugin canary` or `shadow` begin one"
            );
            return Err(wrong("plugin", reason));
        };
        if world == World::Flow {
            self.activate_flow_version(tenant, name, &candidate, by).await?;
            return Ok(candidate);
        }
        if world == World::Router {
            self.pass_required_gate(tenant, name, &candidate).await?;
        }
        self.activate_plugin(tenant, name, &candidate, by).await?;
        Ok(candidate)
    }

    /// Takes back what was done last: a candidate that is tried, or else the active version, for which
    /// the one before serves again. Returns the digest of the version that serves.
    pub async fn roll_back(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        by: &str,
    ) -> Result<String, PluginError> {
        if let Some((world, _)) = tenant.rollouts.candidate(name)
            && let Some(rollout) = tenant.rollouts.end(name, world)
        {
            let active = rollout.active.clone();
            let step = step(name, &rollout, "rolled_back", &active, "by hand", by);
            self.let_candidate_drain(tenant, name, &rollout);
            self.told(tenant, "rolled_back", step).await?;
            return Ok(active);
        }
        let config = tenant.config();
        let plugin = config.routers.contains_key(name) || config.estimators.contains_key(name);
        if plugin || !config.flows.contains_key(name) {
            return self.roll_back_plugin(tenant, name, by).await;
        }
        Ok(self.roll_back_flow(tenant, name, None).await?.digest)
    }

    /// Another version, or the candidate itself, becomes the active one: what was tried beside the old
    /// one ends.
    pub(super) fn conclude_rollout(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        world: World,
        active: &str,
        by: &str,
    ) {
        let Some(rollout) = tenant.rollouts.end(name, world) else { return };
        let promoted = rollout.candidate == active;
        let what = if promoted { "promoted" } else { "ended" };
        let reason = match active {
            _ if promoted => "",
            "" => "another candidate took its place",
            _ => "another version was activated",
        };
        let step = step(name, &rollout, what, active, reason, by);
        tenant.rollouts.note(name, what);
        log(tenant, &step);
        // The activation that follows is made durable, and this with it.
        if let Err(error) = tenant.store.add_rollout_step(step) {
            tracing::error!(tenant = %tenant.id, plugin = name, %error, "the end of a candidate is not kept");
        }
        if !promoted {
            self.let_candidate_drain(tenant, name, &rollout);
        }
    }

    /// Gives the contacts that a candidate leads their time, once it is tried no more.
    fn let_candidate_drain(&self, tenant: &Tenant, name: &str, rollout: &Rollout) {
        if let Mode::Canary(_, candidate) = &rollout.mode
            && let Some(pins) = candidate.pins()
        {
            let drain = self.config().plugins.drain;
            tenant.drains.begin(name, &rollout.candidate, pins, drain);
        }
    }

    /// Goes on with what was tried before this start.
    pub(super) async fn resume_rollouts(&self, tenant: &Arc<Tenant>) -> Result<(), StoreError> {
        for last in tenant.store.last_rollout_steps()? {
            if !matches!(last.what.as_str(), "canary" | "shadow") {
                continue;
            }
            if let Err(error) = self.resume(tenant, &last).await {
                let why = crate::cli::error::in_full(&error);
                tracing::warn!(tenant = %tenant.id, plugin = last.plugin, why, "a candidate is not tried any more");
                let (what, by) = ("ended".to_owned(), "jackfield".to_owned());
                let reason = format!("not found again at a start: {why}");
                let at_micros = now().as_micros();
                tenant.store.add_rollout_step(RolloutStep {
                    what,
                    by,
                    reason,
                    at_micros,
                    ..last
                })?;
            }
        }
        Ok(())
    }

    async fn resume(&self, tenant: &Arc<Tenant>, last: &RolloutStep) -> Result<(), PluginError> {
        let (name, digest) = (&last.plugin, &last.candidate);
        let world = kind(tenant, name)?;
        let found = self.candidate(tenant, world, name, digest)?;
        let mode = if last.what == "shadow" {
            self.load_shadow(tenant, name, world, digest).await?
        } else {
            let share: Share = serde_json::from_str(&last.share)
                .map_err(|error| wrong("share", error.to_string()))?;
            let loaded = self.load_candidate(tenant, world, name, digest).await?;
            Mode::Canary(Box::new(self.canary(&found, share)), loaded)
        };
        let rollout = self.rollout(found, mode, &last.by, last.at_micros);
        tenant.rollouts.begin(name, rollout);
        tracing::info!(tenant = %tenant.id, plugin = name, candidate = digest, "a candidate is tried again, counted from zero");
        Ok(())
    }

    fn rollout(&self, found: Found, mode: Mode, by: &str, since: u64) -> Rollout {
        let Found { world, candidate, active } = found;
        let drain = self.config().plugins.drain;
        Rollout { world, candidate, active, since, by: by.to_owned(), drain, mode }
    }

    async fn begin_rollout(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        found: Found,
        mode: Mode,
        share: Option<Share>,
        by: &str,
    ) -> Result<(), PluginError> {
        let (world, active) = (found.world, found.active.clone());
        // One at a time: a further one takes the place of the first.
        self.conclude_rollout(tenant, name, world, "", by);
        let what = match &mode {
            Mode::Canary(..) => "canary",
            Mode::Shadow(_) => "shadow",
        };
        let rollout = self.rollout(found, mode, by, now().as_micros());
        let share = share.and_then(|share| serde_json::to_string(&share).ok()).unwrap_or_default();
        let step = RolloutStep { share, ..step(name, &rollout, what, &active, "", by) };
        tenant.rollouts.begin(name, rollout);
        self.told(tenant, what, step).await
    }

    /// Keeps a step, durably.
    async fn told(
        &self,
        tenant: &Arc<Tenant>,
        what: &'static str,
        step: RolloutStep,
    ) -> Result<(), PluginError> {
        tenant.rollouts.note(&step.plugin, what);
        log(tenant, &step);
        let lsn = tenant.store.add_rollout_step(step)?;
        Ok(self.store.durable(lsn).await?)
    }

    /// Finds a candidate and the version it is tried beside.
    fn candidate(
        &self,
        tenant: &Tenant,
        world: World,
        name: &str,
        digest: &str,
    ) -> Result<Found, PluginError> {
        let candidate = match world {
            World::Flow => flow_version(tenant, name, digest)?.digest,
            _ => self.plugin_version(tenant, name, digest)?.digest,
        };
        let active = match world {
            World::Router => tenant.router(name).map(|router| router.digest.clone()),
            World::Estimator => tenant.estimator(name).map(|estimator| estimator.digest.clone()),
            World::Flow => tenant.flow(name).map(|flow| flow.digest.clone()),
            _ => tenant.plugins.get(name, world).map(|called| called.digest.clone()),
        };
        let none = || wrong("plugin", format!("no version of `{name}` is active to compare with"));
        let active = active.ok_or_else(none)?;
        if candidate == active {
            return Err(wrong("digest", "this version is the active one: give another"));
        }
        Ok(Found { world, candidate, active })
    }

    async fn load_candidate(
        &self,
        tenant: &Arc<Tenant>,
        world: World,
        name: &str,
        digest: &str,
    ) -> Result<Candidate, PluginError> {
        if world == World::Flow {
            let version = flow_version(tenant, name, digest)?;
            return Ok(Candidate::Flow(Arc::new(self.load_flow(tenant, &version).await?)));
        }
        let version = self.plugin_version(tenant, name, digest)?;
        let account = tenant.account.plugin(name);
        Ok(match world {
            World::Router => {
                Candidate::Router(Arc::new(self.load_router(tenant, &version, &account).await?))
            }
            World::Estimator => {
                let estimator = self.load_estimator(tenant, &version, &account).await?;
                Candidate::Estimator(Arc::new(estimator))
            }
            _ => Candidate::Called(self.load_called(tenant, &version, &account).await?),
        })
    }

    async fn load_shadow(
        &self,
        tenant: &Arc<Tenant>,
        name: &str,
        world: World,
        digest: &str,
    ) -> Result<Mode, PluginError> {
        let version = self.plugin_version(tenant, name, digest)?;
        // What it uses is nobody's: neither the tenant's share nor the plugin's standing pays for it.
        let account = self.plugins.account(&format!("{} (shadow)", tenant.id)).plugin(name);
        let (asker, services) = match world {
            World::Router => {
                let router = self.load_router(tenant, &version, &account).await?;
                (Asker::Router(router.plugin), router.services)
            }
            World::Estimator => {
                let estimator = self.load_estimator(tenant, &version, &account).await?;
                (Asker::Estimator(estimator.plugin), estimator.services)
            }
            _ => {
                let called = self.load_called(tenant, &version, &account).await?;
                (Asker::Called(called.plugin.clone()), Arc::clone(&called.services))
            }
        };
        let mut services = ShadowServices::new(services, "shadow");
        if self.would_migrate(tenant, name, world, digest)? {
            let at = now().as_micros();
            let before = tenant.store.state_values(name, at)?;
            let made = self.migrated(tenant, name, (digest, world), &before, at).await?;
            services = services.with_state(made.into_iter().map(|one| (one.key, one.value)));
        }
        let services = Arc::new(services);
        let waiting = self.config().plugins.shadow_waiting;
        Ok(Mode::Shadow(Shadow::start(asker, services, waiting)))
    }
}

/// What kind of plugin has this name.
fn kind(tenant: &Tenant, name: &str) -> Result<World, PluginError> {
    let config = tenant.config();
    let named = [
        (World::Router, config.routers.contains_key(name)),
        (World::Flow, config.flows.contains_key(name)),
        (World::Estimator, config.estimators.contains_key(name)),
    ];
    let named = named.into_iter().find(|(_, named)| *named).map(|(world, _)| world);
    let called = || config.plugins.get(name).map(|entry| entry.world);
    named.or_else(called).ok_or_else(|| PluginError::Unknown(name.to_owned()))
}

/// Why plugins of this world cannot be asked without being obeyed, if they cannot.
const fn no_shadow(world: World) -> Option<&'static str> {
    match world {
        World::Flow | World::Interpreter => Some(
            "a flow cannot be asked without leading a contact: try it as a draft, as a canary, or by a replay",
        ),
        World::Chatbot => Some(
            "a chatbot cannot be asked without answering a customer: certify it, then try it as a canary",
        ),
        World::Channel => Some(
            "a channel cannot be asked without writing to a customer: certify it, then try it as a canary",
        ),
        World::Connector => Some(
            "a connector cannot be asked without telling the other system: certify it, then try it as a canary",
        ),
        World::Router
        | World::RouterInterpreter
        | World::Estimator
        | World::Analyst
        | World::Pacer => None,
    }
}

fn flow_version(tenant: &Tenant, flow: &str, digest: &str) -> Result<FlowVersion, PluginError> {
    let versions = tenant.store.flow_versions(flow)?;
    let found = versions.into_iter().rev().find(|known| known.digest.starts_with(digest));
    found.ok_or_else(|| {
        let what = format!("version with the digest {digest}");
        FlowError::UnknownVersion { flow: flow.to_owned(), what }.into()
    })
}

fn wrong(field: &'static str, reason: impl Into<String>) -> PluginError {
    PluginError::Rollout { field, reason: reason.into() }
}

fn step(
    name: &str,
    rollout: &Rollout,
    what: &str,
    active: &str,
    reason: &str,
    by: &str,
) -> RolloutStep {
    let share = match &rollout.mode {
        Mode::Canary(canary, _) => canary.share().words(),
        Mode::Shadow(_) => String::new(),
    };
    // When another takes its place, the version that serves stays the same.
    let active = if active.is_empty() { &rollout.active } else { active };
    RolloutStep {
        plugin: name.to_owned(),
        world: rollout.world.name().to_owned(),
        what: what.to_owned(),
        candidate: rollout.candidate.clone(),
        active: active.to_owned(),
        share,
        reason: reason.to_owned(),
        by: by.to_owned(),
        at_micros: now().as_micros(),
    }
}

fn log(tenant: &Tenant, step: &RolloutStep) {
    let RolloutStep { plugin, what, candidate, active, share, by, reason, .. } = step;
    tracing::info!(
        tenant = %tenant.id, plugin, what, candidate, active, share, by, reason,
        "a candidate's standing changed"
    );
}
