//! What a stranger sees between a plugin's file and a plugin that serves, in each world: each refusal and
//! each next step has the lines to add.

use std::fs;

use serde_json::json;

use crate::harness::{Server, root};

const CENTRE: &str = r#"
[numbers."100"]
tenant = "acme"
flow = "main"
[tenants.acme]
language = "en"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.flows.main]
script = "main.rhai"
[tenants.acme.queues.sales]
"#;
const FLOW: &str = "answer();\nhang_up(\"done\");\n";

fn component(name: &str) -> String {
    root().join(format!("target/plugins/{name}.wasm")).display().to_string()
}

/// What a command says when it is refused.
#[track_caller]
fn refused(server: &Server, args: &[&str]) -> String {
    let output = server.cli(args);
    assert!(!output.status.success(), "{args:?} was accepted");
    String::from_utf8(output.stderr).unwrap()
}

/// The lines that a message ends with.
#[track_caller]
fn lines(said: &str) -> String {
    said.split_once("\n\n").unwrap_or_else(|| panic!("no lines in {said}")).1.to_owned()
}

#[test]
fn the_lines_of_a_refusal_are_what_is_missing() {
    let called = [
        ("chatbot-faq", "faq"),
        ("channel-webchat", "web"),
        ("connector-webhook", "crm"),
        ("analyst-lexicon", "quality"),
        ("pacer-progressive", "pace"),
        ("flow-misbehaves", "menu"),
    ];
    let mut server = Server::start("buyers", CENTRE, &[("main.rhai", FLOW), ("menu.rhai", FLOW)]);
    let mut config = CENTRE.to_owned();
    for (plugin, name) in called {
        let said = refused(&server, &["plugin", "install", "acme", name, &component(plugin)]);
        assert!(said.contains("the configuration has no "), "{said}");
        assert!(said.contains("start the server again and install it again"), "{said}");
        config += &lines(&said);
    }
    // A router is taken without an entry, and is told that nobody asks it.
    let router = component("router-skills");
    let said = server.ok(&["plugin", "install", "acme", "fair", &router]);
    assert!(said.contains("nothing asks it: add these lines"), "{said}");
    config += lines(&said).split("it serves once").next().unwrap();

    fs::write(server.dir.join("jackfield.toml"), &config).unwrap();
    server.ok(&["config", "check"]);
    server.kill();
    server.spawn();
    for (plugin, name) in called {
        let said = server.ok(&["plugin", "install", "acme", name, &component(plugin)]);
        let last = said.lines().last().unwrap();
        let next = last.split_once("jackfield ").unwrap().1;
        // What it says is next is what is next.
        server.ok(&next.split(' ').collect::<Vec<_>>());
        let shown = server.json(&["plugin", "show", "acme", name]);
        assert_eq!(shown["standing"], "serving", "{name}: {shown}");
    }
    let listed = server.json(&["plugin", "list", "acme"]);
    let worlds = |one: &serde_json::Value| (one["name"].clone(), one["world"].clone());
    let worlds: Vec<_> = listed["items"].as_array().unwrap().iter().map(worlds).collect();
    let pair = |name: &str, world: &str| (json!(name), json!(world));
    assert_eq!(
        worlds,
        [
            pair("crm", "connector"),
            pair("fair", "router"),
            pair("faq", "chatbot"),
            pair("pace", "pacer"),
            pair("quality", "analyst"),
            pair("web", "channel")
        ]
    );
    let said = server.ok(&["plugin", "install", "acme", "web", &component("channel-webchat")]);
    assert!(said.contains("it has no secrets: add"), "{said}");
    assert!(said.contains("conversations wait for nobody: add"), "{said}");
}
