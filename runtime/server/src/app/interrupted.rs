//! After a crash: calls that were in progress are closed with that reason, with the story the
//! journal has of them.

use std::collections::HashMap;

use jackfield_core::{
    Checkpoint, CheckpointReader, Input, Instant, InteractionId, JournalRecord, Stats,
};
use jackfield_figures::kpi::Folder;
use jackfield_store::{InteractionRecord, Lsn, Store, StoreError, TenantStore, TimelineEvent};

use super::reopened::Conversations;
use crate::chain::{self, Chain};
use crate::session::Reopening;
use crate::tenant::{now, story_of};
use jackfield_core::TenantId;

/// What the journal told at the start.
pub struct Recovered {
    /// The figures, rebuilt from the journal.
    pub stats: Stats,
    /// The records that reports are made of, rebuilt from the journal.
    pub folder: Folder,
    /// Where its chain ends.
    pub chain: Chain,
    /// How many calls were closed as interrupted.
    pub interrupted: usize,
    /// Chats, e-mails and tasks that go on.
    pub reopened: Vec<Reopening>,
    /// The time of its last record: the engine's time goes on from there, whatever the clock says.
    pub last: Instant,
    /// What the engine is told again, since it starts without a past.
    pub checkpoint: Checkpoint,
}

/// Rebuilds the figures and closes what was open.
pub fn recover(store: &Store, tenant: &TenantId) -> Result<Recovered, StoreError> {
    let kept = store.tenant(tenant);
    let open = kept.open_interactions()?;
    let mut stories: HashMap<InteractionId, Vec<TimelineEvent>> =
        open.iter().map(|record| (record.id, Vec::new())).collect();
    let mut stats = Stats::default();
    let mut folder = Folder::new();
    let mut last = [0; 32];
    let mut conversations = Conversations::default();
    let (mut reader, mut until) = (CheckpointReader::default(), Instant::default());
    for entry in store.read_journal(tenant, Lsn::default()) {
        let (_, bytes) = entry?;
        if let Some(sealed) = chain::unseal(&bytes) {
            last = sealed.digest;
        }
        let record: JournalRecord = match serde_json::from_slice(&bytes) {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(%tenant, %error, "a journal record of another version is passed over");
                continue;
            }
        };
        folder.take(&record);
        conversations.note(&record);
        reader.take(&record);
        until = until.max(record.at);
        for output in &record.outputs {
            stats.apply(record.at, output);
            tell(&mut stories, &record, output);
        }
    }
    add_stories(&kept, open, stories)?;
    let now = now();
    let open = kept.open_interactions()?;
    let reopened: Vec<_> =
        open.iter().filter_map(|record| conversations.reopening(record)).collect();
    let goes_on = |record: &InteractionRecord| conversations.reopening(record).is_some();
    let interrupted = kept.close_interrupted(now.as_micros(), goes_on)?.len();
    let (chain, checkpoint) = (Chain::after(last), reader.checkpoint(now.max(until)));
    Ok(Recovered { stats, folder, chain, interrupted, reopened, last: until, checkpoint })
}

fn tell(
    stories: &mut HashMap<InteractionId, Vec<TimelineEvent>>,
    record: &JournalRecord,
    output: &jackfield_core::Output,
) {
    let Some((interaction, what, details)) = story_of(output) else { return };
    if let Some(story) = stories.get_mut(&interaction) {
        let what = what.to_owned();
        story.push(TimelineEvent { at_micros: record.at.as_micros(), what, details });
    }
}

fn add_stories(
    store: &TenantStore,
    open: Vec<jackfield_store::InteractionRecord>,
    mut stories: HashMap<InteractionId, Vec<TimelineEvent>>,
) -> Result<(), StoreError> {
    for mut record in open {
        if let Some(story) = stories.remove(&record.id) {
            // A conversation's record has been kept since, with what had happened by then.
            let known = record.timeline.last().map_or(0, |event| event.at_micros);
            record.timeline.extend(story.into_iter().filter(|event| known < event.at_micros));
            store.put_interaction(&record)?;
        }
    }
    Ok(())
}

/// What the engine is told first: the set-up, agents as they were, and what else has not ended.
pub fn first_inputs(
    store: &TenantStore,
    config: jackfield_core::CenterConfig,
    checkpoint: Checkpoint,
) -> Result<Vec<Input>, StoreError> {
    let agents = store.agents()?;
    let agents = agents.into_iter().map(|record| (record.agent, record.state)).collect();
    let config = std::sync::Arc::new(config);
    let checkpoint = Box::new(checkpoint);
    Ok(vec![Input::Configured { config }, Input::Restarted { agents, checkpoint }])
}
