//! The registrar: which phone is where (RFC 3261 §10.3).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use sipx_sip::headers::ContactValue;
use sipx_sip::{HeaderName, Request, Response, TypedHeader as _, Uri};
use sipx_transport::{Incoming, TransportKind};

use super::dispatch::Dispatcher;
use super::message::{self, Reply};
use crate::api::{Binding, EndpointEvent};

/// Bindings an address of record may have; the oldest goes first.
const MOST: usize = 10;

/// All bindings by account; the newest is last.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    accounts: HashMap<String, Vec<Binding>>,
    /// When the next one ends, so that looking for it costs nothing.
    next: Option<SystemTime>,
}

/// Why a registration was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refusal {
    /// The contacts make no sense.
    Malformed,
    /// An older request came after a newer one.
    OutOfOrder,
    /// The expiry asked for is too short.
    TooBrief,
}

impl Bindings {
    /// Takes what was kept; leaves out what has expired since.
    pub(super) fn restore(kept: Vec<(String, Vec<Binding>)>, now: SystemTime) -> Self {
        let mut bindings = Self::default();
        for (account, mut list) in kept {
            list.retain(|binding| binding.expires_at > now);
            if !list.is_empty() {
                bindings.accounts.insert(account, list);
            }
        }
        bindings.reckon();
        bindings
    }

    /// The bindings of an account that have not expired, the newest last.
    pub(super) fn of(&self, account: &str, now: SystemTime) -> Vec<Binding> {
        let list = self.accounts.get(account).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter(|binding| binding.expires_at > now).cloned().collect()
    }

    /// How many accounts have a binding.
    pub(super) fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Removes what has expired; returns the accounts it changed and what they have left.
    fn expire(&mut self, now: SystemTime) -> Vec<(String, Vec<Binding>)> {
        if self.next.is_none_or(|next| next > now) {
            return Vec::new();
        }
        let mut changed = Vec::new();
        self.accounts.retain(|account, list| {
            let before = list.len();
            list.retain(|binding| binding.expires_at > now);
            if list.len() != before {
                changed.push((account.clone(), list.clone()));
            }
            !list.is_empty()
        });
        self.reckon();
        changed
    }

    fn set(&mut self, account: &str, list: Vec<Binding>) {
        if list.is_empty() {
            self.accounts.remove(account);
        } else {
            self.accounts.insert(account.to_owned(), list);
        }
        self.reckon();
    }

    fn reckon(&mut self) {
        self.next = self.accounts.values().flatten().map(|binding| binding.expires_at).min();
    }
}

/// What a REGISTER asks for.
struct Wish {
    contacts: Vec<(Uri, Option<Duration>)>,
    all: bool,
    expires: Option<Duration>,
}

impl Wish {
    fn read(request: &Request) -> Result<Self, Refusal> {
        let mut contacts = Vec::new();
        let mut all = false;
        for header in request.headers.get_all(&HeaderName::Contact) {
            let list =
                ContactValue::decode_list(&header.value()).map_err(|_| Refusal::Malformed)?;
            for contact in list {
                match contact {
                    ContactValue::Wildcard => all = true,
                    ContactValue::Address(address) => {
                        let expires = address.param("expires").and_then(seconds);
                        contacts.push((address.uri, expires));
                    }
                }
            }
        }
        let expires = request.headers.value(&HeaderName::Expires).and_then(|value| seconds(&value));
        // `*` stands alone and only with an expiry of zero (RFC 3261 §10.2.2).
        if all && (!contacts.is_empty() || expires != Some(Duration::ZERO)) {
            return Err(Refusal::Malformed);
        }
        Ok(Self { contacts, all, expires })
    }
}

fn seconds(value: &[u8]) -> Option<Duration> {
    std::str::from_utf8(value)
        .ok()?
        .trim()
        .parse::<u32>()
        .ok()
        .map(|n| Duration::from_secs(n.into()))
}

fn is(binding: &Binding, uri: &Uri) -> bool {
    message::uri(binding.contact.as_bytes()).is_some_and(|contact| contact.equivalent(uri))
}

