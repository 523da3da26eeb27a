//! Leading a customer: worlds `flow` and `interpreter`.

pub use crate::bindings::flow::exports::jackfield::plugin::flow_guest::Guest as Flow;
pub use crate::bindings::flow::jackfield::telephony::session::{
    CallbackOptions, GatherOptions, Gathered, Prompt, QueueEnd, QueueOptions, Recorded, Session,
    SessionError,
};

/// What an interpreter exports besides [`Flow`]: `export_flow!(It); export_loader!(It);`.
pub use crate::bindings::loader::Guest as Loader;

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
