//! Eligibility: which agents may serve a contact, written as a condition.
//!
//! ```text
//! language == "ru" && level("sales") >= 3 && branch in ["riga", "vilnius"]
//! language == contact.language && (has("billing") || level(contact.topic) >= 5)
//! ```
//!
//! | written | is |
//! | --- | --- |
//! | `language`, `agent.language` | the agent's attribute |
//! | `contact.tier` | the contact's attribute |
//! | `level("sales")`, `level(contact.topic)` | the agent's proficiency, 1 to 10, or 0 without the skill |
//! | `has("sales")` | whether the agent has the skill at all |
//! | `queue_level` | the agent's level in the queue |
//! | `"text"`, `3`, `-2.5`, `true`, `false` | constants; numbers have up to 12 digits and 6 decimals |
//! | `== != < <= > >=`, `in ["a", "b"]` | comparisons |
//! | `!`, `&&`, <code>&#124;&#124;</code>, `( )` | in this order; `!` takes the whole comparison behind it |
//!
//! Two rules decide what is not obvious:
//!
//! * **What is missing equals nothing.** With an attribute that is not there, `==`, `in` and the four
//!   comparisons of order are false and `!=` is true.
//! * **A number beside an attribute makes the attribute a number.** If it is none, that is as if it
//!   were missing. Text beside text is equal only character by character; its order is that of the
//!   numbers if both sides are numbers, else that of the characters' code points.
//!
//! An expression is parsed once, [bound](Expression::bind) to a contact when that joins a queue, and
//! then [asked](Expression::holds) of each agent. This module knows no agent and no queue: who asks
//! brings [`AgentFacts`].

mod parse;
mod show;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Attribute;

pub use parse::ExpressionError;

/// What an expression may ask of an agent.
pub trait AgentFacts {
    /// Returns the agent's attribute of this name.
    fn attribute(&self, name: &str) -> Option<&str>;
    /// Returns the agent's proficiency in this skill, or 0 without it.
    fn level(&self, skill: &str) -> u8;
    /// Returns the agent's level in the queue at hand.
    fn queue_level(&self) -> u8;
}

/// A condition on agents. See the module for the language.
///
/// The order of expressions means nothing but is total: contacts whose bound expressions are equal
/// may be served by the same agents. A clone shares the expression.
#[derive(Clone, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression(Arc<Node>);

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Node {
    Bool(bool),
    Compare { left: Value, operator: Operator, right: Value },
    In { value: Value, list: Vec<Value> },
    Has(Skill),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Value {
    Text(Arc<str>),
    Number(Number),
    Agent(Arc<str>),
    Contact(Arc<str>),
    Level(Skill),
    QueueLevel,
}

/// The name of a skill: written there, or brought by the contact.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Skill {
    Named(Arc<str>),
    Contact(Arc<str>),
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A decimal number in millionths, so that equal numbers are equal on every machine.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Number(i64);

/// What a value is for one agent.
#[derive(Clone, Copy)]
enum Found<'a> {
    Missing,
    Text(&'a str),
    Number(Number),
}

/// A part of an expression that an agent does not meet: why this agent was not asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unmet {
    /// The part, one operand of the outermost `&&`.
    pub condition: Expression,
    /// What the part asks of the agent, as written, and what the agent has; `None` is nothing.
    pub facts: Vec<(String, Option<String>)>,
}

