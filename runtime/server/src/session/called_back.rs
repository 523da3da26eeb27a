//! A customer who is called back: dialled, joined with an agent, and let go. No flow is in charge.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jackfield_core::{CallbackId, Channel, EndCause, Input, InteractionId, OfferFailure, QueueId};
use jackfield_store::InteractionRecord;
use jackfield_telephony::{DialError, Leg, LegEvent, Repeat};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant};

use super::CallSession;
use super::run::finish;
use crate::tenant::{Message, Tenant, failure_of, now};

/// How long a customer's phone may ring.
const RING_TIME: Duration = Duration::from_secs(45);

/// A callback that is due.
pub struct CallBack {
    /// Whose.
    pub tenant: Arc<Tenant>,
    /// Which.
    pub callback: CallbackId,
    /// The number.
    pub address: String,
    /// From which queue.
    pub queue: QueueId,
    /// Whether an agent waits on the line.
    pub agent_waits: bool,
}

/// Dials the customer, and stays until the conversation is over. Stops when `stop` says so, or is
/// dropped, before the customer has answered.
pub async fn call_back(call: CallBack, stop: oneshot::Receiver<()>) {
    let (tenant, callback) = (Arc::clone(&call.tenant), call.callback);
    match dial(&call, stop).await {
        Dialled::Answered(leg, events) => {
            let open = &tenant.open;
            open.fetch_add(1, Ordering::Relaxed);
            talk(call, leg, events).await;
            tenant.open.fetch_sub(1, Ordering::Relaxed);
        }
        Dialled::Failed(failure) => {
            tenant.input(Input::CallbackNotReached { callback, failure }).await;
        }
        Dialled::Stopped => {}
    }
}

enum Dialled {
    Answered(Arc<dyn Leg>, mpsc::UnboundedReceiver<LegEvent>),
    Failed(OfferFailure),
    Stopped,
}

async fn dial(call: &CallBack, mut stop: oneshot::Receiver<()>) -> Dialled {
    let CallBack { tenant, callback, address, queue, .. } = call;
    let headers = vec![("X-Jackfield-Callback".to_owned(), callback.to_string())];
    let request = match tenant.dial_request(address, queue.as_str(), headers) {
        Ok(request) => request,
        Err(why) => {
            tracing::warn!(tenant = %tenant.id, %callback, why, "a customer cannot be called back");
            return Dialled::Failed(OfferFailure::Unreachable);
        }
    };
    let (leg, mut events) = match tenant.endpoint.dial(request).await {
        Ok(dialled) => dialled,
        Err(error) => {
            tracing::warn!(tenant = %tenant.id, %callback, %error, "a customer cannot be called back");
            return Dialled::Failed(match error {
                DialError::NotRegistered(_) | DialError::Send { .. } => OfferFailure::Unreachable,
                DialError::BadAddress(_) | DialError::NoPort(..) => OfferFailure::Failed,
            });
        }
    };
    let give_up = Instant::now() + RING_TIME;
    loop {
        tokio::select! {
            biased;
            // Dropping the leg hangs up.
            _ = &mut stop => return Dialled::Stopped,
            event = events.recv() => match event {
                Some(LegEvent::Answered) => return Dialled::Answered(leg, events),
                Some(LegEvent::Ended(end)) => return Dialled::Failed(failure_of(&end)),
                Some(_) => {}
                None => return Dialled::Failed(OfferFailure::Failed),
            },
            () = tokio::time::sleep_until(give_up) => {
                leg.hang_up();
                return Dialled::Failed(OfferFailure::NoAnswer);
            }
        }
    }
}

async fn talk(call: CallBack, leg: Arc<dyn Leg>, events: mpsc::UnboundedReceiver<LegEvent>) {
    let queue = call.queue.clone();
    let (mut session, listen) = begin(&call, leg, events);
    let (callback, interaction) = (call.callback, session.id);
    session.keep_record();
    let address = call.address;
    let reached =
        Message::Reached { callback, interaction, address, queue: queue.clone(), session: listen };
    session.tenant.tell(reached).await;
    if !call.agent_waits {
        session.leg.play(session.waiting_music(), Repeat::Forever);
    }
    // Every error means that the customer has left.
    match session.stay(&queue).await {
        Ok(end) => {
            let end = crate::tenant::queue_end(end);
            session.note("conversation_over", &[("end", &end)]);
            session.end = Some(EndCause::Completed);
        }
        Err(error) => tracing::debug!(%interaction, %error, "a called back customer has left"),
    }
    finish(session).await;
}

fn begin(
    call: &CallBack,
    leg: Arc<dyn Leg>,
    events: mpsc::UnboundedReceiver<LegEvent>,
) -> (Box<CallSession>, mpsc::UnboundedSender<crate::tenant::SessionNews>) {
    let tenant = &call.tenant;
    let id: InteractionId = tenant.new_interaction_id();
    let (news, listen) = mpsc::unbounded_channel();
    let language = tenant.config().language.clone();
    let record = InteractionRecord {
        ani: Some(call.address.clone()),
        queue: Some(call.queue.clone()),
        language: Some(language.clone()),
        ..InteractionRecord::arrived(id, Channel::Voice, call.queue.as_str(), now().as_micros())
    };
    let mut session = Box::new(CallSession {
        tenant: Arc::clone(tenant),
        id,
        leg,
        events,
        news: listen,
        record,
        language,
        digits: VecDeque::new(),
        answered: true,
        transferred: false,
        onward: None,
        third: None,
        end: None,
        closed: false,
        stop: None,
        stopped: false,
    });
    let callback = call.callback.to_string();
    session.note(
        "called_back",
        &[("to", &call.address), ("queue", call.queue.as_str()), ("callback", &callback)],
    );
    (session, news)
}
