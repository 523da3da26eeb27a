//! One agent with calls, chats and tasks: capacity, work put aside, blends, a restart.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Server, story};
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sipp::Caller;

const FLOW: &str = "answer();\nattribute(\"ended\", enqueue(\"sales\"));\n";

/// Sales for calls, chats and e-mails; a back office; alice takes all of it.
fn centre(rest: &str) -> String {
    let alice = "queues = { sales = 5 }\nready_on_register = true\n[tenants.acme.agents.bob]";
    let capacity = "queues = { sales = 5, office = 5 }\nready_on_register = true\n\
        [tenants.acme.agents.alice.capacity]\n\
        voice = { slots = 1, weight = 40 }\n\
        chat = { slots = 2, weight = 30 }\n\
        task = { slots = 1, weight = 100, interruptible = true }\n\
        [tenants.acme.agents.bob]";
    let office = "[tenants.acme.queues.office]\nring_time = \"30s\"\nwrap_up = \"0s\"\nshort_abandon = \"0s\"\n";
    QUEUE
        .replace(alice, capacity)
        .replace("ring_time = \"5s\"\nmax_wait = \"1m\"", "ring_time = \"30s\"\nmax_wait = \"5m\"")
        + office
        + rest
}

/// Brings something in and returns its name.
#[track_caller]
fn bring(server: &Server, channel: &str, queue: &str, from: &str) -> String {
    let mut args = vec!["interaction", "create", "acme", queue, "--channel", channel];
    if !from.is_empty() {
        args.extend(["--from", from, "--subject", "a bill"]);
    }
    server.json(&args)["id"].as_str().expect("a name").to_owned()
}

fn alice(server: &Server) -> Value {
    server.json(&["agent", "show", "acme", "alice"])
}

/// Waits until `id` is offered to alice, and accepts it.
#[track_caller]
fn accept(server: &Server, id: &str) {
    server.until("an offer", Duration::from_secs(10), || {
        (alice(server)["offer"]["interaction"] == id).then_some(())
    });
    server.ok(&["agent", "accept", "acme", "alice"]);
}

/// What alice does with each conversation: `chat talking`.
fn works(server: &Server) -> Vec<String> {
    let alice = alice(server);
    let works = alice["works"].as_array().cloned().unwrap_or_default();
    let told = |work: &Value| format!("{} {}", work["channel"], work["state"]).replace('"', "");
    works.iter().map(told).collect()
}

#[track_caller]
fn wait_for_works(server: &Server, wanted: &[&str]) {
    let what = format!("alice with {wanted:?}");
    server.until(&what, Duration::from_secs(20), || (works(server) == wanted).then_some(()));
}

#[test]
fn an_agent_with_two_chats_takes_a_call_and_a_task_is_put_aside_for_one() {
    let server = Server::start("blended", &centre(""), &[("main.rhai", FLOW)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "4s"]);
    let eva = bring(&server, "chat", "sales", "eva@example.com");
    accept(&server, &eva);
    let ben = bring(&server, "chat", "sales", "ben@example.com");
    accept(&server, &ben);
    // The third finds no slot; a call fits beside the two.
    let third = bring(&server, "chat", "sales", "joe@example.com");
    let caller = Caller::new().call().expect_bye(20_000).start_many(&server, "100", 1, 1);
    wait_for_works(&server, &["chat talking", "chat talking", "voice talking"]);
    assert_eq!(alice(&server)["load"], 100);
    assert_eq!(server.metric("jackfield_agent_works", "chat\",state=\"talking"), 2.0);
    wait_for_works(&server, &["chat talking", "chat talking"]);
    drop(caller);
    // The customer leaves one chat, the agent ends the other; who waited is served.
    server.ok(&["interaction", "end", "acme", &eva]);
    accept(&server, &third);
    for id in [&ben, &third] {
        server.ok(&["agent", "end", "acme", "alice", id]);
    }
    wait_for_state(&server, "alice", "ready");

    let task = bring(&server, "task", "office", "");
    accept(&server, &task);
    let caller = Caller::new().call().expect_bye(20_000).start_many(&server, "100", 1, 1);
    wait_for_works(&server, &["task put_aside", "voice talking"]);
    let aside = alice(&server);
    assert_eq!(aside["works"][0]["aside_for"], aside["works"][1]["interaction"], "{aside}");
    assert_eq!(server.metric("jackfield_agent_works", "task\",state=\"put_aside"), 1.0);
    wait_for_works(&server, &["task talking"]);
    drop(caller);
    server.ok(&["agent", "end", "acme", "alice"]);
    let task = server.json(&["interaction", "show", "acme", &task]);
    let told: Vec<String> = story(&task);
    let place = |what: &str| told.iter().position(|known| known == what);
    assert!(place("put_aside") < place("resumed") && place("put_aside").is_some(), "{told:?}");
    assert_eq!(server.metric("jackfield_interruptions_total", "acme"), 1.0);

    let report = server.json(&["report", "acme", "--by", "channel"]).to_string();
    for channel in ["voice", "chat", "task"] {
        assert!(report.contains(&format!("\"{channel}\"")), "{channel}: {report}");
    }
    let why = server.ok(&["interaction", "show", "acme", &third, "--why"]);
    assert!(why.contains("alice"), "{why}");
    let journal = server.dir.join("journal");
    std::fs::write(&journal, server.ok(&["journal", "export", "acme"])).unwrap();
    let said = server.ok(&["verify", journal.to_str().unwrap()]);
    assert!(said.starts_with("OK: "), "{said}");
    let said = server.ok(&["replay", "--tenant", "acme", "--day", "today"]);
    assert!(said.contains("the replay is the record, to the byte"), "{said}");
}

