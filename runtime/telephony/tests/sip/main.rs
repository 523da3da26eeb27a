//! SIP over real sockets on 127.0.0.1: two of our endpoints against each other, literal SIP text
//! for the odd cases, and SIPp.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

#[path = "../browser/mod.rs"]
#[expect(dead_code, reason = "the crate's own tests need more of it")]
mod browser;
mod calls;
mod harness;
mod lines;
mod odd;
mod registrations;
mod sipp;
mod timers;
