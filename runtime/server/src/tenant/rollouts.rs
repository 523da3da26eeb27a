//! Which version a contact has, and what is done when a canary takes itself back.

use std::sync::Arc;

use jackfield_core::{Attribute, RoutingAsk};
use jackfield_plugin_host::World;
use jackfield_store::{Contact, RolloutStep, normalize_phone};
use serde_json::json;

use super::{ActiveFlow, ActivePlugin, ActiveRouter, Event, Tenant, now};
use crate::rollout::{Pin, RolledBack, Subject};

impl Tenant {
    /// The router that answers this question: the active one, or a canary's candidate.
    pub fn router_for(&self, name: &str, ask: &RoutingAsk) -> Option<Arc<ActiveRouter>> {
        self.rollouts.router(name, ask).or_else(|| self.router(name))
    }

    /// The version of a flow that leads this contact, held until the pin is dropped: the active one, or
    /// a canary's candidate.
    pub fn pin_flow(&self, name: &str, subject: &Subject<'_>) -> Option<(Arc<ActiveFlow>, Pin)> {
        if let Some(candidate) = self.rollouts.flow(name, subject) {
            return Some(candidate);
        }
        // Under the lock: whoever replaces it sees the pin.
        let flows = self.flows.read().unwrap_or_else(|poison| poison.into_inner());
        let flow = flows.get(name)?;
        Some((Arc::clone(flow), flow.pins.pin()))
    }

    /// The version of a chatbot that leads this conversation, held until the pin is dropped: the active
    /// one, or a canary's candidate.
    pub fn pin_chatbot(
        &self,
        name: &str,
        subject: &Subject<'_>,
    ) -> Option<(Arc<ActivePlugin>, Pin)> {
        let candidate = self.rollouts.chatbot(name, subject);
        candidate.or_else(|| self.plugins.pin(name, World::Chatbot))
    }

    /// What is known of the customer, if a version of this flow or chatbot is chosen by that.
    pub fn customer_for(&self, name: &str, ani: Option<&str>) -> Vec<Attribute> {
        let Some(ani) = ani.filter(|_| self.rollouts.wants_customer(name)) else {
            return Vec::new();
        };
        let found = self.store.find_contact(ani).ok().flatten();
        let found = found.or_else(|| {
            let phone = normalize_phone(ani, self.config().country_code.as_deref()).ok()?;
            self.store.find_contact(&phone).ok().flatten()
        });
        found.map(attributes).unwrap_or_default()
    }

    /// Keeps and tells that a canary took itself back. It has happened already.
    pub fn took_back(&self, back: RolledBack) {
        let RolledBack { plugin, of, candidate, active, share, reason, pins, drain } = back;
        tracing::warn!(
            tenant = %self.id, plugin, candidate, active, share, reason,
            "a canary was rolled back: the candidate is worse than it may be"
        );
        if let Some(pins) = pins {
            self.drains.begin(&plugin, &candidate, &pins, drain);
        }
        self.rollouts.note(&plugin, "rolled_back");
        let data = json!({
            "plugin": plugin, "candidate": candidate, "active": active, "reason": reason,
        });
        let kind = "plugin_rolled_back".to_owned();
        // Without receivers the event is for nobody.
        let _ = self.events.send(Event { at_micros: now().as_micros(), kind, data });
        let step = RolloutStep {
            plugin,
            world: of.name().to_owned(),
            what: "rolled_back".to_owned(),
            candidate,
            active,
            share,
            reason,
            by: "jackfield".to_owned(),
            at_micros: now().as_micros(),
        };
        if let Err(error) = self.store.add_rollout_step(step) {
            tracing::error!(tenant = %self.id, %error, "a rollback is not kept: a restart would begin the canary again");
        }
    }
}

/// What a canary may be chosen by: segment, language, and the tenant's own fields.
fn attributes(contact: Contact) -> Vec<Attribute> {
    let named = [("segment", contact.segment), ("language", contact.language)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    named.chain(contact.fields).collect()
}
