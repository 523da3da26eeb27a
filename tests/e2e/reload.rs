//! Reading the configuration again while a call is up.

use std::time::Duration;

use crate::harness::Server;
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sipp::Caller;

/// The flow of number 100 holds its caller; that of 200 asks for an agent.
const FLOWS: [(&str, &str); 2] = [
    ("main.rhai", "answer();\nloop { gather(#{ max: 1, first: 60, next: 1 }); }\n"),
    ("sales.rhai", "answer();\nenqueue(\"sales\");\n"),
];

fn config(ring_time: &str) -> String {
    let flows = "script = \"main.rhai\"\n[tenants.acme.flows.sales]\nscript = \"sales.rhai\"\n";
    QUEUE
        .replace("script = \"main.rhai\"\n", flows)
        .replace("ring_time = \"5s\"", &format!("ring_time = \"{ring_time}\""))
}

const NUMBER: &str = "[numbers.\"200\"]\ntenant = \"acme\"\nflow = \"sales\"\n";

fn write(server: &Server, config: &str) {
    std::fs::write(server.dir.join("jackfield.toml"), config).unwrap();
}

#[test]
fn a_number_and_a_ring_time_change_while_a_call_is_up() {
    let server = Server::start("reload", &config("60s"), &FLOWS);
    let _alice = agent(&server, "alice", &["--answer-after", "1h"]);
    let mut held = Caller::new().call().pause(12_000).bye().start_many(&server, "100", 1, 1);
    server.until("the call", Duration::from_secs(5), || {
        (server.metric("jackfield_interactions_open", "acme") == 1.0).then_some(())
    });
    Caller::new().refused(404).run(&server, "200");

    write(&server, &(config("5s") + NUMBER));
    let answer = server.json(&["config", "reload"]);
    let changed = ["numbers.200.flow", "numbers.200.tenant", "tenants.acme.queues.sales.ring_time"];
    assert_eq!(answer, serde_json::json!({ "changed": changed }));
    // The new number leads to alice, whose phone now rings for 5 s instead of a minute.
    Caller::new().call().pause(6_500).bye().run(&server, "200");
    wait_for_state(&server, "alice", "not_ready");

    let ended =
        server.until("the held call's end", Duration::from_secs(20), || held.0.try_wait().unwrap());
    assert!(ended.success(), "the call that was up has ended otherwise: {ended}");
    assert_eq!(server.json(&["config", "reload"]), serde_json::json!({ "changed": [] }));
}

#[test]
fn what_needs_a_restart_or_is_wrong_changes_nothing() {
    let server = Server::start("reload-refused", &config("60s"), &FLOWS);
    write(&server, &format!("[sip]\nrealm = \"another\"\n{}{NUMBER}", config("60s")));
    let output = server.cli(&["config", "reload"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("sip.realm"), "{said}");
    assert!(server.log().contains("sip.realm"), "{}", server.log());
    Caller::new().refused(404).run(&server, "200");

    // A tenant has an engine of its own, which only a start makes.
    let tenant = "[tenants.other.flows.main]\nscript = \"main.rhai\"\n";
    write(&server, &(config("60s") + NUMBER + tenant));
    let output = server.cli(&["config", "reload"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("tenants.other"), "{said}");

    // Each mistake is in the log, after a signal too.
    let wrong = config("1s").replace("max_wait = \"1m\"", "max_wait = \"soon\"");
    write(&server, &(wrong + NUMBER));
    server.hang_up();
    server.until("the mistakes", Duration::from_secs(5), || {
        let log = server.log();
        (log.contains("sales.ring_time") && log.contains("sales.max_wait")).then_some(())
    });
    Caller::new().refused(404).run(&server, "200");

    write(&server, &(config("60s") + NUMBER));
    server.hang_up();
    server.until("the number", Duration::from_secs(5), || {
        server.log().contains("numbers.200.tenant").then_some(())
    });
    Caller::new().call().pause(300).bye().run(&server, "200");
}
