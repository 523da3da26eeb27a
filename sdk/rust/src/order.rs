//! Putting candidates into an order, and drawing lots that fall the same way in every replay.
//!
//! Strict tiers are tuples, compared place by place: no weight, however great, can let a later place
//! outdo an earlier one.

use std::cmp::Reverse;

use crate::SkillLevel;
use crate::router::{Answer, Ask, Candidate, Waiting};
use crate::settings::attribute;

impl Ask {
    /// The candidates by a key, least first; equals longest idle first, then by name.
    pub fn by_key<K: Ord>(&self, key: impl Fn(&Candidate) -> K) -> Vec<&Candidate> {
        let mut all: Vec<_> = self.candidates.iter().collect();
        all.sort_by_cached_key(|one| (key(one), Reverse(one.idle_ms), &one.agent));
        all
    }

    /// The candidates by name: an order that no event changes.
    pub fn by_name(&self) -> Vec<&Candidate> {
        let mut all: Vec<_> = self.candidates.iter().collect();
        all.sort_by_key(|one| &one.agent);
        all
    }

    /// Lots that are the same for the same ask in every replay.
    pub fn lots(&self) -> Lots {
        Lots { state: self.seed.into() }
    }
}

impl Waiting {
    /// The value of an attribute; none if there is none or it is empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name)
    }
}

impl Candidate {
    /// The value of an attribute; none if there is none or it is empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name)
    }

    /// The level of a skill, 0 without it.
    pub fn skill(&self, name: &str) -> u32 {
        self.skills.iter().find(|has| has.name == name).map_or(0, |has| has.level.into())
    }

    /// Tells whether the agent has all of these skills at their levels.
    pub fn masters(&self, levels: &[SkillLevel]) -> bool {
        levels.iter().all(|wanted| u32::from(wanted.level) <= self.skill(&wanted.name))
    }

    /// The agent's own rank of a queue, lower is earlier; none if the agent has not ranked it.
    pub fn rank(&self, queue: &str) -> Option<u8> {
        self.ranks.iter().find(|ranked| ranked.queue == queue).map(|ranked| ranked.rank)
    }
}

impl Answer {
    /// Offers the contact to the first of these candidates who is still free.
    pub fn offer_to<'a>(candidates: impl IntoIterator<Item = &'a Candidate>) -> Self {
        Self::offer(names(candidates))
    }

    /// Says what each of these candidates was worth, in their order. More is better; what counts
    /// against an agent is subtracted from 0.0.
    #[must_use]
    pub fn score_each(self, order: &[&Candidate], worth: impl Fn(&Candidate) -> f64) -> Self {
        order.iter().fold(self, |answer, one| answer.score(&one.agent, worth(one)))
    }
}

/// The names of these candidates.
pub fn names<'a>(candidates: impl IntoIterator<Item = &'a Candidate>) -> Vec<String> {
    candidates.into_iter().map(|one| one.agent.clone()).collect()
}

/// A generator of equally likely numbers: splitmix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub struct Lots {
    state: u64,
}

impl Lots {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, `end`; 0 if `end` is 0. The high half of a product of
    /// 128 bits (Lemire, 2019): uneven by less than `end` in 2⁶⁴.
    pub fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}
