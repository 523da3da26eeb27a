//! New versions beside the active one: tried on a part of the contacts (canary), or only asked (shadow).
//!
//! A canary ends by itself as soon as the candidate is worse than it may be. What is here decides and
//! counts; loading, keeping and telling is the business of `app::rollouts`.

mod asked;
mod canary;
mod drain;
mod shadow;
mod share;
mod view;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_core::{InteractionId, Output, PluginFailure, RoutingAsk};
use jackfield_plugin_host::World;

use crate::tenant::{ActiveEstimator, ActiveFlow, ActivePlugin, ActiveRouter};

pub use asked::{Answered, Asked, Asker};
pub use canary::{Canary, Rules};
pub use drain::{Drains, Pin, Pins};
pub use shadow::{Exchange, Shadow, ShadowServices};
pub use share::{Share, ShareError, Subject};
pub use view::{DrainView, RolloutView, StepView};

/// The candidate, loaded.
pub enum Candidate {
    /// A router.
    Router(Arc<ActiveRouter>),
    /// An estimator.
    Estimator(Arc<ActiveEstimator>),
    /// A flow.
    Flow(Arc<ActiveFlow>),
    /// A chatbot, channel, connector, analyst or pacer.
    Called(Arc<ActivePlugin>),
}

impl Candidate {
    /// What holds the sessions that it leads; a router or an estimator leads none.
    pub fn pins(&self) -> Option<&Arc<Pins>> {
        match self {
            Self::Router(_) | Self::Estimator(_) => None,
            Self::Flow(flow) => Some(&flow.pins),
            Self::Called(called) => Some(&called.pins),
        }
    }
}

/// Whether plugins of this world lead a contact from its beginning: its whole fate is theirs. Of routers
/// the stay in a queue is, of all others the one call.
const fn leads(world: World) -> bool {
    matches!(world, World::Flow | World::Chatbot)
}

/// How the candidate is tried.
pub enum Mode {
    /// It has a part of the contacts.
    Canary(Box<Canary>, Candidate),
    /// It is asked and not obeyed.
    Shadow(Arc<Shadow>),
}

/// One candidate beside the active version.
pub struct Rollout {
    /// What kind of plugin.
    pub world: World,
    /// The candidate's digest.
    pub candidate: String,
    /// The active version's.
    pub active: String,
    /// Microseconds since the Unix epoch.
    pub since: u64,
    /// Who began it.
    pub by: String,
    /// How long the contacts of a candidate that is taken back may take.
    pub drain: Duration,
    /// How.
    pub mode: Mode,
}

/// A canary that took itself back.
pub struct RolledBack {
    /// The plugin's name.
    pub plugin: String,
    /// What kind.
    pub world: World,
    /// The candidate's digest.
    pub candidate: String,
    /// The version that has all contacts again.
    pub active: String,
    /// Which contacts it had.
    pub share: String,
    /// The figures.
    pub reason: String,
    /// The contacts that the candidate still leads.
    pub pins: Option<Arc<Pins>>,
    /// How long those may take.
    pub drain: Duration,
}

/// What is tried in one tenant, by the plugin's name.
#[derive(Default)]
pub struct Rollouts {
    /// As many as are in `all`: so that nothing is locked while there is none.
    running: AtomicUsize,
    all: Mutex<BTreeMap<String, Rollout>>,
    /// Steps since the start of the process, by plugin and what they were.
    steps: Mutex<BTreeMap<(String, &'static str), u64>>,
}

impl Rollouts {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Rollout>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries this candidate from now on, in stead of any that was tried.
    pub fn begin(&self, plugin: &str, rollout: Rollout) {
        let mut all = self.lock();
        all.insert(plugin.to_owned(), rollout);
        self.running.store(all.len(), Ordering::Release);
    }

    /// Stops trying; the candidate and how it was tried, if there was one.
    pub fn end(&self, plugin: &str, world: World) -> Option<Rollout> {
        let mut all = self.lock();
        if all.get(plugin).is_none_or(|rollout| rollout.world != world) {
            return None;
        }
        let ended = all.remove(plugin);
        self.running.store(all.len(), Ordering::Release);
        ended
    }

