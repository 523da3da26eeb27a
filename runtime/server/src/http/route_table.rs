//! Every route, once: the router is made of this table, and so is the OpenAPI document.

use super::route::get;
pub use super::route::{Accepts, Access, Gives, Param, Patience, Route, Verb};
use super::{
    agents, audit, callbacks, called, contacts, conversations, desk, events, feedback, flows,
    health, interactions, oidc, plugins, queues, recordings, replay, report, rollouts, schedules,
    session, studio, tenants, users, webchat,
};
use crate::access::Right;

const fn param(name: &'static str, kind: &'static str, meaning: &'static str) -> Param {
    Param { name, kind, meaning }
}

const CURSOR: Param = param("cursor", "string", "`next` of the part before.");
const LIMIT: Param = param("limit", "integer", "Items at most: 1 to 500, else 50.");
const FROM: Param = param("from", "date-time", "At or after this moment.");
const WORLD: Param = param(
    "world",
    "string",
    "`router`, which is also meant without it, `estimator`, `chatbot`, `channel`, `connector`, `analyst`, `pacer`, or `flow`: then it is named as the flow is.",
);
const GRANTS: Param = param(
    "grants",
    "string",
    "Grants for this version besides those of the configuration, separated by commas: `crm.history`.",
);
const DOWNGRADE: Param =
    param("downgrade", "boolean", "`true` if an older version than the installed one is meant.");
const WHO: Param =
    param("who", "string", "By whoever is called so: a user, an access token, `admin`.");
const OPERATION: Param =
    param("operation", "string", "Of this operation of this document, such as `addUser`.");
const TO: Param = param("to", "date-time", "Before this moment.");
const COUNTED: Param = param(
    "counted",
    "string",
    "`journal`, which is also meant without it, or `live`: the report as it was counted while things happened.",
);
const AS: Param =
    param("as", "string", "`kpi`: the report alone; `csv`, `table` or `table-ru`: as text.");
const WITHIN: Param =
    param("within", "string", "T of the service levels, such as `20s`; else each queue's own.");
const SHORT_ABANDON: Param = param(
    "short_abandon",
    "string",
    "An abandon is short up to this wait, such as `5s`; else each queue's own.",
);
const BY: Param = param(
    "by",
    "string",
    "The tables: `queue`, `agent`, `interval`, `channel`, separated by commas, joined by `+`.",
);
const INTERVAL: Param = param("interval", "string", "The length of an interval, such as `30m`.");
const ATTRIBUTE: Param = param(
    "attribute",
    "string",
    "`enter` or `exit`: which moment of a stay decides to what interval it belongs.",
);
const WAIT_FROM: Param =
    param("wait_from", "string", "`first-queue` or `this-queue`: since when a wait is counted.");
const WINDOW: Param = param("window", "string", "W of FCR and containment, such as `7d`.");
const SAME_REASON: Param =
    param("same_reason", "boolean", "Only a contact with the same reason repeats another one.");
const REPEAT_CHANNELS: Param = param(
    "repeat_channels",
    "string",
    "The channels that are looked at for FCR and containment, such as `voice,chat`.",
);
const EXCLUDE_TRANSFERRED: Param =
    param("exclude_transferred", "boolean", "FCR leaves out contacts that were transferred.");
const EXCLUDE_ABANDONED: Param =
    param("exclude_abandoned", "boolean", "A contact that was abandoned repeats no other one.");
const STANDARD_TIME: Param = param(
    "standard_time",
    "string",
    "Standard times by queue for the earned-hours index, such as `sales=300s,help=6m`; 0s is none.",
);
const GENESYS_EXCLUDE: Param = param(
    "genesys_exclude",
    "string",
    "What Genesys Cloud's service level leaves out: `flow-outs`, `short-abandons`, `abandons`.",
);

use Accepts::{Csv, Json as Body, Wasm};
use Gives::{Elsewhere, Json, List, Nothing, Socket, Text};
use Verb::{Delete, Post, Put};

/// Writes a path below a tenant.
macro_rules! tenant {
    ($rest:literal) => {
        concat!("/api/v1/tenants/{tenant}", $rest)
    };
}

