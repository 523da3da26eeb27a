//! A model of the centre made of inputs fed and outputs said, nothing else. It is the other half of
//! every check: what the engine told the world must be what it believes itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::distribute::BACK_OFF;
use crate::*;

/// A stay in a queue, as far as the world was told.
struct Stay {
    queue: QueueId,
    options: QueueOptions,
    joined: Instant,
    /// Who was offered it in vain, and when that ended.
    failed: BTreeMap<AgentId, Instant>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) config: CenterConfig,
    agents: BTreeMap<AgentId, AgentState>,
    waiting: BTreeMap<InteractionId, Stay>,
    rings: BTreeMap<OfferId, (InteractionId, AgentId)>,
    talks: BTreeMap<InteractionId, AgentId>,
    open: BTreeSet<InteractionId>,
    options: BTreeMap<InteractionId, QueueOptions>,
    wraps: BTreeMap<AgentId, (Instant, std::time::Duration)>,
    asked: BTreeMap<AskId, Vec<AgentId>>,
    pub(super) offers_made: u64,
    pub(super) connects: u64,
}

macro_rules! ensure {
    ($holds:expr, $($what:tt)*) => { if !$holds { return Err(format!($($what)*)); } };
}

impl Model {
    /// Takes in one record; says what is wrong with it.
    pub(super) fn take(&mut self, record: &JournalRecord) -> Result<(), String> {
        let refused = |id| {
            let is =
                |o: &Output| matches!(o, Output::Refused { interaction, .. } if *interaction == id);
            record.outputs.iter().any(is)
        };
        match &record.input {
            Input::Configured { config } => self.config = config.as_ref().clone(),
            Input::InteractionArrived { interaction, .. } if !refused(*interaction) => {
                ensure!(self.open.insert(*interaction), "{interaction} arrived twice");
            }
            Input::InteractionEnqueued { interaction, options, .. } if !refused(*interaction) => {
                self.options.insert(*interaction, options.clone());
            }
            // Ends after-call work before its time by the agent's own will.
            Input::AgentReady { agent } | Input::AgentLoggedOut { agent } => {
                self.wraps.remove(agent);
            }
            _ => (),
        }
        for output in &record.outputs {
            self.apply(record.at, output)?;
        }
        self.no_double_booking()
    }

    fn apply(&mut self, at: Instant, output: &Output) -> Result<(), String> {
        match output {
            Output::Queued { .. } | Output::Overflowed { .. } => self.joined(at, output)?,
            Output::AskRouter { ask, request, .. } => {
                ensure!(!request.candidates.is_empty(), "ask {ask} without candidates");
                for candidate in &request.candidates {
                    self.may_serve(&candidate.agent, request.contact.id)?;
                }
                let shown = request.candidates.iter().map(|shown| shown.agent.clone());
                self.asked.insert(*ask, shown.collect());
            }
            Output::Offer { .. } => self.offered(at, output)?,
            Output::Withdraw { offer, interaction, agent, .. }
            | Output::OfferLost { offer, interaction, agent, .. } => {
                let stay = self.waiting.get_mut(interaction);
                stay.ok_or("an offer of nothing")?.failed.insert(agent.clone(), at);
                ensure!(self.rings.remove(offer).is_some(), "offer {offer} ends twice");
            }
            Output::Connect { offer, interaction, agent, .. } => {
                self.connects += 1;
                let ring = self.rings.remove(offer);
                ensure!(ring == Some((*interaction, agent.clone())), "{offer} is not in force");
                ensure!(self.waiting.remove(interaction).is_some(), "{interaction} did not wait");
                self.talks.insert(*interaction, agent.clone());
            }
            Output::Disconnect { interaction, agent, queue, .. } => {
                ensure!(self.talks.remove(interaction).as_ref() == Some(agent), "no talk to end");
                let wrap = self.config.queues.get(queue).map(|queue| queue.wrap_up);
                if let Some(wrap) = wrap.filter(|wrap| !wrap.is_zero()) {
                    self.wraps.insert(agent.clone(), (at, wrap));
                }
            }
            Output::LeaveQueue { interaction, end: QueueEnd::Served, .. } => {
                ensure!(!self.waiting.contains_key(interaction), "{interaction} served, waits");
            }
            Output::LeaveQueue { interaction, queue, .. }
            | Output::Abandoned { interaction, queue, .. } => {
                let stay = self.waiting.remove(interaction);
                ensure!(
                    stay.is_some_and(|s| s.queue == *queue),
                    "{interaction} leaves {queue} oddly"
                );
            }
            Output::AgentChanged { agent, state, before, .. } => {
                self.agent_changed(at, agent, state, before)?;
            }
            Output::Closed { interaction, .. } => {
                ensure!(self.open.remove(interaction), "{interaction} is closed twice");
                ensure!(!self.waiting.contains_key(interaction), "{interaction} closed, waits");
                ensure!(!self.talks.contains_key(interaction), "{interaction} closed, talks");
            }
            _ => (),
        }
        Ok(())
    }

