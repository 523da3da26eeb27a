//! What a script may name: queues, prompts, destinations of one tenant.

use std::collections::BTreeSet;

/// A prompt that the tenant does not have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Missing {
    /// A name that is there and much alike.
    pub nearest: Option<String>,
}

/// What the tenant has.
pub trait Known {
    /// The queues' names.
    fn queues(&self) -> BTreeSet<String>;
    /// The language in which callers are met.
    fn language(&self) -> String;
    /// Whether the prompt is there in the language; reads a file.
    ///
    /// # Errors
    ///
    /// [`Missing`] if it is not.
    fn prompt(&self, name: &str, language: &str) -> Result<(), Missing>;
    /// Whether a customer can be connected with this number.
    ///
    /// # Errors
    ///
    /// Why not, for people.
    fn destination(&self, number: &str) -> Result<(), String>;
}
