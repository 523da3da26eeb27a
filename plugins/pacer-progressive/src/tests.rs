use jackfield_sdk::PluginError;
use jackfield_sdk::pacer::Campaign;

use super::{Rules, pace};

fn campaign() -> Campaign {
    Campaign {
        name: "autumn".to_owned(),
        agents_idle: 4,
        agents_talking: 10,
        agents_wrapping: 2,
        dialling: 2,
        waiting: 0,
        numbers_left: 1_000,
        lines_free: 100,
        attempts: 200,
        answered: 80,
        abandoned: 0,
        abandoned_max: 0.03,
        ring_ms: 15_000,
        talk_ms: 150_000,
        wrap_ms: 30_000,
        attributes: Vec::new(),
        now_seconds: 0.0,
        seed: 0,
    }
}

fn rules(settings: &[(&str, &str)]) -> Result<Rules, PluginError> {
    Rules::read(|name| {
        settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

#[track_caller]
fn check(campaign: &Campaign, settings: &[(&str, &str)], dial: u32, rule: &str) {
    let pace = pace(campaign, &rules(settings).ok().unwrap());
    assert_eq!((pace.dial, pace.because[0].1.as_str()), (dial, rule));
}

#[test]
fn progressive_dials_for_idle_agents_alone() {
    check(&campaign(), &[("mode", "progressive")], 2, "progressive");
    let waiting = Campaign { waiting: 5, ..campaign() };
    check(&waiting, &[("mode", "progressive")], 0, "progressive");
}

#[test]
fn predictive_dials_for_who_is_about_to_be_free() {
    // 4 idle and 12 busy, of whom a twelfth is free within a ring: 5 agents, 2.5 calls for each.
    check(&campaign(), &[], 10, "predictive");
    check(&campaign(), &[("overdial-max", "1")], 3, "predictive");
}

#[test]
fn the_limit_of_abandonment_slows_and_stops_it() {
    let some = |abandoned| Campaign { answered: 100, attempts: 250, abandoned, ..campaign() };
    check(&some(1), &[], 10, "predictive");
    // Two thirds of the limit are used: two thirds of what is over one call for each agent.
    check(&some(2), &[], 8, "predictive");
    check(&some(3), &[], 2, "abandon-limit");
}

#[test]
fn without_figures_it_is_progressive() {
    check(&Campaign { attempts: 49, ..campaign() }, &[], 2, "too-few-attempts");
    check(&Campaign { answered: 0, ..campaign() }, &[], 2, "too-few-attempts");
}

#[test]
fn settings_are_checked() {
    for bad in [("mode", "fast"), ("overdial-max", "9"), ("attempts-min", "few")] {
        assert!(matches!(rules(&[bad]), Err(PluginError::Configuration(_))), "{bad:?}");
    }
}
