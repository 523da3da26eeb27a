//! Things with names, each at a number that stays its own: names are compared once, where an input
//! comes in, and never in a decision. A name that is gone keeps its number, and gets it back.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

/// A number in a table.
pub(crate) trait Number: Copy {
    fn new(index: usize) -> Self;
    fn index(self) -> usize;
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub(crate) struct $name(u32);

        impl Number for $name {
            fn new(index: usize) -> Self {
                // A table of four thousand million names does not fit in memory.
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

numbers! {
    /// An agent's number.
    AgentKey;
    /// A queue's number.
    QueueKey;
}

#[derive(Debug)]
pub(crate) struct Table<I, K, V> {
    keys: BTreeMap<I, K>,
    values: Vec<V>,
}

impl<I, K, V> Default for Table<I, K, V> {
    fn default() -> Self {
        Self { keys: BTreeMap::new(), values: Vec::new() }
    }
}

impl<I: Ord + Clone, K: Number, V> Table<I, K, V> {
    pub(crate) fn key(&self, name: &I) -> Option<K> {
        self.keys.get(name).copied()
    }

    pub(crate) fn key_or_insert_with(&mut self, name: &I, make: impl FnOnce() -> V) -> K {
        if let Some(key) = self.key(name) {
            return key;
        }
        let key = K::new(self.values.len());
        self.keys.insert(name.clone(), key);
        self.values.push(make());
        key
    }

    /// Returns the numbers, in the order of the names.
    pub(crate) fn keys(&self) -> impl Iterator<Item = K> + '_ {
        self.keys.values().copied()
    }

    /// Returns everything, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.keys().map(|key| (key, &self[key]))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut()
    }
}

impl<I, K: Number, V> Index<K> for Table<I, K, V> {
    type Output = V;

    fn index(&self, key: K) -> &V {
        &self.values[key.index()]
    }
}

impl<I, K: Number, V> IndexMut<K> for Table<I, K, V> {
    fn index_mut(&mut self, key: K) -> &mut V {
        &mut self.values[key.index()]
    }
}
