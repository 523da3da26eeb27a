//! The flow studio: what somebody is helped with who writes a script and is no programmer.
//!
//! A script is read by the same rhai as in the interpreter ([`parse`]), drawn as a graph ([`graph`])
//! and looked through for mistakes ([`problems`]). What it does is found out by leading a made-up
//! customer with it ([`simulate`]), for whom something may be expected ([`scenario`]).

pub mod effect;
mod graph;
mod known;
mod parse;
mod problems;
pub mod scenario;
pub mod simulate;
mod source;
mod templates;
mod verbs;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub use graph::Graph;
pub use known::{Known, Missing};
pub use problems::{Problem, Severity};
pub use templates::templates;
pub use verbs::all as verbs;

use source::Source;

/// What a script is, and what is wrong with it.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    /// Whether nothing keeps it from working.
    pub ok: bool,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Problem>,
    /// The script as a graph; `None` if it cannot be read.
    pub graph: Option<Graph>,
}

/// Looks at a script. It is read and walked, never run; what is odd about it is a problem, no error.
pub fn analyse(script: &str, known: &dyn Known) -> Analysis {
    let mut source = Source::new(script);
    match parse::parse(script) {
        Ok(parsed) => {
            source.learn_functions(parsed.functions.iter().map(|one| one.begins));
            let problems = problems::find(&parsed, &source, known);
            let ok = problems.iter().all(|one| one.severity != Severity::Error);
            Analysis { ok, problems, graph: Some(graph::draw(&parsed, &source)) }
        }
        Err(error) => {
            let problems = vec![problems::unreadable(&error, &source)];
            Analysis { ok: false, problems, graph: None }
        }
    }
}
