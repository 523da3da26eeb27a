//! `jackfield audit`

use serde_json::Value;

use super::interactions::pages;
use super::tenants::moments;
use crate::cli::args::{AuditArgs, Global};
use crate::cli::client::escaped;
use crate::cli::error::CliError;
use crate::cli::output::{plain, print, print_json, table};

/// Runs `jackfield audit`.
pub async fn run(global: &Global, args: &AuditArgs) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let path = match &args.tenant {
        Some(tenant) => format!("tenants/{}/audit", escaped(tenant)),
        None => "audit".to_owned(),
    };
    let (from, to) = moments(&args.range)?;
    let query = [
        ("who", args.who.as_deref()),
        ("operation", args.operation.as_deref()),
        ("from", from.as_deref()),
        ("to", to.as_deref()),
    ];
    let found = pages(&client, &path, &query, args.limit).await?;
    if global.json {
        return print_json(&Value::Array(found));
    }
    print(&shown(&found));
    Ok(())
}

fn shown(found: &[Value]) -> String {
    let cell = |entry: &Value, key: &str| entry.get(key).map_or("-".to_owned(), plain);
    let row = |entry: &Value| {
        let who = match entry.get("kind").and_then(Value::as_str) {
            Some("nobody") => format!("not {}", cell(entry, "who")),
            _ => cell(entry, "who"),
        };
        let columns = ["at", "tenant", "operation", "path", "status", "address"];
        let mut cells: Vec<_> = columns.iter().map(|key| cell(entry, key)).collect();
        cells.insert(2, if who == "not -" { "-".to_owned() } else { who });
        cells
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    if rows.is_empty() {
        return "nothing was changed, or nothing that fits".to_owned();
    }
    table(&["AT", "TENANT", "WHO", "OPERATION", "PATH", "STATUS", "FROM"], &rows)
}
