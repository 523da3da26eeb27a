//! Requests of ours: each runs in a short task that repeats it once if it is challenged and tells
//! the dispatcher what came of it.

use std::sync::Arc;
use std::time::Duration;

use sipx_sip::auth::{Challenge, Credentials, respond, strongest};
use sipx_sip::{CSeq, HeaderName, Request, Response, TuEvent};
use sipx_transport::{Handle, Responses, Target};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::dispatch::{Message, Purpose};
use super::message;
use crate::api::LegId;

/// What came of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A response: for an INVITE each one, for other requests the final one.
    Response(Box<Response>),
    /// Nothing came in time.
    Timeout,
    /// It could not be sent.
    Transport(String),
}

/// User and password.
pub(super) type Login = Option<Arc<(String, String)>>;

/// Repeats a challenged request with credentials, if they can be given.
///
/// `request` must be as it was given to the transport, without Via: a new attempt is a new
/// transaction (RFC 3261 §22.2).
pub(super) fn authorise(
    request: &Request,
    response: &Response,
    login: &Login,
    nonce_count: u32,
) -> Option<Request> {
    let (name, proxy) = match response.status.code() {
        401 => (HeaderName::WwwAuthenticate, false),
        407 => (HeaderName::ProxyAuthenticate, true),
        _ => return None,
    };
    let (user, password) = login.as_deref()?;
    let challenges = response
        .headers
        .get_all(&name)
        .filter_map(|header| Challenge::parse(&header.value(), proxy))
        .collect();
    let challenge = strongest(challenges)?;
    let method = request.method.to_string();
    let uri = String::from_utf8_lossy(&request.uri.to_bytes()).into_owned();
    let value = respond(
        &challenge,
        &Credentials::new(user.clone(), password.clone()),
        &method,
        &uri,
        nonce_count,
        &sipx_ua::auth::new_cnonce(),
    );
    let mut again = request.clone();
    let cseq = request.headers.typed::<CSeq>()?.ok()?;
    message::set(
        &mut again.headers,
        HeaderName::CSeq,
        format!("{} {method}", cseq.sequence.wrapping_add(1)),
    );
    message::set(&mut again.headers, challenge.response_header(), value);
    Some(again)
}

/// Sends a request other than INVITE and waits for the final response.
pub(super) async fn exchange(
    handle: &Handle,
    request: Request,
    target: &Target,
    login: &Login,
) -> Outcome {
    let first = once(handle, request.clone(), target).await;
    let Outcome::Response(response) = &first else { return first };
    match authorise(&request, response, login, 1) {
        Some(again) => once(handle, again, target).await,
        None => first,
    }
}

async fn once(handle: &Handle, request: Request, target: &Target) -> Outcome {
    let mut responses = match handle.send(request, target.clone()).await {
        Ok(responses) => responses,
        Err(error) => return Outcome::Transport(error.to_string()),
    };
    while let Some(event) = responses.next().await {
        match event {
            TuEvent::Response(response) if response.status.is_final() => {
                return Outcome::Response(response);
            }
            TuEvent::Timeout => return Outcome::Timeout,
            TuEvent::TransportError => return failure(&mut responses),
            _ => (),
        }
    }
    Outcome::Timeout
}

fn failure(responses: &mut Responses) -> Outcome {
    let text = responses.take_transport_error().map(|error| error.to_string());
    Outcome::Transport(text.unwrap_or_else(|| "the transport failed".to_owned()))
}

/// Sends a request other than INVITE; its outcome reaches the dispatcher.
pub(super) fn send(
    handle: &Handle,
    (leg, purpose): (LegId, Purpose),
    request: Request,
    target: Target,
    login: Login,
    orders: &mpsc::UnboundedSender<Message>,
) {
    let (handle, orders) = (handle.clone(), orders.clone());
    tokio::spawn(async move {
        let outcome = exchange(&handle, request, &target, &login).await;
        let _ = orders.send(Message::Replied(leg, purpose, outcome));
    });
}

/// An INVITE under way.
pub(super) struct Invitation {
    /// The leg.
    pub(super) leg: LegId,
    /// Tells this INVITE from an earlier one of the same leg.
    pub(super) attempt: u32,
    /// Told to cancel.
    pub(super) cancel: Arc<Notify>,
    /// How long a final response is waited for after that.
    pub(super) patience: Duration,
    /// The credentials.
    pub(super) login: Login,
}

/// Sends an INVITE; every response reaches the dispatcher, which acknowledges each 2xx.
///
/// The task lives on for 64*T1 after a 2xx, as long as the transaction does, because the 2xx is
/// repeated until its ACK arrives and another branch of a fork may answer.
pub(super) fn invite(
    handle: &Handle,
    invitation: Invitation,
    request: Request,
    target: Target,
    orders: &mpsc::UnboundedSender<Message>,
) {
    let (handle, orders) = (handle.clone(), orders.clone());
    tokio::spawn(async move {
        let (leg, attempt) = (invitation.leg, invitation.attempt);
        let tell = |outcome| {
            let _ = orders.send(Message::Invited(leg, attempt, outcome));
        };
        let copy = invitation.login.is_some().then(|| request.clone());
        let (mut outcome, cancelled) =
            try_invite(&handle, &invitation, request, &target, &tell).await;
        if let (Some(Outcome::Response(response)), Some(request), false) =
            (&outcome, &copy, cancelled)
            && let Some(again) = authorise(request, response, &invitation.login, 1)
        {
            outcome = try_invite(&handle, &invitation, again, &target, &tell).await.0;
        }
        if let Some(outcome) = outcome {
            tell(outcome);
        }
    });
}

/// Runs one INVITE transaction. Gives back its failure, and whether it was cancelled; tells
/// everything else.
async fn try_invite(
    handle: &Handle,
    invitation: &Invitation,
    request: Request,
    target: &Target,
    tell: &(impl Fn(Outcome) + Sync),
) -> (Option<Outcome>, bool) {
    let mut cancelled = false;
    let give_up = tokio::time::sleep(Duration::MAX);
    tokio::pin!(give_up);
    let mut responses = match handle.send(request, target.clone()).await {
        Ok(responses) => responses,
        Err(error) => return (Some(Outcome::Transport(error.to_string())), cancelled),
    };
    loop {
        let event = tokio::select! {
            event = responses.next() => event,
            () = invitation.cancel.notified(), if !cancelled => {
                cancelled = true;
                give_up.as_mut().reset(Instant::now() + invitation.patience);
                // Waits for a provisional response first (RFC 3261 §9.1). What it finds in the
                // meantime is still told by `responses`.
                if let Err(error) = handle.cancel_invite(&mut responses, None).await {
                    tracing::debug!(%error, "an INVITE was not cancelled");
                }
                continue;
            }
            // The other side took the CANCEL and fell silent (RFC 3261 §9.1).
            () = &mut give_up, if cancelled => return (None, cancelled),
        };
        match event {
            Some(TuEvent::Response(response)) => {
                if response.status.is_final() && !response.status.is_success() {
                    return (Some(Outcome::Response(response)), cancelled);
                }
                tell(Outcome::Response(response));
            }
            Some(TuEvent::Timeout) => return (Some(Outcome::Timeout), cancelled),
            Some(TuEvent::TransportError) => return (Some(failure(&mut responses)), cancelled),
            Some(_) => (),
            None => return (None, cancelled),
        }
    }
}
