//! For whoever operates the process.

use axum::http::StatusCode;
use serde_json::json;

use super::call::{Answer, Call, ok, text, with_status};

/// `GET /healthz`
pub fn alive(_: Call) -> Answer {
    Box::pin(async move { ok(&json!({ "status": "up" })) })
}

/// `GET /readyz`
pub fn ready(call: Call) -> Answer {
    Box::pin(async move {
        let readiness = call.front.centre.readiness().await;
        let ready = readiness.store.is_none() && readiness.telephony.is_none();
        let said = |fault: &Option<String>| fault.clone().unwrap_or_else(|| "ok".to_owned());
        let body = json!({
            "ready": ready,
            "store": said(&readiness.store),
            "telephony": said(&readiness.telephony),
        });
        with_status(if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &body)
    })
}

/// `GET /metrics`
pub fn metrics(call: Call) -> Answer {
    Box::pin(async move {
        let mut body = call.front.centre.metrics().await;
        body.push_str(&call.front.metrics());
        Ok(text("text/plain; version=0.0.4; charset=utf-8", body))
    })
}

/// `POST /api/v1/config/reload`
pub fn reload(call: Call) -> Answer {
    Box::pin(async move {
        let changed = call.front.centre.reload().await?;
        ok(&json!({ "changed": changed }))
    })
}

/// `GET /api/v1/openapi.json`
pub fn openapi(_: Call) -> Answer {
    Box::pin(async move { Ok(text("application/json", super::openapi_json())) })
}
