//! Whether a queue takes contacts: its business hours, and a supervisor who closes it at once.
//!
//! Who finds a queue closed goes to the first of its branches that is open and has room, or leaves
//! with [`QueueEnd::Closed`] and the queue's message. What becomes of those who wait when the hours
//! end is the queue's choice; a phone that rings then may still be answered. A supervisor's closing
//! releases everybody, whatever the hours say, and lasts until a supervisor opens the queue again.

use std::time::Duration;

use crate::center::Center;
use crate::table::QueueKey;
use crate::timer::Timer;
use crate::{AtClosing, InteractionId, Output, QueueEnd, QueueId, WithdrawReason};

/// Hours without a change for this long are looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Whether a queue takes contacts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door {
    after_hours: bool,
    emergency: Option<Emergency>,
}

#[derive(Clone, Debug)]
struct Emergency {
    message: Option<String>,
    by: String,
}

impl Door {
    pub(crate) fn is_open(&self) -> bool {
        !self.after_hours && self.emergency.is_none()
    }

    /// Returns the message and who closed it, if a supervisor did.
    pub(crate) fn closed_by_hand(&self) -> Option<(Option<&String>, &str)> {
        let emergency = self.emergency.as_ref()?;
        Some((emergency.message.as_ref(), &emergency.by))
    }
}

impl Center {
    /// Looks at all hours after a change of the set-up.
    pub(crate) fn look_at_hours(&mut self) {
        for key in self.queues.keys().collect::<Vec<_>>() {
            if !self.queues[key].gone {
                self.hours_changed(key);
            }
        }
    }

    /// A queue's hours begin or end, or were replaced.
    pub(crate) fn hours_changed(&mut self, key: QueueKey) {
        let (now, timer) = (self.now, Timer::Hours(key));
        let queue = &mut self.queues[key];
        let was_open = queue.door.is_open();
        queue.door.after_hours = false;
        match &queue.config.hours {
            Some(hours) => {
                queue.door.after_hours = !hours.is_open(now);
                let next = hours.next_change(now).unwrap_or(now + LOOK_AGAIN);
                self.timers.set(timer, next);
            }
            None => self.timers.cancel(&timer),
        }
        let release = queue.config.at_closing == AtClosing::Release;
        self.door_moved(key, was_open, "hours".to_owned());
        if release && !self.queues[key].door.is_open() {
            self.release_waiting(key);
        }
    }

    /// A supervisor closes a queue, or changes what is told of it.
    pub(crate) fn close_queue(&mut self, name: &QueueId, message: Option<String>, by: String) {
        let Some(key) = self.known_queue(name) else { return };
        let queue = &mut self.queues[key];
        let was_open = queue.door.is_open();
        queue.door.emergency = Some(Emergency { message, by: by.clone() });
        let line: Vec<InteractionId> = queue.line.iter().map(|place| place.interaction).collect();
        self.door_moved(key, was_open, by);
        for id in line {
            self.stop_ringing(id, WithdrawReason::Moved);
        }
        self.release_waiting(key);
    }

    /// A supervisor opens a queue again: its hours count.
    pub(crate) fn open_queue(&mut self, name: &QueueId, by: String) {
        let Some(key) = self.known_queue(name) else { return };
        let queue = &mut self.queues[key];
        let was_open = queue.door.is_open();
        queue.door.emergency = None;
        self.door_moved(key, was_open, by);
    }

    fn door_moved(&mut self, key: QueueKey, was_open: bool, by: String) {
        let queue = &self.queues[key];
        let open = queue.door.is_open();
        if open != was_open {
            let queue = queue.id.clone();
            // Callbacks are made while it is open, and no router's answer comes to one that is not.
            self.dirty.insert(key);
            let asked = self.queues[key].ask.filter(|ask| {
                let ask = self.asks.get(ask);
                ask.is_some_and(|ask| ask.contact.callback().is_some())
            });
            if let Some(ask) = asked.filter(|_| !open) {
                self.drop_ask(ask);
            }
            self.push(Output::QueueChanged { queue, open, by });
        }
    }

    /// Returns whether nobody may stay in the queue, not even those who wait already.
    pub(crate) fn is_cleared(&self, key: QueueKey) -> bool {
        let queue = &self.queues[key];
        let release = queue.config.at_closing == AtClosing::Release;
        queue.door.emergency.is_some() || (queue.door.after_hours && release)
    }

    /// Lets go all who wait in a closed queue, first in line first. Who rings may be answered.
    fn release_waiting(&mut self, key: QueueKey) {
        let places = self.queues[key].line.iter().map(|place| place.interaction);
        let waits = |id: &InteractionId| self.stay(*id).is_some_and(|stay| stay.rings.is_empty());
        let waiting: Vec<InteractionId> = places.filter(waits).collect();
        for id in waiting {
            self.find_closed(id);
        }
    }

    /// The contact's queue is closed: it goes to a branch, or leaves.
    pub(crate) fn find_closed(&mut self, id: InteractionId) {
        if id.callback().is_some() {
            return self.keep_callback(id);
        }
        let Some(stay) = self.stay(id) else { return };
        let queue = &self.queues[stay.queue];
        let takes_it = |key: &QueueKey| {
            let branch = &self.queues[*key];
            !stay.visited.contains(key)
                && branch.door.is_open()
                && !branch.is_full()
                && self.is_staffed(*key, &self.need_in(stay, *key), branch.config.join_needs)
        };
        let mut branches = queue.config.branches.iter().filter_map(|name| self.joinable(name));
        if let Some(branch) = branches.find(takes_it) {
            let mut visited = stay.visited.clone();
            visited.push(branch);
            self.overflow_to(id, branch, visited);
            return;
        }
        let emergency = queue.door.emergency.as_ref().and_then(|closed| closed.message.clone());
        let message = emergency.or_else(|| queue.config.closed_message.clone());
        self.leave_with(id, QueueEnd::Closed, message);
    }
}
