//! What a replay is asked for.

use std::time::Duration;

use jackfield_core::Instant;
use jackfield_sim::replay::gate::Gate;
use jackfield_sim::replay::rerun::Span;
use serde::{Deserialize, Serialize};

use super::ReplayError;
use crate::rfc3339;

/// The most imputations: each costs two reruns of the whole time.
const IMPUTATIONS_MAX: u64 = 100;
/// The most contacts that are listed.
const MOST_MAX: usize = 1_000;
/// The longest time that is replayed at once, in days.
const DAYS_MAX: u64 = 31;

/// What a replay is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The first moment that is replayed (RFC 3339).
    pub from: String,
    /// The moment before which it ends.
    pub to: String,
    /// The candidate in stead of a router.
    #[serde(default)]
    pub router: Option<RouterOrder>,
    /// The candidate in stead of a flow.
    #[serde(default)]
    pub flow: Option<FlowOrder>,
    /// What the candidate must reach: `SL1 >= -0.5pp, abandon <= +0.2pp`.
    #[serde(default)]
    pub gate: Option<String>,
    /// T of the service levels, in milliseconds.
    #[serde(default = "within_ms")]
    pub within_ms: u64,
    /// Who abandons sooner is short, in milliseconds.
    #[serde(default = "short_abandon_ms")]
    pub short_abandon_ms: u64,
    /// How often what the record does not know is imputed, 1 to 100.
    #[serde(default = "imputations")]
    pub imputations: u64,
    /// The first imputation's seed.
    #[serde(default = "seed")]
    pub seed: u64,
    /// How many of the contacts that changed most are listed.
    #[serde(default = "most")]
    pub most: usize,
    /// One contact's story, and its other branch if there is a candidate.
    #[serde(default)]
    pub interaction: Option<String>,
    /// The step of that story from which all is decided anew.
    #[serde(default)]
    pub step: Option<usize>,
    /// Whether the decision log is returned.
    #[serde(default)]
    pub log: bool,
}

fn within_ms() -> u64 {
    20_000
}

fn short_abandon_ms() -> u64 {
    5_000
}

fn imputations() -> u64 {
    10
}

fn seed() -> u64 {
    1
}

fn most() -> usize {
    10
}

/// A candidate in stead of a router.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RouterOrder {
    /// The tenant's name for the router; `*` is every router.
    pub name: String,
    /// The candidate's digest, or its first characters; it is installed. Empty if it is a script.
    #[serde(default)]
    pub digest: String,
    /// The candidate as a script for the router interpreter; nothing is installed.
    #[serde(default)]
    pub script: Option<String>,
    /// Queues that are to have this router; none are those that have it already.
    #[serde(default)]
    pub queues: Vec<String>,
}

/// A candidate in stead of a flow.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FlowOrder {
    /// The flow.
    pub name: String,
    /// The script.
    pub script: String,
}

impl RouterOrder {
    /// The installed version of this digest in stead of the router `name`.
    pub fn installed(name: &str, digest: &str) -> Self {
        let (name, digest) = (name.to_owned(), digest.to_owned());
        Self { name, digest, script: None, queues: Vec::new() }
    }
}

impl Order {
    /// An order for this time and nothing else.
    pub fn of(from: String, to: String) -> Self {
        Self {
            from,
            to,
            router: None,
            flow: None,
            gate: None,
            within_ms: within_ms(),
            short_abandon_ms: short_abandon_ms(),
            imputations: imputations(),
            seed: seed(),
            most: most(),
            interaction: None,
            step: None,
            log: false,
        }
    }

    /// Whether something is to be other than it was.
    pub const fn has_candidate(&self) -> bool {
        self.router.is_some() || self.flow.is_some()
    }

    /// The time that is replayed.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Order`] names the key.
    pub fn span(&self) -> Result<Span, ReplayError> {
        let moment = |key: &'static str, text: &str| {
            let wanted = || format!("a moment such as `2026-11-27T00:00:00Z`, got `{text}`");
            rfc3339::parse(text).ok_or_else(|| ReplayError::order(key, wanted()))
        };
        let (from, to) = (moment("from", &self.from)?, moment("to", &self.to)?);
        if to <= from {
            return Err(ReplayError::order(
                "to",
                format!("a moment after `from`, got `{}`", self.to),
            ));
        }
        if DAYS_MAX * 86_400_000_000 < to - from {
            return Err(ReplayError::order("to", format!("at most {DAYS_MAX} days after `from`")));
        }
        Ok(Span { from: Instant::from_micros(from), until: Instant::from_micros(to - 1) })
    }

    /// The gate, if there is one, and the limits of numbers.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Order`] names the key.
    pub fn gate(&self) -> Result<Option<Gate>, ReplayError> {
        if self.imputations == 0 || IMPUTATIONS_MAX < self.imputations {
            let wanted = format!("1 to {IMPUTATIONS_MAX}, got {}", self.imputations);
            return Err(ReplayError::order("imputations", wanted));
        }
        if MOST_MAX < self.most {
            let wanted = format!("at most {MOST_MAX}, got {}", self.most);
            return Err(ReplayError::order("most", wanted));
        }
        let Some(text) = &self.gate else { return Ok(None) };
        if !self.has_candidate() {
            let wanted = "a candidate to be judged: give `router` or `flow`".to_owned();
            return Err(ReplayError::order("gate", wanted));
        }
        let gate = text.parse::<Gate>();
        gate.map(Some).map_err(|error| ReplayError::order("gate", error.to_string()))
    }

    /// T and s.
    pub const fn thresholds(&self) -> jackfield_sim::replay::compare::Thresholds {
        jackfield_sim::replay::compare::Thresholds {
            within: Duration::from_millis(self.within_ms),
            short_abandon: Duration::from_millis(self.short_abandon_ms),
        }
    }
}
