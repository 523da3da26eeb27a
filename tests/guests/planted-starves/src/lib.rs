//! Never serves a contact of high priority: asks to wait each time.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    if 0 < ask.contact.priority {
        return Ok(Answer::wait_ms(20_000).because("rule", "nobody-good-enough"));
    }
    Ok(Answer::offer_to(&ask.candidates))
}
