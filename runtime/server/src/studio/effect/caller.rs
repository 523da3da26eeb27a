//! A caller of a past day, once more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jackfield_core::{Attribute, Channel, Instant, InteractionId, QueueEnd, QueueId, QueueOptions};
use jackfield_plugin_host::{
    CallbackOptions, Card, CrmError, FlowPlugin, GatherOptions, Gathered, LogLevel, Prompt,
    Recorded as Recording, ReplayServices, Services, Session, SessionError, StateError,
};

use super::Way;
use super::memo::{Answerer, Question, Trace};
use crate::studio::simulate::{Around, queue_end};

/// A caller who is still there after so many verbs is led in circles.
const VERBS_MAX: u32 = 300;
const MINUTE: u64 = 60_000_000;

/// What is recorded of a caller.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Who.
    pub id: u64,
    /// The address, if it was shown.
    pub ani: Option<String>,
    /// What was dialled.
    pub dialled: String,
    /// When, in microseconds since the Unix epoch.
    pub arrived: u64,
    /// What was entered, in order; `""` for nothing.
    pub entered: Vec<String>,
    /// How the stays in queues ended, in the interpreter's words, in order.
    pub ends: Vec<String>,
    /// The card.
    pub card: Option<Card>,
}

/// The caller's answers, in order.
pub struct Answers<'a> {
    of: &'a Recorded,
    around: &'a Around,
    inputs: std::slice::Iter<'a, String>,
    ends: std::slice::Iter<'a, String>,
    random: ReplayServices,
}

impl<'a> Answers<'a> {
    /// From the beginning.
    pub fn new(of: &'a Recorded, around: &'a Around) -> Self {
        let random = ReplayServices::new(of.id);
        Self { of, around, inputs: of.entered.iter(), ends: of.ends.iter(), random }
    }
}

impl Answerer for Answers<'_> {
    fn answer(&mut self, question: &Question) -> String {
        match question {
            Question::Caller => self.of.ani.clone().unwrap_or_default(),
            Question::Dialled => self.of.dialled.clone(),
            Question::Card(address) if self.of.ani.as_ref() == Some(address) => {
                self.of.card.as_ref().map(|card| format!("{card:?}")).unwrap_or_default()
            }
            Question::Card(_) => String::new(),
            Question::Minute => (self.of.arrived / MINUTE).to_string(),
            Question::Random => self.random.random().to_bits().to_string(),
            Question::Input(min, max, terminator) => {
                let keys = self.inputs.next().map_or("", String::as_str);
                let end = terminator.and_then(|end| keys.find(end)).unwrap_or(keys.len());
                let keys = keys.get(..end).unwrap_or_default();
                let kept: String = keys.chars().take(usize::from((*max).max(1))).collect();
                if kept.chars().count() < usize::from((*min).max(1)) { String::new() } else { kept }
            }
            // Beyond what is recorded somebody serves.
            Question::Stay(_) => self.ends.next().map_or("served", String::as_str).to_owned(),
            Question::Open(queue) => {
                let id = QueueId::new(queue).ok();
                let config = id.and_then(|id| self.around.center.queues.get(&id));
                let hours = config.and_then(|config| config.hours.as_ref());
                let at = Instant::from_micros(self.of.arrived);
                hours.is_none_or(|hours| hours.is_open(at)).to_string()
            }
        }
    }
}

/// What is shared by the session and the services of one run.
struct Run {
    of: Recorded,
    around: Arc<Around>,
    state: Mutex<State>,
    random: ReplayServices,
}

#[derive(Default)]
struct State {
    trace: Trace,
    way: Way,
    verbs: u32,
    over: bool,
    inputs: usize,
    stays: usize,
}

impl Run {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, question: Question) -> String {
        let mut state = self.state();
        let answer = match &question {
            Question::Random => self.random.random().to_bits().to_string(),
            asked => {
                let mut answers = Answers::new(&self.of, &self.around);
                answers.inputs = self.of.entered.get(state.inputs..).unwrap_or_default().iter();
                answers.ends = self.of.ends.get(state.stays..).unwrap_or_default().iter();
                answers.answer(asked)
            }
        };
        state.inputs += usize::from(matches!(question, Question::Input(..)));
        state.stays += usize::from(matches!(question, Question::Stay(_)));
        state.trace.push((question, answer.clone()));
        answer
    }

    fn begin(&self) -> Result<(), SessionError> {
        let mut state = self.state();
        state.verbs += 1;
        if VERBS_MAX <= state.verbs && !state.over {
            (state.over, state.way.loops) = (true, true);
            state.way.stations.push("led in circles".to_owned());
        }
        if state.over { Err(SessionError::Ended) } else { Ok(()) }
    }

    fn station(&self, station: String) {
        self.state().way.stations.push(station);
    }

    fn queue(&self, name: &str) -> Result<(), SessionError> {
        let known = QueueId::new(name).ok();
        match known.is_some_and(|queue| self.around.center.queues.contains_key(&queue)) {
            true => Ok(()),
            false => Err(SessionError::UnknownName(format!("queue `{name}`"))),
        }
    }
}

