//! What a call costs is measured in every world. Times are the machine's; instructions are not.

use jackfield_plugin_host::bench::{BenchPlan, BenchReport, bench};
use jackfield_plugin_host::{HostConfig, InstallError, World};

use crate::support::{config, guest};

fn measured(
    name: &str,
    world: World,
    settings: &[(&str, &str)],
) -> Result<BenchReport, InstallError> {
    let own = config().cache_dir.join("bench");
    let config =
        HostConfig { cache_dir: own, flow_instances_max: 4, router_instances_max: 4, ..config() };
    let settings: Vec<(String, String)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    bench(&config, &guest(name), world, &BenchPlan::new(100, 5).with_settings(&settings))
}

#[test]
fn worlds_whose_calls_have_an_instance_each_have_no_warm_calls() {
    for (name, world, settings) in [
        ("chatbot-faq", World::Chatbot, &[][..]),
        ("channel-webchat", World::Channel, &[]),
        ("connector-webhook", World::Connector, &[("url", "https://crm.example/hook")]),
        ("analyst-lexicon", World::Analyst, &[]),
        ("pacer-progressive", World::Pacer, &[]),
    ] {
        let first = measured(name, world, settings).unwrap();
        assert!(first.warm.is_none(), "{name}");
        assert!(first.fresh.p50 <= first.fresh.p99 && !first.fresh.p50.is_zero(), "{first:?}");
        assert!(0 < first.fuel && first.fuel < first.fuel_max, "{first:?}");
        assert!(0 < first.memory_bytes, "{first:?}");
        let again = measured(name, world, settings).unwrap();
        let counted = |one: &BenchReport| (one.fuel, one.fuel_max, one.refused, one.memory_bytes);
        assert_eq!(counted(&first), counted(&again), "{name}");
    }
}

#[test]
fn an_instance_that_answers_again_is_warm() {
    let router = measured("router-skills", World::Router, &[]).unwrap();
    assert!(router.warm.is_some());
    assert_eq!((router.fuel, router.refused), (router.fuel_max, 0));
}

#[test]
fn what_is_refused_for_want_of_a_setting_is_not_measured() {
    let refused = measured("connector-webhook", World::Connector, &[]).unwrap_err().to_string();
    assert!(refused.contains("were refused: `url` is not set"), "{refused}");
    assert!(refused.ends_with("`--set NAME=VALUE`"), "{refused}");
}
