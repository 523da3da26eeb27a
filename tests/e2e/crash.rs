//! kill -9 and restart: nothing acknowledged is missing, what was in progress is closed.

use std::time::Duration;

use crate::harness::Server;
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sipp::Caller;

const FLOW: &str = "answer();\nenqueue(\"sales\");\n";

#[test]
fn interrupted_calls_are_closed_with_that_reason() {
    let mut server = Server::start_alone("crash", QUEUE, &[("main.rhai", FLOW)]);
    let csv = server.dir.join("contacts.csv");
    std::fs::write(&csv, "name,phone\nAnna,+37120000001\n").unwrap();
    server.ok(&["contact", "import", "acme", csv.to_str().unwrap()]);
    server.ok(&["agent", "state", "acme", "bob", "not-ready", "--reason", "lunch"]);
    let callers = Caller::new().call().pause(60_000).bye().start_many(&server, "100", 3, 10);
    server.until("three calls in the queue", Duration::from_secs(10), || {
        (server.metric("jackfield_queue_waiting", "sales") == 3.0).then_some(())
    });
    // What the journal has not synced yet may be lost with the process; a tenth of a second is the
    // longest that it waits.
    std::thread::sleep(Duration::from_millis(300));
    server.kill();
    drop(callers);
    server.spawn();
    let calls = server.interactions("acme");
    assert_eq!(calls.len(), 3);
    for call in &calls {
        assert_eq!(call["end"], "interrupted", "{call}");
    }
    let found = server.json(&["contact", "find", "acme", "+37120000001"]);
    assert!(found.to_string().contains("Anna"), "{found}");
    wait_for_state(&server, "bob", "not_ready");
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().call().expect_bye(10_000).run(&server, "100");
    assert_eq!(server.interactions("acme").len(), 4);
}
