//! What the engine knows of a tenant, already checked by the server.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, Attribute, CalibrationLimits, Channel, Expression, Hours, Proficiency, QueueId,
    SkillLevel,
};

/// Everything the engine knows of one tenant's set-up.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct CenterConfig {
    /// The queues by name.
    pub queues: BTreeMap<QueueId, QueueConfig>,
    /// The agents by name.
    pub agents: BTreeMap<AgentId, AgentConfig>,
    /// The limits.
    pub limits: CenterLimits,
    /// Rules that move staff between calls and deferred work, by name.
    #[serde(default)]
    pub blends: BTreeMap<String, Blend>,
}

/// One queue.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct QueueConfig {
    /// How long an offer may ring before it is withdrawn.
    pub ring_time: Duration,
    /// How long a contact may wait before it overflows or leaves; `None` is for ever.
    pub max_wait: Option<Duration>,
    /// How many contacts may wait or ring.
    pub max_size: u32,
    /// How long an agent may work after a conversation; zero is ready at once.
    pub wrap_up: Duration,
    /// Where a contact goes when the longest wait or the largest size is reached.
    pub overflow: Option<QueueId>,
    /// Who must be there for a contact to join (the trade's join-empty): else it leaves at once with
    /// [`crate::QueueEnd::NoAgents`].
    #[serde(default)]
    pub join_needs: Staffing,
    /// Who must be there for a contact to go on waiting (leave-when-empty): else it leaves with
    /// [`crate::QueueEnd::NoAgents`]. A phone that rings is somebody.
    #[serde(default)]
    pub stay_needs: Staffing,
    /// Which agents may be offered the queue's contacts, besides their skills; `None` is all.
    #[serde(default)]
    pub eligible: Option<Expression>,
    /// How that changes while a contact waits, in the order of `after`: rings that widen (bullseye),
    /// or narrow.
    #[serde(default)]
    pub steps: Vec<EligibilityStep>,
    /// The target that the queue's service level is measured against.
    pub service_level: ServiceLevelTarget,
    /// A caller who hangs up sooner than this is not counted as abandoned.
    pub short_abandon: Duration,
    /// Who chooses the agent.
    pub router: RouterChoice,
    /// Whether an offer that was not answered sends the agent to NotReady (the trade's usual RONA
    /// rule) instead of back to Ready.
    pub not_ready_on_no_answer: bool,
    /// After this many refusals or unanswered offers in a row, from any queue, the agent goes to
    /// NotReady; `None` is never. No cherry-picking: each is counted, and the contact keeps its place.
    #[serde(default)]
    pub refusals_max: Option<u32>,
    /// A strict tier across queues that share agents: contacts of a heavier queue go first, whatever
    /// their priority and wait. 0 is ordinary.
    #[serde(default)]
    pub weight: u8,
    /// A contact's priority rises by one each time it has waited this long; `None` is never.
    #[serde(default)]
    pub age_every: Option<Duration>,
    /// The priority that ageing may reach.
    #[serde(default = "default_age_limit")]
    pub age_limit: i8,
    /// The router's settings and whatever else routers and estimators may know of the queue.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// When the queue is open; `None` is always.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Where a contact goes while this queue is closed: the first of these that is open (branches
    /// that follow the sun).
    #[serde(default)]
    pub branches: Vec<QueueId>,
    /// What happens to those who wait when the business hours end.
    #[serde(default)]
    pub at_closing: AtClosing,
    /// What a customer is told who finds the queue closed: a prompt's name or a text.
    #[serde(default)]
    pub closed_message: Option<String>,
    /// What those who wait are told, and when.
    #[serde(default)]
    pub announcements: Option<Announcements>,
    /// The tenant's estimator plugin of this name says how long the wait will be.
    #[serde(default)]
    pub estimator: Option<String>,
    /// How callbacks are made.
    #[serde(default)]
    pub callbacks: CallbackRules,
}

