//! Reading rings: `russian>=7 & level>=8; russian>=4@15s; any@30s`.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::Candidate;
use jackfield_sdk::settings::{Settings, number, timed, wrong};

const ACCEPTED: &str = "a list of rings such as `russian>=7 & level>=8; russian>=4@15s; any@30s`";

/// Agents who meet all demands, asked from a wait on.
#[derive(Debug)]
pub struct Ring<'a> {
    demands: Vec<(&'a str, u32)>,
    pub from_ms: u32,
}

impl Ring<'_> {
    /// Tells whether an agent meets the demands. `level` is the agent's in the queue.
    pub fn has(&self, agent: &Candidate) -> bool {
        self.demands.iter().all(|(name, least)| {
            let has = if *name == "level" { agent.level.into() } else { agent.skill(name) };
            *least <= has
        })
    }
}

/// The rings from the innermost outwards: at least one, which is all agents if there is no setting.
///
/// # Errors
///
/// A ring that cannot be read, or one that opens before a ring further in.
pub fn read<'a>(settings: &Settings<'a>) -> Result<Vec<Ring<'a>>, PluginError> {
    let rings = settings.list("rings", ';', ACCEPTED, ring)?;
    if rings.is_empty() {
        return Ok(vec![Ring { demands: Vec::new(), from_ms: 0 }]);
    }
    if !rings.is_sorted_by_key(|ring| ring.from_ms) {
        let text = settings.text("rings").unwrap_or_default();
        return Err(wrong("rings", text, "a list of rings whose waits do not fall"));
    }
    Ok(rings)
}

fn ring(item: &str) -> Option<Ring<'_>> {
    let (demands, from_ms) = timed(item)?;
    if demands == "any" {
        return Some(Ring { demands: Vec::new(), from_ms });
    }
    let demand = |text| -> Option<(&str, u32)> {
        let (name, least) = str::split_once(text, ">=")?;
        let name = name.trim();
        let least = number(least.trim(), &(1..=10))?;
        (!name.is_empty()).then_some((name, least))
    };
    let demands = demands.split('&').map(demand).collect::<Option<_>>()?;
    Some(Ring { demands, from_ms })
}
