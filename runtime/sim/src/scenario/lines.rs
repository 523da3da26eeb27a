//! Where in the file each key stands, so that a mistake can name its line.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The lines of a file's keys, by their paths.
#[derive(Debug, Default)]
pub(crate) struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// Looks through a file. A file that cannot be read has no lines: its own error says where.
    pub(crate) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.table("", table.get_ref(), text);
        }
        lines
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>, text: &str) {
        for (key, value) in table {
            let name = key.get_ref();
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            let line = text.get(..key.span().start).unwrap_or_default().matches('\n').count() + 1;
            self.0.insert(path.clone(), line);
            self.value(&path, value, text);
        }
    }

    fn value(&mut self, path: &str, value: &Spanned<DeValue<'_>>, text: &str) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(path, table, text),
            DeValue::Array(entries) => {
                for (number, entry) in entries.iter().enumerate() {
                    let before = text.get(..entry.span().start).unwrap_or_default();
                    let path = format!("{path}[{number}]");
                    self.0.insert(path.clone(), before.matches('\n').count() + 1);
                    self.value(&path, entry, text);
                }
            }
            _ => (),
        }
    }

    /// Returns the line of a key; of the table that it should be in if it is not there.
    pub(crate) fn line(&self, key: &str) -> Option<usize> {
        let mut key = key;
        loop {
            if let Some(line) = self.0.get(key) {
                return Some(*line);
            }
            key = &key[..key.rfind(['.', '['])?];
        }
    }
}
