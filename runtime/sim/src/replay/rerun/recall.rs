//! Customers who are called back, and what customers say while they wait.

use std::time::Duration;

use jackfield_core::{CallbackId, Channel, Input, InteractionId, OfferFailure, QueueId};

use super::super::tape::{Call, Moment};
use super::{Event, Live, World};

/// How long a phone rings that nobody is known to have answered.
const RINGS: Duration = Duration::from_secs(20);

impl World<'_, '_> {
    /// The customer of a callback is dialled: what came of the same try on the tape, or of some other
    /// try; without any the customer is not reached.
    pub(super) fn dials(&mut self, callback: CallbackId, address: &str, queue: &QueueId) {
        let key = (queue.clone(), address.to_owned());
        let known = self.tape.calls.get(&key);
        let tries = self.dialled.entry(key).or_default();
        let (number, seed) = (*tries, self.seed.branch("callback").branch(address).leaf(*tries));
        *tries += 1;
        let call = known.and_then(|calls| calls.get(number as usize)).cloned();
        let call = call.unwrap_or_else(|| {
            let pick = seed.pcg().below(self.pool.calls.len() as u64) as usize;
            let some = self.pool.calls.get(pick);
            let (after, answer) = some.copied().unwrap_or((RINGS, Err(OfferFailure::NoAnswer)));
            Call { after, answer: answer.map(|()| self.invent()) }
        });
        let at = self.now + call.after;
        self.schedule(at, Event::Called(callback, call.answer, address.to_owned()));
    }

    /// The call ended like this, or the customer is on it.
    pub(super) fn called(
        &mut self,
        callback: CallbackId,
        answer: Result<InteractionId, OfferFailure>,
        address: String,
    ) {
        let (at, tape) = (self.now, self.tape);
        let interaction = match answer {
            Ok(interaction) => interaction,
            Err(failure) => return self.feed(at, Input::CallbackNotReached { callback, failure }),
        };
        let known = tape.contacts.get(&interaction);
        self.live.insert(interaction, Live::default());
        self.feed(
            at,
            Input::InteractionArrived {
                interaction,
                channel: known.map_or(Channel::Voice, |contact| contact.channel),
                ani: known.map_or(Some(address), |contact| contact.ani.clone()),
                dnis: known.map_or_else(String::new, |contact| contact.dnis.clone()),
            },
        );
        self.feed(at, Input::CallbackReached { callback, interaction });
    }

    /// A name for a call that is not on the tape: after all that are.
    fn invent(&mut self) -> InteractionId {
        self.invented += 1;
        let last = self.tape.contacts.last_key_value().map_or(0, |(id, _)| id.0);
        InteractionId(last + self.invented)
    }

    /// What the customer said at such a moment of this stay is said again, as long after it began.
    pub(super) fn will_say(&mut self, id: InteractionId, stay: usize, moment: Moment) {
        let Some(contact) = self.tape.contacts.get(&id) else { return };
        let said = contact.said.iter().filter(|one| one.stay == stay && one.moment == moment);
        for one in said {
            self.schedule(self.now + one.after, Event::Say(id, stay, moment, one.input.clone()));
        }
    }

    /// It is said if the moment still lasts.
    pub(super) fn say(&mut self, id: InteractionId, stay: usize, moment: Moment, input: Input) {
        let lasts = self.live.get(&id).is_some_and(|live| {
            let now = match (live.waiting, &live.talking) {
                (true, _) => Moment::Waiting,
                (false, Some(_)) => Moment::Talking,
                (false, None) => Moment::InFlow,
            };
            live.stays == stay && now == moment
        });
        if lasts {
            self.feed(self.now, input);
        }
    }
}
