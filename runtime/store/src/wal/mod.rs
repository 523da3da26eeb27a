//! The write-ahead log: the truth of the store.
//!
//! ```text
//! append --> queue --(one write, one fdatasync a group)--> <first-lsn>.log --> durable waiters wake
//!                                                              |
//!                                                              +--> applier --> sled
//! ```
//!
//! A segment starts with a header and holds frames, one a record, numbered without gaps. A group is
//! everything queued since the last sync. A new segment is begun only after the old one is synced,
//! so damage in any but the newest segment is lost data, not a torn tail.

pub(crate) mod file;
pub(crate) mod frame;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod segment;
pub(crate) mod writer;

use std::fmt;

/// The number of one record in the log, from 1, in the order of writing across all tenants.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Lsn(pub u64);

impl Lsn {
    /// Before the first record.
    pub const ZERO: Self = Self(0);

    /// Returns the number after this.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
