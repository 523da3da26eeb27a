//! Expressions as text: one spelling for all that mean the same tree.

use std::fmt;

use super::parse::RESERVED;
use super::{Expression, Node, Number, Operator, Skill, Unmet, Value};

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Compare { left, operator, right } => write!(f, "{left} {operator} {right}"),
            Self::In { value, list } => {
                write!(f, "{value} in [")?;
                joined(f, list, ", ", |f, item| write!(f, "{item}"))?;
                write!(f, "]")
            }
            Self::Has(skill) => write!(f, "has({skill})"),
            Self::Not(inner) => match inner.as_ref() {
                Self::Has(_) | Self::Bool(_) => write!(f, "!{inner}"),
                _ => write!(f, "!({inner})"),
            },
            Self::And(parts) => joined(f, parts, " && ", |f, part| match part {
                Self::Or(_) => write!(f, "({part})"),
                _ => write!(f, "{part}"),
            }),
            Self::Or(parts) => joined(f, parts, " || ", |f, part| write!(f, "{part}")),
        }
    }
}

fn joined<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    between: &str,
    show: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if 0 < index {
            f.write_str(between)?;
        }
        show(f, item)?;
    }
    Ok(())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quoted(f, text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Agent(name) if RESERVED.contains(&name.as_ref()) || name.contains('.') => {
                write!(f, "agent.{name}")
            }
            Self::Agent(name) => f.write_str(name),
            Self::Contact(name) => write!(f, "contact.{name}"),
            Self::Level(skill) => write!(f, "level({skill})"),
            Self::QueueLevel => f.write_str("queue_level"),
        }
    }
}

impl fmt::Display for Skill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => quoted(f, name),
            Self::Contact(name) => write!(f, "contact.{name}"),
        }
    }
}

/// Writes `text` as it is parsed: what a contact brings may hold anything.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            _ => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, decimals) = (self.0.abs() / 1_000_000, self.0.abs() % 1_000_000);
        let decimals = format!("{decimals:06}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            decimals => write!(f, "{sign}{whole}.{decimals}"),
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.condition)?;
        for (index, (asked, found)) in self.facts.iter().enumerate() {
            let before = if index == 0 { ": " } else { ", " };
            let found = found.as_deref().unwrap_or("missing");
            write!(f, "{before}{asked} is {found}")?;
        }
        Ok(())
    }
}
