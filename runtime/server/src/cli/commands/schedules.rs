//! `jackfield schedule`

use std::collections::BTreeMap;
use std::path::Path;

use hyper::Method;
use jackfield_figures::import::read_schedule;
use jackfield_figures::kpi::record::ScheduleSpan;
use serde_json::json;

use super::tenants::moments;
use super::{items, read};
use crate::cli::args::{Global, ScheduleCommand};
use crate::cli::client::{escaped, with_query};
use crate::cli::error::CliError;
use crate::cli::output::{print, print_json, rows, table};
use crate::rfc3339;

/// The columns of a list.
const COLUMNS: [&str; 5] = ["agent", "activity", "from", "to", "paid"];

/// Reads a file of schedules: RFC 3339, or milliseconds since 1970.
pub fn read_file(path: &Path) -> Result<Vec<ScheduleSpan>, CliError> {
    let bytes = read(path)?;
    let moment =
        |text: &str| rfc3339::parse(text).or_else(|| text.parse::<u64>().ok()?.checked_mul(1_000));
    read_schedule(&bytes, moment)
        .map_err(|error| CliError::failed(format!("{}: {error}", path.display())))
}

/// Runs `jackfield schedule`.
pub async fn run(global: &Global, command: &ScheduleCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    match command {
        ScheduleCommand::Import { tenant, file } => {
            let mut agents: BTreeMap<String, Vec<ScheduleSpan>> = BTreeMap::new();
            for span in read_file(file)? {
                agents.entry(span.agent.clone()).or_default().push(span);
            }
            let entries: usize = agents.values().map(Vec::len).sum();
            for (agent, spans) in &agents {
                let path =
                    format!("tenants/{}/agents/{}/schedule", escaped(tenant), escaped(agent));
                let activities = spans.iter().map(|span| {
                    json!({
                        "activity": span.activity.name(),
                        "from": rfc3339::format(span.from),
                        "to": rfc3339::format(span.to),
                        "paid": span.paid,
                    })
                });
                let body = json!({ "activities": activities.collect::<Vec<_>>() });
                client.send(Method::PUT, &path, &body).await?;
            }
            if global.json {
                return print_json(&json!({ "agents": agents.len(), "entries": entries }));
            }
            print(&format!("{entries} entries of {} agents are planned", agents.len()));
            Ok(())
        }
        ScheduleCommand::Show { tenant, agent, range } => {
            let (from, to) = moments(range)?;
            let query =
                [("agent", agent.as_deref()), ("from", from.as_deref()), ("to", to.as_deref())];
            let path = format!("tenants/{}/schedule", escaped(tenant));
            let answer = client.get(&with_query(&path, &query)).await?;
            if global.json {
                return print_json(&answer);
            }
            match items(&answer) {
                [] => print("nothing is planned"),
                found => {
                    let headings = COLUMNS.map(str::to_uppercase);
                    let headings = headings.each_ref().map(String::as_str);
                    print(&table(&headings, &rows(found, &COLUMNS)));
                }
            }
            Ok(())
        }
    }
}
