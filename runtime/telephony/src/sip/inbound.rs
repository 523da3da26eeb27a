//! Calls that come in: from the INVITE to the ACK.

use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sipx_sip::headers::Address;
use sipx_sip::{HeaderName, Method, Request, TransactionKey};
use sipx_transport::Incoming;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::dialog::Dialog;
use super::dispatch::{Dispatcher, Purpose, Timer};
use super::leg::{Handle, Shared};
use super::leg_state::{Call, Offered, Phase, Unacked};
use super::message::{self, Reply};
use super::sdp::{self, Negotiation, Unusable};
use super::session_timer;
use crate::api::{
    Admission, EndpointEvent, InboundInvite, IncomingCall, LegEnd, LegError, LegEvent, LegId,
};

/// A call that may be let in.
struct Prepared {
    call: Call,
    invite: InboundInvite,
    events: mpsc::UnboundedReceiver<LegEvent>,
}

/// How often 180 is repeated while the caller waits (RFC 3261 §13.3.1.1).
const RING_AGAIN: Duration = Duration::from_secs(60);

impl Dispatcher {
    /// A new INVITE. Limits come first, so that refusing is cheap when there is much to refuse.
    pub(super) async fn on_invite(&mut self, incoming: Incoming) {
        let request = &incoming.request;
        if self.overloaded() {
            let after = self.common.sip.retry_after.as_secs().max(1).to_string();
            let reply = self.reply(request, 503).header(HeaderName::RetryAfter, after).done();
            self.respond(&incoming.key, reply).await;
            return;
        }
        let merged = self.merged_hash(request);
        if self.merged.contains_key(&merged) {
            // The same request by another way (RFC 3261 §8.2.2.2): a retransmission would have
            // the same branch, and the transport would have absorbed it.
            let reply = self.reply(request, 482).done();
            self.respond(&incoming.key, reply).await;
            return;
        }
        match self.consider(&incoming) {
            Ok(prepared) => self.take(incoming, merged, *prepared),
            Err(reply) => self.respond(&incoming.key, reply.done()).await,
        }
    }

    /// Decides whether an INVITE is let in, and prepares the call; or else how it is refused.
    fn consider(&mut self, incoming: &Incoming) -> Result<Box<Prepared>, Box<Reply>> {
        let request = &incoming.request;
        let invite = self.admit(incoming)?;
        let policy = self.common.session_policy();
        let session = policy.answer(&request.headers).map_err(|brief| {
            let min = brief.0.as_secs().to_string();
            Box::new(self.reply(request, 422).header(HeaderName::MinSe, min))
        })?;
        let offer = if request.body().is_empty() {
            None
        } else if !message::content_is(&request.headers, "application/sdp") {
            let reply = self.reply(request, 415).header(HeaderName::Accept, "application/sdp");
            return Err(Box::new(reply));
        } else {
            Some(sdp::read(request.body()).map_err(|fault| self.unusable(request, fault))?)
        };
        let Ok(port) = self.common.media.allocate() else {
            self.common.overloaded.fetch_add(1, Ordering::Relaxed);
            let after = self.common.sip.retry_after.as_secs().max(1).to_string();
            return Err(Box::new(self.reply(request, 503).header(HeaderName::RetryAfter, after)));
        };
        let tag = message::random();
        let contact = self.common.contact(&message::user(&request.uri), incoming.transport);
        let dialog = Dialog::uas(request, incoming.source, incoming.transport, tag, contact)
            .ok_or_else(|| {
                Box::new(Reply::with_reason(request, 400, "Missing Contact").tag(tag))
            })?;
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits will do")]
        let negotiation = Negotiation::new(port.local(), tag as u32);
        let (shared, events) = Shared::new(port);
        let offered = Offered {
            key: incoming.key.clone(),
            request: request.clone(),
            offer,
            session,
            ring_at: None,
        };
        let phase = Phase::Offered(Box::new(offered));
        let mut call = Call::new(shared, tag, dialog, negotiation, phase);
        call.updates = message::lists(&request.headers, &HeaderName::Allow, "UPDATE");
        Ok(Box::new(Prepared { call, invite, events }))
    }

