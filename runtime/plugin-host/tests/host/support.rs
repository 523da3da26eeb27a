//! A session that follows a script of digits and writes a transcript; services that remember.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jackfield_core::{Attribute, Channel, InteractionId, QueueEnd, QueueOptions};
use jackfield_plugin_host::*;

/// The host of all tests: one pool, one cache.
pub static HOST: LazyLock<PluginHost> = LazyLock::new(|| PluginHost::new(config()).unwrap());

/// The host of replays: it has no worker at all.
pub static METERED: LazyLock<MeteredHost> = LazyLock::new(|| {
    let host = HostConfig { worker: Vec::new(), compile_in_process: true, ..config() };
    MeteredHost::new(MeteredConfig::new(host)).unwrap()
});

pub fn config() -> HostConfig {
    HostConfig {
        cache_dir: cache_dir(),
        worker: vec![worker()],
        compile_time: Duration::from_secs(300),
        flow_instances_max: 600,
        router_instances_max: 64,
        ..HostConfig::default()
    }
}

/// The worker of the same build: cargo names it to tests, benchmarks find it beside themselves.
fn worker() -> String {
    let beside = || std::env::current_exe().unwrap().parent().unwrap().join("../plugin-worker");
    let named = option_env!("CARGO_BIN_EXE_plugin-worker").map(str::to_owned);
    named.unwrap_or_else(|| beside().display().to_string())
}

/// Kept between runs: an interpreter is compiled once for each build of the host.
fn cache_dir() -> PathBuf {
    let own = option_env!("CARGO_TARGET_TMPDIR").map(PathBuf::from);
    own.unwrap_or_else(std::env::temp_dir).join("jackfield-plugin-cache")
}

/// A guest that `make plugins` built.
#[track_caller]
pub fn guest(name: &str) -> Vec<u8> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/plugins");
    let dir = std::env::var("JACKFIELD_PLUGINS_DIR").unwrap_or_else(|_| usual.to_owned());
    let path = PathBuf::from(dir).join(format!("{name}.wasm"));
    match std::fs::read(&path) {
        Ok(wasm) => wasm,
        Err(error) => panic!("{}: {error}; run `make plugins` first", path.display()),
    }
}

/// The digest of the rhai interpreter, installed once.
pub fn interpreter() -> String {
    static DIGEST: LazyLock<String> = LazyLock::new(|| {
        let wasm = guest("flow-rhai");
        HOST.install(&wasm, World::Interpreter, &Grants::all()).unwrap().digest
    });
    DIGEST.clone()
}

/// Writes down what a flow does to it.
pub struct Scripted {
    /// What the customer presses, one entry for each question; `*gone` hangs up.
    pub inputs: VecDeque<String>,
    pub dialled: String,
    pub caller: Option<String>,
    pub queue_end: QueueEnd,
    pub language: String,
    pub attributes: BTreeMap<String, String>,
    pub gone: bool,
    /// How long each verb takes.
    pub verb_time: Duration,
    pub transcript: Transcript,
}

pub type Transcript = Arc<Mutex<String>>;

impl Scripted {
    pub fn new(inputs: &[&str]) -> Self {
        Self {
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            dialled: "800".to_owned(),
            caller: Some("+441632960011".to_owned()),
            queue_end: QueueEnd::Served,
            language: "en".to_owned(),
            attributes: BTreeMap::new(),
            gone: false,
            verb_time: Duration::ZERO,
            transcript: Transcript::default(),
        }
    }

    async fn verb(&mut self, line: String) -> Result<(), SessionError> {
        if self.gone {
            return Err(SessionError::Ended);
        }
        if !self.verb_time.is_zero() {
            tokio::time::sleep(self.verb_time).await;
        }
        self.transcript.lock().unwrap().push_str(&format!("{line}\n"));
        Ok(())
    }
}

