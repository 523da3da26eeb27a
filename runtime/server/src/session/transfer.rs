//! `transfer`: handing the contact to another address.

use jackfield_plugin_host::SessionError;
use jackfield_telephony::LegEvent;
use tokio::time::{Duration, Instant};

use super::CallSession;
use super::listen::{Heard, describe};

/// How long the other address may ring.
const RING_TIME: Duration = Duration::from_secs(60);

impl CallSession {
    /// Dials the destination and joins the customer with it, staying in the path: it works with
    /// every trunk, also those that do not take a REFER, and the story goes on.
    ///
    /// Returns when the conversation there has ended with the customer still present.
    pub(super) async fn hand_over(&mut self, destination: &str) -> Result<(), SessionError> {
        self.present()?;
        let caller = self.record.ani.as_deref().unwrap_or("anonymous");
        let headers = vec![("X-Jackfield-Interaction".to_owned(), self.id.to_string())];
        let request = self.tenant.dial_request(destination, caller, headers);
        let request = request.map_err(SessionError::UnknownName)?;
        self.note("transfer", &[("to", destination)]);
        if !self.answered && self.leg.ring().await.is_err() {
            while self.hear(None).await.is_ok() {}
        }
        let dialled = self.tenant.endpoint.dial(request).await;
        let (other, mut events) =
            dialled.map_err(|error| SessionError::NotPossible(error.to_string()))?;
        let give_up = Instant::now() + RING_TIME;
        let mut joined = false;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(LegEvent::Answered) if !joined => {
                        self.take().await?;
                        joined = true;
                        self.transferred = true;
                        self.note("transferred", &[("to", destination)]);
                        let bridged = self.tenant.endpoint.bridge(self.leg.id(), other.id());
                        bridged.map_err(|error| SessionError::NotPossible(error.to_string()))?;
                    }
                    Some(LegEvent::Ended(end)) => {
                        let why = describe(&end);
                        self.note("transfer_ended", &[("why", &why)]);
                        self.tenant.endpoint.unbridge(self.leg.id());
                        return if joined { Ok(()) } else { Err(SessionError::NotPossible(why)) };
                    }
                    Some(_) => {}
                    None => return Err(SessionError::NotPossible("the endpoint is gone".into())),
                },
                heard = self.hear((!joined).then_some(give_up)) => match heard {
                    // The other leg hangs up as its handle is dropped.
                    Err(ended) => return Err(ended),
                    Ok(Heard::Timeout) => {
                        self.note("transfer_ended", &[("why", "no answer")]);
                        return Err(SessionError::NotPossible("no answer".to_owned()));
                    }
                    Ok(_) => {}
                },
            }
        }
    }
}
