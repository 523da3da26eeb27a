//! `record`: the customer's voice, and the recording of a conversation.

use std::time::Duration;

use jackfield_plugin_host::{Recorded, SessionError};
use jackfield_telephony::LegEvent;
use tokio::time::Instant;

use super::CallSession;
use super::listen::Heard;

/// Quieter than this is silence: about -40 dB of full scale.
const SILENCE_LEVEL: u16 = 330;
/// How often loudness is looked at while a message is recorded.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The longest message.
const RECORD_MAX_MS: u32 = 600_000;

impl CallSession {
    /// Starts the interaction's recording, unless it runs.
    pub(super) fn start_recording(&mut self) {
        let name = format!("{}.wav", self.id);
        let path = self.tenant.recordings.join(&name);
        match self.leg.start_recording(path.clone()) {
            Ok(()) => {
                let path = path.to_string_lossy().into_owned();
                self.note("recording_started", &[("file", &path)]);
                self.record.recording = Some(path);
            }
            Err(error) => {
                tracing::error!(tenant = %self.tenant.id, interaction = %self.id, %error, "not recorded");
                self.note("recording_failed", &[("why", &error.to_string())]);
            }
        }
    }

    /// Records until silence, a digit or the longest time.
    pub(super) async fn record_voice(
        &mut self,
        max_ms: u32,
        silence_ms: u32,
    ) -> Result<Recorded, SessionError> {
        if RECORD_MAX_MS < max_ms {
            return Err(SessionError::Limit(format!("a recording of {RECORD_MAX_MS} ms")));
        }
        self.take().await?;
        self.digits.clear();
        let begin = Instant::now();
        let end = begin + Duration::from_millis(u64::from(max_ms));
        let silence = Duration::from_millis(u64::from(silence_ms.max(500)));
        self.start_recording();
        let mut spoke_at = begin;
        loop {
            let look = (Instant::now() + LOOK_EVERY).min(end);
            match self.hear(Some(look)).await? {
                Heard::Leg(LegEvent::Digit(_)) => break,
                Heard::Timeout => {
                    let now = Instant::now();
                    if SILENCE_LEVEL < self.leg.level() {
                        spoke_at = now;
                    }
                    if end <= now || silence < now - spoke_at {
                        break;
                    }
                }
                Heard::Leg(_) | Heard::News(_) => {}
            }
        }
        let length = self.leg.stop_recording().await;
        self.digits.clear();
        let length_ms = u32::try_from(length.as_millis()).unwrap_or(u32::MAX);
        self.note("recorded", &[("length_ms", &length_ms.to_string())]);
        Ok(Recorded { length_ms, name: format!("{}.wav", self.id) })
    }
}
