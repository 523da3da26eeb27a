//! The audit log: what is kept of every request that may change something, and how it is read.
//!
//! Webhooks are left out: what other systems send is no act of a person, and becomes an interaction with
//! a record of its own.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use jackfield_store::{AuditEntry, AuditFilter};
use serde_json::{Value, json};

use super::auth::{Principal, Who};
use super::call::{Answer, Call, ok};
use super::front::{Front, RequestId};
use super::oidc::NotLetIn;
use super::problem::Problem;
use super::redact::without_secrets;
use super::route_table::{Accepts, Access, Gives, ROUTES, Route, Verb};
use super::view::Page;
use crate::rfc3339;
use crate::tenant::now;

/// The longest path that is kept, in characters.
const PATH_MAX: usize = 512;
/// The largest answer that is read to tell what there is now, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// What is sent by POST or PUT and changes nothing that others see: questions, and a script at each pause in
/// writing it.
const ASKS: [&str; 9] = [
    "analyseFlow",
    "checkFlow",
    "compareFlow",
    "pace",
    "putWorkingCopy",
    "replay",
    "simulateFlow",
    "tellTyping",
    "tryScenarios",
];

/// Whether what is asked by the route is kept: by whom and what came of it.
pub fn is_kept(route: &Route) -> bool {
    // Whoever comes back from a provider of identity signs in, by a link.
    let changes = route.verb != Verb::Get || route.operation == "signInElsewhere";
    changes && !ASKS.contains(&route.operation) && route.access != Access::Plugin
}

/// A request that may change something, while it is done.
pub struct Act {
    front: Arc<Front>,
    route: &'static Route,
    entry: AuditEntry,
}

/// What is needed to look at the same thing again.
struct Look {
    route: &'static Route,
    front: Arc<Front>,
    principal: Principal,
    path: BTreeMap<String, String>,
    address: IpAddr,
}

impl Act {
    /// Begins the entry of a request; `None` if the route changes nothing that is kept.
    pub fn begun(
        front: &Arc<Front>,
        route: &'static Route,
        parts: &Parts,
        address: IpAddr,
    ) -> Option<Self> {
        if !is_kept(route) {
            return None;
        }
        let id = parts.extensions.get::<RequestId>();
        let entry = AuditEntry {
            at: now().as_micros(),
            kind: "nobody".to_owned(),
            address: address.to_string(),
            operation: route.operation.to_owned(),
            method: parts.method.to_string(),
            path: parts.uri.path().chars().take(PATH_MAX).collect(),
            request: id.map(|id| id.0.clone()).unwrap_or_default(),
            ..AuditEntry::default()
        };
        Some(Self { front: Arc::clone(front), route, entry })
    }

    /// Says who does it.
    pub fn by(&mut self, principal: &Principal) {
        let kind = match principal.who {
            Who::Anybody => return,
            Who::Operator => "operator",
            Who::Token { .. } => "token",
            Who::User(_) => "user",
        };
        self.entry.kind = kind.to_owned();
        self.entry.who = principal.name().to_owned();
        self.entry.who_tenant = principal.tenant().unwrap_or_default().to_owned();
        if self.entry.tenant.is_empty() {
            self.entry.tenant.clone_from(&self.entry.who_tenant);
        }
    }

    /// Says in which tenant, which whoever does it may know of.
    pub fn within(&mut self, tenant: &str) {
        tenant.clone_into(&mut self.entry.tenant);
    }

    /// Keeps the body, if it is JSON: of what is none it is not known where its secrets are.
    pub fn with_body(&mut self, body: &Bytes) {
        let json = matches!(self.route.accepts, Accepts::Json(_));
        let Some(mut body) = serde_json::from_slice::<Value>(body).ok().filter(|_| json) else {
            return;
        };
        if self.route.access == Access::Public {
            self.named(&mut body);
        }
        self.entry.body = without_secrets(body);
    }

    /// Who is named at the door. A name that is no user's may be a password typed into the wrong field.
    fn named(&mut self, body: &mut Value) {
        let Some(name) = body.get_mut("name") else { return };
        let user = name.as_str().and_then(|name| self.front.centre.people().meant(name));
        match user {
            Some(user) => {
                self.entry.tenant.clone_from(&user.tenant);
                (self.entry.who, self.entry.who_tenant) = (user.name, user.tenant);
            }
            None if name.as_str() == Some("") => {}
            None => *name = json!("…"),
        }
    }

    /// Does it, and keeps what it was and what came of it. Durable when it returns.
    pub async fn done(mut self, call: Call) -> Result<Response, Problem> {
        let look = self.look(&call);
        let before = match &look {
            Some(look) => look.seen().await,
            None => String::new(),
        };
        // A task of its own: an act that panics is kept as well.
        let done = tokio::spawn((self.route.run)(call)).await;
        let mut answer = done.unwrap_or_else(|error| Err(Problem::internal(&error.to_string())));
        if let Ok(response) = answer {
            // Of what was refused nothing has changed.
            self.entry.before = before;
            let said;
            (answer, said) = told(response).await;
            self.entry.after = match look {
                Some(look) => look.seen().await,
                None if self.tells() => said.map(without_secrets).unwrap_or_default(),
                None => String::new(),
            };
        }
        self.ended(&answer);
        self.kept().await;
        answer
    }

