//! A draft is heard at once behind `*`, while the number goes on with the published version.

use crate::calls::BASE;
use crate::harness::{Server, attribute, detail};
use crate::sipp::Caller;

fn script(version: &str) -> String {
    format!("answer();\nattribute(\"version\", \"{version}\");\nhang_up(\"end\");\n")
}

/// Calls `number`; returns what the flow called itself and the version that the story names.
fn hear(server: &Server, number: &str) -> (String, String) {
    let before = server.interactions("acme").len();
    Caller::new().call().expect_bye(5_000).run(server, number);
    let call = server.last_interaction("acme");
    assert_eq!(server.interactions("acme").len(), before + 1);
    assert_eq!((call["dnis"].as_str(), call["flow"].as_str()), (Some(number), Some("menu")));
    let named = detail(&call, "arrived", "version").unwrap();
    (attribute(&call, "version").unwrap(), named)
}

#[test]
fn a_draft_is_heard_behind_the_star_and_leaves_the_number_alone() {
    // Another trunk, from elsewhere: it may reach everything, and its prefix takes any number.
    let config = BASE
        .replace("[\"127.0.0.0/8\"]", "[\"127.0.0.0/8\"]\nnumbers = [\"100\", \"101\"]")
        + "[trunks.elsewhere]\nsources = [\"192.0.2.0/24\"]\n\
           [numbers.\"*\"]\ntenant = \"acme\"\nflow = \"silent\"\n";
    let published = script("published");
    let flows = [("menu.rhai", published.as_str()), ("silent.rhai", "answer();\n")];
    let server = Server::start_alone("draft", &config, &flows);
    let file = server.dir.join("draft.rhai");
    let path = file.to_str().unwrap();
    // Without a draft `*100` is a number like any other, and this trunk may not reach it.
    Caller::new().refused(403).run(&server, "*100");

    std::fs::write(&file, script("first draft")).unwrap();
    let put = server.json(&["flow", "draft", "acme", "menu", path]);
    assert_eq!(put, serde_json::json!({ "dial": "*100", "numbers": ["*100"] }));
    assert_eq!(hear(&server, "*100"), ("first draft".to_owned(), "draft".to_owned()));
    assert_eq!(hear(&server, "100"), ("published".to_owned(), "1".to_owned()));

    // A draft with a mistake is told, and leaves the one before.
    std::fs::write(&file, "answer();\nsay(\"unfinished);\n").unwrap();
    let output = server.cli(&["flow", "draft", "acme", "menu", path]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("line 2"), "{said}");
    assert_eq!(hear(&server, "*100").0, "first draft");

    std::fs::write(&file, script("second draft")).unwrap();
    let said = server.ok(&["flow", "draft", "acme", "menu", path]);
    assert!(said.contains("dial *100"), "{said}");
    assert_eq!(hear(&server, "*100").0, "second draft");
    let versions = server.json(&["flow", "versions", "acme", "menu"]);
    assert_eq!(versions["items"].as_array().unwrap().len(), 1, "{versions}");

    server.ok(&["flow", "draft", "acme", "menu", "--remove"]);
    Caller::new().refused(403).run(&server, "*100");
    let again = server.cli(&["flow", "draft", "acme", "menu", "--remove"]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(hear(&server, "100").0, "published");
}
