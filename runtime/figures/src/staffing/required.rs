//! The smallest number of agents that is enough.

use super::{
    AGENTS_MAX, Load, Model, Staffing, StaffingError, proper_share, seconds, seconds_or_none,
};

/// A limit is met if it is missed by no more than this: 8 agents under 6.8 erlangs are 85 % busy,
/// although 6.8 / 8 is a little more in binary.
const SLACK: f64 = 1e-12;

/// What the agents must achieve; at least one of the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Target {
    /// The time T of the service level, in seconds.
    pub within_seconds: f64,
    /// The least share of all callers who are served within T.
    pub service_level: Option<f64>,
    /// The greatest share of the agents' time that is spent on calls.
    pub occupancy_max: Option<f64>,
    /// The greatest mean wait of the callers who are served, in seconds.
    pub asa_seconds_max: Option<f64>,
    /// The greatest share of callers who give up (Erlang A and X).
    pub abandon_max: Option<f64>,
}

impl Target {
    /// The customary form: `share` of the callers served within `seconds`, such as 0.8 within 20.0.
    pub fn served_within(share: f64, seconds: f64) -> Self {
        Self { within_seconds: seconds, service_level: Some(share), ..Self::default() }
    }

    fn check(&self, model: Model) -> Result<(), StaffingError> {
        seconds_or_none("within", self.within_seconds)?;
        let shares = [
            ("target", self.service_level),
            ("max-occupancy", self.occupancy_max),
            ("max-abandon", self.abandon_max),
        ];
        for (what, share) in shares {
            share.map(|share| proper_share(what, share)).transpose()?;
        }
        self.asa_seconds_max.map(|asa| seconds("max-asa", asa)).transpose()?;
        let impatient = matches!(model, Model::ErlangA { .. } | Model::ErlangX { .. });
        if self.abandon_max.is_some() && !impatient {
            return Err(StaffingError::Unreachable { what: "max-abandon: nobody gives up here" });
        }
        if self.asa_seconds_max.is_some() && model == Model::ErlangB {
            return Err(StaffingError::Unreachable { what: "max-asa: nobody waits here" });
        }
        Ok(())
    }

    /// Whether the figures keep within all limits. An unstable queue keeps within none.
    pub fn is_met(&self, figures: &Staffing) -> bool {
        let most = |limit: Option<f64>, got: Option<f64>| match (limit, got) {
            (None, _) => true,
            (Some(limit), Some(got)) => got <= limit + SLACK * limit.max(1.0),
            (Some(_), None) => false,
        };
        let served = self.service_level.is_none_or(|share| share - SLACK <= figures.service_level);
        figures.stable
            && served
            && most(self.occupancy_max, Some(figures.occupancy))
            && most(self.asa_seconds_max, figures.asa_seconds)
            && most(self.abandon_max, figures.p_abandon)
    }
}

/// Finds the smallest whole number of agents that meets `target`, and returns its figures.
///
/// All limits grow easier with each agent, so that the search may double and halve.
///
/// # Errors
///
/// [`StaffingError::OutOfRange`] for numbers that make no sense, [`StaffingError::Unreachable`] if
/// even [`AGENTS_MAX`] agents are too few.
pub fn smallest_agents(
    model: Model,
    load: &Load,
    target: &Target,
) -> Result<Staffing, StaffingError> {
    target.check(model)?;
    let at = |agents: u32| Staffing::of(model, load, f64::from(agents), target.within_seconds);
    // `enough` meets the target, `few` does not (0 agents meet nothing).
    let mut few = 0;
    let mut enough = 1;
    let mut best = at(enough)?;
    while !target.is_met(&best) {
        if enough == AGENTS_MAX {
            return Err(StaffingError::Unreachable { what: "the target" });
        }
        few = enough;
        enough = (enough * 2).min(AGENTS_MAX);
        best = at(enough)?;
    }
    while 1 < enough - few {
        let middle = few + (enough - few) / 2;
        let figures = at(middle)?;
        if target.is_met(&figures) {
            (enough, best) = (middle, figures);
        } else {
            few = middle;
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests;
