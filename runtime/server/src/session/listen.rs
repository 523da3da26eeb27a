//! Waiting for whatever comes next: from the leg, or from the engine.

use jackfield_core::EndCause;
use jackfield_plugin_host::SessionError;
use jackfield_telephony::{LegEnd, LegEvent};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{CallSession, DIGITS_MAX, story};
use crate::tenant::SessionNews;

/// What came.
pub(super) enum Heard {
    /// From the leg; digits are in the buffer already.
    Leg(LegEvent),
    /// From the engine; the story has it already.
    News(SessionNews),
    /// The time is over.
    Timeout,
}

impl CallSession {
    /// Waits for the next thing, until `deadline` if there is one.
    ///
    /// # Errors
    ///
    /// [`SessionError::Ended`] once the customer is gone: [`CallSession::end`] says why.
    pub(super) async fn hear(&mut self, deadline: Option<Instant>) -> Result<Heard, SessionError> {
        self.present()?;
        let heard = tokio::select! {
            biased;
            event = self.events.recv() => match event {
                Some(event) => Heard::Leg(event),
                // The leg ends with an event; without one the endpoint itself is gone.
                None => Heard::Leg(LegEvent::Ended(LegEnd::Failed("the endpoint is gone".into()))),
            },
            Some(news) = self.news.recv(), if !self.closed => Heard::News(news),
            () = stopped(self.stop.as_ref()) => {
                self.stopped = true;
                let why = "this version of the flow was replaced and its time is over";
                return Err(SessionError::NotPossible(why.to_owned()));
            }
            () = until(deadline) => Heard::Timeout,
        };
        self.keep(heard)
    }

    fn keep(&mut self, heard: Heard) -> Result<Heard, SessionError> {
        match heard {
            Heard::Leg(LegEvent::Ended(end)) => {
                self.note("leg_ended", &[("why", &describe(&end))]);
                self.end = Some(cause(&end));
                Err(SessionError::Ended)
            }
            Heard::Leg(LegEvent::Digit(digit)) => {
                if self.digits.len() < DIGITS_MAX {
                    self.digits.push_back(digit);
                }
                Ok(Heard::Leg(LegEvent::Digit(digit)))
            }
            Heard::News(news) => {
                self.keep_news(&news);
                Ok(Heard::News(news))
            }
            other => Ok(other),
        }
    }

    /// Lets the story have the engine's news.
    pub(super) fn keep_news(&mut self, news: &SessionNews) {
        story::keep_news(&mut self.record, news);
        if let SessionNews::Closed(_) = news {
            self.closed = true;
        }
    }
}

async fn stopped(stop: Option<&CancellationToken>) {
    match stop {
        Some(stop) => stop.cancelled().await,
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// What the end of the customer's leg means for the interaction.
fn cause(end: &LegEnd) -> EndCause {
    match end {
        LegEnd::RemoteHangUp => EndCause::CustomerLeft,
        LegEnd::LocalHangUp => EndCause::Completed,
        LegEnd::MediaTimeout | LegEnd::SessionExpired | LegEnd::NoResponse => EndCause::Lost,
        LegEnd::Refused { status, reason } => EndCause::Failed(format!("{status} {reason}")),
        LegEnd::Failed(why) => EndCause::Failed(why.clone()),
    }
}

/// The end of a leg in words for the story.
pub(super) fn describe(end: &LegEnd) -> String {
    match end {
        LegEnd::RemoteHangUp => "the other side hung up".to_owned(),
        LegEnd::LocalHangUp => "hung up here".to_owned(),
        LegEnd::Refused { status, reason } => format!("refused: {status} {reason}"),
        LegEnd::NoResponse => "no response".to_owned(),
        LegEnd::MediaTimeout => "no audio came for too long".to_owned(),
        LegEnd::SessionExpired => "the session timer ran out".to_owned(),
        LegEnd::Failed(why) => format!("failed: {why}"),
    }
}
