//! Between the engine's words and those of track 0.1. The only place where both are named.

use std::time::Duration;

use jackfield_core::{
    Candidate, Channel, Estimate, EstimateAsk, PastContact, PluginFailure, Proficiency, QueueEnd,
    QueueId, QueueOptions, QueueView, RoutingAnswer, RoutingAsk, RoutingDecision, SkillLevel,
    WaitingView,
};

use crate::track::{
    crm::read as crm, estimating, history, log::log, queueing::routing, state::state,
};
use crate::track::{telephony::session as telephony, types::types};
use crate::{
    CallbackOptions, Card, CrmError, GatherOptions, Gathered, LogLevel, Prompt, Recorded,
    ScriptError, SessionError, StateError,
};

pub fn channel(channel: Channel) -> types::Channel {
    match channel {
        Channel::Voice => types::Channel::Voice,
        Channel::Chat => types::Channel::Chat,
        Channel::Email => types::Channel::Email,
        Channel::Message => types::Channel::Message,
        Channel::Task => types::Channel::Task,
    }
}

fn skills(levels: &[SkillLevel]) -> Vec<types::SkillLevel> {
    let theirs =
        |one: &SkillLevel| types::SkillLevel { name: one.name.clone(), level: one.level.get() };
    levels.iter().map(theirs).collect()
}

/// A guest's levels; one out of range is taken to the nearest.
fn our_skills(levels: Vec<types::SkillLevel>) -> Vec<SkillLevel> {
    let ours = |one: types::SkillLevel| {
        let nearest = if one.level == 0 { Proficiency::MIN } else { Proficiency::MAX };
        let level = Proficiency::new(one.level).unwrap_or(nearest);
        SkillLevel { name: one.name, level }
    };
    levels.into_iter().map(ours).collect()
}

pub fn ask(ask: &RoutingAsk) -> routing::Ask {
    routing::Ask {
        contact: waiting(&ask.contact),
        candidates: ask.candidates.iter().map(candidate).collect(),
        queue: queue_view(&ask.queue),
        others: ask.others.iter().map(queue_view).collect(),
        now_seconds: ask.now_seconds,
        seed: ask.seed,
    }
}

fn waiting(contact: &WaitingView) -> routing::Waiting {
    routing::Waiting {
        id: contact.id.to_string(),
        channel: channel(contact.channel),
        queue: contact.queue.as_str().to_owned(),
        waited_ms: contact.waited_ms,
        priority: contact.priority,
        required: skills(&contact.required),
        preferred: skills(&contact.preferred),
        step: contact.step,
        attributes: contact.attributes.clone(),
    }
}

fn candidate(one: &Candidate) -> routing::Candidate {
    routing::Candidate {
        agent: one.agent.as_str().to_owned(),
        level: one.level,
        skills: skills(&one.skills),
        idle_ms: one.idle_ms,
        contacts: one.contacts,
        talk_seconds: one.talk_seconds,
        load: one.load,
        ranks: one.ranks.iter().map(rank).collect(),
        attributes: one.attributes.clone(),
    }
}

fn rank((queue, rank): (&QueueId, &u8)) -> routing::QueueRank {
    routing::QueueRank { queue: queue.as_str().to_owned(), rank: *rank }
}

/// What a router with the grant `crm.history` sees.
pub fn past_contact(past: &PastContact) -> history::PastContact {
    history::PastContact {
        agent: past.agent.as_ref().map(|agent| agent.as_str().to_owned()),
        queue: past.queue.as_ref().map(|queue| queue.as_str().to_owned()),
        channel: channel(past.channel),
        seconds_ago: past.seconds_ago,
        outcome: past.outcome.clone(),
    }
}

fn queue_view(queue: &QueueView) -> routing::QueueView {
    routing::QueueView {
        queue: queue.queue.as_str().to_owned(),
        waiting: queue.waiting,
        longest_wait_ms: queue.longest_wait_ms,
        agents_ready: queue.agents_ready,
        agents_busy: queue.agents_busy,
        counted: queue.counted,
        service_level: queue.service_level,
        target_share: queue.target_share,
        target_within_ms: queue.target_within_ms,
        last_offered: queue.last_offered.as_ref().map(|agent| agent.as_str().to_owned()),
        attributes: queue.attributes.clone(),
    }
}

/// Longest name that is kept of an answer, and longest text, in bytes.
const NAME_BYTES: usize = 128;
const TEXT_BYTES: usize = 1_024;
/// Longest text that is kept of an error. The suites of worlds find what is longer.
pub const ERROR_BYTES: usize = 2_000;
/// Reasons that are kept of an answer.
const BECAUSE_MAX: usize = 32;
/// The most scores of a decision that are kept.
const SCORES_MAX: usize = 64;

