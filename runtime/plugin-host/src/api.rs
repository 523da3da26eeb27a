//! What plugins may do, as traits the server fills, and what the server may do with plugins.

use async_trait::async_trait;
use jackfield_core::{Attribute, Channel, InteractionId, QueueEnd, QueueOptions};

use crate::asked::outbound::{self, HttpError};
use crate::asked::{channels, messaging};

/// Why a session's verb could not finish: the Rust face of `session-error`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The customer is gone.
    #[error("the contact has ended")]
    Ended,
    /// The prompt, queue or destination has no such name in this tenant.
    #[error("unknown name: {0}")]
    UnknownName(String),
    /// The verb is not possible now.
    #[error("not possible: {0}")]
    NotPossible(String),
    /// A limit of the tenant was reached.
    #[error("limit reached: {0}")]
    Limit(String),
}

/// What to speak, play or write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Prompt {
    /// Text in the session's language.
    Text(String),
    /// A prompt of the tenant's library.
    Named(String),
    /// Silence, in milliseconds.
    PauseMs(u32),
}

/// How to take input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GatherOptions {
    /// Fewer count as nothing when the time is over.
    pub min_digits: u8,
    /// Input ends after this many.
    pub max_digits: u8,
    /// Ends the input early.
    pub terminator: Option<char>,
    /// To the first digit, after the prompts.
    pub first_digit_timeout_ms: u32,
    /// To each further digit.
    pub next_digit_timeout_ms: u32,
    /// Whether a digit stops the prompts.
    pub barge_in: bool,
}

/// What the customer entered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Gathered {
    /// The digits or the message.
    Input(String),
    /// Nothing, or too little.
    Nothing,
}

/// A wish to be called back.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CallbackOptions {
    /// The number; `None` is the customer's own.
    pub address: Option<String>,
    /// The agent who is to call.
    pub owner: Option<String>,
    /// The alarm, from now; `None` is the queue's rule.
    pub deadline_ms: Option<u32>,
    /// Whether it comes with a voicemail.
    pub voicemail: bool,
}

/// How a recording ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// Length of what was kept.
    pub length_ms: u32,
    /// Names the recording on the interaction.
    pub name: String,
}

/// One contact while a flow is in charge: filled by the server, called by the flow's instance.
#[async_trait]
pub trait Session: Send + std::any::Any {
    /// The interaction's name.
    fn id(&self) -> InteractionId;
    /// The kind of conversation.
    fn channel(&self) -> Channel;
    /// The customer's address, if not withheld.
    fn caller(&self) -> Option<String>;
    /// What the customer dialled.
    fn dialled(&self) -> String;
    /// The language of prompts.
    fn language(&self) -> String;
    /// Changes the language of the prompts that follow.
    fn set_language(&mut self, tag: &str) -> Result<(), SessionError>;
    /// Reads an attribute.
    fn attribute(&self, name: &str) -> Option<String>;
    /// Keeps an attribute.
    fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError>;
    /// Takes the contact.
    async fn answer(&mut self) -> Result<(), SessionError>;
    /// Plays prompts to their end.
    async fn play(&mut self, prompts: Vec<Prompt>) -> Result<(), SessionError>;
    /// Plays prompts and takes input.
    async fn gather(
        &mut self,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError>;
    /// Records the customer.
    async fn record(&mut self, max_ms: u32, silence_ms: u32) -> Result<Recorded, SessionError>;
    /// Queues the contact and returns when the stay, or the conversation, has ended.
    async fn enqueue(
        &mut self,
        queue: &str,
        options: QueueOptions,
    ) -> Result<QueueEnd, SessionError>;
    /// Has the customer called back from this queue.
    async fn callback(&mut self, queue: &str, options: CallbackOptions)
    -> Result<(), SessionError>;
    /// Tells whether the queue is open now.
    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError>;
    /// Hands the contact to another address.
    async fn transfer(&mut self, destination: &str) -> Result<(), SessionError>;
    /// Sends digits.
    async fn send_digits(&mut self, digits: &str) -> Result<(), SessionError>;
    /// Ends the contact.
    fn hang_up(&mut self, reason: Option<String>);
}

/// What the CRM knows of a customer: the Rust face of `card`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Card {
    /// The contact's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// A BCP 47 tag.
    pub language: Option<String>,
    /// The segment.
    pub segment: Option<String>,
    /// The tenant's own fields.
    pub fields: Vec<Attribute>,
}

