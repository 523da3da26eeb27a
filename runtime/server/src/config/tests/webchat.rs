//! The chat window on web sites.

use super::*;

#[test]
fn a_web_chat_says_which_sites_show_it() {
    let config = parse(
        r#"
        [tenants.acme]
        queues.sales = {}
        webchat = { enabled = true, queue = "sales", origins = ["https://Shop.example", "http://localhost:8000"] }
        [tenants.beta]
        queues.sales = {}
        webchat = { enabled = true, queue = "sales", origins = ["*"] }
        [tenants.gamma]
        webchat = { origins = ["https://shop.example"] }
        "#,
        &[],
    );
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    let shows = |tenant: &str, origin: &str| {
        config.tenants[&TenantId::new(tenant).expect("a name")].webchat.allows(origin)
    };
    assert!(shows("acme", "https://shop.example") && shows("acme", "http://localhost:8000"));
    for other in
        ["http://shop.example", "https://shop.example:8443", "https://evil.example", "null", ""]
    {
        assert!(!shows("acme", other), "{other}");
    }
    assert!(shows("beta", "https://evil.example"));
    assert!(!shows("gamma", "https://shop.example"), "it is not enabled");
}

#[test]
fn what_a_web_chat_lacks_is_told() {
    refused(
        r#"
        [tenants.acme]
        webchat.enabled = true
        plugins.web = { world = "channel", plugin = "channel-webchat" }
        plugins.faq = { world = "chatbot", plugin = "chatbot-faq" }
        [tenants.beta]
        queues.sales = {}
        [tenants.beta.webchat]
        enabled = true
        origins = ["shop.example", "https://shop.example/page"]
        queue = "slaes"
        chatbot = "faq"
        message_max = 0
        "#,
        &[],
        expect![[""]],
    );
}
