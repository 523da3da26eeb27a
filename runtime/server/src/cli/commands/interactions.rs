//! `jackfield interaction`

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use super::tenants::moments;
use super::{conversations, items};
use crate::cli::args::{Global, InteractionCommand};
use crate::cli::client::{Client, escaped, with_query};
use crate::cli::error::CliError;
use crate::cli::output::{plain, print, print_json, table};
use crate::cli::story::story;
use crate::cli::time::clock;

/// What is said while there are none.
const NONE_YET: &str = "no interactions yet: place a call with \
                        `jackfield phone --call sip:100@127.0.0.1 --digits 1`";

/// Runs `jackfield interaction`.
pub async fn run(global: &Global, command: &InteractionCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    match command {
        InteractionCommand::List { tenant, agent, queue, range, limit } => {
            let (from, to) = moments(range)?;
            let query = [
                ("agent", agent.as_deref()),
                ("queue", queue.as_deref()),
                ("from", from.as_deref()),
                ("to", to.as_deref()),
            ];
            let mut found = Vec::new();
            for tenant in tenants(&client, tenant.as_deref()).await? {
                let path = format!("tenants/{}/interactions", escaped(&tenant));
                let calls = pages(&client, &path, &query, *limit).await?;
                found.extend(calls.into_iter().map(|call| (tenant.clone(), call)));
            }
            found.sort_by_key(|(_, call)| std::cmp::Reverse(arrived(call)));
            found.truncate(*limit as usize);
            let narrowed = agent.is_some() || queue.is_some() || from.is_some() || to.is_some();
            show_list(global, found, narrowed)
        }
        InteractionCommand::Show { which, why } => {
            let (tenant, mut call) = match &which[..] {
                [tenant, id] => find(&client, Some(tenant), id).await?,
                [id] => find(&client, None, id).await?,
                _ => return Err(CliError::Usage("name one interaction, or `latest`".to_owned())),
            };
            let decisions = match why {
                Some(agent) => decisions(&client, &tenant, &call, agent).await?,
                None => Vec::new(),
            };
            if global.json {
                if why.is_some() {
                    call["decisions"] = json!(decisions);
                }
                return print_json(&call);
            }
            print(&story(&call));
            if why.is_some() {
                print(&format!("\ndecisions\n{}", told(&decisions)));
            }
            Ok(())
        }
        InteractionCommand::Create(args) => conversations::create(&client, global, args).await,
        InteractionCommand::Write { tenant, id, text, agent } => {
            conversations::write(&client, tenant, id, text, agent.as_deref()).await
        }
        InteractionCommand::Transcript { tenant, id, file } => {
            conversations::transcript(&client, global, tenant, id, file).await
        }
        InteractionCommand::End { tenant, id } => {
            conversations::end(&client, global, tenant, id).await
        }
        InteractionCommand::Move { tenant, id, queue } => {
            let body = json!({ "queue": queue });
            let path = format!("tenants/{}/interactions/{}/move", escaped(tenant), escaped(id));
            let place = client.send(Method::POST, &path, &body).await?;
            show_place(global, &place)
        }
        InteractionCommand::Prioritise { tenant, id, priority } => {
            let body = json!({ "priority": priority });
            let path =
                format!("tenants/{}/interactions/{}/prioritise", escaped(tenant), escaped(id));
            let place = client.send(Method::POST, &path, &body).await?;
            show_place(global, &place)
        }
        InteractionCommand::Rate { id, tenant, csat, nps, ces } => {
            let grades = [("csat", csat), ("nps", nps), ("ces", ces)];
            let given = grades.into_iter().filter_map(|(name, grade)| Some((name, (*grade)?)));
            let body = given.map(|(name, grade)| (name.to_owned(), json!(grade)));
            let body = Value::Object(body.collect());
            note(global, &client, (tenant.as_deref(), id), "rating", &body).await
        }
        InteractionCommand::Reason { id, reason, tenant } => {
            let body = json!({ "reason": reason });
            note(global, &client, (tenant.as_deref(), id), "reason", &body).await
        }
    }
}

/// Keeps something about an interaction.
async fn note(
    global: &Global,
    client: &Client,
    (tenant, id): (Option<&str>, &str),
    what: &str,
    body: &Value,
) -> Result<(), CliError> {
    let (tenant, call) = find(client, tenant, id).await?;
    let id = call.get("id").map(plain).unwrap_or_default();
    let path = format!("tenants/{}/interactions/{}/{what}", escaped(&tenant), escaped(&id));
    let answer = client.send(Method::POST, &path, body).await?;
    if global.json {
        return print_json(&answer);
    }
    print(&format!("the {what} of {id} is kept"));
    Ok(())
}

fn show_place(global: &Global, place: &Value) -> Result<(), CliError> {
    if global.json {
        return print_json(place);
    }
    let word = |name: &str| place.get(name).map_or("-".to_owned(), plain);
    print(&format!(
        "{} is number {} in `{}`, with priority {}",
        word("interaction"),
        word("position"),
        word("queue"),
        word("priority")
    ));
    Ok(())
}

/// Reads the decisions about a call; `agent` may be empty.
async fn decisions(
    client: &Client,
    tenant: &str,
    call: &Value,
    agent: &str,
) -> Result<Vec<Value>, CliError> {
    let id = call.get("id").map(plain).unwrap_or_default();
    let path = format!("tenants/{}/interactions/{}/decisions", escaped(tenant), escaped(&id));
    let query = [("agent", Some(agent).filter(|agent| !agent.is_empty()))];
    let answer = client.get(&with_query(&path, &query)).await?;
    Ok(items(&answer).to_vec())
}

