//! Questions made up from a seed: what a plugin may be asked and hardly ever is. They keep what the
//! contract promises (candidates who may serve, longest idle first; finite numbers) and nothing else.

use std::collections::BTreeMap;

use jackfield_core::{
    AgentId, Attribute, Candidate, Channel, EstimateAsk, InteractionId, PastContact, Proficiency,
    QueueId, QueueView, RoutingAsk, SkillLevel, WaitingView,
};

use crate::chance::{Pcg, Seed};

const SKILLS: [&str; 4] = ["english", "russian", "billing", "сделки"];
const CHANNELS: [Channel; 5] =
    [Channel::Voice, Channel::Chat, Channel::Email, Channel::Message, Channel::Task];

fn pick<T: Copy>(pcg: &mut Pcg, from: &[T]) -> T {
    from[pcg.below(from.len() as u64) as usize]
}

/// None, one, few, or as many as there can be.
fn number(pcg: &mut Pcg, usual: u64) -> u32 {
    match pcg.below(8) {
        0 => 0,
        1 => 1,
        2 => u32::MAX,
        _ => pcg.below(usual) as u32,
    }
}

fn queue(number: u64) -> QueueId {
    QueueId::new(&format!("queue-{number}")).expect("a name of ours")
}

fn agent(number: u64) -> AgentId {
    AgentId::new(&format!("agent-{number}")).expect("a name of ours")
}

fn level(pcg: &mut Pcg) -> Proficiency {
    Proficiency::new(1 + pcg.below(10) as u8).unwrap_or(Proficiency::MIN)
}

fn skills(pcg: &mut Pcg, probability: f64) -> Vec<SkillLevel> {
    let some: Vec<&str> = SKILLS.into_iter().filter(|_| pcg.happens(probability)).collect();
    some.into_iter().map(|name| SkillLevel { name: name.to_owned(), level: level(pcg) }).collect()
}

