//! Deterministic running: the same answers and the same fuel in every run, and those of live ones.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use expect_test::expect;
use jackfield_core::RoutingAsk;
use jackfield_plugin_host::*;

use crate::routers::question;
use crate::support::{HOST, METERED, Scripted, guest};
use crate::{estimators, support};

fn router(name: &str) -> MeteredRouter {
    let services = Arc::new(ReplayServices::new(1));
    METERED.router(&guest(name), &Grants::all(), services).unwrap()
}

/// Twenty questions, no two alike.
fn questions() -> Vec<RoutingAsk> {
    let nth = |n: u32| {
        let mut ask = question(&[]);
        ask.seed = n;
        ask.candidates.rotate_left(n as usize % 3);
        ask.candidates.truncate(1 + n as usize % 3);
        ask
    };
    (0..20).map(nth).collect()
}

fn transcript(router: &mut MeteredRouter) -> String {
    let mut all = String::new();
    for ask in questions() {
        let answer = router.choose(&ask).map(|answer| answer.decision);
        all.push_str(&format!("{answer:?} for {}\n", router.fuel_last()));
    }
    all
}

#[test]
fn two_runs_are_the_same_to_the_last_unit_of_fuel() {
    for name in ["router-longest-idle", "router-skills", "router-sticky"] {
        let (mut one, mut other) = (router(name), router(name));
        let all = transcript(&mut one);
        assert_eq!(all, transcript(&mut other), "{name}");
        assert_eq!(one.fuel_total(), other.fuel_total());
        assert!(0 < one.fuel_last() && one.fuel_last() < one.fuel_total(), "{all}");
    }
}

#[tokio::test]
async fn metered_answers_are_the_live_ones() {
    for name in ["router-longest-idle", "router-skills"] {
        let digest = HOST.install(&guest(name), World::Router, &Grants::all()).unwrap().digest;
        let (live, mut metered) = (HOST.router(&digest).unwrap(), router(name));
        for ask in questions() {
            let services = Arc::new(ReplayServices::new(1));
            assert_eq!(live.choose(&ask, services).await, metered.choose(&ask), "{name}");
        }
    }
}