/// Tells decisions: who was chosen, why, and why not the one who was asked about.
fn told(decisions: &[Value]) -> String {
    let mut text = String::new();
    for decision in decisions {
        let word = |name: &str| decision.get(name).map_or("-".to_owned(), plain);
        text.push_str(&format!(
            "  {} offered to {} from {}: {}\n",
            word("at"),
            word("agent"),
            word("queue"),
            word("outcome")
        ));
        let why = decision.get("why").and_then(Value::as_array);
        for reason in why.into_iter().flatten() {
            text.push_str(&format!("    {}\n", plain(reason)));
        }
        if word("why_not") != "-" {
            text.push_str(&format!("    why not: {}\n", word("why_not")));
        }
    }
    if text.is_empty() { "  nobody was offered it\n".to_owned() } else { text }
}

/// The most that the server gives in one page.
const PAGE: u32 = 500;

/// Reads a list page by page, up to `limit` entries.
pub async fn pages(
    client: &Client,
    path: &str,
    query: &[(&str, Option<&str>)],
    limit: u32,
) -> Result<Vec<Value>, CliError> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let left = limit.saturating_sub(found.len() as u32);
        let size = left.min(PAGE).to_string();
        let mut query = query.to_vec();
        query.extend([("limit", Some(size.as_str())), ("cursor", cursor.as_deref())]);
        let answer = client.get(&with_query(path, &query)).await?;
        found.extend(items(&answer).iter().cloned());
        cursor = answer.get("next").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() || limit as usize <= found.len() {
            return Ok(found);
        }
    }
}

fn arrived(call: &Value) -> String {
    call.get("arrived_at").map(plain).unwrap_or_default()
}

/// The tenant that was named, or all of them.
async fn tenants(client: &Client, named: Option<&str>) -> Result<Vec<String>, CliError> {
    if let Some(tenant) = named {
        return Ok(vec![tenant.to_owned()]);
    }
    let answer = client.get("tenants").await?;
    let id = |tenant: &Value| match tenant {
        Value::String(id) => Some(id.clone()),
        tenant => tenant.get("id").or_else(|| tenant.get("name"))?.as_str().map(str::to_owned),
    };
    Ok(items(&answer).iter().filter_map(id).collect())
}

/// Finds an interaction by id, or the latest; in one tenant or in all.
async fn find(
    client: &Client,
    tenant: Option<&str>,
    id: &str,
) -> Result<(String, Value), CliError> {
    let tenants = tenants(client, tenant).await?;
    if id != "latest" {
        let mut last = None;
        for tenant in &tenants {
            let path = format!("tenants/{}/interactions/{}", escaped(tenant), escaped(id));
            match client.get(&path).await {
                Ok(call) => return Ok((tenant.clone(), call)),
                Err(error @ CliError::Failed(_)) => last = Some(error),
                Err(error) => return Err(error),
            }
        }
        let nowhere = || CliError::failed(format!("no tenant has an interaction `{id}`"));
        // With one tenant the server's own words say more.
        return Err(if tenants.len() == 1 { last.unwrap_or_else(nowhere) } else { nowhere() });
    }
    let mut latest: Option<(String, Value)> = None;
    for tenant in &tenants {
        let path = format!("tenants/{}/interactions?limit=1", escaped(tenant));
        let answer = client.get(&path).await?;
        let Some(call) = items(&answer).first() else { continue };
        if latest.as_ref().is_none_or(|(_, other)| arrived(other) < arrived(call)) {
            latest = Some((tenant.clone(), call.clone()));
        }
    }
    let Some((tenant, call)) = latest else { return Err(CliError::failed(NONE_YET)) };
    // An entry of the list may lack the timeline.
    let id = call.get("id").map(plain).unwrap_or_default();
    let path = format!("tenants/{}/interactions/{}", escaped(&tenant), escaped(&id));
    let call = client.get(&path).await?;
    Ok((tenant, call))
}

fn show_list(global: &Global, found: Vec<(String, Value)>, narrowed: bool) -> Result<(), CliError> {
    if global.json {
        let calls = found.into_iter().map(|(tenant, mut call)| {
            call["tenant"] = json!(tenant);
            call
        });
        return print_json(&json!({ "items": calls.collect::<Vec<_>>() }));
    }
    if found.is_empty() {
        print(if narrowed { "no interactions fit" } else { NONE_YET });
        return Ok(());
    }
    let headings =
        ["ID", "TENANT", "ARRIVED", "FROM", "TO", "QUEUE", "AGENT", "WAIT", "TALK", "END"];
    let rows: Vec<Vec<String>> = found.iter().map(|(tenant, call)| row(tenant, call)).collect();
    print(&table(&headings, &rows));
    Ok(())
}

fn row(tenant: &str, call: &Value) -> Vec<String> {
    let word = |name: &str| call.get(name).map_or("-".to_owned(), plain);
    let length = |name: &str| {
        let milliseconds = call.get(name).and_then(Value::as_u64);
        milliseconds.map_or("-".to_owned(), |ms| clock(Duration::from_millis(ms)))
    };
    let arrived: String = word("arrived_at").chars().take(19).collect::<String>().replace('T', " ");
    vec![
        word("id"),
        tenant.to_owned(),
        arrived,
        word("ani"),
        word("dnis"),
        word("queue"),
        word("agent"),
        length("wait_ms"),
        length("talk_ms"),
        if word("ended_at") == "-" { "in progress".to_owned() } else { word("end") },
    ]
}
