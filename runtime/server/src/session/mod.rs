//! One call while a flow is in charge of it: one file per verb.
//!
//! A session owns the customer's leg. It fills the flow's verbs with commands to the leg and inputs
//! to the tenant's engine, and keeps the interaction's story. It ends in three steps: the flow, or
//! its fallback, returns; the engine closes the interaction; the story is kept.

mod announce;
mod answer;
mod called_back;
pub mod chat;
mod enqueue;
mod gather;
mod listen;
mod onward;
mod play;
mod record;
mod run;
pub mod story;
mod transfer;
mod wording;
mod written;

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use jackfield_core::{Channel, EndCause, InteractionId, QueueEnd, QueueOptions};
use jackfield_plugin_host::{
    CallbackOptions, GatherOptions, Gathered, Prompt, Recorded, Session, SessionError,
};
use jackfield_store::InteractionRecord;
use jackfield_telephony::{Leg, LegEvent};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::tenant::{Onward, SessionNews, Tenant, Third};

pub use called_back::{CallBack, call_back};
pub use run::{Arrival, end_name, serve};
pub use written::{NotOpened, Opening, Reopening, WrittenSessions, open, reopen};

/// Attributes a flow may set on one interaction.
const ATTRIBUTES_MAX: usize = 64;
/// Digits kept while nobody asks for them.
const DIGITS_MAX: usize = 64;

/// The session of one call.
pub struct CallSession {
    tenant: Arc<Tenant>,
    id: InteractionId,
    leg: Arc<dyn Leg>,
    events: mpsc::UnboundedReceiver<LegEvent>,
    news: mpsc::UnboundedReceiver<SessionNews>,
    record: InteractionRecord,
    language: String,
    /// Digits pressed that no `gather` has taken yet: callers who know the menu press ahead.
    digits: VecDeque<char>,
    answered: bool,
    /// Somebody outside was the last to talk with the customer.
    transferred: bool,
    /// Where the agent sends the customer on to.
    onward: Option<Onward>,
    /// Whom the agent has handed the customer over to.
    third: Option<Third>,
    /// Set once: why the contact is over. Every further verb says so.
    end: Option<EndCause>,
    /// The engine has said `Closed`: no more news will come.
    closed: bool,
    /// Cancelled when the flow's version is to end what it leads; none once the flow has ended, and while
    /// the contact waits in a queue or talks.
    stop: Option<CancellationToken>,
    /// A verb has told the flow so.
    stopped: bool,
}

impl CallSession {
    /// Fails if the customer is gone.
    fn present(&self) -> Result<(), SessionError> {
        match self.end {
            None => Ok(()),
            Some(_) => Err(SessionError::Ended),
        }
    }
}

#[async_trait]
impl Session for CallSession {
    fn id(&self) -> InteractionId {
        self.id
    }

    fn channel(&self) -> Channel {
        Channel::Voice
    }

    fn caller(&self) -> Option<String> {
        self.record.ani.clone()
    }

    fn dialled(&self) -> String {
        self.record.dnis.clone()
    }

    fn language(&self) -> String {
        self.language.clone()
    }

    fn set_language(&mut self, tag: &str) -> Result<(), SessionError> {
        let spoken = &self.tenant.config().languages;
        if !spoken.iter().any(|language| language == tag) {
            let known = spoken.join(", ");
            return Err(SessionError::UnknownName(format!(
                "language `{tag}` (spoken here: {known})"
            )));
        }
        self.language = tag.to_owned();
        self.record.language = Some(tag.to_owned());
        Ok(())
    }

    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.record.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        let attributes = &mut self.record.attributes;
        if let Some(found) = attributes.iter_mut().find(|(known, _)| known == name) {
            value.clone_into(&mut found.1);
        } else if attributes.len() < ATTRIBUTES_MAX {
            attributes.push((name.to_owned(), value.to_owned()));
        } else {
            return Err(SessionError::Limit(format!("{ATTRIBUTES_MAX} attributes")));
        }
        self.note("attribute", &[("name", name), ("value", value)]);
        Ok(())
    }

    async fn answer(&mut self) -> Result<(), SessionError> {
        self.take().await
    }

    async fn play(&mut self, prompts: Vec<Prompt>) -> Result<(), SessionError> {
        self.play_all(prompts).await
    }

    async fn gather(
        &mut self,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        self.gather_digits(prompts, options).await
    }

    async fn record(&mut self, max_ms: u32, silence_ms: u32) -> Result<Recorded, SessionError> {
        self.record_voice(max_ms, silence_ms).await
    }

    async fn enqueue(
        &mut self,
        queue: &str,
        options: QueueOptions,
    ) -> Result<QueueEnd, SessionError> {
        // Nobody loses a place or a conversation to a new version: the flow ends when it goes on.
        let stop = self.stop.take();
        let end = self.wait_in_queue(queue, options).await;
        self.stop = stop;
        end
    }

    async fn callback(
        &mut self,
        queue: &str,
        options: CallbackOptions,
    ) -> Result<(), SessionError> {
        self.ask_callback(queue, options).await
    }

    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError> {
        let queue = self.known_queue(queue)?;
        Ok(self.tenant.is_open(&queue))
    }

    async fn transfer(&mut self, destination: &str) -> Result<(), SessionError> {
        let stop = self.stop.take();
        let handed = self.hand_over(destination).await;
        self.stop = stop;
        handed
    }

    async fn send_digits(&mut self, digits: &str) -> Result<(), SessionError> {
        self.take().await?;
        let sent = self.leg.send_digits(digits);
        sent.map_err(|error| SessionError::NotPossible(error.to_string()))?;
        self.note("digits_sent", &[("count", &digits.len().to_string())]);
        Ok(())
    }

    fn hang_up(&mut self, reason: Option<String>) {
        if self.end.is_none() {
            if let Some(reason) = &reason {
                self.note("hung_up", &[("reason", reason)]);
            }
            self.end = Some(EndCause::Completed);
            self.leg.hang_up();
        }
    }
}
