//! Track 0.1 of the contract, as wasmtime's types. Of the worlds that decide for the engine nothing
//! outside `convert`, `guest`, `flow`, `questions` and `metered` names them; a new track is a sibling of
//! this file and a conversion. What the other worlds are asked and answer is given to the server as it
//! is here ([`worlds`](crate::worlds)): as long as there is one track a second set of the same records
//! would only be copied.

#![allow(missing_docs, reason = "generated; the documentation is in the WIT files")]

/// What the resource `session` stands for on the host's side: the store's only session.
#[derive(Debug)]
pub struct SessionMark;

pub mod flow {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "flow",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        with: { "jackfield:telephony/session.session": super::SessionMark },
    });
}

pub mod router {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "router",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:state/state": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:log/log": super::flow::jackfield::log::log,
        },
    });
}

pub mod estimator {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "estimator",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:log/log": super::flow::jackfield::log::log,
        },
    });
}

pub mod migrating {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "migrating",
        exports: { default: async },
    });
}

pub mod chatbot {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "chatbot",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:crm/read": super::flow::jackfield::crm::read,
            "jackfield:crm/write": super::flow::jackfield::crm::write,
            "jackfield:state/state": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock": super::flow::jackfield::clock::clock,
            "jackfield:log/log": super::flow::jackfield::log::log,
        },
    });
}

pub mod channel {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "channel",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:crm/read": super::flow::jackfield::crm::read,
            "jackfield:crm/write": super::flow::jackfield::crm::write,
            "jackfield:state/state": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock": super::flow::jackfield::clock::clock,
            "jackfield:log/log": super::flow::jackfield::log::log,
            "jackfield:settings/settings": super::chatbot::jackfield::settings::settings,
            "jackfield:crm/segment": super::chatbot::jackfield::crm::segment,
            "jackfield:crm/address": super::chatbot::jackfield::crm::address,
            "jackfield:http/outbound": super::chatbot::jackfield::http::outbound,
            "jackfield:secrets/secrets": super::chatbot::jackfield::secrets::secrets,
        },
    });
}

pub mod connector {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "connector",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:crm/read": super::flow::jackfield::crm::read,
            "jackfield:crm/write": super::flow::jackfield::crm::write,
            "jackfield:state/state": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock": super::flow::jackfield::clock::clock,
            "jackfield:log/log": super::flow::jackfield::log::log,
            "jackfield:settings/settings": super::chatbot::jackfield::settings::settings,
            "jackfield:crm/segment": super::chatbot::jackfield::crm::segment,
            "jackfield:crm/address": super::chatbot::jackfield::crm::address,
            "jackfield:http/outbound": super::chatbot::jackfield::http::outbound,
            "jackfield:secrets/secrets": super::chatbot::jackfield::secrets::secrets,
            "jackfield:messaging/messaging": super::chatbot::jackfield::messaging::messaging,
            "jackfield:http/webhook": super::channel::jackfield::http::webhook,
        },
    });
}

pub mod analyst {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "analyst",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:crm/read": super::flow::jackfield::crm::read,
            "jackfield:crm/write": super::flow::jackfield::crm::write,
            "jackfield:state/state": super::flow::jackfield::state::state,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:clock/clock": super::flow::jackfield::clock::clock,
            "jackfield:log/log": super::flow::jackfield::log::log,
            "jackfield:settings/settings": super::chatbot::jackfield::settings::settings,
            "jackfield:crm/segment": super::chatbot::jackfield::crm::segment,
            "jackfield:crm/address": super::chatbot::jackfield::crm::address,
            "jackfield:http/outbound": super::chatbot::jackfield::http::outbound,
            "jackfield:secrets/secrets": super::chatbot::jackfield::secrets::secrets,
        },
    });
}

pub mod pacer {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "pacer",
        imports: { default: async | trappable },
        exports: { default: async },
        additional_derives: [Clone, PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "jackfield:types/types": super::flow::jackfield::types::types,
            "jackfield:metrics/metrics": super::flow::jackfield::metrics::metrics,
            "jackfield:log/log": super::flow::jackfield::log::log,
            "jackfield:settings/settings": super::chatbot::jackfield::settings::settings,
        },
    });
}

pub use analyst::jackfield::analysis::analysis;
pub use channel::jackfield::channels::channels;
pub use channel::jackfield::http::webhook;
pub use chatbot::jackfield::conversation::conversation;
pub use chatbot::jackfield::crm::{address, segment};
pub use chatbot::jackfield::http::outbound;
pub use chatbot::jackfield::messaging::messaging;
pub use chatbot::jackfield::secrets::secrets;
pub use chatbot::jackfield::settings::settings;
pub use connector::jackfield::connecting::connecting;
pub use estimator::jackfield::queueing::estimating;
pub use flow::jackfield::{clock, crm, log, metrics, state, telephony, types};
pub use pacer::jackfield::pacing::pacing;
pub use router::jackfield::crm::history;
pub use router::jackfield::queueing;
