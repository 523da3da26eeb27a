//! Conformance: what any chatbot, channel, connector, analyst or pacer must hold to, tried with made-up
//! questions. The first thing that does not hold is made small and told.
//!
//! Routers, estimators and flows decide for the engine; they are certified in simulated centres.

mod checks;
mod look;
mod metered;
pub(crate) mod questions;
mod simpler;
pub(crate) mod surroundings;

use std::sync::Arc;

use crate::error::{InstallError, InstallStep};
use crate::worlds::{CallFailure, CalledPlugin};
use crate::{Grants, HostConfig, PluginHost, World};

use look::{Asked, look, smallest};
pub use look::{Fault, Looked};
pub use metered::MeteredCalled;
use questions::{Chance, Question};
use surroundings::Surroundings;

/// Questions of one run.
const QUESTIONS: u64 = 300;

/// What must hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Property {
    /// It answers or says why not.
    Answers,
    /// What it answers makes sense.
    WellFormed,
    /// The same question has the same answer.
    Deterministic,
    /// Whatever is sent to it, it answers or says why not.
    TakesAnything,
    /// Without the world outside it says so.
    OutsideMayFail,
    /// An error is a text that helps.
    ErrorsAreTold,
}

impl Property {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Answers,
        Self::WellFormed,
        Self::Deterministic,
        Self::TakesAnything,
        Self::OutsideMayFail,
        Self::ErrorsAreTold,
    ];

    /// Returns its name in reports: `well-formed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::WellFormed => "well-formed",
            Self::Deterministic => "deterministic",
            Self::TakesAnything => "takes-anything",
            Self::OutsideMayFail => "outside-may-fail",
            Self::ErrorsAreTold => "errors-are-told",
        }
    }

    /// Says what it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Answers => "an ordinary question is answered or refused, within every limit",
            Self::WellFormed => "answers are within the ranges that the contract gives",
            Self::Deterministic => "the same question in the same surroundings has the same answer",
            Self::TakesAnything => "no input, however strange, makes it trap or go on without end",
            Self::OutsideMayFail => "when the world outside fails it answers or says so",
            Self::ErrorsAreTold => "an error is one to 2,000 bytes of text",
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conformance {
    /// The component's SHA-256.
    pub digest: String,
    /// Its world.
    pub world: World,
    /// The seed of the questions.
    pub seed: u64,
    /// How often each property was looked at.
    pub checked: Vec<(Property, u64)>,
    /// How many questions were refused by the plugin itself.
    pub refused: u64,
    /// What did not hold, if something did not.
    pub broken: Option<Breach>,
}

/// What did not hold, and the least question that shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Breach {
    /// What should have held.
    pub property: Property,
    /// What was wrong.
    pub wrong: String,
    /// Which question of the run showed it, from 0.
    pub question: u64,
    /// The question, made small, and what came of it.
    pub trace: String,
}

/// Tries a component of `world` with questions made of `seed`; `settings` are what its configuration
/// says. Blocks, with a runtime of its own: call it on a thread that drives none.
///
/// # Errors
///
/// [`InstallError`] if it cannot be installed with every grant, or its world has no such suite.
pub fn run(
    config: &HostConfig,
    world: World,
    component: &[u8],
    settings: &[(String, String)],
    seed: u64,
) -> Result<Conformance, InstallError> {
    if !World::CALLED.contains(&world) {
        let problem = format!("a {world} has no conformance suite");
        let mend = "certify it in simulated centres: `jackfield plugin certify`";
        return Err(InstallError::new(InstallStep::SelfTest, problem, mend));
    }
    let refuse = |problem: String| InstallError::new(InstallStep::SelfTest, problem, "mend it");
    let host = PluginHost::new(config.clone()).map_err(|error| refuse(error.to_string()))?;
    let digest = host.install(component, world, &Grants::all())?.digest;
    let plugin = host.called(&digest, world).map_err(|error| refuse(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| refuse(error.to_string()))?;
    let settings = settings.to_vec();
    let trial = Trial { plugin, runtime, settings, seed };
    let mut counts = [0; Property::ALL.len()];
    let mut report =
        Conformance { digest, world, seed, checked: Vec::new(), refused: 0, broken: None };
    for number in 0..QUESTIONS {
        let mut chance = Chance::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let question = questions::any(world, &mut chance);
        let looked = look(&question, &|question, outside| trial.ask(question, outside));
        for property in &looked.checked {
            counts[*property as usize] += 1;
        }
        report.refused += u64::from(looked.refused.is_some());
        if looked.broken.is_some() {
            report.broken = trial.smallest(question, looked, number);
            break;
        }
    }
    report.checked = Property::ALL.into_iter().zip(counts).collect();
    Ok(report)
}

struct Trial {
    plugin: CalledPlugin,
    runtime: tokio::runtime::Runtime,
    settings: Vec<(String, String)>,
    seed: u64,
}

type Answer = Result<serde_json::Value, CallFailure>;

impl Trial {
    fn ask(&self, question: &Question, outside: bool) -> Asked {
        let services = Surroundings::new(self.seed, self.settings.clone(), outside);
        let put = question.put.clone();
        let call = self.plugin.call(Arc::new(services), move |called, store| {
            Box::pin(async move { put.enter(called, store).await })
        });
        Asked { answer: self.runtime.block_on(call), fuel: 0, memory_bytes: 0 }
    }

    /// Makes a question smaller as long as it shows the same.
    fn smallest(&self, question: Question, first: Looked, number: u64) -> Option<Breach> {
        let property = first.broken.as_ref()?.property;
        let same =
            |looked: &Looked| looked.broken.as_ref().is_some_and(|one| one.property == property);
        let ask = |question: &Question, outside| self.ask(question, outside);
        let (least, shown) = smallest(question, first, &ask, &same);
        let trace = format!("asked:  {least}\nanswer: {}", told(&shown.answer));
        let wrong = shown.broken.map(|fault| fault.wrong).unwrap_or_default();
        Some(Breach { property, wrong, question: number, trace })
    }
}

fn told(answer: &Answer) -> String {
    match answer {
        Ok(value) => value.to_string(),
        Err(failed) => format!("error: {}", failed.failure),
    }
}
