//! The work of a replay.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::{CenterConfig, Input, InteractionId, QueueId, RouterChoice};
use jackfield_figures::kpi::{Folder, Parameters, Report as KpiReport, to_json};
use jackfield_plugin_host::{MeteredFlow, MeteredHost};
use jackfield_sim::Router;
use jackfield_sim::replay::compare::Comparison;
use jackfield_sim::replay::exact::{Exact, exact};
use jackfield_sim::replay::gate::Verdict;
use jackfield_sim::replay::rerun::{Change, Flow, Span};
use jackfield_sim::replay::study::{Study, study, versions};
use jackfield_sim::replay::tape::Tape;
use jackfield_sim::replay::travel::{Branches, Step, branch, steps};
use serde_json::Value;

use super::flow::Candidate;
use super::routers::Routers;
use super::{Material, Order};

/// Why a time was not replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The order makes no sense.
    #[error("`{key}`: {wanted}")]
    Order {
        /// Which key of it.
        key: &'static str,
        /// What would be accepted, and what was given.
        wanted: String,
    },
    /// A line of a journal is no record.
    #[error("line {line} of the journal is no record: {reason}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// There are more records than are held in memory.
    #[error("the journal has more than {limit} records up to that time: replay a shorter one")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Nothing is recorded of that time.
    #[error("nothing is recorded between {from} and {to}")]
    Nothing {
        /// The beginning.
        from: String,
        /// The end.
        to: String,
    },
    /// A component cannot be had.
    #[error("the component {digest} cannot be used: {reason}")]
    Component {
        /// Which.
        digest: String,
        /// Why.
        reason: String,
    },
    /// The candidate's script has a mistake.
    #[error("the script of `{of}` is not accepted: {reason}")]
    Script {
        /// Which flow or router.
        of: String,
        /// Where and what.
        reason: String,
    },
    /// The store cannot be read.
    #[error("the store cannot be read: {0}")]
    Store(String),
}

impl ReplayError {
    /// An order that makes no sense at `key`.
    pub fn order(key: &'static str, wanted: impl Into<String>) -> Self {
        Self::Order { key, wanted: wanted.into() }
    }
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// The exact replay of this many of so many records is done.
    Exact(u64, u64),
    /// This many of so many reruns are done.
    Reruns(u64, u64),
}

/// What a replay gave.
#[derive(Debug)]
pub struct Report {
    /// The time.
    pub span: Span,
    /// Of how many process runs.
    pub runs: usize,
    /// The exact replay, of all runs together.
    pub exact: Exact,
    /// The KPI as recorded, and as replayed.
    pub kpi: (Value, Value),
    /// The routers that decided, by name.
    pub versions: BTreeMap<String, Vec<String>>,
    /// What the candidate would have changed.
    pub comparison: Option<Comparison>,
    /// What the gate said of it.
    pub verdicts: Option<Vec<Verdict>>,
    /// One contact's story.
    pub steps: Option<Vec<Step>>,
    /// Its other branch.
    pub branches: Option<Branches>,
    /// Callers whom the candidate flow did not lead to its end, and why.
    pub flow_failures: BTreeMap<InteractionId, String>,
}

impl Report {
    /// Whether the exact replay, the figures among it, was the same to the byte.
    pub fn identical(&self) -> bool {
        self.exact.identical() && self.kpi.0 == self.kpi.1
    }

    /// Whether every condition of the gate holds; without a gate it does.
    pub fn passes(&self) -> bool {
        self.verdicts.as_ref().is_none_or(|verdicts| verdicts.iter().all(|one| one.holds))
    }
}

