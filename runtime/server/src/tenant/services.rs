//! What a tenant offers to one of its plugins.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, Weak};
use std::time::Duration;

use async_trait::async_trait;
use jackfield_core::{Attribute, PluginFailure, TenantId};
use jackfield_egress::{Egress, EgressError, Policy, Request};
use jackfield_plugin_host::asked::channels::Outgoing;
use jackfield_plugin_host::asked::messaging::{MessagingError, Receipt};
use jackfield_plugin_host::asked::outbound::{self, HttpError};
use jackfield_plugin_host::{
    Card, CrmError, Grant, Grants, Limit, LogLevel, PluginAccount, Services, StateError,
};
use jackfield_store::{
    CasOutcome, Contact, Lsn, Note, Store, StoreError, TenantStore, normalize_phone,
};
use serde_json::json;
use tokio::sync::broadcast;

use super::{Event, now};
use crate::config::{Current, TenantConfig};
use crate::worlds::{chats, connectors};

/// What a plugin has counted, and what was counted of it.
#[derive(Debug, Default)]
pub struct PluginFigures {
    /// Counters of the plugin's own.
    pub counters: Mutex<BTreeMap<String, u64>>,
    /// Distributions of the plugin's own: count and sum.
    pub distributions: Mutex<BTreeMap<String, (u64, f64)>>,
    /// Failures by label and digest.
    pub failures: Mutex<BTreeMap<(&'static str, String), u64>>,
}

impl PluginFigures {
    /// Counts a failure of the version with this digest.
    pub fn failed(&self, failure: &PluginFailure, digest: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(|poison| poison.into_inner());
        *failures.entry((failure.label(), digest.to_owned())).or_default() += 1;
    }
}

/// The state of one plugin as its versions come to it: those that know an earlier form of it than the one
/// it has now see none.
#[derive(Debug, Default)]
pub struct StateGate(RwLock<u64>);

impl StateGate {
    fn generation(&self) -> u64 {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `replace` while no version reads or writes. If it says that the state has another form now,
    /// only the version with these services has state from then on.
    pub fn replace<T>(&self, new: &TenantServices, replace: impl FnOnce() -> (T, bool)) -> T {
        let mut generation = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let (done, replaced) = replace();
        if replaced {
            *generation += 1;
            new.generation.store(*generation, Ordering::Relaxed);
        }
        done
    }
}

/// One tenant's services for one plugin.
pub struct TenantServices {
    tenant: TenantId,
    plugin: String,
    store: TenantStore,
    journal: Store,
    config: Arc<Current<TenantConfig>>,
    figures: Arc<PluginFigures>,
    account: Arc<PluginAccount>,
    grants: Grants,
    egress: Arc<Egress>,
    /// For what goes through another plugin of the tenant, which must not keep the tenant alive.
    whole: Weak<super::Tenant>,
    random: AtomicU64,
    events: broadcast::Sender<Event>,
    gate: Arc<StateGate>,
    /// Which generation of the plugin's state this version knows the form of.
    generation: AtomicU64,
}

impl TenantServices {
    /// Creates the services of `plugin` in the tenant of `store`.
    pub fn new(tenant: &Arc<super::Tenant>, plugin: &str) -> Self {
        let gate = tenant.state_gate(plugin);
        Self {
            tenant: tenant.id.clone(),
            plugin: plugin.to_owned(),
            store: tenant.store.clone(),
            journal: tenant.journal.clone(),
            config: Arc::clone(&tenant.config),
            figures: tenant.figures(plugin),
            account: tenant.account.plugin(plugin),
            grants: Grants::default(),
            egress: Arc::clone(&tenant.egress),
            whole: Arc::downgrade(tenant),
            random: AtomicU64::new(now().as_micros()),
            events: tenant.events.clone(),
            generation: AtomicU64::new(gate.generation()),
            gate,
        }
    }

