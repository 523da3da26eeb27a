//! Calls we place: from the INVITE to the answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sipx_sip::{HeaderName, Method, Request, Response, Uri};
use sipx_transport::Target;
use tokio::sync::Notify;

use super::client::{self, Invitation, Login, Outcome};
use super::dialog::{self, Dialog};
use super::dispatch::{Dispatcher, Timer};
use super::leg::Shared;
use super::leg_state::{Call, Dialling, Phase};
use super::message;
use super::sdp::{self, Negotiation};
use super::session_timer::Session;
use crate::api::{LegEnd, LegEvent, LegId};

/// A call to be placed, with its address resolved and its port allocated.
pub(super) struct NewCall {
    /// What the handle shares.
    pub(super) shared: Arc<Shared>,
    /// The request URI.
    pub(super) uri: Uri,
    /// Where it is sent.
    pub(super) target: Target,
    /// Where it is sent if that fails.
    pub(super) fallback: Option<Target>,
    /// The From URI.
    pub(super) from: Uri,
    /// The display name.
    pub(super) from_name: Option<String>,
    /// The credentials.
    pub(super) login: Login,
    /// Further headers.
    pub(super) headers: Vec<(String, String)>,
}

impl Dispatcher {
    /// Sends the INVITE of a new call.
    pub(super) fn on_dial(&mut self, new: NewCall) {
        let Some(port) = new.shared.port() else { return };
        let tag = message::random();
        let to = new.uri.to_bytes();
        let mut local = display(new.from_name.as_deref());
        local.push('<');
        local.push_str(&String::from_utf8_lossy(&new.from.to_bytes()));
        local.push_str(&format!(">;tag={tag:016x}"));
        let dialog = Dialog {
            call_id: format!("{:016x}{:016x}", message::random(), message::random())
                .into_bytes()
                .into(),
            local: local.into_bytes().into(),
            remote: [b"<", &*to, b">"].concat().into(),
            remote_tag: None,
            remote_target: (&*to).into(),
            routes: Box::default(),
            contact: self.common.contact(&message::user(&new.from), new.target.transport),
            local_seq: 0,
            remote_seq: None,
            target: new.target,
        };
        let dialling = Dialling {
            cancel: Arc::new(Notify::new()),
            headers: new.headers,
            rang: false,
            redirected: false,
            fallback: new.fallback,
            min_se: Duration::ZERO,
            give_up_at: None,
        };
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits will do")]
        let negotiation = Negotiation::new(port.local(), tag as u32);
        let id = new.shared.id;
        let phase = Phase::Dialling(Box::new(dialling));
        let mut call = Call::new(new.shared, tag, dialog, negotiation, phase);
        call.login = new.login;
        self.tags.insert(tag, id);
        self.calls.insert(id, call);
        self.send_invite(id);
    }

    /// Sends the first INVITE, or repeats it after 3xx or 422.
    fn send_invite(&mut self, leg: LegId) {
        let policy = self.common.session_policy();
        let supported = self.supported();
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let Phase::Dialling(dialling) = &call.phase else { return };
        let body = call.sdp.offer(&self.common.codecs);
        let Some(mut request) = call.dialog.request(Method::Invite, &self.common.sip.user_agent)
        else {
            self.fail(leg, LegEnd::Failed("the request cannot be built".to_owned()));
            return;
        };
        for (name, value) in &dialling.headers {
            let name = HeaderName::parse(&bytes::Bytes::from(name.clone()));
            message::push(&mut request.headers, name, value.clone());
        }
        policy.ask(&mut request.headers, None, dialling.min_se);
        let cancel = Arc::clone(&dialling.cancel);
        self.invite_out(leg, request, body, cancel, supported);
    }

