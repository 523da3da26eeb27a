use super::*;

#[test]
fn the_contract_is_readable() {
    for world in World::ALL {
        assert_eq!(World::from_name(world.name()), Some(world));
        let (resolve, id) = contract(world).as_ref().unwrap();
        assert!(!surface(resolve, *id).exports.is_empty());
    }
}

#[test]
fn tracks_of_versions() {
    assert_eq!(track("0.1.7"), "0.1");
    assert_eq!(track("2.3.0"), "2");
    assert_eq!(track("0.1"), "0.1");
}

/// Where each grant's functions are, and a world that may import them.
const IMPORTS: [(Grant, &str, World); 12] = [
    (Grant::CrmRead, "crm/read", World::Flow),
    (Grant::CrmHistory, "crm/history", World::Router),
    (Grant::CrmWrite, "crm/write", World::Flow),
    (Grant::CrmSegment, "crm/segment", World::Analyst),
    (Grant::CrmAddress, "crm/address", World::Connector),
    (Grant::Http, "http/outbound", World::Channel),
    (Grant::Secrets, "secrets/secrets", World::Channel),
    (Grant::Messaging, "messaging/messaging", World::Chatbot),
    (Grant::State, "state/state", World::Router),
    (Grant::Metrics, "metrics/metrics", World::Pacer),
    (Grant::Clock, "clock/clock", World::Chatbot),
    (Grant::Log, "log/log", World::Estimator),
];

#[test]
fn each_import_needs_its_grant_and_no_other() {
    for (grant, interface, world) in IMPORTS {
        let import = format!("jackfield:{interface}@0.1.0");
        assert!(wanted(world).unwrap().imports.contains(&import), "{world} has no {import}");
        let imports = vec![import];
        let every_other = Grant::ALL.into_iter().filter(|other| *other != grant).collect();
        let refused = check_grants(&imports, &every_other).unwrap_err().to_string();
        let name = grant.name();
        assert_eq!(
            refused,
            format!(
                "step `grant`: it imports `{name}`, which this tenant does not grant; add `grants = \
                 [\"{name}\"]` to the plugin's entry, or do without"
            ),
        );
        check_grants(&imports, &[grant].into_iter().collect()).unwrap();
    }
    let mut tested: Vec<Grant> = IMPORTS.iter().map(|(grant, ..)| *grant).collect();
    tested.sort();
    let mut all = Grant::ALL.to_vec();
    all.sort();
    assert_eq!(tested, all);
}

#[test]
fn what_acts_and_is_no_part_of_a_world_itself_needs_a_grant() {
    let free = ["jackfield:telephony/session@0.1.0", "jackfield:settings/settings@0.1.0"];
    for world in World::ALL {
        for import in wanted(world).unwrap().imports {
            let granted = Grant::of_import(&import).is_some();
            assert!(granted || free.contains(&import.as_str()), "{world}: {import}");
        }
    }
}

#[test]
fn the_line_to_add_names_all_that_is_missing_and_nothing_that_everybody_has() {
    let imports = ["log/log", "http/outbound", "secrets/secrets", "state/state"];
    let imports: Vec<String> =
        imports.iter().map(|name| format!("jackfield:{name}@0.1.0")).collect();
    let error = check_grants(&imports, &Grants::harmless()).unwrap_err();
    let error = error.with_entry("tenants.acme.plugins.crm");
    assert_eq!(
        error.to_string(),
        "step `grant`: it imports `http`, which this tenant does not grant; add `grants = [\"http\", \
         \"secrets\"]` to `[tenants.acme.plugins.crm]`, or do without",
    );
}
