//! Calls in all their endings.

use std::time::Duration;

use crate::harness::{Server, detail, story};
use crate::sipp::Caller;

/// A tenant with an agent-less queue and a few small flows.
pub const BASE: &str = r#"
[trunks.local]
sources = ["127.0.0.0/8"]

[numbers."100"]
tenant = "acme"
flow = "menu"
[numbers."101"]
tenant = "acme"
flow = "silent"

[tenants.acme]
name = "Acme"
language = "en"
country_code = "371"
[tenants.acme.fallback]
message = "Sorry."
then = "hang_up"
[tenants.acme.flows.menu]
script = "menu.rhai"
[tenants.acme.flows.silent]
script = "silent.rhai"
"#;

const MENU: &str = r#"
answer();
let choice = gather(#{ prompt: "One or two.", max: 1, first: 3, next: 1 });
attribute("choice", choice);
hang_up("chosen");
"#;

/// Answers and says nothing until the caller leaves.
const SILENT: &str = r#"
answer();
loop { gather(#{ max: 1, first: 60, next: 1 }); }
"#;

const FLOWS: [(&str, &str); 2] = [("menu.rhai", MENU), ("silent.rhai", SILENT)];

#[test]
fn the_caller_hangs_up() {
    let server = Server::start("caller-bye", BASE, &FLOWS);
    Caller::new().from("20000001").call().pause(300).bye().run(&server, "101");
    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "customer_left");
    assert_eq!((call["ani"].as_str(), call["dnis"].as_str()), (Some("20000001"), Some("101")));
    assert_eq!(story(&call), ["arrived", "answered", "leg_ended", "ended"]);
}

#[test]
fn the_flow_hangs_up() {
    let server = Server::start("flow-bye", BASE, &FLOWS);
    Caller::new().call().info('2', 0).expect_bye(3_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "completed");
    assert_eq!(detail(&call, "gathered", "digits").as_deref(), Some("2"));
}

#[test]
fn a_caller_cancels_while_it_rings() {
    let config = format!("{BASE}\n[tenants.acme.queues.empty]\nmax_wait = \"1m\"\n");
    let flows = [("menu.rhai", "enqueue(\"empty\");"), ("silent.rhai", SILENT)];
    let server = Server::start("cancel", &config, &flows);
    Caller::new().invite().expect_provisional(180).cancel().run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "customer_left");
    assert!(story(&call).contains(&"abandoned".to_owned()), "{call}");
}

#[test]
fn an_unknown_number_is_not_found() {
    let server = Server::start("unknown", BASE, &FLOWS);
    Caller::new().refused(404).run(&server, "999");
}

#[test]
fn a_hold_is_answered_by_the_rules_of_rfc_3264() {
    let server = Server::start("hold", BASE, &FLOWS);
    Caller::new()
        .call()
        .pause(200)
        .reinvite("sendonly", "recvonly")
        .pause(200)
        .reinvite("sendrecv", "sendrecv")
        .pause(200)
        .bye()
        .run(&server, "101");
    assert_eq!(server.last_interaction("acme")["end"], "customer_left");
}

#[test]
fn a_lost_bye_is_noticed_by_silence() {
    let config = format!("[rtp]\ntimeout = \"2s\"\n{BASE}");
    let server = Server::start_alone("lost-bye", &config, &FLOWS);
    // SIPp sends no audio at all here, as a caller whose network is gone.
    Caller::new().call().expect_bye(10_000).run(&server, "101");
    assert_eq!(server.last_interaction("acme")["end"], "lost");
}

#[test]
fn calls_come_over_tcp_too() {
    let server = Server::start("tcp", BASE, &FLOWS);
    let caller = Caller::new().call().info('1', 0).expect_bye(3_000);
    let outcome = caller.try_many(&server, "100", 5, 5, &["-t", "t1"]);
    assert!(outcome.ok, "{}\n{}", outcome.said, server.log());
    let call = server.last_interaction("acme");
    assert_eq!(detail(&call, "gathered", "digits").as_deref(), Some("1"));
}

#[test]
fn too_many_calls_are_told_to_come_back() {
    let config = format!("[sip]\nmax_calls = 5\n{BASE}");
    let server = Server::start_alone("overload", &config, &FLOWS);
    let held = Caller::new().call().pause(4_000).bye().start_many(&server, "101", 5, 50);
    server.until("five calls", Duration::from_secs(5), || {
        (server.metric("jackfield_interactions_open", "acme") == 5.0).then_some(())
    });
    Caller::new().refused(503).run(&server, "101");
    drop(held);
}

#[test]
fn a_script_that_fails_is_followed_by_the_fallback() {
    let config = BASE.replace("then = \"hang_up\"", "then = { queue = \"help\" }")
        + "[tenants.acme.queues.help]\nmax_wait = \"1s\"\n";
    let flows = [("menu.rhai", "answer();\nlet x = 1;\nx.nonsense();\n"), ("silent.rhai", SILENT)];
    let server = Server::start("fallback", &config, &flows);
    Caller::new().call().expect_bye(15_000).run(&server, "100");
    let call = server.last_interaction("acme");
    let why = detail(&call, "flow_failed", "why").unwrap_or_default();
    assert!(why.contains("line 3"), "{why}");
    let story = story(&call);
    assert!(
        story.contains(&"said".to_owned()) && story.contains(&"queued".to_owned()),
        "{story:?}"
    );
    assert_eq!(server.metric("jackfield_plugin_failures_total", "acme"), 1.0);
}
