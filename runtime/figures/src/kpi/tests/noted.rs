//! Schedules, ratings and reasons in a journal, against figures made by hand.

use std::sync::Arc;

use jackfield_core::*;

use super::*;

/// 2026-11-21T09:00:00Z in seconds.
const NINE: u64 = 1_795_251_600;

struct Journal {
    center: Center,
    records: Vec<JournalRecord>,
}

/// A moment of the morning: minutes and seconds after nine.
fn at(minutes: u64, seconds: u64) -> Instant {
    Instant::from_micros((NINE + minutes * 60 + seconds) * 1_000_000)
}

/// One length of minutes as a share of another.
fn minutes(over: u64, under: u64) -> Figure {
    Figure::ratio(over * 60_000_000, under * 60_000_000)
}

impl Journal {
    fn feed(&mut self, at: Instant, input: Input) {
        while let Some(due) = self.center.next_deadline().filter(|due| *due <= at) {
            self.records.push(JournalRecord::take(&mut self.center, due, Input::TimeElapsed));
        }
        self.records.push(JournalRecord::take(&mut self.center, at, input));
    }

    fn note(&mut self, at: Instant, id: u64, what: &str, details: &[(&str, &str)]) {
        let details = details.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect();
        let interaction = InteractionId(id);
        self.feed(at, Input::Noted { interaction, what: what.to_owned(), details });
    }

    /// A call that is answered at once and lasts `minutes`.
    fn call(&mut self, from: Instant, id: u64, minutes: u64) {
        let interaction = InteractionId(id);
        let (ani, dnis) = (Some("+37120000001".to_owned()), "shop".to_owned());
        let channel = Channel::Voice;
        self.feed(from, Input::InteractionArrived { interaction, channel, ani, dnis });
        let (queue, options) = ("sales".parse().unwrap(), QueueOptions::default());
        self.feed(from, Input::InteractionEnqueued { interaction, queue, options });
        self.feed(from, Input::OfferAccepted { offer: OfferId(id) });
        let to = from + std::time::Duration::from_secs(60 * minutes);
        self.feed(to, Input::ConversationEnded { interaction, by: Party::Customer });
        self.feed(to, Input::InteractionEnded { interaction, cause: EndCause::Completed });
    }
}

fn planned(activity: PlannedActivity, from: Instant, to: Instant) -> PlannedSpan {
    PlannedSpan { activity, from, to, paid: activity.is_usually_paid() }
}

/// ann was to work from 9:00 to 10:00, with a break from 9:30 to 9:40. She comes at 9:05, takes calls
/// of 10 and 5 minutes, goes to her break at 9:35 and comes back at 9:45; at 10:00 she leaves.
fn morning() -> Journal {
    let mut journal = Journal { center: Center::new(), records: Vec::new() };
    let mut config = CenterConfig::default();
    let queue = QueueConfig { wrap_up: std::time::Duration::ZERO, ..QueueConfig::default() };
    config.queues.insert("sales".parse().unwrap(), queue);
    let level = Proficiency::new(5).unwrap();
    let queues = [("sales".parse().unwrap(), level)].into();
    config.agents.insert("ann".parse().unwrap(), AgentConfig { queues, ..Default::default() });
    journal.feed(at(0, 0), Input::Configured { config: Arc::new(config) });
    let ann: AgentId = "ann".parse().unwrap();
    let plan =
        |spans| Input::Scheduled { agent: ann.clone(), from: at(0, 0), to: at(60, 0), spans };
    // The first plan was a mistake, and is replaced.
    journal.feed(at(0, 1), plan(vec![planned(PlannedActivity::Leave, at(0, 0), at(60, 0))]));
    journal.feed(
        at(0, 2),
        plan(vec![
            planned(PlannedActivity::Work, at(0, 0), at(30, 0)),
            planned(PlannedActivity::Break, at(30, 0), at(40, 0)),
            planned(PlannedActivity::Work, at(40, 0), at(60, 0)),
        ]),
    );
    journal.feed(at(5, 0), Input::AgentReady { agent: ann.clone() });
    journal.call(at(6, 0), 1, 10);
    journal.call(at(20, 0), 2, 5);
    let reason = NotReadyReason("break".to_owned());
    journal.feed(at(35, 0), Input::AgentNotReady { agent: ann.clone(), reason });
    journal.feed(at(45, 0), Input::AgentReady { agent: ann.clone() });
    journal.feed(at(60, 0), Input::AgentLoggedOut { agent: ann });
    // What customers say comes after their calls.
    journal.note(at(61, 0), 1, "rating", &[("satisfaction", "5"), ("recommend", "10")]);
    journal.note(at(62, 0), 2, "rating", &[("satisfaction", "2"), ("effort", "4")]);
    journal.note(at(63, 0), 1, "rating", &[("satisfaction", "4")]);
    journal.note(at(64, 0), 1, "reason", &[("reason", "invoice")]);
    journal.note(at(65, 0), 2, "reason", &[("reason", "delivery")]);
    journal
}

