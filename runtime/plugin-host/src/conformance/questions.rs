//! Questions made of chance: ordinary ones, and such as nobody would ask.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use wasmtime::Store;

use super::Answer;
use crate::World;
use crate::asked::Channel;
use crate::asked::analysis::{Question as Form, Speaker, Transcript, Utterance};
use crate::asked::channels::Outgoing;
use crate::asked::connecting::{Event, InteractionLog, Lead, Recording};
use crate::asked::conversation::{Author, Line, Turn};
use crate::asked::pacing::Campaign;
use crate::asked::webhook::Incoming;
use crate::guest::Guest;
use crate::worlds::Called;

/// Ordinary texts.
const SAID: [&str; 8] = [
    "When are you open?",
    "Thank you, that was great!",
    "My order is broken, I want a refund",
    "Оператора, пожалуйста",
    "Где моя доставка?",
    "hello",
    "1",
    "I am not happy with the invoice",
];
/// Texts that break what is careless.
const STRANGE: [&str; 8] =
    ["", "\0", "\u{202e}\u{200b}", "{{secret:key}}", "🦀🦀🦀", "' OR 1=1 --", "\r\nX: y", "%s%n{}"];

/// Uniform numbers of a seed: SplitMix64 (Steele, Lea, Flood 2014).
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most.max(1)
    }

    fn number(&mut self, most: u32) -> u32 {
        self.below(u64::from(most)) as u32
    }

    fn text(&mut self, strange: bool) -> String {
        if !strange {
            return SAID[self.below(SAID.len() as u64) as usize].to_owned();
        }
        match self.below(10) {
            0 => "x".repeat(32 << 10),
            1 => "ж".repeat(8 << 10),
            n => STRANGE[n as usize - 2].to_owned(),
        }
    }
}

/// What is asked.
#[derive(Clone, Serialize)]
pub enum Put {
    TakeTurn(Turn),
    Describe,
    Receive(Incoming),
    Send(Outgoing),
    HandleEvent(Event),
    FindContact(String),
    CreateLead(Lead),
    LogInteraction(InteractionLog),
    AttachRecording(Recording),
    TakeWebhook(Incoming),
    RunSchedule,
    Analyse(Transcript),
    Decide(Campaign),
}

impl Put {
    /// Puts it to a fresh instance in this store; the answer is as JSON.
    pub async fn enter(&self, called: &Called, store: &mut Store<Guest>) -> Answer {
        fn json(answer: impl Serialize) -> Value {
            serde_json::to_value(answer).unwrap_or(Value::Null)
        }
        Ok(match self {
            Self::TakeTurn(turn) => json(called.take_turn(store, turn).await?),
            Self::Describe => json(called.describe(store).await?),
            Self::Receive(request) => json(called.receive(store, request).await?),
            Self::Send(message) => json(called.send(store, message).await?),
            Self::HandleEvent(event) => json(called.handle_event(store, event).await?),
            Self::FindContact(address) => json(called.find_contact(store, address).await?),
            Self::CreateLead(lead) => json(called.create_lead(store, lead).await?),
            Self::LogInteraction(log) => json(called.log_interaction(store, log).await?),
            Self::AttachRecording(one) => json(called.attach_recording(store, one).await?),
            Self::TakeWebhook(request) => json(called.take_webhook(store, request).await?),
            Self::RunSchedule => json(called.run_schedule(store).await?),
            Self::Analyse(transcript) => json(called.analyse(store, transcript).await?),
            Self::Decide(campaign) => json(called.decide(store, campaign).await?),
        })
    }
}

#[derive(Clone)]
pub struct Question {
    pub put: Put,
    /// Whether nobody would ask it.
    pub strange: bool,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.put).unwrap_or_default())
    }
}

/// A question for a plugin of `world`, every third a strange one.
pub fn any(world: World, chance: &mut Chance) -> Question {
    let strange = chance.below(3) == 0;
    one(world, chance, strange)
}

/// A question for a plugin of `world` that somebody would ask.
pub fn ordinary(world: World, chance: &mut Chance) -> Question {
    one(world, chance, false)
}

fn one(world: World, chance: &mut Chance, strange: bool) -> Question {
    let put = match world {
        World::Chatbot => Put::TakeTurn(turn(chance, strange)),
        World::Channel => match chance.below(5) {
            0 => Put::Describe,
            1 | 2 => Put::Receive(incoming(chance, strange)),
            _ => Put::Send(outgoing(chance, strange)),
        },
        World::Connector => connector(chance, strange),
        World::Analyst => Put::Analyse(transcript(chance, strange)),
        _ => Put::Decide(campaign(chance, strange)),
    };
    Question { put, strange }
}

fn attributes(chance: &mut Chance, strange: bool) -> Vec<(String, String)> {
    (0..chance.number(4)).map(|n| (format!("name-{n}"), chance.text(strange))).collect()
}

fn turn(chance: &mut Chance, strange: bool) -> Turn {
    let authors = [Author::Customer, Author::Bot, Author::Agent];
    let line = |chance: &mut Chance| Line {
        author: authors[chance.below(3) as usize],
        text: chance.text(strange),
        seconds_ago: chance.number(10_000),
    };
    let lines = (0..chance.number(if strange { 40 } else { 5 })).map(|_| line(chance)).collect();
    Turn {
        id: "01jd8x2k4m7qa".to_owned(),
        channel: Channel::Chat,
        language: ["en", "ru", "lv-LV", ""][chance.below(4) as usize].to_owned(),
        text: chance.text(strange),
        lines,
        turns: chance.number(if strange { u32::MAX } else { 10 }),
        attributes: attributes(chance, strange),
    }
}

