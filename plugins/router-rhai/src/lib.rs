//! Routers written in rhai: a script scores each agent for a contact, the best score is first.
//!
//! `load` builds the engine and parses the script; published, both are in the component's initial
//! memory, so a question only runs.

mod script;
mod values;
mod worth;

use std::sync::OnceLock;

use jackfield_sdk::flow::Loader;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::{PluginError, ScriptError};

use script::Script;

static SCRIPT: OnceLock<Script> = OnceLock::new();

struct Rhai;

impl Loader for Rhai {
    fn load(script: String) -> Result<(), ScriptError> {
        let again = || ScriptError { message: "loaded twice".to_owned(), line: 0, column: 0 };
        SCRIPT.set(Script::read(&script)?).map_err(|_| again())
    }
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    match SCRIPT.get() {
        Some(script) => script.choose(ask),
        None => Err(PluginError::Failed("`choose` was called before `load`".to_owned())),
    }
}

jackfield_sdk::router!(choose);
jackfield_sdk::export_loader!(Rhai);

#[cfg(test)]
mod tests;
