//! `answer`: taking the contact.

use jackfield_plugin_host::SessionError;

use super::CallSession;

impl CallSession {
    /// Answers the leg unless it is answered.
    pub(super) async fn take(&mut self) -> Result<(), SessionError> {
        self.present()?;
        if self.answered {
            return Ok(());
        }
        if let Err(error) = self.leg.answer().await {
            // The leg's end is on its way: whoever waits next hears why.
            tracing::debug!(tenant = %self.tenant.id, interaction = %self.id, %error, "no answer");
            while self.hear(None).await.is_ok() {}
            return Err(SessionError::Ended);
        }
        self.answered = true;
        self.note("answered", &[]);
        Ok(())
    }
}
