//! The OpenAPI document, made of the route table and of `schemas.json`.

use serde_json::{Map, Value, json};

use crate::access::Right;

use super::route_table::{Accepts, Access, Gives, Param, ROUTES, Route, Verb};

/// Returns the document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let verb = match route.verb {
            Verb::Get => "get",
            Verb::Post => "post",
            Verb::Put => "put",
            Verb::Delete => "delete",
        };
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[verb] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Jackfield",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Contact centre runtime. Refusals are `application/problem+json` (RFC 9457), moments RFC 3339 in UTC, durations whole milliseconds. What a token may not know of is a 404.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "responses": {
                "Problem": {
                    "description": "A refusal.",
                    "content": { "application/problem+json": { "schema": reference("Problem") } },
                },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-jackfield" },
            },
        },
    })
}

/// The schemas by name.
pub fn schemas() -> Value {
    // A mistake in the file fails every test of the document.
    serde_json::from_str(include_str!("schemas.json")).unwrap_or_default()
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// A token or a session with this right.
fn needs(right: Right) -> Value {
    json!([{ "token": [right.name()] }, { "session": [right.name()] }])
}

fn operation(route: &Route) -> Value {
    let mut said = json!({
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route),
        "tags": [tag(route)],
    });
    match route.access {
        Access::Public | Access::Plugin | Access::Visitor => {}
        Access::Metrics | Access::Admin | Access::Known => {
            said["security"] = json!([{ "token": [] }, { "session": [] }])
        }
        Access::Tenant(right) => said["security"] = needs(right),
        Access::Agent => said["security"] = needs(Right::Serve),
        Access::Rollout => said["security"] = needs(Right::ManagePlugins),
    }
    if super::audit::is_kept(route) {
        said["x-audited"] = json!(true);
    }
    let body = match route.accepts {
        Accepts::Nothing => None,
        Accepts::Json(schema) => Some(("application/json", reference(schema))),
        Accepts::Csv => Some(("text/csv", json!({ "type": "string" }))),
        Accepts::Wasm => {
            Some(("application/wasm", json!({ "type": "string", "format": "binary" })))
        }
        Accepts::Anything => Some(("*/*", json!({}))),
    };
    if let Some((kind, schema)) = body {
        said["requestBody"] = json!({
            "required": !matches!(route.operation, "rollBackFlow" | "closeQueue"),
            "content": { kind: { "schema": schema } },
        });
    }
    said
}

/// The first name of the path below the tenant.
fn tag(route: &Route) -> &'static str {
    let below = route.path.strip_prefix("/api/v1/tenants/{tenant}/");
    match below {
        Some(below) => below.split('/').next().unwrap_or("tenants"),
        None if route.path.starts_with("/api/v1/tenants") => "tenants",
        None => "process",
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<_> = names
        .map(|name| {
            let schema = json!({ "type": "string" });
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    all.extend(route.query.iter().map(|param| {
        let (name, description) = (param.name, param.meaning);
        json!({ "name": name, "in": "query", "description": description, "schema": kind(param) })
    }));
    if route.verb == Verb::Post && route.accepts != Accepts::Csv {
        all.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Within 24 hours the same key with the same request gets the same answer.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 128 },
        }));
    }
    all
}

fn kind(param: &Param) -> Value {
    match param.kind {
        "date-time" => json!({ "type": "string", "format": "date-time" }),
        "integer" => json!({ "type": "integer", "minimum": 1, "maximum": super::call::LIMIT_MAX }),
        other => json!({ "type": other }),
    }
}

fn responses(route: &Route) -> Value {
    let (status, description, content) = match route.gives {
        Gives::Json(status, schema) => {
            (status, "Done.", Some(("application/json", reference(schema))))
        }
        Gives::List(schema) => (200, "Items.", Some(("application/json", list(schema)))),
        Gives::Nothing => (204, "Done.", None),
        Gives::Elsewhere => (303, "Go on there.", None),
        Gives::Text(kind) => (200, "Text.", Some((kind, json!({ "type": "string" })))),
        Gives::Socket(_) => (101, "A WebSocket (RFC 6455).", None),
    };
    let mut answer = json!({ "description": description });
    if let Some((kind, schema)) = content {
        answer["content"] = json!({ kind: { "schema": schema } });
    }
    let mut all = json!({
        status.to_string(): answer,
        "default": { "$ref": "#/components/responses/Problem" },
    });
    if route.operation == "readiness" {
        all["503"] = all["200"].clone();
        all["503"]["description"] = json!("Not now.");
    }
    all
}

/// The schema of a list of `schema`.
pub fn list(schema: &str) -> Value {
    json!({
        "type": "object",
        "required": ["items", "next"],
        "additionalProperties": false,
        "properties": {
            "items": { "type": "array", "items": reference(schema) },
            "next": { "type": ["string", "null"], "description": "The `cursor` of the next part." },
        },
    })
}
