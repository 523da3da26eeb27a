//! A recorded caller: answers a flow as the caller of that day answered.
//!
//! Nothing waits here. Each verb adds the time it would have taken to the call's clock: as long as the
//! same text took when it was recorded, else at a usual pace of speech.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jackfield_core::{
    CenterConfig, Channel, EndCause, Instant, InteractionId, QueueEnd, QueueId, QueueOptions,
};
use jackfield_plugin_host::{
    CallbackOptions, GatherOptions, Gathered, Prompt, Recorded, Session, SessionError,
};
use jackfield_sim::replay::rerun::FlowStep;
use jackfield_sim::replay::tape::Contact;
use jackfield_store::TimelineEvent;

use super::doors::Doors;

/// Speech, by letter: about 150 words a minute.
const LETTER: Duration = Duration::from_millis(65);
/// A prompt of the library whose length is not known.
const PROMPT: Duration = Duration::from_secs(3);

/// What the flow has come to.
#[derive(Debug, Default)]
pub struct Came {
    /// The step, once there is one.
    pub step: Option<FlowStep>,
    /// Time in the flow since the last stay in a queue.
    pub after: Duration,
}

/// How long prompts took when they were recorded.
#[derive(Clone, Debug, Default)]
pub struct Lengths(BTreeMap<String, Duration>);

impl Lengths {
    /// Learns from stories: a prompt lasts until the next thing that happened, at least as heard by
    /// the most patient caller.
    pub fn learn<'a>(stories: impl Iterator<Item = &'a Vec<TimelineEvent>>) -> Self {
        let mut lengths: BTreeMap<String, Duration> = BTreeMap::new();
        for story in stories {
            for pair in story.windows(2) {
                let [said, next] = pair else { continue };
                if !matches!(said.what.as_str(), "said" | "played") {
                    continue;
                }
                let Some((_, words)) = said.details.first() else { continue };
                // Input after a prompt includes the time to think.
                if next.what == "gathered" {
                    continue;
                }
                let lasted = Duration::from_micros(next.at_micros.saturating_sub(said.at_micros));
                let known = lengths.entry(words.clone()).or_default();
                *known = lasted.max(*known);
            }
        }
        Self(lengths)
    }

    fn of(&self, prompt: &Prompt) -> Duration {
        match prompt {
            Prompt::PauseMs(span) => Duration::from_millis((*span).into()),
            Prompt::Named(name) => self.0.get(name).copied().unwrap_or(PROMPT),
            Prompt::Text(text) => {
                let usual = LETTER * u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                self.0.get(text).copied().unwrap_or(usual)
            }
        }
    }
}

/// The recorded caller.
pub struct Caller {
    pub id: InteractionId,
    pub contact: Contact,
    pub config: Arc<CenterConfig>,
    pub lengths: Arc<Lengths>,
    pub doors: Arc<Doors>,
    /// When the flow's present part began: the arrival, or the end of the last stay in a queue.
    pub clock: Instant,
    /// What the caller entered, one after the other: digits, and how long it took.
    pub entered: std::vec::IntoIter<(String, Duration)>,
    /// How the stays in queues ended, one after the other.
    pub ends: Vec<QueueEnd>,
    /// How many of them the flow has been told.
    pub told: usize,
    pub language: String,
    pub attributes: BTreeMap<String, String>,
    pub came: Arc<Mutex<Came>>,
}

impl Caller {
    fn spend(&self, time: Duration) {
        self.came.lock().unwrap_or_else(PoisonError::into_inner).after += time;
    }

    /// The flow's part is over: whatever it says after that concerns nobody.
    fn come_to(&self, step: impl FnOnce(Duration) -> FlowStep) -> SessionError {
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        if came.step.is_none() {
            came.step = Some(step(came.after));
        }
        SessionError::Ended
    }

    fn present(&self) -> Result<(), SessionError> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        if came.step.is_some() { Err(SessionError::Ended) } else { Ok(()) }
    }

    fn queue(&self, name: &str) -> Result<QueueId, SessionError> {
        let known = QueueId::new(name).ok().filter(|queue| self.config.queues.contains_key(queue));
        known.ok_or_else(|| SessionError::UnknownName(format!("queue `{name}`")))
    }
}

