//! `certification.json`: what `jackfield plugin certify` found, as it travels in a package.
//!
//! A report is a claim: whoever has the component and the same tool can make it again, to the same bytes.
//! There are no times in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::error::PackageError;

/// The form of the report.
pub const FORMAT: u32 = 1;

/// A report on a plugin that passed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certification {
    /// The form of the report: 1.
    pub format: u32,
    /// The component that passed.
    pub digest: Digest,
    /// What it is for.
    pub world: String,
    /// The version of the contract it was held to.
    pub contract: String,
    /// What made the report; another tool may count otherwise.
    pub tool: String,
    /// The first seed; each world has the next one.
    pub seed: u64,
    /// How many worlds it met.
    pub worlds: u64,
    /// Settings of the queues in all of them.
    pub settings: BTreeMap<String, String>,
    /// How often it was asked: questions, or contacts led.
    pub decisions: u64,
    /// How often it answered with an error of its own.
    pub refused: u64,
    /// What held, each time.
    pub properties: Vec<Property>,
    /// What its answers took.
    pub cost: Cost,
    /// What they might have taken.
    pub limits: Limited,
}

/// Something that must hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it says.
    pub meaning: String,
    /// How often it was looked at.
    pub checked: u64,
}

/// The cost of a plugin in figures that are the same on every machine.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Instructions of an instance that had answered before; none for a flow.
    pub warm_fuel: Option<Spread>,
    /// Instructions of a fresh instance, its start included.
    pub fresh_fuel: Spread,
    /// The most linear memory that an instance had.
    pub memory_bytes: u64,
}

/// The middle, the tail and the end of many figures.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Half were no more.
    pub p50: u64,
    /// 99 of 100 were no more.
    pub p99: u64,
    /// None was more.
    pub max: u64,
}

impl Spread {
    /// The spread of these figures.
    pub fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        let at = |hundredths: usize| {
            let place = (all.len() * hundredths).div_ceil(100).saturating_sub(1);
            all.get(place).copied().unwrap_or_default()
        };
        Self { p50: at(50), p99: at(99), max: at(100) }
    }
}

/// Limits of one answer, or of one contact's flow.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limited {
    /// Instructions.
    pub fuel: u64,
    /// Linear memory of an instance.
    pub memory_bytes: u64,
}

impl Certification {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PackageError> {
        let malformed = |problem: String| PackageError::Malformed {
            file: "certification.json".to_owned(),
            problem,
        };
        let read: Self =
            serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
        if read.format != FORMAT {
            return Err(malformed(format!(
                "it has the form {}, {FORMAT} is accepted",
                read.format
            )));
        }
        Ok(read)
    }

    /// Checks that the report is about this component.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] with both digests.
    pub fn is_about(&self, component: &[u8]) -> Result<(), PackageError> {
        let found = Digest::of(component);
        if self.digest == found {
            return Ok(());
        }
        Err(PackageError::Malformed {
            file: "certification.json".to_owned(),
            problem: format!(
                "it is about {}, the component is {found}: certify it again",
                self.digest
            ),
        })
    }

    /// Returns the one form in bytes that this report has: JSON with sorted keys and nothing that need
    /// not be there (RFC 8785; all its numbers are whole and below 2^53).
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] if it cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PackageError> {
        let value = serde_json::to_value(self).and_then(|value| serde_json::to_vec(&sorted(value)));
        value.map_err(|error| PackageError::Malformed {
            file: "certification.json".to_owned(),
            problem: error.to_string(),
        })
    }

    /// Returns what it says, in a line.
    pub fn in_short(&self) -> String {
        let Self { worlds, seed, decisions, tool, .. } = self;
        format!("{worlds} worlds from seed {seed}, {decisions} decisions, by {tool}")
    }
}

/// The same with sorted keys, whatever a map of this build keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> =
                fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Where two reports differ: places as JSON pointers, with both values.
pub fn differences(one: &Certification, other: &Certification) -> Vec<String> {
    let mut found = Vec::new();
    let values = (serde_json::to_value(one), serde_json::to_value(other));
    if let (Ok(one), Ok(other)) = values {
        compare("", &one, &other, &mut found);
    }
    found
}

fn compare(place: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let at = |fields: &serde_json::Map<String, Value>| {
                    fields.get(key).cloned().unwrap_or(Value::Null)
                };
                compare(&format!("{place}/{key}"), &at(a), &at(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (one, other)) in a.iter().zip(b).enumerate() {
                compare(&format!("{place}/{number}"), one, other, found);
            }
        }
        (one, other) if one != other => found.push(format!("{place}: {one}, now {other}")),
        _ => (),
    }
}
