//! Script in, transcript out: the tests know the domain, not the API. See `script.rs` for the words.

mod capacity;
mod distribution;
mod journals;
mod model;
mod moves;
mod needs;
mod opening;
mod property;
mod races;
mod recall;
mod recall_line;
mod recall_property;
mod restart;
mod routers;
mod script;
mod several;
mod stays;
mod telling;

use expect_test::Expect;

/// Plays `script` and compares everything the engine did.
#[track_caller]
fn check(script: &str, transcript: Expect) {
    transcript.assert_eq(&script::play(script).log);
}
