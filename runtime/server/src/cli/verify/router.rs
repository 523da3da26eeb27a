//! Asks a router again what the journal says it was asked.

use std::path::Path;

use jackfield_core::{Input, Instant, Output};

use crate::cli::error::CliError;

/// A router that answers the questions of its digest again.
pub struct Router {
    digest: String,
    asked_again: u64,
}

impl Router {
    /// Reads and compiles the component at `path`.
    ///
    /// # Errors
    ///
    /// [`CliError`] if the file cannot be read or is no router.
    pub fn load(path: &Path) -> Result<Self, CliError> {
        let _ = path;
        Err(CliError::failed("--plugin is not available"))
    }

    /// How many questions were answered as the journal says.
    pub fn asked_again(&self) -> u64 {
        self.asked_again
    }

    /// Remembers questions, and asks again what was answered by this router's digest.
    ///
    /// # Errors
    ///
    /// What differs, in words.
    pub fn note(&mut self, at: Instant, input: &Input, outputs: &[Output]) -> Result<(), String> {
        let _ = (at, input, outputs, &self.digest);
        Ok(())
    }
}
