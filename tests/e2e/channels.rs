//! A conversation on a channel of a plugin: a chatbot answers, a person takes over with what was
//! written, analysts read it when it is over, and a connector writes it into another system's books.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Server, attribute, detail, story};

/// A tenant with a web chat whose visitors a chatbot answers.
pub fn web() -> String {
    r##"
[tenants.acme]
language = "en"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.routers.sales]
plugin = "router-longest-idle"
[tenants.acme.queues.sales]
router = "sales"
[tenants.acme.plugins.faq]
world = "chatbot"
plugin = "chatbot-faq"
settings = { faq-hours = "open, hours | We are open from 9 to 18." }
[tenants.acme.plugins.web]
world = "channel"
plugin = "channel-webchat"
grants = ["secrets"]
secrets = { site = "s1te" }
chatbot = "faq"
queue = "sales"
"##
    .to_owned()
}

/// The same with analysts, and with books that another system keeps at this port.
pub fn acme(port: u16) -> String {
    format!(
        r##"
[plugins.http]
allow_networks = ["127.0.0.0/8"]
[numbers."*"]
tenant = "acme"
flow = "main"
{}
[tenants.acme.flows.main]
script = "main.rhai"
[tenants.acme.plugins.quality]
world = "analyst"
plugin = "analyst-lexicon"
settings = {{ topic-hours = "open", question-greeted = "Greeted? | yes, no | hello" }}
{}"##,
        web(),
        books(port)
    )
}

/// A connector that tells the system at this port.
pub fn books(port: u16) -> String {
    format!(
        r##"
[tenants.acme.plugins.crm]
world = "connector"
plugin = "connector-webhook"
grants = ["http", "secrets", "crm.address"]
hosts = ["127.0.0.1:{port}"]
secrets = {{ key = "s3cret" }}
settings = {{ url = "http://127.0.0.1:{port}/jackfield" }}
"##
    )
}

/// Heads and bodies of the requests, the oldest first; null for one without a body.
pub type Heard = Vec<(String, Value)>;

/// Another system: takes every message and knows one customer.
pub fn crm() -> (u16, Arc<Mutex<Heard>>) {
    system(|_| (200, r#"{"id":"7","name":"Eva"}"#))
}

/// Another system that answers what it is asked, by the `type` of the message.
pub fn system(answer: fn(&Value) -> (u16, &'static str)) -> (u16, Arc<Mutex<Heard>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut got = Vec::new();
            let (head, body) = loop {
                let mut part = [0; 4096];
                let n = stream.read(&mut part).unwrap();
                got.extend_from_slice(&part[..n]);
                let text = String::from_utf8_lossy(&got).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if length.map_or(0, |length| length.parse().unwrap()) <= body.len() {
                    break (head.to_owned(), body.to_owned());
                }
            };
            let body: Value = serde_json::from_str(&body).unwrap_or_default();
            let (status, answer) = answer(&body["type"]);
            kept.lock().unwrap().push((head, body));
            let length = answer.len();
            write!(stream, "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n\r\n{answer}")
                .unwrap();
        }
    });
    (port, heard)
}

/// What the site posts; the status and the answer.
pub fn post(server: &Server, token: &str, body: &Value) -> (u16, Value) {
    post_to(server, "web", &format!("x-webchat-token: {token}"), body)
}

/// Posts to the webhook of a channel, with a header; the status and the answer.
pub fn post_to(server: &Server, channel: &str, header: &str, body: &Value) -> (u16, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.http)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let body = body.to_string();
    write!(
        stream,
        "POST /api/v1/tenants/acme/channels/{channel}/webhook HTTP/1.1\r\nHost: localhost\r\n\
         Connection: close\r\n{header}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

pub fn says(server: &Server, id: &str, text: &str) {
    let message = json!({ "type": "message", "session": "v1", "id": id, "text": text });
    assert_eq!(post(server, "s1te", &message), (200, json!({ "taken": format!("v1/{id}") })));
}

/// The next answer after the `n`th.
pub fn hears(server: &Server, n: u64) -> Value {
    let fetch = json!({ "type": "fetch", "session": "v1", "after": n });
    server.until("an answer", Duration::from_secs(10), || {
        let (_, answer) = post(server, "s1te", &fetch);
        answer["messages"].as_array()?.first().cloned()
    })
}

/// The newest interaction, whether it is over or not.
pub fn newest(server: &Server) -> Option<Value> {
    let id = server.interactions("acme").first()?["id"].as_str()?.to_owned();
    Some(server.json(&["interaction", "show", "acme", &id]))
}

#[test]
fn a_chat_goes_from_the_bot_to_a_person_into_the_books() {
    let (port, heard) = crm();
    let flow = [("main.rhai", "answer();\nhang_up(\"done\");\n")];
    let server = Server::start("channels", &acme(port), &flow);
    let hello = json!({ "type": "message", "session": "v1", "id": "0", "text": "hi" });
    assert_eq!(post(&server, "wrong", &hello).0, 401);

    says(&server, "1", "Hello, when are you open?");
    // The network says it again: it is taken once.
    says(&server, "1", "Hello, when are you open?");
    let first = hears(&server, 0);
    assert_eq!((&first["n"], &first["text"]), (&json!(1), &json!("We are open from 9 to 18.")));

    says(&server, "2", "Thank you! An operator, please");
    let call = server.until("the hand-over", Duration::from_secs(10), || {
        let call = newest(&server)?;
        story(&call).iter().any(|what| what == "handed_over").then_some(call)
    });
    let wrote = "The customer wrote: Hello, when are you open? / Thank you! An operator, please";
    assert_eq!(attribute(&call, "summary").as_deref(), Some(wrote));
    assert_eq!(detail(&call, "handed_over", "queue").as_deref(), Some("sales"));
    let id = call["id"].as_str().unwrap();
    server.ok(&["interaction", "write", "acme", id, "Good day, this is Anna.", "--agent", "anna"]);
    assert_eq!(hears(&server, 1)["text"], "Good day, this is Anna.");

    assert_eq!(post(&server, "s1te", &json!({ "type": "leave", "session": "v1" })).0, 200);
    let call = server.until("the findings", Duration::from_secs(10), || {
        let call = newest(&server)?;
        story(&call).iter().any(|what| what == "analysed").then_some(call)
    });
    assert_eq!(detail(&call, "analysed", "sentiment").as_deref(), Some("1.00"));
    assert_eq!(detail(&call, "analysed", "answer greeted").as_deref(), Some("yes"));
    assert!(detail(&call, "analysed", "topic hours").is_some());

    // The other system was told in order, signed, and has it in its books.
    let told = server.until("the books", Duration::from_secs(10), || {
        let heard = heard.lock().unwrap().clone();
        heard.iter().any(|(_, body)| body["type"] == "log-interaction").then_some(heard)
    });
    let kinds: Vec<&str> =
        told.iter().filter_map(|(_, body)| body["data"]["kind"].as_str()).collect();
    assert_eq!(kinds, ["arrived", "queued", "ended"]);
    for (head, _) in &told {
        assert!(head.contains("x-jackfield-signature: sha256="), "{head}");
        assert!(!head.contains("s3cret"), "{head}");
    }
    let log = told.iter().find(|(_, body)| body["type"] == "log-interaction").unwrap();
    assert_eq!((&log.1["data"]["id"], &log.1["data"]["customer"]), (&json!(id), &json!("7")));
    let known = server.json(&["plugin", "ask", "acme", "crm", "--contact", "+37120000009"]);
    assert_eq!((&known["id"], &known["name"]), (&json!("7"), &json!("Eva")));
}
