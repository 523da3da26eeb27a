//! The whole numbers that figures are made of.
//!
//! A [`Tally`] holds counts and sums of one row of a report. Adding is the only operation, and it is
//! exact, so the order of records does not matter. No division happens here.

use serde::Serialize;

use super::record::{Activity, Conversation, OfferOutcome, QueueStay, Rating, StayOutcome, Target};

/// Counts and sums of one row. Lengths are sums of microseconds.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Tally {
    /// Queue entries and how they ended.
    pub queue: QueueTally,
    /// Conversations that have ended.
    pub handled: HandledTally,
    /// Offers to agents.
    pub offers: OfferTally,
    /// Contacts, whether they entered a queue or not.
    pub contact: ContactTally,
    /// What customers thought.
    pub rating: RatingTally,
    /// The time of agents.
    pub time: TimeTally,
}

/// Queue entries and how they ended.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct QueueTally {
    /// Queue entries.
    pub offered: u64,
    /// Of them, those that still wait.
    pub waiting: u64,
    /// A.
    pub answered: u64,
    /// A with wait ≤ T.
    pub answered_within: u64,
    /// B.
    pub abandoned: u64,
    /// B with wait ≤ T.
    pub abandoned_within: u64,
    /// B with wait ≤ s.
    pub short_abandoned: u64,
    /// CB.
    pub callbacks: u64,
    /// CB with wait ≤ T.
    pub callbacks_within: u64,
    /// F.
    pub flow_out: u64,
    /// The longest wait was reached.
    pub timed_out: u64,
    /// The queue was full.
    pub full: u64,
    /// The queue was closed.
    pub closed: u64,
    /// Nobody served it when the contact came.
    pub join_empty: u64,
    /// Nobody served it any more.
    pub leave_empty: u64,
    /// Wait of A.
    pub wait_answered: u64,
    /// Wait of B.
    pub wait_abandoned: u64,
    /// Wait in the queue itself of all that do not wait any more.
    pub wait_all: u64,
    /// Wait in the queue itself of answered, abandoned, left empty and timed out.
    pub wait_wazo: u64,
    /// The longest wait.
    pub longest_wait: u64,
}

/// Conversations that have ended.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct HandledTally {
    /// How many.
    pub handled: u64,
    /// Of them, those answered with wait ≤ T.
    pub within: u64,
    /// Talk time without hold.
    pub talk: u64,
    /// Hold time.
    pub hold: u64,
    /// Conversations that had a hold.
    pub held: u64,
    /// After-call work.
    pub acw: u64,
    /// Conversations whose after-call work is known.
    pub acw_known: u64,
    /// Agents' time for the contact in a custom status.
    pub custom: u64,
    /// Conversations that ended in a transfer.
    pub transferred: u64,
    /// Standard time of the contacts whose queue has one.
    pub standard: u64,
}

/// Offers to agents.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct OfferTally {
    /// Offers that have ended.
    pub offers: u64,
    /// Those that the agent answered.
    pub answered: u64,
    /// Those that the agent let pass.
    pub missed: u64,
}

/// Contacts, whether they entered a queue or not.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct ContactTally {
    /// Contacts that arrived.
    pub contacts: u64,
    /// Contacts that entered a queue and do not wait any more.
    pub to_humans: u64,
    /// Of them, those that an agent answered.
    pub answered: u64,
    /// Lost with an IVR: the customer hung up.
    pub lost_ivr: u64,
    /// Lost in a queue while nothing rang.
    pub lost_queue: u64,
    /// Lost in a queue while an agent was being rung.
    pub lost_ringing: u64,
    /// Lost by refusal: at the door, full, closed, empty, or waited too long.
    pub lost_refused: u64,
    /// Contacts that began with an IVR or a bot, and whose window has passed.
    pub ivr: u64,
    /// Of them, those that ended there and did not come again.
    pub contained: u64,
    /// Contacts whose containment is not known yet.
    pub ivr_pending: u64,
    /// Contacts that FCR is asked about, and whose window has passed.
    pub eligible: u64,
    /// Of them, those that did not come again.
    pub resolved: u64,
    /// Contacts that FCR is asked about, and whose window has not passed.
    pub pending: u64,
}

/// What customers thought.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct RatingTally {
    /// Customers who were asked.
    pub asked: u64,
    /// Customers who answered anything.
    pub answered: u64,
    /// Ratings of satisfaction.
    pub satisfaction: u64,
    /// Of them, 4 or 5.
    pub satisfied: u64,
    /// Answers to the question of recommendation.
    pub recommend: u64,
    /// Of them, 9 or 10.
    pub promoters: u64,
    /// Of them, 0 to 6.
    pub detractors: u64,
    /// Ratings of effort.
    pub effort: u64,
    /// Their sum.
    pub effort_sum: u64,
}

