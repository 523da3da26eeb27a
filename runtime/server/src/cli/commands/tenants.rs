//! `jackfield tenant`, `jackfield agent`

use std::time::SystemTime;

use hyper::Method;
use serde_json::json;

use super::conversations::{Deed, work};
use super::items;
use crate::cli::args::{AgentCommand, Global, Range, StateArg, TenantCommand};
use crate::cli::client::escaped;
use crate::cli::error::CliError;
use crate::cli::output::{list, object, plain, print, print_json};
use crate::cli::time::moment;

/// Runs `jackfield tenant`.
pub async fn tenant(global: &Global, command: &TenantCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    match command {
        TenantCommand::List => {
            let answer = client.get("tenants").await?;
            show_list(global, &answer, "no tenants: add `[tenants.NAME]` to the configuration")
        }
        TenantCommand::Show { tenant } => {
            let answer = client.get(&format!("tenants/{}", escaped(tenant))).await?;
            if global.json {
                return print_json(&answer);
            }
            print(&object(&answer));
            let queues = client.get(&format!("tenants/{}/queues", escaped(tenant))).await?;
            if !items(&queues).is_empty() {
                print(&format!("\nqueues\n{}", list(items(&queues))));
            }
            Ok(())
        }
    }
}

/// Runs `jackfield agent`.
pub async fn agent(global: &Global, command: &AgentCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let path = |tenant: &str, agent: &str| {
        format!("tenants/{}/agents/{}", escaped(tenant), escaped(agent))
    };
    match command {
        AgentCommand::List { tenant } => {
            let answer = client.get(&format!("tenants/{}/agents", escaped(tenant))).await?;
            let empty =
                format!("no agents: add `[tenants.{tenant}.agents.NAME]` to the configuration");
            show_list(global, &answer, &empty)
        }
        AgentCommand::Show { tenant, agent } => {
            let answer = client.get(&path(tenant, agent)).await?;
            if global.json {
                return print_json(&answer);
            }
            print(&object(&answer));
            Ok(())
        }
        AgentCommand::Accept(args) => work(&client, global, Deed::Accept, args).await,
        AgentCommand::Decline(args) => work(&client, global, Deed::Decline, args).await,
        AgentCommand::End(args) => work(&client, global, Deed::End, args).await,
        AgentCommand::Finish(args) => work(&client, global, Deed::Finish, args).await,
        AgentCommand::State { tenant, agent, state, reason } => {
            let name = match state {
                StateArg::Ready => "ready",
                StateArg::NotReady => "not_ready",
                StateArg::LoggedOut => "logged_out",
            };
            if reason.is_some() && !matches!(state, StateArg::NotReady) {
                return Err(CliError::Usage(format!(
                    "--reason says why an agent is not ready; `{name}` needs none"
                )));
            }
            let mut body = json!({ "state": name });
            if let Some(reason) = reason {
                body["reason"] = json!(reason);
            }
            let path = format!("{}/state", path(tenant, agent));
            let answer = client.send(Method::PUT, &path, &body).await?;
            if global.json {
                return print_json(&answer);
            }
            let now = answer.get("state").map_or_else(|| name.to_owned(), plain);
            print(&format!("{agent} is {}", now.replace('_', " ")));
            Ok(())
        }
    }
}

/// Reads a range of time.
pub fn moments(range: &Range) -> Result<(Option<String>, Option<String>), CliError> {
    let now = SystemTime::now();
    let read = |text: &Option<String>| text.as_deref().map(|text| moment(text, now)).transpose();
    Ok((read(&range.from)?, read(&range.to)?))
}

fn show_list(global: &Global, answer: &serde_json::Value, empty: &str) -> Result<(), CliError> {
    if global.json {
        return print_json(answer);
    }
    match items(answer) {
        [] => print(empty),
        items => print(&list(items)),
    }
    Ok(())
}
