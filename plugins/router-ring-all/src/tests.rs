use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann idle=5
    agent bob idle=9
    agent cat idle=5";

#[test]
fn all_ring_at_once() {
    check(choose, AGENTS, "all bob ann cat\nbecause rule=ring-all ready=3 max-agents=10");
}

#[test]
fn of_too_many_the_longest_idle_ring() {
    check(
        choose,
        &format!("set max-agents = 2\n{AGENTS}"),
        "all bob ann\nbecause rule=ring-all ready=3 max-agents=2",
    );
    for bad in ["0", "65", "many"] {
        check(
            choose,
            &format!("set max-agents = {bad}\n{AGENTS}"),
            &format!("configuration: `max-agents` is a whole number from 1 to 64, not `{bad}`"),
        );
    }
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "set max-agents = 3");
}
