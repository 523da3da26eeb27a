//! A host for the tests of plugins: what a plugin asks is answered here, and written down.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::Attribute;
use crate::clock::Civil;
use crate::crm::{Card, CrmError};
use crate::outside::messaging::{MessagingError, Receipt};
use crate::outside::secrets::SecretError;
use crate::outside::{Addresses, CustomerKind, HttpError, Request, Response};
use crate::router::history::PastContact;
use crate::state::StateError;

use super::hmac::hmac_sha256;

/// The longest key of the state.
const KEY_BYTES: usize = 256;

thread_local! {
    static HOST: RefCell<Option<MockHost>> = const { RefCell::new(None) };
}

/// Lets the host of this thread answer.
///
/// # Panics
///
/// If the test has none.
pub(crate) fn with_host<T>(answer: impl FnOnce(&MockHost) -> T) -> T {
    let host = HOST.with_borrow(Clone::clone);
    answer(&host.expect("the plugin asked its host, and the test has none: call `MockHost::new`"))
}

/// The host of the test that made it: there is one for each thread at a time, the newest.
#[derive(Clone, Debug)]
pub struct MockHost(Rc<RefCell<World>>);

#[derive(Debug)]
struct World {
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    answers: VecDeque<Result<Response, HttpError>>,
    requests: Vec<Request>,
    channels: BTreeSet<String>,
    sent: Vec<String>,
    cards: BTreeMap<String, Card>,
    addresses: BTreeMap<String, Addresses>,
    notes: Vec<String>,
    history: Vec<PastContact>,
    state: BTreeMap<String, Vec<u8>>,
    counters: BTreeMap<String, u32>,
    observed: BTreeMap<String, Vec<f64>>,
    now_seconds: f64,
    civil: Civil,
    chances: VecDeque<f64>,
}

impl Default for MockHost {
    fn default() -> Self {
        Self::new()
    }
}

/// What a test says there is.
impl MockHost {
    /// A host that knows nobody and has no settings, in the place of the one before.
    pub fn new() -> Self {
        let civil = Civil { year: 2024, month: 1, day: 1, hour: 12, minute: 0, weekday: 1 };
        let host = Self(Rc::new(RefCell::new(World {
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            answers: VecDeque::new(),
            requests: Vec::new(),
            channels: BTreeSet::new(),
            sent: Vec::new(),
            cards: BTreeMap::new(),
            addresses: BTreeMap::new(),
            notes: Vec::new(),
            history: Vec::new(),
            state: BTreeMap::new(),
            counters: BTreeMap::new(),
            observed: BTreeMap::new(),
            now_seconds: 0.0,
            civil,
            chances: VecDeque::new(),
        })));
        HOST.set(Some(host.clone()));
        host
    }

    fn change(&self, change: impl FnOnce(&mut World)) -> &Self {
        change(&mut self.0.borrow_mut());
        self
    }

    /// Gives a setting this value.
    pub fn set(&self, name: &str, value: &str) -> &Self {
        self.change(|it| drop(it.settings.insert(name.to_owned(), value.to_owned())))
    }

    /// Gives the plugin a secret.
    pub fn secret(&self, name: &str, value: &str) -> &Self {
        self.change(|it| drop(it.secrets.insert(name.to_owned(), value.to_owned())))
    }

    /// The next request that has no answer yet is answered so. Without one nobody is reached.
    pub fn answer(&self, status: u16, body: &str) -> &Self {
        let body = body.as_bytes().to_vec();
        self.change(|it| it.answers.push_back(Ok(Response { status, headers: Vec::new(), body })))
    }

    /// The next request that has no answer yet fails so.
    pub fn fail(&self, error: HttpError) -> &Self {
        self.change(|it| it.answers.push_back(Err(error)))
    }

    /// The tenant has a channel of this name.
    pub fn channel(&self, name: &str) -> &Self {
        self.change(|it| it.channels.extend([name.to_owned()]))
    }

