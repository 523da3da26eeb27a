//! What becomes of an output besides being carried out: the interaction's story, the watchers, the
//! agents' last states.

use jackfield_core::{
    AgentId, AgentState, CallbackState, Certificate, Channel, Considered, Instant, InteractionId,
    Output, RoutedBy,
};
use jackfield_store::AgentRecord;

use super::{Event, Tenant};

type Details = Vec<(String, String)>;

fn detail(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

fn seconds(span: std::time::Duration) -> String {
    format!("{:.3}", span.as_secs_f64())
}

/// Returns what an output adds to an interaction's story, if anything.
pub fn story(output: &Output) -> Option<(InteractionId, &'static str, Details)> {
    let said = match output {
        Output::Queued { interaction, queue, position } => {
            (*interaction, "queued", vec![detail("queue", queue), detail("position", position)])
        }
        Output::Overflowed { interaction, from, to } => {
            (*interaction, "overflowed", vec![detail("from", from), detail("to", to)])
        }
        Output::Offer {
            offer, interaction, agent, queue, routed_by, because, certificate, ..
        } => {
            let mut details = vec![
                detail("agent", agent),
                detail("queue", queue),
                detail("offer", offer),
                detail("routed_by", routed(routed_by)),
            ];
            details.extend(
                because.iter().map(|(name, value)| detail(&format!("because {name}"), value)),
            );
            details.extend(certificate.iter().flat_map(|certificate| decided(certificate)));
            (*interaction, "offered", details)
        }
        Output::Withdraw { interaction, agent, reason, .. } => (
            *interaction,
            "withdrawn",
            vec![detail("agent", agent), detail("reason", snake(&format!("{reason:?}")))],
        ),
        Output::OfferLost { interaction, agent, failure, .. } => (
            *interaction,
            "offer_failed",
            vec![detail("agent", agent), detail("reason", snake(&format!("{failure:?}")))],
        ),
        Output::Connect { interaction, agent, queue, waited, in_target, .. } => (
            *interaction,
            "connected",
            vec![
                detail("agent", agent),
                detail("queue", queue),
                detail("waited_seconds", seconds(*waited)),
                detail("in_target", in_target),
            ],
        ),
        Output::Disconnect { interaction, agent, by, talked, .. } => (
            *interaction,
            "disconnected",
            vec![
                detail("agent", agent),
                detail("by", snake(&format!("{by:?}"))),
                detail("talked_seconds", seconds(*talked)),
            ],
        ),
        Output::LeaveQueue { interaction, queue, end, waited, message } => {
            let mut details = vec![
                detail("queue", queue),
                detail("end", queue_end(*end)),
                detail("waited_seconds", seconds(*waited)),
            ];
            details.extend(message.iter().map(|message| detail("message", message)));
            (*interaction, "left_queue", details)
        }
        Output::Interrupt { interaction, agent, in_favour_of } => (
            *interaction,
            "put_aside",
            vec![detail("agent", agent), detail("in favour of", in_favour_of)],
        ),
        Output::Resume { interaction, agent } => {
            (*interaction, "resumed", vec![detail("agent", agent)])
        }
        Output::CallbackChanged { callback, interaction, queue, state } => {
            let mut details = vec![detail("callback", callback), detail("queue", queue)];
            details.extend(callback_state(state));
            (*interaction, "callback", details)
        }
        Output::Abandoned { interaction, queue, waited, .. } => (
            *interaction,
            "abandoned",
            vec![detail("queue", queue), detail("waited_seconds", seconds(*waited))],
        ),
        Output::Moved { interaction, from, to, by } => {
            (*interaction, "moved", vec![detail("from", from), detail("to", to), detail("by", by)])
        }
        Output::Prioritised { interaction, queue, from, to, by } => (
            *interaction,
            "prioritised",
            vec![detail("queue", queue), detail("from", from), detail("to", to), detail("by", by)],
        ),
        Output::Relaxed { interaction, queue, step, need } => (
            *interaction,
            "relaxed",
            vec![detail("queue", queue), detail("step", step), detail("need", need)],
        ),
        Output::Refused { interaction, why } => (*interaction, "refused", vec![detail("why", why)]),
        Output::Announce { .. }
        | Output::AskEstimator { .. }
        | Output::Dial { .. }
        | Output::StopDialling { .. }
        | Output::Estimated { .. }
        | Output::EstimatorFailed { .. }
        | Output::QueueChanged { .. }
        | Output::BlendChanged { .. }
        | Output::WrapUpEnded { .. }
        | Output::AskRouter { .. }
        | Output::AgentChanged { .. }
        | Output::RouterFailed { .. }
        | Output::Closed { .. } => return None,
    };
    Some(said)
}

/// What a decision was made of, in brief; the whole is in the journal.
fn decided(certificate: &Certificate) -> Details {
    let mut details = vec![
        detail("candidates", certificate.candidates),
        detail("decided_by", snake(&format!("{:?}", certificate.tie_break))),
    ];
    if 0 < certificate.step {
        details.push(detail("step", certificate.step));
    }
    if certificate.priority != 0 {
        details.push(detail("priority", certificate.priority));
    }
    let shown = |considered: &Considered| {
        let idle = f64::from(considered.idle_ms) / 1_000.0;
        match &considered.passed {
            Some(why) => format!("{} (idle {idle:.1} s, {why})", considered.agent),
            None => format!("{} (idle {idle:.1} s)", considered.agent),
        }
    };
    if !certificate.considered.is_empty() {
        let considered: Vec<String> = certificate.considered.iter().map(shown).collect();
        details.push(detail("considered", considered.join(", ")));
    }
    details
}

fn callback_state(state: &CallbackState) -> Details {
    match state {
        CallbackState::Waiting { address, origin, owner, .. } => {
            let origin = snake(&format!("{origin:?}"));
            let mut details = vec![
                detail("state", "waiting"),
                detail("number", address),
                detail("asked", origin),
            ];
            details.extend(owner.iter().map(|owner| detail("owner", owner)));
            details
        }
        CallbackState::Merged { into } => vec![detail("state", "merged"), detail("into", into)],
        CallbackState::Dialling { attempt } => {
            vec![detail("state", "dialling"), detail("attempt", attempt)]
        }
        CallbackState::Retry { failure, .. } => vec![
            detail("state", "to be tried again"),
            detail("reason", snake(&format!("{failure:?}"))),
        ],
        CallbackState::Cancelled { by } => vec![detail("state", "cancelled"), detail("by", by)],
        CallbackState::Overdue => vec![detail("state", "overdue")],
        CallbackState::Done => vec![detail("state", "done")],
        CallbackState::GotThrough => vec![detail("state", "got through")],
        CallbackState::Failed => vec![detail("state", "failed")],
    }
}

/// The name of a queue's end, as flows see it.
pub fn queue_end(end: jackfield_core::QueueEnd) -> String {
    use jackfield_core::QueueEnd;
    match end {
        QueueEnd::LeftByKey(key) => format!("left_by_key {key}"),
        other => snake(&format!("{other:?}")),
    }
}

fn routed(by: &RoutedBy) -> String {
    match by {
        RoutedBy::BuiltIn => "built-in".to_owned(),
        RoutedBy::Fallback => "fallback".to_owned(),
        RoutedBy::Plugin(digest) => format!("plugin {digest:.12}"),
    }
}

/// `NoAnswer` becomes `no_answer`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (place, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && 0 < place {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// Tells the watchers, if there are any; of an offer that no phone rings for, the channel too.
pub fn publish(tenant: &Tenant, at: Instant, output: &Output, channel: Option<Channel>) {
    if tenant.events.receiver_count() == 0 || matches!(output, Output::AskRouter { .. }) {
        return;
    }
    let Ok(mut data) = serde_json::to_value(output) else { return };
    if let Some((fields, channel)) = data.as_object_mut().zip(channel) {
        fields.insert("channel".to_owned(), serde_json::json!(channel));
    }
    let kind = data.as_object_mut().and_then(|fields| fields.remove("output"));
    let kind = kind.and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
    // Without receivers the event is for nobody.
    let _ = tenant.events.send(Event { at_micros: at.as_micros(), kind, data });
}

/// Remembers an agent's state: for registrations, and for the next start.
pub fn keep_agent(tenant: &Tenant, agent: AgentId, state: AgentState, at: Instant) {
    let mut agents = tenant.agents.lock().unwrap_or_else(|poison| poison.into_inner());
    agents.insert(agent.clone(), state.clone());
    // Only what the agent chose survives a restart; what a call does to it ends with the call. So
    // the busy path of a call writes nothing.
    if matches!(state, AgentState::Reserved | AgentState::Busy | AgentState::AfterCallWork) {
        return;
    }
    drop(agents);
    let record = AgentRecord { agent, state, since: at.as_micros() };
    if let Err(error) = tenant.store.put_agent(&record) {
        tracing::error!(tenant = %tenant.id, %error, "an agent's state is not kept");
    }
}
