//! The flow studio by its interface: a script is drawn, played, compared with what callers did, and not
//! published while a scenario fails.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Server;
use crate::queue::QUEUE;
use crate::sipp::Caller;

const MENU: &str = r#"answer();
let choice = menu("Sales 1, bye 2", ["1", "2"]);
if choice == "1" {
    let end = enqueue("sales", #{ max_wait: 30 });
    if end == "served" { say("Goodbye"); }
} else {
    hang_up("not sales");
}
"#;

/// Asks the studio of the flow; the status and the answer.
fn ask(server: &Server, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let token = std::fs::read_to_string(server.dir.join("store/admin.token")).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", server.http)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} /api/v1/tenants/acme/flows/{path} HTTP/1.1\r\nHost: localhost\r\n\
         Connection: close\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        token.trim(),
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

/// Plays the script to a customer who does this.
fn play(server: &Server, script: &str, order: &Value) -> Value {
    let body = json!({ "script": script, "order": order });
    let (status, answer) = ask(server, "POST", "main/simulate", &body);
    assert_eq!(status, 200, "{answer}\n{}", server.log());
    answer
}

/// The steps: what, with what, what came of it, and at which line.
fn steps(of: &Value) -> Vec<String> {
    let step = |step: &Value| {
        let (what, text) = (step["what"].as_str().unwrap(), step["text"].as_str().unwrap());
        format!("{} {what} {text} {}", step["line"], step["answer"])
    };
    of["steps"].as_array().unwrap().iter().map(step).collect()
}

#[test]
fn a_script_is_played_as_far_as_it_is_known_what_the_caller_does() {
    let server = Server::start("studio-play", QUEUE, &[("main.rhai", MENU)]);
    let (_, drawn) = ask(&server, "POST", "main/analyse", &json!({ "script": MENU }));
    assert_eq!((&drawn["ok"], &drawn["problems"]), (&json!(true), &json!([])), "{drawn}");
    let begun = play(&server, MENU, &json!({}));
    let asked = ["1 answer  null", "2 say Sales 1, bye 2 null", "2 ask  null"];
    assert_eq!(steps(&begun), asked);
    assert_eq!(
        (&begun["waiting"]["kind"], &begun["waiting"]["max"]),
        (&json!("digits"), &json!(1))
    );
    let node = begun["waiting"]["node"].as_u64().unwrap() as usize;
    assert_eq!(drawn["graph"]["nodes"][node]["verb"], "menu");

    let one = json!([{ "kind": "digits", "value": "1" }]);
    let waits = play(&server, MENU, &json!({ "inputs": one }));
    assert_eq!(
        (&waits["waiting"]["kind"], &waits["waiting"]["queue"]),
        (&json!("queue"), &json!("sales"))
    );
    assert_eq!(waits["variables"], json!({ "choice": "1" }));
    let both = json!([{ "kind": "digits", "value": "1" }, { "kind": "queue", "value": "served" }]);
    let served = play(&server, MENU, &json!({ "inputs": both }));
    assert_eq!(served["ended"]["how"], "returned");
    assert_eq!(steps(&served).last().unwrap(), "5 say Goodbye null");
    // The same order, the same steps; and a closed queue takes nobody.
    assert_eq!(served, play(&server, MENU, &json!({ "inputs": both })));
    let closed = play(&server, MENU, &json!({ "inputs": one, "open": { "sales": false } }));
    assert_eq!(closed["ended"]["how"], "returned");

    // The clock, the card and what fails.
    let script = "if now().hour > 20 { say(\"night\"); }\nlet card = contact();\nif card != () { say(card.segment); }\nlog(\"looked\");\nlet x = 1 + \"a\".len().foo();\n";
    let order =
        json!({ "caller": "+44", "at": "2026-11-21T22:00:00Z", "card": { "segment": "vip" } });
    let failed = play(&server, script, &order);
    assert_eq!(steps(&failed), ["1 say night null", "3 say vip null", "4 log looked null"]);
    assert_eq!((&failed["ended"]["how"], &failed["ended"]["line"]), (&json!("failed"), &json!(5)));
    let (status, refused) = ask(
        &server,
        "POST",
        "main/simulate",
        &json!({ "script": MENU, "order": { "inputs": [{ "kind": "dances" }] } }),
    );
    assert_eq!((status, &refused["errors"][0]["field"]), (422, &json!("inputs[0]")), "{refused}");
}

#[test]
fn a_script_by_which_a_scenario_fails_is_not_published() {
    let server = Server::start("studio-gate", QUEUE, &[("main.rhai", MENU)]);
    let scenario = json!({
        "order": { "inputs": [{ "kind": "digits", "value": "1" }, { "kind": "queue", "value": "served" }] },
        "expect": [{ "kind": "queue", "value": "sales" }, { "kind": "never_hangs_up" }],
    });
    let (status, kept) = ask(&server, "PUT", "main/scenarios/sales", &scenario);
    assert_eq!(status, 200, "{kept}");
    let worse = MENU.replace("== \"1\"", "== \"2\"");
    let (status, refused) = ask(&server, "POST", "main/publish", &json!({ "script": worse }));
    assert_eq!(status, 409, "{refused}");
    assert_eq!(refused["errors"][0]["scenario"], "sales");
    assert_eq!(refused["errors"][0]["failures"].as_array().map(Vec::len), Some(2), "{refused}");
    let better = MENU.replace("Goodbye", "Good day");
    let (status, published) = ask(&server, "POST", "main/publish", &json!({ "script": better }));
    assert_eq!(status, 201, "{published}");
    // A part of the callers, beside the active version.
    let other = MENU.replace("Goodbye", "Good night");
    let body = json!({ "script": other, "percent": 10 });
    let (status, tried) = ask(&server, "POST", "main/publish", &body);
    assert_eq!((status, &tried["version"]), (201, &json!(3)), "{tried}");
    let shown = server.json(&["plugin", "show", "acme", "main"]);
    assert_eq!(shown["rollout"]["canary"]["share"], "10 %", "{shown}");

    // What is written is kept; what another has written since is not written over.
    let copy = json!({ "script": "say(\"a\");", "base": 2 });
    let (status, first) = ask(&server, "PUT", "main/working-copy", &copy);
    assert_eq!(status, 200, "{first}");
    assert_eq!(ask(&server, "PUT", "main/working-copy", &copy).0, 409);
    let next = json!({ "script": "say(\"b\");", "base": 2, "seen": first["saved_at"] });
    assert_eq!(ask(&server, "PUT", "main/working-copy", &next).0, 200);
    let (_, now) = ask(&server, "GET", "main/working-copy", &Value::Null);
    assert_eq!(now["copy"]["script"], "say(\"b\");");
    assert_eq!(ask(&server, "DELETE", "main/working-copy", &Value::Null).0, 204);
}

#[test]
fn yesterdays_callers_are_led_again_and_the_short_way_is_the_long_one() {
    let server = Server::start("studio-effect", QUEUE, &[("main.rhai", MENU)]);
    let calls = Caller::new().call().pause(700).digit('2', 0).expect_bye(10_000);
    calls.run_many(&server, "100", 12, 6);
    let wrong = Caller::new().call().pause(700).digit('9', 900).digit('9', 900).digit('9', 0);
    wrong.expect_bye(10_000).run(&server, "100");
    let all = server.until("every story", Duration::from_secs(20), || {
        let all = server.interactions("acme");
        (all.len() == 13 && all.iter().all(|one| !one["ended_at"].is_null())).then_some(all)
    });
    assert_eq!(all.len(), 13);
    let script =
        MENU.replace("hang_up(\"not sales\");", "if choice == \"2\" { enqueue(\"sales\"); }");
    let order = |each: bool| json!({ "script": script, "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z", "each": each });
    let (status, nobody) = ask(&server, "POST", "main/effect", &order(false));
    assert_eq!((status, &nobody["callers"]), (200, &json!(0)), "{nobody}");
    let day = |each: bool| {
        let at = all[0]["arrived_at"].as_str().unwrap();
        let from = format!("{}T00:00:00Z", &at[..10]);
        let body = json!({ "script": script, "from": from, "each": each });
        let (status, effect) = ask(&server, "POST", "main/effect", &body);
        assert_eq!(status, 200, "{effect}");
        effect
    };
    let (mut short, mut long) = (day(false), day(true));
    assert_eq!((&short["callers"], &short["moved"]), (&json!(13), &json!(13)), "{short}");
    assert_eq!(long["ways_led"], 26, "{long}");
    assert!(short["ways_led"].as_u64().unwrap() <= 6, "{short}");
    for one in [&mut short, &mut long] {
        one["ways_led"] = Value::Null;
    }
    assert_eq!(short, long);
}
