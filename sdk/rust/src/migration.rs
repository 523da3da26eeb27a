//! Taking over what the version before has kept, in another form.
//!
//! ```
//! use jackfield_sdk::migration::{Entry, Migration};
//!
//! struct Counts;
//!
//! impl Migration for Counts {
//!     /// Counts were text, and are four bytes now.
//!     fn migrate(entries: Vec<Entry>) -> Result<Vec<Entry>, String> {
//!         let one = |entry: Entry| {
//!             let text = String::from_utf8_lossy(&entry.value);
//!             let count: u32 = text.parse().map_err(|_| format!("`{}` is no count", entry.key))?;
//!             Ok(Entry { value: count.to_le_bytes().to_vec(), ..entry })
//!         };
//!         entries.into_iter().map(one).collect()
//!     }
//! }
//!
//! jackfield_sdk::export_migration!(Counts);
//! ```
//!
//! The host calls it once, before this version becomes the active one; an error or a panic leaves the old
//! version serving with what it keeps.

pub use crate::bindings::migrating::exports::jackfield::state::migration::{
    Entry, Guest as Migration,
};
