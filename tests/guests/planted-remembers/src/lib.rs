//! Goes round by what its own memory holds, so that a fresh instance begins anew.

use std::cell::Cell;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    thread_local!(static TURN: Cell<usize> = const { Cell::new(0) });
    let turn = TURN.replace(TURN.get() + 1) % ask.candidates.len();
    Ok(Answer::offer_to(ask.candidates[turn..].iter().chain(&ask.candidates[..turn])))
}
