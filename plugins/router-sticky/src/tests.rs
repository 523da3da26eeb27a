use jackfield_sdk::Channel;
use jackfield_sdk::router::history::PastContact;
use jackfield_sdk::testing::{check, hold};

use super::decide;

const AGENTS: &str = "
    queue busy=2 waiting=3
    agent ann idle=900
    agent bob idle=10
    agent cat idle=20";

fn past(agent: &str, days_ago: u32) -> PastContact {
    PastContact {
        agent: (!agent.is_empty()).then(|| agent.to_owned()),
        queue: Some("sales".to_owned()),
        channel: Channel::Voice,
        seconds_ago: days_ago * 86_400,
        outcome: "served".to_owned(),
    }
}

#[track_caller]
fn with(history: &[PastContact], script: &str, expected: &str) {
    check(|ask| decide(ask, || history.to_vec()), &format!("{AGENTS}\n{script}"), expected);
}

#[test]
fn whom_the_flow_named_comes_before_who_served_before() {
    with(
        &[past("cat", 1), past("", 2), past("bob", 3)],
        "contact preferred-agents=zoe,bob",
        "offer bob cat
        because rule=preferred-agent agent=bob place=2",
    );
    with(
        &[past("cat", 1), past("bob", 2)],
        "contact waited=20s",
        "offer cat bob ann
        because rule=preferred-agent agent=cat place=1",
    );
    with(
        &[past("cat", 1)],
        "contact preferred-agents=bob\nset sticky-from = history",
        "offer cat\nbecause rule=preferred-agent agent=cat place=1",
    );
    with(
        &[past("cat", 1)],
        "contact preferred-agents=bob sticky-from=contact",
        "offer bob\nbecause rule=preferred-agent agent=bob place=1",
    );
}

#[test]
fn it_waits_for_the_preferred_agent_and_is_asked_again_in_time() {
    let zoe = [past("zoe", 1), past("yan", 2)];
    let wait = |waited: &str, left: u32| {
        let expected = format!("wait {left}ms\nbecause rule=wait-for-preferred preferred=zoe,yan");
        with(&zoe, &format!("contact waited={waited}"), &expected);
    };
    wait("0", 20_000);
    wait("19999ms", 1);
    let others = "offer ann cat bob\nbecause rule=waited-long-enough idle-ms=900000";
    with(&zoe, "contact waited=20s", others);
    with(&zoe, "contact waited=5s\nset sticky-wait = 5s", others);
}

#[test]
fn it_does_not_wait_when_that_is_not_worthwhile() {
    let zoe = [past("zoe", 1)];
    let others = |script: &str, why: &str| {
        with(&zoe, script, &format!("offer ann cat bob\nbecause rule={why} idle-ms=900000"));
    };
    others("queue busy=0", "preferred-not-at-work");
    others("queue busy=1 waiting=6", "too-many-waiting");
    others("set sticky-days = 1", "nobody-preferred");
    with(&[], "", "offer ann cat bob\nbecause rule=nobody-preferred idle-ms=900000");
}

#[test]
fn only_so_many_are_preferred() {
    let many = [past("zoe", 1), past("yan", 2), past("zoe", 3), past("xia", 4), past("bob", 5)];
    with(&many, "", "wait 20000ms\nbecause rule=wait-for-preferred preferred=zoe,yan,xia");
    let four = "offer bob\nbecause rule=preferred-agent agent=bob place=4";
    with(&many, "set sticky-agents = 4", four);
}

#[test]
fn settings_are_checked() {
    with(
        &[],
        "set sticky-agents = 21",
        "configuration: `sticky-agents` is a whole number from 1 to 20, not `21`",
    );
    with(
        &[],
        "set sticky-from = crm",
        "configuration: `sticky-from` is `both` or `contact` or `history`, not `crm`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(|ask| decide(ask, || vec![past("agent-3", 1), past("agent-7", 2)]), "");
    hold(|ask| decide(ask, Vec::new), "contact preferred-agents=agent-5,agent-1");
}
