//! The running centre: what `jackfield serve` starts and stops.

mod compile;
mod directory;
mod drafts;
mod flows;
mod interrupted;
mod migrations;
mod music;
mod packages;
mod plugins;
mod reload;
mod reopened;
mod replay;
mod revocations;
mod rollouts;
mod settings;
mod start;
mod studio;
mod suspensions;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jackfield_core::TenantId;
use jackfield_egress::Egress;
use jackfield_plugin_host::PluginHost;
use jackfield_store::Store;
use jackfield_telephony::{Admission, Endpoint, EndpointEvent, IncomingCall};
use tokio::sync::mpsc;

use crate::access::{AuditLog, People};
use crate::config::{Config, Current};
use crate::oidc::Oidc;
use crate::session;
use crate::tenant::Tenant;

pub use drafts::Drafts;
pub use flows::{FlowError, SCRIPT_MAX};
pub use packages::{Arrival, Arrived, trust_store, unasked};
pub use plugins::{PluginError, ROUTER_INTERPRETER};
pub use replay::{GateError, Replays, gate_order};
pub use revocations::{Serving, serving};
pub use start::StartError;
pub use studio::{SCENARIOS_MAX, StudioError, analyse_flow};

/// How long calls may go on when the process is asked to stop.
const SHUT_DOWN_GRACE: Duration = Duration::from_secs(5);

/// The running centre.
pub struct App {
    /// The checked configuration, which a reload replaces.
    config: Arc<Current<Config>>,
    reloading: tokio::sync::Mutex<()>,
    /// The store.
    pub store: Store,
    /// Who signs in.
    pub people: People,
    /// The other providers of identity.
    pub oidc: Oidc,
    /// Who changed what.
    pub audit: AuditLog,
    /// The plugin host.
    pub plugins: PluginHost,
    /// The telephony.
    pub endpoint: Arc<dyn Endpoint>,
    /// The way out of plugins.
    pub egress: Arc<Egress>,
    /// The drafts that take calls.
    pub drafts: Arc<Drafts>,
    /// The tenants by name.
    pub tenants: BTreeMap<TenantId, Arc<Tenant>>,
    /// The component that interprets flow scripts.
    pub interpreter: Arc<[u8]>,
    /// Its digest.
    pub interpreter_digest: String,
    /// Digests of the components made of scripts since the start, by script: the same script is
    /// made a component only once.
    made: Mutex<HashMap<String, String>>,
    /// Held while a lock file is read and written.
    locks: Mutex<()>,
    /// What replays need.
    pub replays: Replays,
    /// What the API's local administrator presents.
    pub admin_token: String,
}

impl App {
    /// The configuration that is in effect.
    pub fn config(&self) -> Arc<Config> {
        self.config.get()
    }

    /// Returns a tenant by name.
    pub fn tenant(&self, name: &str) -> Option<&Arc<Tenant>> {
        self.tenants.get(&TenantId::new(name).ok()?)
    }

    /// Serves calls and registrations until the endpoint is gone.
    pub async fn serve_calls(self: Arc<Self>, mut events: mpsc::Receiver<EndpointEvent>) {
        while let Some(event) = events.recv().await {
            match event {
                EndpointEvent::Incoming(call) => self.take_call(call),
                EndpointEvent::Registered { account } => self.registered(&account).await,
                EndpointEvent::Unregistered { account } => self.unregistered(&account).await,
                EndpointEvent::Trunk { name, state } => match state {
                    Ok(()) => tracing::info!(trunk = name, "registered with the trunk"),
                    Err(why) => tracing::warn!(trunk = name, why, "not registered with the trunk"),
                },
            }
        }
    }

    fn take_call(&self, call: IncomingCall) {
        let (config, dialled) = (self.config(), call.invite.dialled.clone());
        let numbers = &config.numbers;
        let (route, draft) = match self.drafts.find(numbers, &dialled) {
            Some((_, route, draft)) => (Some(route), Some(draft)),
            None => (numbers.lookup(&dialled), None),
        };
        let found = route.and_then(|route| Some((self.tenants.get(&route.tenant)?, &route.flow)));
        let Some((tenant, flow)) = found else {
            tokio::spawn(async move { call.leg.refuse(404, "Not Found", None).await });
            return;
        };
        let (tenant, flow) = (Arc::clone(tenant), flow.clone());
        let arrival = session::Arrival { call, tenant, flow, draft };
        tokio::spawn(session::serve(arrival));
    }

    async fn registered(&self, user: &str) {
        use jackfield_core::{AgentState, Input};
        let Some((tenant, agent)) = self.agent(user) else { return };
        let state = {
            let agents = tenant.agents.lock().unwrap_or_else(|poison| poison.into_inner());
            agents.get(&agent).cloned().unwrap_or_default()
        };
        let wanted =
            tenant.config().agents.get(&agent).is_some_and(|known| known.ready_on_register);
        // A refresh must not override what the agent chose; a phone that came back may.
        let away = match &state {
            AgentState::LoggedOut => true,
            AgentState::NotReady { reason } => reason.0 == "unreachable",
            _ => false,
        };
        if wanted && away {
            tenant.input(Input::AgentReady { agent }).await;
        } else if state == AgentState::LoggedOut {
            tenant.input(Input::AgentLoggedIn { agent }).await;
        }
    }

    async fn unregistered(&self, user: &str) {
        if let Some((tenant, agent)) = self.agent(user) {
            tenant.input(jackfield_core::Input::AgentLoggedOut { agent }).await;
        }
    }

    fn agent(&self, user: &str) -> Option<(&Arc<Tenant>, jackfield_core::AgentId)> {
        let (tenant, agent) = self.config().agent_by_sip_user(user)?;
        Some((self.tenants.get(&tenant)?, agent))
    }

    /// Refuses new calls, lets the others end, and makes everything durable.
    pub async fn shut_down(&self) {
        self.endpoint.shut_down(SHUT_DOWN_GRACE).await;
        self.store.close().await;
    }
}

/// The refusal of a number that nobody has.
fn unknown_number() -> Admission {
    Admission::Refuse { status: 404, reason: "Not Found".to_owned(), retry_after: None }
}
