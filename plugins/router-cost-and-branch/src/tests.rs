use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann branch=riga cost=20.5 idle=1
    agent bob branch=riga cost=9.25 idle=1
    agent cat branch=riga cost=9.25 idle=5
    agent dan branch=vilnius cost=1
    agent eve branch=riga idle=99";

#[test]
fn own_branch_first_and_the_cheapest_of_it() {
    check(
        choose,
        &format!("contact branch=riga\n{AGENTS}"),
        "offer cat bob ann eve
        because rule=cost-and-branch branch=riga cross-branch=no cost=9.25
        scores cat=-9.25 bob=-9.25 ann=-20.5",
    );
    check(
        choose,
        &format!("contact branch=riga waited=30s\n{AGENTS}"),
        "offer cat bob ann eve dan
        because rule=cost-and-branch branch=riga cross-branch=no cost=9.25
        scores cat=-9.25 bob=-9.25 ann=-20.5 dan=-1",
    );
}

#[test]
fn another_branch_only_after_the_wait() {
    let dan = "set cross-branch-after = 20s\nagent dan branch=vilnius cost=1";
    let after = |waited: &str, expected: &str| {
        check(choose, &format!("contact branch=riga waited={waited}\n{dan}"), expected);
    };
    after("0", "wait 20000ms\nbecause rule=own-branch-first branch=riga");
    after("19999ms", "wait 1ms\nbecause rule=own-branch-first branch=riga");
    after(
        "20s",
        "offer dan\nbecause rule=cost-and-branch branch=riga cross-branch=yes cost=1\nscores dan=-1",
    );
}

#[test]
fn a_queue_may_have_a_branch_and_a_contact_none() {
    check(
        choose,
        "set branch = riga\nagent dan branch=vilnius",
        "wait 30000ms\nbecause rule=own-branch-first branch=riga",
    );
    check(
        choose,
        "agent dan branch=vilnius\nagent eve cost=3",
        "offer eve dan
        because rule=cost-and-branch branch=any cross-branch=no cost=3
        scores eve=-3",
    );
}

/// Neither a low cost nor 49 days of idleness outdo the branch, nor the latter a thousandth of cost.
#[test]
fn tiers_are_strict() {
    check(
        choose,
        "contact branch=riga waited=1m
        agent ann branch=riga cost=999999999.999
        agent bob branch=vilnius cost=0 idle=4294967
        agent cat branch=vilnius cost=0.001 idle=4294967
        agent dan branch=vilnius cost=0 idle=1000001",
        "offer ann bob dan cat
        because rule=cost-and-branch branch=riga cross-branch=no cost=999999999.999
        scores ann=-999999999.999 bob=0 dan=0 cat=-0.001",
    );
}

#[test]
fn settings_are_checked() {
    check(
        choose,
        "agent ann cost=cheap",
        "configuration: `cost` is an amount such as `12.50` at the agent ann, not `cheap`",
    );
    check(
        choose,
        "set cross-branch-after = later\nagent ann",
        "configuration: `cross-branch-after` is a span such as `500ms`, `15s`, `2m` or `1h`, \
         at most 24h, not `later`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, &format!("contact branch=riga\n{AGENTS}"));
}
