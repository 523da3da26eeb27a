//! `enqueue`: waiting with music, then the conversation with an agent.

use std::sync::Arc;

use jackfield_core::{Input, QueueEnd, QueueId, QueueOptions, Refusal};
use jackfield_plugin_host::SessionError;
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
        let known = QueueId::new(queue)
            .ok()
            .filter(|queue| self.tenant.config().center.queues.contains_key(queue));
        let Some(queue) = known else {
            return Err(SessionError::UnknownName(format!("queue `{queue}`")));
        };
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
        other @ (Refusal::AlreadyQueued | Refusal::AlreadyArrived) => {
            SessionError::NotPossible(other.to_string())
        }
    }
}
