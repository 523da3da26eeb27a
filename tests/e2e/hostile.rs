//! A tenant whose router attacks its host, beside one that does not: no call is lost on either side, the
//! limit is named in the metrics, the version is quarantined, and an operator can switch it off for good.

use std::time::Duration;

use serde_json::Value;

use crate::guests::phone;
use crate::harness::{Server, detail};
use crate::queue::wait_for_state;
use crate::sipp::Caller;

const TWO: &str = r##"
[limits]
quarantine_failures = 3
quarantine = "1s"
state_bytes = "64KiB"
[trunks.local]
sources = ["127.0.0.0/8"]
[numbers."*"]
tenant = "acme"
flow = "main"
[numbers."200"]
tenant = "romashka"
flow = "main"

[tenants.acme]
name = "Acme"
language = "en"
country_code = "371"
domain = "acme.example"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.flows.main]
script = "acme.rhai"
[tenants.acme.routers.hostile]
plugin = "router-hostile"
[tenants.acme.queues.sales]
router = "hostile"
ring_time = "5s"
max_wait = "20s"
wrap_up = "0s"
[tenants.acme.agents.alice]
password = "alice-test"
queues = { sales = 5 }
ready_on_register = true

[tenants.romashka]
name = "Romashka"
language = "en"
country_code = "7"
domain = "romashka.example"
[tenants.romashka.fallback]
then = "hang_up"
[tenants.romashka.flows.main]
script = "romashka.rhai"
[tenants.romashka.routers.longest-idle]
plugin = "router-longest-idle"
[tenants.romashka.queues.sales]
router = "longest-idle"
max_wait = "20s"
wrap_up = "0s"
[tenants.romashka.agents.olga]
password = "olga-test"
queues = { sales = 5 }
ready_on_register = true
"##;

/// The caller's name is the attack.
const ACME: &str = r#"
answer();
enqueue("sales", #{ attributes: #{ "attack": caller() } });
hang_up("done");
"#;
const ROMASHKA: &str = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";
const FLOWS: [(&str, &str); 2] = [("acme.rhai", ACME), ("romashka.rhai", ROMASHKA)];

/// One call of a tenant, served to its end; returns who or what chose the agent.
fn served(server: &Server, tenant: &str, attack: &str, number: &str, agent: &str) -> String {
    Caller::new().from(attack).call().expect_bye(20_000).run(server, number);
    let call = server.last_interaction(tenant);
    assert_eq!((call["end"].as_str(), call["agent"].as_str()), (Some("completed"), Some(agent)));
    detail(&call, "offered", "routed_by").unwrap_or_default()
}

#[test]
fn no_call_is_lost_whatever_a_router_does() {
    let mut server = Server::start_alone("hostile", TWO, &FLOWS);
    let _alice = phone(&server, "acme", "alice", "200ms");
    let _olga = phone(&server, "romashka", "olga", "200ms");
    for (attack, limit) in [
        ("endless-loop", "deadline"),
        ("deep-recursion", "stack"),
        ("memory-growth", "memory"),
        ("giant-list", "output"),
        ("log-flood", "log_lines"),
        ("host-call-flood", "host_calls"),
        ("metric-flood", "metric_names"),
        ("state-flood", "state_bytes"),
        ("trap", ""),
        ("nonsense", ""),
        ("slow-answer", ""),
    ] {
        // Each begins with a version that was never in the wrong.
        server.ok(&["plugin", "enable", "acme", "hostile"]);
        wait_for_state(&server, "alice", "ready");
        served(&server, "acme", attack, "100", "alice");
        if !limit.is_empty() {
            let hits =
                server.metric("jackfield_plugin_limit_hits_total", &format!("limit=\"{limit}\""));
            assert!(0.0 < hits, "{attack} met no {limit}");
        }
        let routed = served(&server, "romashka", "200", "200", "olga");
        assert!(routed.starts_with("plugin "), "{attack}: {routed}");
    }
    assert_eq!(server.metric("jackfield_plugin_failures_total", "romashka"), 0.0);

    // Three failures in a minute.
    server.ok(&["plugin", "enable", "acme", "hostile"]);
    for _ in 0..3 {
        wait_for_state(&server, "alice", "ready");
        assert_eq!(served(&server, "acme", "trap", "100", "alice"), "fallback");
    }
    let shown = server.json(&["plugin", "show", "acme", "hostile"]);
    assert_ne!(shown["standing"], "serving", "{shown}");
    let listed = server.json(&["plugin", "list", "acme"]);
    assert_ne!(listed["items"][0]["standing"], "serving", "{listed}");
    assert!(0.0 < server.metric("jackfield_plugin_standing", "plugin=\"hostile\""));

    // The operator's switch holds over a restart, and tells who turned it and why.
    server.ok(&["plugin", "disable", "acme", "hostile", "--reason", "it attacks"]);
    server.kill();
    server.spawn();
    let shown = server.json(&["plugin", "show", "acme", "hostile"]);
    assert_eq!(
        (shown["standing"].as_str(), shown["disabled"].as_str()),
        (Some("disabled"), Some("it attacks"))
    );
    assert_eq!(shown["switched"][0]["reason"], "it attacks");
    server.until("alice", Duration::from_secs(60), || {
        let agents = server.json(&["agent", "list", "acme"]);
        let ready = |known: &Value| known["agent"] == "alice" && known["state"] == "ready";
        agents["items"].as_array()?.iter().any(ready).then_some(())
    });
    assert_eq!(served(&server, "acme", "none", "100", "alice"), "fallback");
    server.ok(&["plugin", "enable", "acme", "hostile"]);
    wait_for_state(&server, "alice", "ready");
    assert!(served(&server, "acme", "none", "100", "alice").starts_with("plugin "));
}