    /// Held while state is read or written, unless another version has taken it over.
    fn has_state(&self) -> Result<RwLockReadGuard<'_, u64>, StateError> {
        let generation = self.gate.0.read().unwrap_or_else(PoisonError::into_inner);
        let mine = self.generation.load(Ordering::Relaxed);
        if *generation == mine { Ok(generation) } else { Err(StateError::Unavailable) }
    }

    /// Tells whoever watches the tenant: the plugin's author, while it is made.
    fn tell(&self, level: LogLevel, message: &str) {
        if self.events.receiver_count() == 0 {
            return;
        }
        let level = match level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        let data = json!({ "plugin": self.plugin, "level": level, "message": message });
        let kind = "plugin_log".to_owned();
        // Without receivers the line is for nobody.
        let _ = self.events.send(Event { at_micros: now().as_micros(), kind, data });
    }

    /// Gives the plugin what it was granted; without, no secret leaves for it.
    #[must_use]
    pub fn with_grants(mut self, grants: &Grants) -> Self {
        self.grants.clone_from(grants);
        self
    }

    /// Asks the connector that is there for it. What it answers is not kept: it may change there.
    async fn find_elsewhere(&self, address: &str) -> Option<Card> {
        let tenant = self.whole.upgrade()?;
        connectors::find(&tenant, &self.plugin, address).await
    }

    async fn durable(&self, lsn: Lsn) -> Result<(), CrmError> {
        self.journal.durable(lsn).await.map_err(|_| CrmError::Unavailable)
    }

    /// What the plugin may keep with one more write of `key`: the rest of its own quota, or of the
    /// tenant's, whichever is less.
    fn state_room(&self, key: &str, at: u64) -> Result<u64, StateError> {
        let tenant = self.account.tenant();
        let limits = tenant.limits();
        let count = || self.store.state_count(&self.plugin).unwrap_or(0);
        let known = self.store.state_get(&self.plugin, key, at).map_err(state_error)?.is_some();
        if !known && limits.state_keys <= self.account.state_keys(count) {
            // Some may have gone since, their time being over.
            self.account.note_state_key(None);
            if limits.state_keys <= self.account.state_keys(count) {
                self.account.met(Limit::StateKeys);
                return Err(StateError::Quota);
            }
        }
        let mut others = 0;
        for plugin in tenant.plugins() {
            if plugin.name() != self.plugin {
                others += self.store.state_usage(plugin.name()).map_err(state_error)?;
            }
        }
        if !known {
            self.account.note_state_key(Some(()));
        }
        Ok(limits.plugin_state_bytes.min(limits.state_bytes.saturating_sub(others)))
    }

    fn kept<T>(&self, result: Result<T, StoreError>) -> Result<T, StateError> {
        if result.is_err() {
            self.account.note_state_key(None);
        }
        result.map_err(|error| {
            let error = state_error(error);
            if error == StateError::Quota {
                self.account.met(Limit::StateBytes);
            }
            error
        })
    }

    fn find(&self, address: &str) -> Result<Option<Contact>, StoreError> {
        find_contact(&self.store, self.config.get().country_code.as_deref(), address)
    }
}

/// The card of whoever has this address. National numbers are completed as the tenant's configuration says.
pub fn find_contact(
    store: &TenantStore,
    country_code: Option<&str>,
    address: &str,
) -> Result<Option<Contact>, StoreError> {
    if let Some(found) = store.find_contact(address)? {
        return Ok(Some(found));
    }
    match normalize_phone(address, country_code) {
        Ok(phone) => store.find_contact(&phone),
        Err(_) => Ok(None),
    }
}

/// A new contact with this address: a phone number or an e-mail address.
fn new_contact(address: &str) -> Contact {
    let mut contact = Contact::default();
    if address.contains('@') {
        contact.emails.push(address.to_owned());
    } else {
        contact.phones.push(address.to_owned());
    }
    contact
}

/// Shows a contact to plugins.
pub fn card(contact: Contact) -> Card {
    Card {
        id: contact.id,
        name: contact.name,
        language: contact.language,
        segment: contact.segment,
        fields: contact.fields.into_iter().collect(),
    }
}

fn crm_error(error: StoreError) -> CrmError {
    match error {
        StoreError::NotFound { .. } => CrmError::NotFound,
        StoreError::Busy { .. } | StoreError::Failed { .. } | StoreError::Closed => {
            CrmError::Unavailable
        }
        other => CrmError::Invalid(other.to_string()),
    }
}

#[async_trait]
impl Services for TenantServices {
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError> {
        match self.find(address) {
            Ok(Some(contact)) => Ok(card(contact)),
            Ok(None) => self.find_elsewhere(address).await.ok_or(CrmError::NotFound),
            Err(error) => Err(crm_error(error)),
        }
    }

