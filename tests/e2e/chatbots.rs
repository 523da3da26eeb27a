//! Versions of a chatbot with real conversations: each conversation keeps the one it began with until
//! that one's time is over, a candidate has a part of them, and one that fails takes itself back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::channels::{post, web};
use crate::harness::{Server, detail, root, story};

/// A person's conversation on the web chat.
struct Visitor<'a> {
    server: &'a Server,
    name: String,
    written: u32,
    heard: u64,
}

impl<'a> Visitor<'a> {
    fn new(server: &'a Server, name: &str) -> Self {
        Self { server, name: name.to_owned(), written: 0, heard: 0 }
    }

    fn writes(&mut self, text: &str) {
        self.written += 1;
        let (session, id) = (&self.name, self.written.to_string());
        let body = json!({ "type": "message", "session": session, "id": id, "text": text });
        assert_eq!(post(self.server, "s1te", &body).0, 200, "{}", self.server.log());
    }

    /// Writes, and returns what the chatbot says to it.
    fn asks(&mut self, text: &str) -> String {
        self.writes(text);
        let fetch = json!({ "type": "fetch", "session": self.name, "after": self.heard });
        self.heard += 1;
        self.server.until("an answer", Duration::from_secs(10), || {
            let (_, answer) = post(self.server, "s1te", &fetch);
            Some(answer["messages"].as_array()?.first()?["text"].as_str()?.to_owned())
        })
    }

    /// Goes away, and waits until the conversation is over.
    fn leaves(&self) {
        let body = json!({ "type": "leave", "session": self.name });
        assert_eq!(post(self.server, "s1te", &body).0, 200);
        self.server.until("the end", Duration::from_secs(10), || {
            self.conversation()["ended_at"].is_string().then_some(())
        });
    }

    /// The visitor's conversation.
    fn conversation(&self) -> Value {
        let calls = self.server.interactions("acme");
        let of = |call: &&Value| call["ani"] == *self.name;
        let id = calls.iter().find(of).expect("a conversation")["id"].as_str().unwrap().to_owned();
        self.server.json(&["interaction", "show", "acme", &id])
    }
}

const OPEN: &str = "We are open from 9 to 18.";
const SECOND: &str = "The second version.";

fn installs(server: &Server, file: &std::path::Path) -> String {
    let installed = server.json(&["plugin", "install", "acme", "faq", file.to_str().unwrap()]);
    installed["digest"].as_str().unwrap().to_owned()
}

fn second() -> std::path::PathBuf {
    root().join("target/plugins/chatbot-second.wasm")
}

fn show(server: &Server) -> Value {
    server.json(&["plugin", "show", "acme", "faq"])
}

