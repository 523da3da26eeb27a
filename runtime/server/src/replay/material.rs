//! What a replay is made of: the journal, the components, the callers' keys.

use std::collections::BTreeMap;
use std::io::BufRead;

use jackfield_core::{Input, Instant, InteractionId, JournalRecord};
use jackfield_plugin_host::Card;
use jackfield_sim::replay::rerun::Span;
use jackfield_sim::replay::tape::{self, Tape};
use jackfield_store::{InteractionFilter, Lsn, StoreError, TimelineEvent};

use super::ReplayError;
use crate::tenant::Tenant;

/// The most records that are held in memory: a record of a call is about 1 KiB.
const RECORDS_MAX: usize = 5_000_000;

/// What a replay is made of.
#[derive(Debug, Default)]
pub struct Material {
    /// The process runs that the time lies in.
    pub tapes: Vec<Tape>,
    /// What is known of each contact's flow, in order.
    pub stories: BTreeMap<InteractionId, Vec<TimelineEvent>>,
    /// Customers by address, for flows that look them up.
    pub cards: BTreeMap<String, Card>,
    /// Components by digest.
    pub components: BTreeMap<String, Vec<u8>>,
    /// The versions that are active now, by the tenant's names for routers: for questions that were
    /// not asked at the time.
    pub active: BTreeMap<String, String>,
    /// The interpreter of flow scripts.
    pub interpreter: Vec<u8>,
}

impl Material {
    /// Takes in a journal up to the end of `span`, and keeps the process runs that touch it.
    pub fn of_records(records: Vec<JournalRecord>, span: Span) -> Self {
        let runs = tape::runs(records).into_iter().map(tape::read);
        let touched = runs.filter(|tape| jackfield_sim::replay::study::touches(tape, span));
        Self { tapes: touched.collect(), ..Self::default() }
    }

    /// Reads a tenant's journal and components. Blocks on files.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Store`], [`ReplayError::TooLong`].
    pub fn of_tenant(tenant: &Tenant, span: Span) -> Result<Self, ReplayError> {
        let mut records = Kept::of(span.from);
        for entry in tenant.journal.read_journal(&tenant.id, Lsn::ZERO) {
            let (lsn, bytes) = entry?;
            let record: JournalRecord = match serde_json::from_slice(&bytes) {
                Ok(record) => record,
                Err(error) => {
                    tracing::warn!(tenant = %tenant.id, %lsn, %error, "a record of another version is passed over");
                    continue;
                }
            };
            if span.until < record.at {
                break;
            }
            records.keep(record)?;
        }
        let mut material = Self::of_records(records.records, span);
        for name in tenant.config().routers.keys() {
            if let Some(router) = tenant.router(name) {
                material.active.insert(name.clone(), router.digest.clone());
            }
        }
        for version in tenant.store.plugins(None)? {
            if let Some(component) = tenant.journal.component(&version.digest)? {
                material.components.insert(version.digest, component);
            }
        }
        Ok(material)
    }

    /// Adds what flows need: the callers' keys and the customers' cards.
    ///
    /// # Errors
    ///
    /// [`ReplayError::Store`].
    pub fn add_stories(&mut self, tenant: &Tenant, span: Span) -> Result<(), ReplayError> {
        let wanted = InteractionFilter {
            from: Some(span.from.as_micros()),
            to: Some(span.until.as_micros()),
            ..InteractionFilter::default()
        };
        let mut cursor = None;
        loop {
            let page = tenant.store.interactions(&wanted, cursor, 500)?;
            for record in page.items {
                if let Some(ani) = &record.ani
                    && !self.cards.contains_key(ani)
                    && let Some(contact) = tenant.store.find_contact(ani)?
                {
                    self.cards.insert(ani.clone(), crate::tenant::card(contact));
                }
                self.stories.insert(record.id, record.timeline);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// The digest that begins like this.
    pub fn digest(&self, start: &str) -> Option<&str> {
        let mut named = self.components.keys().filter(|digest| digest.starts_with(start));
        let (Some(digest), None) = (named.next(), named.next()) else { return None };
        Some(digest)
    }
}

/// Reads an exported journal, a record a line: the process runs that touch `span`, up to its end.
///
/// # Errors
///
/// [`ReplayError::Line`] with the number of a line that is no record.
pub fn from_lines(lines: impl BufRead, span: Span) -> Result<Vec<JournalRecord>, ReplayError> {
    let mut records = Kept::of(span.from);
    for (number, line) in lines.lines().enumerate() {
        let bad = |reason: String| ReplayError::Line { line: number + 1, reason };
        let line = line.map_err(|error| bad(error.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let record: JournalRecord =
            serde_json::from_str(&line).map_err(|error| bad(error.to_string()))?;
        if span.until < record.at {
            break;
        }
        records.keep(record)?;
    }
    Ok(records.records)
}

/// The records so far, without the process runs that ended before the time that is wanted.
struct Kept {
    from: Instant,
    records: Vec<JournalRecord>,
}

impl Kept {
    const fn of(from: Instant) -> Self {
        Self { from, records: Vec::new() }
    }

    fn keep(&mut self, record: JournalRecord) -> Result<(), ReplayError> {
        if matches!(record.input, Input::Restarted { .. }) {
            // The set-up read at the start stands before the restart and belongs to it.
            let configured = self.records.pop_if(|last| {
                0 < last.at.as_micros() && matches!(last.input, Input::Configured { .. })
            });
            if self.records.last().is_some_and(|last| last.at < self.from) {
                self.records.clear();
            }
            self.records.extend(configured);
        }
        if RECORDS_MAX <= self.records.len() {
            return Err(ReplayError::TooLong { limit: RECORDS_MAX });
        }
        self.records.push(record);
        Ok(())
    }
}

impl From<StoreError> for ReplayError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}
