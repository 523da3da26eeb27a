use jackfield_core::Channel;

use super::*;
use crate::kpi::record::{
    ContactRecord, Conversation, IvrOutcome, IvrRecord, OfferOutcome, OfferRecord, QueueStay,
    Rating, StayOutcome,
};

const DAY: u64 = 86_400_000_000;

fn answered(customer: &str, reason: &str, arrived: u64) -> ContactRecord {
    let mut stay = QueueStay::begun("sales".to_owned(), arrived);
    stay.end(arrived + 10, StayOutcome::Answered);
    stay.conversation = Some(Conversation {
        agent: "ann".to_owned(),
        from: arrived + 10,
        to: Some(arrived + 100),
        talk: Some(90),
        ..Conversation::default()
    });
    ContactRecord {
        customer: Some(customer.to_owned()),
        reason: Some(reason.to_owned()),
        arrived,
        closed: Some(arrived + 100),
        stays: vec![stay],
        ..ContactRecord::default()
    }
}

fn fcr(contacts: Vec<ContactRecord>, known_until: u64, repeat: RepeatRule) -> (String, String) {
    let records = Records { contacts, known_until, ..Records::default() };
    let report = Report::of(&records, &Parameters { repeat, ..Parameters::default() });
    let value = match figure(&report, "fcr") {
        Figure::NotYetKnown => "not yet known".to_owned(),
        _ => printed(&report, "fcr"),
    };
    (value, printed(&report, "fcr_pending"))
}

/// The last contact is its customer's first, and its window is open to the end.
fn week() -> Vec<ContactRecord> {
    vec![
        answered("eva", "bill", 0),
        answered("max", "bill", DAY),
        answered("eva", "move", 3 * DAY),
        answered("max", "bill", 12 * DAY),
    ]
}

#[test]
fn who_comes_again_within_the_window_was_not_resolved() {
    let told = |fcr: &str, pending: &str| (fcr.to_owned(), pending.to_owned());
    let rule = RepeatRule::default();
    // Eva came again after three days, Max after eleven.
    assert_eq!(fcr(week(), 30 * DAY, rule.clone()), told("75.000 %", "0"));
    let same_reason = RepeatRule { same_reason: true, ..rule.clone() };
    assert_eq!(fcr(week(), 30 * DAY, same_reason), told("100.000 %", "0"));
    let longer = RepeatRule { window_us: 14 * DAY, ..rule };
    assert_eq!(fcr(week(), 30 * DAY, longer), told("50.000 %", "0"));
}

#[test]
fn fcr_is_frozen_only_after_its_window() {
    let told = |fcr: &str, pending: &str| (fcr.to_owned(), pending.to_owned());
    let rule = RepeatRule::default();
    // That Eva came again is seen on the third day, and told on the eighth.
    assert_eq!(fcr(week(), 4 * DAY, rule.clone()), told("not yet known", "4"));
    assert_eq!(fcr(week(), 7 * DAY + 101, rule.clone()), told("0.000 %", "3"));
    assert_eq!(fcr(week(), 8 * DAY + 101, rule.clone()), told("50.000 %", "2"));
    // The last moment of the window is in it.
    let mut edge = vec![answered("eva", "bill", 0), answered("eva", "bill", 7 * DAY + 100)];
    assert_eq!(fcr(edge.clone(), 30 * DAY, rule.clone()), told("50.000 %", "0"));
    edge[1].arrived += 1;
    assert_eq!(fcr(edge, 30 * DAY, rule), told("100.000 %", "0"));
}

#[test]
fn the_rule_says_who_is_looked_at() {
    let mut contacts = week();
    contacts[2].channel = Channel::Chat;
    let voice = RepeatRule { channels: vec![Channel::Voice], ..RepeatRule::default() };
    // The chat neither repeats Eva's call nor is it asked about.
    let told = ("100.000 %".to_owned(), "0".to_owned());
    assert_eq!(fcr(contacts, 30 * DAY, voice), told);
    let mut contacts = week();
    contacts[0].transferred = true;
    let whole = RepeatRule { exclude_transferred: true, ..RepeatRule::default() };
    assert_eq!(fcr(contacts, 30 * DAY, whole), told);
    let mut contacts = week();
    contacts[2].stays[0].end(3 * DAY + 5, StayOutcome::Abandoned);
    let answered = RepeatRule { exclude_abandoned: true, ..RepeatRule::default() };
    assert_eq!(fcr(contacts, 30 * DAY, answered), told);
}

