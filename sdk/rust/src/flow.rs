//! Leading a customer: worlds `flow` and `interpreter`.

pub use crate::bindings::flow::exports::jackfield::plugin::flow_guest::Guest as Flow;
pub use crate::bindings::flow::jackfield::telephony::session::{
    CallbackOptions, GatherOptions, Gathered, Prompt, QueueEnd, QueueOptions, Recorded, Session,
    SessionError,
};

/// What an interpreter exports besides [`Flow`]: `export_flow!(It); export_loader!(It);`.
pub use crate::bindings::loader::Guest as Loader;

/// What most flows do to a contact: [`Session`] is one, and so is
/// [`MockContact`](crate::testing::MockContact), so that a flow written for any contact is tested
/// without a host. What is not here is a verb of [`Session`].
pub trait Contact {
    /// The customer's address, if not withheld.
    fn caller(&self) -> Option<String>;
    /// Takes the contact.
    fn answer(&self) -> Result<(), SessionError>;
    /// Speaks or writes one text.
    fn say(&self, text: &str) -> Result<(), SessionError>;
    /// Plays the prompts and takes input; none if there was none in time.
    fn ask(
        &self,
        prompts: &[Prompt],
        options: GatherOptions,
    ) -> Result<Option<String>, SessionError>;
    /// Keeps a value on the interaction.
    fn set_attribute(&self, name: &str, value: &str) -> Result<(), SessionError>;
    /// Puts the contact into a queue and returns when the stay has ended, or the conversation.
    fn enqueue(&self, queue: &str, options: &QueueOptions) -> Result<QueueEnd, SessionError>;
    /// Tells whether the queue is open now.
    fn is_open(&self, queue: &str) -> Result<bool, SessionError>;
    /// Ends the contact.
    fn hang_up(&self, reason: Option<&str>);
}

impl Contact for Session {
    fn caller(&self) -> Option<String> {
        Self::caller(self)
    }
    fn answer(&self) -> Result<(), SessionError> {
        Self::answer(self)
    }
    fn say(&self, text: &str) -> Result<(), SessionError> {
        Self::say(self, text)
    }
    fn ask(
        &self,
        prompts: &[Prompt],
        options: GatherOptions,
    ) -> Result<Option<String>, SessionError> {
        Ok(match self.gather(prompts, options)? {
            Gathered::Input(input) => Some(input),
            Gathered::Nothing => None,
        })
    }
    fn set_attribute(&self, name: &str, value: &str) -> Result<(), SessionError> {
        Self::set_attribute(self, name, value)
    }
    fn enqueue(&self, queue: &str, options: &QueueOptions) -> Result<QueueEnd, SessionError> {
        Self::enqueue(self, queue, options)
    }
    fn is_open(&self, queue: &str) -> Result<bool, SessionError> {
        Self::is_open(self, queue)
    }
    fn hang_up(&self, reason: Option<&str>) {
        Self::hang_up(self, reason);
    }
}

impl From<SessionError> for crate::PluginError {
    /// A verb that could not finish ends the flow, which answers this.
    fn from(error: SessionError) -> Self {
        Self::Failed(match error {
            SessionError::Ended => "the customer is gone".to_owned(),
            SessionError::UnknownName(name) => format!("no such name: {name}"),
            SessionError::NotPossible(why) => format!("not possible: {why}"),
            SessionError::Limit(which) => format!("limit reached: {which}"),
        })
    }
}

impl Default for GatherOptions {
    /// One digit, five seconds for it, and a digit stops the prompts.
    fn default() -> Self {
        Self {
            min_digits: 1,
            max_digits: 1,
            terminator: Some('#'),
            first_digit_timeout_ms: 5_000,
            next_digit_timeout_ms: 3_000,
            barge_in: true,
        }
    }
}

impl Default for CallbackOptions {
    /// The customer's own number, whoever is free, the queue's own deadline, no voicemail.
    fn default() -> Self {
        Self { address: None, owner: None, deadline_ms: None, voicemail: false }
    }
}

impl Default for QueueOptions {
    /// No skills, ordinary priority, the queue's own longest wait.
    fn default() -> Self {
        Self {
            required: Vec::new(),
            preferred: Vec::new(),
            priority: 0,
            max_wait_ms: None,
            attributes: Vec::new(),
        }
    }
}
