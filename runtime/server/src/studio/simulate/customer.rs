//! The simulated customer: does what was ordered, one thing after the other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jackfield_core::{Channel, Instant, InteractionId, QueueEnd, QueueId, QueueOptions};
use jackfield_plugin_host::{
    CallbackOptions, GatherOptions, Gathered, LogLevel, Prompt, Recorded, ReplayServices, Session,
    SessionError,
};
use serde_json::{Map, Value};

use super::marks::{Mark, Marks, read};
use super::order::{Doing, Order, OrderError, queue_end};
use super::{Around, Ended, Step, Waiting};

/// A customer who is still there after so many steps is in a loop.
pub const STEPS_MAX: usize = 500;
/// The steps that are told.
const TOLD_MAX: usize = 1_000;
/// Speech, by letter: about 150 words a minute.
const LETTER_MS: u64 = 65;
/// A prompt of the library whose length is not known.
const PROMPT_MS: u64 = 3_000;
/// How long a customer thinks and presses a key.
const KEY_MS: u64 = 1_500;
/// A stay in a queue.
const STAY_MS: u64 = 60_000;

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Seen {
    pub steps: Vec<Step>,
    pub waiting: Option<Waiting>,
    pub ended: Option<Ended>,
    pub queue: Option<String>,
    pub attributes: BTreeMap<String, String>,
    pub variables: Map<String, Value>,
    clock_ms: u64,
    statement: Option<usize>,
    marks: Marks,
}

impl Seen {
    /// Takes in what was written to the log since the last time.
    pub fn hear(&mut self, lines: &[(LogLevel, String)]) {
        for (_, line) in lines {
            match read(line) {
                Some(Mark { number, variables }) => {
                    (self.statement, self.variables) = (Some(number), variables);
                }
                None => self.step("log", line, None, &[]),
            }
        }
    }

    fn step(&mut self, what: &'static str, text: &str, answer: Option<String>, verbs: &[&str]) {
        if TOLD_MAX <= self.steps.len() {
            return;
        }
        let line = self.statement.and_then(|number| self.marks.line(number));
        let node = self.statement.and_then(|number| self.marks.node(number, verbs, text));
        let (text, variables) = (text.to_owned(), self.variables.clone());
        self.steps.push(Step { at_ms: self.clock_ms, what, text, answer, line, node, variables });
    }

    fn answer(&mut self, answer: &str) {
        if let Some(step) = self.steps.last_mut() {
            step.answer = Some(answer.to_owned());
        }
    }
}

/// The customer.
pub struct Customer {
    order: Order,
    channel: Channel,
    around: Around,
    begins: u64,
    inputs: std::vec::IntoIter<Doing>,
    language: String,
    services: Arc<ReplayServices>,
    seen: Arc<Mutex<Seen>>,
}