impl Dispatcher {
    /// REGISTER.
    pub(super) fn on_register(&mut self, incoming: &Incoming) -> Response {
        let request = &incoming.request;
        let Some(to) = message::to(&request.headers) else {
            return self.reply(request, 400).done();
        };
        let (user, host) = (message::user(&to.uri), message::host(&to.uri));
        let directory = std::sync::Arc::clone(&self.common.directory);
        let proof = self.digest.check(request, &host, &*directory);
        let Some(account) = proof.account() else {
            let challenge = self.digest.challenge(proof.is_stale());
            let reply = self.reply(request, 401);
            return reply.header(HeaderName::WwwAuthenticate, challenge).done();
        };
        let aor = directory.account(&user, &host);
        let Some(aor) = aor.filter(|aor| directory.may_register(&account, aor)) else {
            return self.reply(request, 403).done();
        };
        let now = SystemTime::now();
        let outcome = Wish::read(request)
            .and_then(|wish| self.change(&aor, &wish, incoming, now).map(|list| (wish, list)));
        match outcome {
            Ok((wish, list)) => {
                let asked = !wish.contacts.is_empty() || wish.all;
                if asked {
                    self.keep(&aor, &list);
                }
                contacts(self.reply(request, 200), &list, now)
            }
            Err(Refusal::Malformed) => self.reply(request, 400).done(),
            Err(Refusal::OutOfOrder) => self.reply(request, 500).done(),
            Err(Refusal::TooBrief) => {
                let least = self.common.sip.register_expires.0.as_secs().to_string();
                self.reply(request, 423).header(HeaderName::MinExpires, least).done()
            }
        }
    }

    /// Works out the new bindings; nothing is changed unless all of it is right (RFC 3261 §10.3,
    /// step 7).
    fn change(
        &self,
        aor: &str,
        wish: &Wish,
        incoming: &Incoming,
        now: SystemTime,
    ) -> Result<Vec<Binding>, Refusal> {
        let headers = &incoming.request.headers;
        let (least, most) = self.common.sip.register_expires;
        let call_id = message::text(headers, &HeaderName::CallId).unwrap_or_default();
        let cseq = message::sequence(headers).unwrap_or_default();
        let newer = |binding: &Binding| binding.call_id != call_id || binding.cseq < cseq;
        let mut list = self.common.bindings().of(aor, now);
        if wish.all {
            return if list.iter().all(newer) { Ok(Vec::new()) } else { Err(Refusal::OutOfOrder) };
        }
        for (uri, expires) in &wish.contacts {
            let expires = expires.or(wish.expires).unwrap_or(most).min(most);
            if !expires.is_zero() && expires < least {
                return Err(Refusal::TooBrief);
            }
            if let Some(at) = list.iter().position(|binding| is(binding, uri))
                && !newer(&list.remove(at))
            {
                return Err(Refusal::OutOfOrder);
            }
            if expires.is_zero() {
                continue;
            }
            list.push(Binding {
                contact: uri.to_string(),
                source: incoming.source,
                tcp: incoming.transport == TransportKind::Tcp,
                call_id: call_id.clone(),
                cseq,
                expires_at: now + expires,
                user_agent: message::text(headers, &HeaderName::UserAgent).unwrap_or_default(),
            });
        }
        let surplus = list.len().saturating_sub(MOST);
        list.drain(..surplus);
        Ok(list)
    }

    fn keep(&self, aor: &str, list: &[Binding]) {
        let had = {
            let mut bindings = self.common.bindings();
            let had = bindings.accounts.contains_key(aor);
            bindings.set(aor, list.to_vec());
            had
        };
        self.common.directory.save_bindings(aor, list);
        let account = aor.to_owned();
        if !list.is_empty() {
            self.tell(EndpointEvent::Registered { account });
        } else if had {
            self.tell(EndpointEvent::Unregistered { account });
        }
    }

    /// Looks for registrations that were not refreshed.
    pub(super) fn expire_bindings(&self) {
        let changed = self.common.bindings().expire(SystemTime::now());
        for (account, list) in changed {
            self.common.directory.save_bindings(&account, &list);
            if list.is_empty() {
                self.tell(EndpointEvent::Unregistered { account });
            }
        }
    }
}

/// 200 with every binding and what is left of it (RFC 3261 §10.3, step 8).
fn contacts(reply: Reply, list: &[Binding], now: SystemTime) -> Response {
    let mut value = String::new();
    for binding in list {
        let left = binding.expires_at.duration_since(now).unwrap_or_default();
        let left = (left + Duration::from_millis(500)).as_secs();
        let comma = if value.is_empty() { "" } else { ", " };
        let _ = write!(value, "{comma}<{}>;expires={left}", binding.contact);
    }
    if value.is_empty() {
        return reply.done();
    }
    reply.header(HeaderName::Contact, value).done()
}
