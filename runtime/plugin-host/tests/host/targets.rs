//! Whether a component fits other versions of the host.

use jackfield_plugin_host::{check_target, target_versions};

use crate::support::guest;

#[test]
fn a_router_that_uses_what_is_old_fits_every_host() {
    for version in target_versions() {
        let fit = check_target(&guest("router-sticky"), version).unwrap();
        assert_eq!((fit.world.as_str(), fit.version.as_str()), ("router", version));
        assert_eq!(fit.imports, ["jackfield:crm/history@0.1.0"]);
    }
}

#[test]
fn an_interpreter_is_not_taken_for_what_it_becomes() {
    assert_eq!(check_target(&guest("flow-rhai"), "0.1").unwrap().world, "interpreter");
    assert_eq!(check_target(&guest("router-rhai"), "0.1").unwrap().world, "router-interpreter");
}

#[test]
fn an_unknown_host_is_refused_with_those_that_are_known() {
    let refused = check_target(&guest("router-sticky"), "7").unwrap_err().to_string();
    assert!(refused.contains("no host 7 is known") && refused.contains("0.1, 0.2"), "{refused}");
}
