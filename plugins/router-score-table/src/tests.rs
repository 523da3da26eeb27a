use jackfield_sdk::testing::{check, hold};

use super::choose;

const TABLE: &str = "set table = gold ann 0.4; gold skill:billing 0.5; gold skill:russian 0.7; \
    * bob 0.9; * skill:billing 0.2";
const AGENTS: &str = "
    agent ann skill.billing=9
    agent bob idle=5
    agent cat skill.billing=1 skill.russian=1
    agent dan idle=7
    agent eve skill.billing=3 idle=1";

#[test]
fn the_most_particular_row_counts_and_the_highest_score_is_first() {
    check(
        choose,
        &format!("contact segment=gold\n{TABLE}\n{AGENTS}"),
        "offer bob cat eve ann dan
        because rule=score-table segment=gold score=0.9 row=agent
        scores bob=0.9 cat=0.7 eve=0.5 ann=0.4 dan=0",
    );
}

#[test]
fn what_the_table_does_not_know_has_the_default() {
    check(
        choose,
        &format!("contact segment=silver\nset default-score = 0.25\n{TABLE}\n{AGENTS}"),
        "offer bob dan eve ann cat
        because rule=score-table segment=silver score=0.9 row=agent
        scores bob=0.9 dan=0.25 eve=0.2 ann=0.2 cat=0.2",
    );
    check(
        choose,
        "set table = gold ann 1\nagent ann\nagent bob idle=3",
        "offer bob ann
        because rule=score-table segment= score=0 row=default
        scores bob=0 ann=0",
    );
}

#[test]
fn another_attribute_may_choose_the_rows() {
    check(
        choose,
        "contact topic=refund\nset table-by = topic
        set table = refund * -0.5; refund ann 0.001\nagent ann\nagent bob",
        "offer ann bob
        because rule=score-table topic=refund score=0.001 row=value-and-agent
        scores ann=0.001 bob=-0.5",
    );
}

#[test]
fn a_long_table_is_divided() {
    check(
        choose,
        "set table = * ann 0.1
        set table-2 = * bob 0.2
        set table-40 = * cat 0.3
        agent ann
        agent bob
        agent cat",
        "offer cat bob ann
        because rule=score-table segment= score=0.3 row=agent
        scores cat=0.3 bob=0.2 ann=0.1",
    );
    check(
        choose,
        "set table = * * 1\nset table-2 = ann\nagent ann",
        "configuration: `table-2` is a list of rows of three words, VALUE WHO SCORE, such as \
         `gold ann 0.82; gold skill:billing 0.5; * * 0.1`, not `ann`",
    );
}

#[test]
fn agents_below_the_least_score_are_asked_later() {
    let after = |waited: &str, expected: &str| {
        check(
            choose,
            &format!(
                "contact segment=gold waited={waited}
                set table = gold ann 0.3; gold bob 0.6
                set min-score = 0.7
                set any-after = 12s
                agent ann
                agent bob"
            ),
            expected,
        );
    };
    after("0", "wait 12000ms\nbecause rule=all-below-min-score segment=gold");
    after(
        "12s",
        "offer bob ann
        because rule=score-table segment=gold score=0.6 row=value-and-agent
        scores bob=0.6 ann=0.3",
    );
}

/// Idle for 49 days, or for the million seconds at which sums of tiers and times break, is no
/// reason to outdo a thousandth of score.
#[test]
fn no_idle_time_outdoes_a_score() {
    check(
        choose,
        "set table = * ann 0.5; * bob 0.501; * cat 0.5
        agent ann idle=1000001
        agent bob idle=0
        agent cat idle=4294967",
        "offer bob cat ann
        because rule=score-table segment= score=0.501 row=agent
        scores bob=0.501 cat=0.5 ann=0.5",
    );
}

#[test]
fn settings_are_checked() {
    let table = "a list of rows of three words, VALUE WHO SCORE, such as \
        `gold ann 0.82; gold skill:billing 0.5; * * 0.1`";
    for bad in ["gold ann", "gold ann high", "gold ann 0.1234", "gold skill: 1", "a b 1 2"] {
        let message = format!("configuration: `table` is {table}, not `{bad}`");
        check(choose, &format!("set table = * * 1; {bad}\nagent ann"), &message);
    }
    check(
        choose,
        "set table = * * 1\nset min-score = much\nagent ann",
        "configuration: `min-score` is a number with at most three places, not `much`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, &format!("contact segment=gold\nset min-score = 0.5\n{TABLE}"));
}
