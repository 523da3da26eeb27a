//! Random centres in which everything goes wrong, then two runs of one seed against each other.

use std::sync::Arc;
use std::time::Duration;

use jackfield_sim::{Cast, Options, Plan, World};

/// How many centres are made up.
const SEEDS: u64 = 200;
/// Set it to a seed to play only that one.
const SEED_VARIABLE: &str = "JACKFIELD_SEED";
/// The length of the safety phase of each.
const LENGTH: Duration = Duration::from_secs(600);

fn world(seed: u64, options: Options) -> World {
    World::new(Arc::new(Plan::chaos(seed, LENGTH)), Cast::native(), options)
}

#[test]
fn nothing_wrong_happens_and_everything_ends() {
    let one = std::env::var(SEED_VARIABLE).ok();
    let one: Option<u64> = one.map(|seed| seed.parse().expect("a seed is a whole number"));
    let (mut offers, mut connects, mut crashes, mut steps) = (0, 0, 0, 0);
    for seed in one.map_or(0..SEEDS, |seed| seed..seed + 1) {
        let mut world = world(seed, Options::default());
        if let Err(failure) = world.run(|_| ()) {
            let step = failure.step;
            let mut again =
                self::world(seed, Options { keep: true, steps_max: step, ..Options::default() });
            let _ = again.run(|_| ());
            for record in again.journal().iter().rev().take(12).rev() {
                println!("{record:?}");
            }
            panic!("{failure}\njackfield simulate chaos --seed {seed} --steps {step}");
        }
        let (offered, connected) = world.book().offers();
        (offers, connects) = (offers + offered, connects + connected);
        (crashes, steps) = (crashes + world.crashes(), steps + world.steps());
    }
    // A schedule in which nothing happens would prove nothing.
    println!("{offers} offers, {connects} answered, {crashes} crashes, {steps} steps");
    if one.is_none() {
        assert!(3_000 < connects && 3_000 < offers, "{offers} offers, {connects} answered");
        assert!(80 < crashes && 100_000 < steps, "{crashes} crashes, {steps} steps");
    }
}

#[test]
fn a_seed_gives_the_same_journal_to_the_byte() {
    let journal = |seed| {
        let mut world = world(seed, Options { keep: true, ..Options::default() });
        world.run(|_| ()).expect("nothing wrong");
        serde_json::to_vec(world.journal()).expect("a journal")
    };
    for seed in [1, 7, 4711] {
        assert!(journal(seed) == journal(seed), "seed {seed} gives two journals");
    }
    assert!(journal(1) != journal(7));
}

/// Every bundled scenario runs to its end, and nothing wrong happens in it.
#[test]
fn bundled_scenarios_run_to_their_end() {
    for (name, text) in jackfield_sim::BUNDLED {
        let scenario = jackfield_sim::Scenario::read(text).expect(name);
        for seed in 1..=3 {
            let plan = Arc::new(scenario.plan(seed));
            let mut world = World::new(plan, Cast::native(), Options::default());
            if let Err(failure) = world.run(|_| ()) {
                let step = failure.step;
                panic!("{failure}\njackfield simulate {name} --seed {seed} --steps {step}");
            }
        }
    }
}
