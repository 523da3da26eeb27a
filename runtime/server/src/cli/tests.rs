//! The command line as a whole.

use clap::CommandFactory as _;
use expect_test::{Expect, expect};

use super::args::Cli;
use super::*;

#[test]
fn the_commands_do_not_contradict_each_other() {
    Cli::command().debug_assert();
}

#[test]
fn help_shows_the_commands() {
    expect![[r#"
        A contact centre in one program: calls, queues, agents, flows

        Usage: jackfield [OPTIONS] <COMMAND>

        Commands:
          serve        Run the contact centre until it is told to stop
          config       Look at the configuration
          tenant       Look at tenants
          user         Add users, give them new passwords, remove them
          audit        Show who changed what, the latest first
          agent        Look at agents, change their states
          schedule     Say what agents are planned to do, for adherence and conformance
          queue        Look at queues, close and open them
          callback     Look at callbacks, add and cancel them
          contact      Import and find contacts
          flow         Check, publish and roll back call flows
          router       Publish and roll back routers that are scripts
          plugin       Build, install and roll back plugins
          market       Find plugins in catalogues, see what they may do, install them
          interaction  Look at calls: who called, who answered, what happened when
          report       Print the figures of queues and agents
          replay       Replay a recorded day: to the byte, or with another router or flow
          staff        Compute how many agents a load needs: Erlang B, C, A, X, back office
          journal      Copy the record of what the engine was told and what it said
          verify       Prove a journal: every output and certificate made again, every digest followed
          simulate     Play a whole centre, its customers and agents, and print the figures
          phone        A small SIP phone: place a call, or register and answer
          completions  Print completions for a shell
          openapi      Print the API's description (OpenAPI)
          version      Print the version

        Options:
              --config <FILE>  The configuration [default: ./jackfield.toml, else ./examples/demo/jackfield.toml] [env: JACKFIELD_CONFIG]
              --url <URL>      Where the server is [default: http.bind and http.port of the configuration] [env: JACKFIELD_URL]
              --token <TOKEN>  The token to show [default: the file admin.token in store.path] [env: JACKFIELD_TOKEN]
              --json           Print JSON
          -h, --help           Print help
          -V, --version        Print version

        Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 the server cannot be reached.
    "#]].assert_eq(&Cli::command().render_help().to_string());
}

#[track_caller]
fn refused(line: &str, expected: Expect) {
    let error = Cli::try_parse_from(line.split(' ')).expect_err("must be refused");
    expected.assert_eq(error.to_string().lines().next().unwrap_or_default());
}

#[test]
fn wrong_usage_is_refused() {
    refused(
        "jackfield phone --auto-answer",
        expect!["error: the following required arguments were not provided:"],
    );
    refused(
        "jackfield phone --call sip:1@h --register a",
        expect!["error: the argument '--call <URI>' cannot be used with '--register <USER,...>'"],
    );
    refused(
        "jackfield phone --call sip:1@h --duration soon",
        expect![
            "error: invalid value 'soon' for '--duration <TIME>': write a length of time such as 500ms, 20s or 5m"
        ],
    );
    refused(
        "jackfield agent state acme alice redy",
        expect!["error: invalid value 'redy' for '<STATE>'"],
    );
}

#[test]
fn an_unspecified_address_is_reached_on_this_machine() {
    assert_eq!(local_url("0.0.0.0:8080".parse().expect("an address")), "http://127.0.0.1:8080");
    assert_eq!(local_url("[::]:8080".parse().expect("an address")), "http://[::1]:8080");
}

#[test]
fn only_plain_http_is_spoken() {
    let error = Client::new("https://example.org", None).err().expect("must be refused");
    assert!(matches!(error, CliError::Usage(_)), "{error}");
}
