//! Offers a contact to the agents of its own branch, the cheapest first, and to other branches after
//! a wait.
//!
//! Strict tiers: branch, then cost, then idle time.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::{Settings, thousandths, wrong};

jackfield_sdk::router!(choose);

/// Until other branches are asked if the queue does not say otherwise.
const CROSS_USUAL_MS: u32 = 30_000;

/// The cost of an agent of whom none is known: after all others.
const UNKNOWN: i64 = i64::MAX;

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let settings = Settings::of_contact(ask);
    let branch = settings.text("branch");
    let cross_ms = Settings::of_queue(ask).span_ms("cross-branch-after", CROSS_USUAL_MS)?;
    let mut costs = Vec::new();
    for one in ask.by_key(|_| ()) {
        costs.push((is_foreign(one, branch), cost(one)?, one));
    }
    // The sort is stable: equals stay longest idle first.
    costs.sort_by_key(|(foreign, cost, _)| (*foreign, *cost));
    let waited = ask.contact.waited_ms;
    if waited < cross_ms {
        costs.retain(|(foreign, ..)| !foreign);
    }
    let Some((foreign, cost, _)) = costs.first().copied() else {
        return Ok(Answer::wait_ms(cross_ms - waited)
            .because("rule", "own-branch-first")
            .because("branch", branch.unwrap_or_default()));
    };
    let mut answer = Answer::offer_to(costs.iter().map(|(.., one)| *one))
        .because("rule", "cost-and-branch")
        .because("branch", branch.unwrap_or("any"))
        .because("cross-branch", if foreign { "yes" } else { "no" });
    if cost != UNKNOWN {
        answer = answer.because("cost", written(cost));
    }
    let known = costs.iter().filter(|(_, cost, _)| *cost != UNKNOWN);
    Ok(known.fold(answer, |all, (_, cost, one)| all.score(&one.agent, 0.0 - written(*cost))))
}

/// Tells whether an agent is of another branch. A contact without a branch belongs to all of them.
fn is_foreign(agent: &Candidate, branch: Option<&str>) -> bool {
    branch.is_some_and(|branch| agent.attribute("branch").map(str::trim) != Some(branch))
}

/// Thousandths of a unit of money.
fn cost(agent: &Candidate) -> Result<i64, PluginError> {
    let Some(text) = agent.attribute("cost") else { return Ok(UNKNOWN) };
    let read = thousandths(text.trim()).filter(|cost| 0 <= *cost);
    read.ok_or_else(|| {
        let accepted = format!("an amount such as `12.50` at the agent {}", agent.agent);
        wrong("cost", text, &accepted)
    })
}

/// The amount again: an exact division of two small whole numbers, rounded once.
fn written(thousandths: i64) -> f64 {
    thousandths as f64 / 1_000.0
}

#[cfg(test)]
mod tests;
