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
        expect![[r#"
            line 3: `tenants.acme.webchat.origins` lists no site, so no page could show it
            line 3: `tenants.acme.webchat.queue` is missing: somebody must be there when no chatbot can answer
            line 4: `tenants.acme.plugins.web` is the name of the channel of web chats, which is enabled
            line 10: `tenants.beta.webchat.origins` must list sites such as "https://www.example.com", without a path, or "*"; got "shop.example"
            line 10: `tenants.beta.webchat.origins` must list sites such as "https://www.example.com", without a path, or "*"; got "https://shop.example/page"
            line 11: `tenants.beta.webchat.queue` names the queue `slaes`, which is not defined: did you mean `sales`?
            line 12: `tenants.beta.webchat.chatbot` names the chatbot `faq`, which is not defined
            line 13: `tenants.beta.webchat.message_max` must be a whole number from 1 to 2000, got 0
            8 problems in etc/jackfield.toml
        "#]],
    );
}
