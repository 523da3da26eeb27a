//! What a reload would change.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::document::join;
use super::keys::{Change, Node};

/// The keys whose values differ between two configurations. Values are not kept: some are secrets.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ConfigDiff {
    /// Keys that take effect by the reload.
    pub live: Vec<String>,
    /// Keys that need a restart; a reload that changes one is refused.
    pub restart: Vec<String>,
}

impl ConfigDiff {
    /// Compares the values in effect.
    pub(super) fn new(old: &Table, new: &Table) -> Self {
        let root = Node::root();
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        flatten(&root, "", old, &mut before);
        flatten(&root, "", new, &mut after);
        let mut diff = Self::default();
        for (key, value) in &after {
            if before.get(key) != Some(value) {
                diff.note(key, value.0);
            }
        }
        for (key, value) in &before {
            if !after.contains_key(key) {
                diff.note(key, value.0);
            }
        }
        diff.live.sort();
        diff.restart.sort();
        diff
    }

    fn note(&mut self, key: &str, change: Change) {
        match change {
            Change::Live => self.live.push(key.to_owned()),
            Change::Restart => self.restart.push(key.to_owned()),
        }
    }
}

fn flatten<'a>(
    node: &Node,
    path: &str,
    table: &'a Table,
    into: &mut BTreeMap<String, (Change, &'a Value)>,
) {
    for (name, value) in table {
        let Some(below) = node.get(name) else { continue };
        let path = join(path, name);
        match (below.key, value) {
            (Some(key), value) => {
                into.insert(path, (key.change, value));
            }
            (None, Value::Table(table)) => flatten(below, &path, table, into),
            // A list of tables has no names to compare by: it changes as a whole.
            (None, value) => {
                let live = below.children.values().filter_map(|child| child.key);
                let live = live.into_iter().all(|key| key.change == Change::Live);
                let change = if live { Change::Live } else { Change::Restart };
                into.insert(path, (change, value));
            }
        }
    }
}
