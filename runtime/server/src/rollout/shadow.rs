//! A candidate that is asked what the active version was asked, off the way of routing, and not obeyed.
//!
//! Questions wait in a short line; what does not fit in is skipped and counted. One is answered at a
//! time, and after it the candidate rests so that it takes no more than its share of the time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jackfield_core::Attribute;
use jackfield_plugin_host::asked::outbound::{self, HttpError};
use jackfield_plugin_host::{Card, CrmError, LogLevel, Services, StateError};
use tokio::sync::mpsc;

use super::asked::{Answered, Asked, Asker};

/// Differences that are kept, the latest.
const DIFFERENCES: usize = 50;
/// The share of the time that a candidate may be asked.
const TIME_SHARE: u32 = 10;
/// Rest that is saved up before it is taken: a timer has a grain of a millisecond.
const REST_AT_ONCE: Duration = Duration::from_millis(20);
/// Bytes and keys that a candidate may keep besides.
const OVERLAY_BYTES: usize = 1 << 20;
const OVERLAY_KEYS: usize = 10_000;

/// What the active version was asked and what it answered.
pub struct Exchange {
    /// The question.
    pub asked: Asked,
    /// The answer that counts.
    pub active: Result<Answered, &'static str>,
    /// How long it took.
    pub took: Duration,
}

/// Both answers to one question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Microseconds since the Unix epoch.
    pub at: u64,
    /// Who: a contact, or a campaign.
    pub about: String,
    /// Where it waits, if it does.
    pub queue: Option<String>,
    /// What was done.
    pub active: String,
    /// What the candidate would have done.
    pub candidate: String,
}

/// What a shadow has found so far.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Answers of the candidate.
    pub answered: u64,
    /// Those that were the active version's.
    pub agreed: u64,
    /// Those that were not.
    pub differed: u64,
    /// Failures by label.
    pub failures: BTreeMap<&'static str, u64>,
    /// Questions that it was not asked, for want of time.
    pub skipped: u64,
    /// The time of its answers and failures, all together, and the longest.
    pub time: Duration,
    /// The longest.
    pub longest: Duration,
    /// The time of the active version's answers to the same questions, with the wait for an instance.
    pub active_time: Duration,
    /// The latest differences, the newest last.
    pub differences: VecDeque<Difference>,
}

/// One candidate that is asked.
pub struct Shadow {
    line: mpsc::Sender<Exchange>,
    found: Arc<Mutex<Found>>,
}

impl Shadow {
    /// Starts asking `candidate`, until this is dropped; at most `waiting` questions wait.
    pub fn start(candidate: Asker, services: Arc<dyn Services>, waiting: usize) -> Arc<Self> {
        let (line, mut questions) = mpsc::channel::<Exchange>(waiting.max(1));
        let found = Arc::new(Mutex::new(Found::default()));
        let kept = Arc::clone(&found);
        tokio::spawn(async move {
            let mut rest = Duration::ZERO;
            while let Some(question) = questions.recv().await {
                let began = Instant::now();
                let answer = candidate.answer(&question.asked, Arc::clone(&services)).await;
                let took = began.elapsed();
                let at = services.now_micros();
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .note(at, question, answer, took);
                rest += took * (TIME_SHARE - 1);
                if REST_AT_ONCE <= rest {
                    tokio::time::sleep(std::mem::take(&mut rest)).await;
                }
            }
        });
        Arc::new(Self { line, found })
    }

    /// Hands a question over. Never waits.
    pub fn ask(&self, question: Exchange) {
        if self.line.try_send(question).is_err() {
            self.lock().skipped += 1;
        }
    }

