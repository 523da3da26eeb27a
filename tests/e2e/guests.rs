//! Plugins that misbehave, in real calls: the caller is served, the failure is counted and logged
//! with the version's digest, and the other tenant does not notice.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{LADEN, Peer, Server, detail, root, story};
use crate::queue::wait_for_state;
use crate::sipp::Caller;

/// Acme's router and flow are to misbehave; Romashka's are not.
const TWO: &str = r##"
# Each misdeed is to be seen: nobody is kept from the next.
[limits]
quarantine_failures = 0
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
message = "Sorry."
then = { queue = "help" }
[tenants.acme.flows.main]
script = "acme.rhai"
[tenants.acme.routers.longest-idle]
plugin = "router-misbehaves"
[tenants.acme.queues.help]
max_wait = "1s"
[tenants.acme.queues.sales]
router = "longest-idle"
ring_time = "5s"
max_wait = "20s"
wrap_up = "0s"
[tenants.acme.agents.alice]
password = "alice-test"
queues = { sales = 5 }
ready_on_register = true
[tenants.acme.agents.bob]
password = "bob-test"
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

/// The caller's name is the misdeed.
const ACME: &str = r#"
answer();
enqueue("sales", #{ attributes: #{ "do": caller(), "busy": "bob" } });
hang_up("done");
"#;

const ROMASHKA: &str = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";

const FLOWS: [(&str, &str); 2] = [("acme.rhai", ACME), ("romashka.rhai", ROMASHKA)];

/// An agent's phone that answers at once and talks for so long; ready when this returns.
pub fn phone(server: &Server, tenant: &str, name: &str, talk: &str) -> Peer {
    let registrar = format!("127.0.0.1:{}", server.sip);
    let (user, password) = (format!("{name}@{tenant}.example"), format!("{name}-test"));
    let args = ["phone", "--register", &user, "--password", &password, "--server", &registrar];
    let mut command = server.command(&args);
    command.args(["--auto-answer", "--hang-up-after", talk]);
    let log = std::fs::File::create(server.dir.join(format!("{name}.log"))).unwrap();
    let peer = Peer(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    server.until(&format!("{name} of {tenant}"), Duration::from_secs(15), || {
        let agents = server.json(&["agent", "list", tenant]);
        let ready = |known: &Value| known["agent"] == name && known["state"] == "ready";
        agents["items"].as_array()?.iter().any(ready).then_some(())
    });
    peer
}

/// The digest of the router that decides for Acme.
fn router_digest(server: &Server) -> String {
    let versions = server.json(&["plugin", "list", "acme", "longest-idle"]);
    versions["items"][0]["digest"].as_str().unwrap().to_owned()
}

/// How often a plugin of a tenant has failed in a way.
fn failures(server: &Server, tenant: &str, failure: &str) -> f64 {
    let (_, page) = server.http("GET", "/metrics", None).unwrap();
    let labels = [format!("tenant=\"{tenant}\""), format!("failure=\"{failure}\"")];
    let of = |line: &&str| {
        line.starts_with("jackfield_plugin_failures_total")
            && labels.iter().all(|label| line.contains(label))
    };
    page.lines().filter(of).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// The line of the log about a failure of the version with this digest.
#[track_caller]
fn assert_logged(server: &Server, digest: &str, failure: &str) {
    let log = std::fs::read_to_string(server.dir.join("server.log")).unwrap();
    let told = log.lines().any(|line| line.contains(digest) && line.contains(failure));
    assert!(told, "no line with {digest} and {failure} in\n{}", server.log());
}

/// One call of the other tenant, served as if it were alone.
#[track_caller]
fn romashka_is_served(server: &Server) {
    let begin = Instant::now();
    Caller::new().call().expect_bye(10_000).run(server, "200");
    let took = begin.elapsed();
    let call = server.last_interaction("romashka");
    assert_eq!((call["end"].as_str(), call["agent"].as_str()), (Some("completed"), Some("olga")));
    let routed = detail(&call, "offered", "routed_by").unwrap_or_default();
    assert!(routed.starts_with("plugin "), "{routed}");
    // The agent talks for a second; the rest is signalling.
    assert!(took < Duration::from_secs(5) * LADEN, "{took:?}");
    assert_eq!(server.metric("jackfield_plugin_failures_total", "romashka"), 0.0);
}

#[test]
fn a_router_that_misbehaves_costs_its_queue_only_the_choice() {
    let server = Server::start_alone("bad-router", TWO, &FLOWS);
    let _alice = phone(&server, "acme", "alice", "500ms");
    let digest = router_digest(&server);
    for (misdeed, failure) in [
        ("trap", "trapped"),
        ("loop", "deadline_exceeded"),
        ("memory-bomb", "out_of_memory"),
        ("unknown-agent", "bad_reply"),
        ("empty-offer", "bad_reply"),
        ("refuse", "refused"),
    ] {
        wait_for_state(&server, "alice", "ready");
        let queue_failures = "jackfield_queue_router_failures_total";
        let label = format!("failure=\"{failure}\"");
        let before = (failures(&server, "acme", failure), server.metric(queue_failures, &label));
        Caller::new().from(misdeed).call().expect_bye(10_000).run(&server, "100");
        let call = server.last_interaction("acme");
        assert_eq!(call["agent"], "alice", "{misdeed}: {call}");
        let routed = detail(&call, "offered", "routed_by");
        assert_eq!(routed.as_deref(), Some("fallback"), "{misdeed}: {call}");
        let offers = story(&call).iter().filter(|what| *what == "offered").count();
        assert_eq!(offers, 1, "{misdeed}: {call}");
        assert_served_at_once(&call, misdeed);
        let after = (failures(&server, "acme", failure), server.metric(queue_failures, &label));
        assert_eq!(after, (before.0 + 1.0, before.1 + 1.0), "{misdeed} as {failure}");
        assert_logged(&server, &digest, failure);
    }
    assert_eq!(server.metric("jackfield_plugin_failures_total", "romashka"), 0.0);
}

/// From the queue to the agent's ear: a router's deadline and one ring of a phone that answers.
#[track_caller]
fn assert_served_at_once(call: &Value, misdeed: &str) {
    let waited = detail(call, "connected", "waited_seconds").unwrap();
    assert!(
        waited.parse::<f64>().unwrap() < 2.0 * f64::from(LADEN),
        "{misdeed}: waited {waited} s"
    );
}

#[test]
fn a_router_that_offers_a_busy_agent_is_overruled() {
    let server = Server::start_alone("busy-agent", TWO, &FLOWS);
    let bob = phone(&server, "acme", "bob", "1h");
    // Who asks for nothing is offered to the candidates: bob is the only one.
    let talk = Caller::new().from("nothing").call().expect_bye(60_000);
    let _talk = talk.start_many(&server, "100", 1, 1);
    wait_for_state(&server, "bob", "busy");
    let _alice = phone(&server, "acme", "alice", "500ms");
    Caller::new().from("busy-agent").call().expect_bye(10_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["agent"], "alice", "{call}");
    assert_eq!(detail(&call, "offered", "routed_by").as_deref(), Some("fallback"));
    assert_eq!(failures(&server, "acme", "bad_reply"), 1.0);
    assert_logged(&server, &router_digest(&server), "bad_reply");
    wait_for_state(&server, "bob", "busy");
    drop(bob);
}

#[test]
fn a_looping_router_takes_no_time_of_another_tenant() {
    // Twenty loops within five seconds: each has to end before the next two begin.
    let deadline = [("JACKFIELD__PLUGINS__ROUTER_DEADLINE", "100ms")];
    let server = Server::start_alone_with("loop-router", TWO, &FLOWS, &deadline);
    let _alice = phone(&server, "acme", "alice", "200ms");
    let _olga = phone(&server, "romashka", "olga", "1s");
    let loops = Caller::new().from("loop").call().expect_bye(30_000);
    let mut load = loops.start_many(&server, "100", 20, 4);
    for _ in 0..3 {
        romashka_is_served(&server);
    }
    let ended =
        server.until("the looping calls", Duration::from_secs(60), || load.0.try_wait().unwrap());
    assert!(ended.success(), "{}", server.log());
    assert!(20.0 <= failures(&server, "acme", "deadline_exceeded"));
}

/// Makes a component the active version of Acme's flow.
fn install_flow(server: &Server, plugin: &str) -> String {
    let file = root().join(format!("target/plugins/{plugin}.wasm"));
    let file = file.to_str().unwrap();
    let installed = server.json(&["plugin", "install", "acme", "main", file, "--world", "flow"]);
    let digest = installed["digest"].as_str().unwrap().to_owned();
    server.ok(&["plugin", "activate", "acme", "main", &digest[..12], "--world", "flow"]);
    digest
}

/// A caller of a flow that fails hears the fallback and is queued.
#[track_caller]
fn falls_back(server: &Server, digest: &str, misdeed: &str, failure: &str) {
    let before = failures(server, "acme", failure);
    Caller::new().call().expect_bye(20_000).run(server, misdeed);
    let call = server.last_interaction("acme");
    let happened = story(&call);
    for what in ["flow_failed", "said", "queued", "left_queue"] {
        assert!(happened.iter().any(|one| one == what), "{misdeed}: no {what} in {call}");
    }
    assert_eq!(detail(&call, "queued", "queue").as_deref(), Some("help"), "{misdeed}");
    assert_eq!(call["end"], "completed", "{misdeed}");
    assert_eq!(failures(server, "acme", failure), before + 1.0, "{misdeed} as {failure}");
    assert_logged(server, digest, failure);
}

#[test]
fn a_flow_that_misbehaves_is_followed_by_the_fallback() {
    let mut server = Server::start_alone("bad-flow", TWO, &FLOWS);
    let digest = install_flow(&server, "flow-misbehaves");
    let olga = phone(&server, "romashka", "olga", "1s");
    for (misdeed, failure) in [
        ("trap", "trapped"),
        ("loop", "deadline_exceeded"),
        ("memory-bomb", "out_of_memory"),
        ("recursion", "trapped"),
        ("host-calls", "trapped"),
        ("refuse", "refused"),
    ] {
        falls_back(&server, &digest, misdeed, failure);
    }
    let loops = Caller::new().call().expect_bye(60_000);
    let mut load = loops.start_many(&server, "loop", 20, 4);
    for _ in 0..3 {
        romashka_is_served(&server);
    }
    let ended =
        server.until("the looping calls", Duration::from_secs(60), || load.0.try_wait().unwrap());
    assert!(ended.success(), "{}", server.log());
    drop(olga);

    // A component is pinned and kept like any version: it outlives the process, and can be left.
    server.kill();
    server.spawn();
    falls_back(&server, &digest, "trap", "trapped");
    server.ok(&["flow", "rollback", "acme", "main"]);
    Caller::new().from("nothing").call().pause(500).bye().run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(detail(&call, "queued", "queue").as_deref(), Some("sales"), "{call}");
}
