//! What plugins may import and reach: grants, requests to the world outside, and pacers that are
//! asked.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::harness::{Server, root};

/// Acme has a connector that tries everything, one that was granted nothing, and a pacer.
fn acme(process: &str, hosts: &str) -> String {
    format!(
        r##"
{process}
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
[tenants.acme.plugins.crm]
world = "connector"
plugin = "connector-hostile"
grants = ["http", "secrets"]
hosts = [{hosts}]
secrets = {{ key = "s3cret" }}
[tenants.acme.plugins.quiet]
world = "connector"
[tenants.acme.plugins.pace]
world = "pacer"
plugin = "pacer-progressive"
settings = {{ attempts-min = 10 }}
"##
    )
}

const FLOW: [(&str, &str); 1] = [("main.rhai", "answer();\nhang_up(\"done\");\n")];

fn plugin(name: &str) -> String {
    root().join(format!("target/plugins/{name}.wasm")).display().to_string()
}

/// What the command said when it failed.
#[track_caller]
fn refusal(server: &Server, args: &[&str]) -> String {
    let out = server.cli(args);
    assert!(!out.status.success(), "{args:?} went well");
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// What the connector learnt when it asked for `url`.
#[track_caller]
fn learnt(server: &Server, url: &str) -> String {
    let customer = server.json(&["plugin", "ask", "acme", "crm", "--contact", url]);
    customer["name"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_not_granted_is_refused_with_the_line_to_add() {
    let mut server = Server::start("grants", &acme("", ""), &FLOW);
    let (sticky, hostile) = (plugin("router-sticky"), plugin("connector-hostile"));
    let install = ["plugin", "install", "acme", "sales", &sticky];
    let said = refusal(&server, &install);
    assert!(
        said.contains(
            "step `grant`: it imports `crm.history`, which this tenant does not grant; add `grants = \
             [\"crm.history\"]` to `[tenants.acme.routers.sales]`, or do without"
        ),
        "{said}"
    );
    let said = refusal(&server, &[&install[..], &["--grant", "crm.all"]].concat());
    assert!(said.contains("there is no grant `crm.all`"), "{said}");

    // Granted to this version it is taken, and is asked after a restart as well.
    server.ok(&[&install[..], &["--grant", "crm.history"]].concat());
    let versions = server.json(&["plugin", "list", "acme", "sales"]);
    let digest = versions["items"][0]["digest"].as_str().unwrap().to_owned();
    server.ok(&["plugin", "activate", "acme", "sales", &digest]);
    server.kill();
    server.spawn();
    let versions = server.json(&["plugin", "list", "acme", "sales"]);
    let active = versions["items"].as_array().unwrap().iter().find(|one| one["active"] == true);
    assert_eq!(active.unwrap()["digest"], digest.as_str());

    // A connector has an entry, and what the entry grants.
    let quiet = ["plugin", "install", "acme", "quiet", &hostile, "--world", "connector"];
    let said = refusal(&server, &quiet);
    assert!(said.contains("add `grants = [\"http\"]` to `[tenants.acme.plugins.quiet]`"), "{said}");
    let said = refusal(
        &server,
        &["plugin", "install", "acme", "nobody", &hostile, "--world", "connector"],
    );
    assert!(
        said.contains("the configuration has no connector `nobody`: add these lines"),
        "{said}"
    );
    assert!(said.contains("[tenants.acme.plugins.nobody]\nworld = \"connector\"\n"), "{said}");
    let said = refusal(&server, &["plugin", "install", "acme", "quiet", &sticky]);
    assert!(said.contains("the plugin `quiet` is no router"), "{said}");
}

#[test]
fn nothing_inside_is_reached() {
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    let names = [
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00:ec2::254]",
    ];
    let hosts: Vec<String> = names.iter().map(|name| format!("\"{name}:{port}\"")).collect();
    let server = Server::start("inside", &acme("", &hosts.join(", ")), &FLOW);
    for name in names {
        let said = learnt(&server, &format!("http://{name}:{port}/latest/meta-data/"));
        assert!(said.contains("NotAllowed") && said.contains("an operator may open"), "{said}");
        let twice = learnt(&server, &format!("twice http://{name}:{port}/"));
        assert_eq!(twice.matches("NotAllowed").count(), 2, "{twice}");
    }
    let said = learnt(&server, "https://example.com/");
    assert!(said.contains("add \\\"example.com\\\" to `hosts` of the plugin's entry"), "{said}");
    for spelling in
        ["http://2130706433/", "http://0x7f.1/", "http://user@127.0.0.1/", "file:///etc/passwd"]
    {
        let said = learnt(&server, spelling);
        assert!(said.contains("Invalid"), "{spelling}: {said}");
    }
    assert!(inside.accept().is_err(), "somebody came in");
    assert!(server.metric("jackfield_plugin_http_requests_total", "not_allowed") >= 25.0);
}

/// An HTTP server of the outside world: says back what it was sent, or sends elsewhere.
fn outside() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut got = vec![0; 16 << 10];
            let n = stream.read(&mut got).unwrap();
            let got = String::from_utf8_lossy(&got[..n]).into_owned();
            let away = got.starts_with("GET /away");
            let head = if away { "302 Found\r\nlocation: http://10.0.0.1/" } else { "200 OK" };
            let body = got.clone();
            kept.lock().unwrap().push(got);
            let length = body.len();
            write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        }
    });
    (port, heard)
}

