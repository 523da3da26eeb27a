//! Track 0.1 of the contract, as wasmtime's types. Nothing outside `convert`, `guest`, `flow`,
//! `questions` and `metered` names them; a new track is a sibling of this file and a conversion.

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

pub use estimator::jackfield::queueing::estimating;
pub use flow::jackfield::{clock, crm, log, metrics, state, telephony, types};
pub use router::jackfield::crm::history;
pub use router::jackfield::queueing;