    /// What it has found so far.
    pub fn found(&self) -> Found {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// Takes in one answer.
    fn note(
        &mut self,
        at: u64,
        question: Exchange,
        candidate: Result<Answered, &'static str>,
        took: Duration,
    ) {
        self.time += took;
        self.longest = self.longest.max(took);
        self.active_time += question.took;
        match &candidate {
            Ok(_) => self.answered += 1,
            Err(failure) => *self.failures.entry(failure).or_default() += 1,
        }
        if candidate == question.active {
            self.agreed += u64::from(candidate.is_ok());
            return;
        }
        self.differed += u64::from(candidate.is_ok());
        if self.differences.len() == DIFFERENCES {
            self.differences.pop_front();
        }
        self.differences.push_back(Difference {
            at,
            about: question.asked.about(),
            queue: question.asked.queue(),
            active: words(&question.active),
            candidate: words(&candidate),
        });
    }
}

fn words(choice: &Result<Answered, &'static str>) -> String {
    match choice {
        Ok(answer) => answer.words(),
        Err(failure) => format!("failed: {failure}"),
    }
}

#[derive(Default)]
struct Overlay {
    values: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

/// A tenant's services for a candidate that must change nothing: it reads what is there, and what it
/// writes only it sees, until the shadow ends.
pub struct ShadowServices {
    inner: Arc<dyn Services>,
    /// What its lines begin with.
    mark: &'static str,
    /// Whether it finds what the active version keeps.
    sees: bool,
    overlay: Mutex<Overlay>,
}

impl ShadowServices {
    /// Reads by `inner`; the lines are marked.
    pub fn new(inner: Arc<dyn Services>, mark: &'static str) -> Self {
        Self { inner, mark, sees: true, overlay: Mutex::default() }
    }

    /// Finds these values in stead of what the active version keeps.
    #[must_use]
    pub fn with_state(mut self, values: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let values: BTreeMap<_, _> = values.into_iter().collect();
        let bytes = values.iter().map(|(key, value)| key.len() + value.len()).sum();
        (self.sees, self.overlay) = (false, Mutex::new(Overlay { values, bytes }));
        self
    }

    fn own(&self, key: &str) -> Option<Vec<u8>> {
        let overlay = self.overlay.lock().unwrap_or_else(PoisonError::into_inner);
        overlay.values.get(key).cloned()
    }

    fn write(&self, key: &str, value: Vec<u8>) -> Result<(), StateError> {
        let mut overlay = self.overlay.lock().unwrap_or_else(PoisonError::into_inner);
        let old = overlay.values.get(key).map_or(0, |old| key.len() + old.len());
        let bytes = overlay.bytes - old + key.len() + value.len();
        let one_more = old == 0 && OVERLAY_KEYS <= overlay.values.len();
        if OVERLAY_BYTES < bytes || one_more {
            return Err(StateError::Quota);
        }
        overlay.bytes = bytes;
        overlay.values.insert(key.to_owned(), value);
        Ok(())
    }
}

#[async_trait]
impl Services for ShadowServices {
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError> {
        self.inner.find_contact(address).await
    }

    async fn upsert_contact(
        &self,
        _: &str,
        _: Option<&str>,
        _: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        Err(CrmError::Unavailable)
    }

    async fn add_note(&self, _: &str, _: Option<&str>, _: &str) -> Result<(), CrmError> {
        Err(CrmError::Unavailable)
    }

    async fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        match self.own(key) {
            Some(value) => Ok(Some(value)),
            None if self.sees => self.inner.state_get(key).await,
            None => Ok(None),
        }
    }

    async fn state_set(&self, key: &str, value: Vec<u8>, _: Option<u32>) -> Result<(), StateError> {
        self.write(key, value)
    }

    async fn state_compare_and_set(
        &self,
        key: &str,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, StateError> {
        if self.state_get(key).await? != expected {
            return Ok(false);
        }
        self.write(key, value)?;
        Ok(true)
    }

    async fn contact_addresses(
        &self,
        contact: &str,
    ) -> Result<(Vec<String>, Vec<String>), CrmError> {
        self.inner.contact_addresses(contact).await
    }

    fn settings(&self) -> Vec<Attribute> {
        self.inner.settings()
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.inner.secret(name)
    }

    // Whoever takes a request outside may do something about it.
    async fn http(&self, _: outbound::Request) -> Result<outbound::Response, HttpError> {
        Err(HttpError::NotAllowed("whoever is only asked sends nothing outside".to_owned()))
    }

    // Its counters would be mixed up with the active version's.
    fn count(&self, _: &str, _: u32) {}

    fn observe(&self, _: &str, _: f64) {}

    fn log(&self, level: LogLevel, message: &str) {
        self.inner.log(level, &format!("({}) {message}", self.mark));
    }

    fn now_micros(&self) -> u64 {
        self.inner.now_micros()
    }

    fn random(&self) -> f64 {
        self.inner.random()
    }
}
