//! The OpenAPI document against the router and against what is really answered.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use serde_json::{Value, json};

use super::{Desk, request, sample};
use crate::access::secret;
use crate::http::openapi;
use crate::http::route_table::{Accepts, Gives, ROUTES, Route, Verb};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let served = crate::http::openapi_json();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(COMMITTED, &served).expect("the document is written");
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    assert!(
        parse(&committed) == parse(&served),
        "write it anew: UPDATE_EXPECT=1 cargo test -p jackfield-server document"
    );
}

/// What the router serves, found out by asking with every method, is what the document says.
#[tokio::test]
async fn router_and_document_agree_both_ways() {
    let desk = Desk::new();
    let document = openapi::document();
    let paths = document["paths"].as_object().expect("paths");
    let table: BTreeSet<_> = ROUTES.iter().map(|route| route.path).collect();
    assert_eq!(table, paths.keys().map(String::as_str).collect());
    for (path, item) in paths {
        let said: BTreeSet<_> = item.as_object().expect("methods").keys().cloned().collect();
        let mut served = BTreeSet::new();
        for method in ["get", "post", "put", "delete", "patch"] {
            let line = format!("{} {}", method.to_uppercase(), path.replace(['{', '}'], ""));
            if desk.send(request(&line, "", "", &[])).await.status != 405 {
                served.insert(method.to_owned());
            }
        }
        assert_eq!(said, served, "{path}");
    }
}

#[test]
fn operations_are_named_once_and_references_are_defined() {
    let mut names = BTreeSet::new();
    for route in ROUTES {
        assert!(names.insert(route.operation), "{} is there twice", route.operation);
    }
    let document = openapi::document();
    let text = document.to_string();
    for part in text.split("\"#/").skip(1) {
        let pointer = format!("/{}", part.split('"').next().unwrap_or_default());
        assert!(document.pointer(&pointer).is_some(), "{pointer} is not defined");
    }
    let used = |name: &str| text.contains(&format!("#/components/schemas/{name}\""));
    for name in openapi::schemas().as_object().expect("schemas").keys() {
        assert!(used(name) || name == "ImportLine", "{name} is not used");
    }
}

/// A request of the route that is answered: by whoever may ask.
async fn answered(route: &Route, desk: &Desk) -> Request<Body> {
    let own = route.path.starts_with("/api/v1/session/") || route.operation == "getSession";
    if !own {
        return sample(route, "acme", "root");
    }
    let cookie = desk.sign_in("vera").await;
    let mut request = sample(route, "acme", "");
    if route.operation == "switchTotpOn" {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let seconds = crate::tenant::now().as_micros() / 1_000_000;
        let right = |code: &String| secret::totp_step(secret, code, seconds, 0).is_some();
        let code = (0..1_000_000).map(|code| format!("{code:06}")).find(right).expect("a code");
        *request.body_mut() = Body::from(json!({ "secret": secret, "code": code }).to_string());
    }
    request.headers_mut().insert("cookie", HeaderValue::from_str(&cookie).expect("a cookie"));
    request
}

/// Every answer fits the schema that the document promises, and so does every body we send.
#[tokio::test]
async fn answers_fit_their_schemas() {
    for route in ROUTES {
        let desk = match route.operation {
            operation @ ("acceptOffer"
            | "declineOffer"
            | "endConversation"
            | "endInteraction"
            | "finishAfterCallWork") => {
                let desk = Desk::new();
                desk.centre.tenants["acme"].hand(operation);
                desk
            }
            _ => Desk::busy().with_people().await,
        };
        let given = desk.send(answered(route, &desk).await).await;
        let (status, schema) = match route.gives {
            Gives::Json(status, schema) => (status, openapi::schemas()[schema].clone()),
            Gives::List(schema) => (200, openapi::list(schema)),
            Gives::Nothing => (204, Value::Null),
            // What asks here is no WebSocket.
            Gives::Socket(_) => (426, Value::Null),
            Gives::Elsewhere => (303, Value::Null),
            Gives::Text(kind) => {
                let right = kind == "*/*" || given.header("content-type").starts_with(kind);
                assert!(right, "{}", route.operation);
                if route.operation == "importContacts" {
                    for line in given.body.lines() {
                        let line = serde_json::from_str(line).expect("JSON");
                        fits(&openapi::schemas()["ImportLine"], &line, route.operation);
                    }
                }
                (200, Value::Null)
            }
        };
        assert_eq!(given.status, status, "{}: {}", route.operation, given.body);
        if !schema.is_null() {
            fits(&schema, &given.json(), route.operation);
        }
        if route.verb != Verb::Get && matches!(route.accepts, Accepts::Json(_)) {
            let Accepts::Json(schema) = route.accepts else { continue };
            let body = http_body_util::BodyExt::collect(sample(route, "acme", "root").into_body());
            let body = body.await.expect("a body").to_bytes();
            let body = serde_json::from_slice(&body).expect("JSON");
            fits(&openapi::schemas()[schema], &body, route.operation);
        }
    }
    let problem = Desk::new().ask("GET /x", "", "").await.json();
    fits(&openapi::schemas()["Problem"], &problem, "problem");
}

/// Checks `value` against the part of JSON Schema that the document uses.
fn fits(schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return fits(&openapi::schemas()[name], value, at);
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let key = value.as_object().and_then(|fields| fields.keys().next()).expect("one key");
        let option = options.iter().find(|option| option["properties"].get(key).is_some());
        return fits(option.unwrap_or_else(|| panic!("{at}: {key}")), value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let number = kind == "integer" && kinds.contains(&json!("number"));
    assert!(kinds.contains(&json!(kind)) || number, "{at}: {value} is no {kinds:?}");
    if let Some(options) = schema["enum"].as_array() {
        assert!(options.contains(value), "{at}: {value}");
    }
    for item in value.as_array().into_iter().flatten() {
        fits(&schema["items"], item, &format!("{at}[]"));
    }
    let Some(fields) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(fields.contains_key(name.as_str().expect("a name")), "{at}: no {name}");
    }
    for (name, field) in fields {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => panic!("{at} is not in the schema"),
            (Value::Null, Value::Null) => {}
            (Value::Null, other) => fits(other, field, &at),
            (known, _) => fits(known, field, &at),
        }
    }
}