    async fn upsert_contact(
        &self,
        address: &str,
        name: Option<&str>,
        fields: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        let found = self.find(address).map_err(crm_error)?;
        let mut contact = found.unwrap_or_else(|| new_contact(address));
        if let Some(name) = name {
            name.clone_into(&mut contact.name);
        }
        contact.fields.extend(fields);
        contact.updated_at = now().as_micros();
        contact.normalize(self.config.get().country_code.as_deref()).map_err(crm_error)?;
        let (contact, lsn) = self.store.upsert_contact(contact).map_err(crm_error)?;
        self.durable(lsn).await?;
        Ok(contact.id)
    }

    async fn add_note(
        &self,
        contact: &str,
        interaction: Option<&str>,
        text: &str,
    ) -> Result<(), CrmError> {
        let interaction = interaction.and_then(|name| name.parse().ok());
        let note = Note {
            at_micros: now().as_micros(),
            interaction,
            text: text.to_owned(),
            author: self.plugin.clone(),
        };
        let lsn = self.store.add_note(contact, note).map_err(crm_error)?;
        self.durable(lsn).await
    }

    async fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        let _has = self.has_state()?;
        self.store.state_get(&self.plugin, key, now().as_micros()).map_err(state_error)
    }

    async fn state_set(
        &self,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Result<(), StateError> {
        let at = now().as_micros();
        let until = ttl_seconds.map(|ttl| at + u64::from(ttl) * 1_000_000);
        let lsn = {
            let _has = self.has_state()?;
            let room = self.state_room(key, at)?;
            let set = self.store.state_set(&self.plugin, key, Some(&value), at, until, room);
            self.kept(set)?
        };
        self.journal.durable(lsn).await.map_err(|_| StateError::Unavailable)
    }

    async fn state_compare_and_set(
        &self,
        key: &str,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, StateError> {
        let at = now().as_micros();
        let expected = expected.as_deref();
        let set = {
            let _has = self.has_state()?;
            let room = self.state_room(key, at)?;
            let value = Some(&value[..]);
            let set = self.store.state_cas(&self.plugin, key, expected, value, at, None, room);
            self.kept(set)?
        };
        match set {
            CasOutcome::Written(lsn) => {
                self.journal.durable(lsn).await.map_err(|_| StateError::Unavailable)?;
                Ok(true)
            }
            CasOutcome::Differs(_) => Ok(false),
        }
    }

    async fn contact_addresses(
        &self,
        contact: &str,
    ) -> Result<(Vec<String>, Vec<String>), CrmError> {
        let found = self.store.contact(contact).map_err(crm_error)?;
        let found = found.ok_or(CrmError::NotFound)?;
        Ok((found.phones, found.emails))
    }

    fn settings(&self) -> Vec<Attribute> {
        let config = self.config.get();
        config.plugins.get(&self.plugin).map(|entry| entry.settings.clone()).unwrap_or_default()
    }

    fn secret(&self, name: &str) -> Option<String> {
        let config = self.config.get();
        let secret = config.plugins.get(&self.plugin)?.secrets.get(name)?;
        Some(secret.expose().clone())
    }

    async fn http(&self, request: outbound::Request) -> Result<outbound::Response, HttpError> {
        let config = self.config.get();
        let entry = config.plugins.get(&self.plugin);
        let mut policy =
            Policy { owner: format!("{}/{}", self.tenant, self.plugin), ..Policy::default() };
        if let Some(entry) = entry {
            policy.hosts.clone_from(&entry.hosts);
            let secrets = entry.secrets.iter();
            let secrets = secrets.map(|(name, secret)| (name.clone(), secret.expose().clone()));
            // Without the grant a secret has no way out.
            if self.grants.has(Grant::Secrets) {
                policy.secrets = secrets.collect();
            }
        }
        if self.account.egress(weight(&request)).is_err() {
            let most = self.account.tenant().limits().egress_bytes_per_minute;
            let why =
                format!("limit egress: the tenant's plugins send {most} bytes a minute at most");
            return Err(HttpError::Limit(why));
        }
        outside(self.egress.send(&policy, sent(request)).await)
    }

    async fn send_message(
        &self,
        channel: &str,
        message: Outgoing,
    ) -> Result<Receipt, MessagingError> {
        let tenant = self.whole.upgrade().ok_or(MessagingError::Unavailable)?;
        chats::send(&tenant, channel, message).await
    }

    fn count(&self, counter: &str, amount: u32) {
        let mut counters =
            self.figures.counters.lock().unwrap_or_else(|poison| poison.into_inner());
        *counters.entry(counter.to_owned()).or_default() += u64::from(amount);
    }

    fn observe(&self, distribution: &str, value: f64) {
        let all = &self.figures.distributions;
        let mut all = all.lock().unwrap_or_else(|poison| poison.into_inner());
        let entry = all.entry(distribution.to_owned()).or_default();
        entry.0 += 1;
        entry.1 += value;
    }

    fn log(&self, level: LogLevel, message: &str) {
        let (tenant, plugin) = (&self.tenant, &self.plugin);
        self.tell(level, message);
        match level {
            LogLevel::Debug => tracing::debug!(%tenant, plugin, "{message}"),
            LogLevel::Info => tracing::info!(%tenant, plugin, "{message}"),
            LogLevel::Warn => tracing::warn!(%tenant, plugin, "{message}"),
            LogLevel::Error => tracing::error!(%tenant, plugin, "{message}"),
        }
    }

    fn now_micros(&self) -> u64 {
        now().as_micros()
    }

    fn random(&self) -> f64 {
        // SplitMix64 (Steele, Lea, Flood 2014): chance for menus and samples, not for secrets.
        let mut z = self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What a request sends, in bytes.
fn weight(request: &outbound::Request) -> u64 {
    let headers = request.headers.iter().map(|(name, value)| name.len() + value.len());
    (request.url.len() + request.body.len() + headers.sum::<usize>()) as u64
}

/// A guest's request in the words of the way out.
fn sent(request: outbound::Request) -> Request {
    let method = match request.method {
        outbound::Method::Get => "GET",
        outbound::Method::Head => "HEAD",
        outbound::Method::Post => "POST",
        outbound::Method::Put => "PUT",
        outbound::Method::Patch => "PATCH",
        outbound::Method::Delete => "DELETE",
    };
    Request {
        method,
        url: request.url,
        headers: request.headers,
        body: request.body,
        timeout: request.timeout_ms.map(|span| Duration::from_millis(span.max(1).into())),
    }
}

fn outside(
    answered: Result<jackfield_egress::Response, EgressError>,
) -> Result<outbound::Response, HttpError> {
    match answered {
        Ok(response) => Ok(outbound::Response {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }),
        Err(error) => Err(match error {
            EgressError::Invalid(why) => HttpError::Invalid(why),
            EgressError::NotAllowed(why) => HttpError::NotAllowed(why),
            EgressError::Limit(which) => HttpError::Limit(which),
            EgressError::Timeout => HttpError::Timeout,
            EgressError::Unreachable(how) => HttpError::Unreachable(how),
        }),
    }
}

fn state_error(error: StoreError) -> StateError {
    match error {
        StoreError::QuotaExceeded { .. } => StateError::Quota,
        StoreError::BadName { .. } | StoreError::TooLarge { .. } => StateError::TooLarge,
        _ => StateError::Unavailable,
    }
}