#[test]
fn a_conversation_keeps_its_chatbot_until_its_time_is_over() {
    let config = |drain: &str| format!("[plugins]\ndrain = \"{drain}\"\n{}", web());
    let server = Server::start("chatbot-drain", &config("1h"), &[]);
    let mut anna = Visitor::new(&server, "anna");
    assert_eq!(anna.asks("When are you open?"), OPEN);
    let new = installs(&server, &second());
    server.ok(&["plugin", "activate", "acme", "faq", &new]);
    let mut bob = Visitor::new(&server, "bob");
    assert_eq!(anna.asks("open?"), OPEN);
    assert_eq!(bob.asks("remember me"), SECOND);
    assert_eq!(show(&server)["draining"][0]["sessions"], 1);
    assert_eq!(detail(&bob.conversation(), "chatbot_leads", "digest").as_ref(), Some(&new));

    // A third version, which is the second with a mark, takes over what that has kept.
    std::fs::write(server.dir.join("jackfield.toml"), config("1s")).unwrap();
    server.json(&["config", "reload"]);
    let mut marked = std::fs::read(second()).unwrap();
    // A custom section with the name `v` and the content 3.
    marked.extend([0, 3, 1, b'v', 3]);
    let file = server.dir.join("third.wasm");
    std::fs::write(&file, marked).unwrap();
    let third = installs(&server, &file);
    server.ok(&["plugin", "activate", "acme", "faq", &third]);
    server.until("the end of its time", Duration::from_secs(10), || {
        let draining = show(&server)["draining"].clone();
        let of = |one: &&Value| one["digest"] == *new;
        let left = draining.as_array()?.iter().find(of)?["seconds_left"].as_f64()?;
        (left == 0.0).then_some(())
    });
    assert_eq!(bob.asks("still open?"), "The second version. Before it: remember me");
    let leads = story(&bob.conversation()).iter().filter(|what| *what == "chatbot_leads").count();
    assert_eq!(leads, 2);
    assert_eq!(anna.asks("open?"), OPEN, "the first version has an hour");
    // Nobody else is led by the second any more.
    assert_eq!(show(&server)["draining"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_chatbot_is_tried_on_a_segment_then_by_chance_then_promoted_and_taken_back() {
    let server = Server::start("chatbot-canary", &web(), &[]);
    let new = installs(&server, &second());
    let contacts = server.dir.join("contacts.csv");
    std::fs::write(&contacts, "name,phone,segment\nAnna,+37120000001,vip\nBob,+37120000002,\n")
        .unwrap();
    server.ok(&["contact", "import", "acme", contacts.to_str().unwrap()]);
    let refused = server.cli(&["plugin", "shadow", "acme", "faq", &new]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("without answering a customer"), "{said}");
    server.ok(&["plugin", "canary", "acme", "faq", &new, "--segment", "segment=vip"]);
    let asks = |name: &str| Visitor::new(&server, name).asks("When are you open?");
    assert_eq!((asks("+37120000001"), asks("+37120000002")), (SECOND.to_owned(), OPEN.to_owned()));

    server.ok(&["plugin", "canary", "acme", "faq", &new, "--percent", "50"]);
    let mut visitors: Vec<_> = (0..16).map(|n| Visitor::new(&server, &format!("v{n}"))).collect();
    let first: Vec<_> = visitors.iter_mut().map(|one| one.asks("When are you open?")).collect();
    let again: Vec<_> = visitors.iter_mut().map(|one| one.asks("open?")).collect();
    assert_eq!(first, again, "a conversation has changed its version");
    let tried = first.iter().filter(|said| *said == SECOND).count() as u64;
    let counts = show(&server)["rollout"]["canary"].clone();
    assert_eq!(
        (counts["contacts"].as_u64(), counts["active_contacts"].as_u64()),
        (Some(tried), Some(16 - tried))
    );
    assert!((1..16).contains(&tried), "{tried} of 16");
    server.ok(&["plugin", "promote", "acme", "faq"]);
    assert_eq!(asks("carl"), SECOND);
    server.ok(&["plugin", "rollback", "acme", "faq"]);
    assert_eq!(asks("dora"), OPEN);
}

#[test]
fn a_chatbot_that_fails_takes_itself_back_and_people_serve() {
    let config =
        format!("[plugins]\ncanary_minimum = 3\n[limits]\nquarantine_failures = 0\n{}", web());
    let server = Server::start("chatbot-fails", &config, &[]);
    let new = installs(&server, &second());
    server.ok(&["plugin", "canary", "acme", "faq", &new, "--percent", "50"]);
    for n in 0..40 {
        let mut visitor = Visitor::new(&server, &format!("v{n}"));
        visitor.writes("Are you open? It is a trap.");
        server.until("an answer", Duration::from_secs(10), || {
            let conversation = visitor.conversation();
            let story = story(&conversation);
            let times = |what: &str| story.iter().filter(|known| *known == what).count();
            // The chatbot said something, or a person is to.
            let failed = times("chatbot_failed") == 1 && times("handed_over") == 1;
            (times("message") == 2 || failed).then_some(())
        });
        visitor.leaves();
    }
    let shown = show(&server);
    assert_eq!(shown["rollout"], Value::Null, "{shown}");
    let step = &shown["steps"][0];
    let reason = step["reason"].as_str().unwrap();
    assert_eq!(step["by"], "jackfield");
    assert!(reason.starts_with("failures: 100.0 % of"), "{reason}");
    assert_eq!(Visitor::new(&server, "last").asks("Are you open? It is a trap."), OPEN);
}
