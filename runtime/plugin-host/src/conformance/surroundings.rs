//! What a plugin finds around it while it is tried: a memory of its own, secrets of every name, an
//! outside that answers or does not.

use async_trait::async_trait;
use jackfield_core::Attribute;

use crate::asked::outbound::{HttpError, Request, Response};
use crate::asked::{channels, messaging};
use crate::{Card, CrmError, LogLevel, ReplayServices, Services, StateError};

pub struct Surroundings {
    kept: ReplayServices,
    settings: Vec<Attribute>,
    outside: bool,
}

impl Surroundings {
    pub fn new(seed: u64, mut settings: Vec<Attribute>, outside: bool) -> Self {
        settings.sort();
        let kept = ReplayServices::new(seed);
        let card = Card { id: "c1".to_owned(), name: "Eva".to_owned(), ..Card::default() };
        kept.add_card("+37120000009", card);
        Self { kept, settings, outside }
    }
}

#[async_trait]
impl Services for Surroundings {
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError> {
        self.kept.find_contact(address).await
    }

    async fn upsert_contact(
        &self,
        address: &str,
        name: Option<&str>,
        fields: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        self.kept.upsert_contact(address, name, fields).await
    }

    async fn add_note(
        &self,
        contact: &str,
        interaction: Option<&str>,
        text: &str,
    ) -> Result<(), CrmError> {
        self.kept.add_note(contact, interaction, text).await
    }

    async fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        self.kept.state_get(key).await
    }

    async fn state_set(
        &self,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Result<(), StateError> {
        self.kept.state_set(key, value, ttl_seconds).await
    }

    async fn state_compare_and_set(
        &self,
        key: &str,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, StateError> {
        self.kept.state_compare_and_set(key, expected, value).await
    }

    fn settings(&self) -> Vec<Attribute> {
        self.settings.clone()
    }

    fn secret(&self, name: &str) -> Option<String> {
        Some(format!("secret of {name}"))
    }

    async fn http(&self, _: Request) -> Result<Response, HttpError> {
        if !self.outside {
            return Err(HttpError::Unreachable("connection refused".to_owned()));
        }
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(Response { status: 200, headers, body: br#"{"id":"1","name":"Eva"}"#.to_vec() })
    }

    async fn send_message(
        &self,
        _: &str,
        _: channels::Outgoing,
    ) -> Result<messaging::Receipt, messaging::MessagingError> {
        if !self.outside {
            return Err(messaging::MessagingError::Unavailable);
        }
        Ok(messaging::Receipt { id: "1".to_owned(), state: "accepted".to_owned() })
    }

    fn count(&self, counter: &str, amount: u32) {
        self.kept.count(counter, amount);
    }

    fn observe(&self, distribution: &str, value: f64) {
        self.kept.observe(distribution, value);
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.kept.log(level, message);
    }

    fn now_micros(&self) -> u64 {
        self.kept.now_micros()
    }

    fn random(&self) -> f64 {
        self.kept.random()
    }
}
