//! What changes for a contact while it waits: its queue, its priority, what it needs of an agent.

use std::cmp::Reverse;
use std::mem;

use crate::ask::{Ask, shown};
use crate::center::Center;
use crate::need::{self, Need};
use crate::queue::Place;
use crate::table::QueueKey;
use crate::timer::Timer;
use crate::{InteractionId, Output, QueueEnd, QueueId, Refusal, WithdrawReason};

/// How often in a row routers may change a contact's priority instead of offering it.
const PRIORITISED_MAX: u8 = 3;
/// Whose deed it is when a priority rises with the wait.
const AGEING: &str = "ageing";

impl Center {
    /// A router sends the contact to another queue. Each is visited in this way at most once in a
    /// stay, and a queue that would turn the contact away is no answer.
    pub(crate) fn move_by_router(
        &mut self,
        ask: &Ask,
        name: &str,
        plugin: &str,
    ) -> Result<(), String> {
        let id = ask.contact;
        if id.callback().is_some() {
            return Err("a callback stays in its queue".to_owned());
        }
        let Some(stay) = self.stay(id) else { return Ok(()) };
        let known = QueueId::new(name).ok().and_then(|name| self.joinable(&name));
        let to = known.ok_or_else(|| format!("there is no queue `{}` to move to", shown(name)))?;
        if to == stay.queue {
            return Err(format!("the contact is in `{name}` already"));
        }
        if stay.moved.contains(&to) {
            return Err(format!("the contact was moved from or to `{name}` before"));
        }
        let queue = &self.queues[to];
        if !queue.door.is_open() {
            return Err(format!("the queue `{name}` is closed"));
        }
        if queue.is_full() {
            return Err(format!("the queue `{name}` is full"));
        }
        if !self.is_staffed(to, &self.need_in(stay, to), queue.config.join_needs) {
            return Err(format!("nobody of the queue `{name}` could serve the contact"));
        }
        let from = stay.queue;
        if let Some(stay) = self.stay_mut(id) {
            stay.moved.extend([from, to]);
        }
        self.move_to(id, to, plugin);
        Ok(())
    }

    /// A supervisor sends the contact to another queue, whatever its size. A callback stays in its own:
    /// its rules are that queue's, and the customer may have another one there.
    pub(crate) fn move_by_hand(&mut self, id: InteractionId, name: &QueueId, by: &str) {
        let Some(stay) = self.stay(id).filter(|_| id.callback().is_none()) else {
            self.push(Output::Refused { interaction: id, why: Refusal::NotQueued });
            return;
        };
        let Some(to) = self.joinable(name) else {
            let why = Refusal::UnknownQueue(name.clone());
            self.push(Output::Refused { interaction: id, why });
            return;
        };
        if to == stay.queue {
            return;
        }
        let (open, need) = (self.queues[to].door.is_open(), self.need_in(stay, to));
        let staffed = self.is_staffed(to, &need, self.queues[to].config.join_needs);
        self.stop_ringing(id, WithdrawReason::Moved);
        self.move_to(id, to, by);
        if !open {
            self.find_closed(id);
        } else if !staffed {
            self.leave(id, QueueEnd::NoAgents);
        }
    }

    fn move_to(&mut self, id: InteractionId, to: QueueKey, by: &str) {
        let Some(stay) = self.stay(id) else { return };
        let (from, name) = (self.queues[stay.queue].id.clone(), self.queues[to].id.clone());
        self.push(Output::Moved { interaction: id, from, to: name, by: by.to_owned() });
        self.change_queue(id, to);
    }

    /// A router changes the contact's priority; it is asked again.
    pub(crate) fn prioritise_by_router(
        &mut self,
        ask: &Ask,
        priority: i8,
        plugin: &str,
    ) -> Result<(), String> {
        let Some(stay) = self.stay_mut(ask.contact) else { return Ok(()) };
        if PRIORITISED_MAX <= stay.prioritised {
            return Err(format!("the priority was changed {PRIORITISED_MAX} times in a row"));
        }
        stay.prioritised += 1;
        self.prioritise(ask.contact, priority, plugin);
        Ok(())
    }

