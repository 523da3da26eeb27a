//! What of the journal survives a crash, as the store promises it.
//!
//! Records are appended one after the other and synced in groups. A crash cuts the log at any byte after
//! the latest sync: between two records, or in the middle of one, which reading then finds torn and
//! drops. Whoever asked for something that is kept is answered when a sync has covered its record, so
//! no crash may take that back.

use jackfield_core::{Input, JournalRecord};

use super::World;
use crate::book::{Rule, Wrong};
use crate::engine::Engine;

/// The length of a record and nothing else: a torn one is shorter.
const HEAD: usize = 8;

/// The disk of the centre.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    /// So many of the journal's records are synced.
    durable: usize,
    /// So many more records come before the next sync.
    left: u64,
    syncs: u64,
    /// Records that somebody waits for, by their place in the journal.
    asked: Vec<usize>,
    /// Records that somebody was told of.
    answered: Vec<(usize, JournalRecord)>,
}

/// Returns whether who said it waits until it is kept.
fn is_kept(input: &Input) -> bool {
    matches!(
        input,
        Input::Configured { .. }
            | Input::QueueClosed { .. }
            | Input::QueueOpened { .. }
            | Input::InteractionMoved { .. }
            | Input::InteractionPrioritised { .. }
            | Input::CallbackRequested { .. }
            | Input::CallbackCancelled { .. }
    )
}

impl<E: Engine> World<E> {
    /// Appends a record, and syncs if it is time.
    pub(super) fn write(&mut self, record: JournalRecord) {
        if is_kept(&record.input) {
            self.disk.asked.push(self.journal.len());
        }
        self.journal.push(record);
        if 0 < self.disk.left {
            self.disk.left -= 1;
            return;
        }
        self.disk.syncs += 1;
        let mut pcg = self.plan.seed.branch("sync").leaf(self.disk.syncs).pcg();
        self.disk.left = pcg.below(self.plan.faults.group.max(1));
        for place in std::mem::take(&mut self.disk.asked) {
            let record = self.journal.get(place).cloned();
            self.disk.answered.extend(record.map(|record| (place, record)));
        }
        if !self.options.disk_lies {
            self.disk.durable = self.journal.len();
        }
    }

    /// Cuts the journal where `chance` wants it, and reads what is left.
    pub(super) fn lose_what_is_not_synced(&mut self, chance: u64) -> Result<(), Wrong> {
        // A start is synced before anything else is done.
        let kept = self.disk.durable.max(self.journal_before + 1).min(self.journal.len());
        let mut log = Vec::new();
        for record in &self.journal[kept..] {
            let bytes = serde_json::to_vec(record).unwrap_or_default();
            log.extend((bytes.len() as u64).to_le_bytes());
            log.extend(bytes);
        }
        let cut = crate::chance::Seed::new(chance).pcg().below(log.len() as u64 + 1);
        log.truncate(usize::try_from(cut).unwrap_or(usize::MAX));
        let read = whole_records(&log);
        let written = self.journal.split_off(kept);
        if written.iter().zip(&read).any(|(written, read)| written != read) {
            let what = "a record is read otherwise than it was written".to_owned();
            return Err(Wrong { rule: Rule::Durability, what });
        }
        self.journal.extend(read);
        for (place, record) in &self.disk.answered {
            if self.journal.get(*place) != Some(record) {
                let what =
                    format!("record {place} was answered and is forgotten: {:?}", record.input);
                return Err(Wrong { rule: Rule::Durability, what });
            }
        }
        Ok(())
    }

    /// A new start: what is in the journal now is there to stay.
    pub(super) fn disk_restarts(&mut self) {
        let (durable, syncs) = (self.journal.len(), self.disk.syncs);
        self.disk = Disk { durable, syncs, ..Disk::default() };
    }
}

/// Reads a log up to a torn record.
fn whole_records(log: &[u8]) -> Vec<JournalRecord> {
    let (mut rest, mut records) = (log, Vec::new());
    while let Some((head, tail)) = rest.split_at_checked(HEAD) {
        let length = u64::from_le_bytes(head.try_into().unwrap_or_default());
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((bytes, tail)) = tail.split_at_checked(length) else { break };
        let Ok(record) = serde_json::from_slice(bytes) else { break };
        records.push(record);
        rest = tail;
    }
    records
}
