//! A centre without store and phones: a real engine for each tenant, the rest made up.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use jackfield_core::{
    AgentConfig, AgentId, CallbackOrigin, Center, CenterConfig, CenterLimits, CenterSnapshot,
    Channel, EndCause, Input, Instant, InteractionId, JournalRecord, OfferId, Party, QueueConfig,
    QueueId, QueueOptions, RouterChoice, ServiceLevelTarget, Staffing, Stats,
};
use jackfield_figures::kpi::record::ScheduleSpan;
use jackfield_figures::kpi::{Folder, Parameters, Report};
use jackfield_package::Locked;
use jackfield_plugin_host::World;
use jackfield_plugin_host::asked::analysis::Utterance;
use jackfield_plugin_host::asked::connecting::Lead;
use jackfield_plugin_host::asked::pacing::Campaign;
use jackfield_plugin_host::asked::webhook::{Incoming, Reply};
use serde_json::json;
use tokio::sync::mpsc;

use crate::access::{AuditLog, Keep, People, Policy, Scope};
use crate::app::{Arrival, Arrived};
use crate::config::figures::FiguresConfig;
use crate::http::auth::Grant;
use crate::http::centre::{Centre, Fault, Mistake, Readiness, Tenancy, Watched};
use crate::http::decisions::Decision;
use crate::http::live::word;
use crate::http::view::{
    Activated, Contact, ContactChange, Draft, FlowScript, FlowSummary, FlowVersion, ImportLine,
    ImportProgress, ImportReport, Installed, Interaction, InteractionFilter, KeptNote, Note, Page,
    PageRequest, PluginState, PluginSummary, PluginUse, PluginVersion, Published, RejectedLine,
    SwitchTurn, Tenant, TimelineEntry, VersionStanding,
};
use crate::oidc::Oidc;
use crate::replay::Order;
use crate::rollout::Share;
use crate::session::Opening;
use crate::tenant::{LiveFigures, LiveReport, Standing};
use crate::worlds::pacers::Decided;
use crate::worlds::webchat::Seat;

/// 2026-11-21T09:00:00Z
pub const NINE: u64 = 1_795_251_600_000_000;
/// The interaction that waits for sales.
pub const WAITING: &str = "01jd8x2k4m7qa";
const MOMENT: &str = "2026-11-21T09:00:00.000Z";

#[derive(Default)]
struct Engine {
    center: Center,
    stats: Stats,
    journal: Vec<JournalRecord>,
    live: Arc<LiveFigures>,
    standing: Standing,
    at: u64,
}

impl Engine {
    fn feed(&mut self, input: Input) {
        self.at = self.at.max(NINE) + 1_000_000;
        let at = Instant::from_micros(self.at);
        let record = JournalRecord::take(&mut self.center, at, input);
        for output in &record.outputs {
            self.stats.apply(at, output);
            self.standing.apply(output);
        }
        self.live.take(&record);
        self.journal.push(record);
    }
}

/// One tenant.
pub struct DoubleTenancy {
    name: String,
    config: CenterConfig,
    figures: FiguresConfig,
    engine: Mutex<Engine>,
    /// What was asked of the rest, in order.
    pub asked: Mutex<Vec<String>>,
}

/// The centre.
pub struct Double {
    /// The tenants by name.
    pub tenants: BTreeMap<String, Arc<DoubleTenancy>>,
    /// Who signs in.
    pub people: People,
    /// No other provider of identity.
    oidc: Oidc,
    /// Who changed what.
    pub audit: AuditLog,
}

impl Double {
    /// A centre of the tenants `acme` and `romashka`.
    pub fn new() -> Arc<Self> {
        Self::with(AuditLog::open(None, Keep::default()).expect("no store"))
    }

    /// One that keeps what is done.
    pub fn with(audit: AuditLog) -> Arc<Self> {
        let tenants = ["acme", "romashka"].map(|name| (name.to_owned(), tenancy(name)));
        let people = People::open(None, Policy::default()).expect("no store");
        Arc::new(Self { tenants: tenants.into(), people, audit, oidc: Oidc::new(Vec::new()) })
    }
}

