//! What a store holds while a guest runs: the tenant's services, the session, the limits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::PastContact;
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};

use crate::account::PluginAccount;
use crate::{Limit, LogLevel, Services, Session};

/// Longest log line kept, in bytes.
const LOG_LINE_BYTES: usize = 4 * 1024;
/// Host calls after which their rate is looked at.
const RATE_EVERY: u32 = 32;
/// Digits in a row that look like a customer's address.
const ADDRESS_DIGITS: usize = 7;

/// Why the host itself stopped a guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Stopped {
    /// It computed for longer than it may without calling the host.
    #[error("computed for too long")]
    Slice,
    /// It called the host more often than it may.
    #[error("limit host_calls: called the host too often")]
    HostCalls,
    /// It called the host more often in a second than it may.
    #[error("limit host_call_rate: called the host too often in a second")]
    HostCallRate,
    /// An operator stopped the plugin.
    #[error("disabled by an operator")]
    Disabled,
    /// Its version was revoked, and such are stopped.
    #[error("its version was revoked")]
    Revoked,
    /// Its version was replaced, and the time of its sessions is over.
    #[error("its version was replaced and the time to drain is over")]
    Replaced,
    /// It called a verb of the session outside a session.
    #[error("called a session's verb outside a session")]
    NoSession,
}

/// What a guest may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of linear memory.
    pub memory_bytes: usize,
    /// Ticks of computing between two host calls.
    pub slice_ticks: u32,
    /// Host calls of one run or one router call.
    pub host_calls: u32,
    /// Elements of one table.
    pub table_elements: usize,
    /// Log lines of one call.
    pub log_lines: u32,
    /// Log bytes of one call.
    pub log_bytes: usize,
    /// Names of metrics of one plugin.
    pub metric_names: usize,
}

/// Names of metrics that one plugin has used.
#[derive(Debug, Default)]
pub struct MetricNames(Mutex<BTreeSet<String>>);

impl MetricNames {
    /// Tells whether `name` is well formed and among the first `most`.
    fn admit(&self, name: &str, most: usize) -> bool {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || 64 < name.len() || !name.chars().all(letters) {
            return false;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(name) {
            return true;
        }
        let room = known.len() < most;
        if room {
            known.insert(name.to_owned());
        }
        room
    }
}

/// A store's data.
pub struct Guest {
    /// What the tenant offers; none while a plugin is only tested.
    pub services: Option<Arc<dyn Services>>,
    /// The contact; none for a router.
    pub session: Option<Box<dyn Session>>,
    /// Earlier contacts of the customer whom the question at hand is about.
    pub history: Vec<PastContact>,
    limits: Limits,
    names: Arc<MetricNames>,
    /// To whom it is billed; nobody while a plugin is only tested, replayed or simulated.
    account: Option<Arc<PluginAccount>>,
    /// The version that is billed.
    digest: Arc<str>,
    /// Set when the time of its version is over.
    over: Option<Arc<AtomicBool>>,
    memory_refused: bool,
    memory_bytes: usize,
    table_refused: bool,
    slice_used: u32,
    host_calls: u32,
    log_lines: u32,
    log_bytes: usize,
}

impl Guest {
    /// Starts with nothing used.
    pub fn new(limits: Limits, names: Arc<MetricNames>) -> Self {
        Self {
            services: None,
            session: None,
            history: Vec::new(),
            limits,
            names,
            account: None,
            digest: Arc::default(),
            over: None,
            memory_refused: false,
            memory_bytes: 0,
            table_refused: false,
            slice_used: 0,
            host_calls: 0,
            log_lines: 0,
            log_bytes: 0,
        }
    }

    /// Bills what it uses from now on to `account`, as the version with this digest.
    pub fn bill(&mut self, account: &Arc<PluginAccount>, digest: &Arc<str>) {
        self.account = Some(Arc::clone(account));
        self.digest = Arc::clone(digest);
    }

    fn stopped(&self) -> Option<Stopped> {
        let account = self.account.as_ref()?;
        if account.is_disabled() {
            return Some(Stopped::Disabled);
        }
        account.stops(&self.digest).then_some(Stopped::Revoked)
    }

    /// Stops it at its next pause or host call once `over` is set.
    pub fn stop_when(&mut self, over: Arc<AtomicBool>) {
        self.over = Some(over);
    }

    fn is_over(&self) -> bool {
        self.over.as_ref().is_some_and(|over| over.load(Ordering::Relaxed))
    }

    /// Begins a call: what is counted by call starts again.
    pub fn begin(&mut self) {
        self.end();
        self.memory_refused = false;
        self.table_refused = false;
        self.slice_used = 0;
        self.log_lines = 0;
        self.log_bytes = 0;
    }

    /// Ends a call: its host calls that were not billed yet are.
    pub fn end(&mut self) {
        let left = self.host_calls % RATE_EVERY;
        if let Some(account) = &self.account
            && 0 < left
        {
            // Too many are told to the next call.
            let _ = account.host_calls_made(left);
        }
        self.host_calls = 0;
    }

    /// Counts that a limit was met.
    pub fn met(&self, limit: Limit) {
        if let Some(account) = &self.account {
            account.met(limit);
        }
    }

    /// Tells whether a wish for a longer table was refused in this call.
    pub const fn table_refused(&self) -> bool {
        self.table_refused
    }

    /// Tells whether a wish for memory was refused in this call.
    pub const fn memory_refused(&self) -> bool {
        self.memory_refused
    }

