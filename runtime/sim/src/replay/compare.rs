//! What became of the same contacts in two reruns, with intervals.
//!
//! What the tape does not know is imputed several times over, each time for both reruns alike. The
//! intervals are Rubin's ("Multiple imputation for nonresponse in surveys", 1987, 3.1): the variance
//! of a difference is the mean of its variances within the imputations, and (1 + 1/m) times the
//! variance between them. Within one, contacts are the sample and the difference is paired by contact;
//! a ratio is linearised (Cochran, "Sampling techniques", 1977, 6.3).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jackfield_core::{AgentId, InteractionId, QueueEnd};
use jackfield_figures::statistics::student_quantile;

use super::outcome::{Ending, Outcome, Outcomes};

/// A figure that is compared.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Metric {
    /// (answered + abandoned within T) / (answered + abandoned).
    Sl1,
    /// Answered within T / answered.
    Sl2,
    /// Answered within T / (answered + abandoned).
    Sl3,
    /// Answered within T / (answered + abandoned - abandoned within T).
    Sl4,
    /// (answered within T + short abandons) / (answered + abandoned).
    Sl5,
    /// Answered within T / (answered + abandoned - short abandons).
    Sl6,
    /// Abandoned / (answered + abandoned), short ones among them.
    Abandon,
    /// Mean wait of the answered, seconds.
    Asa,
    /// Mean wait of all, seconds.
    Wait,
    /// Stays that were moved or overflowed, per stay.
    Transfers,
    /// Stays that ended without agent and without abandon, per stay.
    Left,
    /// Working / (working + ready) of all agents.
    Occupancy,
    /// Standard deviation of the agents' occupancies.
    Spread,
}

impl Metric {
    /// All, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Sl1,
        Self::Sl2,
        Self::Sl3,
        Self::Sl4,
        Self::Sl5,
        Self::Sl6,
        Self::Abandon,
        Self::Asa,
        Self::Wait,
        Self::Transfers,
        Self::Left,
        Self::Occupancy,
        Self::Spread,
    ];

    /// Returns its name in gates and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sl1 => "SL1",
            Self::Sl2 => "SL2",
            Self::Sl3 => "SL3",
            Self::Sl4 => "SL4",
            Self::Sl5 => "SL5",
            Self::Sl6 => "SL6",
            Self::Abandon => "abandon",
            Self::Asa => "asa",
            Self::Wait => "wait",
            Self::Transfers => "transfers",
            Self::Left => "left",
            Self::Occupancy => "occupancy",
            Self::Spread => "spread",
        }
    }

    /// Returns the metric of that name, in whatever case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name().eq_ignore_ascii_case(name))
    }

    /// Returns the unit of a difference and how much one of it is: `pp` is 0.01, `s` is 1 second.
    pub const fn unit(self) -> (&'static str, f64) {
        match self {
            Self::Asa | Self::Wait => ("s", 1.0),
            _ => ("pp", 0.01),
        }
    }

    /// Writes a difference: `-0.50pp`, `+1.2s`.
    pub fn difference(self, value: f64) -> String {
        match self.unit() {
            ("s", _) => format!("{value:+.2}s"),
            (unit, scale) => format!("{:+.2}{unit}", value / scale),
        }
    }

    /// Writes a value: `81.20 %`, `12.30 s`.
    pub fn value(self, value: f64) -> String {
        match self.unit() {
            ("s", _) => format!("{value:.2} s"),
            (_, scale) => format!("{:.2} %", value / scale),
        }
    }

    /// Whether more is better.
    pub const fn more_is_better(self) -> bool {
        matches!(self, Self::Sl1 | Self::Sl2 | Self::Sl3 | Self::Sl4 | Self::Sl5 | Self::Sl6)
    }
}

/// T and s of the service levels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Thresholds {
    /// T: answered in time.
    pub within: Duration,
    /// s: abandoned sooner is short.
    pub short_abandon: Duration,
}

/// One figure of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Which.
    pub metric: Metric,
    /// As recorded; `None` is no data.
    pub recorded: Option<f64>,
    /// Of what is active, rerun; mean over imputations.
    pub base: Option<f64>,
    /// Of the candidate.
    pub candidate: Option<f64>,
    /// Candidate minus base.
    pub difference: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// A contact that fares otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Which.
    pub interaction: InteractionId,
    /// Which stay, from 0.
    pub stay: usize,
    /// What became of it: ending, wait, agent.
    pub base: Fate,
    /// The same with the candidate.
    pub candidate: Fate,
}

/// What became of a contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// In words; `not queued` if it was in no queue.
    pub ending: String,
    /// How long it waited.
    pub waited: Duration,
    /// Who served it.
    pub agent: Option<AgentId>,
}

