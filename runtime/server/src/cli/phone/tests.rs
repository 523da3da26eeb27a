//! Two phones on this machine call each other.

use clap::Parser as _;

use super::*;
use crate::cli::args::{Cli, Command};

fn args(line: &str) -> PhoneArgs {
    let cli = Cli::try_parse_from(format!("jackfield phone {line}").split(' ')).expect(line);
    let Command::Phone(args) = cli.command else { panic!("not a phone: {line}") };
    *args
}

/// Lets a phone told `called` be called by one told `calling`; returns the exit code of the call.
async fn talk(calling: &str, called: &str) -> String {
    let called = args(called);
    let (callee, mut events) = start(&called).await.expect("a phone");
    let address = callee.local_addr();
    let taking = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let EndpointEvent::Incoming(call) = event {
                return register::take(call, line::Line::new(), called, None).await;
            }
        }
    });
    let calling = args(&format!("--call sip:bob@{address} {calling}"));
    let sound = sound(&calling).expect("a sound");
    let (caller, _events) = start(&calling).await.expect("a phone");
    let code = call::run(&caller, &calling, sound).await.expect("a call");
    taking.await.expect("the other side ends as well");
    caller.shut_down(Duration::ZERO).await;
    callee.shut_down(Duration::ZERO).await;
    format!("{code:?}")
}

#[tokio::test]
async fn a_call_that_was_answered_is_a_success() {
    for transport in ["udp", "tcp"] {
        let calling = format!(
            "--digits 1 --digits-after 100ms --duration 1s --tone 1000 --transport {transport}"
        );
        let called =
            format!("--register bob --auto-answer --answer-after 50ms --transport {transport}");
        let code = talk(&calling, &called).await;
        assert_eq!(code, format!("{:?}", ExitCode::SUCCESS), "{transport}");
    }
}

#[tokio::test]
async fn a_call_that_was_refused_is_a_failure() {
    let code = talk("--duration 1s", "--register bob --reject 486").await;
    assert_eq!(code, format!("{:?}", ExitCode::FAILURE));
}
