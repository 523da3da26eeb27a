//! A model of the centre made of inputs fed and outputs said, nothing else. It is the other half of
//! every check: what the engine told the world must be what it believes itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::distribute::BACK_OFF;
use crate::*;

/// A stay in a queue, as far as the world was told.
struct Stay {
    queue: QueueId,
    options: QueueOptions,
    channel: Channel,
    joined: Instant,
    /// When it joined this queue.
    here: Instant,
    priority: i8,
    step: u32,
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
    channels: BTreeMap<InteractionId, Channel>,
    /// After-call work: since when, and how long the queue says.
    wraps: BTreeMap<(AgentId, InteractionId), (Instant, std::time::Duration)>,
    /// How long that is, also of queues that are gone.
    wrap_ups: BTreeMap<QueueId, std::time::Duration>,
    /// Who wants to be out, or is out of the configuration.
    left: BTreeSet<AgentId>,
    removed: BTreeSet<AgentId>,
    /// Blends in their peak.
    peaks: BTreeSet<String>,
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
            Input::Configured { config } => self.configured(record.at, config),
            Input::InteractionArrived { interaction, channel, .. } if !refused(*interaction) => {
                self.channels.insert(*interaction, *channel);
                ensure!(self.open.insert(*interaction), "{interaction} arrived twice");
            }
            Input::InteractionEnqueued { interaction, options, .. } if !refused(*interaction) => {
                self.options.insert(*interaction, options.clone());
            }
            // Ends after-call work before its time by the agent's own will.
            Input::AgentReady { agent } if !self.removed.contains(agent) => {
                self.left.remove(agent);
                self.wraps.iter_mut().filter(|((of, _), _)| of == agent).for_each(|(_, wrap)| {
                    wrap.1 = std::time::Duration::ZERO;
                });
            }
            Input::AgentLoggedOut { agent } => {
                self.left.insert(agent.clone());
            }
            Input::AgentLoggedIn { agent } | Input::AgentNotReady { agent, .. }
                if !self.removed.contains(agent) =>
            {
                self.left.remove(agent);
            }
            _ => (),
        }
        for output in &record.outputs {
            self.apply(record.at, output)?;
        }
        self.no_double_booking()
    }

    fn configured(&mut self, at: Instant, config: &CenterConfig) {
        self.config = config.clone();
        let wraps = config.queues.iter().map(|(name, queue)| (name.clone(), queue.wrap_up));
        self.wrap_ups.extend(wraps);
        let out = |agent: &AgentId| !config.agents.contains_key(agent);
        let back: Vec<AgentId> = self.removed.iter().filter(|id| !out(id)).cloned().collect();
        for agent in back {
            self.removed.remove(&agent);
            self.left.remove(&agent);
        }
        let gone: Vec<AgentId> = self.agents.keys().filter(|id| out(id)).cloned().collect();
        self.left.extend(gone.iter().cloned());
        self.removed.extend(gone);
        self.peaks.retain(|name| config.blends.contains_key(name));
        for stay in self.waiting.values_mut() {
            let steps = config.queues.get(&stay.queue).map(|queue| queue.steps.as_slice());
            let begun = steps.unwrap_or_default().iter();
            stay.step = begun.take_while(|step| step.after < at - stay.here).count() as u32;
        }
    }

    fn apply(&mut self, at: Instant, output: &Output) -> Result<(), String> {
        match output {
            Output::Queued { .. } | Output::Overflowed { .. } | Output::Moved { .. } => {
                self.joined(at, output)?;
            }
            Output::Prioritised { interaction, from, to, .. } => {
                let stay = self.waiting.get_mut(interaction).ok_or("a priority of nothing")?;
                ensure!(stay.priority == *from && from != to, "{interaction} had no such priority");
                stay.priority = *to;
            }
            Output::Relaxed { interaction, step, .. } => {
                let stay = self.waiting.get_mut(interaction).ok_or("a step of nothing")?;
                ensure!(stay.step + 1 == *step, "{interaction} leaves out a step");
                stay.step = *step;
            }
            Output::BlendChanged { blend, peak } => {
                let news =
                    if *peak { self.peaks.insert(blend.clone()) } else { self.peaks.remove(blend) };
                ensure!(news, "{blend} changes to what it was");
            }
            Output::WrapUpEnded { interaction, agent, lasted, .. } => {
                let wrap = self.wraps.remove(&(agent.clone(), *interaction));
                let (since, wrap) = wrap.ok_or("after-call work of nothing")?;
                ensure!(at - since == *lasted, "{agent}'s wrap-up is told wrongly");
                let out = self.left.contains(agent);
                ensure!(out || wrap <= *lasted, "{agent}'s wrap-up ended early");
            }
            Output::AskRouter { ask, request, .. } => {
                ensure!(!request.candidates.is_empty(), "ask {ask} without candidates");
                for candidate in &request.candidates {
                    self.may_serve(&candidate.agent, request.contact.id)?;
                }
                let shown = request.candidates.iter().map(|shown| shown.agent.clone());
                self.asked.insert(*ask, shown.collect());
            }
            Output::Offer { .. } => self.offered(at, output)?,
            Output::Withdraw { offer, interaction, agent, reason } => {
                // Who stops through no deed of its own may be rung again at once.
                if matches!(reason, WithdrawReason::NoAnswer | WithdrawReason::AgentLeft) {
                    let stay = self.waiting.get_mut(interaction);
                    stay.ok_or("an offer of nothing")?.failed.insert(agent.clone(), at);
                }
                ensure!(self.rings.remove(offer).is_some(), "offer {offer} ends twice");
            }
            Output::OfferLost { offer, interaction, agent, .. } => {
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
                let wrap = self.wrap_ups.get(queue).copied();
                if let Some(wrap) = wrap.filter(|wrap| !wrap.is_zero())
                    && !self.left.contains(agent)
                {
                    self.wraps.insert((agent.clone(), *interaction), (at, wrap));
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
                self.agent_changed(agent, state, before)?;
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
                let stay = Stay {
                    queue: queue.clone(),
                    channel: self.channels.get(interaction).copied().unwrap_or_default(),
                    joined: at,
                    here: at,
                    priority: options.priority,
                    step: 0,
                    options,
                    failed: BTreeMap::new(),
                };
                let old = self.waiting.insert(*interaction, stay);
                ensure!(old.is_none(), "{interaction} is queued twice");
                ensure!(self.open.contains(interaction), "{interaction} is queued but not here");
            }
            Output::Overflowed { interaction, from, to }
            | Output::Moved { interaction, from, to, .. } => {
                let stay = self.waiting.get_mut(interaction);
                let stay = stay.ok_or(format!("{interaction} overflows from nowhere"))?;
                ensure!(
                    stay.queue == *from,
                    "{interaction} overflows from {from}, was in {}",
                    stay.queue
                );
                (stay.queue, stay.here, stay.step) = (to.clone(), at, 0);
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
        let works =
            matches!(state, Some(AgentState::Ready | AgentState::Busy | AgentState::AfterCallWork));
        ensure!(works, "{agent} is offered while {state:?}");
        let fits = stay.is_some_and(|stay| self.fits(agent, stay));
        ensure!(fits, "{agent} has no room for {interaction}");
        let failed = stay.and_then(|stay| stay.failed.get(agent));
        let calm = failed.is_none_or(|failed| *failed + BACK_OFF <= at);
        ensure!(calm, "{agent} is rung again at once for {interaction}");
        self.serves_in_order(agent, *interaction)?;
        self.rings.insert(*offer, (*interaction, agent.clone()));
        Ok(())
    }

    fn agent_changed(
        &mut self,
        agent: &AgentId,
        state: &AgentState,
        before: &str,
    ) -> Result<(), String> {
        let old = self.agents.insert(agent.clone(), state.clone()).unwrap_or_default();
        ensure!(old.name() == before, "{agent} was {old}, not {before}");
        ensure!(old != *state, "{agent} changes from {old} to the same");
        if old == AgentState::LoggedOut {
            self.left.remove(agent);
        }
        let wraps = self.wraps.keys().any(|(of, _)| of == agent);
        let out = matches!(state, AgentState::LoggedOut | AgentState::NotReady { .. });
        ensure!(!wraps || !(out || *state == AgentState::Ready), "{agent} wraps up and is {state}");
        Ok(())
    }

    fn may_serve(&self, agent: &AgentId, interaction: InteractionId) -> Result<(), String> {
        let stay = self.waiting.get(&interaction).ok_or(format!("{interaction} waits nowhere"))?;
        ensure!(self.is_able(agent, stay), "{agent} may not serve {interaction}");
        Ok(())
    }

    /// Whether the agent has what is needed at the step in force.
    fn is_able(&self, id: &AgentId, stay: &Stay) -> bool {
        let Some(agent) = self.config.agents.get(id) else { return false };
        let Some(level) = agent.queues.get(&stay.queue) else { return false };
        let facts = Facts(agent, level.get());
        let queue = self.config.queues.get(&stay.queue);
        let steps = queue.map(|queue| &queue.steps[..stay.step as usize]).unwrap_or_default();
        let needs = needs(&stay.options, steps);
        let latest = steps.iter().rev().find_map(|step| step.eligible.as_ref());
        let condition = latest.or(queue.and_then(|queue| queue.eligible.as_ref()));
        let meets = condition.is_none_or(|it| it.bind(&stay.options.attributes).holds(&facts));
        meets && needs.iter().all(|(skill, level)| *level <= facts.level(skill))
    }

    /// Whether the agent has room for it, and no peak keeps it away.
    fn fits(&self, id: &AgentId, stay: &Stay) -> bool {
        let Some(agent) = self.config.agents.get(id) else { return false };
        if self.rings.values().any(|(_, rung)| rung == id) {
            return false;
        }
        let of = |channel: Channel| agent.capacity.get(&channel).copied().unwrap_or_default();
        let talks = self.talks.iter().filter(|(_, with)| *with == id).map(|(contact, _)| contact);
        let wraps = self.wraps.keys().filter(|(with, _)| with == id).map(|(_, contact)| contact);
        let works = talks.chain(wraps).map(|contact| self.channels[contact]);
        let works: Vec<Channel> = works.collect();
        let own = of(stay.channel);
        let same = works.iter().filter(|channel| **channel == stay.channel).count();
        let counted = works.iter().map(|channel| of(*channel));
        let counted = counted.filter(|one| own.interruptible || !one.interruptible);
        let taken: u32 = counted.map(|one| u32::from(one.weight)).sum();
        let serves = |queues: &[QueueId]| queues.iter().any(|q| agent.queues.contains_key(q));
        let kept = self.peaks.iter().any(|name| {
            let blend = &self.config.blends[name];
            blend.deferred.contains(&stay.queue) && serves(&blend.calls)
        });
        !kept && same < usize::from(own.slots) && taken + u32::from(own.weight) <= 100
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
        let place = |id: InteractionId, stay: &Stay| {
            let weight = self.config.queues.get(&stay.queue).map_or(0, |queue| queue.weight);
            (Reverse(weight), Reverse(stay.priority), stay.joined, id)
        };
        let turn = self.waiting.get(&served).map(|stay| place(served, stay));
        for (contact, stay) in self.built_in() {
            let better = turn.is_some_and(|turn| place(contact, stay) < turn);
            ensure!(
                !better
                    || stay.failed.contains_key(agent)
                    || !self.is_able(agent, stay)
                    || !self.fits(agent, stay),
                "{agent} is offered {served}, but it is the turn of {contact}"
            );
        }
        Ok(())
    }

    /// An agent has one phone; a contact talks or rings, with each agent once.
    fn no_double_booking(&self) -> Result<(), String> {
        let (mut phones, mut pairs) = (BTreeSet::new(), BTreeSet::new());
        for (contact, agent) in self.rings.values() {
            ensure!(phones.insert(agent), "{agent}'s phone rings twice");
            ensure!(pairs.insert((contact, agent)), "{contact} rings twice at {agent}");
            ensure!(!self.talks.contains_key(contact), "{contact} rings and talks");
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
            let rings = self.rings.values().any(|(_, rung)| rung == agent);
            let talks = self.talks.iter().filter(|(_, with)| *with == agent).map(|(c, _)| *c);
            let talks: BTreeSet<InteractionId> = talks.collect();
            let wraps = self.wraps.keys().filter(|(with, _)| with == agent).map(|(_, c)| *c);
            let wraps: BTreeSet<InteractionId> = wraps.collect();
            let works = is.map(|is| is.works.as_slice()).unwrap_or_default().iter();
            let (wrapping, talking): (Vec<_>, Vec<_>) =
                works.partition(|work| work.wrapping_up.is_some());
            let talking: BTreeSet<_> = talking.iter().map(|work| work.interaction).collect();
            let wrapping: BTreeSet<_> = wrapping.iter().map(|work| work.interaction).collect();
            ensure!(talking == talks, "{agent} talks with {talking:?}, told {talks:?}");
            ensure!(wrapping == wraps, "{agent} wraps up {wrapping:?}, told {wraps:?}");
            ensure!(rings == (state == AgentState::Reserved), "{agent}: ring, {state}");
            let busy = !rings && !talks.is_empty();
            ensure!(busy == (state == AgentState::Busy), "{agent}: talk, {state}");
            let after = !rings && !busy && !wraps.is_empty();
            ensure!(after == (state == AgentState::AfterCallWork), "{agent}: wrap-up, {state}");
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
        snapshot: &CenterSnapshot,
        excused: impl Fn(&AgentId, InteractionId) -> bool,
    ) -> Option<(AgentId, InteractionId)> {
        for (contact, stay) in self.built_in() {
            let willing = snapshot.agents.iter().filter(|(_, agent)| {
                use AgentState::{AfterCallWork, Busy, Ready};
                matches!(agent.state, Ready | Busy | AfterCallWork) && agent.next.is_none()
            });
            for (agent, _) in willing {
                let can = self.is_able(agent, stay) && self.fits(agent, stay);
                if can && !excused(agent, contact) {
                    return Some((agent.clone(), contact));
                }
            }
        }
        None
    }

    /// Says who waits in a queue that needs agents while nobody who could serve is logged in.
    pub(super) fn unstaffed(&self) -> Option<InteractionId> {
        let here = |agent: &AgentId, rule: Staffing| {
            self.agents.get(agent).is_some_and(|state| match state {
                AgentState::LoggedOut => false,
                AgentState::NotReady { .. } => rule == Staffing::LoggedIn,
                _ => true,
            })
        };
        let ringing: BTreeSet<_> = self.rings.values().map(|(contact, _)| *contact).collect();
        let mut waiting = self.waiting.iter().filter(|(contact, _)| !ringing.contains(contact));
        let unstaffed = waiting.find(|(_, stay)| {
            let queue = self.config.queues.get(&stay.queue);
            let mut agents = self.config.agents.keys();
            let rule = queue.map_or(Staffing::Nobody, |queue| queue.stay_needs);
            rule != Staffing::Nobody
                && !agents.any(|agent| here(agent, rule) && self.is_able(agent, stay))
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

/// What skills are needed once `steps` began.
fn needs(options: &QueueOptions, steps: &[EligibilityStep]) -> BTreeMap<String, u8> {
    let mut needs: BTreeMap<String, u8> = BTreeMap::new();
    let add = |needs: &mut BTreeMap<String, u8>, skill: &SkillLevel| {
        let level = needs.get(&skill.name).copied().unwrap_or(0).max(skill.level.get());
        needs.insert(skill.name.clone(), level);
    };
    options.required.iter().for_each(|skill| add(&mut needs, skill));
    for change in steps.iter().flat_map(|step| &step.skills) {
        match change {
            SkillChange::Add(skill) => add(&mut needs, skill),
            SkillChange::Lower(skill) => {
                if needs.get(&skill.name).is_some_and(|level| skill.level.get() < *level) {
                    needs.insert(skill.name.clone(), skill.level.get());
                }
            }
            SkillChange::LowerAll(by) => {
                for level in needs.values_mut() {
                    *level = if *by < *level { *level - by } else { 1 };
                }
            }
            SkillChange::Drop(name) => drop(needs.remove(name)),
            SkillChange::DropAll => needs = BTreeMap::new(),
        }
    }
    needs
}

struct Facts<'a>(&'a AgentConfig, u8);

impl AgentFacts for Facts<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.0.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn level(&self, skill: &str) -> u8 {
        let levels = self.0.skills.iter().filter(|has| has.name == skill);
        levels.map(|has| has.level.get()).max().unwrap_or(0)
    }

    fn queue_level(&self) -> u8 {
        self.1
    }
}
