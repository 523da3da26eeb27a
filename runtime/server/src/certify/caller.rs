//! A made-up customer: what it does is a list of choices, 0 being what makes least trouble. A list that
//! ends goes on with zeros, so that a shorter list with smaller numbers is a plainer customer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jackfield_core::{Channel, InteractionId, QueueEnd, QueueOptions};
use jackfield_plugin_host::{
    CallbackOptions, GatherOptions, Gathered, Prompt, Recorded, Session, SessionError,
};
use jackfield_sim::Seed;

/// A customer who is still there after so many verbs is in a loop, and hangs up.
pub const VERBS_MAX: u32 = 500;
/// A flow may go on for so many verbs once its customer is gone.
pub const VERBS_AFTER: u32 = 100;
/// Verbs that are told.
const TOLD_MAX: usize = 2_000;
/// Choices of a customer.
const CHOICES: usize = 64;

/// What a customer does.
pub type Choices = Vec<u8>;

/// Makes up what a customer does: every second one decides at each step anew, the others say nothing
/// or press one wrong key for ever.
pub fn made_up(seed: u64) -> Choices {
    let mut pcg = Seed::new(seed).branch("caller").pcg();
    let mut choices: Choices =
        (0..CHOICES).map(|_| if pcg.happens(0.4) { 0 } else { pcg.below(256) as u8 }).collect();
    choices[0] = pcg.below(4) as u8;
    if pcg.happens(0.3) {
        // Never hangs up and finds everything as it should be.
        choices.truncate(3 + pcg.below(12) as usize);
    }
    choices
}

/// What was seen of a flow.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Seen {
    /// Verbs and what came of them, in words.
    pub told: Vec<String>,
    /// Verbs while the customer was there.
    pub verbs: u32,
    /// Verbs after that.
    pub after: u32,
    /// Whether the customer has left.
    pub gone: bool,
    /// Whether the customer had to give up.
    pub gave_up: bool,
}

/// How the customer answers questions.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Varied,
    Silent,
    Wrong,
}

/// The customer.
pub struct Caller {
    choices: std::vec::IntoIter<u8>,
    mood: Mood,
    channel: Channel,
    known: bool,
    language: String,
    attributes: BTreeMap<String, String>,
    seen: Arc<Mutex<Seen>>,
}

impl Caller {
    /// A customer who does this; what is seen is kept in `seen`.
    pub fn new(choices: &Choices, seen: Arc<Mutex<Seen>>) -> Self {
        let mut choices = choices.clone().into_iter();
        let mut first = |count: u8| choices.next().unwrap_or_default() % count;
        let mood = [Mood::Varied, Mood::Silent, Mood::Wrong, Mood::Varied][usize::from(first(4))];
        let channels = [Channel::Voice, Channel::Voice, Channel::Voice, Channel::Chat];
        let (channel, known) = (channels[usize::from(first(4))], first(4) != 3);
        Self {
            choices,
            mood,
            channel,
            known,
            language: "en".to_owned(),
            attributes: BTreeMap::new(),
            seen,
        }
    }

    /// The number that it shows.
    pub const NUMBER: &str = "+441632960011";

    fn choose(&mut self, count: u8) -> u8 {
        self.choices.next().unwrap_or_default() % count
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: String) {
        let mut seen = self.seen();
        if seen.told.len() < TOLD_MAX {
            seen.told.push(what);
        }
    }

    /// Begins a verb; the customer may have hung up, or do so now.
    fn begin(&mut self, verb: &str) -> Result<(), SessionError> {
        let hangs_up = !self.seen().gone && self.choose(16) == 15;
        let mut seen = self.seen();
        if seen.gone {
            seen.after += 1;
            let after = seen.after;
            drop(seen);
            if after <= 3 {
                self.tell(format!("{verb}: the customer is gone"));
            }
            return Err(SessionError::Ended);
        }
        seen.verbs += 1;
        seen.gave_up = VERBS_MAX <= seen.verbs;
        seen.gone = seen.gave_up || hangs_up;
        let (gone, gave_up) = (seen.gone, seen.gave_up);
        drop(seen);
        if gone {
            let why = if gave_up { "gives up" } else { "hangs up" };
            self.tell(format!("{verb}: the customer {why}"));
            return Err(SessionError::Ended);
        }
        Ok(())
    }

    fn leave(&self, verb: String) -> SessionError {
        self.seen().gone = true;
        self.tell(verb);
        SessionError::Ended
    }

    fn fails(&self, verb: &str, error: SessionError) -> SessionError {
        self.tell(format!("{verb}: {error}"));
        error
    }

    fn input(&mut self, options: &GatherOptions) -> Gathered {
        let chosen = self.choose(7);
        let digit = char::from(b'0' + self.choose(10));
        let (least, most) = (usize::from(options.min_digits.max(1)), options.max_digits);
        let text = match (self.mood, chosen) {
            (Mood::Silent, _) => return Gathered::Nothing,
            (Mood::Wrong, _) => "9".repeat(least),
            (Mood::Varied, 1) => return Gathered::Nothing,
            (Mood::Varied, 2) => digit.to_string().repeat(least),
            (Mood::Varied, 3) => digit.to_string().repeat(usize::from(most)),
            (Mood::Varied, 4) => "*".repeat(least),
            (Mood::Varied, 5) if self.channel == Channel::Chat => {
                "I'd like… \u{1F600} ДА".to_owned()
            }
            (Mood::Varied, 6) if self.channel == Channel::Chat => "y".repeat(4_000),
            (Mood::Varied, _) => "1".repeat(least),
        };
        Gathered::Input(text)
    }
}