#[test]
fn a_blend_keeps_staff_from_deferred_work_while_calls_wait() {
    let blend = "[tenants.acme.blends.day]\ncalls = [\"sales\"]\ndeferred = [\"office\"]\n\
        peak_waiting = 2\npeak_wait = \"1h\"\ncalm_waiting = 0\ncalm_for = \"2s\"\n";
    let server = Server::start("blend", &centre(blend), &[("main.rhai", FLOW)]);
    let _callers = Caller::new().call().pause(10_000).bye().start_many(&server, "100", 2, 10);
    server.until("a peak", Duration::from_secs(15), || {
        (server.metric("jackfield_blend_peak", "day") == 1.0).then_some(())
    });
    let task = bring(&server, "task", "office", "");
    // The phone that rings is not answered: the calls go on waiting, and the task is not offered.
    let _alice = agent_ringing(&server);
    let ringing = alice(&server);
    assert_eq!(ringing["offer"]["channel"], "voice", "{ringing}");
    server.until("nobody waiting for sales", Duration::from_secs(40), || {
        (server.metric("jackfield_queue_waiting", "sales") == 0.0).then_some(())
    });
    // Nobody calls any more; calm for two seconds, and the work is done.
    accept(&server, &task);
    assert_eq!(server.metric("jackfield_blend_peak", "day"), 0.0);
}

fn agent_ringing(server: &Server) -> crate::harness::Peer {
    let registrar = format!("127.0.0.1:{}", server.sip);
    let args = ["phone", "--register", "alice", "--password", "alice-test", "--server", &registrar];
    let mut command = server.command(&args);
    command.args(["--answer-after", "1h"]);
    let silent = std::process::Stdio::null;
    let peer = crate::harness::Peer(command.stdout(silent()).stderr(silent()).spawn().unwrap());
    wait_for_state(server, "alice", "reserved");
    peer
}

#[test]
fn a_chat_outlives_the_process_and_keeps_its_place() {
    let mut server = Server::start("reopened", &centre(""), &[("main.rhai", FLOW)]);
    let first = bring(&server, "chat", "sales", "eva@example.com");
    let second = bring(&server, "chat", "sales", "ben@example.com");
    server.ok(&["agent", "state", "acme", "alice", "ready"]);
    accept(&server, &first);
    server.ok(&["agent", "state", "acme", "alice", "not-ready", "--reason", "lunch"]);
    // What the journal has not synced yet may be lost with the process; a tenth of a second is the
    // longest that it waits.
    std::thread::sleep(Duration::from_millis(300));
    server.kill();
    server.spawn();
    let queue = server.json(&["queue", "show", "acme", "sales"]);
    let line = queue["live"]["line"].as_array().unwrap().clone();
    let names: Vec<_> = line.iter().map(|place| place["interaction"].as_str().unwrap()).collect();
    assert_eq!(names, [&first, &second], "{queue}");
    server.ok(&["agent", "state", "acme", "alice", "ready"]);
    accept(&server, &first);
    server.ok(&["agent", "end", "acme", "alice"]);
    let served = server.json(&["interaction", "show", "acme", &first]);
    let told = story(&served);
    let count = |what: &str| told.iter().filter(|known| *known == what).count();
    assert_eq!((count("back_in_line"), count("connected")), (1, 2), "{told:?}");
}
