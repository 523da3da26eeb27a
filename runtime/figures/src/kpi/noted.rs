//! Facts that the engine decides nothing by: what a contact was about, what the customer thought of it,
//! what agents are planned to do.

use jackfield_core::PlannedSpan;

use super::record::{ContactRecord, IvrOutcome, ScheduleSpan};

/// Adds what the shell noted to its contact. A later rating or reason takes the place of an earlier
/// one; a question that is not answered again keeps its answer.
pub(super) fn note(contact: &mut ContactRecord, what: &str, details: &[(String, String)]) {
    let detail = |name: &str| details.iter().find(|(key, _)| key == name).map(|(_, text)| text);
    let grade = |name: &str| detail(name).and_then(|text| text.parse::<u8>().ok());
    match what {
        "rating" => {
            let rating = &mut contact.rating;
            rating.asked = true;
            let satisfaction = grade("satisfaction").filter(|grade| (1..=5).contains(grade));
            rating.satisfaction = satisfaction.or(rating.satisfaction);
            let recommend = grade("recommend").filter(|grade| *grade <= 10);
            rating.recommend = recommend.or(rating.recommend);
            let effort = grade("effort").filter(|grade| (1..=7).contains(grade));
            rating.effort = effort.or(rating.effort);
        }
        "reason" => contact.reason = detail("reason").cloned().or(contact.reason.take()),
        "informed" => {
            if let Some(ivr) = &mut contact.ivr {
                ivr.outcome = Some(IvrOutcome::Informed);
            }
        }
        _ => (),
    }
}

/// Puts `spans` in place of what was planned for `agent` in the range. The plan stays in the order of
/// agents and time.
pub(super) fn replace_plan(
    schedule: &mut Vec<ScheduleSpan>,
    agent: &str,
    (from, to): (u64, u64),
    spans: &[PlannedSpan],
) {
    if to <= from {
        return;
    }
    let mut kept = Vec::with_capacity(schedule.len() + spans.len());
    for span in schedule.drain(..) {
        if span.agent != agent || span.to <= from || to <= span.from {
            kept.push(span);
            continue;
        }
        if span.from < from {
            kept.push(ScheduleSpan { to: from, ..span.clone() });
        }
        if to < span.to {
            kept.push(ScheduleSpan { from: to, ..span });
        }
    }
    kept.extend(spans.iter().filter_map(|span| {
        let (begins, ends) = (span.from.as_micros().max(from), span.to.as_micros().min(to));
        let (agent, activity, paid) = (agent.to_owned(), span.activity, span.paid);
        (begins < ends).then_some(ScheduleSpan { agent, activity, from: begins, to: ends, paid })
    }));
    kept.sort_by(|a, b| (&a.agent, a.from, a.to).cmp(&(&b.agent, b.from, b.to)));
    *schedule = kept;
}
