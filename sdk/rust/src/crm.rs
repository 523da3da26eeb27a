//! The tenant's customers. Reading and writing are grants of their own.

pub use crate::bindings::flow::jackfield::crm::read::{Card, CrmError, find};
pub use crate::bindings::flow::jackfield::crm::write::{note, upsert};
