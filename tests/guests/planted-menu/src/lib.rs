//! Repeats its menu until the customer presses 1, and never gives up.

use jackfield_sdk::PluginError;
use jackfield_sdk::flow::{Flow, GatherOptions, Gathered, Prompt, Session, SessionError};

struct Menu;

impl Flow for Menu {
    fn run(session: Session) -> Result<(), PluginError> {
        let options = GatherOptions {
            min_digits: 1,
            max_digits: 1,
            terminator: None,
            first_digit_timeout_ms: 5_000,
            next_digit_timeout_ms: 2_000,
            barge_in: true,
        };
        loop {
            let menu = [Prompt::Text("Press 1 for sales".to_owned())];
            match session.gather(&menu, options) {
                Ok(Gathered::Input(digit)) if digit == "1" => return Ok(()),
                Err(SessionError::Ended) => return Ok(()),
                _ => {}
            }
        }
    }
}

jackfield_sdk::export_flow!(Menu);
