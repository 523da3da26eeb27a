//! The plugins of a tenant that are asked once in a while.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jackfield_plugin_host::asked::channels::Capabilities;
use jackfield_plugin_host::{CalledPlugin, World};

use super::TenantServices;
use crate::rollout::{Pin, Pins};

/// A chatbot, a channel, a connector, an analyst or a pacer that serves now.
pub struct ActivePlugin {
    /// Its name in the tenant.
    pub name: String,
    /// The component's digest.
    pub digest: String,
    /// The component.
    pub plugin: CalledPlugin,
    /// What it may use.
    pub services: Arc<TenantServices>,
    /// Of a channel: what it can do.
    pub abilities: Option<Capabilities>,
    /// Of a chatbot: the conversations it leads.
    pub pins: Arc<Pins>,
}

/// The active ones by name.
#[derive(Default)]
pub struct Plugins(RwLock<BTreeMap<String, Arc<ActivePlugin>>>);

impl Plugins {
    /// The plugin of this name, if it is of this world.
    pub fn get(&self, name: &str, world: World) -> Option<Arc<ActivePlugin>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).filter(|active| active.plugin.world() == world).cloned()
    }

    /// The plugin of this name, if it is of this world, held until the pin is dropped.
    pub fn pin(&self, name: &str, world: World) -> Option<(Arc<ActivePlugin>, Pin)> {
        // Under the lock: whoever replaces it sees the pin.
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let active = all.get(name).filter(|active| active.plugin.world() == world)?;
        Some((Arc::clone(active), active.pins.pin()))
    }

    /// The plugin of this name, whatever its world.
    pub fn find(&self, name: &str) -> Option<Arc<ActivePlugin>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All of this world, by name.
    pub fn all(&self, world: World) -> Vec<Arc<ActivePlugin>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|active| active.plugin.world() == world).cloned().collect()
    }

    /// Lets a plugin serve from now on; what it replaces, if it does. Calls in progress are answered by
    /// the old one.
    pub fn switch(&self, plugin: Arc<ActivePlugin>) -> Option<Arc<ActivePlugin>> {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(plugin.name.clone(), plugin)
    }
}
