//! What an agent does with a customer on the line besides talking: hold, digits, sending on.

use jackfield_core::{QueueEnd, QueueOptions};
use jackfield_plugin_host::SessionError;
use jackfield_telephony::{LegEvent, Repeat};

use super::CallSession;
use super::listen::{Heard, describe};
use crate::tenant::{Onward, Third};

/// Who came back from an address that did not answer is served before others.
const AGAIN_FIRST: i8 = 10;

impl CallSession {
    /// The conversation with the agent is over.
    pub(super) fn part(&mut self) {
        let keep = self.third.as_ref().map(|_| self.leg.id());
        self.tenant.rooms.close(&*self.tenant.endpoint, self.id, keep);
        self.tenant.desks.look_again();
    }

    /// Lets the customer wait with music, or talk with the agent again. An agent's phone that holds sends
    /// nothing by itself (RFC 3264 §8.4), a browser's line does: so the two are parted.
    pub(super) fn hold(&mut self, on: bool) {
        if !on {
            self.leg.stop_playing();
        }
        let endpoint = &*self.tenant.endpoint;
        let there = self.tenant.rooms.change(endpoint, self.id, |room| room.held = on);
        if on && there {
            self.leg.play(self.waiting_music(), Repeat::Forever);
        }
    }

    /// Presses digits for the customer's side.
    pub(super) fn press(&mut self, digits: &str) {
        match self.leg.send_digits(digits) {
            Ok(()) => self.note("digits_sent", &[("count", &digits.len().to_string())]),
            Err(error) => self.note("digits_not_sent", &[("why", &error.to_string())]),
        }
    }

    /// Notes where the customer goes once the agent has left.
    pub(super) fn send_on(&mut self, onward: Onward) {
        match &onward {
            Onward::Queue(queue) => self.note("sent_on", &[("queue", queue.as_str())]),
            Onward::Address(to) => self.note("sent_on", &[("to", to)]),
        }
        self.onward = Some(onward);
    }

    /// Joins the customer at once with whom the agent has talked to.
    pub(super) fn hand_to(&mut self, third: Third) {
        self.note("handed_to", &[("to", &third.to)]);
        self.tenant.endpoint.unbridge(self.leg.id());
        self.leg.stop_playing();
        if let Err(error) = self.tenant.endpoint.bridge(self.leg.id(), third.leg.id()) {
            tracing::info!(tenant = %self.tenant.id, interaction = %self.id, %error, "not joined");
        }
        self.third = Some(third);
    }

    /// After the conversation with the agent: to whom or where the agent has sent the customer.
    pub(super) async fn go_on(&mut self) -> Result<QueueEnd, SessionError> {
        if let Some(third) = self.third.take() {
            self.transferred = true;
            self.talk_with(third).await?;
            return Ok(QueueEnd::Served);
        }
        match self.onward.take() {
            None => Ok(QueueEnd::Served),
            Some(Onward::Queue(queue)) => {
                self.wait_in_queue(queue.as_str(), QueueOptions::default()).await
            }
            Some(Onward::Address(to)) => match self.hand_over(&to).await {
                Err(SessionError::NotPossible(why) | SessionError::UnknownName(why)) => {
                    self.note("came_back", &[("why", &why)]);
                    let Some(queue) = self.record.queue.clone() else {
                        return Ok(QueueEnd::Served);
                    };
                    let options = QueueOptions { priority: AGAIN_FIRST, ..QueueOptions::default() };
                    self.wait_in_queue(queue.as_str(), options).await
                }
                other => other.map(|()| QueueEnd::Served),
            },
        }
    }

    /// Stays until the one whom the customer was handed over to has left.
    async fn talk_with(&mut self, mut third: Third) -> Result<(), SessionError> {
        loop {
            tokio::select! {
                event = third.events.recv() => match event {
                    Some(LegEvent::Ended(end)) => {
                        self.note("transfer_ended", &[("why", &describe(&end))]);
                        self.tenant.endpoint.unbridge(self.leg.id());
                        return Ok(());
                    }
                    Some(_) => {}
                    None => return Err(SessionError::NotPossible("the endpoint is gone".into())),
                },
                // The other leg hangs up as its handle is dropped.
                heard = self.hear(None) => match heard? {
                    Heard::Leg(_) | Heard::News(_) | Heard::Timeout => {}
                },
            }
        }
    }
}
