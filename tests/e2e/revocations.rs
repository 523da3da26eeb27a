//! A publisher's key is revoked while what it signed serves: it is told, and stopped if that is wanted.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Server, detail, root};
use crate::queue::{QUEUE, agent, wait_for_state};
use crate::sipp::Caller;

const FLOW: &str = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";
const PACER: &str = "[tenants.acme.plugins.pace]\nworld = \"pacer\"\n";

struct Centre {
    server: Server,
    key: String,
    id: String,
}

impl Centre {
    /// A centre whose router and pacer came in packages that `shop` signed.
    fn open(name: &str) -> Self {
        let files = [("main.rhai", FLOW), ("trust.toml", "")];
        let server = Server::start(name, &config("tell"), &files);
        let secret = server.dir.join("shop.pem").display().to_string();
        let made = server.json(&["plugin", "key", "shop", "--out", &secret]);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let (key, id) = (text("key"), text("id"));
        let centre = Self { server, key, id };
        centre.trust("");
        for (slot, bundled, world) in
            [("longest-idle", "router-skills", "router"), ("pace", "pacer-progressive", "pacer")]
        {
            let package = centre.pack(bundled, &secret);
            let install = ["plugin", "install", "acme", slot, &package, "--world", world];
            let digest = centre.server.json(&install)["digest"].as_str().unwrap().to_owned();
            let activate = ["plugin", "activate", "acme", slot, &digest, "--world", world];
            centre.server.ok(&activate);
        }
        centre
    }

    fn pack(&self, bundled: &str, secret: &str) -> String {
        let at = |path: String| root().join(path).display().to_string();
        let folder = at(format!("plugins/{bundled}"));
        let component = at(format!("target/plugins/{bundled}.wasm"));
        let file = self.server.dir.join(format!("{bundled}.tar")).display().to_string();
        self.server.ok(&["plugin", "pack", &folder, "--component", &component, "--out", &file]);
        self.server.ok(&["plugin", "sign", &file, "--key", secret]);
        file
    }

    fn trust(&self, more: &str) {
        let text = format!("[publishers.shop]\nkeys = [\"{}\"]\n{more}", self.key);
        fs::write(self.server.dir.join("trust.toml"), text).unwrap();
    }

    fn revoke(&self) {
        self.trust(&format!("[[revoked]]\ndigest = \"{}\"\nreason = \"stolen\"\n", self.id));
    }

    fn configure(&self, revoked: &str) {
        fs::write(self.server.dir.join("jackfield.toml"), config(revoked)).unwrap();
        self.server.ok(&["config", "reload"]);
    }

    /// Who says how many calls to place, and why it is not the plugin.
    fn pace(&self) -> Value {
        let file = self.server.dir.join("campaign.json");
        let campaign = json!({
            "name": "spring", "agents_idle": 4, "agents_talking": 0, "agents_wrapping": 0,
            "dialling": 0, "waiting": 0, "numbers_left": 100, "lines_free": 50, "attempts": 0,
            "answered": 0, "abandoned": 0, "abandoned_max": 0.03, "ring_ms": 0, "talk_ms": 0,
            "wrap_ms": 0, "attributes": [], "now_seconds": 10.0, "seed": 1,
        });
        fs::write(&file, campaign.to_string()).unwrap();
        self.server.json(&["plugin", "ask", "acme", "pace", "--campaign", file.to_str().unwrap()])
    }

    /// Who chose the agent of a call.
    fn routed(&self) -> String {
        wait_for_state(&self.server, "alice", "ready");
        Caller::new().call().expect_bye(15_000).run(&self.server, "100");
        detail(&self.server.last_interaction("acme"), "offered", "routed_by").unwrap_or_default()
    }

    /// Standing and reason of a plugin, as the list has them.
    fn listed(&self, plugin: &str) -> (String, Value) {
        let listed = self.server.json(&["plugin", "list", "acme"]);
        let all = listed["items"].as_array().unwrap();
        let one = all.iter().find(|one| one["name"] == plugin).unwrap();
        (one["standing"].as_str().unwrap().to_owned(), one["revoked"].clone())
    }

    fn revoked(&self) -> f64 {
        self.server.metric("jackfield_plugin_revoked", "tenant=\"acme\"")
    }
}

