//! Wrong engines: the real one behind a wrapper that makes one mistake of another system.
//!
//! A wrapper sees every input before the engine and every output after it, and may change both, and
//! what the engine says of itself. Nothing in the engine knows of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, AgentState, CallbackState, Center, CenterConfig, CenterSnapshot, Checkpoint, EndCause,
    Input, Instant, InteractionId, OfferFailure, OfferId, Output, Party, QueueConfig, RouterChoice,
    RoutingAnswer, RoutingDecision, WithdrawReason,
};
use jackfield_sim::Engine;

/// The mistakes, by the reports they are named after.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Patch {
    /// mod_callcenter freezes, the agent stays "Receiving".
    Freeswitch1062,
    /// The agent's dispatch thread dies; only a reload is the cure.
    Freeswitch1641,
    /// Members are "Answered" hours after the hang-up (a race of threads).
    Freeswitch1973,
    /// Agents are stuck in Reserved.
    Freeswitch2540,
    /// An agent is rung for a caller who has left (zombie call).
    Freeswitch2529,
    /// The same phone is rung twice, others not.
    Freeswitch2901,
    /// A status change during an offer gives a fast loop of inviting and cancelling.
    FreeswitchPr800,
    /// After-call work ends early.
    Asterisk1006,
    /// Calls are counted twice.
    Asterisk1736,
    /// One agent hangs up and all ringing agents are dropped.
    Asterisk1557,
    /// Offers stop altogether.
    Asterisk1691,
    /// An agent stays in a call whose BYE was lost.
    Opensips2530,
    /// The activity flips back to available.
    TwilioTaskrouter2,
    /// Low priority is assigned ahead of high priority.
    TaskrouterCcis1719,
    /// The chat is not shown to the agent until the page is loaded again.
    RocketChat22105,
    /// What is queued is never assigned when capacity frees.
    Chatwoot10583,
    /// Limits are enforced late: 20 % more get in.
    AmazonConnectLimits,
    /// The caller is popped before the bridge and lost when that fails.
    PoppedBeforeTheBridge,
    /// Who was not answered starts again at the end of the line.
    PlaceLostOnNoAnswer,
    /// A callback is forgotten as soon as it is asked for.
    CallbackForgotten,
    /// A customer who asks twice has two callbacks.
    CallbackDoubled,
    /// A callback stands behind all who came while the customer hung up.
    CallbackPlaceLost,
    /// A customer is given up after the first try.
    CallbackGivenUp,
    /// Protected hours are not minded.
    ProtectedIgnored,
    /// A peak ends as soon as few enough wait.
    NoHysteresis,
    /// The weights of queues are not minded.
    WeightsIgnored,
    /// Steps come at half their time.
    RelaxedEarly,
    /// A step that comes is not made.
    NeverRelaxed,
    /// Eligibility is not minded.
    EligibilityIgnored,
    /// One more of each channel is taken, at half the weight.
    CapacityExceeded,
    /// Everything can be put aside.
    EverythingAside,
    /// Waits are told before the estimates are calibrated.
    ToldUncalibrated,
    /// What is told is what the estimator says, whatever was told before.
    EstimateRises,
}

impl Patch {
    /// Returns whether it is in something that centres of calls alone do not have.
    pub fn is_wide(self) -> bool {
        (Self::PlaceLostOnNoAnswer as u8) < self as u8
    }
}

/// The engine with a mistake.
pub struct Wrong {
    patch: Patch,
    center: Center,
    at: Instant,
    dead: bool,
    stuck: BTreeSet<AgentId>,
    rings: BTreeMap<OfferId, (InteractionId, AgentId)>,
    talks: BTreeMap<InteractionId, Instant>,
    states: BTreeMap<AgentId, AgentState>,
    enqueued: BTreeMap<InteractionId, Input>,
}

impl Wrong {
    pub fn new(patch: Patch) -> Self {
        Self {
            patch,
            center: Center::new(),
            at: Instant::default(),
            dead: false,
            stuck: BTreeSet::new(),
            rings: BTreeMap::new(),
            talks: BTreeMap::new(),
            states: BTreeMap::new(),
            enqueued: BTreeMap::new(),
        }
    }

    /// Feeds the real engine.
    fn real(&mut self, input: Input) -> Vec<Output> {
        self.center.handle_input(self.at, input);
        std::iter::from_fn(|| self.center.poll_output()).collect()
    }

