//! The questions of the conformance suite put to a metered component: what certification counts on,
//! since the same seed takes the same fuel and has the same answer on every machine.

use std::sync::Arc;

use super::look::{Asked, Looked, look, smallest};
use super::questions::{self, Chance, Question};
use super::surroundings::Surroundings;
use super::told;
use crate::host::{Entry, Loaded};
use crate::metered::MeteredHost;
use crate::{Grants, InstallError, World};

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
        look(&self.question(seed), &|question, outside| self.ask(question, seed, outside))
    }

    /// Makes the question of this seed, which showed `first`, smaller as long as `shows` says that it
    /// shows the same. Returns what the least question showed, and it and its answer in words.
    pub fn smallest(
        &self,
        seed: u64,
        first: Looked,
        shows: &dyn Fn(&Looked) -> bool,
    ) -> (Looked, String) {
        let ask = |question: &Question, outside| self.ask(question, seed, outside);
        let (least, shown) = smallest(self.question(seed), first, &ask, shows);
        let answer = told(&shown.answer);
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
}