/// Two reruns side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The figures.
    pub rows: Vec<Row>,
    /// Stays in queues compared.
    pub stays: u64,
    /// Stays that waited longer with the candidate, by at least a second.
    pub longer: u64,
    /// Stays that waited less, by at least a second.
    pub shorter: u64,
    /// Stays that another agent served.
    pub other_agent: u64,
    /// Stays that ended otherwise.
    pub other_end: u64,
    /// The stays that changed most, most first.
    pub most_changed: Vec<Changed>,
    /// How often what is unknown was imputed.
    pub imputations: u64,
}

/// Compares. `pairs` are base and candidate of each imputation; `recorded` is what happened.
pub fn compare(
    recorded: &Outcomes,
    pairs: &[(Outcomes, Outcomes)],
    thresholds: Thresholds,
    most: usize,
) -> Comparison {
    let rows = Metric::ALL.map(|metric| row(metric, recorded, pairs, thresholds));
    let mut comparison = Comparison {
        rows: rows.to_vec(),
        imputations: pairs.len() as u64,
        ..Comparison::default()
    };
    // Single contacts are shown as the first imputation has them.
    if let Some((base, candidate)) = pairs.first() {
        contacts(&mut comparison, base, candidate, most);
    }
    comparison
}

fn row(
    metric: Metric,
    recorded: &Outcomes,
    pairs: &[(Outcomes, Outcomes)],
    thresholds: Thresholds,
) -> Row {
    let mean = |values: Vec<Option<f64>>| {
        let values: Vec<f64> = values.into_iter().collect::<Option<_>>()?;
        let count = values.len() as f64;
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)
    };
    let of = |outcomes: &Outcomes| figure(metric, outcomes, thresholds);
    let differences: Vec<Option<f64>> =
        pairs.iter().map(|(base, candidate)| Some(of(candidate)? - of(base)?)).collect();
    let difference = mean(differences.clone());
    let interval = difference.and_then(|difference| {
        let known: Vec<f64> = differences.iter().copied().collect::<Option<_>>()?;
        let (count, degrees) = (known.len() as f64, known.len().saturating_sub(1) as u64);
        let within = mean(
            pairs
                .iter()
                .map(|(base, candidate)| within(metric, base, candidate, thresholds))
                .collect(),
        )
        .unwrap_or(0.0);
        let between = if degrees == 0 {
            0.0
        } else {
            known.iter().map(|d| (d - difference).powi(2)).sum::<f64>() / degrees as f64
        };
        let between = (1.0 + 1.0 / count) * between;
        let total = within + between;
        // Rubin's degrees of freedom; without variance between, those of the contacts.
        let free = if between == 0.0 {
            1_000_000
        } else {
            (degrees.max(1) as f64 * (1.0 + within / between).powi(2)).min(1e6) as u64
        };
        let half = student_quantile(0.975, free) * total.sqrt();
        Some((difference - half, difference + half))
    });
    Row {
        metric,
        recorded: of(recorded),
        base: mean(pairs.iter().map(|(base, _)| of(base)).collect()),
        candidate: mean(pairs.iter().map(|(_, candidate)| of(candidate)).collect()),
        difference,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
    }
}

/// A figure as numerator and denominator of one stay.
fn terms(metric: Metric, outcome: &Outcome, thresholds: Thresholds) -> (f64, f64) {
    let one = |holds: bool| f64::from(u8::from(holds));
    let answered = outcome.ending == Ending::Answered;
    let abandoned = matches!(outcome.ending, Ending::Abandoned { .. });
    let within = outcome.waited <= thresholds.within;
    let short = abandoned && outcome.waited <= thresholds.short_abandon;
    let both = one(answered || abandoned);
    match metric {
        Metric::Sl1 => (one((answered || abandoned) && within), both),
        Metric::Sl2 => (one(answered && within), one(answered)),
        Metric::Sl3 => (one(answered && within), both),
        Metric::Sl4 => (one(answered && within), both - one(abandoned && within)),
        Metric::Sl5 => (one((answered && within) || short), both),
        Metric::Sl6 => (one(answered && within), both - one(short)),
        Metric::Abandon => (one(abandoned), both),
        Metric::Asa => (one(answered) * outcome.waited.as_secs_f64(), one(answered)),
        Metric::Wait => (outcome.waited.as_secs_f64(), 1.0),
        Metric::Transfers => (f64::from(outcome.moves), 1.0),
        Metric::Left => {
            let left = matches!(outcome.ending, Ending::Left(end) if end != QueueEnd::Served);
            (one(left), 1.0)
        }
        Metric::Occupancy | Metric::Spread => (0.0, 0.0),
    }
}

