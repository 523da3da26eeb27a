//! Made-up centres for one plugin: every queue asks it, and what routers and estimators may look at is
//! there in all its variety. Its own answers are not spoilt; everything else breaks as ever.

use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, Announcements, Attribute, CenterConfig, PastContact, Proficiency, RouterChoice,
    SkillLevel,
};

use super::{SKILLS, pick};
use crate::chance::{Pcg, Seed};
use crate::plan::{Act, Plan};

const BRANCHES: [&str; 2] = ["riga", "tallinn"];
const COSTS: [&str; 4] = ["0", "7.5", "12.50", "1000"];
const SEGMENTS: [&str; 3] = ["gold", "silver", "new"];
/// A contact may be overtaken so often: few come in so short a time.
const OVERTAKES_MAX: u32 = 40;

impl Plan {
    /// Makes up a centre all of whose queues ask the router `name`, with these settings.
    pub fn examining_router(seed: u64, name: &str, settings: &[Attribute]) -> Self {
        let mut plan = Self::examining(seed, settings);
        plan.each_config(|config| {
            for queue in config.queues.values_mut() {
                queue.router = RouterChoice::Plugin(name.to_owned());
            }
        });
        plan
    }

    /// Makes up a centre all of whose queues tell waits that the estimator `name` estimates, with
    /// these settings.
    pub fn examining_estimator(seed: u64, name: &str, settings: &[Attribute]) -> Self {
        let mut plan = Self::examining(seed, settings);
        plan.each_config(|config| {
            for queue in config.queues.values_mut() {
                queue.estimator = Some(name.to_owned());
                queue.announcements.get_or_insert_with(|| Announcements {
                    first: Duration::ZERO,
                    every: Duration::from_secs(5),
                    position: true,
                    wait: true,
                    message: None,
                });
            }
        });
        plan
    }

    fn examining(number: u64, settings: &[Attribute]) -> Self {
        let seed = Seed::new(number).branch("examined");
        let mut pcg = seed.branch("shape").pcg();
        let length = Duration::from_secs(pick(&mut pcg, &[60, 180, 600]));
        let is_wide = pcg.happens(0.5);
        let mut plan = if is_wide {
            Self::chaos(number, length)
        } else {
            Self::chaos_of_calls(number, length)
        };
        plan.overtakes_max = OVERTAKES_MAX;
        let faults = &mut plan.faults;
        // These take the place of the plugin's answers.
        faults.router_trap = 0.0;
        faults.router_wrong = 0.0;
        faults.router_empty = 0.0;
        faults.router_waits = 0.0;
        faults.estimator_trap = 0.0;
        plan.acts.retain(|(_, act)| !matches!(act, Act::Swap(..)));
        let agents: Vec<AgentId> = plan.config.agents.keys().cloned().collect();
        plan.each_config(|config| furnish(seed.branch("config"), config, settings));
        let mut pcg = seed.branch("streams").pcg();
        for stream in &mut plan.streams {
            stream.options.preferred = preferred(&mut pcg);
            let attributes = &mut stream.options.attributes;
            for (name, values) in [("segment", &SEGMENTS[..]), ("branch", &BRANCHES[..])] {
                if pcg.happens(0.5) {
                    attributes.push((name.to_owned(), pick(&mut pcg, values).to_owned()));
                }
            }
        }
        for contact in &mut plan.contacts {
            let mut pcg = seed.branch("history").leaf(contact.key).pcg();
            if pcg.happens(0.5) {
                let mut options = plan.streams[contact.stream].options.clone();
                options.history = history(&mut pcg, &agents);
                contact.options = Some(options);
            }
        }
        plan
    }

    /// Changes the set-up and all those that come later.
    fn each_config(&mut self, mut change: impl FnMut(&mut CenterConfig)) {
        change(Arc::make_mut(&mut self.config));
        for (_, act) in &mut self.acts {
            if let Act::Configure(config) = act {
                change(Arc::make_mut(config));
            }
        }
    }
}

/// An agent is the same in every set-up of a centre.
fn furnish(seed: Seed, config: &mut CenterConfig, settings: &[Attribute]) {
    for (id, agent) in &mut config.agents {
        let pcg = &mut seed.branch(id.as_str()).pcg();
        for (name, values) in [("cost", &COSTS[..]), ("branch", &BRANCHES[..])] {
            if pcg.happens(0.5) {
                agent.attributes.push((name.to_owned(), pick(pcg, values).to_owned()));
            }
        }
        let queues: Vec<_> = agent.queues.keys().cloned().collect();
        for queue in queues {
            if pcg.happens(0.5) {
                agent.ranks.insert(queue, pick(pcg, &[0, 1, 2, 255]));
            }
        }
    }
    for queue in config.queues.values_mut() {
        queue.attributes.extend_from_slice(settings);
    }
}

fn preferred(pcg: &mut Pcg) -> Vec<SkillLevel> {
    let wanted = SKILLS.iter().filter(|_| pcg.happens(0.3)).copied().collect::<Vec<_>>();
    let skill = |name: &str| SkillLevel {
        name: name.to_owned(),
        level: Proficiency::new(1 + pcg.below(10) as u8).unwrap_or(Proficiency::MIN),
    };
    wanted.into_iter().map(skill).collect()
}

fn history(pcg: &mut Pcg, agents: &[AgentId]) -> Vec<PastContact> {
    let times = 1 + pcg.below(3);
    let one = |_| PastContact {
        agent: agents.get(pcg.below(agents.len() as u64 + 1) as usize).cloned(),
        queue: None,
        channel: jackfield_core::Channel::Voice,
        seconds_ago: pick(pcg, &[60, 86_400, 40_000_000]),
        outcome: pick(pcg, &["served", "abandoned"]).to_owned(),
    };
    (0..times).map(one).collect()
}
