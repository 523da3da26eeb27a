//! Compares a document with the table of keys: finds every unknown key and every value that is not
//! what its key accepts, takes them out, and fills in the defaults.
//!
//! What is left has exactly the shape of [`raw::File`](super::raw::File), so one mistake never hides
//! another.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jackfield_core::TenantId;
use toml::{Table, Value};

use super::document::{Document, join, value_of};
use super::keys::{Key, Kind, Node, Preset, SETTING_CHARS_MAX, SETTINGS_MAX};
use super::network::Network;
use super::numbers::Pattern;
use super::problems::{Problem, suggestion};
use super::units::{parse_size, parse_time, show_size, show_time};

/// Walks over the whole of `document`.
pub fn walk(root: &Node, document: &mut Document) -> Vec<Problem> {
    let mut table = std::mem::take(&mut document.table);
    let mut walk = Walk { document, problems: Vec::new() };
    walk.table(root, "", &mut table);
    let problems = walk.problems;
    document.table = table;
    problems
}

struct Walk<'a> {
    document: &'a Document,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn problem(&mut self, key: &str, message: String) {
        let origin = self.document.origin(key);
        self.problems.push(Problem { key: key.to_owned(), message, origin });
    }

    fn table(&mut self, node: &Node, path: &str, table: &mut Table) {
        // A value that was refused is not reported as missing as well.
        let mut refused = BTreeSet::new();
        for name in table.keys().cloned().collect::<Vec<_>>() {
            let Some(value) = table.remove(&name) else { continue };
            let key = join(path, &name);
            let Some(below) = node.get(&name) else {
                let near = suggestion(&name, node.children.keys().copied());
                self.problem(&key, format!("is not a key{near}"));
                continue;
            };
            let checked = if node.children.contains_key(name.as_str()) {
                Ok(())
            } else {
                node.any.as_ref().map_or(Ok(()), |(word, _)| check_name(word, &name))
            };
            let value = match checked {
                Ok(()) => self.value(below, &key, value),
                Err(message) => {
                    self.problem(&key, message);
                    None
                }
            };
            match value {
                Some(value) => {
                    table.insert(name, value);
                }
                None => {
                    refused.insert(name);
                }
            }
        }
        self.fill_in(node, path, table, &refused);
    }

    fn value(&mut self, node: &Node, path: &str, value: Value) -> Option<Value> {
        if let Some(key) = node.key {
            return match check(&key.kind, value) {
                Ok(value) => Some(value),
                Err(got) => {
                    let got =
                        if matches!(key.kind, Kind::Secret) { "something else" } else { &got };
                    self.problem(path, format!("must be {}, got {got}", key.kind.accepted()));
                    None
                }
            };
        }
        match value {
            Value::Array(items) if node.list => {
                let tables = items.into_iter().enumerate().filter_map(|(index, item)| {
                    let path = format!("{path}[{index}]");
                    let Value::Table(mut table) = item else {
                        self.problem(&path, format!("must be a table, got {item}"));
                        return None;
                    };
                    self.table(node, &path, &mut table);
                    Some(Value::Table(table))
                });
                Some(Value::Array(tables.collect()))
            }
            Value::Table(mut table) if !node.list => {
                self.table(node, path, &mut table);
                Some(Value::Table(table))
            }
            other => {
                let wanted = if node.list { "a list of tables" } else { "a table" };
                self.problem(path, format!("must be {wanted}, got {}", other.type_str()));
                None
            }
        }
    }

    fn fill_in(&mut self, node: &Node, path: &str, table: &mut Table, refused: &BTreeSet<String>) {
        for (&name, below) in &node.children {
            if table.contains_key(name) {
                continue;
            }
            let value = match below.key {
                Some(Key { kind, default: Preset::Is(text), .. }) => {
                    // Defaults pass the same check, so that they have the same form.
                    check(kind, value_of(kind, text)).ok()
                }
                Some(Key { kind, default: Preset::Required, .. }) => {
                    if !refused.contains(name) {
                        let key = join(path, name);
                        self.problem(&key, format!("is missing: it must be {}", kind.accepted()));
                    }
                    None
                }
                Some(Key { default: Preset::Absent(_), .. }) => None,
                None if below.optional => None,
                None if below.list => Some(Value::Array(Vec::new())),
                None => {
                    let mut inner = Table::new();
                    self.table(below, &join(path, name), &mut inner);
                    Some(Value::Table(inner))
                }
            };
            if let Some(value) = value {
                table.insert(name.to_owned(), value);
            }
        }
    }
}

