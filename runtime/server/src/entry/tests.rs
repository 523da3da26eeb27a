//! Lines that are shown are lines that a configuration takes.

use std::path::Path;

use expect_test::{Expect, expect};

use super::*;
use crate::config::Config;

const CENTRE: &str = r#"
[tenants.acme]
language = "en"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.flows.main]
script = "main.rhai"
[tenants.acme.queues.sales]
"#;

/// The bundled plugin's description.
fn needs(plugin: &str, name: &str) -> Needs {
    let path = format!("{}/../../plugins/{plugin}/plugin.toml", env!("CARGO_MANIFEST_DIR"));
    let manifest = PluginManifest::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    Needs {
        tenant: "acme".to_owned(),
        name: name.to_owned(),
        world: World::from_name(&manifest.world).unwrap(),
        wants: manifest.wants,
        hosts: manifest.hosts,
        schema: manifest.config,
    }
}

fn centre(lines: &str) -> Config {
    let text = format!("{CENTRE}{lines}");
    Config::parse(Path::new("etc/jackfield.toml"), &text, [])
        .unwrap_or_else(|problems| panic!("{text}\n{problems}"))
}

/// The entry is as expected, and a configuration with it is in order.
#[track_caller]
fn shows(needs: &Needs, expected: Expect) {
    let lines = needs.entry();
    expected.assert_eq(&lines);
    centre(&lines);
}

/// What a plugin lacks with this in the configuration.
#[track_caller]
fn lacks(needs: &Needs, lines: &str, expected: Expect) {
    let config = centre(lines);
    let tenant = config.tenants.values().next().unwrap();
    expected.assert_eq(&needs.lacks(tenant).join("\n"));
}

