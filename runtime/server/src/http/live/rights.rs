//! What the set-up's words for rights stand for.

use crate::access::Scope;
use crate::config;

/// Returns the rights that a token has.
pub fn scopes(given: &[config::Scope]) -> Vec<Scope> {
    use Scope::{Agents, Audit, Contacts, Flows, Plugins, Read, Users};
    let mut scopes: Vec<_> = given
        .iter()
        .flat_map(|scope| match scope {
            config::Scope::Read => &[Read][..],
            config::Scope::Write => &[Read, Agents, Contacts],
            config::Scope::Admin => &[Read, Agents, Contacts, Flows, Plugins, Users, Audit],
        })
        .copied()
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
