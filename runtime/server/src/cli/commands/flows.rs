//! `jackfield flow`

use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};

use super::{items, read_text};
use crate::cli::args::{FlowCommand, Global};
use crate::cli::client::{Client, escaped};
use crate::cli::error::CliError;
use crate::cli::output::{list, plain, print, print_json};

/// Runs `jackfield flow`.
pub async fn run(global: &Global, command: &FlowCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let path =
        |tenant: &str, flow: &str| format!("tenants/{}/flows/{}", escaped(tenant), escaped(flow));
    let (answer, said) = match command {
        FlowCommand::List { tenant } => {
            let answer = client.get(&format!("tenants/{}/flows", escaped(tenant))).await?;
            let said = table_or(&answer, "no flows: publish one with `jackfield flow publish`");
            (answer, said)
        }
        FlowCommand::Versions { tenant, flow } => {
            let answer = client.get(&format!("{}/versions", path(tenant, flow))).await?;
            let said = table_or(&answer, &format!("`{flow}` was never published"));
            (answer, said)
        }
        FlowCommand::Check { tenant, flow, script } => {
            let body = json!({ "script": read_text(script)? });
            let path = format!("{}/check", path(tenant, flow));
            let answer = client.send(Method::POST, &path, &body).await?;
            (answer, format!("{} is in order", script.display()))
        }
        FlowCommand::Publish { tenant, flow, script, author, comment, gate } => {
            let author = author.as_deref().unwrap_or("unknown");
            let script = read_text(script)?;
            let mut body = json!({ "script": script, "author": author, "comment": comment });
            if let Some(gate) = gate {
                body["gate"] = json!(gate);
            }
            let path = format!("{}/publish", path(tenant, flow));
            let answer = client.send(Method::POST, &path, &body).await?;
            let said =
                format!("`{flow}` is at version {}: the next call hears it", version(&answer));
            (answer, said)
        }
        FlowCommand::Draft { tenant, flow, script, .. } => {
            let path = format!("{}/draft", path(tenant, flow));
            draft(&client, &path, flow, script.as_deref()).await?
        }
        FlowCommand::Rollback { tenant, flow, version: wanted } => {
            let body = wanted.map_or(json!({}), |version| json!({ "version": version }));
            let path = format!("{}/rollback", path(tenant, flow));
            let answer = client.send(Method::POST, &path, &body).await?;
            let said = format!("`{flow}` is back at version {}", version(&answer));
            (answer, said)
        }
    };
    if global.json {
        return print_json(&answer);
    }
    print(&said);
    Ok(())
}

/// Puts the script as the flow's draft, or removes the draft.
async fn draft(
    client: &Client,
    path: &str,
    flow: &str,
    script: Option<&Path>,
) -> Result<(Value, String), CliError> {
    let Some(script) = script else {
        let answer = client.call(Method::DELETE, path, None).await?;
        return Ok((answer, format!("`{flow}` has no draft any more")));
    };
    let body = json!({ "script": read_text(script)? });
    let answer = client.send(Method::PUT, path, &body).await?;
    let said = match answer.get("dial").and_then(Value::as_str) {
        Some(number) => format!("dial {number} to hear {}", script.display()),
        None => format!("the draft is kept, but no number leads to `{flow}`"),
    };
    Ok((answer, said))
}

fn version(answer: &Value) -> String {
    answer.get("version").map_or("?".to_owned(), plain)
}

/// A list as a table, or `empty` in its place.
pub fn table_or(answer: &Value, empty: &str) -> String {
    match items(answer) {
        [] => empty.to_owned(),
        items => list(items),
    }
}