    fn joined(&mut self, at: Instant, output: &Output) -> Result<(), String> {
        match output {
            Output::Queued { interaction, queue, .. } => {
                let options = self.options.get(interaction).cloned().unwrap_or_default();
                let failed = BTreeMap::new();
                let stay = Stay { queue: queue.clone(), options, joined: at, failed };
                let old = self.waiting.insert(*interaction, stay);
                ensure!(old.is_none(), "{interaction} is queued twice");
                ensure!(self.open.contains(interaction), "{interaction} is queued but not here");
            }
            Output::Overflowed { interaction, from, to } => {
                let stay = self.waiting.get_mut(interaction);
                let stay = stay.ok_or(format!("{interaction} overflows from nowhere"))?;
                ensure!(
                    stay.queue == *from,
                    "{interaction} overflows from {from}, was in {}",
                    stay.queue
                );
                stay.queue = to.clone();
            }
            _ => (),
        }
        Ok(())
    }

    fn offered(&mut self, at: Instant, output: &Output) -> Result<(), String> {
        let Output::Offer { offer, interaction, agent, queue, ring_until, .. } = output else {
            return Ok(());
        };
        self.offers_made += 1;
        ensure!(at <= *ring_until, "offer {offer} rings in the past");
        self.may_serve(agent, *interaction)?;
        let stay = self.waiting.get(interaction);
        let there = stay.is_some_and(|stay| stay.queue == *queue);
        ensure!(there, "{interaction} not in {queue}");
        let state = self.agents.get(agent);
        ensure!(state == Some(&AgentState::Ready), "{agent} is offered while {state:?}");
        let failed = stay.and_then(|stay| stay.failed.get(agent));
        let calm = failed.is_none_or(|failed| *failed + BACK_OFF <= at);
        ensure!(calm, "{agent} is rung again at once for {interaction}");
        self.serves_in_order(agent, *interaction)?;
        self.rings.insert(*offer, (*interaction, agent.clone()));
        Ok(())
    }

    fn agent_changed(
        &mut self,
        at: Instant,
        agent: &AgentId,
        state: &AgentState,
        before: &str,
    ) -> Result<(), String> {
        let old = self.agents.insert(agent.clone(), state.clone()).unwrap_or_default();
        ensure!(old.name() == before, "{agent} was {old}, not {before}");
        ensure!(old != *state, "{agent} changes from {old} to the same");
        // A wrap-up that nobody cut short lasts as long as the queue says.
        if before == "after_call_work"
            && let Some((since, wrap)) = self.wraps.remove(agent)
        {
            let removed = !self.config.agents.contains_key(agent);
            ensure!(removed || wrap <= at - since, "{agent}'s wrap-up ended early");
        }
        // Who left during the conversation has none.
        if *state == AgentState::LoggedOut {
            self.wraps.remove(agent);
        }
        if before == "busy" && *state == AgentState::Ready {
            ensure!(!self.wraps.contains_key(agent), "{agent} had no wrap-up");
        }
        Ok(())
    }

    fn may_serve(&self, agent: &AgentId, interaction: InteractionId) -> Result<(), String> {
        let stay = self.waiting.get(&interaction).ok_or(format!("{interaction} waits nowhere"))?;
        ensure!(self.is_able(agent, stay), "{agent} may not serve {interaction}");
        Ok(())
    }

    fn is_able(&self, agent: &AgentId, stay: &Stay) -> bool {
        self.config.agents.get(agent).is_some_and(|agent| {
            let has = |need: &SkillLevel| {
                agent.skills.iter().any(|s| s.name == need.name && need.level <= s.level)
            };
            agent.queues.contains_key(&stay.queue) && stay.options.required.iter().all(has)
        })
    }

    /// Contacts that wait for the built-in rule: those whose turn nobody but the engine decides.
    fn built_in(&self) -> impl Iterator<Item = (InteractionId, &Stay)> {
        let ringing: BTreeSet<_> = self.rings.values().map(|(contact, _)| *contact).collect();
        let waiting = self.waiting.iter().filter(move |(contact, stay)| {
            let queue = self.config.queues.get(&stay.queue);
            !ringing.contains(contact)
                && queue.is_some_and(|queue| queue.router == RouterChoice::BuiltIn)
        });
        waiting.map(|(contact, stay)| (*contact, stay))
    }

    /// Nobody with a better place waits for this agent, in whichever queue.
    fn serves_in_order(&self, agent: &AgentId, served: InteractionId) -> Result<(), String> {
        let place = |id: InteractionId, stay: &Stay| (-stay.options.priority, stay.joined, id);
        let turn = self.waiting.get(&served).map(|stay| place(served, stay));
        for (contact, stay) in self.built_in() {
            let better = turn.is_some_and(|turn| place(contact, stay) < turn);
            ensure!(
                !better || stay.failed.contains_key(agent) || !self.is_able(agent, stay),
                "{agent} is offered {served}, but it is the turn of {contact}"
            );
        }
        Ok(())
    }