fn attributes(pcg: &mut Pcg) -> Vec<Attribute> {
    let long = "x".repeat(1_000);
    let known = [
        ("segment", "gold"),
        ("language", "ru"),
        ("branch", "riga"),
        ("note", ""),
        ("note-2", "Ünïcode \u{1F600} \"quoted\""),
        ("note-3", long.as_str()),
    ];
    let some = known.into_iter().filter(|_| pcg.happens(0.2));
    some.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Makes up a question to a router: the same one for the same seed. The queue has these settings.
pub fn made_up_ask(seed: u64, settings: &[Attribute]) -> RoutingAsk {
    let mut pcg = Seed::new(seed).branch("ask").pcg();
    let pcg = &mut pcg;
    let required = skills(pcg, 0.15);
    let count = match pcg.below(5) {
        0 => 1,
        1 => 64,
        _ => 2 + pcg.below(7),
    };
    let mut candidates: Vec<Candidate> =
        (0..count).map(|number| candidate(pcg, number, &required)).collect();
    candidates.sort_by(|a, b| b.idle_ms.cmp(&a.idle_ms).then(a.agent.cmp(&b.agent)));
    let others = pcg.below(17) * pcg.below(2);
    let history = (0..pcg.below(4) * pcg.below(2)).map(|_| past(pcg)).collect();
    let mut view = queue_view(pcg, 0);
    view.attributes = settings.to_vec();
    view.waiting = view.waiting.max(1);
    RoutingAsk {
        contact: WaitingView {
            id: InteractionId(1 + pcg.below(1 << 48)),
            channel: pick(pcg, &CHANNELS),
            queue: queue(0),
            waited_ms: number(pcg, 60_000),
            priority: pick(pcg, &[0, 0, 1, -1, i8::MAX, i8::MIN]),
            required,
            preferred: skills(pcg, 0.3),
            attributes: attributes(pcg),
            step: pick(pcg, &[0, 0, 1, 8]),
            history,
        },
        candidates,
        queue: view,
        others: (1..=others).map(|number| queue_view(pcg, number)).collect(),
        now_seconds: pick(pcg, &[0.0, 0.5, 3_600.0, 1e9]),
        seed: number(pcg, 1 << 32),
    }
}

fn candidate(pcg: &mut Pcg, number_of: u64, required: &[SkillLevel]) -> Candidate {
    let mut all = skills(pcg, 0.4);
    for need in required {
        match all.iter_mut().find(|skill| skill.name == need.name) {
            Some(skill) => skill.level = skill.level.max(need.level),
            None => all.push(need.clone()),
        }
    }
    let mut ranks = BTreeMap::new();
    for number in 0..pcg.below(3) {
        ranks.insert(queue(number), pick(pcg, &[0, 1, 5, 255]));
    }
    Candidate {
        agent: agent(number_of),
        level: level(pcg).get(),
        skills: all,
        idle_ms: number(pcg, 600_000),
        contacts: number(pcg, 100),
        talk_seconds: number(pcg, 30_000),
        load: pick(pcg, &[0, 0, 33, 100]),
        ranks,
        attributes: attributes(pcg),
    }
}

fn past(pcg: &mut Pcg) -> PastContact {
    PastContact {
        agent: pcg.happens(0.8).then(|| agent(pcg.below(8))),
        queue: pcg.happens(0.8).then(|| queue(pcg.below(3))),
        channel: pick(pcg, &CHANNELS),
        seconds_ago: number(pcg, 10_000_000),
        outcome: pick(pcg, &["served", "abandoned", ""]).to_owned(),
    }
}

fn queue_view(pcg: &mut Pcg, number_of: u64) -> QueueView {
    QueueView {
        waiting: number(pcg, 20),
        longest_wait_ms: number(pcg, 600_000),
        agents_ready: number(pcg, 20),
        agents_busy: number(pcg, 20),
        counted: number(pcg, 50),
        service_level: pick(pcg, &[0.0, 0.5, 0.8, 1.0]),
        target_share: pick(pcg, &[0.0, 0.8, 1.0]),
        target_within_ms: number(pcg, 60_000),
        last_offered: pcg.happens(0.5).then(|| agent(pcg.below(8))),
        ..QueueView::quiet(queue(number_of))
    }
}

/// Makes up a question to an estimator: the same one for the same seed.
pub fn made_up_estimate_ask(seed: u64, settings: &[Attribute]) -> EstimateAsk {
    let mut pcg = Seed::new(seed).branch("estimate-ask").pcg();
    let pcg = &mut pcg;
    let samples = |pcg: &mut Pcg| pick(pcg, &[0, 1, 4, 5, 6, 50, 200]);
    let (waits, handles) = (samples(pcg), samples(pcg));
    EstimateAsk {
        interaction: InteractionId(1 + pcg.below(1 << 48)),
        channel: pick(pcg, &CHANNELS),
        queue: queue(0),
        position: number(pcg, 50).max(1),
        waited_ms: number(pcg, 600_000),
        agents: number(pcg, 50),
        agents_ready: number(pcg, 5),
        recent_waits: (0..waits).map(|_| (number(pcg, 20), number(pcg, 600_000))).collect(),
        recent_handles_ms: (0..handles).map(|_| number(pcg, 900_000)).collect(),
        abandon_share: pick(pcg, &[0.0, 0.1, 0.5, 1.0]),
        attributes: settings.to_vec(),
        now_seconds: pick(pcg, &[0.0, 0.5, 3_600.0, 1e9]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_keep_what_the_contract_promises() {
        let mut most = 0;
        for seed in 0..500 {
            let ask = made_up_ask(seed, &[]);
            assert_eq!(ask, made_up_ask(seed, &[]));
            assert!(!ask.candidates.is_empty());
            assert!(ask.candidates.is_sorted_by(|a, b| b.idle_ms <= a.idle_ms), "{ask:?}");
            for one in &ask.candidates {
                let has = |need: &SkillLevel| {
                    one.skills.iter().any(|s| s.name == need.name && need.level <= s.level)
                };
                assert!(ask.contact.required.iter().all(has), "{ask:?}");
            }
            most = most.max(ask.candidates.len());
            assert!(made_up_estimate_ask(seed, &[]).position != 0);
        }
        assert_eq!(most, 64);
    }
}
