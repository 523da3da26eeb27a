//! Who is refused what, on every route.

use super::{Desk, request, sample};
use crate::access::{Right, Scope};
use crate::http::centre::Limits;
use crate::http::route_table::{Access, ROUTES, Route};
use expect_test::expect;

#[tokio::test]
async fn without_a_token_no_route_answers() {
    let desk = Desk::new();
    // A plugin says itself who may send to it, and a web chat is for everybody on the right sites.
    let open = [Access::Public, Access::Plugin, Access::Visitor];
    for route in ROUTES.iter().filter(|route| !open.contains(&route.access)) {
        for token in ["", "wrong"] {
            let given = desk.send(sample(route, "acme", token)).await;
            assert_eq!(given.status, 401, "{}: {}", route.operation, given.body);
            assert!(given.header("www-authenticate").starts_with("Bearer"), "{}", route.operation);
        }
    }
}

#[tokio::test]
async fn another_tenants_token_sees_nothing_of_a_tenant() {
    let desk = Desk::new();
    let of_tenant = |route: &&Route| matches!(route.access, Access::Tenant(_) | Access::Agent);
    for route in ROUTES.iter().filter(of_tenant) {
        let foreign = desk.send(sample(route, "acme", "romashka-all")).await;
        let missing = desk.send(sample(route, "nobody", "romashka-all")).await;
        assert_eq!(foreign.status, 404, "{}: {}", route.operation, foreign.body);
        // Not even whether there is such a tenant.
        assert_eq!(foreign.body, missing.body.replace("nobody", "acme"), "{}", route.operation);
    }
    let listed = desk.ask("GET /api/v1/tenants", "romashka-read", "").await.json();
    let items = listed["items"].as_array().expect("items");
    assert!(items.iter().all(|tenant| tenant["id"] == "romashka") && items.len() == 1, "{listed}");
    assert_eq!(*desk.centre.tenants["acme"].asked.lock().expect("no panic"), Vec::<String>::new());
}

#[tokio::test]
async fn a_right_that_is_lacking_is_named() {
    let desk = Desk::new().with_people().await;
    for route in ROUTES {
        let right = match route.access {
            Access::Tenant(right) => right,
            Access::Agent => Right::Supervise,
            Access::Rollout => Right::ManagePlugins,
            _ => continue,
        };
        let given = desk.send(sample(route, "acme", "acme-read")).await;
        if Scope::Read.rights().has(right) {
            assert!(given.status < 300, "{}: {}", route.operation, given.body);
        } else {
            assert_eq!(given.status, 403, "{}: {}", route.operation, given.body);
            let detail = given.json()["detail"].to_string();
            assert!(detail.contains(right.name()), "{}: {detail}", route.operation);
        }
    }
}

#[tokio::test]
async fn metrics_are_open_only_where_it_is_configured() {
    assert_eq!(Desk::new().ask("GET /metrics", "acme-all", "").await.status, 403);
    let open = Desk::with(Limits { open_metrics: true, ..Limits::default() });
    assert_eq!(open.ask("GET /metrics", "", "").await.status, 200);
}