impl Default for QueueConfig {
    /// Twenty seconds of ringing, no limits of waiting, 80 % within 20 seconds, built-in routing.
    fn default() -> Self {
        Self {
            ring_time: Duration::from_secs(20),
            max_wait: None,
            max_size: 1_000,
            wrap_up: Duration::ZERO,
            overflow: None,
            join_needs: Staffing::Nobody,
            stay_needs: Staffing::Nobody,
            eligible: None,
            steps: Vec::new(),
            service_level: ServiceLevelTarget { share: 0.8, within: Duration::from_secs(20) },
            short_abandon: Duration::from_secs(5),
            router: RouterChoice::BuiltIn,
            not_ready_on_no_answer: true,
            refusals_max: None,
            weight: 0,
            age_every: None,
            age_limit: i8::MAX,
            attributes: Vec::new(),
            hours: None,
            branches: Vec::new(),
            at_closing: AtClosing::default(),
            closed_message: None,
            announcements: None,
            estimator: None,
            callbacks: CallbackRules::default(),
        }
    }
}

/// Who must be there, of the agents who could serve a contact.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Staffing {
    /// Nobody need be there.
    #[default]
    Nobody,
    /// One who is logged in, even if NotReady.
    LoggedIn,
    /// One who is logged in and not NotReady: a pause empties the queue.
    Working,
    /// One who could be offered it now: busy agents do not count.
    Free,
}

/// A change of what agents must be able to do, once a contact has waited long enough.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EligibilityStep {
    /// From joining the queue.
    pub after: Duration,
    /// The expression from now on, in place of the one before; `None` keeps it. `true` drops it.
    #[serde(default)]
    pub eligible: Option<Expression>,
    /// What becomes of the required skills, after the changes of the steps before.
    #[serde(default)]
    pub skills: Vec<SkillChange>,
}

/// A change of the skills that a contact requires.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkillChange {
    /// This skill is required too, at least at this level.
    Add(SkillLevel),
    /// If the skill is required at a higher level, this one is enough.
    Lower(SkillLevel),
    /// The levels of all required skills are lower by this, but not under 1.
    LowerAll(u8),
    /// The skill is no longer required.
    Drop(String),
    /// No skill is required any more.
    DropAll,
}

/// What happens to those who wait when the business hours of their queue end.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtClosing {
    /// They are served while agents are there; only new contacts are refused.
    #[default]
    Serve,
    /// They go to an open branch, or leave with [`crate::QueueEnd::Closed`].
    Release,
}

/// What those who wait are told, and when.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Announcements {
    /// The first, after joining.
    pub first: Duration,
    /// The following ones.
    pub every: Duration,
    /// Whether the position in line is told.
    pub position: bool,
    /// Whether the estimated wait is told; kept silent while the estimator is not calibrated.
    pub wait: bool,
    /// A prompt's name or a text that is played besides.
    pub message: Option<String>,
}

/// How callbacks of a queue are made.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CallbackRules {
    /// A customer who abandons after waiting at least this long gets a callback; `None` is never.
    pub after_abandon: Option<Duration>,
    /// Who is called first.
    pub mode: CallbackMode,
    /// How often the customer is tried.
    pub attempts: u32,
    /// The time between two tries.
    pub retry: Duration,
    /// From the request to the alarm that nobody has called.
    pub deadline: Duration,
    /// For how long a callback with an owner waits for that agent alone.
    pub owner_only: Duration,
}

impl Default for CallbackRules {
    fn default() -> Self {
        Self {
            after_abandon: None,
            mode: CallbackMode::default(),
            attempts: 3,
            retry: Duration::from_secs(10 * 60),
            deadline: Duration::from_secs(4 * 3600),
            owner_only: Duration::from_secs(30 * 60),
        }
    }
}

/// Who is called first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackMode {
    /// The agent takes the callback, then the customer is dialled.
    #[default]
    AgentFirst,
    /// The customer is dialled when the callback is next to be served, and keeps its place in line.
    CustomerFirst,
}

/// Moves staff between calls and deferred work (e-mails, tasks) by load, with hysteresis.
///
/// While the rule is in its peak, agents who serve `calls` take nothing from `deferred`, and what
/// can be interrupted is interrupted for a call. The peak begins when `calls` has at least
/// `peak_waiting` contacts waiting or the longest has waited `peak_wait`; it ends when at most
/// `calm_waiting` have been waiting for all of `calm_for`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Blend {
    /// The queues with the load that counts.
    pub calls: Vec<QueueId>,
    /// The queues that can wait.
    pub deferred: Vec<QueueId>,
    /// The peak begins with this many waiting in all of `calls`.
    pub peak_waiting: u32,
    /// The peak begins when one has waited this long.
    pub peak_wait: Duration,
    /// The peak can end with at most this many waiting.
    pub calm_waiting: u32,
    /// The calm must have lasted this long.
    pub calm_for: Duration,
}

