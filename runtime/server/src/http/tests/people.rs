//! People: what each role may do on every route, sessions, users.

use std::fmt::Write as _;

use axum::http::{HeaderValue, header};
use expect_test::expect_file;

use super::{Desk, request, sample};
use crate::access::Role;
use crate::http::route_table::{Access, ROUTES, Route, Verb};

/// Asks a route of acme as somebody who has signed in.
async fn asked(desk: &Desk, route: &Route, cookie: &str) -> u16 {
    let mut request = sample(route, "acme", "");
    let cookie = HeaderValue::from_str(cookie).expect("a cookie");
    request.headers_mut().insert(header::COOKIE, cookie);
    desk.send(request).await.status
}

/// Who is let through is told by the answers alone, route by route: what a role gains or loses shows.
#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let mut table = String::new();
    let mut cookies = Vec::new();
    let desk = Desk::busy().with_people().await;
    for role in Role::ALL {
        let (tenant, name) =
            if role == Role::Provider { ("", "pavel") } else { ("acme", role.name()) };
        desk.employ(tenant, name, &[role], (role == Role::Agent).then_some("alice")).await;
        cookies.push((role, desk.sign_in(name).await));
    }
    for route in ROUTES {
        let closed = !matches!(route.access, Access::Public | Access::Plugin);
        // These end the very session that asks.
        if !closed || route.path.starts_with("/api/v1/session") || route.operation == "metrics" {
            continue;
        }
        let mut may = Vec::new();
        for (role, cookie) in &cookies {
            let status = asked(&desk, route, cookie).await;
            if status != 403 && status != 401 {
                may.push(role.name());
            }
        }
        let _ = writeln!(table, "{}: {}", route.operation, may.join(" "));
    }
    expect_file!["../../access/roles.txt"].assert_eq(&table);
}

