//! What a script would have done for the callers of a past day, beside what the active one does.
//!
//! A script is deterministic: what it does depends on the answers to its questions alone. So each way
//! of answers is led once ([`memo`]), and every caller whose answers are the same went the same way:
//! the result is that of leading every caller, at the cost of the different ones.

mod caller;
mod memo;

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_plugin_host::FlowPlugin;
use serde::Serialize;

use super::simulate::Around;
pub use caller::Recorded;
use caller::{Answers, lead};
use memo::Memo;

/// The most pairs of ways that are told.
const MOVES_MAX: usize = 20;
/// The most ways that are led by one script: beyond them the callers are left out, and counted.
const WAYS_MAX: usize = 20_000;

/// Where a script brings a caller.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Way {
    /// Queues, callbacks, transfers and the end, in order.
    pub stations: Vec<String>,
    /// Whether a person served, or was to.
    pub person: bool,
    /// Whether the caller was led in circles.
    pub loops: bool,
    /// Whether the script failed.
    pub failed: bool,
}

/// Callers who would go another way.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Move {
    /// The way by the active script.
    pub from: String,
    /// The way by the other one.
    pub to: String,
    /// How many.
    pub callers: usize,
}

/// What would be otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Effect {
    /// The callers of that time.
    pub callers: usize,
    /// Those who would go another way.
    pub moved: usize,
    /// Those who would be led in circles.
    pub loops: usize,
    /// Those for whom the script would fail.
    pub failures: usize,
    /// The share of those served without a person, by the active script; `None` without callers.
    pub contained_before: Option<f64>,
    /// The same by the other script.
    pub contained_after: Option<f64>,
    /// Those who were left out, because there are too many different ways.
    pub left_out: usize,
    /// How many ways were led, by both scripts together.
    pub ways_led: usize,
    /// From where to where, the most callers first.
    pub moves: Vec<Move>,
}

/// Compares two scripts on recorded callers. With `each`, every caller is led: it takes longer and
/// comes to the same.
pub async fn effect(
    (active, other): (&FlowPlugin, &FlowPlugin),
    callers: &[Recorded],
    around: &Arc<Around>,
    each: bool,
) -> Effect {
    let mut memos = (Memo::default(), Memo::default());
    let mut effect = Effect { callers: callers.len(), ..Effect::default() };
    let mut moves = BTreeMap::<(String, String), usize>::new();
    let mut contained = (0_usize, 0_usize);
    for caller in callers {
        let before = way(active, caller, around, &mut memos.0, each, &mut effect.ways_led).await;
        let after = way(other, caller, around, &mut memos.1, each, &mut effect.ways_led).await;
        let (Some(before), Some(after)) = (before, after) else {
            effect.left_out += 1;
            continue;
        };
        effect.loops += usize::from(after.loops);
        effect.failures += usize::from(after.failed);
        let alone = |way: &Way| !way.person && !way.failed && !way.loops;
        contained.0 += usize::from(alone(&before));
        contained.1 += usize::from(alone(&after));
        if before.stations != after.stations {
            effect.moved += 1;
            let pair = (before.stations.join(", "), after.stations.join(", "));
            *moves.entry(pair).or_default() += 1;
        }
    }
    let led = callers.len() - effect.left_out;
    let share = |count: usize| (0 < led).then(|| count as f64 / led as f64);
    (effect.contained_before, effect.contained_after) = (share(contained.0), share(contained.1));
    let told = moves.into_iter().map(|((from, to), callers)| Move { from, to, callers });
    effect.moves = told.collect();
    effect.moves.sort_by_key(|one| std::cmp::Reverse(one.callers));
    effect.moves.truncate(MOVES_MAX);
    effect
}

async fn way(
    script: &FlowPlugin,
    caller: &Recorded,
    around: &Arc<Around>,
    memo: &mut Memo<Way>,
    each: bool,
    led: &mut usize,
) -> Option<Way> {
    let known = if each { None } else { memo.find(&mut Answers::new(caller, around)) };
    if let Some(way) = known {
        return Some(way.clone());
    }
    if WAYS_MAX <= *led {
        return None;
    }
    *led += 1;
    let (way, trace) = lead(script, caller, around).await;
    if !each {
        memo.keep(trace, way.clone());
    }
    Some(way)
}
