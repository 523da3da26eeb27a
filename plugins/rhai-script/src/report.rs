//! Errors in words for the script's author, with the place.

use jackfield_sdk::ScriptError;
use rhai::{EvalAltResult, ParseError, Position};

/// A script that cannot be read.
pub fn parse(error: &ParseError) -> ScriptError {
    at(error.0.to_string(), error.1)
}

/// A script that stopped, `operations` being the most it may do. The innermost place is the one that
/// failed, whatever called it.
pub fn run(error: EvalAltResult, operations: u64) -> ScriptError {
    let mut inner = error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, cause, _)
    | EvalAltResult::ErrorInModule(_, cause, _) = inner
    {
        inner = *cause;
    }
    let place = inner.take_position();
    let message = match &inner {
        EvalAltResult::ErrorTooManyOperations(_) => format!(
            "the script did more than {operations} steps: is there a loop that never stops?"
        ),
        EvalAltResult::ErrorStackOverflow(_) => {
            "functions call each other too deeply: does one call itself for ever?".to_owned()
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split(" (").next().unwrap_or_default();
            let takes = readable(signature.get(name.len()..).unwrap_or_default());
            format!("there is no verb or function `{name}`{takes}")
        }
        EvalAltResult::ErrorRuntime(value, _) => value.to_string(),
        other => other.to_string(),
    };
    at(message, place)
}

/// The arguments of a call in the author's words: ` (text, number)`.
fn readable(arguments: &str) -> String {
    [
        ("&str | ImmutableString | String", "text"),
        ("i64", "number"),
        ("f64", "number"),
        ("()", "nothing"),
    ]
    .iter()
    .fold(arguments.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn at(message: String, place: Position) -> ScriptError {
    let number = |found: Option<usize>| found.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    // A place at the very start of a line has no column in rhai.
    let column = if place.line().is_some() { number(place.position()).max(1) } else { 0 };
    ScriptError { message, line: number(place.line()), column }
}
