//! Leads a made-up customer by a script, as far as what the customer does is known.
//!
//! The interpreter runs as for a call, in the sandbox; nothing waits, no telephone rings, nothing is
//! kept. All that the customer does is given each time, so the same order has the same steps.

mod customer;
mod marks;
mod order;

use std::sync::{Arc, Mutex, PoisonError};

use jackfield_core::CenterConfig;
use jackfield_plugin_host::{FlowPlugin, ReplayServices};
use serde::Serialize;

use customer::{Customer, Seen};
pub use order::{Order, OrderError, queue_end};

/// The seed of `random()`, the same for every customer.
const SEED: u64 = 1;

/// One thing that the script did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Step {
    /// When, in milliseconds from the arrival.
    pub at_ms: u64,
    /// `say`, `play`, `pause`, `ask`, `record`, `enqueue`, `callback`, `is_open`, `language`,
    /// `attribute`, `transfer`, `send_digits`, `answer`, `hang_up`, `log`.
    pub what: &'static str,
    /// What was said or asked, or what it is about.
    pub text: String,
    /// What came of it.
    pub answer: Option<String>,
    /// The line of the statement; `None` if it is not known.
    pub line: Option<u32>,
    /// The node of the graph.
    pub node: Option<usize>,
    /// The variables before the statement.
    pub variables: serde_json::Map<String, serde_json::Value>,
}

/// What the script waits for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// `digits`, `message`, `recording` or `queue`.
    pub kind: &'static str,
    /// Of a queue: its name.
    pub queue: Option<String>,
    /// The fewest digits.
    pub min: u8,
    /// The most digits.
    pub max: u8,
    /// The line of the statement; `None` if it is not known.
    pub line: Option<u32>,
    /// The node of the graph.
    pub node: Option<usize>,
}

/// How the script ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ended {
    /// `returned`, `hung_up`, `transferred`, `customer_left`, `failed` or `too_long`.
    pub how: &'static str,
    /// Why it failed, or what it said in hanging up.
    pub reason: Option<String>,
    /// Where it failed.
    pub line: Option<u32>,
}

/// How a customer was led.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Simulated {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What the script waits for, if it does.
    pub waiting: Option<Waiting>,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
    /// The last queue the customer was in.
    pub queue: Option<String>,
    /// What was kept on the contact.
    pub attributes: std::collections::BTreeMap<String, String>,
    /// The variables at the last statement that was begun.
    pub variables: serde_json::Map<String, serde_json::Value>,
}

/// What a simulation needs of a tenant.
#[derive(Clone, Debug)]
pub struct Around {
    /// The queues with their hours.
    pub center: Arc<CenterConfig>,
    /// The language in which callers are met.
    pub language: String,
    /// What is dialled for the flow.
    pub dialled: String,
    /// The moment of the call if the order names none, in microseconds since the Unix epoch.
    pub now_micros: u64,
}

/// The script with marks, and what they mean; the script as it is if it cannot be marked.
pub struct Marked {
    /// What the interpreter is given.
    pub script: String,
    marks: marks::Marks,
}

impl Marked {
    /// Marks a script, so that its steps have places.
    pub fn new(script: &str) -> Self {
        let (script, marks) = marks::mark(script);
        Self { script, marks }
    }
}

/// Leads the customer of `order` by a draft of the marked script.
///
/// # Errors
///
/// [`OrderError`] if the order makes no sense.
pub async fn simulate(
    draft: &FlowPlugin,
    marked: Marked,
    order: &Order,
    around: Around,
) -> Result<Simulated, OrderError> {
    order.check(&around)?;
    let services = Arc::new(ReplayServices::new(SEED));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let customer = Customer::new(order, around, marked.marks, &services, &seen)?;
    let outcome = draft.run(Box::new(customer), services.clone()).await;
    let mut seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    seen.hear(&services.take_log());
    let failed = outcome.result.err();
    let ended = match (seen.ended.take(), failed) {
        (Some(ended), _) => Some(ended),
        (None, _) if seen.waiting.is_some() => None,
        (None, Some(failure)) => {
            let line = failure.script.as_ref().map(|place| place.line).filter(|line| 0 < *line);
            let reason = Some(failure.to_string());
            Some(Ended { how: "failed", reason, line })
        }
        (None, None) => Some(Ended { how: "returned", reason: None, line: None }),
    };
    Ok(Simulated {
        steps: seen.steps,
        waiting: seen.waiting,
        ended,
        queue: seen.queue,
        attributes: seen.attributes,
        variables: seen.variables,
    })
}
