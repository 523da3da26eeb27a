//! The rhai engine and its limits.

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{
    BasicArrayPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{Engine, Position};

/// Builds an engine without verbs. The sandbox bounds memory and time in any case; these limits say in
/// the author's words what was overdone: `operations` are the steps of one run, and a script that
/// does more has a loop that never stops.
pub fn limited(operations: u64) -> Engine {
    let mut engine = Engine::new_raw();
    for module in [
        CorePackage::new().as_shared_module(),
        LogicPackage::new().as_shared_module(),
        BasicMathPackage::new().as_shared_module(),
        BasicArrayPackage::new().as_shared_module(),
        BasicMapPackage::new().as_shared_module(),
        MoreStringPackage::new().as_shared_module(),
    ] {
        engine.register_global_module(module);
    }
    engine
        .set_max_operations(operations)
        .set_max_call_levels(32)
        .set_max_string_size(64 * 1024)
        .set_max_array_size(10_000)
        .set_max_map_size(10_000)
        .set_max_variables(1_000)
        .set_max_functions(500)
        .set_max_modules(0)
        .set_max_expr_depths(64, 32)
        .set_module_resolver(DummyModuleResolver::new())
        .set_strict_variables(true)
        .disable_symbol("eval")
        .disable_symbol("import")
        .disable_symbol("export")
        .on_print(jackfield_sdk::log::info)
        .on_debug(|text, _, place| jackfield_sdk::log::debug(&line(text, place)));
    engine
}

fn line(text: &str, place: Position) -> String {
    place.line().map_or_else(|| text.to_owned(), |line| format!("line {line}: {text}"))
}
