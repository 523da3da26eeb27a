//! Routers and estimators: the real component decides in made-up centres, and is asked made-up
//! questions besides.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{Attribute, Estimate, EstimateAsk, PluginFailure, RoutingAnswer, RoutingAsk};
use jackfield_plugin_host::{MeteredEstimator, MeteredHost, MeteredRouter, ReplayServices};
use jackfield_sim::{
    Cast, Checks, Estimator, Failure, Options, Phase, Plan, Router, Rule, Teller, World, Wrong,
};

use super::examiner::{Examiner, Found, broken};
use super::property::{Property, Tally};
use super::subject::{NAME, Subject};
use super::{Broken, Examined, Order, Progress, tell};

/// Made-up questions for each world.
const QUESTIONS: u64 = 4;
/// After the last fault everything must be at its end within this time: alarms of callbacks come hours later.
const LIVENESS: Duration = Duration::from_secs(24 * 3_600);
/// How often a smaller centre is tried, and the steps that may take.
const TRIES: u32 = 400;
const STEPS: u64 = 300_000;
/// A trace has so many steps at its beginning and at its end.
const TOLD: (usize, usize) = (10, 4);

/// A line has no more characters.
const LINE_CHARS: usize = 100;

type Seat<S> = Rc<RefCell<Examiner<S>>>;

struct Seated<S: Subject>(Seat<S>);

impl Router for Seated<MeteredRouter> {
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        self.0.borrow_mut().examine(ask)
    }

    fn digest(&self) -> String {
        NAME.to_owned()
    }
}

impl Estimator for Seated<MeteredEstimator> {
    fn estimate(&mut self, ask: &EstimateAsk) -> Result<Option<Estimate>, PluginFailure> {
        self.0.borrow_mut().examine(ask)
    }

    fn digest(&self) -> String {
        NAME.to_owned()
    }
}

pub fn router(host: &MeteredHost, order: &Order, progress: Progress<'_>) -> Examined {
    let seat = |cast: &mut Cast, seat: Seat<MeteredRouter>| {
        cast.routers.insert(NAME.to_owned(), Box::new(Seated(seat)));
    };
    Suite::load(host, order, seat)?.examine(order, progress)
}

pub fn estimator(host: &MeteredHost, order: &Order, progress: Progress<'_>) -> Examined {
    let seat = |cast: &mut Cast, seat: Seat<MeteredEstimator>| {
        cast.estimators.insert(NAME.to_owned(), Box::new(Seated(seat)));
    };
    Suite::load(host, order, seat)?.examine(order, progress)
}

/// The plugin, and how it takes its seat in a centre.
struct Suite<S, F> {
    plugin: S,
    seat: F,
    settings: Vec<Attribute>,
}

/// One centre played.
struct Played<S: Subject> {
    examiner: Seat<S>,
    failure: Option<Failure>,
    steps: u64,
    offers: u64,
    told: Vec<String>,
}

impl<S: Subject, F: Fn(&mut Cast, Seat<S>)> Suite<S, F> {
    fn load(host: &MeteredHost, order: &Order, seat: F) -> Result<Self, Broken> {
        let plugin = S::load(host, &order.wasm).map_err(|error| {
            Broken::new(Property::Installs, error.to_string(), order.seed, String::new())
        })?;
        let settings = order.settings.clone().into_iter().collect();
        Ok(Self { plugin, seat, settings })
    }

    fn examine(&self, order: &Order, progress: Progress<'_>) -> Examined {
        let mut tally = Tally::default();
        tally.checked(Property::Installs, 1);
        let mut refused = None;
        for number in 0..order.worlds {
            let seed = order.seed + number;
            let mut world = self.world(seed)?;
            if refused.is_none() {
                refused = world.refused.take().map(|ask| (seed, ask));
            }
            tally.add(world.tally);
            progress(number + 1, tally.decisions);
        }
        if tally.refuses_too_often()
            && let Some((seed, ask)) = refused
        {
            let found = Found { property: Property::Answers, asks: vec![ask] };
            let mut broken = broken(&self.plugin, seed, found);
            let (refused, all) = (tally.refused, tally.decisions);
            broken.wrong = format!("{refused} of {all} questions were refused: {}", broken.wrong);
            return Err(broken);
        }
        Ok(tally)
    }

