//! Keeping another system in step: world `connector`.

pub use crate::bindings::channel::jackfield::http::webhook::{Incoming, Reply};
pub use crate::bindings::connector::exports::jackfield::plugin::connector_guest::Guest as Connector;
pub use crate::bindings::connector::jackfield::connecting::connecting::{
    Customer, Event, InteractionLog, Lead, Recording,
};