/// A router's answer, if it makes sense for `ask`.
pub fn answer(reply: routing::Answer, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
    let decision = match reply.decision {
        routing::Decision::WaitMs(span) => RoutingDecision::WaitMs(span),
        routing::Decision::MoveTo(queue) => RoutingDecision::MoveTo(cut(queue, NAME_BYTES)),
        routing::Decision::SetPriority(priority) => RoutingDecision::SetPriority(priority),
        routing::Decision::Offer(agents) => RoutingDecision::Offer(candidates(agents, ask)?),
        routing::Decision::OfferAll(agents) => RoutingDecision::OfferAll(candidates(agents, ask)?),
        routing::Decision::OfferProgressive(plan) => RoutingDecision::OfferProgressive {
            agents: candidates(plan.agents, ask)?,
            step_ms: plan.step_ms,
        },
    };
    let scores = reply.scores.into_iter().take(SCORES_MAX);
    let scores: Vec<_> = scores.map(|score| (score.agent, score.value)).collect();
    // No decimal text stands for such a number, and a certificate keeps scores as text.
    if let Some((_, value)) = scores.iter().find(|(_, value)| !value.is_finite()) {
        return Err(PluginFailure::BadReply(format!("a score of {value}")));
    }
    let because = reply.because.into_iter().take(BECAUSE_MAX);
    let because = because.map(|(name, text)| (cut(name, NAME_BYTES), cut(text, TEXT_BYTES)));
    Ok(RoutingAnswer { decision, because: because.collect(), scores })
}

pub fn estimate_ask(ask: &EstimateAsk) -> estimating::EstimateAsk {
    let past = |&(position, waited_ms): &(u32, u32)| estimating::PastWait { position, waited_ms };
    estimating::EstimateAsk {
        id: ask.interaction.to_string(),
        channel: channel(ask.channel),
        queue: ask.queue.as_str().to_owned(),
        position: ask.position,
        waited_ms: ask.waited_ms,
        agents: ask.agents,
        agents_ready: ask.agents_ready,
        recent_waits: ask.recent_waits.iter().map(past).collect(),
        recent_handles_ms: ask.recent_handles_ms.clone(),
        abandon_share: ask.abandon_share,
        attributes: ask.attributes.clone(),
        now_seconds: ask.now_seconds,
    }
}

/// Checks that a reply can be meant.
pub fn estimate(
    reply: Option<estimating::WaitEstimate>,
) -> Result<Option<Estimate>, PluginFailure> {
    let Some(estimating::WaitEstimate { p50_ms, p90_ms }) = reply else { return Ok(None) };
    if p90_ms < p50_ms {
        return Err(PluginFailure::BadReply(format!(
            "p90 of {p90_ms} ms is less than p50 of {p50_ms} ms"
        )));
    }
    let span = |ms: u32| Duration::from_millis(ms.into());
    Ok(Some(Estimate { p50: span(p50_ms), p90: span(p90_ms) }))
}

/// Returns the agents named, if each was a candidate and there is one.
fn candidates(agents: Vec<String>, ask: &RoutingAsk) -> Result<Vec<String>, PluginFailure> {
    let (named, known) = (agents.len(), ask.candidates.len());
    // Said before each is looked up: a list of a million takes its time.
    if known < named {
        return Err(PluginFailure::BadReply(format!(
            "an offer to {named} agents, of {known} candidates"
        )));
    }
    let known = |name: &String| ask.candidates.iter().any(|c| c.agent.as_str() == name);
    if let Some(stranger) = agents.iter().find(|name| !known(name)) {
        let stranger: String = stranger.chars().take(64).collect();
        return Err(PluginFailure::BadReply(format!("`{stranger}` is no candidate")));
    }
    if agents.is_empty() {
        return Err(PluginFailure::BadReply("an offer to nobody".to_owned()));
    }
    Ok(agents)
}

/// A guest's own error, and the place if a script failed.
pub fn refusal(error: types::PluginError) -> (PluginFailure, Option<ScriptError>) {
    match error {
        types::PluginError::Configuration(text)
        | types::PluginError::Unavailable(text)
        | types::PluginError::Failed(text) => {
            (PluginFailure::Refused(cut(text, ERROR_BYTES)), None)
        }
        types::PluginError::Script(error) => {
            let error = script_error(error);
            (PluginFailure::Refused(error.to_string()), Some(error))
        }
    }
}

