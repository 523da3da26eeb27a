//! Who may do what: people with roles, access tokens with scopes, sessions of browsers.
//!
//! Nothing here knows HTTP: [`People`] keeps users and sessions and says who somebody is; the interface
//! asks it at each request and compares a route's [`Right`] with what they have.

mod audit;
mod elsewhere;
mod people;
mod role;
pub mod secret;
mod sign_in;
mod throttle;

pub use audit::{AuditLog, Keep};
pub use elsewhere::Vouched;
pub use people::{People, PeopleError, Policy, UserChange, rights_of};
pub use role::{Right, Rights, Role, Scope};
pub use sign_in::{Attempt, Refused, Signed};
pub use throttle::Pace;
