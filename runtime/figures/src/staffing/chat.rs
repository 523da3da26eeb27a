//! Chat: an agent holds several conversations at once, and each then takes longer.
//!
//! The handle time is a measured function of the number of conversations, AHT(k). An agent with k of
//! them finishes r(k) = k / AHT(k) per second, which is less than k agents would, and at some k may
//! begin to fall. To take `a / k` for the number of agents presumes that AHT does not depend on k.
//!
//! The queue is a birth-death process: a conversation goes to the agent with the fewest, so that n
//! conversations are spread evenly, and one that finds all agents at their limit K waits. Then all
//! finish c·r(K) per second together, and the wait is exponential, as in Erlang C, which this is
//! for K = 1 and for AHT(k) = AHT. That agents who fall behind are evened out at once is the one
//! simplification.

use super::required::Target;
use super::{AGENTS_MAX, Load, StaffingError, seconds};

/// The most conversations of one agent.
pub const CONCURRENCY_MAX: usize = 20;

/// How long a conversation takes, by how many its agent holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatHandling {
    /// AHT(1), AHT(2), … AHT(K), in seconds.
    handle_seconds: Vec<f64>,
}

/// The figures of a number of agents who chat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChatStaffing {
    /// How many agents.
    pub agents: u32,
    /// The share of conversations that are begun within T, 0.0 to 1.0.
    pub service_level: f64,
    /// The mean wait, in seconds; `None` if more arrive than can be finished.
    pub asa_seconds: Option<f64>,
    /// The share of conversations that find all agents at their limit.
    pub p_wait: f64,
    /// The mean number of conversations of an agent.
    pub concurrency: f64,
    /// The share of all slots (agents × limit) that is in use.
    pub slot_occupancy: f64,
    /// The share of the agents' time in which they have at least one conversation.
    pub occupancy: f64,
}

impl ChatHandling {
    /// Takes AHT(1), AHT(2), … up to the limit of one agent, in seconds, as measured.
    ///
    /// # Errors
    ///
    /// [`StaffingError`] of no time or more than [`CONCURRENCY_MAX`], or one that is not positive.
    pub fn new(handle_seconds: &[f64]) -> Result<Self, StaffingError> {
        for &time in handle_seconds {
            seconds("aht", time)?;
        }
        if handle_seconds.is_empty() || CONCURRENCY_MAX < handle_seconds.len() {
            let got = handle_seconds.len() as f64;
            let accepted = "1 to 20 handle times, one for each concurrency";
            return Err(StaffingError::out_of_range("concurrency", accepted, got));
        }
        Ok(Self { handle_seconds: handle_seconds.to_vec() })
    }

    /// K: the most conversations of one agent.
    pub fn limit(&self) -> usize {
        self.handle_seconds.len()
    }

    /// r(k): conversations that an agent who holds `concurrency` of them finishes per second.
    pub fn rate(&self, concurrency: usize) -> f64 {
        let measured = concurrency.checked_sub(1).and_then(|at| self.handle_seconds.get(at));
        measured.map_or(0.0, |handle| concurrency as f64 / handle)
    }

    /// The concurrency at which an agent finishes the most, the lower of equals: more than that is
    /// slower for customers and no faster for the centre.
    pub fn most_productive(&self) -> usize {
        let better = |best: usize, k: usize| if self.rate(best) < self.rate(k) { k } else { best };
        (1..=self.limit()).fold(1, better)
    }

