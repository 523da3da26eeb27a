//! New versions beside the active one, with real calls: canaries by number and by chance, one that takes
//! itself back, a shadow, rollback in one command, and what becomes of contacts of a replaced version.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Server, attribute, detail, root, story};
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sipp::Caller;

const NUMBER: &str = "[numbers.\"200\"]\ntenant = \"acme\"\nflow = \"main\"\n";

fn flow(version: &str) -> String {
    format!("answer();\nattribute(\"version\", \"{version}\");\nhang_up(\"done\");\n")
}

/// Publishes a second version of the flow and goes back to the first; returns both digests.
fn two_versions(server: &Server, second: &str) -> (String, String) {
    let file = server.dir.join("second.rhai");
    std::fs::write(&file, second).unwrap();
    let new = server.json(&["flow", "publish", "acme", "main", file.to_str().unwrap()]);
    let old = server.json(&["plugin", "rollback", "acme", "main"]);
    let digest = |answer: &Value| answer["digest"].as_str().unwrap().to_owned();
    (digest(&old), digest(&new))
}

fn show(server: &Server, name: &str) -> Value {
    server.json(&["plugin", "show", "acme", name])
}

/// Which version of the flow led each of the latest calls, by its attribute and by its digest.
fn versions(server: &Server, calls: usize) -> Vec<(String, String)> {
    let latest = server.until("the calls' ends", Duration::from_secs(15), || {
        let calls: Vec<_> = server.interactions("acme").into_iter().take(calls).collect();
        calls.iter().all(|call| call["ended_at"].is_string()).then_some(calls)
    });
    let of = |call: &Value| {
        let digest = call["flow_digest"].as_str().unwrap().to_owned();
        (attribute(call, "version").unwrap(), digest)
    };
    latest.iter().map(of).collect()
}