impl Expression {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// [`ExpressionError`] with line and column if the text is no condition, is longer than 1,000
    /// characters, nested deeper than 32 or has more than 200 parts.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text).map(|node| Self(Arc::new(node)))
    }

    /// Puts the contact's attributes in place of `contact.NAME` and simplifies.
    ///
    /// The first attribute of a name counts. The result mentions no contact, so it serves for all
    /// contacts for which it is equal.
    #[must_use]
    pub fn bind(&self, contact: &[Attribute]) -> Self {
        let find = |name: &str| {
            contact.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        self.bind_with(find)
    }

    /// Does what [`Expression::bind`] does, with attributes that `contact` looks up.
    #[must_use]
    pub fn bind_with<'a>(&self, contact: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self(Arc::new(self.0.bind(&contact)))
    }

    /// Returns whether the agent meets the condition. A contact's attribute that is still there, not
    /// bound, counts as missing.
    pub fn holds(&self, agent: &impl AgentFacts) -> bool {
        self.0.holds(agent)
    }

    /// Returns whether every agent meets the condition, whoever it is.
    pub fn is_always(&self) -> bool {
        *self.0 == Node::Bool(true)
    }

    /// Returns whether no agent meets the condition, whoever it is.
    pub fn is_never(&self) -> bool {
        *self.0 == Node::Bool(false)
    }

    /// Returns the condition that holds where both do.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(Arc::new(all([self.0.as_ref().clone(), other.0.as_ref().clone()])))
    }

    /// Returns the parts of the condition that the agent does not meet, in the order written; nothing
    /// if it holds.
    pub fn explain(&self, agent: &impl AgentFacts) -> Vec<Unmet> {
        let parts = match self.0.as_ref() {
            Node::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let unmet = parts.iter().filter(|part| !part.holds(agent));
        let explained = unmet.map(|part| {
            let mut facts = Vec::new();
            part.facts(agent, &mut facts);
            Unmet { condition: Self(Arc::new(part.clone())), facts }
        });
        explained.collect()
    }
}

impl Default for Expression {
    /// The condition that every agent meets.
    fn default() -> Self {
        Self(Arc::new(Node::Bool(true)))
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Expression {
    type Error = ExpressionError;

    fn try_from(text: String) -> Result<Self, ExpressionError> {
        Self::parse(&text)
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.to_string()
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// All of `parts` at once, flattened and without constants.
fn all(parts: impl IntoIterator<Item = Node>) -> Node {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Node::Bool(true) => (),
            Node::Bool(false) => return Node::Bool(false),
            Node::And(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Node::Bool(true),
        1 => kept.remove(0),
        _ => Node::And(kept),
    }
}

/// At least one of `parts`, flattened and without constants.
fn any(parts: impl IntoIterator<Item = Node>) -> Node {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Node::Bool(false) => (),
            Node::Bool(true) => return Node::Bool(true),
            Node::Or(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    match kept.len() {
        0 => Node::Bool(false),
        1 => kept.remove(0),
        _ => Node::Or(kept),
    }
}

impl Node {
    fn bind<'a>(&self, contact: &impl Fn(&str) -> Option<&'a str>) -> Self {
        match self {
            Self::Bool(_) => self.clone(),
            Self::Compare { left, operator, right } => {
                let (Some(left), Some(right)) = (left.bind(contact), right.bind(contact)) else {
                    return Self::Bool(operator.compares(Found::Missing, Found::Missing));
                };
                match (left.constant(), right.constant()) {
                    (Some(a), Some(b)) => Self::Bool(operator.compares(a, b)),
                    _ => Self::Compare { left, operator: *operator, right },
                }
            }
            Self::In { value, list } => match value.bind(contact) {
                None => Self::Bool(false),
                Some(value) => match value.constant() {
                    Some(found) => Self::Bool(is_in(found, list)),
                    None => Self::In { value, list: list.clone() },
                },
            },
            Self::Has(skill) => skill.bind(contact).map_or(Self::Bool(false), Self::Has),
            Self::Not(inner) => match inner.bind(contact) {
                Self::Bool(value) => Self::Bool(!value),
                other => Self::Not(Box::new(other)),
            },
            Self::And(parts) => all(parts.iter().map(|part| part.bind(contact))),
            Self::Or(parts) => any(parts.iter().map(|part| part.bind(contact))),
        }
    }

    fn holds(&self, agent: &impl AgentFacts) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Compare { left, operator, right } => {
                operator.compares(left.of(agent), right.of(agent))
            }
            Self::In { value, list } => is_in(value.of(agent), list),
            Self::Has(skill) => skill.level_of(agent) != 0,
            Self::Not(inner) => !inner.holds(agent),
            Self::And(parts) => parts.iter().all(|part| part.holds(agent)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(agent)),
        }
    }

    fn facts(&self, agent: &impl AgentFacts, facts: &mut Vec<(String, Option<String>)>) {
        let mut note = |text: String, found: Option<String>| {
            if facts.iter().all(|(known, _)| *known != text) {
                facts.push((text, found));
            }
        };
        let mut value = |value: &Value| match (value.constant(), value.of(agent)) {
            (Some(_), _) => (),
            (None, Found::Missing) => note(value.to_string(), None),
            (None, Found::Text(text)) => note(value.to_string(), Some(format!("{text:?}"))),
            (None, Found::Number(number)) => note(value.to_string(), Some(number.to_string())),
        };
        match self {
            Self::Bool(_) => (),
            Self::Compare { left, right, .. } => [left, right].into_iter().for_each(value),
            Self::In { value: asked, .. } => value(asked),
            Self::Has(skill) => value(&Value::Level(skill.clone())),
            Self::Not(inner) => inner.facts(agent, facts),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.facts(agent, facts));
            }
        }
    }
}

