//! Reports, live figures and the journal they are made of.

use expect_test::expect;
use jackfield_core::{Channel, EndCause, Input, InteractionId, JournalRecord, QueueOptions};
use jackfield_figures::kpi::recompute;
use serde_json::Value;

use super::Desk;
use crate::http::centre::Tenancy;

/// A desk at which one caller gave up and another waits.
async fn busy_desk() -> Desk {
    let desk = Desk::new();
    let tenant = &desk.centre.tenants["acme"];
    for id in [1, 2] {
        let interaction = InteractionId(id);
        tenant
            .input(Input::InteractionArrived {
                interaction,
                channel: Channel::Voice,
                ani: Some("+37120000001".to_owned()),
                dnis: "1000".to_owned(),
            })
            .await;
        let queue = "sales".parse().expect("a name");
        let options = QueueOptions::default();
        tenant.input(Input::InteractionEnqueued { interaction, queue, options }).await;
    }
    let cause = EndCause::CustomerLeft;
    tenant.input(Input::InteractionEnded { interaction: InteractionId(1), cause }).await;
    desk
}

const REPORT: &str = "GET /api/v1/tenants/acme/report";

#[tokio::test]
async fn a_report_has_every_kpi_with_its_definition() {
    let desk = busy_desk().await;
    let kpi = desk.ask(REPORT, "root", "").await.json()["kpi"].take();
    assert_eq!((&kpi["total"]["offered"], &kpi["total"]["abandoned"]), (&2.into(), &1.into()));
    assert_eq!(kpi["total"]["SL1"], 1.0);
    assert_eq!(kpi["total"]["aht_seconds"], Value::Null);
    for name in kpi["total"].as_object().expect("a row").keys() {
        let other = matches!(name.as_str(), "sums" | "vendor");
        assert!(other || kpi["definitions"][name]["formula"].is_string(), "{name}");
    }
    let alone = desk.ask(&format!("{REPORT}?as=kpi"), "root", "").await.json();
    assert_eq!(alone, kpi);
    let csv = desk.ask(&format!("{REPORT}?as=csv&by=queue"), "root", "").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.body.contains("\nqueue,,sales,,,offered,2,count,"), "{}", csv.body);
    let table = desk.ask(&format!("{REPORT}?as=table-ru&within=1m"), "root", "").await;
    assert!(table.body.starts_with("T 60 s, s свой у каждой очереди"), "{}", table.body);
}

#[tokio::test]
async fn what_was_counted_live_is_what_the_journal_gives() {
    let desk = busy_desk().await;
    let since = "from=2026-11-21T00:00:00Z";
    let live = desk.ask(&format!("{REPORT}?counted=live&{since}&by=interval"), "root", "").await;
    let live = live.json();
    assert_eq!(live["total"]["waiting"], 1);
    let lines = desk.ask("GET /api/v1/tenants/acme/journal", "root", "").await.body;
    let records: Result<Vec<JournalRecord>, _> = lines.lines().map(serde_json::from_str).collect();
    let records = records.expect("records");
    assert_eq!(live["journal_records"], records.len());
    assert_eq!(recompute(&live, &records), Ok(()));
    let error = recompute(&live, &records[..records.len() - 1]).expect_err("one is missing");
    expect!["by_interval[0].SL1: the report has 1.0, the journal gives null"]
        .assert_eq(&error.to_string());
}

#[tokio::test]
async fn figures_are_told_at_once_and_as_they_change() {
    let desk = busy_desk().await;
    let told = desk.ask(&format!("{REPORT}/live?from=2026-11-21T00:00:00Z"), "root", "").await;
    assert_eq!(told.header("content-type"), "text/event-stream");
    let lines: Vec<&str> = told.body.lines().take(3).collect();
    let [id, event, data] = lines[..] else { panic!("{}", told.body) };
    assert_eq!((id, event), ("id: 6", "event: report"));
    let data: Value = serde_json::from_str(data.trim_start_matches("data: ")).expect("JSON");
    assert_eq!((&data["total"]["offered"], &data["journal_records"]), (&2.into(), &6.into()));
    // Nothing new is not told again.
    assert_eq!(told.body.matches("event: report").count(), 1);
}

#[tokio::test]
async fn a_report_that_cannot_be_made_names_the_key() {
    let desk = busy_desk().await;
    let mut told = String::new();
    for query in [
        "?within=soon",
        "?by=team",
        "?interval=1s",
        "?attribute=both",
        "?wait_from=here",
        "?as=pdf",
        "?counted=twice",
        "/live?as=pdf",
        "/live?counted=live",
    ] {
        let given = desk.ask(&format!("{REPORT}{query}"), "root", "").await;
        told.push_str(&format!("{} {}\n", given.status, given.json()["detail"]));
    }
    expect![[r#"
        400 "`within`: a time such as `20s` is accepted, got `soon`"
        400 "`by`: `team` cannot be grouped by: interval, queue, agent, channel are accepted, joined by `+`"
        400 "`interval`: it is 1m at least"
        400 "`attribute`: `enter` or `exit` is accepted, got `both`"
        400 "`wait_from`: `first-queue` or `this-queue` is accepted, got `here`"
        400 "`as`: `kpi`, `csv`, `table` or `table-ru` is accepted, got `pdf`"
        400 "`counted`: `journal` or `live` is accepted, got `twice`"
        400 "`as`: `kpi`, `csv`, `table` or `table-ru` is accepted, got `pdf`"
        400 "`counted`: accepted are `from`, `to`, `as`, `within`, `short_abandon`, `by`, `interval`, `attribute`, `wait_from`, `window`, `same_reason`, `repeat_channels`, `exclude_transferred`, `exclude_abandoned`, `standard_time`, `genesys_exclude`"
    "#]].assert_eq(&told);
}
