//! The recorded day once more.
//!
//! * [`exact`]: through the same engine, and through the same router versions where they are at hand.
//!   The decision log must be the same to the byte.
//! * [`tape`]: what the world did on that day, apart from decisions: who came when and with what
//!   patience, how long agents talked with whom, when they were there.
//! * [`rerun`]: that world again with another router or another flow. Up to a chosen instant all is as
//!   recorded; from there on the engine decides anew, and customers and agents answer as the tape has
//!   it, or as customers and agents like them did.
//! * [`compare`]: what became of the same contacts in two reruns, with intervals.
//! * [`study`]: all of it together, over several imputations.
//! * [`travel`]: one contact's story, and another branch of it.
//! * [`gate`]: whether that is good enough to swap.
//!
//! Common random numbers: whatever the tape does not know (how long a customer who was answered would
//! have waited) is drawn from a place of its own in the tree of chance, by contact. Both reruns draw
//! the same.

pub mod compare;
pub mod exact;
pub mod gate;
mod outcome;
mod pool;
pub mod rerun;
pub mod study;
pub mod tape;
pub mod travel;

pub use outcome::{Ending, Outcome};

#[cfg(test)]
mod tests;
