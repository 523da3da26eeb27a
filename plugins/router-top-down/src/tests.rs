use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent ann level=5 idle=90
    agent bob level=7 idle=10
    agent cat level=7 idle=20";

#[test]
fn the_highest_level_first_then_the_longest_idle() {
    check(
        choose,
        AGENTS,
        "offer cat bob ann
        because rule=top-down level=7 idle-ms=20000
        scores cat=7 bob=7 ann=5",
    );
}

/// A sum of a tier and an idle time mixes them up when somebody has been idle for 11.57 days: a
/// million seconds. Asterisk's penalties did.
#[test]
fn no_idle_time_however_long_outdoes_a_level() {
    check(
        choose,
        "agent ann level=8 idle=1000001
        agent bob level=9 idle=0
        agent cat level=8 idle=4294967",
        "offer bob cat ann
        because rule=top-down level=9 idle-ms=0
        scores bob=9 cat=8 ann=8",
    );
}

#[test]
fn a_tier_opens_after_its_wait_and_not_before() {
    let after = |waited: &str, expected: &str| {
        let script = format!("contact waited={waited}\nset tiers = 8, 7@10s, 1@30s\n{AGENTS}");
        check(choose, &script, expected);
    };
    after("0", "wait 10000ms\nbecause rule=no-tier-has-anybody least-level=8");
    after("9999ms", "wait 1ms\nbecause rule=no-tier-has-anybody least-level=8");
    let seven = "because rule=top-down level=7 idle-ms=20000\nscores cat=7 bob=7";
    after("10s", &format!("offer cat bob\n{seven}"));
    after("30s", &format!("offer cat bob ann\n{seven} ann=5"));
}

#[test]
fn the_last_tier_may_leave_somebody_out() {
    check(
        choose,
        "contact waited=10m\nset tiers = 6@5s\nagent ann level=5",
        "wait 60000ms\nbecause rule=no-tier-has-anybody least-level=6",
    );
}

#[test]
fn a_tier_that_is_none_is_refused() {
    for bad in ["11", "5@soon", "high"] {
        check(
            choose,
            &format!("set tiers = 8, {bad}\nagent ann"),
            &format!(
                "configuration: `tiers` is a list of levels from 1 to 10 with the wait from which \
                 they are asked, such as `8, 5@10s, 1@30s`, not `{bad}`"
            ),
        );
    }
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "set tiers = 8, 5@30s, 2@60s");
}
