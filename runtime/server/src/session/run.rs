//! From the first signal to the kept story.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{Channel, EndCause, Input, PluginFailure, QueueOptions};
use jackfield_plugin_host::{FlowOutcome, Prompt, SessionError};
use jackfield_store::InteractionRecord;
use jackfield_telephony::IncomingCall;
use tokio::sync::mpsc;

use super::CallSession;
use crate::config::FallbackThen;
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
    /// Its version that serves this call to the end, if there is one.
    pub active: Option<Arc<ActiveFlow>>,
}

/// Serves one call from arrival to the end of its story.
pub async fn serve(arrival: Arrival) {
    let Arrival { call, tenant, flow: flow_name, active } = arrival;
    let Some(flow) = active else {
        call.leg.refuse(480, "No flow is active for this number", None).await;
        return;
    };
    let open = tenant.open.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let full = tenant.config().center.limits.interactions <= open;
    if full || !tenant.keeps_up() || !flow.plugin.has_place() {
        tenant.open.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        call.leg.refuse(503, "Too many calls", Some(tenant.retry_after())).await;
        return;
    }
    let session = begin(&tenant, call, &flow_name, &flow).await;
    session.keep_record();
    let outcome = flow.plugin.run(session, flow.services.clone()).await;
    let session = conclude(&tenant, &flow_name, &flow, outcome).await;
    finish(session).await;
    tenant.open.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
}

async fn begin(
    tenant: &Arc<Tenant>,
    call: IncomingCall,
    flow_name: &str,
    flow: &ActiveFlow,
) -> Box<CallSession> {
    let id = tenant.new_interaction_id();
    let (news, listen) = mpsc::unbounded_channel();
    let ani = Some(call.invite.asserted.clone().unwrap_or_else(|| call.invite.from_user.clone()))
        .filter(|ani| !ani.is_empty() && ani != "anonymous");
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
        end: None,
        closed: false,
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
    let Err(failed) = result else {
        return session;
    };
    // A flow that says of itself that it could not go on without the customer has not failed.
    if session.end.is_some() && matches!(failed.failure, PluginFailure::Refused(_)) {
        return session;
    }
    tenant.figures(flow_name).failed(&failed.failure, &flow.digest);
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
pub(super) fn end_name(cause: &EndCause) -> String {
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
