//! What the set-up's words for rights stand for.

use crate::config;
use crate::http::auth::Scope;

/// Returns the rights that a token has.
pub fn scopes(given: &[config::Scope]) -> Vec<Scope> {
    use Scope::{Agents, Contacts, Flows, Plugins, Read};
    let mut scopes: Vec<_> = given
        .iter()
        .flat_map(|scope| match scope {
            config::Scope::Read => &[Read][..],
            config::Scope::Write => &[Read, Agents, Contacts],
            config::Scope::Admin => &[Read, Agents, Contacts, Flows, Plugins],
        })
        .copied()
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
