//! Chatbots, channels, connectors, analysts and pacers in the languages that are compiled: each start is
//! tested, built and held to the contract, and of each language one is in use on a real server.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::channels::{crm, hears, newest, post, post_to, says};
use crate::harness::{Server, attribute, detail, root, story};
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sdks::done;
use crate::sipp::Caller;

const WORLDS: [&str; 5] = ["chatbot", "channel", "connector", "analyst", "pacer"];

/// A folder of this test.
fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("jackfield-worlds-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Tests and builds the plugin in `dir`, called `name`, and holds it to the contract.
#[track_caller]
fn holds(dir: &Path, name: &str, world: &str, out: &Path) {
    let (dir, to) = (dir.to_str().unwrap(), out.to_str().unwrap());
    done(&["plugin", "test", dir]);
    done(&["plugin", "build", dir, "--out", to]);
    let file = out.join(format!("{name}.wasm"));
    let file = file.to_str().unwrap();
    let said = done(&["plugin", "check", file]);
    assert!(said.contains(&format!("world {world}")), "{said}");
    let mut check = vec!["plugin", "check", file, "--conformance"];
    if matches!(world, "channel" | "connector") {
        check.extend(["--setting", "url=https://crm.example.com/in"]);
    }
    done(&check);
}

/// Begins each world, and looks at all of it.
#[track_caller]
fn from_nothing(language: &str) {
    let into = folder(language);
    let to = into.to_str().unwrap();
    for world in WORLDS {
        done(&["plugin", "new", "--lang", language, "--world", world, world, "--into", to]);
        holds(&into.join(world), world, world, &into);
    }
    std::fs::remove_dir_all(into).unwrap();
}

/// In their own folder, where they share what cargo has made of the SDK; a chatbot from `plugin new` is in
/// use below.
#[test]
fn every_world_in_rust() {
    let into = folder("rust");
    for world in WORLDS {
        let dir = root().join("sdk/rust/examples").join(world);
        holds(&dir, &format!("example-{world}"), world, &into);
    }
    std::fs::remove_dir_all(into).unwrap();
}

#[test]
fn every_world_in_c() {
    from_nothing("c");
    let into = folder("c-parts");
    let build = format!("BUILD={}", into.display());
    let parts = root().join("sdk/c/test");
    let made = Command::new("make").arg("--silent").arg(build).current_dir(parts).output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "the parts of the SDK for C: {said}");
    std::fs::remove_dir_all(into).unwrap();
}

#[test]
fn every_world_in_go() {
    from_nothing("go");
    // Go is there by now; its mock host is a package with tests of its own.
    let tools = root().join("target/tools");
    let fetched = std::fs::read_dir(&tools).unwrap().map(|entry| entry.unwrap().path());
    let go = fetched.map(|dir| dir.join("go/bin/go")).find(|go| go.is_file()).unwrap();
    let mut test = Command::new(go);
    test.args(["test", "./..."]).env("GOCACHE", tools.join("go-cache")).env("GOTOOLCHAIN", "local");
    let made = test.current_dir(root().join("sdk/go/jackfield")).output().unwrap();
    let said = String::from_utf8_lossy(&made.stdout);
    assert!(made.status.success(), "the mock host of the SDK for Go: {said}");
}

const FLOW: [(&str, &str); 1] = [("main.rhai", "answer();\nhang_up(\"done\");\n")];

/// A tenant with a web chat, and these plugins besides.
fn acme(plugins: &str) -> String {
    format!(
        r##"
[plugins.http]
allow_networks = ["127.0.0.0/8"]
[numbers."*"]
tenant = "acme"
flow = "main"
[tenants.acme]
language = "en"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.flows.main]
script = "main.rhai"
[tenants.acme.routers.sales]
plugin = "router-longest-idle"
[tenants.acme.queues.sales]
router = "sales"
[tenants.acme.plugins.web]
world = "channel"
plugin = "channel-webchat"
grants = ["secrets"]
secrets = {{ site = "s1te" }}
chatbot = "bot"
queue = "sales"
{plugins}
"##
    )
}

