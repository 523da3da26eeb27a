//! `enqueue`: waiting with music, then the conversation with an agent.

use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{AgentId, CallbackOrigin, Input, QueueEnd, QueueId, QueueOptions, Refusal};
use jackfield_plugin_host::{CallbackOptions, Session as _, SessionError};
use jackfield_telephony::{LegEvent, LegId, Repeat};

use super::CallSession;
use super::listen::Heard;
use crate::tenant::SessionNews;

impl CallSession {
    /// Queues the contact; returns when the stay has ended, or the conversation that followed.
    ///
    /// A call that is not answered yet rings until an agent takes it: the caller pays for no wait.
    pub(super) async fn wait_in_queue(
        &mut self,
        queue: &str,
        options: QueueOptions,
    ) -> Result<QueueEnd, SessionError> {
        self.present()?;
        let queue = self.known_queue(queue)?;
        self.record.queue = Some(queue.clone());
        let input =
            Input::InteractionEnqueued { interaction: self.id, queue: queue.clone(), options };
        self.tenant.input(input).await;
        if self.answered {
            self.leg.play(Arc::clone(&self.tenant.music), Repeat::Forever);
        } else if self.leg.ring().await.is_err() {
            tracing::debug!(interaction = %self.id, "the caller is gone before it rang");
        }
        let config = self.tenant.config();
        let leave_key = config.queue_extras.get(&queue).and_then(|extras| extras.leave_key);
        loop {
            match self.hear(None).await? {
                Heard::News(SessionNews::Connect { agent: _, queue, leg, .. }) => {
                    self.join(&queue, leg).await?;
                }
                Heard::News(SessionNews::Disconnect { .. }) => {
                    self.tenant.endpoint.unbridge(self.leg.id())
                }
                Heard::News(SessionNews::LeftQueue { end, .. }) => {
                    self.leg.stop_playing();
                    // What was pressed during the wait or the talk was for nobody.
                    self.digits.clear();
                    return Ok(end);
                }
                Heard::News(SessionNews::Refused(why)) => return Err(refused(why)),
                Heard::Leg(LegEvent::Digit(key)) if Some(key) == leave_key => {
                    let interaction = self.id;
                    self.tenant.input(Input::InteractionLeftQueue { interaction, key }).await;
                }
                Heard::Leg(_) | Heard::News(_) | Heard::Timeout => {}
            }
        }
    }

    /// Returns the queue of that name.
    pub(super) fn known_queue(&self, queue: &str) -> Result<QueueId, SessionError> {
        QueueId::new(queue)
            .ok()
            .filter(|queue| self.tenant.config().center.queues.contains_key(queue))
            .ok_or_else(|| SessionError::UnknownName(format!("queue `{queue}`")))
    }

    /// Has the customer called back from this queue.
    pub(super) async fn ask_callback(
        &mut self,
        queue: &str,
        options: CallbackOptions,
    ) -> Result<(), SessionError> {
        self.present()?;
        let queue = self.known_queue(queue)?;
        if options.address.is_none() && self.caller().is_none() {
            return Err(SessionError::NotPossible(Refusal::NoAddress.to_string()));
        }
        let owner = match options.owner {
            None => None,
            Some(name) => {
                let known = AgentId::new(&name).ok();
                let config = self.tenant.config();
                let known = known.filter(|agent| config.center.agents.contains_key(agent));
                Some(known.ok_or_else(|| SessionError::UnknownName(format!("agent `{name}`")))?)
            }
        };
        let input = Input::CallbackRequested {
            interaction: self.id,
            queue: Some(queue),
            address: options.address,
            origin: if options.voicemail {
                CallbackOrigin::Voicemail
            } else {
                CallbackOrigin::Flow
            },
            owner,
            deadline: options.deadline_ms.map(|span| Duration::from_millis(span.into())),
        };
        self.tenant.input(input).await;
        Ok(())
    }

    async fn join(&mut self, queue: &QueueId, agent: LegId) -> Result<(), SessionError> {
        self.take().await?;
        self.leg.stop_playing();
        if self.tenant.config().queue_extras.get(queue).is_some_and(|extras| extras.record) {
            self.start_recording();
        }
        if let Err(error) = self.tenant.endpoint.bridge(self.leg.id(), agent) {
            // One of the two has ended; its end is on its way and settles the matter.
            tracing::info!(tenant = %self.tenant.id, interaction = %self.id, %error, "not joined");
        }
        Ok(())
    }
}

fn refused(why: Refusal) -> SessionError {
    match why {
        Refusal::UnknownQueue(queue) => SessionError::UnknownName(format!("queue `{queue}`")),
        Refusal::TooManyInteractions { limit } => {
            SessionError::Limit(format!("{limit} interactions"))
        }
        Refusal::TooManyCallbacks { limit } => SessionError::Limit(format!("{limit} callbacks")),
        other @ (Refusal::AlreadyQueued
        | Refusal::AlreadyArrived
        | Refusal::NotQueued
        | Refusal::NoAddress) => SessionError::NotPossible(other.to_string()),
    }
}