    fn remember(&mut self, input: &Input, outputs: &[Output]) {
        if let Input::InteractionEnqueued { interaction, .. } = input {
            self.enqueued.insert(*interaction, input.clone());
        }
        for output in outputs {
            match output {
                Output::Offer { offer, interaction, agent, .. } => {
                    self.rings.insert(*offer, (*interaction, agent.clone()));
                }
                Output::Withdraw { offer, .. } | Output::OfferLost { offer, .. } => {
                    self.rings.remove(offer);
                }
                Output::Connect { offer, interaction, .. } => {
                    self.rings.remove(offer);
                    self.talks.insert(*interaction, self.at);
                }
                Output::Disconnect { interaction, .. } => drop(self.talks.remove(interaction)),
                Output::AgentChanged { agent, state, .. } => {
                    self.states.insert(agent.clone(), state.clone());
                }
                _ => (),
            }
        }
    }

    /// What goes wrong before the engine hears of it; `None` if it never does.
    fn before(&mut self, input: Input) -> Option<Input> {
        match (self.patch, input) {
            (Patch::Freeswitch1062, input) => {
                self.dead |= matches!(input, Input::OfferFailed { .. });
                (!self.dead).then_some(input)
            }
            (Patch::Freeswitch1641, Input::OfferFailed { offer, failure }) => {
                let agent = self.rings.get(&offer).map(|(_, agent)| agent.clone());
                if failure != OfferFailure::Declined {
                    self.stuck.extend(agent);
                }
                Some(Input::OfferFailed { offer, failure })
            }
            (Patch::Freeswitch1641, Input::AgentReady { agent }) => {
                (!self.stuck.contains(&agent)).then_some(Input::AgentReady { agent })
            }
            (Patch::Freeswitch1973, Input::InteractionEnded { interaction, cause }) => {
                let talks = self.talks.get(&interaction);
                let races = talks.is_some_and(|since| self.at - *since < Duration::from_secs(1));
                (!races).then_some(Input::InteractionEnded { interaction, cause })
            }
            (
                Patch::Opensips2530,
                Input::InteractionEnded { interaction, cause: EndCause::Lost },
            ) if self.talks.contains_key(&interaction) => None,
            (Patch::TwilioTaskrouter2, Input::AgentNotReady { agent, reason }) => {
                let busy = self.states.get(&agent) == Some(&AgentState::Busy);
                (!busy).then_some(Input::AgentNotReady { agent, reason })
            }
            (
                Patch::TaskrouterCcis1719,
                Input::InteractionEnqueued { interaction, queue, mut options },
            ) => {
                options.priority = options.priority.saturating_neg();
                Some(Input::InteractionEnqueued { interaction, queue, options })
            }
            (_, Input::Configured { config }) => {
                Some(Input::Configured { config: Arc::new(self.other_config(&config)) })
            }
            (
                Patch::CallbackDoubled,
                Input::CallbackRequested { interaction, queue, origin, owner, deadline, .. },
            ) => {
                let address = Some(interaction.to_string());
                let input = Input::CallbackRequested {
                    interaction,
                    queue,
                    address,
                    origin,
                    owner,
                    deadline,
                };
                Some(input)
            }
            (_, input) => Some(input),
        }
    }

    fn other_config(&self, config: &CenterConfig) -> CenterConfig {
        let mut config = config.clone();
        for queue in config.queues.values_mut() {
            self.other_queue(queue);
        }
        for agent in config.agents.values_mut() {
            match self.patch {
                Patch::ProtectedIgnored => agent.protected.clear(),
                Patch::CapacityExceeded => {
                    for capacity in agent.capacity.values_mut() {
                        (capacity.slots, capacity.weight) =
                            (capacity.slots + 1, capacity.weight / 2);
                    }
                }
                Patch::EverythingAside => {
                    agent.capacity.values_mut().for_each(|capacity| capacity.interruptible = true);
                }
                _ => (),
            }
        }
        if self.patch == Patch::NoHysteresis {
            config.blends.values_mut().for_each(|blend| blend.calm_for = Duration::ZERO);
        }
        config
    }

    fn other_queue(&self, queue: &mut QueueConfig) {
        match self.patch {
            Patch::AmazonConnectLimits => queue.max_size += queue.max_size.div_ceil(5),
            Patch::Asterisk1691 | Patch::Chatwoot10583 if queue.router == RouterChoice::BuiltIn => {
                queue.router = RouterChoice::Plugin("patch".to_owned());
            }
            Patch::CallbackGivenUp => queue.callbacks.attempts = 1,
            Patch::WeightsIgnored => queue.weight = 0,
            Patch::RelaxedEarly => queue.steps.iter_mut().for_each(|step| step.after /= 2),
            Patch::NeverRelaxed => queue.steps.clear(),
            Patch::EligibilityIgnored => queue.eligible = None,
            _ => (),
        }
    }

