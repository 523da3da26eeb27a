//! The interface against a double of the centre.

mod audit;
mod conversations;
mod document;
mod double;
mod figures;
mod people;
mod planning;
mod refusals;
mod resources;
mod sockets;
mod studio;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::centre::Limits;
use super::front::{Front, router};
use super::route_table::{Accepts, Route, Verb};
use crate::access::{Role, UserChange};
use double::Double;

/// An answer, read to its end.
struct Given {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Given {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Status, headers that matter, body: for snapshots.
    fn told(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for name in ["content-type", "allow", "www-authenticate", "retry-after", "location"] {
            if let Some(value) = self.headers.get(name) {
                text.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or("?")));
            }
        }
        text.push_str(&self.body);
        text
    }
}

/// A centre and its interface.
struct Desk {
    centre: Arc<Double>,
    front: Arc<Front>,
}

impl Desk {
    fn new() -> Self {
        Self::with(Limits { patience: std::time::Duration::from_secs(5), ..Limits::default() })
    }

    fn with(limits: Limits) -> Self {
        let centre = Double::new();
        let front = Front::new(centre.clone(), limits, CancellationToken::new());
        Self { centre, front }
    }

    /// A centre in which a customer waits, and another one at home.
    fn busy() -> Self {
        let desk = Self::new();
        desk.centre.tenants.values().for_each(|tenant| tenant.fill());
        desk
    }

    /// Adds vera to acme, as whom a user of it is asked about, and olga to the provider's.
    async fn with_people(self) -> Self {
        for (tenant, name, role) in [("acme", "vera", Role::Quality), ("", "olga", Role::Provider)]
        {
            self.employ(tenant, name, &[role], None).await;
        }
        self
    }

    /// Adds a user, whose password is `NAME's password`.
    async fn employ(&self, tenant: &str, name: &str, roles: &[Role], agent: Option<&str>) {
        let (roles, agent) = (roles.to_vec(), agent.map(str::to_owned));
        let change = UserChange { roles, agent, ..UserChange::default() };
        let password = Some(format!("{name}'s password"));
        let added = self.centre.people.add(tenant, name, change, password, double::NINE).await;
        added.expect("a new user");
    }

    /// Signs a user in and returns the cookie.
    async fn sign_in(&self, name: &str) -> String {
        let body = format!(r#"{{"name":"{name}","password":"{name}'s password"}}"#);
        let given = self.ask("POST /api/v1/session", "", &body).await;
        assert_eq!(given.status, 200, "{}", given.body);
        given.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }

    async fn send(&self, request: Request<Body>) -> Given {
        // Streams end when the process does.
        if request.uri().path().ends_with("/events") || request.uri().path().ends_with("/live") {
            let stop = self.front.stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                stop.cancel();
            });
        }
        let response = router(&self.front).oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        Given { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// `ask("GET /api/v1/tenants", "root", "")`
    async fn ask(&self, line: &str, token: &str, body: &str) -> Given {
        self.send(request(line, token, body, &[])).await
    }
}

fn request(line: &str, token: &str, body: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let (method, target) = line.split_once(' ').expect("method and target");
    let mut request = Request::builder().method(method).uri(target).header("x-request-id", "r1");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).expect("a request")
}

/// A campaign that a pacer is asked about.
const CAMPAIGN: &str = r#"{"name":"spring","agents_idle":1,"agents_talking":0,"agents_wrapping":0,
    "dialling":0,"waiting":0,"numbers_left":9,"lines_free":9,"attempts":0,"answered":0,"abandoned":0,
    "abandoned_max":0.03,"ring_ms":0,"talk_ms":0,"wrap_ms":0,"attributes":[],"now_seconds":0,"seed":1}"#;

