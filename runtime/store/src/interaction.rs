//! Interactions: what happened with each customer's request, kept for agents and reports.

use std::ops::Bound;

use jackfield_core::{AgentId, Channel, EndCause, InteractionId, QueueId};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, Page, TenantStore, end_of, parse};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// One interaction with its whole story.
///
/// Written at arrival, so that a crash leaves a trace, and again at its end.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct InteractionRecord {
    /// Its name.
    pub id: InteractionId,
    /// The kind of conversation.
    pub channel: Channel,
    /// The customer's address, if not withheld.
    pub ani: Option<String>,
    /// What the customer dialled or wrote to.
    pub dnis: String,
    /// The id of the contact it is with, if known.
    pub contact: Option<String>,
    /// When it arrived, in microseconds since the Unix epoch.
    pub arrived_at: u64,
    /// When an agent answered.
    pub answered_at: Option<u64>,
    /// When it ended; `None` while it is in progress.
    pub ended_at: Option<u64>,
    /// Why it ended.
    pub end: Option<EndCause>,
    /// The last queue it was in.
    pub queue: Option<QueueId>,
    /// The last agent who served it.
    pub agent: Option<AgentId>,
    /// The digest of the flow version that was in charge.
    pub flow_digest: Option<String>,
    /// The path of its recording.
    pub recording: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// Names and values the flow attached.
    pub attributes: Vec<(String, String)>,
    /// How long agents talked, in milliseconds.
    pub talk_ms: u64,
    /// How long it waited in queues, in milliseconds.
    pub wait_ms: u64,
    /// Everything that happened, oldest first.
    pub timeline: Vec<TimelineEvent>,
}

/// Something that happened in an interaction.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct TimelineEvent {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// What: `enqueued`, `offered`, `digits`.
    pub what: String,
    /// Names and values.
    pub details: Vec<(String, String)>,
}

impl InteractionRecord {
    /// Creates the record of an interaction that has just arrived.
    pub fn arrived(id: InteractionId, channel: Channel, dnis: &str, arrived_at: u64) -> Self {
        Self {
            id,
            channel,
            ani: None,
            dnis: dnis.to_owned(),
            contact: None,
            arrived_at,
            answered_at: None,
            ended_at: None,
            end: None,
            queue: None,
            agent: None,
            flow_digest: None,
            recording: None,
            language: None,
            attributes: Vec::new(),
            talk_ms: 0,
            wait_ms: 0,
            timeline: Vec::new(),
        }
    }
}

/// Which interactions to list. The default is all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InteractionFilter {
    /// Served last by this agent.
    pub agent: Option<AgentId>,
    /// Last in this queue.
    pub queue: Option<QueueId>,
    /// From this address, written exactly as in the record. Has an index of its own.
    pub ani: Option<String>,
    /// Arrived at or after, in microseconds since the Unix epoch.
    pub from: Option<u64>,
    /// Arrived before, in microseconds since the Unix epoch.
    pub to: Option<u64>,
    /// Still in progress. Has an index of its own.
    pub only_open: bool,
}

impl InteractionFilter {
    fn fits(&self, record: &InteractionRecord) -> bool {
        self.agent.as_ref().is_none_or(|agent| record.agent.as_ref() == Some(agent))
            && self.queue.as_ref().is_none_or(|queue| record.queue.as_ref() == Some(queue))
            && self.ani.as_ref().is_none_or(|ani| record.ani.as_ref() == Some(ani))
            && self.from.is_none_or(|from| from <= record.arrived_at)
            && self.to.is_none_or(|to| record.arrived_at < to)
            && (!self.only_open || record.ended_at.is_none())
    }
}

impl TenantStore {
    fn interaction_key(&self, id: InteractionId) -> Vec<u8> {
        self.key(Kind::Interaction, &[&id.0.to_be_bytes()])
    }

    fn ani_key(&self, ani: &str, id: InteractionId) -> Vec<u8> {
        self.key(Kind::InteractionByAni, &[ani.as_bytes(), &id.0.to_be_bytes()])
    }

