//! Files in, problems out.

use std::path::Path;

use expect_test::{Expect, expect, expect_file};

use super::*;

mod routing;
mod webchat;

const DEMO: &str = include_str!("../../../../examples/demo/jackfield.toml");

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
    let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Config::parse(Path::new("etc/jackfield.toml"), text, variables)
}

fn demo(variables: &[(&str, &str)]) -> Config {
    parse(DEMO, variables).unwrap_or_else(|problems| panic!("{problems}"))
}

#[track_caller]
fn refused(text: &str, variables: &[(&str, &str)], expected: Expect) {
    let problems = parse(text, variables).expect_err("must be refused");
    expected.assert_eq(&format!("{problems}\n"));
}

#[test]
fn the_demo_is_in_order() {
    let config = demo(&[]);
    assert_eq!(config.sip.bind.to_string(), "127.0.0.1:5060");
    assert_eq!(config.rtp.bind, config.sip.bind.ip());
    assert_eq!(config.token_file(), Path::new("data/demo/admin.token"));
    let route = config.numbers.lookup("200").expect("a route");
    let tenant = &config.tenants[&route.tenant];
    assert_eq!(tenant.flows[&route.flow], Path::new("etc/romashka/main.rhai"));
    assert_eq!(tenant.name, "Ромашка");
    let (tenant, agent) = config.agent_by_sip_user("alice").expect("an agent");
    let acme = &config.tenants[&tenant];
    assert_eq!(acme.center.agents[&agent].queues.len(), 2);
    assert!(config.trunks[0].has_source("127.0.0.1".parse().expect("an address")));
    let text = format!("{config:?}");
    assert!(!text.contains("alice-demo"), "a password shows in Debug");
}

#[test]
fn an_empty_file_is_all_defaults() {
    let config = parse("", &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.sip.max_calls, 10_000);
    assert!(config.tenants.is_empty());
}