fn tenancy(name: &str) -> Arc<DoubleTenancy> {
    let sales = QueueId::new("sales").expect("a name");
    let queue = QueueConfig {
        ring_time: Duration::from_secs(15),
        max_wait: None,
        max_size: 10,
        wrap_up: Duration::from_secs(60),
        overflow: None,
        join_needs: Staffing::Nobody,
        stay_needs: Staffing::Nobody,
        service_level: ServiceLevelTarget { share: 0.8, within: Duration::from_secs(20) },
        short_abandon: Duration::from_secs(5),
        router: RouterChoice::BuiltIn,
        not_ready_on_no_answer: true,
        ..QueueConfig::default()
    };
    let level = serde_json::from_value(json!(7)).expect("a level");
    let agent = AgentConfig { queues: [(sales.clone(), level)].into(), ..AgentConfig::default() };
    let config = CenterConfig {
        queues: [(sales, queue)].into(),
        agents: [(AgentId::new("alice").expect("a name"), agent)].into(),
        limits: CenterLimits::default(),
        ..CenterConfig::default()
    };
    let mut engine = Engine::default();
    engine.feed(Input::Configured { config: Arc::new(config.clone()) });
    let figures = FiguresConfig { max_schedule_entries: 3, max_reason: 10, ..Default::default() };
    let (engine, asked) = (Mutex::new(engine), Mutex::default());
    Arc::new(DoubleTenancy { name: name.to_owned(), config, figures, engine, asked })
}

impl DoubleTenancy {
    /// Offers a chat to alice, and lets her have it, or be done with it, as `operation` needs it.
    pub fn hand(&self, operation: &str) {
        let mut engine = self.engine.lock().expect("no panic");
        let interaction: InteractionId = WAITING.parse().expect("a name");
        let (channel, dnis) = (Channel::Chat, "sales".to_owned());
        engine.feed(Input::InteractionArrived { interaction, channel, ani: None, dnis });
        let queue = QueueId::new("sales").expect("a name");
        let options = QueueOptions::default();
        engine.feed(Input::InteractionEnqueued { interaction, queue, options });
        engine.feed(Input::AgentReady { agent: AgentId::new("alice").expect("a name") });
        if matches!(operation, "endConversation" | "finishAfterCallWork") {
            engine.feed(Input::OfferAccepted { offer: OfferId(1) });
        }
        if operation == "finishAfterCallWork" {
            engine.feed(Input::ConversationEnded { interaction, by: Party::Agent });
        }
    }

    /// Whether the interaction was brought in as a chat.
    fn is_chat(&self, id: &str) -> bool {
        let engine = self.engine.lock().expect("no panic");
        engine.journal.iter().any(|record| match &record.input {
            Input::InteractionArrived { interaction, channel, .. } => {
                *channel == Channel::Chat && interaction.to_string() == id
            }
            _ => false,
        })
    }

    /// Lets a customer wait for sales, and another one at home.
    pub fn fill(&self) {
        let mut engine = self.engine.lock().expect("no panic");
        let interaction: InteractionId = WAITING.parse().expect("a name");
        engine.feed(Input::InteractionArrived {
            interaction,
            channel: Channel::Voice,
            ani: Some("37120000001".to_owned()),
            dnis: "1000".to_owned(),
        });
        let queue = QueueId::new("sales").expect("a name");
        let options = QueueOptions::default();
        engine.feed(Input::InteractionEnqueued { interaction, queue: queue.clone(), options });
        engine.feed(Input::CallbackRequested {
            interaction: InteractionId(NINE - 1),
            queue: Some(queue),
            address: Some("37120000002".to_owned()),
            origin: CallbackOrigin::Agent,
            owner: None,
            deadline: None,
        });
    }
}

#[async_trait]
impl Centre for Double {
    fn admin_token(&self) -> String {
        "root".to_owned()
    }