impl Customer {
    /// A customer who does what is ordered; what is seen is kept in `seen`.
    pub fn new(
        order: &Order,
        around: Around,
        marks: Marks,
        services: &Arc<ReplayServices>,
        seen: &Arc<Mutex<Seen>>,
    ) -> Result<Self, OrderError> {
        let begins = order.at_micros(&around)?;
        services.set_now_micros(begins);
        if let (Some(caller), Some(card)) = (&order.caller, order.card()) {
            services.add_card(caller, card);
        }
        seen.lock().unwrap_or_else(PoisonError::into_inner).marks = marks;
        Ok(Self {
            channel: order.channel()?,
            begins,
            inputs: order.inputs.clone().into_iter(),
            language: around.language.clone(),
            order: order.clone(),
            around,
            services: Arc::clone(services),
            seen: Arc::clone(seen),
        })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the log, and ends where the customer is gone or is led in circles.
    fn begin(&self) -> Result<(), SessionError> {
        let mut seen = self.seen();
        seen.hear(&self.services.take_log());
        if seen.ended.is_none() && STEPS_MAX <= seen.steps.len() {
            let reason = Some(format!("the customer gives up after {STEPS_MAX} steps"));
            seen.ended = Some(Ended { how: "too_long", reason, line: None });
        }
        let over = seen.ended.is_some() || seen.waiting.is_some();
        if over { Err(SessionError::Ended) } else { Ok(()) }
    }

    fn spend(&self, ms: u64) {
        let mut seen = self.seen();
        seen.clock_ms += ms;
        self.services.set_now_micros(self.begins + seen.clock_ms * 1_000);
    }

    fn say(&self, prompts: &[Prompt], asked: bool) {
        for prompt in prompts {
            let (what, text, ms) = match prompt {
                Prompt::Text(text) => {
                    let letters = u64::try_from(text.chars().count()).unwrap_or_default();
                    ("say", text.clone(), letters * LETTER_MS)
                }
                Prompt::Named(name) => ("play", name.clone(), PROMPT_MS),
                Prompt::PauseMs(ms) => ("pause", format!("{ms} ms"), u64::from(*ms)),
            };
            let verbs: &[&str] = if asked { &["menu", "gather", "digits"] } else { &[what] };
            self.seen().step(what, &text, None, verbs);
            self.spend(ms);
        }
    }

    /// What the customer does next; `None` if that is not known, and the script waits.
    fn next(&mut self) -> Option<Doing> {
        self.inputs.next()
    }

    fn leaves(&self) -> SessionError {
        let (reason, line) = (None, None);
        self.seen().ended = Some(Ended { how: "customer_left", reason, line });
        SessionError::Ended
    }

    fn wait(&self, kind: &'static str, queue: Option<&str>, digits: (u8, u8)) -> SessionError {
        let mut seen = self.seen();
        let last = seen.steps.last();
        let (line, node) = (last.and_then(|one| one.line), last.and_then(|one| one.node));
        let queue = queue.map(str::to_owned);
        let (min, max) = digits;
        seen.waiting = Some(Waiting { kind, queue, min, max, line, node });
        SessionError::Ended
    }

    fn queue(&self, name: &str) -> Result<QueueId, SessionError> {
        let known = QueueId::new(name).ok();
        let known = known.filter(|queue| self.around.center.queues.contains_key(queue));
        known.ok_or_else(|| SessionError::UnknownName(format!("queue `{name}`")))
    }

    fn opens(&self, queue: &QueueId) -> bool {
        if let Some(open) = self.order.open.get(queue.as_str()) {
            return *open;
        }
        let at = Instant::from_micros(self.begins + self.seen().clock_ms * 1_000);
        let hours = self.around.center.queues.get(queue).and_then(|config| config.hours.as_ref());
        hours.is_none_or(|hours| hours.is_open(at))
    }
}

/// A verb that is not understood as what the customer does is told so.
fn other(doing: &Doing, wanted: &str) -> SessionError {
    SessionError::NotPossible(format!("the customer does `{}` where {wanted}", doing.kind))
}

#[async_trait]
impl Session for Customer {
    fn id(&self) -> InteractionId {
        InteractionId(1)
    }

    fn channel(&self) -> Channel {
        self.channel
    }

    fn caller(&self) -> Option<String> {
        self.order.caller.clone()
    }

    fn dialled(&self) -> String {
        self.around.dialled.clone()
    }

    fn language(&self) -> String {
        self.language.clone()
    }

    fn set_language(&mut self, tag: &str) -> Result<(), SessionError> {
        self.begin()?;
        self.seen().step("language", tag, None, &["language"]);
        tag.clone_into(&mut self.language);
        Ok(())
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.seen().attributes.get(name).cloned()
    }

    fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        let mut seen = self.seen();
        seen.hear(&self.services.take_log());
        seen.attributes.insert(name.to_owned(), value.to_owned());
        seen.step("attribute", &format!("{name} = {value}"), None, &["attribute"]);
        Ok(())
    }

    async fn answer(&mut self) -> Result<(), SessionError> {
        self.begin()?;
        self.seen().step("answer", "", None, &["answer"]);
        Ok(())
    }

    async fn play(&mut self, prompts: Vec<Prompt>) -> Result<(), SessionError> {
        self.begin()?;
        self.say(&prompts, false);
        Ok(())
    }