    /// Whether the answer says what there is afterwards: one's own account is nobody else's business.
    fn tells(&self) -> bool {
        let account = matches!(self.route.access, Access::Public | Access::Known);
        !account && matches!(self.route.gives, Gives::Json(..))
    }

    /// The route that shows what is acted on: of the same path, or of the one above that names it.
    fn look(&self, call: &Call) -> Option<Look> {
        let shows = |path: &str| {
            let same = |route: &&Route| route.verb == Verb::Get && route.path == path;
            let found = ROUTES.iter().find(same)?;
            let one = matches!(found.gives, Gives::Json(..)) && found.access != Access::Public;
            one.then_some(found)
        };
        let above = || self.route.path.rsplit_once('/').map(|(above, _)| above);
        let named = || above().filter(|path| path.ends_with('}') && !path.ends_with("{tenant}"));
        let route = shows(self.route.path).or_else(|| shows(named()?))?;
        let (front, principal) = (Arc::clone(&call.front), call.principal.clone());
        Some(Look { route, front, principal, path: call.path.clone(), address: call.address })
    }

    /// Says how it was answered.
    pub fn ended(&mut self, answer: &Result<Response, Problem>) {
        self.entry.status = match answer {
            Ok(response) => {
                if let Some(principal) = response.extensions().get::<Principal>() {
                    self.by(principal);
                }
                let refused = response.extensions().get::<NotLetIn>();
                if let Some(NotLetIn { who, tenant, .. }) = refused {
                    self.entry.who.clone_from(who);
                    self.entry.tenant.clone_from(tenant);
                }
                refused.map_or(response.status(), |refused| refused.status).as_u16()
            }
            Err(problem) => problem.status().as_u16(),
        };
    }

    /// Keeps it. Durable when it returns.
    pub async fn kept(self) {
        self.front.centre.audit().keep(self.entry).await;
    }
}

impl Look {
    /// What there is now, as JSON; empty if there is nothing.
    async fn seen(&self) -> String {
        let tenant = self.path.get("tenant");
        let tenant = tenant.map(|name| self.front.tenant(&self.principal, name)).transpose();
        let Ok(tenant) = tenant else { return String::new() };
        let call = Call {
            front: Arc::clone(&self.front),
            principal: self.principal.clone(),
            tenant,
            path: self.path.clone(),
            query: BTreeMap::new(),
            headers: axum::http::HeaderMap::new(),
            address: self.address,
            body: Bytes::new(),
            upgrade: None,
            upload: None,
        };
        let Ok(response) = (self.route.run)(call).await else { return String::new() };
        told(response).await.1.map(without_secrets).unwrap_or_default()
    }
}

/// Reads what an answer says in JSON and leaves the answer as it was. Other answers may be streams.
async fn told(response: Response) -> (Result<Response, Problem>, Option<Value>) {
    let kind = response.headers().get(axum::http::header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/json") {
        return (Ok(response), None);
    }
    let (parts, body) = response.into_parts();
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => {
            let value = Some(&bytes).filter(|bytes| bytes.len() <= ANSWER_MAX);
            let value = value.and_then(|bytes| serde_json::from_slice(bytes).ok());
            (Ok(Response::from_parts(parts, bytes.into())), value)
        }
        Err(error) => (Err(Problem::internal(&error.to_string())), None),
    }
}

fn view(entry: &AuditEntry) -> Value {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    // What is kept was written by this module.
    let read = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    json!({
        "id": entry.id.to_string(),
        "at": rfc3339::format(entry.at),
        "kind": entry.kind,
        "who": some(&entry.who),
        "who_tenant": some(&entry.who_tenant),
        "address": entry.address,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "tenant": some(&entry.tenant),
        "status": entry.status,
        "request": entry.request,
        "body": read(&entry.body),
        "before": read(&entry.before),
        "after": read(&entry.after),
    })
}

/// `GET /audit` of a tenant, or of all.
pub fn list(call: Call) -> Answer {
    Box::pin(async move {
        let (from, to) = call.query_range()?;
        let filter = AuditFilter {
            tenant: call.tenant.is_some().then(|| call.name("tenant").to_owned()),
            from,
            to,
            who: call.query("who").map(str::to_lowercase),
            operation: call.query("operation").map(str::to_owned),
        };
        let page = call.page()?;
        let cursor = page.cursor.as_deref().map(|text| {
            let number = text.parse::<u64>();
            number.map_err(|_| Problem::bad_query("cursor", "`next` of a part is accepted"))
        });
        let cursor = cursor.transpose()?;
        // Many entries may be looked at, from files.
        let front = Arc::clone(&call.front);
        let read = move || front.centre.audit().page(&filter, cursor, page.limit);
        let read = tokio::task::spawn_blocking(read).await;
        let found = read.map_err(|error| Problem::internal(&error.to_string()))?;
        let found = found.map_err(|error| Problem::internal(&error.to_string()))?;
        let items = found.items.iter().map(view).collect();
        ok(&Page { items, next: found.next.map(|id| id.to_string()) })
    })
}
