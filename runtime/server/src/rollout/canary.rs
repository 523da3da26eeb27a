//! A canary's counts, and when they are bad enough to end it: pure, told of every contact's fate.

use std::collections::BTreeMap;

use jackfield_core::{InteractionId, Output, QueueEnd, Refusal};
use jackfield_figures::statistics::{Comparison, Trials};

use super::share::{Arm, Share, Subject};

/// Contacts whose fate is waited for; of more the oldest is not counted.
const OPEN_MAX: usize = 100_000;

/// When a canary is taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// The probability of taking a candidate back that is no worse than it may be.
    pub alpha: f64,
    /// Contacts of the candidate before anything is said.
    pub minimum: u64,
    /// How much worse the service level may be: 0.02 is two points.
    pub service_level: f64,
    /// How many more contacts may be abandoned.
    pub abandons: f64,
    /// How many more contacts may meet a failure of the plugin.
    pub failures: f64,
}

/// A contact whose fate is not known yet.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    candidate: bool,
    failed: bool,
    late: Option<bool>,
    abandoned: Option<bool>,
}

/// What one figure says.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// `service level`, `abandons`, `failures`.
    pub figure: &'static str,
    /// What is counted; of the service level, those in target.
    pub test: Comparison,
    /// Whether hits are good: those in target are kept as misses of those who were late.
    pub inverse: bool,
}

/// A canary at one moment.
#[derive(Debug)]
pub struct Canary {
    candidate: String,
    share: Share,
    rules: Rules,
    late: Comparison,
    abandons: Comparison,
    failures: Comparison,
    open: BTreeMap<InteractionId, Open>,
    /// Contacts that the candidate was chosen for.
    chosen: u64,
    /// Contacts that the active version was chosen for.
    others: u64,
    /// Whether each call counts by itself, and not what becomes of a contact.
    by_call: bool,
}

impl Canary {
    /// Begins with nothing counted.
    pub fn new(candidate: &str, share: Share, rules: Rules) -> Self {
        Self {
            candidate: candidate.to_owned(),
            share,
            late: Comparison::new(rules.service_level),
            abandons: Comparison::new(rules.abandons),
            failures: Comparison::new(rules.failures),
            rules,
            open: BTreeMap::new(),
            chosen: 0,
            others: 0,
            by_call: false,
        }
    }

    /// Counts calls, each by itself: of a plugin that leads no contact only its failures are its own.
    #[must_use]
    pub const fn by_call(mut self) -> Self {
        self.by_call = true;
        self
    }

    /// Which contacts it has.
    pub const fn share(&self) -> &Share {
        &self.share
    }

    /// Its rules.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Contacts so far: the candidate's, and the others.
    pub const fn contacts(&self) -> (u64, u64) {
        (self.chosen, self.others)
    }

    /// Whether the candidate has this contact, or this call where each counts by itself. A contact's fate is
    /// waited for from now on; how a call went is told by [`Self::answered`].
    pub fn assign(&mut self, subject: &Subject<'_>) -> bool {
        let arm = self.share.arm(&self.candidate, subject);
        let candidate = arm == Arm::Candidate;
        if self.by_call || arm == Arm::Outside || self.open.contains_key(&subject.interaction) {
            return candidate;
        }
        *(if candidate { &mut self.chosen } else { &mut self.others }) += 1;
        if OPEN_MAX <= self.open.len() {
            self.open.pop_first();
        }
        self.open.insert(subject.interaction, Open { candidate, ..Open::default() });
        candidate
    }

    /// Takes in how a call went that the version with this digest answered.
    pub fn answered(&mut self, digest: &str, subject: &Subject<'_>, failed: bool) {
        let candidate = digest == self.candidate;
        let arm = self.share.arm(&self.candidate, subject);
        // A call that began before the canary did, or that the other version took over, says nothing.
        if arm == Arm::Outside || candidate != (arm == Arm::Candidate) {
            return;
        }
        *(if candidate { &mut self.chosen } else { &mut self.others }) += 1;
        count(&mut self.failures, candidate, Some(failed));
    }

