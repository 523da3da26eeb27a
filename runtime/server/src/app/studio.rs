//! The flow studio's work: looking at scripts, leading made-up customers by them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jackfield_core::Channel;
use jackfield_store::{InteractionFilter, InteractionRecord, Scenario, StoreError, TimelineEvent};
use tokio::sync::Semaphore;

use super::App;
use crate::studio::effect::{Effect, Recorded, effect};
use crate::studio::scenario::{Body, Tried};
use crate::studio::simulate::{Around, Marked, Order, OrderError, Simulated, simulate};
use crate::studio::{Analysis, Known, Missing, analyse};
use crate::tenant::{Tenant, now};

/// Customers who are led at once: each takes a place that a caller may need.
static PLACES: Semaphore = Semaphore::const_new(2);
/// How long leading one customer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most scenarios of a flow.
pub const SCENARIOS_MAX: usize = 100;

/// The most callers of a time that is looked at.
const CALLERS_MAX: usize = 100_000;

/// The callers that were looked at last: while a script is written they are the same.
static LATEST: Mutex<Option<(String, Arc<Vec<Recorded>>)>> = Mutex::new(None);

/// Why a customer was not led.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// The order makes no sense.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The interpreter is not there.
    #[error("the interpreter cannot be used: {0}")]
    Interpreter(String),
    /// It takes too long.
    #[error("the script was still at work after {} s", PATIENCE.as_secs())]
    TooSlow,
    /// Nothing serves yet that could be compared with.
    #[error("no version of the flow `{0}` serves: there is nothing to compare with")]
    NothingServes(String),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Known for Tenant {
    fn queues(&self) -> std::collections::BTreeSet<String> {
        self.config().center.queues.keys().map(ToString::to_string).collect()
    }

    fn language(&self) -> String {
        self.config().language.clone()
    }

    fn prompt(&self, name: &str, language: &str) -> Result<(), Missing> {
        use jackfield_telephony::speech::PromptError;
        let Some(library) = &self.prompts else { return Err(Missing::default()) };
        match library.get(name, language) {
            Err(PromptError::Unknown { near, .. }) => {
                let nearest = near.first().map(|name| name.trim_matches('`').to_owned());
                Err(Missing { nearest })
            }
            Err(PromptError::BadName(_)) => Err(Missing::default()),
            // A file that is no use says so where it is played.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn destination(&self, number: &str) -> Result<(), String> {
        self.dial_request(number, "anonymous", Vec::new()).map(|_| ())
    }
}

/// Looks at a script on a thread that may wait for files.
pub async fn analyse_flow(tenant: &Arc<Tenant>, script: String) -> Option<Analysis> {
    let tenant = Arc::clone(tenant);
    tokio::task::spawn_blocking(move || analyse(&script, &*tenant)).await.ok()
}

impl App {
    /// Leads the customer of `order` by a script that is not published.
    ///
    /// # Errors
    ///
    /// [`StudioError`]; what goes wrong in the script itself is a part of the answer.
    pub async fn simulate_flow(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
        order: &Order,
    ) -> Result<Simulated, StudioError> {
        let Ok(_place) = PLACES.acquire().await else { unreachable!("they are never closed") };
        let marked = Marked::new(script);
        let draft = self.plugins.draft(&self.interpreter_digest, &marked.script);
        let draft = draft.map_err(|error| StudioError::Interpreter(error.to_string()))?;
        let config = tenant.config();
        let around = Around {
            center: Arc::new(config.center.clone()),
            language: config.language.clone(),
            dialled: self.numbers_of(&tenant.id, flow).into_iter().next().unwrap_or_default(),
            now_micros: now().as_micros(),
        };
        let led = tokio::time::timeout(PATIENCE, simulate(&draft, marked, order, around)).await;
        Ok(led.map_err(|_| StudioError::TooSlow)??)
    }

    /// Tries a script by every scenario of its flow.
    ///
    /// # Errors
    ///
    /// [`StudioError`] if the scenarios cannot be read.
    pub async fn try_scenarios(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
    ) -> Result<Vec<Tried>, StudioError> {
        let mut all = Vec::new();
        for Scenario { name, body, .. } in tenant.store.scenarios(flow)? {
            let failures = match serde_json::from_str::<Body>(&body) {
                Ok(body) => match self.simulate_flow(tenant, flow, script, &body.order).await {
                    Ok(simulated) => body.judge(&simulated),
                    Err(error) => vec![error.to_string()],
                },
                Err(error) => vec![format!("it cannot be read: {error}")],
            };
            all.push(Tried { name, passed: failures.is_empty(), failures });
        }
        Ok(all)
    }

    /// Compares a script with the active one on the callers from `from` up to, not including,
    /// `until`, in microseconds since the Unix epoch. With `each`, no caller is spared.
    ///
    /// # Errors
    ///
    /// [`StudioError`] if there is nothing to compare with, or the store cannot be read.
    pub async fn flow_effect(
        &self,
        tenant: &Arc<Tenant>,
        flow: &str,
        script: &str,
        (from, until): (u64, u64),
        each: bool,
    ) -> Result<Effect, StudioError> {
        let active = tenant.store.active_flow(flow)?;
        let number = active.as_ref().map(|active| active.version);
        let version = number.map(|number| tenant.store.flow_version(flow, number)).transpose()?;
        let version = version.flatten().filter(|version| !version.script.is_empty());
        let version = version.ok_or_else(|| StudioError::NothingServes(flow.to_owned()))?;
        let Ok(_place) = PLACES.acquire().await else { unreachable!("they are never closed") };
        let draft = |script: &str| {
            let draft = self.plugins.draft(&self.interpreter_digest, script);
            draft.map_err(|error| StudioError::Interpreter(error.to_string()))
        };
        let (active, other) = (draft(&version.script)?, draft(script)?);
        let (owner, name) = (Arc::clone(tenant), flow.to_owned());
        let callers = tokio::task::spawn_blocking(move || callers(&owner, &name, from, until));
        let callers =
            callers.await.map_err(|error| StudioError::Interpreter(error.to_string()))??;
        let config = tenant.config();
        let around = Arc::new(Around {
            center: Arc::new(config.center.clone()),
            language: config.language.clone(),
            dialled: String::new(),
            now_micros: from,
        });
        Ok(effect((&active, &other), &callers, &around, each).await)
    }
}

/// The callers of a flow in a time of the past, read once.
fn callers(
    tenant: &Tenant,
    flow: &str,
    from: u64,
    until: u64,
) -> Result<Arc<Vec<Recorded>>, StoreError> {
    let key = format!("{} {flow} {from} {until}", tenant.id);
    let latest = || LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, callers)) = &*latest()
        && *known == key
    {
        return Ok(Arc::clone(callers));
    }
    let (from_micros, to) = (Some(from), Some(until));
    let wanted = InteractionFilter { from: from_micros, to, ..InteractionFilter::default() };
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = tenant.store.interactions(&wanted, cursor, 500)?;
        for record in page.items {
            if let Some(mut caller) = recorded(&record, flow) {
                if let Some(contact) = caller
                    .ani
                    .as_ref()
                    .map(|ani| tenant.store.find_contact(ani))
                    .transpose()?
                    .flatten()
                {
                    caller.card = Some(crate::tenant::card(contact));
                }
                all.push(caller);
            }
        }
        cursor = page.next;
        if cursor.is_none() || CALLERS_MAX <= all.len() {
            break;
        }
    }
    let callers = Arc::new(all);
    // What goes on changes still.
    if until <= now().as_micros() {
        *latest() = Some((key, Arc::clone(&callers)));
    }
    Ok(callers)
}

/// What is known of a caller whom this flow led.
fn recorded(record: &InteractionRecord, flow: &str) -> Option<Recorded> {
    let detail = |event: &TimelineEvent, name: &str| {
        let found = event.details.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let arrived = record.timeline.iter().find(|event| event.what == "arrived")?;
    if record.channel != Channel::Voice || detail(arrived, "flow").as_deref() != Some(flow) {
        return None;
    }
    let (mut entered, mut ends) = (Vec::new(), Vec::new());
    for event in &record.timeline {
        match event.what.as_str() {
            "gathered" => entered.push(detail(event, "digits").unwrap_or_default()),
            "left_queue" => ends.extend(detail(event, "end")),
            "abandoned" => ends.push("abandoned".to_owned()),
            _ => {}
        }
    }
    let (ani, dialled, arrived) = (record.ani.clone(), record.dnis.clone(), record.arrived_at);
    Some(Recorded { id: record.id.0, ani, dialled, arrived, entered, ends, card: None })
}
