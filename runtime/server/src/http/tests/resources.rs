//! What each resource answers.

use expect_test::expect;

use super::{Desk, request};

#[tokio::test]
async fn an_agents_state_is_changed_and_answered() {
    let desk = Desk::new();
    let state = "PUT /api/v1/tenants/acme/agents/alice/state";
    let mut told = String::new();
    for body in [
        r#"{"state":"not_ready","reason":"lunch"}"#,
        r#"{"state":"ready"}"#,
        r#"{"state":"logged_out"}"#,
        r#"{"state":"not_ready"}"#,
        r#"{"state":"ready","reason":"lunch"}"#,
        r#"{"state":"busy"}"#,
    ] {
        let given = desk.ask(state, "acme-all", body).await;
        told.push_str(&format!("{} {}\n", given.status, given.body));
    }
    let given = desk.ask("GET /api/v1/tenants/acme/agents/bob", "acme-read", "").await;
    told.push_str(&format!("{} {}\n", given.status, given.body));
    expect![[r#"
        200 {"agent":"alice","state":"not_ready","reason":"lunch","since":"2026-11-21T09:00:03.000Z","next":null,"interaction":null,"offer":null,"works":[],"load":0,"queues":{"sales":7},"skills":{},"contacts":0,"talk_ms":0}
        200 {"agent":"alice","state":"ready","reason":null,"since":"2026-11-21T09:00:04.000Z","next":null,"interaction":null,"offer":null,"works":[],"load":0,"queues":{"sales":7},"skills":{},"contacts":0,"talk_ms":0}
        200 {"agent":"alice","state":"logged_out","reason":null,"since":"2026-11-21T09:00:05.000Z","next":null,"interaction":null,"offer":null,"works":[],"load":0,"queues":{"sales":7},"skills":{},"contacts":0,"talk_ms":0}
        200 {"agent":"alice","state":"not_ready","reason":"unspecified","since":"2026-11-21T09:00:07.000Z","next":null,"interaction":null,"offer":null,"works":[],"load":0,"queues":{"sales":7},"skills":{},"contacts":0,"talk_ms":0}
        422 {"detail":"`reason`: only `not_ready` has one","errors":[{"field":"reason","message":"only `not_ready` has one"}],"instance":"urn:jackfield:request:r1","status":422,"title":"A value is not accepted","type":"urn:jackfield:problem:invalid"}
        400 {"detail":"`state`: unknown variant `busy`, expected one of `ready`, `not_ready`, `logged_out` at line 1 column 15","errors":[{"field":"state","message":"unknown variant `busy`, expected one of `ready`, `not_ready`, `logged_out` at line 1 column 15"}],"instance":"urn:jackfield:request:r1","status":400,"title":"The body is not understood","type":"urn:jackfield:problem:bad-json"}
        404 {"detail":"there is no agent `bob`","instance":"urn:jackfield:request:r1","status":404,"title":"Not found","type":"urn:jackfield:problem:not-found"}
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn queues_are_live_and_in_figures() {
    let desk = Desk::new();
    let given = desk.ask("GET /api/v1/tenants/acme/queues", "acme-read", "").await;
    let pretty = serde_json::to_string_pretty(&given.json()).expect("JSON");
    expect![[r#"
        {
          "items": [
            {
              "figures": {
                "abandoned": 0,
                "answered": 0,
                "answered_in_target": 0,
                "average_handle_time_ms": null,
                "average_speed_of_answer_ms": null,
                "handled": 0,
                "left": {
                  "by_key": 0,
                  "callback": 0,
                  "closed": 0,
                  "full": 0,
                  "no_agents": 0,
                  "timed_out": 0
                },
                "offered": 0,
                "overflowed_in": 0,
                "overflowed_out": 0,
                "router_failures": {},
                "service_level": null,
                "short_abandoned": 0
              },
              "live": {
                "busy": 0,
                "calibration": null,
                "line": [],
                "logged_in": 0,
                "longest_wait_ms": 0,
                "open": true,
                "ready": 0,
                "waiting": 0
              },
              "queue": "sales",
              "target": {
                "share": 0.8,
                "within_ms": 20000
              }
            }
          ],
          "next": null
        }"#]]
    .assert_eq(&pretty);
}

#[tokio::test]
async fn contacts_are_created_and_conflicts_told() {
    let desk = Desk::new();
    let create = "POST /api/v1/tenants/acme/contacts";
    expect![[r#"
        201
        content-type: application/json
        location: /api/v1/tenants/acme/contacts/c2
        {"id":"c2","name":"Eva","phones":["+37120000001"],"emails":[],"external_id":null,"language":null,"segment":null,"fields":{},"notes":[{"at":"2026-11-21T09:00:00.000Z","author":"flow","interaction":null,"text":"VIP"}],"created_at":"2026-11-21T09:00:00.000Z","updated_at":null}"#]].assert_eq(&desk.ask(create, "root", r#"{"name":"Eva"}"#).await.told());
    let body = r#"{"name":"Eva","phones":["+37120000001"]}"#;
    expect![[r#"
        409
        content-type: application/problem+json
        {"detail":"`phones`: `+37120000001` belongs to `c1`","errors":[{"field":"phones","message":"`+37120000001` belongs to `c1`"}],"instance":"urn:jackfield:request:r1","status":409,"title":"It belongs to another","type":"urn:jackfield:problem:conflict"}"#]].assert_eq(&desk.ask(create, "root", body).await.told());
    let note = "POST /api/v1/tenants/acme/contacts/c1/notes";
    assert_eq!(desk.ask(note, "acme-all", r#"{"text":"called"}"#).await.status, 201);
    assert_eq!(desk.ask(note, "acme-all", r#"{"text":" "}"#).await.status, 422);
    let asked = desk.centre.tenants["acme"].asked.lock().expect("no panic").clone();
    assert_eq!(asked.last().map(String::as_str), Some("note all: called"));
    let page = desk.ask("GET /api/v1/tenants/acme/contacts?limit=1", "acme-read", "").await.json();
    assert_eq!(page["next"], "c1");
}

#[tokio::test]
async fn an_import_tells_how_it_goes() {
    let desk = Desk::new();
    let line = "POST /api/v1/tenants/acme/contacts/import?dry_run=true";
    let csv = [("content-type", "text/csv; charset=utf-8")];
    expect![[r#"
        200
        content-type: application/x-ndjson
        {"progress":{"lines":1,"bytes":7,"imported":0,"rejected":0}}
        {"report":{"dry_run":true,"imported":0,"updated":0,"rejected":[{"line":2,"field":"phone","value":"x","reason":"it is no number"}],"rejected_total":1}}
    "#]].assert_eq(&desk.send(request(line, "root", "name\nx\n", &csv)).await.told());
    expect![[r#"
        422
        content-type: application/problem+json
        {"detail":"`body`: the header needs a column `name`","errors":[{"field":"body","message":"the header needs a column `name`"}],"instance":"urn:jackfield:request:r1","status":422,"title":"A value is not accepted","type":"urn:jackfield:problem:invalid"}"#]].assert_eq(&desk.send(request(line, "root", "nom\nx\n", &csv)).await.told());
}

#[tokio::test]
async fn interactions_are_filtered() {
    let desk = Desk::new();
    let query = "ani=%2B37120000001&from=2026-11-21T09:00:00Z&open=true&queue=sales";
    let line = format!("GET /api/v1/tenants/acme/interactions?{query}");
    assert_eq!(desk.ask(&line, "acme-read", "").await.status, 200);
    let asked = desk.centre.tenants["acme"].asked.lock().expect("no panic").clone();
    expect![[r#"InteractionFilter { agent: None, queue: Some("sales"), ani: Some("+37120000001"), from_micros: Some(1795251600000000), to_micros: None, open: Some(true) }"#]].assert_eq(&asked.join("\n"));
}

#[tokio::test]
async fn a_scripts_mistakes_have_places() {
    let desk = Desk::new();
    let check = "POST /api/v1/tenants/acme/flows/main/check";
    assert_eq!(
        desk.ask(check, "acme-read", r#"{"script":"hang_up()"}"#).await.body,
        r#"{"ok":true}"#
    );
    expect![[r#"
        422
        content-type: application/problem+json
        {"detail":"line 2, column 7: expected `)`","errors":[{"column":7,"line":2,"message":"expected `)`"}],"instance":"urn:jackfield:request:r1","status":422,"title":"The script has mistakes","type":"urn:jackfield:problem:script-error"}"#]].assert_eq(&desk.ask(check, "acme-read", r#"{"script":"hang_up("}"#).await.told());
    let draft = "/api/v1/tenants/acme/flows/main/draft";
    let put = format!("PUT {draft}");
    assert_eq!(desk.ask(&put, "root", r#"{"script":"hang_up("}"#).await.status, 422);
    let kept = desk.ask(&put, "root", r#"{"script":"hang_up()"}"#).await;
    assert_eq!((kept.status, &*kept.body), (200, r#"{"dial":"*100","numbers":["*100"]}"#));
    assert_eq!(desk.ask(&format!("DELETE {draft}"), "root", "").await.status, 204);
    let publish = "POST /api/v1/tenants/acme/flows/main/publish";
    expect![[r#"
        201
        content-type: application/json
        location: /api/v1/tenants/acme/flows/main/versions/2
        {"version":2,"digest":"def"}"#]]
    .assert_eq(&desk.ask(publish, "acme-all", r#"{"script":"hang_up()"}"#).await.told());
}

#[tokio::test]
async fn a_plugin_is_refused_with_the_step() {
    let desk = Desk::new();
    let install = "POST /api/v1/tenants/acme/plugins/skills?world=router";
    let wasm = [("content-type", "application/wasm")];
    expect![[r#"
        422
        content-type: application/problem+json
        {"detail":"step check: it is no component","instance":"urn:jackfield:request:r1","status":422,"title":"A step failed; what served before still serves","type":"urn:jackfield:problem:refused"}"#]].assert_eq(&desk.send(request(install, "root", "ELF", &wasm)).await.told());
    let odd = "POST /api/v1/tenants/acme/plugins/Skills%2F";
    assert_eq!(desk.send(request(odd, "root", "\0asm", &wasm)).await.status, 422);
    let odd = "POST /api/v1/tenants/acme/plugins/skills?world=janitor";
    assert_eq!(desk.send(request(odd, "root", "\0asm", &wasm)).await.status, 400);
    let flow = "POST /api/v1/tenants/acme/plugins/main?world=flow";
    assert_eq!(desk.send(request(flow, "root", "\0asm", &wasm)).await.status, 201);
    let flow = "POST /api/v1/tenants/acme/plugins/main/activate?world=flow";
    assert_eq!(desk.ask(flow, "root", r#"{"digest":"abcdefabcdef"}"#).await.status, 200);
    let activate = "POST /api/v1/tenants/acme/plugins/skills/activate";
    assert_eq!(desk.ask(activate, "root", r#"{"digest":"ABC"}"#).await.status, 422);
}

#[tokio::test]
async fn events_have_ids_and_say_when_some_were_lost() {
    let desk = Desk::new();
    let line = "GET /api/v1/tenants/acme/events";
    let resumed = [("last-event-id", "1-0")];
    expect![[r#"
        200
        content-type: text/event-stream
        event: lagged
        data: {"lost":null}

        id: 1795251600000000-0
        event: agent_changed
        data: {"at":"2026-11-21T09:00:00.000Z","data":{"agent":"alice"}}

        id: 1795251600000000-1
        event: offer
        data: {"at":"2026-11-21T09:00:00.000Z","data":{"agent":"alice"}}

        event: lagged
        data: {"lost":3}

    "#]]
    .assert_eq(&desk.send(request(line, "acme-read", "", &resumed)).await.told());
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_has_a_heartbeat() {
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let desk = Desk::new();
    let request = request("GET /api/v1/tenants/acme/events", "acme-read", "", &[]);
    let router = super::router(&desk.front);
    let mut body: Body = router.oneshot(request).await.expect("infallible").into_body();
    let mut told = Vec::new();
    for _ in 0..6 {
        let frame = body.frame().await.expect("no end").expect("no error");
        told.push(String::from_utf8(frame.into_data().expect("data").to_vec()).expect("UTF-8"));
    }
    assert_eq!(told[4..], [": alive\n\n", ": alive\n\n"], "{told:?}");
}

#[tokio::test]
async fn health_readiness_and_figures() {
    let desk = Desk::new();
    assert_eq!(desk.ask("GET /healthz", "", "").await.body, r#"{"status":"up"}"#);
    let ready = desk.ask("GET /readyz", "", "").await.body;
    assert_eq!(ready, r#"{"ready":true,"store":"ok","telephony":"ok"}"#);
    expect![[r#"
        200
        content-type: text/plain; version=0.0.4; charset=utf-8
        # HELP jackfield_http_requests_total Requests answered, by operation of the API and status.
        # TYPE jackfield_http_requests_total counter
        jackfield_http_requests_total{operation="health",status="200"} 1
        jackfield_http_requests_total{operation="readiness",status="200"} 1
        # HELP jackfield_http_in_progress What the limits of HTTP count now.
        # TYPE jackfield_http_in_progress gauge
        jackfield_http_in_progress{limit="requests"} 0
        jackfield_http_in_progress{limit="sockets"} 0
        jackfield_http_in_progress{limit="streams"} 0
        jackfield_http_in_progress{limit="uploads"} 0
        # HELP jackfield_http_limit The limits of HTTP.
        # TYPE jackfield_http_limit gauge
        jackfield_http_limit{limit="requests"} 256
        jackfield_http_limit{limit="sockets"} 2000
        jackfield_http_limit{limit="streams"} 128
        jackfield_http_limit{limit="uploads"} 4
        # HELP jackfield_audit_entries Entries of the audit log.
        # TYPE jackfield_audit_entries gauge
        jackfield_audit_entries 0
        # HELP jackfield_audit_left_out_total Acts that are not in the audit log: too many by strangers, or the store failed.
        # TYPE jackfield_audit_left_out_total counter
        jackfield_audit_left_out_total 0
        # HELP jackfield_users Users of all tenants.
        # TYPE jackfield_users gauge
        jackfield_users 0
        # HELP jackfield_sessions Sessions of browsers that are kept.
        # TYPE jackfield_sessions gauge
        jackfield_sessions 0
        # HELP jackfield_http_idempotency_keys Idempotency keys kept, of 10000.
        # TYPE jackfield_http_idempotency_keys gauge
        jackfield_http_idempotency_keys 0
    "#]]
    .assert_eq(&desk.ask("GET /metrics", "root", "").await.told());
}
