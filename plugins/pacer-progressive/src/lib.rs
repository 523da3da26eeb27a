//! Progressive and predictive pacing: as many calls as agents, and more only while nearly nobody who
//! answers is left without one.

use jackfield_sdk::PluginError;
use jackfield_sdk::outside::settings;
use jackfield_sdk::pacer::{Campaign, Pace, Pacer};

struct ThisPacer;

impl Pacer for ThisPacer {
    fn decide(campaign: Campaign) -> Result<Pace, PluginError> {
        Rules::read(settings::get).map(|rules| pace(&campaign, &rules))
    }
}

jackfield_sdk::export_pacer!(ThisPacer);

/// When to ask again, in milliseconds.
const AGAIN_MS: u32 = 1_000;

struct Rules {
    predictive: bool,
    overdial_max: f64,
    attempts_min: u32,
}

impl Rules {
    fn read(setting: impl Fn(&str) -> Option<String>) -> Result<Self, PluginError> {
        let wrong = |name: &str, value: &str, accepted: &str| {
            PluginError::Configuration(format!("`{name}` is {accepted}, not `{value}`"))
        };
        let predictive = match setting("mode").as_deref() {
            None | Some("predictive") => true,
            Some("progressive") => false,
            Some(other) => return Err(wrong("mode", other, "`progressive` or `predictive`")),
        };
        let overdial_max = match setting("overdial-max") {
            None => 3.0,
            Some(text) => match text.parse::<f64>() {
                Ok(most) if (1.0..=5.0).contains(&most) => most,
                _ => return Err(wrong("overdial-max", &text, "a number from 1 to 5")),
            },
        };
        let attempts_min = match setting("attempts-min") {
            None => 50,
            Some(text) => match text.parse::<u32>() {
                Ok(least) if (10..=1_000).contains(&least) => least,
                _ => return Err(wrong("attempts-min", &text, "a whole number from 10 to 1000")),
            },
        };
        Ok(Self { predictive, overdial_max, attempts_min })
    }
}

fn pace(campaign: &Campaign, rules: &Rules) -> Pace {
    let under_way = campaign.dialling + campaign.waiting;
    let progressive = |rule: &str| {
        Pace::dial(campaign.agents_idle.saturating_sub(under_way), AGAIN_MS)
            .because("rule", rule)
            .because("agents", campaign.agents_idle)
    };
    if !rules.predictive {
        return progressive("progressive");
    }
    if campaign.attempts < rules.attempts_min || campaign.answered == 0 {
        return progressive("too-few-attempts");
    }
    let abandoned = f64::from(campaign.abandoned) / f64::from(campaign.answered);
    if campaign.abandoned_max <= abandoned {
        return progressive("abandon-limit");
    }
    let handle_ms = f64::from(campaign.talk_ms) + f64::from(campaign.wrap_ms);
    let soon =
        if handle_ms < 1.0 { 0.0 } else { (f64::from(campaign.ring_ms) / handle_ms).min(1.0) };
    let busy = f64::from(campaign.agents_talking) + f64::from(campaign.agents_wrapping);
    let agents = f64::from(campaign.agents_idle) + busy * soon;
    let answers = f64::from(campaign.answered) / f64::from(campaign.attempts);
    // Whole up to half of the limit, then down to one call for each agent at the limit.
    let left = (2.0 * (1.0 - abandoned / campaign.abandoned_max)).clamp(0.0, 1.0);
    let per_agent = 1.0 + ((1.0 / answers).min(rules.overdial_max) - 1.0) * left;
    // What is whole but for the rounding of binary fractions is whole.
    let wanted = (agents * per_agent + 1e-9).floor() as u32;
    Pace::dial(wanted.saturating_sub(under_way), AGAIN_MS)
        .because("rule", "predictive")
        .because("agents", format!("{agents:.1}"))
        .because("per-agent", format!("{per_agent:.2}"))
}

#[cfg(test)]
mod tests;