    fn no_double_booking(&self) -> Result<(), String> {
        let (mut agents, mut contacts) = (BTreeSet::new(), BTreeSet::new());
        let rings = self.rings.values().map(|(contact, agent)| (contact, agent));
        for (contact, agent) in rings.chain(&self.talks) {
            ensure!(agents.insert(agent), "{agent} has two contacts");
            ensure!(contacts.insert(contact), "{contact} is in two places");
        }
        Ok(())
    }

    /// Compares the model with what the engine says of itself, both ways.
    pub(super) fn compare(&self, snapshot: &CenterSnapshot) -> Result<(), String> {
        let all: BTreeSet<&AgentId> = self.agents.keys().chain(snapshot.agents.keys()).collect();
        for agent in all {
            let told = self.agents.get(agent).cloned().unwrap_or_default();
            let is = snapshot.agents.get(agent);
            let state = is.map(|is| is.state.clone()).unwrap_or_default();
            ensure!(told == state, "{agent} is {state}, but the world was told {told}");
            let rings = self.rings.values().find(|(_, a)| a == agent).map(|(c, _)| *c);
            let talks = self.talks.iter().find(|(_, a)| *a == agent).map(|(c, _)| *c);
            let work = is.and_then(|is| is.interaction);
            ensure!(work == rings.or(talks), "{agent} has {work:?}: {rings:?} {talks:?}");
            ensure!(rings.is_some() == (state == AgentState::Reserved), "{agent}: ring, {state}");
            ensure!(talks.is_some() == (state == AgentState::Busy), "{agent}: talk, {state}");
        }
        let lines = snapshot.queues.iter().flat_map(|(queue, view)| {
            view.waiting.iter().map(move |contact| (contact.interaction, queue.clone()))
        });
        let lines: BTreeMap<InteractionId, QueueId> = lines.collect();
        let told =
            self.waiting.iter().map(|(contact, stay)| (*contact, stay.queue.clone())).collect();
        ensure!(lines == told, "in queues are {lines:?}, but the world was told {told:?}");
        let contacts = snapshot.queues.values().flat_map(|queue| &queue.waiting);
        let rings = contacts.flat_map(|contact| {
            let rings = contact.ringing.iter();
            rings.map(|(offer, agent)| (*offer, (contact.interaction, agent.clone())))
        });
        let rings: BTreeMap<_, _> = rings.collect();
        ensure!(rings == self.rings, "{rings:?} ring, but the world was told {:?}", self.rings);
        let open = self.open.len();
        ensure!(snapshot.interactions as usize == open, "{open} are open");
        Ok(())
    }

    /// Says who waits in a built-in queue while somebody ready could serve, for no good reason.
    ///
    /// `excused` names pairs in back-off, and agents who are shown to a router for another contact.
    pub(super) fn idle_pair(
        &self,
        excused: impl Fn(&AgentId, InteractionId) -> bool,
    ) -> Option<(AgentId, InteractionId)> {
        for (contact, stay) in self.built_in() {
            for (agent, _) in self.agents.iter().filter(|(_, s)| **s == AgentState::Ready) {
                if self.is_able(agent, stay) && !excused(agent, contact) {
                    return Some((agent.clone(), contact));
                }
            }
        }
        None
    }

    /// Says who waits in a queue that needs agents while nobody who could serve is logged in.
    pub(super) fn unstaffed(&self) -> Option<InteractionId> {
        let here = |agent: &AgentId| {
            self.agents.get(agent).is_some_and(|state| *state != AgentState::LoggedOut)
        };
        let ringing: BTreeSet<_> = self.rings.values().map(|(contact, _)| *contact).collect();
        let mut waiting = self.waiting.iter().filter(|(contact, _)| !ringing.contains(contact));
        let unstaffed = waiting.find(|(_, stay)| {
            let queue = self.config.queues.get(&stay.queue);
            let mut agents = self.config.agents.keys();
            queue.is_some_and(|queue| queue.stay_needs != Staffing::Nobody)
                && !agents.any(|agent| here(agent) && self.is_able(agent, stay))
        });
        unstaffed.map(|(contact, _)| *contact)
    }

    pub(super) fn candidates(&self, ask: AskId) -> Vec<AgentId> {
        self.asked.get(&ask).cloned().unwrap_or_default()
    }

    pub(super) fn rings(&self) -> Vec<OfferId> {
        self.rings.keys().copied().collect()
    }

    pub(super) fn talks(&self) -> Vec<InteractionId> {
        self.talks.keys().copied().collect()
    }

    pub(super) fn open(&self) -> Vec<InteractionId> {
        self.open.iter().copied().collect()
    }

    pub(super) fn waits(&self, interaction: InteractionId) -> bool {
        self.waiting.contains_key(&interaction)
    }
}