    /// Registers a call that was let in and tells the server.
    fn take(&mut self, incoming: Incoming, merged: u64, prepared: Prepared) {
        let Prepared { mut call, invite, events } = prepared;
        let shared = Arc::clone(&call.shared);
        call.merged = Some(merged);
        self.merged.insert(merged, shared.id);
        self.invites.insert(incoming.key, shared.id);
        self.tags.insert(call.tag, shared.id);
        self.common.live().insert(shared.id, Arc::clone(&shared));
        self.calls.insert(shared.id, call);
        let leg = Arc::new(Handle { shared, orders: self.orders.clone() });
        // If nobody listens the handle is dropped here, which hangs up.
        self.tell(EndpointEvent::Incoming(IncomingCall { leg, events, invite }));
    }

    fn admit(&mut self, incoming: &Incoming) -> Result<InboundInvite, Box<Reply>> {
        let request = &incoming.request;
        let asserted = request
            .headers
            .value(&HeaderName::PAssertedIdentity)
            .and_then(|value| Address::parse_list(&value, "P-Asserted-Identity").ok())
            .and_then(|list| list.first().map(|address| message::user(&address.uri)));
        let from = message::from(&request.headers);
        let from_host = from.as_ref().map(|from| message::host(&from.uri)).unwrap_or_default();
        let verdict = self.digest.check(request, &from_host, &*self.common.directory);
        let invite = InboundInvite {
            source: incoming.source,
            from_user: from.as_ref().map(|from| message::user(&from.uri)).unwrap_or_default(),
            from_host,
            from_name: from
                .and_then(|from| from.display_name)
                .map(|name| String::from_utf8_lossy(&name).into_owned()),
            asserted,
            dialled: message::user(&request.uri),
            host: message::host(&request.uri),
            call_id: message::text(&request.headers, &HeaderName::CallId).unwrap_or_default(),
            authenticated: verdict.account(),
        };
        match self.common.directory.admit(&invite) {
            Admission::Accept => Ok(invite),
            Admission::Challenge => {
                let challenge = self.digest.challenge(verdict.is_stale());
                let reply = self.reply(request, 401);
                Err(Box::new(reply.header(HeaderName::WwwAuthenticate, challenge)))
            }
            Admission::Refuse { status, reason, retry_after } => {
                let status = if (400..700).contains(&status) { status } else { 403 };
                let reply = Reply::with_reason(request, status, &reason)
                    .tag(message::random())
                    .header(HeaderName::Server, self.common.sip.user_agent.clone());
                Err(Box::new(with_retry(reply, retry_after)))
            }
        }
    }

    /// 488 with the warning that says what is missing (RFC 3261 §21.4.26).
    pub(super) fn unusable(&self, request: &Request, fault: Unusable) -> Box<Reply> {
        let (code, text) = fault.warning();
        let warning = format!("{code} {} \"{text}\"", self.common.advertised_host());
        Box::new(self.reply(request, 488).header(HeaderName::Warning, warning))
    }

    fn merged_hash(&self, request: &Request) -> u64 {
        let call_id = message::text(&request.headers, &HeaderName::CallId);
        let tag = message::from(&request.headers).and_then(|from| from.tag().map(<[u8]>::to_vec));
        self.hasher.hash_one((call_id, tag, message::sequence(&request.headers)))
    }

    /// Sends 180, again and again until something final is sent.
    pub(super) async fn ring(&mut self, leg: LegId) -> Result<(), LegError> {
        let at = Instant::now() + RING_AGAIN;
        let call = self.calls.get_mut(&leg).ok_or(LegError::Ended)?;
        let Phase::Offered(offered) = &mut call.phase else { return Ok(()) };
        offered.ring_at = Some(at);
        let reply = Reply::new(&offered.request, 180)
            .tag(call.tag)
            .copy(&offered.request, &HeaderName::RecordRoute)
            .header(HeaderName::Contact, call.dialog.contact.to_string())
            .header(HeaderName::Server, self.common.sip.user_agent.clone())
            .done();
        let key = offered.key.clone();
        self.timers.push(std::cmp::Reverse((at, leg, Timer::Ringing)));
        self.respond(&key, reply).await;
        Ok(())
    }