    /// One centre to its end, and some questions besides.
    fn world(&self, seed: u64) -> Result<Examiner<S>, Broken> {
        let plan = S::plan(seed, &self.settings);
        let played = self.play(&plan, false);
        let Played { examiner, failure, steps, offers, .. } = played;
        {
            let mut examiner = examiner.borrow_mut();
            if examiner.found.is_none() && failure.is_none() {
                for number in 0..QUESTIONS {
                    let ask = S::made_up(seed.wrapping_mul(QUESTIONS) + number, &self.settings);
                    // What is wrong is kept by the examiner.
                    let _ = examiner.examine(&ask);
                }
            }
            let tally = &mut examiner.tally;
            tally.checked(Property::NobodyStarves, 1);
            tally.checked(Property::MandatorySkills, offers);
            tally.checked(Property::EngineRules, steps);
        }
        // The world, and with it the other owner, is gone.
        let Ok(examiner) = Rc::try_unwrap(examiner) else { unreachable!("the world is over") };
        let mut examiner = examiner.into_inner();
        if let Some(found) = examiner.found.take() {
            return Err(broken(&self.plugin, seed, found));
        }
        match failure {
            Some(failure) => Err(self.smaller(seed, &plan, &failure)),
            None => Ok(examiner),
        }
    }

    fn play(&self, plan: &Plan, is_told: bool) -> Played<S> {
        let examiner = Rc::new(RefCell::new(Examiner::new(&self.plugin)));
        let mut cast = Cast::native();
        (self.seat)(&mut cast, Rc::clone(&examiner));
        let options =
            Options { checks: Checks::Every(1), liveness_max: LIVENESS, ..Options::default() };
        let mut teller = Teller::new(plan.start);
        let mut told = Vec::new();
        let mut world = World::new(Arc::new(plan.clone()), cast, options);
        let failure = loop {
            match world.step() {
                Ok(Some(record)) => {
                    if is_told {
                        told.push(teller.tell(&record));
                    }
                    let mut examiner = examiner.borrow_mut();
                    examiner.is_calm = world.phase() == Phase::Liveness;
                    if examiner.found.is_some() {
                        break None;
                    }
                    if let Some(what) = examiner.starved.take() {
                        let wrong = Wrong { rule: Rule::Starvation, what };
                        break Some(Failure { step: world.steps(), at: world.now(), wrong });
                    }
                }
                Ok(None) => break None,
                Err(failure) => break Some(*failure),
            }
        };
        let (steps, (offers, _)) = (world.steps(), world.book().offers());
        drop(world);
        Played { examiner, failure, steps, offers, told }
    }

    /// Makes a centre in which a rule is broken small, and tells it.
    fn smaller(&self, seed: u64, plan: &Plan, failure: &Failure) -> Broken {
        let rule = failure.wrong.rule;
        let mut steps = 0;
        let plan = plan.smaller(TRIES, |plan| {
            if STEPS < steps {
                return false;
            }
            let played = self.play(plan, false);
            steps += played.steps;
            let found = played.examiner.borrow().found.is_some();
            !found && played.failure.is_some_and(|failure| failure.wrong.rule == rule)
        });
        let played = self.play(&plan, true);
        let wrong = played.failure.map_or_else(|| failure.wrong.clone(), |failure| failure.wrong);
        let mut trace = shortened(&played.told);
        if let Some(ask) = played.examiner.borrow().last() {
            let services = Arc::new(ReplayServices::new(1));
            let answer = self.plugin.fresh(services).put(ask);
            let said = answer.map_or_else(|error| error.to_string(), |a| S::tell_answer(&a));
            trace += "  the latest question\n";
            trace += &tell::lines(&S::tell(ask));
            trace += &tell::line("answer", &said);
        }
        Broken::new(property_of(rule), wrong.to_string(), seed, trace)
    }
}

fn property_of(rule: Rule) -> Property {
    match rule {
        Rule::Liveness | Rule::Starvation => Property::NobodyStarves,
        Rule::MandatorySkill => Property::MandatorySkills,
        _ => Property::EngineRules,
    }
}

/// A line that fits a screen.
fn short(line: &str) -> String {
    let mut short: String = line.chars().take(LINE_CHARS).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// The beginning and the end of what happened.
fn shortened(told: &[String]) -> String {
    let indented = |steps: &[String]| -> String {
        let lines = steps.iter().flat_map(|step| step.lines());
        lines.map(|line| format!("  {}\n", short(line))).collect()
    };
    let (first, last) = TOLD;
    if told.len() <= first + last {
        return indented(told);
    }
    let left_out = told.len() - first - last;
    let (begin, end) = (indented(&told[..first]), indented(&told[told.len() - last..]));
    format!("{begin}  … {left_out} more steps …\n{end}")
}
