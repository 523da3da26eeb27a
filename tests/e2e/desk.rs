//! An agent's desk in headless Chromium, and a caller at a telephone: what each hears, by frequency.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::audio;
use crate::harness::{Peer, Server, root, story};
use crate::queue::QUEUE;

/// The flow writes down why somebody calls; the queue wants to know what it was about.
const FLOW: &str = r#"
answer();
attribute("why", "a question");
enqueue("sales");
hang_up("done");
"#;

fn config() -> String {
    let wrap_up = "wrap_up = \"1m\"\nwrap_up_codes = [\"invoice\", \"other\"]\nwrap_up_required = [\"order number\"]";
    // Pages are looked at while it rings.
    let rings = QUEUE.replace("ring_time = \"5s\"", "ring_time = \"1m\"");
    rings.replace("wrap_up = \"0s\"", wrap_up)
}

/// A script that looks at pages, and the steps that it says it has taken so far.
struct Script {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    steps: Vec<Value>,
}

impl Script {
    fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, steps: Vec::new() }
    }

    /// Waits until a step was taken; the script itself gives up in time.
    #[track_caller]
    fn until(&mut self, step: &str, server: &Server) {
        for line in self.lines.by_ref() {
            self.steps.push(serde_json::from_str(&line.unwrap()).unwrap());
            if self.steps.last().is_some_and(|last| last["step"] == step) {
                return;
            }
        }
        panic!("`{step}` did not come: {:#?}\n{}", self.steps.last(), server.log());
    }

    /// Waits for the end.
    #[track_caller]
    fn end(mut self, server: &Server) -> Vec<Value> {
        self.until("done", server);
        assert!(self.child.wait().unwrap().success());
        self.steps
    }
}

/// From the sign-in to the work after the call: the browser's voice goes to the telephone and back, over a
/// reload of the page and a break of its connection.
#[test]
fn an_agent_talks_in_the_browser() {
    let server = Server::start_alone("desk", &config(), &[("main.rhai", FLOW)]);
    let cards = server.dir.join("cards.csv");
    std::fs::write(&cards, "name,phone,segment\nEva,+37120000001,vip\n").unwrap();
    server.ok(&["contact", "import", "acme", cards.to_str().unwrap()]);
    let user = ["user", "add", "--tenant", "acme", "anna", "--role", "agent", "--agent", "alice"];
    server.typed(&[&user[..], &["--password-stdin"]].concat(), "anna's password\n");
    let tone = server.dir.join("agent.wav");
    audio::write_tone(&tone, 440.0, 10.0);
    let mut page = Script::run(
        Command::new("node")
            .arg(root().join("runtime/console/pages/desk.mjs"))
            .arg(format!("http://127.0.0.1:{}", server.http))
            .args(["anna", "anna's password"])
            .args([&tone, &root().join("target/console-pages")]),
    );
    page.until("ready", &server);
    let heard = server.dir.join("caller.wav");
    let address = format!("sip:100@127.0.0.1:{}", server.sip);
    let call = ["phone", "--call", &address, "--from", "+37120000001", "--tone", "1000"];
    let record = ["--record", heard.to_str().unwrap()];
    let caller = server.command(&[&call[..], &record[..]].concat()).stdout(Stdio::null()).spawn();
    let mut caller = Peer(caller.unwrap());
    let (looked, steps): (Vec<Value>, Vec<Value>) =
        page.end(&server).into_iter().partition(|one| one["step"] == "looked");
    assert_eq!(looked.len(), 16);
    for page in &looked {
        assert_eq!(page["wrong"], json!([]), "{page}");
    }
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    let wanted = [
        "ready",
        "rings",
        "talks",
        "holds",
        "talks again",
        "after a reload",
        "after a break",
        "done",
    ];
    assert_eq!(names, wanted);
    assert_eq!((&steps[1]["who"], &steps[1]["chosen"]), (&json!("Eva"), &json!(1)));
    for talk in [&steps[2], &steps[4], &steps[5], &steps[6]] {
        // A bin of the analyser is 2 Hz wide.
        let hertz = talk["heard"].as_f64().unwrap();
        assert!((hertz - 1_000.0).abs() < 10.0, "{talk}");
    }
    assert_eq!((&steps[3]["heard"], &steps[7]["errors"]), (&json!(0), &json!([])));
    assert!(caller.0.wait().unwrap().success());
    // The caller heard the browser's tone whenever they talked, and music while on hold.
    let share = audio::share_of_tone(&audio::read(&heard)[0], 440.0);
    assert!((0.3..0.95).contains(&share), "{share}");
    let last = server.last_interaction("acme");
    let story = story(&last);
    assert!(story.iter().any(|what| what == "wrap_up"), "{story:?}");
    let card = server.json(&["contact", "find", "acme", "+37120000001"]);
    assert_eq!(card["items"][0]["notes"][0]["text"], "wants fibre", "{card}");
}
