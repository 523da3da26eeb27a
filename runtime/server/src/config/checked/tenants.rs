//! Tenants: flows, routers, agents, and who registers as whom.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jackfield_core::{
    AgentId, CalibrationLimits, CenterConfig, CenterLimits, QueueConfig, QueueId, TenantId,
};
use jackfield_figures::kpi::{GenesysSwitches, Parameters, RepeatRule};
use jackfield_package::Policy;
use jackfield_plugin_host::Grants;
use jackfield_sim::replay::gate::Gate;

use super::super::document::join;
use super::super::secret::Secret;
use super::agents::Around;
use super::plugins::PluginEntry;
use super::queues::{Known, QueueExtras};
use super::trunks::{Outbound, Trunk};
use super::{Checker, raw};
use crate::app::ROUTER_INTERPRETER;
use crate::config::figures::FiguresConfig;
use crate::desk::DeskConfig;

/// The tenants by name.
pub type Tenants = BTreeMap<TenantId, TenantConfig>;

/// What tenants take from the rest of the file.
pub struct Defaults {
    /// The engine's limits.
    pub limits: CenterLimits,
    /// What a refused caller is told to wait.
    pub retry_after: Duration,
    /// How agents' desks are kept.
    pub desk: DeskConfig,
    /// The first trunk with a way out.
    pub outbound: Option<Outbound>,
}

/// One tenant.
#[derive(Clone, Debug)]
pub struct TenantConfig {
    /// Its name in paths and reports.
    pub id: TenantId,
    /// What it is called.
    pub name: String,
    /// The SIP domain of its agents.
    pub domain: Option<String>,
    /// The language prompts are spoken in.
    pub language: String,
    /// All languages it serves, the first one included.
    pub languages: Vec<String>,
    /// Put before national numbers.
    pub country_code: Option<String>,
    /// A CSV file of contacts, imported at the first start.
    pub contacts: Option<PathBuf>,
    /// A folder of recorded prompts.
    pub prompts: Option<PathBuf>,
    /// A WAV file played to those who wait.
    pub music: Option<PathBuf>,
    /// What happens when a flow fails.
    pub fallback: Fallback,
    /// Scripts published as version 1 at the first start, by flow.
    pub flows: BTreeMap<String, PathBuf>,
    /// Plugins by router.
    pub routers: BTreeMap<String, String>,
    /// Scripts published at the first start, by router.
    pub router_scripts: BTreeMap<String, PathBuf>,
    /// What another version of a router must reach before it may decide, by router.
    pub router_gates: BTreeMap<String, String>,
    /// Plugins by estimator.
    pub estimators: BTreeMap<String, String>,
    /// What routers, estimators and flows may import, by name, where the file says so.
    pub grants: BTreeMap<String, Grants>,
    /// Chatbots, channels, connectors, analysts and pacers by name.
    pub plugins: BTreeMap<String, PluginEntry>,
    /// What the engine knows.
    pub center: CenterConfig,
    /// What the engine need not know of an agent.
    pub agents: BTreeMap<AgentId, AgentAccount>,
    /// What the engine need not know of a queue.
    pub queue_extras: BTreeMap<QueueId, QueueExtras>,
    /// What its figures depend on.
    pub figures: FiguresConfig,
    /// How agents' desks are kept.
    pub desk: DeskConfig,
    /// What a caller who is refused is told to wait: `sip.retry_after`.
    pub retry_after: Duration,
    /// Where calls to outside go: the first trunk with a way out.
    pub outbound: Option<Outbound>,
    /// Which packages it accepts.
    pub packages: Policy,
    /// Who may use the API for this tenant.
    pub api_tokens: Vec<ApiToken>,
}

impl TenantConfig {
    /// What the router, the estimator or the plugin of this name may import.
    pub fn plugin_grants(&self, name: &str) -> Grants {
        let said = self.plugins.get(name).map(|entry| &entry.grants);
        said.or_else(|| self.grants.get(name)).cloned().unwrap_or_else(Grants::harmless)
    }

