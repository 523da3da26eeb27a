//! A candidate flow over recorded callers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::{CenterConfig, EndCause, InteractionId, QueueEnd};
use jackfield_plugin_host::{MeteredFlow, ReplayServices};
use jackfield_sim::replay::rerun::{Flow, FlowStep};
use jackfield_sim::replay::tape::Contact;
use jackfield_store::TimelineEvent;

use super::Material;
use super::caller::{Caller, Came, Lengths, entered};
use super::doors::Doors;

/// The candidate, with what is known of the callers.
pub struct Candidate<'m> {
    flow: MeteredFlow,
    material: &'m Material,
    config: Arc<CenterConfig>,
    lengths: Arc<Lengths>,
    doors: Arc<Doors>,
    /// The flow's name: callers of other flows are left alone.
    name: String,
    language: String,
    /// Callers whom the flow did not lead to its end.
    failures: Arc<Mutex<BTreeMap<InteractionId, String>>>,
}

impl<'m> Candidate<'m> {
    /// Prepares the candidate in stead of the flow `name`.
    pub fn new(
        flow: MeteredFlow,
        material: &'m Material,
        config: Arc<CenterConfig>,
        name: &str,
        language: &str,
        failures: Arc<Mutex<BTreeMap<InteractionId, String>>>,
    ) -> Self {
        let lengths = Arc::new(Lengths::learn(material.stories.values()));
        let doors = Arc::new(Doors::learn(&material.tapes));
        let (name, language) = (name.to_owned(), language.to_owned());
        Self { flow, material, config, lengths, doors, name, language, failures }
    }
}

/// The flow that a story says took the call.
fn flow_of(story: &[TimelineEvent]) -> Option<&str> {
    let arrived = story.iter().find(|event| event.what == "arrived")?;
    arrived.details.iter().find(|(name, _)| name == "flow").map(|(_, flow)| flow.as_str())
}

impl Flow for Candidate<'_> {
    /// Runs the flow from its beginning each time: it is deterministic, so the stays that have ended
    /// bring it to where it was.
    fn next(&mut self, id: InteractionId, contact: &Contact, ends: &[QueueEnd]) -> FlowStep {
        let Some(story) = self.material.stories.get(&id) else { return FlowStep::AsRecorded };
        if flow_of(story) != Some(&self.name) {
            return FlowStep::AsRecorded;
        }
        let came = Arc::new(Mutex::new(Came::default()));
        let caller = Caller {
            id,
            contact: contact.clone(),
            config: Arc::clone(&self.config),
            lengths: Arc::clone(&self.lengths),
            doors: Arc::clone(&self.doors),
            clock: contact.arrived,
            entered: entered(story).into_iter(),
            ends: ends.to_vec(),
            told: 0,
            language: self.language.clone(),
            attributes: BTreeMap::new(),
            came: Arc::clone(&came),
        };
        let services = ReplayServices::new(id.0);
        services.set_now_micros(contact.arrived.as_micros());
        if let Some((ani, card)) =
            contact.ani.as_ref().and_then(|ani| self.material.cards.get_key_value(ani))
        {
            services.add_card(ani, card.clone());
        }
        let ended = self.flow.run_to_end(Box::new(caller), Arc::new(services));
        let mut came = came.lock().unwrap_or_else(PoisonError::into_inner);
        let after = came.after;
        if let Some(step) = came.step.take() {
            return step;
        }
        match ended.outcome.result {
            Ok(()) => FlowStep::End { after, cause: EndCause::Completed },
            Err(failure) => {
                let why = failure.to_string();
                let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.insert(id, why.clone());
                FlowStep::End { after, cause: EndCause::Failed(why) }
            }
        }
    }
}
