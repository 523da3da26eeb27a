//! The chat window on a site of somebody else's, in headless Chromium: a visitor, a chatbot, an agent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Server, free_port, root};

/// A tenant whose web chat is shown by the site at this port.
fn centre(site: u16) -> String {
    format!(
        r#"
[tenants.acme]
name = "Acme"
language = "en"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.routers.sales]
plugin = "router-longest-idle"
[tenants.acme.queues.sales]
router = "sales"
ring_time = "1m"
wrap_up = "0s"
[tenants.acme.plugins.faq]
world = "chatbot"
plugin = "chatbot-faq"
settings = {{ faq-hours = "open, hours | We are open from 9 to 18." }}
[tenants.acme.webchat]
enabled = true
origins = ["http://127.0.0.1:{site}"]
chatbot = "faq"
queue = "sales"
messages_per_minute = 10
[tenants.acme.agents.alice]
password = "alice-test"
queues = {{ sales = 5 }}
attributes = {{ name = "Anna" }}
[tenants.acme.agents.alice.capacity]
chat = {{ slots = 2, weight = 50 }}
"#
    )
}

/// Runs the visitor's browser; kills and starts the server when it asks for that. What it told, by key.
fn visit(server: &mut Server, ports: [u16; 2]) -> Vec<Value> {
    let token = std::fs::read_to_string(server.dir.join("store/admin.token")).unwrap();
    let pictures = root().join("target/webchat-pages");
    let mut browser = Command::new("node")
        .arg(root().join("runtime/widget/pages/run.mjs"))
        .arg(format!("http://127.0.0.1:{}", server.http))
        .args(["acme", token.trim()])
        .args(ports.map(|port| port.to_string()))
        .arg(pictures)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = browser.stdin.take().unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(browser.stdout.take().unwrap()).lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if line["wanted"] == "restart" {
            server.kill();
            server.spawn();
            input.write_all(b"up\n").unwrap();
        } else {
            told.push(line);
        }
    }
    let ended = browser.wait().unwrap();
    assert!(ended.success(), "{told:#?}\n{}", server.log());
    told
}

#[test]
fn a_visitor_writes_on_a_site_and_an_agent_answers() {
    let ports = [free_port(), free_port()];
    let mut server = Server::start_alone("webchat", &centre(ports[0]), &[]);
    let told = visit(&mut server, ports);
    let of = |key: &str| {
        let found = told.iter().find(|one| one.get(key).is_some());
        found.unwrap_or_else(|| panic!("nothing of {key} in {told:#?}"))
    };
    let looks: Vec<&Value> = told.iter().filter(|one| one.get("looked").is_some()).collect();
    assert_eq!(looks.len(), 7, "{looks:#?}");
    for look in looks {
        assert_eq!((&look["wrong"], &look["errors"]), (&json!([]), &json!([])), "{look}");
    }
    // Whoever only looks at the site leaves no trace, and the keyboard does all.
    let keyboard = of("keyboard");
    assert_eq!(keyboard["keyboard"], json!(["Your message", "Open chat"]));
    assert_eq!(keyboard["kept_before_opening"], 0);
    assert_eq!(of("telephone")["telephone"], "launcher");
    // The bot first; the agent has what was written.
    let transcript = &of("transcript")["transcript"];
    assert_eq!(transcript[0], json!([1, "customer", "Hello, when are you open?"]));
    assert_eq!(transcript[1], json!([2, "bot", "We are open from 9 to 18."]));
    assert_eq!(transcript[2], json!([3, "customer", "Thank you! An operator, please"]));
    let reload = of("same_after_reload");
    assert_eq!(reload["same_after_reload"], true, "{reload}");
    assert_eq!(reload["link"], "https://fibre.example/hours");
    // Nothing is lost with the connection, nothing comes twice, and both sides have the same order.
    let lost = &of("lost")["lost"];
    assert_eq!(lost["pending"], 3, "{lost}");
    assert_eq!(lost["words"], json!(["one", "three", "two", "four"]));
    assert_eq!(lost["words"], lost["kept"]);
    assert_eq!(of("unread")["unread"], "Open chat: 1 unread message");
    assert_eq!(of("unread")["left"], 0);
    assert_eq!(of("restarted")["restarted"], json!({ "same": true, "words": ["six", "seven"] }));
    let events = of("events")["events"].as_array().unwrap();
    for seen in [
        json!(["customer", "Hello, when are you open?"]),
        json!(["bot", "We are open from 9 to 18."]),
        json!(["agent", "five"]),
        json!(["customer", "six"]),
    ] {
        assert_eq!(events.iter().filter(|event| **event == seen).count(), 1, "{seen}: {events:?}");
    }
    let overs: Vec<&str> = told
        .iter()
        .filter(|one| one.get("left").is_some_and(Value::is_string))
        .map(|one| one["over"].as_str().unwrap())
        .collect();
    assert_eq!(overs.len(), 3);
    assert!(overs[1].starts_with("Спасибо!"), "{overs:?}");
    assert_eq!(
        of("protocol")["protocol"],
        json!({
            "seqs": [1, 1, 1], "same": true, "kept": 1, "closed": 1008,
            "whys": ["too_long", "bad_id", "empty"],
        })
    );
    // A page of another site is not let in, and says so.
    assert_eq!(of("wrong_origin")["wrong_origin"], json!(["Let me in"]));
    assert!(1.0 <= server.metric("jackfield_webchat_refused_total", "reason=\"origin\""));
    // A closed queue is said to be.
    let closed = of("closed");
    assert_eq!(closed["closed"][0], "An operator, please");
    assert!(closed["closed"].to_string().contains("Closed for the holidays."), "{closed}");
    assert_eq!(of("too_fast")["too_fast"], true);
    assert!(1.0 <= server.metric("jackfield_webchat_refused_total", "reason=\"too_many\""));
}

/// Any site may include the script, it is small, and its versions are told apart.
#[test]
fn the_script_of_the_chat_window_is_small_and_open_to_all_sites() {
    let server = Server::start("webchat-script", &centre(1), &[]);
    let script = "const r = await fetch(process.argv[1], { headers: { origin: 'https://shop.example' } }); \
        console.log(JSON.stringify([r.status, Object.fromEntries(r.headers)]))";
    let address = format!("http://127.0.0.1:{}/widget.js", server.http);
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", script, &address])
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer[0], 200, "{answer}");
    let headers = &answer[1];
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["cache-control"], "public, max-age=600");
    assert!(headers["etag"].is_string() && headers["content-encoding"].is_string(), "{headers}");
    let sent: usize = headers["content-length"].as_str().unwrap().parse().unwrap();
    assert!(sent <= 20_000, "{sent} bytes as sent");
}
