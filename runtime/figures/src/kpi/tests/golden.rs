use super::*;
use crate::import::{EndedMs, read_csv};

/// Waits 0, 12, 20, 21, 75 answered with talk/hold/ACW 120/0/30, 200/20/15, 60/0/0, 90/0/30,
/// 300/60/45; abandoned at 3, 5, 18, 20, 45; a callback at 15; a flow-out at 60.
const GOLDEN: &str = include_str!("../../samples/golden.csv");

pub(super) fn golden(parameters: &Parameters) -> Report {
    let imported = read_csv(GOLDEN.as_bytes(), EndedMs::Wait).unwrap();
    assert_eq!(imported.bad_lines, 0);
    Report::of(&imported.records, parameters)
}

#[test]
fn the_golden_trace_gives_the_published_figures() {
    let report = golden(&twenty_and_five());
    let expected = [
        ("offered", "12"),
        ("answered", "5"),
        ("abandoned", "5"),
        ("short_abandoned", "2"),
        ("callbacks", "1"),
        ("flow_out", "1"),
        ("SL1", "70.000 %"),
        ("SL2", "60.000 %"),
        ("SL3", "30.000 %"),
        ("SL4", "50.000 %"),
        ("SL5", "50.000 %"),
        ("SL6", "37.500 %"),
        ("amazon.service_level", "66.667 %"),
        ("genesys.service_level", "27.273 %"),
        ("genesys.service_level_without_flow_outs", "30.000 %"),
        ("asterisk.service_level", "60.000 %"),
        ("asterisk.service_level2", "70.000 %"),
        ("asa_seconds", "25.6"),
        ("mean_wait_seconds", "24.5"),
        ("average_abandon_seconds", "18.2"),
        ("longest_wait_seconds", "75"),
        ("aht_seconds", "194"),
        ("att_seconds", "154"),
        ("hold_seconds", "16"),
        ("amazon.hold_seconds", "40"),
        ("acw_seconds", "24"),
        ("abandon_rate", "50.000 %"),
        ("abandon_rate_offered", "41.667 %"),
        ("abandon_rate_without_short", "37.500 %"),
        ("genesys.abandon_rate", "45.455 %"),
        ("car", "41.667 %"),
        ("lcr", "41.667 %"),
        ("missed_rate", "58.333 %"),
        ("answered_rate", "50.000 %"),
        ("occupancy", "no data"),
        ("csat", "no data"),
    ];
    let given: Vec<_> = expected.iter().map(|(id, _)| (*id, printed(&report, id))).collect();
    let expected: Vec<_> = expected.into_iter().map(|(id, value)| (id, value.to_owned())).collect();
    assert_eq!(given, expected);
}

#[test]
fn ratios_are_the_nearest_numbers_to_exact_fractions() {
    let report = golden(&twenty_and_five());
    assert_eq!(figure(&report, "SL1"), Figure::Fraction { over: 7, under: 10 });
    assert_eq!(figure(&report, "amazon.service_level"), Figure::Fraction { over: 8, under: 12 });
    let asa = Figure::Fraction { over: 128_000_000, under: 5_000_000 };
    assert_eq!(figure(&report, "asa_seconds"), asa);
}

/// A=1000, B=60, A≤20=860, B≤20=20, B≤5=10: ICMI, 2002.
#[test]
fn the_data_of_icmi_give_its_six_figures() {
    let mut tally = Tally::default();
    tally.queue.answered = 1_000;
    tally.queue.abandoned = 60;
    tally.queue.answered_within = 860;
    tally.queue.abandoned_within = 20;
    tally.queue.short_abandoned = 10;
    let parameters = Parameters::default();
    let percent = |id: &str| {
        let figure = (by_id(id).unwrap().of)(&tally, &parameters);
        format!("{:.2}", figure.value().unwrap() * 100.0)
    };
    let given = ["SL1", "SL2", "SL3", "SL4", "SL5", "SL6"].map(percent);
    assert_eq!(given, ["83.02", "86.00", "81.13", "82.69", "82.08", "81.90"]);
}

