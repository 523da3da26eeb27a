//! Session timers (RFC 4028): a call whose peer has vanished ends by itself.

use std::time::Duration;

use sipx_sip::session::{MinSe, Refresher, SessionExpires};
use sipx_sip::{HeaderName, Headers};

use super::message;

/// What is configured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// The interval we ask for and the most we accept; zero switches timers off.
    pub(super) interval: Duration,
    /// The least we accept.
    pub(super) min: Duration,
}

/// What was agreed for a dialog.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Session {
    /// Without a refresh for this long the call is over.
    pub(super) interval: Duration,
    /// Whether we refresh.
    pub(super) we_refresh: bool,
}

/// The interval asked for is shorter than this, which we answer with 422.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooBrief(pub(super) Duration);

impl Session {
    /// When the refresher refreshes: half-way, so that a failure can be mended (RFC 4028 §10).
    pub(super) fn refresh_after(self) -> Duration {
        self.interval / 2
    }

    /// When the call is given up: shortly before the interval ends (RFC 4028 §10).
    pub(super) fn expire_after(self) -> Duration {
        self.interval.saturating_sub(Duration::from_secs(32).min(self.interval / 3))
    }
}

impl Policy {
    /// Decides as the side that answers a request (RFC 4028 §9, table 2).
    ///
    /// Where the choice of refresher is ours, it is the peer: a thousand calls are refreshed by
    /// a thousand phones, not by us.
    pub(super) fn answer(self, headers: &Headers) -> Result<Option<Session>, TooBrief> {
        if self.interval.is_zero() {
            return Ok(None);
        }
        let asked = headers.typed::<SessionExpires>().and_then(Result::ok);
        let floor = headers.typed::<MinSe>().and_then(Result::ok).map_or(self.min, |min| min.0);
        let Some(asked) = asked else {
            let supported = message::lists(headers, &HeaderName::Supported, "timer");
            let interval = self.interval.max(floor);
            return Ok(supported.then_some(Session { interval, we_refresh: false }));
        };
        if asked.interval < self.min {
            return Err(TooBrief(self.min));
        }
        let supports = message::lists(headers, &HeaderName::Supported, "timer")
            || message::lists(headers, &HeaderName::Require, "timer");
        // A peer that does not support timers can only have got the header from a proxy, so
        // nobody but us can refresh.
        let we_refresh = !supports || asked.refresher == Some(Refresher::Uas);
        let interval = asked.interval.min(self.interval.max(floor));
        Ok(Some(Session { interval, we_refresh }))
    }

    /// Reads what a 2xx to our request agreed (RFC 4028 §7.2).
    pub(super) fn adopt(self, headers: &Headers) -> Option<Session> {
        if self.interval.is_zero() {
            return None;
        }
        let agreed = headers.typed::<SessionExpires>().and_then(Result::ok);
        Some(match agreed {
            Some(agreed) => Session {
                // A peer must not make us refresh faster than we would let it ask for.
                interval: agreed.interval.max(self.min),
                we_refresh: agreed.refresher != Some(Refresher::Uas),
            },
            // The peer keeps no timer, but we may, as the refresher.
            None => Session { interval: self.interval, we_refresh: true },
        })
    }

    /// Writes what our request asks for. In a refresh the roles are kept as they are.
    pub(super) fn ask(self, headers: &mut Headers, session: Option<Session>, min: Duration) {
        if self.interval.is_zero() {
            return;
        }
        let interval = session.map_or(self.interval, |session| session.interval).max(min);
        let value = match session {
            None => interval.as_secs().to_string(),
            Some(session) => {
                let role = if session.we_refresh { "uac" } else { "uas" };
                format!("{};refresher={role}", interval.as_secs())
            }
        };
        message::set(headers, HeaderName::SessionExpires, value);
        message::set(headers, HeaderName::MinSe, self.min.max(min).as_secs().to_string());
    }
}

/// The headers of a 2xx that agree to `session`.
pub(super) fn agreed(session: Session) -> [(HeaderName, String); 2] {
    let role = if session.we_refresh { "uas" } else { "uac" };
    [
        (HeaderName::SessionExpires, format!("{};refresher={role}", session.interval.as_secs())),
        // The side that has to refresh must have understood that (RFC 4028 §9).
        (
            if session.we_refresh { HeaderName::Supported } else { HeaderName::Require },
            "timer".to_owned(),
        ),
    ]
}
