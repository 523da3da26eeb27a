//! The parameters that each figure of a report was made with, in words.

use super::Kpi;
use crate::kpi::figure::MICROS;
use crate::kpi::parameters::{Parameters, WaitFrom};
use crate::kpi::report::channel_name;

/// Microseconds.
const DAY: u64 = 86_400 * MICROS;

impl Kpi {
    /// Returns the parameters that this figure depends on, as they were asked for: `T = 20 s`; empty
    /// if it depends on none.
    pub fn asked(&self, parameters: &Parameters) -> String {
        let limit = |name: &str, micros: Option<u64>| match micros {
            Some(micros) => format!("{name} = {}", length(micros)),
            None => format!("{name} = each queue's own"),
        };
        let within = || limit("T", parameters.within_us);
        let short = || limit("s", parameters.short_abandon_us);
        let parts = match self.id {
            "answered_within"
            | "abandoned_within"
            | "SL1"
            | "SL2"
            | "SL3"
            | "SL4"
            | "amazon.service_level"
            | "asterisk.service_level"
            | "asterisk.service_level2"
            | "wazo.qos" => vec![within()],
            "short_abandoned" | "abandon_rate_without_short" => vec![short()],
            "SL5" | "SL6" => vec![within(), short()],
            "genesys.service_level" | "genesys.service_level_without_flow_outs" => {
                let mut parts = vec![within(), short()];
                let left_out = parameters.genesys.left_out();
                if !left_out.is_empty() {
                    parts.push(format!("left out: {}", left_out.join(", ")));
                }
                parts
            }
            "asa_seconds" | "average_abandon_seconds" | "longest_wait_seconds" => {
                let since = match parameters.wait_from {
                    WaitFrom::FirstQueue => "the first queue",
                    WaitFrom::ThisQueue => "this queue",
                };
                vec![format!("waits since joining {since}")]
            }
            "fcr" | "fcr_pending" | "containment" | "containment_pending" => {
                repeats(self.id.starts_with("fcr"), parameters)
            }
            "earned_hours_index" => {
                let times = parameters.standard_times_us.iter();
                times.map(|(queue, micros)| format!("std {queue} = {}", length(*micros))).collect()
            }
            _ => Vec::new(),
        };
        parts.join(", ")
    }

    /// Returns the formula with the parameters it was used with in brackets behind it.
    pub fn formula_asked(&self, parameters: &Parameters) -> String {
        match self.asked(parameters) {
            none if none.is_empty() => self.formula.to_owned(),
            asked => format!("{} [{asked}]", self.formula),
        }
    }
}

fn repeats(resolution: bool, parameters: &Parameters) -> Vec<String> {
    let rule = &parameters.repeat;
    let mut parts = vec![format!("W = {}", length(rule.window_us))];
    if rule.same_reason {
        parts.push("same reason".to_owned());
    }
    if !rule.channels.is_empty() {
        let names: Vec<_> = rule.channels.iter().copied().map(channel_name).collect();
        parts.push(format!("channels {}", names.join(" ")));
    }
    if resolution && rule.exclude_transferred {
        parts.push("transferred left out".to_owned());
    }
    if rule.exclude_abandoned {
        parts.push("abandoned repeat nothing".to_owned());
    }
    parts
}

fn length(micros: u64) -> String {
    match micros {
        day if day == DAY => "1 day".to_owned(),
        days if days != 0 && days % DAY == 0 => format!("{} days", days / DAY),
        micros => format!("{} s", micros as f64 / MICROS as f64),
    }
}
