//! What routers and wallboards are shown of contacts, agents and queues.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::center::Center;
use crate::interaction::Stay;
use crate::need;
use crate::table::{AgentKey, QueueKey};
use crate::{AgentState, Candidate, Proficiency, QueueView, SkillLevel, WaitingView};

/// How many other queues a router is shown.
const OTHERS_MAX: usize = 16;

impl Center {
    pub(crate) fn waiting_view(&self, stay: &Stay) -> WaitingView {
        let queue = &self.queues[stay.queue];
        let required = need::required(&stay.options, &queue.config, stay.step);
        let required = required.into_iter().filter_map(|(name, level)| {
            Some(SkillLevel { name: name.to_owned(), level: Proficiency::new(level)? })
        });
        WaitingView {
            id: stay.place.interaction,
            channel: stay.need.channel,
            queue: queue.id.clone(),
            waited_ms: millis(self.now - stay.joined),
            priority: stay.place.priority.0,
            required: required.collect(),
            preferred: stay.options.preferred.clone(),
            attributes: stay.options.attributes.clone(),
            step: stay.step,
            history: stay.options.history.clone(),
        }
    }

    pub(crate) fn candidate(&self, stay: &Stay, key: AgentKey) -> Candidate {
        let agent = &self.agents[key];
        Candidate {
            agent: agent.id.clone(),
            level: agent.level_in(stay.queue),
            skills: agent.config.skills.clone(),
            idle_ms: millis(self.now - agent.idle_since),
            contacts: agent.contacts,
            talk_seconds: u32::try_from(agent.talk.as_secs()).unwrap_or(u32::MAX),
            load: agent.whole_load(),
            ranks: agent.config.ranks.clone(),
            attributes: agent.config.attributes.clone(),
        }
    }

    /// Returns the queue as a router and a wallboard see it. It costs no look at its contacts.
    pub(crate) fn queue_view(&self, key: QueueKey) -> QueueView {
        let queue = &self.queues[key];
        let busy = [AgentState::Reserved, AgentState::Busy, AgentState::AfterCallWork];
        let (counted, service_level) = queue.recent.level(self.now);
        QueueView {
            queue: queue.id.clone(),
            waiting: u32::try_from(queue.line.len()).unwrap_or(u32::MAX),
            longest_wait_ms: queue.longest().map_or(0, |joined| millis(self.now - joined)),
            agents_ready: queue.in_state(&AgentState::Ready),
            agents_busy: busy.iter().map(|state| queue.in_state(state)).sum(),
            counted,
            service_level,
            target_share: queue.config.service_level.share,
            target_within_ms: millis(queue.config.service_level.within),
            last_offered: queue.last_offered.clone(),
            attributes: queue.config.attributes.clone(),
        }
    }

    /// Returns the other queues that the candidates serve, by name.
    pub(crate) fn other_queues(&self, key: QueueKey, candidates: &[AgentKey]) -> Vec<QueueView> {
        let members = candidates.iter().flat_map(|agent| &self.agents[*agent].queues);
        let others = members.map(|member| member.queue).filter(|other| *other != key);
        let others: BTreeSet<QueueKey> = others.collect();
        let mut others: Vec<QueueKey> =
            others.into_iter().filter(|other| !self.queues[*other].closing).collect();
        others.sort_by(|left, right| self.queues[*left].id.cmp(&self.queues[*right].id));
        others.into_iter().take(OTHERS_MAX).map(|other| self.queue_view(other)).collect()
    }
}

pub(crate) fn millis(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}

/// One division of two exact numbers: a decimal with six places reads back to the same bits.
pub(crate) fn seconds(span: Duration) -> f64 {
    span.as_micros() as f64 / 1e6
}

/// The share of a part in a whole, to six places for the same reason: what is written in the journal
/// reads back to the same bits. Nothing of nothing is 0.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    let millionths = (part * 1_000_000 + whole / 2) / whole.max(1);
    millionths as f64 / 1e6
}
