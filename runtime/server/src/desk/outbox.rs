//! What a desk has been told, until it says that it has seen it.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// Messages to one desk in order, numbered from 1 without a gap.
#[derive(Debug)]
pub struct Outbox {
    kept: VecDeque<(u64, String)>,
    last: u64,
    most: usize,
}

impl Outbox {
    /// Keeps at most so many that were not seen.
    pub const fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), last: 0, most }
    }

    /// Numbers and keeps a message, an object.
    pub fn push(&mut self, mut message: Value) {
        self.last += 1;
        message["seq"] = json!(self.last);
        if self.most <= self.kept.len() {
            self.kept.pop_front();
        }
        self.kept.push_back((self.last, message.to_string()));
    }

    /// The desk has seen all up to `seq`.
    pub fn seen(&mut self, seq: u64) {
        while self.kept.front().is_some_and(|(first, _)| *first <= seq) {
            self.kept.pop_front();
        }
    }

    /// Whether all after `seq` is still kept.
    pub fn reaches(&self, seq: u64) -> bool {
        let first = self.kept.front().map_or(self.last + 1, |(first, _)| *first);
        seq <= self.last && first <= seq + 1
    }

    /// The messages after `seq`, oldest first, with the number of the last.
    pub fn after(&self, seq: u64) -> (Vec<String>, u64) {
        let later = self.kept.iter().filter(|(own, _)| seq < *own);
        (later.map(|(_, text)| text.clone()).collect(), self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::Outbox;
    use serde_json::json;

    #[test]
    fn what_was_not_seen_is_told_again() {
        let mut outbox = Outbox::new(3);
        assert!(outbox.reaches(0) && !outbox.reaches(1));
        for n in 1..=3 {
            outbox.push(json!({ "n": n }));
        }
        assert_eq!(
            outbox.after(1),
            (vec![r#"{"n":2,"seq":2}"#.to_owned(), r#"{"n":3,"seq":3}"#.to_owned()], 3)
        );
        outbox.seen(2);
        assert!(outbox.reaches(2) && outbox.reaches(3) && !outbox.reaches(1));
        // What is too much falls off at the old end, and that is known.
        for n in 4..=6 {
            outbox.push(json!({ "n": n }));
        }
        assert!(outbox.reaches(3) && !outbox.reaches(2) && !outbox.reaches(7));
        assert_eq!(outbox.after(6), (vec![], 6));
    }
}
