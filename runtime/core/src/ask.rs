//! Questions to router plugins. No decision waits for one longer than its deadline.

use std::time::Duration;

use crate::center::Center;
use crate::interaction::Stay;
use crate::queue::{Place, Queue};
use crate::timer::Timer;
use crate::{
    AgentId, AgentState, AskId, Candidate, InteractionId, Output, PluginFailure, QueueId,
    QueueView, RoutedBy, RoutingAnswer, RoutingAsk, RoutingDecision, WaitingView,
};

/// The least time between a router's "nobody yet" and the next question about the same contact.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// The longest time a router may leave a contact waiting without being asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A question that is open.
#[derive(Debug)]
pub(crate) struct Ask {
    queue: QueueId,
    pub(crate) place: Place,
    candidates: Vec<AgentId>,
    /// The longest idle candidate: not given to contacts with a worse place meanwhile.
    pub(crate) held: AgentId,
    /// How often an agent had become ready when it was asked.
    readied: u64,
}

#[cfg(test)]
impl Ask {
    pub(crate) fn queue(&self) -> &QueueId {
        &self.queue
    }
}

impl Center {
    /// Asks the queue's router about the contact at `place`, in stead of a worse place.
    pub(crate) fn ask(&mut self, name: &QueueId, place: Place, router: String) {
        if let Some(open) = self.queues.get(name).and_then(|queue| queue.ask) {
            self.drop_ask(open);
        }
        let Some(queue) = self.queues.get(name) else { return };
        let Some(stay) = self.stay(place.interaction) else { return };
        // A limit of zero would mean that nobody is ever asked.
        let most = self.limits.router_candidates.max(1) as usize;
        let candidates = self.candidates(queue, stay, most);
        let Some(held) = candidates.first().cloned() else { return };
        let ask = AskId(self.last_ask + 1);
        let request = RoutingAsk {
            contact: self.waiting_view(stay),
            candidates: candidates.iter().filter_map(|id| self.candidate(name, id)).collect(),
            queue: self.queue_view(name, queue),
            others: Vec::new(),
            now_seconds: seconds(self.now - self.started.unwrap_or(self.now)),
            seed: seed(ask, place.interaction),
        };
        let deadline = self.now + self.limits.router_deadline;
        let readied = queue.readied;
        self.last_ask += 1;
        self.timers.set(Timer::Ask(ask), deadline);
        self.asks.insert(ask, Ask { queue: name.clone(), place, candidates, held, readied });
        if let Some(queue) = self.queues.get_mut(name) {
            queue.ask = Some(ask);
        }
        let request = Box::new(request);
        self.push(Output::AskRouter { ask, router, deadline, request });
    }

    pub(crate) fn router_replied(&mut self, id: AskId, answer: RoutingAnswer, plugin: String) {
        let Some(ask) = self.drop_ask(id) else { return };
        let interaction = ask.place.interaction;
        let names = match answer.decision {
            RoutingDecision::WaitMs(wait) => {
                self.pause(&ask, Duration::from_millis(wait.into()));
                return;
            }
            RoutingDecision::Offer(names)
            | RoutingDecision::OfferAll(names)
            | RoutingDecision::OfferProgressive { agents: names, .. } => names,
            RoutingDecision::MoveTo(_) | RoutingDecision::SetPriority(_) => Vec::new(),
        };
        let known = |name: &String| ask.candidates.iter().find(|agent| agent.as_str() == name);
        if let Some(stranger) = names.iter().find(|name| known(name).is_none()) {
            let shown: String = stranger.chars().take(64).collect();
            let failure = PluginFailure::BadReply(format!("`{shown}` is no candidate"));
            self.fall_back(id, ask, failure, plugin);
        } else if names.is_empty() {
            let failure = PluginFailure::BadReply("the list of agents is empty".to_owned());
            self.fall_back(id, ask, failure, plugin);
        } else {
            let agent = names.iter().filter_map(known).find(|id| self.is_free(id, &ask)).cloned();
            // Otherwise all were taken meanwhile: nobody's fault, and the router is asked again.
            if let Some(agent) = agent {
                self.offer(interaction, &agent, RoutedBy::Plugin(plugin), answer.because);
            }
        }
    }

    pub(crate) fn router_failed(&mut self, id: AskId, failure: PluginFailure, plugin: String) {
        let Some(ask) = self.drop_ask(id) else { return };
        self.fall_back(id, ask, failure, plugin);
    }

    /// The router gave no usable answer: the built-in rule decides at once.
    fn fall_back(&mut self, id: AskId, ask: Ask, failure: PluginFailure, plugin: String) {
        self.push(Output::RouterFailed { ask: id, queue: ask.queue, failure, plugin });
        self.decide(ask.place.interaction, RoutedBy::Fallback);
    }

