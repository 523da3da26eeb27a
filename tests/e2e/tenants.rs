//! Two tenants on one server do not meet.

use crate::harness::{Server, detail};
use crate::sipp::Caller;

const TWO: &str = r#"
[trunks.local]
sources = ["127.0.0.0/8"]
[numbers."100"]
tenant = "acme"
flow = "main"
[numbers."200"]
tenant = "romashka"
flow = "main"

[tenants.acme]
name = "Acme"
language = "en"
country_code = "371"
domain = "acme.example"
api_tokens = [{ name = "test", token = "acme-secret-token", scopes = ["read"] }]
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.flows.main]
script = "main.rhai"
[tenants.acme.queues.sales]
wrap_up = "0s"
[tenants.acme.agents.anna]
password = "anna-acme"
queues = { sales = 5 }
ready_on_register = true

[tenants.romashka]
name = "Romashka"
language = "ru"
country_code = "7"
domain = "romashka.example"
[tenants.romashka.fallback]
then = "hang_up"
[tenants.romashka.flows.main]
script = "main.rhai"
[tenants.romashka.queues.sales]
wrap_up = "0s"
[tenants.romashka.agents.anna]
password = "anna-romashka"
queues = { sales = 5 }
ready_on_register = true
"#;

const FLOW: &str = "answer();\nenqueue(\"sales\", #{ max_wait: 2 });\nhang_up(\"end\");\n";

#[test]
fn the_same_extension_in_two_tenants() {
    let server = Server::start("two", TWO, &[("main.rhai", FLOW)]);
    let registrar = format!("127.0.0.1:{}", server.sip);
    let args = ["phone", "--register", "anna@romashka.example", "--password", "anna-romashka"];
    let mut command = server.command(&args);
    command.args(["--server", &registrar, "--auto-answer", "--hang-up-after", "1s"]);
    let log = std::fs::File::create(server.dir.join("anna.log")).unwrap();
    let _anna =
        crate::harness::Peer(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    server.until("anna of romashka", std::time::Duration::from_secs(10), || {
        let agents = server.json(&["agent", "list", "romashka"]);
        (agents["items"][0]["state"] == "ready").then_some(())
    });
    // Acme's anna is not at work: a caller of acme must not reach romashka's.
    Caller::new().call().expect_bye(10_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(detail(&call, "left_queue", "end").as_deref(), Some("timed_out"), "{call}");
    Caller::new().call().expect_bye(10_000).run(&server, "200");
    let call = server.last_interaction("romashka");
    assert_eq!(call["agent"], "anna", "{call}");
}

#[test]
fn an_agent_calls_as_who_the_from_header_says() {
    // No trunk lets them in: they have to show a password.
    let config = TWO.replace("127.0.0.0/8", "192.0.2.0/24");
    let flow = "answer();\nhang_up(\"end\");\n";
    let server = Server::start("agent-calls", &config, &[("main.rhai", flow)]);
    let uri = format!("sip:200@127.0.0.1:{}", server.sip);
    let call = |user: &str, password: &str| {
        let login = ["--user", user, "--password", password];
        let mut command = server.command(&["phone", "--call", &uri]);
        command.args(["--from", "sip:anna@romashka.example"]).args(login).output().unwrap()
    };
    for user in ["anna", "anna@romashka.example"] {
        let output = call(user, "anna-romashka");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}\n{}", server.log());
        assert!(!call(user, "anna-acme").status.success(), "acme's password opens romashka's line");
    }
    assert_eq!(server.interactions("romashka").len(), 2);
}

#[test]
fn a_token_of_one_tenant_reads_nothing_of_another() {
    let server = Server::start("tokens", TWO, &[("main.rhai", FLOW)]);
    let token = Some("acme-secret-token");
    let status = |path: &str, token| server.http("GET", path, token).unwrap().0;
    assert_eq!(status("/api/v1/tenants/acme/agents", token), 200);
    assert_eq!(status("/api/v1/tenants/romashka/agents", token), 404);
    assert_eq!(status("/api/v1/tenants/acme/agents", None), 401);
}
