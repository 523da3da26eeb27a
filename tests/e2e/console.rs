//! The console's pages in headless Chromium, from the real program.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Peer, Server, root};
use crate::queue::{QUEUE, agent};
use crate::sipp::Caller;

/// Every page, in both languages and both schemes, with its heading; the pictures are kept beside the build.
#[test]
fn every_page_is_accessible_and_without_errors() {
    let flow =
        "answer();\nattribute(\"why\", \"a question\");\nenqueue(\"sales\");\nhang_up(\"done\");\n";
    let server = Server::start_alone("console", QUEUE, &[("main.rhai", flow)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "1s"]);
    Caller::new().call().expect_bye(10_000).run(&server, "100");
    let cards = server.dir.join("cards.csv");
    std::fs::write(&cards, "name,phone,segment\nEva,+37120000001,vip\n").unwrap();
    server.ok(&["contact", "import", "acme", cards.to_str().unwrap()]);
    let skills = root().join("target/plugins/router-skills.wasm");
    let installed =
        server.json(&["plugin", "install", "acme", "longest-idle", skills.to_str().unwrap()]);
    let candidate = installed["digest"].as_str().unwrap();
    server.ok(&["plugin", "canary", "acme", "longest-idle", candidate, "--percent", "10"]);
    add_olga(&server);
    let (pages, acts) = look(&server, "run.mjs");
    // By a click, and it is so.
    assert_eq!(acts, [json!({ "taken_back": 1 })]);
    let shown = server.json(&["plugin", "show", "acme", "longest-idle"]);
    assert_eq!(
        (&shown["rollout"], &shown["steps"][0]["what"]),
        (&Value::Null, &json!("rolled_back"))
    );
    are_right(&pages);
    let card = server.json(&["contact", "find", "acme", "+37120000001"]);
    assert_eq!(card["items"][0]["notes"].as_array().map(Vec::len), Some(4), "{card}");
    let versions = server.json(&["flow", "versions", "acme", "main"]);
    let newest = &versions["items"][0];
    assert_eq!((&newest["active"], &newest["comment"]), (&json!(true), &json!("said so")));
    let headings: Vec<&str> = pages.iter().map(|page| page["heading"].as_str().unwrap()).collect();
    let story = format!("Story {}", server.last_interaction("acme")["id"].as_str().unwrap());
    let plugin = "longest-idle";
    let en = [
        "Sign in to Jackfield",
        "Wallboard",
        "Interactions",
        &story,
        "main",
        "Contacts",
        "Eva",
        "Report",
        "Flows",
        "main",
        "main",
        "main",
        "main",
        "main",
        "main",
        "main",
        "Plugins",
        plugin,
        plugin,
        "Users",
        "Audit log",
        "Audit log",
        "Olga",
    ];
    let story = story.replace("Story", "История");
    let ru = [
        "Вход в Jackfield",
        "Табло",
        "Обращения",
        &story,
        "main",
        "Контакты",
        "Eva",
        "Отчёт",
        "Сценарии",
        "main",
        "main",
        "main",
        "main",
        "main",
        "main",
        "main",
        "Плагины",
        plugin,
        plugin,
        "Пользователи",
        "Журнал действий",
        "Журнал действий",
        "Olga",
    ];
    assert_eq!(headings, [en, en, ru, ru].concat());
}

