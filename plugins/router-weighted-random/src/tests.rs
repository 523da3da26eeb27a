use std::collections::BTreeMap;

use jackfield_sdk::router::Decision;
use jackfield_sdk::testing::{ask, check, hold};

use super::choose;

#[test]
fn the_seed_decides_and_weight_0_is_last() {
    let agents = "
        set weight-by = share
        agent ann share=0 idle=900
        agent bob share=3
        agent cat";
    let because = "because rule=weighted-random weight=3 sum=4";
    check(
        choose,
        &format!("seed 1\n{agents}"),
        &format!("offer bob cat ann\n{because} seed=1\nscores bob=3 cat=1 ann=0"),
    );
}

/// 10,000 lots with the weights 5, 3 and 2: each is first in its share, give or take five
/// deviations of the binomial distribution (at most 50 each).
#[test]
fn the_chances_are_the_weights() {
    let mut question = ask("agent ann level=5\nagent bob level=3\nagent cat level=2");
    let mut first = BTreeMap::<String, u32>::new();
    let mut second_of_ann = 0_u32;
    for seed in 0..10_000 {
        question.seed = seed;
        let Decision::Offer(agents) = choose(&question).unwrap().decision else {
            panic!("no offer")
        };
        second_of_ann += u32::from(agents[0] == "ann" && agents[1] == "bob");
        *first.entry(agents[0].clone()).or_default() += 1;
    }
    for (agent, expected) in [("ann", 5_000_u32), ("bob", 3_000), ("cat", 2_000)] {
        assert!(first[agent].abs_diff(expected) < 250, "{first:?}");
    }
    // After ann, bob has 3 of 5: half of the lots times three fifths.
    assert!(second_of_ann.abs_diff(3_000) < 250, "{second_of_ann}");
}

#[test]
fn a_weight_that_is_none_is_refused() {
    check(
        choose,
        "set weight-by = share\nagent ann share=-1",
        "configuration: `share` is a whole number from 0 to 1000 at the agent ann, not `-1`",
    );
}

#[test]
fn what_is_true_of_every_router() {
    hold(choose, "agent ann level=1");
    hold(choose, "set weight-by = share\nagent ann share=0\nagent bob share=0");
}
