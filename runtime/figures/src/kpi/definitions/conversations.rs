//! Conversations: handle time and its parts, transfers.

use super::Kpi;
use crate::kpi::figure::{Figure, Unit};

pub(super) const KPIS: &[Kpi] = &[
    Kpi {
        id: "handled",
        english: "Handled",
        russian: "Обслужено",
        formula: "conversations that have ended; equals A once the last one has",
        unit: Unit::Count,
        notes: "",
        of: |tally, _| Figure::count(tally.handled.handled),
    },
    Kpi {
        id: "aht_seconds",
        english: "AHT",
        russian: "Среднее время обслуживания (AHT)",
        formula: "Σ(talk + hold + after-call work)/A, of conversations that have ended",
        unit: Unit::Seconds,
        notes: "without time in a custom status; a source without after-call work adds none",
        of: |tally, _| {
            let handled = &tally.handled;
            Figure::mean(handled.talk + handled.hold + handled.acw, handled.handled)
        },
    },
    Kpi {
        id: "att_seconds",
        english: "ATT",
        russian: "Среднее время разговора (ATT)",
        formula: "Σ talk without hold / A, of conversations that have ended",
        unit: Unit::Seconds,
        notes: "",
        of: |tally, _| Figure::mean(tally.handled.talk, tally.handled.handled),
    },
    Kpi {
        id: "hold_seconds",
        english: "Average hold",
        russian: "Среднее удержание",
        formula: "Σ hold / A, of conversations that have ended",
        unit: Unit::Seconds,
        notes: "Amazon Connect divides by contacts that had a hold: amazon.hold_seconds",
        of: |tally, _| Figure::mean(tally.handled.hold, tally.handled.handled),
    },
    Kpi {
        id: "acw_seconds",
        english: "Average after-call work",
        russian: "Средняя постобработка",
        formula: "Σ after-call work / conversations whose after-call work is known",
        unit: Unit::Seconds,
        notes: "",
        of: |tally, _| Figure::mean(tally.handled.acw, tally.handled.acw_known),
    },
    Kpi {
        id: "transfers",
        english: "Transfers",
        russian: "Переведено",
        formula: "conversations that ended in a transfer",
        unit: Unit::Count,
        notes: "",
        of: |tally, _| Figure::count(tally.handled.transferred),
    },
    Kpi {
        id: "transfer_rate",
        english: "Transfer rate",
        russian: "Доля переводов",
        formula: "contacts transferred / answered, of conversations that have ended",
        unit: Unit::Ratio,
        notes: "",
        of: |tally, _| Figure::ratio(tally.handled.transferred, tally.handled.handled),
    },
];
