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
