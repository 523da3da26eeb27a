//! Questions to router plugins. No decision waits for one longer than its deadline.

use std::time::Duration;

use crate::center::Center;
use crate::offer::Decision;
use crate::table::{AgentKey, QueueKey};
use crate::timer::Timer;
use crate::view::seconds;
use crate::{
    AskId, Attribute, InteractionId, Output, PluginFailure, RoutedBy, RoutingAnswer, RoutingAsk,
    RoutingDecision,
};

/// The least time between a router's "nobody yet" and the next question about the same contact.
const LEAST_PAUSE: Duration = Duration::from_millis(100);
/// The longest time a router may leave a contact waiting without being asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The least and the longest time between two agents who are rung in turn, in milliseconds.
const STEP_MS: (u32, u32) = (1_000, 60_000);

/// A question that is open.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) queue: QueueKey,
    pub(crate) contact: InteractionId,
    pub(crate) candidates: Vec<AgentKey>,
    /// The candidate whose turn it is: not given to contacts with a worse place meanwhile.
    pub(crate) held: AgentKey,
    /// How often an agent had become able to take a contact when it was asked.
    readied: u64,
}

impl Center {
    /// Asks the queue's router about a contact, in stead of a worse place.
    pub(crate) fn ask(&mut self, key: QueueKey, id: InteractionId, router: String) {
        if let Some(open) = self.queues[key].ask {
            self.drop_ask(open);
        }
        let Some(stay) = self.stay(id) else { return };
        let queue = &self.queues[key];
        // A limit of zero would mean that nobody is ever asked.
        let most = self.limits.router_candidates.max(1) as usize;
        let candidates = self.candidates(queue, stay, most);
        let Some(held) = candidates.first().copied() else { return };
        let ask = AskId(self.last_ask + 1);
        let request = RoutingAsk {
            contact: self.waiting_view(stay),
            candidates: candidates.iter().map(|agent| self.candidate(stay, *agent)).collect(),
            queue: self.queue_view(key),
            others: self.other_queues(key, &candidates),
            now_seconds: seconds(self.now - self.started.unwrap_or(self.now)),
            seed: seed(ask, id),
        };
        let deadline = self.now + self.limits.router_deadline;
        let readied = queue.readied;
        self.last_ask += 1;
        self.timers.set(Timer::Ask(ask), deadline);
        self.agents[held].held_by.push(ask);
        self.asks.insert(ask, Ask { queue: key, contact: id, candidates, held, readied });
        self.queues[key].ask = Some(ask);
        let request = Box::new(request);
        self.push(Output::AskRouter { ask, router, deadline, request });
    }

    pub(crate) fn router_replied(&mut self, id: AskId, answer: RoutingAnswer, plugin: String) {
        let Some(ask) = self.drop_ask(id) else { return };
        let RoutingAnswer { decision, because, .. } = answer;
        let carried_out = match decision {
            RoutingDecision::WaitMs(wait) => {
                self.pause(&ask, Duration::from_millis(wait.into()));
                Ok(())
            }
            RoutingDecision::Offer(names) => self.known(&ask, &names).map(|named| {
                if let Some(place) =
                    named.iter().position(|agent| self.is_free(*agent, ask.contact))
                {
                    let decision = self.decision(id, &ask, &named, because, &plugin);
                    self.offer(ask.contact, named[place], decision);
                }
                // Otherwise all were taken meanwhile: nobody's fault, and the router is asked again.
            }),
            RoutingDecision::OfferAll(names) => self.known(&ask, &names).map(|named| {
                let decision = self.decision(id, &ask, &named, because, &plugin);
                for agent in named {
                    if self.is_free(agent, ask.contact) {
                        self.offer(ask.contact, agent, decision.clone());
                    }
                }
            }),
            RoutingDecision::OfferProgressive { agents, step_ms } => {
                self.known(&ask, &agents).map(|named| {
                    let step = Duration::from_millis(step_ms.clamp(STEP_MS.0, STEP_MS.1).into());
                    let decision = self.decision(id, &ask, &named, because, &plugin);
                    self.offer_in_turn(ask.contact, named, step, decision);
                })
            }
            RoutingDecision::MoveTo(name) => self.move_by_router(&ask, &name, &plugin),
            RoutingDecision::SetPriority(priority) => {
                self.prioritise_by_router(&ask, priority, &plugin)
            }
        };
        if let Err(what) = carried_out {
            self.fall_back(id, ask, PluginFailure::BadReply(what), plugin);
        }
    }

