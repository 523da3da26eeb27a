//! Blends: staff who serve calls leave deferred work alone while calls wait, with hysteresis.

use crate::agent::Agent;
use crate::center::Center;
use crate::table::{AgentKey, QueueKey};
use crate::timer::Timer;
use crate::{Blend, CenterConfig, Instant, Output, QueueId};

/// One rule at work.
#[derive(Debug)]
pub(crate) struct BlendState {
    pub(crate) name: String,
    rule: Blend,
    calls: Vec<QueueKey>,
    deferred: Vec<QueueKey>,
    pub(crate) peak: bool,
    /// Since when so few have waited that the peak may end.
    calm_since: Option<Instant>,
}

impl Center {
    /// Takes over the rules; one of a known name goes on where it is.
    pub(crate) fn configure_blends(&mut self, config: &CenterConfig) {
        let old = std::mem::take(&mut self.blends);
        for number in 0..old.len() {
            self.timers.cancel(&Timer::Blend(number));
        }
        let keys = |names: &[QueueId]| -> Vec<QueueKey> {
            names.iter().filter_map(|name| self.queues.key(name)).collect()
        };
        let made = config.blends.iter().map(|(name, rule)| {
            let known = old.iter().find(|blend| blend.name == *name);
            BlendState {
                name: name.clone(),
                rule: rule.clone(),
                calls: keys(&rule.calls),
                deferred: keys(&rule.deferred),
                peak: known.is_some_and(|blend| blend.peak),
                calm_since: known.and_then(|blend| blend.calm_since),
            }
        });
        self.blends = made.collect();
        self.blends_moved = (0..self.blends.len()).collect();
    }

    /// Returns whether a peak keeps the agent from the queue.
    pub(crate) fn is_blended_out(&self, agent: &Agent, queue: QueueKey) -> bool {
        self.blending(agent, queue).is_some()
    }

    /// Returns the blend in its peak that keeps the agent from the queue.
    pub(crate) fn blending(&self, agent: &Agent, queue: QueueKey) -> Option<&BlendState> {
        self.blends.iter().find(|blend| {
            let serves_calls =
                || agent.queues.iter().any(|member| blend.calls.contains(&member.queue));
            blend.peak && blend.deferred.contains(&queue) && serves_calls()
        })
    }

    /// The number of those who wait in a queue may be another one.
    pub(crate) fn blend_moved(&mut self, queue: QueueKey) {
        for (number, blend) in self.blends.iter().enumerate() {
            if blend.calls.contains(&queue) {
                self.blends_moved.insert(number);
            }
        }
    }

    pub(crate) fn blend_is_due(&mut self, number: usize) {
        self.blends_moved.insert(number);
    }

    /// Begins and ends peaks; returns whether one did.
    pub(crate) fn look_at_blends(&mut self) -> bool {
        let mut changed = false;
        while let Some(number) = self.blends_moved.pop_first() {
            changed |= self.look_at_blend(number);
        }
        changed
    }

    fn look_at_blend(&mut self, number: usize) -> bool {
        let now = self.now;
        let Some(blend) = self.blends.get_mut(number) else { return false };
        let queues = blend.calls.iter().map(|key| &self.queues[*key]);
        let waiting: u32 = queues.clone().map(|queue| queue.idle_contacts()).sum();
        let longest = queues.filter_map(|queue| queue.longest()).min().filter(|_| 0 < waiting);
        let too_long = longest.map(|joined| joined + blend.rule.peak_wait);
        let is_busy =
            blend.rule.peak_waiting.max(1) <= waiting || too_long.is_some_and(|at| at <= now);
        let calm = waiting <= blend.rule.calm_waiting && !is_busy;
        blend.calm_since = if calm { blend.calm_since.or(Some(now)) } else { None };
        let calm_at = blend.calm_since.map(|since| since + blend.rule.calm_for);
        let peak = is_busy || (blend.peak && calm_at.is_none_or(|at| now < at));
        let due = if peak { calm_at } else { too_long };
        match due.filter(|at| now < *at) {
            Some(at) => self.timers.set(Timer::Blend(number), at),
            None => self.timers.cancel(&Timer::Blend(number)),
        }
        if blend.peak == peak {
            return false;
        }
        blend.peak = peak;
        let (name, deferred) = (blend.name.clone(), blend.deferred.clone());
        self.push(Output::BlendChanged { blend: name, peak });
        for queue in deferred {
            let agents: Vec<AgentKey> = self.queues[queue].agents.clone();
            for agent in agents {
                self.relist(agent);
            }
        }
        true
    }
}