    /// A supervisor changes the contact's priority.
    pub(crate) fn prioritise_by_hand(&mut self, id: InteractionId, priority: i8, by: &str) {
        if self.stay(id).is_some() {
            self.prioritise(id, priority, by);
        } else {
            self.push(Output::Refused { interaction: id, why: Refusal::NotQueued });
        }
    }

    fn prioritise(&mut self, id: InteractionId, priority: i8, by: &str) {
        let Some(stay) = self.stay(id) else { return };
        let from = stay.place.priority.0;
        if from == priority {
            return;
        }
        let queue = self.queues[stay.queue].id.clone();
        let place = Place { priority: Reverse(priority), ..stay.place };
        let need = stay.need.clone();
        self.stand(id, place, need);
        let by = by.to_owned();
        self.push(Output::Prioritised { interaction: id, queue, from, to: priority, by });
        self.time_ageing(id);
    }

    /// Lets a contact stand at another place, or with another need, in the same queue.
    pub(crate) fn stand(&mut self, id: InteractionId, place: Place, need: Need) {
        let Some(stay) = self.stay_mut(id) else { return };
        let old_place = mem::replace(&mut stay.place, place);
        let old_need = mem::replace(&mut stay.need, need.clone());
        let (key, rings) = (stay.queue, !stay.rings.is_empty());
        let queue = &mut self.queues[key];
        queue.exit(&old_place);
        queue.enter(place);
        if queue.paused.remove(&old_place) {
            queue.paused.insert(place);
        } else if !rings {
            queue.stop_waiting(&old_need, &old_place);
            queue.wait(&need, place);
        }
        self.dirty.insert(key);
    }

    /// Times the next rise of the contact's priority.
    pub(crate) fn time_ageing(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let config = &self.queues[stay.queue].config;
        let every = config.age_every.filter(|every| !every.is_zero());
        let Some(every) = every.filter(|_| stay.place.priority.0 < config.age_limit) else {
            self.timers.cancel(&Timer::Age(id));
            return;
        };
        // The multiples of `every` from joining the queue, so that nothing moves them.
        let passed = (self.now - stay.joined).as_micros() / every.as_micros() + 1;
        let wait = u64::try_from(every.as_micros() * passed).unwrap_or(u64::MAX);
        let at = stay.joined + std::time::Duration::from_micros(wait);
        self.timers.set(Timer::Age(id), at);
    }

    pub(crate) fn age(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let (priority, limit) = (stay.place.priority.0, self.queues[stay.queue].config.age_limit);
        self.prioritise(id, priority.saturating_add(1).min(limit), AGEING);
        self.time_ageing(id);
    }

    /// Times the next step of the queue's eligibility.
    pub(crate) fn time_step(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let steps = &self.queues[stay.queue].config.steps;
        match steps.get(stay.step as usize) {
            Some(step) => {
                let at = (stay.joined + step.after).max(self.now);
                self.timers.set(Timer::Relax(id), at);
            }
            None => self.timers.cancel(&Timer::Relax(id)),
        }
    }

    /// The next step of the queue's eligibility begins for a contact. A phone that rings goes on.
    pub(crate) fn relax(&mut self, id: InteractionId) {
        let Some(stay) = self.stay(id) else { return };
        let queue = &self.queues[stay.queue];
        let (key, step, place) = (stay.queue, stay.step + 1, stay.place);
        let need = Need::new(stay.need.channel, &stay.options, &queue.config, step, &self.skills);
        let need = need.of_only(stay.need.only());
        let words = need::in_words(&stay.options, &queue.config, step, &need);
        let name = queue.id.clone();
        if let Some(stay) = self.stay_mut(id) {
            stay.step = step;
        }
        self.stand(id, place, need);
        self.push(Output::Relaxed { interaction: id, queue: name, step, need: words });
        // Its router is asked afresh: others may be candidates now.
        let ask = self.queues[key].ask;
        if let Some(ask) = ask.filter(|ask| self.asks.get(ask).is_some_and(|ask| ask.contact == id))
        {
            self.drop_ask(ask);
        }
        self.resume(id);
        self.vacated.insert(key);
        self.time_step(id);
    }
}
