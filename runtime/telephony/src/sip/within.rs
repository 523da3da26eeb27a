//! Requests within a dialog, theirs and ours.

use std::sync::Arc;
use std::time::Duration;

use sipx_sip::{HeaderName, Method, Request};
use sipx_transport::Incoming;
use tokio::sync::Notify;

use super::client::{self, Outcome};
use super::dispatch::{Answer, Dispatcher, Purpose, Timer};
use super::leg_state::{Call, Offering, Phase, Why};
use super::message::{self, Reply};
use super::session_timer::{self, TooBrief};
use super::{info, sdp};
use crate::api::{LegEnd, LegError, LegEvent, LegId};

/// How often a re-INVITE is repeated after a glare.
const GLARES: u8 = 5;

impl Dispatcher {
    /// A request within the dialog of a leg.
    pub(super) async fn on_dialog_request(&mut self, leg: LegId, incoming: Incoming) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let request = &incoming.request;
        let sequence = message::sequence(&request.headers).unwrap_or_default();
        let dialog = &mut call.dialog;
        if dialog.remote_seq.is_some_and(|last| sequence <= last) {
            // Out of order (RFC 3261 §12.2.2); a retransmission does not come this far.
            let reply = Reply::new(request, 500).done();
            self.respond(&incoming.key, reply).await;
            return;
        }
        dialog.remote_seq = Some(sequence);
        match &request.method {
            Method::Bye => self.on_bye(leg, &incoming).await,
            Method::Invite => self.on_reinvite(leg, incoming).await,
            Method::Update => self.on_update(leg, &incoming).await,
            _ => {
                let reply = match &request.method {
                    Method::Info => self.on_info(leg, request),
                    Method::Notify => self.on_notify(leg, request),
                    Method::Options => Reply::new(request, 200)
                        .header(HeaderName::Allow, message::ALLOW)
                        .header(HeaderName::Accept, message::ACCEPT),
                    Method::Refer => Reply::new(request, 603),
                    Method::Prack => Reply::new(request, 481),
                    Method::Subscribe => Reply::new(request, 489),
                    _ => Reply::new(request, 405).header(HeaderName::Allow, message::ALLOW),
                };
                self.respond_within(&incoming, reply).await;
                self.end_after_notify(leg);
            }
        }
    }

    async fn respond_within(&self, incoming: &Incoming, reply: Reply) {
        let reply = reply.header(HeaderName::Server, self.common.sip.user_agent.clone()).done();
        self.respond(&incoming.key, reply).await;
    }

    async fn on_bye(&mut self, leg: LegId, incoming: &Incoming) {
        self.respond_within(incoming, Reply::new(&incoming.request, 200)).await;
        if self.calls.get(&leg).is_some_and(|call| call.offered().is_some()) {
            // BYE before the answer (RFC 3261 §15.1.2).
            self.refuse_as(leg, 487, LegEnd::RemoteHangUp).await;
        } else {
            self.fail(leg, LegEnd::RemoteHangUp);
        }
    }

    /// Why an offer cannot be taken now (RFC 3261 §14.2, RFC 3311 §5.2).
    fn busy_with_offers(call: &Call, request: &Request) -> Option<Reply> {
        if call.shared.is_over() {
            return Some(Reply::new(request, 481));
        }
        if !matches!(call.phase, Phase::Up) {
            // The first offer is not answered yet.
            return Some(Reply::new(request, 500).header(HeaderName::RetryAfter, "2"));
        }
        if call.offering.as_ref().is_some_and(|offering| offering.again_at.is_none()) {
            return Some(Reply::new(request, 491));
        }
        if call.unacked.is_some() {
            let after = (message::random() % 11).to_string();
            return Some(Reply::new(request, 500).header(HeaderName::RetryAfter, after));
        }
        None
    }

    async fn on_reinvite(&mut self, leg: LegId, incoming: Incoming) {
        let request = &incoming.request;
        let Some(call) = self.calls.get(&leg) else { return };
        if let Some(reply) = Self::busy_with_offers(call, request) {
            self.respond_within(&incoming, reply).await;
            return;
        }
        let offers = request.body().is_empty();
        let sequence = message::sequence(&request.headers).unwrap_or_default();
        match self.take_offer(leg, &incoming) {
            Ok((reply, body)) => {
                let reply = reply
                    .copy(request, &HeaderName::RecordRoute)
                    .header(HeaderName::Server, self.common.sip.user_agent.clone());
                let response = match body {
                    Some(body) => reply.body("application/sdp", body),
                    None => reply.done(),
                };
                let key = incoming.key.clone();
                self.send_answer(leg, key, response, sequence, offers, false).await;
            }
            Err(reply) => self.respond_within(&incoming, *reply).await,
        }
    }

    async fn on_update(&mut self, leg: LegId, incoming: &Incoming) {
        let request = &incoming.request;
        let Some(call) = self.calls.get(&leg) else { return };
        let offers = !request.body().is_empty();
        let busy = if offers { Self::busy_with_offers(call, request) } else { None };
        let busy = busy.or_else(|| call.shared.is_over().then(|| Reply::new(request, 481)));
        if let Some(reply) = busy {
            self.respond_within(incoming, reply).await;
            return;
        }
        match self.take_offer(leg, incoming) {
            Ok((reply, body)) => {
                let reply = reply.header(HeaderName::Server, self.common.sip.user_agent.clone());
                let response = match body {
                    Some(body) => reply.body("application/sdp", body),
                    None => reply.done(),
                };
                self.respond(&incoming.key, response).await;
            }
            Err(reply) => self.respond_within(incoming, *reply).await,
        }
    }

    /// Takes what a re-INVITE or UPDATE brings: target, session timer, offer. The body of the
    /// answer is ours to write unless an UPDATE carries no offer.
    fn take_offer(
        &mut self,
        leg: LegId,
        incoming: &Incoming,
    ) -> Result<(Reply, Option<String>), Box<Reply>> {
        let request = &incoming.request;
        let policy = self.common.session_policy();
        let session = policy.answer(&request.headers).map_err(|TooBrief(min)| {
            let min = min.as_secs().to_string();
            Box::new(Reply::new(request, 422).header(HeaderName::MinSe, min))
        })?;
        let offer = if request.body().is_empty() {
            None
        } else if message::content_is(&request.headers, "application/sdp") {
            Some(sdp::read(request.body()).map_err(|fault| self.unusable(request, fault))?)
        } else {
            let reply = Reply::new(request, 415).header(HeaderName::Accept, "application/sdp");
            return Err(Box::new(reply));
        };
        let codecs = &self.common.codecs;
        let Some(call) = self.calls.get_mut(&leg) else {
            return Err(Box::new(Reply::new(request, 481)));
        };
        let was_held = call.sdp.held;
        let body = match &offer {
            Some(offer) => match call.sdp.answer(offer, codecs) {
                Ok(body) => Some(body),
                Err(fault) => return Err(self.unusable(request, fault)),
            },
            None if request.method == Method::Invite => Some(call.sdp.offer(codecs)),
            None => None,
        };
        call.dialog.refresh_target(&request.headers, incoming.source, incoming.transport);
        let mut reply = Reply::new(request, 200)
            .header(HeaderName::Contact, call.dialog.contact.to_string())
            .header(HeaderName::Allow, message::ALLOW);
        for (name, value) in session.into_iter().flat_map(session_timer::agreed) {
            reply = reply.header(name, value);
        }
        self.start_session(leg, session);
        if offer.is_some() {
            self.start_media(leg);
            self.report_hold(leg, was_held);
        }
        Ok((reply, body))
    }

    /// Says that the party put us on hold, or took us back.
    pub(super) fn report_hold(&self, leg: LegId, was_held: bool) {
        let Some(call) = self.calls.get(&leg) else { return };
        match (was_held, call.sdp.held) {
            (false, true) => call.shared.report(LegEvent::Held),
            (true, false) => call.shared.report(LegEvent::Resumed),
            _ => (),
        }
    }

    fn on_info(&self, leg: LegId, request: &Request) -> Reply {
        let digits = ["application/dtmf-relay", "application/dtmf"];
        if request.body().is_empty() {
            return Reply::new(request, 200);
        }
        if !digits.iter().any(|kind| message::content_is(&request.headers, kind)) {
            let accept = digits.join(", ");
            return Reply::new(request, 415).header(HeaderName::Accept, accept);
        }
        let Some(digit) = info::read(request.body()) else { return Reply::new(request, 400) };
        if let Some(port) = self.calls.get(&leg).and_then(|call| call.shared.port()) {
            port.digit_from_signalling(digit);
        }
        Reply::new(request, 200)
    }

    /// Puts the party on hold or takes it back.
    pub(super) fn hold(&mut self, leg: LegId, on: bool, reply: Answer) {
        let Some(call) = self.calls.get_mut(&leg).filter(|call| !call.shared.is_over()) else {
            let _ = reply.send(Err(LegError::Ended));
            return;
        };
        let fault = if !matches!(call.phase, Phase::Up) {
            Some("the leg is not answered")
        } else if call.offering.is_some() {
            Some("another change is under way")
        } else {
            None
        };
        if let Some(fault) = fault {
            let _ = reply.send(Err(LegError::NotPossible(fault.to_owned())));
            return;
        }
        if call.sdp.holding == on {
            let _ = reply.send(Ok(()));
            return;
        }
        call.sdp.holding = on;
        if call.unacked.is_some() {
            // One exchange at a time: the ACK is on its way.
            self.offer_later(leg, Why::Hold(on, reply), 0, self.common.t1 / 5);
        } else {
            self.offer(leg, Why::Hold(on, reply), 0);
        }
    }

    fn offer_later(&mut self, leg: LegId, why: Why, glares: u8, after: Duration) {
        let at = self.set_timer(leg, Timer::Offer, after);
        if let Some(call) = self.calls.get_mut(&leg) {
            let attempt = call.attempt;
            call.offering = Some(Box::new(Offering { attempt, why, glares, again_at: Some(at) }));
        }
    }

    /// Sends a re-INVITE with what we want now.
    fn offer(&mut self, leg: LegId, why: Why, glares: u8) {
        let policy = self.common.session_policy();
        let supported = self.supported();
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let body = call.sdp.offer(&self.common.codecs);
        let Some(mut request) = call.dialog.request(Method::Invite, &self.common.sip.user_agent)
        else {
            return;
        };
        policy.ask(&mut request.headers, call.session, Duration::ZERO);
        let attempt = call.attempt + 1;
        call.offering = Some(Box::new(Offering { attempt, why, glares, again_at: None }));
        self.invite_out(leg, request, body, Arc::new(Notify::new()), supported);
    }

    /// Sends a re-INVITE that had to wait: for an ACK, or after a glare.
    pub(super) fn offer_again(&mut self, leg: LegId) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let Some(offering) = call.offering.take() else { return };
        let Offering { why, glares, .. } = *offering;
        if call.unacked.is_some() {
            self.offer_later(leg, why, glares, self.common.t1 / 5);
        } else {
            self.offer(leg, why, glares);
        }
    }

    /// What came of a re-INVITE of ours.
    pub(super) async fn on_offered(&mut self, leg: LegId, outcome: Outcome) {
        let response = match outcome {
            Outcome::Response(response) => response,
            // No answer at all: the peer is gone (RFC 3261 §12.2.1.2).
            Outcome::Timeout => return self.bye(leg, self.lost(leg)),
            Outcome::Transport(text) => return self.bye(leg, LegEnd::Failed(text)),
        };
        let status = response.status.code();
        if status < 200 {
            return;
        }
        let policy = self.common.session_policy();
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let Some(offering) = call.offering.take() else { return };
        if status < 300 {
            let (source, transport) = (call.dialog.target.addr, call.dialog.target.transport);
            call.dialog.refresh_target(&response.headers, source, transport);
            let was_held = call.sdp.held;
            if let Ok(answer) = sdp::read(response.body()) {
                call.sdp.answered(&answer);
            }
            self.acknowledge(leg, &response).await;
            self.start_session(leg, policy.adopt(&response.headers));
            self.start_media(leg);
            self.report_hold(leg, was_held);
            if let Why::Hold(_, reply) = offering.why {
                let _ = reply.send(Ok(()));
            }
            return;
        }
        if status == 491 && offering.glares < GLARES {
            // The side that made the Call-ID waits longer (RFC 3261 §14.1).
            let random = message::random() % 1900;
            let millis = if call.outbound { 2100 + random } else { random + 10 };
            let Offering { why, glares, .. } = *offering;
            self.offer_later(leg, why, glares + 1, Duration::from_millis(millis));
            return;
        }
        let reason = String::from_utf8_lossy(&response.reason).into_owned();
        if let Why::Hold(on, reply) = offering.why {
            call.sdp.holding = !on;
            let _ = reply.send(Err(LegError::Refused { status, reason }));
        }
        if matches!(status, 408 | 481) {
            let end = self.lost(leg);
            self.bye(leg, end);
        }
    }

    /// How a leg ends whose peer does not answer within the dialog.
    fn lost(&self, leg: LegId) -> LegEnd {
        let timed = self.calls.get(&leg).is_some_and(|call| call.session.is_some());
        if timed {
            LegEnd::SessionExpired
        } else {
            LegEnd::Failed("the other side no longer answers".to_owned())
        }
    }

    /// Refreshes the session: by UPDATE, which needs no offer, or else by re-INVITE.
    pub(super) fn refresh(&mut self, leg: LegId) {
        let policy = self.common.session_policy();
        let supported = self.supported();
        let Some(call) = self.calls.get_mut(&leg) else { return };
        if !call.updates {
            // A change under way refreshes as well.
            if call.offering.is_none() && call.unacked.is_none() {
                self.offer(leg, Why::Refresh, 0);
            }
            return;
        }
        let agent = &self.common.sip.user_agent;
        let Some(mut request) = call.dialog.request(Method::Update, agent) else { return };
        policy.ask(&mut request.headers, call.session, Duration::ZERO);
        message::push(&mut request.headers, HeaderName::Supported, supported);
        self.send_within(leg, Purpose::Refresh, message::with_body(request, None));
    }

    /// Gives a request other than INVITE to its task.
    pub(super) fn send_within(&mut self, leg: LegId, purpose: Purpose, request: Request) {
        let Some(call) = self.calls.get(&leg) else { return };
        let (target, login) = (call.target(), call.login.clone());
        client::send(&self.handle, (leg, purpose), request, target, login, &self.orders);
    }

    /// What came of a request of ours other than INVITE.
    pub(super) async fn on_replied(&mut self, leg: LegId, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Bye => (),
            Purpose::Info(rest) => self.send_info(leg, rest),
            Purpose::Refer => self.on_referred(leg, outcome),
            Purpose::Refresh => self.on_refreshed(leg, outcome),
        }
    }

    fn on_refreshed(&mut self, leg: LegId, outcome: Outcome) {
        let policy = self.common.session_policy();
        let Some(call) = self.calls.get(&leg).filter(|call| call.is_up()) else { return };
        match outcome {
            Outcome::Response(response) if response.status.is_success() => {
                self.start_session(leg, policy.adopt(&response.headers));
            }
            Outcome::Response(response) if matches!(response.status.code(), 405 | 501) => {
                // It said it takes UPDATE and does not.
                if let Some(call) = self.calls.get_mut(&leg) {
                    call.updates = false;
                }
                self.refresh(leg);
            }
            Outcome::Response(response) if !matches!(response.status.code(), 408 | 481) => {
                // Refused for now; until the session ends there is time for another attempt.
                let rest = call.session.map_or(Duration::ZERO, |session| session.interval / 8);
                let at = self.set_timer(leg, Timer::Refresh, rest.max(Duration::from_millis(500)));
                if let Some(call) = self.calls.get_mut(&leg) {
                    call.refresh_at = Some(at);
                }
            }
            _ => self.bye(leg, LegEnd::SessionExpired),
        }
    }

    /// Sends the first of `digits` by INFO; the others follow, one answer at a time, because the
    /// order of requests under way is not kept on UDP.
    pub(super) fn send_info(&mut self, leg: LegId, digits: String) {
        let mut rest = digits.chars();
        let Some(digit) = rest.next() else { return };
        let Some(call) = self.calls.get_mut(&leg).filter(|call| call.is_up()) else { return };
        let Some(request) = call.dialog.request(Method::Info, &self.common.sip.user_agent) else {
            return;
        };
        let body = ("application/dtmf-relay", info::write(digit).into());
        let purpose = Purpose::Info(rest.as_str().to_owned());
        self.send_within(leg, purpose, message::with_body(request, Some(body)));
    }
}
