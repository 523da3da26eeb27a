//! Estimators: what they answer, and what becomes of those that cannot.

use std::sync::Arc;

use expect_test::expect;
use jackfield_core::{Channel, EstimateAsk, InteractionId, QueueId};
use jackfield_plugin_host::{EstimatorPlugin, Grants, World};

use crate::support::{Books, HOST, guest};

fn estimator(name: &str) -> EstimatorPlugin {
    let installed = HOST.install(&guest(name), World::Estimator, &Grants::default()).unwrap();
    HOST.estimator(&installed.digest).unwrap()
}

/// Third in line of a queue with four agents, all busy, who take two minutes each.
pub fn question(attributes: &[(&str, &str)]) -> EstimateAsk {
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    EstimateAsk {
        interaction: InteractionId(7),
        channel: Channel::Voice,
        queue: QueueId::new("sales").unwrap(),
        position: 3,
        waited_ms: 0,
        agents: 4,
        agents_ready: 0,
        recent_waits: vec![(1, 31_000), (3, 88_000), (2, 61_000)],
        recent_handles_ms: vec![120_000; 30],
        abandon_share: 0.05,
        attributes: attributes.iter().map(text).collect(),
        now_seconds: 12.5,
    }
}

async fn answers(estimator: &EstimatorPlugin, attributes: &[(&str, &str)]) -> String {
    let books = Arc::new(Books::default());
    match estimator.estimate(&question(attributes), books).await {
        Ok(Some(found)) => format!("{:?} {:?}", found.p50, found.p90),
        Ok(None) => "cannot tell".to_owned(),
        Err(failure) => failure.to_string(),
    }
}

#[tokio::test]
async fn an_estimate_from_handle_times() {
    let found = answers(&estimator("estimator-erlang"), &[]).await;
    expect!["75.237s 128.731s"].assert_eq(&found);
}

#[tokio::test]
async fn each_misdeed_has_its_failure_and_the_next_question_is_answered() {
    let estimator = estimator("estimator-misbehaves");
    let mut all = String::new();
    for misdeed in ["trap", "loop", "memory-bomb", "upside-down", "refuse", "silent"] {
        all.push_str(&format!("{misdeed}: {}\n", answers(&estimator, &[("do", misdeed)]).await));
        assert_eq!(answers(&estimator, &[]).await, "3s 6s", "after {misdeed}");
    }
    expect![[r#"
        trap: trapped: gave up (panic)
        loop: exceeded its deadline
        memory-bomb: ran out of memory
        upside-down: bad reply: p90 of 1999 ms is less than p50 of 2000 ms
        refuse: refused: no handle times
        silent: cannot tell
    "#]]
    .assert_eq(&all);
}

#[test]
fn a_router_is_no_estimator() {
    let wasm = guest("router-longest-idle");
    let error = HOST.install(&wasm, World::Estimator, &Grants::all()).unwrap_err();
    expect!["step `world`: the world `estimator` needs the export `jackfield:plugin/estimator-guest@0.1.0`, it has `jackfield:plugin/router-guest@0.1.0`; it is of the world `router`: install it as one"].assert_eq(&error.to_string());
}
