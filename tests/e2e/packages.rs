//! Packages from the author's folder through a real registry to a call: Debian's `docker-registry`.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::{Peer, Server, detail, root};
use crate::queue::{QUEUE, agent};
use crate::sipp::Caller;

const ROUTER: &str = "longest-idle";
const FLOW: &str = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";
const PUBLISHER: &str = "shop";

/// Runs until it is dropped.
fn registry(server: &Server) -> (Peer, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = server.dir.join("registry.yml");
    let config = format!(
        "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n",
        server.dir.join("registry").display()
    );
    fs::write(&file, config).unwrap();
    let log = fs::File::create(server.dir.join("registry.log")).unwrap();
    let mut command = Command::new("docker-registry");
    let child = command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(log).spawn();
    let peer = Peer(child.expect("docker-registry is installed by `.ci/packages test`"));
    server.until("the registry", Duration::from_secs(20), || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    (peer, format!("127.0.0.1:{port}"))
}

/// An author and a centre that buys.
struct Shop {
    server: Server,
    registry: String,
    _running: Peer,
}

impl Shop {
    /// A tenant that accepts what `shop` signed and nothing else.
    fn open(name: &str) -> Self {
        let config = format!(
            "[plugins]\ntrust = \"trust.toml\"\n{QUEUE}[tenants.acme.packages]\n\
             require_signature = true\n"
        );
        let server = Server::start(name, &config, &[("main.rhai", FLOW), ("trust.toml", "")]);
        let (running, registry) = registry(&server);
        let shop = Self { server, registry, _running: running };
        let key = shop.server.json(&["plugin", "key", PUBLISHER, "--out", &shop.path("shop.pem")]);
        shop.trust(key["key"].as_str().unwrap(), "");
        shop
    }

    fn path(&self, name: &str) -> String {
        self.server.dir.join(name).to_str().unwrap().to_owned()
    }

    fn trust(&self, key: &str, more: &str) {
        let text = format!("[publishers.{PUBLISHER}]\nkeys = [\"{key}\"]\n{more}");
        fs::write(self.path("trust.toml"), text).unwrap();
    }

    fn index(&self) -> String {
        format!("{}/market/index:latest", self.registry)
    }

    /// Packs a bundled component under the name `router-shop`; returns the file.
    fn pack(&self, version: &str, bundled: &str, wants: &str) -> String {
        let folder = self.server.dir.join(format!("author-{version}"));
        fs::create_dir_all(&folder).unwrap();
        let toml = format!(
            "name = \"router-shop\"\nversion = \"{version}\"\nworld = \"router\"\nwants = [{wants}]\n\
             on_trap = \"the built-in rule decides\"\nsummary = \"Sells fairness\"\n\
             licence = \"Apache-2.0\"\nkeywords = [\"fair\"]\n"
        );
        fs::write(folder.join("plugin.toml"), toml).unwrap();
        fs::write(folder.join("README.md"), "# Shop\n").unwrap();
        let component = root().join(format!("target/plugins/{bundled}.wasm"));
        let file = self.path(&format!("router-shop-{version}.tar"));
        let (folder, component) = (folder.to_str().unwrap(), component.to_str().unwrap());
        self.server.ok(&["plugin", "pack", folder, "--component", component, "--out", &file]);
        file
    }

    /// Packs, signs and publishes.
    fn publish(&self, version: &str, bundled: &str, wants: &str) -> String {
        let file = self.pack(version, bundled, wants);
        self.server.ok(&["plugin", "sign", &file, "--key", &self.path("shop.pem")]);
        let to = format!("{}/plugins/router-shop", self.registry);
        let said = self.server.ok(&["plugin", "push", &file, &to, "--index", &self.index()]);
        assert!(said.contains("@sha256:"), "{said}");
        file
    }

    /// Runs a command that must be refused; returns what it said.
    #[track_caller]
    fn refused(&self, args: &[&str]) -> String {
        let output = self.server.cli(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{args:?} was accepted: {said}");
        said
    }

    fn market_install<'a>(&'a self, index: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec!["market", "install", "router-shop", "--tenant", "acme"];
        args.extend(["--as", ROUTER, "--index", index]);
        args.extend(more);
        args
    }

    /// The newest installed version begins to serve, and a call is routed by it.
    fn routes_a_call(&self, digest: &str) {
        self.server.ok(&["plugin", "activate", "acme", ROUTER, &digest[..12]]);
        Caller::new().call().expect_bye(15_000).run(&self.server, "100");
        let call = self.server.last_interaction("acme");
        let routed = detail(&call, "offered", "routed_by");
        assert_eq!(routed, Some(format!("plugin {}", &digest[..12])), "{}", self.server.log());
    }
}

#[test]
fn a_package_goes_from_its_author_through_a_registry_to_a_call() {
    let shop = Shop::open("packages");
    let (server, index) = (&shop.server, shop.index());
    let first = shop.publish("1.0.0", "router-longest-idle", "");
    let found = server.json(&["market", "search", "fairness", "--index", &index]);
    assert_eq!(found["items"][0]["name"], "router-shop", "{found}");
    let shown = server.ok(&["market", "show", "router-shop", "--index", &index]);
    assert!(shown.contains("may use    nothing"), "{shown}");
    assert!(shown.contains("[tenants.TENANT.routers.router-shop]\nplugin = "), "{shown}");

    // Nobody is there to agree.
    let said = shop.refused(&shop.market_install(&index, &[]));
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(server.json(&["plugin", "packages", "acme"])["items"].as_array().unwrap().len(), 0);
    let installed = server.json(&shop.market_install(&index, &["--yes"]));
    let _alice = agent(server, "alice", &["--auto-answer", "--hang-up-after", "300ms"]);
    shop.routes_a_call(installed["digest"].as_str().unwrap());

    // The next version wants more, and says so before anything happens.
    shop.publish("1.1.0", "router-sticky", "\"crm.history\"");
    let shown =
        server.ok(&["market", "show", "router-shop", "--tenant", "acme", "--index", &index]);
    assert!(shown.contains("compared with 1.0.0"), "{shown}");
    assert!(shown.contains("new        crm.history"), "{shown}");
    let newer = server.json(&shop.market_install(&index, &["--yes"]));
    shop.routes_a_call(newer["digest"].as_str().unwrap());

    // Back only if it is meant, also from a file without any network.
    let said = shop.refused(&shop.market_install(&index, &["--yes", "--version", "1.0.0"]));
    assert!(said.contains("older") && said.contains("1.1.0"), "{said}");
    let said = shop.refused(&["plugin", "install", "acme", ROUTER, &first]);
    assert!(said.contains("1.1.0"), "{said}");
    let older = server.json(&["plugin", "install", "acme", ROUTER, &first, "--downgrade"]);
    assert_eq!(older["digest"], installed["digest"]);
    let locked = server.json(&["plugin", "packages", "acme"]);
    assert_eq!(locked["items"][0]["version"], "1.0.0", "{locked}");
    assert_eq!(locked["items"][0]["publisher"], PUBLISHER, "{locked}");
    let lock = fs::read_to_string(shop.path("store/packages/acme.lock")).unwrap();
    assert!(lock.contains(locked["items"][0]["package"].as_str().unwrap()), "{lock}");
}

#[test]
fn what_nobody_trusted_signed_is_not_installed() {
    let shop = Shop::open("packages-refused");
    let server = &shop.server;
    let bare = root().join("target/plugins/router-random.wasm");
    let said = shop.refused(&["plugin", "install", "acme", ROUTER, bare.to_str().unwrap()]);
    assert!(said.contains("jackfield plugin pack"), "{said}");
    let file = shop.pack("2.0.0", "router-random", "");
    let said = shop.refused(&["plugin", "install", "acme", ROUTER, &file]);
    assert!(said.contains("it is not signed"), "{said}");
    let stranger = shop.path("stranger.pem");
    server.ok(&["plugin", "key", "stranger", "--out", &stranger]);
    server.ok(&["plugin", "sign", &file, "--key", &stranger]);
    let said = shop.refused(&["plugin", "install", "acme", ROUTER, &file]);
    assert!(said.contains("nobody of the trust store"), "{said}");

    // Signed by who is trusted, and changed on the way, at every place of the file.
    let signed = server.json(&["plugin", "sign", &file, "--key", &shop.path("shop.pem")]);
    let whole = fs::read(&file).unwrap();
    let changed = PathBuf::from(shop.path("changed.tar"));
    for at in (0..whole.len()).step_by(whole.len() / 16) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&changed, bytes).unwrap();
        shop.refused(&["plugin", "install", "acme", ROUTER, changed.to_str().unwrap()]);
    }

    // The key is lost: everything it signed is refused, wherever it comes from.
    let to = format!("{}/plugins/router-shop", shop.registry);
    server.ok(&["plugin", "push", &file, &to]);
    let trusted = fs::read_to_string(shop.path("trust.toml")).unwrap();
    let key = trusted.split('"').nth(1).unwrap();
    let id = signed["key"].as_str().unwrap();
    shop.trust(key, &format!("[[revoked]]\ndigest = \"{id}\"\nreason = \"stolen\"\n"));
    let reference = format!("{to}:2.0.0");
    for args in [
        &["plugin", "install", "acme", ROUTER, &file][..],
        &["plugin", "pull", &reference, "--out", &shop.path("pulled.tar")],
        &["plugin", "verify", &reference],
    ] {
        let said = shop.refused(args);
        assert!(said.contains("revoked: stolen"), "{args:?}: {said}");
    }
    assert!(!PathBuf::from(shop.path("pulled.tar")).exists());

    // Another key of the same publisher, and all is well.
    let key = server.json(&["plugin", "key", PUBLISHER, "--out", &shop.path("second.pem")]);
    server.ok(&["plugin", "sign", &file, "--key", &shop.path("second.pem")]);
    shop.trust(
        key["key"].as_str().unwrap(),
        &format!("[[revoked]]\ndigest = \"{id}\"\nreason = \"stolen\"\n"),
    );
    server.ok(&["plugin", "install", "acme", ROUTER, &file]);
}

#[test]
fn every_bundled_plugin_is_fit_for_a_package() {
    let shop = Shop::open("packages-bundled");
    let mut packed = 0;
    for entry in fs::read_dir(root().join("plugins")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("plugin.toml").exists() {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let built = root().join(format!("target/plugins/{name}.wasm"));
            let (dir, built) = (folder.to_str().unwrap(), built.to_str().unwrap());
            let file = shop.path(&format!("{name}.tar"));
            shop.server.ok(&["plugin", "pack", dir, "--component", built, "--out", &file]);
            shop.server.ok(&["plugin", "verify", &file]);
            packed += 1;
        }
    }
    assert!(20 < packed, "{packed}");
}