fn prompts(prompts: &[Prompt]) -> String {
    let short = |text: &str| text.chars().take(50).collect::<String>();
    let one = |prompt: &Prompt| match prompt {
        Prompt::Text(text) => format!("\"{}\"", short(text)),
        Prompt::Named(name) => short(name),
        Prompt::PauseMs(span) => format!("{span} ms"),
    };
    prompts.iter().take(4).map(one).collect::<Vec<_>>().join(", ")
}

#[async_trait]
impl Session for Caller {
    fn id(&self) -> InteractionId {
        InteractionId(1)
    }

    fn channel(&self) -> Channel {
        self.channel
    }

    fn caller(&self) -> Option<String> {
        self.known.then(|| Self::NUMBER.to_owned())
    }

    fn dialled(&self) -> String {
        "100".to_owned()
    }

    fn language(&self) -> String {
        self.language.clone()
    }

    fn set_language(&mut self, tag: &str) -> Result<(), SessionError> {
        if self.choose(8) == 7 {
            let unknown = SessionError::UnknownName(format!("language `{tag}`"));
            return Err(self.fails(&format!("language {tag}"), unknown));
        }
        tag.clone_into(&mut self.language);
        Ok(())
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.get(name).cloned()
    }

    fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        if self.choose(16) == 14 {
            let full = SessionError::Limit("attributes".to_owned());
            return Err(self.fails(&format!("set {name}"), full));
        }
        self.attributes.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn answer(&mut self) -> Result<(), SessionError> {
        self.begin("answer")?;
        self.tell("answer".to_owned());
        Ok(())
    }

    async fn play(&mut self, what: Vec<Prompt>) -> Result<(), SessionError> {
        let verb = format!("play {}", prompts(&what));
        self.begin(&verb)?;
        let named = what.iter().find_map(|prompt| match prompt {
            Prompt::Named(name) => Some(name.clone()),
            _ => None,
        });
        if let Some(name) = named
            && self.choose(8) == 7
        {
            return Err(self.fails(&verb, SessionError::UnknownName(format!("prompt `{name}`"))));
        }
        self.tell(verb);
        Ok(())
    }

    async fn gather(
        &mut self,
        what: Vec<Prompt>,
        options: GatherOptions,
    ) -> Result<Gathered, SessionError> {
        let verb = format!("gather {}", prompts(&what));
        self.begin(&verb)?;
        let input = self.input(&options);
        self.tell(match &input {
            Gathered::Nothing => format!("{verb}: nothing"),
            Gathered::Input(text) => {
                format!("{verb}: {}", text.chars().take(40).collect::<String>())
            }
        });
        Ok(input)
    }

    async fn record(&mut self, max_ms: u32, _: u32) -> Result<Recorded, SessionError> {
        self.begin("record")?;
        if self.channel == Channel::Chat || self.choose(8) == 7 {
            let silent = SessionError::NotPossible("the channel has no sound".to_owned());
            return Err(self.fails("record", silent));
        }
        let length_ms = max_ms.min(u32::from(self.choose(8)) * 1_000);
        self.tell(format!("record: {length_ms} ms"));
        Ok(Recorded { length_ms, name: "recording".to_owned() })
    }

    async fn enqueue(&mut self, queue: &str, _: QueueOptions) -> Result<QueueEnd, SessionError> {
        let verb = format!("enqueue {queue}");
        self.begin(&verb)?;
        let end = match self.choose(9) {
            1 => QueueEnd::TimedOut,
            2 => QueueEnd::Full,
            3 => QueueEnd::Closed,
            4 => QueueEnd::NoAgents,
            5 => QueueEnd::LeftByKey('0'),
            6 => QueueEnd::Callback,
            7 => return Err(self.leave(format!("{verb}: the customer hangs up"))),
            8 => {
                let unknown = SessionError::UnknownName(format!("queue `{queue}`"));
                return Err(self.fails(&verb, unknown));
            }
            _ => QueueEnd::Served,
        };
        self.tell(format!("{verb}: {end:?}"));
        Ok(end)
    }

    async fn callback(&mut self, queue: &str, _: CallbackOptions) -> Result<(), SessionError> {
        let verb = format!("callback {queue}");
        self.begin(&verb)?;
        match self.choose(4) {
            2 => Err(self.fails(&verb, SessionError::Limit("callbacks".to_owned()))),
            3 => {
                let none = SessionError::NotPossible("there is no number to call back".to_owned());
                Err(self.fails(&verb, none))
            }
            _ => {
                self.tell(verb);
                Ok(())
            }
        }
    }

    async fn is_open(&mut self, queue: &str) -> Result<bool, SessionError> {
        let verb = format!("is-open {queue}");
        self.begin(&verb)?;
        let open = match self.choose(4) {
            3 => {
                let unknown = SessionError::UnknownName(format!("queue `{queue}`"));
                return Err(self.fails(&verb, unknown));
            }
            chosen => chosen != 2,
        };
        self.tell(format!("{verb}: {open}"));
        Ok(open)
    }

    async fn transfer(&mut self, to: &str) -> Result<(), SessionError> {
        let verb = format!("transfer {to}");
        self.begin(&verb)?;
        match self.choose(4) {
            2 => Err(self.fails(&verb, SessionError::NotPossible("nobody answers".to_owned()))),
            3 => {
                self.tell(format!("{verb}: back again"));
                Ok(())
            }
            _ => Err(self.leave(verb)),
        }
    }

    async fn send_digits(&mut self, digits: &str) -> Result<(), SessionError> {
        let verb = format!("send-digits {digits}");
        self.begin(&verb)?;
        self.tell(verb);
        Ok(())
    }

    fn hang_up(&mut self, _: Option<String>) {
        self.seen().gone = true;
        self.tell("hang-up".to_owned());
    }
}
