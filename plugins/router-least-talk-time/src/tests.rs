use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann talk=610 idle=900
    agent bob talk=605 idle=10
    agent cat talk=590 idle=20";

#[test]
fn least_first() {
    check(
        choose,
        AGENTS,
        "offer cat bob ann
        because rule=least-talk-time talk-seconds=590
        scores cat=-590 bob=-605 ann=-610",
    );
}

#[test]
fn within_a_band_the_longest_idle_is_first() {
    check(
        choose,
        &format!("set band = 5m\n{AGENTS}"),
        "offer cat ann bob
        because rule=least-talk-time talk-seconds=590
        scores cat=-590 ann=-610 bob=-605",
    );
    check(
        choose,
        &format!("set band = 5\n{AGENTS}"),
        "configuration: `band` is a span such as `500ms`, `15s`, `2m` or `1h`, at most 24h, not `5`",
    );
}

/// Idle for 49 days is no reason to talk a second more.
#[test]
fn no_idle_time_outdoes_a_band() {
    check(
        choose,
        "agent ann talk=1 idle=4294967
        agent bob talk=0 idle=0",
        "offer bob ann
        because rule=least-talk-time talk-seconds=0
        scores bob=0 ann=-1",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "set band = 1m");
}
