//! Working copies and scenarios: kept over a restart, and never written over unseen.

use super::{Folder, open, tenant_id};
use crate::{Scenario, WorkingCopy};

#[test]
fn a_working_copy_is_not_written_over_unseen() {
    let folder = Folder::new("studio");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    let copy = |script: &str, at_micros: u64| WorkingCopy {
        flow: "main".to_owned(),
        script: script.to_owned(),
        base: 1,
        by: "ann".to_owned(),
        at_micros,
    };
    assert!(tenant.put_working_copy(&copy("a", 10), 0).unwrap().is_ok());
    assert_eq!(tenant.put_working_copy(&copy("b", 20), 0).unwrap(), Err(copy("a", 10)));
    assert!(tenant.put_working_copy(&copy("c", 30), 10).unwrap().is_ok());
    drop((tenant, store));
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    assert_eq!(tenant.working_copy("main").unwrap(), Some(copy("c", 30)));
    assert_eq!(tenant.working_copy("other").unwrap(), None);
    tenant.delete_working_copy("main").unwrap();
    assert_eq!(tenant.working_copy("main").unwrap(), None);
}

#[test]
fn scenarios_are_those_of_their_flow() {
    let folder = Folder::new("studio");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    for (flow, name) in [("main", "night"), ("main", "day"), ("main2", "day")] {
        let (flow, name) = (flow.to_owned(), name.to_owned());
        tenant.put_scenario(&Scenario { flow, name, ..Scenario::default() }).unwrap();
    }
    let names = |flow: &str| {
        let all = tenant.scenarios(flow).unwrap();
        all.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(names("main"), ["day", "night"]);
    tenant.delete_scenario("main", "day").unwrap();
    assert_eq!((names("main"), names("main2")), (vec!["night".to_owned()], vec!["day".to_owned()]));
    assert!(tenant.delete_scenario("main", "a\0b").is_err());
}