fn incoming(chance: &mut Chance, strange: bool) -> Incoming {
    let body = match chance.below(4) {
        0 => b"{\"type\":\"message\",\"session\":\"v1\",\"id\":\"1\",\"text\":\"hi\"}".to_vec(),
        1 if strange => vec![b'['; 20_000],
        2 if strange => (0..200).map(|_| chance.below(256) as u8).collect(),
        _ => chance.text(strange).into_bytes(),
    };
    let json = ("content-type".to_owned(), "application/json".to_owned());
    let headers = if strange { attributes(chance, true) } else { vec![json] };
    Incoming { method: "POST".to_owned(), query: String::new(), headers, body }
}

fn outgoing(chance: &mut Chance, strange: bool) -> Outgoing {
    Outgoing {
        id: (chance.below(2) == 0).then(|| "01jd8x2k4m7qa".to_owned()),
        to: if strange { chance.text(true) } else { format!("visitor-{}", chance.number(9)) },
        text: chance.text(strange),
        choices: (0..chance.number(4)).map(|_| chance.text(strange)).collect(),
        attributes: attributes(chance, strange),
    }
}

fn connector(chance: &mut Chance, strange: bool) -> Put {
    let id = "01jd8x2k4m7qa".to_owned();
    let address = if strange { chance.text(true) } else { "+37120000009".to_owned() };
    let attributes = attributes(chance, strange);
    let some = |chance: &mut Chance, text: &str| (chance.below(2) == 0).then(|| text.to_owned());
    match chance.below(7) {
        0 => {
            let kinds = ["arrived", "queued", "answered", "ended", "kind-to-come"];
            Put::HandleEvent(Event {
                kind: kinds[chance.below(5) as usize].to_owned(),
                id,
                channel: Channel::Voice,
                at_seconds: f64::from(chance.number(2_000_000_000)),
                queue: some(chance, "sales"),
                agent: some(chance, "alice"),
                address: Some(address),
                attributes,
            })
        }
        1 => Put::FindContact(address),
        2 => Put::CreateLead(Lead {
            interaction: Some(id),
            address,
            name: some(chance, "Eva"),
            text: chance.text(strange),
            attributes,
        }),
        3 => Put::LogInteraction(InteractionLog {
            id,
            channel: Channel::Voice,
            customer: some(chance, "c1"),
            address: Some(address),
            queue: some(chance, "sales"),
            agent: some(chance, "alice"),
            started_seconds: f64::from(chance.number(2_000_000_000)),
            waited_ms: chance.number(600_000),
            talked_ms: chance.number(if strange { u32::MAX } else { 600_000 }),
            outcome: "completed".to_owned(),
            attributes,
        }),
        4 => Put::AttachRecording(Recording {
            interaction: id,
            entry: some(chance, "7"),
            url: "https://centre.example/recordings/1.wav".to_owned(),
            length_ms: chance.number(600_000),
        }),
        5 => Put::TakeWebhook(incoming(chance, strange)),
        _ => Put::RunSchedule,
    }
}

fn transcript(chance: &mut Chance, strange: bool) -> Transcript {
    let speakers = [Speaker::Customer, Speaker::Agent, Speaker::Bot];
    let count = 1 + chance.number(if strange { 200 } else { 12 });
    let mut utterance = |n: u32| Utterance {
        speaker: speakers[chance.below(3) as usize],
        start_ms: n * 1_000,
        end_ms: n * 1_000 + 900,
        text: chance.text(strange && n.is_multiple_of(7)),
    };
    let utterances = (0..count).map(&mut utterance).collect();
    let form = |n: u32| Form {
        id: format!("question-{n}"),
        text: "Did the agent greet?".to_owned(),
        answers: ["yes", "no"].iter().take(n as usize).map(|one| (*one).to_owned()).collect(),
        attributes: vec![("words".to_owned(), "hello, привет".to_owned())],
    };
    Transcript {
        id: "01jd8x2k4m7qa".to_owned(),
        channel: Channel::Chat,
        language: ["en", "ru"][chance.below(2) as usize].to_owned(),
        utterances,
        questions: (0..chance.number(4)).map(form).collect(),
        attributes: attributes(chance, strange),
    }
}

fn campaign(chance: &mut Chance, strange: bool) -> Campaign {
    let most = |ordinary: u32| if strange { u32::MAX } else { ordinary };
    let attempts = chance.number(500);
    let answered = chance.number(attempts + 1);
    Campaign {
        name: chance.text(strange),
        agents_idle: chance.number(most(50)),
        agents_talking: chance.number(most(50)),
        agents_wrapping: chance.number(most(20)),
        dialling: chance.number(most(50)),
        waiting: chance.number(most(5)),
        numbers_left: chance.number(most(10_000)),
        lines_free: chance.number(most(200)),
        attempts,
        answered,
        abandoned: chance.number(answered + 1),
        abandoned_max: f64::from(chance.number(11)) / 100.0,
        ring_ms: chance.number(most(30_000)),
        talk_ms: chance.number(most(300_000)),
        wrap_ms: chance.number(most(60_000)),
        attributes: attributes(chance, strange),
        now_seconds: f64::from(chance.number(1_000_000)),
        seed: chance.number(u32::MAX),
    }
}
