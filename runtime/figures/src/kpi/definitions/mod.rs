//! Every KPI once: its key, its names, its formula in words and as code, its unit, what vendors do
//! differently.
//!
//! Reports are rendered from this list, so a definition that is printed is the one that was
//! computed. A answered, B abandoned in the queue, CB callback requested, F flow-out; `≤T` means
//! "with a wait of at most T", `B_s` "abandoned with a wait of at most s".

mod agents;
mod asked;
mod contacts;
mod conversations;
mod queues;
mod service_levels;
mod vendors;

use super::figure::{Figure, Unit};
use super::parameters::Parameters;
use super::tally::Tally;

/// One key performance indicator.
#[derive(Clone, Copy, Debug)]
pub struct Kpi {
    /// Its key in JSON and CSV. A dot separates a vendor's name from the vendor's word.
    pub id: &'static str,
    /// Its name.
    pub english: &'static str,
    /// Its name in Russian.
    pub russian: &'static str,
    /// How it is made, in words.
    pub formula: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// Who else uses it, and what they do differently; may be empty.
    pub notes: &'static str,
    /// How it is made.
    pub of: fn(&Tally, &Parameters) -> Figure,
}

/// Returns all KPI in the order they are shown in.
pub fn all() -> impl Iterator<Item = &'static Kpi> {
    let parts: [&'static [Kpi]; 6] = [
        queues::KPIS,
        service_levels::KPIS,
        conversations::KPIS,
        contacts::KPIS,
        agents::KPIS,
        vendors::KPIS,
    ];
    parts.into_iter().flatten()
}

/// Returns the KPI with this key.
pub fn by_id(id: &str) -> Option<&'static Kpi> {
    all().find(|kpi| kpi.id == id)
}