#[test]
fn lost_contacts_are_lost_once_wherever_it_was() {
    let left = |ivr: Option<IvrOutcome>| ContactRecord {
        ivr: Some(IvrRecord { outcome: ivr, ..IvrRecord::default() }),
        closed: Some(1),
        ..ContactRecord::default()
    };
    let queued = |outcome, ringing| {
        let mut stay = QueueStay::begun("sales".to_owned(), 0);
        stay.end(1, outcome);
        stay.ringing = ringing;
        ContactRecord { stays: vec![stay], closed: Some(1), ..ContactRecord::default() }
    };
    let contacts = vec![
        left(Some(IvrOutcome::HungUp)),
        left(Some(IvrOutcome::SelfService)),
        left(Some(IvrOutcome::Informed)),
        queued(StayOutcome::Abandoned, false),
        queued(StayOutcome::Abandoned, true),
        queued(StayOutcome::Full, false),
        queued(StayOutcome::Callback, false),
        ContactRecord { refused: true, ..ContactRecord::default() },
        answered("eva", "bill", 0),
        ContactRecord { stays: vec![QueueStay::default()], ..ContactRecord::default() },
    ];
    let records = Records { contacts, known_until: 30 * DAY, ..Records::default() };
    let report = Report::of(&records, &Parameters::default());
    let contact = &report.total.contact;
    assert_eq!(
        (contact.lost_ivr, contact.lost_queue, contact.lost_ringing, contact.lost_refused),
        (1, 1, 1, 2)
    );
    assert_eq!(figure(&report, "car"), Figure::ratio(5, 10));
    // Who still waits is not missed.
    assert_eq!(figure(&report, "missed_rate"), Figure::ratio(4, 5));
    assert_eq!(figure(&report, "containment"), Figure::ratio(2, 3));
}

#[test]
fn offers_count_as_often_as_they_are_made() {
    let offer = |agent: &str, outcome| OfferRecord {
        agent: agent.to_owned(),
        at: 0,
        ended: Some(1),
        outcome: Some(outcome),
    };
    let mut contact = answered("eva", "bill", 0);
    contact.stays[0].offers = vec![
        offer("bob", OfferOutcome::Missed),
        offer("bob", OfferOutcome::Missed),
        offer("ann", OfferOutcome::Answered),
        offer("cid", OfferOutcome::Withdrawn),
    ];
    let records = Records { contacts: vec![contact], known_until: DAY, ..Records::default() };
    let by = Grouping::list("agent").unwrap();
    let report = Report::of(&records, &Parameters { by, ..Parameters::default() });
    assert_eq!(figure(&report, "agent_answer_rate"), Figure::ratio(1, 4));
    assert_eq!(printed(&report, "amazon.agent_non_response"), "2");
    let rows: Vec<_> = report.tables[0]
        .rows
        .iter()
        .map(|(key, tally)| (key.agent.clone().unwrap(), tally.offers.offers, tally.queue.answered))
        .collect();
    assert_eq!(rows, [("ann".into(), 1, 1), ("bob".into(), 2, 0), ("cid".into(), 1, 0)]);
}

#[test]
fn ratings_come_with_their_interval() {
    let rated = |satisfaction, recommend, effort| ContactRecord {
        rating: Rating { asked: true, satisfaction, recommend, effort },
        ..ContactRecord::default()
    };
    let mut contacts: Vec<_> = (0..10).map(|_| rated(Some(5), Some(10), Some(7))).collect();
    contacts.extend((0..4).map(|_| rated(Some(3), Some(3), Some(2))));
    contacts.extend((0..6).map(|_| rated(None, None, None)));
    let records = Records { contacts, ..Records::default() };
    let report = Report::of(&records, &Parameters::default());
    assert_eq!(figure(&report, "csat"), Figure::ratio(10, 14));
    assert_eq!(figure(&report, "response_rate"), Figure::ratio(14, 20));
    assert_eq!(figure(&report, "nps"), Figure::signed(600, 14));
    assert_eq!(figure(&report, "ces"), Figure::ratio(78, 14));
    // Wilson's interval of 10 of 14, worked out by hand: centre 0.66815, half-width 0.21464.
    assert_eq!(printed(&report, "csat_low"), "45.351 %");
    assert_eq!(printed(&report, "csat_high"), "88.279 %");
}

#[test]
fn a_transfer_after_the_conversation_is_the_last_agents() {
    let mut contact = answered("eva", "bill", 0);
    contact.transferred = true;
    let records =
        Records { contacts: vec![contact, answered("max", "bill", 0)], ..Records::default() };
    let report = Report::of(&records, &Parameters::default());
    assert_eq!(figure(&report, "transfer_rate"), Figure::ratio(1, 2));
}

/// Sixty seconds here, then fifteen in the overflow queue.
#[test]
fn a_wait_is_of_the_chain_or_of_the_queue() {
    let mut first = QueueStay::begun("sales".to_owned(), 0);
    first.end(60_000_000, StayOutcome::FlowOut);
    let mut contact = answered("eva", "bill", 60_000_000);
    contact.stays[0].end(75_000_000, StayOutcome::Answered);
    contact.stays[0].joined = 0;
    contact.stays.insert(0, first);
    let records = Records { contacts: vec![contact], known_until: DAY, ..Records::default() };
    let told = |wait_from| {
        let report = Report::of(&records, &Parameters { wait_from, ..twenty_and_five() });
        ["SL2", "asa_seconds", "mean_wait_seconds", "offered"].map(|id| printed(&report, id))
    };
    assert_eq!(told(WaitFrom::FirstQueue), ["0.000 %", "75", "37.5", "2"]);
    assert_eq!(told(WaitFrom::ThisQueue), ["100.000 %", "15", "37.5", "2"]);
}
