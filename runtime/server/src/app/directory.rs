//! Who may call and register: answered from the configuration, at once.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jackfield_store::{Binding as Kept, Store};
use jackfield_telephony::{Admission, Binding, Directory, InboundInvite};

use super::{Drafts, unknown_number};
use crate::config::{Config, Current};

/// The directory of the whole centre.
pub struct CentreDirectory {
    config: Arc<Current<Config>>,
    store: Store,
    drafts: Arc<Drafts>,
    started: OnceLock<()>,
}

impl CentreDirectory {
    /// Creates the directory.
    pub fn new(config: Arc<Current<Config>>, store: Store, drafts: Arc<Drafts>) -> Self {
        Self { config, store, drafts, started: OnceLock::new() }
    }

    /// Lets calls in: before, they are told to come back in a moment.
    pub fn open(&self) {
        // Opened once; a second time changes nothing.
        let _ = self.started.set(());
    }
}

impl Directory for CentreDirectory {
    fn admit(&self, invite: &InboundInvite) -> Admission {
        let config = self.config.get();
        if self.started.get().is_none() {
            let retry_after = Some(config.sip.retry_after);
            return Admission::Refuse { status: 503, reason: "Starting".to_owned(), retry_after };
        }
        let numbers = &config.numbers;
        // Who may call a number may call the draft of its flow.
        let dialled = match self.drafts.find(numbers, &invite.dialled) {
            Some((number, ..)) => number,
            None => &invite.dialled,
        };
        if numbers.lookup(dialled).is_none() {
            return unknown_number();
        }
        let mut wants_digest = false;
        for trunk in &config.trunks {
            if !trunk.may_reach(dialled) {
                continue;
            }
            match &trunk.inbound_user {
                Some(user) if invite.authenticated.as_ref() == Some(user) => {
                    return Admission::Accept;
                }
                Some(_) => wants_digest = true,
                None if trunk.has_source(invite.source.ip()) => return Admission::Accept,
                None => {}
            }
        }
        let agent = invite.authenticated.as_deref().and_then(|user| config.agent_by_sip_user(user));
        if agent.is_some() {
            return Admission::Accept;
        }
        let caller = config.sip_account(&invite.from_user, &invite.from_host);
        let is_agent = caller.is_some_and(|user| config.agent_by_sip_user(&user).is_some());
        if invite.authenticated.is_none() && (wants_digest || is_agent) {
            return Admission::Challenge;
        }
        Admission::Refuse { status: 403, reason: "Forbidden".to_owned(), retry_after: None }
    }

    fn account(&self, user: &str, host: &str) -> Option<String> {
        self.config.get().sip_account(user, host)
    }

    fn password(&self, account: &str) -> Option<String> {
        self.config.get().sip_password(account).map(|word| word.expose().clone())
    }

    fn may_register(&self, account: &str, aor: &str) -> bool {
        account == aor && self.config.get().agent_by_sip_user(account).is_some()
    }

    fn save_bindings(&self, account: &str, bindings: &[Binding]) {
        let Some((tenant, _)) = self.config.get().agent_by_sip_user(account) else { return };
        let store = self.store.tenant(&tenant);
        let kept = store.bindings(account).and_then(|before| {
            let gone = |kept: &&Kept| !bindings.iter().any(|now| now.contact == kept.contact);
            for old in before.iter().filter(gone) {
                store.remove_binding(account, Some(&old.contact))?;
            }
            bindings.iter().try_for_each(|now| store.put_binding(account, &to_kept(now)).map(drop))
        });
        if let Err(error) = kept {
            tracing::error!(account, %error, "a registration is not kept");
        }
    }

    fn load_bindings(&self) -> Vec<(String, Vec<Binding>)> {
        let mut all = std::collections::BTreeMap::<String, Vec<Binding>>::new();
        for tenant in self.config.get().tenants.keys() {
            match self.store.tenant(tenant).all_bindings() {
                Ok(found) => {
                    for (aor, kept) in found {
                        all.entry(aor).or_default().extend(from_kept(kept));
                    }
                }
                Err(error) => tracing::error!(%tenant, %error, "registrations cannot be read"),
            }
        }
        all.into_iter().filter(|(_, bindings)| !bindings.is_empty()).collect()
    }
}

fn to_kept(binding: &Binding) -> Kept {
    let expires = binding.expires_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Kept {
        contact: binding.contact.clone(),
        source: binding.source,
        tcp: binding.tcp,
        call_id: binding.call_id.clone(),
        cseq: binding.cseq,
        expires_at: expires.as_secs(),
        user_agent: binding.user_agent.clone(),
    }
}

/// `None` if it has expired.
fn from_kept(kept: Kept) -> Option<Binding> {
    let expires_at = UNIX_EPOCH + Duration::from_secs(kept.expires_at);
    (SystemTime::now() < expires_at).then_some(Binding {
        contact: kept.contact,
        source: kept.source,
        tcp: kept.tcp,
        call_id: kept.call_id,
        cseq: kept.cseq,
        expires_at,
        user_agent: kept.user_agent,
    })
}
