//! How much an agent can have at once, and where it stands in its queues' turns.
//!
//! Everything in hand takes a share of the agent: conversations, and the after-call work that
//! follows them, as much as the conversation did. What is interruptible makes room for what is not.

use crate::agent::Agent;
use crate::center::Center;
use crate::queue::{Queue, Turn};
use crate::table::{AgentKey, QueueKey};
use crate::{AgentState, Channel, ChannelCapacity, Instant, InteractionId, Output, Staffing};

/// What of an agent can be taken, in percent.
const WHOLE: u32 = 100;

/// Something in hand.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) interaction: InteractionId,
    pub(crate) channel: Channel,
    pub(crate) queue: QueueKey,
    pub(crate) phase: WorkPhase,
    /// What cannot wait and it is put aside for.
    pub(crate) aside_for: Option<InteractionId>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WorkPhase {
    Talking,
    WrappingUp { since: Instant },
}

/// Where an agent stands in the turns of one queue.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    any: Option<Turn>,
    /// Made for agents whose channels differ.
    by_channel: Option<Box<[Option<Turn>; Channel::ALL.len()]>>,
}

impl Agent {
    pub(crate) fn capacity(&self, channel: Channel) -> ChannelCapacity {
        self.config.capacity.get(&channel).copied().unwrap_or_default()
    }

    /// Whether all channels are the same to it: one contact at a time, whichever.
    fn is_plain(&self) -> bool {
        self.config.capacity.is_empty() && self.config.protected.is_empty()
    }

    /// Returns the share that work in hand takes, as a contact of this channel sees it.
    pub(crate) fn load(&self, channel: Channel) -> u32 {
        let interrupts = !self.capacity(channel).interruptible;
        let works = self.works.iter().map(|work| self.capacity(work.channel));
        let counts = works.filter(|capacity| !(interrupts && capacity.interruptible));
        counts.map(|capacity| u32::from(capacity.weight)).sum()
    }

    /// Returns the share that all work in hand takes that is not put aside, at most 100.
    pub(crate) fn whole_load(&self) -> u8 {
        let active = self.works.iter().filter(|work| work.aside_for.is_none());
        let weights = active.map(|work| u32::from(self.capacity(work.channel).weight));
        u8::try_from(weights.sum::<u32>().min(WHOLE)).unwrap_or(u8::MAX)
    }

    pub(crate) fn fits(&self, channel: Channel) -> bool {
        let capacity = self.capacity(channel);
        let same = self.works.iter().filter(|work| work.channel == channel).count();
        same < usize::from(capacity.slots)
            && self.load(channel) + u32::from(capacity.weight) <= WHOLE
    }

    /// Returns whether more work may be offered at all.
    fn is_open(&self) -> bool {
        self.wants == AgentState::Ready && self.ring.is_none() && !self.removed
    }

    /// Returns whether it stands in the turns of the queue for this channel.
    pub(crate) fn has_turn(&self, queue: QueueKey, channel: Channel) -> bool {
        let member = self.queues.iter().find(|member| member.queue == queue);
        member.is_some_and(|member| {
            let by_channel = member.listed.by_channel.as_ref();
            member.listed.any.is_some()
                || by_channel.is_some_and(|turns| turns[channel as usize].is_some())
        })
    }

    fn turn(&self, key: AgentKey, load: u32) -> Turn {
        let load = u8::try_from(load.min(WHOLE)).unwrap_or(u8::MAX);
        Turn { load, since: self.idle_since, rank: self.rank, agent: key }
    }
}

impl Center {
    /// Puts the agent into its queues' turns, or takes it out, as it can take contacts now.
    pub(crate) fn relist(&mut self, key: AgentKey) {
        let agent = &self.agents[key];
        let (open, plain) = (agent.is_open(), agent.is_plain());
        for number in 0..agent.queues.len() {
            let agent = &self.agents[key];
            let name = agent.queues[number].queue;
            let open = open && !self.is_blended_out(agent, name);
            let free = open && plain && agent.works.is_empty();
            let turn = free.then(|| agent.turn(key, 0));
            let known = agent.queues[number].listed.any;
            if turn != known {
                self.agents[key].queues[number].listed.any = turn;
                self.list(key, name, None, known, turn);
            }
            let agent = &self.agents[key];
            if plain && agent.queues[number].listed.by_channel.is_none() {
                continue;
            }
            for channel in Channel::ALL {
                let agent = &self.agents[key];
                let may = open
                    && !plain
                    && agent.fits(channel)
                    && !self.is_protected(agent, name, channel);
                let turn = may.then(|| agent.turn(key, agent.load(channel)));
                let listed = &mut self.agents[key].queues[number].listed;
                let places = listed.by_channel.get_or_insert_with(Box::default);
                let known = std::mem::replace(&mut places[channel as usize], turn);
                if turn != known {
                    self.list(key, name, Some(channel), known, turn);
                }
            }
        }
    }