/// Replays. Takes a core for as long as it lasts.
///
/// # Errors
///
/// [`ReplayError`]; nothing is changed by it anywhere.
pub fn run(
    host: &MeteredHost,
    material: &Material,
    order: &Order,
    language: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, ReplayError> {
    let (span, gate) = (order.span()?, order.gate()?);
    if material.tapes.is_empty() {
        let (from, to) = (order.from.clone(), order.to.clone());
        return Err(ReplayError::Nothing { from, to });
    }
    let work = Work::new(host, material, order, language, span)?;
    let (exact, kpi) = work.exact(progress);
    let comparison = order.has_candidate().then(|| work.study(progress));
    let verdicts = match (&gate, &comparison) {
        (Some(gate), Some(comparison)) => Some(gate.judge(comparison)),
        _ => None,
    };
    let (steps, branches) = work.travel()?;
    let flow_failures =
        std::mem::take(&mut *work.failures.lock().unwrap_or_else(PoisonError::into_inner));
    let (runs, versions) = (material.tapes.len(), work.versions);
    Ok(Report {
        span,
        runs,
        exact,
        kpi,
        versions,
        comparison,
        verdicts,
        steps,
        branches,
        flow_failures,
    })
}

type Failures = Arc<Mutex<BTreeMap<InteractionId, String>>>;

struct Work<'w> {
    host: &'w MeteredHost,
    routers: Routers<'w>,
    material: &'w Material,
    order: &'w Order,
    span: Span,
    versions: BTreeMap<String, Vec<String>>,
    base: BTreeMap<String, String>,
    candidate: BTreeMap<String, String>,
    route: BTreeMap<QueueId, String>,
    flow: Option<MeteredFlow>,
    config: Arc<CenterConfig>,
    language: String,
    failures: Failures,
}