    /// Returns the agents named, each once.
    fn known(&self, ask: &Ask, names: &[String]) -> Result<Vec<AgentKey>, String> {
        let mut named: Vec<AgentKey> = Vec::new();
        for name in names {
            let mut candidates = ask.candidates.iter();
            let known = candidates.find(|agent| self.agents[**agent].id.as_str() == name);
            let known = known.ok_or_else(|| format!("`{}` is no candidate", shown(name)))?;
            if !named.contains(known) {
                named.push(*known);
            }
        }
        if named.is_empty() { Err("the list of agents is empty".to_owned()) } else { Ok(named) }
    }

    fn decision(
        &self,
        id: AskId,
        ask: &Ask,
        named: &[AgentKey],
        because: Vec<Attribute>,
        plugin: &str,
    ) -> Decision {
        let certificate = self.certify_router(id, ask, named);
        Decision { routed_by: RoutedBy::Plugin(plugin.to_owned()), because, certificate }
    }

    pub(crate) fn router_failed(&mut self, id: AskId, failure: PluginFailure, plugin: String) {
        let Some(ask) = self.drop_ask(id) else { return };
        self.fall_back(id, ask, failure, plugin);
    }

    /// The router gave no usable answer: the built-in rule decides at once.
    fn fall_back(&mut self, id: AskId, ask: Ask, failure: PluginFailure, plugin: String) {
        let queue = self.queues[ask.queue].id.clone();
        self.push(Output::RouterFailed { ask: id, queue, failure, plugin });
        self.decide(ask.contact, RoutedBy::Fallback, Some(id));
    }

    /// Ends a question. Whoever was held back for it, and its queue, are looked at again.
    pub(crate) fn drop_ask(&mut self, id: AskId) -> Option<Ask> {
        let ask = self.asks.remove(&id)?;
        self.timers.cancel(&Timer::Ask(id));
        self.queues[ask.queue].ask = None;
        self.dirty.insert(ask.queue);
        let agent = &mut self.agents[ask.held];
        agent.held_by.retain(|held| *held != id);
        self.dirty.extend(agent.queues.iter().map(|member| member.queue));
        Some(ask)
    }

    /// Leaves a contact waiting because its router wants it so.
    fn pause(&mut self, ask: &Ask, wait: Duration) {
        let id = ask.contact;
        let Some(stay) = self.stay(id) else { return };
        let (place, need) = (stay.place, stay.need.clone());
        let queue = &mut self.queues[ask.queue];
        // Somebody became ready whom the router has not seen: it is asked again at once.
        if queue.readied != ask.readied {
            return;
        }
        queue.stop_waiting(&need, &place);
        queue.paused.insert(place);
        self.timers.set(Timer::Pause(id), self.now + wait.clamp(LEAST_PAUSE, LONGEST_PAUSE));
    }

    /// Ends the pause of a contact, because it is over or somebody became ready.
    pub(crate) fn resume(&mut self, id: InteractionId) {
        self.timers.cancel(&Timer::Pause(id));
        let Some(stay) = self.stay(id) else { return };
        let (key, place, need) = (stay.queue, stay.place, stay.need.clone());
        let queue = &mut self.queues[key];
        if queue.paused.remove(&place) {
            queue.wait(&need, place);
            self.dirty.insert(key);
        }
    }

    /// Ends all pauses of a queue.
    pub(crate) fn resume_all(&mut self, key: QueueKey) {
        while let Some(place) = self.queues[key].paused.first().copied() {
            self.resume(place.interaction);
        }
    }
}

/// A name as a plugin wrote it, short enough for a log.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

/// A seed that is the same in every replay: the finaliser of splitmix64 over both names.
fn seed(ask: AskId, interaction: InteractionId) -> u32 {
    let mut mixed = interaction.0.wrapping_add(ask.0.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 32) as u32
}