fn words(prompts: &[Prompt]) -> String {
    let word = |prompt: &Prompt| match prompt {
        Prompt::Text(text) => format!("\"{text}\""),
        Prompt::Named(name) => format!("<{name}>"),
        Prompt::PauseMs(span) => format!("{span} ms"),
    };
    prompts.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[async_trait]
impl Session for Scripted {
    fn id(&self) -> InteractionId {
        InteractionId(7)
    }
    fn channel(&self) -> Channel {
        Channel::Voice
    }
    fn caller(&self) -> Option<String> {
        self.caller.clone()
    }
    fn dialled(&self) -> String {
        self.dialled.clone()
    }
    fn language(&self) -> String {
        self.language.clone()
    }
    fn set_language(&mut self, tag: &str) -> Result<(), SessionError> {
        if tag != "en" && tag != "ru" {
            return Err(SessionError::UnknownName(tag.to_owned()));
        }
        self.language = tag.to_owned();
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
        self.verb("answer".to_owned()).await
    }
    async fn play(&mut self, prompts: Vec<Prompt>) -> Result<(), SessionError> {
        if let Some(Prompt::Named(name)) =
            prompts.iter().find(|one| **one == Prompt::Named("missing".to_owned()))
        {
            return Err(SessionError::UnknownName(name.clone()));
        }
        self.verb(format!("play {}", words(&prompts))).await
    }
    async fn gather(
        &mut self,
        prompts: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        let GatherOptions { min_digits, max_digits, terminator, .. } = options;
        let first = options.first_digit_timeout_ms;
        let input = self.inputs.pop_front().unwrap_or_default();
        let end = terminator.map_or(String::new(), |key| format!(" end {key}"));
        let line = format!(
            "gather {min_digits}-{max_digits}{end} in {first} ms {} -> \"{input}\"",
            words(&prompts)
        );
        self.verb(line).await?;
        if input == "*gone" {
            self.gone = true;
            return Err(SessionError::Ended);
        }
        Ok(if input.is_empty() { Gathered::Nothing } else { Gathered::Input(input) })
    }
    async fn record(&mut self, max_ms: u32, silence_ms: u32) -> Result<Recorded, SessionError> {
        self.verb(format!("record {max_ms} ms, silence {silence_ms} ms")).await?;
        Ok(Recorded { length_ms: 1_500, name: "rec-1".to_owned() })
    }
    async fn enqueue(
        &mut self,
        queue: &str,
        options: QueueOptions,
    ) -> Result<QueueEnd, SessionError> {
        if queue == "nowhere" {
            return Err(SessionError::UnknownName(queue.to_owned()));
        }
        let levels = |skills: &[jackfield_core::SkillLevel]| {
            let one = |skill: &jackfield_core::SkillLevel| {
                format!("{} {}", skill.name, skill.level.get())
            };
            skills.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let line = format!(
            "enqueue {queue} priority {} required [{}] preferred [{}] max_wait {:?} {:?}",
            options.priority,
            levels(&options.required),
            levels(&options.preferred),
            options.max_wait,
            options.attributes
        );
        self.verb(line).await?;
        Ok(self.queue_end)
    }
    async fn callback(
        &mut self,
        queue: &str,
        options: CallbackOptions,
    ) -> Result<(), SessionError> {
        self.verb(format!("callback {queue} {options:?}")).await
    }
    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError> {
        if queue == "nowhere" {
            return Err(SessionError::UnknownName(queue.to_owned()));
        }
        self.verb(format!("is_open {queue}")).await?;
        Ok(queue != "closed")
    }
    async fn transfer(&mut self, destination: &str) -> Result<(), SessionError> {
        self.verb(format!("transfer {destination}")).await
    }
    async fn send_digits(&mut self, digits: &str) -> Result<(), SessionError> {
        self.verb(format!("send_digits {digits}")).await
    }
    fn hang_up(&mut self, reason: Option<String>) {
        let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
        self.transcript.lock().unwrap().push_str(&format!("hang_up{reason}\n"));
        self.gone = true;
    }
}

/// What a tenant offers: a customer with one known number, and a list of what was done.
#[derive(Default)]
pub struct Books {
    pub done: Mutex<String>,
    pub state: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Books {
    fn write(&self, line: String) {
        self.done.lock().unwrap().push_str(&format!("{line}\n"));
    }

    pub fn lines(&self) -> String {
        self.done.lock().unwrap().clone()
    }
}

#[async_trait]
impl Services for Books {
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError> {
        if address != "+441632960011" {
            return Err(CrmError::NotFound);
        }
        Ok(Card {
            id: "c1".to_owned(),
            name: "Ada".to_owned(),
            language: Some("ru".to_owned()),
            segment: None,
            fields: vec![("plan".to_owned(), "gold".to_owned())],
        })
    }
    async fn upsert_contact(
        &self,
        address: &str,
        name: Option<&str>,
        fields: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        self.write(format!("upsert {address} {name:?} {fields:?}"));
        Ok("c2".to_owned())
    }
    async fn add_note(
        &self,
        contact: &str,
        interaction: Option<&str>,
        text: &str,
    ) -> Result<(), CrmError> {
        self.write(format!("note {contact} {interaction:?} {text}"));
        Ok(())
    }
    async fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.state.lock().unwrap().get(key).cloned())
    }
    async fn state_set(
        &self,
        key: &str,
        value: Vec<u8>,
        _ttl_seconds: Option<u32>,
    ) -> Result<(), StateError> {
        self.state.lock().unwrap().insert(key.to_owned(), value);
        Ok(())
    }
    async fn state_compare_and_set(
        &self,
        _key: &str,
        _expected: Option<Vec<u8>>,
        _value: Vec<u8>,
    ) -> Result<bool, StateError> {
        Err(StateError::Unavailable)
    }
    fn count(&self, counter: &str, amount: u32) {
        self.write(format!("count {counter} {amount}"));
    }
    fn observe(&self, distribution: &str, value: f64) {
        self.write(format!("observe {distribution} {value}"));
    }
    fn log(&self, level: LogLevel, message: &str) {
        self.write(format!("{level:?} {message}"));
    }
    fn now_micros(&self) -> u64 {
        1_772_323_200_000_000
    }
    fn random(&self) -> f64 {
        0.25
    }
}

/// Runs a flow and returns the transcript, the books and the end.
pub async fn play(flow: &FlowPlugin, session: Scripted) -> String {
    let transcript = Arc::clone(&session.transcript);
    let books = Arc::new(Books::default());
    let outcome = flow.run(Box::new(session), Arc::clone(&books) as Arc<dyn Services>).await;
    let end = match outcome.result {
        Ok(()) => "returned".to_owned(),
        Err(failure) => failure.to_string(),
    };
    let done = transcript.lock().unwrap().clone();
    format!("{done}{}=> {end}\n", books.lines())
}
