//! What `wit-bindgen` makes of `wit/`. One module a world; the types of all are the first one's.

#![allow(missing_docs, reason = "generated; the documentation is in the WIT files")]

pub mod flow {
    wit_bindgen::generate!({
        world: "flow",
        path: "../../wit",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_flow",
        default_bindings_module: "jackfield_sdk::bindings::flow",
        additional_derives: [PartialEq],
    });
}

/// Together with [`flow`] the world `interpreter`: a component has the exports of both.
pub mod loader {
    wit_bindgen::generate!({
        world: "loader",
        path: "../../wit",
        with: { "jackfield:types/types@0.1.0": super::flow::jackfield::types::types },
        pub_export_macro: true,
        export_macro_name: "export_loader",
        default_bindings_module: "jackfield_sdk::bindings::loader",
    });
}

pub mod router {
    wit_bindgen::generate!({
        world: "router",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:state/state@0.1.0": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:queueing/routing@0.1.0": generate,
            "jackfield:crm/history@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_router",
        default_bindings_module: "jackfield_sdk::bindings::router",
        additional_derives: [PartialEq],
    });
}

pub mod estimator {
    wit_bindgen::generate!({
        world: "estimator",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:queueing/estimating@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_estimator",
        default_bindings_module: "jackfield_sdk::bindings::estimator",
        additional_derives: [PartialEq],
    });
}

/// What a plugin with state may have besides its world's exports.
pub mod migrating {
    wit_bindgen::generate!({
        world: "migrating",
        path: "../../wit",
        pub_export_macro: true,
        export_macro_name: "export_migration",
        default_bindings_module: "jackfield_sdk::bindings::migrating",
        additional_derives: [PartialEq],
    });
}
