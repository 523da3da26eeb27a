//! Flows that misbehave: each has its failure, and the others are served.

use std::time::{Duration, Instant};

use expect_test::expect;
use jackfield_plugin_host::{FlowPlugin, Grants, World};

use crate::support::{HOST, Scripted, guest, play};

fn misbehaving() -> FlowPlugin {
    let wasm = guest("flow-misbehaves");
    let installed = HOST.install(&wasm, World::Flow, &Grants::all()).unwrap();
    HOST.flow(&installed.digest).unwrap()
}

fn told(misdeed: &str) -> Scripted {
    let mut session = Scripted::new(&[]);
    session.dialled = misdeed.to_owned();
    session
}

#[tokio::test]
async fn each_misdeed_has_its_failure_and_the_next_flow_is_well() {
    let flow = misbehaving();
    let mut all = String::new();
    for misdeed in ["trap", "loop", "memory-bomb", "recursion", "host-calls", "refuse"] {
        all.push_str(&format!("{misdeed} {}", play(&flow, told(misdeed)).await));
        let next = play(&flow, told("nothing")).await;
        assert_eq!(next, "play \"hello\"\n=> returned\n", "after {misdeed}");
    }
    expect![[r#"
        trap => trapped: gave up (panic)
        loop => exceeded its deadline
        memory-bomb => ran out of memory
        recursion => trapped: limit stack: stack overflow
        host-calls => trapped: limit host_call_rate: called the host too often in a second
        refuse => refused: the order system
    "#]]
    .assert_eq(&all);
}

/// On a runtime with one thread: a guest that computes for ever shares it.
#[tokio::test]
async fn a_loop_does_not_hold_up_the_others() {
    let flow = misbehaving();
    let bad = tokio::spawn({
        let flow = flow.clone();
        async move { play(&flow, told("loop")).await }
    });
    // A task of its own: the one of the test is not looked at on every turn of the runtime.
    let good = tokio::spawn(async move {
        let (mut served, mut worst) = (0, Duration::ZERO);
        while !bad.is_finished() {
            let started = Instant::now();
            assert_eq!(play(&flow, told("nothing")).await, "play \"hello\"\n=> returned\n");
            tokio::task::yield_now().await;
            worst = worst.max(started.elapsed());
            served += 1;
        }
        (served, worst, bad.await.unwrap())
    });
    let (served, worst, end) = good.await.unwrap();
    assert_eq!(end, "=> exceeded its deadline\n");
    assert!(100 < served, "{served}");
    // A few ticks of 1 ms, and what a busy machine adds.
    assert!(worst < Duration::from_millis(150), "{worst:?}");
}
