//! Real calls, and the same calls once more: to the byte, with another router, with another menu, and
//! a candidate that a gate keeps out.

use std::process::Stdio;

use crate::harness::{Server, root};
use crate::queue::{QUEUE, agent, wait_for_state};

const FLOW: &str = r#"
answer();
let choice = menu("One or two.", #{ "1": "sales", "2": "service" });
enqueue(if choice == "1" { "sales" } else { "service" });
"#;

/// The same keys lead elsewhere.
const OTHER: &str = r#"
answer();
let choice = menu("One or two.", #{ "1": "service", "2": "sales" });
enqueue(if choice == "1" { "service" } else { "sales" });
"#;

fn config() -> String {
    QUEUE.replace("queues = { sales = 5 }", "queues = { sales = 5, service = 5 }")
        + "[tenants.acme.queues.service]\nring_time = \"5s\"\nwrap_up = \"0s\"\n"
}

fn call(server: &Server, key: &str) {
    let uri = format!("sip:100@127.0.0.1:{}", server.sip);
    let args = ["phone", "--call", &uri, "--digits", key, "--duration", "15s"];
    let output = server.command(&args).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    wait_for_state(server, "alice", "ready");
}

#[test]
fn a_day_of_real_calls_is_replayed_changed_and_judged() {
    let mut server = Server::start_alone("replay", &config(), &[("main.rhai", FLOW)]);
    let phone = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    for key in ["1", "2", "1"] {
        call(&server, key);
    }
    let day = ["replay", "--tenant", "acme", "--from", "1h", "--imputations", "2"];
    let replay = |server: &Server, more: &[&str]| {
        let mut args = day.to_vec();
        args.extend(more);
        server.json(&args)
    };
    let same = replay(&server, &[]);
    assert_eq!(same["identical"], true, "{same}");
    assert_eq!(same["exact"]["answers_asked_again"], 2, "{same}");
    assert_eq!(same["exact"]["answers_taken_from_the_record"], 0, "{same}");
    assert_eq!(same["kpi"]["total"]["answered"], 3, "{same}");

    // A router that is no worse passes its gate; the figures are the same for one agent.
    let random = root().join("target/plugins/router-random.wasm");
    let random = format!("longest-idle={}", random.display());
    let gate = ["--router", random.as_str(), "--gate", "SL1 >= -0.5pp, abandon <= +0.2pp"];
    let judged = replay(&server, &gate);
    assert_eq!(judged["gate"]["passes"], true, "{judged}");
    assert_eq!(judged["comparison"]["stays"], 3, "{judged}");

    // A script is judged without being published; one with a mistake is told where.
    let score = server.dir.join("score.rhai");
    let scripted = format!("longest-idle={}", score.display());
    std::fs::write(&score, "fn score(contact, agent) { agent.level }\n").unwrap();
    let judged = replay(&server, &["--router", &scripted, "--gate", "SL1 >= -0.5pp"]);
    assert_eq!(judged["gate"]["passes"], true, "{judged}");
    std::fs::write(&score, "fn score(contact, agent) {\n  agent.level +\n}\n").unwrap();
    let wrong = server.cli(&["replay", "--tenant", "acme", "--from", "1h", "--router", &scripted]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && said.contains("line 3"), "{said}");

    // The other menu sends the same keys elsewhere: nobody presses anything anew.
    let other = server.dir.join("other.rhai");
    std::fs::write(&other, OTHER).unwrap();
    let flow = format!("main={}", other.display());
    let changed = replay(&server, &["--flow", &flow]);
    assert_eq!(changed["comparison"]["stays"], 3, "{changed}");
    assert!(changed.get("flow_failures").is_none(), "{changed}");
    let call = server.last_interaction("acme");
    let travel = ["--interaction", call["id"].as_str().unwrap(), "--step", "1", "--flow", &flow];
    let told = replay(&server, &travel);
    let recorded = told["story"].to_string();
    assert!(recorded.contains("joins sales"), "{recorded}");
    let other = told["branch"]["story"].to_string();
    assert!(other.contains("joins service") && !other.contains("joins sales"), "{other}");

    // A router that must be better than itself by a hundred points stays out.
    let digest = |server: &Server| {
        let versions = server.json(&["plugin", "list", "acme", "longest-idle"]);
        let versions = versions["items"].as_array().unwrap().clone();
        let of = |active| {
            let found = versions.iter().find(|version| version["active"] == active);
            found.unwrap()["digest"].as_str().unwrap().to_owned()
        };
        (of(true), of(false))
    };
    let (active, candidate) = digest(&server);
    let activate = ["plugin", "activate", "acme", "longest-idle", &candidate, "--gate"];
    let refused = server.cli(&[&activate[..], &["SL1 >= +100pp"]].concat());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("FAILS: SL1 >= +100.00pp"), "{said}");
    assert_eq!(digest(&server).0, active);
    server.ok(&[&activate[..], &["SL1 >= -0.5pp, abandon <= +0.2pp"]].concat());
    assert_eq!(digest(&server).0, candidate);

    // Another process: the record of both is replayed, each run from its own start.
    drop(phone);
    server.kill();
    server.spawn();
    let both = replay(&server, &[]);
    assert_eq!(
        (both["identical"].as_bool(), both["runs"].as_u64()),
        (Some(true), Some(2)),
        "{both}"
    );
}
