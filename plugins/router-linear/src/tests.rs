use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann idle=900
    agent bob idle=10 position=2
    agent cat idle=20 position=1
    agent dan idle=50";

#[test]
fn always_from_the_top_whoever_is_idle() {
    check(
        choose,
        &format!("set order = dan, zoe, bob\n{AGENTS}"),
        "offer dan bob cat ann
        because rule=linear by=order",
    );
    check(choose, AGENTS, "offer cat bob ann dan\nbecause rule=linear by=position");
    check(choose, "agent bob\nagent ann", "offer ann bob\nbecause rule=linear by=name");
}

#[test]
fn others_may_be_left_out() {
    let settings = "set order = dan, zoe\nset others = never";
    check(
        choose,
        &format!("{settings}\n{AGENTS}"),
        "offer dan cat bob\nbecause rule=linear by=order",
    );
    check(
        choose,
        &format!("{settings}\nagent ann"),
        "wait 60000ms\nbecause rule=nobody-of-the-order-is-ready",
    );
}

#[test]
fn a_position_that_is_none_is_refused() {
    check(
        choose,
        "agent ann position=first",
        "configuration: `position` is a whole number from 1 to 9999 at the agent ann, not `first`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "set order = agent-7, agent-3, agent-11");
}
