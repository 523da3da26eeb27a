//! From the first signal to the kept story.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{Channel, EndCause, Input, InteractionId, PluginFailure, QueueOptions};
use jackfield_plugin_host::{FlowFailure, FlowOutcome, Prompt, SessionError};
use jackfield_store::InteractionRecord;
use jackfield_telephony::IncomingCall;
use tokio::sync::mpsc;

use super::CallSession;
use crate::config::FallbackThen;
use crate::rollout::{Pin, Subject};
use crate::tenant::{ActiveFlow, Message, Tenant, now};

/// How long the engine may take to close an interaction before the story is kept without it.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// A call that was let in.
pub struct Arrival {
    /// The call.
    pub call: IncomingCall,
    /// For whom.
    pub tenant: Arc<Tenant>,
    /// The flow's name in the tenant.
    pub flow: String,
    /// The draft that the number stands for, instead of the flow's active version.
    pub draft: Option<Arc<ActiveFlow>>,
}

/// Serves one call from arrival to the end of its story.
pub async fn serve(arrival: Arrival) {
    let Arrival { call, tenant, flow: flow_name, draft } = arrival;
    let Some(serves) = draft.clone().or_else(|| tenant.flow(&flow_name)) else {
        call.leg.refuse(480, "No flow is active for this number", None).await;
        return;
    };
    let open = tenant.open.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let full = tenant.config().center.limits.interactions <= open;
    if full || !tenant.keeps_up() || !serves.plugin.has_place() {
        tenant.open.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        call.leg.refuse(503, "Too many calls", Some(tenant.retry_after())).await;
        return;
    }
    let id = tenant.new_interaction_id();
    // Whatever is active from now on, this contact keeps its version.
    let (flow, _pin) = match draft {
        Some(draft) => {
            let pin = draft.pins.pin();
            (draft, pin)
        }
        None => version(&tenant, &flow_name, id, &call).unwrap_or_else(|| {
            let pin = serves.pins.pin();
            (serves, pin)
        }),
    };
    let session = begin(&tenant, id, call, &flow_name, &flow).await;
    session.keep_record();
    let over = Arc::clone(flow.pins.over());
    let outcome = flow.plugin.run_until(session, flow.services.clone(), over).await;
    let session = conclude(&tenant, &flow_name, &flow, outcome).await;
    finish(session).await;
    tenant.open.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
}

/// Who calls, if that is told.
fn caller(call: &IncomingCall) -> Option<String> {
    let ani = call.invite.asserted.clone().unwrap_or_else(|| call.invite.from_user.clone());
    Some(ani).filter(|ani| !ani.is_empty() && ani != "anonymous")
}

/// The version of the flow that leads this call.
fn version(
    tenant: &Tenant,
    flow: &str,
    interaction: InteractionId,
    call: &IncomingCall,
) -> Option<(Arc<ActiveFlow>, Pin)> {
    let attributes = tenant.customer_for(flow, caller(call).as_deref());
    let subject = Subject {
        interaction,
        queue: None,
        dialled: Some(&call.invite.dialled),
        attributes: &attributes,
    };
    tenant.pin_flow(flow, &subject)
}

async fn begin(
    tenant: &Arc<Tenant>,
    id: InteractionId,
    call: IncomingCall,
    flow_name: &str,
    flow: &ActiveFlow,
) -> Box<CallSession> {
    let (news, listen) = mpsc::unbounded_channel();
    let ani = caller(&call);
    let dnis = call.invite.dialled.clone();
    let arrived = Input::InteractionArrived {
        interaction: id,
        channel: Channel::Voice,
        ani: ani.clone(),
        dnis: dnis.clone(),
    };
    tenant.tell(Message::Arrived { input: arrived, interaction: id, session: news }).await;
    let at = now();
    let language = tenant.config().language.clone();
    let record = InteractionRecord {
        ani,
        flow_digest: Some(flow.digest.clone()),
        language: Some(language.clone()),
        ..InteractionRecord::arrived(id, Channel::Voice, &dnis, at.as_micros())
    };
    let mut session = Box::new(CallSession {
        tenant: Arc::clone(tenant),
        id,
        leg: call.leg,
        events: call.events,
        news: listen,
        record,
        language,
        digits: VecDeque::new(),
        answered: false,
        transferred: false,
        onward: None,
        third: None,
        end: None,
        closed: false,
        stop: Some(flow.pins.stop().clone()),
        stopped: false,
    });
    let (from, dialled) = (session.record.ani.clone(), session.record.dnis.clone());
    let version = flow.version.map_or("draft".to_owned(), |number| number.to_string());
    session.note(
        "arrived",
        &[
            ("from", from.as_deref().unwrap_or("withheld")),
            ("dialled", &dialled),
            ("flow", flow_name),
            ("version", &version),
        ],
    );
    session
}

