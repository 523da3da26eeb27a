//! What a tenant's plugins use, what stopped them, and whether they are asked at all.
//!
//! A [`TenantAccount`] belongs to one tenant, a [`PluginAccount`] to one of its plugins, whatever
//! version serves. Instances point to the account they are billed to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jackfield_core::{Instant, PluginFailure};

use crate::bucket::Bucket;
use crate::quarantine::{Admitted, Quarantine, Standing};
use crate::{Limit, TenantLimits};

/// Share of one thread that a tenant's guests may use where they are asked, before they are moved to
/// the threads of plugins.
const INLINE_SHARE: f64 = 0.1;
/// What it may save up.
const INLINE_WINDOW: Duration = Duration::from_millis(200);
/// Computing without a pause that is long for whoever waits behind it.
pub const LONG: Duration = Duration::from_micros(250);
/// What a long computing costs there, times its length.
const LONG_COSTS: f64 = 50.0;
/// How long a tenant is watched after something of it took long.
const SUSPICION: Duration = Duration::from_secs(1);
/// Versions of a plugin whose state is remembered.
const VERSIONS: usize = 64;

/// Times a limit was met, by limit.
#[derive(Debug, Default)]
struct Hits([AtomicU64; Limit::ALL.len()]);

impl Hits {
    fn add(&self, limit: Limit) {
        self.0[limit as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn of(&self, limit: Limit) -> u64 {
        self.0[limit as usize].load(Ordering::Relaxed)
    }
}

/// A version's standing changed.
#[derive(Clone, Debug)]
pub struct StandingChange {
    /// The plugin.
    pub plugin: String,
    /// The version's digest.
    pub digest: String,
    /// Whether it is asked from now on.
    pub standing: Standing,
    /// How long it is not asked.
    pub length: Option<Duration>,
    /// Quarantines in a row.
    pub times: u32,
    /// The failure that brought it about.
    pub failure: Option<PluginFailure>,
}

type Watcher = Box<dyn Fn(StandingChange) + Send + Sync>;

/// One tenant's account.
pub struct TenantAccount {
    limits: TenantLimits,
    started: std::time::Instant,
    cpu: Bucket,
    inline: Bucket,
    egress: Bucket,
    /// Until when its processor time is looked at where its guests are asked, in microseconds since
    /// the host started.
    suspected_until: AtomicU64,
    cpu_nanos: AtomicU64,
    egress_bytes: AtomicU64,
    instances: AtomicU32,
    /// Processor time as the fair queue counts it.
    pub(crate) virtual_nanos: AtomicU64,
    plugins: Mutex<BTreeMap<String, Arc<PluginAccount>>>,
    watcher: OnceLock<Watcher>,
}

impl std::fmt::Debug for TenantAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantAccount").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl TenantAccount {
    pub(crate) fn new(limits: TenantLimits, threads: u32, started: std::time::Instant) -> Self {
        let nanos = 1e9 * f64::from(threads) * limits.cpu_share;
        Self {
            cpu: Bucket::new(nanos, limits.cpu_window),
            inline: Bucket::new(1e9 * INLINE_SHARE, INLINE_WINDOW),
            egress: Bucket::new(
                limits.egress_bytes_per_minute as f64 / 60.0,
                Duration::from_secs(60),
            ),
            limits,
            started,
            suspected_until: AtomicU64::new(0),
            cpu_nanos: AtomicU64::new(0),
            egress_bytes: AtomicU64::new(0),
            instances: AtomicU32::new(0),
            virtual_nanos: AtomicU64::new(0),
            plugins: Mutex::default(),
            watcher: OnceLock::new(),
        }
    }

    /// Returns the account of a plugin, made on first use.
    pub fn plugin(self: &Arc<Self>, name: &str) -> Arc<PluginAccount> {
        let mut plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = plugins.get(name) {
            return Arc::clone(known);
        }
        let account = Arc::new(PluginAccount::new(self, name));
        plugins.insert(name.to_owned(), Arc::clone(&account));
        account
    }

    /// Returns the accounts of all plugins that have one, by name.
    pub fn plugins(&self) -> Vec<Arc<PluginAccount>> {
        let plugins = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        plugins.values().cloned().collect()
    }

    /// Has changes of standing told, from whatever thread they happen on; the first watcher stays.
    pub fn watch(&self, watcher: impl Fn(StandingChange) + Send + Sync + 'static) {
        // Set once, when the tenant is made.
        let _ = self.watcher.set(Box::new(watcher));
    }

    /// Returns the tenant's limits.
    pub const fn limits(&self) -> &TenantLimits {
        &self.limits
    }

    /// Returns the processor time its plugins have used.
    pub fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu_nanos.load(Ordering::Relaxed))
    }

    /// Returns how much of its share over the window is used: 1 is all.
    pub fn cpu_share_used(&self) -> f64 {
        (1.0 - self.cpu.left(self.now()) / self.cpu.capacity()).max(0.0)
    }

    /// Returns how many instances it has now.
    pub fn instances(&self) -> u32 {
        self.instances.load(Ordering::Relaxed)
    }

    /// Returns what its plugins have sent to the world, in bytes.
    pub fn egress_bytes(&self) -> u64 {
        self.egress_bytes.load(Ordering::Relaxed)
    }

    /// The moment, since the host started.
    pub(crate) fn now(&self) -> Instant {
        self.at(std::time::Instant::now())
    }

    /// A moment of the system's clock, since the host started.
    pub(crate) fn at(&self, moment: std::time::Instant) -> Instant {
        let since = moment.saturating_duration_since(self.started);
        Instant::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }

    pub(crate) fn used(&self, time: Duration, now: Instant) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.cpu_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.cpu.spend(nanos as f64, now);
    }

    pub(crate) fn over_share(&self, now: Instant) -> bool {
        self.cpu.left(now) < 0.0
    }

    /// How long until it is within its share again.
    pub(crate) fn throttled_for(&self) -> Duration {
        self.cpu.until_free(self.now())
    }

    pub(crate) fn may_run_inline(&self, now: Instant) -> bool {
        0.0 <= self.inline.left(now)
    }

    /// Whether what it computes where it is asked is to be measured by [`Computed::Time`].
    pub(crate) fn is_suspected(&self, now: Instant) -> bool {
        now.as_micros() < self.suspected_until.load(Ordering::Relaxed)
    }

    /// It computed where it was asked, until `now`. Tells whether that was too long for the place.
    ///
    /// What took long by the clock may have waited for a processor, which is no fault of the guest's: it
    /// brings a suspicion, and the next that takes long under it is known to be.
    pub(crate) fn used_inline(&self, computed: Computed, now: Instant) -> bool {
        let (time, costs) = match computed {
            Computed::Time(time) if LONG <= time => (time, LONG_COSTS),
            Computed::Time(time) => (time, 1.0),
            Computed::AtMost(time) => (time.min(LONG), 1.0),
        };
        if LONG <= time {
            let until = now + SUSPICION;
            self.suspected_until.store(until.as_micros(), Ordering::Relaxed);
        }
        self.inline.spend(time.as_nanos() as f64 * costs, now);
        self.used(time, now);
        1.0 < costs
    }

    fn admit_instance(&self) -> bool {
        let most = self.limits.instances;
        let add = |now: u32| (now < most).then_some(now + 1);
        self.instances.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }
}