/// What a recorded caller entered, from its story: the digits, and the time from the prompt before.
pub fn entered(story: &[TimelineEvent]) -> Vec<(String, Duration)> {
    let mut before = story.first().map_or(0, |event| event.at_micros);
    let mut entered = Vec::new();
    for event in story {
        if event.what == "gathered" {
            let digits = event.details.iter().find(|(name, _)| name == "digits");
            let took = Duration::from_micros(event.at_micros.saturating_sub(before));
            entered.push((digits.map(|(_, digits)| digits.clone()).unwrap_or_default(), took));
        }
        before = event.at_micros;
    }
    entered
}

#[async_trait]
impl Session for Caller {
    fn id(&self) -> InteractionId {
        self.id
    }

    fn channel(&self) -> Channel {
        self.contact.channel
    }

    fn caller(&self) -> Option<String> {
        self.contact.ani.clone()
    }

    fn dialled(&self) -> String {
        self.contact.dnis.clone()
    }

    fn language(&self) -> String {
        self.language.clone()
    }

    fn set_language(&mut self, tag: &str) -> Result<(), SessionError> {
        tag.clone_into(&mut self.language);
        Ok(())
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.get(name).cloned()
    }

    fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        self.attributes.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn answer(&mut self) -> Result<(), SessionError> {
        self.present()
    }

    async fn play(&mut self, prompts: Vec<Prompt>) -> Result<(), SessionError> {
        self.present()?;
        prompts.iter().for_each(|prompt| self.spend(self.lengths.of(prompt)));
        Ok(())
    }

    async fn gather(
        &mut self,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        self.present()?;
        let Some((digits, took)) = self.entered.next() else {
            // Beyond what is recorded: a caller who enters nothing.
            prompts.iter().for_each(|prompt| self.spend(self.lengths.of(prompt)));
            self.spend(Duration::from_millis(options.first_digit_timeout_ms.into()));
            return Ok(Gathered::Nothing);
        };
        self.spend(took);
        let ended = options.terminator.and_then(|end| digits.find(end)).unwrap_or(digits.len());
        let kept: String = digits[..ended].chars().take(usize::from(options.max_digits)).collect();
        if kept.len() < usize::from(options.min_digits.max(1)) {
            return Ok(Gathered::Nothing);
        }
        Ok(Gathered::Input(kept))
    }

    async fn record(&mut self, max_ms: u32, silence_ms: u32) -> Result<Recorded, SessionError> {
        self.present()?;
        let length_ms = max_ms.min(silence_ms.saturating_add(5_000));
        self.spend(Duration::from_millis(length_ms.into()));
        Ok(Recorded { length_ms, name: "replay".to_owned() })
    }

    async fn enqueue(
        &mut self,
        queue: &str,
        options: QueueOptions,
    ) -> Result<QueueEnd, SessionError> {
        self.present()?;
        let queue = self.queue(queue)?;
        if let Some(end) = self.ends.get(self.told).copied() {
            // A stay of the candidate's takes as long as the one that is on the tape in its place.
            let stay = self.contact.stays.get(self.told);
            let talked = stay.and_then(|stay| stay.talk.as_ref()?.talked).unwrap_or_default();
            let stayed = stay.map_or(Duration::ZERO, |stay| stay.waited) + talked;
            self.told += 1;
            let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
            self.clock = self.clock + came.after + stayed;
            came.after = Duration::ZERO;
            return Ok(end);
        }
        Err(self.come_to(|after| FlowStep::Enqueue { after, queue, options }))
    }

    async fn callback(
        &mut self,
        queue: &str,
        options: CallbackOptions,
    ) -> Result<(), SessionError> {
        self.present()?;
        self.queue(queue)?;
        if options.address.is_none() && self.contact.ani.is_none() {
            return Err(SessionError::NotPossible("there is no number to call back".to_owned()));
        }
        Ok(())
    }

    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError> {
        self.present()?;
        let queue = self.queue(queue)?;
        let after = self.came.lock().unwrap_or_else(PoisonError::into_inner).after;
        Ok(self.doors.is_open(&queue, self.clock + after))
    }

    async fn transfer(&mut self, _: &str) -> Result<(), SessionError> {
        self.present()?;
        Err(self.come_to(|after| FlowStep::End { after, cause: EndCause::Transferred }))
    }

    async fn send_digits(&mut self, _: &str) -> Result<(), SessionError> {
        self.present()
    }

    fn hang_up(&mut self, _: Option<String>) {
        self.come_to(|after| FlowStep::End { after, cause: EndCause::Completed });
    }
}
