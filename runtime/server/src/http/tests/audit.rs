//! The audit log: what is kept of who changed what, and that no secret is.

use std::fmt::Write as _;
use std::path::PathBuf;

use expect_test::expect;
use http_body_util::BodyExt as _;
use jackfield_store::{Store, StoreConfig};
use serde_json::{Value, json};

use super::double::Double;
use super::{Desk, request, sample};
use crate::access::{AuditLog, Keep, Role};
use crate::http::audit::is_kept;
use crate::http::centre::Limits;
use crate::http::front::Front;
use crate::http::route_table::{Accepts, ROUTES, Verb};

/// A centre with a store of its own for the audit log, removed at the end.
struct Kept {
    desk: Desk,
    store: Store,
    folder: PathBuf,
}

impl Kept {
    fn new(name: &str, keep: Keep) -> Self {
        let unique = format!("jackfield-audit-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(unique);
        let _ = std::fs::remove_dir_all(&folder);
        let config = StoreConfig { path: folder.clone(), ..StoreConfig::default() };
        let (store, _) = Store::open(config).expect("a store");
        let audit = AuditLog::open(Some(store.clone()), keep).expect("a log");
        let centre = Double::with(audit);
        centre.tenants.values().for_each(|tenant| tenant.fill());
        let stop = tokio_util::sync::CancellationToken::new();
        let front = Front::new(centre.clone(), Limits::default(), stop);
        Self { desk: Desk { centre, front }, store, folder }
    }

    async fn log(&self, path: &str, token: &str) -> Vec<Value> {
        let given = self.desk.ask(&format!("GET {path}"), token, "").await;
        assert_eq!(given.status, 200, "{}", given.body);
        given.json()["items"].as_array().expect("items").clone()
    }

    /// The whole log, the earliest first, a line each.
    async fn told(&self, path: &str) -> String {
        let mut told = String::new();
        for entry in self.log(path, "root").await.iter().rev() {
            let text = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
            let _ = write!(told, "{} {}", text("kind"), text("who"));
            let _ =
                write!(told, " in {}: {} {}", text("tenant"), text("operation"), entry["status"]);
            for key in ["body", "before", "after"] {
                if !entry[key].is_null() {
                    let _ = write!(told, "\n  {key} {}", entry[key]);
                }
            }
            told.push('\n');
        }
        told
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn every_change_is_kept_with_who_did_it_and_what_it_was() {
    let kept = Kept::new("changes", Keep::default());
    let desk = &kept.desk;
    desk.employ("acme", "anna", &[Role::Admin], None).await;
    let wrong = r#"{"name":"anna","password":"my other password"}"#;
    desk.ask("POST /api/v1/session", "", wrong).await;
    // A password where the name belongs.
    let slip = r#"{"name":"anna's password","password":""}"#;
    desk.ask("POST /api/v1/session", "", slip).await;
    let cookie = [("cookie", &*desk.sign_in("anna").await)];
    let as_anna = |line: &str, body: &str| desk.send(request(line, "", body, &cookie));
    let users = "/api/v1/tenants/acme/users";
    as_anna(&format!("POST {users}"), r#"{"name":"vera","roles":["quality"]}"#).await;
    as_anna(&format!("PUT {users}/vera"), r#"{"roles":["planner"],"full_name":"Vera"}"#).await;
    as_anna(&format!("POST {users}/vera/reset"), "").await;
    as_anna(&format!("DELETE {users}/vera"), "").await;
    as_anna("POST /api/v1/tenants/acme/queues/sales/close", r#"{"message":"Today"}"#).await;
    as_anna("GET /api/v1/tenants/acme/agents", "").await;
    desk.ask("POST /api/v1/tenants/acme/queues/sales/close", "acme-read", "{}").await;
    desk.ask("DELETE /api/v1/tenants/acme/users/anna", "", "").await;
    desk.ask("POST /api/v1/tenants/romashka/queues/sales/open", "acme-all", "").await;
    desk.ask(&format!("POST {users}"), "acme-all", "{\"name\":\"x\", \"password\": \"unfin").await;
    as_anna("DELETE /api/v1/session", "").await;
    desk.ask("POST /api/v1/config/reload", "root", "").await;
    let told = kept.told("/api/v1/audit").await;
    // Figures of the queue change with the clock.
    let steady = |line: &&str| !line.contains("\"live\"");
    let told: Vec<_> = told.lines().filter(steady).map(moments_left_out).collect();
    expect![[r#"
        nobody anna in acme: signIn 401
          body {"name":"anna","password":"…"}
        nobody - in -: signIn 401
          body {"name":"…","password":"…"}
        user anna in acme: signIn 200
          body {"name":"anna","password":"…"}
        user anna in acme: addUser 201
          body {"name":"vera","roles":["quality"]}
          after {"password":"…","user":{"agent":null,"created_at":"T","disabled":false,"external":false,"full_name":"","must_change":true,"name":"vera","roles":["quality"],"totp":false,"updated_at":"T"}}
        user anna in acme: changeUser 200
          body {"full_name":"Vera","roles":["planner"]}
          before {"agent":null,"created_at":"T","disabled":false,"external":false,"full_name":"","must_change":true,"name":"vera","roles":["quality"],"totp":false,"updated_at":"T"}
          after {"agent":null,"created_at":"T","disabled":false,"external":false,"full_name":"Vera","must_change":true,"name":"vera","roles":["planner"],"totp":false,"updated_at":"T"}
        user anna in acme: resetUser 200
          before {"agent":null,"created_at":"T","disabled":false,"external":false,"full_name":"Vera","must_change":true,"name":"vera","roles":["planner"],"totp":false,"updated_at":"T"}
          after {"agent":null,"created_at":"T","disabled":false,"external":false,"full_name":"Vera","must_change":true,"name":"vera","roles":["planner"],"totp":false,"updated_at":"T"}
        user anna in acme: removeUser 204
          before {"agent":null,"created_at":"T","disabled":false,"external":false,"full_name":"Vera","must_change":true,"name":"vera","roles":["planner"],"totp":false,"updated_at":"T"}
        user anna in acme: closeQueue 200
          body {"message":"Today"}
        token read in acme: closeQueue 403
        nobody - in -: removeUser 401
        token all in acme: openQueue 404
        token all in acme: addUser 400
        user anna in acme: signOut 204
        operator admin in -: reloadConfig 200
          after {"changed":["tenants.acme.name"]}"#]].assert_eq(&told.join("\n"));
    // A tenant is told of its own, with whom somebody at its door named.
    let own = kept.log("/api/v1/tenants/acme/audit?limit=500", "acme-all").await;
    assert!(own.iter().all(|entry| entry["tenant"] == "acme"), "{own:?}");
    assert_eq!(own.iter().filter(|entry| entry["kind"] == "nobody").count(), 1);
    assert_eq!(
        kept.log("/api/v1/tenants/romashka/audit", "romashka-all").await,
        Vec::<Value>::new()
    );
}

/// A line without the moments in it, which are never the same.
fn moments_left_out(line: &str) -> String {
    let mut parts = line.split("_at\":\"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("_at\":\"T\"");
        text.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    text
}

/// Sends secrets on every route that takes them, with names of their own and in each field of a text, and
/// looks for each of them in the whole log.
#[tokio::test]
async fn no_secret_is_kept_whatever_route_it_comes_by() {
    const MARK: &str = "hunter2-hunter2";
    let kept = Kept::new("secrets", Keep { strangers: 10_000, ..Keep::default() });
    let desk = &kept.desk;
    desk.employ("acme", "anna", &[Role::Admin], None).await;
    let cookie = desk.sign_in("anna").await;
    let mut secrets = vec![MARK.to_owned(), "anna's password".to_owned()];
    let mut taken = 0;
    for route in ROUTES.iter().filter(|route| route.verb != Verb::Get) {
        if !matches!(route.accepts, Accepts::Json(_)) || route.operation == "switchTotpOff" {
            continue;
        }
        let body =
            sample(route, "acme", "").into_body().collect().await.expect("a body").to_bytes();
        let mut body: Value = serde_json::from_slice(&body).expect("JSON");
        for key in ["password", "old", "new", "code", "token", "secret", "client_secret"] {
            body[key] = json!(MARK);
        }
        for headers in [vec![], vec![("cookie", &*cookie)]] {
            let mut asked = sample(route, "acme", "");
            for (name, value) in headers {
                asked.headers_mut().insert(name, value.parse().expect("a value"));
            }
            *asked.body_mut() = axum::body::Body::from(body.to_string());
            desk.send(asked).await;
            taken += usize::from(is_kept(route));
        }
    }
    // What the centre itself makes up, and what really works.
    let pair = [("cookie", &*cookie)];
    let users = "POST /api/v1/tenants/acme/users";
    for (line, body) in [
        (users.to_owned(), r#"{"name":"ivan","roles":["agent"]}"#),
        (format!("{users}/ivan/reset"), ""),
        ("POST /api/v1/session/totp".to_owned(), ""),
        (
            "PUT /api/v1/session/password".to_owned(),
            r#"{"old":"anna's password","new":"correct horse battery"}"#,
        ),
    ] {
        let given = desk.send(request(&line, "", body, &pair)).await;
        assert!(given.status < 300, "{line}: {}", given.body);
        let made = given.json();
        let made = ["password", "secret"].map(|key| made[key].as_str().map(str::to_owned));
        secrets.extend(made.into_iter().flatten());
    }
    secrets.push("correct horse battery".to_owned());
    assert_eq!(secrets.len(), 6, "two passwords and a secret were made up");
    let all = kept.store.audit(&jackfield_store::AuditFilter::default(), None, 1_000);
    let all = all.expect("the log").items;
    assert!(taken <= all.len() && 50 < taken, "{taken} of {}", all.len());
    let text = serde_json::to_string(&all).expect("JSON");
    for secret in &secrets {
        assert!(!text.contains(secret.as_str()), "{secret}");
    }
    assert!(text.contains("…"));
}

/// The log has an entry of each route that changes something, and of no other.
#[tokio::test]
async fn each_route_that_changes_something_leaves_an_entry() {
    let kept = Kept::new("routes", Keep::default());
    let desk = &kept.desk;
    desk.employ("acme", "vera", &[Role::Quality], None).await;
    desk.employ("", "olga", &[Role::Provider], None).await;
    for route in ROUTES {
        desk.send(sample(route, "acme", "root")).await;
    }
    let all = kept.log("/api/v1/audit?limit=500", "root").await;
    let mut found: Vec<_> = all.iter().filter_map(|entry| entry["operation"].as_str()).collect();
    let mut wanted: Vec<_> =
        ROUTES.iter().filter(|route| is_kept(route)).map(|route| route.operation).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn the_log_is_read_in_parts_and_by_filters() {
    let kept = Kept::new("filters", Keep::default());
    let add = "POST /api/v1/tenants/acme/callbacks";
    let open = "POST /api/v1/tenants/acme/queues/sales/open";
    for (line, token, body) in [
        (open, "root", ""),
        (add, "acme-all", r#"{"queue":"sales","address":"37120000009"}"#),
        (open, "acme-all", ""),
    ] {
        kept.desk.ask(line, token, body).await;
    }
    let mut told = String::new();
    for query in [
        "",
        "?who=ADMIN",
        "?operation=openQueue",
        "?operation=openQueue&who=all",
        "?to=2020-01-01T00:00:00Z",
        "?from=2020-01-01T00:00:00Z",
    ] {
        let found = kept.log(&format!("/api/v1/tenants/acme/audit{query}"), "acme-all").await;
        let named: Vec<_> =
            found.iter().map(|one| one["operation"].as_str().unwrap_or("-")).collect();
        let _ = writeln!(told, "{query}: {}", named.join(" "));
    }
    expect![[r#"
        : openQueue addCallback openQueue
        ?who=ADMIN: openQueue
        ?operation=openQueue: openQueue openQueue
        ?operation=openQueue&who=all: openQueue
        ?to=2020-01-01T00:00:00Z: 
        ?from=2020-01-01T00:00:00Z: openQueue addCallback openQueue
    "#]]
    .assert_eq(&told);
    let first = kept.desk.ask("GET /api/v1/audit?limit=2", "root", "").await.json();
    let next = first["next"].as_str().expect("more");
    let rest = kept.log(&format!("/api/v1/audit?limit=2&cursor={next}"), "root").await;
    assert_eq!(rest.len(), 1);
    let wrong = kept.desk.ask("GET /api/v1/audit?cursor=x", "root", "").await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    for (path, token) in
        [("/api/v1/audit", "acme-all"), ("/api/v1/tenants/acme/audit", "acme-read")]
    {
        assert_eq!(kept.desk.ask(&format!("GET {path}"), token, "").await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_oldest_go_when_there_are_too_many_and_strangers_fill_nothing() {
    let keep = Keep { most: 5, strangers: 2, ..Keep::default() };
    let kept = Kept::new("limits", keep);
    for number in 0..9 {
        let line = format!("DELETE /api/v1/tenants/acme/callbacks/{number}");
        kept.desk.ask(&line, "root", "").await;
    }
    let paths = |all: Vec<Value>| {
        let last = |entry: &Value| entry["path"].as_str().and_then(|path| path.chars().last());
        all.iter().filter_map(last).collect::<String>()
    };
    assert_eq!(paths(kept.log("/api/v1/audit", "root").await), "87654");
    assert_eq!(paths(kept.log("/api/v1/tenants/acme/audit", "root").await), "87654");
    for _ in 0..4 {
        kept.desk.ask("POST /api/v1/config/reload", "nonsense", "").await;
    }
    assert_eq!(paths(kept.log("/api/v1/audit", "root").await), "dd876");
    assert_eq!(kept.desk.centre.audit.counts(), (5, 2));
    // After a restart the numbers go on, and who is over time goes with the next one.
    let keep = Keep { time: std::time::Duration::ZERO, most: 5, strangers: 2 };
    let again = AuditLog::open(Some(kept.store.clone()), keep).expect("a log");
    let at = crate::tenant::now().as_micros() + 1_000_000;
    let entry = |at| jackfield_store::AuditEntry { at, ..Default::default() };
    again.keep(entry(at)).await;
    assert_eq!(again.counts(), (1, 0));
    again.keep(entry(0)).await;
    let all = again.page(&Default::default(), None, 9).expect("the log").items;
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [at + 1, at]);
}
