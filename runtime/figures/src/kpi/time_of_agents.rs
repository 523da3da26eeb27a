//! The time of agents, cut at the borders of the range and of intervals, and held against schedules.

use std::collections::{BTreeMap, BTreeSet};

use super::record::{AgentSpan, Lent, ScheduleSpan};
use super::report::{Place, Report};

/// Adds spans and schedules to the rows of their agents.
pub(super) fn count(report: &mut Report, records: &Lent<'_>) {
    let schedule = planned(report, records);
    let scheduled: BTreeSet<&str> = schedule.iter().map(|span| span.agent.as_str()).collect();
    let mut worked: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for span in records.spans.iter().copied() {
        if span.activity.is_working() {
            worked.entry(&span.agent).or_default().push((span.from, span.to));
        }
        count_span(report, span, scheduled.contains(span.agent.as_str()));
    }
    for span in &schedule {
        let worked = worked.get(span.agent.as_str()).map_or(&[][..], Vec::as_slice);
        count_schedule(report, span, worked);
    }
}

/// The plan for the range, as far as that time has come: what is to come cannot have been missed.
fn planned(report: &Report, records: &Lent<'_>) -> Vec<ScheduleSpan> {
    let from = report.parameters.from_us.unwrap_or_default();
    let until = report.parameters.to_us.unwrap_or(u64::MAX).min(records.known_until);
    let spans = records.schedule.iter().filter(|span| span.from < until && from < span.to);
    spans.map(|span| ScheduleSpan { to: span.to.min(until), ..span.clone() }).collect()
}

fn count_span(report: &mut Report, span: &AgentSpan, has_schedule: bool) {
    for (from, to) in pieces(report, span.from, span.to) {
        let length = to - from;
        let place = Place { at: from, agent: Some(&span.agent), ..Place::default() };
        let working = if span.activity.is_working() { length } else { 0 };
        report.add(place, |tally| {
            tally.time.add(span.activity, length, span.slots_busy, span.slots);
            if has_schedule {
                tally.time.worked += working;
            } else {
                tally.time.paid += length;
                tally.time.paid_working += working;
            }
        });
    }
}

fn count_schedule(report: &mut Report, span: &ScheduleSpan, worked: &[(u64, u64)]) {
    for (from, to) in pieces(report, span.from, span.to) {
        let length = to - from;
        let overlap =
            |(begun, ended): &(u64, u64)| (*ended).min(to).saturating_sub((*begun).max(from));
        let working: u64 = worked.iter().map(overlap).sum();
        let place = Place { at: from, agent: Some(&span.agent), ..Place::default() };
        report.add(place, |tally| {
            tally.time.scheduled += length;
            if span.activity.is_working() {
                tally.time.scheduled_working += length;
                tally.time.adherent += working;
            } else {
                tally.time.adherent += length.saturating_sub(working);
            }
            if span.paid {
                tally.time.paid += length;
                tally.time.paid_working += working;
            }
        });
    }
}

/// Cuts a span at the borders of the range and of the intervals.
fn pieces(report: &Report, from: u64, to: u64) -> Vec<(u64, u64)> {
    let parameters = &report.parameters;
    let interval = parameters.interval_us.max(1);
    let mut at = from.max(parameters.from_us.unwrap_or_default());
    let to = to.min(parameters.to_us.unwrap_or(u64::MAX));
    let mut pieces = Vec::new();
    while at < to {
        let border = (at / interval + 1).saturating_mul(interval).min(to);
        pieces.push((at, border));
        at = border;
    }
    pieces
}
