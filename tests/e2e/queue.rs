//! From the menu through the router plugin to an agent's phone, and what is heard there.

use std::process::Stdio;
use std::time::Duration;

use crate::audio;
use crate::harness::{Peer, Server, detail, story};
use crate::sipp::Caller;

/// One queue, two agents, the bundled router.
pub const QUEUE: &str = r#"
[trunks.local]
sources = ["127.0.0.0/8"]
[numbers."100"]
tenant = "acme"
flow = "main"
[tenants.acme]
name = "Acme"
language = "en"
country_code = "371"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.flows.main]
script = "main.rhai"
[tenants.acme.routers.longest-idle]
plugin = "router-longest-idle"
[tenants.acme.queues.sales]
router = "longest-idle"
ring_time = "5s"
max_wait = "1m"
wrap_up = "0s"
record = true
short_abandon = "0s"
[tenants.acme.agents.alice]
password = "alice-test"
queues = { sales = 5 }
ready_on_register = true
[tenants.acme.agents.bob]
password = "bob-test"
queues = { sales = 5 }
ready_on_register = true
"#;

const FLOW: &str = r#"
answer();
let ended = enqueue("sales");
attribute("ended", ended);
if ended == "served" { hang_up("done"); }
"#;

/// Our own phone as an agent.
pub fn agent(server: &Server, name: &str, more: &[&str]) -> Peer {
    let registrar = format!("127.0.0.1:{}", server.sip);
    let password = format!("{name}-test");
    let mut args =
        vec!["phone", "--register", name, "--password", &password, "--server", &registrar];
    args.extend(more);
    let log = std::fs::File::create(server.dir.join(format!("{name}.log"))).unwrap();
    let mut command = server.command(&args);
    let peer = Peer(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    wait_for_state(server, name, "ready");
    peer
}

/// Waits until an agent is in a state.
#[track_caller]
pub fn wait_for_state(server: &Server, agent: &str, state: &str) {
    server.until(&format!("{agent} {state}"), Duration::from_secs(15), || {
        let agents = server.json(&["agent", "list", "acme"]);
        let agents = agents["items"].as_array()?.clone();
        agents.iter().any(|known| known["agent"] == agent && known["state"] == state).then_some(())
    });
}

/// Our own phone as a caller; returns when the call is over.
fn phone(server: &Server, args: &[&str]) -> std::process::Output {
    let uri = format!("sip:100@127.0.0.1:{}", server.sip);
    let mut all = vec!["phone", "--call", &uri];
    all.extend(args);
    server.command(&all).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn caller_and_agent_hear_each_other_and_the_recording_has_both() {
    let server = Server::start_alone("bridge", QUEUE, &[("main.rhai", FLOW)]);
    let (low, high) = (server.dir.join("440.wav"), server.dir.join("1000.wav"));
    audio::write_tone(&low, 440.0, 12.0);
    audio::write_tone(&high, 1000.0, 12.0);
    let heard_by_agent = server.dir.join("agent-heard.wav");
    let heard_by_caller = server.dir.join("caller-heard.wav");
    let paths = [&low, &high, &heard_by_agent, &heard_by_caller];
    let [low, high, agent_wav, caller_wav] = paths.map(|path| path.to_str().unwrap());
    let agent = agent(
        &server,
        "alice",
        &["--auto-answer", "--hang-up-after", "5s", "--wav", high, "--record", agent_wav],
    );
    let output = phone(&server, &["--wav", low, "--record", caller_wav, "--duration", "15s"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", server.log());
    drop(agent);

    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "completed", "{call}");
    assert_eq!(call["agent"], "alice");
    assert_eq!(detail(&call, "disconnected", "by").as_deref(), Some("agent"));
    let routed = detail(&call, "offered", "routed_by").unwrap();
    assert!(routed.starts_with("plugin "), "{routed}");

    let caller_heard = &audio::read(&heard_by_caller)[0];
    let loud = audio::share_of_tone(caller_heard, 1000.0);
    assert!(0.3 < loud, "the caller heard the agent in {loud} of the call");
    let agent_heard = &audio::read(&heard_by_agent)[0];
    let loud = audio::share_of_tone(agent_heard, 440.0);
    assert!(0.6 < loud, "the agent heard the caller in {loud} of the call");

    let recording = call["recording"].as_str().expect("a recording");
    let channels = audio::read(recording.as_ref());
    let [left, right] = &channels[..] else { panic!("{} channels", channels.len()) };
    assert!(0.6 < audio::share_of_tone(left, 440.0), "left is the caller");
    assert!(0.6 < audio::share_of_tone(right, 1000.0), "right is the agent");
    assert!(audio::share_of_tone(left, 1000.0) < 0.1, "no agent on the left");
}

#[test]
fn the_caller_leaves_the_queue() {
    let server = Server::start("abandon", QUEUE, &[("main.rhai", FLOW)]);
    Caller::new().call().pause(1_500).bye().run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "customer_left");
    assert!(story(&call).contains(&"abandoned".to_owned()));
    assert_eq!(server.metric("jackfield_queue_abandoned_total", "sales"), 1.0);
}

#[test]
fn an_agent_who_does_not_answer_is_followed_by_the_next() {
    let server = Server::start("rona", QUEUE, &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--answer-after", "1h"]);
    let _bob = agent(&server, "bob", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["agent"], "bob", "{call}");
    let offered = story(&call).iter().filter(|what| *what == "offered").count();
    assert_eq!(offered, 2);
    wait_for_state(&server, "alice", "not_ready");
}

#[test]
fn an_agent_who_declines_is_followed_by_the_next() {
    let server = Server::start("decline", QUEUE, &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--reject", "603"]);
    let _bob = agent(&server, "bob", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(server.last_interaction("acme")["agent"], "bob");
}

#[test]
fn the_customer_hangs_up_and_the_agent_is_free_again() {
    let server = Server::start("customer-bye", QUEUE, &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--auto-answer"]);
    Caller::new().call().pause(2_000).bye().run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "customer_left");
    assert!(story(&call).contains(&"connected".to_owned()), "{call}");
    wait_for_state(&server, "alice", "ready");
    assert_eq!(server.metric("jackfield_queue_answered_total", "sales"), 1.0);
}

#[test]
fn a_flow_transfers_to_another_address() {
    let other = crate::harness::free_port();
    let flow =
        format!("answer();\ntransfer(\"sip:office@127.0.0.1:{other}\");\nhang_up(\"back\");\n");
    let server = Server::start("transfer", QUEUE, &[("main.rhai", &flow)]);
    let office = std::process::Command::new("sipp")
        .args(["-sn", "uas", "-i", "127.0.0.1", "-p", &other.to_string(), "-nostdin"])
        .args(["-mp", &(crate::harness::free_port() & !1).to_string(), "-timeout", "60s"])
        .current_dir(&server.dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _office = Peer(office);
    Caller::new().call().pause(1_500).bye().run(&server, "100");
    let call = server.last_interaction("acme");
    assert!(story(&call).contains(&"transferred".to_owned()), "{call}");
    assert_eq!(call["end"], "transferred", "{call}");
}

#[test]
fn the_story_explains_itself() {
    let server = Server::start("story", QUEUE, &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().from("20000001").call().expect_bye(10_000).run(&server, "100");
    let _ = server.last_interaction("acme");
    let shown = server.ok(&["interaction", "show", "latest"]);
    for word in ["20000001", "sales", "alice", "offered", "connected", "agent"] {
        assert!(shown.contains(word), "`{word}` is not in:\n{shown}");
    }
}