    /// The CRM knows a customer, reached at this address, or at others of its [`Addresses`].
    pub fn customer(&self, address: &str, card: Card, addresses: Addresses) -> &Self {
        self.change(|it| {
            it.addresses.insert(card.id.clone(), addresses);
            it.cards.insert(address.to_owned(), card);
        })
    }

    /// The customer who waits was here before, latest first.
    pub fn history(&self, past: Vec<PastContact>) -> &Self {
        self.change(|it| it.history = past)
    }

    /// A value is in the plugin's state.
    pub fn keep(&self, key: &str, value: &[u8]) -> &Self {
        self.change(|it| drop(it.state.insert(key.to_owned(), value.to_vec())))
    }

    /// It is so many seconds since the journal began, and this moment on the wall clock.
    pub fn at(&self, now_seconds: f64, civil: Civil) -> &Self {
        self.change(|it| (it.now_seconds, it.civil) = (now_seconds, civil))
    }

    /// Chance answers these, one after the other, then 0.5.
    pub fn chances(&self, chances: &[f64]) -> &Self {
        self.change(|it| it.chances = chances.iter().copied().collect())
    }
}

/// What a test finds afterwards.
impl MockHost {
    /// Requests to outside, the oldest first. Secrets stand in them as the plugin wrote them:
    /// `{{secret:NAME}}`.
    pub fn requests(&self) -> Vec<Request> {
        self.0.borrow().requests.clone()
    }

    /// Messages sent by channels, as `CHANNEL TO: TEXT`.
    pub fn sent(&self) -> Vec<String> {
        self.0.borrow().sent.clone()
    }

    /// Notes about customers, as `CONTACT: TEXT`.
    pub fn notes(&self) -> Vec<String> {
        self.0.borrow().notes.clone()
    }

    /// What a counter has come to.
    pub fn counted(&self, counter: &str) -> u32 {
        self.0.borrow().counters.get(counter).copied().unwrap_or(0)
    }

    /// What was observed of a distribution.
    pub fn observed(&self, distribution: &str) -> Vec<f64> {
        self.0.borrow().observed.get(distribution).cloned().unwrap_or_default()
    }

    /// What is in the plugin's state.
    pub fn kept(&self, key: &str) -> Option<Vec<u8>> {
        self.0.borrow().state.get(key).cloned()
    }
}

/// What a plugin asks.
impl MockHost {
    pub(crate) fn setting(&self, name: &str) -> Option<String> {
        self.0.borrow().settings.get(name).cloned()
    }

    pub(crate) fn settings(&self) -> Vec<Attribute> {
        self.0.borrow().settings.clone().into_iter().collect()
    }

    pub(crate) fn secret_known(&self, name: &str) -> bool {
        self.0.borrow().secrets.contains_key(name)
    }

    fn secret_of<T>(&self, name: &str, then: impl FnOnce(&str) -> T) -> Result<T, SecretError> {
        match self.0.borrow().secrets.get(name) {
            Some(secret) => Ok(then(secret)),
            None => Err(SecretError::UnknownName(name.to_owned())),
        }
    }

    pub(crate) fn hmac_sha256(&self, name: &str, data: &[u8]) -> Result<Vec<u8>, SecretError> {
        self.secret_of(name, |secret| hmac_sha256(secret.as_bytes(), data))
    }

    pub(crate) fn verify_hmac_sha256(
        &self,
        name: &str,
        data: &[u8],
        code: &[u8],
    ) -> Result<bool, SecretError> {
        self.secret_of(name, |secret| hmac_sha256(secret.as_bytes(), data) == code)
    }

    pub(crate) fn secret_equals(&self, name: &str, candidate: &str) -> Result<bool, SecretError> {
        self.secret_of(name, |secret| secret == candidate)
    }

    pub(crate) fn send_request(&self, request: &Request) -> Result<Response, HttpError> {
        let texts = request.headers.iter().map(|(_, value)| value.as_str());
        for name in texts.flat_map(secrets_in) {
            self.secret_of(name, |_| ()).map_err(|_| {
                HttpError::Invalid(format!(
                    "there is no secret `{name}`: add it to `secrets` of the plugin's entry"
                ))
            })?;
        }
        let mut world = self.0.borrow_mut();
        world.requests.push(request.clone());
        let nobody = || Err(HttpError::Unreachable("the test has no answer left".to_owned()));
        world.answers.pop_front().unwrap_or_else(nobody)
    }

