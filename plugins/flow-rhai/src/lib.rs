//! Flows written in rhai: reads a script, leads the customer by it.
//!
//! `load` builds the engine and parses the script; published, both are in the component's initial
//! memory, so a session only runs.

mod values;
mod verbs;

use std::cell::RefCell;
use std::sync::OnceLock;

use jackfield_sdk::flow::{Flow, Loader, Session};
use jackfield_sdk::{PluginError, ScriptError};
use rhai::{AST, Engine, EvalAltResult, Scope};

/// Steps of one session: a script that does more has a loop that never stops.
const OPERATIONS: u64 = 1_000_000;

struct Script {
    engine: Engine,
    ast: AST,
}

static SCRIPT: OnceLock<Script> = OnceLock::new();

thread_local! {
    /// The contact in charge: a guest has one thread and one session.
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

struct Rhai;

impl Loader for Rhai {
    fn load(script: String) -> Result<(), ScriptError> {
        let mut engine = rhai_script::limited(OPERATIONS);
        verbs::register(&mut engine);
        let ast = engine.compile(&script).map_err(|error| rhai_script::parse(&error))?;
        let again = || ScriptError { message: "loaded twice".to_owned(), line: 0, column: 0 };
        SCRIPT.set(Script { engine, ast }).map_err(|_| again())
    }
}

impl Flow for Rhai {
    fn run(session: Session) -> Result<(), PluginError> {
        let Some(script) = SCRIPT.get() else {
            return Err(PluginError::Failed("`run` was called before `load`".to_owned()));
        };
        SESSION.set(Some(session));
        let ended = script.engine.run_ast_with_scope(&mut Scope::new(), &script.ast);
        SESSION.set(None);
        match ended {
            Ok(()) => Ok(()),
            // The customer is gone: nobody is left to be served, nothing went wrong.
            Err(error) if matches!(*error, EvalAltResult::ErrorTerminated(..)) => Ok(()),
            Err(error) if gone(&error) => Ok(()),
            Err(error) => Err(PluginError::Script(rhai_script::run(*error, OPERATIONS))),
        }
    }
}

jackfield_sdk::export_flow!(Rhai);
jackfield_sdk::export_loader!(Rhai);

/// Tells whether a script stopped inside a function of its own because the customer is gone.
fn gone(error: &EvalAltResult) -> bool {
    matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..))
}
