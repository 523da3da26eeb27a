//! What other systems would print for the same records, where it differs from ours.

use super::Kpi;
use crate::kpi::figure::{Figure, Unit};
use crate::kpi::parameters::{GenesysSwitches, Parameters};
use crate::kpi::tally::{QueueTally, Tally};

/// Genesys Cloud's service level with its three switches.
fn genesys(queue: &QueueTally, switches: GenesysSwitches) -> Figure {
    let mut under = queue.answered + queue.abandoned;
    if switches.include_flow_outs {
        under += queue.flow_out;
    }
    if !switches.include_abandons {
        under -= queue.abandoned;
    } else if !switches.include_short_abandons {
        under -= queue.short_abandoned;
    }
    Figure::ratio(queue.answered_within, under)
}

/// A vendor's figure.
const fn vendor(
    id: &'static str,
    english: &'static str,
    russian: &'static str,
    formula: &'static str,
    unit: Unit,
    of: fn(&Tally, &Parameters) -> Figure,
) -> Kpi {
    Kpi { id, english, russian, formula, unit, notes: "", of }
}

pub(super) const KPIS: &[Kpi] = &[
    vendor(
        "amazon.service_level",
        "Amazon Connect: service level",
        "Amazon Connect: уровень сервиса",
        "(A≤T + B≤T + CB≤T)/contacts queued",
        Unit::Ratio,
        |tally, _| {
            let queue = &tally.queue;
            let removed = queue.answered_within + queue.abandoned_within + queue.callbacks_within;
            Figure::ratio(removed, queue.offered)
        },
    ),
    vendor(
        "amazon.abandon_rate",
        "Amazon Connect: abandonment rate",
        "Amazon Connect: доля потерь",
        "B/contacts queued; a callback is no abandon",
        Unit::Ratio,
        |tally, _| Figure::ratio(tally.queue.abandoned, tally.queue.offered),
    ),
    vendor(
        "amazon.hold_seconds",
        "Amazon Connect: average hold",
        "Amazon Connect: среднее удержание",
        "Σ hold / contacts that had a hold",
        Unit::Seconds,
        |tally, _| Figure::mean(tally.handled.hold, tally.handled.held),
    ),
    vendor(
        "amazon.aht_seconds",
        "Amazon Connect: AHT",
        "Amazon Connect: AHT",
        "Σ(talk + hold + after-call work)/contacts handled, without time in a custom status",
        Unit::Seconds,
        |tally, _| {
            let handled = &tally.handled;
            Figure::mean(handled.talk + handled.hold + handled.acw, handled.handled)
        },
    ),
    vendor(
        "amazon.contact_handle_seconds",
        "Amazon Connect: contact handle time",
        "Amazon Connect: время обслуживания контакта",
        "as AHT, with time in a custom status",
        Unit::Seconds,
        |tally, _| {
            let handled = &tally.handled;
            let sum = handled.talk + handled.hold + handled.acw + handled.custom;
            Figure::mean(sum, handled.handled)
        },
    ),
    vendor(
        "amazon.agent_non_response",
        "Amazon Connect: agent non-response",
        "Amazon Connect: оператор не ответил",
        "offers that the agent let pass, one contact as often as it was offered",
        Unit::Count,
        |tally, _| Figure::count(tally.offers.missed),
    ),
    vendor(
        "genesys.service_level",
        "Genesys Cloud: service level",
        "Genesys Cloud: уровень сервиса",
        "A≤T /((A+B) + F if flow-outs are included − B_s if short abandons are not − B if abandons \
         are not)",
        Unit::Ratio,
        |tally, parameters| genesys(&tally.queue, parameters.genesys),
    ),
    vendor(
        "genesys.service_level_without_flow_outs",
        "Genesys Cloud: service level without flow-outs",
        "Genesys Cloud: уровень сервиса без ушедших",
        "as above with flow-outs off, the other switches as they are",
        Unit::Ratio,
        |tally, parameters| {
            let switches = GenesysSwitches { include_flow_outs: false, ..parameters.genesys };
            genesys(&tally.queue, switches)
        },
    ),
    vendor(
        "genesys.abandon_rate",
        "Genesys Cloud: abandon rate",
        "Genesys Cloud: доля потерь",
        "B/(A+B+F)",
        Unit::Ratio,
        |tally, _| {
            let queue = &tally.queue;
            let offered = queue.answered + queue.abandoned + queue.flow_out;
            Figure::ratio(queue.abandoned, offered)
        },
    ),
    vendor(
        "asterisk.service_level",
        "Asterisk: ServicelevelPerf",
        "Asterisk: ServicelevelPerf",
        "completed in T / completed; a call counts when it ends, so long calls are missing while \
         they last",
        Unit::Ratio,
        |tally, _| Figure::ratio(tally.handled.within, tally.handled.handled),
    ),
    vendor(
        "asterisk.service_level2",
        "Asterisk: ServicelevelPerf2",
        "Asterisk: ServicelevelPerf2",
        "(completed in T + abandoned in T)/(completed + abandoned)",
        Unit::Ratio,
        |tally, _| {
            let (handled, queue) = (&tally.handled, &tally.queue);
            let over = handled.within + queue.abandoned_within;
            Figure::ratio(over, handled.handled + queue.abandoned)
        },
    ),
    vendor(
        "wazo.qos",
        "Wazo: quality of service",
        "Wazo: качество обслуживания",
        "A≤T / A",
        Unit::Ratio,
        |tally, _| Figure::ratio(tally.queue.answered_within, tally.queue.answered),
    ),
    vendor(
        "wazo.average_waiting_seconds",
        "Wazo: average waiting time",
        "Wazo: среднее время ожидания",
        "total wait/(answered + abandoned + left empty + timed out)",
        Unit::Seconds,
        |tally, _| {
            let queue = &tally.queue;
            let count = queue.answered + queue.abandoned + queue.leave_empty + queue.timed_out;
            Figure::mean(queue.wait_wazo, count)
        },
    ),
];
