//! Schedules, ratings and reasons from the request to the figure.

use expect_test::expect;
use jackfield_core::{EndCause, Input, InteractionId, JournalRecord, OfferId, Party};
use jackfield_figures::kpi::recompute;

use super::Desk;
use super::double::WAITING;
use crate::http::centre::Tenancy;

const SCHEDULE: &str = "PUT /api/v1/tenants/acme/agents/alice/schedule";

/// A plan of the minutes and seconds after nine.
fn plan(activities: &[(&str, &str, &str)]) -> String {
    let entries = activities.iter().map(|(activity, from, to)| {
        format!(
            r#"{{"activity":"{activity}","from":"2026-11-21T09:{from}Z","to":"2026-11-21T09:{to}Z"}}"#
        )
    });
    format!(r#"{{"activities":[{}]}}"#, entries.collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn a_schedule_is_replaced_and_shown() {
    let desk = Desk::new();
    let mut told = String::new();
    let day = plan(&[("work", "00:00", "30:00"), ("break", "30:00", "40:00")]);
    let lunch = plan(&[("meal", "20:00", "35:00")]);
    for body in [
        day.as_str(),
        &lunch,
        r#"{"activities":[]}"#,
        &plan(&[("nap", "00:00", "30:00")]),
        &plan(&[("work", "30:00", "00:00")]),
        &plan(&[("work", "00:00", "30:00"), ("break", "29:00", "40:00")]),
        &plan(&[("work", "00:00", "01:00"); 4]),
    ] {
        let given = desk.ask(SCHEDULE, "acme-all", body).await;
        let answer = given.json();
        let said = if answer["items"].is_null() { &answer["detail"] } else { &answer["items"] };
        told.push_str(&format!("{} {said}\n", given.status));
    }
    for path in ["schedule?agent=alice&from=2026-11-21T09:35:00Z", "agents/bob/schedule"] {
        let given = desk.ask(&format!("GET /api/v1/tenants/acme/{path}"), "acme-read", "").await;
        told.push_str(&format!("{} {}\n", given.status, given.json()["items"]));
    }
    let given = desk.ask(SCHEDULE, "acme-read", &day).await;
    told.push_str(&format!("{}\n", given.status));
    expect![[r#"
        200 [{"activity":"work","agent":"alice","from":"2026-11-21T09:00:00.000Z","paid":true,"to":"2026-11-21T09:30:00.000Z"},{"activity":"break","agent":"alice","from":"2026-11-21T09:30:00.000Z","paid":true,"to":"2026-11-21T09:40:00.000Z"}]
        200 [{"activity":"meal","agent":"alice","from":"2026-11-21T09:20:00.000Z","paid":false,"to":"2026-11-21T09:35:00.000Z"}]
        422 "`from`: it is needed without activities"
        422 "`activities[0].activity`: `nap` is no activity; work, break, meal, meeting, training, leave are accepted"
        422 "`activities[0].to`: it is not after `from`"
        422 "`activities[1].from`: it lies before the end of the one before"
        422 "`activities`: 3 are accepted at once, as `max_schedule_entries` has it"
        200 [{"activity":"break","agent":"alice","from":"2026-11-21T09:35:00.000Z","paid":true,"to":"2026-11-21T09:40:00.000Z"}]
        404 null
        403
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn a_rating_and_a_reason_are_kept_for_known_interactions() {
    let desk = Desk::new();
    desk.centre.tenants["acme"].fill();
    let mut told = String::new();
    for (id, what, body) in [
        (WAITING, "rating", r#"{"csat":5,"nps":10}"#),
        (WAITING, "rating", r#"{"csat":6}"#),
        (WAITING, "rating", "{}"),
        (WAITING, "reason", r#"{"reason":" invoice "}"#),
        (WAITING, "reason", r#"{"reason":"much too long"}"#),
        ("01jd8x2k4m7qb", "reason", r#"{"reason":"invoice"}"#),
    ] {
        let path = format!("POST /api/v1/tenants/acme/interactions/{id}/{what}");
        let given = desk.ask(&path, "acme-all", body).await;
        let answer = given.json();
        let said = if answer["detail"].is_null() { &answer } else { &answer["detail"] };
        told.push_str(&format!("{} {said}\n", given.status));
    }
    expect![[r#"
        200 {"ces":null,"csat":5,"interaction":"01jd8x2k4m7qa","nps":10}
        422 "`csat`: 1 to 5 is accepted, got 6"
        200 {"ces":null,"csat":null,"interaction":"01jd8x2k4m7qa","nps":null}
        200 {"interaction":"01jd8x2k4m7qa","reason":"invoice"}
        422 "`reason`: 1 to 10 printable characters are accepted (`max_reason`)"
        404 "there is no interaction `01jd8x2k4m7qb`"
    "#]]
    .assert_eq(&told);
    let report = desk.ask("GET /api/v1/tenants/acme/report?as=kpi", "root", "").await.json();
    assert_eq!((&report["total"]["csat"], &report["total"]["nps"]), (&1.0.into(), &100.0.into()));
}

/// The engine of the desk stamps each input a second after the one before, the first at 9:00:01.
/// alice was to work from 9:00:04 to 9:00:12, and is ready from 9:00:06 to 9:00:13 with one call.
#[tokio::test]
async fn figures_by_hand_are_those_of_the_interface_and_of_the_journal() {
    let desk = Desk::new();
    let tenant = &desk.centre.tenants["acme"];
    let body = plan(&[("work", "00:04", "00:12"), ("break", "00:12", "00:20")]);
    assert_eq!(desk.ask(SCHEDULE, "acme-all", &body).await.status, 200); // 9:00:02
    let state = |wanted: &str| format!(r#"{{"state":"{wanted}"}}"#);
    let change = "PUT /api/v1/tenants/acme/agents/alice/state";
    tenant.input(Input::TimeElapsed).await; // 3
    tenant.input(Input::TimeElapsed).await; // 4
    tenant.input(Input::TimeElapsed).await; // 5
    desk.ask(change, "acme-all", &state("ready")).await; // 6
    tenant.fill(); // 7, 8: offered at once; 9
    tenant.input(Input::OfferAccepted { offer: OfferId(1) }).await; // 10
    let interaction: InteractionId = WAITING.parse().expect("a name");
    let by = Party::Customer;
    tenant.input(Input::ConversationEnded { interaction, by }).await; // 11
    tenant.input(Input::InteractionEnded { interaction, cause: EndCause::Completed }).await; // 12
    desk.ask(change, "acme-all", &state("logged_out")).await; // 13
    tenant.input(Input::TimeElapsed).await; // 14
    let report = "GET /api/v1/tenants/acme/report?from=2026-11-21T00:00:00Z&standard_time=sales=3s";
    let live = desk.ask(&format!("{report}&as=kpi&counted=live"), "root", "").await.json();
    let total = &live["total"];
    // Right: worked 9:00:06 to 12 of what was planned for work, and of the break, as far as it has
    // come, 9:00:13 to 14: 7 of 10 seconds.
    assert_eq!(total["adherence"], 0.7);
    // Worked 7 seconds of 8.
    assert_eq!(total["conformance"], 0.875);
    // One call of 3 standard seconds in 7 paid and worked ones.
    assert_eq!(total["earned_hours_index"], 3.0 / 7.0);
    assert_eq!(live["definitions"]["earned_hours_index"]["parameters"], "std sales = 3 s");
    let lines = desk.ask("GET /api/v1/tenants/acme/journal", "root", "").await.body;
    let records: Result<Vec<JournalRecord>, _> = lines.lines().map(serde_json::from_str).collect();
    let records = records.expect("records");
    assert_eq!(recompute(&live, &records), Ok(()));
    let shown = desk.ask(&format!("{report}&as=kpi"), "root", "").await.json();
    assert_eq!(shown["total"], *total);
}

#[tokio::test]
async fn rules_that_are_not_understood_are_refused() {
    let desk = Desk::new();
    let mut told = String::new();
    for query in [
        "standard_time=sales",
        "repeat_channels=voice,fax",
        "genesys_exclude=callbacks",
        "same_reason=maybe",
        "repeat_channels=voice,chat&same_reason=true&exclude_transferred=true\
         &exclude_abandoned=true&genesys_exclude=flow-outs,abandons&window=1d",
    ] {
        let path = format!("GET /api/v1/tenants/acme/report?as=kpi&{query}");
        let given = desk.ask(&path, "root", "").await;
        let answer = given.json();
        let words = &answer["definitions"];
        let said = match answer["detail"].as_str() {
            Some(detail) => detail.to_owned(),
            None => format!(
                "{}; {}",
                words["fcr"]["parameters"], words["genesys.service_level"]["parameters"]
            ),
        };
        told.push_str(&format!("{} {said}\n", given.status));
    }
    expect![[r#"
        400 `standard_time`: `sales`: a queue and a time up to 1d such as `sales=300s` are accepted
        400 `repeat_channels`: `fax` is no channel; voice, chat, email, message, task are accepted
        400 `genesys_exclude`: `callbacks` cannot be left out; flow-outs, short-abandons, abandons are accepted
        400 `same_reason`: `true` or `false` is accepted, got `maybe`
        200 "W = 1 day, same reason, channels voice chat, transferred left out, abandoned repeat nothing"; "T = each queue's own, s = each queue's own, left out: flow-outs, abandons"
    "#]].assert_eq(&told);
}