    /// What goes wrong after the engine has decided.
    fn after(&mut self, input: &Input, outputs: Vec<Output>) -> Vec<Output> {
        match self.patch {
            Patch::Freeswitch2540 => self.stay_reserved(outputs),
            Patch::Freeswitch2529 => {
                let left = |output: &Output| {
                    let reason = WithdrawReason::CustomerLeft;
                    matches!(output, Output::Withdraw { reason: why, .. } if *why == reason)
                };
                outputs.into_iter().filter(|output| !left(output)).collect()
            }
            Patch::Freeswitch2901 => twice(outputs, |output| match output {
                Output::Offer { offer, .. } => {
                    *offer = OfferId(offer.0 + 1_000_000);
                    true
                }
                _ => false,
            }),
            Patch::FreeswitchPr800 => self.invite_again(outputs),
            Patch::Asterisk1736 => twice(outputs, |output| matches!(output, Output::Queued { .. })),
            Patch::Asterisk1557 => self.drop_all_ringing(input, outputs),
            Patch::Asterisk1691 | Patch::Chatwoot10583 => self.wait_for_ever(input, outputs),
            Patch::RocketChat22105 => {
                outputs.into_iter().filter(|o| !matches!(o, Output::Offer { .. })).collect()
            }
            Patch::Asterisk1006 => self.cut_short(input, outputs),
            Patch::PoppedBeforeTheBridge => self.lose(input, outputs),
            Patch::PlaceLostOnNoAnswer => self.start_again(outputs),
            Patch::CallbackForgotten => self.forget_callback(outputs),
            Patch::CallbackDoubled => same_number(outputs),
            Patch::ToldUncalibrated | Patch::EstimateRises => tell_all(outputs),
            _ => outputs,
        }
    }

    /// The agent of an offer whose customer left is never heard of again.
    fn stay_reserved(&mut self, outputs: Vec<Output>) -> Vec<Output> {
        let left = outputs.iter().find_map(|output| match output {
            Output::Withdraw { agent, reason: WithdrawReason::CustomerLeft, .. } => {
                Some(agent.clone())
            }
            _ => None,
        });
        if let Some(agent) = left {
            self.stuck.insert(agent.clone());
            self.real(Input::AgentLoggedOut { agent });
        }
        let stuck = |output: &Output| match output {
            Output::AgentChanged { agent, .. } => self.stuck.contains(agent),
            _ => false,
        };
        outputs.into_iter().filter(|output| !stuck(output)).collect()
    }

    fn invite_again(&self, outputs: Vec<Output>) -> Vec<Output> {
        let mut more = Vec::new();
        for output in outputs {
            let again = match &output {
                Output::Withdraw {
                    interaction, agent, reason: WithdrawReason::AgentLeft, ..
                } => Some((*interaction, agent.clone())),
                _ => None,
            };
            more.push(output);
            let Some((interaction, agent)) = again else { continue };
            let snapshot = self.center.snapshot();
            let queue = snapshot.queues.iter().find(|(_, queue)| {
                queue.waiting.iter().any(|waiting| waiting.interaction == interaction)
            });
            let Some((queue, _)) = queue else { continue };
            more.push(Output::AgentChanged {
                agent: agent.clone(),
                state: AgentState::Ready,
                lasted: Duration::ZERO,
                before: "reserved".to_owned(),
            });
            more.push(Output::Offer {
                offer: OfferId(1_000_000),
                interaction,
                agent,
                queue: queue.clone(),
                ring_until: self.at + Duration::from_secs(20),
                routed_by: jackfield_core::RoutedBy::BuiltIn,
                because: Vec::new(),
                certificate: None,
            });
        }
        more
    }

    fn drop_all_ringing(&self, input: &Input, mut outputs: Vec<Output>) -> Vec<Output> {
        if matches!(input, Input::ConversationEnded { by: Party::Agent, .. }) {
            for (offer, (interaction, agent)) in &self.rings {
                outputs.push(Output::Withdraw {
                    offer: *offer,
                    interaction: *interaction,
                    agent: agent.clone(),
                    reason: WithdrawReason::AnsweredElsewhere,
                });
            }
        }
        outputs
    }

