//! Offers a contact to the agents in the order of their idle time.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Router};

struct LongestIdle;

impl Router for LongestIdle {
    fn choose(ask: Ask) -> Result<Answer, PluginError> {
        Ok(choose(ask))
    }
}

jackfield_sdk::export_router!(LongestIdle);

/// Longest idle first; equal times by name, so that a replay decides the same.
fn choose(ask: Ask) -> Answer {
    let mut ready = ask.candidates;
    ready.sort_by(|a, b| b.idle_ms.cmp(&a.idle_ms).then_with(|| a.agent.cmp(&b.agent)));
    let idle = ready.first().map_or(0, |first| first.idle_ms);
    Answer::offer(ready.into_iter().map(|one| one.agent))
        .because("rule", "longest-idle")
        .because("idle-ms", idle)
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::Channel;
    use jackfield_sdk::router::{Candidate, Decision, QueueView, Waiting};

    use super::*;

    #[test]
    fn longest_idle_first_and_equals_by_name() {
        let agent = |name: &str, idle_ms| Candidate {
            agent: name.to_owned(),
            level: 5,
            skills: Vec::new(),
            idle_ms,
            contacts: 0,
            talk_seconds: 0,
            attributes: Vec::new(),
        };
        let contact = Waiting {
            id: "0000000000000".to_owned(),
            channel: Channel::Voice,
            queue: "sales".to_owned(),
            waited_ms: 0,
            priority: 0,
            required: Vec::new(),
            preferred: Vec::new(),
            attributes: Vec::new(),
        };
        let queue = QueueView {
            waiting: 1,
            longest_wait_ms: 0,
            agents_ready: 3,
            agents_busy: 0,
            attributes: Vec::new(),
        };
        let candidates = vec![agent("cat", 5), agent("bob", 9), agent("ann", 5)];
        let ask = Ask { contact, candidates, queue, now_seconds: 0.0, seed: 0 };
        let Decision::Offer(agents) = choose(ask).decision else { panic!("no offer") };
        assert_eq!(agents, ["bob", "ann", "cat"]);
    }
}
