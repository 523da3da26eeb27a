//! Compares every four agents with each other: fine with five, not with sixty-four.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};

jackfield_sdk::router!(choose);

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let idle: Vec<u32> = ask.candidates.iter().map(|one| one.idle_ms).collect();
    let mut best = 0_u32;
    for a in &idle {
        for b in &idle {
            for c in &idle {
                for d in &idle {
                    best = best.max(std::hint::black_box((a ^ b) & (c ^ d)));
                }
            }
        }
    }
    Ok(Answer::offer_to(&ask.candidates).because("best", best))
}