#[test]
fn what_is_listed_is_reached_with_secrets_that_the_plugin_never_sees() {
    let (port, heard) = outside();
    let open =
        "[plugins.http]\nallow_networks = [\"127.0.0.0/8\"]\n[limits]\ntenant_egress = \"64KiB\"\n";
    let server = Server::start("listed", &acme(open, &format!("\"127.0.0.1:{port}\"")), &FLOW);
    let said = learnt(&server, &format!("secret http://127.0.0.1:{port}/contacts?q=1"));
    let sent = heard.lock().unwrap().concat();
    assert!(sent.starts_with("GET /contacts?q=1 HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains("authorization: Bearer s3cret\r\n"), "{sent}");
    // The server said it all back.
    assert!(said.contains("authorization: Bearer [secret]"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    let away = learnt(&server, &format!("http://127.0.0.1:{port}/away"));
    assert!(away.starts_with("302 to http://10.0.0.1/"), "{away}");
    let other = learnt(&server, &format!("http://127.0.0.1:{}/", port ^ 1));
    assert!(other.contains("NotAllowed"), "{other}");
    assert_eq!(server.metric("jackfield_plugin_http_requests_total", "answered"), 2.0);

    // Nobody sends without end: what the tenant may send in a minute is over before the call is.
    let path = "x".repeat(400);
    let flood = learnt(&server, &format!("flood http://127.0.0.1:{port}/{path}"));
    assert!(flood.contains("limit egress"), "{flood}");
    let requests = heard.lock().unwrap().len();
    assert!((50..1_000).contains(&requests), "{requests}");
    assert!(server.metric("jackfield_plugin_limit_hits_total", "limit=\"egress\"") >= 1.0);
}

/// A campaign in full swing, with what is said otherwise.
pub fn campaign(change: &[(&str, Value)]) -> Value {
    let mut campaign = json!({
        "name": "spring", "agents_idle": 4, "agents_talking": 10, "agents_wrapping": 0, "dialling": 1,
        "waiting": 0, "numbers_left": 100, "lines_free": 50, "attempts": 100, "answered": 50,
        "abandoned": 0, "abandoned_max": 0.03, "ring_ms": 10_000, "talk_ms": 90_000, "wrap_ms": 10_000,
        "attributes": [], "now_seconds": 10.0, "seed": 1,
    });
    for (name, value) in change {
        campaign[*name] = value.clone();
    }
    campaign
}

#[test]
fn a_pacer_says_how_many_calls_to_place() {
    let server = Server::start("pacer", &acme("", ""), &FLOW);
    let file = server.dir.join("campaign.json");
    let ask = |change: &[(&str, Value)]| {
        std::fs::write(&file, campaign(change).to_string()).unwrap();
        server.json(&["plugin", "ask", "acme", "pace", "--campaign", file.to_str().unwrap()])
    };
    // Four are free, one of ten will be by the time somebody answers; half do not answer: ten calls, of
    // which one rings.
    let pace = ask(&[]);
    assert_eq!((&pace["dial"], &pace["decided_by"]), (&json!(9), &json!("plugin")), "{pace}");
    // Too many were left without an agent: one call for each.
    let pace = ask(&[("abandoned", json!(3))]);
    assert_eq!(pace["dial"], 3, "{pace}");
    // Never more than there are lines and numbers, whatever the plugin says.
    assert_eq!(ask(&[("lines_free", json!(2))])["dial"], 2);
    assert_eq!(ask(&[("numbers_left", json!(0))])["dial"], 0);
    // Without the plugin the built-in rule says it.
    server.ok(&["plugin", "disable", "acme", "pace"]);
    let pace = ask(&[]);
    assert_eq!((&pace["dial"], &pace["decided_by"]), (&json!(3), &json!("fallback")), "{pace}");
}
