//! Records in words: one line for what happened, one for each thing that the engine said.

use std::collections::BTreeMap;

use jackfield_core::{Input, Instant, InteractionId, JournalRecord, Output, RoutingDecision};

use crate::scenario::show_time;

/// Tells records; contacts are numbered as they come.
#[derive(Clone, Debug)]
pub struct Teller {
    start: Instant,
    names: BTreeMap<InteractionId, usize>,
}

impl Teller {
    /// Tells times from `start` on.
    pub const fn new(start: Instant) -> Self {
        Self { start, names: BTreeMap::new() }
    }

    fn name(&mut self, id: InteractionId) -> String {
        let next = self.names.len() + 1;
        format!("contact {}", self.names.entry(id).or_insert(next))
    }

    /// Returns the record in words. What only asks or tells plugins is left out.
    pub fn tell(&mut self, record: &JournalRecord) -> String {
        let at = show_time(record.at - self.start);
        let mut text = format!("{at}: {}\n", self.input(&record.input));
        for output in &record.outputs {
            text += &format!("    {}\n", self.output(output));
        }
        text
    }

    fn input(&mut self, input: &Input) -> String {
        match input {
            Input::Configured { config } => {
                let (queues, agents) = (config.queues.len(), config.agents.len());
                format!("set-up of {queues} queues and {agents} agents")
            }
            Input::Restarted { agents, .. } => {
                format!("started again, {} agents known", agents.len())
            }
            Input::AgentLoggedIn { agent } => format!("{agent} logs in"),
            Input::AgentLoggedOut { agent } => format!("{agent} logs out"),
            Input::AgentReady { agent } => format!("{agent} is ready"),
            Input::AgentNotReady { agent, reason } => format!("{agent} pauses ({})", reason.0),
            Input::InteractionArrived { interaction, .. } => {
                format!("{} arrives", self.name(*interaction))
            }
            Input::InteractionEnqueued { interaction, queue, options } => {
                let priority = match options.priority {
                    0 => String::new(),
                    priority => format!(" with priority {priority}"),
                };
                format!("{} is put into {queue}{priority}", self.name(*interaction))
            }
            Input::InteractionLeftQueue { interaction, key } => {
                format!("{} presses {key}", self.name(*interaction))
            }
            Input::InteractionEnded { interaction, cause } => {
                format!("{} ends: {cause:?}", self.name(*interaction))
            }
            Input::OfferAccepted { offer } => format!("offer {offer} is accepted"),
            Input::OfferFailed { offer, failure } => format!("offer {offer} fails: {failure:?}"),
            Input::ConversationEnded { interaction, by } => {
                format!("the conversation of {} ends by {by:?}", self.name(*interaction))
            }
            Input::RouterReplied { ask, answer, .. } => {
                let said = match &answer.decision {
                    RoutingDecision::Offer(names) => format!("offer to {}", names.join(", ")),
                    RoutingDecision::OfferAll(names) => format!("ring {}", names.join(", ")),
                    RoutingDecision::WaitMs(wait) => format!("wait {wait} ms"),
                    other => format!("{other:?}"),
                };
                format!("router answers {ask}: {said}")
            }
            Input::RouterFailed { ask, failure, .. } => format!("router fails {ask}: {failure}"),
            Input::EstimatorReplied { ask, estimate: None, .. } => {
                format!("estimator cannot tell {ask}")
            }
            Input::EstimatorReplied { ask, estimate: Some(estimate), .. } => {
                let [p50, p90] = [estimate.p50, estimate.p90].map(show_time);
                format!("estimator answers {ask}: p50 {p50}, p90 {p90}")
            }
            Input::EstimatorFailed { ask, failure, .. } => {
                format!("estimator fails {ask}: {failure}")
            }
            Input::QueueOpened { queue, by } => format!("{by} opens {queue}"),
            Input::TimeElapsed => "time passes".to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn output(&mut self, output: &Output) -> String {
        match output {
            Output::AskRouter { ask, router, request, .. } => {
                let contact = self.name(request.contact.id);
                let names: Vec<&str> =
                    request.candidates.iter().map(|shown| shown.agent.as_str()).collect();
                format!("ask {ask} {router} about {contact}: {}", names.join(", "))
            }
            Output::AskEstimator { ask, estimator, request, .. } => {
                let contact = self.name(request.interaction);
                format!("ask {ask} {estimator} how long {contact} will wait")
            }
            Output::Announce { interaction, queue, position, wait, .. } => {
                let position = position.map_or(String::new(), |at| format!(", place {at}"));
                let wait = wait.map_or(String::new(), |wait| format!(", {wait:?}"));
                format!("{} is told of {queue}{position}{wait}", self.name(*interaction))
            }
            Output::Offer { offer, interaction, agent, .. } => {
                format!("offer {offer} of {} to {agent}", self.name(*interaction))
            }
            Output::Withdraw { offer, agent, reason, .. } => {
                format!("withdraw offer {offer} from {agent}: {reason:?}")
            }
            Output::Connect { interaction, agent, waited, .. } => {
                let waited = show_time(*waited);
                format!("connect {} with {agent} after {waited}", self.name(*interaction))
            }
            Output::Disconnect { interaction, agent, talked, .. } => {
                let talked = show_time(*talked);
                format!("part {} and {agent} after {talked}", self.name(*interaction))
            }
            Output::LeaveQueue { interaction, queue, end, .. } => {
                format!("{} leaves {queue}: {end:?}", self.name(*interaction))
            }
            Output::Queued { interaction, queue, position } => {
                format!("{} is number {position} in {queue}", self.name(*interaction))
            }
            Output::Overflowed { interaction, from, to } => {
                format!("{} overflows from {from} to {to}", self.name(*interaction))
            }
            Output::Abandoned { interaction, queue, .. } => {
                format!("{} abandons {queue}", self.name(*interaction))
            }
            Output::AgentChanged { agent, state, before, .. } => {
                format!("{agent}: {before} -> {state}")
            }
            Output::OfferLost { offer, agent, failure, .. } => {
                format!("offer {offer} to {agent} is lost: {failure:?}")
            }
            Output::WrapUpEnded { interaction, agent, lasted, .. } => {
                let (contact, lasted) = (self.name(*interaction), show_time(*lasted));
                format!("the work of {agent} after {contact} is over after {lasted}")
            }
            Output::Closed { interaction, cause, .. } => {
                format!("{} is closed: {cause:?}", self.name(*interaction))
            }
            Output::Refused { interaction, why } => {
                format!("{} is refused: {why}", self.name(*interaction))
            }
            other => format!("{other:?}"),
        }
    }
}
