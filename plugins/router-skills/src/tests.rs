use jackfield_sdk::testing::{answer, ask, check, hold};

use super::choose;

/// The first line of the answer: what is decided, without the reasons.
#[track_caller]
fn decides(script: &str, expected: &str) {
    let given = answer(&choose(&ask(script)));
    assert_eq!(given.lines().next(), Some(expected), "{given}");
}

#[test]
fn the_best_total_is_first_and_equals_go_by_idle_time_then_by_name() {
    check(
        choose,
        "contact need.english=4 want.billing=6
        agent ann idle=10 skill.english=5 skill.billing=7
        agent bob idle=90 skill.english=5 skill.billing=6
        agent cat idle=50 skill.english=5 skill.billing=6
        agent dan idle=50 skill.english=5 skill.billing=6",
        "offer ann bob cat dan
        because rule=preferred-skills levels-let-go=0 total=7 idle-ms=10000
        scores ann=7 bob=6 cat=6 dan=6",
    );
}

#[test]
fn an_agent_without_a_required_level_is_never_offered() {
    for way in ["all", "best", "ignored"] {
        decides(
            &format!(
                "contact waited=10m need.english=4 want.billing=6
                set skill-match = {way}
                agent ann skill.english=3 skill.billing=10"
            ),
            "wait 15000ms",
        );
    }
}

#[test]
fn demands_fall_by_steps_until_anybody_will_do() {
    let after = |waited: &str, skills: &str, expected: &str| {
        decides(&format!("contact waited={waited} want.billing=7\nagent ann {skills}"), expected);
    };
    after("0", "skill.billing=2", "wait 15000ms");
    after("14999ms", "skill.billing=2", "wait 1ms");
    after("15s", "skill.billing=2", "wait 15000ms");
    after("30s", "skill.billing=2", "offer ann");
    after("44999ms", "", "wait 1ms");
    after("45s", "", "offer ann");
}

#[test]
fn demands_fall_by_name_and_the_next_change_is_waited_for() {
    let after = |waited: &str, level: u8, expected: &str| {
        check(
            choose,
            &format!(
                "contact waited={waited} want.russian=7
                set relax = russian-2@15s, russian-2@40s, russian@2m
                agent ann skill.russian={level}"
            ),
            expected,
        );
    };
    let nobody = "because rule=nobody-fits-yet levels-let-go=0";
    after("0", 5, &format!("wait 15000ms\n{nobody}"));
    let one = "levels-let-go=0 relaxed=russian-2@15s";
    let fits = "because rule=preferred-skills";
    after("15s", 5, &format!("offer ann\n{fits} {one} total=5 idle-ms=0\nscores ann=5"));
    after("15s", 4, &format!("wait 25000ms\nbecause rule=nobody-fits-yet {one}"));
    let two = format!("{one},russian-2@40s");
    after("40s", 3, &format!("offer ann\n{fits} {two} total=3 idle-ms=0\nscores ann=3"));
    after("40s", 2, &format!("wait 60000ms\nbecause rule=nobody-fits-yet {two}"));
    let all = format!("{two},russian@2m");
    after("2m", 1, &format!("offer ann\n{fits} {all} total=1 idle-ms=0\nscores ann=1"));
}

/// "Reverse bullseye": who has waited a minute gets somebody who can keep customers.
#[test]
fn demands_are_added_and_relaxed_in_their_turn() {
    let after = |waited: &str, expected: &str| {
        decides(
            &format!(
                "contact waited={waited} want.billing=3
                set add = retention=5@60s
                set relax = billing@50s, retention-3@90s
                agent ann skill.billing=4 idle=9
                agent bob skill.retention=6
                agent cat skill.retention=2"
            ),
            expected,
        );
    };
    after("0", "offer ann");
    after("50s", "offer ann bob cat");
    after("60s", "offer bob");
    after("90s", "offer bob cat");
}

#[test]
fn best_leaves_nobody_out_and_counts_demands_before_levels() {
    check(
        choose,
        "contact want.billing=3 want.russian=3
        set skill-match = best
        agent ann skill.billing=10
        agent bob skill.billing=3 skill.russian=3
        agent cat idle=999",
        "offer bob ann cat
        because rule=most-skills levels-let-go=0 met=2/2 total=6 idle-ms=0
        scores bob=6 ann=10 cat=0",
    );
    decides(
        "contact want.billing=3\nset skill-match = ignored\nagent ann skill.billing=9\nagent bob idle=1",
        "offer bob ann",
    );
}

/// A sum of a tier and an idle time mixes them up after 11.57 days: a million seconds.
#[test]
fn no_idle_time_however_long_outdoes_a_level() {
    decides(
        "contact want.billing=3
        agent ann skill.billing=4 idle=4294967
        agent bob skill.billing=5 idle=0
        agent cat skill.billing=4 idle=1000001",
        "offer bob ann cat",
    );
}

#[test]
fn the_contact_says_otherwise_than_the_queue() {
    let queue = "set relax-after-ms = 9000\nagent ann skill.english=5";
    decides(&format!("contact want.billing=7\n{queue}"), "wait 9000ms");
    decides(&format!("contact want.billing=7 relax-after-ms=0\n{queue}"), "offer ann");
}

#[test]
fn settings_are_checked() {
    let refused = |setting: &str, message: &str| {
        check(choose, &format!("set {setting}\nagent ann"), &format!("configuration: {message}"));
    };
    refused(
        "relax-after-ms = soon",
        "`relax-after-ms` is a number of milliseconds from 0 to 86400000, not `soon`",
    );
    refused("relax-levels = 0", "`relax-levels` is a whole number from 1 to 10, not `0`");
    refused("skill-match = any", "`skill-match` is `all` or `best` or `ignored`, not `any`");
    refused(
        "relax = russian-2",
        "`relax` is a list of skills, levels to let go and waits, such as `russian-2@15s, \
         russian@30s`, not `russian-2`",
    );
    refused(
        "add = retention@60s",
        "`add` is a list of skills, levels from 1 to 10 and waits, such as `retention=5@60s`, \
         not `retention@60s`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "contact want.billing=6 want.russian=3");
    hold(choose, "contact want.billing=6\nset skill-match = best\nset add = russian=4@30s");
    hold(choose, "contact want.billing=9\nset relax = billing-4@20s, billing@1m");
}