#[tokio::test]
async fn only_the_administrator_reloads() {
    let reload = "POST /api/v1/config/reload";
    assert_eq!(Desk::new().ask(reload, "acme-all", "").await.status, 403);
    let done = Desk::new().ask(reload, "root", "").await;
    assert_eq!((done.status, &*done.body), (200, r#"{"changed":["tenants.acme.name"]}"#));
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let desk = Desk::new();
    expect![[r#"
        404
        content-type: application/problem+json
        {"detail":"there is no resource `/api/v1/tenant`","instance":"urn:jackfield:request:r1","status":404,"title":"Not found","type":"urn:jackfield:problem:not-found"}"#]]
    .assert_eq(&desk.ask("GET /api/v1/tenant", "root", "").await.told());
    expect![[r#"
        405
        content-type: application/problem+json
        allow: GET,HEAD,POST
        {"detail":"`/api/v1/tenants/acme/contacts` accepts GET,HEAD,POST","instance":"urn:jackfield:request:r1","status":405,"title":"Method not allowed","type":"urn:jackfield:problem:method-not-allowed"}"#]]
    .assert_eq(&desk.ask("PATCH /api/v1/tenants/acme/contacts", "root", "").await.told());
}

#[tokio::test]
async fn a_bad_body_is_told_what_and_where() {
    let desk = Desk::new();
    let create = "POST /api/v1/tenants/acme/contacts";
    let mut told = String::new();
    for body in [
        "{",
        r#"{"name":"Anna"} x"#,
        r#"{"name":"Anna","phones":["1",2]}"#,
        r#"{"name":"Anna","fields":{"a":{}}}"#,
        r#"{"name":"Anna","phone":"1"}"#,
        r#"{"phones":[]}"#,
    ] {
        let given = desk.ask(create, "root", body).await;
        told.push_str(&format!("{} {}\n", given.status, given.json()["detail"]));
    }
    let csv = [("content-type", "text/csv")];
    let given = desk.send(request(create, "root", "name", &csv)).await;
    told.push_str(&format!("{} {}\n", given.status, given.json()["detail"]));
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(2 << 20));
    let given = desk.ask(create, "root", &large).await;
    told.push_str(&format!("{} {}\n", given.status, given.json()["detail"]));
    expect![[r#"
        400 "EOF while parsing an object at line 1 column 1"
        400 "trailing characters at line 1 column 17"
        400 "`phones[1]`: invalid type: integer `2`, expected a string at line 1 column 30"
        400 "`fields.a`: invalid type: map, expected a string at line 1 column 29"
        400 "`phone`: unknown field `phone`, expected one of `name`, `phones`, `emails`, `external_id`, `language`, `segment`, `fields` at line 1 column 22"
        400 "missing field `name` at line 1 column 13"
        415 "`Content-Type: application/json` is accepted, got `text/csv`"
        413 "the body may have 1048576 bytes"
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn a_bad_query_names_what_is_accepted() {
    let desk = Desk::new();
    let mut told = String::new();
    for target in [
        "contacts?adress=1",
        "contacts?limit=0",
        "contacts?limit=501",
        "contacts?limit=1&limit=2",
        "interactions?open=yes",
        "interactions?from=yesterday",
        "report?from=2026-11-21T09:00:00Z&to=2026-11-21T08:00:00Z",
        "agents?x=1",
    ] {
        let given = desk.ask(&format!("GET /api/v1/tenants/acme/{target}"), "root", "").await;
        told.push_str(&format!("{} {}\n", given.status, given.json()["detail"]));
    }
    expect![[r#"
        400 "`adress`: accepted are `address`, `cursor`, `limit`"
        400 "`limit`: 1 to 500 is accepted, got `0`"
        400 "`limit`: 1 to 500 is accepted, got `501`"
        400 "`limit`: it is there twice"
        400 "`open`: `true` or `false` is accepted, got `yes`"
        400 "`from`: a moment such as `2026-11-21T09:00:00Z` is accepted (in a query, `+` is `%2B`), got `yesterday`"
        400 "`to`: it lies before `from`"
        400 "`x`: this resource has no query"
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn a_repeated_post_is_done_once() {
    let desk = Desk::new();
    let create = "POST /api/v1/tenants/acme/contacts";
    let key = [("idempotency-key", "k1")];
    let first = desk.send(request(create, "root", r#"{"name":"Anna"}"#, &key)).await;
    let again = desk.send(request(create, "root", r#"{"name":"Anna"}"#, &key)).await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.header("location"), first.header("location"));
    let other = desk.send(request(create, "root", r#"{"name":"Eva"}"#, &key)).await;
    assert_eq!(other.status, 422, "{}", other.body);
    // Another caller's key is another key.
    let theirs = desk.send(request(create, "acme-all", r#"{"name":"Eva"}"#, &key)).await;
    assert_eq!(theirs.status, 201, "{}", theirs.body);
    let asked = desk.centre.tenants["acme"].asked.lock().expect("no panic").clone();
    assert_eq!(asked, ["create Anna", "create Eva"]);
}

#[tokio::test]
async fn limits_are_refusals_that_say_when_to_come_back() {
    let none = Desk::with(Limits { requests: 0, ..Limits::default() });
    let given = none.ask("GET /api/v1/tenants", "root", "").await;
    assert_eq!((given.status, given.header("retry-after")), (503, "1"), "{}", given.body);
    assert_eq!(none.ask("GET /healthz", "", "").await.status, 200);
    let none = Desk::with(Limits { uploads: 0, streams: 0, ..Limits::default() });
    let csv = [("content-type", "text/csv")];
    let import = request("POST /api/v1/tenants/acme/contacts/import", "root", "name\n", &csv);
    assert_eq!(none.send(import).await.status, 503);
    assert_eq!(none.ask("GET /api/v1/tenants/acme/events", "root", "").await.status, 503);
}

#[tokio::test]
async fn a_request_id_is_echoed_or_made() {
    let desk = Desk::new();
    assert_eq!(desk.ask("GET /healthz", "", "").await.header("x-request-id"), "r1");
    let odd = request("GET /healthz", "", "", &[]);
    let (mut parts, body) = odd.into_parts();
    parts.headers.insert("x-request-id", "a b\t".parse().expect("a header"));
    let given = desk.send(axum::http::Request::from_parts(parts, body)).await;
    let made = given.header("x-request-id");
    assert!(!made.is_empty() && !made.contains(' '), "{made}");
}