    /// Sends 200 and starts media: what the caller says next must not be lost.
    pub(super) async fn answer(&mut self, leg: LegId) -> Result<(), LegError> {
        let call = self.calls.get_mut(&leg).ok_or(LegError::Ended)?;
        if call.shared.is_over() {
            return Err(LegError::Ended);
        }
        let Phase::Offered(offered) = &call.phase else {
            return if call.outbound {
                Err(LegError::NotPossible("the leg is outbound".to_owned()))
            } else {
                Ok(())
            };
        };
        let codecs = &self.common.codecs;
        let body = match &offered.offer {
            Some(offer) => call.sdp.answer(offer, codecs),
            None => Ok(call.sdp.offer(codecs)),
        };
        let body = match body {
            Ok(body) => body,
            Err(fault) => {
                let request = offered.request.clone();
                let reply = self.unusable(&request, fault);
                self.finish_offered(leg, *reply, LegEnd::Failed("no common codec".to_owned()))
                    .await;
                return Err(LegError::NotPossible("no common codec".to_owned()));
            }
        };
        let Phase::Offered(offered) = std::mem::replace(&mut call.phase, Phase::Up) else {
            return Ok(());
        };
        let mut reply = Reply::new(&offered.request, 200)
            .tag(call.tag)
            .copy(&offered.request, &HeaderName::RecordRoute)
            .header(HeaderName::Contact, call.dialog.contact.to_string())
            .header(HeaderName::Allow, message::ALLOW)
            .header(HeaderName::Server, self.common.sip.user_agent.clone());
        for (name, value) in offered.session.into_iter().flat_map(session_timer::agreed) {
            reply = reply.header(name, value);
        }
        let response = reply.body("application/sdp", body);
        let sequence = call.dialog.remote_seq.unwrap_or_default();
        let offers = offered.offer.is_none();
        self.invites.remove(&offered.key);
        self.start_session(leg, offered.session);
        self.start_media(leg);
        self.send_answer(leg, offered.key, response, sequence, offers, true).await;
        Ok(())
    }

    /// Sends a 2xx to an INVITE and sees to it being repeated until its ACK.
    pub(super) async fn send_answer(
        &mut self,
        leg: LegId,
        key: TransactionKey,
        response: sipx_sip::Response,
        sequence: u32,
        offers: bool,
        first: bool,
    ) {
        let now = Instant::now();
        let t1 = self.common.t1;
        let at = self.set_timer(leg, Timer::Answer, t1);
        if let Some(call) = self.calls.get_mut(&leg) {
            call.unacked = Some(Box::new(Unacked {
                key: key.clone(),
                response: response.clone(),
                sequence,
                interval: t1 * 2,
                at,
                until: now + t1 * 64,
                offers,
                first,
            }));
        }
        self.respond(&key, response).await;
    }

    /// Our 2xx was not acknowledged yet: again, or the end (RFC 3261 §13.3.1.4).
    pub(super) async fn repeat_answer(&mut self, leg: LegId, now: Instant) {
        let t2 = self.common.t2;
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let Some(unacked) = &mut call.unacked else { return };
        if now >= unacked.until {
            call.unacked = None;
            self.bye(leg, LegEnd::Failed("the answer was not acknowledged".to_owned()));
            return;
        }
        let (key, response) = (unacked.key.clone(), unacked.response.clone());
        let at = (now + unacked.interval.min(t2)).min(unacked.until);
        unacked.interval = (unacked.interval * 2).min(t2);
        unacked.at = at;
        self.timers.push(std::cmp::Reverse((at, leg, Timer::Answer)));
        self.respond(&key, response).await;
    }

    /// An ACK to one of our 2xx.
    pub(super) async fn on_ack(&mut self, incoming: &Incoming) {
        let request = &incoming.request;
        let Some(tag) = message::to(&request.headers).and_then(|to| to.tag().map(<[u8]>::to_vec))
        else {
            return;
        };
        let Some(leg) = self.find(request, &tag) else { return };
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let acked = call
            .unacked
            .take_if(|unacked| Some(unacked.sequence) == message::sequence(&request.headers));
        let Some(acked) = acked else { return };
        if let Some(hash) = call.merged.take_if(|_| acked.first) {
            self.merged.remove(&hash);
        }
        if call.shared.is_over() {
            // Hung up while the ACK was on its way: only now may the BYE go (RFC 3261 §15).
            self.bye(leg, LegEnd::LocalHangUp);
            return;
        }
        if acked.offers {
            match sdp::read(request.body()) {
                Ok(answer) => call.sdp.answered(&answer),
                Err(_) => {
                    self.bye(leg, LegEnd::Failed("no usable SDP in the ACK".to_owned()));
                    return;
                }
            }
            self.start_media(leg);
        }
        if acked.first
            && let Some(call) = self.calls.get(&leg)
        {
            call.shared.report(LegEvent::Answered);
        }
    }

