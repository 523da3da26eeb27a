//! The binary `jackfield`.

mod access;
mod app;
mod certify;
mod chain;
mod cli;
mod config;
mod desk;
mod entry;
mod http;
mod oidc;
mod replay;
mod rfc3339;
mod rollout;
mod serve;
mod session;
mod studio;
mod tenant;
mod worlds;

fn main() -> std::process::ExitCode {
    cli::main()
}