#[test]
fn the_switches_of_genesys_change_the_denominator() {
    let level = |flow_outs, short, abandons| {
        let genesys = GenesysSwitches {
            include_flow_outs: flow_outs,
            include_short_abandons: short,
            include_abandons: abandons,
        };
        let report = golden(&Parameters { genesys, ..twenty_and_five() });
        printed(&report, "genesys.service_level")
    };
    assert_eq!(level(true, true, true), "27.273 %");
    assert_eq!(level(false, true, true), "30.000 %");
    // As SL6.
    assert_eq!(level(false, false, true), "37.500 %");
    // As SL2: short abandons are abandons, and are not taken off twice.
    assert_eq!(level(false, false, false), "60.000 %");
    assert_eq!(level(false, true, false), "60.000 %");
}

#[test]
fn rows_of_every_table_sum_up_to_the_total() {
    let by = Grouping::list("queue,agent,interval,channel,interval+queue").unwrap();
    let report = golden(&Parameters { by, interval_us: 300_000_000, ..twenty_and_five() });
    let sum = |table: &Table, of: fn(&Tally) -> u64| table.rows.values().map(of).sum::<u64>();
    for table in &report.tables {
        assert_eq!(sum(table, |tally| tally.queue.answered), 5, "{:?}", table.grouping);
        assert_eq!(sum(table, |tally| tally.queue.wait_answered), 128_000_000);
        // Who was served by nobody is in no row of an agent.
        let all = if table.grouping.has(Dimension::Agent) { 5 } else { 12 };
        assert_eq!(sum(table, |tally| tally.queue.offered), all, "{:?}", table.grouping);
    }
}

/// c05 enters at 240 s and leaves at 315 s.
#[test]
fn a_stay_belongs_to_the_interval_of_its_entry_or_of_its_exit() {
    let by = Grouping::list("interval").unwrap();
    let answered = |attribute| {
        let parameters =
            Parameters { by: by.clone(), interval_us: 300_000_000, attribute, ..twenty_and_five() };
        let report = golden(&parameters);
        let rows = report.tables[0].rows.iter();
        rows.map(|(key, tally)| (key.interval.unwrap() / 1_000_000, tally.queue.answered))
            .collect::<Vec<_>>()
    };
    assert_eq!(answered(Attribution::Enter), [(0, 5), (300, 0), (600, 0)]);
    assert_eq!(answered(Attribution::Exit), [(0, 4), (300, 1), (600, 0)]);
}

#[test]
fn a_range_counts_what_is_attributed_to_it() {
    let parameters =
        Parameters { from_us: Some(60_000_000), to_us: Some(300_000_000), ..twenty_and_five() };
    let report = golden(&parameters);
    // c02 to c05: the end is not in it.
    assert_eq!(printed(&report, "offered"), "4");
    assert_eq!(printed(&report, "answered"), "4");
}

#[test]
fn nothing_is_no_data_and_never_zero_per_cent() {
    let report = Report::of(&Records::default(), &Parameters::default());
    for kpi in definitions::all().filter(|kpi| kpi.unit != Unit::Count) {
        assert_eq!((kpi.of)(&report.total, &report.parameters), Figure::NoData, "{}", kpi.id);
    }
    let json = to_json(&report);
    assert_eq!(json["total"]["SL1"], serde_json::Value::Null);
    assert_eq!(json["total"]["offered"], 0);
}

#[test]
fn every_definition_has_its_own_key_and_both_names() {
    let ids: Vec<_> = definitions::all().map(|kpi| kpi.id).collect();
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
    for kpi in definitions::all() {
        assert!(!kpi.english.is_empty() && !kpi.formula.is_empty(), "{}", kpi.id);
        assert!(!kpi.russian.is_empty(), "{}", kpi.id);
    }
}
