//! The console's pages in headless Chromium, from the real program.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Server, root};
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
    let token = std::fs::read_to_string(server.dir.join("store/admin.token")).unwrap();
    let pictures = root().join("target/console-pages");
    let output = Command::new("node")
        .arg(root().join("runtime/console/pages/run.mjs"))
        .arg(format!("http://127.0.0.1:{}", server.http))
        .args([token.trim(), "acme"])
        .arg(&pictures)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{why}\n{}", server.log());
    let mut pages: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // By a click, and it is so.
    assert_eq!(pages.pop(), Some(json!({ "taken_back": 1 })));
    let shown = server.json(&["plugin", "show", "acme", "longest-idle"]);
    assert_eq!(
        (&shown["rollout"], &shown["steps"][0]["what"]),
        (&Value::Null, &json!("rolled_back"))
    );
    for page in &pages {
        assert_eq!((&page["wrong"], &page["errors"]), (&json!([]), &json!([])), "{page}");
    }
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
    ];
    assert_eq!(headings, [en, en, ru, ru].concat());
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