    /// CANCEL: always 200 if it names an INVITE of ours, and 487 to that if nothing final was
    /// sent yet (RFC 3261 §9.2).
    pub(super) async fn on_cancel(&mut self, incoming: &Incoming) {
        let request = &incoming.request;
        let leg = TransactionKey::for_cancelled_invite(request)
            .and_then(|key| self.invites.get(&key).copied());
        let answered = || {
            // The final response may have crossed the CANCEL; the INVITE is still known then.
            let hash = self.merged_hash(request);
            self.merged.contains_key(&hash)
        };
        let status = if leg.is_some() || answered() { 200 } else { 481 };
        let mut reply = Reply::new(request, status)
            .header(HeaderName::Server, self.common.sip.user_agent.clone());
        // RFC 3261 §9.2: the tag should be that of the INVITE's responses.
        let tag = leg.and_then(|leg| self.calls.get(&leg)).map(|call| call.tag);
        reply = reply.tag(tag.unwrap_or_else(message::random));
        self.respond(&incoming.key, reply.done()).await;
        if let Some(leg) = leg {
            self.refuse_as(leg, 487, LegEnd::RemoteHangUp).await;
        }
    }

    /// Sends a failure the server chose.
    pub(super) async fn refuse(
        &mut self,
        leg: LegId,
        status: u16,
        reason: &str,
        retry_after: Option<Duration>,
    ) {
        let Some(offered) = self.calls.get(&leg).and_then(Call::offered) else { return };
        let reply = Reply::with_reason(&offered.request, status, reason);
        self.finish_offered(leg, with_retry(reply, retry_after), LegEnd::LocalHangUp).await;
    }

    /// Sends a failure with its usual reason.
    pub(super) async fn refuse_as(&mut self, leg: LegId, status: u16, end: LegEnd) {
        let Some(offered) = self.calls.get(&leg).and_then(Call::offered) else { return };
        let reply = Reply::new(&offered.request, status);
        self.finish_offered(leg, reply, end).await;
    }

    async fn finish_offered(&mut self, leg: LegId, reply: Reply, end: LegEnd) {
        let Some(call) = self.calls.get(&leg) else { return };
        let Some(offered) = call.offered() else { return };
        let key = offered.key.clone();
        let reply = reply
            .tag(call.tag)
            .header(HeaderName::Server, self.common.sip.user_agent.clone())
            .done();
        self.over(call, end);
        self.forget(leg);
        self.respond(&key, reply).await;
    }

    /// Ends a leg in whatever state it is.
    pub(super) async fn hang_up(&mut self, leg: LegId, end: LegEnd) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        if call.shared.is_over() {
            return;
        }
        let patience = self.common.t1 * 128;
        match &mut call.phase {
            Phase::Offered(_) => self.refuse_as(leg, 480, end).await,
            Phase::Dialling(dialling) => {
                // Kept until the final response: a 200 that crosses the CANCEL must be
                // acknowledged and ended (RFC 3261 §9.1).
                dialling.cancel.notify_one();
                let at = Instant::now() + patience;
                dialling.give_up_at = Some(at);
                self.timers.push(std::cmp::Reverse((at, leg, Timer::Cancelled)));
                let Some(call) = self.calls.get(&leg) else { return };
                self.over(call, end);
            }
            Phase::Up if call.unacked.as_ref().is_some_and(|unacked| unacked.first) => {
                // BYE must wait for the ACK or the end of the transaction (RFC 3261 §15).
                let Some(call) = self.calls.get(&leg) else { return };
                self.over(call, end);
            }
            Phase::Up => self.bye(leg, end),
        }
    }

    /// Sends BYE and forgets the leg; the transport repeats the BYE by itself.
    pub(super) fn bye(&mut self, leg: LegId, end: LegEnd) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        let request = call.dialog.request(Method::Bye, &self.common.sip.user_agent);
        let (target, login) = (call.target(), call.login.clone());
        if let Some(call) = self.calls.get(&leg) {
            self.over(call, end);
        }
        self.forget(leg);
        if let Some(request) = request {
            let request = message::with_body(request, None);
            let purpose = (leg, Purpose::Bye);
            super::client::send(&self.handle, purpose, request, target, login, &self.orders);
        }
    }
}

fn with_retry(reply: Reply, after: Option<Duration>) -> Reply {
    match after {
        Some(after) => reply.header(HeaderName::RetryAfter, after.as_secs().max(1).to_string()),
        None => reply,
    }
}
