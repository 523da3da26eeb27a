//! `play` and `say`: prompts, one after the other.

use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_host::{Prompt, SessionError};
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{LegEvent, Repeat};

use super::CallSession;
use super::listen::Heard;

/// Prompts in one verb, and silence in one prompt.
const PROMPTS_MAX: usize = 32;
const PAUSE_MAX_MS: u32 = 60_000;

/// How a playing ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Playing {
    /// To its end.
    Finished,
    /// By a digit.
    BargedIn,
}

impl CallSession {
    /// Plays all prompts to their end; digits are kept for later.
    pub(super) async fn play_all(&mut self, prompts: Vec<Prompt>) -> Result<(), SessionError> {
        self.play_until(prompts, false).await.map(|_| ())
    }

    /// Plays the prompts; with `barge_in` a digit stops them.
    pub(super) async fn play_until(
        &mut self,
        prompts: Vec<Prompt>,
        barge_in: bool,
    ) -> Result<Playing, SessionError> {
        self.take().await?;
        if PROMPTS_MAX < prompts.len() {
            return Err(SessionError::Limit(format!("{PROMPTS_MAX} prompts in one verb")));
        }
        for prompt in prompts {
            if barge_in && !self.digits.is_empty() {
                return Ok(Playing::BargedIn);
            }
            let audio = self.audio(&prompt).await?;
            if audio.duration().is_zero() {
                continue;
            }
            self.note_prompt(&prompt);
            let playing = self.leg.play(audio, Repeat::Once);
            loop {
                match self.hear(None).await? {
                    Heard::Leg(LegEvent::Played(ended)) if ended == playing => break,
                    Heard::Leg(LegEvent::Digit(_)) if barge_in => {
                        self.leg.stop_playing();
                        return Ok(Playing::BargedIn);
                    }
                    _ => {}
                }
            }
        }
        Ok(Playing::Finished)
    }

    fn note_prompt(&mut self, prompt: &Prompt) {
        match prompt {
            Prompt::Text(text) => self.note("said", &[("text", text)]),
            Prompt::Named(name) => self.note("played", &[("prompt", name)]),
            Prompt::PauseMs(_) => {}
        }
    }

    async fn audio(&self, prompt: &Prompt) -> Result<Arc<Audio>, SessionError> {
        match prompt {
            Prompt::PauseMs(ms) if PAUSE_MAX_MS < *ms => {
                Err(SessionError::Limit(format!("a pause of {PAUSE_MAX_MS} ms")))
            }
            Prompt::PauseMs(ms) => {
                Ok(Arc::new(Audio::silence(Duration::from_millis(u64::from(*ms)))))
            }
            Prompt::Named(name) => match &self.tenant.prompts {
                Some(prompts) => prompts
                    .get(name, &self.language)
                    .map_err(|error| SessionError::UnknownName(error.to_string())),
                None => {
                    let why = format!("prompt `{name}`: the tenant has no folder of prompts");
                    Err(SessionError::UnknownName(why))
                }
            },
            Prompt::Text(text) if text.trim().is_empty() => {
                Ok(Arc::new(Audio::silence(Duration::ZERO)))
            }
            Prompt::Text(text) => {
                let spoken = self.tenant.speech.say(text, &self.language).await;
                spoken.map_err(|error| {
                    tracing::error!(tenant = %self.tenant.id, %error, "a text cannot be spoken");
                    SessionError::NotPossible(error.to_string())
                })
            }
        }
    }
}
