//! `jackfield journal`, `jackfield verify`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::{Global, JournalCommand};
use crate::cli::client::{escaped, with_query};
use crate::cli::error::CliError;
use crate::cli::output::{print, print_json};
use crate::cli::time;
use crate::cli::verify::{self, Proof};
use crate::rfc3339;

/// Runs `jackfield journal`.
pub async fn run(global: &Global, command: &JournalCommand) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let JournalCommand::Export { tenant, day, range } = command;
    let (from, to) = match day {
        Some(day) => {
            let (from, to) = time::day(day, None, std::time::SystemTime::now())?;
            (Some(rfc3339::format(from)), Some(rfc3339::format(to)))
        }
        None => super::tenants::moments(range)?,
    };
    let query = [("from", from.as_deref()), ("to", to.as_deref())];
    let path = with_query(&format!("tenants/{}/journal", escaped(tenant)), &query);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let failed = |error: std::io::Error| CliError::failed(format!("cannot write: {error}"));
    client.download(&path, |bytes| out.write_all(bytes).map_err(failed)).await?;
    out.flush().map_err(failed)
}

/// Runs `jackfield verify`: everything it needs is in the files.
pub fn verify(global: &Global, file: &Path, plugin: Option<&PathBuf>) -> Result<(), CliError> {
    let shown = |error: std::io::Error| {
        CliError::failed(format!("cannot read {}: {error}", file.display()))
    };
    let opened = std::fs::File::open(file).map_err(shown)?;
    let bytes = opened.metadata().map_err(shown)?.len();
    let router = plugin.map(|path| verify::Router::load(path)).transpose()?;
    let proof = verify::verify(std::io::BufReader::new(opened), bytes, router)?;
    report(global, &proof)
}

fn report(global: &Global, proof: &Proof) -> Result<(), CliError> {
    if global.json {
        print_json(&json!({
            "ok": proof.broken.is_none(),
            "records": proof.records,
            "runs": proof.runs,
            "outputs": proof.outputs,
            "certificates": proof.certificates,
            "chained": proof.chained,
            "asked_again": proof.asked_again,
            "broken": proof.broken.as_ref().map(|broken| json!({
                "line": broken.line,
                "what": broken.what,
            })),
        }))?;
    }
    match &proof.broken {
        None => {
            if !global.json {
                print(&format!("OK: {proof}"));
            }
            Ok(())
        }
        Some(broken) => Err(CliError::failed(format!(
            "line {}: {}\n  {} before it are in order",
            broken.line, broken.what, proof
        ))),
    }
}
