//! Logs as they come, with the mistakes that they have.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::*;
use crate::kpi::definitions::by_id;
use crate::kpi::{Grouping, Parameters, Report, Unit};

const GOLDEN: &str = include_str!("../samples/golden.csv");
const QUEUE_LOG: &str = include_str!("../samples/queue_log");
const HEADER: &str = "contact,queue,arrived_ms,ended_ms,outcome,agent,talk_ms,hold_ms,acw_ms";

fn report(imported: &Imported, by: &str) -> Report {
    let parameters = Parameters {
        within_us: Some(20_000_000),
        short_abandon_us: Some(5_000_000),
        by: Grouping::list(by).unwrap(),
        ..Parameters::default()
    };
    Report::of(&imported.records, &parameters)
}

fn told(report: &Report, ids: &[&str]) -> String {
    let mut text = String::new();
    for id in ids {
        let kpi = by_id(id).unwrap_or_else(|| panic!("no KPI {id}"));
        let value = (kpi.of)(&report.total, &report.parameters).value();
        let _ = match (value, kpi.unit) {
            (None, _) => writeln!(text, "{id} no data"),
            (Some(value), Unit::Ratio) => writeln!(text, "{id} {:.3} %", value * 100.0),
            (Some(value), _) => writeln!(text, "{id} {value}"),
        };
    }
    text
}

/// What became of a log: how much was read, what was left out, what was remarked.
fn outcome(read: Result<Imported, ImportError>) -> String {
    match read {
        Ok(imported) => {
            let contacts = imported.records.contacts.len();
            let notes: String = imported.notes.iter().map(|note| format!("{note}\n")).collect();
            format!("{contacts} contacts, {} bad lines\n{notes}", imported.bad_lines)
        }
        Err(error) => format!("{error}\n"),
    }
}

fn csv(text: &str, expected: Expect) {
    expected.assert_eq(&outcome(read_csv(text.as_bytes(), EndedMs::Wait)));
}

fn queue_log(text: &str, expected: Expect) {
    expected.assert_eq(&outcome(read_queue_log(text.as_bytes())));
}

