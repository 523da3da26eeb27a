use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann idle=900 rank.sales=3 rank.support=1
    agent bob idle=10 rank.sales=1 rank.support=2
    agent cat idle=20 rank.sales=3
    agent dan idle=5 rank.support=9";

#[test]
fn agents_who_rank_this_queue_earlier_come_first() {
    check(
        choose,
        AGENTS,
        "offer dan bob ann cat
        because rule=agent-queue-priority rank=0 idle-ms=5000
        scores dan=0 bob=-1 ann=-3 cat=-3",
    );
}

#[test]
fn an_agent_is_left_to_a_queue_ranked_earlier_while_somebody_waits_there() {
    check(
        choose,
        &format!("other support waiting=2\nother chats waiting=5\n{AGENTS}"),
        "offer dan bob cat
        because rule=agent-queue-priority rank=0 idle-ms=5000 left-to=ann:support
        scores dan=0 bob=-1 cat=-3",
    );
    check(
        choose,
        &format!("other support waiting=0\n{AGENTS}"),
        "offer dan bob ann cat
        because rule=agent-queue-priority rank=0 idle-ms=5000
        scores dan=0 bob=-1 ann=-3 cat=-3",
    );
}

#[test]
fn a_contact_gives_way_for_a_limited_time() {
    let after = |waited: &str, expected: &str| {
        check(
            choose,
            &format!(
                "contact waited={waited}
                other support waiting=1
                other vip waiting=1
                agent ann rank.sales=3 rank.support=1 rank.vip=2"
            ),
            expected,
        );
    };
    let left = "because rule=all-left-to-other-queues left-to=ann:support";
    after("0", &format!("wait 1000ms\n{left}"));
    after("9900ms", &format!("wait 100ms\n{left}"));
    let offer = "because rule=agent-queue-priority rank=3 idle-ms=0\nscores ann=-3";
    after("10s", &format!("offer ann\n{offer}"));
}

/// Idle for 49 days is no reason to serve a queue ranked later.
#[test]
fn no_idle_time_outdoes_a_rank() {
    check(
        choose,
        "agent ann idle=4294967 rank.sales=2
        agent bob idle=0 rank.sales=1
        agent cat idle=1000001 rank.sales=2",
        "offer bob ann cat
        because rule=agent-queue-priority rank=1 idle-ms=0
        scores bob=-1 ann=-2 cat=-2",
    );
}

#[test]
fn settings_are_checked() {
    check(
        choose,
        "set give-way = always\nagent ann",
        "configuration: `give-way` is a span such as `500ms`, `15s`, `2m` or `1h`, at most 24h, \
         not `always`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, &format!("other support waiting=1\n{AGENTS}"));
}