fn config(revoked: &str) -> String {
    format!("[plugins]\ntrust = \"trust.toml\"\nrevoked = \"{revoked}\"\n{QUEUE}{PACER}")
}

#[test]
fn what_serves_and_is_revoked_is_told_and_goes_on() {
    let mut centre = Centre::open("revoked-told");
    centre.server.ok(&["config", "reload"]);
    assert_eq!((centre.listed("pace"), centre.revoked()), (("serving".into(), Value::Null), 0.0));

    centre.revoke();
    centre.server.ok(&["config", "reload"]);
    for plugin in ["pace", "longest-idle"] {
        assert_eq!(centre.listed(plugin), ("serving".to_owned(), json!("stolen")));
        let shown = centre.server.json(&["plugin", "show", "acme", plugin]);
        let revoked = shown["revoked"].as_object().unwrap();
        assert_eq!(revoked.values().collect::<Vec<_>>(), [&json!("stolen")], "{shown}");
    }
    assert_eq!(centre.revoked(), 2.0);
    assert_eq!(centre.pace()["decided_by"], "plugin");
    let told = "a version that serves was revoked";
    assert_eq!(centre.server.log().matches(told).count(), 2, "{}", centre.server.log());

    // A start tells it as well.
    centre.server.kill();
    fs::remove_file(centre.server.dir.join("server.log")).unwrap();
    centre.server.spawn();
    assert_eq!(centre.server.log().matches(told).count(), 2, "{}", centre.server.log());
    assert_eq!((centre.revoked(), centre.pace()["decided_by"].clone()), (2.0, json!("plugin")));

    // A trust store with a mistake is no reason to believe that nothing was revoked.
    fs::write(centre.server.dir.join("trust.toml"), "[publishers.shop]\n").unwrap();
    let reload = centre.server.cli(&["config", "reload"]);
    let said = String::from_utf8_lossy(&reload.stderr).into_owned();
    assert!(!reload.status.success() && said.contains("plugins.trust"), "{said}");
    assert_eq!(centre.revoked(), 2.0);
    centre.trust("");
    centre.server.ok(&["config", "reload"]);
    assert_eq!((centre.listed("pace"), centre.revoked()), (("serving".into(), Value::Null), 0.0));
}

#[test]
fn what_is_revoked_is_stopped_if_that_is_wanted() {
    let mut centre = Centre::open("revoked-stopped");
    let _alice = agent(&centre.server, "alice", &["--auto-answer", "--hang-up-after", "300ms"]);
    assert!(centre.routed().starts_with("plugin "));
    assert_eq!(centre.pace()["decided_by"], "plugin");

    centre.revoke();
    centre.configure("stop");
    let pace = centre.pace();
    assert_eq!(pace["decided_by"], "fallback");
    assert_eq!(pace["because"], json!([["failed", "suspended: revoked: stolen"]]));
    assert_eq!(centre.routed(), "fallback");
    for plugin in ["pace", "longest-idle"] {
        assert_eq!(centre.listed(plugin), ("revoked".to_owned(), json!("stolen")));
    }
    assert_eq!(centre.server.metric("jackfield_plugin_standing", "standing=\"revoked\""), 2.0);

    // Not by a restart nor by an activation does it serve again.
    centre.server.kill();
    centre.server.spawn();
    assert_eq!(centre.pace()["decided_by"], "fallback");
    let versions = centre.server.json(&["plugin", "list", "acme", "longest-idle"]);
    let versions = versions["items"].as_array().unwrap();
    let digest = |active: bool| {
        let found = versions.iter().find(|one| one["active"] == active).unwrap();
        found["digest"].as_str().unwrap().to_owned()
    };
    let again = centre.server.cli(&["plugin", "activate", "acme", "longest-idle", &digest(true)]);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(said.contains("it was revoked after it was installed: stolen"), "{said}");

    // The version that came with Jackfield does, and decides at once.
    centre.server.ok(&["plugin", "rollback", "acme", "longest-idle"]);
    assert_eq!(centre.listed("longest-idle"), ("serving".to_owned(), Value::Null));
    assert_eq!(centre.routed(), format!("plugin {}", &digest(false)[..12]));
    assert_eq!(centre.revoked(), 1.0);

    // The operator finds out that the key was not stolen.
    centre.trust("");
    centre.server.ok(&["config", "reload"]);
    assert_eq!(centre.pace()["decided_by"], "plugin");
}
