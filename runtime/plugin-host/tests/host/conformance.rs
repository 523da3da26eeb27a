//! The bundled plugins hold to their worlds, and one that does not is seen.

use jackfield_plugin_host::conformance::{Property, run};
use jackfield_plugin_host::{HostConfig, World};

use crate::support::{config, guest};

fn own(name: &str) -> HostConfig {
    HostConfig { cache_dir: config().cache_dir.join(name), flow_instances_max: 4, ..config() }
}

#[test]
fn bundled_plugins_hold_to_their_worlds() {
    let url = ("url".to_owned(), "https://crm.example/hook".to_owned());
    let faq = ("faq-hours".to_owned(), "open, hours | From 9 to 18.".to_owned());
    let greeted = ("topic-thanks".to_owned(), "thank".to_owned());
    for (name, world, settings) in [
        ("chatbot-faq", World::Chatbot, vec![faq]),
        ("channel-webchat", World::Channel, vec![]),
        ("connector-webhook", World::Connector, vec![url]),
        ("analyst-lexicon", World::Analyst, vec![greeted]),
        ("pacer-progressive", World::Pacer, vec![]),
    ] {
        let report = run(&own("conformance"), world, &guest(name), &settings, 7).unwrap();
        assert_eq!(report.broken, None, "{name}");
        // Everything was looked at, and most of it was answered.
        let seldom = [Property::ErrorsAreTold];
        for (property, count) in &report.checked {
            assert!(seldom.contains(property) || 50 < *count, "{name}: {property:?} {count}");
        }
        assert!(report.refused < 100, "{name} refused {}", report.refused);
        let again = run(&own("conformance"), world, &guest(name), &settings, 7).unwrap();
        assert_eq!(report, again);
    }
}

#[test]
fn an_answer_that_makes_no_sense_is_seen() {
    let report =
        run(&own("hostile"), World::Connector, &guest("connector-hostile"), &[], 7).unwrap();
    let broken = report.broken.unwrap();
    assert_eq!(broken.property, Property::WellFormed, "{broken:?}");
    assert_eq!(broken.wrong, "the lead's id is empty");
    assert!(broken.trace.starts_with("asked:  {\"CreateLead\":"), "{broken:?}");
    assert!(broken.trace.ends_with("answer: \"\""), "{broken:?}");
}

#[test]
fn worlds_of_decisions_have_another_suite() {
    let refused = run(&own("router"), World::Router, &guest("router-linear"), &[], 7).unwrap_err();
    assert!(refused.to_string().contains("jackfield plugin certify"), "{refused}");
}