#[tokio::test]
async fn an_agent_acts_on_the_agent_they_are() {
    let desk = Desk::new();
    desk.employ("acme", "anna", &[Role::Agent], Some("alice")).await;
    let cookie = [("cookie", &*desk.sign_in("anna").await)];
    let state = |agent: &str| format!("PUT /api/v1/tenants/acme/agents/{agent}/state");
    let ready = r#"{"state":"ready"}"#;
    let own = desk.send(request(&state("alice"), "", ready, &cookie)).await;
    assert_eq!(own.status, 200, "{}", own.body);
    let other = desk.send(request(&state("bob"), "", ready, &cookie)).await;
    assert_eq!(other.status, 403, "{}", other.body);
    // A conversation that somebody else has is not written in.
    let line =
        format!("POST /api/v1/tenants/acme/interactions/{}/messages", super::double::WAITING);
    let given = desk.send(request(&line, "", r#"{"text":"Hello"}"#, &cookie)).await;
    assert!(given.status == 403 && given.body.contains("in hand"), "{}", given.body);
    // Nor is there another tenant.
    let foreign = desk.send(request("GET /api/v1/tenants/romashka", "", "", &cookie)).await;
    assert_eq!(foreign.status, 404, "{}", foreign.body);
    let listed = desk.send(request("GET /api/v1/tenants", "", "", &cookie)).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[tokio::test]
async fn who_edits_flows_tries_them_out_and_no_plugin() {
    let desk = Desk::new();
    desk.employ("acme", "fred", &[Role::FlowEditor], None).await;
    let cookie = [("cookie", &*desk.sign_in("fred").await)];
    let body = r#"{"digest":"0123456789ab","percent":10}"#;
    for (name, fine) in [("main", true), ("skills", false)] {
        for (act, body) in [("canary", body), ("promote", ""), ("rollback", "")] {
            let line = format!("POST /api/v1/tenants/acme/plugins/{name}/{act}");
            let given = desk.send(request(&line, "", body, &cookie)).await;
            assert_eq!(given.status != 403, fine, "{line}: {}", given.body);
        }
    }
}

#[tokio::test]
async fn a_session_begins_is_shown_and_ends() {
    let desk = Desk::new();
    desk.employ("acme", "anna", &[Role::Agent], Some("alice")).await;
    let wrong = desk.ask("POST /api/v1/session", "", r#"{"name":"anna","password":"x"}"#).await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, ""));
    let body = r#"{"name":"anna@acme","password":"anna's password"}"#;
    let given = desk.ask("POST /api/v1/session", "", body).await;
    assert_eq!(given.status, 200, "{}", given.body);
    let cookie = given.header("set-cookie").to_owned();
    assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
    let pair = [("cookie", cookie.split(';').next().unwrap_or_default())];
    let shown = desk.send(request("GET /api/v1/session", "", "", &pair)).await;
    assert_eq!((shown.status, shown.json()), (200, given.json()));
    assert_eq!(given.json()["agent"], "alice");
    let ended = desk.send(request("DELETE /api/v1/session", "", "", &pair)).await;
    assert!(ended.status == 204 && ended.header("set-cookie").ends_with("Max-Age=0"));
    assert_eq!(desk.send(request("GET /api/v1/session", "", "", &pair)).await.status, 204);
    assert_eq!(desk.ask("GET /api/v1/tenants", "", "").await.status, 401);
}

#[tokio::test]
async fn an_access_token_signs_in_with_its_own_rights() {
    let desk = Desk::new();
    let wrong = desk.ask("POST /api/v1/session", "", r#"{"token":"nonsense"}"#).await;
    assert_eq!(wrong.status, 401);
    let given = desk.ask("POST /api/v1/session", "", r#"{"token":"acme-read"}"#).await;
    assert_eq!(given.json()["kind"], "token");
    let cookie = given.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let pair = [("cookie", cookie.as_str())];
    let seen = desk.send(request("GET /api/v1/tenants/acme/agents", "", "", &pair)).await;
    assert_eq!(seen.status, 200);
    let publish = "POST /api/v1/tenants/acme/flows/main/publish";
    let refused = desk.send(request(publish, "", r#"{"script":"hang_up()"}"#, &pair)).await;
    assert_eq!(refused.status, 403);
    let password = "PUT /api/v1/session/password";
    let body = r#"{"old":"acme-read","new":"a new password"}"#;
    assert_eq!(desk.send(request(password, "", body, &pair)).await.status, 403);
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_on_every_route() {
    let desk = Desk::busy().with_people().await;
    let cookie = desk.sign_in("olga").await;
    for route in ROUTES.iter().filter(|route| {
        !matches!(route.access, Access::Public | Access::Plugin | Access::Visitor)
            && route.operation != "metrics"
    }) {
        let mut request = sample(route, "acme", "");
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookie).expect("a cookie"));
        headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        let given = desk.send(request).await;
        assert_eq!(given.status, 403, "{}: {}", route.operation, given.body);
        assert!(given.body.contains("another site"), "{}: {}", route.operation, given.body);
    }
    let signing = [("sec-fetch-site", "cross-site")];
    let body = r#"{"name":"olga","password":"olga's password"}"#;
    let given = desk.send(request("POST /api/v1/session", "", body, &signing)).await;
    assert_eq!(given.status, 403);
}

#[tokio::test]
async fn a_given_password_opens_nothing_but_its_change() {
    let desk = Desk::new();
    let add = "POST /api/v1/tenants/acme/users";
    let body = r#"{"name":"Ivan@Acme.example","full_name":"Ivan","roles":["supervisor"]}"#;
    let added = desk.ask(add, "acme-all", body).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let password = added.json()["password"].as_str().expect("a password").to_owned();
    assert_eq!(added.json()["user"]["name"], "ivan@acme.example");
    let body = serde_json::json!({ "name": "ivan@acme.example", "password": password });
    let given = desk.ask("POST /api/v1/session", "", &body.to_string()).await;
    assert_eq!((given.status, &given.json()["must_change"]), (200, &serde_json::json!(true)));
    let cookie = given.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let pair = [("cookie", cookie.as_str())];
    let refused = desk.send(request("GET /api/v1/tenants/acme/agents", "", "", &pair)).await;
    assert!(refused.status == 403 && refused.body.contains("change it first"), "{}", refused.body);
    let body = serde_json::json!({ "old": password, "new": "Ivan's own password" });
    let change = request("PUT /api/v1/session/password", "", &body.to_string(), &pair);
    let changed = desk.send(change).await;
    assert_eq!((changed.status, &changed.json()["must_change"]), (200, &serde_json::json!(false)));
    let seen = desk.send(request("GET /api/v1/tenants/acme/agents", "", "", &pair)).await;
    assert_eq!(seen.status, 200);
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_have() {
    let desk = Desk::new().with_people().await;
    desk.employ("acme", "boss", &[Role::Admin], None).await;
    let users = "POST /api/v1/tenants/acme/users";
    let mut told = String::new();
    for (token, line, body) in [
        ("acme-all", users, r#"{"name":"eva","roles":["provider"]}"#),
        ("acme-all", users, r#"{"name":"eva","roles":["emperor"]}"#),
        ("acme-all", users, r#"{"name":"eva","roles":["agent"],"agent":"nobody"}"#),
        ("acme-all", users, r#"{"name":"eva","roles":["agent"],"password":"short"}"#),
        ("acme-all", users, r#"{"name":"vera","roles":["agent"]}"#),
        ("acme-all", "POST /api/v1/users", r#"{"name":"eva","roles":["provider"]}"#),
        ("acme-all", "DELETE /api/v1/tenants/acme/users/nobody", ""),
        ("acme-read", users, r#"{"name":"eva","roles":["agent"]}"#),
        ("root", "POST /api/v1/users", r#"{"name":"eva","roles":["agent"]}"#),
    ] {
        let given = desk.ask(line, token, body).await;
        let _ = writeln!(told, "{} {}", given.status, given.json()["detail"]);
    }
    expect_test::expect![[r#"
        422 "`roles`: `provider` is the role of users without a tenant, and theirs alone"
        422 "`roles`: `agent`, `supervisor`, `quality`, `planner`, `flow-editor`, `admin`, `provider` are accepted, got `emperor`"
        422 "`agent`: there is no agent `nobody`"
        422 "`password`: 10 characters or more are accepted"
        409 "there is a user `vera` already"
        403 "this concerns every tenant: only the administrator's token and the provider open it"
        404 "there is no user `nobody`"
        403 "the token lacks the right `manage-users`"
        422 "`roles`: `provider` is the role of users without a tenant, and theirs alone"
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn who_fails_too_often_is_told_how_long_to_wait() {
    let desk = Desk::new().with_people().await;
    let body = r#"{"name":"vera","password":"a guess"}"#;
    for _ in 0..5 {
        assert_eq!(desk.ask("POST /api/v1/session", "", body).await.status, 401);
    }
    let given = desk.ask("POST /api/v1/session", "", body).await;
    let wait = given.header("retry-after").parse::<u64>().expect("seconds");
    assert!(given.status == 429 && (29..=30).contains(&wait), "{wait}");
}

/// Of verbs that change something none is open to who may only look.
#[test]
fn no_route_that_changes_something_needs_only_a_right_to_look() {
    use crate::access::Right::{Look, ReadContacts, ReadInteractions, Report};
    for route in ROUTES.iter().filter(|route| route.verb != Verb::Get) {
        let reads = [Look, ReadContacts, ReadInteractions, Report].map(Access::Tenant);
        assert!(!reads.contains(&route.access), "{}", route.operation);
    }
}
