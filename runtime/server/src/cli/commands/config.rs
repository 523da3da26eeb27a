//! `jackfield config`

use hyper::Method;
use serde_json::json;

use crate::cli::args::{ConfigCommand, Global};
use crate::cli::error::CliError;
use crate::cli::output::{pairs, plain, print, print_json, table};
use crate::config::{Config, keys};

/// Runs `jackfield config`.
pub fn run(global: &Global, command: &ConfigCommand) -> Result<(), CliError> {
    match command {
        ConfigCommand::Keys => {
            print(&keys::reference());
            Ok(())
        }
        ConfigCommand::Check => check(global),
        // Asked of the server, with the other commands that are.
        ConfigCommand::Reload => Ok(()),
    }
}

fn check(global: &Global) -> Result<(), CliError> {
    let path = crate::cli::config_path(global)?;
    let result = Config::load(&path, std::env::vars());
    if !global.json {
        print(&summary(&result?));
        return Ok(());
    }
    let (problems, notes) = match &result {
        Ok(config) => (Vec::new(), config.notes()),
        Err(problems) => (problems.problems.clone(), Vec::new()),
    };
    let said: Vec<_> = problems
        .iter()
        .map(|problem| json!({ "key": problem.key, "message": problem.to_string() }))
        .collect();
    print_json(&json!({ "file": path, "problems": said, "notes": notes }))?;
    match problems.len() {
        0 => Ok(()),
        1 => Err(CliError::failed(format!("1 problem in {}", path.display()))),
        count => Err(CliError::failed(format!("{count} problems in {}", path.display()))),
    }
}

/// `jackfield config reload`
pub async fn reload(global: &Global) -> Result<(), CliError> {
    let client = crate::cli::client(global)?;
    let answer = client.call(Method::POST, "config/reload", None).await?;
    if global.json {
        return print_json(&answer);
    }
    let changed = answer["changed"].as_array().map(Vec::as_slice).unwrap_or_default();
    match changed {
        [] => print("nothing has changed"),
        keys => print(&keys.iter().map(plain).collect::<Vec<_>>().join("\n")),
    }
    Ok(())
}

/// Sums a configuration up on one screen.
fn summary(config: &Config) -> String {
    let transports = [(config.sip.udp, "udp"), (config.sip.tcp, "tcp")];
    let transports: Vec<&str> =
        transports.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
    let rtp = &config.rtp;
    let mut text = format!("{} is in order\n\n", config.path.display());
    text += &pairs(&[
        ("store".to_owned(), config.store.path.display().to_string()),
        ("sip".to_owned(), format!("{} ({})", config.sip.bind, transports.join(", "))),
        ("rtp".to_owned(), format!("{}, ports {} to {}", rtp.bind, rtp.port_min, rtp.port_max)),
        ("http".to_owned(), format!("http://{}", config.http.bind)),
        ("trunks".to_owned(), names(config.trunks.iter().map(|trunk| trunk.name.as_str()))),
    ]);
    let numbers = config.numbers.iter();
    let numbers: Vec<Vec<String>> = numbers
        .map(|(number, route)| {
            vec![number.to_string(), route.tenant.to_string(), route.flow.clone()]
        })
        .collect();
    if !numbers.is_empty() {
        text += &format!("\n{}", table(&["NUMBER", "TENANT", "FLOW"], &numbers));
    }
    let tenants: Vec<Vec<String>> = config
        .tenants
        .iter()
        .map(|(id, tenant)| {
            vec![
                id.to_string(),
                tenant.name.clone(),
                names(tenant.center.queues.keys().map(|queue| queue.as_str())),
                names(tenant.agents.values().map(|agent| agent.sip_user.as_str())),
            ]
        })
        .collect();
    if !tenants.is_empty() {
        text += &format!("\n{}", table(&["TENANT", "NAME", "QUEUES", "AGENTS"], &tenants));
    }
    let notes = config.notes();
    if !notes.is_empty() {
        text += "\nallowed, but most likely not meant:\n";
        text.extend(notes.iter().map(|note| format!("  {note}\n")));
    }
    text
}

/// Lists names; of many only the first.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 6;
    let names: Vec<&str> = names.collect();
    match names.len() {
        0 => "none".to_owned(),
        count if count <= SHOWN => names.join(", "),
        count => format!("{} and {} more", names[..SHOWN].join(", "), count - SHOWN),
    }
}
