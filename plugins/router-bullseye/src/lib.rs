//! Offers a contact to rings of agents: the innermost at once, wider ones the longer it waits.
//!
//! A ring is a list of demands; an agent belongs to the innermost ring in force whose demands the
//! agent meets. Rings are strict tiers: ring first, idle time second.

mod rings;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::Settings;

use rings::{Ring, read};

jackfield_sdk::router!(choose);

/// Asked again after this long at the latest when no ring will open any more.
const PAUSE_MS: u32 = 60_000;

/// When a ring counts as empty, and is passed without waiting for its time.
#[derive(Clone, Copy)]
enum Empty {
    /// Nobody of it is ready and no agent of the queue is busy who could be of it.
    Nobody,
    /// Nobody of it is ready.
    NobodyReady,
    /// Never.
    Never,
}

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let settings = Settings::of_contact(ask);
    let rings = read(&settings)?;
    let keep = settings.choice("inner-rings", &[("keep", true), ("leave", false)], true)?;
    let ways =
        [("nobody", Empty::Nobody), ("nobody-ready", Empty::NobodyReady), ("never", Empty::Never)];
    let empty = match settings.choice("empty-ring", &ways, Empty::Nobody)? {
        Empty::Nobody => ask.queue.agents_busy == 0,
        Empty::NobodyReady => true,
        Empty::Never => false,
    };
    let waited = ask.contact.waited_ms;
    let opened = rings.iter().filter(|ring| ring.from_ms <= waited).count();
    let ring_of = |one: &Candidate, reached: usize| {
        let inner = if keep { 0 } else { reached.saturating_sub(1) };
        let known = rings.get(inner..reached).unwrap_or_default();
        known.iter().position(|ring| ring.has(one)).map(|place| place + inner)
    };
    let mut reached = opened;
    loop {
        let inside = |one: &Candidate| ring_of(one, reached).unwrap_or(usize::MAX);
        let mut order = ask.by_key(inside);
        order.retain(|one| ring_of(one, reached).is_some());
        if !order.is_empty() {
            return Ok(offer(&rings, &order, inside, opened, reached));
        }
        if !empty || reached == rings.len() {
            break;
        }
        reached += 1;
    }
    let next = rings.get(opened).map_or(PAUSE_MS, |ring| (ring.from_ms - waited).min(PAUSE_MS));
    Ok(Answer::wait_ms(next)
        .because("rule", "nobody-in-the-rings")
        .because("open", format!("{opened}/{}", rings.len())))
}

/// The score is 0 for the innermost ring, -1 for the next.
fn offer(
    rings: &[Ring<'_>],
    order: &[&Candidate],
    inside: impl Fn(&Candidate) -> usize,
    opened: usize,
    reached: usize,
) -> Answer {
    let mut answer = Answer::offer_to(order.iter().copied())
        .because("rule", "bullseye")
        .because("ring", order.first().map_or(0, |first| inside(first)) + 1)
        .because("open", format!("{opened}/{}", rings.len()));
    if opened < reached {
        answer = answer.because("passed-empty", reached - opened);
    }
    answer.score_each(order, |one| 0.0 - inside(one) as f64)
}

#[cfg(test)]
mod tests;