/// A chatbot that is there already.
const FAQ: &str = r#"
[tenants.acme.plugins.bot]
world = "chatbot"
plugin = "chatbot-faq"
settings = { faq-hours = "open, hours | We are open from 9 to 18." }
"#;

/// The entry of a plugin that reaches another system.
fn reaching(name: &str, world: &str, port: u16) -> String {
    format!(
        r#"
[tenants.acme.plugins.{name}]
world = "{world}"
grants = ["http", "secrets"]
hosts = ["127.0.0.1:{port}"]
secrets = {{ token = "t0ken" }}
settings = {{ url = "http://127.0.0.1:{port}/in" }}
"#
    )
}

/// Begins a plugin, builds it, and makes it the one that serves.
#[track_caller]
fn begun(server: &Server, language: &str, world: &str, name: &str) {
    let into = server.dir.to_str().unwrap();
    done(&["plugin", "new", "--lang", language, "--world", world, name, "--into", into]);
    done(&["plugin", "build", server.dir.join(name).to_str().unwrap(), "--out", into]);
    let file = server.dir.join(format!("{name}.wasm"));
    let file = file.to_str().unwrap();
    let installed = server.json(&["plugin", "install", "acme", name, file, "--world", world]);
    let digest = installed["digest"].as_str().unwrap();
    server.ok(&["plugin", "activate", "acme", name, digest, "--world", world]);
}

#[test]
fn a_chatbot_in_rust_answers_a_visitor_and_fetches_a_person() {
    let bot = "[tenants.acme.plugins.bot]\nworld = \"chatbot\"\n\
               settings = { hours = \"From 8 to 20.\" }\n";
    let server = Server::start("worlds-rust", &acme(bot), &FLOW);
    begun(&server, "rust", "chatbot", "bot");
    says(&server, "1", "What are your hours?");
    assert_eq!(hears(&server, 0)["text"], "From 8 to 20.");
    says(&server, "2", "blue");
    assert_eq!(hears(&server, 1)["text"], "I did not understand that. Shall I get a person?");
    says(&server, "3", "still blue");
    let call = server.until("the hand-over", Duration::from_secs(10), || {
        let call = newest(&server)?;
        story(&call).iter().any(|what| what == "handed_over").then_some(call)
    });
    let summary = "The bot did not understand the customer twice: still blue";
    assert_eq!(attribute(&call, "summary").as_deref(), Some(summary));
    assert_eq!(attribute(&call, "misses").as_deref(), Some("1"));
    assert_eq!(detail(&call, "handed_over", "queue").as_deref(), Some("sales"));
}

#[test]
fn a_connector_in_c_keeps_the_books_and_finds_a_customer() {
    let (port, heard) = crm();
    let plugins = format!("{FAQ}{}", reaching("books", "connector", port));
    let server = Server::start("worlds-c", &acme(&plugins), &FLOW);
    begun(&server, "c", "connector", "books");
    let known = server.json(&["plugin", "ask", "acme", "books", "--contact", "+371 20000009"]);
    assert_eq!((&known["id"], &known["name"]), (&json!("7"), &json!("Eva")));
    let asked = heard.lock().unwrap()[0].0.clone();
    assert!(asked.starts_with("GET /in?address=%2B371%2020000009 HTTP/1.1\r\n"), "{asked}");

    says(&server, "1", "When are you open?");
    assert_eq!(hears(&server, 0)["text"], "We are open from 9 to 18.");
    assert_eq!(post(&server, "s1te", &json!({ "type": "leave", "session": "v1" })).0, 200);
    let told = server.until("the books", Duration::from_secs(10), || {
        let heard = heard.lock().unwrap().clone();
        heard.iter().any(|(_, body)| body["type"] == "log").then_some(heard)
    });
    let kinds: Vec<&str> =
        told.iter().filter_map(|(_, body)| body["data"]["kind"].as_str()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"arrived"), Some(&"ended")), "{kinds:?}");
    for (head, _) in &told {
        assert!(head.contains("authorization: Bearer t0ken"), "{head}");
    }
}

