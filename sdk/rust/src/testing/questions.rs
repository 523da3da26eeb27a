//! Questions of the worlds that are asked once in a while, with ordinary values: a test changes what
//! it is about.

use crate::analyst::{Question, Speaker, Transcript, Utterance};
use crate::channel::{Incoming, Outgoing};
use crate::chatbot::Turn;
use crate::connector::Event;
use crate::pacer::Campaign;
use crate::{Attribute, Channel};

const ID: &str = "0000000000000";

/// A chatbot's turn in a chat in English: the customer has just written `text`.
pub fn turn(text: &str, attributes: &[(&str, &str)]) -> Turn {
    Turn {
        id: ID.to_owned(),
        channel: Channel::Chat,
        language: "en".to_owned(),
        text: text.to_owned(),
        lines: Vec::new(),
        turns: 0,
        attributes: owned(attributes),
    }
}

/// A webhook with this body, as JSON.
pub fn incoming(body: &str) -> Incoming {
    Incoming {
        method: "POST".to_owned(),
        query: String::new(),
        headers: owned(&[("content-type", "application/json")]),
        body: body.as_bytes().to_vec(),
    }
}

/// A message to a customer of a channel, part of a conversation.
pub fn outgoing(to: &str, text: &str) -> Outgoing {
    Outgoing {
        id: Some(ID.to_owned()),
        to: to.to_owned(),
        text: text.to_owned(),
        choices: Vec::new(),
        attributes: Vec::new(),
    }
}

/// Something that happened to a call.
pub fn event(kind: &str) -> Event {
    Event {
        kind: kind.to_owned(),
        id: ID.to_owned(),
        channel: Channel::Voice,
        at_seconds: 0.0,
        queue: Some("sales".to_owned()),
        agent: None,
        address: None,
        attributes: Vec::new(),
    }
}

/// A conversation in which this was said, a second each, and the questions of a form, by their ids,
/// that are answered `yes` or `no`.
pub fn transcript(said: &[(Speaker, &str)], questions: &[&str]) -> Transcript {
    let second = |at: usize| u32::try_from(at * 1_000).unwrap_or(u32::MAX);
    let utterance = |(at, (speaker, text)): (usize, &(Speaker, &str))| Utterance {
        speaker: *speaker,
        start_ms: second(at),
        end_ms: second(at + 1),
        text: (*text).to_owned(),
    };
    let question = |id: &&str| Question {
        id: (*id).to_owned(),
        text: format!("{id}?"),
        answers: vec!["yes".to_owned(), "no".to_owned()],
        attributes: Vec::new(),
    };
    Transcript {
        id: ID.to_owned(),
        channel: Channel::Voice,
        language: "en".to_owned(),
        utterances: said.iter().enumerate().map(utterance).collect(),
        questions: questions.iter().map(question).collect(),
        attributes: Vec::new(),
    }
}

/// A campaign in which nothing has happened yet: 3 in 100 answered calls may be abandoned.
pub fn campaign(agents_idle: u32) -> Campaign {
    Campaign {
        name: "spring".to_owned(),
        agents_idle,
        agents_talking: 0,
        agents_wrapping: 0,
        dialling: 0,
        waiting: 0,
        numbers_left: 1_000,
        lines_free: 100,
        attempts: 0,
        answered: 0,
        abandoned: 0,
        abandoned_max: 0.03,
        ring_ms: 0,
        talk_ms: 0,
        wrap_ms: 0,
        attributes: Vec::new(),
        now_seconds: 0.0,
        seed: 1,
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<Attribute> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