    fn list(
        &mut self,
        key: AgentKey,
        name: QueueKey,
        channel: Option<Channel>,
        known: Option<Turn>,
        turn: Option<Turn>,
    ) {
        let queue = &mut self.queues[name];
        let turns = queue.turns.set(channel);
        if let Some(known) = known {
            turns.remove(&known);
        }
        if let Some(turn) = turn {
            turns.insert(turn);
        } else if queue.config.stay_needs == Staffing::Free {
            self.vacated.insert(name);
        }
        // Who only changes its turn brings nobody a candidate.
        if known.is_none() && turn.is_some() {
            queue.fresh.push(key);
            queue.readied += 1;
            self.dirty.insert(name);
            self.resume_all(name);
        }
    }

    /// Puts aside what is interruptible until the agent is not taken more than whole, latest first.
    pub(crate) fn interrupt_works(&mut self, key: AgentKey) {
        loop {
            let agent = &self.agents[key];
            let active = agent.works.iter().filter(|work| work.aside_for.is_none());
            let weights = active.map(|work| u32::from(agent.capacity(work.channel).weight));
            if weights.sum::<u32>() <= WHOLE {
                return;
            }
            let put_aside = agent.works.iter().rposition(|work| {
                work.aside_for.is_none()
                    && work.phase == WorkPhase::Talking
                    && agent.capacity(work.channel).interruptible
            });
            let Some(place) = put_aside else { return };
            // It is the latest that there is no room for.
            let Some(in_favour_of) = agent.works.last().map(|work| work.interaction) else {
                return;
            };
            let agent = &mut self.agents[key];
            agent.works[place].aside_for = Some(in_favour_of);
            let (interaction, agent) = (agent.works[place].interaction, agent.id.clone());
            self.push(Output::Interrupt { interaction, agent, in_favour_of });
        }
    }

    /// Takes up what was put aside, as far as it fits, earliest first.
    pub(crate) fn resume_works(&mut self, key: AgentKey) {
        loop {
            let agent = &self.agents[key];
            let Some(place) = agent.works.iter().position(|work| work.aside_for.is_some()) else {
                return;
            };
            let active = agent.works.iter().filter(|work| work.aside_for.is_none());
            let weights = active.map(|work| u32::from(agent.capacity(work.channel).weight));
            let own = u32::from(agent.capacity(agent.works[place].channel).weight);
            if WHOLE < weights.sum::<u32>() + own {
                return;
            }
            let agent = &mut self.agents[key];
            agent.works[place].aside_for = None;
            let (interaction, agent) = (agent.works[place].interaction, agent.id.clone());
            self.push(Output::Resume { interaction, agent });
        }
    }

    /// Returns whether hours that are kept for other work forbid the offer.
    pub(crate) fn is_protected(&self, agent: &Agent, name: QueueKey, channel: Channel) -> bool {
        let queue = &self.queues[name].id;
        agent.config.protected.iter().any(|block| {
            !block.channels.contains(&channel)
                && !block.queues.contains(queue)
                && block.hours.is_open(self.now)
        })
    }

    /// Times the moment when hours that are kept for some work begin or end.
    pub(crate) fn time_blocks(&mut self, key: AgentKey) {
        let blocks = self.agents[key].config.protected.iter();
        let changes = blocks.filter_map(|block| block.hours.next_change(self.now));
        match changes.min() {
            Some(at) => self.timers.set(crate::timer::Timer::Block(key), at),
            None => self.timers.cancel(&crate::timer::Timer::Block(key)),
        }
    }

    pub(crate) fn block_changed(&mut self, key: AgentKey) {
        self.time_blocks(key);
        self.relist(key);
    }
}

impl Queue {
    /// Returns how many of its agents are in this state.
    pub(crate) fn in_state(&self, state: &AgentState) -> u32 {
        self.states[state.index()]
    }
}