/// Why the CRM did not answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CrmError {
    /// There is no such customer.
    #[error("not found")]
    NotFound,
    /// The value cannot be kept.
    #[error("invalid: {0}")]
    Invalid(String),
    /// A limit was reached.
    #[error("limit reached: {0}")]
    Limit(String),
    /// The store is not reachable.
    #[error("unavailable")]
    Unavailable,
}

/// Why a plugin's state was not kept or read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StateError {
    /// The plugin's share is used up.
    #[error("quota used up")]
    Quota,
    /// Key or value is too large.
    #[error("too large")]
    TooLarge,
    /// The store is not reachable.
    #[error("unavailable")]
    Unavailable,
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogLevel {
    /// For the author.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is off.
    Warn,
    /// Something failed.
    Error,
}

/// What a tenant offers to one of its plugins: filled by the server, one value for each tenant and
/// plugin, so that no call carries either.
#[async_trait]
pub trait Services: Send + Sync {
    /// Finds a customer by number, e-mail or id.
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError>;
    /// Creates or changes a customer; durable when it returns.
    async fn upsert_contact(
        &self,
        address: &str,
        name: Option<&str>,
        fields: Vec<Attribute>,
    ) -> Result<String, CrmError>;
    /// Adds a note; durable when it returns.
    async fn add_note(
        &self,
        contact: &str,
        interaction: Option<&str>,
        text: &str,
    ) -> Result<(), CrmError>;
    /// Reads the plugin's state.
    async fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError>;
    /// Writes the plugin's state; durable when it returns.
    async fn state_set(
        &self,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Result<(), StateError>;
    /// Replaces the plugin's state if it is still `expected`.
    async fn state_compare_and_set(
        &self,
        key: &str,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, StateError>;
    /// Where a customer is reached: numbers, then e-mail addresses.
    async fn contact_addresses(
        &self,
        contact: &str,
    ) -> Result<(Vec<String>, Vec<String>), CrmError> {
        let _ = contact;
        Err(CrmError::Unavailable)
    }
    /// What the configuration says to the plugin, sorted by name.
    fn settings(&self) -> Vec<Attribute> {
        Vec::new()
    }
    /// The secret of this name, if the plugin has been given one. The guest never sees it.
    fn secret(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
    /// Sends a request outside, after every check that there is.
    async fn http(&self, request: outbound::Request) -> Result<outbound::Response, HttpError> {
        let _ = request;
        Err(HttpError::NotAllowed("nothing is reached from here".to_owned()))
    }
    /// Sends a message to a customer on a channel of the tenant.
    async fn send_message(
        &self,
        channel: &str,
        message: channels::Outgoing,
    ) -> Result<messaging::Receipt, messaging::MessagingError> {
        let _ = message;
        Err(messaging::MessagingError::UnknownChannel(channel.to_owned()))
    }
    /// Adds to a counter of the plugin's.
    fn count(&self, counter: &str, amount: u32);
    /// Adds to a distribution of the plugin's.
    fn observe(&self, distribution: &str, value: f64);
    /// Writes a log line.
    fn log(&self, level: LogLevel, message: &str);
    /// Microseconds since the Unix epoch, of the engine's clock.
    fn now_micros(&self) -> u64;
    /// Uniform from 0.0 up to 1.0, recorded for replay by the filler.
    fn random(&self) -> f64;
}
