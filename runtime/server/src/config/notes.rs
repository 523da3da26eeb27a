//! What is allowed but most likely not meant.

use std::path::Path;

use super::problems::suggestion;
use super::{Config, TenantConfig};

/// Looks at the files that a configuration names.
pub fn notes(config: &Config) -> Vec<String> {
    let mut notes = Vec::new();
    let built = config.plugins.built();
    for (id, tenant) in &config.tenants {
        let mut missing = |key: &str, path: Option<&Path>| {
            if let Some(path) = path.filter(|path| !path.exists()) {
                notes.push(format!("`tenants.{id}.{key}`: there is no {}", path.display()));
            }
        };
        missing("contacts", tenant.contacts.as_deref());
        missing("prompts", tenant.prompts.as_deref());
        missing("music", tenant.music.as_deref());
        for (name, script) in &tenant.flows {
            missing(&format!("flows.{name}.script"), Some(script));
        }
        for (name, script) in &tenant.router_scripts {
            missing(&format!("routers.{name}.script"), Some(script));
        }
        for (name, extras) in &tenant.queue_extras {
            missing(&format!("queues.{name}.music"), extras.music.as_deref());
        }
        let routers = tenant.routers.iter().map(|plugin| ("routers", plugin));
        let estimators = tenant.estimators.iter().map(|plugin| ("estimators", plugin));
        for (kind, (name, plugin)) in routers.chain(estimators) {
            if config.plugins.find(plugin).is_none() {
                let near = suggestion(plugin, built.iter().map(String::as_str));
                notes.push(format!(
                    "`tenants.{id}.{kind}.{name}.plugin`: `{plugin}` is not built{near}"
                ));
            }
        }
        notes.extend(idle(tenant).map(|note| format!("`tenants.{id}.{note}")));
    }
    if config.numbers.iter().next().is_none() {
        notes.push("no number is defined: every call will be refused with 404".to_owned());
    }
    notes
}

/// Names queues that nobody serves.
fn idle(tenant: &TenantConfig) -> impl Iterator<Item = String> + '_ {
    let agents = &tenant.center.agents;
    let served = |queue| agents.values().any(|agent| agent.queues.contains_key(queue));
    let queues = tenant.center.queues.keys().filter(move |queue| !served(*queue));
    queues.map(|queue| format!("queues.{queue}`: no agent serves it"))
}