    /// What the flow of this name may import.
    pub fn flow_grants(&self, name: &str) -> Grants {
        self.grants.get(&format!("flow {name}")).cloned().unwrap_or_else(Grants::of_flows)
    }
}

/// What happens when a flow fails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fallback {
    /// What the caller hears; empty is nothing.
    pub message: String,
    /// What happens next.
    pub then: FallbackThen,
}

/// What follows the fallback message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FallbackThen {
    /// The caller is queued here.
    Queue(QueueId),
    /// The call ends.
    HangUp,
}

/// What the engine need not know of an agent.
#[derive(Clone, Debug)]
pub struct AgentAccount {
    /// The password the phone registers with; without one there is a `uri`.
    pub password: Option<Secret<String>>,
    /// Whether the agent is ready as soon as the phone has registered.
    pub ready_on_register: bool,
    /// What the phone registers and authenticates as: `alice` or `alice@domain`.
    pub sip_user: String,
    /// Where the agent is reached instead of a registered phone.
    pub uri: Option<String>,
}

/// A token of the API.
#[derive(Clone, Debug)]
pub struct ApiToken {
    /// What it is called in logs.
    pub name: String,
    /// The bearer token.
    pub token: Secret<String>,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// What a token of the API may do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Read.
    Read,
    /// Change contacts, states of agents.
    Write,
    /// Publish flows, install plugins.
    Admin,
}

fn figures(
    raw: &raw::Figures,
    (entries, reason): (u32, u32),
    queues: &BTreeMap<QueueId, QueueExtras>,
) -> FiguresConfig {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let words = |words: &Option<Vec<String>>| words.clone().unwrap_or_default();
    // The table of keys lets no other words through.
    let channels = words(&raw.channels);
    let channels = RepeatRule::channels_of(channels.iter().map(String::as_str));
    let left_out = words(&raw.genesys_exclude);
    let genesys = GenesysSwitches::without(left_out.iter().map(String::as_str));
    let standard = queues
        .iter()
        .filter_map(|(queue, extras)| Some((queue.to_string(), micros(extras.standard_time?))));
    FiguresConfig {
        usual: Parameters {
            genesys: genesys.unwrap_or_default(),
            repeat: RepeatRule {
                window_us: micros(raw.window.0),
                same_reason: raw.same_reason,
                channels: channels.unwrap_or_default(),
                exclude_transferred: raw.exclude_transferred,
                exclude_abandoned: raw.exclude_abandoned,
            },
            standard_times_us: standard.collect(),
            ..Parameters::default()
        },
        kept: raw.kept.0,
        max_schedule_entries: entries as usize,
        max_reason: reason as usize,
    }
}