/// After the flow: a polite end, or the tenant's fallback.
async fn conclude(
    tenant: &Arc<Tenant>,
    flow_name: &str,
    flow: &ActiveFlow,
    outcome: FlowOutcome,
) -> Box<CallSession> {
    let FlowOutcome { session, result } = outcome;
    let session: Box<dyn std::any::Any> = session;
    let Ok(mut session) = session.downcast::<CallSession>() else {
        unreachable!("the flow gives back the session it was given");
    };
    // What follows is no longer the flow's: nothing stops it.
    session.stop = None;
    let failed = match result {
        // A flow that was told that its time is over and went home has not led the contact to an end.
        Ok(()) if session.stopped && session.end.is_none() => replaced(),
        Ok(()) => return session,
        Err(failed) if flow.pins.stop().is_cancelled() && session.end.is_none() => {
            if matches!(failed.failure, PluginFailure::Suspended(_)) { failed } else { replaced() }
        }
        Err(failed) => failed,
    };
    let replaced =
        matches!(failed.failure, PluginFailure::Suspended(_)) && flow.pins.stop().is_cancelled();
    if replaced {
        tenant.drains.note_ended();
    }
    // A flow that says of itself that it could not go on without the customer has not failed.
    if session.end.is_some() && matches!(failed.failure, PluginFailure::Refused(_)) {
        return session;
    }
    tenant.figures(flow_name).failed(&failed.failure, &flow.digest);
    tenant.rollouts.failed(flow_name, session.id, &failed.failure);
    tracing::warn!(
        tenant = %tenant.id, interaction = %session.id, digest = flow.digest,
        failure = failed.failure.label(), detail = %failed, "a flow failed; the fallback serves the caller"
    );
    session.note("flow_failed", &[("why", &failed.to_string())]);
    if session.end.is_none() {
        // Every error of the fallback means that the customer has left, or that there is nothing
        // further to fall back to: the call is ended in an orderly way either way.
        if let Err(error) = fallback(&mut session).await {
            session.note("fallback_ended", &[("why", &error.to_string())]);
        }
    }
    session
}

/// The end of a flow whose version was replaced, when its time is over.
fn replaced() -> FlowFailure {
    let why = "its version was replaced and the time to drain is over".to_owned();
    FlowFailure { failure: PluginFailure::Suspended(why), script: None }
}

async fn fallback(session: &mut CallSession) -> Result<(), SessionError> {
    let fallback = session.tenant.config().fallback.clone();
    session.leg.stop_playing();
    session.digits.clear();
    if !fallback.message.is_empty() {
        let spoken = session.play_all(vec![Prompt::Text(fallback.message)]).await;
        match spoken {
            // Without a voice the queue is still better than silence.
            Ok(()) | Err(SessionError::NotPossible(_)) => {}
            Err(other) => return Err(other),
        }
    }
    match fallback.then {
        FallbackThen::HangUp => Ok(()),
        FallbackThen::Queue(queue) => {
            session.wait_in_queue(queue.as_str(), QueueOptions::default()).await.map(|_| ())
        }
    }
}

/// The three last steps of a session: hang up, have the engine close it, keep the story.
pub(super) async fn finish(mut session: Box<CallSession>) {
    let cause = match session.end.clone().unwrap_or(EndCause::Completed) {
        EndCause::Completed | EndCause::CustomerLeft if session.transferred => {
            EndCause::Transferred
        }
        cause => cause,
    };
    session.leg.hang_up();
    let interaction = session.id;
    session.tenant.input(Input::InteractionEnded { interaction, cause: cause.clone() }).await;
    let closed = async {
        while !session.closed {
            match session.news.recv().await {
                Some(news) => session.keep_news(&news),
                None => break,
            }
        }
    };
    if tokio::time::timeout(CLOSE_WITHIN, closed).await.is_err() {
        tracing::error!(tenant = %session.tenant.id, %interaction, "the engine did not close it");
    }
    if session.record.recording.is_some() {
        session.leg.stop_recording().await;
    }
    session.record.ended_at = Some(now().as_micros());
    session.note("ended", &[("cause", &end_name(&cause))]);
    session.record.end = Some(cause);
    session.keep_record();
}

/// The cause as words: `customer left`.
pub fn end_name(cause: &EndCause) -> String {
    match cause {
        EndCause::CustomerLeft => "customer left".to_owned(),
        EndCause::Completed => "completed".to_owned(),
        EndCause::Transferred => "transferred".to_owned(),
        EndCause::Lost => "lost".to_owned(),
        EndCause::Interrupted => "interrupted".to_owned(),
        EndCause::Failed(why) => format!("failed: {why}"),
    }
}

impl CallSession {
    pub(super) fn keep_record(&self) {
        if let Err(error) = self.tenant.store.put_interaction(&self.record) {
            tracing::error!(tenant = %self.tenant.id, interaction = %self.id, %error, "the story is not kept");
        }
    }
}

impl Tenant {
    /// What a caller who is refused is told to wait.
    fn retry_after(&self) -> Duration {
        self.config().retry_after
    }
}
