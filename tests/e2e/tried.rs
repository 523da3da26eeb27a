//! New versions beside the active one, of plugins that lead no contact: each call counts, what a candidate
//! fails the active version does, and whoever only says something can be asked without being obeyed.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::channels::{acme, crm, hears, newest, post, says};
use crate::harness::{Server, detail, root, story};
use crate::outside::campaign;
use crate::queue::QUEUE;
use crate::sipp::Caller;

const FLOW: [(&str, &str); 1] = [("main.rhai", "answer();\nhang_up(\"done\");\n")];
const PACER: &str =
    "[tenants.acme.plugins.pace]\nworld = \"pacer\"\nplugin = \"pacer-progressive\"\n";

fn centre(name: &str, port: u16) -> Server {
    let limits = "[plugins]\ncanary_minimum = 3\n[limits]\nquarantine_failures = 0\n";
    Server::start(name, &format!("{limits}{}{PACER}", acme(port)), &FLOW)
}

fn built(name: &str) -> PathBuf {
    root().join(format!("target/plugins/{name}.wasm"))
}

/// The same component with another digest: a custom section more (WebAssembly Core 1.0, 5.5.3).
fn another(server: &Server, name: &str) -> PathBuf {
    let mut bytes = std::fs::read(built(name)).unwrap();
    bytes.extend(b"\0\x08\x07another");
    let file = server.dir.join(format!("{name}-another.wasm"));
    std::fs::write(&file, bytes).unwrap();
    file
}

/// Installs a version and returns its digest.
fn installs(server: &Server, name: &str, file: &std::path::Path) -> String {
    let file = file.to_str().unwrap();
    let world = match name {
        "pace" => "pacer",
        "quality" => "analyst",
        "crm" => "connector",
        "wait" => "estimator",
        _ => "channel",
    };
    let installed = server.json(&["plugin", "install", "acme", name, file, "--world", world]);
    installed["digest"].as_str().unwrap().to_owned()
}

fn show(server: &Server, name: &str) -> Value {
    server.json(&["plugin", "show", "acme", name])
}

/// Both counts of a canary.
fn counts(server: &Server, name: &str) -> (u64, u64) {
    let canary = show(server, name)["rollout"]["canary"].clone();
    (canary["contacts"].as_u64().unwrap(), canary["active_contacts"].as_u64().unwrap())
}

/// What the shadow found, once it has answered so often.
fn shadow(server: &Server, name: &str, answers: u64) -> Value {
    server.until("the shadow's answer", Duration::from_secs(10), || {
        let shadow = show(server, name)["rollout"]["shadow"].clone();
        (shadow["answered"].as_u64() == Some(answers)).then_some(shadow)
    })
}