/// Returns the figure, or `None` if there is nothing to make it of.
pub fn figure(metric: Metric, outcomes: &Outcomes, thresholds: Thresholds) -> Option<f64> {
    match metric {
        Metric::Occupancy => {
            let agents = outcomes.agents.values();
            let (working, ready) = agents.fold((Duration::ZERO, Duration::ZERO), |sum, agent| {
                (sum.0 + agent.working, sum.1 + agent.ready)
            });
            share(working, ready)
        }
        Metric::Spread => {
            let agents = outcomes.agents.values();
            let each: Vec<f64> =
                agents.filter_map(|agent| share(agent.working, agent.ready)).collect();
            if each.len() < 2 {
                return None;
            }
            let mean = each.iter().sum::<f64>() / each.len() as f64;
            let squares = each.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            Some((squares / (each.len() - 1) as f64).sqrt())
        }
        _ => {
            let all = outcomes.list.iter().map(|outcome| terms(metric, outcome, thresholds));
            let (over, under) = all.fold((0.0, 0.0), |sum, term| (sum.0 + term.0, sum.1 + term.1));
            (0.0 < under).then_some(over / under)
        }
    }
}

fn share(working: Duration, ready: Duration) -> Option<f64> {
    let all = (working + ready).as_secs_f64();
    (0.0 < all).then(|| working.as_secs_f64() / all)
}

type Key = (InteractionId, usize);

fn by_key(outcomes: &Outcomes) -> BTreeMap<Key, &Outcome> {
    outcomes.list.iter().map(|outcome| ((outcome.interaction, outcome.stay), outcome)).collect()
}

/// The variance of the difference of one imputation, contacts being the sample.
fn within(
    metric: Metric,
    base: &Outcomes,
    candidate: &Outcomes,
    thresholds: Thresholds,
) -> Option<f64> {
    let (ours, theirs) =
        (influence(metric, base, thresholds)?, influence(metric, candidate, thresholds)?);
    let keys: BTreeSet<Key> = ours.keys().chain(theirs.keys()).copied().collect();
    let of = |all: &BTreeMap<Key, f64>, key: &Key| all.get(key).copied().unwrap_or(0.0);
    Some(keys.iter().map(|key| (of(&theirs, key) - of(&ours, key)).powi(2)).sum())
}

/// By how much each stay moves the figure: (over - figure × under) / sum of under.
fn influence(
    metric: Metric,
    outcomes: &Outcomes,
    thresholds: Thresholds,
) -> Option<BTreeMap<Key, f64>> {
    if matches!(metric, Metric::Occupancy | Metric::Spread) {
        // They are of agents, not of contacts: only the variance between imputations is known.
        return Some(BTreeMap::new());
    }
    let value = figure(metric, outcomes, thresholds)?;
    let all = by_key(outcomes);
    let terms: BTreeMap<Key, (f64, f64)> =
        all.into_iter().map(|(key, outcome)| (key, terms(metric, outcome, thresholds))).collect();
    let under: f64 = terms.values().map(|term| term.1).sum();
    Some(terms.into_iter().map(|(key, term)| (key, (term.0 - value * term.1) / under)).collect())
}

fn contacts(comparison: &mut Comparison, base: &Outcomes, candidate: &Outcomes, most: usize) {
    let (ours, theirs) = (by_key(base), by_key(candidate));
    let keys: BTreeSet<Key> = ours.keys().chain(theirs.keys()).copied().collect();
    comparison.stays = keys.len() as u64;
    let mut changed = Vec::new();
    for key in keys {
        let (one, other) = (fate(ours.get(&key).copied()), fate(theirs.get(&key).copied()));
        let second = Duration::from_secs(1);
        comparison.longer += u64::from(one.waited + second <= other.waited);
        comparison.shorter += u64::from(other.waited + second <= one.waited);
        comparison.other_end += u64::from(one.ending != other.ending);
        let agents = one.agent.is_some() && other.agent.is_some() && one.agent != other.agent;
        comparison.other_agent += u64::from(agents);
        if one != other {
            let (interaction, stay) = key;
            changed.push(Changed { interaction, stay, base: one, candidate: other });
        }
    }
    // Who ends otherwise comes first, then the greatest change of wait; the earlier contact first.
    changed.sort_by_key(|change| {
        let wait = change.base.waited.abs_diff(change.candidate.waited);
        let same = change.base.ending == change.candidate.ending;
        (same, std::cmp::Reverse(wait), change.interaction, change.stay)
    });
    changed.truncate(most);
    comparison.most_changed = changed;
}

fn fate(outcome: Option<&Outcome>) -> Fate {
    match outcome {
        None => Fate { ending: "not queued".to_owned(), waited: Duration::ZERO, agent: None },
        Some(outcome) => Fate {
            ending: outcome.ending.word(),
            waited: outcome.waited,
            agent: outcome.agent.clone(),
        },
    }
}
