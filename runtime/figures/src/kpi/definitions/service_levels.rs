//! The service level in six variants, all in use: the same queue may be at 30 % or at 70 %.

use super::Kpi;
use crate::kpi::figure::{Figure, Unit};

/// A variant: a ratio of counts of one queue tally.
macro_rules! variant {
    ($id:literal, $formula:literal, $notes:literal, |$queue:ident| $over:expr, $under:expr) => {
        Kpi {
            id: $id,
            english: concat!("Service level ", $id),
            russian: concat!("Уровень сервиса ", $id),
            formula: $formula,
            unit: Unit::Ratio,
            notes: $notes,
            of: |tally, _| {
                let $queue = &tally.queue;
                Figure::ratio($over, $under)
            },
        }
    };
}

pub(super) const KPIS: &[Kpi] = &[
    variant!(
        "SL1",
        "(A≤T + B≤T)/(A+B)",
        "Asterisk SL2; ICMI #1; Amazon Connect adds callbacks",
        |queue| queue.answered_within + queue.abandoned_within,
        queue.answered + queue.abandoned
    ),
    variant!(
        "SL2",
        "A≤T / A",
        "Asterisk SL, VICIdial TMR, Wazo QoS, Altigen; ICMI #2",
        |queue| queue.answered_within,
        queue.answered
    ),
    variant!(
        "SL3",
        "A≤T /(A+B)",
        "Genesys with no flow-outs and all abandons; ICMI #3",
        |queue| queue.answered_within,
        queue.answered + queue.abandoned
    ),
    variant!(
        "SL4",
        "A≤T /(A+B−B≤T)",
        "Bright Pattern, XCALLY; ICMI #4",
        |queue| queue.answered_within,
        queue.answered + queue.abandoned - queue.abandoned_within
    ),
    variant!(
        "SL5",
        "(A≤T + B_s)/(A+B)",
        "ICMI #5",
        |queue| queue.answered_within + queue.short_abandoned,
        queue.answered + queue.abandoned
    ),
    variant!(
        "SL6",
        "A≤T /(A+B−B_s)",
        "Genesys with short abandons excluded; RingCentral's option",
        |queue| queue.answered_within,
        queue.answered + queue.abandoned - queue.short_abandoned
    ),
];