/// The time of agents.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct TimeTally {
    /// Waiting for a contact.
    pub available: u64,
    /// Being rung.
    pub ringing: u64,
    /// With a contact: talk and hold.
    pub talking: u64,
    /// After-call work.
    pub acw: u64,
    /// Logged in, and takes no contacts.
    pub unavailable: u64,
    /// Busy slots × time, while available, talking or in after-call work.
    pub slots_busy: u64,
    /// Slots × time, while available, talking or in after-call work.
    pub slots: u64,
    /// Paid time: by the schedule, or logged in for who has none.
    pub paid: u64,
    /// Of it, serving contacts.
    pub paid_working: u64,
    /// Planned time, working or not.
    pub scheduled: u64,
    /// Of it, as planned.
    pub adherent: u64,
    /// Planned working time.
    pub scheduled_working: u64,
    /// Time worked by who has a schedule, whenever.
    pub worked: u64,
}

/// A stay with what the parameters make of it.
pub(super) struct Judged<'a> {
    pub stay: &'a QueueStay,
    pub target: Target,
    /// The wait that is judged; up to now for who waits.
    pub wait: u64,
    /// The wait in this queue.
    pub own_wait: u64,
}

impl QueueTally {
    pub(super) fn add(&mut self, judged: &Judged<'_>) {
        let wait = judged.wait;
        self.offered += 1;
        self.longest_wait = self.longest_wait.max(wait);
        let Some(outcome) = judged.stay.outcome else {
            self.waiting += 1;
            return;
        };
        self.wait_all += judged.own_wait;
        let within = u64::from(wait <= judged.target.within);
        let mut counts_for_wazo = true;
        match outcome {
            StayOutcome::Answered => {
                self.answered += 1;
                self.answered_within += within;
                self.wait_answered += wait;
            }
            StayOutcome::Abandoned => {
                self.abandoned += 1;
                self.abandoned_within += within;
                self.short_abandoned += u64::from(wait <= judged.target.short);
                self.wait_abandoned += wait;
            }
            StayOutcome::TimedOut => self.timed_out += 1,
            StayOutcome::LeaveEmpty => self.leave_empty += 1,
            other => {
                counts_for_wazo = false;
                self.leave(other, within);
            }
        }
        if counts_for_wazo {
            self.wait_wazo += judged.own_wait;
        }
    }

    fn leave(&mut self, outcome: StayOutcome, within: u64) {
        match outcome {
            StayOutcome::Callback => {
                self.callbacks += 1;
                self.callbacks_within += within;
            }
            StayOutcome::FlowOut => self.flow_out += 1,
            StayOutcome::Full => self.full += 1,
            StayOutcome::Closed => self.closed += 1,
            StayOutcome::JoinEmpty => self.join_empty += 1,
            StayOutcome::Answered
            | StayOutcome::Abandoned
            | StayOutcome::TimedOut
            | StayOutcome::LeaveEmpty => (),
        }
    }
}

impl HandledTally {
    /// Counts a conversation if it has ended.
    pub(super) fn add(&mut self, conversation: &Conversation, within: bool, standard: u64) {
        let Some(talk) = conversation.talk else { return };
        self.handled += 1;
        self.within += u64::from(within);
        self.talk += talk;
        self.hold += conversation.hold;
        self.held += u64::from(conversation.holds != 0);
        if let Some(acw) = conversation.acw {
            self.acw += acw;
            self.acw_known += 1;
        }
        self.custom += conversation.custom;
        self.transferred += u64::from(conversation.transferred);
        self.standard += standard;
    }
}

impl OfferTally {
    pub(super) const fn add(&mut self, outcome: OfferOutcome) {
        self.offers += 1;
        match outcome {
            OfferOutcome::Answered => self.answered += 1,
            OfferOutcome::Missed => self.missed += 1,
            OfferOutcome::Withdrawn => (),
        }
    }
}

impl RatingTally {
    pub(super) fn add(&mut self, rating: &Rating) {
        let any = rating.satisfaction.or(rating.recommend).or(rating.effort).is_some();
        self.asked += u64::from(rating.asked || any);
        self.answered += u64::from(any);
        if let Some(satisfaction) = rating.satisfaction {
            self.satisfaction += 1;
            self.satisfied += u64::from(4 <= satisfaction);
        }
        if let Some(recommend) = rating.recommend {
            self.recommend += 1;
            self.promoters += u64::from(9 <= recommend);
            self.detractors += u64::from(recommend <= 6);
        }
        if let Some(effort) = rating.effort {
            self.effort += 1;
            self.effort_sum += u64::from(effort);
        }
    }
}

impl TimeTally {
    /// Returns the time with contacts.
    pub const fn contact(&self) -> u64 {
        self.talking + self.acw
    }

    /// Returns the time logged in.
    pub const fn logged_in(&self) -> u64 {
        self.available + self.ringing + self.contact() + self.unavailable
    }

    pub(super) const fn add(&mut self, activity: Activity, length: u64, busy: u64, slots: u64) {
        match activity {
            Activity::Available => self.available += length,
            Activity::Ringing => self.ringing += length,
            Activity::Talking => self.talking += length,
            Activity::AfterCallWork => self.acw += length,
            Activity::Unavailable => self.unavailable += length,
        }
        if matches!(activity, Activity::Available | Activity::Talking | Activity::AfterCallWork) {
            self.slots_busy += length * busy;
            self.slots += length * slots;
        }
    }
}
