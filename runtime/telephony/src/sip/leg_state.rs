//! What the dispatcher knows of a call.

use std::sync::Arc;
use std::time::Duration;

use sipx_sip::{Request, Response, TransactionKey};
use sipx_transport::Target;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::client::Login;
use super::dialog::Dialog;
use super::dispatch::{Answer, Timer};
use super::leg::Shared;
use super::sdp::{Described, Negotiation};
use super::session_timer::Session;

/// A call. Kept small: a thousand of them are held at once, so what only one phase needs is boxed
/// and dropped with the phase.
pub(super) struct Call {
    /// What the handle sees.
    pub(super) shared: Arc<Shared>,
    /// Our tag.
    pub(super) tag: u64,
    /// Its entry among the INVITEs that a merged request repeats.
    pub(super) merged: Option<u64>,
    /// The dialog.
    pub(super) dialog: Dialog,
    /// What was agreed about media.
    pub(super) sdp: Negotiation,
    /// How far it is.
    pub(super) phase: Phase,
    /// Credentials for challenges, of an outbound leg.
    pub(super) login: Login,
    /// A 2xx of ours that waits for its ACK.
    pub(super) unacked: Option<Box<Unacked>>,
    /// A re-INVITE of ours under way, or waiting to be repeated.
    pub(super) offering: Option<Box<Offering>>,
    /// A transfer under way.
    pub(super) transfer: Option<Box<Transfer>>,
    /// The number of the last INVITE we sent.
    pub(super) attempt: u32,
    /// The session timer.
    pub(super) session: Option<Session>,
    /// When we refresh.
    pub(super) refresh_at: Option<Instant>,
    /// When the session ends.
    pub(super) expire_at: Option<Instant>,
    /// Whether the other side takes UPDATE.
    pub(super) updates: bool,
    /// Whether we place the call.
    pub(super) outbound: bool,
}

/// How far a call is.
pub(super) enum Phase {
    /// Inbound, without a final response.
    Offered(Box<Offered>),
    /// Outbound, without a final response.
    Dialling(Box<Dialling>),
    /// Answered.
    Up,
}

/// An INVITE to us that waits for its final response.
pub(super) struct Offered {
    /// Its transaction.
    pub(super) key: TransactionKey,
    /// The request, to build responses from.
    pub(super) request: Request,
    /// The offer in it, if there is one.
    pub(super) offer: Option<Described>,
    /// What the session timer will be.
    pub(super) session: Option<Session>,
    /// When 180 is sent again.
    pub(super) ring_at: Option<Instant>,
}

/// An INVITE of ours that waits for its final response.
pub(super) struct Dialling {
    /// Told to cancel.
    pub(super) cancel: Arc<Notify>,
    /// Further headers, for a repetition.
    pub(super) headers: Vec<(String, String)>,
    /// Whether ringing was reported.
    pub(super) rang: bool,
    /// Whether a redirection was followed.
    pub(super) redirected: bool,
    /// Where it is sent if it cannot be sent where it should be.
    pub(super) fallback: Option<Target>,
    /// The least session interval that the other side accepts.
    pub(super) min_se: Duration,
    /// Set once it was cancelled: when it is given up.
    pub(super) give_up_at: Option<Instant>,
}

/// A 2xx of ours that waits for its ACK: we repeat it, not the transaction (RFC 3261 §13.3.1.4).
pub(super) struct Unacked {
    /// The INVITE's transaction.
    pub(super) key: TransactionKey,
    /// The response.
    pub(super) response: Response,
    /// The INVITE's number.
    pub(super) sequence: u32,
    /// How long until the next repetition but one.
    pub(super) interval: Duration,
    /// When it is repeated.
    pub(super) at: Instant,
    /// When it is given up.
    pub(super) until: Instant,
    /// Whether it carries our offer, so that the ACK carries the answer.
    pub(super) offers: bool,
    /// Whether it is the answer to the first INVITE.
    pub(super) first: bool,
}

/// A re-INVITE of ours.
pub(super) struct Offering {
    /// Its number.
    pub(super) attempt: u32,
    /// What it is for.
    pub(super) why: Why,
    /// How often a glare stopped it.
    pub(super) glares: u8,
    /// When it is sent again after a glare.
    pub(super) again_at: Option<Instant>,
}

/// What a re-INVITE of ours is for.
pub(super) enum Why {
    /// To hold, or take back.
    Hold(bool, Answer),
    /// To refresh the session.
    Refresh,
}

/// A transfer under way.
pub(super) struct Transfer {
    /// Who waits.
    pub(super) reply: Answer,
    /// When we stop waiting.
    pub(super) until: Instant,
}

impl Call {
    /// A new call.
    pub(super) fn new(
        shared: Arc<Shared>,
        tag: u64,
        dialog: Dialog,
        sdp: Negotiation,
        phase: Phase,
    ) -> Self {
        Self {
            shared,
            tag,
            merged: None,
            dialog,
            sdp,
            outbound: matches!(phase, Phase::Dialling(_)),
            phase,
            login: None,
            unacked: None,
            offering: None,
            transfer: None,
            attempt: 0,
            session: None,
            refresh_at: None,
            expire_at: None,
            updates: false,
        }
    }

    /// The INVITE to us, before its final response.
    pub(super) fn offered(&self) -> Option<&Offered> {
        match &self.phase {
            Phase::Offered(offered) => Some(offered),
            _ => None,
        }
    }

    /// Whether it is answered and not over.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Up) && !self.shared.is_over()
    }

    /// Whether a timer that fires at `at` is still wanted.
    pub(super) fn is_due(&self, timer: Timer, at: Instant) -> bool {
        let wanted = match (timer, &self.phase) {
            (Timer::Answer, _) => self.unacked.as_ref().map(|unacked| unacked.at),
            (Timer::Ringing, Phase::Offered(offered)) => offered.ring_at,
            (Timer::Cancelled, Phase::Dialling(dialling)) => dialling.give_up_at,
            (Timer::Refresh, _) => self.refresh_at,
            (Timer::Expire, _) => self.expire_at,
            (Timer::Offer, _) => self.offering.as_ref().and_then(|offering| offering.again_at),
            (Timer::Transfer, _) => self.transfer.as_ref().map(|transfer| transfer.until),
            _ => None,
        };
        wanted == Some(at)
    }

    /// Where requests of the dialog go.
    pub(super) fn target(&self) -> Target {
        self.dialog.target.clone()
    }
}
