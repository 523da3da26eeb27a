//! Offers contacts that prefer `billing` to somebody who is no candidate.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    if ask.contact.preferred.iter().any(|skill| skill.name == "billing") {
        return Ok(Answer::offer(["the-billing-desk".to_owned()]));
    }
    Ok(Answer::offer_to(&ask.candidates))
}
