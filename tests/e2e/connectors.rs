//! What another system learns of calls: who called, leads, the books, where the recording is; and what it is
//! told by the clock.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::audio;
use crate::channels::{books, system};
use crate::harness::Server;
use crate::queue::{QUEUE, agent};
use crate::sipp::Caller;

/// Knows nobody, and takes everything else.
fn stranger(what: &Value) -> (u16, &'static str) {
    match what.as_str() {
        Some("find-contact") => (404, ""),
        Some("create-lead") => (200, r#"{"id":"lead-1"}"#),
        Some("log-interaction") => (200, r#"{"id":"entry-1"}"#),
        _ => (204, ""),
    }
}

fn config(port: u16, more: &str) -> String {
    format!(
        r##"
[plugins.http]
allow_networks = ["127.0.0.0/8"]
{QUEUE}
{}{more}
"##,
        books(port)
    )
}

const NOTES: &str = "answer();\nnote(\"wants fibre\");\nenqueue(\"sales\");\nhang_up(\"done\");\n";

/// The bodies of the messages of this type.
fn told(heard: &[(String, Value)], kind: &str) -> Vec<Value> {
    let of = heard.iter().filter(|(_, body)| body["type"] == kind);
    of.map(|(_, body)| body["data"].clone()).collect()
}

/// The status and the bytes at a path of the interface.
fn fetch(server: &Server, path: &str, more: &str) -> (u16, Vec<u8>) {
    let token = std::fs::read_to_string(server.dir.join("store/admin.token")).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", server.http)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\
         Authorization: Bearer {}\r\n\r\n",
        token.trim()
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), answer.split_off(end + 4))
}

#[test]
fn a_stranger_becomes_a_lead_once_and_the_books_know_the_recording() {
    let (port, heard) = system(stranger);
    let config = config(port, "leads = true\nevery = \"1s\"\n");
    let server = Server::start("connectors", &config, &[("main.rhai", NOTES)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    let call = || Caller::new().from("20000001").call().expect_bye(20_000).run(&server, "100");
    let books = |entries: usize| {
        server.until("the recording", Duration::from_secs(20), || {
            let heard = heard.lock().unwrap().clone();
            (told(&heard, "attach-recording").len() == entries).then_some(heard)
        })
    };
    call();
    let first = books(1);
    let kinds: Vec<Value> =
        told(&first, "event").iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["arrived", "queued", "answered", "ended"]);
    let id = server.last_interaction("acme")["id"].clone();
    let lead = &told(&first, "create-lead")[0];
    assert_eq!((&lead["interaction"], &lead["text"]), (&id, &json!("wants fibre")));
    assert_eq!(lead["address"], "20000001");
    let log = &told(&first, "log-interaction")[0];
    assert_eq!((&log["customer"], &log["agent"]), (&json!("lead-1"), &json!("alice")));
    let recording = &told(&first, "attach-recording")[0];
    assert_eq!((&recording["interaction"], &recording["entry"]), (&id, &json!("entry-1")));

    // It is where it is said to be, whole, and in parts.
    let url = recording["url"].as_str().unwrap();
    let (status, bytes) = fetch(&server, url, "");
    assert_eq!(status, 200);
    let file = server.dir.join("fetched.wav");
    std::fs::write(&file, &bytes).unwrap();
    let channels = audio::read(&file);
    assert_eq!(channels.len(), 2);
    assert!(4_000 < channels[0].len(), "{} samples", channels[0].len());
    assert_eq!(fetch(&server, url, "Range: bytes=0-3\r\n"), (206, b"RIFF".to_vec()));
    assert_eq!(fetch(&server, &url.replace("acme", "other"), "").0, 404);

    // The card knows by now: no second lead, the same customer.
    call();
    let second = books(2);
    assert_eq!(told(&second, "create-lead").len(), 1);
    assert_eq!(told(&second, "log-interaction")[1]["customer"], "lead-1");

    // By hand as well, and by the clock.
    let file = server.dir.join("lead.json");
    std::fs::write(&file, r#"{"address":"eva@example.com","name":"Eva","text":"by hand"}"#)
        .unwrap();
    let made = server.json(&["plugin", "ask", "acme", "crm", "--lead", file.to_str().unwrap()]);
    assert_eq!(made["id"], "lead-1");
    let by_hand = told(&heard.lock().unwrap(), "create-lead")[1].clone();
    assert_eq!((&by_hand["name"], &by_hand["text"]), (&json!("Eva"), &json!("by hand")));
    server.until("the clock", Duration::from_secs(10), || {
        (2 <= told(&heard.lock().unwrap(), "schedule").len()).then_some(())
    });
}