    /// Writes an interaction, in place of what was written of it before.
    ///
    /// # Errors
    ///
    /// As every write: [`StoreError::Busy`], [`StoreError::Failed`].
    pub fn put_interaction(&self, record: &InteractionRecord) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        self.interaction_batch(&mut batch, record)?;
        self.write(batch)
    }

    fn interaction_batch(
        &self,
        batch: &mut Batch,
        record: &InteractionRecord,
    ) -> Result<(), StoreError> {
        let open = self.key(Kind::OpenInteraction, &[&record.id.0.to_be_bytes()]);
        match record.ended_at {
            None => batch.put(open, &b""[..]),
            Some(_) => batch.delete(open),
        }
        // The address of an interaction does not change, so there is no old key to remove.
        if let Some(ani) = record.ani.as_deref().filter(|ani| !ani.contains('\0')) {
            batch.put(self.ani_key(ani, record.id), &b""[..]);
        }
        batch.put_document(self.interaction_key(record.id), record)
    }

    /// Returns the interaction with this name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn interaction(&self, id: InteractionId) -> Result<Option<InteractionRecord>, StoreError> {
        self.document(&self.interaction_key(id))
    }

    /// Lists interactions, newest first, at most `limit`, older than `cursor`.
    ///
    /// Filters by agent or queue read every interaction of the time asked for: give `from`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn interactions(
        &self,
        filter: &InteractionFilter,
        cursor: Option<InteractionId>,
        limit: usize,
    ) -> Result<Page<InteractionRecord, InteractionId>, StoreError> {
        let (index, prefix) = match &filter.ani {
            Some(ani) => (true, self.key(Kind::InteractionByAni, &[ani.as_bytes(), b""])),
            None if filter.only_open => (true, self.key(Kind::OpenInteraction, &[])),
            None => (false, self.key(Kind::Interaction, &[])),
        };
        let at = |id: u64| [prefix.as_slice(), &id.to_be_bytes()].concat();
        let before = cursor.map_or_else(|| end_of(&prefix), |id| Bound::Excluded(at(id.0)));
        let mut page = Page { items: Vec::<InteractionRecord>::new(), next: None };
        self.scan_backwards(at(0), before, |key, value| {
            let record = if index {
                let id = key.get(prefix.len()..).and_then(|id| id.try_into().ok());
                let Some(id) = id.map(u64::from_be_bytes) else { return Ok(true) };
                self.interaction(InteractionId(id))?
            } else {
                Some(parse::<InteractionRecord>(key, value)?)
            };
            let Some(record) = record else { return Ok(true) };
            // Names are made from the moment of arrival, made unique: an hour is ample slack.
            let slack = 3_600_000_000;
            if filter.from.is_some_and(|from| record.arrived_at + slack < from) {
                return Ok(false);
            }
            if !filter.fits(&record) {
                return Ok(true);
            }
            if page.items.len() == limit {
                page.next = page.items.last().map(|record| record.id);
                return Ok(false);
            }
            page.items.push(record);
            Ok(true)
        })?;
        Ok(page)
    }

    /// Lists the interactions that have not ended, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn open_interactions(&self) -> Result<Vec<InteractionRecord>, StoreError> {
        let filter = InteractionFilter { only_open: true, ..Default::default() };
        let mut records = self.interactions(&filter, None, usize::MAX)?.items;
        records.reverse();
        Ok(records)
    }

    /// Ends every open interaction with [`EndCause::Interrupted`], but those that go on, and returns
    /// which these were.
    ///
    /// Call once after a start, before anything new arrives: no call that was in progress when the
    /// process ended is in progress now.
    ///
    /// # Errors
    ///
    /// As every write: [`StoreError::Busy`], [`StoreError::Failed`].
    pub fn close_interrupted(
        &self,
        now_micros: u64,
        goes_on: impl Fn(&InteractionRecord) -> bool,
    ) -> Result<Vec<InteractionId>, StoreError> {
        let _one_at_a_time = self.rewrite();
        let mut batch = Batch::default();
        let mut closed = Vec::new();
        for mut record in self.open_interactions()? {
            if goes_on(&record) {
                continue;
            }
            record.ended_at = Some(now_micros);
            record.end = Some(EndCause::Interrupted);
            record.timeline.push(TimelineEvent {
                at_micros: now_micros,
                what: "interrupted".to_owned(),
                details: vec![("reason".to_owned(), "the process ended".to_owned())],
            });
            self.interaction_batch(&mut batch, &record)?;
            closed.push(record.id);
            // Ten thousand open calls with long stories do not fit one record.
            if 8 << 20 < batch.size() {
                self.write(std::mem::take(&mut batch))?;
            }
        }
        if !batch.ops.is_empty() {
            self.write(batch)?;
        }
        Ok(closed)
    }
}
