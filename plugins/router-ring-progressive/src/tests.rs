use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent cat idle=5 level=3
    agent ann idle=5 level=7
    agent bob idle=9 level=5";

fn with(settings: &str, expected: &str) {
    check(choose, &format!("{settings}\n{AGENTS}"), expected);
}

#[test]
fn one_more_at_each_step() {
    let because = "because rule=ring-progressive ready=3";
    with("", &format!("progressive 5000ms bob ann cat\n{because} step-ms=5000"));
    with(
        "set step = 8s\nset order = level\nset max-agents = 2",
        &format!("progressive 8000ms ann bob\n{because} step-ms=8000"),
    );
    with("set order = name", &format!("progressive 5000ms ann bob cat\n{because} step-ms=5000"));
}

#[test]
fn settings_are_checked() {
    with("set step = 500ms", "configuration: `step` is a span from `1s` to `60s`, not `500ms`");
    with("set order = age", "configuration: `order` is `idle` or `level` or `name`, not `age`");
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "set order = level");
}
