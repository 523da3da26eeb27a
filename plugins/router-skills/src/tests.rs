//! One line an agent, one line the answer.

use jackfield_sdk::Channel;
use jackfield_sdk::router::{Decision, QueueView, Waiting};

use super::*;

fn skill(name: &str, level: u8) -> SkillLevel {
    SkillLevel { name: name.to_owned(), level }
}

fn agent(name: &str, idle_ms: u32, skills: &[(&str, u8)]) -> Candidate {
    Candidate {
        agent: name.to_owned(),
        level: 5,
        skills: skills.iter().map(|(name, level)| skill(name, *level)).collect(),
        idle_ms,
        contacts: 0,
        talk_seconds: 0,
        attributes: Vec::new(),
    }
}

fn ask(waited_ms: u32, preferred: &[(&str, u8)], candidates: Vec<Candidate>) -> Ask {
    Ask {
        contact: Waiting {
            id: "0000000000000".to_owned(),
            channel: Channel::Voice,
            queue: "sales".to_owned(),
            waited_ms,
            priority: 0,
            required: vec![skill("english", 4)],
            preferred: preferred.iter().map(|(name, level)| skill(name, *level)).collect(),
            attributes: Vec::new(),
        },
        candidates,
        queue: QueueView {
            waiting: 1,
            longest_wait_ms: waited_ms,
            agents_ready: 1,
            agents_busy: 0,
            attributes: Vec::new(),
        },
        now_seconds: 0.0,
        seed: 0,
    }
}

fn decision(ask: &Ask) -> String {
    match choose(ask).unwrap().decision {
        Decision::Offer(agents) => agents.join(" "),
        Decision::WaitMs(span) => format!("wait {span}"),
    }
}

#[test]
fn the_best_total_is_first_and_equals_go_by_idle_time_then_by_name() {
    let english = ("english", 5);
    let agents = vec![
        agent("ann", 10, &[english, ("billing", 7)]),
        agent("bob", 90, &[english, ("billing", 6)]),
        agent("cat", 50, &[english, ("billing", 6)]),
        agent("dan", 50, &[english, ("billing", 6)]),
    ];
    assert_eq!(decision(&ask(0, &[("billing", 6)], agents)), "ann bob cat dan");
}

#[test]
fn an_agent_without_a_required_level_is_never_offered() {
    let agents = vec![agent("ann", 10, &[("english", 3), ("billing", 10)])];
    assert_eq!(decision(&ask(600_000, &[("billing", 6)], agents)), "wait 15000");
}

#[test]
fn demands_fall_by_steps_until_anybody_will_do() {
    let agents = || vec![agent("ann", 10, &[("english", 5), ("billing", 2)])];
    let after = |waited| decision(&ask(waited, &[("billing", 7)], agents()));
    assert_eq!(after(0), "wait 15000");
    assert_eq!(after(14_999), "wait 1");
    assert_eq!(after(15_000), "wait 15000");
    assert_eq!(after(30_000), "ann");
    let without = vec![agent("bob", 10, &[("english", 5)])];
    assert_eq!(decision(&ask(45_000, &[("billing", 7)], without)), "bob");
}

#[test]
fn the_contact_says_otherwise_than_the_queue() {
    let mut question = ask(0, &[("billing", 7)], vec![agent("ann", 10, &[("english", 5)])]);
    question.queue.attributes.push(("relax-after-ms".to_owned(), "9000".to_owned()));
    assert_eq!(decision(&question), "wait 9000");
    question.contact.attributes.push(("relax-after-ms".to_owned(), "0".to_owned()));
    assert_eq!(decision(&question), "ann");
    question.contact.attributes[0].1 = "soon".to_owned();
    assert!(matches!(choose(&question), Err(PluginError::Configuration(_))));
}
