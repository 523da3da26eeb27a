//! When a plugin's version is asked, and when it is not: a pure state machine for one version of one
//! tenant. It serves until it has failed too often within a window; then it is quarantined, for longer
//! each time; then it is tried, one call at a time, and serves again once enough trials went well.
//!
//! It knows no clock: every step is told the moment. What serves meanwhile is not decided here.

use std::collections::VecDeque;
use std::time::Duration;

use jackfield_core::Instant;

/// When a version is quarantined, and for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuarantineRules {
    /// Failures within the window that quarantine it; 0 never does.
    pub failures: u32,
    /// How long a failure counts.
    pub window: Duration,
    /// The first quarantine; each further one is twice as long.
    pub back_off: Duration,
    /// The longest quarantine. A version that served for as long without one starts anew.
    pub back_off_max: Duration,
    /// Trials in a row that must go well.
    pub trials: u32,
}

impl Default for QuarantineRules {
    fn default() -> Self {
        Self {
            failures: 5,
            window: Duration::from_secs(60),
            back_off: Duration::from_secs(5),
            back_off_max: Duration::from_secs(600),
            trials: 3,
        }
    }
}

/// Whether a version is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It is.
    Serving,
    /// It is not, until this moment.
    Quarantined {
        /// When the trials begin.
        until: Instant,
    },
    /// One call at a time is.
    Trial {
        /// Trials in a row that went well.
        passed: u32,
    },
}

impl Standing {
    /// Returns its name in events and metrics: `quarantined`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Quarantined { .. } => "quarantined",
            Self::Trial { .. } => "trial",
        }
    }
}

/// What a call may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admitted {
    /// Ask; how it ends is to be told.
    Call,
    /// Ask: this call is the trial, and how it ends is to be told.
    Trial {
        /// After which of its quarantines: the end of an earlier one says nothing.
        quarantine: u64,
    },
    /// Take what is built in.
    No,
}

/// The state of one version.
#[derive(Clone, Debug)]
pub struct Quarantine {
    rules: QuarantineRules,
    standing: Standing,
    /// Moments of failures that count.
    failed_at: VecDeque<Instant>,
    /// Quarantines in a row.
    times: u32,
    /// Since when it has served without a quarantine.
    serving_since: Option<Instant>,
    trying: bool,
    /// Quarantines since the beginning.
    quarantines: u64,
}

impl Quarantine {
    /// A version that serves and has never failed.
    pub const fn new(rules: QuarantineRules) -> Self {
        Self {
            rules,
            standing: Standing::Serving,
            failed_at: VecDeque::new(),
            times: 0,
            serving_since: None,
            trying: false,
            quarantines: 0,
        }
    }

    /// Returns whether it is asked.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Returns how often it was quarantined in a row: what the length of the next one depends on.
    pub const fn times(&self) -> u32 {
        self.times
    }

    /// Returns how many failures count now.
    pub fn failures(&self, now: Instant) -> u32 {
        let counts = |at: &&Instant| now.saturating_since(**at) < self.rules.window;
        u32::try_from(self.failed_at.iter().filter(counts).count()).unwrap_or(u32::MAX)
    }

    /// A call wants to ask it.
    pub fn admit(&mut self, now: Instant) -> Admitted {
        if let Standing::Quarantined { until } = self.standing
            && until <= now
        {
            self.standing = Standing::Trial { passed: 0 };
            self.trying = false;
        }
        match self.standing {
            Standing::Serving => Admitted::Call,
            Standing::Trial { .. } if !self.trying => {
                self.trying = true;
                Admitted::Trial { quarantine: self.quarantines }
            }
            Standing::Trial { .. } | Standing::Quarantined { .. } => Admitted::No,
        }
    }

    /// A call that was admitted went well.
    pub fn succeeded(&mut self, now: Instant, admitted: Admitted) {
        match (self.standing, admitted) {
            (Standing::Trial { passed }, Admitted::Trial { quarantine })
                if quarantine == self.quarantines =>
            {
                self.trying = false;
                self.standing = Standing::Trial { passed: passed + 1 };
                if self.rules.trials <= passed + 1 {
                    self.standing = Standing::Serving;
                    self.serving_since = Some(now);
                }
            }
            (Standing::Serving, _) if 0 < self.times => {
                let since = self.serving_since.unwrap_or(now);
                if self.rules.back_off_max <= now.saturating_since(since) {
                    self.times = 0;
                }
            }
            // A call from before the quarantine says nothing about what comes after it.
            _ => {}
        }
    }

    /// A call that was admitted failed, or its answer was found impossible afterwards.
    pub fn failed(&mut self, now: Instant, admitted: Admitted) {
        match (self.standing, admitted) {
            (Standing::Serving, _) if 0 < self.rules.failures => {
                while let Some(oldest) = self.failed_at.front()
                    && self.rules.window <= now.saturating_since(*oldest)
                {
                    self.failed_at.pop_front();
                }
                self.failed_at.push_back(now);
                if self.rules.failures as usize <= self.failed_at.len() {
                    self.quarantine(now);
                }
            }
            (Standing::Trial { .. }, Admitted::Trial { quarantine })
                if quarantine == self.quarantines =>
            {
                self.quarantine(now);
            }
            _ => {}
        }
    }

    /// The answer of a trial that had gone well was found impossible afterwards.
    pub fn rejected(&mut self, now: Instant) {
        match self.standing {
            Standing::Trial { .. } => self.quarantine(now),
            Standing::Serving | Standing::Quarantined { .. } => self.failed(now, Admitted::Call),
        }
    }

    /// A call that was admitted was broken off by the host: it says nothing.
    pub fn dropped(&mut self, admitted: Admitted) {
        if admitted == (Admitted::Trial { quarantine: self.quarantines }) {
            self.trying = false;
        }
    }

    /// The permit of a trial that begins now.
    #[cfg(test)]
    const fn current_trial(&self) -> Admitted {
        Admitted::Trial { quarantine: self.quarantines }
    }

    fn quarantine(&mut self, now: Instant) {
        let doubled = 1_u32.checked_shl(self.times.min(31)).unwrap_or(u32::MAX);
        let length = self.rules.back_off.saturating_mul(doubled).min(self.rules.back_off_max);
        self.times = self.times.saturating_add(1);
        self.quarantines += 1;
        self.failed_at.clear();
        self.trying = false;
        self.serving_since = None;
        self.standing = Standing::Quarantined { until: now + length };
    }
}

#[cfg(test)]
mod tests;
