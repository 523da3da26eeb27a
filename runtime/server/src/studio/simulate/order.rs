//! What a simulated customer does, and in what world.

use std::collections::BTreeMap;

use jackfield_core::{Channel, QueueEnd, QueueId};
use jackfield_plugin_host::Card;
use serde::{Deserialize, Serialize};

use super::Around;
use crate::rfc3339;

/// The most things that a customer does.
pub const DOINGS_MAX: usize = 200;
/// The longest text that a customer enters, in bytes.
const TEXT_MAX: usize = 4_096;
/// The most fields of a card, and the most queues that are said.
const FIELDS_MAX: usize = 100;

/// An order that makes no sense.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{field}`: {reason}")]
pub struct OrderError {
    /// Which part of it.
    pub field: String,
    /// What would be accepted, and what was given.
    pub reason: String,
}

impl OrderError {
    fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// One thing that the customer does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Doing {
    /// `digits`, `text`, `nothing`, `hang_up`, `queue` or `record`.
    pub kind: String,
    /// The digits or the text; how the stay in the queue ends; how many seconds are recorded.
    #[serde(default)]
    pub value: String,
}

/// The card under which the customer is known.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OrderedCard {
    /// The name.
    #[serde(default)]
    pub name: String,
    /// A BCP 47 tag.
    #[serde(default)]
    pub language: Option<String>,
    /// The segment.
    #[serde(default)]
    pub segment: Option<String>,
    /// The tenant's own fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// Who calls, when, and what happens.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `voice`, `chat`, `email`, `message` or `task`; else `voice`.
    #[serde(default)]
    pub channel: Option<String>,
    /// The customer's address; withheld if there is none.
    #[serde(default)]
    pub caller: Option<String>,
    /// When the contact arrives; else now.
    #[serde(default)]
    pub at: Option<String>,
    /// What the CRM knows of the customer; else nothing.
    #[serde(default)]
    pub card: Option<OrderedCard>,
    /// Queues that are open, or not, whatever their hours say.
    #[serde(default)]
    pub open: BTreeMap<String, bool>,
    /// What the customer does, in order.
    #[serde(default)]
    pub inputs: Vec<Doing>,
}

/// How a stay in a queue ends, by the interpreter's words.
pub fn queue_end(word: &str) -> Option<QueueEnd> {
    Some(match word {
        "served" => QueueEnd::Served,
        "timed_out" => QueueEnd::TimedOut,
        "full" => QueueEnd::Full,
        "closed" => QueueEnd::Closed,
        "no_agents" => QueueEnd::NoAgents,
        "left_by_key" => QueueEnd::LeftByKey('*'),
        "callback" => QueueEnd::Callback,
        _ => return None,
    })
}

impl Order {
    /// Checks every part.
    pub fn check(&self, around: &Around) -> Result<(), OrderError> {
        self.channel()?;
        self.at_micros(around)?;
        if DOINGS_MAX < self.inputs.len() {
            let got = self.inputs.len();
            let reason = format!("at most {DOINGS_MAX} are accepted, got {got}");
            return Err(OrderError::new("inputs", reason));
        }
        for (place, doing) in self.inputs.iter().enumerate() {
            let wrong = |reason: String| OrderError::new(format!("inputs[{place}]"), reason);
            let value = &doing.value;
            if TEXT_MAX < value.len() {
                return Err(wrong(format!("at most {TEXT_MAX} bytes are accepted")));
            }
            match doing.kind.as_str() {
                "text" | "nothing" | "hang_up" => {}
                "digits" if value.chars().all(|c| "0123456789*#ABCD".contains(c)) => {}
                "digits" => return Err(wrong(format!("keys are 0 to 9, * and #, got `{value}`"))),
                "queue" if queue_end(value).is_some() => {}
                "queue" => {
                    let ends =
                        "served, timed_out, full, closed, no_agents, left_by_key or callback";
                    return Err(wrong(format!("a stay in a queue ends {ends}, got `{value}`")));
                }
                "record" if value.parse::<u32>().is_ok() => {}
                "record" => return Err(wrong(format!("a number of seconds, got `{value}`"))),
                other => {
                    let kinds = "digits, text, nothing, hang_up, queue or record";
                    return Err(wrong(format!("a customer does {kinds}, got `{other}`")));
                }
            }
        }
        let fields = self.card.as_ref().map_or(0, |card| card.fields.len());
        if FIELDS_MAX < fields || FIELDS_MAX < self.open.len() {
            return Err(OrderError::new("card", format!("at most {FIELDS_MAX} are accepted")));
        }
        match self.open.keys().find(|name| {
            !QueueId::new(name).is_ok_and(|queue| around.center.queues.contains_key(&queue))
        }) {
            Some(name) => Err(OrderError::new("open", format!("there is no queue `{name}`"))),
            None => Ok(()),
        }
    }

    /// What the contact comes by.
    pub fn channel(&self) -> Result<Channel, OrderError> {
        Ok(match self.channel.as_deref() {
            None | Some("voice") => Channel::Voice,
            Some("chat") => Channel::Chat,
            Some("email") => Channel::Email,
            Some("message") => Channel::Message,
            Some("task") => Channel::Task,
            Some(other) => {
                let reason = format!("voice, chat, email, message or task, got `{other}`");
                return Err(OrderError::new("channel", reason));
            }
        })
    }

    /// When the contact arrives, in microseconds since the Unix epoch.
    pub fn at_micros(&self, around: &Around) -> Result<u64, OrderError> {
        let Some(text) = &self.at else { return Ok(around.now_micros) };
        rfc3339::parse(text).ok_or_else(|| {
            let reason = format!("a moment such as 2026-11-21T22:00:00Z is accepted, got `{text}`");
            OrderError::new("at", reason)
        })
    }

    /// The card in the contract's words.
    pub fn card(&self) -> Option<Card> {
        let card = self.card.as_ref()?;
        Some(Card {
            id: "simulated".to_owned(),
            name: card.name.clone(),
            language: card.language.clone(),
            segment: card.segment.clone(),
            fields: card.fields.clone().into_iter().collect(),
        })
    }
}
