//! The configuration: read, checked as a whole, compared at a reload.
//!
//! ```text
//! file --Document--> values --walk--> raw::File --checked--> Config
//!          ^                   ^
//!     environment        table of keys
//! ```
//!
//! [`keys`] is the one table of shapes, ranges, defaults and meanings; [`checked`] tests what a
//! single value does not show: names that refer to others, and what belongs together. All mistakes
//! of both are reported at once.

mod checked;
mod current;
mod diff;
mod document;
pub mod figures;
pub mod keys;
pub mod network;
mod notes;
mod numbers;
mod problems;
mod raw;
mod secret;
pub mod units;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jackfield_core::{AgentId, TenantId};
use jackfield_store::StoreConfig;
use jackfield_telephony::{RtpConfig, SipConfig, WebConfig};
use serde::Deserialize as _;

pub use checked::{
    ApiToken, FallbackThen, HttpConfig, LimitsConfig, LogConfig, LogFormat, PluginsConfig,
    QueueExtras, Scope, SpeechConfig, TenantConfig, Trunk, WebchatConfig, grants_of,
};
pub use current::Current;
pub use diff::ConfigDiff;
pub use numbers::{NumberPlan, Pattern, Route};
pub use problems::{ConfigProblems, Origin, Problem};
pub use secret::Secret;

use document::{Document, PREFIX};
use keys::Node;

/// A configuration in which every value is within its range and every name refers to something.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// How things are kept.
    pub store: StoreConfig,
    /// How SIP is spoken.
    pub sip: SipConfig,
    /// How media is carried.
    pub rtp: RtpConfig,
    /// How browsers' voice is carried, if it is.
    pub webrtc: Option<WebConfig>,
    /// Desks connected at once.
    pub desk_sockets: usize,
    /// Where the API is.
    pub http: HttpConfig,
    /// Other providers of identity.
    pub oidc: Vec<crate::oidc::OidcConfig>,
    /// How prompts are spoken.
    pub speech: SpeechConfig,
    /// How plugins are run.
    pub plugins: PluginsConfig,
    /// What plugins may use.
    pub limits: LimitsConfig,
    /// What is logged.
    pub log: LogConfig,
    /// Threads that serve calls; the number of cores if it was left open.
    pub worker_threads: usize,
    /// Threads that serve the API; the number of cores if it was left open.
    pub api_threads: usize,
    /// Replays at once.
    pub replays: usize,
    /// Who may call in from outside, in the order of the file.
    pub trunks: Vec<Trunk>,
    /// Which flow takes a call.
    pub numbers: NumberPlan,
    /// The tenants.
    pub tenants: BTreeMap<TenantId, TenantConfig>,
    sip_users: BTreeMap<String, (TenantId, AgentId)>,
    /// Every value in effect, for [`Config::diff`].
    effective: Secret<toml::Table>,
}

impl Config {
    /// Reads and checks the file at `path`, with the variables of `environment` whose names start
    /// with `JACKFIELD__` put over it.
    ///
    /// # Errors
    ///
    /// All mistakes at once.
    pub fn load(
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigProblems> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigProblems::of_file(path, format!("cannot read {}: {error}", path.display()))
        })?;
        Self::parse(path, &text, environment)
    }

    /// As [`Config::load`], with the file's text given; `path` is where it is said to lie.
    ///
    /// # Errors
    ///
    /// All mistakes at once.
    pub fn parse(
        path: &Path,
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigProblems> {
        let failed = |mut problems: Vec<Problem>| {
            problems
                .sort_by(|one, other| (&one.origin, &one.key).cmp(&(&other.origin, &other.key)));
            ConfigProblems { path: path.to_owned(), problems }
        };
        let mut document = Document::parse(text).map_err(failed)?;
        let root = Node::root();
        let mut problems = Vec::new();
        let mut variables: Vec<(String, String)> =
            environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        variables.sort();
        for (name, value) in &variables {
            problems.extend(document.set(&root, name, value).err());
        }
        problems.extend(walk::walk(&root, &mut document));
        let effective = document.table.clone();
        let raw = raw::File::deserialize(effective.clone()).map_err(|error| {
            // The walk lets only the right shape through, so the two disagree: a mistake of ours.
            ConfigProblems::of_file(path, format!("the table of keys is wrong: {error}"))
        })?;
        let mut checker = checked::Checker::new(&document, path, &problems);
        let config = checker.config(raw, effective);
        problems.extend(checker.into_problems());
        if problems.is_empty() { Ok(config) } else { Err(failed(problems)) }
    }

    /// Returns the agent whose phone registers or calls as `user`: `alice`, or `alice@domain` for a
    /// tenant with a domain.
    pub fn agent_by_sip_user(&self, user: &str) -> Option<(TenantId, AgentId)> {
        self.sip_users.get(user).cloned()
    }

    /// Returns the name under which `user` at `host` registers or calls: `user@host` if that is an
    /// agent, else `user` if that is an agent of a tenant without a domain, or a trunk. A `user`
    /// with an `@` brings its own host.
    pub fn sip_account(&self, user: &str, host: &str) -> Option<String> {
        let (name, host) = user.split_once('@').unwrap_or((user, host));
        let whole = format!("{name}@{}", host.to_ascii_lowercase());
        if self.sip_users.contains_key(&whole) {
            return Some(whole);
        }
        let known = self.sip_users.contains_key(user) || self.sip_password(user).is_some();
        known.then(|| user.to_owned())
    }

    /// Returns the password of `user`, an agent's phone or a trunk, for digest authentication.
    pub fn sip_password(&self, user: &str) -> Option<&Secret<String>> {
        if let Some((tenant, agent)) = self.sip_users.get(user) {
            return self.tenants.get(tenant)?.agents.get(agent)?.password.as_ref();
        }
        let trunks = self.trunks.iter();
        let trunk = trunks.into_iter().find(|trunk| trunk.inbound_user.as_deref() == Some(user));
        trunk?.inbound_password.as_ref()
    }

    /// Returns where the server keeps the administrator's token for this machine's command line.
    pub fn token_file(&self) -> PathBuf {
        self.store.path.join("admin.token")
    }

    /// Compares two configurations.
    pub fn diff(old: &Self, new: &Self) -> ConfigDiff {
        ConfigDiff::new(old.effective.expose(), new.effective.expose())
    }

    /// Returns what is allowed but most likely not meant: files that do not exist, plugins that are
    /// not built.
    pub fn notes(&self) -> Vec<String> {
        notes::notes(self)
    }
}