#[test]
fn each_misdeed_has_its_failure_and_the_next_question_has_a_fresh_instance() {
    let mut router = router("router-misbehaves");
    let mut all = String::new();
    for misdeed in ["count", "count", "loop", "count", "memory-bomb", "count", "trap", "refuse"] {
        let end = match router.choose(&question(&[("do", misdeed)])) {
            Ok(answer) => format!("{:?}", answer.decision),
            Err(failure) => failure.to_string(),
        };
        all.push_str(&format!("{misdeed}: {end}\n"));
        if misdeed == "loop" {
            assert_eq!(router.fuel_last(), 50_000_000);
        }
    }
    expect![[r#"
        count: WaitMs(1)
        count: WaitMs(2)
        loop: ran out of fuel
        count: WaitMs(1)
        memory-bomb: ran out of memory
        count: WaitMs(1)
        trap: trapped: gave up (panic)
        refuse: refused: no rule for this queue
    "#]]
    .assert_eq(&all);
}

#[test]
fn an_instance_answers_as_often_as_configured() {
    let host = HostConfig {
        router_calls_per_instance: 3,
        worker: Vec::new(),
        compile_in_process: true,
        ..support::config()
    };
    let host = MeteredHost::new(MeteredConfig { instances_max: 4, ..MeteredConfig::new(host) });
    let services = Arc::new(ReplayServices::new(1));
    let wasm = guest("router-misbehaves");
    let mut router = host.unwrap().router(&wasm, &Grants::all(), services).unwrap();
    let ask = question(&[("do", "count")]);
    let answers = (0..7).map(|_| format!("{:?} ", router.choose(&ask).unwrap().decision));
    expect!["WaitMs(1) WaitMs(2) WaitMs(3) WaitMs(1) WaitMs(2) WaitMs(3) WaitMs(1) "]
        .assert_eq(&answers.collect::<String>());
}

#[test]
fn an_estimator_is_metered_too() {
    let services = Arc::new(ReplayServices::new(1));
    let wasm = guest("estimator-misbehaves");
    let mut estimator = METERED.estimator(&wasm, &Grants::default(), services).unwrap();
    let mut all = String::new();
    for misdeed in ["nothing", "loop", "upside-down", "silent", "nothing"] {
        let answer = estimator.estimate(&estimators::question(&[("do", misdeed)]));
        all.push_str(&format!("{misdeed}: {answer:?}\n"));
    }
    expect![[r#"
        nothing: Ok(Some(Estimate { p50: 3s, p90: 6s }))
        loop: Err(OutOfFuel)
        upside-down: Err(BadReply("p90 of 1999 ms is less than p50 of 2000 ms"))
        silent: Ok(None)
        nothing: Ok(Some(Estimate { p50: 3s, p90: 6s }))
    "#]]
    .assert_eq(&all);
}

const SCRIPT: &str = r#"
answer();
let pin = digits(4, "Your PIN");
attribute("lot", random());
let at = now();
if random() < 0.5 { say(`heads ${pin} at ${at.hour}:${at.minute}`); } else { say(`tails ${pin}`); }
log("done");
enqueue("sales");
"#;

fn flow() -> MeteredFlow {
    let component = METERED.publish_script(&guest("flow-rhai"), SCRIPT).unwrap();
    // What was published by the live host has the same digest.
    assert!(component == HOST.publish_script(&guest("flow-rhai"), SCRIPT).unwrap());
    METERED.flow(&component, &Grants::all()).unwrap()
}

fn run(flow: &MeteredFlow, seed: u64) -> (String, u64) {
    let services = Arc::new(ReplayServices::new(seed));
    services.set_now_micros(1_772_323_200_000_000 + 9 * 3_600_000_000);
    let session = Scripted::new(&["1234"]);
    let transcript = Arc::clone(&session.transcript);
    let ended = flow.run_to_end(Box::new(session), Arc::clone(&services) as Arc<dyn Services>);
    ended.outcome.result.unwrap();
    let done = transcript.lock().unwrap().clone();
    (format!("{done}{:?}\n", services.take_log()), ended.fuel)
}

#[test]
fn a_flow_runs_to_its_end_on_this_thread() {
    let flow = flow();
    let (done, fuel) = run(&flow, 1);
    assert_eq!((done.clone(), fuel), run(&flow, 1));
    expect![[r#"
        answer
        gather 4-4 end # in 5000 ms "Your PIN" -> "1234"
        play "heads 1234 at 9:0"
        enqueue sales priority 0 required [] preferred [] max_wait None []
        [(Info, "done")]
    "#]]
    .assert_eq(&done);
    let others = (2..20).map(|seed| run(&flow, seed).0);
    assert!(others.into_iter().any(|other| other != done), "chance is the seed's");
}

#[test]
fn a_flow_that_never_ends_runs_out_of_fuel() {
    let flow = METERED.flow(&guest("flow-misbehaves"), &Grants::all());
    let flow = flow.unwrap();
    let mut all = String::new();
    for misdeed in ["trap", "memory-bomb", "host-calls", "refuse", "nothing"] {
        let mut session = Scripted::new(&[]);
        session.dialled = misdeed.to_owned();
        let ended = flow.run_to_end(Box::new(session), Arc::new(ReplayServices::new(1)));
        all.push_str(&format!("{misdeed}: {:?}\n", ended.outcome.result));
    }
    expect![[r#"
        trap: Err(FlowFailure { failure: Trapped("gave up (panic)"), script: None })
        memory-bomb: Err(FlowFailure { failure: OutOfMemory, script: None })
        host-calls: Err(FlowFailure { failure: Trapped("limit host_calls: called the host too often"), script: None })
        refuse: Err(FlowFailure { failure: Refused("the order system"), script: None })
        nothing: Ok(())
    "#]]
    .assert_eq(&all);
    let host = HostConfig { worker: Vec::new(), compile_in_process: true, ..support::config() };
    let config =
        MeteredConfig { flow_fuel: 1_000_000, instances_max: 4, ..MeteredConfig::new(host) };
    let host = MeteredHost::new(config).unwrap();
    let flow = host.flow(&guest("flow-misbehaves"), &Grants::all()).unwrap();
    let mut session = Scripted::new(&[]);
    session.dialled = "loop".to_owned();
    let ended = flow.run_to_end(Box::new(session), Arc::new(ReplayServices::new(1)));
    assert_eq!(ended.outcome.result.unwrap_err().to_string(), "ran out of fuel");
    assert_eq!(ended.fuel, 1_000_000);
}

/// A simulator that polls its flows itself: dropped, a flow gives its place back.
#[tokio::test]
async fn a_flow_may_be_held_while_its_verb_waits() {
    let flow = flow();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000 {
        let mut session = Scripted::new(&[]);
        session.verb_time = Duration::from_secs(3_600);
        let services = Arc::new(ReplayServices::new(1));
        let mut held = Box::pin(flow.run(Box::new(session), services));
        assert!(matches!(held.as_mut().poll(&mut context), Poll::Pending));
    }
}