impl Checker<'_> {
    /// Builds `[tenants]`.
    pub(super) fn tenants(
        &mut self,
        raw: BTreeMap<String, raw::Tenant>,
        defaults: &Defaults,
    ) -> Tenants {
        let mut tenants = Tenants::new();
        for (name, tenant) in raw {
            let Ok(id) = TenantId::new(&name) else { continue };
            let key = join("tenants", &name);
            tenants.insert(id.clone(), self.tenant(&key, id, tenant, defaults));
        }
        tenants
    }

    fn tenant(
        &mut self,
        key: &str,
        id: TenantId,
        raw: raw::Tenant,
        defaults: &Defaults,
    ) -> TenantConfig {
        let grants = self.all_grants(key, &raw);
        let languages = raw.languages.unwrap_or_else(|| vec![raw.language.clone()]);
        if !languages.contains(&raw.language) {
            let message = format!("does not contain `language`, which is \"{}\"", raw.language);
            self.problem(&format!("{key}.languages"), message);
        }
        let plugins = raw.plugins;
        let router_gates = self.router_gates(&format!("{key}.routers"), &raw.routers);
        let (routers, router_scripts) = self.routers(&format!("{key}.routers"), raw.routers);
        let named = raw.estimators.into_iter();
        let estimators: BTreeMap<String, String> =
            named.filter_map(|(name, raw)| Some((name, raw.plugin?))).collect();
        if let Some(both) = estimators.keys().find(|name| routers.contains_key(*name)) {
            let key = join(&format!("{key}.estimators"), both);
            self.problem(
                &key,
                "has the name of a router: plugins of a tenant have names of their own",
            );
        }
        let hours = self.all_hours(&format!("{key}.hours"), raw.hours);
        let known = Known { routers: &routers, estimators: &estimators, hours: &hours };
        let (queues, queue_extras) = self.queues(&format!("{key}.queues"), raw.queues, &known);
        let limits = (raw.max_schedule_entries, raw.max_reason);
        let figures = figures(&raw.figures, limits, &queue_extras);
        let plugins = self.plugin_entries(&format!("{key}.plugins"), plugins, &queues);
        for name in plugins.keys() {
            if routers.contains_key(name) || estimators.contains_key(name) {
                let key = join(&format!("{key}.plugins"), name);
                self.problem(
                    &key,
                    "has the name of a router or an estimator: plugins of a tenant have names of their own",
                );
            }
        }
        let blends = self.blends(&format!("{key}.blends"), raw.blends, &queues);
        let fallback = self.fallback(&format!("{key}.fallback"), raw.fallback, &queues);
        let flows = raw.flows.into_iter();
        let flows =
            flows.filter_map(|(name, flow)| Some((name, self.file(flow.script?)))).collect();
        let around = Around { domain: raw.domain.as_deref(), queues: &queues, hours: &hours };
        let (configs, agents) = self.agents(&format!("{key}.agents"), raw.agents, &around);
        TenantConfig {
            name: raw.name.unwrap_or_else(|| id.to_string()),
            id,
            domain: raw.domain,
            language: raw.language,
            languages,
            country_code: raw.country_code,
            contacts: raw.contacts.map(|path| self.file(path)),
            prompts: raw.prompts.map(|path| self.file(path)),
            music: raw.music.map(|path| self.file(path)),
            fallback,
            flows,
            routers,
            router_scripts,
            router_gates,
            estimators,
            grants,
            plugins,
            center: CenterConfig {
                queues,
                agents: configs,
                limits: CenterLimits {
                    interactions: raw.max_interactions,
                    callbacks: raw.max_callbacks,
                    certificate_candidates: raw.certificate_candidates,
                    calibration: self.calibration(key, &raw.calibration),
                    ..defaults.limits
                },
                blends,
            },
            agents,
            figures,
            queue_extras,
            retry_after: defaults.retry_after,
            desk: defaults.desk,
            outbound: defaults.outbound.clone(),
            packages: Policy {
                require_signature: raw.packages.require_signature,
                publishers: raw.packages.publishers,
                operator_grants: raw.packages.operator_grants,
            },
            api_tokens: raw.api_tokens.into_iter().filter_map(api_token).collect(),
        }
    }

    /// Builds `[tenants.<id>.calibration]`.
    fn calibration(&mut self, key: &str, raw: &raw::Calibration) -> CalibrationLimits {
        if raw.window < raw.minimum {
            let most =
                format!("is more than `window`, {}: there would never be a verdict", raw.window);
            self.problem(&format!("{key}.calibration.minimum"), most);
        }
        CalibrationLimits {
            window: raw.window,
            minimum: raw.minimum,
            p50_tolerance: raw.p50_tolerance,
            p90_tolerance: raw.p90_tolerance,
        }
    }

    /// Reads the gates of routers.
    fn router_gates(
        &mut self,
        key: &str,
        raw: &BTreeMap<String, raw::Router>,
    ) -> BTreeMap<String, String> {
        let mut gates = BTreeMap::new();
        for (name, router) in raw {
            let Some(gate) = &router.gate else { continue };
            match gate.parse::<Gate>() {
                Ok(_) => {
                    gates.insert(name.clone(), gate.clone());
                }
                Err(error) => {
                    self.problem(&format!("{}.gate", join(key, name)), error.to_string());
                }
            }
        }
        gates
    }

    /// Builds `[tenants.<id>.routers]`: plugins by router, and scripts.
    fn routers(
        &mut self,
        key: &str,
        raw: BTreeMap<String, raw::Router>,
    ) -> (BTreeMap<String, String>, BTreeMap<String, PathBuf>) {
        let (mut plugins, mut scripts) = (BTreeMap::new(), BTreeMap::new());
        for (name, router) in raw {
            match (router.plugin, router.script) {
                (Some(plugin), None) => {
                    plugins.insert(name, plugin);
                }
                (None, Some(script)) => {
                    plugins.insert(name.clone(), ROUTER_INTERPRETER.to_owned());
                    scripts.insert(name, self.file(script));
                }
                (plugin, _) => {
                    let both = plugin.is_some();
                    let message = if both {
                        "has both a `plugin` and a `script`: one of them decides"
                    } else {
                        "needs a `plugin` or a `script`"
                    };
                    self.problem(&join(key, &name), message);
                    // The name is known all the same: queues that use it are not to blame.
                    plugins.insert(name, ROUTER_INTERPRETER.to_owned());
                }
            }
        }
        (plugins, scripts)
    }

    fn fallback(
        &mut self,
        key: &str,
        raw: raw::Fallback,
        queues: &BTreeMap<QueueId, QueueConfig>,
    ) -> Fallback {
        let then = match raw.then {
            raw::Then::Word(_) => FallbackThen::HangUp,
            raw::Then::Queue { queue } => match QueueId::new(&queue) {
                Ok(id) if queues.contains_key(&id) => FallbackThen::Queue(id),
                _ => {
                    let names = queues.keys().map(QueueId::as_str);
                    self.unknown(&format!("{key}.then"), "queue", &queue, names);
                    FallbackThen::HangUp
                }
            },
        };
        Fallback { message: raw.message, then }
    }

    /// Lists who registers as whom, and notes names that two tenants use.
    pub(super) fn sip_users(
        &mut self,
        tenants: &Tenants,
        trunks: &[Trunk],
    ) -> BTreeMap<String, (TenantId, AgentId)> {
        let mut users: BTreeMap<String, (TenantId, AgentId)> = BTreeMap::new();
        for (tenant, config) in tenants {
            for (agent, account) in &config.agents {
                let taken = users.get(&account.sip_user).map(|(other, _)| other.clone());
                let Some(other) = taken else {
                    users.insert(account.sip_user.clone(), (tenant.clone(), agent.clone()));
                    continue;
                };
                let key = join(&format!("tenants.{tenant}.agents"), agent.as_str());
                let advice = match &config.domain {
                    Some(_) => format!("give `tenants.{tenant}` another `domain`"),
                    None => format!("set `tenants.{tenant}.domain`, or rename one of the two"),
                };
                let user = &account.sip_user;
                self.problem(
                    &key,
                    format!("registers as `{user}`, as one of `{other}` does: {advice}"),
                );
            }
        }
        for trunk in trunks {
            let user = trunk.inbound_user.as_deref().unwrap_or_default();
            if users.contains_key(user) {
                let key = format!("{}.user", join("trunks", &trunk.name));
                self.problem(
                    &key,
                    format!("is `{user}`, as which an agent registers: take another"),
                );
            }
        }
        users
    }
}

fn api_token(raw: raw::ApiToken) -> Option<ApiToken> {
    let scope = |name: &String| match name.as_str() {
        "admin" => Scope::Admin,
        "write" => Scope::Write,
        _ => Scope::Read,
    };
    let scopes = raw.scopes.iter().map(scope).collect();
    Some(ApiToken { name: raw.name?, token: raw.token?, scopes })
}