#[test]
fn a_channel_in_go_brings_a_message_in_and_its_answer_out() {
    let (port, heard) = crm();
    let entry = reaching("letters", "channel", port);
    let plugins = format!("{FAQ}{entry}chatbot = \"bot\"\nqueue = \"sales\"\n");
    let server = Server::start("worlds-go", &acme(&plugins), &FLOW);
    begun(&server, "go", "channel", "letters");
    let message = json!({ "from": "v1", "id": "7", "text": "When are you open?" });
    let letter =
        |token: &str, body: &Value| post_to(&server, "letters", &format!("x-token: {token}"), body);
    assert_eq!(letter("guess", &message).0, 401);
    assert_eq!(letter("t0ken", &json!({ "from": "v1" })).0, 400);
    assert_eq!(letter("t0ken", &message), (200, json!({ "taken": "7" })));
    let (head, body) = server
        .until("the answer", Duration::from_secs(10), || heard.lock().unwrap().first().cloned());
    assert!(head.contains("authorization: Bearer t0ken"), "{head}");
    assert_eq!((&body["to"], &body["text"]), (&json!("v1"), &json!("We are open from 9 to 18.")));
}

/// Has a router that takes over state replace one whose counts are text.
#[track_caller]
fn takes_over(language: &str, file: &str, source: &str, why: &str) {
    let config = QUEUE.replace("router-longest-idle", "router-remembers");
    let flow = "answer();\nlet more = #{};\n\
                if caller() == \"spoil\" { more = #{ attributes: #{ \"spoil\": \"x\" } }; }\n\
                enqueue(\"sales\", more);\nhang_up(\"done\");\n";
    let server = Server::start(&format!("takes-over-{language}"), &config, &[("main.rhai", flow)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "200ms"]);
    let count = |caller: &str| {
        wait_for_state(&server, "alice", "ready");
        Caller::new().from(caller).call().expect_bye(20_000).run(&server, "100");
        let call = server.last_interaction("acme");
        detail(&call, "offered", "because count").unwrap_or_default()
    };
    let into = server.dir.to_str().unwrap();
    done(&["plugin", "new", "--lang", language, "counts", "--into", into]);
    let dir = server.dir.join("counts");
    std::fs::write(dir.join(file), source).unwrap();
    let manifest = std::fs::read_to_string(dir.join("plugin.toml")).unwrap();
    let manifest = manifest.replace("[\"log\"]", "[\"state\"]\nmigrates = true");
    std::fs::write(dir.join("plugin.toml"), manifest).unwrap();
    done(&["plugin", "build", dir.to_str().unwrap(), "--out", into]);
    let wasm = server.dir.join("counts.wasm");
    let installed =
        server.json(&["plugin", "install", "acme", "longest-idle", wasm.to_str().unwrap()]);
    let activate =
        ["plugin", "activate", "acme", "longest-idle", installed["digest"].as_str().unwrap()];

    assert_eq!(count("anybody"), "1");
    server.ok(&activate);
    assert_eq!(count("anybody"), "2 in bytes");
    server.ok(&["plugin", "rollback", "acme", "longest-idle"]);
    assert_eq!(count("spoil"), "2");
    let output = server.cli(&activate);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("step migrate"), "{said}");
    assert!(said.contains(why), "{said}");
    assert_eq!(count("anybody"), "3");
}

#[test]
fn a_router_in_c_takes_over_state() {
    takes_over("c", "src/plugin.c", include_str!("migrating.c"), "it says: it is no count");
}

#[test]
fn a_router_in_go_takes_over_state() {
    takes_over("go", "plugin.go", include_str!("migrating.go"), "it says: panic: it is no count");
}
