//! Reads the file: the values, where each was written, and what the environment puts over them.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::keys::{Kind, Node};
use super::problems::{Origin, Problem, suggestion};

/// The start of the names of environment variables that override keys.
pub const PREFIX: &str = "JACKFIELD__";

/// The values of a file and where each was written.
#[derive(Debug, Default)]
pub struct Document {
    /// The values, those from the environment included.
    pub table: Table,
    origins: BTreeMap<String, Origin>,
}

impl Document {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// Every place that is not TOML.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (tree, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let problem = |error: toml::de::Error| Problem {
                key: String::new(),
                message: error.message().to_owned(),
                origin: error.span().map_or(Origin::Nowhere, |at| line_of(text, at.start)),
            };
            return Err(errors.into_iter().map(problem).collect());
        }
        let table = toml::from_str(text).map_err(|error| {
            let message = error.message().to_owned();
            vec![Problem { key: String::new(), message, origin: Origin::Nowhere }]
        })?;
        let mut document = Self { table, origins: BTreeMap::new() };
        document.note_lines(text, "", tree.get_ref());
        Ok(document)
    }

    fn note_lines(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (name, value) in table.iter() {
            let key = join(path, name.get_ref());
            self.origins.insert(key.clone(), line_of(text, name.span().start));
            match value.get_ref() {
                DeValue::Table(table) => self.note_lines(text, &key, table),
                DeValue::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        let key = format!("{key}[{index}]");
                        self.origins.insert(key.clone(), line_of(text, item.span().start));
                        if let DeValue::Table(table) = item.get_ref() {
                            self.note_lines(text, &key, table);
                        }
                    }
                }
                _ => (),
            }
        }
    }

    /// Returns where `key`, or what it lies in, was written.
    pub fn origin(&self, key: &str) -> Origin {
        let mut key = key;
        loop {
            if let Some(origin) = self.origins.get(key) {
                return origin.clone();
            }
            let Some(end) = key.rfind(['.', '[']) else { return Origin::Nowhere };
            key = &key[..end];
        }
    }

    /// Puts the variable `name`, which starts with [`PREFIX`], over the file.
    ///
    /// # Errors
    ///
    /// A variable that names no key.
    pub fn set(&mut self, root: &Node, name: &str, value: &str) -> Result<(), Problem> {
        let refused = |message: String| Problem {
            key: String::new(),
            message,
            origin: Origin::Variable(name.to_owned()),
        };
        let segments: Vec<&str> = name[PREFIX.len()..].split("__").collect();
        let Some((last, sections)) = segments.split_last() else {
            return Err(refused("names no key".to_owned()));
        };
        let (mut node, mut table, mut path) = (root, &mut self.table, String::new());
        for segment in sections {
            let key = resolve(node, table, segment);
            path = join(&path, &key);
            node = node.get(&key).ok_or_else(|| refused(no_key(node, &path, segment)))?;
            let below = table.entry(key).or_insert_with(|| Value::Table(Table::new()));
            table = below.as_table_mut().ok_or_else(|| {
                refused(format!("`{path}` is not a table: nothing lies below it"))
            })?;
        }
        let key = resolve(node, table, last);
        path = join(&path, &key);
        // Tables of levels, ranks and settings have names of their own below the key.
        let inner = node.key.and_then(|key| key.kind.inner());
        let kind = match (node.get(&key), inner) {
            (Some(Node { key: Some(known), .. }), _) => known.kind,
            (_, Some(inner)) => inner,
            (Some(_), None) => {
                return Err(refused(format!("`{path}` is a table: name a key in it")));
            }
            (None, None) => return Err(refused(no_key(node, &path, last))),
        };
        table.insert(key, value_of(&kind, value));
        self.origins.insert(path, Origin::Variable(name.to_owned()));
        Ok(())
    }
}

fn no_key(node: &Node, path: &str, segment: &str) -> String {
    let near = suggestion(&segment.to_lowercase(), node.children.keys().copied());
    format!("names `{path}`, which is not a key{near}")
}

/// Finds the key that a segment of a variable's name means: case does not matter, and `_` may stand
/// for `-`, which a variable's name cannot contain.
fn resolve(node: &Node, table: &Table, segment: &str) -> String {
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let wanted = plain(segment);
    let known = table.keys().map(String::as_str).chain(node.children.keys().copied());
    known
        .into_iter()
        .find(|name| plain(name) == wanted)
        .map_or(segment.to_lowercase(), str::to_owned)
}

/// Reads the text of a variable, or of a default, as a value of `kind`: as TOML, else as text.
pub fn value_of(kind: &Kind, text: &str) -> Value {
    let list = matches!(kind, Kind::Choices(_) | Kind::Texts | Kind::Networks | Kind::Numbers);
    let parsed = toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"));
    let quoted = || Value::String(text.to_owned());
    match (kind, parsed) {
        (_, Some(value @ Value::Array(_))) if list => value,
        _ if list => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Value::Array(words.map(|word| Value::String(word.to_owned())).collect())
        }
        // A password such as 1234 or a country code is text all the same.
        (
            Kind::Text | Kind::Path | Kind::Secret | Kind::Language | Kind::Digit,
            Some(Value::String(value)),
        ) => Value::String(value),
        (Kind::Text | Kind::Path | Kind::Secret | Kind::Language | Kind::Digit, _) => quoted(),
        (_, Some(value)) => value,
        (_, None) => quoted(),
    }
}

/// Appends a name to a dotted path, in quotes if it would not read as one name.
pub fn join(path: &str, name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => format!("{name:?}"),
    };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

fn line_of(text: &str, at: usize) -> Origin {
    let before = text.as_bytes().iter().take(at);
    Origin::Line(1 + before.filter(|byte| **byte == b'\n').count())
}