    fn grants(&self) -> Vec<Grant> {
        let mut grants = Vec::new();
        for tenant in self.tenants.keys() {
            use Scope::{Agents, Audit, Contacts, Flows, Plugins, Users};
            let all = vec![Agents, Contacts, Flows, Plugins, Users, Audit];
            for (name, scopes) in [("all", all), ("read", vec![Scope::Read])] {
                let (tenant, name) = (tenant.clone(), name.to_owned());
                let token = format!("{tenant}-{name}");
                grants.push(Grant { tenant, name, token, scopes });
            }
        }
        grants
    }

    fn people(&self) -> &People {
        &self.people
    }

    fn oidc(&self) -> &Oidc {
        &self.oidc
    }

    fn audit(&self) -> &AuditLog {
        &self.audit
    }

    fn tenants(&self) -> Vec<String> {
        self.tenants.keys().cloned().collect()
    }

    fn tenant(&self, name: &str) -> Option<Box<dyn Tenancy>> {
        Some(Box::new(Arc::clone(self.tenants.get(name)?)))
    }

    async fn reload(&self) -> Result<Vec<String>, Fault> {
        Ok(vec!["tenants.acme.name".to_owned()])
    }

    async fn readiness(&self) -> Readiness {
        Readiness::default()
    }

    async fn metrics(&self) -> String {
        String::new()
    }
}

fn contact(id: &str) -> Contact {
    let at = MOMENT.to_owned();
    let note =
        KeptNote { at, author: "flow".to_owned(), interaction: None, text: "VIP".to_owned() };
    Contact {
        id: id.to_owned(),
        name: "Anna Berzina".to_owned(),
        phones: vec!["+37120000001".to_owned()],
        notes: vec![note],
        created_at: Some(MOMENT.to_owned()),
        ..Contact::default()
    }
}

fn known(what: &'static str, name: &str, wanted: &str) -> Result<(), Fault> {
    if name == wanted { Ok(()) } else { Err(Fault::NotFound { what, name: name.to_owned() }) }
}

fn version() -> FlowVersion {
    FlowVersion {
        version: 1,
        digest: "abc".to_owned(),
        author: "admin".to_owned(),
        comment: String::new(),
        published_at: MOMENT.to_owned(),
        active: true,
    }
}

/// An interaction that is over and was recorded.
pub const RECORDED: &str = "01jd8x2k4m7r0";

fn interaction(id: &str) -> Interaction {
    let details = vec![("queue".to_owned(), "sales".to_owned())];
    let queued = TimelineEntry { at: MOMENT.to_owned(), what: "queued".to_owned(), details };
    Interaction {
        id: id.to_owned(),
        channel: "voice".to_owned(),
        dnis: "1000".to_owned(),
        arrived_at: MOMENT.to_owned(),
        language: Some("en".to_owned()),
        attributes: vec![("vip".to_owned(), "yes".to_owned())],
        timeline: vec![queued],
        ..Interaction::default()
    }
}

#[async_trait]
impl Tenancy for Arc<DoubleTenancy> {
    fn summary(&self) -> Tenant {
        let id = self.name.clone();
        Tenant { id, agents: 1, flows: vec!["main".to_owned()], ..Tenant::default() }
    }

    fn center(&self) -> &CenterConfig {
        &self.config
    }

    fn figures_config(&self) -> &FiguresConfig {
        &self.figures
    }

    async fn schedule(&self) -> Result<Vec<ScheduleSpan>, Fault> {
        Ok(self.engine.lock().expect("no panic").live.schedule())
    }

    async fn snapshot(&self) -> Option<(CenterSnapshot, Stats)> {
        let engine = self.engine.lock().expect("no panic");
        Some((engine.center.snapshot(), engine.stats.clone()))
    }

    fn standing(&self) -> Standing {
        self.engine.lock().expect("no panic").standing.clone()
    }

    fn new_interaction(&self) -> InteractionId {
        InteractionId(NINE)
    }

