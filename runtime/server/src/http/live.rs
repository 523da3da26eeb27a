//! The running centre behind the interface.

mod called;
mod faults;
mod records;
mod rights;
mod studio;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jackfield_core::{AgentId, CenterConfig, CenterSnapshot, Input, Instant, InteractionId, Stats};
use jackfield_figures::kpi::record::ScheduleSpan;
use jackfield_figures::kpi::{Parameters, Report};
use jackfield_package::Locked;
use jackfield_plugin_host::asked::analysis::Utterance;
use jackfield_plugin_host::asked::connecting::Lead;
use jackfield_plugin_host::asked::pacing::Campaign;
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use jackfield_plugin_host::{Grants, World};
use jackfield_store::{Contact as StoredContact, ImportOptions, Note as StoredNote};
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::auth::Grant;
use super::centre::{Centre, Fault, Limits, Readiness, Tenancy, Watched};
use super::decisions::{self, Decision};
use super::front::Front;
use super::view::{
    Activated, Contact, ContactChange, Draft, FlowScript, FlowSummary, FlowVersion, ImportLine,
    ImportProgress, ImportReport, Installed, Interaction, InteractionFilter, Note, Page,
    PageRequest, PluginState, PluginSummary, PluginVersion, Published, RejectedLine,
    Tenant as TenantView,
};
use super::{history, standings};
use super::{listen, metrics};
use crate::access::{AuditLog, People};
use crate::app::{App, Arrival, Arrived, GateError};
use crate::config;
use crate::desk::Desk;
use crate::entry::Needs;
use crate::oidc::Oidc;
use crate::replay::{Order, ReplayError, shown};
use crate::rollout::Share;
use crate::session::Opening;
use crate::tenant::{LiveReport, Standing, Tenant, now};
use crate::worlds::chats;
use crate::worlds::pacers::{self, Decided};
use crate::worlds::webchat::Seat;

pub use faults::fault;
pub use records::{find, word};

use faults::{flow_fault, plugin_fault, replay_fault};
use records::{flow_view, view};
use rights::scopes;

/// Chunks of a journal that wait for who reads it.
const JOURNAL_CHUNKS: usize = 4;
/// How long the store may take to make a write durable before it counts as failed.
const DURABLE_WITHIN: Duration = Duration::from_secs(2);

/// Serves the interface until the future is dropped; connections are cut off then.
///
/// # Errors
///
/// None so far: what fails on a connection ends that connection.
pub async fn serve(app: Arc<App>, listener: TcpListener) -> io::Result<()> {
    serve_until(app, listener, CancellationToken::new()).await
}

/// Serves the interface until `stop` is cancelled; requests at work may end then, for a while.
///
/// # Errors
///
/// None so far: what fails on a connection ends that connection.
pub async fn serve_until(
    app: Arc<App>,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let http = &app.config().http;
    let limits = Limits {
        body_max: http.body_max,
        open_metrics: http.bind.ip().is_loopback(),
        proxies: http.proxies.clone(),
        sockets: app.config().desk_sockets,
        ..Limits::default()
    };
    let front = Front::new(Arc::new(Live(app)), limits, stop);
    listen::serve(front, listener).await
}

/// The whole centre.
struct Live(Arc<App>);

/// One tenant of it.
struct LiveTenant {
    app: Arc<App>,
    tenant: Arc<Tenant>,
    /// The set-up when the request came.
    config: Arc<config::TenantConfig>,
}

#[async_trait]
impl Centre for Live {
    fn admin_token(&self) -> String {
        self.0.admin_token.clone()
    }

    fn grants(&self) -> Vec<Grant> {
        let tenants = self.0.tenants.values();
        let grants = tenants.flat_map(|tenant| {
            let grant = |token: &config::ApiToken| Grant {
                tenant: tenant.id.to_string(),
                name: token.name.clone(),
                token: token.token.expose().clone(),
                scopes: scopes(&token.scopes),
            };
            tenant.config().api_tokens.iter().map(grant).collect::<Vec<_>>()
        });
        grants.collect()
    }

    fn people(&self) -> &People {
        &self.0.people
    }

    fn oidc(&self) -> &Oidc {
        &self.0.oidc
    }

    fn audit(&self) -> &AuditLog {
        &self.0.audit
    }

    fn tenants(&self) -> Vec<String> {
        self.0.tenants.keys().map(ToString::to_string).collect()
    }

