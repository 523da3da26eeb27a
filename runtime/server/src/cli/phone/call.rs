//! The calling phone.

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jackfield_telephony::speech::Audio;
use jackfield_telephony::{Destination, DialRequest, Endpoint, Leg, LegEvent, Repeat};
use tokio::time::Instant;

use super::PhoneArgs;
use super::line::{Line, is_normal, why};
use crate::cli::error::CliError;

/// What a comma among the digits stands for.
const PAUSE: Duration = Duration::from_secs(1);
/// From one digit to the next: a tone and the silence after it.
const DIGIT: Duration = Duration::from_millis(250);

/// Places one call and sees it to its end.
pub async fn run(
    endpoint: &Arc<dyn Endpoint>,
    args: &PhoneArgs,
    sound: Option<Arc<Audio>>,
) -> Result<ExitCode, CliError> {
    let line = Line::new();
    let wanted = args.call.as_deref().unwrap_or_default();
    let uri = if wanted.starts_with("sip:") { wanted.to_owned() } else { format!("sip:{wanted}") };
    let uri = args.transport.add_to(&uri);
    let from = if args.from.starts_with("sip:") {
        args.from.clone()
    } else {
        format!("sip:{}@{}", args.from, args.bind)
    };
    line.say(&format!("calling {uri} from {from}"));
    let request = DialRequest {
        to: Destination::Uri(uri),
        from,
        from_name: None,
        credentials: args.user.clone().zip(args.password.clone()),
        headers: Vec::new(),
    };
    let (leg, mut events) = endpoint
        .dial(request)
        .await
        .map_err(|error| CliError::failed(format!("the call cannot be placed: {error}")))?;
    let mut call = Call { args, line, leg, sound, plan: VecDeque::new(), answered: None };
    loop {
        let next = call.plan.front().map(|(at, _)| *at);
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else {
                    return Err(CliError::failed("the phone lost its call"));
                };
                if let Some(code) = call.happened(event) {
                    return Ok(code);
                }
            }
            () = until(next), if next.is_some() => call.act(),
            _ = tokio::signal::ctrl_c() => {
                call.line.say("interrupted");
                call.leg.hang_up();
            }
        }
    }
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}

enum Step {
    Press(char),
    HangUp,
}

struct Call<'a> {
    args: &'a PhoneArgs,
    line: Line,
    leg: Arc<dyn Leg>,
    sound: Option<Arc<Audio>>,
    /// What is still to be done, the next first.
    plan: VecDeque<(Instant, Step)>,
    answered: Option<Instant>,
}

impl Call<'_> {
    /// Takes note of an event; returns the exit code once the call is over.
    fn happened(&mut self, event: LegEvent) -> Option<ExitCode> {
        match event {
            LegEvent::Ringing => self.line.say("ringing"),
            LegEvent::Answered => self.answered(),
            LegEvent::Digit(digit) => self.line.say(&format!("the other side pressed {digit}")),
            LegEvent::Held => self.line.say("on hold"),
            LegEvent::Resumed => self.line.say("off hold"),
            LegEvent::Played(_) => (),
            LegEvent::Ended(end) => {
                let talked = self.answered.map(|at| at.elapsed());
                let talked = talked.map_or("not answered".to_owned(), |length| {
                    format!("answered for {:.1} s", length.as_secs_f64())
                });
                self.line.say(&format!("ended: {} ({talked})", why(&end)));
                let fine = self.answered.is_some() && is_normal(&end);
                return Some(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
        }
        None
    }

    fn answered(&mut self) {
        self.line.say("answered");
        let now = Instant::now();
        self.answered = Some(now);
        if let Some(sound) = &self.sound {
            self.leg.play(Arc::clone(sound), Repeat::Forever);
        }
        if let Some(path) = &self.args.record
            && let Err(error) = self.leg.start_recording(path.clone())
        {
            self.line.say(&error.to_string());
        }
        let mut at = now + self.args.digits_after;
        for digit in self.args.digits.iter().flat_map(|digits| digits.chars()) {
            if digit == ',' {
                at += PAUSE;
                continue;
            }
            self.plan.push_back((at, Step::Press(digit)));
            at += DIGIT;
        }
        if let Some(duration) = self.args.duration {
            let end = now + duration;
            let place = self.plan.iter().take_while(|(at, _)| *at <= end).count();
            self.plan.insert(place, (end, Step::HangUp));
        }
    }

    /// Does the next thing of the plan.
    fn act(&mut self) {
        match self.plan.pop_front() {
            Some((_, Step::Press(digit))) => match self.leg.send_digits(&digit.to_string()) {
                Ok(()) => self.line.say(&format!("pressed {digit}")),
                Err(error) => self.line.say(&format!("cannot press {digit}: {error}")),
            },
            Some((_, Step::HangUp)) => {
                self.plan.clear();
                self.leg.hang_up();
            }
            None => (),
        }
    }
}
