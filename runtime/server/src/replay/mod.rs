//! A recorded time once more, with what is active and with a candidate.
//!
//! The tenant's journal is the tape ([`material`]); routers run metered and deterministically
//! ([`routers`]), and so does a candidate flow, whose caller presses the keys that the recorded caller
//! pressed ([`caller`], [`flow`]). [`run`] does the work on a thread of its own and says how far it
//! is; [`show`] puts the result into JSON. What is decided by it, a gate, is in `app`.

mod caller;
mod doors;
mod flow;
mod material;
mod order;
mod routers;
mod run;
mod show;

pub use material::{Material, from_lines};
pub use order::{FlowOrder, Order, RouterOrder};
pub use routers::{estimator_of, of_component as router_of};
pub use run::{Progress, ReplayError, Report, run};
pub use show::shown;
