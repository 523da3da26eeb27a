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

pub mod chatbot {
    wit_bindgen::generate!({
        world: "chatbot",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:crm/read@0.1.0": super::flow::jackfield::crm::read,
            "jackfield:crm/write@0.1.0": super::flow::jackfield::crm::write,
            "jackfield:state/state@0.1.0": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock@0.1.0": super::flow::jackfield::clock::clock,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:settings/settings@0.1.0": generate,
            "jackfield:crm/segment@0.1.0": generate,
            "jackfield:crm/address@0.1.0": generate,
            "jackfield:http/outbound@0.1.0": generate,
            "jackfield:secrets/secrets@0.1.0": generate,
            "jackfield:messaging/messaging@0.1.0": generate,
            "jackfield:conversation/conversation@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_chatbot",
        default_bindings_module: "jackfield_sdk::bindings::chatbot",
        additional_derives: [PartialEq],
    });
}

pub mod channel {
    wit_bindgen::generate!({
        world: "channel",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:crm/read@0.1.0": super::flow::jackfield::crm::read,
            "jackfield:crm/write@0.1.0": super::flow::jackfield::crm::write,
            "jackfield:state/state@0.1.0": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock@0.1.0": super::flow::jackfield::clock::clock,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:settings/settings@0.1.0": super::chatbot::jackfield::settings::settings,
            "jackfield:crm/segment@0.1.0": super::chatbot::jackfield::crm::segment,
            "jackfield:crm/address@0.1.0": super::chatbot::jackfield::crm::address,
            "jackfield:http/outbound@0.1.0": super::chatbot::jackfield::http::outbound,
            "jackfield:secrets/secrets@0.1.0": super::chatbot::jackfield::secrets::secrets,
            "jackfield:http/webhook@0.1.0": generate,
            "jackfield:channels/channels@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_channel",
        default_bindings_module: "jackfield_sdk::bindings::channel",
        additional_derives: [PartialEq],
    });
}

pub mod connector {
    wit_bindgen::generate!({
        world: "connector",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:crm/read@0.1.0": super::flow::jackfield::crm::read,
            "jackfield:crm/write@0.1.0": super::flow::jackfield::crm::write,
            "jackfield:state/state@0.1.0": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock@0.1.0": super::flow::jackfield::clock::clock,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:settings/settings@0.1.0": super::chatbot::jackfield::settings::settings,
            "jackfield:crm/segment@0.1.0": super::chatbot::jackfield::crm::segment,
            "jackfield:crm/address@0.1.0": super::chatbot::jackfield::crm::address,
            "jackfield:http/outbound@0.1.0": super::chatbot::jackfield::http::outbound,
            "jackfield:secrets/secrets@0.1.0": super::chatbot::jackfield::secrets::secrets,
            "jackfield:messaging/messaging@0.1.0": super::chatbot::jackfield::messaging::messaging,
            "jackfield:http/webhook@0.1.0": super::channel::jackfield::http::webhook,
            "jackfield:connecting/connecting@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_connector",
        default_bindings_module: "jackfield_sdk::bindings::connector",
        additional_derives: [PartialEq],
    });
}

pub mod analyst {
    wit_bindgen::generate!({
        world: "analyst",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:crm/read@0.1.0": super::flow::jackfield::crm::read,
            "jackfield:crm/write@0.1.0": super::flow::jackfield::crm::write,
            "jackfield:state/state@0.1.0": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock@0.1.0": super::flow::jackfield::clock::clock,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:settings/settings@0.1.0": super::chatbot::jackfield::settings::settings,
            "jackfield:crm/segment@0.1.0": super::chatbot::jackfield::crm::segment,
            "jackfield:crm/address@0.1.0": super::chatbot::jackfield::crm::address,
            "jackfield:http/outbound@0.1.0": super::chatbot::jackfield::http::outbound,
            "jackfield:secrets/secrets@0.1.0": super::chatbot::jackfield::secrets::secrets,
            "jackfield:analysis/analysis@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_analyst",
        default_bindings_module: "jackfield_sdk::bindings::analyst",
        additional_derives: [PartialEq],
    });
}

pub mod pacer {
    wit_bindgen::generate!({
        world: "pacer",
        path: "../../wit",
        with: {
            "jackfield:types/types@0.1.0": super::flow::jackfield::types::types,
            "jackfield:metrics/metrics@0.1.0": super::flow::jackfield::metrics::metrics,
            "jackfield:log/log@0.1.0": super::flow::jackfield::log::log,
            "jackfield:settings/settings@0.1.0": super::chatbot::jackfield::settings::settings,
            "jackfield:pacing/pacing@0.1.0": generate,
        },
        pub_export_macro: true,
        export_macro_name: "export_pacer",
        default_bindings_module: "jackfield_sdk::bindings::pacer",
        additional_derives: [PartialEq],
    });
}