    fn tenant(&self, name: &str) -> Option<Box<dyn Tenancy>> {
        let (app, tenant) = (Arc::clone(&self.0), Arc::clone(self.0.tenant(name)?));
        let config = tenant.config();
        Some(Box::new(LiveTenant { app, tenant, config }))
    }

    async fn reload(&self) -> Result<Vec<String>, Fault> {
        self.0.reload().await.map_err(|error| Fault::Config(error.by_key()))
    }

    async fn readiness(&self) -> Readiness {
        let store = &self.0.store;
        let durable = tokio::time::timeout(DURABLE_WITHIN, store.durable(store.last_lsn()));
        let store = match durable.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::error!(%error, "not ready");
                Some("a write failed".to_owned())
            }
            Err(_) => Some(format!("a write takes more than {} s", DURABLE_WITHIN.as_secs())),
        };
        let bound = self.0.endpoint.local_addr().port() != 0;
        Readiness { store, telephony: (!bound).then(|| "not listening".to_owned()) }
    }

    async fn metrics(&self) -> String {
        metrics::expose(&self.0).await
    }
}

impl LiveTenant {
    /// Does what may wait for files where waiting harms nobody.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tenant) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.blocking_with(|tenant: &Arc<Tenant>| work(tenant)).await
    }

    async fn blocking_with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Tenant>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let tenant = Arc::clone(&self.tenant);
        let done = tokio::task::spawn_blocking(move || work(&tenant)).await;
        done.unwrap_or_else(|error| Err(Fault::Internal(error.to_string())))
    }

    async fn install(
        &self,
        plugin: &str,
        world: World,
        component: Bytes,
        given: &Grants,
    ) -> Result<Installed, Fault> {
        let done = self.app.install_plugin(&self.tenant, plugin, world, &component, given).await;
        let done = done.map_err(plugin_fault)?;
        let versions = self.plugin_versions(plugin).await?;
        let version = versions.iter().find(|known| known.digest == done.digest);
        let version = version.map_or(versions.len(), |known| known.version);
        let needs = Needs::of_component(self.tenant.id.as_str(), plugin, world, &component);
        let lacks = needs.lacks(&self.tenant.config());
        Ok(Installed { version, digest: done.digest, cached: done.cached, lacks })
    }

    async fn durable(&self, lsn: jackfield_store::Lsn) -> Result<(), Fault> {
        self.app.store.durable(lsn).await.map_err(fault)
    }

    fn stored_contact(&self, id: &str) -> Result<StoredContact, Fault> {
        let found = self.tenant.store.contact(id).map_err(fault)?;
        found.ok_or_else(|| Fault::NotFound { what: "contact", name: id.to_owned() })
    }

    async fn write_contact(
        &self,
        known: StoredContact,
        change: ContactChange,
    ) -> Result<Contact, Fault> {
        let at = now().as_micros();
        let created_at = if known.id.is_empty() { at } else { known.created_at };
        let mut contact = StoredContact {
            id: known.id,
            name: change.name,
            phones: change.phones,
            emails: change.emails,
            language: change.language,
            segment: change.segment,
            external_id: change.external_id,
            fields: change.fields,
            notes: known.notes,
            created_at,
            updated_at: at,
        };
        contact.normalize(self.tenant.config().country_code.as_deref()).map_err(fault)?;
        let (written, lsn) = self.tenant.store.upsert_contact(contact).map_err(fault)?;
        self.durable(lsn).await?;
        Ok(view(written))
    }
}

#[async_trait]
impl Tenancy for LiveTenant {
    fn summary(&self) -> TenantView {
        let config = &self.config;
        TenantView {
            id: self.tenant.id.to_string(),
            name: config.name.clone(),
            language: config.language.clone(),
            country_code: config.country_code.clone(),
            max_interactions: config.center.limits.interactions,
            flows: config.flows.keys().cloned().collect(),
            routers: config.routers.keys().cloned().collect(),
            agents: config.center.agents.len(),
        }
    }

    fn center(&self) -> &CenterConfig {
        &self.config.center
    }

    fn figures_config(&self) -> &config::figures::FiguresConfig {
        &self.config.figures
    }

    async fn schedule(&self) -> Result<Vec<ScheduleSpan>, Fault> {
        self.blocking(|tenant| Ok(tenant.live.schedule())).await
    }

    async fn snapshot(&self) -> Option<(CenterSnapshot, Stats)> {
        self.tenant.snapshot().await
    }

