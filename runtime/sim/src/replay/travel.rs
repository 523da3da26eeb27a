//! Time travel for one contact: its steps, and another branch from one of them.

use std::time::Duration;

use jackfield_core::{Input, Instant, InteractionId, JournalRecord, Output, QueueEnd, RoutedBy};

use super::rerun::{Change, Span, rerun};
use super::tape::Tape;

/// One thing that happened to a contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// From 0, in the order of the record.
    pub number: usize,
    /// The place of its record in the process run.
    pub record: usize,
    /// When.
    pub at: Instant,
    /// What, in words.
    pub what: String,
}

/// Two branches of one contact's story.
#[derive(Clone, Debug)]
pub struct Branches {
    /// The instant from which all is decided anew.
    pub fork: Instant,
    /// As recorded.
    pub recorded: Vec<Step>,
    /// The other branch: the same before the fork.
    pub other: Vec<Step>,
}

/// Returns the steps of a contact.
pub fn steps(records: &[JournalRecord], id: InteractionId) -> Vec<Step> {
    let mut steps = Vec::new();
    for (record, taken) in records.iter().enumerate() {
        let told = told(&taken.input, id).into_iter();
        let said = taken.outputs.iter().filter_map(|output| said(output, id));
        for what in told.chain(said) {
            steps.push(Step { number: steps.len(), record, at: taken.at, what });
        }
    }
    steps
}

/// Goes back to the record of a step and runs on from there with `change` until the contact is over,
/// or for `at_most`.
///
/// What else happens in the centre is decided anew too: other contacts compete for the same agents.
/// Returns `None` if the contact has no such step.
pub fn branch(
    tape: &Tape,
    id: InteractionId,
    step: usize,
    change: &mut Change<'_>,
    seed: u64,
    at_most: Duration,
) -> Option<Branches> {
    let recorded = steps(&tape.records, id);
    let fork = recorded.get(step)?.at;
    change.traveller = Some(id);
    let span = Span { from: fork, until: fork + at_most };
    let other = rerun(tape, span, change, seed, true);
    Some(Branches { fork, recorded, other: steps(&other.records, id) })
}

fn told(input: &Input, id: InteractionId) -> Option<String> {
    match input {
        Input::InteractionArrived { interaction, .. } if *interaction == id => {
            Some("arrives".to_owned())
        }
        Input::InteractionLeftQueue { interaction, key } if *interaction == id => {
            Some(format!("presses {key}"))
        }
        Input::Noted { interaction, what, .. } if *interaction == id => Some(what.clone()),
        _ => None,
    }
}

fn seconds(span: Duration) -> String {
    format!("{:.3} s", span.as_secs_f64())
}

fn said(output: &Output, id: InteractionId) -> Option<String> {
    let (whose, what) = match output {
        Output::Queued { interaction, queue, position } => {
            (interaction, format!("joins {queue} at position {position}"))
        }
        Output::Offer { interaction, agent, queue, routed_by, because, .. } => {
            let by = match routed_by {
                RoutedBy::BuiltIn => "the built-in rule".to_owned(),
                RoutedBy::Fallback => "the built-in rule, for its router failed".to_owned(),
                RoutedBy::Plugin(digest) => format!("router {digest:.12}"),
            };
            let why: Vec<String> =
                because.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
            (interaction, format!("is offered to {agent} from {queue} by {by}{why}"))
        }
        Output::Withdraw { interaction, agent, reason, .. } => {
            (interaction, format!("is withdrawn from {agent}: {reason:?}"))
        }
        Output::OfferLost { interaction, agent, failure, .. } => {
            (interaction, format!("is not taken by {agent}: {failure:?}"))
        }
        Output::Connect { interaction, agent, waited, .. } => {
            (interaction, format!("is answered by {agent} after {}", seconds(*waited)))
        }
        Output::Disconnect { interaction, agent, talked, .. } => {
            (interaction, format!("has talked with {agent} for {}", seconds(*talked)))
        }
        Output::LeaveQueue { interaction, queue, end, waited, .. } if *end != QueueEnd::Served => {
            (interaction, format!("leaves {queue} after {}: {end:?}", seconds(*waited)))
        }
        Output::Overflowed { interaction, from, to } => {
            (interaction, format!("overflows from {from} to {to}"))
        }
        Output::Moved { interaction, from, to, by } => {
            (interaction, format!("is moved from {from} to {to} by {by}"))
        }
        Output::Prioritised { interaction, from, to, by, .. } => {
            (interaction, format!("has priority {to}, was {from}, by {by}"))
        }
        Output::Relaxed { interaction, step, need, .. } => {
            (interaction, format!("comes to step {step}: {need}"))
        }
        Output::Abandoned { interaction, queue, waited, .. } => {
            (interaction, format!("abandons {queue} after {}", seconds(*waited)))
        }
        Output::Closed { interaction, cause, lasted } => {
            (interaction, format!("is over after {}: {cause:?}", seconds(*lasted)))
        }
        _ => return None,
    };
    (*whose == id).then_some(what)
}
