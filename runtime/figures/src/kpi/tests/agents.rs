use jackfield_core::PlannedActivity;

use super::*;
use crate::kpi::record::{Activity, AgentSpan, ScheduleSpan};

const MINUTE: u64 = 60_000_000;
const HOUR: u64 = 60 * MINUTE;

fn span(activity: Activity, from: u64, to: u64) -> AgentSpan {
    AgentSpan { agent: "ann".to_owned(), activity, from, to, slots_busy: 0, slots: 1 }
}

fn plan(working: bool, from: u64, to: u64) -> ScheduleSpan {
    let activity = if working { PlannedActivity::Work } else { PlannedActivity::Break };
    ScheduleSpan { agent: "ann".to_owned(), activity, from, to, paid: true }
}

fn report(spans: Vec<AgentSpan>, schedule: Vec<ScheduleSpan>, parameters: &Parameters) -> Report {
    let known_until = spans.iter().map(|span| span.to).max().unwrap_or_default();
    Report::of(&Records { spans, schedule, known_until, ..Records::default() }, parameters)
}

/// The bus was late: 9:15 to 10:15 was worked where 9:00 to 10:00 was planned.
#[test]
fn the_late_bus_costs_adherence_and_no_conformance() {
    let spans = vec![span(Activity::Available, 9 * HOUR + 15 * MINUTE, 10 * HOUR + 15 * MINUTE)];
    let schedule = vec![plan(true, 9 * HOUR, 10 * HOUR)];
    let report = report(spans, schedule, &Parameters::default());
    assert_eq!(printed(&report, "adherence"), "75.000 %");
    assert_eq!(printed(&report, "conformance"), "100.000 %");
}

/// At 9:30 of a plan from 9:00 to 17:00 nobody has missed the afternoon.
#[test]
fn what_is_still_to_come_is_not_missed() {
    let spans = vec![span(Activity::Available, 9 * HOUR, 9 * HOUR + 30 * MINUTE)];
    let schedule = vec![plan(true, 9 * HOUR, 12 * HOUR), plan(true, 13 * HOUR, 17 * HOUR)];
    let report = report(spans, schedule, &Parameters::default());
    assert_eq!(printed(&report, "adherence"), "100.000 %");
    assert_eq!(figure(&report, "conformance"), Figure::ratio(30 * MINUTE, 30 * MINUTE));
}

/// Whether time is paid by a plan is not settled by a plan for another day: live figures have
/// forgotten that one.
#[test]
fn a_plan_of_another_day_is_no_plan_of_this_one() {
    let spans = vec![span(Activity::Available, 30 * HOUR, 31 * HOUR)];
    let parameters = Parameters { from_us: Some(24 * HOUR), ..Parameters::default() };
    let with = report(spans.clone(), vec![plan(true, 9 * HOUR, 10 * HOUR)], &parameters);
    assert_eq!(with, report(spans, Vec::new(), &parameters));
}

#[test]
fn a_break_is_adhered_to_by_not_working() {
    let spans = vec![
        span(Activity::Available, 0, 10 * MINUTE),
        span(Activity::Unavailable, 10 * MINUTE, 18 * MINUTE),
        span(Activity::Available, 18 * MINUTE, 30 * MINUTE),
    ];
    let schedule = vec![
        plan(true, 0, 10 * MINUTE),
        plan(false, 10 * MINUTE, 20 * MINUTE),
        plan(true, 20 * MINUTE, 30 * MINUTE),
    ];
    let report = report(spans, schedule, &Parameters::default());
    assert_eq!(figure(&report, "adherence"), Figure::ratio(28 * MINUTE, 30 * MINUTE));
    assert_eq!(figure(&report, "conformance"), Figure::ratio(22 * MINUTE, 20 * MINUTE));
}

/// 20 of 160 paid hours, and the schedule for 100 with 40 %.
#[test]
fn shrinkage_is_of_paid_time() {
    let spans = vec![
        span(Activity::Available, 0, 140 * HOUR),
        span(Activity::Unavailable, 140 * HOUR, 160 * HOUR),
    ];
    let report = report(spans, Vec::new(), &Parameters::default());
    assert_eq!(printed(&report, "shrinkage"), "12.500 %");
}

#[test]
fn occupancy_is_by_the_clock_and_by_slots() {
    let mut chats = span(Activity::Talking, 0, 30 * MINUTE);
    (chats.slots_busy, chats.slots) = (1, 4);
    let mut more = span(Activity::Talking, 30 * MINUTE, 45 * MINUTE);
    (more.slots_busy, more.slots) = (3, 4);
    let mut idle = span(Activity::Available, 45 * MINUTE, 60 * MINUTE);
    idle.slots = 4;
    let ringing = span(Activity::Ringing, 60 * MINUTE, 61 * MINUTE);
    let report = report(vec![chats, more, idle, ringing], Vec::new(), &Parameters::default());
    assert_eq!(printed(&report, "occupancy"), "75.000 %");
    // 30 × 1 + 15 × 3 of 60 × 4.
    assert_eq!(printed(&report, "occupancy_slots"), "31.250 %");
    assert_eq!(figure(&report, "utilisation"), Figure::ratio(45 * MINUTE, 61 * MINUTE));
}

#[test]
fn time_is_cut_at_intervals_and_at_the_range() {
    let parameters = Parameters {
        from_us: Some(HOUR),
        to_us: Some(2 * HOUR),
        by: Grouping::list("interval").unwrap(),
        ..Parameters::default()
    };
    let spans = vec![span(Activity::Available, 40 * MINUTE, 100 * MINUTE)];
    let report = report(spans, Vec::new(), &parameters);
    let rows = report.tables[0].rows.iter();
    let idle: Vec<_> = rows
        .map(|(key, tally)| (key.interval.unwrap() / MINUTE, tally.time.available / MINUTE))
        .collect();
    assert_eq!(idle, [(60, 30), (90, 10)]);
}

#[test]
fn earned_hours_compare_work_with_paid_time() {
    let mut report = report(
        vec![span(Activity::Available, 0, 2 * HOUR)],
        Vec::new(),
        &Parameters {
            standard_times_us: [("sales".to_owned(), 6 * MINUTE)].into(),
            ..Parameters::default()
        },
    );
    report.total.handled.standard = 15 * 6 * MINUTE;
    assert_eq!(printed(&report, "earned_hours_index"), "75.000 %");
}