    pub(crate) fn send_message(
        &self,
        channel: &str,
        to: &str,
        text: &str,
        _: &[Attribute],
    ) -> Result<Receipt, MessagingError> {
        let mut world = self.0.borrow_mut();
        if !world.channels.contains(channel) {
            return Err(MessagingError::UnknownChannel(channel.to_owned()));
        }
        world.sent.push(format!("{channel} {to}: {text}"));
        Ok(Receipt { id: world.sent.len().to_string(), state: "accepted".to_owned() })
    }

    pub(crate) fn find(&self, address: &str) -> Result<Card, CrmError> {
        let world = self.0.borrow();
        let by_id = || world.cards.values().find(|card| card.id == address);
        world.cards.get(address).or_else(by_id).cloned().ok_or(CrmError::NotFound)
    }

    pub(crate) fn kind(&self, address: &str) -> Result<CustomerKind, CrmError> {
        let Card { id, segment, language, .. } = self.find(address)?;
        Ok(CustomerKind { id, segment, language })
    }

    pub(crate) fn addresses_of(&self, contact: &str) -> Result<Addresses, CrmError> {
        self.0.borrow().addresses.get(contact).cloned().ok_or(CrmError::NotFound)
    }

    pub(crate) fn upsert(
        &self,
        address: &str,
        name: Option<&str>,
        fields: &[Attribute],
    ) -> Result<String, CrmError> {
        let mut card = self.find(address).unwrap_or_else(|_| Card {
            id: format!("c{}", self.0.borrow().cards.len() + 1),
            name: String::new(),
            language: None,
            segment: None,
            fields: Vec::new(),
        });
        card.name = name.map_or(card.name, str::to_owned);
        card.fields.retain(|(known, _)| fields.iter().all(|(named, _)| named != known));
        card.fields.extend_from_slice(fields);
        let id = card.id.clone();
        self.change(|it| drop(it.cards.insert(address.to_owned(), card)));
        Ok(id)
    }

    pub(crate) fn note(&self, contact: &str, _: Option<&str>, text: &str) -> Result<(), CrmError> {
        self.find(contact)?;
        self.change(|it| it.notes.push(format!("{contact}: {text}")));
        Ok(())
    }

    pub(crate) fn recent(&self) -> Vec<PastContact> {
        self.0.borrow().history.clone()
    }

    pub(crate) fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        if KEY_BYTES < key.len() { Err(StateError::TooLarge) } else { Ok(self.kept(key)) }
    }

    pub(crate) fn state_set(
        &self,
        key: &str,
        value: &[u8],
        _: Option<u32>,
    ) -> Result<(), StateError> {
        self.state_get(key)?;
        self.keep(key, value);
        Ok(())
    }

    pub(crate) fn state_compare_and_set(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        value: &[u8],
    ) -> Result<bool, StateError> {
        let same = self.state_get(key)?.as_deref() == expected;
        if same {
            self.keep(key, value);
        }
        Ok(same)
    }

    pub(crate) fn add(&self, counter: &str, amount: u32) {
        self.change(|it| {
            let sum = it.counters.entry(counter.to_owned()).or_default();
            *sum = sum.saturating_add(amount);
        });
    }

    pub(crate) fn observe(&self, distribution: &str, value: f64) {
        self.change(|it| it.observed.entry(distribution.to_owned()).or_default().push(value));
    }

    pub(crate) fn now_seconds(&self) -> f64 {
        self.0.borrow().now_seconds
    }

    pub(crate) fn utc(&self) -> Civil {
        self.0.borrow().civil
    }

    pub(crate) fn random(&self) -> f64 {
        self.0.borrow_mut().chances.pop_front().unwrap_or(0.5)
    }
}

/// The names that `{{secret:NAME}}` has in a text.
fn secrets_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{secret:").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0))
}

#[cfg(test)]
mod tests;
