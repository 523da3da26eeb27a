//! Those who wait: several phones that ring for them, what they are told, closed queues, callbacks.

use std::process::Stdio;
use std::time::Duration;

use crate::audio;
use crate::harness::{Peer, Server, attribute, detail, free_port, root, story};
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sipp::Caller;

const FLOW: &str = r#"
answer();
attribute("ended", enqueue("sales"));
"#;

/// The usual queue with another router and more keys.
fn centre(router: &str, queue: &str, rest: &str) -> String {
    QUEUE
        .replace("router-longest-idle", router)
        .replace("short_abandon = \"0s\"\n", &format!("short_abandon = \"0s\"\n{queue}\n"))
        + rest
}

#[test]
fn three_phones_ring_and_the_first_who_answers_has_the_call() {
    let carol = "[tenants.acme.agents.carol]\npassword = \"carol-test\"\nqueues = { sales = 5 }\nready_on_register = true\n";
    let config = centre("router-ring-all", "", carol);
    let server = Server::start("ring-all", &config, &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--answer-after", "1h"]);
    let _bob = agent(&server, "bob", &["--answer-after", "1h"]);
    let answers = ["--auto-answer", "--answer-after", "1s", "--hang-up-after", "2s"];
    let _carol = agent(&server, "carol", &answers);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(call["agent"], "carol", "{call}");
    let count = |word: &str| story(&call).iter().filter(|what| *what == word).count();
    assert_eq!((count("offered"), count("connected")), (3, 1), "{call}");
    assert_eq!(count("withdrawn"), 2, "{call}");
    assert_eq!(detail(&call, "withdrawn", "reason").as_deref(), Some("answered_elsewhere"));
    // Who was rung in vain has refused nothing.
    wait_for_state(&server, "alice", "ready");
    wait_for_state(&server, "bob", "ready");
    let why = server.ok(&["interaction", "show", "acme", "latest", "--why", "bob"]);
    assert!(why.contains("the router") && why.contains("bob"), "{why}");
}

#[test]
fn a_supervisor_closes_a_queue_and_callers_hear_why() {
    let flow = "answer();\nattribute(\"ended\", enqueue(\"sales\"));\nhang_up(\"done\");\n";
    let server =
        Server::start("closed", &centre("router-longest-idle", "", ""), &[("main.rhai", flow)]);
    server.ok(&["queue", "close", "acme", "sales", "-m", "We are closed today."]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(attribute(&call, "ended").as_deref(), Some("closed"), "{call}");
    assert_eq!(detail(&call, "said", "text").as_deref(), Some("We are closed today."));
    let queues = server.json(&["queue", "list", "acme"]);
    assert_eq!(queues["items"][0]["live"]["open"], false);
    assert_eq!(server.metric("jackfield_queue_open", "sales"), 0.0);
    server.ok(&["queue", "open", "acme", "sales"]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(attribute(&server.last_interaction("acme"), "ended").as_deref(), Some("served"));
}

#[test]
fn a_queue_outside_its_hours_says_so() {
    // Open on one day long past: closed now, whenever the test runs.
    let hours = "[tenants.acme.hours.never]\ntime_zone = \"Europe/Riga\"\nexceptions = [{ date = \"2001-01-01\", spans = [{ from = \"09:00\", to = \"10:00\" }] }]\n";
    let queue = "hours = \"never\"\nclosed_message = \"Call us in the morning.\"";
    let config = centre("router-longest-idle", queue, hours);
    let server = Server::start("hours", &config, &[("main.rhai", FLOW)]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(attribute(&call, "ended").as_deref(), Some("closed"), "{call}");
    assert_eq!(detail(&call, "left_queue", "message").as_deref(), Some("Call us in the morning."));
}

#[test]
fn those_who_wait_hear_where_they_stand() {
    let queue = "announcements = { first = \"1s\", every = \"1m\", message = \"bell\" }";
    let config = centre("router-longest-idle", queue, "")
        .replace("country_code = \"371\"\n", "country_code = \"371\"\nprompts = \"prompts\"\n");
    let server = Server::start_alone("announced", &config, &[("main.rhai", FLOW)]);
    std::fs::create_dir_all(server.dir.join("prompts")).unwrap();
    audio::write_tone(&server.dir.join("prompts/bell.wav"), 1_500.0, 3.0);
    let heard = server.dir.join("heard.wav");
    let uri = format!("sip:100@127.0.0.1:{}", server.sip);
    server.ok(&["phone", "--call", &uri, "--record", heard.to_str().unwrap(), "--duration", "10s"]);
    let call = server.last_interaction("acme");
    assert_eq!(detail(&call, "announced", "text").as_deref(), Some("You are next in line."));
    assert_eq!(detail(&call, "announced", "message").as_deref(), Some("bell"));
    let loud = audio::share_of_tone(&audio::read(&heard)[0], 1_500.0);
    assert!(0.15 < loud, "the bell was heard in {loud} of the call");
    assert!(0.0 < server.metric("jackfield_queue_announcements_total", "position"));
}

#[test]
fn a_journal_is_proved_and_a_changed_one_is_not() {
    let server = Server::start("verify", QUEUE, &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    let _ = server.last_interaction("acme");
    let (file, forged) = (server.dir.join("journal"), server.dir.join("forged"));
    let journal = server.ok(&["journal", "export", "acme"]);
    std::fs::write(&file, &journal).unwrap();
    let said = server.ok(&["verify", file.to_str().unwrap()]);
    assert!(said.starts_with("OK: "), "{said}");
    let router = root().join("target/plugins/router-longest-idle.wasm");
    let again = ["verify", file.to_str().unwrap(), "--plugin", router.to_str().unwrap()];
    let said = server.ok(&again);
    assert!(said.contains("1 router answer"), "{said}");
    std::fs::write(&forged, journal.replacen("\"waited\"", "\"waitet\"", 1)).unwrap();
    let output = server.cli(&["verify", forged.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("digest does not fit"), "{said}");
}

/// A caller who asks for a callback by a key, and hangs up.
fn asks_for_a_callback(server: &Server, number: &str) {
    let caller = Caller::new().from(number).call().pause(1_500).digit('5', 0);
    caller.expect_bye(10_000).run(server, "100");
}

/// The customers at home: they answer and give back what they hear.
fn customers(server: &Server, port: u16) -> Peer {
    let sipp = std::process::Command::new("sipp")
        .args(["-sn", "uas", "-rtp_echo", "-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"])
        .args(["-mp", &(free_port() & !1).to_string(), "-timeout", "60s"])
        .current_dir(&server.dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    Peer(sipp)
}

/// A centre that calls back through the port of [`customers`].
fn calling_back(name: &str, more: &str) -> (Server, u16) {
    let port = free_port();
    let trunk = format!("[trunks.out.outbound]\nproxy = \"127.0.0.1:{port}\"\n");
    let queue = format!("callback_key = \"5\"\n{more}");
    let config = centre("router-longest-idle", &queue, &trunk);
    (Server::start(name, &config, &[("main.rhai", FLOW)]), port)
}

/// Asks for a callback, which is made as `mode` says; returns the call that came of it.
fn is_called_back(name: &str, mode: &str) -> serde_json::Value {
    let (server, port) = calling_back(name, mode);
    asks_for_a_callback(&server, "20000001");
    let asked = server.last_interaction("acme");
    assert_eq!(attribute(&asked, "ended").as_deref(), Some("callback"), "{asked}");
    let open = server.json(&["callback", "list", "acme"]);
    assert_eq!(open["items"][0]["address"], "20000001", "{open}");
    let _customer = customers(&server, port);
    let (tone, heard) = (server.dir.join("1000.wav"), server.dir.join("heard.wav"));
    audio::write_tone(&tone, 1_000.0, 10.0);
    let [tone, heard] = [&tone, &heard].map(|path| path.to_str().unwrap());
    let talks = ["--auto-answer", "--hang-up-after", "6s", "--wav", tone, "--record", heard];
    let agent = agent(&server, "alice", &talks);
    let called = server.until("a call back", Duration::from_secs(30), || {
        let call = server.last_interaction("acme");
        (call["id"] != asked["id"]).then_some(call)
    });
    drop(agent);
    assert_eq!(detail(&called, "called_back", "to").as_deref(), Some("20000001"), "{called}");
    assert_eq!(called["agent"], "alice", "{called}");
    assert_eq!(called["end"], "completed", "{called}");
    let echo = audio::share_of_tone(&audio::read(heard.as_ref())[0], 1_000.0);
    assert!(0.2 < echo, "agent and customer heard each other in {echo} of the call");
    assert_eq!(server.json(&["callback", "list", "acme"])["items"].as_array().unwrap().len(), 0);
    assert_eq!(server.metric("jackfield_queue_callbacks_total", "state=\"done\""), 1.0);
    called
}

#[test]
fn a_caller_keeps_the_place_by_a_key_and_is_called_back() {
    let called = is_called_back("callback", "");
    // The agent was rung for the callback, before there was a call.
    assert!(!story(&called).contains(&"offered".to_owned()), "{called}");
}

#[test]
fn a_customer_is_called_before_the_agent_is_rung() {
    let called = is_called_back("customer-first", "callbacks = { mode = \"customer_first\" }");
    let story = story(&called);
    let at = |word: &str| story.iter().position(|what| what == word);
    assert!(at("called_back") < at("offered") && at("offered") < at("connected"), "{called}");
}

#[test]
fn callbacks_keep_their_places_when_the_process_is_killed() {
    let (mut server, port) = calling_back("callbacks-crash", "");
    // The first in line asks last.
    let first = Caller::new().from("20000001").call().pause(6_000).digit('5', 0);
    let first = first.expect_bye(10_000).start_many(&server, "100", 1, 1);
    server.until("a call in the queue", Duration::from_secs(10), || {
        (server.metric("jackfield_queue_waiting", "sales") == 1.0).then_some(())
    });
    asks_for_a_callback(&server, "20000002");
    let open = |server: &Server| {
        let open = server.json(&["callback", "list", "acme"]);
        let open = open["items"].as_array().unwrap().clone();
        open.iter().map(|one| one["address"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let asked = ["20000002", "20000001"];
    server
        .until("two callbacks", Duration::from_secs(15), || (open(&server) == asked).then_some(()));
    drop(first);
    // What the journal has not synced yet may be lost: see `crash.rs`.
    std::thread::sleep(Duration::from_millis(300));
    server.kill();
    server.spawn();
    assert_eq!(open(&server), asked);
    let _customers = customers(&server, port);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    let called = server.until("two calls back", Duration::from_secs(40), || {
        let calls = server.interactions("acme");
        let ended = calls.iter().filter(|call| call["ended_at"].is_string());
        let called: Vec<String> = ended
            .map(|call| server.json(&["interaction", "show", "acme", call["id"].as_str().unwrap()]))
            .filter_map(|call| detail(&call, "called_back", "to"))
            .collect();
        (called.len() == 2).then_some(called)
    });
    // Newest first.
    assert_eq!(called, ["20000002", "20000001"]);
    assert_eq!(server.json(&["callback", "list", "acme"])["items"].as_array().unwrap().len(), 0);
}

#[test]
fn a_router_is_a_script_that_is_published_while_calls_come() {
    let config = QUEUE.replace("plugin = \"router-longest-idle\"", "script = \"router.rhai\"");
    let first = "fn score(contact, agent) { if agent.name == \"bob\" { 2 } else { 1 } }";
    let server =
        Server::start("router-script", &config, &[("main.rhai", FLOW), ("router.rhai", first)]);
    let phones = ["alice", "bob"]
        .map(|name| agent(&server, name, &["--auto-answer", "--hang-up-after", "1s"]));
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(server.last_interaction("acme")["agent"], "bob");
    let second = server.dir.join("second.rhai");
    std::fs::write(
        &second,
        "fn score(contact, agent) { if agent.name == \"alice\" { 2 } else { 1 } }",
    )
    .unwrap();
    server.ok(&["router", "publish", "acme", "longest-idle", second.to_str().unwrap()]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(server.last_interaction("acme")["agent"], "alice");
    server.ok(&["router", "rollback", "acme", "longest-idle"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    assert_eq!(server.last_interaction("acme")["agent"], "bob");
    let broken = server.dir.join("broken.rhai");
    std::fs::write(&broken, "fn score(contact, agent) {").unwrap();
    let output =
        server.cli(&["router", "publish", "acme", "longest-idle", broken.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("line 1"), "{said}");
    drop(phones);
}

#[test]
fn music_that_cannot_be_played_is_named_at_the_start() {
    let server = Server::start_alone("no-music", QUEUE, &[("main.rhai", FLOW)]);
    let broken = server.dir.join("broken.wav");
    std::fs::write(&broken, "no sound").unwrap();
    let with = format!("short_abandon = \"0s\"\nmusic = \"{}\"\n", broken.display());
    let config = std::fs::read_to_string(server.dir.join("jackfield.toml")).unwrap();
    let config = config.replace("short_abandon = \"0s\"\n", &with);
    std::fs::write(server.dir.join("jackfield.toml"), config).unwrap();
    server.hang_up();
    server.until("the refusal", Duration::from_secs(10), || {
        let log = server.log();
        (log.contains("tenants.acme.queues.sales.music") && log.contains("broken.wav"))
            .then_some(())
    });
}