fn is_in(found: Found<'_>, list: &[Value]) -> bool {
    let mut constants = list.iter().filter_map(Value::constant);
    constants.any(|constant| Operator::Equal.compares(found, constant))
}

impl Value {
    /// Returns `None` if the contact lacks the attribute.
    fn bind<'a>(&self, contact: &impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        match self {
            Self::Contact(name) => contact(name).map(|value| Self::Text(value.into())),
            Self::Level(skill) => {
                Some(skill.bind(contact).map_or(Self::Number(Number::from(0)), Self::Level))
            }
            Self::Text(_) | Self::Number(_) | Self::Agent(_) | Self::QueueLevel => {
                Some(self.clone())
            }
        }
    }

    fn constant(&self) -> Option<Found<'_>> {
        match self {
            Self::Text(text) => Some(Found::Text(text)),
            Self::Number(number) => Some(Found::Number(*number)),
            Self::Agent(_) | Self::Contact(_) | Self::Level(_) | Self::QueueLevel => None,
        }
    }

    fn of<'a>(&'a self, agent: &'a impl AgentFacts) -> Found<'a> {
        match self {
            Self::Text(text) => Found::Text(text),
            Self::Number(number) => Found::Number(*number),
            Self::Agent(name) => agent.attribute(name).map_or(Found::Missing, Found::Text),
            Self::Contact(_) => Found::Missing,
            Self::Level(skill) => Found::Number(Number::from(skill.level_of(agent))),
            Self::QueueLevel => Found::Number(Number::from(agent.queue_level())),
        }
    }
}

impl Skill {
    fn bind<'a>(&self, contact: &impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        match self {
            Self::Named(_) => Some(self.clone()),
            Self::Contact(name) => contact(name).map(|skill| Self::Named(skill.into())),
        }
    }

    fn level_of(&self, agent: &impl AgentFacts) -> u8 {
        match self {
            Self::Named(name) => agent.level(name),
            Self::Contact(_) => 0,
        }
    }
}

impl Operator {
    fn compares(self, left: Found<'_>, right: Found<'_>) -> bool {
        let order = match (left, right) {
            (Found::Missing, _) | (_, Found::Missing) => None,
            (Found::Number(left), Found::Number(right)) => Some(left.cmp(&right)),
            (Found::Number(left), Found::Text(right)) => {
                Number::parse(right).map(|right| left.cmp(&right))
            }
            (Found::Text(left), Found::Number(right)) => {
                Number::parse(left).map(|left| left.cmp(&right))
            }
            (Found::Text(left), Found::Text(right)) => Some(match self {
                Self::Equal | Self::NotEqual => left.cmp(right),
                _ => match (Number::parse(left), Number::parse(right)) {
                    (Some(left), Some(right)) => left.cmp(&right),
                    _ => left.cmp(right),
                },
            }),
        };
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

impl Number {
    const DIGITS: usize = 12;
    const DECIMALS: usize = 6;

    /// Reads `3`, `-2.5`: up to 12 digits before the point and up to 6 behind it.
    fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let fits = |part: &str, longest| {
            (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !fits(whole, Self::DIGITS) || !fits(decimals, Self::DECIMALS) {
            return None;
        }
        let scale = 10_i64.pow(u32::try_from(Self::DECIMALS - decimals.len()).ok()?);
        let millionths =
            whole.parse::<i64>().ok()? * 1_000_000 + decimals.parse::<i64>().ok()? * scale;
        Some(Self(sign * millionths))
    }
}

impl From<u8> for Number {
    fn from(number: u8) -> Self {
        Self(i64::from(number) * 1_000_000)
    }
}
