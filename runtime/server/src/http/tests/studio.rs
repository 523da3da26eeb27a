//! The flow studio: a double of it, and what is refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use expect_test::expect;

use super::Desk;
use super::double::DoubleTenancy;
use crate::http::centre::{Fault, Tenancy};
use crate::http::studio::{KeptScenario, Studio, WorkingCopy, WorkingCopyChange};
use crate::http::view::Published;
use crate::studio::effect::{Effect, Move};
use crate::studio::scenario::{Body, Expected, Tried};
use crate::studio::simulate::{Ended, Order, Simulated, Step};
use crate::studio::{Analysis, Known, Missing, analyse};

const MOMENT: &str = "2026-11-21T09:00:00.000Z";

struct Sales;

impl Known for Sales {
    fn queues(&self) -> BTreeSet<String> {
        ["sales".to_owned()].into()
    }

    fn language(&self) -> String {
        "en".to_owned()
    }

    fn prompt(&self, _: &str, _: &str) -> Result<(), Missing> {
        Err(Missing::default())
    }

    fn destination(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

fn copy(script: &str, base: u32, by: &str) -> WorkingCopy {
    let (script, by, saved_at) = (script.to_owned(), by.to_owned(), MOMENT.to_owned());
    WorkingCopy { script, base, by, saved_at }
}

fn scenario(name: &str, body: Body) -> KeptScenario {
    let (name, by, saved_at) = (name.to_owned(), "admin".to_owned(), MOMENT.to_owned());
    KeptScenario { name, order: body.order, expect: body.expect, by, saved_at }
}

#[async_trait]
impl Studio for Arc<DoubleTenancy> {
    async fn keep_flow(&self, flow: &str, _: &str, _: &str, _: &str) -> Result<Published, Fault> {
        self.flow_versions(flow).await?;
        Ok(Published { version: 2, digest: "0123456789ab".to_owned() })
    }

    async fn effect(&self, flow: &str, _: &str, _: (u64, u64), _: bool) -> Result<Effect, Fault> {
        self.flow_versions(flow).await?;
        let (from, to) = ("queue sales".to_owned(), "hang up".to_owned());
        let moves = vec![Move { from, to, callers: 3 }];
        let (callers, moved, contained_after) = (10, 3, Some(0.3));
        Ok(Effect { callers, moved, contained_after, moves, ..Effect::default() })
    }

    async fn analyse(&self, flow: &str, script: &str) -> Result<Analysis, Fault> {
        self.flow_versions(flow).await?;
        Ok(analyse(script, &Sales))
    }

    async fn simulate(&self, flow: &str, _: &str, _: &Order) -> Result<Simulated, Fault> {
        self.flow_versions(flow).await?;
        let (what, text) = ("say", "Good morning".to_owned());
        let steps = vec![Step { what, text, line: Some(1), node: Some(1), ..Step::default() }];
        let ended = Some(Ended { how: "returned", reason: None, line: None });
        let queue = Some("sales".to_owned());
        let (attributes, variables) = (Default::default(), serde_json::Map::new());
        Ok(Simulated { steps, waiting: None, ended, queue, attributes, variables })
    }

    async fn working_copy(&self, flow: &str) -> Result<Option<WorkingCopy>, Fault> {
        self.flow_versions(flow).await?;
        Ok(Some(copy("hang_up()", 1, "admin")))
    }

    async fn put_working_copy(
        &self,
        flow: &str,
        change: WorkingCopyChange,
        by: &str,
    ) -> Result<WorkingCopy, Fault> {
        self.flow_versions(flow).await?;
        if change.seen.as_deref() == Some("2020-01-01T00:00:00Z") {
            let (field, reason) = ("seen".to_owned(), format!("admin saved at {MOMENT}"));
            return Err(Fault::Conflict { field, reason });
        }
        Ok(copy(&change.script, change.base, by))
    }

    async fn delete_working_copy(&self, flow: &str) -> Result<(), Fault> {
        self.flow_versions(flow).await.map(|_| ())
    }

    async fn scenarios(&self, flow: &str) -> Result<Vec<KeptScenario>, Fault> {
        self.flow_versions(flow).await?;
        let expect = vec![Expected { kind: "queue".to_owned(), value: "sales".to_owned() }];
        Ok(vec![scenario("by day", Body { expect, ..Body::default() })])
    }

    async fn put_scenario(
        &self,
        flow: &str,
        name: &str,
        body: Body,
        _: &str,
    ) -> Result<KeptScenario, Fault> {
        self.flow_versions(flow).await?;
        Ok(scenario(name, body))
    }

    async fn delete_scenario(&self, flow: &str, _: &str) -> Result<(), Fault> {
        self.flow_versions(flow).await.map(|_| ())
    }

    async fn try_scenarios(&self, flow: &str, script: &str) -> Result<Vec<Tried>, Fault> {
        self.flow_versions(flow).await?;
        let passed = !script.contains("fails");
        let failures = if passed { Vec::new() } else { vec!["it hangs up".to_owned()] };
        Ok(vec![Tried { name: "by day".to_owned(), passed, failures }])
    }
}

#[tokio::test]
async fn a_script_is_drawn_and_its_problems_have_places() {
    let desk = Desk::new();
    let analyse = "POST /api/v1/tenants/acme/flows/main/analyse";
    let body = r#"{"script":"enqueue(\"sale\");"}"#;
    let given = desk.ask(analyse, "acme-read", body).await.json();
    let pretty = serde_json::to_string_pretty(&given).expect("JSON");
    expect![[r#"
        {
          "graph": {
            "edges": [
              {
                "from": 0,
                "id": 0,
                "kind": "next",
                "label": "",
                "to": 1
              },
              {
                "from": 1,
                "id": 1,
                "kind": "next",
                "label": "",
                "to": 2
              }
            ],
            "height": 284,
            "node_height": 60,
            "node_width": 220,
            "nodes": [
              {
                "assigns": null,
                "column": 1,
                "end_column": 1,
                "end_line": 1,
                "function": null,
                "id": 0,
                "kind": "start",
                "line": 1,
                "reachable": true,
                "text": "",
                "verb": null,
                "x": 0,
                "y": 0
              },
              {
                "assigns": null,
                "column": 1,
                "end_column": 15,
                "end_line": 1,
                "function": null,
                "id": 1,
                "kind": "queue",
                "line": 1,
                "reachable": true,
                "text": "sale",
                "verb": "enqueue",
                "x": 0,
                "y": 112
              },
              {
                "assigns": null,
                "column": 16,
                "end_column": 16,
                "end_line": 1,
                "function": null,
                "id": 2,
                "kind": "finish",
                "line": 1,
                "reachable": true,
                "text": "",
                "verb": null,
                "x": 0,
                "y": 224
              }
            ],
            "truncated": false,
            "width": 220
          },
          "ok": false,
          "problems": [
            {
              "code": "unknown_queue",
              "column": 9,
              "end_column": 14,
              "end_line": 1,
              "line": 1,
              "message": "there is no queue `sale`; there are `sales`",
              "names": {
                "accepted": "`sales`",
                "name": "sale",
                "nearest": "sales"
              },
              "severity": "error"
            }
          ]
        }"#]]
    .assert_eq(&pretty);
    let missing = desk.ask(&analyse.replace("main", "none"), "acme-read", body).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_publication_is_refused_with_the_scenario_that_fails() {
    let desk = Desk::new();
    let publish = "POST /api/v1/tenants/acme/flows/main/publish";
    expect![[r#"
        409
        content-type: application/problem+json
        {"detail":"by day: it hangs up","errors":[{"failures":["it hangs up"],"scenario":"by day"}],"instance":"urn:jackfield:request:r1","status":409,"title":"A scenario does not go as expected; what served before still serves","type":"urn:jackfield:problem:scenario-failed"}"#]].assert_eq(&desk.ask(publish, "root", r#"{"script":"fails"}"#).await.told());
    assert_eq!(desk.ask(publish, "root", r#"{"script":"hang_up()"}"#).await.status, 201);
}

#[tokio::test]
async fn a_part_of_the_contacts_is_a_part() {
    let desk = Desk::new();
    let publish = "POST /api/v1/tenants/acme/flows/main/publish";
    let body = r#"{"script":"hang_up()","percent":0}"#;
    expect![[r#"
        422
        content-type: application/problem+json
        {"detail":"`percent`: more than 0 and at most 100 is accepted","errors":[{"field":"percent","message":"more than 0 and at most 100 is accepted"}],"instance":"urn:jackfield:request:r1","status":422,"title":"A value is not accepted","type":"urn:jackfield:problem:invalid"}"#]].assert_eq(&desk.ask(publish, "root", body).await.told());
}

#[tokio::test]
async fn what_another_has_written_since_is_not_written_over() {
    let desk = Desk::new();
    let put = "PUT /api/v1/tenants/acme/flows/main/working-copy";
    let body = r#"{"script":"hang_up()","base":1,"seen":"2020-01-01T00:00:00Z"}"#;
    expect![[r#"
        409
        content-type: application/problem+json
        {"detail":"`seen`: admin saved at 2026-11-21T09:00:00.000Z","errors":[{"field":"seen","message":"admin saved at 2026-11-21T09:00:00.000Z"}],"instance":"urn:jackfield:request:r1","status":409,"title":"It belongs to another","type":"urn:jackfield:problem:conflict"}"#]].assert_eq(&desk.ask(put, "acme-all", body).await.told());
    assert_eq!(desk.ask(put, "acme-read", body).await.status, 403);
}

#[tokio::test]
async fn what_cannot_be_expected_is_refused() {
    let desk = Desk::new();
    let put = "PUT /api/v1/tenants/acme/flows/main/scenarios/night";
    let mut told = String::new();
    for body in [
        r#"{"expect":[{"kind":"dances"}]}"#,
        r#"{"expect":[{"kind":"ends","value":"well"}]}"#,
        r#"{"order":{"inputs":[{"kind":"digits","value":"1","more":2}]}}"#,
    ] {
        told += &format!("{}\n", desk.ask(put, "acme-all", body).await.told());
    }
    expect![[r#"
        422
        content-type: application/problem+json
        {"detail":"`expect`: queue, says, never_says, ends, never_hangs_up or attribute can be expected, got `dances`","errors":[{"field":"expect","message":"queue, says, never_says, ends, never_hangs_up or attribute can be expected, got `dances`"}],"instance":"urn:jackfield:request:r1","status":422,"title":"A value is not accepted","type":"urn:jackfield:problem:invalid"}
        422
        content-type: application/problem+json
        {"detail":"`expect`: a flow ends returned, hung_up, transferred, customer_left, failed, too_long, got `well`","errors":[{"field":"expect","message":"a flow ends returned, hung_up, transferred, customer_left, failed, too_long, got `well`"}],"instance":"urn:jackfield:request:r1","status":422,"title":"A value is not accepted","type":"urn:jackfield:problem:invalid"}
        400
        content-type: application/problem+json
        {"detail":"`order.inputs[0].more`: unknown field `more`, expected `kind` or `value` at line 1 column 55","errors":[{"field":"order.inputs[0].more","message":"unknown field `more`, expected `kind` or `value` at line 1 column 55"}],"instance":"urn:jackfield:request:r1","status":400,"title":"The body is not understood","type":"urn:jackfield:problem:bad-json"}
    "#]].assert_eq(&told);
}
