//! Services in memory that give the same answers in every run: for replay and simulation.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jackfield_core::Attribute;

use crate::{Card, CrmError, LogLevel, Services, StateError};

/// State of one plugin, keys and values together, in bytes.
const STATE_BYTES: usize = 1 << 20;
/// Longest key of the state, as the contract says.
const KEY_BYTES: usize = 256;
/// Longest value of the state.
const VALUE_BYTES: usize = 64 << 10;
/// Cards that plugins may add.
const CARDS: usize = 100_000;
/// Log lines that are kept; later ones are only counted.
const LOG_LINES: usize = 10_000;

/// What a tenant offers to a plugin of a replay: no store, no clock, no chance but the caller's.
///
/// Nothing waits, so every call of a plugin that has these ends within its first poll. The caller
/// moves the clock ([`set_now_micros`](Self::set_now_micros)) and gives the seed of
/// [`random`](Services::random); one value for each contact keeps contacts from seeing each other's
/// draws.
#[derive(Debug)]
pub struct ReplayServices(Mutex<Kept>);

#[derive(Clone, Debug)]
struct Kept {
    now_micros: u64,
    random: Pcg,
    cards: BTreeMap<String, Card>,
    state: BTreeMap<String, Value>,
    counters: BTreeMap<String, u64>,
    distributions: BTreeMap<String, (u64, f64)>,
    log: Vec<(LogLevel, String)>,
    log_dropped: u64,
}

#[derive(Clone, Debug)]
struct Value {
    bytes: Vec<u8>,
    until_micros: Option<u64>,
}

