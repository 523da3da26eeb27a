//! The questions of the conformance suite put to a metered component: what certification counts on,
//! since the same seed takes the same fuel and has the same answer on every machine.

use std::sync::Arc;

use jackfield_core::PluginFailure;

use super::questions::{self, Chance, Question};
use super::surroundings::Surroundings;
use super::{Answer, Property, checks, smallest, told, unfit_error};
use crate::host::{Entry, Loaded};
use crate::metered::MeteredHost;
use crate::{CallFailure, Grants, InstallError, World};

/// A chatbot, channel, connector, analyst or pacer that answers on the caller's thread,
/// deterministically, in made-up surroundings. Each call has a fresh instance, as it has in a centre.
pub struct MeteredCalled {
    host: MeteredHost,
    loaded: Arc<Loaded>,
    world: World,
    settings: Vec<(String, String)>,
}

impl std::fmt::Debug for MeteredCalled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MeteredCalled").field("world", &self.world).finish_non_exhaustive()
    }
}

/// What one question showed.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What was looked at.
    pub checked: Vec<Property>,
    /// The plugin's own error, if it refused a question that somebody would ask.
    pub refused: Option<String>,
    /// Whether anybody would ask it.
    pub ordinary: bool,
    /// Fuel of the first call, the instance's start included.
    pub fuel: u64,
    /// The linear memory of the instance after it.
    pub memory_bytes: u64,
    /// What did not hold.
    pub broken: Option<Fault>,
}

/// What did not hold, and how the call ended if that is why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What should have held.
    pub property: Property,
    /// The failure, if the call did not end in an answer or an error of the plugin's own.
    pub failure: Option<PluginFailure>,
    /// What was wrong, in words.
    pub wrong: String,
}

/// How one call ended.
pub(crate) struct Asked {
    pub answer: Answer,
    pub fuel: u64,
    pub memory_bytes: u64,
}

impl MeteredHost {
    /// Checks, compiles and starts a chatbot, channel, connector, analyst or pacer whose
    /// configuration says `settings`.
    ///
    /// # Errors
    ///
    /// [`InstallError`] names the step and what to do.
    pub fn called(
        &self,
        wasm: &[u8],
        world: World,
        grants: &Grants,
        settings: &[(String, String)],
    ) -> Result<MeteredCalled, InstallError> {
        let loaded = self.load(wasm, world, grants)?;
        let Entry::Called(entry) = &loaded.entry else {
            let problem = format!("a {world} is not called this way");
            return Err(crate::install::failed_test(problem));
        };
        let mut store = self.call_store(&loaded);
        crate::engine::block_on(entry.instance_pre().instantiate_async(&mut store)).map_err(
            |error| crate::install::failed_test(format!("it does not start: {error:#}")),
        )?;
        let settings = settings.to_vec();
        Ok(MeteredCalled { host: self.clone(), loaded, world, settings })
    }
}

impl MeteredCalled {
    /// Asks the question of this seed: as it is, again, and without the world outside.
    pub fn look(&self, seed: u64) -> Looked {
        self.look_at(&self.question(seed), seed)
    }

    /// Makes the question of this seed smaller as long as `shows` says that it shows the same.
    /// Returns the least question and its answer in words.
    pub fn smallest(&self, seed: u64, shows: &dyn Fn(&Looked) -> bool) -> (Looked, String) {
        let question = self.question(seed);
        let looked = self.look_at(&question, seed);
        let (least, shown) = smallest(question, looked, |simpler| {
            Some(self.look_at(simpler, seed)).filter(|found| shows(found))
        });
        let alone = |fault: &Fault| fault.property == Property::OutsideMayFail;
        let outside = !shown.broken.as_ref().is_some_and(alone);
        let answer = told(&self.ask(&least, seed, outside).answer);
        (shown, format!("  asked      {least}\n  answer     {answer}\n"))
    }

    fn question(&self, seed: u64) -> Question {
        questions::any(self.world, &mut Chance::new(seed))
    }

    /// Asks once, in fresh surroundings of this seed; `outside` tells whether anything answers there.
    pub(crate) fn ask(&self, question: &Question, seed: u64, outside: bool) -> Asked {
        let mut store = self.host.call_store(&self.loaded);
        let services = Surroundings::new(seed, self.settings.clone(), outside);
        store.data_mut().services = Some(Arc::new(services));
        let Entry::Called(called) = &self.loaded.entry else { unreachable!("loaded as called") };
        let answer = crate::engine::block_on(question.put.enter(called, &mut store));
        let fuel = self.host.call_fuel_burnt(&store);
        Asked { answer, fuel, memory_bytes: store.data().memory_bytes() as u64 }
    }

    fn look_at(&self, question: &Question, seed: u64) -> Looked {
        let asked = self.ask(question, seed, true);
        let mut looked = Looked {
            checked: Vec::new(),
            refused: None,
            ordinary: !question.strange,
            fuel: asked.fuel,
            memory_bytes: asked.memory_bytes,
            broken: None,
        };
        looked.broken = self.fault(question, seed, &asked, &mut looked);
        looked
    }

    /// Finds what does not hold, and writes down what was looked at.
    fn fault(
        &self,
        question: &Question,
        seed: u64,
        asked: &Asked,
        looked: &mut Looked,
    ) -> Option<Fault> {
        let whole = if question.strange { Property::TakesAnything } else { Property::Answers };
        looked.checked.push(whole);
        let fault = |property, wrong| Some(Fault { property, failure: None, wrong });
        match &asked.answer {
            Ok(value) => {
                looked.checked.push(Property::WellFormed);
                if let Some(wrong) = checks::problem(question, value) {
                    return fault(Property::WellFormed, wrong);
                }
            }
            Err(CallFailure { failure: PluginFailure::Refused(text), .. }) => {
                looked.refused = looked.ordinary.then(|| text.to_string());
                looked.checked.push(Property::ErrorsAreTold);
                if let Some(wrong) = unfit_error(text) {
                    return fault(Property::ErrorsAreTold, wrong);
                }
            }
            Err(failed) => return Some(Fault::ended(whole, failed)),
        }
        looked.checked.push(Property::Deterministic);
        let again = self.ask(question, seed, true);
        if again.answer != asked.answer || again.fuel != asked.fuel {
            let (first, then) = (told(&asked.answer), told(&again.answer));
            return fault(Property::Deterministic, format!("first {first}, then {then}"));
        }
        looked.checked.push(Property::OutsideMayFail);
        match self.ask(question, seed, false).answer {
            Ok(_) | Err(CallFailure { failure: PluginFailure::Refused(_), .. }) => None,
            Err(failed) => Some(Fault::ended(Property::OutsideMayFail, &failed)),
        }
    }
}

impl Fault {
    fn ended(property: Property, failed: &CallFailure) -> Self {
        let failure = failed.failure.clone();
        Self { property, wrong: failure.to_string(), failure: Some(failure) }
    }
}
