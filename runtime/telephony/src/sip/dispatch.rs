//! The dispatcher: one task that owns every leg, so that no lock is held and no race is possible
//! between what the network says and what the server orders.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sipx_sip::{Finding, HeaderName, Method, Request, Response, TransactionKey};
use sipx_transport::{Handle, Incoming};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::client::Outcome;
use super::digest::Digest;
use super::endpoint::Common;
use super::leg_state::Call;
use super::limits::Bucket;
use super::message::{self, Reply};
use super::outbound::NewCall;
use crate::api::{EndpointEvent, LegEnd, LegError, LegId};

/// Answers an order.
pub(super) type Answer = oneshot::Sender<Result<(), LegError>>;

/// What reaches the dispatcher besides the network.
pub(super) enum Message {
    /// Place a call.
    Dial(Box<NewCall>),
    /// Something about one leg.
    Order(LegId, Order),
    /// A response to an INVITE of ours, or its failure.
    Invited(LegId, u32, Outcome),
    /// What came of another request of ours.
    Replied(LegId, Purpose, Outcome),
    /// Refuse new calls from now on.
    Drain,
    /// Hang up everything.
    HangUpAll,
    /// How many entries all maps have together.
    Size(oneshot::Sender<usize>),
    /// End the task.
    Stop,
}

/// What the server or the media port wants of a leg.
pub(super) enum Order {
    /// Send 180.
    Ring(Answer),
    /// Send 200.
    Answer(Answer),
    /// Send a failure.
    Refuse {
        /// The status.
        status: u16,
        /// The reason phrase.
        reason: String,
        /// For Retry-After.
        retry_after: Option<Duration>,
        /// Answered once it is sent.
        reply: Answer,
    },
    /// End it.
    HangUp,
    /// Hold or take back.
    Hold(bool, Answer),
    /// Transfer.
    Transfer(String, Answer),
    /// Send digits by INFO.
    SendInfo(String),
    /// The port heard nothing for too long.
    MediaTimedOut,
}