/// A request of a route that would be answered, for `tenant`.
fn sample(route: &Route, tenant: &str, token: &str) -> Request<Body> {
    let path = route
        .path
        .replace("{tenant}", tenant)
        .replace("{agent}", "alice")
        .replace("{contact}", "c1")
        .replace("{interaction}", "01jd8x2k4m7qa")
        .replace("{queue}", "sales")
        .replace("{callback}", "1")
        .replace("{flow}", "main")
        .replace("{version}", "1")
        .replace("{scenario}", "night")
        .replace("{plugin}", "skills")
        .replace("{provider}", "nobody")
        .replace("{user}", if route.path.contains("{tenant}") { "vera" } else { "olga" });
    // What it cannot be asked without.
    let path = match route.operation {
        "recording" => path.replace("01jd8x2k4m7qa", double::RECORDED),
        "lookUpContact" => format!("{path}?address=37120000009"),
        _ => path,
    };
    let method = match route.verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
        Verb::Put => "PUT",
        Verb::Delete => "DELETE",
    };
    let (kind, body) = match route.accepts {
        Accepts::Nothing => ("", ""),
        Accepts::Csv => ("text/csv", "name\nAnna\n"),
        Accepts::Wasm => ("application/wasm", "\0asm"),
        Accepts::Anything => ("text/plain", "anything"),
        Accepts::Json(schema) => (
            "application/json",
            match schema {
                "AgentStateChange" => r#"{"state":"not_ready","reason":"lunch"}"#,
                "ContactChange" => r#"{"name":"Anna"}"#,
                "Note" => r#"{"text":"called"}"#,
                "ScriptToCheck" | "ScriptToPublish" => r#"{"script":"hang_up()"}"#,
                "ScriptToSimulate" => {
                    r#"{"script":"hang_up()","order":{"inputs":[{"kind":"digits","value":"1"}]}}"#
                }
                "ScriptToCompare" => r#"{"script":"hang_up()"}"#,
                "WorkingCopyChange" => r#"{"script":"hang_up()","base":1}"#,
                "ScenarioChange" => r#"{"expect":[{"kind":"queue","value":"sales"}]}"#,
                "QueueClosing" => r#"{"message":"Closed today."}"#,
                "CallbackRequest" => r#"{"queue":"sales","address":"37120000009"}"#,
                "InteractionRequest" => {
                    r#"{"channel":"chat","queue":"sales","address":"eva@example.com"}"#
                }
                "InteractionMove" => r#"{"queue":"sales"}"#,
                "InteractionPriority" => r#"{"priority":5}"#,
                "FlowRollback" | "PluginSwitch" => "{}",
                "PluginActivation" => r#"{"digest":"0123456789ab"}"#,
                "PluginCanary" => r#"{"digest":"0123456789ab","percent":10}"#,
                "PluginShadow" => r#"{"digest":"0123456789ab"}"#,
                "RatingChange" => r#"{"csat":5}"#,
                "ReasonChange" => r#"{"reason":"invoice"}"#,
                "ScheduleChange" => {
                    r#"{"activities":[{"activity":"work","from":"2026-11-21T09:00:00Z","to":"2026-11-21T10:00:00Z"}]}"#
                }
                "MessageToCustomer" => r#"{"text":"Hello"}"#,
                "Transcript" => {
                    r#"{"utterances":[{"speaker":"customer","start_ms":0,"end_ms":9,"text":"Hello"}]}"#
                }
                "Lead" => r#"{"address":"+37120000009","text":"wants fibre"}"#,
                "SignIn" => r#"{"name":"vera","password":"vera's password"}"#,
                "PasswordChange" => r#"{"old":"vera's password","new":"vera's new password"}"#,
                "PasswordProof" => r#"{"password":"vera's password"}"#,
                "TotpProof" => r#"{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","code":"000000"}"#,
                "UserRequest" if !route.path.contains("{tenant}") => {
                    r#"{"name":"omar","roles":["provider"]}"#
                }
                "UserRequest" => r#"{"name":"anna","roles":["agent"],"agent":"alice"}"#,
                "UserChange" if route.path.contains("{tenant}") => r#"{"roles":["quality"]}"#,
                "UserChange" => r#"{"roles":["provider"],"full_name":"Olga"}"#,
                "Campaign" => CAMPAIGN,
                "ReplayOrder" => r#"{"from":"2026-11-21T00:00:00Z","to":"2026-11-22T00:00:00Z"}"#,
                other => panic!("no sample of {other}"),
            },
        ),
    };
    let headers = if kind.is_empty() { vec![] } else { vec![("content-type", kind)] };
    request(&format!("{method} {path}"), token, body, &headers)
}
