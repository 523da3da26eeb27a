//! Fails without a word when agents are free and nobody has answered yet.

use jackfield_sdk::PluginError;
use jackfield_sdk::pacer::{Campaign, Pace, Pacer};

struct Planted;

impl Pacer for Planted {
    fn decide(campaign: Campaign) -> Result<Pace, PluginError> {
        if campaign.agents_idle == 0 {
            return Ok(Pace::dial(0, 1_000));
        }
        let each = campaign.attempts.checked_div(campaign.answered);
        let each = each.ok_or_else(|| PluginError::Failed(String::new()))?;
        Ok(Pace::dial(campaign.agents_idle.saturating_mul(each), 1_000))
    }
}

jackfield_sdk::export_pacer!(Planted);
