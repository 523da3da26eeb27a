//! Speaking to those who wait, over the music.

use std::sync::Arc;

use jackfield_core::Estimate;
use jackfield_plugin_host::{Prompt, SessionError};
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{LegEvent, PlayId, Repeat};
use tokio::sync::oneshot;

use super::CallSession;
use super::wording::announcement;

/// What is being told to one who waits. Speaking takes its time: an agent who answers does not wait
/// for it.
#[derive(Default)]
pub(super) struct Telling {
    /// What is being spoken to a file, in the order it will be heard.
    spoken: Option<oneshot::Receiver<Vec<Arc<Audio>>>>,
    /// What is heard after what plays now.
    next: std::collections::VecDeque<Arc<Audio>>,
    playing: Option<PlayId>,
}

impl Telling {
    /// Waits until something is ready to be heard; for ever if nothing is in the making.
    ///
    /// May be dropped at any point and called again.
    pub(super) async fn ready(&mut self) -> Vec<Arc<Audio>> {
        match &mut self.spoken {
            Some(spoken) => {
                let audio = spoken.await;
                self.spoken = None;
                // Who speaks has gone away: the music goes on.
                audio.unwrap_or_default()
            }
            None => std::future::pending().await,
        }
    }
}

impl CallSession {
    /// Begins to tell the position, the wait and the queue's message. While a call is not answered
    /// there is nothing to tell it by.
    pub(super) fn tell(
        &mut self,
        telling: &mut Telling,
        position: Option<u32>,
        wait: Option<Estimate>,
        message: Option<String>,
    ) {
        let words = announcement(&self.language, position, wait);
        let place = position.map(|position| position.to_string()).unwrap_or_default();
        let seconds = |span: std::time::Duration| span.as_secs().to_string();
        let (p50, p90) =
            wait.map_or_else(Default::default, |wait| (seconds(wait.p50), seconds(wait.p90)));
        let text = words.as_ref().map(|words| words.text.clone()).unwrap_or_default();
        let all = [
            ("position", place.as_str()),
            ("wait_p50_seconds", &p50),
            ("wait_p90_seconds", &p90),
            ("text", &text),
            ("message", message.as_deref().unwrap_or_default()),
        ];
        let told: Vec<(&str, &str)> =
            all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        if !self.answered {
            self.note("announcement_unheard", &told);
            return;
        }
        self.note("announced", &told);
        let named = message.as_deref().and_then(|message| self.named_prompt(message));
        let message = message.filter(|_| named.is_none());
        let (tenant, language) = (Arc::clone(&self.tenant), self.language.clone());
        let (reply, spoken) = oneshot::channel();
        tokio::spawn(async move {
            let mut audio = Vec::new();
            let words = words.map(|words| (words.text, words.language));
            for (text, language) in words.into_iter().chain(message.map(|text| (text, language))) {
                match tenant.speech.say(&text, &language).await {
                    Ok(spoken) => audio.push(spoken),
                    Err(error) => {
                        tracing::error!(tenant = %tenant.id, %error, "an announcement cannot be spoken");
                    }
                }
            }
            audio.extend(named);
            // The contact may not wait any more.
            let _ = reply.send(audio);
        });
        telling.spoken = Some(spoken);
    }

    /// Returns the recorded prompt of that name, if the tenant has it.
    fn named_prompt(&self, name: &str) -> Option<Arc<Audio>> {
        self.tenant.prompts.as_ref()?.get(name, &self.language).ok()
    }

    /// Plays what is ready in place of the music.
    pub(super) fn play_told(&mut self, telling: &mut Telling, audio: Vec<Arc<Audio>>) {
        telling.next.extend(audio.into_iter().filter(|audio| !audio.duration().is_zero()));
        if telling.playing.is_none() {
            self.play_next(telling);
        }
    }

    /// Goes on to the next part of what is told, or back to the music, when a part has ended.
    pub(super) fn told(&mut self, telling: &mut Telling, event: &LegEvent) {
        if let LegEvent::Played(ended) = event
            && telling.playing == Some(*ended)
        {
            telling.playing = None;
            self.play_next(telling);
            if telling.playing.is_none() {
                self.leg.play(self.waiting_music(), Repeat::Forever);
            }
        }
    }

    fn play_next(&mut self, telling: &mut Telling) {
        telling.playing = telling.next.pop_front().map(|audio| self.leg.play(audio, Repeat::Once));
    }

    /// Says what a closed queue has to say: a recorded prompt of that name, else the text itself.
    ///
    /// # Errors
    ///
    /// [`SessionError::Ended`] if the customer is gone.
    pub(super) async fn say_message(&mut self, message: String) -> Result<(), SessionError> {
        let prompt = match self.named_prompt(&message) {
            Some(_) => Prompt::Named(message),
            None => Prompt::Text(message),
        };
        match self.play_all(vec![prompt]).await {
            // Without a voice the flow is still better than silence.
            Ok(()) | Err(SessionError::NotPossible(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }
}
