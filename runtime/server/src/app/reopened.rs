//! After a restart: chats, e-mails and tasks that were open go back to their queue with their first
//! place. A customer who wrote waits for an answer whatever becomes of our process; an agent whose
//! conversation it was may not be there any more.

use std::collections::BTreeMap;

use jackfield_core::{
    Channel, Input, Instant, InteractionId, JournalRecord, Output, QueueId, QueueOptions,
};
use jackfield_store::InteractionRecord;

use crate::session::Reopening;

/// Conversations that have not ended, as the journal tells of them.
#[derive(Default)]
pub struct Conversations(BTreeMap<InteractionId, Waiting>);

struct Waiting {
    queue: QueueId,
    options: QueueOptions,
    /// The moment of its first place.
    since: Instant,
}

impl Conversations {
    /// Takes a record of the journal, in order.
    pub fn note(&mut self, record: &JournalRecord) {
        if let Input::InteractionEnqueued { interaction, queue, options } = &record.input {
            let since = options.waiting_since.unwrap_or(record.at);
            let waiting = Waiting { queue: queue.clone(), options: options.clone(), since };
            self.0.insert(*interaction, waiting);
        }
        for output in &record.outputs {
            match output {
                Output::Overflowed { interaction, to, .. }
                | Output::Moved { interaction, to, .. } => {
                    if let Some(waiting) = self.0.get_mut(interaction) {
                        waiting.queue = to.clone();
                    }
                }
                Output::Prioritised { interaction, to, .. } => {
                    if let Some(waiting) = self.0.get_mut(interaction) {
                        waiting.options.priority = *to;
                    }
                }
                Output::Closed { interaction, .. } => {
                    self.0.remove(interaction);
                }
                _ => (),
            }
        }
    }

    /// How the conversation of this record goes on; `None` if it is a call, or in no queue.
    pub fn reopening(&self, record: &InteractionRecord) -> Option<Reopening> {
        if record.channel == Channel::Voice {
            return None;
        }
        let record = record.clone();
        match self.0.get(&record.id) {
            Some(Waiting { queue, options, since }) => {
                let options = QueueOptions { waiting_since: Some(*since), ..options.clone() };
                Some(Reopening { queue: queue.clone(), options, record })
            }
            // The process ended before the engine was told of it.
            None => {
                let options = QueueOptions {
                    attributes: record.attributes.clone(),
                    waiting_since: Some(Instant::from_micros(record.arrived_at)),
                    ..QueueOptions::default()
                };
                Some(Reopening { queue: record.queue.clone()?, options, record })
            }
        }
    }
}
