//! Callbacks over a restart of the process: what the world was told of before is what the new engine is
//! told, and goes on from there.

use jackfield_core::{Callback, CallbackId, CallbackPhase, Checkpoint};

use super::super::{Book, Wrong, ensure};
use super::{Recall, RecallPhase};

impl Book {
    /// Compares the open callbacks with what is handed over at a restart now, both ways.
    ///
    /// # Errors
    ///
    /// [`Wrong`] if they differ.
    pub(crate) fn outlives(&self, checkpoint: &Checkpoint) -> Result<(), Wrong> {
        let kept = |id: &CallbackId| checkpoint.callbacks.iter().find(|(kept, _)| kept == id);
        for (id, _) in &checkpoint.callbacks {
            let open = self.recalls.open.contains_key(id);
            ensure!(open, Callback, "callback {id} outlives the process and is not open");
        }
        for (id, told) in &self.recalls.open {
            let Some((_, is)) = kept(id) else {
                ensure!(false, Callback, "callback {id} is lost with the process");
                continue;
            };
            let owner = told.owner.as_ref().filter(|(_, until)| self.now < *until);
            let same = told.contact == is.interaction
                && told.queue == is.queue
                && told.address == is.address
                && told.options == is.options
                && told.rules == is.rules
                && owner.map(|(owner, _)| owner) == is.owner.as_ref();
            ensure!(same, Callback, "callback {id} outlives the process as another");
            ensure!(told.joined == is.joined, Callback, "callback {id} loses its place");
            let alarm = told.deadline == is.deadline && told.overdue == is.overdue;
            ensure!(alarm, Callback, "callback {id} loses its alarm");
            let tries = told.attempts == is.attempts && self.goes_on_as(told, is);
            ensure!(tries, Callback, "callback {id}, {:?}, goes on as {:?}", told.phase, is.phase);
        }
        Ok(())
    }

    fn goes_on_as(&self, told: &Recall, is: &Callback) -> bool {
        match told.phase {
            RecallPhase::OnTheLine(_) | RecallPhase::InLine => is.phase == CallbackPhase::Waiting,
            RecallPhase::Retrying(at) if at <= self.now => is.phase == CallbackPhase::Waiting,
            RecallPhase::Retrying(at) => is.phase == CallbackPhase::Retrying(at),
            RecallPhase::Dialling(_) | RecallPhase::Connected(_) => {
                is.phase == CallbackPhase::Dialling(None)
            }
        }
    }

    /// Enters what is handed over at a restart.
    pub(in crate::book) fn recalls_restored(&mut self, checkpoint: &Checkpoint) {
        for (id, callback) in &checkpoint.callbacks {
            let is = callback.clone();
            let recall = Recall {
                contact: is.interaction,
                queue: is.queue,
                address: is.address,
                joined: is.joined,
                options: is.options,
                owner: is.owner.map(|owner| (owner, is.owner_until)),
                deadline: is.deadline,
                rules: is.rules,
                attempts: is.attempts,
                overdue: is.overdue,
                phase: match is.phase {
                    CallbackPhase::Retrying(at) => RecallPhase::Retrying(at),
                    _ => RecallPhase::Dialling(None),
                },
                since: self.now,
            };
            self.requests.insert(*id, recall.contact);
            self.recalls.open.insert(*id, recall);
            if callback.phase == CallbackPhase::Waiting {
                self.recall_lines_up(*id, callback.since);
            }
        }
    }
}
