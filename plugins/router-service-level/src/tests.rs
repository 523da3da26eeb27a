use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann idle=900
    agent bob idle=10
    agent cat idle=20";

#[test]
fn without_need_elsewhere_the_longest_idle_is_first() {
    check(
        choose,
        &format!("other support waiting=0 counted=50 level=0.1\n{AGENTS}"),
        "offer ann cat bob
        because rule=no-queue-in-greater-need idle-ms=900000",
    );
}

#[test]
fn a_queue_below_its_target_has_as_many_agents_as_contacts_wait_in_it() {
    check(
        choose,
        &format!("other support waiting=2 counted=50 level=0.7\n{AGENTS}"),
        "offer bob
        because rule=beyond-what-others-need idle-ms=10000 left-to=ann:support,cat:support",
    );
    check(
        choose,
        &format!("other support waiting=4 counted=50 level=0.7\n{AGENTS}"),
        "wait 1000ms
        because rule=all-left-to-needier-queues left-to=ann:support,cat:support,bob:support",
    );
}

#[test]
fn agents_who_rank_other_queues_only_are_not_left_to_it() {
    check(
        choose,
        "other support waiting=9 counted=50 level=0.7
        agent ann idle=900 rank.support=2
        agent bob rank.sales=1",
        "offer bob
        because rule=beyond-what-others-need idle-ms=0 left-to=ann:support",
    );
}

#[test]
fn a_contact_is_held_back_for_a_limited_time() {
    let after = |waited: &str, expected: &str| {
        let other = "other support waiting=1 counted=50 level=0.7";
        check(choose, &format!("contact waited={waited}\n{other}\nagent ann"), expected);
    };
    let left = "because rule=all-left-to-needier-queues left-to=ann:support";
    after("9500ms", &format!("wait 500ms\n{left}"));
    after("10s", "offer ann\nbecause rule=held-back-long-enough idle-ms=0");
}

/// Below or not, then bands of five points, then quarters of the target time.
#[test]
fn needs_are_compared_place_by_place() {
    let left = |own: &str, other: &str, expected: bool| {
        let script = format!("queue {own}\nother support waiting=1 {other}\nagent ann");
        let answer = if expected {
            "wait 1000ms\nbecause rule=all-left-to-needier-queues left-to=ann:support"
        } else {
            "offer ann\nbecause rule=no-queue-in-greater-need idle-ms=0"
        };
        check(choose, &script, answer);
    };
    // A queue at its target gives way to one a hundredth below, however long its own contacts wait.
    left("counted=50 level=0.8 longest=1h", "counted=50 level=0.7999", true);
    left("counted=50 level=0.7999", "counted=50 level=0.8 longest=1h", false);
    // Three points apart is the same band, six are not.
    left("counted=50 level=0.74", "counted=50 level=0.71", false);
    left("counted=50 level=0.76", "counted=50 level=0.70 ", true);
    // 0.8 - 0.7 is less than 0.1 in binary: still two whole bands.
    left("counted=50 level=0.71 longest=1h", "counted=50 level=0.7", true);
    // In the same band, a quarter of the target time more.
    left("counted=50 level=0.74 longest=4s", "counted=50 level=0.74 longest=5s", true);
    left("longest=14999ms", "longest=15s", true);
    // Late is late.
    left("longest=20s", "longest=1h", false);
    // A handful of contacts says nothing.
    left("", "counted=9 level=0", false);
    left("", "counted=10 level=0", true);
}

#[test]
fn settings_are_checked() {
    check(
        choose,
        "set shortfall-band = 0\nagent ann",
        "configuration: `shortfall-band` is a whole number from 1 to 100, not `0`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "other support waiting=2 counted=50 level=0.7");
}