#[test]
fn a_morning_gives_what_is_counted_by_hand() {
    let parameters = Parameters {
        standard_times_us: [("sales".to_owned(), 6 * 60_000_000)].into(),
        ..Parameters::default()
    };
    let folder = Folder::fold(&morning().records);
    let report = folder.report(&parameters);
    // Right: work 9:05-9:30 (25), break 9:35-9:40 (5), work 9:45-10:00 (15): 45 of 60 minutes.
    assert_eq!(figure(&report, "adherence"), minutes(45, 60));
    // Worked 9:05-9:35 and 9:45-10:00, 45 minutes, of 50 that were to be worked.
    assert_eq!(figure(&report, "conformance"), minutes(45, 50));
    // Two calls of 6 standard minutes; worked within paid time: 25 + 5 of the break + 15.
    assert_eq!(figure(&report, "earned_hours_index"), minutes(12, 45));
    assert_eq!(figure(&report, "shrinkage"), minutes(15, 60));
    assert_eq!(figure(&report, "csat"), Figure::ratio(1, 2));
    assert_eq!(figure(&report, "nps").value(), Some(100.0));
    assert_eq!(figure(&report, "ces").value(), Some(4.0));
    let stored = serde_json::from_str(&to_json(&report).to_string()).unwrap();
    assert_eq!(recompute(&stored, &morning().records), Ok(()));
    let without = &morning().records[3..];
    assert!(recompute(&stored, without).is_err());
}

#[test]
fn the_same_customer_with_another_reason_does_not_repeat() {
    let mut journal = morning();
    journal.feed(at(60 * 24 * 10, 0), Input::TimeElapsed);
    let folder = Folder::fold(&journal.records);
    let mut parameters = Parameters::default();
    assert_eq!(figure(&folder.report(&parameters), "fcr"), Figure::ratio(1, 2));
    parameters.repeat.same_reason = true;
    assert_eq!(figure(&folder.report(&parameters), "fcr"), Figure::ratio(2, 2));
    parameters.repeat.channels = RepeatRule::channels_of(["chat"]).unwrap();
    assert_eq!(figure(&folder.report(&parameters), "fcr"), Figure::NoData);
    let asked = by_id("fcr").unwrap().asked(&parameters);
    assert_eq!(asked, "W = 7 days, same reason, channels chat");
}

#[test]
fn forgetting_leaves_later_figures_as_they_are() {
    let mut journal = morning();
    let ann: AgentId = "ann".parse().unwrap();
    let (from, to) = (at(120, 0), at(180, 0));
    let spans = vec![planned(PlannedActivity::Work, from, to)];
    journal.feed(at(66, 0), Input::Scheduled { agent: ann.clone(), from, to, spans });
    journal.feed(at(130, 0), Input::AgentReady { agent: ann });
    journal.feed(at(150, 0), Input::TimeElapsed);
    let mut folder = Folder::fold(&journal.records);
    let from_us = Some(at(100, 0).as_micros());
    let parameters = Parameters { from_us, ..Parameters::default() };
    let before = folder.report(&parameters);
    folder.forget(at(100, 0).as_micros());
    assert_eq!(folder.schedule().len(), 1);
    assert_eq!(folder.report(&parameters), before);
    // 9:00 is two hours ago: 20 of the 30 minutes that have come were worked.
    assert_eq!(figure(&before, "adherence"), minutes(20, 30));
}