    /// The engine's questions to the patch, which the world does not see, are answered with "wait":
    /// always, or unless somebody has just come.
    fn wait_for_ever(&mut self, input: &Input, outputs: Vec<Output>) -> Vec<Output> {
        let mut kept = Vec::new();
        let mut left: std::collections::VecDeque<Output> = outputs.into();
        while let Some(output) = left.pop_front() {
            let Output::AskRouter { ask, router, request, .. } = &output else {
                kept.push(output);
                continue;
            };
            if router != "patch" {
                kept.push(output);
                continue;
            }
            let comes = matches!(input, Input::InteractionEnqueued { .. });
            let decision = if self.patch == Patch::Chatwoot10583 && comes {
                RoutingDecision::Offer(vec![request.candidates[0].agent.to_string()])
            } else {
                RoutingDecision::WaitMs(60_000)
            };
            let answer = RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() };
            let plugin = "patch".to_owned();
            left.extend(self.real(Input::RouterReplied { ask: *ask, answer, plugin }));
        }
        kept
    }

    /// Whoever comes into a queue ends all after-call work.
    fn cut_short(&mut self, input: &Input, mut outputs: Vec<Output>) -> Vec<Output> {
        if matches!(input, Input::InteractionEnqueued { .. }) {
            let wraps = |(_, state): &(&AgentId, &AgentState)| **state == AgentState::AfterCallWork;
            let agents: Vec<AgentId> =
                self.states.iter().filter(wraps).map(|(agent, _)| agent.clone()).collect();
            for agent in agents {
                outputs.extend(self.real(Input::AgentReady { agent }));
            }
        }
        outputs
    }

    fn lose(&mut self, input: &Input, outputs: Vec<Output>) -> Vec<Output> {
        let Input::OfferFailed { offer, .. } = input else { return outputs };
        if let Some((interaction, _)) = self.rings.get(offer).cloned() {
            self.real(Input::InteractionEnded { interaction, cause: EndCause::Completed });
        }
        outputs
    }

    fn forget_callback(&mut self, outputs: Vec<Output>) -> Vec<Output> {
        for output in &outputs {
            if let Output::CallbackChanged {
                callback, state: CallbackState::Waiting { .. }, ..
            } = output
            {
                self.real(Input::CallbackCancelled { callback: *callback, by: "patch".to_owned() });
            }
        }
        outputs
    }

    fn start_again(&mut self, outputs: Vec<Output>) -> Vec<Output> {
        let failed = outputs.iter().find_map(|output| match output {
            Output::Withdraw { interaction, reason: WithdrawReason::NoAnswer, .. } => {
                Some(*interaction)
            }
            _ => None,
        });
        if let Some((interaction, again)) =
            failed.and_then(|id| Some((id, self.enqueued.get(&id)?)))
        {
            let again = again.clone();
            let cause = EndCause::Completed;
            self.real(Input::InteractionEnded { interaction, cause });
            self.real(Input::InteractionArrived {
                interaction,
                channel: jackfield_core::Channel::Voice,
                ani: None,
                dnis: String::new(),
            });
            self.real(again);
        }
        outputs
    }
}

/// The engine has a number for each request; the world hears the customer's own.
fn same_number(mut outputs: Vec<Output>) -> Vec<Output> {
    for output in &mut outputs {
        if let Output::Dial { address, .. }
        | Output::CallbackChanged { state: CallbackState::Waiting { address, .. }, .. } = output
        {
            "customer".clone_into(address);
        }
    }
    outputs
}

/// Tells every estimate as it is.
fn tell_all(mut outputs: Vec<Output>) -> Vec<Output> {
    let mut said = None;
    for output in &mut outputs {
        match output {
            Output::Estimated { estimate, told, .. } => {
                *told = true;
                said = Some(*estimate);
            }
            Output::Announce { wait, .. } => *wait = said.take(),
            _ => (),
        }
    }
    outputs
}

/// Says again, changed, what `change` wants said again.
fn twice(outputs: Vec<Output>, change: impl Fn(&mut Output) -> bool) -> Vec<Output> {
    let again = |output: Output| {
        let mut other = output.clone();
        let more = change(&mut other).then_some(other);
        [Some(output), more]
    };
    outputs.into_iter().flat_map(again).flatten().collect()
}

impl Engine for Wrong {
    fn restart(&mut self) {
        *self = Self::new(self.patch);
    }

    fn feed(&mut self, at: Instant, input: Input) -> Vec<Output> {
        self.at = at;
        let Some(heard) = self.before(input.clone()) else {
            return if self.dead { Vec::new() } else { self.real(Input::TimeElapsed) };
        };
        let outputs = self.real(heard);
        let outputs = self.after(&input, outputs);
        self.remember(&input, &outputs);
        outputs
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.center.next_deadline().filter(|_| !self.dead)
    }

    fn checkpoint(&self) -> Checkpoint {
        self.center.checkpoint()
    }

    fn snapshot(&self) -> CenterSnapshot {
        let mut snapshot = self.center.snapshot();
        if self.patch == Patch::CallbackDoubled {
            for callback in snapshot.callbacks.values_mut() {
                "customer".clone_into(&mut callback.address);
            }
        }
        if self.patch == Patch::CallbackPlaceLost {
            for callback in snapshot.callbacks.values_mut() {
                callback.joined = snapshot.at;
            }
        }
        if self.patch == Patch::Freeswitch2540 {
            for agent in &self.stuck {
                if let Some(agent) = snapshot.agents.get_mut(agent) {
                    agent.state = AgentState::Reserved;
                }
            }
        }
        snapshot
    }
}
