//! `enqueue`: waiting with music, then the conversation with an agent.

use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, CallbackOrigin, EndCause, Input, InteractionId, PastContact, QueueEnd, QueueId,
    QueueOptions, Refusal,
};
use jackfield_plugin_host::{CallbackOptions, Session as _, SessionError};
use jackfield_store::{InteractionFilter, InteractionRecord};
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{LegEvent, LegId, Repeat};

use super::CallSession;
use super::announce::Telling;
use super::listen::Heard;
use crate::config::QueueExtras;
use crate::tenant::{Room, SessionNews, Tenant, now};

/// Earlier contacts that routers are shown.
const HISTORY_MAX: usize = 10;
/// How old they may be.
const HISTORY_DAYS: u64 = 90;

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
        self.transferred = false;
        let queue = self.known_queue(queue)?;
        self.record.queue = Some(queue.clone());
        let mut options = options;
        options.history = history(&self.tenant, self.id, self.record.ani.clone()).await;
        // Whoever is offered it is shown what the customer has said and pressed so far.
        self.keep_record();
        let input =
            Input::InteractionEnqueued { interaction: self.id, queue: queue.clone(), options };
        self.tenant.input(input).await;
        if self.answered {
            self.leg.play(self.waiting_music(), Repeat::Forever);
        } else if self.leg.ring().await.is_err() {
            tracing::debug!(interaction = %self.id, "the caller is gone before it rang");
        }
        self.stay(&queue).await
    }

    /// Stays with a queued contact until its stay has ended, or the conversation that followed.
    pub(super) async fn stay(&mut self, queue: &QueueId) -> Result<QueueEnd, SessionError> {
        let extras = self.tenant.config().queue_extras.get(queue).cloned().unwrap_or_default();
        let mut telling = Telling::default();
        let mut joined = false;
        loop {
            let heard = tokio::select! {
                biased;
                heard = self.hear(None) => heard?,
                audio = telling.ready() => {
                    self.play_told(&mut telling, audio);
                    continue;
                }
            };
            match heard {
                Heard::News(SessionNews::Connect { agent: _, queue, leg, .. }) => {
                    telling = Telling::default();
                    joined = true;
                    if let Some(leg) = leg {
                        self.join(&queue, leg).await?;
                    }
                }
                Heard::News(SessionNews::Disconnect { .. }) => self.part(),
                Heard::News(SessionNews::Held(on)) if joined => self.hold(on),
                Heard::News(SessionNews::Digits(digits)) if joined => self.press(&digits),
                Heard::News(SessionNews::Onward(onward)) if joined => self.send_on(onward),
                Heard::News(SessionNews::Handed(third)) if joined => self.hand_to(third),
                Heard::News(SessionNews::Announce { position, wait, message }) if !joined => {
                    self.tell(&mut telling, position, wait, message);
                }
                Heard::News(SessionNews::LeftQueue { end, message, .. }) => {
                    self.leg.stop_playing();
                    // What was pressed during the wait or the talk was for nobody.
                    self.digits.clear();
                    if let Some(message) = message {
                        self.say_message(message).await?;
                    }
                    return match end {
                        QueueEnd::Served => Box::pin(self.go_on()).await,
                        other => Ok(other),
                    };
                }
                Heard::News(SessionNews::Refused(why)) => self.not_accepted(why)?,
                Heard::Leg(LegEvent::Digit(key)) if !joined => self.pressed(key, &extras).await,
                Heard::Leg(event) => self.told(&mut telling, &event),
                Heard::News(_) | Heard::Timeout => {}
            }
        }
    }

    /// A key of one who waits: leaves the queue, or has the customer called back.
    async fn pressed(&mut self, key: char, extras: &QueueExtras) {
        let interaction = self.id;
        if extras.leave_key == Some(key) {
            self.tenant.input(Input::InteractionLeftQueue { interaction, key }).await;
        } else if extras.callback_key == Some(key) {
            let input = Input::CallbackRequested {
                interaction,
                queue: None,
                address: None,
                origin: CallbackOrigin::Queue,
                owner: None,
                deadline: None,
            };
            self.tenant.input(input).await;
        }
    }

    /// The engine did not accept something: a callback that cannot be had leaves the caller where it
    /// was, anything else ends the verb.
    fn not_accepted(&mut self, why: Refusal) -> Result<(), SessionError> {
        match why {
            Refusal::NoAddress | Refusal::TooManyCallbacks { .. } | Refusal::NotQueued => Ok(()),
            other => Err(refused(other)),
        }
    }

    /// What the contact hears while it waits or is on hold: the music of the queue it joined first.
    pub(super) fn waiting_music(&self) -> Arc<Audio> {
        self.tenant.music(self.record.queue.as_ref())
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
        let room = Room::new(self.leg.id(), agent);
        self.tenant.rooms.open(&*self.tenant.endpoint, self.id, room);
        Ok(())
    }
}

/// Earlier contacts of the same customer, latest first: those of the same address, at most
/// [`HISTORY_MAX`], of the last [`HISTORY_DAYS`] days.
pub(super) async fn history(
    tenant: &Tenant,
    present: InteractionId,
    ani: Option<String>,
) -> Vec<PastContact> {
    let Some(ani) = ani else { return Vec::new() };
    let (store, at) = (tenant.store.clone(), now().as_micros());
    let filter = InteractionFilter {
        ani: Some(ani),
        from: Some(at.saturating_sub(HISTORY_DAYS * 24 * 3_600 * 1_000_000)),
        ..InteractionFilter::default()
    };
    // The disk may be slow; a blocked thread of the runtime would hold up media.
    let found = tokio::task::spawn_blocking(move || {
        store.interactions(&filter, Some(present), HISTORY_MAX)
    });
    match found.await {
        Ok(Ok(page)) => page.items.iter().filter_map(|record| past(record, at)).collect(),
        Ok(Err(error)) => {
            tracing::warn!(tenant = %tenant.id, %error, "a customer's history cannot be read");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// What routers are shown of an earlier contact that has ended.
fn past(record: &InteractionRecord, at: u64) -> Option<PastContact> {
    let ended = record.ended_at?;
    let outcome = match (&record.agent, &record.end) {
        (Some(_), _) => "served",
        (None, Some(EndCause::CustomerLeft)) if record.queue.is_some() => "abandoned",
        (None, Some(EndCause::CustomerLeft)) => "left",
        (None, Some(EndCause::Completed)) => "completed",
        (None, Some(EndCause::Transferred)) => "transferred",
        (None, _) => "failed",
    };
    Some(PastContact {
        agent: record.agent.clone(),
        queue: record.queue.clone(),
        channel: record.channel,
        seconds_ago: u32::try_from(at.saturating_sub(ended) / 1_000_000).unwrap_or(u32::MAX),
        outcome: outcome.to_owned(),
    })
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