    fn standing(&self) -> Standing {
        self.tenant.standing().clone()
    }

    fn new_interaction(&self) -> InteractionId {
        self.tenant.new_interaction_id()
    }

    async fn decisions(
        &self,
        interaction: InteractionId,
        agent: Option<AgentId>,
    ) -> Result<Vec<Decision>, Fault> {
        let name = interaction.to_string();
        self.blocking(move |tenant| {
            if tenant.store.interaction(interaction).map_err(fault)?.is_none() {
                return Err(Fault::NotFound { what: "interaction", name });
            }
            decisions::of(tenant, interaction, agent.as_ref())
        })
        .await
    }

    async fn input(&self, input: Input) {
        self.tenant.input(input).await;
    }

    fn desk(&self, agent: &str) -> Result<(Arc<Tenant>, Arc<Desk>), Fault> {
        let id = AgentId::new(agent).ok();
        let id = id.filter(|id| self.config.center.agents.contains_key(id));
        let id = id.ok_or_else(|| Fault::NotFound { what: "agent", name: agent.to_owned() })?;
        let desk = self.tenant.desks.of(&self.tenant, &id);
        Ok((Arc::clone(&self.tenant), desk))
    }

    fn watch(&self) -> BoxStream<'static, Watched> {
        let told = stream::unfold(self.tenant.events.subscribe(), |mut events| async move {
            let watched = match events.recv().await {
                Ok(event) => Watched::Event {
                    at_micros: event.at_micros,
                    kind: event.kind,
                    data: event.data,
                },
                Err(RecvError::Lagged(lost)) => Watched::Lagged(lost),
                Err(RecvError::Closed) => return None,
            };
            Some((watched, events))
        });
        told.boxed()
    }

    async fn contacts(
        &self,
        address: Option<String>,
        page: PageRequest,
    ) -> Result<Page<Contact>, Fault> {
        self.blocking(move |tenant| {
            if let Some(address) = address {
                let found = find(tenant, &address).map_err(fault)?;
                return Ok(Page::whole(found.into_iter().map(view).collect()));
            }
            let listed = tenant.store.list_contacts(page.cursor.as_deref(), page.limit);
            let listed = listed.map_err(fault)?;
            Ok(Page { items: listed.items.into_iter().map(view).collect(), next: listed.next })
        })
        .await
    }

    async fn contact(&self, id: &str) -> Result<Contact, Fault> {
        self.stored_contact(id).map(view)
    }

    async fn create_contact(&self, contact: ContactChange) -> Result<Contact, Fault> {
        self.write_contact(StoredContact::default(), contact).await
    }

    async fn replace_contact(&self, id: &str, contact: ContactChange) -> Result<Contact, Fault> {
        let known = self.stored_contact(id)?;
        self.write_contact(known, contact).await
    }

    async fn delete_contact(&self, id: &str) -> Result<(), Fault> {
        let lsn = self.tenant.store.delete_contact(id).map_err(fault)?;
        let missing = || Fault::NotFound { what: "contact", name: id.to_owned() };
        self.durable(lsn.ok_or_else(missing)?).await
    }

    async fn add_note(&self, id: &str, author: &str, note: Note) -> Result<(), Fault> {
        let interaction = note.interaction.map(|name| {
            name.parse().map_err(|_| Fault::Invalid {
                field: "interaction".to_owned(),
                reason: format!("`{name}` is no name of an interaction"),
            })
        });
        let note = StoredNote {
            at_micros: now().as_micros(),
            interaction: interaction.transpose()?,
            text: note.text,
            author: author.to_owned(),
        };
        let lsn = self.tenant.store.add_note(id, note).map_err(fault)?;
        self.durable(lsn).await
    }

    async fn import(
        &self,
        csv: Bytes,
        dry_run: bool,
        lines: mpsc::Sender<ImportLine>,
    ) -> Result<(), Fault> {
        self.blocking(move |tenant| {
            let options = ImportOptions {
                default_country_code: tenant.config().country_code.clone(),
                dry_run,
                now_micros: now().as_micros(),
                ..ImportOptions::default()
            };
            let report = tenant.store.import_contacts_csv(csv.as_ref(), &options, |progress| {
                // A reader who is slow misses progress; the import does not wait for it.
                let _ = lines.try_send(ImportLine::Progress(ImportProgress {
                    lines: progress.lines,
                    bytes: progress.bytes_read,
                    imported: progress.imported,
                    rejected: progress.rejected,
                }));
            });
            let report = report.map_err(fault)?;
            let rejected_total = report.rejected_total();
            let rejected = report.rejected.into_iter().map(|line| RejectedLine {
                line: line.line,
                field: line.column,
                value: line.value,
                reason: line.reason,
            });
            // The reader may have gone: what is imported is imported.
            let _ = lines.blocking_send(ImportLine::Report(ImportReport {
                dry_run,
                imported: report.imported,
                updated: report.updated,
                rejected: rejected.collect(),
                rejected_total,
            }));
            Ok(())
        })
        .await
    }

    async fn interactions(
        &self,
        filter: InteractionFilter,
        page: PageRequest,
    ) -> Result<Page<Interaction>, Fault> {
        self.blocking(move |tenant| history::interactions(tenant, &filter, &page)).await
    }

    async fn interaction(&self, id: &str) -> Result<Interaction, Fault> {
        history::interaction(&self.tenant, id)
    }

    async fn create_interaction(&self, opening: Opening) -> Result<Interaction, Fault> {
        let made = history::create(&self.tenant, opening).await?;
        // Once the engine has taken it the journal has what it needs of agents; that is to last too.
        self.tenant.snapshot().await;
        self.durable(self.app.store.last_lsn()).await?;
        Ok(made)
    }

    async fn end_interaction(&self, id: &str) -> Result<Interaction, Fault> {
        if let Ok(interaction) = id.parse() {
            self.tenant.written.end(interaction).await;
            chats::end(&self.tenant, interaction).await;
        }
        self.durable(self.app.store.last_lsn()).await?;
        history::interaction(&self.tenant, id)
    }

    async fn flows(&self) -> Result<Vec<FlowSummary>, Fault> {
        let flows = self.config.flows.keys().map(|name| {
            let active = self.tenant.flow(name);
            FlowSummary {
                name: name.clone(),
                active_version: active.as_ref().and_then(|flow| flow.version),
                digest: active.map(|flow| flow.digest.clone()),
            }
        });
        Ok(flows.collect())
    }

    async fn flow_versions(&self, flow: &str) -> Result<Vec<FlowVersion>, Fault> {
        let flow = flow.to_owned();
        self.blocking(move |tenant| {
            let known = tenant.store.flow_versions(&flow).map_err(fault)?;
            if known.is_empty() {
                return Err(Fault::NotFound { what: "flow", name: flow });
            }
            let active = tenant.flow(&flow).and_then(|active| active.version);
            Ok(known.into_iter().rev().map(|one| flow_view(one, active).version).collect())
        })
        .await
    }

    async fn flow_version(&self, flow: &str, version: u32) -> Result<FlowScript, Fault> {
        let known = self.tenant.store.flow_version(flow, version).map_err(fault)?;
        let missing =
            || Fault::NotFound { what: "version", name: format!("{version} of `{flow}`") };
        let active = self.tenant.flow(flow).and_then(|active| active.version);
        Ok(flow_view(known.ok_or_else(missing)?, active))
    }

    async fn check_flow(&self, flow: &str, script: &str) -> Result<(), Fault> {
        if !self.tenant.config().flows.contains_key(flow) {
            return Err(Fault::NotFound { what: "flow", name: flow.to_owned() });
        }
        self.app.check_flow(script).await.map_err(flow_fault)
    }

    async fn publish_flow(
        &self,
        flow: &str,
        script: &str,
        author: &str,
        comment: &str,
    ) -> Result<Published, Fault> {
        let done = self.app.publish_flow(&self.tenant, flow, script, author, comment).await;
        let done = done.map_err(flow_fault)?;
        Ok(Published { version: done.version, digest: done.digest })
    }

    async fn roll_back_flow(&self, flow: &str, version: Option<u32>) -> Result<Published, Fault> {
        let done = self.app.roll_back_flow(&self.tenant, flow, version).await;
        let done = done.map_err(flow_fault)?;
        Ok(Published { version: done.version, digest: done.digest })
    }

    async fn install_flow(
        &self,
        flow: &str,
        component: Bytes,
        author: &str,
    ) -> Result<Installed, Fault> {
        let done = self.app.install_flow(&self.tenant, flow, &component, author).await;
        let (done, cached) = done.map_err(flow_fault)?;
        let (version, lacks) = (done.version as usize, Vec::new());
        Ok(Installed { version, digest: done.digest, cached, lacks })
    }

    async fn activate_flow(
        &self,
        flow: &str,
        digest: &str,
        author: &str,
    ) -> Result<Activated, Fault> {
        let done = self.app.activate_flow_version(&self.tenant, flow, digest, author).await;
        Ok(Activated { digest: done.map_err(flow_fault)?.digest })
    }

    async fn put_draft(&self, flow: &str, script: &str) -> Result<Draft, Fault> {
        let numbers = self.app.put_draft(&self.tenant, flow, script).await.map_err(flow_fault)?;
        Ok(Draft { dial: numbers.first().cloned(), numbers })
    }

    async fn remove_draft(&self, flow: &str) -> Result<(), Fault> {
        let removed = self.app.remove_draft(&self.tenant, flow).map_err(flow_fault)?;
        let missing = || Fault::NotFound { what: "draft", name: flow.to_owned() };
        removed.then_some(()).ok_or_else(missing)
    }

    async fn plugins(&self) -> Result<Vec<PluginSummary>, Fault> {
        self.blocking(history::plugins).await
    }

    async fn plugin_state(&self, plugin: &str) -> Result<PluginState, Fault> {
        let plugin = plugin.to_owned();
        self.blocking(move |tenant| standings::plugin_state(tenant, &plugin)).await
    }

    async fn switch_plugin(
        &self,
        plugin: &str,
        disabled: bool,
        reason: &str,
        by: &str,
    ) -> Result<(), Fault> {
        let done = self.app.switch_plugin(&self.tenant, plugin, disabled, reason, by).await;
        done.map_err(plugin_fault)
    }

    async fn plugin_versions(&self, plugin: &str) -> Result<Vec<PluginVersion>, Fault> {
        let plugin = plugin.to_owned();
        self.blocking(move |tenant| history::plugin_versions(tenant, &plugin)).await
    }

    async fn open_package(&self, arrival: Arrival) -> Result<Arrived, Fault> {
        let app = Arc::clone(&self.app);
        self.blocking_with(move |tenant| app.open_package(tenant, arrival).map_err(plugin_fault))
            .await
    }

    async fn enter_package(&self, arrived: Arrived) -> Result<(), Fault> {
        let app = Arc::clone(&self.app);
        self.blocking_with(move |tenant| app.enter_package(tenant, &arrived).map_err(plugin_fault))
            .await
    }

    async fn packages(&self) -> Result<Vec<Locked>, Fault> {
        let app = Arc::clone(&self.app);
        let lock = self.blocking_with(move |tenant| app.lock_of(tenant).map_err(plugin_fault));
        Ok(lock.await?.plugins)
    }

    async fn install_plugin(
        &self,
        plugin: &str,
        world: World,
        component: Bytes,
        grants: &[String],
    ) -> Result<Installed, Fault> {
        let given =
            config::grants_of(grants, Grants::default()).map_err(|name| Fault::Invalid {
                field: "grants".to_owned(),
                reason: format!(
                    "there is no grant `{name}`: {} are accepted",
                    called::all_grants()
                ),
            })?;
        self.install(plugin, world, component, &given).await
    }

    async fn webhook(&self, world: World, plugin: &str, request: Incoming) -> Result<Reply, Fault> {
        called::webhook(&self.tenant, world, plugin, &request).await
    }

    async fn look_up(
        &self,
        connector: &str,
        address: &str,
    ) -> Result<Option<serde_json::Value>, Fault> {
        called::look_up(&self.tenant, connector, address).await
    }

    async fn create_lead(&self, connector: &str, lead: Lead) -> Result<String, Fault> {
        called::create_lead(&self.tenant, connector, &lead).await
    }

    async fn pace(&self, pacer: &str, campaign: Campaign) -> Result<Decided, Fault> {
        let missing = || Fault::NotFound { what: "pacer", name: pacer.to_owned() };
        pacers::decide(&self.tenant, pacer, &campaign).await.ok_or_else(missing)
    }

    async fn write_message(
        &self,
        interaction: &str,
        agent: Option<String>,
        text: String,
    ) -> Result<(), Fault> {
        called::write_message(&self.tenant, interaction, agent, text).await
    }

    async fn tell_typing(&self, interaction: &str) -> Result<(), Fault> {
        called::tell_typing(&self.tenant, interaction).await
    }

    fn webchat(&self, origin: Option<&str>, address: IpAddr) -> Result<Seat, Fault> {
        called::webchat(&self.tenant, origin, address)
    }

    async fn add_transcript(
        &self,
        interaction: &str,
        utterances: Vec<Utterance>,
    ) -> Result<Interaction, Fault> {
        called::add_transcript(&self.tenant, interaction, utterances).await?;
        self.interaction(interaction).await
    }

    async fn publish_router(
        &self,
        router: &str,
        script: &str,
        author: &str,
    ) -> Result<Activated, Fault> {
        let done = self.app.publish_router(&self.tenant, router, script, author).await;
        Ok(Activated { digest: done.map_err(plugin_fault)?.digest })
    }

    async fn activate_router(
        &self,
        plugin: &str,
        digest: &str,
        author: &str,
    ) -> Result<Activated, Fault> {
        let passed = self.app.pass_required_gate(&self.tenant, plugin, digest).await;
        passed.map_err(plugin_fault)?;
        let done = self.app.activate_plugin(&self.tenant, plugin, digest, author).await;
        done.map_err(plugin_fault)?;
        let active = self.tenant.router(plugin).map(|router| router.digest.clone());
        Ok(Activated { digest: active.unwrap_or_else(|| digest.to_owned()) })
    }

    async fn roll_back_plugin(&self, plugin: &str, by: &str) -> Result<Activated, Fault> {
        let done = self.app.roll_back(&self.tenant, plugin, by).await;
        Ok(Activated { digest: done.map_err(plugin_fault)? })
    }

    async fn begin_canary(
        &self,
        plugin: &str,
        digest: &str,
        share: Share,
        by: &str,
    ) -> Result<(), Fault> {
        let done = self.app.begin_canary(&self.tenant, plugin, digest, share, by).await;
        done.map_err(plugin_fault)
    }

    async fn begin_shadow(&self, plugin: &str, digest: &str, by: &str) -> Result<(), Fault> {
        let done = self.app.begin_shadow(&self.tenant, plugin, digest, by).await;
        done.map_err(plugin_fault)
    }

    async fn promote_plugin(&self, plugin: &str, by: &str) -> Result<Activated, Fault> {
        let done = self.app.promote(&self.tenant, plugin, by).await;
        Ok(Activated { digest: done.map_err(plugin_fault)? })
    }

    async fn replay(
        &self,
        order: Order,
        lines: mpsc::Sender<serde_json::Value>,
    ) -> Result<serde_json::Value, Fault> {
        let wanted = order.clone();
        let told = move |progress| {
            let line = serde_json::json!({ "progress": shown(progress) });
            // A reader who is slow misses progress; the replay does not wait for it.
            let _ = lines.try_send(line);
        };
        let report = self.app.replay(&self.tenant, order, told).await.map_err(replay_fault)?;
        Ok(report.to_json(&wanted))
    }

    async fn pass_gate(&self, order: Order) -> Result<(), Fault> {
        let passed = self.app.pass_gate(&self.tenant, order).await;
        passed.map_err(|error| match error {
            GateError::Replay(ReplayError::Order { key, wanted }) => {
                Fault::Invalid { field: key.to_owned(), reason: wanted }
            }
            other => Fault::Refused(other.to_string()),
        })
    }

    async fn figures(
        &self,
        from: Option<Instant>,
        to: Option<Instant>,
        parameters: Parameters,
    ) -> Result<(Stats, Report), Fault> {
        self.blocking(move |tenant| history::figures(tenant, from, to, &parameters)).await
    }

    async fn live_report(
        &self,
        parameters: Parameters,
        seen: Option<u64>,
    ) -> Result<Option<LiveReport>, Fault> {
        self.blocking(move |tenant| Ok(tenant.live.report(&parameters, seen))).await
    }

    async fn journal(
        &self,
        from: Option<Instant>,
        to: Option<Instant>,
    ) -> Result<BoxStream<'static, Bytes>, Fault> {
        // What has been counted is to be in it.
        self.durable(self.app.store.last_lsn()).await?;
        let (chunks, listen) = mpsc::channel(JOURNAL_CHUNKS);
        let tenant = Arc::clone(&self.tenant);
        tokio::task::spawn_blocking(move || history::journal(&tenant, from, to, &chunks));
        let told = stream::unfold(listen, |mut listen| async move {
            let chunk = listen.recv().await?;
            Some((chunk, listen))
        });
        Ok(told.boxed())
    }
}
