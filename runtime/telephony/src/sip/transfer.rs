//! Blind transfer: REFER and the reports of what came of it (RFC 3515).

use std::time::Duration;

use sipx_sip::{HeaderName, Method, Request};
use tokio::time::Instant;

use super::client::Outcome;
use super::dispatch::{Answer, Dispatcher, Purpose, Timer};
use super::leg_state::Transfer;
use super::message::{self, Reply};
use crate::api::{LegEnd, LegError, LegId};

/// How long the other side may take to reach its new target: as long as a phone may ring.
const PATIENCE: Duration = Duration::from_secs(180);

impl Dispatcher {
    /// Sends REFER.
    pub(super) fn transfer(&mut self, leg: LegId, to: &str, reply: Answer) {
        let refuse = |reply: Answer, fault: &str| {
            let _ = reply.send(Err(LegError::NotPossible(fault.to_owned())));
        };
        let Some(call) = self.calls.get_mut(&leg).filter(|call| !call.shared.is_over()) else {
            let _ = reply.send(Err(LegError::Ended));
            return;
        };
        if !call.is_up() {
            return refuse(reply, "the leg is not answered");
        }
        if call.transfer.is_some() {
            return refuse(reply, "a transfer is under way");
        }
        let to = to.trim().trim_start_matches('<').trim_end_matches('>');
        if message::uri(to.as_bytes()).is_none() {
            return refuse(reply, "the target is not a SIP address");
        }
        let Some(mut request) = call.dialog.request(Method::Refer, &self.common.sip.user_agent)
        else {
            return;
        };
        message::push(&mut request.headers, HeaderName::ReferTo, format!("<{to}>"));
        let by = format!("<{}>", self.common.uri());
        message::push(&mut request.headers, HeaderName::ReferredBy, by);
        let until = Instant::now() + PATIENCE;
        call.transfer = Some(Box::new(Transfer { reply, until }));
        self.timers.push(std::cmp::Reverse((until, leg, Timer::Transfer)));
        self.send_within(leg, Purpose::Refer, message::with_body(request, None));
    }

    /// The other side took the REFER, or did not. If it did, NOTIFY tells the rest.
    pub(super) fn on_referred(&mut self, leg: LegId, outcome: Outcome) {
        let fault = match outcome {
            Outcome::Response(response) if response.status.is_success() => return,
            Outcome::Response(response) => LegError::Refused {
                status: response.status.code(),
                reason: String::from_utf8_lossy(&response.reason).into_owned(),
            },
            Outcome::Timeout => LegError::NotPossible("the other side does not answer".to_owned()),
            Outcome::Transport(text) => LegError::NotPossible(text),
        };
        self.transferred(leg, Err(fault));
    }

    /// The outcome is told once: whoever comes first takes the waiting server.
    fn transferred(&mut self, leg: LegId, outcome: Result<(), LegError>) {
        let Some(call) = self.calls.get_mut(&leg) else { return };
        if let Some(transfer) = call.transfer.take() {
            let _ = transfer.reply.send(outcome);
        }
    }

    /// Nothing was reported in time.
    pub(super) fn transfer_timed_out(&mut self, leg: LegId) {
        let fault = LegError::NotPossible("the outcome was not reported in time".to_owned());
        self.transferred(leg, Err(fault));
    }

    /// NOTIFY: progress of a transfer, or something we take note of.
    pub(super) fn on_notify(&mut self, leg: LegId, request: &Request) -> Reply {
        let reply = Reply::new(request, 200);
        let refer = message::text(&request.headers, &HeaderName::Event)
            .is_some_and(|event| event.trim().to_ascii_lowercase().starts_with("refer"));
        if !refer {
            return reply;
        }
        let terminated = message::text(&request.headers, &HeaderName::SubscriptionState)
            .is_some_and(|state| state.trim().to_ascii_lowercase().starts_with("terminated"));
        match fragment(request.body()) {
            Some((200..300, _)) => {
                let Some(call) = self.calls.get_mut(&leg) else { return reply };
                if let Some(transfer) = call.transfer.take() {
                    let _ = transfer.reply.send(Ok(()));
                    self.leave = Some(leg);
                }
            }
            Some((status @ 300.., reason)) => {
                self.transferred(leg, Err(LegError::Refused { status, reason }));
            }
            _ if terminated => {
                let fault = LegError::NotPossible("the outcome was not reported".to_owned());
                self.transferred(leg, Err(fault));
            }
            _ => (),
        }
        reply
    }

    /// Ends a leg that was transferred, after its last NOTIFY was answered.
    pub(super) fn end_after_notify(&mut self, leg: LegId) {
        if self.leave.take_if(|transferred| *transferred == leg).is_some() {
            self.bye(leg, LegEnd::LocalHangUp);
        }
    }
}

/// The status line of a `message/sipfrag` body.
fn fragment(body: &[u8]) -> Option<(u16, String)> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find(|line| !line.trim().is_empty())?;
    let mut words = line.trim().splitn(3, ' ');
    if !words.next()?.eq_ignore_ascii_case("SIP/2.0") {
        return None;
    }
    let status = words.next()?.parse().ok()?;
    Some((status, words.next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::fragment;

    #[test]
    fn reads_status_lines() {
        assert_eq!(fragment(b"SIP/2.0 200 OK\r\n"), Some((200, "OK".to_owned())));
        assert_eq!(fragment(b"SIP/2.0 486 Busy Here"), Some((486, "Busy Here".to_owned())));
        assert_eq!(fragment(b"SIP/2.0 603"), Some((603, String::new())));
        assert_eq!(fragment(b""), None);
        assert_eq!(fragment(b"INVITE sip:a SIP/2.0"), None);
    }
}