/// A service level target: a share of contacts answered within a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceLevelTarget {
    /// The share to be reached, 0.0 to 1.0.
    pub share: f64,
    /// The time within which a contact counts as answered in time.
    pub within: Duration,
}

// A share is parsed from a file and never NaN, which is all that `Eq` asks for.
impl Eq for ServiceLevelTarget {}

/// Who chooses the agent.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouterChoice {
    /// The engine's own rule: longest idle first among those with the required skills.
    #[default]
    BuiltIn,
    /// The tenant's router plugin of this name.
    Plugin(String),
}

/// One agent.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// What the agent can do, and how well.
    pub skills: Vec<SkillLevel>,
    /// The queues the agent serves, with a level in each.
    pub queues: BTreeMap<QueueId, Proficiency>,
    /// The agent's own order of queues, for routers that mind it: lower is earlier, none is 0.
    #[serde(default)]
    pub ranks: BTreeMap<QueueId, u8>,
    /// What routers and eligibility expressions may know of the agent: `language`, `branch`, `cost`.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// How much work the agent can have at once. A channel that is not named is one at a time and
    /// fills the agent.
    #[serde(default)]
    pub capacity: BTreeMap<Channel, ChannelCapacity>,
    /// Hours that are kept for some of the work, such as back-office time.
    #[serde(default)]
    pub protected: Vec<ProtectedBlock>,
}

/// Hours in which an agent is offered nothing but the work named here.
///
/// Where blocks overlap, an offer must be allowed by each of them. Work in hand goes on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ProtectedBlock {
    /// When, by the clock of the agent's branch.
    pub hours: Hours,
    /// The channels that may be offered; with `queues` empty too, nothing is.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// The queues that may be offered, whatever the channel.
    #[serde(default)]
    pub queues: Vec<QueueId>,
}

/// How much of one channel an agent can have at once.
///
/// A contact fits if fewer than `slots` of its channel are in hand, and the weights of all work in
/// hand and its own are not over 100. Interruptible work does not count against a contact whose
/// channel is not interruptible: it is interrupted, and resumed afterwards.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ChannelCapacity {
    /// Contacts of this channel at once; 0 is none at all.
    pub slots: u8,
    /// The share of the agent that one of them takes, in percent, 1 to 100.
    pub weight: u8,
    /// Whether it can be put aside for something that cannot.
    pub interruptible: bool,
}

impl Default for ChannelCapacity {
    fn default() -> Self {
        Self { slots: 1, weight: 100, interruptible: false }
    }
}

/// Limits of one tenant.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CenterLimits {
    /// How long a router may take before the built-in rule decides.
    pub router_deadline: Duration,
    /// How many candidates a router is shown, longest idle first.
    pub router_candidates: u32,
    /// How many interactions may be in the centre at once; further ones are refused.
    pub interactions: u32,
    /// How long an estimator may take; without an answer nothing is told.
    #[serde(default = "default_router_deadline")]
    pub estimator_deadline: Duration,
    /// How many callbacks may be open at once; further ones are refused.
    #[serde(default = "default_callbacks")]
    pub callbacks: u32,
    /// How many of the candidates a decision's certificate names; all are counted.
    #[serde(default = "default_certificate_candidates")]
    pub certificate_candidates: u32,
    /// When an estimator counts as calibrated, and is told to those who wait.
    #[serde(default)]
    pub calibration: CalibrationLimits,
}

fn default_age_limit() -> i8 {
    i8::MAX
}

fn default_router_deadline() -> Duration {
    Duration::from_millis(20)
}

fn default_callbacks() -> u32 {
    10_000
}

fn default_certificate_candidates() -> u32 {
    8
}

impl Default for CenterLimits {
    fn default() -> Self {
        Self {
            router_deadline: default_router_deadline(),
            router_candidates: 64,
            interactions: 10_000,
            estimator_deadline: default_router_deadline(),
            callbacks: default_callbacks(),
            certificate_candidates: default_certificate_candidates(),
            calibration: CalibrationLimits::default(),
        }
    }
}
