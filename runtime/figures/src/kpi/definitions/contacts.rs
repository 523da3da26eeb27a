//! Contacts as a whole: lost, resolved, contained, rated.

use super::Kpi;
use crate::kpi::figure::{Figure, Unit};
use crate::kpi::tally::{ContactTally, Tally};

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Returns a bound of Wilson's score interval for `hits` of `all`; `sign` is -1 or 1.
fn wilson(hits: u64, all: u64, sign: f64) -> Figure {
    if all == 0 {
        return Figure::NoData;
    }
    let (n, share) = (all as f64, hits as f64 / all as f64);
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Figure::Real(((middle + sign * spread) / (1.0 + Z * Z / n)).clamp(0.0, 1.0))
}

/// A ratio that is not known before a window of time has passed.
fn after_window(over: u64, under: u64, pending: u64) -> Figure {
    if under == 0 && pending != 0 { Figure::NotYetKnown } else { Figure::ratio(over, under) }
}

const fn lost(contact: &ContactTally) -> u64 {
    contact.lost_ivr + contact.lost_queue + contact.lost_ringing + contact.lost_refused
}

fn difference(over: u64, less: u64) -> i64 {
    i64::try_from(over).unwrap_or(i64::MAX) - i64::try_from(less).unwrap_or(i64::MAX)
}

/// A KPI that is a count of contacts.
macro_rules! contacts {
    ($id:literal, $english:literal, $russian:literal, $formula:literal, |$tally:ident| $count:expr) => {
        Kpi {
            id: $id,
            english: $english,
            russian: $russian,
            formula: $formula,
            unit: Unit::Count,
            notes: "",
            of: |$tally: &Tally, _| Figure::count($count),
        }
    };
}

pub(super) const KPIS: &[Kpi] = &[
    contacts!("contacts", "Contacts", "Обращения", "contacts that arrived", |tally| {
        tally.contact.contacts
    }),
    contacts!(
        "lost",
        "Lost contacts",
        "Потерянные обращения",
        "lost with an IVR + in a queue + while ringing + refused",
        |tally| lost(&tally.contact)
    ),
    Kpi {
        id: "car",
        english: "CAR, call abandonment rate",
        russian: "CAR, доля потерянных обращений",
        formula: "all lost (IVR + queue + ringing + refused)/contacts",
        unit: Unit::Ratio,
        notes: "refused: at the door, full, closed, empty, timed out without an answer",
        of: |tally, _| Figure::ratio(lost(&tally.contact), tally.contact.contacts),
    },
    Kpi {
        id: "missed_rate",
        english: "Missed",
        russian: "Пропущенные",
        formula: "not answered by a human / offered to humans; who waits is in neither",
        unit: Unit::Ratio,
        notes: "Amazon Connect's agent non-response counts offers, so one contact many times: \
                amazon.agent_non_response",
        of: |tally, _| {
            let contact = &tally.contact;
            Figure::ratio(contact.to_humans - contact.answered, contact.to_humans)
        },
    },
    Kpi {
        id: "fcr",
        english: "FCR",
        russian: "Решено с первого обращения (FCR)",
        formula: "1 − contacts followed by another of the same customer (and the same reason, if \
                  asked for) within W / eligible contacts; frozen after W",
        unit: Unit::Ratio,
        notes: "W is 1 to 30 days, 7 commonly; eligible is answered, of a known customer",
        of: |tally, _| {
            let contact = &tally.contact;
            after_window(contact.resolved, contact.eligible, contact.pending)
        },
    },
    contacts!(
        "fcr_pending",
        "FCR not yet known",
        "FCR ещё неизвестно",
        "eligible contacts whose window W has not passed; in neither term of FCR",
        |tally| tally.contact.pending
    ),
    Kpi {
        id: "containment",
        english: "Containment",
        russian: "Обслужено без оператора",
        formula: "ended in a bot or an IVR without a human and without another contact within W / \
                  entered it",
        unit: Unit::Ratio,
        notes: "a customer who is not known cannot be seen to come again",
        of: |tally, _| {
            let contact = &tally.contact;
            after_window(contact.contained, contact.ivr, contact.ivr_pending)
        },
    },
    contacts!(
        "containment_pending",
        "Containment not yet known",
        "Самообслуживание ещё неизвестно",
        "contacts that entered a bot or an IVR and whose window W has not passed; in neither term",
        |tally| tally.contact.ivr_pending
    ),
    Kpi {
        id: "csat",
        english: "CSAT",
        russian: "Удовлетворённость (CSAT)",
        formula: "ratings of 4 or 5 of 5 / ratings",
        unit: Unit::Ratio,
        notes: "Chatwoot: positive / responses",
        of: |tally, _| Figure::ratio(tally.rating.satisfied, tally.rating.satisfaction),
    },
    Kpi {
        id: "csat_low",
        english: "CSAT, lower bound",
        russian: "CSAT, нижняя граница",
        formula: "Wilson's 95 % interval of CSAT",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| wilson(tally.rating.satisfied, tally.rating.satisfaction, -1.0),
    },
    Kpi {
        id: "csat_high",
        english: "CSAT, upper bound",
        russian: "CSAT, верхняя граница",
        formula: "Wilson's 95 % interval of CSAT",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| wilson(tally.rating.satisfied, tally.rating.satisfaction, 1.0),
    },
    Kpi {
        id: "response_rate",
        english: "Response rate",
        russian: "Доля ответивших на опрос",
        formula: "customers who rated / customers who were asked",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| Figure::ratio(tally.rating.answered, tally.rating.asked),
    },
    Kpi {
        id: "nps",
        english: "NPS",
        russian: "Индекс лояльности (NPS)",
        formula: "100 × (answers of 9 or 10 − answers of 0 to 6) / answers",
        unit: Unit::Points,
        notes: "−100 to 100",
        of: |tally, _| {
            let rating = &tally.rating;
            let points = difference(rating.promoters, rating.detractors).saturating_mul(100);
            Figure::signed(points, rating.recommend)
        },
    },
    Kpi {
        id: "ces",
        english: "CES",
        russian: "Усилия клиента (CES)",
        formula: "mean of the effort scale 1 to 7, 7 is easy",
        unit: Unit::Points,
        notes: "",
        of: |tally, _| Figure::ratio(tally.rating.effort_sum, tally.rating.effort),
    },
];
