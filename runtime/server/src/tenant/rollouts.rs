//! Which version a contact has, and what is done when a canary takes itself back.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jackfield_core::{Attribute, EstimateAsk, RoutingAsk};
use jackfield_plugin_host::{CallFailure, World};
use jackfield_store::{Contact, RolloutStep};
use serde_json::json;

use super::services::find_contact;
use super::{ActiveEstimator, ActiveFlow, ActivePlugin, ActiveRouter, Event, Tenant, now};
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

    /// The version of a chatbot that leads this conversation, or of another plugin that takes this call,
    /// held until the pin is dropped: the active one, or a canary's candidate.
    pub fn pin_called(
        &self,
        name: &str,
        world: World,
        subject: &Subject<'_>,
    ) -> Option<(Arc<ActivePlugin>, Pin)> {
        let candidate = self.rollouts.called(name, subject);
        let candidate = candidate.filter(|(called, _)| called.plugin.world() == world);
        candidate.or_else(|| self.plugins.pin(name, world))
    }

    /// Counts how a call went of a plugin that leads no contact, and takes its canary back if that is
    /// worse than it may be.
    pub fn answered(
        &self,
        active: &ActivePlugin,
        subject: &Subject<'_>,
        failure: Option<&CallFailure>,
    ) {
        let ActivePlugin { name, digest, .. } = active;
        if let Some(failure) = failure {
            self.figures(name).failed(&failure.failure, digest);
        }
        if let Some(back) = self.rollouts.answered(name, digest, subject, failure.is_some()) {
            self.took_back(back);
        }
    }

    /// The active version of a plugin whose candidate has failed a call: it takes the call over.
    pub fn instead_of(&self, failed: &ActivePlugin) -> Option<Arc<ActivePlugin>> {
        let active = self.plugins.get(&failed.name, failed.plugin.world())?;
        (active.digest != failed.digest).then_some(active)
    }

    /// Has the version whose turn it is answer a call that may be made twice; what a candidate fails, the
    /// active one answers. `None` if there is no plugin of this name.
    pub async fn ask_called<T>(
        &self,
        (name, world): (&str, World),
        subject: &Subject<'_>,
        ask: impl Fn(Arc<ActivePlugin>) -> BoxFuture<'static, Result<T, CallFailure>> + Send,
    ) -> Option<(Arc<ActivePlugin>, Result<T, CallFailure>)> {
        let (mut active, _pin) = self.pin_called(name, world, subject)?;
        loop {
            let answer = ask(Arc::clone(&active)).await;
            self.answered(&active, subject, answer.as_ref().err());
            match self.instead_of(&active).filter(|_| answer.is_err()) {
                Some(other) => active = other,
                None => return Some((active, answer)),
            }
        }
    }

    /// The estimator that answers this question: the active one, or a canary's candidate.
    pub fn estimator_for(&self, name: &str, ask: &EstimateAsk) -> Option<Arc<ActiveEstimator>> {
        self.rollouts.estimator(name, &estimated(ask)).or_else(|| self.estimator(name))
    }

    /// Counts how an estimator answered this question, and takes its canary back if that is worse than it
    /// may be.
    pub fn estimator_answered(&self, name: &str, digest: &str, ask: &EstimateAsk, failed: bool) {
        if let Some(back) = self.rollouts.answered(name, digest, &estimated(ask), failed) {
            self.took_back(back);
        }
    }

    /// What is known of the customer, if a version of this plugin is chosen by that.
    pub fn customer_for(&self, name: &str, ani: Option<&str>) -> Vec<Attribute> {
        let Some(ani) = ani.filter(|_| self.rollouts.wants_customer(name)) else {
            return Vec::new();
        };
        self.find_contact(ani).map(attributes).unwrap_or_default()
    }

    /// The card of whoever has this address, if it can be read.
    pub fn find_contact(&self, address: &str) -> Option<Contact> {
        let config = self.config();
        find_contact(&self.store, config.country_code.as_deref(), address).ok().flatten()
    }

    /// Keeps and tells that a canary took itself back. It has happened already.
    pub fn took_back(&self, back: RolledBack) {
        let RolledBack { plugin, world, candidate, active, share, reason, pins, drain } = back;
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
            world: world.name().to_owned(),
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

/// What is known of a contact whose wait is estimated.
fn estimated(ask: &EstimateAsk) -> Subject<'_> {
    let EstimateAsk { interaction, queue, attributes, .. } = ask;
    Subject { interaction: *interaction, queue: Some(queue), dialled: None, attributes }
}

/// What a canary may be chosen by: segment, language, and the tenant's own fields.
fn attributes(contact: Contact) -> Vec<Attribute> {
    let named = [("segment", contact.segment), ("language", contact.language)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    named.chain(contact.fields).collect()
}