#[test]
fn a_router_stands_in_a_table_and_is_named_by_queues() {
    let fair = needs("router-bullseye", "fair");
    shows(
        &fair,
        expect![[r#"
        [tenants.acme.routers.fair]
        plugin = "router-longest-idle"  # decides until another version is activated
        # In the table of each queue that it is to serve, [tenants.acme.queues.QUEUE]:
        # router = "fair"
    "#]],
    );
    lacks(
        &fair,
        "",
        expect![[r#"
        the configuration has no router `fair`, so nothing asks it: add these lines and start the server again

        [tenants.acme.routers.fair]
        plugin = "router-longest-idle"  # decides until another version is activated
        # In the table of each queue that it is to serve, [tenants.acme.queues.QUEUE]:
        # router = "fair"
    "#]],
    );
    lacks(
        &fair,
        &fair.entry(),
        expect![[
            r#"no queue asks it: add `router = "fair"` to `[tenants.acme.queues.QUEUE]`, and `jackfield config reload`"#
        ]],
    );
    let used = "router = \"fair\"\n[tenants.acme.routers.fair]\nplugin = \"router-longest-idle\"\n";
    lacks(&fair, used, expect![[""]]);
}

#[test]
fn an_estimator_too() {
    let waits = needs("estimator-erlang", "waits");
    shows(
        &waits,
        expect![[r#"
        [tenants.acme.estimators.waits]
        plugin = "estimator-empirical"  # estimates until another version is activated
        # In the table of each queue whose waits it is to estimate, [tenants.acme.queues.QUEUE]:
        # estimator = "waits"
    "#]],
    );
    lacks(
        &waits,
        &waits.entry(),
        expect![[
            r#"no queue asks it: add `estimator = "waits"` to `[tenants.acme.queues.QUEUE]`, and `jackfield config reload`"#
        ]],
    );
}

#[test]
fn a_connector_has_hosts_and_secrets() {
    let mut crm = needs("connector-webhook", "crm");
    shows(
        &crm,
        expect![[r#"
        [tenants.acme.plugins.crm]
        world = "connector"
        grants = ["http", "secrets"]
        hosts = []  # what it may reach: "api.example.com", "*.example.com", "host:port"
        # secrets = { NAME = "VALUE" }  # the names are in its README; it never sees the values
        # lookup = true  # it is asked for customers that are not known here
        # leads = true  # who has a card here and is not known there becomes a lead there
        # every = "5m"  # how often it does what is due
        [tenants.acme.plugins.crm.settings]
        url = "VALUE"  # Where messages go; its host stands in `hosts` of the entry
    "#]],
    );
    lacks(
        &crm,
        &crm.entry(),
        expect![[r#"
        it reaches nothing outside: add `hosts = ["api.example.com"]` to `[tenants.acme.plugins.crm]` and `jackfield config reload`
        it has no secrets: add `secrets = { NAME = "VALUE" }`, of the names in its README, to `[tenants.acme.plugins.crm]`, and `jackfield config reload`"#]],
    );
    crm.hosts = vec!["api.example.com".to_owned(), "*.example.org".to_owned()];
    shows(
        &crm,
        expect![[r#"
        [tenants.acme.plugins.crm]
        world = "connector"
        grants = ["http", "secrets"]
        hosts = ["api.example.com", "*.example.org"]
        # secrets = { NAME = "VALUE" }  # the names are in its README; it never sees the values
        # lookup = true  # it is asked for customers that are not known here
        # leads = true  # who has a card here and is not known there becomes a lead there
        # every = "5m"  # how often it does what is due
        [tenants.acme.plugins.crm.settings]
        url = "VALUE"  # Where messages go; its host stands in `hosts` of the entry
    "#]],
    );
    let part = "[tenants.acme.plugins.crm]\nworld = \"connector\"\ngrants = [\"http\"]\n\
                hosts = [\"api.example.com\"]\nsecrets = { key = \"k\" }\n";
    lacks(
        &crm,
        part,
        expect![
            "it wants to reach `*.example.org`: add that to `hosts` of `[tenants.acme.plugins.crm]` and `jackfield config reload`"
        ],
    );
    // What was granted to the version alone is not in the entry.
    lacks(
        &crm,
        "[tenants.acme.plugins.crm]\nworld = \"connector\"\n",
        expect![[r#"
        it wants to reach `api.example.com`, `*.example.org`: add `hosts = ["api.example.com", "*.example.org"]` to `[tenants.acme.plugins.crm]` with `grants = ["http"]`, and start the server again
        it has no secrets: add `secrets = { NAME = "VALUE" }`, of the names in its README, to `[tenants.acme.plugins.crm]`, and `jackfield config reload`"#]],
    );
}

#[test]
fn a_chatbot_is_named_by_a_channel_which_has_a_queue() {
    let faq = needs("chatbot-faq", "faq");
    shows(
        &faq,
        expect![[r#"
        [tenants.acme.plugins.faq]
        world = "chatbot"
        [tenants.acme.plugins.faq.settings]
        # greeting = "VALUE"  # Said when a customer opens a conversation without a word
        # person-words = "VALUE"  # Words that ask for a person, separated by commas
        # tries = 2  # At so many questions in a row that it does not understand it fetches a person
        # unknown = "VALUE"  # Said when nothing fits
    "#]],
    );
    lacks(
        &faq,
        &faq.entry(),
        expect![[
            r#"no channel asks it: add `chatbot = "faq"` to the `[tenants.acme.plugins.CHANNEL]` of a channel, and `jackfield config reload`"#
        ]],
    );
    let web = needs("channel-webchat", "web");
    shows(
        &web,
        expect![[r#"
        [tenants.acme.plugins.web]
        world = "channel"
        grants = ["secrets"]
        # secrets = { NAME = "VALUE" }  # the names are in its README; it never sees the values
        # queue = "QUEUE"  # where conversations wait for a person
        # chatbot = "NAME"  # which of the tenant's chatbots answers first
    "#]],
    );
    lacks(
        &web,
        &web.entry(),
        expect![[r#"
        it has no secrets: add `secrets = { NAME = "VALUE" }`, of the names in its README, to `[tenants.acme.plugins.web]`, and `jackfield config reload`
        conversations wait for nobody: add `queue = "QUEUE"` to `[tenants.acme.plugins.web]`, and `jackfield config reload`"#]],
    );
    let both = "[tenants.acme.plugins.faq]\nworld = \"chatbot\"\n[tenants.acme.plugins.web]\n\
                world = \"channel\"\nqueue = \"sales\"\nchatbot = \"faq\"\nsecrets = { site = \"s\" }\n";
    lacks(&faq, both, expect![[""]]);
    lacks(&web, both, expect![[""]]);
}

#[test]
fn an_analyst_and_a_pacer_need_no_more_than_their_entry() {
    for (plugin, name) in [("analyst-lexicon", "quality"), ("pacer-progressive", "pace")] {
        let needs = needs(plugin, name);
        let config = centre(&needs.entry());
        assert_eq!(needs.lacks(config.tenants.values().next().unwrap()), Vec::<String>::new());
    }
    shows(
        &needs("pacer-progressive", "pace"),
        expect![[r#"
        [tenants.acme.plugins.pace]
        world = "pacer"
        [tenants.acme.plugins.pace.settings]
        # attempts-min = 50  # Below so many attempts in the window nothing is predicted
        # mode = "predictive"  # progressive: one call for each idle agent; predictive: more, as long as few are abandoned
        # overdial-max = 3  # The most calls for each agent who is free or about to be
    "#]],
    );
}

#[test]
fn a_flow_has_a_script_to_begin_with() {
    let needs = Needs {
        tenant: "acme".to_owned(),
        name: "menu".to_owned(),
        world: World::Flow,
        wants: vec!["log".to_owned(), "http".to_owned()],
        hosts: Vec::new(),
        schema: None,
    };
    shows(
        &needs,
        expect![[r#"
        [tenants.acme.flows.menu]
        script = "menu.rhai"  # leads contacts until another version is activated: hang_up("closed");
        grants = ["log", "http"]
        # The number that it is to answer:
        # [numbers."NUMBER"]
        # tenant = "acme"
        # flow = "menu"
    "#]],
    );
    let usual = Needs { wants: vec!["crm.read".to_owned()], ..needs };
    assert!(!usual.entry().contains("grants"), "{}", usual.entry());
}
