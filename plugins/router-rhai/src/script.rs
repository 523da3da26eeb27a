//! A script: what it must have, and how a question is answered by it.

use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::{PluginError, ScriptError};
use rhai::{AST, Dynamic, Engine, Map, Scope};
use rhai_script::kind;

use crate::{values, worth};

/// Steps for each agent: a script that does more has a loop that never stops.
pub const OPERATIONS: u64 = 20_000;

/// Until it is asked again when no agent has a score and the script does not say.
const WAIT_USUAL_MS: u32 = 10_000;

/// A script that has been read.
pub struct Script {
    engine: Engine,
    ast: AST,
    has_wait: bool,
}

impl Script {
    /// Parses a script.
    ///
    /// # Errors
    ///
    /// With the place, if it cannot be parsed; without, if it lacks `score` with its two arguments.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let mut engine = rhai_script::limited(OPERATIONS);
        values::register(&mut engine);
        let ast = engine.compile(text).map_err(|error| rhai_script::parse(&error))?;
        let takes = |name: &str| {
            ast.iter_functions().filter(|f| f.name == name).map(|f| f.params.len()).max()
        };
        if takes("score") != Some(2) {
            return Err(nowhere("the script needs a function `score(contact, agent)`"));
        }
        let has_wait = match takes("wait") {
            None => false,
            Some(1) => true,
            Some(_) => return Err(nowhere("`wait` takes one argument: `fn wait(contact)`")),
        };
        Ok(Self { engine, ast, has_wait })
    }

    /// Asks the script about every agent: the best score first, equals by idle time and name.
    ///
    /// # Errors
    ///
    /// [`PluginError::Script`] if the script fails or gives what is no score.
    pub fn choose(&self, ask: &Ask) -> Result<Answer, PluginError> {
        let mut lots = ask.lots();
        let contact = values::contact(ask, &mut lots);
        let mut scored = Vec::new();
        // In the order of names, so that each agent's lot is the same however the question is put.
        for one in ask.by_name() {
            let agent = values::agent(one, &mut lots);
            if let Some(score) = self.score(&contact, agent, one)? {
                scored.push((score, one));
            }
        }
        scored.sort_by(|(score, one), (than, other)| {
            worth::compare(than, score).then(other.idle_ms.cmp(&one.idle_ms))
        });
        let left_out = ask.candidates.len() - scored.len();
        let Some((best, _)) = scored.first() else {
            return Ok(Answer::wait_ms(self.wait_ms(contact)?).because("rule", "no-score"));
        };
        let answer = Answer::offer_to(scored.iter().map(|(_, one)| *one))
            .because("rule", "script")
            .because("score", worth::written(best))
            .because("left-out", left_out);
        Ok(scored.iter().fold(answer, |all, (worth, one)| {
            all.score(&one.agent, worth.first().copied().unwrap_or(0.0))
        }))
    }

    /// None if the contact is not for this agent.
    fn score(
        &self,
        contact: &Map,
        agent: Map,
        of: &Candidate,
    ) -> Result<Option<Vec<f64>>, PluginError> {
        let given = self.call("score", (contact.clone(), agent))?;
        worth::read(&given).map_err(|why| wrong(&format!("{why} for {}", of.agent)))
    }

    fn wait_ms(&self, contact: Map) -> Result<u32, PluginError> {
        if !self.has_wait {
            return Ok(WAIT_USUAL_MS);
        }
        let given = self.call("wait", (contact,))?;
        if given.is_unit() {
            return Ok(WAIT_USUAL_MS);
        }
        match worth::number(&given) {
            Some(seconds) if !seconds.is_nan() => Ok((seconds.clamp(0.1, 3_600.0) * 1e3) as u32),
            _ => Err(wrong(&format!("`wait` gives seconds; it gave {}", kind(&given)))),
        }
    }

    fn call(&self, name: &str, arguments: impl rhai::FuncArgs) -> Result<Dynamic, PluginError> {
        let called = self.engine.call_fn(&mut Scope::new(), &self.ast, name, arguments);
        called.map_err(|error| PluginError::Script(rhai_script::run(*error, OPERATIONS)))
    }
}

fn nowhere(message: &str) -> ScriptError {
    ScriptError { message: message.to_owned(), line: 0, column: 0 }
}

fn wrong(message: &str) -> PluginError {
    PluginError::Script(nowhere(message))
}
