//! Sign-in by another provider of identity, a real one.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use expect_test::expect;
use serde_json::Value;

use crate::console::{are_right, look_with};
use crate::harness::{Peer, Server, free_port, root};
use crate::queue::QUEUE;

/// Starts the provider on this port, for the clients of this server.
fn provider(port: u16, server: &Server) -> Peer {
    let back = |name: &str| format!("http://127.0.0.1:{}/api/v1/oidc/{name}/callback", server.http);
    let mut child = Command::new("node")
        .arg(root().join("tests/e2e/oidc/provider.mjs"))
        .arg(port.to_string())
        .args(["staff", "makes", "crossed"].map(back))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line == "ready"));
    assert!(ready, "the provider did not start: npm ci --prefix tests/e2e/oidc");
    // What it says later must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Peer(child)
}

#[test]
fn people_sign_in_by_a_provider_of_identity() {
    let port = free_port();
    let one = |name: &str, id: &str, secret: &str, more: &str| {
        format!(
            "[oidc.{name}]\nissuer = \"http://127.0.0.1:{port}\"\nclient_id = \"{id}\"\n\
             client_secret = \"{secret}\"\ntenant = \"acme\"\n{more}\n"
        )
    };
    let config = [
        QUEUE.to_owned(),
        one("staff", "jackfield", "a secret: with/signs", "label = \"Acme's directory\""),
        one("makes", "jackfield", "a secret: with/signs", "roles = [\"quality\"]"),
        one("crossed", "crossed", "another secret", "roles = [\"admin\"]"),
    ];
    let server = Server::start("oidc", &config.concat(), &[("main.rhai", "answer();\n")]);
    let _provider = provider(port, &server);
    let vera = ["user", "add", "--tenant", "acme", "vera@acme.example", "--role", "admin"];
    server.ok(&vera);
    let visit = |args: &[&str]| {
        let address = format!("http://127.0.0.1:{}", server.http);
        let script = root().join("tests/e2e/oidc/visit.mjs");
        let output = Command::new("node").arg(script).arg(address).args(args).output().unwrap();
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{why}\n{}", server.log());
        format!("{}: {said}", args.join(" "))
    };
    let told = [
        // Somebody who is there already, twice: once to be bound, once as the one who is.
        visit(&["staff", "vera"]),
        visit(&["makes", "vera"]),
        // Nobody has made ivan a user, and by the other way he is made one.
        visit(&["staff", "ivan"]),
        visit(&["makes", "ivan"]),
        visit(&["staff", "ivan"]),
        // An address that is not verified.
        visit(&["makes", "eve"]),
        // Another state than the one that was sent, another browser, the same once more, and a token for another
        // audience.
        visit(&["makes", "vera", "state"]),
        visit(&["makes", "vera", "browser"]),
        visit(&["makes", "vera", "twice"]),
        visit(&["crossed", "vera"]),
        visit(&["nowhere", "vera"]),
    ];
    expect![[r#"
        staff vera: {"at":"/t/acme/users","asked":["login","consent"],"who":["vera@acme.example","","acme",["admin"]]}
        makes vera: {"at":"/t/acme/users","asked":["login","consent"],"who":["vera@acme.example","","acme",["admin"]]}
        staff ivan: {"at":"/signin?refused=oidc-unknown","asked":["login","consent"],"who":null}
        makes ivan: {"at":"/t/acme/users","asked":["login","consent"],"who":["ivan@acme.example","The ivan","acme",["quality"]]}
        staff ivan: {"at":"/t/acme/users","asked":["login","consent"],"who":["ivan@acme.example","The ivan","acme",["quality"]]}
        makes eve: {"at":"/signin?refused=oidc-nameless","asked":["login","consent"],"who":null}
        makes vera state: {"at":"/signin?refused=oidc-state","asked":["login","consent"],"who":null}
        makes vera browser: {"at":"/signin?refused=oidc-state","asked":["login","consent"],"who":null}
        makes vera twice: {"at":"/signin?refused=oidc-state","asked":["login","consent"],"who":null}
        crossed vera: {"at":"/signin?refused=oidc-token","asked":["login","consent"],"who":null}
        nowhere vera: {"at":"/signin?refused=oidc-provider","asked":[],"who":null}
    "#]].assert_eq(&told.concat());
    let log = server.log();
    assert!(log.contains("it is for another audience"), "{log}");
    let (_, providers) = server.http("GET", "/api/v1/oidc", None).unwrap();
    assert!(providers.contains("Acme's directory") && !providers.contains("secret"), "{providers}");
    // Each of them is in the audit log, with who was let in.
    let entries = server.json(&["audit", "acme", "--operation", "signInElsewhere"]);
    let of = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}\n", text("kind"), text("who"), entry["status"])
    };
    let entries: String = entries.as_array().unwrap().iter().rev().map(of).collect();
    expect![[r#"
        user vera@acme.example 303
        user vera@acme.example 303
        nobody ivan@acme.example 403
        user ivan@acme.example 303
        user ivan@acme.example 303
        nobody - 403
        nobody - 401
        nobody - 401
        user vera@acme.example 303
        nobody - 401
        nobody - 401
    "#]]
    .assert_eq(&entries);
    // In a real browser as well.
    let (pages, _) = look_with(&server, "elsewhere.mjs", &["Acme's directory", "vera", "stranger"]);
    are_right(&pages);
    assert_eq!(pages.len(), 4 * 3);
}
