//! Names an agent twice when two or more are free.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let last = ask.candidates.len() - 1;
    let named = ask.candidates[..last].iter().chain(ask.candidates.first());
    Ok(Answer::offer_all(named.map(|one| one.agent.clone())))
}
