//! Who hears whom: bridges of two ports, mixes of more.
//!
//! A port is in one bridge or in one mix, or alone; what is said last holds. All changes are made
//! under one lock, which is taken before any lock of a port.

use std::collections::HashMap;
use std::sync::Arc;

use super::port::{Port, lock};
use crate::api::MixId;

/// Where goes what a port receives.
#[derive(Default)]
pub(super) enum Route {
    /// To nobody.
    #[default]
    Nobody,
    /// To the port it is bridged with.
    Peer(Arc<Port>),
    /// To those of a mix who hear it.
    Mix(MixId, Vec<Arc<Port>>),
}

/// The mixes and their ports.
#[derive(Default)]
pub(super) struct Topology {
    mixes: HashMap<MixId, Vec<Arc<Port>>>,
}

/// A port and those it hears.
pub(super) type Listener = (Arc<Port>, Vec<Arc<Port>>);

impl Topology {
    /// Bridges two ports. What plays on them stops.
    pub fn bridge(&mut self, one: &Arc<Port>, other: &Arc<Port>) {
        if Arc::ptr_eq(one, other) {
            return;
        }
        self.part(one);
        self.part(other);
        for (port, peer) in [(one, other), (other, one)] {
            lock(&port.tx).stop_playing();
            lock(&port.rx).route = Route::Peer(Arc::clone(peer));
        }
    }

    /// Takes a port out of its bridge or its mix.
    pub fn part(&mut self, port: &Arc<Port>) {
        let route = std::mem::take(&mut lock(&port.rx).route);
        match route {
            Route::Nobody => (),
            Route::Peer(peer) => lock(&peer.rx).route = Route::Nobody,
            Route::Mix(mix, _) => self.leave(mix, port),
        }
    }

    fn leave(&mut self, mix: MixId, port: &Arc<Port>) {
        lock(&port.tx).hear(None);
        let Some(members) = self.mixes.get_mut(&mix) else { return };
        members.retain(|member| !Arc::ptr_eq(member, port));
        for member in &*members {
            if let Route::Mix(_, listeners) = &mut lock(&member.rx).route {
                listeners.retain(|listener| !Arc::ptr_eq(listener, port));
            }
            let mut tx = lock(&member.tx);
            tx.forget(port.key());
            member.activate(&mut tx);
        }
        if members.is_empty() {
            self.mixes.remove(&mix);
        }
    }

    /// Sets who hears whom in a mix. Ports that were in it and are no longer are alone then; who
    /// goes on to hear the same port hears it without a gap. What plays on a port stops when it
    /// comes into the mix, not when the plan changes. Sources are held for `depth` samples.
    pub fn mix(&mut self, mix: MixId, plan: &[Listener], depth: u32) {
        let mut members: Vec<Arc<Port>> = Vec::new();
        let heard = plan.iter().flat_map(|(_, hears)| hears);
        for port in plan.iter().map(|(port, _)| port).chain(heard) {
            if !members.iter().any(|member| Arc::ptr_eq(member, port)) {
                members.push(Arc::clone(port));
            }
        }
        let before = self.mixes.get(&mix).cloned().unwrap_or_default();
        for gone in before.iter().filter(|old| !members.iter().any(|new| Arc::ptr_eq(old, new))) {
            self.part(gone);
        }
        for port in &members {
            if !before.iter().any(|old| Arc::ptr_eq(old, port)) {
                self.part(port);
                lock(&port.tx).stop_playing();
            }
        }
        for port in &members {
            let mut row = plan.iter().filter(|(listener, _)| Arc::ptr_eq(listener, port));
            let sources: Vec<usize> = row
                .next()
                .map(|(_, hears)| hears.iter().map(|source| source.key()).collect())
                .unwrap_or_default();
            let mut tx = lock(&port.tx);
            tx.hear(Some((&sources, depth)));
            port.activate(&mut tx);
        }
        for port in &members {
            let hearing = plan
                .iter()
                .filter(|(_, hears)| hears.iter().any(|source| Arc::ptr_eq(source, port)));
            let listeners = hearing.map(|(listener, _)| Arc::clone(listener)).collect();
            lock(&port.rx).route = Route::Mix(mix, listeners);
        }
        if members.is_empty() {
            self.mixes.remove(&mix);
        } else {
            self.mixes.insert(mix, members);
        }
    }
}

#[cfg(test)]
mod tests;
