//! `gather`: digits, with prompts that a digit may stop.

use std::time::Duration;

use jackfield_plugin_host::{GatherOptions, Gathered, Prompt, SessionError};
use jackfield_telephony::LegEvent;
use tokio::time::Instant;

use super::CallSession;
use super::listen::Heard;

/// Digits one `gather` may ask for.
const GATHER_MAX: u8 = 128;

impl CallSession {
    /// Plays the prompts and takes digits, first those that were pressed ahead.
    pub(super) async fn gather_digits(
        &mut self,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        if options.max_digits == 0 || GATHER_MAX < options.max_digits {
            return Err(SessionError::Limit(format!("max-digits is 1 to {GATHER_MAX}")));
        }
        self.play_until(prompts, options.barge_in).await?;
        let mut input = String::new();
        let mut terminated = false;
        let mut wait = millis(options.first_digit_timeout_ms);
        while !terminated && input.len() < usize::from(options.max_digits) {
            let deadline = Instant::now() + wait;
            let Some(digit) = self.next_digit(deadline).await? else { break };
            if options.terminator == Some(digit) {
                terminated = true;
            } else {
                input.push(digit);
            }
            wait = millis(options.next_digit_timeout_ms);
        }
        let enough = usize::from(options.min_digits.max(1)) <= input.len();
        self.note(
            "gathered",
            &[("digits", &input), ("complete", if enough { "true" } else { "false" })],
        );
        Ok(if enough { Gathered::Input(input) } else { Gathered::Nothing })
    }

    async fn next_digit(&mut self, deadline: Instant) -> Result<Option<char>, SessionError> {
        loop {
            if let Some(digit) = self.digits.pop_front() {
                return Ok(Some(digit));
            }
            match self.hear(Some(deadline)).await? {
                Heard::Timeout => return Ok(None),
                Heard::Leg(LegEvent::Digit(_)) | Heard::Leg(_) | Heard::News(_) => {}
            }
        }
    }
}

fn millis(ms: u32) -> Duration {
    Duration::from_millis(u64::from(ms))
}