/// Why a request other than INVITE was sent.
pub(super) enum Purpose {
    /// To end the leg; nobody waits for what comes of it.
    Bye,
    /// To refresh the session.
    Refresh,
    /// To send a digit; the rest follows.
    Info(String),
    /// To transfer.
    Refer,
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Timer {
    /// Send our 2xx again.
    Answer,
    /// Send 180 again, so that no proxy gives up on a long wait (RFC 3261 §13.3.1.1).
    Ringing,
    /// Refresh the session.
    Refresh,
    /// The session ends.
    Expire,
    /// Offer again after a glare.
    Offer,
    /// The transfer takes too long.
    Transfer,
    /// A cancelled INVITE got no final response.
    Cancelled,
}

/// The dispatcher's state.
pub(super) struct Dispatcher {
    pub(super) handle: Handle,
    pub(super) common: Arc<Common>,
    pub(super) events: mpsc::Sender<EndpointEvent>,
    pub(super) orders: mpsc::UnboundedSender<Message>,
    pub(super) calls: HashMap<LegId, Call>,
    /// Our tag of each dialog.
    pub(super) tags: HashMap<u64, LegId>,
    /// INVITEs to us without a final response: what a CANCEL names.
    pub(super) invites: HashMap<TransactionKey, LegId>,
    /// The same by hash of Call-ID, From tag and CSeq: what a merged request repeats.
    pub(super) merged: HashMap<u64, LegId>,
    /// Hashes with a key of its own, so that nobody can aim at an entry.
    pub(super) hasher: std::hash::RandomState,
    pub(super) timers: BinaryHeap<Reverse<(Instant, LegId, Timer)>>,
    pub(super) digest: Digest,
    pub(super) bucket: Bucket,
    /// Messages that waited when the last one was taken.
    pub(super) backlog: usize,
    pub(super) draining: bool,
    /// A leg that was transferred and ends once its NOTIFY is answered.
    pub(super) leave: Option<LegId>,
}

impl Dispatcher {
    /// Runs until the endpoint stops.
    pub(super) async fn run(
        mut self,
        mut incoming: mpsc::Receiver<Incoming>,
        mut orders: mpsc::UnboundedReceiver<Message>,
    ) {
        // Expired registrations are looked for once a second: exact enough for a phone.
        let mut sweep = tokio::time::interval(Duration::from_secs(1));
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let next = self.timers.peek().map(|Reverse((at, ..))| *at);
            self.backlog = incoming.len() + orders.len();
            // What those who were let in wait for comes before what is new.
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Message::Stop) | None => break,
                    Some(order) => self.on_message(order).await,
                },
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    self.on_timers().await;
                }
                _ = sweep.tick() => self.expire_bindings(),
                request = incoming.recv() => match request {
                    Some(request) => self.on_request(request).await,
                    None => break,
                },
            }
        }
        for (_, call) in self.calls.drain() {
            call.shared.end(LegEnd::LocalHangUp);
        }
        self.common.live().clear();
        self.handle.shutdown().await;
    }

    async fn on_message(&mut self, message: Message) {
        match message {
            Message::Dial(call) => self.on_dial(*call),
            Message::Order(leg, order) => self.on_order(leg, order).await,
            Message::Invited(leg, attempt, outcome) => self.on_invited(leg, attempt, outcome).await,
            Message::Replied(leg, purpose, outcome) => self.on_replied(leg, purpose, outcome).await,
            Message::Drain => self.draining = true,
            Message::HangUpAll => {
                let legs: Vec<LegId> = self.calls.keys().copied().collect();
                for leg in legs {
                    self.hang_up(leg, LegEnd::LocalHangUp).await;
                }
            }
            Message::Size(reply) => {
                let size = self.calls.len()
                    + self.tags.len()
                    + self.invites.len()
                    + self.merged.len()
                    + self.common.live().len();
                let _ = reply.send(size);
            }
            Message::Stop => (),
        }
    }

    async fn on_order(&mut self, leg: LegId, order: Order) {
        match order {
            Order::Ring(reply) => {
                let result = self.ring(leg).await;
                let _ = reply.send(result);
            }
            Order::Answer(reply) => {
                let result = self.answer(leg).await;
                let _ = reply.send(result);
            }
            Order::Refuse { status, reason, retry_after, reply } => {
                self.refuse(leg, status, &reason, retry_after).await;
                let _ = reply.send(Ok(()));
            }
            Order::HangUp => self.hang_up(leg, LegEnd::LocalHangUp).await,
            Order::Hold(on, reply) => self.hold(leg, on, reply),
            Order::Transfer(to, reply) => self.transfer(leg, &to, reply),
            Order::SendInfo(digits) => self.send_info(leg, digits),
            Order::MediaTimedOut => self.hang_up(leg, LegEnd::MediaTimeout).await,
        }
    }

    async fn on_timers(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, leg, timer))) = self.timers.peek().copied() {
            if at > now {
                return;
            }
            self.timers.pop();
            // A timer that was set anew or is no longer wanted is told by its time.
            let due = self.calls.get(&leg).is_some_and(|call| call.is_due(timer, at));
            if !due {
                continue;
            }
            match timer {
                Timer::Answer => self.repeat_answer(leg, now).await,
                Timer::Ringing => {
                    let _ = self.ring(leg).await;
                }
                Timer::Refresh => self.refresh(leg),
                Timer::Expire => self.hang_up(leg, LegEnd::SessionExpired).await,
                Timer::Offer => self.offer_again(leg),
                Timer::Transfer => self.transfer_timed_out(leg),
                Timer::Cancelled => self.forget(leg),
            }
        }
    }

    /// Sets a timer; the call remembers its time.
    pub(super) fn set_timer(&mut self, leg: LegId, timer: Timer, after: Duration) -> Instant {
        let at = Instant::now() + after;
        self.timers.push(Reverse((at, leg, timer)));
        at
    }

    async fn on_request(&mut self, incoming: Incoming) {
        let request = &incoming.request;
        if request.method == Method::Ack {
            self.on_ack(&incoming).await;
            return;
        }
        if let Some(finding) =
            sipx_sip::validate_request(request).into_iter().find(|fault| !fault.is_repairable())
        {
            self.on_malformed(&incoming, &finding).await;
            return;
        }
        if request.method == Method::Cancel {
            self.on_cancel(&incoming).await;
            return;
        }
        if let Some(unsupported) = self.unsupported(request) {
            let reply =
                self.reply(request, 420).header(HeaderName::Unsupported, unsupported).done();
            self.respond(&incoming.key, reply).await;
            return;
        }
        let tag = message::to(&request.headers).and_then(|to| to.tag().map(<[u8]>::to_vec));
        match tag {
            Some(tag) => self.on_within(incoming, &tag).await,
            None => self.on_without(incoming).await,
        }
    }

    async fn on_malformed(&mut self, incoming: &Incoming, finding: &Finding) {
        let request = &incoming.request;
        // Without these a response finds its way to nobody.
        let answerable = [HeaderName::Via, HeaderName::CSeq, HeaderName::CallId]
            .iter()
            .all(|name| request.headers.get(name).is_some());
        tracing::debug!(source = %incoming.source, ?finding, "a malformed request");
        if answerable {
            let reply = self.reply(request, finding.status()).done();
            self.respond(&incoming.key, reply).await;
        }
    }

    /// A request outside any dialog.
    async fn on_without(&mut self, incoming: Incoming) {
        let request = &incoming.request;
        let reply = match &request.method {
            Method::Invite => {
                self.common.invites.fetch_add(1, Ordering::Relaxed);
                self.on_invite(incoming).await;
                return;
            }
            Method::Register => self.on_register(&incoming),
            Method::Options => self
                .reply(request, if self.draining { 503 } else { 200 })
                .header(HeaderName::Allow, message::ALLOW)
                .header(HeaderName::Accept, message::ACCEPT)
                .header(HeaderName::Supported, self.supported())
                .done(),
            Method::Subscribe | Method::Publish => self
                .reply(request, 489)
                .header(HeaderName::Allow, message::ALLOW)
                .header(HeaderName::AllowEvents, "refer")
                .done(),
            Method::Bye | Method::Info | Method::Update | Method::Notify | Method::Prack => {
                self.reply(request, 481).done()
            }
            Method::Refer => self.reply(request, 603).done(),
            Method::Message => {
                self.reply(request, 405).header(HeaderName::Allow, message::ALLOW).done()
            }
            _ => self.reply(request, 501).header(HeaderName::Allow, message::ALLOW).done(),
        };
        self.respond(&incoming.key, reply).await;
    }

    /// A request within a dialog; 481 if we know none such (RFC 3261 §12.2.2).
    async fn on_within(&mut self, incoming: Incoming, tag: &[u8]) {
        let Some(leg) = self.find(&incoming.request, tag) else {
            let reply = self.reply(&incoming.request, 481).done();
            self.respond(&incoming.key, reply).await;
            return;
        };
        self.on_dialog_request(leg, incoming).await;
    }

    /// The leg whose dialog a request belongs to, by our tag, Call-ID and the other side's tag.
    pub(super) fn find(&self, request: &Request, tag: &[u8]) -> Option<LegId> {
        let leg = *self.tags.get(&message::our_tag(tag)?)?;
        let call = self.calls.get(&leg)?;
        let call_id = request.headers.value(&HeaderName::CallId)?;
        if *call_id != *call.dialog.call_id {
            return None;
        }
        let from = message::from(&request.headers)?;
        (call.dialog.remote_tag.as_deref() == from.tag()).then_some(leg)
    }

    /// The option tags that a request requires and we lack.
    fn unsupported(&self, request: &Request) -> Option<String> {
        let missing: Vec<String> = message::tokens(&request.headers, &HeaderName::Require)
            .into_iter()
            .filter(|tag| {
                !tag.eq_ignore_ascii_case("timer") || self.common.sip.session_expires.is_zero()
            })
            .collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// What we write into Supported.
    pub(super) fn supported(&self) -> &'static str {
        if self.common.sip.session_expires.is_zero() { "" } else { "timer" }
    }

    /// Starts a response outside a dialog, with a To tag nobody will use.
    pub(super) fn reply(&self, request: &Request, status: u16) -> Reply {
        Reply::new(request, status)
            .tag(message::random())
            .header(HeaderName::Server, self.common.sip.user_agent.clone())
    }

    /// Hands a response to the transport.
    pub(super) async fn respond(&self, key: &TransactionKey, response: Response) {
        if let Err(error) = self.handle.respond(key, response).await {
            tracing::debug!(%error, "a response was not sent");
        }
    }

    /// Removes everything that is known of a leg. Its end must have been reported.
    pub(super) fn forget(&mut self, leg: LegId) {
        let Some(call) = self.calls.remove(&leg) else { return };
        self.tags.remove(&call.tag);
        if let Some(hash) = call.merged {
            self.merged.remove(&hash);
        }
        if let Some(offered) = call.offered() {
            self.invites.remove(&offered.key);
        }
        self.over(&call, LegEnd::LocalHangUp);
    }

    /// Reports the end of a leg unless that was done, and frees its port.
    pub(super) fn over(&self, call: &Call, end: LegEnd) {
        if let Some(port) = call.shared.end(end) {
            self.common.media.unbridge(&port);
        }
        self.common.live().remove(&call.shared.id);
    }

    /// How many calls there are.
    pub(super) fn load(&self) -> usize {
        self.common.live().len()
    }

    pub(super) fn overloaded(&mut self) -> bool {
        let full = self.load() >= self.common.sip.max_calls
            || self.events.capacity() == 0
            || self.is_late()
            || !self.bucket.take(Instant::now());
        if full {
            self.common.overloaded.fetch_add(1, Ordering::Relaxed);
        }
        full || self.draining
    }

    fn is_late(&self) -> bool {
        let limit = self.common.sip.max_lag;
        let late = !limit.is_zero() && limit < self.common.lag.now();
        late || self.common.sip.max_backlog < self.backlog
    }

    /// Tells the server, which must keep up: the channel holds more than all calls.
    pub(super) fn tell(&self, event: EndpointEvent) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.events.try_send(event) {
            tracing::warn!("an event of the endpoint was lost: too many wait for the server");
        }
    }
}