#[test]
fn asterisks_own_figures_are_reproduced_beside_the_six() {
    let imported = read_queue_log(QUEUE_LOG.as_bytes()).unwrap();
    let report = report(&imported, "queue,agent");
    expect![[r#"
        offered 13
        answered 5
        abandoned 5
        short_abandoned 2
        flow_out 1
        timed_out 1
        leave_empty 1
        asterisk.service_level 60.000 %
        asterisk.service_level2 70.000 %
        SL1 70.000 %
        SL2 60.000 %
        SL3 30.000 %
        SL4 50.000 %
        SL5 50.000 %
        SL6 37.500 %
        asa_seconds 25.6
        aht_seconds 170
        att_seconds 168
        hold_seconds 2
        acw_seconds no data
        transfer_rate 40.000 %
        answered_rate 41.667 %
        wazo.average_waiting_seconds 21.166666666666668
        offers 6
        agent_answer_rate 83.333 %
        occupancy 26.941 %
        shrinkage 12.361 %
        logged_in_seconds 3600
    "#]]
    .assert_eq(&told(
        &report,
        &[
            "offered",
            "answered",
            "abandoned",
            "short_abandoned",
            "flow_out",
            "timed_out",
            "leave_empty",
            "asterisk.service_level",
            "asterisk.service_level2",
            "SL1",
            "SL2",
            "SL3",
            "SL4",
            "SL5",
            "SL6",
            "asa_seconds",
            "aht_seconds",
            "att_seconds",
            "hold_seconds",
            "acw_seconds",
            "transfer_rate",
            "answered_rate",
            "wazo.average_waiting_seconds",
            "offers",
            "agent_answer_rate",
            "occupancy",
            "shrinkage",
            "logged_in_seconds",
        ],
    ));
    // (3 × old + new)/4 over 0, 12, 20, 21, 75: 0, 3, 7, 10, 26.
    assert_eq!(report.asterisk["sales"].holdtime, 26);
    assert!(!report.asterisk.contains_key("help"));
    expect![[r#"
        13 contacts, 0 bad lines
        queue_log has no after-call work: AHT is talk and hold; Asterisk's own figures count from its start, these from the beginning of the file
    "#]].assert_eq(&outcome(Ok(imported)));
}

#[test]
fn a_log_that_begins_and_ends_in_the_middle_is_told_of() {
    let log = "1700000005|7.1|sales|SIP/101|COMPLETECALLER|12|120|1\n\
               1700000009|7.2|sales|NONE|ABANDON|1|1|30\n\
               1700000010|7.3|sales|NONE|ENTERQUEUE||100|1\n\
               1700000011|7.4|sales|NONE|ENTERQUEUE||101|2\n\
               1700000020|7.4|sales|SIP/101|CONNECT|9|7.5|3\n\
               1700000030|NONE|NONE|NONE|QUEUESTART|\n\
               1700000040|7.6|sales|NONE|ENTERQUEUE||102|1\n";
    queue_log(
        log,
        expect![[r#"
        5 contacts, 0 bad lines
        queue_log has no after-call work: AHT is talk and hold; Asterisk's own figures count from its start, these from the beginning of the file
        calls that began before the log, their beginning taken from their end: 2
        calls that waited as Asterisk started again, not counted: 1
    "#]],
    );
    let imported = read_queue_log(log.as_bytes()).unwrap();
    let told = told(
        &report(&imported, "queue"),
        &["offered", "waiting", "answered", "handled", "asa_seconds", "att_seconds", "occupancy"],
    );
    expect![[r#"
        offered 4
        waiting 1
        answered 2
        handled 1
        asa_seconds 10.5
        att_seconds 120
        occupancy no data
    "#]]
    .assert_eq(&told);
}

#[test]
fn bad_lines_and_unknown_events_of_a_queue_log_are_named() {
    queue_log(
        "1700000000|1|sales|NONE|ENTERQUEUE||100|1\r\n\
         yesterday|1|sales|NONE|ABANDON|1|1|3\n\
         1700000003|1|sales\n\
         \n\
         1700000003|1|sales|NONE|ABANDON|1|1|3\n\
         1700000004|2|sales|SIP/101|CONNECT|soon|3|4\n\
         1700000005|3|sales|SIP/101|BLINDTRANSFER|200|internal\n\
         1700000006|NONE|NONE|NONE|CONFIGRELOAD|\n\
         1700000006|4|sales|NONE|FROBNICATE|\n\
         1700000007|5|sales|NONE|FROBNICATE|\n\
         1700000008|5|sales|NONE|CALLSTATUS|\n",
        expect![[r#"
            1 contacts, 4 bad lines
            queue_log has no after-call work: AHT is talk and hold; Asterisk's own figures count from its start, these from the beginning of the file
            ignored events: CALLSTATUS 1, FROBNICATE 2
            4 lines were left out:
            line 2: `yesterday` is no time; seconds since 1970 are accepted
            line 3: 3 fields, but epoch|callid|queue|agent|event are needed
            line 6: data1 must be the hold time in seconds
            line 7: the last data must be hold time, call time, position
        "#]],
    );
    queue_log(
        "no log\nat all\n",
        expect![[r#"
        none of 2 lines could be used; the first problem: line 1: 1 fields, but epoch|callid|queue|agent|event are needed
    "#]],
    );
    queue_log(
        "\n",
        expect![[r#"
        the file is empty
    "#]],
    );
}

#[test]
fn columns_may_stand_in_any_order_and_further_ones_are_ignored() {
    csv(
        GOLDEN,
        expect![[r#"
        12 contacts, 0 bad lines
    "#]],
    );
    let swapped = "acw_ms,colour,agent,outcome,ended_ms,arrived_ms,queue,contact,talk_ms,hold_ms,channel\n\
                   30000,red,ann,answered,12000.5,0,sales,1,120000,,chat\n";
    csv(
        swapped,
        expect![[r#"
        1 contacts, 0 bad lines
        ignored columns: `colour`
    "#]],
    );
    let imported = read_csv(swapped.as_bytes(), EndedMs::Wait).unwrap();
    let report = report(&imported, "channel");
    expect![[r#"
        asa_seconds 12.0005
        aht_seconds 150
    "#]]
    .assert_eq(&told(&report, &["asa_seconds", "aht_seconds"]));
    assert!(report.tables[0].rows.keys().all(|key| key.channel == Some("chat")));
}

#[test]
fn missing_columns_are_named() {
    csv(
        "contact,queue,arrived,ended_ms,outcome,agent,talk_ms,hold_ms\n",
        expect![[r#"
        line 1: missing column arrived_ms, acw_ms; found contact, queue, arrived, ended_ms, outcome, agent, talk_ms, hold_ms
    "#]],
    );
    csv(
        &format!("{HEADER},agent\n"),
        expect![[r#"
        line 1: the column agent is there twice
    "#]],
    );
    csv(
        "",
        expect![[r#"
        the file is empty
    "#]],
    );
}

#[test]
fn bad_rows_are_named_with_line_and_column_and_the_rest_is_kept() {
    csv(
        &format!(
            "{HEADER}\n\
             1,sales,0,12000,answered,ann,120000,0,0\n\
             2,sales,0,12 s,abandoned,,,,\n\
             3,sales,9000,3000,abandoned,,,,\n\
             4,sales,0,3000,lost,,,,\n\
             5,sales,0,3000,answered,ann,,,\n\
             6,sales,-1,3000,abandoned,,,,\n\
             ,sales,0,3000,abandoned,,,,\n\
             8,,0,3000,abandoned,,,,\n\
             9,sales,0,3000\n\
             \"10\",\"sales\",0,3000,abandoned,,0,0,0\n\
             11,sales,0,3000,flow-out,,5000,,\n\
             12,sales,0,99999999999999999999,abandoned,,,,\n"
        ),
        expect![[r#"
            3 contacts, 9 bad lines
            not answered, but with a talk, hold or after-call time, which is not counted: 1 lines
            9 lines were left out:
            line 3, column ended_ms: `12 s` is no length; milliseconds such as 12000 are accepted
            line 4, column ended_ms: is before arrived_ms
            line 5, column outcome: `lost` is no outcome; answered, abandoned, callback, flow-out are accepted
            line 6, column talk_ms: is empty; an answered contact needs one
            line 7, column arrived_ms: `-1` is no length; milliseconds such as 12000 are accepted
            line 8, column contact: is empty; a name is accepted
            line 9, column queue: is empty; a name is accepted
            line 10: 4 cells, but the first line names 9
            line 13, column ended_ms: `99999999999999999999` is no length; milliseconds such as 12000 are accepted
        "#]],
    );
    csv(
        &format!("{HEADER}\n1,sales,a,b,answered,ann,1,1,1\n"),
        expect![[r#"
        none of 1 lines could be used; the first problem: line 2, column arrived_ms: `a` is no length; milliseconds such as 12000 are accepted
    "#]],
    );
}

/// The same contacts with `ended_ms` as the end of the conversation, or of the work after it.
#[test]
fn the_end_may_be_said_to_be_another_one() {
    let rows = |after: fn([u64; 4]) -> u64| {
        let contacts = [
            [0, 120, 0, 30],
            [12, 200, 20, 15],
            [20, 60, 0, 0],
            [21, 90, 0, 30],
            [75, 300, 60, 45],
        ];
        let mut text = format!("{HEADER}\n");
        for (number, contact) in contacts.into_iter().enumerate() {
            let [_, talk, hold, acw] = contact;
            let end = after(contact);
            let _ = writeln!(
                text,
                "{number},sales,0,{end}000,answered,ann,{talk}000,{hold}000,{acw}000"
            );
        }
        text
    };
    let wait = read_csv(rows(|[wait, ..]| wait).as_bytes(), EndedMs::Wait).unwrap();
    let talk = rows(|[wait, talk, hold, _]| wait + talk + hold);
    let acw = rows(|[wait, talk, hold, acw]| wait + talk + hold + acw);
    assert_eq!(read_csv(talk.as_bytes(), EndedMs::Talk).unwrap().records, wait.records);
    assert_eq!(read_csv(acw.as_bytes(), EndedMs::AfterCallWork).unwrap().records, wait.records);
    // Read as the end of the wait, it is remarked upon.
    csv(
        &talk,
        expect![[r#"
        5 contacts, 0 bad lines
        every answered contact waited at least as long as it talked: if ended_ms is the end of the conversation, say so (--ended-ms talk, or acw)
    "#]],
    );
    assert_eq!(wait.notes, [""; 0]);
}

#[test]
fn a_contact_that_flows_over_is_one_contact_with_two_stays() {
    let text = format!(
        "{HEADER}\n1,help,60000,75000,answered,bob,1000,0,0\n1,sales,0,60000,flow-out,,,,\n"
    );
    let imported = read_csv(text.as_bytes(), EndedMs::Wait).unwrap();
    let report = report(&imported, "queue");
    expect![[r#"
        contacts 1
        offered 2
        answered 1
        flow_out 1
        car 0.000 %
    "#]]
    .assert_eq(&told(&report, &["contacts", "offered", "answered", "flow_out", "car"]));
}
