//! After a crash: calls that were in progress are closed with that reason, with the story the
//! journal has of them.

use std::collections::{BTreeMap, HashMap};

use jackfield_core::{
    CallbackId, CallbackState, Input, Instant, InteractionId, JournalRecord, Output, QueueId, Stats,
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
    /// What the engine is told again, since it starts without a past.
    pub again: Vec<Input>,
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
    let mut standing = Standing::default();
    let mut conversations = Conversations::default();
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
        standing.note(&record);
        conversations.note(&record);
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
    let (chain, again) = (Chain::after(last), standing.inputs(now));
    Ok(Recovered { stats, folder, chain, interrupted, reopened, again })
}

/// What outlives the process: queues that a supervisor closed, and customers who wait at home.
#[derive(Default)]
struct Standing {
    closed: BTreeMap<QueueId, (Option<String>, String)>,
    callbacks: BTreeMap<CallbackId, Input>,
    deadlines: BTreeMap<CallbackId, Instant>,
}

impl Standing {
    fn note(&mut self, record: &JournalRecord) {
        match &record.input {
            Input::QueueClosed { queue, message, by } => {
                self.closed.insert(queue.clone(), (message.clone(), by.clone()));
            }
            Input::QueueOpened { queue, .. } => {
                self.closed.remove(queue);
            }
            // A new engine numbers its callbacks anew; those before were told to it again.
            Input::Restarted { .. } => {
                self.callbacks.clear();
                self.deadlines.clear();
            }
            _ => (),
        }
        for output in &record.outputs {
            let Output::CallbackChanged { callback, interaction, queue, state } = output else {
                continue;
            };
            match state {
                CallbackState::Waiting { address, origin, owner, deadline } => {
                    let again = Input::CallbackRequested {
                        interaction: *interaction,
                        queue: Some(queue.clone()),
                        address: Some(address.clone()),
                        origin: *origin,
                        owner: owner.clone(),
                        deadline: None,
                    };
                    self.callbacks.insert(*callback, again);
                    self.deadlines.insert(*callback, *deadline);
                }
                CallbackState::Done
                | CallbackState::GotThrough
                | CallbackState::Merged { .. }
                | CallbackState::Cancelled { .. }
                | CallbackState::Failed => {
                    self.callbacks.remove(callback);
                    self.deadlines.remove(callback);
                }
                CallbackState::Dialling { .. }
                | CallbackState::Retry { .. }
                | CallbackState::Overdue => (),
            }
        }
    }

    fn inputs(self, now: Instant) -> Vec<Input> {
        let closed = self.closed.into_iter();
        let closed = closed.map(|(queue, (message, by))| Input::QueueClosed { queue, message, by });
        let deadlines = self.deadlines;
        let callbacks = self.callbacks.into_iter().map(|(callback, mut again)| {
            if let Input::CallbackRequested { deadline, .. } = &mut again {
                // What is overdue already raises its alarm at once.
                *deadline = deadlines.get(&callback).map(|until| until.saturating_since(now));
            }
            again
        });
        closed.chain(callbacks).collect()
    }
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
    again: Vec<Input>,
) -> Result<Vec<Input>, StoreError> {
    let agents = store.agents()?;
    let agents = agents.into_iter().map(|record| (record.agent, record.state)).collect();
    let config = std::sync::Arc::new(config);
    let mut first = vec![Input::Configured { config }, Input::Restarted { agents }];
    first.extend(again);
    Ok(first)
}