    /// Counts a step: `canary`, `shadow`, `promoted`, `rolled_back`, `ended`.
    pub fn note(&self, plugin: &str, step: &'static str) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        *steps.entry((plugin.to_owned(), step)).or_default() += 1;
    }

    /// The steps so far.
    pub fn steps(&self) -> BTreeMap<(String, &'static str), u64> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The digest and kind of the candidate that is tried under this name.
    pub fn candidate(&self, plugin: &str) -> Option<(World, String)> {
        let all = self.lock();
        all.get(plugin).map(|rollout| (rollout.world, rollout.candidate.clone()))
    }

    /// How it stands, for people.
    pub fn view(&self, plugin: &str) -> Option<RolloutView> {
        self.lock().get(plugin).map(RolloutView::of)
    }

    /// The names of what is tried, and how it stands.
    pub fn views(&self) -> Vec<(String, RolloutView)> {
        let all = self.lock();
        all.iter().map(|(name, rollout)| (name.clone(), RolloutView::of(rollout))).collect()
    }

    fn none(&self) -> bool {
        self.running.load(Ordering::Acquire) == 0
    }

    /// What `take` makes of the canary that is tried under this name, if there is one.
    fn canary<T>(
        &self,
        name: &str,
        take: impl FnOnce(&mut Canary, &Candidate) -> Option<T>,
    ) -> Option<T> {
        if self.none() {
            return None;
        }
        match &mut self.lock().get_mut(name)?.mode {
            Mode::Canary(canary, candidate) => take(canary, candidate),
            Mode::Shadow(_) => None,
        }
    }

    /// The candidate that answers this question, if it is one of the candidate's.
    pub fn router(&self, name: &str, ask: &RoutingAsk) -> Option<Arc<ActiveRouter>> {
        self.canary(name, |canary, candidate| {
            let Candidate::Router(router) = candidate else { return None };
            let subject = Subject {
                interaction: ask.contact.id,
                queue: Some(&ask.contact.queue),
                dialled: None,
                attributes: &ask.contact.attributes,
            };
            canary.assign(&subject).then(|| Arc::clone(router))
        })
    }

    /// The candidate that estimates this wait, if it is one of the candidate's.
    pub fn estimator(&self, name: &str, subject: &Subject<'_>) -> Option<Arc<ActiveEstimator>> {
        self.canary(name, |canary, candidate| match candidate {
            Candidate::Estimator(one) if canary.assign(subject) => Some(Arc::clone(one)),
            _ => None,
        })
    }

    /// The candidate that leads this contact, if it is one of the candidate's, held until the pin is
    /// dropped.
    pub fn flow(&self, name: &str, subject: &Subject<'_>) -> Option<(Arc<ActiveFlow>, Pin)> {
        self.canary(name, |canary, candidate| match candidate {
            Candidate::Flow(flow) if canary.assign(subject) => {
                Some((Arc::clone(flow), flow.pins.pin()))
            }
            _ => None,
        })
    }

    /// The candidate of a chatbot that answers in this conversation, or of another plugin that takes this
    /// call, if it is one of the candidate's, held until the pin is dropped.
    pub fn called(&self, name: &str, subject: &Subject<'_>) -> Option<(Arc<ActivePlugin>, Pin)> {
        self.canary(name, |canary, candidate| {
            let Candidate::Called(called) = candidate else { return None };
            canary.assign(subject).then(|| (Arc::clone(called), called.pins.pin()))
        })
    }

    /// The flow that is tried under this name.
    pub fn flow_candidate(&self, name: &str) -> Option<Arc<ActiveFlow>> {
        self.canary(name, |_, candidate| match candidate {
            Candidate::Flow(flow) => Some(Arc::clone(flow)),
            _ => None,
        })
    }

    /// The chatbot, channel, connector, analyst or pacer that is tried under this name.
    pub fn called_candidate(&self, name: &str) -> Option<Arc<ActivePlugin>> {
        self.canary(name, |_, candidate| match candidate {
            Candidate::Called(called) => Some(Arc::clone(called)),
            _ => None,
        })
    }

    /// Whoever is asked the same besides.
    pub fn shadow(&self, name: &str) -> Option<Arc<Shadow>> {
        if self.none() {
            return None;
        }
        match &self.lock().get(name)?.mode {
            Mode::Shadow(shadow) => Some(Arc::clone(shadow)),
            Mode::Canary(..) => None,
        }
    }

    /// Whether the candidate is chosen by what is known of the customer. A router and an estimator are
    /// told it with their question.
    pub fn wants_customer(&self, name: &str) -> bool {
        let wants = self.canary(name, |canary, candidate| {
            let told = matches!(candidate, Candidate::Router(_) | Candidate::Estimator(_));
            Some(!told && canary.share().attribute.is_some())
        });
        wants.unwrap_or(false)
    }

    /// A contact's router, flow or chatbot failed.
    pub fn failed(&self, name: &str, interaction: InteractionId, failure: &PluginFailure) {
        // It said itself that it has no answer, which is no failure of the version.
        if self.none() || matches!(failure, PluginFailure::Refused(_)) {
            return;
        }
        self.canary(name, |canary, _| {
            canary.failed(interaction);
            Some(())
        });
    }

    /// Takes in how a call of a plugin went that leads no contact, answered by the version with this
    /// digest; the canary, if it is to be taken back and has been.
    pub fn answered(
        &self,
        name: &str,
        digest: &str,
        subject: &Subject<'_>,
        failed: bool,
    ) -> Option<RolledBack> {
        if self.none() {
            return None;
        }
        let mut all = self.lock();
        let Mode::Canary(canary, _) = &mut all.get_mut(name)?.mode else { return None };
        canary.answered(digest, subject, failed);
        let reason = canary.verdict()?;
        let rolled_back = taken_back(&mut all, name, reason);
        self.running.store(all.len(), Ordering::Release);
        rolled_back
    }

    /// A version is quarantined: a candidate that is does not serve anyway, so its canary ends.
    pub fn quarantined(&self, plugin: &str, digest: &str, why: &str) -> Option<RolledBack> {
        let mut all = self.lock();
        let rollout = all.get(plugin)?;
        if rollout.candidate != digest || !matches!(rollout.mode, Mode::Canary(..)) {
            return None;
        }
        let reason = format!("the candidate is quarantined after failures: {why}");
        let rolled_back = taken_back(&mut all, plugin, reason);
        self.running.store(all.len(), Ordering::Release);
        rolled_back
    }

    /// Takes in what became of contacts; the canaries that are to be taken back have been.
    pub fn observe(&self, outputs: &[Output]) -> Vec<RolledBack> {
        if self.none() {
            return Vec::new();
        }
        let mut all = self.lock();
        let mut verdicts = Vec::new();
        for (name, rollout) in all.iter_mut() {
            let whole = leads(rollout.world);
            let Mode::Canary(canary, _) = &mut rollout.mode else { continue };
            let counted = outputs.iter().filter(|output| canary.observe(output, whole)).count();
            if 0 < counted
                && let Some(reason) = canary.verdict()
            {
                verdicts.push((name.clone(), reason));
            }
        }
        let rolled_back = verdicts
            .into_iter()
            .filter_map(|(name, reason)| taken_back(&mut all, &name, reason))
            .collect();
        self.running.store(all.len(), Ordering::Release);
        rolled_back
    }
}

fn taken_back(
    all: &mut BTreeMap<String, Rollout>,
    plugin: &str,
    reason: String,
) -> Option<RolledBack> {
    let Rollout { world, candidate, active, drain, mode, .. } = all.remove(plugin)?;
    let Mode::Canary(canary, loaded) = mode else { return None };
    let pins = loaded.pins().cloned();
    let (plugin, share) = (plugin.to_owned(), canary.share().words());
    Some(RolledBack { plugin, world, candidate, active, share, reason, pins, drain })
}

#[cfg(test)]
mod tests;
