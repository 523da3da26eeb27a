//! The tenant's customers. Reading and writing are grants of their own.

pub use crate::host::customers::{Card, CrmError, find, note, upsert};