    /// Returns whether an agent who was a candidate still is one.
    fn is_free(&self, id: &AgentId, ask: &Ask) -> bool {
        let Some(queue) = self.queues.get(&ask.queue) else { return false };
        let Some(stay) = self.stay(ask.place.interaction) else { return false };
        let since = self.agents.get(id).map(|agent| agent.idle_since);
        since.is_some_and(|since| queue.ready.contains(&(since, id.clone())))
            && self.may_serve(id, stay)
    }

    /// Ends a question. Whoever was held back for it, and its queue, are looked at again.
    pub(crate) fn drop_ask(&mut self, id: AskId) -> Option<Ask> {
        let ask = self.asks.remove(&id)?;
        self.timers.cancel(&Timer::Ask(id));
        if let Some(queue) = self.queues.get_mut(&ask.queue) {
            queue.ask = None;
        }
        self.dirty.insert(ask.queue.clone());
        if let Some(agent) = self.agents.get(&ask.held) {
            self.dirty.extend(agent.config.queues.keys().cloned());
        }
        Some(ask)
    }

    /// Leaves a contact waiting because its router wants it so.
    fn pause(&mut self, ask: &Ask, wait: Duration) {
        let id = ask.place.interaction;
        let Some(need) = self.stay(id).map(|stay| stay.need.clone()) else { return };
        let Some(queue) = self.queues.get_mut(&ask.queue) else { return };
        // Somebody became ready whom the router has not seen: it is asked again at once.
        if queue.readied != ask.readied {
            return;
        }
        queue.stop_waiting(&need, &ask.place);
        queue.paused.insert(ask.place);
        self.timers.set(Timer::Pause(id), self.now + wait.clamp(LEAST_PAUSE, LONGEST_PAUSE));
    }

    /// Ends the pause of a contact, because it is over or somebody became ready.
    pub(crate) fn resume(&mut self, id: InteractionId) {
        self.timers.cancel(&Timer::Pause(id));
        let Some(stay) = self.stay(id) else { return };
        let (name, place, need) = (stay.queue.clone(), stay.place, stay.need.clone());
        let Some(queue) = self.queues.get_mut(&name) else { return };
        if queue.paused.remove(&place) {
            queue.wait(&need, place);
            self.dirty.insert(name);
        }
    }

    fn waiting_view(&self, stay: &Stay) -> WaitingView {
        let id = stay.place.interaction;
        let contact = self.interactions.get(&id);
        WaitingView {
            id,
            channel: contact.map(|contact| contact.channel).unwrap_or_default(),
            queue: stay.queue.clone(),
            waited_ms: millis(self.now - stay.joined),
            priority: stay.options.priority,
            required: stay.options.required.clone(),
            preferred: stay.options.preferred.clone(),
            attributes: stay.options.attributes.clone(),
            step: 0,
            history: stay.options.history.clone(),
        }
    }

    fn candidate(&self, queue: &QueueId, id: &AgentId) -> Option<Candidate> {
        let agent = self.agents.get(id)?;
        Some(Candidate {
            agent: id.clone(),
            level: agent.config.queues.get(queue)?.get(),
            skills: agent.config.skills.clone(),
            idle_ms: millis(self.now - agent.idle_since),
            contacts: agent.contacts,
            talk_seconds: u32::try_from(agent.talk.as_secs()).unwrap_or(u32::MAX),
            load: 0,
            ranks: agent.config.ranks.clone(),
            attributes: agent.config.attributes.clone(),
        })
    }

    /// Returns the queue as a router and a wallboard see it.
    pub(crate) fn queue_view(&self, name: &QueueId, queue: &Queue) -> QueueView {
        let busy = queue.members.iter().filter(|id| {
            self.agents.get(id).is_some_and(|agent| {
                use AgentState::{AfterCallWork, Busy, Reserved};
                matches!(agent.state, Reserved | Busy | AfterCallWork)
            })
        });
        let first = queue.line.first().map(|place| self.now - place.joined);
        QueueView {
            queue: name.clone(),
            waiting: count(queue.line.len()),
            longest_wait_ms: first.map_or(0, millis),
            agents_ready: count(queue.ready.len()),
            agents_busy: count(busy.count()),
            counted: 0,
            service_level: 1.0,
            target_share: queue.config.service_level.share,
            target_within_ms: millis(queue.config.service_level.within),
            last_offered: None,
            attributes: queue.config.attributes.clone(),
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn millis(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}

/// One division of two exact numbers: a decimal with six places reads back to the same bits.
fn seconds(span: Duration) -> f64 {
    span.as_micros() as f64 / 1e6
}

/// A seed that is the same in every replay: the finaliser of splitmix64 over both names.
fn seed(ask: AskId, interaction: InteractionId) -> u32 {
    let mut mixed = interaction.0.wrapping_add(ask.0.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 32) as u32
}