    /// The plugin failed a contact.
    pub fn failed(&mut self, interaction: InteractionId) {
        if let Some(open) = self.open.get_mut(&interaction) {
            open.failed = true;
        }
    }

    /// Takes in an output of the engine; says whether a contact was counted. Of a flow the `whole`
    /// contact counts, of a router one stay in a queue.
    pub fn observe(&mut self, output: &Output, whole: bool) -> bool {
        let (interaction, closed) = match output {
            Output::Connect { interaction, in_target, .. } => {
                self.note(*interaction, Some(!in_target), Some(false));
                (interaction, !whole)
            }
            Output::Abandoned { interaction, short, .. } => {
                // Whoever left sooner than counts says nothing of either.
                let counts = (!short).then_some(true);
                self.note(*interaction, counts, counts);
                (interaction, !whole)
            }
            Output::LeaveQueue { interaction, end, .. } => {
                // The others are no version's doing, or were counted when they were connected.
                if *end == QueueEnd::TimedOut {
                    self.note(*interaction, Some(true), Some(false));
                }
                (interaction, !whole)
            }
            Output::Closed { interaction, .. } => (interaction, true),
            Output::Refused { interaction, why: Refusal::TooManyInteractions { .. } } => {
                self.open.remove(interaction);
                return false;
            }
            _ => return false,
        };
        if !closed {
            return false;
        }
        let Some(open) = self.open.remove(interaction) else { return false };
        count(&mut self.failures, open.candidate, Some(open.failed));
        count(&mut self.late, open.candidate, open.late);
        count(&mut self.abandons, open.candidate, open.abandoned);
        true
    }

    /// The worst of several stays counts.
    fn note(&mut self, interaction: InteractionId, late: Option<bool>, abandoned: Option<bool>) {
        let Some(open) = self.open.get_mut(&interaction) else { return };
        let worse = |known: Option<bool>, new: Option<bool>| match (known, new) {
            (Some(known), Some(new)) => Some(known || new),
            (known, new) => known.or(new),
        };
        open.late = worse(open.late, late);
        open.abandoned = worse(open.abandoned, abandoned);
    }

    /// What the figures say now.
    pub fn standings(&self) -> Vec<Standing> {
        let failures = Standing { figure: "failures", test: self.failures, inverse: false };
        if self.by_call {
            return vec![failures];
        }
        let late = Standing { figure: "service level", test: self.late, inverse: true };
        let abandons = Standing { figure: "abandons", test: self.abandons, inverse: false };
        vec![late, abandons, failures]
    }

    /// Why the candidate is to be taken back, if it is.
    pub fn verdict(&self) -> Option<String> {
        if self.failures.candidate().count < self.rules.minimum {
            return None;
        }
        let level = self.level();
        let worse = self.standings().into_iter().filter(|standing| standing.test.is_worse(level));
        let surest = worse.min_by(|a, b| a.test.p_value().total_cmp(&b.test.p_value()))?;
        Some(surest.words(if self.by_call { "calls" } else { "contacts" }))
    }

    /// At which p-value of a figure the candidate is taken back: the probability of a false alarm is
    /// shared among the figures that are compared.
    pub fn level(&self) -> f64 {
        self.rules.alpha / self.standings().len() as f64
    }
}

fn count(test: &mut Comparison, candidate: bool, hit: Option<bool>) {
    match (hit, candidate) {
        (Some(hit), true) => test.add_candidate(hit),
        (Some(hit), false) => test.add_active(hit),
        (None, _) => {}
    }
}

impl Standing {
    /// The share of those who count, as people read the figure.
    pub fn share(&self, of: Trials) -> Option<f64> {
        of.share().map(|share| if self.inverse { 1.0 - share } else { share })
    }

    fn words(&self, counted: &str) -> String {
        let side = |of: Trials| {
            let percent = self.share(of).map_or(0.0, |share| 100.0 * share);
            format!("{percent:.1} % of {} {counted}", of.count)
        };
        format!(
            "{}: {} with the candidate, {} with the active version; worse by more than {:.1} points, p = {:.2e} at any time",
            self.figure,
            side(self.test.candidate()),
            side(self.test.active()),
            100.0 * self.test.tolerated(),
            self.test.p_value(),
        )
    }
}