impl<'w> Work<'w> {
    fn new(
        host: &'w MeteredHost,
        material: &'w Material,
        order: &'w Order,
        language: &str,
        span: Span,
    ) -> Result<Self, ReplayError> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for tape in &material.tapes {
            for (name, digests) in versions(&tape.records) {
                let known = all.entry(name).or_default();
                known.extend(digests);
                known.dedup();
            }
        }
        let last = |(name, digests): (&String, &Vec<String>)| {
            Some((name.clone(), digests.last()?.clone()))
        };
        let mut base = material.active.clone();
        base.extend(all.iter().filter_map(last));
        let mut work = Self {
            host,
            routers: Routers::new(host, material),
            material,
            order,
            span,
            versions: all,
            candidate: base.clone(),
            base,
            route: BTreeMap::new(),
            flow: None,
            config: last_config(&material.tapes),
            language: language.to_owned(),
            failures: Failures::default(),
        };
        work.prepare_router()?;
        work.prepare_flow()?;
        Ok(work)
    }

    fn prepare_router(&mut self) -> Result<(), ReplayError> {
        let Some(router) = &self.order.router else { return Ok(()) };
        let digest = self.material.digest(&router.digest).ok_or_else(|| {
            let known: Vec<String> =
                self.material.components.keys().map(|known| format!("{known:.12}")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let wanted = format!(
                "the digest of one installed component, got `{}`; installed: {known}",
                router.digest
            );
            ReplayError::order("router.digest", wanted)
        })?;
        // Refused now rather than failing at every question.
        let refuse = |reason| ReplayError::Component { digest: digest.to_owned(), reason };
        self.routers.try_load(digest).map_err(refuse)?;
        self.candidate.insert(router.name.clone(), digest.to_owned());
        for name in &router.queues {
            let known =
                QueueId::new(name).ok().filter(|queue| self.config.queues.contains_key(queue));
            let queue = known.ok_or_else(|| {
                let known: Vec<&str> = self.config.queues.keys().map(QueueId::as_str).collect();
                let wanted = format!("a queue ({}), got `{name}`", known.join(", "));
                ReplayError::order("router.queues", wanted)
            })?;
            self.route.insert(queue, router.name.clone());
        }
        let had: BTreeSet<String> = self
            .config
            .queues
            .values()
            .filter_map(|queue| match &queue.router {
                RouterChoice::Plugin(name) => Some(name.clone()),
                RouterChoice::BuiltIn => None,
            })
            .collect();
        let replaced = |name: &&String| router.name == "*" || **name == router.name;
        let names: Vec<String> = had.iter().filter(replaced).cloned().collect();
        self.candidate.extend(names.iter().map(|name| (name.clone(), digest.to_owned())));
        if self.route.is_empty() && names.is_empty() {
            let had = if had.is_empty() {
                "none, the built-in rule decided".to_owned()
            } else {
                had.into_iter().collect::<Vec<_>>().join(", ")
            };
            let wanted = format!(
                "no queue had the router `{}` at that time ({had}): say which queues are to have it",
                router.name
            );
            return Err(ReplayError::order("router.queues", wanted));
        }
        Ok(())
    }

    fn prepare_flow(&mut self) -> Result<(), ReplayError> {
        let Some(flow) = &self.order.flow else { return Ok(()) };
        let refuse = |reason: String| ReplayError::Script { of: flow.name.clone(), reason };
        let component = self.host.publish_script(&self.material.interpreter, &flow.script);
        let component = component.map_err(|error| refuse(error.to_string()))?;
        let loaded = self.host.flow(&component, &jackfield_plugin_host::Grants::all());
        self.flow = Some(loaded.map_err(|error| refuse(error.to_string()))?);
        Ok(())
    }

    fn exact(&self, progress: &mut dyn FnMut(Progress)) -> (Exact, (Value, Value)) {
        let all = self.material.tapes.iter().map(|tape| tape.records.len() as u64).sum();
        let mut sum: Option<Exact> = None;
        let (mut recorded, mut replayed) = (Folder::new(), Folder::new());
        let mut done = 0;
        for tape in &self.material.tapes {
            let mut by_digest: BTreeMap<String, Box<dyn Router>> = BTreeMap::new();
            for digest in self.versions.values().flatten() {
                if let Some(router) = self.routers.get(digest) {
                    by_digest.insert(digest.clone(), router);
                }
            }
            let one = exact(&tape.records, self.span.from, &mut by_digest, &mut |was, is| {
                recorded.take(was);
                replayed.take(is);
            });
            done += tape.records.len() as u64;
            progress(Progress::Exact(done, all));
            match &mut sum {
                Some(sum) => sum.join(one),
                None => sum = Some(one),
            }
        }
        let parameters = Parameters {
            within_us: Some(self.order.within_ms * 1_000),
            short_abandon_us: Some(self.order.short_abandon_ms * 1_000),
            ..Parameters::default()
        };
        let kpi = |folder: &Folder| to_json(&KpiReport::of(&folder.records(), &parameters));
        (sum.unwrap_or_default(), (kpi(&recorded), kpi(&replayed)))
    }

    fn change(&self, digests: &BTreeMap<String, String>) -> Change<'w> {
        let routers = self.routers.all(digests);
        let routers = routers.into_iter().map(|(name, router)| {
            let router: Box<dyn Router + 'w> = router;
            (name, router)
        });
        Change { routers: routers.collect(), ..Change::default() }
    }

    fn candidate(&self) -> Change<'w> {
        let mut change = self.change(&self.candidate);
        change.route = self.route.clone();
        if let (Some(flow), Some(order)) = (&self.flow, &self.order.flow) {
            let candidate = Candidate::new(
                flow.clone(),
                self.material,
                Arc::clone(&self.config),
                &order.name,
                &self.language,
                Arc::clone(&self.failures),
            );
            let candidate: Box<dyn Flow + 'w> = Box::new(candidate);
            change.flow = Some(candidate);
        }
        change
    }

    fn study(&self, progress: &mut dyn FnMut(Progress)) -> Comparison {
        let plan = Study {
            span: self.span,
            thresholds: self.order.thresholds(),
            imputations: self.order.imputations,
            seed: self.order.seed,
            most: self.order.most,
        };
        study(
            &self.material.tapes,
            plan,
            &mut || self.change(&self.base),
            &mut || self.candidate(),
            &mut |done, all| progress(Progress::Reruns(done, all)),
        )
    }

    fn travel(&self) -> Result<(Option<Vec<Step>>, Option<Branches>), ReplayError> {
        let Some(name) = &self.order.interaction else {
            if self.order.step.is_some() {
                let wanted = "say whose step it is with `interaction`";
                return Err(ReplayError::order("step", wanted));
            }
            return Ok((None, None));
        };
        let missing = || {
            let wanted = format!("a contact of that time, got `{name}`");
            ReplayError::order("interaction", wanted)
        };
        let id: InteractionId = name.parse().map_err(|_| missing())?;
        let tapes = &self.material.tapes;
        let tape = tapes.iter().find(|tape| tape.contacts.contains_key(&id)).ok_or_else(missing)?;
        let story = steps(&tape.records, id);
        let Some(step) = self.order.step else { return Ok((Some(story), None)) };
        let count = story.len();
        let at_most = std::time::Duration::from_secs(86_400);
        let branches = branch(tape, id, step, &mut self.candidate(), self.order.seed, at_most);
        let branches = branches.ok_or_else(|| {
            ReplayError::order("step", format!("0 to {}, got {step}", count.saturating_sub(1)))
        })?;
        Ok((Some(story), Some(branches)))
    }
}

fn last_config(tapes: &[Tape]) -> Arc<CenterConfig> {
    let mut inputs = tapes.iter().flat_map(|tape| &tape.fixed);
    let config = inputs.by_ref().filter_map(|(_, input)| match input {
        Input::Configured { config } => Some(Arc::clone(config)),
        _ => None,
    });
    config.last().unwrap_or_default()
}