#[test]
fn a_pacer_is_asked_besides_then_tried_and_takes_itself_back() {
    let server = centre("tried-pacer", 1);
    let file = server.dir.join("campaign.json");
    let ask = |change: &[(&str, Value)]| {
        std::fs::write(&file, campaign(change).to_string()).unwrap();
        server.json(&["plugin", "ask", "acme", "pace", "--campaign", file.to_str().unwrap()])
    };
    let candidate = installs(&server, "pace", &built("planted-pacer"));
    server.ok(&["plugin", "shadow", "acme", "pace", &candidate]);
    let obeyed = ask(&[])["dial"].clone();
    let found = shadow(&server, "pace", 1);
    let difference = &found["differences"][0];
    assert_eq!(difference["interaction"], "spring", "{found}");
    assert!(difference["active"].as_str().unwrap().starts_with(&format!("dial {obeyed},")));
    assert_eq!(difference["candidate"], "dial 8, ask again in 1000 ms");

    // Chosen by the campaign's attribute; nobody is told of a queue.
    let refused = server.cli(&["plugin", "canary", "acme", "pace", &candidate, "--queue", "sales"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("a pacer has a campaign and no queue"), "{said}");
    server.ok(&["plugin", "canary", "acme", "pace", &candidate, "--percent", "50"]);
    // Before anybody has answered the candidate fails: the active one says how many then.
    for seed in 0..40 {
        let change = [("answered", json!(0)), ("seed", json!(seed))];
        assert_eq!(ask(&change)["decided_by"], "plugin");
        if show(&server, "pace")["rollout"].is_null() {
            break;
        }
    }
    let step = show(&server, "pace")["steps"][0].clone();
    assert_eq!((&step["what"], &step["by"]), (&json!("rolled_back"), &json!("jackfield")));
    let reason = step["reason"].as_str().unwrap();
    assert!(reason.starts_with("failures: 100.0 % of") && reason.contains("calls"), "{reason}");
}

/// Where nobody is logged in the candidate divides by nothing; the active one says that it cannot tell.
#[test]
fn an_estimator_is_asked_besides_then_tried_and_takes_itself_back() {
    let queue = "short_abandon = \"0s\"\nestimator = \"wait\"\n\
         announcements = { first = \"1s\", every = \"10s\", wait = true }\n";
    let config = format!(
        "[plugins]\ncanary_minimum = 3\n[limits]\nquarantine_failures = 0\n{}\
         [tenants.acme.estimators.wait]\nplugin = \"estimator-erlang\"\n",
        QUEUE.replace("short_abandon = \"0s\"\n", queue)
    );
    let flow = [("main.rhai", "answer();\nenqueue(\"sales\");\n")];
    let server = Server::start("tried-estimator", &config, &flow);
    let candidate = installs(&server, "wait", &built("planted-estimator"));
    let call = |calls| {
        Caller::new().call().pause(2_500).bye().run_many(&server, "100", calls, 8);
    };
    server.ok(&["plugin", "shadow", "acme", "wait", &candidate]);
    call(1);
    let failures = server.until("the shadow's failure", Duration::from_secs(10), || {
        let failures = show(&server, "wait")["rollout"]["shadow"]["failures"].clone();
        failures["trapped"].as_u64()
    });
    assert_eq!(failures, 1);

    server.ok(&["plugin", "canary", "acme", "wait", &candidate, "--percent", "50"]);
    call(40);
    let step = show(&server, "wait")["steps"][0].clone();
    assert_eq!((&step["what"], &step["by"]), (&json!("rolled_back"), &json!("jackfield")));
    let reason = step["reason"].as_str().unwrap();
    assert!(reason.starts_with("failures: 100.0 % of") && reason.contains("calls"), "{reason}");
}

#[test]
fn an_analyst_is_asked_besides_and_a_channel_tried() {
    let (port, _heard) = crm();
    let server = centre("tried-analyst", port);
    let candidate = installs(&server, "quality", &built("planted-analyst"));
    server.ok(&["plugin", "shadow", "acme", "quality", &candidate]);
    let channel = installs(&server, "web", &another(&server, "channel-webchat"));
    let refused = server.cli(&["plugin", "shadow", "acme", "web", &channel]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("a channel cannot be asked without writing to a customer"), "{said}");
    server.ok(&["plugin", "canary", "acme", "web", &channel, "--percent", "50"]);

    says(&server, "1", "hello, an invoice and an invoice: when are you open?");
    assert_eq!(hears(&server, 0)["text"], "We are open from 9 to 18.");
    let mut n = 2;
    server.until("both versions", Duration::from_secs(20), || {
        says(&server, &n.to_string(), "open?");
        n += 1;
        let (tried, others) = counts(&server, "web");
        (0 < tried && 0 < others).then_some(())
    });
    assert_eq!(post(&server, "s1te", &json!({ "type": "leave", "session": "v1" })).0, 200);
    let call = server.until("the findings", Duration::from_secs(10), || {
        let call = newest(&server)?;
        story(&call).iter().any(|what| what == "analysed").then_some(call)
    });
    assert_eq!(detail(&call, "analysed", "by").as_deref(), Some("quality"));
    let found = shadow(&server, "quality", 1);
    let difference = &found["differences"][0];
    assert_eq!((&difference["interaction"], &difference["queue"]), (&call["id"], &Value::Null));
    assert_eq!(difference["candidate"], "topic billing 1.00");
    assert!(difference["active"].as_str().unwrap().contains("topic hours"), "{found}");
    // A wiser one takes its place.
    server.ok(&["plugin", "promote", "acme", "web"]);
    let versions = server.json(&["plugin", "list", "acme", "web"]);
    let active = versions["items"].as_array().unwrap().iter().find(|one| one["active"] == true);
    assert_eq!(active.unwrap()["digest"], channel.as_str());
    says(&server, "last", "open?");
}

#[test]
fn what_a_connector_fails_the_active_one_tells() {
    let (port, heard) = crm();
    let server = centre("tried-connector", port);
    let candidate = installs(&server, "crm", &built("planted-connector"));
    server.ok(&["plugin", "canary", "acme", "crm", &candidate, "--percent", "50"]);
    const CHATS: usize = 60;
    for n in 0..CHATS {
        let session = format!("s{n}");
        let hello = json!({ "type": "message", "session": session, "id": "1", "text": "open?" });
        assert_eq!(post(&server, "s1te", &hello).0, 200);
        assert_eq!(post(&server, "s1te", &json!({ "type": "leave", "session": session })).0, 200);
    }
    let ended = server.until("all ends", Duration::from_secs(20), || {
        let heard = heard.lock().unwrap();
        let ends = heard.iter().filter(|(_, body)| body["data"]["kind"] == "ended");
        let mut ids: Vec<String> = ends.map(|(_, body)| body["data"]["id"].to_string()).collect();
        (CHATS <= ids.len()).then(|| {
            ids.sort();
            ids
        })
    });
    let mut each = ended.clone();
    each.dedup();
    assert_eq!(each.len(), CHATS, "told once each: {ended:?}");
    let shown = show(&server, "crm");
    let step = &shown["steps"][0];
    assert_eq!(
        (&step["what"], &step["by"]),
        (&json!("rolled_back"), &json!("jackfield")),
        "{shown}"
    );
}
