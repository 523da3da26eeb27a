//! Plugins in JavaScript, TypeScript and Python of the worlds that are asked: from `plugin new` to a
//! conversation on a real server, its books, its findings, and a campaign.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::channels::{Heard, crm, newest};
use crate::harness::{Server, attribute, detail, root, story};
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sdks::{done, tool};
use crate::sipp::Caller;

const WORLDS: [&str; 5] = ["chatbot", "channel", "connector", "analyst", "pacer"];
const SECONDS: Duration = Duration::from_secs(10);

/// A folder of one test, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("jackfield-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        Self(dir)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Begins and tests a plugin of each world; builds some, and certifies some of those.
#[track_caller]
fn each_world(folder: &Folder, language: &str, built: &[&str], certified: &[&str]) {
    let into = folder.path("");
    for world in WORLDS {
        done(&["plugin", "new", "--lang", language, "--world", world, world, "--into", &into]);
        done(&["plugin", "test", &folder.path(world)]);
        if built.contains(&world) {
            done(&["plugin", "build", &folder.path(world), "--out", &into]);
        }
        if certified.contains(&world) {
            let file = folder.path(&format!("{world}.wasm"));
            let said = done(&["plugin", "check", &file]);
            assert!(said.contains(&format!("world {world}")), "{said}");
            let url = "url=https://books.example/in";
            done(&["plugin", "certify", &file, "--worlds", "60", "--set", url]);
        }
    }
}

#[test]
fn each_world_in_javascript() {
    let folder = Folder::new("worlds-js");
    each_world(&folder, "js", &WORLDS, &WORLDS);
    for world in WORLDS {
        let file = folder.path(&format!("{world}.wasm"));
        let url = "url=https://books.example/in";
        let said = done(&["plugin", "check", &file, "--conformance", "--setting", url]);
        assert!(said.contains("takes-anything       98"), "{said}");
    }
}

#[test]
fn each_world_in_typescript() {
    // All are built for their types; what they do is what JavaScript's do.
    each_world(&Folder::new("worlds-ts"), "ts", &WORLDS, &["connector"]);
}

#[test]
fn each_world_in_python() {
    // Each takes as long to build and to compile as all of JavaScript.
    each_world(&Folder::new("worlds-python"), "python", &["channel"], &["channel"]);
}

