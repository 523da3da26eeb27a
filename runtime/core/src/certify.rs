//! Makes the certificate of a decision, at the moment it is made.

use crate::ask::Ask;
use crate::center::Center;
use crate::distribute::Fitness;
use crate::interaction::Stay;
use crate::queue::Turn;
use crate::table::AgentKey;
use crate::view::millis;
use crate::{AskId, Certificate, Considered, TieBreak};

/// Where counting candidates ends.
const COUNTED_MAX: usize = 512;

impl Center {
    /// Certifies the built-in rule's choice.
    pub(crate) fn certify(
        &self,
        stay: &Stay,
        chosen: AgentKey,
        ask: Option<AskId>,
    ) -> Box<Certificate> {
        let turns = &self.queues[stay.queue].turns;
        let channel = stay.need.channel;
        let most = self.limits.certificate_candidates as usize;
        // Nothing tells one from the other but the turn: there is no need to look at each.
        let all = stay.need.is_open() && stay.failed.is_empty() && self.asks.is_empty();
        let mut candidates = if all { turns.count(channel).min(COUNTED_MAX) } else { 0 };
        let mut considered: Vec<Considered> = Vec::with_capacity(most.min(turns.count(channel)));
        let (mut mine, mut next): (Option<&Turn>, Option<&Turn>) = (None, None);
        let wanted = match stay.failed.contains_key(&chosen) {
            true => Fitness::Again,
            false => Fitness::Fresh,
        };
        for turn in turns.of(channel) {
            let done = mine.is_some() && next.is_some() && most <= considered.len();
            if (all && done) || COUNTED_MAX < candidates {
                break;
            }
            let fitness = self.fitness(turn.agent, stay);
            let passed = match fitness {
                Fitness::Unable => continue,
                Fitness::Held => Some("held"),
                Fitness::Spared => Some("failed-before"),
                Fitness::Again if wanted == Fitness::Fresh => Some("failed-before"),
                Fitness::Again | Fitness::Fresh => None,
            };
            if !all && matches!(fitness, Fitness::Again | Fitness::Fresh) {
                candidates += 1;
            }
            if considered.len() < most {
                considered.push(self.considered(turn.agent, passed));
            }
            if turn.agent == chosen {
                mine = Some(turn);
                // Whoever is passed over, the one chosen is named.
                let full = most <= considered.len();
                if let Some(last) = considered.last_mut().filter(|_| full)
                    && last.agent != self.agents[chosen].id
                {
                    *last = self.considered(chosen, None);
                }
            } else if mine.is_some() && next.is_none() && fitness == wanted {
                next = Some(turn);
            }
        }
        let tie_break = match (mine, next) {
            (Some(mine), Some(next)) if mine.load != next.load => TieBreak::LeastLoaded,
            (Some(mine), Some(next)) if mine.since != next.since => TieBreak::LongestIdle,
            (Some(_), Some(_)) => TieBreak::Name,
            _ => TieBreak::OnlyOne,
        };
        Box::new(Certificate {
            ask,
            candidates: u32::try_from(candidates.min(COUNTED_MAX)).unwrap_or(u32::MAX),
            considered,
            step: stay.step,
            priority: stay.place.priority.0,
            tie_break,
        })
    }

    /// Certifies a router's choice; `named` are the agents in its order.
    pub(crate) fn certify_router(
        &self,
        id: AskId,
        ask: &Ask,
        named: &[AgentKey],
    ) -> Box<Certificate> {
        let most = self.limits.certificate_candidates as usize;
        let considered = named.iter().take(most).map(|agent| {
            let taken = (!self.is_free(*agent, ask.contact)).then_some("taken");
            self.considered(*agent, taken)
        });
        let stay = self.stay(ask.contact);
        Box::new(Certificate {
            ask: Some(id),
            candidates: u32::try_from(ask.candidates.len()).unwrap_or(u32::MAX),
            considered: considered.collect(),
            step: stay.map_or(0, |stay| stay.step),
            priority: stay.map_or(0, |stay| stay.place.priority.0),
            tie_break: match ask.candidates.len() {
                1 => TieBreak::OnlyOne,
                _ => TieBreak::Router,
            },
        })
    }

    fn considered(&self, key: AgentKey, passed: Option<&str>) -> Considered {
        let agent = &self.agents[key];
        Considered {
            agent: agent.id.clone(),
            idle_ms: millis(self.now - agent.idle_since),
            passed: passed.map(str::to_owned),
        }
    }
}
