use jackfield_sdk::testing::{check, hold};

use super::choose;

#[test]
fn fewest_first_and_equals_by_idle_time_and_name() {
    check(
        choose,
        "agent ann contacts=3 idle=900
        agent bob contacts=2 idle=10
        agent cat contacts=2 idle=20
        agent dan contacts=2 idle=20",
        "offer cat dan bob ann
        because rule=fewest-contacts contacts=2
        scores cat=-2 dan=-2 bob=-2 ann=-3",
    );
}

/// Idle for 49 days is no reason to have one contact more.
#[test]
fn no_idle_time_outdoes_a_contact() {
    check(
        choose,
        "agent ann contacts=1 idle=4294967
        agent bob contacts=0 idle=0",
        "offer bob ann
        because rule=fewest-contacts contacts=0
        scores bob=0 ann=-1",
    );
}

#[test]
fn work_in_hand_comes_first_where_it_is_asked_for() {
    check(
        choose,
        "set load-first = true
        agent ann contacts=1 load=50
        agent bob contacts=9 load=0",
        "offer bob ann
        because rule=fewest-contacts contacts=9 load=0
        scores bob=-9 ann=-1",
    );
    check(
        choose,
        "set load-first = yes\nagent ann",
        "configuration: `load-first` is `true` or `false`, not `yes`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "set load-first = true");
}