    /// The figures of `agents` to whom `arrivals_per_second` conversations come.
    ///
    /// # Errors
    ///
    /// [`StaffingError::OutOfRange`] of no agents, more than [`AGENTS_MAX`], or a rate or a T that
    /// makes no sense.
    pub fn staffing(
        &self,
        arrivals_per_second: f64,
        agents: u32,
        within_seconds: f64,
    ) -> Result<ChatStaffing, StaffingError> {
        Load::of_rate(arrivals_per_second, self.handle_seconds.first().copied().unwrap_or(0.0))?;
        super::agents_in_range(f64::from(agents))?;
        super::seconds_or_none("within", within_seconds)?;
        let rate_at_limit = f64::from(agents) * self.rate(self.limit());
        let slots = f64::from(agents) * self.limit() as f64;
        if rate_at_limit <= arrivals_per_second {
            return Ok(ChatStaffing {
                agents,
                service_level: 0.0,
                asa_seconds: None,
                p_wait: 1.0,
                concurrency: self.limit() as f64,
                slot_occupancy: 1.0,
                occupancy: 1.0,
            });
        }
        let spare = rate_at_limit - arrivals_per_second;
        let states = self.states(arrivals_per_second, agents);
        // The states in which conversations wait weigh ρ, ρ², … of the one before.
        let weight = 1.0 / (states.below + states.full * rate_at_limit / spare);
        let p_wait = weight * states.full * rate_at_limit / spare;
        // Waiting conversations are not in a slot: those states count as just full.
        let in_slots = weight * states.conversations + p_wait * slots;
        let busy = weight * states.busy_agents + p_wait * f64::from(agents);
        Ok(ChatStaffing {
            agents,
            service_level: 1.0 - p_wait * libm::exp(-spare * within_seconds),
            asa_seconds: Some(p_wait / spare),
            p_wait,
            concurrency: in_slots / f64::from(agents),
            slot_occupancy: in_slots / slots,
            occupancy: busy / f64::from(agents),
        })
    }

    /// Finds the fewest agents that meet `target`, of which the service level, the occupancy (of
    /// agents) and the ASA are looked at.
    ///
    /// # Errors
    ///
    /// [`StaffingError`] as [`ChatHandling::staffing`], or [`StaffingError::Unreachable`].
    pub fn smallest_agents(
        &self,
        arrivals_per_second: f64,
        target: &Target,
    ) -> Result<ChatStaffing, StaffingError> {
        let at = |agents: u32| self.staffing(arrivals_per_second, agents, target.within_seconds);
        let met = |figures: &ChatStaffing| {
            let asa = figures.asa_seconds.unwrap_or(f64::INFINITY);
            target.service_level.is_none_or(|share| share <= figures.service_level)
                && target.occupancy_max.is_none_or(|most| figures.occupancy <= most)
                && target.asa_seconds_max.is_none_or(|most| asa <= most)
                && figures.asa_seconds.is_some()
        };
        let (mut few, mut enough) = (0, 1);
        while !met(&at(enough)?) {
            if enough == AGENTS_MAX {
                return Err(StaffingError::Unreachable { what: "the target" });
            }
            (few, enough) = (enough, (enough * 2).min(AGENTS_MAX));
        }
        while 1 < enough - few {
            let middle = few + (enough - few) / 2;
            if met(&at(middle)?) {
                enough = middle;
            } else {
                few = middle;
            }
        }
        at(enough)
    }

    /// Walks the states up to all slots in use. Weights are relative to the last state, and shrunk
    /// together when they grow large, so that nothing overflows.
    fn states(&self, arrivals: f64, agents: u32) -> States {
        let slots = u64::from(agents) * self.limit() as u64;
        let mut states = States { full: 1.0, below: 0.0, conversations: 0.0, busy_agents: 0.0 };
        for held in 1..=slots {
            // `each` conversations are with every agent, one more is with `rest` of them.
            let each = ((held / u64::from(agents)) as usize, (held % u64::from(agents)) as f64);
            let finished =
                each.1 * self.rate(each.0 + 1) + (f64::from(agents) - each.1) * self.rate(each.0);
            // This state takes over the weight of the one before, whose weight and all others grow
            // by finished / arrivals.
            let scale = finished / arrivals;
            let (before, weight) = ((held - 1) as f64, states.full);
            let busy = before.min(f64::from(agents));
            states.conversations = (states.conversations + weight * before) * scale;
            states.busy_agents = (states.busy_agents + weight * busy) * scale;
            states.below = (states.below + weight) * scale;
            if 1e250 < states.below {
                // Far more likely than all beyond: keep the proportions, in reach of a number.
                states.shrink();
            }
        }
        states
    }
}

/// Sums over the states in which a slot is free, and the weight of the first in which none is.
struct States {
    full: f64,
    below: f64,
    conversations: f64,
    busy_agents: f64,
}

impl States {
    fn shrink(&mut self) {
        for weight in
            [&mut self.full, &mut self.below, &mut self.conversations, &mut self.busy_agents]
        {
            *weight *= 1e-200;
        }
    }
}

#[cfg(test)]
mod tests;