/// How long a guest computed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Computed {
    /// As the thread's own clock says.
    Time(Duration),
    /// As a clock on the wall says, which goes on while the thread waits for a processor.
    AtMost(Duration),
}

/// The account of one plugin of a tenant.
pub struct PluginAccount {
    name: String,
    tenant: Arc<TenantAccount>,
    hits: Hits,
    rate: Bucket,
    calls: AtomicU64,
    host_calls: AtomicU64,
    log_bytes: AtomicU64,
    memory_peak: AtomicU64,
    /// Keys of state; negative is not counted yet.
    state_keys: AtomicI64,
    disabled: AtomicBool,
    reason: Mutex<String>,
    /// Why versions were revoked, by digest.
    revoked: Mutex<BTreeMap<String, String>>,
    /// Whether those are stopped.
    stops_revoked: AtomicBool,
    versions: Mutex<BTreeMap<Arc<str>, Quarantine>>,
}

impl std::fmt::Debug for PluginAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginAccount").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PluginAccount {
    /// One of a tenant that nobody else knows. It is not among the tenant's plugins: the two would hold
    /// each other for ever.
    pub(crate) fn of_nobody(nobody: TenantAccount, name: &str) -> Arc<Self> {
        Arc::new(Self::new(&Arc::new(nobody), name))
    }

    fn new(tenant: &Arc<TenantAccount>, name: &str) -> Self {
        let rate = f64::from(tenant.limits.host_calls_per_second);
        Self {
            name: name.to_owned(),
            tenant: Arc::clone(tenant),
            hits: Hits::default(),
            rate: Bucket::new(rate, Duration::from_secs(1)),
            calls: AtomicU64::new(0),
            host_calls: AtomicU64::new(0),
            log_bytes: AtomicU64::new(0),
            memory_peak: AtomicU64::new(0),
            state_keys: AtomicI64::new(-1),
            disabled: AtomicBool::new(false),
            reason: Mutex::default(),
            revoked: Mutex::default(),
            stops_revoked: AtomicBool::new(false),
            versions: Mutex::default(),
        }
    }

    /// Returns the plugin's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the tenant's account.
    pub const fn tenant(&self) -> &Arc<TenantAccount> {
        &self.tenant
    }

    /// Counts that a limit was met.
    pub fn met(&self, limit: Limit) {
        self.hits.add(limit);
    }

    /// Returns how often a limit was met.
    pub fn hits(&self, limit: Limit) -> u64 {
        self.hits.of(limit)
    }

    /// Returns how many calls were admitted.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Returns how many host calls it made.
    pub fn host_calls(&self) -> u64 {
        self.host_calls.load(Ordering::Relaxed)
    }

    /// Returns how many bytes of log lines were kept.
    pub fn log_bytes(&self) -> u64 {
        self.log_bytes.load(Ordering::Relaxed)
    }

    /// Returns the largest memory that one instance had, in bytes.
    pub fn memory_peak(&self) -> u64 {
        self.memory_peak.load(Ordering::Relaxed)
    }

    /// Asks to send `bytes` to the world: whoever sends for a plugin asks before it does.
    ///
    /// # Errors
    ///
    /// [`Limit::Egress`], counted, if the tenant has sent too much in the last minute.
    pub fn egress(&self, bytes: u64) -> Result<(), Limit> {
        if !self.tenant.egress.take(bytes as f64, self.tenant.now()) {
            self.met(Limit::Egress);
            return Err(Limit::Egress);
        }
        self.tenant.egress_bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Keys of state, as whoever keeps them counts: the count, made by `count` when it is not known.
    pub fn state_keys(&self, count: impl FnOnce() -> u64) -> u64 {
        let known = self.state_keys.load(Ordering::Relaxed);
        u64::try_from(known).unwrap_or_else(|_| {
            let counted = count();
            self.state_keys.store(counted as i64, Ordering::Relaxed);
            counted
        })
    }

    /// One key of state came, or with `None` they are to be counted again.
    pub fn note_state_key(&self, one_more: Option<()>) {
        match one_more {
            Some(()) => self.state_keys.fetch_add(1, Ordering::Relaxed),
            None => self.state_keys.swap(-1, Ordering::Relaxed),
        };
    }

    /// Stops every version, at once: calls in progress end at their next pause or host call.
    pub fn disable(&self, reason: &str) {
        reason.clone_into(&mut self.reason.lock().unwrap_or_else(PoisonError::into_inner));
        self.disabled.store(true, Ordering::Release);
    }

    /// Lets every version be asked again, whatever it did before.
    pub fn enable(&self) {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.disabled.store(false, Ordering::Release);
    }

    /// Returns why an operator stopped it, if one did.
    pub fn disabled(&self) -> Option<String> {
        let reason = || self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.disabled.load(Ordering::Acquire).then(reason)
    }

    /// Sets which versions were revoked, by digest and with the reason, instead of those before; with
    /// `stop` they are not asked any more: calls in progress end at their next pause or host call.
    pub fn revoke(&self, revoked: BTreeMap<String, String>, stop: bool) {
        let stop = stop && !revoked.is_empty();
        *self.revoked.lock().unwrap_or_else(PoisonError::into_inner) = revoked;
        self.stops_revoked.store(stop, Ordering::Release);
    }

    /// Returns why the version with this digest was revoked, if it was.
    pub fn revoked(&self, digest: &str) -> Option<String> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Returns all versions that were revoked, by digest and with the reason.
    pub fn all_revoked(&self) -> BTreeMap<String, String> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether versions that were revoked are stopped.
    pub fn stops_revoked(&self) -> bool {
        self.stops_revoked.load(Ordering::Acquire)
    }

    /// Returns the standing of each version that was asked, by digest.
    pub fn standings(&self) -> Vec<(String, Standing, u32)> {
        let now = self.tenant.now();
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let each = versions
            .iter()
            .map(|(digest, state)| (digest.to_string(), state.standing(), state.failures(now)));
        each.collect()
    }

    /// How long a quarantine that ends then still lasts.
    pub fn left_of(&self, until: Instant) -> Duration {
        until.saturating_since(self.tenant.now())
    }

    /// Lets a call of the version with this digest in.
    pub(crate) fn admit(self: &Arc<Self>, digest: &Arc<str>) -> Result<Permit, PluginFailure> {
        if let Some(reason) = self.disabled() {
            let by = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            return Err(PluginFailure::Suspended(format!("disabled by an operator{by}")));
        }
        if self.stops_revoked()
            && let Some(reason) = self.revoked(digest)
        {
            return Err(PluginFailure::Suspended(format!("revoked: {reason}")));
        }
        let now = self.tenant.now();
        if self.tenant.over_share(now) {
            self.met(Limit::CpuShare);
            return Err(PluginFailure::Suspended(
                "limit cpu_share: the tenant's plugins have used their share of the processors"
                    .to_owned(),
            ));
        }
        let admitted = self.version_at(now, digest, None, |state, now| state.admit(now));
        if admitted == Admitted::No {
            return Err(PluginFailure::Suspended("quarantined after failures".to_owned()));
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Permit {
            account: Arc::clone(self),
            digest: Arc::clone(digest),
            admitted: Some(admitted),
        })
    }

    /// Reports that an answer of the version was found impossible after it had arrived.
    pub(crate) fn reject(&self, digest: &Arc<str>, failure: &PluginFailure) {
        self.version(digest, Some(failure), Quarantine::rejected);
    }

    /// Changes the state of a version and tells the watcher if its standing is another.
    fn version<T>(
        &self,
        digest: &Arc<str>,
        failure: Option<&PluginFailure>,
        change: impl FnOnce(&mut Quarantine, Instant) -> T,
    ) -> T {
        self.version_at(self.tenant.now(), digest, failure, change)
    }

    fn version_at<T>(
        &self,
        now: Instant,
        digest: &Arc<str>,
        failure: Option<&PluginFailure>,
        change: impl FnOnce(&mut Quarantine, Instant) -> T,
    ) -> T {
        let (result, changed) = {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            if VERSIONS <= versions.len() && !versions.contains_key(digest) {
                versions.pop_first();
            }
            let rules = self.tenant.limits.quarantine;
            let state =
                versions.entry(Arc::clone(digest)).or_insert_with(|| Quarantine::new(rules));
            let before = state.standing();
            let result = change(state, now);
            let standing = state.standing();
            let changed = (before.name() != standing.name()).then(|| StandingChange {
                plugin: self.name.clone(),
                digest: digest.to_string(),
                standing,
                length: match standing {
                    Standing::Quarantined { until } => Some(until.saturating_since(now)),
                    Standing::Serving | Standing::Trial { .. } => None,
                },
                times: state.times(),
                failure: failure.cloned(),
            });
            (result, changed)
        };
        if let (Some(changed), Some(watcher)) = (changed, self.tenant.watcher.get()) {
            watcher(changed);
        }
        result
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.disabled.load(Ordering::Relaxed)
    }

    /// Tells whether the version with this digest was revoked and is to end what it does.
    pub(crate) fn stops(&self, digest: &str) -> bool {
        self.stops_revoked() && self.revoked(digest).is_some()
    }

    /// Counts host calls; tells whether the plugin makes no more of them in a second than it may.
    pub(crate) fn host_calls_made(&self, count: u32) -> bool {
        self.host_calls.fetch_add(u64::from(count), Ordering::Relaxed);
        0.0 <= self.rate.spend(f64::from(count), self.tenant.now())
    }

    pub(crate) fn logged(&self, bytes: usize) {
        self.log_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn memory(&self, bytes: usize) {
        self.memory_peak.fetch_max(bytes as u64, Ordering::Relaxed);
    }

    /// Takes a place for one instance.
    pub(crate) fn instance(self: &Arc<Self>) -> Result<InstancePlace, PluginFailure> {
        if !self.tenant.admit_instance() {
            self.met(Limit::Instances);
            let most = self.tenant.limits.instances;
            return Err(PluginFailure::Refused(format!(
                "limit instances: the tenant has {most} already"
            )));
        }
        Ok(InstancePlace(Arc::clone(&self.tenant)))
    }
}

/// A tenant's place for one instance, given back when it is dropped.
#[derive(Debug)]
pub struct InstancePlace(Arc<TenantAccount>);

impl Drop for InstancePlace {
    fn drop(&mut self) {
        self.0.instances.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call that was let in. How it ended is to be told; dropped without, it says nothing.
#[derive(Debug)]
pub struct Permit {
    account: Arc<PluginAccount>,
    digest: Arc<str>,
    admitted: Option<Admitted>,
}

impl Permit {
    /// Tells how the call ended.
    pub fn ended<T>(mut self, result: Result<T, &PluginFailure>) {
        let Some(admitted) = self.admitted.take() else { return };
        let (account, digest) = (&self.account, &self.digest);
        match result {
            Ok(_) => account.version(digest, None, |state, now| state.succeeded(now, admitted)),
            // What it may not do now says nothing about how it is.
            Err(PluginFailure::Suspended(_)) => {
                account.version(digest, None, |state, _| state.dropped(admitted));
            }
            Err(failure) => {
                account.version(digest, Some(failure), |state, now| state.failed(now, admitted));
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(admitted) = self.admitted.take() {
            self.account.version(&self.digest, None, |state, _| state.dropped(admitted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_billed_to_nobody_goes_with_its_last_user() {
        let started = std::time::Instant::now();
        let nobody = TenantAccount::new(TenantLimits::default(), 1, started);
        let account = PluginAccount::of_nobody(nobody, "router");
        let tenant = Arc::downgrade(account.tenant());
        drop(account);
        assert!(tenant.upgrade().is_none());
    }
}