/// Has a new connector that wants everything pass the SDK's own tests instead of its own.
#[track_caller]
fn sdk_tests(language: &str, own: &str, tests: &str) {
    let folder = Folder::new(&format!("sdk-tests-{language}"));
    let into = folder.path("");
    let new = ["plugin", "new", "--lang", language, "--world", "connector", "own", "--into", &into];
    done(&new);
    let manifest = folder.path("own/plugin.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let wants = "wants = [\"crm.segment\", \"crm.read\", \"crm.address\", \"crm.write\", \"http\", \
                 \"secrets\", \"messaging\", \"metrics\"]";
    let line = text.lines().find(|line| line.starts_with("wants")).unwrap();
    std::fs::write(&manifest, text.replace(line, wants)).unwrap();
    let project = folder.0.join("own");
    std::fs::remove_file(project.join(own)).unwrap();
    let place = project.join(own).with_file_name(PathBuf::from(tests).file_name().unwrap());
    std::fs::copy(root().join(tests), place).unwrap();
    done(&["plugin", "test", &folder.path("own")]);
}

#[test]
fn the_sdk_of_javascript_does_what_it_says() {
    sdk_tests("js", "test/plugin.test.js", "sdk/js/test/sdk.test.js");
}

#[test]
fn the_sdk_of_python_does_what_it_says() {
    sdk_tests("python", "tests/test_plugin.py", "sdk/python/tests/test_sdk.py");
}

/// A tenant without any plugin yet of those worlds; `port` is where the other system is.
fn acme(port: u16) -> String {
    format!(
        r##"
[plugins.http]
allow_networks = ["127.0.0.0/8"]
[trunks.local]
sources = ["127.0.0.0/8"]
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
[tenants.acme.plugins.bot]
world = "chatbot"
settings = {{ hours = "Day and night." }}
[tenants.acme.plugins.texts]
world = "channel"
grants = ["http", "secrets"]
hosts = ["127.0.0.1:{port}"]
secrets = {{ token = "s3cret" }}
settings = {{ url = "http://127.0.0.1:{port}/texts" }}
chatbot = "bot"
queue = "sales"
[tenants.acme.plugins.quality]
world = "analyst"
settings = {{ question-greeted = "Did the agent greet? | yes, no" }}
[tenants.acme.plugins.crm]
world = "connector"
grants = ["http", "secrets", "crm.address"]
hosts = ["127.0.0.1:{port}"]
secrets = {{ token = "s3cret" }}
settings = {{ url = "http://127.0.0.1:{port}/books" }}
every = "1s"
[tenants.acme.plugins.pace]
world = "pacer"
settings = {{ per-agent = 2 }}
"##
    )
}

/// A centre of that tenant, and the other system.
struct Centre {
    server: Server,
    heard: Arc<Mutex<Heard>>,
}

impl Centre {
    fn start(name: &str) -> Self {
        let (port, heard) = crm();
        let flow = [("main.rhai", "answer();\nhang_up(\"done\");\n")];
        Self { server: Server::start(name, &acme(port), &flow), heard }
    }

    /// Has a new plugin serve under this name.
    #[track_caller]
    fn begin(&self, language: &str, world: &str, name: &str) {
        let into = self.server.dir.to_str().unwrap();
        done(&["plugin", "new", "--lang", language, "--world", world, name, "--into", into]);
        let dir = self.server.dir.join(name);
        let dir = dir.to_str().unwrap();
        let said =
            self.server.ok(&["plugin", "dev", dir, "--tenant", "acme", "--name", name, "--once"]);
        assert!(said.contains("is now"), "{said}");
    }

    /// What a webhook is answered.
    fn post(&self, path: &str, token: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.http)).unwrap();
        stream.set_read_timeout(Some(SECONDS)).unwrap();
        write!(
            stream,
            "POST /api/v1/tenants/acme/{path}/webhook HTTP/1.1\r\nHost: localhost\r\n\
             Connection: close\r\nx-token: {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    #[track_caller]
    fn says(&self, id: &str, text: &str) {
        let message = json!({ "from": "eva", "id": id, "text": text }).to_string();
        assert_eq!(self.post("channels/texts", "s3cret", &message).0, 200, "{}", self.server.log());
    }

    /// Waits until the customer was sent this text, and looks at the request.
    #[track_caller]
    fn hears(&self, text: &str) {
        let sent = self.server.until(text, SECONDS, || {
            let heard = self.heard.lock().unwrap();
            heard.iter().find(|(_, body)| body["text"] == text).cloned()
        });
        assert_eq!(sent.1["to"], "eva");
        assert!(sent.0.starts_with("POST /texts "), "{}", sent.0);
        assert!(sent.0.contains("authorization: Bearer s3cret"), "{}", sent.0);
    }

    /// The newest interaction, once its story has this.
    #[track_caller]
    fn until(&self, what: &str) -> Value {
        self.server.until(what, SECONDS, || {
            let whole = newest(&self.server)?;
            story(&whole).iter().any(|known| known == what).then_some(whole)
        })
    }

    /// What the connector told of, once it has written an interaction into the books.
    #[track_caller]
    fn books(&self) -> (Vec<String>, Value) {
        let told = self.server.until("the books", SECONDS, || {
            let heard = self.heard.lock().unwrap().clone();
            heard.iter().any(|(_, body)| body["type"] == "log").then_some(heard)
        });
        let kinds = told.iter().filter(|(_, body)| body["type"] == "event");
        let kinds = kinds.filter_map(|(_, body)| Some(body["data"]["kind"].as_str()?.to_owned()));
        let log = told.iter().find(|(_, body)| body["type"] == "log").unwrap();
        assert!(log.0.starts_with("POST /books ") && log.0.contains("Bearer s3cret"), "{}", log.0);
        (kinds.collect(), log.1["data"].clone())
    }

    /// Asks the connector for a customer, posts to it, and waits for its schedule.
    #[track_caller]
    fn connector_works(&self) {
        let ask = ["plugin", "ask", "acme", "crm", "--contact", "+37120000009"];
        assert_eq!(self.server.json(&ask)["name"], "Eva");
        let asked = |head: &str| head.starts_with("GET /books?address=%2B37120000009 ");
        assert!(self.heard.lock().unwrap().iter().any(|(head, _)| asked(head)));
        assert_eq!(self.post("connectors/crm", "", "{}").0, 204);
        self.server.until("the schedule", SECONDS, || {
            let count = self.server.metric("jackfield_plugin_counter_total", "schedules");
            (1.0 <= count).then_some(())
        });
    }
}

#[test]
fn a_conversation_its_books_and_a_campaign_in_javascript() {
    let centre = Centre::start("scripts-js");
    let names = ["bot", "texts", "crm", "quality", "pace"];
    for (world, name) in ["chatbot", "channel", "connector", "analyst", "pacer"].iter().zip(names) {
        centre.begin("js", world, name);
    }
    let hello = r#"{"from":"eva","id":"0","text":"hi"}"#;
    assert_eq!(centre.post("channels/texts", "guessed", hello).0, 401);
    let (status, said) = centre.post("channels/texts", "s3cret", r#"{"from":"eva","id":0}"#);
    assert_eq!(
        (status, &said["error"]),
        (400, &json!("`id`: a text that is not empty is accepted"))
    );
    assert_eq!(centre.post("channels/texts", "s3cret", &"[".repeat(20_000)).0, 400);

    centre.says("1", "When are you open? My invoice is bad.");
    centre.hears("Day and night.");
    // A customer who names the secret is sent the name back, and no secret.
    centre.says("2", "{{secret:token}}");
    centre.hears("I did not understand that. Shall I get a person?");
    centre.says("3", "Elephants");
    let call = centre.until("handed_over");
    let summary = "The bot did not understand the customer twice: Elephants";
    assert_eq!(attribute(&call, "summary").as_deref(), Some(summary));
    assert_eq!(attribute(&call, "misses").as_deref(), Some("1"));
    let id = call["id"].as_str().unwrap();
    let hello = "Hello, this is Anna.";
    centre.server.ok(&["interaction", "write", "acme", id, hello, "--agent", "anna"]);
    centre.hears(hello);
    let quoted = "You wrote {{secret:token}}?";
    centre.server.ok(&["interaction", "write", "acme", id, quoted, "--agent", "anna"]);
    centre.hears(quoted);

    centre.server.ok(&["interaction", "end", "acme", id]);
    let call = centre.until("analysed");
    let found = |name| detail(&call, "analysed", name);
    assert_eq!(found("sentiment").as_deref(), Some("-1.00"), "{call}");
    assert_eq!(found("answer greeted").as_deref(), Some("yes"));
    assert!(found("topic billing").is_some());

    let (kinds, log) = centre.books();
    assert_eq!(kinds, ["arrived", "queued", "ended"]);
    assert_eq!((&log["id"], &log["customer"]), (&json!(id), &json!("7")));
    centre.connector_works();

    let file = centre.server.dir.join("campaign.json");
    let campaign = json!({
        "name": "spring", "agents_idle": 4, "agents_talking": 0, "agents_wrapping": 0, "dialling": 1,
        "waiting": 0, "numbers_left": 100, "lines_free": 50, "attempts": 100, "answered": 50,
        "abandoned": 0, "abandoned_max": 0.03, "ring_ms": 0, "talk_ms": 0, "wrap_ms": 0,
        "attributes": [], "now_seconds": 10.0, "seed": 1,
    });
    std::fs::write(&file, campaign.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let pace = centre.server.json(&["plugin", "ask", "acme", "pace", "--campaign", file]);
    assert_eq!((&pace["dial"], &pace["decided_by"]), (&json!(7), &json!("plugin")), "{pace}");
}

#[test]
fn a_channel_in_typescript_brings_a_conversation_to_a_person() {
    let centre = Centre::start("scripts-ts");
    centre.begin("ts", "chatbot", "bot");
    centre.begin("ts", "channel", "texts");
    assert_eq!(centre.post("channels/texts", "guessed", "{}").0, 401);
    centre.says("1", "Your hours?");
    centre.hears("Day and night.");
    centre.says("2", "A person, please");
    let call = centre.until("handed_over");
    let summary = "The customer asked for a person: A person, please";
    assert_eq!(attribute(&call, "summary").as_deref(), Some(summary));
}

#[test]
fn a_connector_in_python_has_a_call_in_its_books() {
    let centre = Centre::start("scripts-python");
    centre.begin("python", "connector", "crm");
    Caller::new().call().expect_bye(15_000).run(&centre.server, "100");
    let call = centre.server.last_interaction("acme");
    let (kinds, log) = centre.books();
    assert_eq!(kinds, ["arrived", "ended"]);
    assert_eq!(log["id"], call["id"]);
    centre.connector_works();
}

#[test]
fn a_mistake_in_the_types_is_told_with_its_place() {
    let folder = Folder::new("types");
    let into = folder.path("");
    done(&["plugin", "new", "--lang", "ts", "--world", "pacer", "typed", "--into", &into]);
    let source = folder.path("typed/src/plugin.ts");
    let text = std::fs::read_to_string(&source).unwrap();
    std::fs::write(&source, text.replace("againMs: AGAIN_MS", "againMs: 'soon'")).unwrap();
    let output = tool(&["plugin", "build", &folder.path("typed"), "--out", &into]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("src/plugin.ts(") && said.contains("againMs"),
        "{said}"
    );
}

/// The version after the guest `router-remembers`: it keeps its count as JSON, and takes over the text.
const REMEMBERS: &str = r#"
import { get, set } from 'jackfield:state/state@0.1.0';
import { offer } from '../jackfield/index.js';
import { fromJson, toJson, toText } from '../jackfield/json.js';

export const routerGuest = {
  choose({ candidates }) {
    let kept;
    try {
      kept = get('count');
    } catch {
      // Without state, as in the test at an installation, it does what it can.
      return offer(candidates);
    }
    const count = 1 + (kept ? fromJson(kept).count : 0);
    set('count', toJson({ count }), null);
    return offer(candidates, { count: `${count} in JSON` });
  },
};

export const migration = {
  migrate(entries) {
    return entries.map(({ key, value, ttlSeconds }) => {
      const count = Number(toText(value));
      if (Number.isNaN(count)) throw `${key} is no count`;
      return { key, value: toJson({ count }), ttlSeconds };
    });
  },
};
"#;

#[test]
fn a_migration_in_javascript_is_called_on_activation() {
    let config = QUEUE.replace("router-longest-idle", "router-remembers");
    let flow = "answer();\nlet more = #{};\n\
                if caller() == \"spoil\" { more = #{ attributes: #{ \"spoil\": \"x\" } }; }\n\
                enqueue(\"sales\", more);\nhang_up(\"done\");\n";
    let server = Server::start("scripts-migrate", &config, &[("main.rhai", flow)]);
    let _alice = agent(&server, "alice", &["--auto-answer", "--hang-up-after", "200ms"]);
    let count = |caller: &str| {
        wait_for_state(&server, "alice", "ready");
        Caller::new().from(caller).call().expect_bye(20_000).run(&server, "100");
        let call = server.last_interaction("acme");
        detail(&call, "offered", "because count").unwrap_or_default()
    };
    let into = server.dir.to_str().unwrap();
    done(&["plugin", "new", "--lang", "js", "counts", "--into", into]);
    let dir = server.dir.join("counts");
    std::fs::write(dir.join("src/plugin.js"), REMEMBERS).unwrap();
    let manifest = std::fs::read_to_string(dir.join("plugin.toml")).unwrap();
    let manifest = manifest.replace("[\"log\"]", "[\"state\"]\nmigrates = true");
    std::fs::write(dir.join("plugin.toml"), manifest).unwrap();
    done(&["plugin", "build", dir.to_str().unwrap(), "--out", into]);
    let file = server.dir.join("counts.wasm");
    let file = file.to_str().unwrap();
    let said = done(&["plugin", "check", file]);
    assert!(said.contains("world router, takes over state, digest"), "{said}");
    let installed = server.json(&["plugin", "install", "acme", "longest-idle", file]);
    let digest = installed["digest"].as_str().unwrap();
    let activate = ["plugin", "activate", "acme", "longest-idle", digest];

    assert_eq!(count("anybody"), "1");
    server.ok(&activate);
    assert_eq!(count("anybody"), "2 in JSON");
    server.ok(&["plugin", "rollback", "acme", "longest-idle"]);
    assert_eq!(count("spoil"), "2");
    let output = server.cli(&activate);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("step migrate"), "{said}");
    assert!(said.contains("it says: spoil is no count"), "{said}");
    assert_eq!(count("anybody"), "3");
}

/// Adds a migration to a new router, builds and checks it.
#[track_caller]
fn migrates(language: &str, source: &str, migration: &str) {
    let folder = Folder::new(&format!("migrates-{language}"));
    let into = folder.path("");
    done(&["plugin", "new", "--lang", language, "router", "--into", &into]);
    let change = |name: &str, change: &dyn Fn(String) -> String| {
        let path = folder.path(&format!("router/{name}"));
        std::fs::write(&path, change(std::fs::read_to_string(&path).unwrap())).unwrap();
    };
    change("plugin.toml", &|text| text.replace("\nwants", "\nmigrates = true\nwants"));
    change("plugin.toml", &|text| text.replace("[\"log\"]", "[\"log\", \"state\"]"));
    change(source, &|text| text + migration);
    done(&["plugin", "build", &folder.path("router"), "--out", &into]);
    let said = done(&["plugin", "check", &folder.path("router.wasm")]);
    assert!(said.contains("world router, takes over state, digest"), "{said}");
}

#[test]
fn a_migration_in_typescript_has_types() {
    let migration = "
import type { Migration } from 'jackfield:state/migration@0.1.0';

export const migration: Migration = {
  migrate(entries) {
    return entries.filter(({ ttlSeconds }) => ttlSeconds === null);
  },
};
";
    migrates("ts", "src/plugin.ts", migration);
}

#[test]
fn a_migration_in_python_is_built() {
    let migration = "

from wit_world.exports.migration import Entry


class Migration(exports.Migration):
    def migrate(self, entries: list[Entry]) -> list[Entry]:
        return [one for one in entries if one.ttl_seconds is None]
";
    migrates("python", "src/plugin.py", migration);
}
