//! What the interpreters of scripts share: an engine with limits and no verbs, errors in words for
//! the script's author, and the kinds of values.

mod engine;
mod report;

use rhai::{Dynamic, EvalAltResult, Position};

pub use engine::limited;
pub use report::{parse, run};

/// What a verb gives back to the script.
pub type Reply<T> = Result<T, Box<EvalAltResult>>;

/// An error that a script may catch; rhai adds the place of the verb.
///
/// # Errors
///
/// Always this one.
pub fn wrong<T>(message: impl Into<String>) -> Reply<T> {
    let message: String = message.into();
    Err(Box::new(EvalAltResult::ErrorRuntime(message.into(), Position::NONE)))
}

/// What a value is, in words for the script's author.
pub fn kind(value: &Dynamic) -> &'static str {
    if value.is_unit() {
        "nothing"
    } else if value.is_map() {
        "a map"
    } else if value.is_array() {
        "a list"
    } else if value.is_bool() {
        "true or false"
    } else if value.is_string() {
        "a text"
    } else if value.is_int() || value.is_float() {
        "a number"
    } else {
        "something else"
    }
}
