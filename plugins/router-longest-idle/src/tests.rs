use jackfield_sdk::testing::{check, hold};

use super::choose;

#[test]
fn longest_idle_first_and_equals_by_name() {
    check(
        choose,
        "agent cat idle=5
        agent bob idle=9
        agent ann idle=5",
        "offer bob ann cat
        because rule=longest-idle idle-ms=9000",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "");
}