#[test]
fn a_flow_is_tried_on_a_number_then_by_chance_then_promoted_and_taken_back() {
    let config = format!("{QUEUE}{NUMBER}");
    let mut server = Server::start("canary-flow", &config, &[("main.rhai", &flow("old"))]);
    let (old, new) = two_versions(&server, &flow("new"));
    let call = |server: &Server, number: &str| {
        Caller::new().call().expect_bye(10_000).run(server, number);
        versions(server, 1).remove(0).0
    };
    let refused = server.cli(&["plugin", "canary", "acme", "main", &new, "--queue", "sales"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("before they are in a queue"), "{said}");

    server.ok(&["plugin", "canary", "acme", "main", &new[..12], "--number", "200"]);
    assert_eq!((call(&server, "100"), call(&server, "200")), ("old".into(), "new".into()));
    let canary = show(&server, "main")["rollout"].clone();
    assert_eq!(
        (canary["candidate"].as_str(), canary["active"].as_str()),
        (Some(&*new), Some(&*old))
    );
    let counts = &canary["canary"];
    assert_eq!(
        (counts["contacts"].as_u64(), counts["active_contacts"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(counts["figures"][2]["candidate_contacts"], 1, "{counts}");

    // By chance, and it goes on after the process was killed.
    server.ok(&["plugin", "canary", "acme", "main", &new, "--percent", "50"]);
    server.kill();
    server.spawn();
    Caller::new().call().expect_bye(10_000).run_many(&server, "100", 24, 8);
    let led = versions(&server, 24);
    let tried = led.iter().filter(|(version, _)| version == "new").count();
    assert!((3..=21).contains(&tried), "{tried} of 24");
    // The record says who led each, and it is the version whose script ran.
    assert!(
        led.iter().all(|(version, digest)| *digest == if version == "new" { &*new } else { &*old })
    );
    let counts = show(&server, "main")["rollout"]["canary"].clone();
    assert_eq!(counts["contacts"].as_u64(), Some(tried as u64), "{counts}");

    server.ok(&["plugin", "promote", "acme", "main"]);
    assert_eq!(call(&server, "100"), "new");
    let shown = show(&server, "main");
    assert_eq!((&shown["rollout"], &shown["steps"][0]["what"]), (&Value::Null, &"promoted".into()));
    server.ok(&["plugin", "rollback", "acme", "main"]);
    assert_eq!(call(&server, "100"), "old");
}

/// The contact's segment chooses, and one command ends a canary.
#[test]
fn a_flow_is_tried_on_a_segment() {
    let server = Server::start("canary-segment", QUEUE, &[("main.rhai", &flow("old"))]);
    let (_, new) = two_versions(&server, &flow("new"));
    let contacts = server.dir.join("contacts.csv");
    std::fs::write(&contacts, "name,phone,segment\nAnna,+37120000001,vip\nBob,+37120000002,\n")
        .unwrap();
    server.ok(&["contact", "import", "acme", contacts.to_str().unwrap()]);
    server.ok(&["plugin", "canary", "acme", "main", &new, "--segment", "segment=vip"]);
    let call = |from: &str| {
        Caller::new().from(from).call().expect_bye(10_000).run(&server, "100");
        versions(&server, 1).remove(0).0
    };
    let led = [call("20000001"), call("20000002"), call("20000003")];
    assert_eq!(led, ["new", "old", "old"]);
    server.ok(&["plugin", "rollback", "acme", "main"]);
    assert_eq!(call("20000001"), "old");
    assert_eq!(show(&server, "main")["steps"][0]["reason"], "by hand");
}

const TRAPS: &str =
    "answer();\nenqueue(\"sales\", #{ attributes: #{ \"do\": \"trap\" } });\nhang_up(\"done\");\n";

#[test]
fn a_router_that_fails_takes_itself_back_and_no_call_is_lost() {
    let config = format!(
        "[plugins]\ncanary_minimum = 3\n[limits]\nquarantine_failures = 0\n{}",
        QUEUE.replace("record = true\n", "")
    );
    let server = Server::start("canary-router", &config, &[("main.rhai", TRAPS)]);
    let _phones = ["alice", "bob"]
        .map(|name| agent(&server, name, &["--auto-answer", "--hang-up-after", "100ms"]));
    let file = root().join("target/plugins/router-misbehaves.wasm");
    let installed =
        server.json(&["plugin", "install", "acme", "longest-idle", file.to_str().unwrap()]);
    let candidate = installed["digest"].as_str().unwrap();
    server.ok(&["plugin", "canary", "acme", "longest-idle", candidate, "--percent", "50"]);
    const CALLS: u32 = 40;
    Caller::new().call().expect_bye(30_000).run_many(&server, "100", CALLS, 4);
    let shown = show(&server, "longest-idle");
    assert_eq!(shown["rollout"], Value::Null, "{shown}");
    let step = &shown["steps"][0];
    assert_eq!(
        (step["what"].as_str(), step["by"].as_str()),
        (Some("rolled_back"), Some("jackfield"))
    );
    let reason = step["reason"].as_str().unwrap();
    assert!(reason.starts_with("failures: 100.0 % of"), "{reason}");
    let log = std::fs::read_to_string(server.dir.join("server.log")).unwrap();
    assert!(log.contains("a canary was rolled back"), "{}", server.log());
    assert_eq!(server.metric("jackfield_plugin_rollout_steps_total", "step=\"rolled_back\""), 1.0);
    let mut failed = 0;
    for call in server.interactions("acme") {
        let id = call["id"].as_str().unwrap();
        let whole = server.json(&["interaction", "show", "acme", id]);
        assert_eq!(whole["end"], "completed", "{whole}");
        assert!(story(&whole).contains(&"connected".to_owned()), "{whole}");
        failed += u32::from(detail(&whole, "offered", "routed_by").as_deref() == Some("fallback"));
    }
    // Enough to be sure, and then no more.
    assert!((3..20).contains(&failed), "{failed} of {CALLS}");
}

#[test]
fn a_shadow_is_asked_and_not_obeyed() {
    let config = QUEUE.replace("plugin = \"router-longest-idle\"", "script = \"router.rhai\"");
    let prefers = |name: &str| {
        format!("fn score(contact, agent) {{ if agent.name == \"{name}\" {{ 2 }} else {{ 1 }} }}")
    };
    let flow = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";
    let files = [("main.rhai", flow), ("router.rhai", &prefers("bob"))];
    let server = Server::start("shadow", &config, &files);
    let _phones = ["alice", "bob"]
        .map(|name| agent(&server, name, &["--auto-answer", "--hang-up-after", "500ms"]));
    let second = server.dir.join("second.rhai");
    std::fs::write(&second, prefers("alice")).unwrap();
    let published =
        server.json(&["router", "publish", "acme", "longest-idle", second.to_str().unwrap()]);
    let candidate = published["digest"].as_str().unwrap();
    // One command, right after an activation.
    server.ok(&["plugin", "rollback", "acme", "longest-idle"]);
    server.ok(&["plugin", "shadow", "acme", "longest-idle", candidate]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(server.last_interaction("acme")["agent"], "bob");
    let shadow = server.until("the shadow's answer", Duration::from_secs(10), || {
        let shadow = show(&server, "longest-idle")["rollout"]["shadow"].clone();
        (shadow["answered"].as_u64() == Some(1)).then_some(shadow)
    });
    let difference = &shadow["differences"][0];
    assert_eq!((shadow["differed"].as_u64(), shadow["agreed"].as_u64()), (Some(1), Some(0)));
    assert_eq!(
        (&difference["active"], &difference["candidate"]),
        (&"offer bob, alice".into(), &"offer alice, bob".into())
    );
    assert_eq!(difference["interaction"], server.last_interaction("acme")["id"]);
    server.ok(&["plugin", "promote", "acme", "longest-idle"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(server.last_interaction("acme")["agent"], "alice");
}

#[test]
fn a_replaced_version_ends_what_it_leads_when_its_time_is_over() {
    let waits = "answer();\ngather(#{ max: 1, first: 60 });\nhang_up(\"end\");\n";
    let config = format!("[plugins]\ndrain = \"1s\"\n{QUEUE}");
    let server = Server::start("drain", &config, &[("main.rhai", waits)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "4s"]);
    let open = |count: f64| {
        server.until("the call", Duration::from_secs(5), || {
            (server.metric("jackfield_interactions_open", "acme") == count).then_some(())
        });
    };
    let publish = |script: &str| {
        let file = server.dir.join("next.rhai");
        std::fs::write(&file, script).unwrap();
        server.ok(&["flow", "publish", "acme", "main", file.to_str().unwrap()]);
    };
    let mut caller = Caller::new().call().expect_bye(20_000).start_many(&server, "100", 1, 1);
    open(1.0);
    publish("answer();\nenqueue(\"sales\");\nattribute(\"after\", \"yes\");\nhang_up(\"end\");\n");
    let ended = server.until("the end", Duration::from_secs(20), || caller.0.try_wait().unwrap());
    assert!(ended.success());
    let call = server.last_interaction("acme");
    assert!(detail(&call, "flow_failed", "why").unwrap().contains("was replaced"), "{call}");
    assert_eq!(server.metric("jackfield_plugin_drain_ended_total", "acme"), 1.0);

    // Who talks is left in peace; the flow ends when it would go on.
    let mut caller = Caller::new().call().expect_bye(20_000).start_many(&server, "100", 1, 1);
    server.until("the conversation", Duration::from_secs(10), || {
        let agents = server.json(&["agent", "list", "acme"]);
        let busy = |known: &Value| known["agent"] == "alice" && known["state"] == "busy";
        agents["items"].as_array()?.iter().any(busy).then_some(())
    });
    publish(waits);
    let draining = show(&server, "main")["draining"].clone();
    assert_eq!(draining[0]["sessions"], 1, "{draining}");
    let ended = server.until("the end", Duration::from_secs(20), || caller.0.try_wait().unwrap());
    assert!(ended.success());
    let call = server.last_interaction("acme");
    let talked: f64 = detail(&call, "disconnected", "talked_seconds").unwrap().parse().unwrap();
    assert!(3.5 < talked, "{call}");
    assert_eq!(attribute(&call, "after"), None);
    assert_eq!(show(&server, "main")["draining"].as_array().map(Vec::len), Some(0));
}

#[test]
fn state_is_taken_over_given_back_or_left_alone() {
    let config = QUEUE.replace("router-longest-idle", "router-remembers");
    let flow = "answer();\nenqueue(\"sales\", #{ attributes: #{ \"spoil\": caller() } });\nhang_up(\"done\");\n";
    let mut server = Server::start("migrate", &config, &[("main.rhai", flow)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "200ms"]);
    // How the migration that may follow goes wrong; returns the count that the router has kept.
    let count = |server: &Server, spoil: &str| {
        wait_for_state(server, "alice", "ready");
        Caller::new().from(spoil).call().expect_bye(20_000).run(server, "100");
        let call = server.last_interaction("acme");
        assert_eq!(call["end"], "completed", "{call}");
        detail(&call, "offered", "because count").unwrap_or_default()
    };
    let installed = |name: &str| {
        let file = root().join(format!("target/plugins/{name}.wasm"));
        let file = file.to_str().unwrap().to_owned();
        let installed = server.json(&["plugin", "install", "acme", "longest-idle", &file]);
        installed["digest"].as_str().unwrap().to_owned()
    };
    let second = installed("router-remembers-2");
    assert_eq!((count(&server, "none"), count(&server, "none")), ("1".into(), "2".into()));

    // As a shadow it works on a copy in its own form; as a canary it would need the one that there is.
    server.ok(&["plugin", "shadow", "acme", "longest-idle", &second]);
    assert_eq!(count(&server, "none"), "3");
    let shadow = server.until("the shadow's answer", Duration::from_secs(10), || {
        let shadow = show(&server, "longest-idle")["rollout"]["shadow"].clone();
        (shadow["answered"].as_u64() == Some(1)).then_some(shadow)
    });
    assert_eq!(shadow["agreed"], 1, "{shadow}");
    let activate = ["plugin", "activate", "acme", "longest-idle", &second];
    let refused = |args: &[&str]| {
        let output = server.cli(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        said
    };
    let said = refused(&["plugin", "canary", "acme", "longest-idle", &second, "--percent", "10"]);
    assert!(said.contains("would take over the state"), "{said}");

    for (spoil, calls, why) in [
        ("trap", "4", "trapped"),
        ("refuse", "5", "the count is not to be trusted"),
        ("flood", "6", "its quota is"),
        ("long-key", "7", "state key"),
    ] {
        assert_eq!(count(&server, spoil), calls);
        let said = refused(&activate);
        assert!(said.contains("step migrate") && said.contains(why), "{said}");
    }
    assert_eq!(count(&server, "none"), "8");
    server.ok(&activate);
    assert_eq!(count(&server, "none"), "9 in bytes");
    // The version before goes on with what it had when it was replaced.
    server.ok(&["plugin", "rollback", "acme", "longest-idle"]);
    assert_eq!(count(&server, "none"), "9");
    server.ok(&activate);
    server.kill();
    server.spawn();
    server.until("alice", Duration::from_secs(60), || {
        let agents = server.json(&["agent", "list", "acme"]);
        let ready = |known: &Value| known["agent"] == "alice" && known["state"] == "ready";
        agents["items"].as_array()?.iter().any(ready).then_some(())
    });
    assert_eq!(count(&server, "none"), "10 in bytes");
}