impl ReplayServices {
    /// Starts empty, at the Unix epoch, with chance made of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Kept {
            now_micros: 0,
            random: Pcg::new(seed),
            cards: BTreeMap::new(),
            state: BTreeMap::new(),
            counters: BTreeMap::new(),
            distributions: BTreeMap::new(),
            log: Vec::new(),
            log_dropped: 0,
        }))
    }

    /// Returns others that know and draw the same from here on.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }

    /// Sets the engine's clock, in microseconds since the Unix epoch.
    pub fn set_now_micros(&self, now: u64) {
        self.lock().now_micros = now;
    }

    /// Makes a customer known under an address.
    pub fn add_card(&self, address: &str, card: Card) {
        self.lock().cards.insert(address.to_owned(), card);
    }

    /// Returns what plugins counted, by name.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        self.lock().counters.clone()
    }

    /// Returns how many values plugins observed and their sum, by name.
    pub fn distributions(&self) -> BTreeMap<String, (u64, f64)> {
        self.lock().distributions.clone()
    }

    /// Takes the lines that plugins wrote, at most 10,000 since the last time.
    pub fn take_log(&self) -> Vec<(LogLevel, String)> {
        std::mem::take(&mut self.lock().log)
    }

    /// Returns how many lines were not kept.
    pub fn log_dropped(&self) -> u64 {
        self.lock().log_dropped
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn state_get(&self, key: &str) -> Option<&Vec<u8>> {
        let value = self.state.get(key)?;
        let fresh = value.until_micros.is_none_or(|until| self.now_micros < until);
        fresh.then_some(&value.bytes)
    }

    fn state_set(
        &mut self,
        key: &str,
        bytes: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Result<(), StateError> {
        if KEY_BYTES < key.len() || VALUE_BYTES < bytes.len() {
            return Err(StateError::TooLarge);
        }
        let now = self.now_micros;
        self.state.retain(|_, value| value.until_micros.is_none_or(|until| now < until));
        let others = self.state.iter().filter(|(kept, _)| *kept != key);
        let used: usize = others.map(|(kept, value)| kept.len() + value.bytes.len()).sum();
        if STATE_BYTES < used + key.len() + bytes.len() {
            return Err(StateError::Quota);
        }
        let span = |seconds: u32| now.saturating_add(u64::from(seconds) * 1_000_000);
        let until_micros = ttl_seconds.map(span);
        self.state.insert(key.to_owned(), Value { bytes, until_micros });
        Ok(())
    }
}

#[async_trait]
impl Services for ReplayServices {
    async fn find_contact(&self, address: &str) -> Result<Card, CrmError> {
        self.lock().cards.get(address).cloned().ok_or(CrmError::NotFound)
    }

    async fn upsert_contact(
        &self,
        address: &str,
        name: Option<&str>,
        fields: Vec<Attribute>,
    ) -> Result<String, CrmError> {
        let mut kept = self.lock();
        let next = kept.cards.len() + 1;
        if CARDS < next && !kept.cards.contains_key(address) {
            return Err(CrmError::Limit(format!("{CARDS} customers of a replay")));
        }
        let fresh = || Card { id: format!("replay-{next}"), ..Card::default() };
        let card = kept.cards.entry(address.to_owned()).or_insert_with(fresh);
        if let Some(name) = name {
            name.clone_into(&mut card.name);
        }
        for (field, value) in fields {
            match card.fields.iter_mut().find(|(known, _)| *known == field) {
                Some((_, kept)) => *kept = value,
                None => card.fields.push((field, value)),
            }
        }
        Ok(card.id.clone())
    }

    async fn add_note(
        &self,
        contact: &str,
        _interaction: Option<&str>,
        _text: &str,
    ) -> Result<(), CrmError> {
        // No plugin can read a note, so none is kept.
        match self.lock().cards.values().any(|card| card.id == contact) {
            true => Ok(()),
            false => Err(CrmError::NotFound),
        }
    }

    async fn state_get(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.lock().state_get(key).cloned())
    }

    async fn state_set(
        &self,
        key: &str,
        value: Vec<u8>,
        ttl_seconds: Option<u32>,
    ) -> Result<(), StateError> {
        self.lock().state_set(key, value, ttl_seconds)
    }

    async fn state_compare_and_set(
        &self,
        key: &str,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, StateError> {
        let mut kept = self.lock();
        if kept.state_get(key) != expected.as_ref() {
            return Ok(false);
        }
        kept.state_set(key, value, None).map(|()| true)
    }

    fn count(&self, counter: &str, amount: u32) {
        let mut kept = self.lock();
        let total = kept.counters.entry(counter.to_owned()).or_default();
        *total = total.saturating_add(amount.into());
    }

    fn observe(&self, distribution: &str, value: f64) {
        let mut kept = self.lock();
        let (count, sum) = kept.distributions.entry(distribution.to_owned()).or_default();
        *count += 1;
        *sum += value;
    }

    fn log(&self, level: LogLevel, message: &str) {
        let mut kept = self.lock();
        if kept.log.len() < LOG_LINES {
            kept.log.push((level, message.to_owned()));
        } else {
            kept.log_dropped += 1;
        }
    }

    fn now_micros(&self) -> u64 {
        self.lock().now_micros
    }

    fn random(&self) -> f64 {
        self.lock().random.next_f64()
    }
}

/// PCG XSH RR 64/32 (O'Neill, 2014), with its reference stream.
#[derive(Clone, Debug)]
struct Pcg(u64);

impl Pcg {
    const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
    const INCREMENT: u64 = 1_442_695_040_888_963_407;

    fn new(seed: u64) -> Self {
        let mut pcg = Self(seed.wrapping_add(Self::INCREMENT));
        pcg.next_u32();
        pcg
    }

    fn next_u32(&mut self) -> u32 {
        let state = self.0;
        self.0 = state.wrapping_mul(Self::MULTIPLIER).wrapping_add(Self::INCREMENT);
        let shifted = (((state >> 18) ^ state) >> 27) as u32;
        shifted.rotate_right((state >> 59) as u32)
    }

    /// Uniform from 0.0 up to, not including, 1.0, in steps of 2^-53.
    fn next_f64(&mut self) -> f64 {
        let (high, low) = (u64::from(self.next_u32()), u64::from(self.next_u32()));
        ((high << 32 | low) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::block_on;

    #[test]
    fn chance_is_the_seeds() {
        let draw = |seed: u64| {
            let services = ReplayServices::new(seed);
            (0..1_000).map(|_| services.random()).collect::<Vec<f64>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let draws = draw(7);
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        let mean = draws.iter().sum::<f64>() / 1_000.0;
        // The standard error of a mean of 1,000 is 0.009.
        assert!((0.45..0.55).contains(&mean), "{mean}");
    }

    #[test]
    fn state_expires_and_has_a_quota() {
        let services = ReplayServices::new(1);
        let get = |key: &str| block_on(services.state_get(key)).unwrap();
        let set =
            |key: &str, bytes: usize, ttl| block_on(services.state_set(key, vec![1; bytes], ttl));
        set("a", 3, Some(2)).unwrap();
        services.set_now_micros(1_999_999);
        assert_eq!(get("a"), Some(vec![1; 3]));
        services.set_now_micros(2_000_000);
        assert_eq!(get("a"), None);
        assert_eq!(set(&"k".repeat(257), 1, None), Err(StateError::TooLarge));
        assert_eq!(set("b", VALUE_BYTES + 1, None), Err(StateError::TooLarge));
        let kept = (0..20).take_while(|n| set(&format!("n{n}"), VALUE_BYTES, None).is_ok());
        assert_eq!(kept.count(), 15);
        // What is replaced does not count twice.
        assert_eq!(set("n0", VALUE_BYTES, None), Ok(()));
        let swap = |expected: Option<Vec<u8>>| {
            block_on(services.state_compare_and_set("c", expected, vec![9]))
        };
        assert_eq!(swap(Some(vec![1])), Ok(false));
        assert_eq!(swap(None), Ok(true));
        assert_eq!(get("c"), Some(vec![9]));
    }

    #[test]
    fn customers_are_found_once_they_are_known() {
        let services = ReplayServices::new(1);
        assert_eq!(block_on(services.find_contact("a")), Err(CrmError::NotFound));
        let fields = |plan: &str| vec![("plan".to_owned(), plan.to_owned())];
        let id = block_on(services.upsert_contact("a", Some("Ada"), fields("gold"))).unwrap();
        assert_eq!(block_on(services.upsert_contact("a", None, fields("blue"))), Ok(id.clone()));
        let card = block_on(services.find_contact("a")).unwrap();
        assert_eq!((card.name.as_str(), card.fields), ("Ada", fields("blue")));
        assert_eq!(block_on(services.add_note(&id, None, "text")), Ok(()));
        assert_eq!(block_on(services.add_note("c9", None, "text")), Err(CrmError::NotFound));
    }
}
