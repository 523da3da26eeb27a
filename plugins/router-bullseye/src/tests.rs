use jackfield_sdk::testing::{check, hold};

use super::choose;

const RINGS: &str = "set rings = russian>=7 & level>=6; russian>=4@15s; any@30s";

/// Asks after a wait, with one agent of the queue busy, so that no ring is known to be empty.
#[track_caller]
fn after(waited: &str, rest: &str, expected: &str) {
    check(choose, &format!("contact waited={waited}\nqueue busy=1\n{rest}"), expected);
}

#[test]
fn rings_widen_with_time_and_inner_ones_stay_first() {
    let agents = format!(
        "{RINGS}
        agent ann skill.russian=5 idle=900
        agent bob skill.russian=8 level=7 idle=1
        agent cat idle=999
        agent dan skill.russian=9 level=5 idle=2"
    );
    let ring = "because rule=bullseye ring=1";
    after("0", &agents, &format!("offer bob\n{ring} open=1/3\nscores bob=0"));
    let two = "scores bob=0 ann=-1 dan=-1";
    after("15s", &agents, &format!("offer bob ann dan\n{ring} open=2/3\n{two}"));
    after("30s", &agents, &format!("offer bob ann dan cat\n{ring} open=3/3\n{two} cat=-2"));
}

#[test]
fn a_ring_whose_agents_are_busy_is_waited_for() {
    let agent = format!("{RINGS}\nagent cat idle=9");
    after("0", &agent, "wait 15000ms\nbecause rule=nobody-in-the-rings open=1/3");
    after("16s", &agent, "wait 14000ms\nbecause rule=nobody-in-the-rings open=2/3");
    let by = "because rule=bullseye ring=3 open=3/3\nscores cat=-2";
    after("30s", &agent, &format!("offer cat\n{by}"));
}

#[test]
fn an_empty_ring_is_passed_at_once() {
    let agent = format!("{RINGS}\nagent ann skill.russian=5");
    let passed = "because rule=bullseye ring=2 open=1/3 passed-empty=1\nscores ann=-1";
    check(choose, &format!("queue busy=0\n{agent}"), &format!("offer ann\n{passed}"));
    // A busy agent might be of the ring: only who asks for it does not wait.
    let wait = "wait 15000ms\nbecause rule=nobody-in-the-rings open=1/3";
    after("0", &agent, wait);
    after("0", &format!("set empty-ring = nobody-ready\n{agent}"), &format!("offer ann\n{passed}"));
    check(choose, &format!("set empty-ring = never\n{agent}"), wait);
    // Two rings are passed when both are empty.
    check(
        choose,
        &format!("{RINGS}\nagent cat"),
        "offer cat\nbecause rule=bullseye ring=3 open=1/3 passed-empty=2\nscores cat=-2",
    );
}

/// "Reverse bullseye": a later ring adds a skill, and the ones before it are left.
#[test]
fn rings_that_add_skills_leave_the_inner_ones() {
    let agents = "
        set inner-rings = leave
        set rings = billing>=3; billing>=3 & retention>=5@60s
        agent ann skill.billing=5
        agent bob skill.billing=3 skill.retention=6";
    after("0", agents, "offer ann bob\nbecause rule=bullseye ring=1 open=1/2\nscores ann=0 bob=0");
    after("60s", agents, "offer bob\nbecause rule=bullseye ring=2 open=2/2\nscores bob=-1");
}

/// A sum of a ring and an idle time mixes them up after 11.57 days: a million seconds.
#[test]
fn no_idle_time_however_long_outdoes_a_ring() {
    after(
        "30s",
        "set rings = russian>=7; any@15s
        agent ann skill.russian=6 idle=1000001
        agent bob skill.russian=7 idle=0
        agent cat idle=4294967",
        "offer bob cat ann
        because rule=bullseye ring=1 open=2/2
        scores bob=0 cat=-1 ann=-1",
    );
}

#[test]
fn rings_are_checked() {
    let refused = |rings: &str, accepted: &str, found: &str| {
        let message = format!("configuration: `rings` is {accepted}, not `{found}`");
        check(choose, &format!("set rings = {rings}\nagent ann"), &message);
    };
    let example = "a list of rings such as `russian>=7 & level>=8; russian>=4@15s; any@30s`";
    refused("russian>=7; russian>4@15s", example, "russian>4@15s");
    refused("russian>=11", example, "russian>=11");
    refused("any@soon", example, "any@soon");
    let falling = "a list of rings whose waits do not fall";
    refused("russian>=7@20s; any@15s", falling, "russian>=7@20s; any@15s");
    // Without rings there is one, of all agents.
    check(choose, "agent ann", "offer ann\nbecause rule=bullseye ring=1 open=1/1\nscores ann=0");
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, RINGS);
    hold(choose, &format!("set inner-rings = leave\nset empty-ring = nobody-ready\n{RINGS}"));
}
