//! `jackfield contact`

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use serde_json::Value;

use super::{items, read};
use crate::cli::args::{ContactCommand, Global};
use crate::cli::client::{escaped, with_query};
use crate::cli::error::CliError;
use crate::cli::output::{object, plain, print, print_json, rows, table};

/// How many rejected lines are shown.
const SHOWN: usize = 20;

/// Runs `jackfield contact`.
pub async fn run(global: &Global, command: &ContactCommand) -> Result<(), CliError> {
    match command {
        ContactCommand::Import { tenant, file, dry_run } => {
            import(global, tenant, file, *dry_run).await
        }
        ContactCommand::Find { tenant, address } => find(global, tenant, address).await,
    }
}

async fn find(global: &Global, tenant: &str, address: &str) -> Result<(), CliError> {
    let path = format!("tenants/{}/contacts", escaped(tenant));
    let path = with_query(&path, &[("address", Some(address))]);
    let answer = crate::cli::client(global)?.get(&path).await?;
    if global.json {
        return print_json(&answer);
    }
    let found: Vec<String> = items(&answer).iter().map(object).collect();
    if found.is_empty() {
        return Err(CliError::failed(format!("`{tenant}` has no contact with `{address}`")));
    }
    print(&found.join("\n"));
    Ok(())
}

async fn import(global: &Global, tenant: &str, file: &Path, dry_run: bool) -> Result<(), CliError> {
    let body = ("text/csv", read(file)?);
    let path = format!("tenants/{}/contacts/import?dry_run={dry_run}", escaped(tenant));
    let terminal = std::io::stderr().is_terminal();
    let mut report = Value::Null;
    crate::cli::client(global)?
        .lines(&path, body, |mut line| {
            if let Some(progress) = line.get("progress").filter(|_| terminal) {
                // Over the line before; the spaces wipe what was longer.
                eprint!("\r{}        ", plain(progress));
                let _ = std::io::stderr().flush();
            }
            if let Some(last) = line.get_mut("report") {
                report = last.take();
            }
        })
        .await?;
    if terminal {
        eprint!("\r{:60}\r", "");
    }
    if report.is_null() {
        return Err(CliError::failed("the import broke off: the server sent no report"));
    }
    if global.json {
        print_json(&report)?;
    } else {
        print(&told(&report, dry_run));
    }
    let rejected = report.get("rejected").and_then(Value::as_array).map_or(0, Vec::len);
    if rejected == 0 { Ok(()) } else { Err(CliError::failed(format!("{rejected} rejected"))) }
}

/// Tells what an import did.
fn told(report: &Value, dry_run: bool) -> String {
    let count = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or_default();
    let would = if dry_run { "would be " } else { "" };
    let mut text =
        format!("{} {would}imported, {} {would}updated\n", count("imported"), count("updated"));
    let rejected = report.get("rejected").and_then(Value::as_array);
    let rejected = rejected.map(Vec::as_slice).unwrap_or_default();
    if !rejected.is_empty() {
        let fields = ["line", "field", "value", "reason"];
        let shown = &rejected[..rejected.len().min(SHOWN)];
        text += &format!("\n{}", table(&["LINE", "FIELD", "VALUE", "WHY"], &rows(shown, &fields)));
        if SHOWN < rejected.len() {
            text += &format!("and {} more: --json shows all\n", rejected.len() - SHOWN);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_import_says_what_was_rejected_and_why() {
        let report = json!({"imported": 2, "updated": 1, "rejected": [
            {"line": 4, "field": "phone", "value": "12x", "reason": "is not a number"},
        ]});
        expect![[r#"
            2 would be imported, 1 would be updated

            LINE  FIELD  VALUE  WHY
            4     phone  12x    is not a number
        "#]]
        .assert_eq(&told(&report, true));
    }
}
