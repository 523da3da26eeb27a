//! Agents: offers, occupancy, adherence, earned hours.

use super::Kpi;
use crate::kpi::figure::{Figure, Unit};

pub(super) const KPIS: &[Kpi] = &[
    Kpi {
        id: "offers",
        english: "Offers",
        russian: "Предложено операторам",
        formula: "offers to agents that have ended",
        unit: Unit::Count,
        notes: "one contact may be offered many times",
        of: |tally, _| Figure::count(tally.offers.offers),
    },
    Kpi {
        id: "offers_answered",
        english: "Offers answered",
        russian: "Принято операторами",
        formula: "offers that the agent answered",
        unit: Unit::Count,
        notes: "",
        of: |tally, _| Figure::count(tally.offers.answered),
    },
    Kpi {
        id: "agent_answer_rate",
        english: "Agent answer rate",
        russian: "Доля принятых предложений",
        formula: "offers answered / offers",
        unit: Unit::Ratio,
        notes: "Amazon Connect; offers withdrawn because the customer left are offers too",
        of: |tally, _| Figure::ratio(tally.offers.answered, tally.offers.offers),
    },
    Kpi {
        id: "occupancy",
        english: "Occupancy",
        russian: "Занятость (occupancy)",
        formula: "contact time/(contact time + idle available); contact time is talk, hold and \
                  after-call work",
        unit: Unit::Ratio,
        notes: "wall clock, ignores concurrency, as Amazon Connect; ringing is in neither term",
        of: |tally, _| {
            let contact = tally.time.contact();
            Figure::ratio(contact, contact + tally.time.available)
        },
    },
    Kpi {
        id: "occupancy_slots",
        english: "Occupancy of slots",
        russian: "Занятость слотов",
        formula: "Σ busy slots × time / Σ slots × time",
        unit: Unit::Ratio,
        notes: "the second measure for agents with several chats at once",
        of: |tally, _| Figure::ratio(tally.time.slots_busy, tally.time.slots),
    },
    Kpi {
        id: "utilisation",
        english: "Utilisation",
        russian: "Использование времени",
        formula: "contact time / paid time",
        unit: Unit::Ratio,
        notes: "paid by the schedule; logged in for who has none",
        of: |tally, _| Figure::ratio(tally.time.contact(), tally.time.paid),
    },
    Kpi {
        id: "shrinkage",
        english: "Shrinkage",
        russian: "Сокращение рабочего времени (shrinkage)",
        formula: "paid but unavailable time / paid time",
        unit: Unit::Ratio,
        notes: "schedule = need/(1 − shrinkage)",
        of: |tally, _| {
            let time = &tally.time;
            Figure::ratio(time.paid.saturating_sub(time.paid_working), time.paid)
        },
    },
    Kpi {
        id: "adherence",
        english: "Adherence",
        russian: "Соблюдение графика",
        formula: "time in the right state ∩ schedule / scheduled time",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| Figure::ratio(tally.time.adherent, tally.time.scheduled),
    },
    Kpi {
        id: "conformance",
        english: "Conformance",
        russian: "Соответствие графику",
        formula: "time worked / time scheduled, whenever it was worked",
        unit: Unit::Ratio,
        notes: "may exceed 1",
        of: |tally, _| Figure::ratio(tally.time.worked, tally.time.scheduled_working),
    },
    Kpi {
        id: "earned_hours_index",
        english: "Earned-hours index",
        russian: "Индекс нормо-часов",
        formula: "Σ_k n_k·std_k / productive paid hours; k is a queue, n its contacts handled, std \
                  the standard time",
        unit: Unit::Ratio,
        notes: "the same scale for phone and back-office; needs standard times",
        of: |tally, parameters| {
            if parameters.standard_times_us.is_empty() {
                return Figure::NoData;
            }
            Figure::ratio(tally.handled.standard, tally.time.paid_working)
        },
    },
    Kpi {
        id: "logged_in_seconds",
        english: "Logged in",
        russian: "Время в системе",
        formula: "Σ time logged in",
        unit: Unit::Seconds,
        notes: "",
        of: |tally, _| known(tally.time.logged_in(), tally.time.logged_in()),
    },
    Kpi {
        id: "contact_time_seconds",
        english: "Contact time",
        russian: "Время с клиентами",
        formula: "Σ talk, hold and after-call work by the agents' clock",
        unit: Unit::Seconds,
        notes: "",
        of: |tally, _| known(tally.time.contact(), tally.time.logged_in()),
    },
    Kpi {
        id: "idle_seconds",
        english: "Idle",
        russian: "Ожидание работы",
        formula: "Σ time available and without a contact",
        unit: Unit::Seconds,
        notes: "",
        of: |tally, _| known(tally.time.available, tally.time.logged_in()),
    },
];

/// A length of time, unless the source says nothing of agents' time.
fn known(length: u64, logged_in: u64) -> Figure {
    if logged_in == 0 { Figure::NoData } else { Figure::seconds(length) }
}
