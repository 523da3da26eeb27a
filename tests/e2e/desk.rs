//! An agent's desk in headless Chromium, and a caller at a telephone: what each hears, by frequency.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::audio;
use crate::harness::{Peer, Server, detail, free_port, root, story};
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

/// How much of two seconds carries this tone, from the middle of a phase that began `at`.
fn carried(heard: &[f64], from: u64, at: u64, hertz: f64) -> f64 {
    let begin = (at - from) as usize * 8;
    let window: Vec<f64> = heard.iter().skip(begin).take(16_000).copied().collect();
    audio::share_with_tone(&window, hertz)
}

/// A supervisor listens, whispers, speaks and takes over: who hears whom, in two browsers and at the telephone.
#[test]
fn a_supervisor_is_heard_by_whom_it_should_be() {
    let server = Server::start_alone("ears", &config(), &[("main.rhai", FLOW)]);
    for (name, role, agent) in [("anna", "agent", "alice"), ("boris", "supervisor", "bob")] {
        let user = ["user", "add", "--tenant", "acme", name, "--role", role, "--agent", agent];
        let password = format!("{name}'s password\n");
        server.typed(&[&user[..], &["--password-stdin"]].concat(), &password);
    }
    let tones = [("agent.wav", 440.0), ("supervisor.wav", 620.0)].map(|(name, hertz)| {
        let path = server.dir.join(name);
        audio::write_tone(&path, hertz, 10.0);
        path
    });
    let mut pages = Script::run(
        Command::new("node")
            .arg(root().join("runtime/console/pages/ears.mjs"))
            .arg(format!("http://127.0.0.1:{}", server.http))
            .args(["anna", "boris"])
            .args(&tones),
    );
    pages.until("ready", &server);
    let heard = server.dir.join("caller.wav");
    let address = format!("sip:100@127.0.0.1:{}", server.sip);
    let call = ["phone", "--call", &address, "--tone", "1000", "--record", heard.to_str().unwrap()];
    let begun = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let begun = u64::try_from(begun.as_millis()).unwrap();
    let mut caller = Peer(server.command(&call).stdout(Stdio::null()).spawn().unwrap());
    let steps = pages.end(&server);
    assert!(caller.0.wait().unwrap().success());
    let heard = audio::read(&heard).swap_remove(0);
    // Of 440 Hz (the agent), 620 Hz (the supervisor) and 1000 Hz (the customer).
    let phases = [
        ("alone", vec![1000], vec![], [true, false]),
        ("listen", vec![1000], vec![440, 1000], [true, false]),
        ("whisper", vec![620, 1000], vec![440, 1000], [true, false]),
        ("speak", vec![620, 1000], vec![440, 1000], [true, true]),
        ("take over", vec![], vec![1000], [false, true]),
    ];
    for (name, agent, supervisor, customer) in phases {
        let step = steps.iter().find(|step| step["step"] == name).unwrap();
        assert_eq!(
            (&step["agent"], &step["supervisor"]),
            (&json!(agent), &json!(supervisor)),
            "{step}"
        );
        let at = step["at"].as_u64().unwrap();
        for (hertz, wanted) in [440.0, 620.0].into_iter().zip(customer) {
            let share = carried(&heard, begun, at, hertz);
            assert!(if wanted { 0.7 < share } else { share < 0.3 }, "{name} {hertz} {share}");
        }
    }
    let last = server.last_interaction("acme");
    let told = detail(&last, "supervised", "by");
    assert_eq!(told.as_deref(), Some("boris"), "{last}");
}

/// A whole shift: two visitors of a web site at once, and three calls beside them, one sent on to another queue, one
/// handed to a colleague who was asked first, one to its end.
#[test]
fn a_shift_of_calls_and_chats() {
    let site = free_port();
    let helped = r#"
[tenants.acme.queues.help]
router = "longest-idle"
ring_time = "5s"
[tenants.acme.webchat]
enabled = true
origins = ["http://127.0.0.1:SITE"]
queue = "sales"
[tenants.acme.agents.alice.capacity]
voice = { slots = 1, weight = 50 }
chat = { slots = 2, weight = 25 }
"#;
    let bob = "[tenants.acme.agents.bob]\npassword = \"bob-test\"\nqueues = { sales = 5 }";
    let config = config().replace(bob, &bob.replace("sales", "help"));
    let config = config + &helped.replace("SITE", &site.to_string());
    let server = Server::start_alone("shift", &config, &[("main.rhai", FLOW)]);
    let _bob = crate::queue::agent(&server, "bob", &["--auto-answer", "--hang-up-after", "10s"]);
    let user = ["user", "add", "--tenant", "acme", "anna", "--role", "agent", "--agent", "alice"];
    server.typed(&[&user[..], &["--password-stdin"]].concat(), "anna's password\n");
    let tone = server.dir.join("agent.wav");
    audio::write_tone(&tone, 440.0, 10.0);
    let mut page = Script::run(
        Command::new("node")
            .arg(root().join("runtime/console/pages/shift.mjs"))
            .arg(format!("http://127.0.0.1:{}", server.http))
            .args(["anna", "anna's password", "acme"])
            .arg(&tone)
            .arg(site.to_string())
            .current_dir(root()),
    );
    let address = format!("sip:100@127.0.0.1:{}", server.sip);
    let mut callers = Vec::new();
    for from in ["+37120000001", "+37120000002", "+37120000003"] {
        page.until("wants a call", &server);
        let mut call =
            server.command(&["phone", "--call", &address, "--from", from, "--tone", "300"]);
        callers.push(Peer(call.stdout(Stdio::null()).spawn().unwrap()));
    }
    let steps = page.end(&server);
    for caller in &mut callers {
        assert!(caller.0.wait().unwrap().success());
    }
    let of = |name: &str| steps.iter().find(|step| step["step"] == name).unwrap();
    assert_eq!(of("two chats")["served"], 2);
    assert_eq!(of("numbers")["told"], "5 contacts");
    assert_eq!(of("done")["errors"], json!([]));
    let all: Vec<Value> = server
        .interactions("acme")
        .iter()
        .map(|one| server.json(&["interaction", "show", "acme", one["id"].as_str().unwrap()]))
        .collect();
    let told =
        |what: &str| all.iter().filter(|one| story(one).iter().any(|own| own == what)).count();
    assert_eq!((all.len(), told("wrap_up"), told("sent_on"), told("handed_to")), (5, 5, 1, 1));
    // The call that was sent on was served once more.
    let again = all.iter().find(|one| story(one).iter().any(|what| what == "sent_on")).unwrap();
    assert_eq!((&again["agent"], &again["queue"]), (&json!("bob"), &json!("help")), "{again}");
}
