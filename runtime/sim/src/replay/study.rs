//! A whole study: the recorded day, what is active rerun, and a candidate, over several imputations.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jackfield_core::{Input, Instant, JournalRecord, Output};

use super::compare::{Comparison, Thresholds, compare};
use super::outcome::Outcomes;
use super::pool::Pool;
use super::rerun::{Change, Span, rerun_knowing};
use super::tape::Tape;

/// Answers of a router that tell which version decided in the end.
const LATEST: usize = 20;

/// What is studied.
#[derive(Clone, Copy, Debug)]
pub struct Study {
    /// The part of the record that is decided anew, such as one day.
    pub span: Span,
    /// T and s of the service levels.
    pub thresholds: Thresholds,
    /// How often what the tape does not know is imputed; at least 1.
    pub imputations: u64,
    /// The first imputation's seed; the others follow.
    pub seed: u64,
    /// How many of the contacts that changed most are listed.
    pub most: usize,
}

/// What a change is made of anew for every rerun: a router may remember, and must not remember the
/// rerun before.
pub type Maker<'m, 'a> = &'m mut dyn FnMut() -> Change<'a>;

/// Runs a study over the process runs of a record. `progress` is told how many of how many reruns are
/// done.
pub fn study<'a>(
    tapes: &[Tape],
    study: Study,
    base: Maker<'_, 'a>,
    candidate: Maker<'_, 'a>,
    progress: &mut dyn FnMut(u64, u64),
) -> Comparison {
    let imputations = study.imputations.max(1);
    let all = imputations * 2;
    // The same for every rerun: learnt once.
    let pools: Vec<Pool> = tapes.iter().map(Pool::learn).collect();
    let known: Vec<(&Tape, &Pool)> = tapes.iter().zip(&pools).collect();
    let mut pairs = Vec::new();
    for number in 0..imputations {
        let seed = study.seed.wrapping_add(number);
        let ours = day(&known, study.span, &mut *base, seed);
        progress(number * 2 + 1, all);
        let theirs = day(&known, study.span, &mut *candidate, seed);
        progress(number * 2 + 2, all);
        pairs.push((ours, theirs));
    }
    compare(&recorded(tapes, study.span), &pairs, study.thresholds, study.most)
}

/// What is recorded of the span.
pub fn recorded(tapes: &[Tape], span: Span) -> Outcomes {
    let mut all = Outcomes::new(span.from);
    for tape in tapes {
        let mut outcomes = Outcomes::new(span.from);
        let records = tape.records.iter().take_while(|record| record.at <= span.until);
        records.for_each(|record| outcomes.take(record));
        outcomes.end(span.until.min(tape.until));
        all.join(outcomes);
    }
    all
}

fn day<'a>(known: &[(&Tape, &Pool)], span: Span, make: Maker<'_, 'a>, seed: u64) -> Outcomes {
    let mut all = Outcomes::new(span.from);
    for &(tape, pool) in known {
        let span = Span { until: span.until.min(tape.until), ..span };
        let rerun = rerun_knowing((tape, pool), span, &mut make(), seed, false);
        all.join(rerun.outcomes);
    }
    all
}

/// Returns the versions that answered under each of the tenant's names for routers, in the order of
/// their first answer, but the one that gave most of the latest answers is the last: what decided in the
/// end, not a candidate that had a share.
pub fn versions(records: &[JournalRecord]) -> BTreeMap<String, Vec<String>> {
    let mut asks = BTreeMap::new();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut latest: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
    for record in records {
        if let Input::RouterReplied { ask, plugin, .. } = &record.input
            && let Some(name) = asks.remove(ask)
        {
            let latest = latest.entry(String::clone(&name)).or_default();
            if latest.len() == LATEST {
                latest.pop_front();
            }
            latest.push_back(plugin.clone());
            if seen.insert((String::clone(&name), plugin.clone())) {
                versions.entry(name).or_default().push(plugin.clone());
            }
        }
        for output in &record.outputs {
            if let Output::AskRouter { ask, router, .. } = output {
                asks.insert(*ask, router.clone());
            }
        }
    }
    // A canary's candidate may be the last that appeared, and is not what decided in the end.
    for (name, known) in &mut versions {
        let answers = |digest: &String| {
            latest.get(name).map_or(0, |all| all.iter().filter(|one| *one == digest).count())
        };
        if let Some(place) = (0..known.len()).max_by_key(|place| answers(&known[*place])) {
            let most = known.remove(place);
            known.push(most);
        }
    }
    versions
}

/// Returns whether anything of the tape happened within the span.
pub fn touches(tape: &Tape, span: Span) -> bool {
    let first = tape.records.first().map_or(Instant::default(), |record| record.at);
    first <= span.until && span.from <= tape.until
}