/// What a supervisor looks at and does, while three callers wait in a queue that nobody serves.
#[test]
fn a_supervisor_sees_the_centre_and_acts() {
    let more = r#"
[numbers."101"]
tenant = "acme"
flow = "support"
[tenants.acme.flows.support]
script = "support.rhai"
[tenants.acme.queues.support]
router = "longest-idle"
max_wait = "1h"
service_level = { share = 0.9, within = "10m" }
[tenants.acme.queues.vip]
router = "longest-idle"
max_wait = "1h"
"#;
    let flow = |queue: &str| format!("answer();\nenqueue(\"{queue}\");\nhang_up(\"done\");\n");
    let (main, support) = (flow("sales"), flow("support"));
    let flows = [("main.rhai", main.as_str()), ("support.rhai", support.as_str())];
    let server = Server::start_alone("supervisor", &format!("{QUEUE}{more}"), &flows);
    // Longer than one step of the player, so that it is seen in the middle of the recording.
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "8s"]);
    Caller::new().call().expect_bye(20_000).run(&server, "100");
    let number = format!("sip:101@127.0.0.1:{}", server.sip);
    let _callers = ["+37120000011", "+37120000012", "+37120000013"].map(|from| {
        let mut phone =
            server.command(&["phone", "--call", &number, "--from", from, "--tone", "300"]);
        Peer(phone.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    });
    server.until("three wait", Duration::from_secs(20), || {
        let queues = server.json(&["queue", "list", "acme"]);
        let queues = queues["items"].as_array()?;
        let support = queues.iter().find(|queue| queue["queue"] == "support")?;
        (support["live"]["waiting"] == 3).then_some(())
    });
    add_olga(&server);
    let (pages, acts) = look(&server, "supervise.mjs");
    are_right(&pages);
    // In each language and scheme a contact was moved and came back.
    assert_eq!((pages.len(), acts), (4 * 12, vec![json!({ "undone": true }); 4]));
    let book = std::fs::read(root().join("target/console-pages/report-ru.xlsx")).unwrap();
    assert!(book.starts_with(b"PK"), "it is no book");
    let table = std::fs::read_to_string(root().join("target/console-pages/report-en.csv")).unwrap();
    let head = "\u{feff}queue,key,name,unit,value,compared_value,difference,verdict\r\n";
    assert!(
        table.starts_with(head) && table.contains("support,waiting,Waiting,count,3,"),
        "{table}"
    );
}

/// Somebody who may do everything in the tenant.
fn add_olga(server: &Server) {
    let user =
        ["user", "add", "--tenant", "acme", "olga", "--role", "admin", "--full-name", "Olga"];
    server.typed(&[&user[..], &["--password-stdin"]].concat(), "olga's password\n");
}

/// Runs a script that looks at pages, and returns what it says of each, and of what it did there; pictures are
/// kept beside the build.
fn look(server: &Server, script: &str) -> (Vec<Value>, Vec<Value>) {
    look_with(server, script, &["olga", "olga's password", "acme"])
}

/// The same with these arguments of the script.
pub fn look_with(server: &Server, script: &str, args: &[&str]) -> (Vec<Value>, Vec<Value>) {
    let output = Command::new("node")
        .arg(root().join("runtime/console/pages").join(script))
        .arg(format!("http://127.0.0.1:{}", server.http))
        .args(args)
        .arg(root().join("target/console-pages"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{why}\n{}", server.log());
    let told = said.lines().map(|line| serde_json::from_str(line).unwrap());
    told.partition(|one: &Value| one["name"].is_string())
}

/// No page violates the rules or has written an error.
pub fn are_right(pages: &[Value]) {
    for page in pages {
        assert_eq!((&page["wrong"], &page["errors"]), (&json!([]), &json!([])), "{page}");
    }
}

/// The pages are kept where their names change with them, everything comes from the server alone, and what is
/// no page of theirs is not found.
#[test]
fn the_pages_are_served_as_they_should_be() {
    let server = Server::start("console-files", QUEUE, &[("main.rhai", "answer();\n")]);
    let head = |path: &str| {
        let address = format!("http://127.0.0.1:{}{path}", server.http);
        let script = "const r = await fetch(process.argv[1], { redirect: 'manual' }); \
            console.log(JSON.stringify([r.status, Object.fromEntries(r.headers), await r.text()]))";
        let args = ["--input-type=module", "--eval", script, &address];
        let output = Command::new("node").args(args).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let page = head("/t/acme/wallboard");
    assert_eq!((&page[0], &page[1]["cache-control"]), (&json!(200), &json!("no-cache")), "{page}");
    assert_eq!(page[1]["content-encoding"], "gzip");
    let policy = page[1]["content-security-policy"].as_str().unwrap();
    assert!(policy.starts_with("default-src 'self'; ") && !policy.contains("script"), "{policy}");
    let text = page[2].as_str().unwrap();
    let script = text.split('"').find(|part| part.starts_with("/assets/index-")).unwrap();
    let script = head(script);
    assert_eq!(script[1]["cache-control"], "public, max-age=31536000, immutable", "{script}");
    // What the first page needs, as it is sent.
    let first = text.split('"').filter(|part| part.starts_with("/assets/"));
    let sizes = first
        .map(|path| std::fs::metadata(root().join(format!("runtime/console/dist/web{path}.gz"))));
    let bytes: u64 = sizes.map(|of| of.unwrap().len()).sum();
    assert!(bytes <= 250_000, "{bytes} bytes at the first load");
    for none in ["/assets/none.js", "/none", "/api/v1/none"] {
        assert_eq!(head(none)[0], 404, "{none}");
    }
}