pub fn script_error(error: types::ScriptError) -> ScriptError {
    ScriptError { message: cut(error.message, TEXT_BYTES), line: error.line, column: error.column }
}

/// Shortens what a guest wrote before it is kept for good. What was shortened is longer than `bytes`.
fn cut(mut text: String, bytes: usize) -> String {
    if bytes < text.len() {
        text.truncate(text.ceil_char_boundary(bytes));
        text.push_str("...");
    }
    text
}

pub fn session_error(error: SessionError) -> telephony::SessionError {
    match error {
        SessionError::Ended => telephony::SessionError::Ended,
        SessionError::UnknownName(name) => telephony::SessionError::UnknownName(name),
        SessionError::NotPossible(why) => telephony::SessionError::NotPossible(why),
        SessionError::Limit(which) => telephony::SessionError::Limit(which),
    }
}

pub fn prompts(prompts: Vec<telephony::Prompt>) -> Vec<Prompt> {
    let ours = |prompt| match prompt {
        telephony::Prompt::Text(text) => Prompt::Text(text),
        telephony::Prompt::Named(name) => Prompt::Named(name),
        telephony::Prompt::PauseMs(span) => Prompt::PauseMs(span),
    };
    prompts.into_iter().map(ours).collect()
}

/// Brings the numbers into the ranges that the contract states.
pub fn gather_options(options: telephony::GatherOptions) -> GatherOptions {
    let max_digits = options.max_digits.clamp(1, 128);
    GatherOptions {
        min_digits: options.min_digits.clamp(1, max_digits),
        max_digits,
        terminator: options.terminator,
        first_digit_timeout_ms: options.first_digit_timeout_ms,
        next_digit_timeout_ms: options.next_digit_timeout_ms,
        barge_in: options.barge_in,
    }
}

pub fn gathered(gathered: Gathered) -> telephony::Gathered {
    match gathered {
        Gathered::Input(input) => telephony::Gathered::Input(input),
        Gathered::Nothing => telephony::Gathered::Nothing,
    }
}

pub fn recorded(recorded: Recorded) -> telephony::Recorded {
    telephony::Recorded { length_ms: recorded.length_ms, name: recorded.name }
}

pub fn queue_options(options: telephony::QueueOptions) -> QueueOptions {
    QueueOptions {
        required: our_skills(options.required),
        preferred: our_skills(options.preferred),
        priority: options.priority,
        max_wait: options.max_wait_ms.map(|span| Duration::from_millis(span.into())),
        attributes: options.attributes,
        // The host's to add: no flow may make it up.
        history: Vec::new(),
        waiting_since: None,
    }
}

pub fn callback_options(options: telephony::CallbackOptions) -> CallbackOptions {
    CallbackOptions {
        address: options.address,
        owner: options.owner,
        deadline_ms: options.deadline_ms,
        voicemail: options.voicemail,
    }
}

pub fn queue_end(end: QueueEnd) -> telephony::QueueEnd {
    match end {
        QueueEnd::Served => telephony::QueueEnd::Served,
        QueueEnd::TimedOut => telephony::QueueEnd::TimedOut,
        QueueEnd::Full => telephony::QueueEnd::Full,
        QueueEnd::Closed => telephony::QueueEnd::Closed,
        QueueEnd::NoAgents => telephony::QueueEnd::NoAgents,
        QueueEnd::LeftByKey(key) => telephony::QueueEnd::LeftByKey(key),
        QueueEnd::Callback => telephony::QueueEnd::Callback,
    }
}

pub fn card(card: Card) -> crm::Card {
    crm::Card {
        id: card.id,
        name: card.name,
        language: card.language,
        segment: card.segment,
        fields: card.fields,
    }
}

pub fn crm_error(error: CrmError) -> crm::CrmError {
    match error {
        CrmError::NotFound => crm::CrmError::NotFound,
        CrmError::Invalid(why) => crm::CrmError::Invalid(why),
        CrmError::Limit(which) => crm::CrmError::Limit(which),
        CrmError::Unavailable => crm::CrmError::Unavailable,
    }
}

pub fn state_error(error: StateError) -> state::StateError {
    match error {
        StateError::Quota => state::StateError::Quota,
        StateError::TooLarge => state::StateError::TooLarge,
        StateError::Unavailable => state::StateError::Unavailable,
    }
}

pub fn log_level(level: log::Level) -> LogLevel {
    match level {
        log::Level::Debug => LogLevel::Debug,
        log::Level::Info => LogLevel::Info,
        log::Level::Warn => LogLevel::Warn,
        log::Level::Error => LogLevel::Error,
    }
}