    /// Linear memory of the instance: it never becomes less.
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Counts one host call and starts a new slice of computing.
    pub fn host_call(&mut self) -> Result<(), Stopped> {
        self.slice_used = 0;
        self.host_calls += 1;
        if self.limits.host_calls < self.host_calls {
            return Err(Stopped::HostCalls);
        }
        if self.is_over() {
            return Err(Stopped::Replaced);
        }
        if let Some(stopped) = self.stopped() {
            return Err(stopped);
        }
        match &self.account {
            Some(account)
                if self.host_calls.is_multiple_of(RATE_EVERY)
                    && !account.host_calls_made(RATE_EVERY) =>
            {
                Err(Stopped::HostCallRate)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns the session for a verb, counting the call.
    pub fn verb(&mut self) -> Result<&mut Box<dyn Session>, Stopped> {
        self.host_call()?;
        self.session.as_mut().ok_or(Stopped::NoSession)
    }

    /// Returns the services, if there are any, counting the call.
    pub fn service(&mut self) -> Result<Option<&Arc<dyn Services>>, Stopped> {
        self.host_call()?;
        Ok(self.services.as_ref())
    }

    /// Hands a log line to the tenant, masked and cut; drops what is over the limit.
    pub fn log(&mut self, level: LogLevel, message: &str) {
        self.log_lines += 1;
        let lines = self.limits.log_lines;
        let over = if lines < self.log_lines {
            Some(Limit::LogLines)
        } else {
            let kept = message.len().min(LOG_LINE_BYTES);
            let fits = self.log_bytes.saturating_add(kept) <= self.limits.log_bytes;
            if fits {
                self.log_bytes += kept;
            }
            (!fits).then_some(Limit::LogBytes)
        };
        let Some(services) = &self.services else { return };
        let Some(limit) = over else {
            if let Some(account) = &self.account {
                account.logged(message.len().min(LOG_LINE_BYTES));
            }
            services.log(level, &masked(message));
            return;
        };
        self.met(limit);
        services.count("log_lines_dropped", 1);
        if self.log_lines == lines + 1 {
            let warning = format!("more than {lines} lines in one call: the rest is dropped");
            services.log(LogLevel::Warn, &warning);
        }
    }

    /// Adds to a counter, or counts that the name is one too many.
    pub fn count(&self, counter: &str, amount: u32) {
        let Some(services) = &self.services else { return };
        match self.names.admit(counter, self.limits.metric_names) {
            true => services.count(counter, amount),
            false => self.name_dropped(services),
        }
    }

    /// Adds to a distribution, or counts that the name is one too many.
    pub fn observe(&self, distribution: &str, value: f64) {
        let Some(services) = &self.services else { return };
        match self.names.admit(distribution, self.limits.metric_names) && value.is_finite() {
            true => services.observe(distribution, value),
            false => self.name_dropped(services),
        }
    }

    fn name_dropped(&self, services: &Arc<dyn Services>) {
        self.met(Limit::MetricNames);
        services.count("metric_names_dropped", 1);
    }

    fn tick(&mut self) -> Result<UpdateDeadline, Stopped> {
        self.slice_used += 1;
        if let Some(stopped) = self.stopped() {
            return Err(stopped);
        }
        if self.is_over() {
            return Err(Stopped::Replaced);
        }
        match self.limits.slice_ticks < self.slice_used {
            true => Err(Stopped::Slice),
            // Others on this thread are served between two ticks of a busy guest. Tokio's own yield
            // also lets it look at its sockets and timers, which a plain one puts off for 61 turns.
            false => Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))),
        }
    }
}

/// Makes `store` keep the limits of its guest.
pub fn keep_limits(store: &mut Store<Guest>) {
    store.limiter(|guest| guest);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| Ok(context.data_mut().tick()?));
}

impl ResourceLimiter for Guest {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= self.limits.memory_bytes;
        self.memory_refused |= !fits;
        if fits {
            self.memory_bytes = self.memory_bytes.max(desired);
            if let Some(account) = &self.account {
                account.memory(desired);
            }
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= self.limits.table_elements;
        self.table_refused |= !fits;
        Ok(fits)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        // The pool has no more either: its tables are as long as the limit says.
        self.table_refused = true;
        Ok(())
    }
}

/// Cuts a line and hides what looks like a customer's address: all but the last two digits of a run.
fn masked(message: &str) -> String {
    let cut = message.floor_char_boundary(LOG_LINE_BYTES);
    let mut kept = String::with_capacity(cut);
    let mut run = String::new();
    for c in message[..cut].chars().chain([' ']) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        if ADDRESS_DIGITS <= run.len() {
            kept.extend(std::iter::repeat_n('*', run.len() - 2));
            kept.push_str(&run[run.len() - 2..]);
        } else {
            kept.push_str(&run);
        }
        run.clear();
        kept.push(c);
    }
    kept.pop();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_and_short_numbers_are_not() {
        assert_eq!(masked("call +441632960011 from 2026"), "call +**********11 from 2026");
        assert_eq!(masked("123456"), "123456");
        assert_eq!(masked("1234567"), "*****67");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn a_plugin_has_a_hundred_names() {
        let names = MetricNames::default();
        assert!((0..100).all(|n| names.admit(&format!("n{n}"), 100)));
        assert!(!names.admit("one_more", 100));
        assert!(names.admit("n7", 100));
        assert!(!names.admit("Upper", 100));
    }
}
