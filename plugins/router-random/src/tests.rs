use std::collections::BTreeMap;

use jackfield_sdk::router::Decision;
use jackfield_sdk::testing::{ask, check, hold};

use super::choose;

const AGENTS: &str = "agent ann idle=900\nagent bob\nagent cat";

#[test]
fn the_seed_decides() {
    let with = |seed: u32, expected: &str| {
        let because = format!("because rule=random seed={seed}");
        check(choose, &format!("seed {seed}\n{AGENTS}"), &format!("offer {expected}\n{because}"));
    };
    with(1, "ann cat bob");
    with(2, "ann cat bob");
    with(3, "cat bob ann");
}

/// 6,000 lots over six orders: each is drawn a thousand times, give or take five deviations of the
/// binomial distribution (29 each).
#[test]
fn all_orders_are_equally_likely() {
    let mut question = ask(AGENTS);
    let mut drawn = BTreeMap::<String, u32>::new();
    for seed in 0..6_000 {
        question.seed = seed;
        let Decision::Offer(agents) = choose(&question).unwrap().decision else {
            panic!("no offer")
        };
        *drawn.entry(agents.join(" ")).or_default() += 1;
    }
    assert_eq!(drawn.len(), 6);
    assert!(drawn.values().all(|count| count.abs_diff(1_000) < 145), "{drawn:?}");
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, AGENTS);
}