/// The routes, in the order of the document.
pub static ROUTES: &[Route] = &[
    get("/healthz", "health", "Whether the process is up.", Json(200, "Health"), health::alive)
        .access(Access::Public),
    get("/readyz", "readiness", "Whether calls can be served.", Json(200, "Readiness"), health::ready)
        .access(Access::Public),
    get("/metrics", "metrics", "Figures for Prometheus.", Text("text/plain"), health::metrics)
        .access(Access::Metrics),
    get("/api/v1/openapi.json", "openapi", "This document.", Json(200, "Any"), health::openapi)
        .access(Access::Public),
    get(
        "/api/v1/config/reload", "reloadConfig",
        "Reads the configuration again. What needs a restart, and any mistake, leaves all as it was.",
        Json(200, "Reloaded"), health::reload,
    )
    .verb(Post).access(Access::Admin),
    get(
        "/api/v1/session", "signIn",
        "Begins a session by name and password, and a code where one is needed, or by an access token; the cookie of the answer says who you are from then on.",
        Json(200, "Session"), session::begin,
    )
    .verb(Post).access(Access::Public).accepts(Body("SignIn")),
    get("/api/v1/session", "getSession", "Who you are and what you may do; 204 if you are nobody.", Json(200, "Session"), session::show)
        .access(Access::Public),
    get("/api/v1/session", "signOut", "Ends the session.", Nothing, session::end)
        .verb(Delete).access(Access::Known),
    get(
        "/api/v1/session/password", "changePassword", "Changes your password; your other sessions end.",
        Json(200, "Session"), session::change_password,
    )
    .verb(Put).access(Access::Known).accepts(Body("PasswordChange")),
    get(
        "/api/v1/session/totp", "proposeTotp",
        "Makes a secret for one-time codes (RFC 6238). It counts once a code of it is shown.",
        Json(200, "TotpSecret"), session::propose_totp,
    )
    .verb(Post).access(Access::Known),
    get(
        "/api/v1/session/totp", "switchTotpOn",
        "From now on signing in needs a one-time code; the answer has codes for when the telephone is lost.",
        Json(200, "RecoveryCodes"), session::switch_totp_on,
    )
    .verb(Put).access(Access::Known).accepts(Body("TotpProof")),
    get(
        "/api/v1/session/totp/off", "switchTotpOff", "Signing in needs no one-time code any more.",
        Json(200, "Session"), session::switch_totp_off,
    )
    .verb(Post).access(Access::Known).accepts(Body("PasswordProof")),
    get("/api/v1/oidc", "listOidcProviders", "The providers of identity by which one may sign in, for a button each.", List("OidcProvider"), oidc::list)
        .access(Access::Public),
    get(
        "/api/v1/oidc/{provider}/start", "visitOidcProvider",
        "Leads a browser to a provider of identity, by OpenID Connect.", Elsewhere, oidc::start,
    )
    .access(Access::Public)
    .query(&[param("to", "string", "Where to go on afterwards: a path of the console, `/t/...`.")]),
    get(
        "/api/v1/oidc/{provider}/callback", "signInElsewhere",
        "Where a provider of identity leads a browser back: begins a session, or leads to the page that says why not.",
        Elsewhere, oidc::finish,
    )
    .access(Access::Public)
    .query(&[
        param("state", "string", "What we had sent."),
        param("code", "string", "What the ID token is asked for with."),
        param("error", "string", "Why there is no code."),
        param("error_description", "string", "The same for people."),
        param("iss", "string", "The issuer (RFC 9207)."),
    ]),
    get("/api/v1/users", "listProviderUsers", "The provider's users, who belong to no tenant.", List("User"), users::list)
        .access(Access::Admin),
    get("/api/v1/users", "addProviderUser", "Adds a user of the provider.", Json(201, "UserAdded"), users::add)
        .verb(Post).access(Access::Admin).accepts(Body("UserRequest")),
    get("/api/v1/users/{user}", "getProviderUser", "One user of the provider.", Json(200, "User"), users::show)
        .access(Access::Admin),
    get("/api/v1/users/{user}", "changeProviderUser", "Replaces what is set of a user of the provider.", Json(200, "User"), users::change)
        .verb(Put).access(Access::Admin).accepts(Body("UserChange")),
    get("/api/v1/users/{user}", "removeProviderUser", "Removes a user of the provider.", Nothing, users::remove)
        .verb(Delete).access(Access::Admin),
    get("/api/v1/users/{user}/reset", "resetProviderUser", "Gives a user of the provider a new password and ends the sessions.", Json(200, "UserAdded"), users::reset)
        .verb(Post).access(Access::Admin),
    get("/api/v1/audit", "listAudit", "Who changed what, of all tenants and of the provider, the latest first. A part may be short and not the last.", List("AuditEntry"), audit::list)
        .access(Access::Admin)
        .query(&[FROM, TO, WHO, OPERATION, CURSOR, LIMIT]),
    get("/api/v1/tenants", "listTenants", "The tenants the token may see.", List("Tenant"), tenants::list)
        .access(Access::Known),
    get(tenant!(""), "getTenant", "A tenant's set-up and state.", Json(200, "TenantState"), tenants::show),
    get(tenant!("/agents"), "listAgents", "The agents and what they are doing.", List("Agent"), agents::list),
    get(tenant!("/agents/{agent}"), "getAgent", "One agent.", Json(200, "Agent"), agents::show),
    get(
        tenant!("/agents/{agent}/state"), "setAgentState",
        "Changes what an agent is doing; the answer is the agent afterwards.",
        Json(200, "Agent"), agents::set_state,
    )
    .verb(Put).access(Access::Agent).accepts(Body("AgentStateChange")),
    get(
        tenant!("/agents/{agent}/desk"), "desk",
        "An agent's desk: a WebSocket for state, offers, calls and conversations, as runtime/server/DESK.md says.",
        Socket("desk.v1"), desk::open,
    )
    .access(Access::Agent),
    get(
        tenant!("/agents/{agent}/interactions/{interaction}/accept"), "acceptOffer",
        "Accepts the chat, e-mail or task that is offered to the agent. A call is accepted on the phone.",
        Json(200, "Agent"), conversations::accept,
    )
    .verb(Post).access(Access::Agent),
    get(
        tenant!("/agents/{agent}/interactions/{interaction}/decline"), "declineOffer",
        "Declines what is offered to the agent; it keeps its place in line.",
        Json(200, "Agent"), conversations::decline,
    )
    .verb(Post).access(Access::Agent),
    get(
        tenant!("/agents/{agent}/interactions/{interaction}/end"), "endConversation",
        "Ends a conversation at the agent's side; after-call work follows.",
        Json(200, "Agent"), conversations::end_by_agent,
    )
    .verb(Post).access(Access::Agent),
    get(
        tenant!("/agents/{agent}/interactions/{interaction}/finish"), "finishAfterCallWork",
        "Finishes the after-call work of one conversation.",
        Json(200, "Agent"), conversations::finish,
    )
    .verb(Post).access(Access::Agent),
    get(
        tenant!("/agents/{agent}/schedule"), "getAgentSchedule",
        "What an agent is planned to do, from as far back as live figures go.",
        List("ScheduleEntry"), schedules::show,
    )
    .right(Right::ReadPlan)
    .query(&[FROM, TO]),
    get(
        tenant!("/agents/{agent}/schedule"), "setAgentSchedule",
        "Replaces what an agent is planned to do between two moments; the answer is the plan of that time.",
        List("ScheduleEntry"), schedules::replace,
    )
    .verb(Put).right(Right::Plan).accepts(Body("ScheduleChange")),
    get(
        tenant!("/schedule"), "listSchedule",
        "What agents are planned to do, from as far back as live figures go.",
        List("ScheduleEntry"), schedules::list,
    )
    .right(Right::ReadPlan)
    .query(&[param("agent", "string", "Of this agent."), FROM, TO]),
    get(tenant!("/users"), "listUsers", "The tenant's users.", List("User"), users::list)
        .right(Right::ManageUsers),
    get(
        tenant!("/users"), "addUser",
        "Adds a user. Without a password one is made up, told once, and must be changed at the first sign-in.",
        Json(201, "UserAdded"), users::add,
    )
    .verb(Post).right(Right::ManageUsers).accepts(Body("UserRequest")),
    get(tenant!("/users/{user}"), "getUser", "One user.", Json(200, "User"), users::show)
        .right(Right::ManageUsers),
    get(
        tenant!("/users/{user}"), "changeUser",
        "Replaces what is set of a user. Who loses a role is signed out.", Json(200, "User"), users::change,
    )
    .verb(Put).right(Right::ManageUsers).accepts(Body("UserChange")),
    get(tenant!("/users/{user}"), "removeUser", "Removes a user and ends the sessions.", Nothing, users::remove)
        .verb(Delete).right(Right::ManageUsers),
    get(
        tenant!("/users/{user}/reset"), "resetUser",
        "Gives a user a new password, without one-time codes, and ends the sessions.",
        Json(200, "UserAdded"), users::reset,
    )
    .verb(Post).right(Right::ManageUsers),
    get(
        tenant!("/audit"), "listTenantAudit",
        "Who changed what in the tenant, the latest first: every request but those that only look, also those that were refused. A part may be short and not the last.",
        List("AuditEntry"), audit::list,
    )
    .right(Right::Audit)
    .query(&[FROM, TO, WHO, OPERATION, CURSOR, LIMIT]),
    get(tenant!("/queues"), "listQueues", "The queues, live and in figures.", List("Queue"), queues::list),
    get(tenant!("/queues/{queue}"), "getQueue", "One queue.", Json(200, "Queue"), queues::show),
    get(
        tenant!("/queues/{queue}/close"), "closeQueue",
        "Closes a queue at once, whatever its hours: those who wait go to an open branch or leave it.",
        Json(200, "Queue"), queues::close,
    )
    .verb(Post).right(Right::Supervise).accepts(Body("QueueClosing")),
    get(
        tenant!("/queues/{queue}/open"), "openQueue",
        "Opens a queue that was closed: from now on its hours count.",
        Json(200, "Queue"), queues::open,
    )
    .verb(Post).right(Right::Supervise),
    get(tenant!("/callbacks"), "listCallbacks", "Customers who are to be called.", List("Callback"), callbacks::list)
        .query(&[param("queue", "string", "In the line of this queue.")]),
    get(
        tenant!("/callbacks"), "addCallback",
        "Has a customer called. One who is to be called from that queue already keeps the earlier place.",
        Json(201, "Callback"), callbacks::add,
    )
    .verb(Post).right(Right::Serve).accepts(Body("CallbackRequest")),
    get(tenant!("/callbacks/{callback}"), "cancelCallback", "Calls a callback off.", Nothing, callbacks::cancel)
        .verb(Delete).right(Right::Supervise),
    get(tenant!("/contacts"), "listContacts", "Contacts by id.", List("Contact"), contacts::list)
        .right(Right::ReadContacts)
        .query(&[
            param("address", "string", "The contact with this number, e-mail address or id."),
            CURSOR, LIMIT,
        ]),
    get(tenant!("/contacts"), "createContact", "Creates a contact.", Json(201, "Contact"), contacts::create)
        .verb(Post).right(Right::EditContacts).accepts(Body("ContactChange")),
    get(
        tenant!("/contacts/import"), "importContacts",
        "Imports contacts; the answer tells how it goes and ends with a report. Repeating it changes nothing more.",
        Text("application/x-ndjson"), contacts::import,
    )
    .verb(Post).right(Right::ManageContacts).accepts(Csv).long()
    .query(&[param("dry_run", "boolean", "Only report, keep nothing.")]),
    get(tenant!("/contacts/{contact}"), "getContact", "One contact.", Json(200, "Contact"), contacts::show)
        .right(Right::ReadContacts),
    get(
        tenant!("/contacts/{contact}"), "replaceContact",
        "Replaces what is known of a contact; notes stay.", Json(200, "Contact"), contacts::replace,
    )
    .verb(Put).right(Right::EditContacts).accepts(Body("ContactChange")),
    get(tenant!("/contacts/{contact}"), "deleteContact", "Forgets a contact.", Nothing, contacts::delete)
        .verb(Delete).right(Right::ManageContacts),
    get(
        tenant!("/contacts/{contact}/notes"), "addNote", "Adds a note to a contact.",
        Json(201, "Contact"), contacts::add_note,
    )
    .verb(Post).right(Right::EditContacts).accepts(Body("Note")),
    get(
        tenant!("/interactions"), "listInteractions", "Interactions, the latest first.",
        List("Interaction"), interactions::list,
    )
    .right(Right::ReadInteractions)
    .query(&[
        param("agent", "string", "Served last by this agent."),
        param("queue", "string", "In this queue last."),
        param("ani", "string", "From this address."),
        FROM, TO,
        param("open", "boolean", "In progress, or ended."),
        CURSOR, LIMIT,
    ]),
    get(
        tenant!("/interactions"), "createInteraction",
        "Brings a chat, an e-mail, a message or a task into a queue.",
        Json(201, "Interaction"), conversations::create,
    )
    .verb(Post).right(Right::Serve).accepts(Body("InteractionRequest")),
    get(
        tenant!("/interactions/{interaction}"), "getInteraction", "One interaction and its story.",
        Json(200, "Interaction"), interactions::show,
    )
    .right(Right::ReadInteractions),
    get(
        tenant!("/interactions/{interaction}/end"), "endInteraction",
        "Ends a chat, an e-mail, a message or a task at the customer's side: it leaves its queue or its agent.",
        Json(200, "Interaction"), conversations::end,
    )
    .verb(Post).right(Right::Supervise),
    get(
        tenant!("/interactions/{interaction}/move"), "moveInteraction",
        "Moves a waiting interaction to another queue; it keeps its waiting time.",
        Json(200, "Place"), interactions::move_to,
    )
    .verb(Post).right(Right::Supervise).accepts(Body("InteractionMove")),
    get(
        tenant!("/interactions/{interaction}/prioritise"), "prioritiseInteraction",
        "Changes the priority of a waiting interaction.",
        Json(200, "Place"), interactions::prioritise,
    )
    .verb(Post).right(Right::Supervise).accepts(Body("InteractionPriority")),
    get(
        tenant!("/interactions/{interaction}/rating"), "rateInteraction",
        "Keeps what the customer thought of an interaction, also after its end. What is not answered keeps its answer; without any the customer was asked.",
        Json(200, "Rating"), feedback::rate,
    )
    .verb(Post).right(Right::Serve).accepts(Body("RatingChange")),
    get(
        tenant!("/interactions/{interaction}/reason"), "setInteractionReason",
        "Keeps what an interaction was about, also after its end.",
        Json(200, "Reason"), feedback::reason,
    )
    .verb(Post).right(Right::Serve).accepts(Body("ReasonChange")),
    get(
        tenant!("/interactions/{interaction}/decisions"), "listDecisions",
        "Why each agent was offered it, from the journal; with `agent`, why that one was not.",
        List("Decision"), interactions::decisions,
    )
    .right(Right::ReadInteractions)
    .query(&[param("agent", "string", "Whom to tell about.")]).long(),
    get(tenant!("/flows"), "listFlows", "The flows.", List("Flow"), flows::list)
        .right(Right::ReadFlows),
    get(
        tenant!("/flows/{flow}/versions"), "listFlowVersions", "A flow's versions, the latest first.",
        List("FlowVersion"), flows::versions,
    )
    .right(Right::ReadFlows),
    get(
        tenant!("/flows/{flow}/versions/{version}"), "getFlowVersion", "A version with its script.",
        Json(200, "FlowScript"), flows::version,
    )
    .right(Right::ReadFlows),
    get(
        tenant!("/flows/{flow}/check"), "checkFlow", "Parses a script as publishing it would.",
        Json(200, "Checked"), flows::check,
    )
    .right(Right::ReadFlows)
    .verb(Post).accepts(Body("ScriptToCheck")).long(),
    get(
        tenant!("/flows/{flow}/draft"), "putFlowDraft",
        "Lets a script that is not published take the calls to `*` and a number of the flow, until it is replaced or removed or the process ends.",
        Json(200, "Draft"), flows::put_draft,
    )
    .verb(Put).right(Right::EditFlows).accepts(Body("ScriptToCheck")).long(),
    get(
        tenant!("/flows/{flow}/draft"), "removeFlowDraft",
        "Removes the draft; calls that it serves go on.", Nothing, flows::remove_draft,
    )
    .verb(Delete).right(Right::EditFlows),
    get(
        tenant!("/flows/{flow}/publish"), "publishFlow",
        "Publishes a script: calls that come from now on are served by it.",
        Json(201, "Published"), flows::publish,
    )
    .verb(Post).right(Right::EditFlows).accepts(Body("ScriptToPublish")).long(),
    get(
        tenant!("/flows/{flow}/rollback"), "rollBackFlow",
        "Lets an earlier version take the calls: the one before, or the one named.",
        Json(200, "Published"), flows::roll_back,
    )
    .verb(Post).right(Right::EditFlows).accepts(Body("FlowRollback")).long(),
    get(
        tenant!("/flows/verbs"), "listVerbs",
        "The vocabulary of scripts: what the host offers, with an example each.",
        List("Verb"), studio::list_verbs,
    )
    .right(Right::ReadFlows),
    get(
        tenant!("/flows/templates"), "listTemplates",
        "Scripts to begin a flow with; the queues in them are the tenant's.",
        List("Template"), studio::list_templates,
    )
    .right(Right::ReadFlows),
    get(
        tenant!("/flows/{flow}/analyse"), "analyseFlow",
        "Reads a script and draws it as a graph; says what is wrong with it, or most likely is. Nothing runs.",
        Json(200, "FlowAnalysis"), studio::analyse,
    )
    .verb(Post).right(Right::ReadFlows).accepts(Body("ScriptToCheck")).long(),
    get(
        tenant!("/flows/{flow}/simulate"), "simulateFlow",
        "Leads a made-up customer by a script, as far as what the customer does is said. The same order has the same steps.",
        Json(200, "Simulated"), studio::simulate,
    )
    .verb(Post).right(Right::ReadFlows).accepts(Body("ScriptToSimulate")).long(),
    get(
        tenant!("/flows/{flow}/effect"), "compareFlow",
        "What a script would have done for the callers of a past day, beside what the active one does; nothing changes.",
        Json(200, "FlowEffect"), studio::effect,
    )
    .verb(Post).right(Right::Replay).accepts(Body("ScriptToCompare")).long(),
    get(
        tenant!("/flows/{flow}/working-copy"), "getWorkingCopy",
        "The script as somebody is writing it. It takes no calls.",
        Json(200, "WorkingCopyState"), studio::working_copy,
    )
    .right(Right::ReadFlows),
    get(
        tenant!("/flows/{flow}/working-copy"), "putWorkingCopy",
        "Keeps a script that is being written; a 409 if another has written since.",
        Json(200, "WorkingCopy"), studio::put_working_copy,
    )
    .verb(Put).right(Right::EditFlows).accepts(Body("WorkingCopyChange")),
    get(
        tenant!("/flows/{flow}/working-copy"), "deleteWorkingCopy",
        "Throws away the script that is being written.", Nothing, studio::delete_working_copy,
    )
    .verb(Delete).right(Right::EditFlows),
    get(
        tenant!("/flows/{flow}/scenarios"), "listScenarios",
        "Customers by whom a flow is tried before it is published.",
        List("Scenario"), studio::scenarios,
    )
    .right(Right::ReadFlows),
    get(
        tenant!("/flows/{flow}/scenarios/try"), "tryScenarios",
        "Tries a script by every scenario of its flow.",
        List("ScenarioTried"), studio::try_scenarios,
    )
    .verb(Post).right(Right::ReadFlows).accepts(Body("ScriptToCheck")).long(),
    get(
        tenant!("/flows/{flow}/scenarios/{scenario}"), "putScenario",
        "Keeps a scenario in place of the one of the same name.",
        Json(200, "Scenario"), studio::put_scenario,
    )
    .verb(Put).right(Right::EditFlows).accepts(Body("ScenarioChange")),
    get(
        tenant!("/flows/{flow}/scenarios/{scenario}"), "deleteScenario", "Forgets a scenario.",
        Nothing, studio::delete_scenario,
    )
    .verb(Delete).right(Right::EditFlows),
    get(tenant!("/plugins"), "listPlugins", "The plugins.", List("Plugin"), plugins::list)
        .right(Right::ReadPlugins),
    get(
        tenant!("/plugins/{plugin}"), "installPlugin",
        "Checks, compiles and keeps a component. It decides only once it is activated.",
        Json(201, "Installed"), plugins::install,
    )
    .verb(Post).right(Right::ManagePlugins).accepts(Wasm).long()
    .query(&[WORLD, GRANTS, DOWNGRADE]),
    get(
        tenant!("/packages"), "listPackages", "The packages that are installed, as in the lock file.",
        List("Package"), plugins::packages,
    )
    .right(Right::ReadPlugins),
    get(
        tenant!("/plugins/{plugin}"), "getPlugin",
        "Whether each version of a plugin, or of a flow, is asked; what it has used and which limits it has met; who switched it off and on.",
        Json(200, "PluginState"), plugins::show,
    )
    .right(Right::ReadPlugins),
    get(
        tenant!("/plugins/{plugin}/disable"), "disablePlugin",
        "Stops every version of a plugin, or of a flow, at once; what is built in serves until it is enabled.",
        Json(200, "PluginState"), plugins::disable,
    )
    .verb(Post).right(Right::ManagePlugins).accepts(Body("PluginSwitch")),
    get(
        tenant!("/plugins/{plugin}/enable"), "enablePlugin",
        "Lets every version of a plugin be asked again; quarantines are forgotten.",
        Json(200, "PluginState"), plugins::enable,
    )
    .verb(Post).right(Right::ManagePlugins).accepts(Body("PluginSwitch")),
    get(
        tenant!("/plugins/{plugin}/versions"), "listPluginVersions",
        "A plugin's versions, the latest first.", List("PluginVersion"), plugins::versions,
    )
    .right(Right::ReadPlugins),
    get(
        tenant!("/plugins/{plugin}/activate"), "activatePlugin",
        "Lets an installed version decide from now on.", Json(200, "Activated"), plugins::activate,
    )
    .verb(Post).right(Right::ManagePlugins).accepts(Body("PluginActivation")).long().query(&[WORLD]),
    get(
        tenant!("/plugins/{plugin}/rollback"), "rollBackPlugin",
        "Takes back what was done last: a candidate that is tried, or else the active version of a plugin or a flow, for which the one before serves again.",
        Json(200, "Activated"), rollouts::roll_back,
    )
    .verb(Post).access(Access::Rollout).long(),
    get(
        tenant!("/plugins/{plugin}/canary"), "beginCanary",
        "Gives an installed version of a plugin or a flow a part of the contacts. It is taken back by itself once it is worse than it may be.",
        Json(200, "PluginState"), rollouts::canary,
    )
    .verb(Post).access(Access::Rollout).accepts(Body("PluginCanary")).long(),
    get(
        tenant!("/plugins/{plugin}/shadow"), "beginShadow",
        "Asks an installed version of a router, estimator, analyst or pacer what the active one is asked, and does not obey it: the differences are in the plugin's state.",
        Json(200, "PluginState"), rollouts::shadow,
    )
    .verb(Post).right(Right::ManagePlugins).accepts(Body("PluginShadow")).long(),
    get(
        tenant!("/plugins/{plugin}/promote"), "promotePlugin",
        "Makes the candidate of a canary or a shadow the active version.",
        Json(200, "Activated"), rollouts::promote,
    )
    .verb(Post).access(Access::Rollout).long(),
    get(
        tenant!("/routers/{plugin}/publish"), "publishRouter",
        "Publishes a script: contacts that are routed from now on are routed by it.",
        Json(200, "Activated"), plugins::publish_router,
    )
    .verb(Post).right(Right::ManagePlugins).accepts(Body("ScriptToCheck")).long(),
    get(
        tenant!("/channels/{plugin}/webhook"), "channelWebhook",
        "What another system sends to a channel. The channel's plugin says who may.",
        Text("*/*"), called::channel_webhook,
    )
    .verb(Post).access(Access::Plugin).accepts(Accepts::Anything),
    get(
        tenant!("/connectors/{plugin}/webhook"), "connectorWebhook",
        "What another system sends to a connector. The connector's plugin says who may.",
        Text("*/*"), called::connector_webhook,
    )
    .verb(Post).access(Access::Plugin).accepts(Accepts::Anything),
    get(
        tenant!("/connectors/{plugin}/contact"), "lookUpContact",
        "Asks a connector for a customer.", Json(200, "Any"), called::look_up,
    )
    .right(Right::ReadContacts)
    .query(&[param("address", "string", "The number, e-mail address or id.")]),
    get(
        tenant!("/connectors/{plugin}/leads"), "createLead",
        "Has a connector create a lead: somebody who may become a customer. The answer says what the other system calls it.",
        Json(200, "LeadCreated"), called::create_lead,
    )
    .verb(Post).right(Right::EditContacts).accepts(Body("Lead")),
    get(
        tenant!("/pacers/{plugin}/decide"), "pace",
        "Asks a pacer how many outbound calls to place now.", Json(200, "Pace"), called::pace,
    )
    .right(Right::ReadPlugins)
    .verb(Post).accepts(Body("Campaign")),
    get(
        tenant!("/interactions/{interaction}/recording"), "recording",
        "The recording of an interaction that is over, as a WAV file: the customer left, the agent right.",
        Text("audio/wav"), recordings::fetch,
    )
    .right(Right::Listen),
    get(
        tenant!("/interactions/{interaction}/messages"), "writeMessage",
        "Writes to the customer of a conversation on a channel.", Nothing, called::write_message,
    )
    .verb(Post).right(Right::Serve).accepts(Body("MessageToCustomer")),
    get(
        tenant!("/interactions/{interaction}/transcript"), "addTranscript",
        "Has the tenant's analysts read what was said; the answer has their findings.",
        Json(200, "Interaction"), called::add_transcript,
    )
    .verb(Post).right(Right::Serve).accepts(Body("Transcript")),
    get(
        tenant!("/report"), "report", "Figures of a time, by queue and agent, with their definitions.",
        Json(200, "Report"), report::show,
    )
    .right(Right::Report)
    .query(&[
        FROM, TO, COUNTED, AS, WITHIN, SHORT_ABANDON, BY, INTERVAL, ATTRIBUTE, WAIT_FROM, WINDOW,
        SAME_REASON, REPEAT_CHANNELS, EXCLUDE_TRANSFERRED, EXCLUDE_ABANDONED, STANDARD_TIME,
        GENESYS_EXCLUDE,
    ])
    .long(),
    get(
        tenant!("/replay"), "replay",
        "Replays a time of the past, with a candidate if one is named; the answer tells how far it is, a line each, and ends with a report. Nothing is changed.",
        Text("application/x-ndjson"), replay::replay,
    )
    .verb(Post).right(Right::Replay).accepts(Body("ReplayOrder")).long(),
    get(
        tenant!("/report/live"), "liveReport",
        "The figures of this day, or since `from`, as server-sent events: at once, and within a second after each change.",
        Text("text/event-stream"), report::watch,
    )
    .right(Right::Report)
    .query(&[
        FROM, TO, AS, WITHIN, SHORT_ABANDON, BY, INTERVAL, ATTRIBUTE, WAIT_FROM, WINDOW,
        SAME_REASON, REPEAT_CHANNELS, EXCLUDE_TRANSFERRED, EXCLUDE_ABANDONED, STANDARD_TIME,
        GENESYS_EXCLUDE,
    ]),
    get(
        tenant!("/journal"), "journal",
        "Every input with what the engine made of it, a record a line, from the first, or from the start of the run of the process that `from` lies in: what reports are recomputed from and proofs are made of.",
        Text("application/x-ndjson"), report::journal,
    )
    .right(Right::Journal)
    .query(&[FROM, TO]).long(),
    get(
        tenant!("/events"), "events",
        "What happens from now on, as server-sent events; `lagged` says that some were lost.",
        Text("text/event-stream"), events::watch,
    ),
    get(
        tenant!("/interactions/{interaction}/messages"), "listMessages",
        "What was written in a conversation so far, the earliest first.",
        List("Message"), webchat::messages,
    )
    .right(Right::ReadInteractions),
    get(
        tenant!("/interactions/{interaction}/typing"), "tellTyping",
        "Lets the visitor of a web chat see that an agent is writing.", Nothing, webchat::typing,
    )
    .verb(Post).right(Right::Serve),
    get(
        tenant!("/webchat"), "webchat",
        "The web chat, for the page of a visitor: a WebSocket. Only pages of the tenant's `webchat.origins` are let in.",
        Socket("webchat.v1"), webchat::open,
    )
    .access(Access::Visitor),
];
