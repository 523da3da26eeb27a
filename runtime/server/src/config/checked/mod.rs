//! Builds the checked types; each section in a file of its own.

mod agents;
mod blends;
mod eligibility;
mod hours;
mod limits;
mod oidc;
mod plugins;
mod process;
mod queues;
mod tenants;
mod trunks;
mod webchat;

use std::path::{Path, PathBuf};

use jackfield_core::TenantId;
use toml::Table;

pub use limits::LimitsConfig;
pub use plugins::{PluginEntry, grants_of};
pub use process::{HttpConfig, LogConfig, LogFormat, PluginsConfig, SpeechConfig};
pub use queues::QueueExtras;
pub use tenants::{ApiToken, FallbackThen, Scope, TenantConfig};
pub use trunks::Trunk;
pub use webchat::WebchatConfig;

use super::document::{Document, join};
use super::numbers::{NumberPlan, Pattern, Route};
use super::problems::{Problem, suggestion};
use super::secret::Secret;
use super::{Config, raw};

/// Builds a [`Config`] and gathers what is wrong.
pub struct Checker<'a> {
    document: &'a Document,
    path: &'a Path,
    refused: Vec<String>,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    /// A checker of `document`, read from the file at `path`; `found` is what the walk has refused.
    pub fn new(document: &'a Document, path: &'a Path, found: &[Problem]) -> Self {
        let refused = found.iter().map(|problem| problem.key.clone()).collect();
        Self { document, path, refused, problems: Vec::new() }
    }

    /// Returns what was wrong.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Builds the whole. It may only be used if no problem was noted.
    pub fn config(&mut self, raw: raw::File, effective: Table) -> Config {
        let store = process::store(raw.store);
        let sip = self.sip(raw.sip);
        let rtp = self.rtp(raw.rtp, sip.bind.ip());
        let webrtc = process::webrtc(&raw.webrtc, &rtp);
        let desk = process::desk(&raw.desk);
        let http = process::http(raw.http);
        let speech = self.speech(raw.speech, &store);
        let (mut plugins, limits) = process::plugins(raw.plugins, &store);
        plugins.trust = plugins.trust.map(|trust| self.file(trust));
        let held = limits::limits(raw.limits);
        let trunks = self.trunks(raw.trunks);
        let defaults = tenants::Defaults {
            limits,
            retry_after: sip.retry_after,
            desk,
            outbound: trunks.iter().find_map(|trunk| trunk.outbound.clone()),
        };
        let tenants = self.tenants(raw.tenants, &defaults);
        let sip_users = self.sip_users(&tenants, &trunks);
        let numbers = self.numbers(raw.numbers, &tenants);
        let oidc = self.oidc(raw.oidc, &tenants);
        Config {
            path: self.path.to_owned(),
            store,
            sip,
            rtp,
            webrtc,
            desk_sockets: raw.desk.sockets_max,
            http,
            speech,
            plugins,
            limits: held,
            log: process::log(raw.log),
            replays: raw.runtime.replays,
            worker_threads: process::threads(raw.runtime.worker_threads),
            api_threads: process::threads(raw.runtime.api_threads),
            oidc,
            trunks,
            numbers,
            tenants,
            sip_users,
            effective: Secret::new(effective),
        }
    }

    fn numbers(
        &mut self,
        raw: std::collections::BTreeMap<String, raw::Number>,
        tenants: &tenants::Tenants,
    ) -> NumberPlan {
        let mut plan = NumberPlan::default();
        for (dialled, number) in raw {
            let key = join("numbers", &dialled);
            let (Some(tenant), Some(flow)) = (number.tenant, number.flow) else { continue };
            let known = TenantId::new(&tenant).ok().and_then(|id| tenants.get_key_value(&id));
            let Some((id, config)) = known else {
                let names = tenants.keys().map(TenantId::as_str);
                self.unknown(&format!("{key}.tenant"), "tenant", &tenant, names);
                continue;
            };
            if !config.flows.contains_key(&flow) {
                let names = config.flows.keys().map(String::as_str);
                self.unknown(&format!("{key}.flow"), "flow", &flow, names);
                continue;
            }
            if let Some(pattern) = Pattern::parse(&dialled) {
                plan.insert(pattern, Route { tenant: id.clone(), flow });
            }
        }
        plan
    }

    /// Notes a problem, unless it may come of a value in the table `key` that was refused before.
    fn problem(&mut self, key: &str, message: impl Into<String>) {
        let inside =
            |refused: &String| refused.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        if self.refused.iter().any(inside) {
            return;
        }
        let origin = self.document.origin(key);
        self.problems.push(Problem { key: key.to_owned(), message: message.into(), origin });
    }

    /// Notes that `key` names something that is not defined.
    fn unknown<'n>(
        &mut self,
        key: &str,
        what: &str,
        name: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        let near = suggestion(name, names);
        self.problem(key, format!("names the {what} `{name}`, which is not defined{near}"));
    }

    /// Returns a path of the file, which is relative to where the file lies.
    fn file(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}