    async fn gather(
        &mut self,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        self.begin()?;
        self.say(&prompts, true);
        self.seen().step("ask", "", None, &["menu", "gather", "digits"]);
        let written = self.channel != Channel::Voice;
        let Some(doing) = self.next() else {
            let kind = if written { "message" } else { "digits" };
            return Err(self.wait(kind, None, (options.min_digits.max(1), options.max_digits)));
        };
        let nothing = |seen: &mut Seen| {
            seen.answer("");
            Ok(Gathered::Nothing)
        };
        match doing.kind.as_str() {
            "hang_up" => Err(self.leaves()),
            "nothing" => {
                self.spend(u64::from(options.first_digit_timeout_ms));
                nothing(&mut self.seen())
            }
            "text" if written => {
                self.spend(KEY_MS);
                self.seen().answer(&doing.value);
                Ok(Gathered::Input(doing.value))
            }
            "digits" | "text" => {
                let keys = &doing.value;
                let end = options.terminator.and_then(|end| keys.find(end));
                let keys = keys.get(..end.unwrap_or(keys.len())).unwrap_or_default();
                let kept: String =
                    keys.chars().take(usize::from(options.max_digits.max(1))).collect();
                self.spend(KEY_MS);
                if kept.chars().count() < usize::from(options.min_digits.max(1)) {
                    return nothing(&mut self.seen());
                }
                self.seen().answer(&kept);
                Ok(Gathered::Input(kept))
            }
            _ => Err(other(&doing, "keys or a message are asked for")),
        }
    }

    async fn record(&mut self, max_ms: u32, _: u32) -> Result<Recorded, SessionError> {
        self.begin()?;
        self.seen().step("record", "", None, &["record"]);
        let Some(doing) = self.next() else { return Err(self.wait("recording", None, (0, 0))) };
        let seconds: u32 = match doing.kind.as_str() {
            "hang_up" => return Err(self.leaves()),
            "record" => doing.value.parse().unwrap_or_default(),
            "nothing" => 0,
            _ => return Err(other(&doing, "a recording is made")),
        };
        let length_ms = max_ms.min(seconds.saturating_mul(1_000));
        self.spend(u64::from(length_ms));
        self.seen().answer(&format!("{length_ms} ms"));
        Ok(Recorded { length_ms, name: "simulated".to_owned() })
    }

    async fn enqueue(
        &mut self,
        queue: &str,
        options: QueueOptions,
    ) -> Result<QueueEnd, SessionError> {
        self.begin()?;
        self.seen().step("enqueue", queue, None, &["enqueue"]);
        let id = self.queue(queue)?;
        self.seen().queue = Some(queue.to_owned());
        if !self.opens(&id) {
            self.seen().answer("closed");
            return Ok(QueueEnd::Closed);
        }
        let Some(doing) = self.next() else { return Err(self.wait("queue", Some(queue), (0, 0))) };
        let end = match doing.kind.as_str() {
            "hang_up" => return Err(self.leaves()),
            "queue" => queue_end(&doing.value),
            _ => None,
        };
        let Some(end) = end else { return Err(other(&doing, "the customer waits in a queue")) };
        let stay = options.max_wait.filter(|_| end == QueueEnd::TimedOut);
        let stay = stay.and_then(|wait| u64::try_from(wait.as_millis()).ok()).unwrap_or(STAY_MS);
        self.spend(stay);
        self.seen().answer(&doing.value);
        Ok(end)
    }

    async fn callback(
        &mut self,
        queue: &str,
        options: CallbackOptions,
    ) -> Result<(), SessionError> {
        self.begin()?;
        self.queue(queue)?;
        self.seen().step("callback", queue, None, &["callback"]);
        if options.address.is_none() && self.order.caller.is_none() {
            return Err(SessionError::NotPossible("there is no number to call back".to_owned()));
        }
        Ok(())
    }

    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError> {
        self.begin()?;
        let id = self.queue(queue)?;
        let open = self.opens(&id);
        let answer = if open { "open" } else { "closed" };
        self.seen().step("is_open", queue, Some(answer.to_owned()), &["is_open"]);
        Ok(open)
    }

    async fn transfer(&mut self, to: &str) -> Result<(), SessionError> {
        self.begin()?;
        let mut seen = self.seen();
        seen.step("transfer", to, None, &["transfer"]);
        seen.ended = Some(Ended { how: "transferred", reason: Some(to.to_owned()), line: None });
        Err(SessionError::Ended)
    }

    async fn send_digits(&mut self, keys: &str) -> Result<(), SessionError> {
        self.begin()?;
        self.seen().step("send_digits", keys, None, &["send_digits"]);
        Ok(())
    }

    fn hang_up(&mut self, reason: Option<String>) {
        let mut seen = self.seen();
        seen.hear(&self.services.take_log());
        if seen.ended.is_none() && seen.waiting.is_none() {
            seen.step("hang_up", reason.as_deref().unwrap_or_default(), None, &["hang_up"]);
            seen.ended = Some(Ended { how: "hung_up", reason, line: None });
        }
    }
}
