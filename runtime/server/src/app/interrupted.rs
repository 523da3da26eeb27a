//! After a crash: calls that were in progress are closed with that reason, with the story the
//! journal has of them.

use std::collections::HashMap;

use jackfield_core::{Input, InteractionId, JournalRecord, Stats};
use jackfield_figures::kpi::Folder;
use jackfield_store::{Lsn, Store, StoreError, TenantStore, TimelineEvent};

use crate::tenant::{now, story_of};
use jackfield_core::TenantId;

/// What the journal told at the start.
pub struct Recovered {
    /// The figures, rebuilt from the journal.
    pub stats: Stats,
    /// The records that reports are made of, rebuilt from the journal.
    pub folder: Folder,
    /// How many calls were closed as interrupted.
    pub interrupted: usize,
}

/// Rebuilds the figures and closes what was open.
pub fn recover(store: &Store, tenant: &TenantId) -> Result<Recovered, StoreError> {
    let kept = store.tenant(tenant);
    let open = kept.open_interactions()?;
    let mut stories: HashMap<InteractionId, Vec<TimelineEvent>> =
        open.iter().map(|record| (record.id, Vec::new())).collect();
    let mut stats = Stats::default();
    let mut folder = Folder::new();
    for entry in store.read_journal(tenant, Lsn::default()) {
        let (_, bytes) = entry?;
        let record: JournalRecord = match serde_json::from_slice(&bytes) {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(%tenant, %error, "a journal record of another version is passed over");
                continue;
            }
        };
        folder.take(&record);
        for output in &record.outputs {
            stats.apply(record.at, output);
            tell(&mut stories, &record, output);
        }
    }
    add_stories(&kept, open, stories)?;
    let interrupted = kept.close_interrupted(now().as_micros())?;
    Ok(Recovered { stats, folder, interrupted: interrupted.len() })
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
            record.timeline.extend(story);
            store.put_interaction(&record)?;
        }
    }
    Ok(())
}

/// What the engine is told first: agents as they were.
pub fn first_inputs(
    store: &TenantStore,
    config: jackfield_core::CenterConfig,
) -> Result<Vec<Input>, StoreError> {
    let agents = store.agents()?;
    let agents = agents.into_iter().map(|record| (record.agent, record.state)).collect();
    Ok(vec![Input::Configured { config: std::sync::Arc::new(config) }, Input::Restarted { agents }])
}