/// Checks the name of an entry; `word` is what stands for it in the table of keys.
fn check_name(word: &str, name: &str) -> Result<(), String> {
    if word == "<dialled>" {
        return match Pattern::parse(name) {
            Some(_) => Ok(()),
            None => Err("is not a number, or a prefix that ends in `*`".to_owned()),
        };
    }
    // Every kind of name follows the same rule; the tenants' stands for all.
    match TenantId::new(name) {
        Ok(_) => Ok(()),
        Err(_) => {
            let rule = "1 to 64 lower case letters, digits, `-`, `_` or `.` are accepted";
            Err(format!("is not a name: {rule}"))
        }
    }
}

/// Checks one value; returns it in its usual form, or what it is instead.
fn check(kind: &Kind, value: Value) -> Result<Value, String> {
    let fits = match (kind, &value) {
        (Kind::Text | Kind::Path | Kind::Secret, Value::String(_)) => true,
        (Kind::Language, Value::String(text)) => is_language(text),
        (Kind::Bool, Value::Boolean(_)) => true,
        (Kind::Integer(min, max), Value::Integer(number)) => (*min..=*max).contains(number),
        (Kind::Fraction(min, max), Value::Float(number)) => (*min..=*max).contains(number),
        (Kind::Fraction(min, max), Value::Integer(number)) => {
            let number = *number as f64;
            if (*min..=*max).contains(&number) {
                return Ok(Value::Float(number));
            }
            false
        }
        (Kind::Time(min, max, zero), Value::String(text)) => {
            return check_time(min, max, *zero, text).ok_or_else(|| value.to_string());
        }
        (Kind::Time(_, _, true), Value::Integer(0)) => return Ok(Value::String("0s".to_owned())),
        (Kind::Size(min, max), Value::String(text)) => {
            let size = parse_size(text).ok_or_else(|| value.to_string())?;
            let within = parse_size(min) <= Some(size) && Some(size) <= parse_size(max);
            if within {
                return Ok(Value::String(show_size(size)));
            }
            false
        }
        (Kind::Address, Value::String(text)) => text.parse::<IpAddr>().is_ok(),
        (Kind::Choice(words), Value::String(text)) => words.contains(&text.as_str()),
        (Kind::Digit, Value::String(text)) => {
            text.len() == 1 && text.contains(|c: char| c.is_ascii_digit() || "*#".contains(c))
        }
        (Kind::Choices(words), Value::Array(_)) => {
            let texts = texts(&value).unwrap_or_default();
            let once: BTreeSet<&str> = texts.iter().copied().collect();
            !texts.is_empty()
                && once.len() == texts.len()
                && texts.iter().all(|text| words.contains(text))
        }
        (Kind::Texts, Value::Array(_)) => texts(&value).is_some(),
        (Kind::Networks, Value::Array(_)) => {
            texts(&value).is_some_and(|all| all.iter().all(|text| Network::parse(text).is_some()))
        }
        (Kind::Numbers, Value::Array(_)) => {
            texts(&value).is_some_and(|all| all.iter().all(|text| Pattern::parse(text).is_some()))
        }
        (Kind::Levels, Value::Table(table)) => table
            .values()
            .all(|level| level.as_integer().is_some_and(|level| (1..=10).contains(&level))),
        (Kind::Ranks, Value::Table(table)) => table
            .values()
            .all(|rank| rank.as_integer().is_some_and(|rank| (0..=255).contains(&rank))),
        (Kind::Settings, Value::Table(table)) => {
            table.len() <= SETTINGS_MAX && table.iter().all(|(name, value)| is_setting(name, value))
        }
        (Kind::Then, Value::String(text)) => text == "hang_up",
        (Kind::Then, Value::Table(table)) => {
            table.len() == 1 && table.get("queue").is_some_and(Value::is_str)
        }
        _ => false,
    };
    if fits { Ok(value) } else { Err(show(&value)) }
}

fn check_time(min: &str, max: &str, zero: bool, text: &str) -> Option<Value> {
    let time = parse_time(text)?;
    let within = parse_time(min)? <= time && time <= parse_time(max)?;
    (within || zero && time.is_zero()).then(|| Value::String(show_time(time)))
}

/// Returns the items of a list of texts, or nothing if one is something else.
fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

fn is_setting(name: &str, value: &Value) -> bool {
    let short = |text: &str| text.chars().count() <= SETTING_CHARS_MAX;
    let plain = match value {
        Value::String(text) => short(text),
        Value::Float(number) => number.is_finite(),
        Value::Integer(_) | Value::Boolean(_) => true,
        _ => false,
    };
    plain && !name.is_empty() && short(name)
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let letters = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric());
    (2..=3).contains(&primary.len())
        && primary.chars().all(|c| c.is_ascii_lowercase())
        && parts.all(|part| (1..=8).contains(&part.len()) && letters(part))
}

/// Shows a value on one line.
fn show(value: &Value) -> String {
    match value {
        Value::Table(table) => {
            let inner: Vec<String> =
                table.iter().map(|(name, value)| format!("{name} = {}", show(value))).collect();
            format!("{{ {} }}", inner.join(", "))
        }
        other => other.to_string(),
    }
}
