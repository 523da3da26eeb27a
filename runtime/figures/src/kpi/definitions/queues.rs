//! Queue entries: how many, how they ended, how long they waited.

use super::Kpi;
use crate::kpi::figure::{Figure, Unit};

/// A KPI that is a count of queue entries.
macro_rules! entries {
    ($id:literal, $english:literal, $russian:literal, $formula:literal, $notes:literal,
     |$queue:ident| $count:expr) => {
        Kpi {
            id: $id,
            english: $english,
            russian: $russian,
            formula: $formula,
            unit: Unit::Count,
            notes: $notes,
            of: |tally, _| {
                let $queue = &tally.queue;
                Figure::count($count)
            },
        }
    };
}

pub(super) const KPIS: &[Kpi] = &[
    entries!(
        "offered",
        "Offered",
        "Поступило в очередь",
        "queue entries, by the flow or from another queue",
        "a contact that flows over to a second queue is offered twice",
        |queue| queue.offered
    ),
    entries!("answered", "Answered", "Отвечено", "A: an agent answered", "", |queue| queue
        .answered),
    entries!(
        "answered_within",
        "Answered in target",
        "Отвечено в срок",
        "A≤T: answered with a wait of at most T, inclusive",
        "Asterisk: inclusive too",
        |queue| queue.answered_within
    ),
    entries!(
        "abandoned",
        "Abandoned",
        "Потеряно в очереди",
        "B: the customer left while waiting or ringing, the short ones included",
        "a callback is no abandon (Amazon Connect)",
        |queue| queue.abandoned
    ),
    entries!(
        "abandoned_within",
        "Abandoned within T",
        "Потеряно до порога",
        "B≤T: abandoned with a wait of at most T, inclusive",
        "",
        |queue| queue.abandoned_within
    ),
    entries!(
        "short_abandoned",
        "Short abandoned",
        "Короткие потери",
        "B_s: abandoned with a wait of at most s, inclusive",
        "",
        |queue| queue.short_abandoned
    ),
    entries!(
        "callbacks",
        "Callbacks requested",
        "Заказано обратных звонков",
        "CB: the customer left the queue to be called back",
        "",
        |queue| queue.callbacks
    ),
    entries!(
        "flow_out",
        "Flow-out",
        "Ушло из очереди",
        "F: left for another queue, by a key or by the flow",
        "",
        |queue| queue.flow_out
    ),
    entries!(
        "timed_out",
        "Timed out",
        "Истекло время ожидания",
        "the longest wait was reached",
        "",
        |queue| queue.timed_out
    ),
    entries!("full", "Full", "Очередь полна", "the queue was full", "", |queue| queue
        .full),
    entries!(
        "closed",
        "Closed",
        "Очередь закрыта",
        "the queue was closed",
        "",
        |queue| queue.closed
    ),
    entries!(
        "join_empty",
        "Empty on joining",
        "Нет операторов при входе",
        "nobody served the queue when the contact came",
        "",
        |queue| queue.join_empty
    ),
    entries!(
        "leave_empty",
        "Left empty",
        "Операторов не осталось",
        "nobody served the queue any more while the contact waited",
        "",
        |queue| queue.leave_empty
    ),
    entries!("waiting", "Waiting", "Ожидают", "queue entries that still wait", "", |queue| {
        queue.waiting
    }),
    Kpi {
        id: "asa_seconds",
        english: "ASA",
        russian: "Средняя скорость ответа (ASA)",
        formula: "Σ wait of answered / A",
        unit: Unit::Seconds,
        notes: "Amazon Connect's average queue answer time includes the agent whisper; some \
                Erlang-A tools call the mean over all callers ASA",
        of: |tally, _| Figure::mean(tally.queue.wait_answered, tally.queue.answered),
    },
    Kpi {
        id: "mean_wait_seconds",
        english: "Mean wait, all",
        russian: "Среднее ожидание, все",
        formula: "Σ wait in the queue / queue entries that do not wait any more",
        unit: Unit::Seconds,
        notes: "each queue's own wait, so that an overflow counts no second twice",
        of: |tally, _| {
            Figure::mean(tally.queue.wait_all, tally.queue.offered - tally.queue.waiting)
        },
    },
    Kpi {
        id: "average_abandon_seconds",
        english: "Average abandon time",
        russian: "Среднее время до потери",
        formula: "Σ wait of abandoned / B",
        unit: Unit::Seconds,
        notes: "Amazon Connect: from enqueuing to leaving, neither answered nor callback",
        of: |tally, _| Figure::mean(tally.queue.wait_abandoned, tally.queue.abandoned),
    },
    Kpi {
        id: "longest_wait_seconds",
        english: "Longest wait",
        russian: "Самое долгое ожидание",
        formula: "max wait, those who still wait included",
        unit: Unit::Seconds,
        notes: "",
        of: |tally, _| match tally.queue.offered {
            0 => Figure::NoData,
            _ => Figure::seconds(tally.queue.longest_wait),
        },
    },
    Kpi {
        id: "abandon_rate",
        english: "Abandon rate",
        russian: "Доля потерь",
        formula: "B/(A+B)",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| {
            let queue = &tally.queue;
            Figure::ratio(queue.abandoned, queue.answered + queue.abandoned)
        },
    },
    Kpi {
        id: "abandon_rate_offered",
        english: "Abandon rate of offered",
        russian: "Доля потерь от поступивших",
        formula: "B/offered",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| Figure::ratio(tally.queue.abandoned, tally.queue.offered),
    },
    Kpi {
        id: "abandon_rate_without_short",
        english: "Abandon rate without short",
        russian: "Доля потерь без коротких",
        formula: "(B−B_s)/(A+B−B_s)",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| {
            let queue = &tally.queue;
            let long = queue.abandoned - queue.short_abandoned;
            Figure::ratio(long, queue.answered + long)
        },
    },
    Kpi {
        id: "lcr",
        english: "LCR, lost call rate",
        russian: "LCR, доля потерянных в очереди",
        formula: "B/queue entries",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| Figure::ratio(tally.queue.abandoned, tally.queue.offered),
    },
    Kpi {
        id: "answered_rate",
        english: "Answered rate",
        russian: "Доля отвеченных",
        formula: "A/(A+B+full+left empty+empty on joining+timed out); closed is in neither",
        unit: Unit::Ratio,
        notes: "Wazo",
        of: |tally, _| {
            let queue = &tally.queue;
            let lost = queue.full + queue.leave_empty + queue.join_empty + queue.timed_out;
            Figure::ratio(queue.answered, queue.answered + queue.abandoned + lost)
        },
    },
];