    /// Gives an INVITE with an offer to its task.
    pub(super) fn invite_out(
        &mut self,
        leg: LegId,
        mut request: Request,
        body: String,
        cancel: Arc<Notify>,
        supported: &'static str,
    ) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        message::push(&mut request.headers, HeaderName::Allow, message::ALLOW);
        if !supported.is_empty() {
            message::push(&mut request.headers, HeaderName::Supported, supported);
        }
        let request = message::with_body(request, Some(("application/sdp", body.into())));
        call.attempt += 1;
        let login = call.login.clone();
        let patience = self.common.t1 * 64;
        let invitation = Invitation { leg, attempt: call.attempt, cancel, patience, login };
        client::invite(&self.handle, invitation, request, call.target(), &self.orders);
    }

    /// A response to an INVITE of ours, or its failure.
    pub(super) async fn on_invited(&mut self, leg: LegId, attempt: u32, outcome: Outcome) {
        let Some(call) = self.calls.get(&leg) else {
            // The leg is gone, but a 2xx must still be acknowledged and ended.
            if let Outcome::Response(response) = outcome
                && response.status.is_success()
            {
                self.end_stray(&response, None).await;
            }
            return;
        };
        let offering = call
            .offering
            .as_ref()
            .is_some_and(|mine| mine.attempt == attempt && mine.again_at.is_none());
        match (&call.phase, outcome) {
            (Phase::Dialling(_), Outcome::Response(response)) if call.attempt == attempt => {
                self.on_dial_response(leg, *response).await;
            }
            (Phase::Dialling(_), Outcome::Timeout) if call.attempt == attempt => {
                self.fail(leg, LegEnd::NoResponse);
            }
            (Phase::Dialling(_), Outcome::Transport(text)) if call.attempt == attempt => {
                self.on_unsent(leg, text);
            }
            (Phase::Up, outcome) if offering => self.on_offered(leg, outcome).await,
            (_, Outcome::Response(response)) if response.status.is_success() => {
                self.on_repeated(leg, &response).await;
            }
            _ => (),
        }
    }

    /// The INVITE could not be sent: to the other address, if there is one.
    fn on_unsent(&mut self, leg: LegId, text: String) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let Phase::Dialling(dialling) = &mut call.phase else { return };
        match dialling.fallback.take().filter(|_| !call.shared.is_over()) {
            Some(target) => {
                call.dialog.target = target;
                self.send_invite(leg);
            }
            None => self.fail(leg, LegEnd::Failed(text)),
        }
    }

    /// A 2xx that we have seen: its ACK was lost. Or one of another branch of a fork.
    async fn on_repeated(&mut self, leg: LegId, response: &Response) {
        let Some(call) = self.calls.get(&leg) else { return };
        let tag = message::to(&response.headers).and_then(|to| to.tag().map(<[u8]>::to_vec));
        if call.dialog.remote_tag.as_deref() == tag.as_deref() {
            self.acknowledge(leg, response).await;
        } else {
            let target = call.target();
            self.end_stray(response, Some(target)).await;
        }
    }

    async fn on_dial_response(&mut self, leg: LegId, response: Response) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let Phase::Dialling(dialling) = &mut call.phase else { return };
        let status = response.status.code();
        let over = call.shared.is_over();
        match status {
            // 199 says that a branch of a fork has failed (RFC 6228).
            199 => (),
            101..=198 if !dialling.rang => {
                dialling.rang = true;
                call.shared.report(LegEvent::Ringing);
            }
            200..300 => self.on_answered(leg, &response).await,
            300..400 if !over && !dialling.redirected => self.redirect(leg, &response),
            422 if !over && dialling.min_se.is_zero() => {
                let min = response.headers.typed::<sipx_sip::session::MinSe>();
                match min.and_then(Result::ok).filter(|min| !min.0.is_zero()) {
                    Some(min) => {
                        dialling.min_se = min.0;
                        self.send_invite(leg);
                    }
                    None => self.fail(leg, refused(&response)),
                }
            }
            300.. => self.fail(leg, refused(&response)),
            _ => (),
        }
    }

    /// Follows the first contact of a 3xx, once.
    fn redirect(&mut self, leg: LegId, response: &Response) {
        let contact = dialog::contact_of(&response.headers).map(|contact| contact.uri);
        let found = contact.and_then(|uri| dialog::literal(&uri).map(|target| (uri, target)));
        let Some((uri, target)) = found else {
            self.fail(leg, refused(response));
            return;
        };
        let Some(call) = self.calls.get_mut(&leg) else { return };
        if let Phase::Dialling(dialling) = &mut call.phase {
            dialling.redirected = true;
        }
        call.dialog.remote_target = (&*uri.to_bytes()).into();
        call.dialog.target = target;
        self.send_invite(leg);
    }

    async fn on_answered(&mut self, leg: LegId, response: &Response) {
        let policy = self.common.session_policy();
        let Some(call) = self.calls.get_mut(&leg) else { return };
        call.dialog.confirm(response);
        call.phase = Phase::Up;
        call.updates = message::lists(&response.headers, &HeaderName::Allow, "UPDATE");
        let session = policy.adopt(&response.headers);
        self.acknowledge(leg, response).await;
        let Some(call) = self.calls.get_mut(&leg) else { return };
        if call.shared.is_over() {
            // It was cancelled, but the answer was faster.
            self.bye(leg, LegEnd::LocalHangUp);
            return;
        }
        match sdp::read(response.body()) {
            Ok(answer) => call.sdp.answered(&answer),
            Err(fault) => {
                let (_, text) = fault.warning();
                self.bye(leg, LegEnd::Failed(format!("the answer is of no use: {text}")));
                return;
            }
        }
        self.start_session(leg, session);
        self.start_media(leg);
        if let Some(call) = self.calls.get(&leg) {
            call.shared.report(LegEvent::Answered);
        }
    }

    /// Reports the end of a leg whose INVITE failed.
    pub(super) fn fail(&mut self, leg: LegId, end: LegEnd) {
        if let Some(call) = self.calls.get(&leg) {
            self.over(call, end);
        }
        self.forget(leg);
    }

    /// Sends the ACK to a 2xx.
    pub(super) async fn acknowledge(&self, leg: LegId, response: &Response) {
        let Some(call) = self.calls.get(&leg) else { return };
        self.ack(&call.dialog, response).await;
    }

    async fn ack(&self, dialog: &Dialog, response: &Response) {
        let Some(sequence) = message::sequence(&response.headers) else { return };
        let agent = &self.common.sip.user_agent;
        let Some(mut request) = dialog.request_as(Method::Ack, sequence, agent) else { return };
        // The ACK to a 2xx is a transaction of its own, with a branch of its own, and the
        // transport adds no Via to what it sends directly (RFC 3261 §13.2.2.4).
        let transport = dialog.target.transport;
        let via = format!(
            "SIP/2.0/{} {};rport;branch={}",
            transport.as_str(),
            self.handle.sent_by_for(transport),
            sipx_transport::new_branch()
        );
        message::push(&mut request.headers, HeaderName::Via, via);
        let request = message::with_body(request, None);
        if let Err(error) = self.handle.send_directly(request, dialog.target.clone()).await {
            tracing::debug!(%error, "an ACK was not sent");
        }
    }

    /// Acknowledges and ends a dialog that nobody wants: a second branch of a fork, or an answer
    /// that was faster than the CANCEL (RFC 3261 §13.2.2.4).
    async fn end_stray(&self, response: &Response, target: Option<Target>) {
        let contact = dialog::contact_of(&response.headers).map(|contact| contact.uri);
        let Some(contact) = contact else { return };
        let Some(target) = target.or_else(|| dialog::literal(&contact)) else { return };
        let value =
            |name| response.headers.value(name).map(|value| value.into_owned().into_boxed_slice());
        let (Some(call_id), Some(local), Some(remote)) =
            (value(&HeaderName::CallId), value(&HeaderName::From), value(&HeaderName::To))
        else {
            return;
        };
        let sequence = message::sequence(&response.headers).unwrap_or_default();
        let mut dialog = Dialog {
            call_id,
            local,
            remote,
            remote_tag: None,
            remote_target: (&*contact.to_bytes()).into(),
            routes: Box::default(),
            contact: Box::default(),
            local_seq: sequence + 1,
            remote_seq: None,
            target,
        };
        dialog.confirm(response);
        self.ack(&dialog, response).await;
        let request = dialog.request(Method::Bye, &self.common.sip.user_agent);
        if let Some(request) = request {
            let request = message::with_body(request, None);
            let (handle, target) = (self.handle.clone(), dialog.target.clone());
            tokio::spawn(async move {
                client::exchange(&handle, request, &target, &None).await;
            });
        }
    }

    /// Starts media, or changes it to what was agreed last; reports hold and its end.
    pub(super) fn start_media(&mut self, leg: LegId) {
        let Some(call) = self.calls.get(&leg) else { return };
        let (Some(settings), Some(port)) = (call.sdp.settings(), call.shared.port()) else {
            return;
        };
        call.shared.takes_events.store(call.sdp.takes_events(), Ordering::Relaxed);
        call.shared.answered.store(true, Ordering::Relaxed);
        port.start(settings, call.shared.media_events(&self.orders));
    }

    /// Starts the session timer, or starts it anew.
    pub(super) fn start_session(&mut self, leg: LegId, session: Option<Session>) {
        let refresh = session.filter(|session| session.we_refresh);
        let refresh_at =
            refresh.map(|session| self.set_timer(leg, Timer::Refresh, session.refresh_after()));
        let expire_at =
            session.map(|session| self.set_timer(leg, Timer::Expire, session.expire_after()));
        if let Some(call) = self.calls.get_mut(&leg) {
            call.session = session;
            call.refresh_at = refresh_at;
            call.expire_at = expire_at;
        }
    }
}

/// What a failure is to the server.
fn refused(response: &Response) -> LegEnd {
    LegEnd::Refused {
        status: response.status.code(),
        reason: String::from_utf8_lossy(&response.reason).into_owned(),
    }
}

/// A display name as RFC 3261 §25 quotes it.
fn display(name: Option<&str>) -> String {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return String::new() };
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\" ", clean.replace('\\', "\\\\").replace('"', "\\\""))
}
