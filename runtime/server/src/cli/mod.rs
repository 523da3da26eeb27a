//! The command line.
//!
//! `serve` and `plugin-worker` are this process; everything else asks the running server over HTTP,
//! except `phone`, which speaks SIP, `staff` and `simulate`, which compute, and `config`, `plugin
//! build`, `plugin check` and `report --import`, which read files. What the rest of the binary has to
//! supply is in [`hooks`].

mod args;
mod client;
mod commands;
pub mod error;
pub mod hooks;
mod output;
mod phone;
mod staff;
mod story;
mod time;
mod verify;

pub use client::escaped;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Command, ConfigCommand, Global};
use client::Client;
use error::CliError;

use crate::config::Config;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let global = cli.global;
    let done = |result: Result<(), CliError>| result.map(|()| ExitCode::SUCCESS);
    match cli.command {
        Command::Serve => {
            let config = load(&global)?;
            let threads = config.worker_threads;
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(threads)
                .enable_all()
                .build()
                .map_err(|error| CliError::failed(format!("cannot start threads: {error}")))?;
            done(runtime.block_on(hooks::serve(config)))
        }
        Command::PluginWorker { arguments } => Ok(hooks::plugin_worker(&arguments)),
        Command::Config(command) if !matches!(command, ConfigCommand::Reload) => {
            done(commands::config::run(&global, &command))
        }
        Command::Verify { file, plugin } => {
            done(commands::journal::verify(&global, &file, plugin.as_ref()))
        }
        Command::Simulate(args) => done(commands::simulate::run(&global, &args)),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "jackfield", &mut text);
            output::print(&String::from_utf8_lossy(&text));
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => {
            output::print(&hooks::openapi()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Staff(args) => staff::run(&global, &args),
        Command::Version => done(version(global.json)),
        Command::Report(args) if args.import.is_some() => {
            done(commands::report::import(&global, &args))
        }
        other => {
            // One connection and a few lines of text, or one phone: a thread is enough.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| CliError::failed(format!("cannot start: {error}")))?;
            runtime.block_on(ask(&global, other))
        }
    }
}

async fn ask(global: &Global, command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Config(_) => commands::config::reload(global).await?,
        Command::Tenant(command) => commands::tenants::tenant(global, &command).await?,
        Command::Audit(args) => commands::audit::run(global, &args).await?,
        Command::User(command) => commands::users::run(global, &command).await?,
        Command::Schedule(command) => commands::schedules::run(global, &command).await?,
        Command::Agent(command) => commands::tenants::agent(global, &command).await?,
        Command::Report(args) => commands::report::ask(global, &args).await?,
        Command::Queue(command) => commands::queues::queue(global, &command).await?,
        Command::Callback(command) => commands::queues::callback(global, &command).await?,
        Command::Router(command) => commands::queues::router(global, &command).await?,
        Command::Journal(command) => commands::journal::run(global, &command).await?,
        Command::Contact(command) => commands::contacts::run(global, &command).await?,
        Command::Flow(command) => commands::flows::run(global, &command).await?,
        Command::Market(command) => commands::market::run(global, &command).await?,
        Command::Plugin(command) => commands::plugins::run(global, &command).await?,
        Command::Interaction(command) => commands::interactions::run(global, &command).await?,
        Command::Replay(args) => commands::replay::replay(global, &args).await?,
        Command::Phone(args) => return phone::run(global, *args).await,
        // The others need no runtime and were dealt with.
        _ => (),
    }
    Ok(ExitCode::SUCCESS)
}

fn version(json: bool) -> Result<(), CliError> {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        return output::print_json(&serde_json::json!({ "name": "jackfield", "version": version }));
    }
    output::print(&format!("jackfield {version}"));
    Ok(())
}

/// Returns where the configuration is.
fn config_path(global: &Global) -> Result<PathBuf, CliError> {
    if let Some(path) = &global.config {
        return Ok(path.clone());
    }
    let usual = [Path::new("jackfield.toml"), Path::new("examples/demo/jackfield.toml")];
    usual.into_iter().find(|path| path.exists()).map(Path::to_owned).ok_or_else(|| {
        CliError::Usage(
            "there is no configuration: name one with --config or JACKFIELD_CONFIG, or write \
             ./jackfield.toml (looked at ./jackfield.toml, ./examples/demo/jackfield.toml)"
                .to_owned(),
        )
    })
}

/// Reads the configuration.
fn load(global: &Global) -> Result<Config, CliError> {
    Ok(Config::load(&config_path(global)?, std::env::vars())?)
}

/// Makes a client of the server that is meant.
fn client(global: &Global) -> Result<Client, CliError> {
    // With both given the configuration is of no use, and may lie on another machine.
    let (url, token) = match (&global.url, &global.token) {
        (Some(url), Some(token)) => (url.clone(), Some(token.clone())),
        (url, token) => {
            let config = match (load(global), url) {
                (Ok(config), _) => Some(config),
                (Err(_), Some(_)) => None,
                (Err(error), None) => return Err(error),
            };
            let from_file = || {
                let file = config.as_ref()?.token_file();
                Some(std::fs::read_to_string(file).ok()?.trim().to_owned())
            };
            let local = config.as_ref().map(|config| local_url(config.http.bind));
            (url.clone().or(local).unwrap_or_default(), token.clone().or_else(from_file))
        }
    };
    Client::new(&url, token)
}

/// The URL of a server that listens on `bind`, from this machine.
fn local_url(bind: std::net::SocketAddr) -> String {
    let mut bind = bind;
    if bind.ip().is_unspecified() {
        let v6 = bind.is_ipv6();
        let local: std::net::IpAddr = if v6 {
            std::net::Ipv6Addr::LOCALHOST.into()
        } else {
            std::net::Ipv4Addr::LOCALHOST.into()
        };
        bind.set_ip(local);
    }
    format!("http://{bind}")
}