#[test]
fn mistakes_are_reported_at_once() {
    refused(
        r#"
        [sip]
        prot = 5060
        transports = ["udp", "sctp"]

        [rtp]
        port_min = 30000
        port_max = 20000

        [store]
        commit_interval = "2 fortnights"

        [trunks.demo]
        sources = ["10.0.0.0/33"]

        [numbers."100"]
        tenant = "acne"
        flow = "main"

        [tenants.acme]
        flows.main = {}

        [tenants.acme.queues.sales]
        ring_time = "900ms"
        overflow = "suport"
        router = "skill"

        [tenants.acme.queues.support]

        [tenants.acme.routers.skills]
        plugin = "router-skills"

        [tenants.acme.agents.Alice]
        password = "x"

        [tenants.acme.agents.bob]
        password = 1234
        queues = { sales = 11 }
        "#,
        &[],
        expect![[r#"
            line 3: `sip.prot` is not a key: did you mean `port`?
            line 4: `sip.transports` must be a list of "udp", "tcp", each once, got ["udp", "sctp"]
            line 8: `rtp.port_max` must leave room for a call above `rtp.port_min`: at least 30002, got 20000
            line 11: `store.commit_interval` must be a length of time from 1ms to 1s, got "2 fortnights"
            line 14: `trunks.demo.sources` must be a list of networks such as "10.0.0.0/8", got ["10.0.0.0/33"]
            line 17: `numbers.100.tenant` names the tenant `acne`, which is not defined: did you mean `acme`?
            line 21: `tenants.acme.flows.main.script` is missing: it must be a path
            line 24: `tenants.acme.queues.sales.ring_time` must be a length of time from 5s to 120s, got "900ms"
            line 25: `tenants.acme.queues.sales.overflow` names the queue `suport`, which is not defined: did you mean `support`?
            line 26: `tenants.acme.queues.sales.router` names the router `skill`, which is not defined: did you mean `skills`?
            line 33: `tenants.acme.agents.Alice` is not a name: 1 to 64 lower case letters, digits, `-`, `_` or `.` are accepted
            line 37: `tenants.acme.agents.bob.password` must be text, got something else
            line 38: `tenants.acme.agents.bob.queues` must be a table of names with levels from 1 to 10, got { sales = 11 }
            13 problems in etc/jackfield.toml
        "#]],
    );
}

#[test]
fn a_provider_of_identity_is_checked() {
    refused(
        r#"
        [tenants.acme]
        [oidc.one]
        issuer = "http://id.example"
        client_id = "us"
        tenant = "acne"
        roles = ["provider"]
        url = "centre.example"
        [oidc.two]
        issuer = "http://127.0.0.1:9000"
        roles = ["quality"]
        "#,
        &[],
        expect![[r#"
            line 4: `oidc.one.issuer` `http://id.example`: `https://HOST` is accepted, and `http://` on this machine alone
            line 6: `oidc.one.tenant` names the tenant `acne`, which is not defined: did you mean `acme`?
            line 7: `oidc.one.roles` `provider` is the role of users without a tenant, and theirs alone
            line 8: `oidc.one.url` `centre.example`: `https://HOST` is accepted, and `http://` on this machine alone
            line 9: `oidc.two.client_id` is missing: it must be text
            5 problems in etc/jackfield.toml
        "#]],
    );
}

#[test]
fn what_belongs_together_is_checked() {
    refused(
        r#"
        quues = 1
        [sip]
        session_expires = "100s"
        min_session_expires = "200s"
        [trunks.one]
        [trunks.two]
        user = "x"
        [trunks.two.outbound]
        proxy = "127.0.0.1:5070"
        register = true
        [tenants.a]
        language = "lv"
        languages = ["en"]
        fallback = { then = { queue = "sale" } }
        queues = { sales = { overflow = "support" }, support = { overflow = "sales" } }
        agents = { bob = {} }
        [[tenants.a.api_tokens]]
        name = "crm"
        scopes = ["root"]
        [tenants.b.agents]
        bob = { password = "x", queues = { sales = 3 } }
        "#,
        &[],
        expect![[r#"
            line 2: `quues` is not a key; there are 15 others
            line 4: `sip.session_expires` is less than `sip.min_session_expires`
            line 6: `trunks.one` lets no call pass: give it `sources`, a `user` or `outbound`
            line 7: `trunks.two` has a `user` without a `password`
            line 9: `trunks.two.outbound` has `register` without `aor` or `from`: what to register
            line 14: `tenants.a.languages` does not contain `language`, which is "lv"
            line 15: `tenants.a.fallback.then` names the queue `sale`, which is not defined: did you mean `sales`?
            line 16: `tenants.a.queues.sales.overflow` goes in a circle: sales > support > sales
            line 17: `tenants.a.agents.bob` needs a `password` to register with, or a `uri`
            line 18: `tenants.a.api_tokens[0].token` is missing: it must be text
            line 20: `tenants.a.api_tokens[0].scopes` must be a list of "read", "write", "admin", each once, got ["root"]
            line 22: `tenants.b.agents.bob` registers as `bob`, as one of `a` does: set `tenants.b.domain`, or rename one of the two
            line 22: `tenants.b.agents.bob.queues.sales` names the queue `sales`, which is not defined
            13 problems in etc/jackfield.toml
        "#]],
    );
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    refused(
        "[sip\nport = \n\n[rtp]\nbind = 'x",
        &[],
        expect![[r#"
        line 1: unclosed table, expected `]`
        line 5: invalid literal string, expected `'`
        2 problems in etc/jackfield.toml
    "#]],
    );
}

#[test]
fn variables_override_the_file() {
    let config = demo(&[
        ("JACKFIELD__SIP__PORT", "5070"),
        ("JACKFIELD__store__PATH", "/tmp/x"),
        ("JACKFIELD__TENANTS__ACME__QUEUES__SALES__RING_TIME", "20s"),
        ("JACKFIELD__TENANTS__ACME__ROUTERS__LONGEST_IDLE__PLUGIN", "router-other"),
        ("JACKFIELD__TENANTS__ACME__COUNTRY_CODE", "44"),
        ("JACKFIELD__TENANTS__ACME__AGENTS__ALICE__SKILLS__ENGLISH", "3"),
        ("JACKFIELD__RTP__CODECS", "pcmu"),
        ("JACKFIELD_URL", "not ours"),
    ]);
    assert_eq!(config.sip.bind.port(), 5070);
    assert_eq!(config.store.path, Path::new("/tmp/x"));
    let acme = &config.tenants[&"acme".parse().expect("a name")];
    let sales = &acme.center.queues[&"sales".parse().expect("a name")];
    assert_eq!(sales.ring_time.as_secs(), 20);
    assert_eq!(acme.routers["longest-idle"], "router-other");
    assert_eq!(acme.country_code.as_deref(), Some("44"));
    assert_eq!(config.rtp.codecs, [jackfield_telephony::Codec::Pcmu]);
}

#[test]
fn a_variable_that_fits_no_key_is_a_problem() {
    refused(
        DEMO,
        &[
            ("JACKFIELD__SIP__PROT", "5070"),
            ("JACKFIELD__SIPP__PORT", "5070"),
            ("JACKFIELD__SIP", "5070"),
            ("JACKFIELD__HTTP__PORT", "many"),
            ("JACKFIELD__SIP__PORT__X", "1"),
        ],
        expect![[r#"
            variable JACKFIELD__HTTP__PORT: `http.port` must be a whole number from 0 to 65535, got "many"
            variable JACKFIELD__SIP: `sip` is a table: name a key in it
            variable JACKFIELD__SIPP__PORT: names `sipp`, which is not a key: did you mean `sip`?
            variable JACKFIELD__SIP__PORT__X: `sip.port` is not a table: nothing lies below it
            variable JACKFIELD__SIP__PROT: names `sip.prot`, which is not a key: did you mean `port`?
            5 problems in etc/jackfield.toml
        "#]],
    );
}

#[test]
fn a_host_tells_two_agents_of_one_name_apart() {
    let config = demo(&[("JACKFIELD__TENANTS__ACME__DOMAIN", "Acme.example")]);
    let account = |user: &str, host: &str| config.sip_account(user, host);
    assert_eq!(account("alice", "ACME.example").as_deref(), Some("alice@acme.example"));
    assert_eq!(account("alice@acme.example", "127.0.0.1").as_deref(), Some("alice@acme.example"));
    // Elsewhere there is no alice; and romashka, which has no domain, is at every host.
    assert_eq!(account("alice", "127.0.0.1"), None);
    let romashka = &config.tenants[&TenantId::new("romashka").expect("a name")];
    let agent = romashka.agents.values().next().expect("an agent").sip_user.clone();
    assert_eq!(account(&agent, "127.0.0.1"), Some(agent.clone()));
    let (tenant, _) = config.agent_by_sip_user("alice@acme.example").expect("an agent");
    assert_eq!(tenant.as_str(), "acme");
}

#[test]
fn a_reload_tells_what_changes_live() {
    let old = demo(&[]);
    let new = demo(&[
        ("JACKFIELD__SIP__PORT", "5070"),
        ("JACKFIELD__TENANTS__ACME__QUEUES__SALES__RING_TIME", "20s"),
        ("JACKFIELD__TENANTS__ACME__AGENTS__DAVE__PASSWORD", "dave-demo"),
    ]);
    let diff = Config::diff(&old, &new);
    expect![[r#"
        ConfigDiff {
            live: [
                "tenants.acme.agents.dave.attributes",
                "tenants.acme.agents.dave.password",
                "tenants.acme.agents.dave.protected",
                "tenants.acme.agents.dave.queues",
                "tenants.acme.agents.dave.ranks",
                "tenants.acme.agents.dave.ready_on_register",
                "tenants.acme.agents.dave.skills",
                "tenants.acme.queues.sales.ring_time",
            ],
            restart: [
                "sip.port",
            ],
        }
    "#]]
    .assert_debug_eq(&diff);
    assert_eq!(Config::diff(&old, &demo(&[])), ConfigDiff::default());
}

#[test]
fn every_key_is_documented() {
    expect_file!["../../CONFIG.md"].assert_eq(&keys::reference());
}
