//! Questions and answers in words. What is as usual is left out.

use jackfield_core::{
    Attribute, Candidate, Channel, Estimate, EstimateAsk, QueueView, RoutingAnswer, RoutingAsk,
    RoutingDecision, SkillLevel,
};

/// The longest text of an attribute that is shown.
const TEXT_CHARS: usize = 60;

/// Candidates that are shown.
const CANDIDATES: usize = 8;

/// A line of a trace: what, and about it.
pub fn line(what: &str, about: &str) -> String {
    format!("  {what:<10} {about}\n")
}

/// Lines of a trace, each with what it is about before a tab.
pub fn lines(lines: &[String]) -> String {
    let of = |text: &String| match text.split_once('\t') {
        Some((what, about)) => line(what, about),
        None => line("", text),
    };
    lines.iter().map(of).collect()
}

fn skills(levels: &[SkillLevel]) -> String {
    let one = |skill: &SkillLevel| format!("{} {}", skill.name, skill.level.get());
    levels.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn attributes(all: &[Attribute]) -> String {
    let short = |text: &str| {
        let mut short: String = text.chars().take(TEXT_CHARS).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        short
    };
    let one = |(name, value): &Attribute| format!("{name}=\"{}\"", short(value));
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Puts parts that are there one after the other.
fn joined(parts: impl IntoIterator<Item = (bool, String)>) -> String {
    let there = parts.into_iter().filter(|(there, _)| *there).map(|(_, text)| text);
    there.collect::<Vec<_>>().join(", ")
}

fn channel(channel: Channel) -> String {
    format!("{channel:?}").to_lowercase()
}

pub fn routing(ask: &RoutingAsk) -> Vec<String> {
    let contact = &ask.contact;
    let mut all = vec![format!(
        "contact\t{}",
        joined([
            (true, format!("{} in {}", channel(contact.channel), contact.queue)),
            (true, format!("waited {} ms", contact.waited_ms)),
            (contact.priority != 0, format!("priority {}", contact.priority)),
            (contact.step != 0, format!("step {}", contact.step)),
            (!contact.required.is_empty(), format!("requires {}", skills(&contact.required))),
            (!contact.preferred.is_empty(), format!("prefers {}", skills(&contact.preferred))),
            (!contact.attributes.is_empty(), attributes(&contact.attributes)),
        ])
    )];
    for past in &contact.history {
        let agent = past.agent.as_ref().map_or("nobody", |agent| agent.as_str());
        let (ago, outcome) = (past.seconds_ago, &past.outcome);
        all.push(format!("history\t{agent}, {ago} s ago, {outcome}"));
    }
    all.push(format!("queue\t{}", queue(&ask.queue)));
    all.extend(ask.others.iter().map(|other| format!("other\t{}", queue(other))));
    let shown = if CANDIDATES < ask.candidates.len() { CANDIDATES - 1 } else { CANDIDATES };
    let candidates = ask.candidates.iter().map(|one| format!("candidate\t{}", candidate(one)));
    all.extend(candidates.take(shown));
    if shown < ask.candidates.len() {
        all.push(format!("\tand {} more", ask.candidates.len() - shown));
    }
    if ask.seed != 0 || ask.now_seconds != 0.0 {
        all.push(format!("time\t{} s, seed {}", ask.now_seconds, ask.seed));
    }
    all
}

fn queue(queue: &QueueView) -> String {
    let quiet = QueueView::quiet(queue.queue.clone());
    let last = queue.last_offered.as_ref().map_or("", |agent| agent.as_str());
    joined([
        (true, queue.queue.to_string()),
        (true, format!("{} waiting", queue.waiting)),
        (queue.longest_wait_ms != 0, format!("longest wait {} ms", queue.longest_wait_ms)),
        (queue.agents_ready != 0, format!("{} ready", queue.agents_ready)),
        (queue.agents_busy != 0, format!("{} busy", queue.agents_busy)),
        (
            queue.counted != 0 || queue.service_level != quiet.service_level,
            format!("service level {} of {} counted", queue.service_level, queue.counted),
        ),
        (
            (queue.target_share, queue.target_within_ms)
                != (quiet.target_share, quiet.target_within_ms),
            format!("target {} in {} ms", queue.target_share, queue.target_within_ms),
        ),
        (queue.last_offered.is_some(), format!("last offered to {last}")),
        (!queue.attributes.is_empty(), attributes(&queue.attributes)),
    ])
}

fn candidate(one: &Candidate) -> String {
    let ranks = one.ranks.iter().map(|(queue, rank)| format!("{queue} {rank}"));
    let ranks = ranks.collect::<Vec<_>>().join(", ");
    joined([
        (true, format!("{}: level {}", one.agent, one.level)),
        (true, format!("idle {} ms", one.idle_ms)),
        (one.contacts != 0, format!("{} contacts", one.contacts)),
        (one.talk_seconds != 0, format!("talked {} s", one.talk_seconds)),
        (one.load != 0, format!("load {}", one.load)),
        (!one.skills.is_empty(), format!("has {}", skills(&one.skills))),
        (!one.ranks.is_empty(), format!("ranks {ranks}")),
        (!one.attributes.is_empty(), attributes(&one.attributes)),
    ])
}

pub fn answer(answer: &RoutingAnswer) -> String {
    let decision = match &answer.decision {
        RoutingDecision::Offer(names) => format!("offer to {}", names.join(", ")),
        RoutingDecision::OfferAll(names) => format!("ring {}", names.join(", ")),
        RoutingDecision::OfferProgressive { agents, step_ms } => {
            format!("ring {}, one more every {step_ms} ms", agents.join(", "))
        }
        RoutingDecision::WaitMs(wait) => format!("wait {wait} ms"),
        RoutingDecision::MoveTo(queue) => format!("move to {queue}"),
        RoutingDecision::SetPriority(priority) => format!("priority {priority}"),
    };
    let scores = answer.scores.iter().map(|(agent, score)| format!("{agent} {score}"));
    let scores = scores.collect::<Vec<_>>().join(", ");
    let because = attributes(&answer.because);
    let mut text = decision;
    if !because.is_empty() {
        text += &format!(", because {because}");
    }
    if !scores.is_empty() {
        text += &format!("; scores {scores}");
    }
    text
}

pub fn estimating(ask: &EstimateAsk) -> Vec<String> {
    let shown = |all: Vec<String>| {
        let more = all.len().saturating_sub(12);
        let mut text = all.into_iter().take(12).collect::<Vec<_>>().join(", ");
        if more != 0 {
            text += &format!(" and {more} more");
        }
        text
    };
    let waits = ask.recent_waits.iter().map(|(at, ms)| format!("{ms} ms from place {at}"));
    let handles = ask.recent_handles_ms.iter().map(|ms| format!("{ms} ms"));
    let mut all = vec![format!(
        "contact\t{}",
        joined([
            (true, format!("{} in {}", channel(ask.channel), ask.queue)),
            (true, format!("place {}", ask.position)),
            (true, format!("waited {} ms", ask.waited_ms)),
        ])
    )];
    all.push(format!(
        "queue\t{}",
        joined([
            (true, format!("{} agents", ask.agents)),
            (true, format!("{} ready", ask.agents_ready)),
            (ask.abandon_share != 0.0, format!("{} abandon", ask.abandon_share)),
            (!ask.attributes.is_empty(), attributes(&ask.attributes)),
        ])
    ));
    if !ask.recent_waits.is_empty() {
        all.push(format!("waits\t{}", shown(waits.collect())));
    }
    if !ask.recent_handles_ms.is_empty() {
        all.push(format!("handled\t{}", shown(handles.collect())));
    }
    if ask.now_seconds != 0.0 {
        all.push(format!("time\t{} s", ask.now_seconds));
    }
    all
}

pub fn estimate(estimate: Option<&Estimate>) -> String {
    match estimate {
        None => "cannot tell".to_owned(),
        Some(Estimate { p50, p90 }) => {
            format!("p50 {} ms, p90 {} ms", p50.as_millis(), p90.as_millis())
        }
    }
}
