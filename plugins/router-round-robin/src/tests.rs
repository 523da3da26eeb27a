use jackfield_sdk::testing::{check, hold};

use super::choose;

const AGENTS: &str = "
    agent cat idle=5
    agent ann idle=7
    agent bob idle=900";

#[test]
fn the_turn_goes_on_after_the_latest_offer_and_begins_again() {
    let after = |last: &str, expected: &str| {
        let script = format!("queue last={last}\n{AGENTS}");
        check(choose, &script, &format!("{expected}\nbecause rule=round-robin after={last}"));
    };
    after("ann", "offer bob cat ann");
    after("bob", "offer cat ann bob");
    after("cat", "offer ann bob cat");
}

#[test]
fn one_who_is_no_candidate_keeps_the_place_of_the_name() {
    check(
        choose,
        &format!("queue last=bert\n{AGENTS}"),
        "offer bob cat ann
        because rule=round-robin after=bert",
    );
    check(
        choose,
        &format!("queue last=zoe\n{AGENTS}"),
        "offer ann bob cat
        because rule=round-robin after=zoe",
    );
}

#[test]
fn before_the_first_offer_the_first_name_begins() {
    check(choose, AGENTS, "offer ann bob cat\nbecause rule=round-robin after=nobody");
}

#[test]
fn all_have_the_same_share_in_a_long_run() {
    let mut ask = jackfield_sdk::testing::ask(AGENTS);
    let mut offers = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..300 {
        let jackfield_sdk::router::Decision::Offer(agents) = choose(&ask).unwrap().decision else {
            panic!("no offer")
        };
        *offers.entry(agents[0].clone()).or_default() += 1;
        ask.queue.last_offered = agents.into_iter().next();
    }
    assert!(offers.values().all(|count| *count == 100), "{offers:?}");
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "queue last=bob");
}
