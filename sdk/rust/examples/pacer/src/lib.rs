//! So many calls for each idle agent, and one for each while too many customers are left without an
//! agent.

use jackfield_sdk::PluginError;
use jackfield_sdk::outside::settings;
use jackfield_sdk::pacer::{Campaign, Pace, Pacer};

struct PerAgent;

jackfield_sdk::export_pacer!(PerAgent);

/// When to be asked again, in milliseconds.
const AGAIN_MS: u32 = 1_000;

impl Pacer for PerAgent {
    fn decide(campaign: Campaign) -> Result<Pace, PluginError> {
        let per_agent = per_agent()?;
        let idle = campaign.agents_idle;
        let limit = campaign.abandoned_max * f64::from(campaign.answered);
        let (wanted, rule) = if limit < f64::from(campaign.abandoned) {
            (idle, "abandon-limit")
        } else {
            // At least one for each: `per-agent` is not below 1.
            ((f64::from(idle) * per_agent) as u32, "per-agent")
        };
        // Calls under way were placed at an earlier question.
        let under_way = campaign.dialling.saturating_add(campaign.waiting);
        Ok(Pace::dial(wanted.saturating_sub(under_way), AGAIN_MS).because("rule", rule))
    }
}

fn per_agent() -> Result<f64, PluginError> {
    let text = settings::get("per-agent").unwrap_or_else(|| "1.5".to_owned());
    match text.parse() {
        Ok(calls) if (1.0..=5.0).contains(&calls) => Ok(calls),
        _ => Err(PluginError::Configuration(format!(
            "`per-agent` is a number from 1 to 5, not `{text}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::PluginError;
    use jackfield_sdk::pacer::{Campaign, Pacer as _};
    use jackfield_sdk::testing::{MockHost, campaign};

    use super::PerAgent;

    fn dial(campaign: Campaign) -> u32 {
        PerAgent::decide(campaign).unwrap().dial
    }

    #[test]
    fn calls_are_placed_for_idle_agents() {
        let host = MockHost::new();
        assert_eq!(dial(campaign(5)), 7);
        assert_eq!(dial(Campaign { dialling: 4, waiting: 1, ..campaign(5) }), 2);
        assert_eq!(dial(Campaign { dialling: u32::MAX, waiting: 1, ..campaign(5) }), 0);
        host.set("per-agent", "2");
        assert_eq!(dial(campaign(5)), 10);
    }

    #[test]
    fn too_many_abandoned_calls_slow_it_down() {
        MockHost::new();
        let of_hundred = |abandoned| Campaign { answered: 100, abandoned, ..campaign(4) };
        assert_eq!((dial(of_hundred(3)), dial(of_hundred(4))), (6, 4));
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_named() {
        MockHost::new().set("per-agent", "many");
        let answer = PerAgent::decide(campaign(1));
        assert!(matches!(answer, Err(PluginError::Configuration(_))), "{answer:?}");
    }
}
