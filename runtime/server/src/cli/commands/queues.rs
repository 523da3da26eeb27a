//! `jackfield queue`, `jackfield callback`

use hyper::Method;
use serde_json::{Value, json};

use super::flows::table_or;
use super::items;
use crate::cli::args::{CallbackCommand, Global, QueueCommand};
use crate::cli::client::{escaped, with_query};
use crate::cli::error::CliError;
use crate::cli::output::{object, plain, print, print_json, rows, table};

/// Runs `jackfield queue`.
pub async fn queue(global: &Global, command: &QueueCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let path = |tenant: &str, queue: &str| {
        format!("tenants/{}/queues/{}", escaped(tenant), escaped(queue))
    };
    let (answer, said) = match command {
        QueueCommand::List { tenant } => {
            let answer = client.get(&format!("tenants/{}/queues", escaped(tenant))).await?;
            let said = queues(&answer, tenant);
            (answer, said)
        }
        QueueCommand::Show { tenant, queue } => {
            let answer = client.get(&path(tenant, queue)).await?;
            let said = object(&answer);
            (answer, said)
        }
        QueueCommand::Close { tenant, queue, message } => {
            let body = message.as_ref().map_or(json!({}), |text| json!({ "message": text }));
            let path = format!("{}/close", path(tenant, queue));
            let answer = client.send(Method::POST, &path, &body).await?;
            (answer, format!("`{queue}` is closed until `jackfield queue open {tenant} {queue}`"))
        }
        QueueCommand::Open { tenant, queue } => {
            let path = format!("{}/open", path(tenant, queue));
            let answer = client.send(Method::POST, &path, &json!({})).await?;
            let open = answer.pointer("/live/open").and_then(Value::as_bool) == Some(true);
            let said = if open {
                format!("`{queue}` is open")
            } else {
                format!("`{queue}` is closed by its hours only")
            };
            (answer, said)
        }
    };
    show(global, &answer, &said)
}

fn queues(answer: &Value, tenant: &str) -> String {
    let cell = |queue: &Value, pointer: &str| queue.pointer(pointer).map_or("-".to_owned(), plain);
    let row = |queue: &Value| {
        let open = cell(queue, "/live/open");
        let seconds = |pointer: &str| match queue.pointer(pointer).and_then(Value::as_u64) {
            Some(ms) => format!("{} s", ms / 1_000),
            None => "-".to_owned(),
        };
        let level = queue.pointer("/figures/service_level").and_then(Value::as_f64);
        vec![
            cell(queue, "/queue"),
            open,
            cell(queue, "/live/waiting"),
            seconds("/live/longest_wait_ms"),
            cell(queue, "/live/ready"),
            cell(queue, "/live/busy"),
            cell(queue, "/figures/offered"),
            cell(queue, "/figures/answered"),
            cell(queue, "/figures/abandoned"),
            level.map_or("-".to_owned(), |level| format!("{:.1} %", level * 100.0)),
        ]
    };
    let rows: Vec<_> = items(answer).iter().map(row).collect();
    if rows.is_empty() {
        return format!("no queues: add `[tenants.{tenant}.queues.NAME]` to the configuration");
    }
    let headings = [
        "QUEUE",
        "OPEN",
        "WAITING",
        "LONGEST",
        "READY",
        "BUSY",
        "OFFERED",
        "ANSWERED",
        "ABANDONED",
        "SL",
    ];
    table(&headings, &rows)
}

/// Runs `jackfield callback`.
pub async fn callback(global: &Global, command: &CallbackCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let path = |tenant: &str| format!("tenants/{}/callbacks", escaped(tenant));
    let (answer, said) = match command {
        CallbackCommand::List { tenant, queue } => {
            let query = [("queue", queue.as_deref())];
            let answer = client.get(&with_query(&path(tenant), &query)).await?;
            let fields = [
                "callback", "queue", "address", "state", "attempts", "owner", "since", "deadline",
                "overdue",
            ];
            let headings = [
                "CALLBACK", "QUEUE", "NUMBER", "STATE", "TRIES", "OWNER", "SINCE", "DEADLINE",
                "OVERDUE",
            ];
            let said = match items(&answer) {
                [] => "nobody is to be called back".to_owned(),
                open => table(&headings, &rows(open, &fields)),
            };
            (answer, said)
        }
        CallbackCommand::Add { tenant, queue, number, owner, deadline } => {
            let mut body = json!({ "queue": queue, "address": number });
            if let Some(owner) = owner {
                body["owner"] = json!(owner);
            }
            if let Some(text) = deadline {
                let span = crate::config::units::parse_time(text).ok_or_else(|| {
                    CliError::Usage(format!("`{text}` is not a length of time: write 30m or 4h"))
                })?;
                body["deadline_seconds"] = json!(span.as_secs());
            }
            let answer = client.send(Method::POST, &path(tenant), &body).await?;
            let id = answer.get("callback").map_or("?".to_owned(), plain);
            (answer, format!("callback {id}: {number} stands in line of `{queue}`"))
        }
        CallbackCommand::Cancel { tenant, callback } => {
            let path = format!("{}/{}", path(tenant), escaped(callback));
            let answer = client.call(Method::DELETE, &path, None).await?;
            (answer, format!("callback {callback} is called off"))
        }
    };
    show(global, &answer, &said)
}

/// Runs `jackfield router`.
pub async fn router(
    global: &Global,
    command: &crate::cli::args::RouterCommand,
) -> Result<(), CliError> {
    use crate::cli::args::RouterCommand;
    let client = crate::cli::client(global)?;
    let path = |tenant: &str, router: &str| {
        format!("tenants/{}/routers/{}", escaped(tenant), escaped(router))
    };
    let (answer, said) = match command {
        RouterCommand::Publish { tenant, router, script } => {
            let body = json!({ "script": super::read_text(script)? });
            let path = format!("{}/publish", path(tenant, router));
            let answer = client.send(Method::POST, &path, &body).await?;
            let digest = answer.get("digest").map(plain).unwrap_or_default();
            (answer, format!("`{router}` decides by {}: version {digest:.12}", script.display()))
        }
        RouterCommand::Rollback { tenant, router } => {
            let path = format!("tenants/{}/plugins/{}/rollback", escaped(tenant), escaped(router));
            let answer = client.send(Method::POST, &path, &json!({})).await?;
            let digest = answer.get("digest").map(plain).unwrap_or_default();
            (answer, format!("`{router}` decides as before: version {digest:.12}"))
        }
        RouterCommand::Versions { tenant, router } => {
            let path = format!("tenants/{}/plugins/{}/versions", escaped(tenant), escaped(router));
            let answer = client.get(&path).await?;
            let said = table_or(&answer, &format!("`{router}` has no versions"));
            (answer, said)
        }
    };
    show(global, &answer, &said)
}

fn show(global: &Global, answer: &Value, said: &str) -> Result<(), CliError> {
    if global.json {
        return print_json(answer);
    }
    print(said);
    Ok(())
}
