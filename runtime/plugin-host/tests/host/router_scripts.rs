//! Routers of scripts: published like flows, asked like routers.

use std::sync::{Arc, LazyLock};

use expect_test::expect;
use jackfield_core::{PluginFailure, RoutingAnswer};
use jackfield_plugin_host::{Grants, PublishError, World};

use crate::routers::question;
use crate::support::{Books, HOST, guest};

static INTERPRETER: LazyLock<String> = LazyLock::new(|| {
    let wasm = guest("router-rhai");
    HOST.install(&wasm, World::RouterInterpreter, &Grants::all()).unwrap().digest
});

async fn ask(script: &str, attributes: &[(&str, &str)]) -> Result<RoutingAnswer, PluginFailure> {
    let component = HOST.publish_script(&guest("router-rhai"), script).unwrap();
    let world = World::RouterInterpreter.published().unwrap();
    let digest = HOST.install(&component, world, &Grants::all()).unwrap().digest;
    let router = HOST.router(&digest).unwrap();
    router.choose(&question(attributes), Arc::new(Books::default())).await
}

#[tokio::test]
async fn a_published_script_decides() {
    let script = r#"fn score(contact, agent) { skill(agent, "billing") }"#;
    let answer = ask(script, &[]).await.unwrap();
    expect![[r#"Offer(["bob", "ann", "cat"]) [("bob", 8.0), ("ann", 6.0), ("cat", 0.0)]"#]]
        .assert_eq(&format!("{:?} {:?}", answer.decision, answer.scores));
}

#[tokio::test]
async fn a_script_that_fails_says_where() {
    let script =
        "fn score(contact, agent) {\n  if contact.waited > 0.5 { throw \"too late\" }\n  1\n}";
    let failure = ask(script, &[]).await.unwrap_err();
    expect!["refused: line 2, column 29: too late"].assert_eq(&failure.to_string());
}

#[test]
fn a_script_that_always_fails_is_not_installed() {
    let script = "fn score(contact, agent) {\n  skil(agent, \"billing\")\n}";
    let component = HOST.publish_script(&guest("router-rhai"), script).unwrap();
    let error = HOST.install(&component, World::Router, &Grants::all()).unwrap_err();
    expect!["step `self_test`: a sample question: refused: line 2, column 3: there is no verb or function `skil` (map, text); run it under the mock host of the SDK, which shows where"].assert_eq(&error.to_string());
}

#[test]
fn a_wrong_script_is_not_published() {
    let wrong = "fn score(contact, agent) {\n  let = 3;\n}";
    let error = HOST.publish_script(&guest("router-rhai"), wrong).unwrap_err();
    let PublishError::Script(error) = error else { panic!("{error}") };
    assert_eq!((error.line, error.column), (2, 7));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let checked = runtime.block_on(HOST.check_script(&INTERPRETER, wrong));
    assert_eq!(checked, Err(PublishError::Script(error)));
    let right = "fn score(contact, agent) { 1 }";
    assert_eq!(runtime.block_on(HOST.check_script(&INTERPRETER, right)), Ok(()));
}

#[test]
fn an_interpreter_is_no_router_before_it_has_a_script() {
    let error = HOST.install(&guest("router-rhai"), World::Router, &Grants::all()).unwrap_err();
    expect!["step `self_test`: a sample question: refused: `choose` was called before `load`; run it under the mock host of the SDK, which shows where"].assert_eq(&error.to_string());
    let wasm = guest("router-longest-idle");
    let error = HOST.install(&wasm, World::RouterInterpreter, &Grants::all()).unwrap_err();
    expect!["step `world`: the world `router-interpreter` needs the export `load`, it has `jackfield:plugin/router-guest@0.1.0`; it is of the world `router`: install it as one"].assert_eq(&error.to_string());
}
