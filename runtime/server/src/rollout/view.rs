//! How a rollout stands, over the wire.

use std::collections::BTreeMap;

use serde::Serialize;

use super::canary::{Canary, Standing};
use super::drain::Draining;
use super::shadow::{Difference, Found};
use super::{Mode, Rollout, Share};
use crate::rfc3339;

/// A candidate beside the active version.
#[derive(Clone, Debug, Serialize)]
pub struct RolloutView {
    /// `canary` or `shadow`.
    pub mode: &'static str,
    /// The candidate's digest.
    pub candidate: String,
    /// The active version's.
    pub active: String,
    /// Since when.
    pub since: String,
    /// Who began it.
    pub by: String,
    /// Of a canary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryView>,
    /// Of a shadow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<ShadowView>,
}

/// What a canary has, and how it compares.
#[derive(Clone, Debug, Serialize)]
pub struct CanaryView {
    /// Which contacts: `10 % of queue sales`.
    pub share: String,
    /// Contacts that the candidate was chosen for.
    pub contacts: u64,
    /// Contacts of the active version at the same time.
    pub active_contacts: u64,
    /// Contacts of the candidate before anything is said.
    pub minimum: u64,
    /// A figure with this p-value or less takes the candidate back.
    pub p_value_limit: f64,
    /// The figures.
    pub figures: Vec<FigureView>,
}

/// One figure of a canary.
#[derive(Clone, Debug, Serialize)]
pub struct FigureView {
    /// `service level`, `abandons`, `failures`.
    pub figure: &'static str,
    /// The candidate's share, 0 to 1.
    pub candidate: Option<f64>,
    /// Of how many contacts.
    pub candidate_contacts: u64,
    /// The active version's share.
    pub active: Option<f64>,
    /// Of how many contacts.
    pub active_contacts: u64,
    /// By how much the candidate may be worse.
    pub tolerated: f64,
    /// The probability of figures as bad as this, ever, if the candidate is no worse than it may be.
    pub p_value: f64,
}

/// What a shadow has found.
#[derive(Clone, Debug, Serialize)]
pub struct ShadowView {
    /// Answers of the candidate.
    pub answered: u64,
    /// Those that were the active version's.
    pub agreed: u64,
    /// Those that were not.
    pub differed: u64,
    /// Failures by label.
    pub failures: BTreeMap<&'static str, u64>,
    /// Questions that it was not asked, for want of time.
    pub skipped: u64,
    /// The mean time of an answer.
    pub mean_micros: u64,
    /// The longest.
    pub longest_micros: u64,
    /// The mean time of the active version's answers to the same questions.
    pub active_mean_micros: u64,
    /// The latest differences, the newest first.
    pub differences: Vec<DifferenceView>,
}

/// Both answers to one question.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceView {
    /// When.
    pub at: String,
    /// Who: of a pacer the campaign.
    pub interaction: String,
    /// Where the contact waits, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// What was done.
    pub active: String,
    /// What the candidate would have done.
    pub candidate: String,
}

/// A version that was replaced and still leads contacts.
#[derive(Clone, Debug, Serialize)]
pub struct DrainView {
    /// Its digest.
    pub digest: String,
    /// The contacts it leads.
    pub sessions: u32,
    /// How long they may still take.
    pub seconds_left: f64,
}

/// A step of a rollout in the past.
#[derive(Clone, Debug, Serialize)]
pub struct StepView {
    /// When.
    pub at: String,
    /// `canary`, `shadow`, `promoted`, `rolled_back`, `ended`.
    pub what: String,
    /// The candidate's digest.
    pub candidate: String,
    /// The version besides, or afterwards.
    pub active: String,
    /// Which contacts the candidate had.
    pub share: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

impl RolloutView {
    pub(super) fn of(rollout: &Rollout) -> Self {
        let (mode, canary, shadow) = match &rollout.mode {
            Mode::Canary(canary, _) => ("canary", Some(CanaryView::of(canary)), None),
            Mode::Shadow(shadow) => ("shadow", None, Some(ShadowView::of(shadow.found()))),
        };
        Self {
            mode,
            candidate: rollout.candidate.clone(),
            active: rollout.active.clone(),
            since: rfc3339::format(rollout.since),
            by: rollout.by.clone(),
            canary,
            shadow,
        }
    }
}

impl CanaryView {
    fn of(canary: &Canary) -> Self {
        let (contacts, active_contacts) = canary.contacts();
        Self {
            share: canary.share().words(),
            contacts,
            active_contacts,
            minimum: canary.rules().minimum,
            p_value_limit: canary.level(),
            figures: canary.standings().iter().map(FigureView::of).collect(),
        }
    }
}

impl FigureView {
    fn of(standing: &Standing) -> Self {
        let (candidate, active) = (standing.test.candidate(), standing.test.active());
        Self {
            figure: standing.figure,
            candidate: standing.share(candidate),
            candidate_contacts: candidate.count,
            active: standing.share(active),
            active_contacts: active.count,
            tolerated: standing.test.tolerated(),
            p_value: standing.test.p_value(),
        }
    }
}

impl ShadowView {
    fn of(found: Found) -> Self {
        let asked = found.answered + found.failures.values().sum::<u64>();
        let mean = |time: std::time::Duration| {
            let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            micros.checked_div(asked).unwrap_or(0)
        };
        let shown = |one: Difference| DifferenceView {
            at: rfc3339::format(one.at),
            interaction: one.about,
            queue: one.queue,
            active: one.active,
            candidate: one.candidate,
        };
        Self {
            answered: found.answered,
            agreed: found.agreed,
            differed: found.differed,
            mean_micros: mean(found.time),
            longest_micros: u64::try_from(found.longest.as_micros()).unwrap_or(u64::MAX),
            active_mean_micros: mean(found.active_time),
            failures: found.failures,
            skipped: found.skipped,
            differences: found.differences.into_iter().rev().map(shown).collect(),
        }
    }
}

impl DrainView {
    /// Shows one.
    pub fn of(draining: &Draining) -> Self {
        Self {
            digest: draining.digest.clone(),
            sessions: draining.sessions,
            seconds_left: draining.left.as_secs_f64(),
        }
    }
}

impl StepView {
    /// Shows one.
    pub fn of(step: jackfield_store::RolloutStep) -> Self {
        // A beginning is kept so that it can be begun again.
        let share = serde_json::from_str::<Share>(&step.share).map(|share| share.words());
        Self {
            at: rfc3339::format(step.at_micros),
            what: step.what,
            candidate: step.candidate,
            active: step.active,
            share: share.unwrap_or(step.share),
            reason: step.reason,
            by: step.by,
        }
    }
}