/// Leads a caller by a script to the end; also what was asked on the way.
pub async fn lead(script: &FlowPlugin, of: &Recorded, around: &Arc<Around>) -> (Way, Trace) {
    let random = ReplayServices::new(of.id);
    let (of, around) = (of.clone(), Arc::clone(around));
    let language = around.language.clone();
    let run = Arc::new(Run { of, around, state: Mutex::default(), random });
    let session = Caller { run: Arc::clone(&run), language, attributes: BTreeMap::new() };
    let services: Arc<dyn Services> = Arc::new(Watching(Arc::clone(&run)));
    let failed = script.run(Box::new(session), services).await.result.err();
    let mut state = std::mem::take(&mut *run.state());
    if let (Some(failure), false) = (failed, state.over) {
        state.way.failed = true;
        state.way.stations.push(format!("failure: {failure}"));
    }
    (state.way, state.trace)
}

struct Caller {
    run: Arc<Run>,
    language: String,
    attributes: BTreeMap<String, String>,
}

#[async_trait]
impl Session for Caller {
    fn id(&self) -> InteractionId {
        InteractionId(self.run.of.id)
    }

    fn channel(&self) -> Channel {
        Channel::Voice
    }

    fn caller(&self) -> Option<String> {
        let number = self.run.ask(Question::Caller);
        (!number.is_empty()).then_some(number)
    }

    fn dialled(&self) -> String {
        self.run.ask(Question::Dialled)
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
        self.run.begin()
    }

    async fn play(&mut self, _: Vec<Prompt>) -> Result<(), SessionError> {
        self.run.begin()
    }

    async fn gather(
        &mut self,
        _: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        self.run.begin()?;
        let (min, max) = (options.min_digits, options.max_digits);
        let input = self.run.ask(Question::Input(min, max, options.terminator));
        Ok(if input.is_empty() { Gathered::Nothing } else { Gathered::Input(input) })
    }

    async fn record(&mut self, max_ms: u32, silence_ms: u32) -> Result<Recording, SessionError> {
        self.run.begin()?;
        let length_ms = max_ms.min(silence_ms.saturating_add(5_000));
        Ok(Recording { length_ms, name: "recorded".to_owned() })
    }

    async fn enqueue(&mut self, queue: &str, _: QueueOptions) -> Result<QueueEnd, SessionError> {
        self.run.begin()?;
        self.run.queue(queue)?;
        self.run.station(format!("queue {queue}"));
        let closed = self.run.ask(Question::Open(queue.to_owned())) == "false";
        if closed {
            return Ok(QueueEnd::Closed);
        }
        self.run.state().way.person = true;
        let end = self.run.ask(Question::Stay(queue.to_owned()));
        if end == "abandoned" {
            self.run.state().over = true;
            return Err(SessionError::Ended);
        }
        Ok(queue_end(&end).unwrap_or(QueueEnd::Served))
    }

    async fn callback(
        &mut self,
        queue: &str,
        options: CallbackOptions,
    ) -> Result<(), SessionError> {
        self.run.begin()?;
        self.run.queue(queue)?;
        if options.address.is_none() && self.run.ask(Question::Caller).is_empty() {
            return Err(SessionError::NotPossible("there is no number to call back".to_owned()));
        }
        self.run.station(format!("callback {queue}"));
        self.run.state().way.person = true;
        Ok(())
    }

    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError> {
        self.run.begin()?;
        self.run.queue(queue)?;
        Ok(self.run.ask(Question::Open(queue.to_owned())) == "true")
    }

    async fn transfer(&mut self, to: &str) -> Result<(), SessionError> {
        self.run.begin()?;
        self.run.station(format!("transfer {to}"));
        let mut state = self.run.state();
        (state.over, state.way.person) = (true, true);
        Err(SessionError::Ended)
    }

    async fn send_digits(&mut self, _: &str) -> Result<(), SessionError> {
        self.run.begin()
    }

    fn hang_up(&mut self, reason: Option<String>) {
        let mut state = self.run.state();
        if !state.over {
            state.over = true;
            let why = reason.map(|reason| format!(" {reason}")).unwrap_or_default();
            state.way.stations.push(format!("hang up{why}"));
        }
    }
}

/// Services that remember what was asked. A minute is as exact as scripts know the time.
struct Watching(Arc<Run>);

#[async_trait]
impl Services for Watching {
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError> {
        let found = self.0.ask(Question::Card(address.to_owned()));
        let card = self.0.of.card.clone().filter(|_| !found.is_empty());
        card.ok_or(CrmError::NotFound)
    }

    async fn upsert_contact(
        &self,
        _: &str,
        _: Option<&str>,
        _: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        Ok("c1".to_owned())
    }

    async fn add_note(&self, _: &str, _: Option<&str>, _: &str) -> Result<(), CrmError> {
        Ok(())
    }

    async fn state_get(&self, _: &str) -> Result<Option<Vec<u8>>, StateError> {
        Ok(None)
    }

    async fn state_set(&self, _: &str, _: Vec<u8>, _: Option<u32>) -> Result<(), StateError> {
        Ok(())
    }

    async fn state_compare_and_set(
        &self,
        _: &str,
        _: Option<Vec<u8>>,
        _: Vec<u8>,
    ) -> Result<bool, StateError> {
        Ok(true)
    }

    fn count(&self, _: &str, _: u32) {}

    fn observe(&self, _: &str, _: f64) {}

    fn log(&self, _: LogLevel, _: &str) {}

    fn now_micros(&self) -> u64 {
        self.0.ask(Question::Minute).parse::<u64>().unwrap_or_default() * MINUTE
    }

    fn random(&self) -> f64 {
        self.0.ask(Question::Random).parse().map(f64::from_bits).unwrap_or_default()
    }
}