    async fn decisions(
        &self,
        interaction: InteractionId,
        agent: Option<AgentId>,
    ) -> Result<Vec<Decision>, Fault> {
        known("interaction", &interaction.to_string(), WAITING)?;
        Ok(vec![Decision {
            at: MOMENT.to_owned(),
            offer: 1,
            agent: "alice".to_owned(),
            queue: "sales".to_owned(),
            routed_by: "built-in".to_owned(),
            why: vec!["the built-in rule chose".to_owned()],
            why_not: agent.map(|agent| format!("{agent} was busy")),
            outcome: Some("accepted".to_owned()),
            scores: vec![("alice".to_owned(), 1.5)],
            certificate: None,
        }])
    }

    async fn input(&self, input: Input) {
        self.engine.lock().expect("no panic").feed(input);
    }

    fn desk(
        &self,
        agent: &str,
    ) -> Result<(Arc<crate::tenant::Tenant>, Arc<crate::desk::Desk>), Fault> {
        Err(Fault::NotFound { what: "agent", name: agent.to_owned() })
    }

    fn watch(&self) -> BoxStream<'static, Watched> {
        let event = |kind: &str| Watched::Event {
            at_micros: NINE,
            kind: kind.to_owned(),
            data: json!({ "agent": "alice" }),
        };
        let told = [event("agent_changed"), event("offer"), Watched::Lagged(3)];
        stream::iter(told).chain(stream::pending()).boxed()
    }

    async fn contacts(&self, _: Option<String>, page: PageRequest) -> Result<Page<Contact>, Fault> {
        let next = (page.limit == 1).then(|| "c1".to_owned());
        Ok(Page { items: vec![contact("c1")], next })
    }

    async fn contact(&self, id: &str) -> Result<Contact, Fault> {
        known("contact", id, "c1")?;
        Ok(contact(id))
    }

    async fn create_contact(&self, change: ContactChange) -> Result<Contact, Fault> {
        self.asked.lock().expect("no panic").push(format!("create {}", change.name));
        if change.phones.iter().any(|phone| phone == "+37120000001") {
            let (field, reason) =
                ("phones".to_owned(), "`+37120000001` belongs to `c1`".to_owned());
            return Err(Fault::Conflict { field, reason });
        }
        Ok(Contact { name: change.name, ..contact("c2") })
    }

    async fn replace_contact(&self, id: &str, change: ContactChange) -> Result<Contact, Fault> {
        known("contact", id, "c1")?;
        Ok(Contact { name: change.name, ..contact(id) })
    }

    async fn delete_contact(&self, id: &str) -> Result<(), Fault> {
        known("contact", id, "c1")
    }

    async fn add_note(&self, id: &str, author: &str, note: Note) -> Result<(), Fault> {
        self.asked.lock().expect("no panic").push(format!("note {author}: {}", note.text));
        known("contact", id, "c1")
    }

    async fn import(
        &self,
        csv: Bytes,
        dry_run: bool,
        lines: mpsc::Sender<ImportLine>,
    ) -> Result<(), Fault> {
        if !csv.starts_with(b"name") {
            let reason = "the header needs a column `name`".to_owned();
            return Err(Fault::Invalid { field: "body".to_owned(), reason });
        }
        let progress = ImportProgress { lines: 1, bytes: csv.len() as u64, ..Default::default() };
        let rejected = RejectedLine {
            line: 2,
            field: "phone".to_owned(),
            value: "x".to_owned(),
            reason: "it is no number".to_owned(),
        };
        let rejected = vec![rejected];
        let report = ImportReport { dry_run, rejected_total: 1, rejected, ..Default::default() };
        for line in [ImportLine::Progress(progress), ImportLine::Report(report)] {
            lines.send(line).await.expect("a reader");
        }
        Ok(())
    }

    async fn interactions(
        &self,
        filter: InteractionFilter,
        _: PageRequest,
    ) -> Result<Page<Interaction>, Fault> {
        self.asked.lock().expect("no panic").push(format!("{filter:?}"));
        Ok(Page::whole(vec![interaction("01jd8x2k4m7qa")]))
    }

    async fn interaction(&self, id: &str) -> Result<Interaction, Fault> {
        if id == RECORDED {
            // Any file will do.
            let recording = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").to_owned());
            let ended_at = Some(MOMENT.to_owned());
            return Ok(Interaction { recording, ended_at, ..interaction(id) });
        }
        if self.is_chat(id) {
            return Ok(Interaction { channel: "chat".to_owned(), ..interaction(id) });
        }
        known("interaction", id, WAITING)?;
        Ok(interaction(id))
    }

    async fn create_interaction(&self, opening: Opening) -> Result<Interaction, Fault> {
        let Opening { channel, queue, address, options } = opening;
        let mut engine = self.engine.lock().expect("no panic");
        let id = InteractionId(NINE + u64::from(engine.center.snapshot().interactions));
        let attributes = options.attributes.clone();
        let (ani, dnis) = (address.clone(), queue.to_string());
        engine.feed(Input::InteractionArrived { interaction: id, channel, ani, dnis });
        engine.feed(Input::InteractionEnqueued { interaction: id, queue, options });
        let channel = word(&channel);
        let id = id.to_string();
        Ok(Interaction { channel, ani: address, attributes, ..interaction(&id) })
    }

    async fn end_interaction(&self, id: &str) -> Result<Interaction, Fault> {
        let interaction = id.parse().expect("a name");
        let cause = EndCause::CustomerLeft;
        self.input(Input::InteractionEnded { interaction, cause }).await;
        self.interaction(id).await
    }

    async fn flows(&self) -> Result<Vec<FlowSummary>, Fault> {
        let name = "main".to_owned();
        Ok(vec![FlowSummary { name, active_version: Some(1), digest: Some("abc".to_owned()) }])
    }

    async fn flow_versions(&self, flow: &str) -> Result<Vec<FlowVersion>, Fault> {
        known("flow", flow, "main")?;
        Ok(vec![version()])
    }

    async fn flow_version(&self, flow: &str, number: u32) -> Result<FlowScript, Fault> {
        known("flow", flow, "main")?;
        known("version", &number.to_string(), "1")?;
        Ok(FlowScript { version: version(), script: "hang_up()".to_owned() })
    }

    async fn check_flow(&self, flow: &str, script: &str) -> Result<(), Fault> {
        known("flow", flow, "main")?;
        match script {
            "hang_up()" => Ok(()),
            _ => {
                let message = "expected `)`".to_owned();
                Err(Fault::Script(vec![Mistake { line: 2, column: 7, message }]))
            }
        }
    }

    async fn publish_flow(
        &self,
        flow: &str,
        script: &str,
        author: &str,
        _: &str,
    ) -> Result<Published, Fault> {
        self.check_flow(flow, script).await?;
        self.asked.lock().expect("no panic").push(format!("publish by {author}"));
        Ok(Published { version: 2, digest: "def".to_owned() })
    }

    async fn roll_back_flow(&self, flow: &str, _: Option<u32>) -> Result<Published, Fault> {
        known("flow", flow, "main")?;
        Ok(Published { version: 1, digest: "abc".to_owned() })
    }

    async fn put_draft(&self, flow: &str, script: &str) -> Result<Draft, Fault> {
        self.check_flow(flow, script).await?;
        let dial = "*100".to_owned();
        Ok(Draft { dial: Some(dial.clone()), numbers: vec![dial] })
    }

    async fn remove_draft(&self, flow: &str) -> Result<(), Fault> {
        known("flow", flow, "main")
    }

    async fn install_flow(&self, flow: &str, _: Bytes, _: &str) -> Result<Installed, Fault> {
        known("flow", flow, "main")?;
        Ok(Installed { version: 3, digest: "fed".to_owned(), cached: false, lacks: Vec::new() })
    }

    async fn activate_flow(&self, flow: &str, digest: &str, _: &str) -> Result<Activated, Fault> {
        known("flow", flow, "main")?;
        Ok(Activated { digest: digest.to_owned() })
    }

    async fn plugins(&self) -> Result<Vec<PluginSummary>, Fault> {
        let (name, world) = ("skills".to_owned(), "router".to_owned());
        let standing = "serving".to_owned();
        let (active_digest, revoked) = (None, None);
        Ok(vec![PluginSummary { name, world, active_digest, versions: 1, standing, revoked }])
    }

    async fn plugin_state(&self, plugin: &str) -> Result<PluginState, Fault> {
        known("plugin", plugin, "skills")?;
        Ok(PluginState {
            name: plugin.to_owned(),
            standing: "quarantined".to_owned(),
            disabled: None,
            revoked: [("abc".to_owned(), "the key was stolen".to_owned())].into(),
            versions: vec![VersionStanding {
                digest: "abc".to_owned(),
                standing: "quarantined".to_owned(),
                seconds_left: 4.5,
                failures: 0,
            }],
            limits_met: [("deadline".to_owned(), 5)].into(),
            used: PluginUse { calls: 7, host_calls: 3, log_bytes: 0, memory_peak_bytes: 1 << 20 },
            switched: vec![SwitchTurn {
                at: MOMENT.to_owned(),
                disabled: false,
                reason: "mended".to_owned(),
                by: "root".to_owned(),
            }],
            rollout: None,
            draining: Vec::new(),
            steps: Vec::new(),
        })
    }

    async fn switch_plugin(&self, plugin: &str, _: bool, _: &str, _: &str) -> Result<(), Fault> {
        known("plugin", plugin, "skills")
    }

    async fn plugin_versions(&self, plugin: &str) -> Result<Vec<PluginVersion>, Fault> {
        known("plugin", plugin, "skills")?;
        Ok(vec![PluginVersion {
            version: 1,
            digest: "abc".to_owned(),
            world: "router".to_owned(),
            installed_at: MOMENT.to_owned(),
            size_bytes: 8,
            imports: Vec::new(),
            grants: vec!["log".to_owned()],
            active: false,
        }])
    }

    async fn open_package(&self, arrival: Arrival) -> Result<Arrived, Fault> {
        Ok(Arrived::bare(arrival.bytes))
    }

    async fn enter_package(&self, _: Arrived) -> Result<(), Fault> {
        Ok(())
    }

    async fn packages(&self) -> Result<Vec<Locked>, Fault> {
        Ok(Vec::new())
    }

    async fn install_plugin(
        &self,
        _: &str,
        _: World,
        component: Bytes,
        _: &[String],
    ) -> Result<Installed, Fault> {
        if !component.starts_with(b"\0asm") {
            return Err(Fault::Refused("step check: it is no component".to_owned()));
        }
        Ok(Installed { version: 2, digest: "def".to_owned(), cached: false, lacks: Vec::new() })
    }

    async fn webhook(&self, _: World, plugin: &str, request: Incoming) -> Result<Reply, Fault> {
        known("plugin", plugin, "skills")?;
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        Ok(Reply { status: 200, headers, body: request.body })
    }

    async fn look_up(&self, _: &str, address: &str) -> Result<Option<serde_json::Value>, Fault> {
        Ok(Some(json!({ "id": "c1", "name": address })))
    }

    async fn create_lead(&self, _: &str, lead: Lead) -> Result<String, Fault> {
        Ok(format!("lead of {}", lead.address))
    }

    async fn pace(&self, _: &str, campaign: Campaign) -> Result<Decided, Fault> {
        let (dial, because) = (campaign.agents_idle, Vec::new());
        Ok(Decided { dial, again_ms: 1_000, because, decided_by: "plugin" })
    }

    async fn write_message(&self, _: &str, _: Option<String>, _: String) -> Result<(), Fault> {
        Ok(())
    }

    async fn tell_typing(&self, id: &str) -> Result<(), Fault> {
        self.interaction(id).await.map(drop)
    }

    fn webchat(&self, _: Option<&str>, _: IpAddr) -> Result<Seat, Fault> {
        Err(Fault::NotFound { what: "web chat", name: self.name.clone() })
    }

    async fn add_transcript(&self, id: &str, _: Vec<Utterance>) -> Result<Interaction, Fault> {
        self.interaction(id).await
    }

    async fn publish_router(
        &self,
        router: &str,
        script: &str,
        _: &str,
    ) -> Result<Activated, Fault> {
        known("plugin", router, "skills")?;
        if script.contains("mistake") {
            let (line, column, message) = (1, 4, "Unexpected end".to_owned());
            return Err(Fault::Script(vec![Mistake { line, column, message }]));
        }
        Ok(Activated { digest: "abc".to_owned() })
    }

    async fn activate_router(
        &self,
        plugin: &str,
        digest: &str,
        _: &str,
    ) -> Result<Activated, Fault> {
        known("plugin", plugin, "skills")?;
        Ok(Activated { digest: digest.to_owned() })
    }

    async fn roll_back_plugin(&self, plugin: &str, _: &str) -> Result<Activated, Fault> {
        known("plugin", plugin, "skills")?;
        Ok(Activated { digest: "abc".to_owned() })
    }

    async fn begin_canary(
        &self,
        plugin: &str,
        _: &str,
        share: Share,
        _: &str,
    ) -> Result<(), Fault> {
        known("plugin", plugin, "skills")?;
        let wrong = share.check(World::Router).err();
        wrong.map_or(Ok(()), |error| {
            Err(Fault::Invalid { field: error.field.to_owned(), reason: error.reason })
        })
    }

    async fn begin_shadow(&self, plugin: &str, _: &str, _: &str) -> Result<(), Fault> {
        known("plugin", plugin, "skills")
    }

    async fn promote_plugin(&self, plugin: &str, by: &str) -> Result<Activated, Fault> {
        self.roll_back_plugin(plugin, by).await
    }

    async fn replay(
        &self,
        order: Order,
        lines: mpsc::Sender<serde_json::Value>,
    ) -> Result<serde_json::Value, Fault> {
        if order.span().is_err() {
            let (field, reason) = ("from".to_owned(), "a moment".to_owned());
            return Err(Fault::Invalid { field, reason });
        }
        let _ = lines.send(json!({ "progress": { "phase": "exact", "done": 1, "of": 1 } })).await;
        Ok(json!({ "identical": true }))
    }

    async fn pass_gate(&self, order: Order) -> Result<(), Fault> {
        match order.gate.as_deref() {
            Some("SL1 >= +100pp") => Err(Fault::Refused("step gate: SL1 is 0.00pp".to_owned())),
            _ => Ok(()),
        }
    }

    async fn figures(
        &self,
        _: Option<Instant>,
        _: Option<Instant>,
        parameters: Parameters,
    ) -> Result<(Stats, Report), Fault> {
        let engine = self.engine.lock().expect("no panic");
        Ok((engine.stats.clone(), Folder::fold(&engine.journal).report(&parameters)))
    }

    async fn live_report(
        &self,
        parameters: Parameters,
        seen: Option<u64>,
    ) -> Result<Option<LiveReport>, Fault> {
        let engine = self.engine.lock().expect("no panic");
        Ok(engine.live.report(&parameters, seen))
    }

    async fn journal(
        &self,
        _: Option<Instant>,
        to: Option<Instant>,
    ) -> Result<BoxStream<'static, Bytes>, Fault> {
        let engine = self.engine.lock().expect("no panic");
        let line = |record: &JournalRecord| {
            Bytes::from(serde_json::to_string(record).expect("JSON") + "\n")
        };
        let wanted = engine.journal.iter().filter(|record| to.is_none_or(|to| record.at < to));
        let lines: Vec<Bytes> = wanted.map(line).collect();
        Ok(stream::iter(lines).boxed())
    }
}
