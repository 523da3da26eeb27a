//! Agents' desks in the browser: one socket for state, offers, calls and conversations.
//!
//! A [`Desk`] is there for as long as an agent works at it, whether its page is connected at the moment
//! or not: it keeps what was told and not seen ([`outbox`]), the line that carries the agent's voice, and a
//! call to somebody third ([`consult`]). [`watch`] tells what changes, [`command`] does what the page asks,
//! [`pop`] gathers what an agent wants to know of a customer before it rings.

mod command;
mod consult;
mod outbox;
mod pop;
mod supervise;
mod view;
mod watch;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield_core::{AgentId, Instant, InteractionId, Output};
use jackfield_telephony::Line;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch as channel};

use crate::access::secret;
use crate::tenant::{Tenant, now, story_of};
use consult::Consult;
use outbox::Outbox;
use supervise::Supervised;

pub use command::{Asked, What, Who};

/// The subprotocol of the socket.
pub const PROTOCOL: &str = "desk.v1";
/// Answers to commands that are kept, so that one that is sent again is not done again.
const ANSWERS_KEPT: usize = 200;

/// How desks are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeskConfig {
    /// Messages kept until the page says that it has seen them.
    pub messages: usize,
    /// Without its page for this long an agent is made not ready.
    pub away: Duration,
    /// Without its page for this long a desk is given up: its line ends, and what is in hand with it.
    pub keep: Duration,
}

/// The desks of one tenant.
#[derive(Default)]
pub struct Desks(Mutex<HashMap<AgentId, Arc<Desk>>>);

impl Desks {
    fn all(&self) -> MutexGuard<'_, HashMap<AgentId, Arc<Desk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Desks that are there, and those of them that calls ring at: for metrics.
    pub fn counts(&self) -> (usize, usize) {
        let all = self.all();
        let with_voice = all.values().filter(|desk| desk.lock().line_up).count();
        (all.len(), with_voice)
    }

    /// The desk of an agent, begun if there is none.
    pub fn of(&self, tenant: &Arc<Tenant>, agent: &AgentId) -> Arc<Desk> {
        let mut all = self.all();
        if let Some(desk) = all.get(agent) {
            return Arc::clone(desk);
        }
        let desk = Arc::new(Desk::new(agent.clone(), tenant.config().desk));
        all.insert(agent.clone(), Arc::clone(&desk));
        tenant.spawn(watch::run(Arc::clone(tenant), Arc::clone(&desk)));
        desk
    }

    /// Has the desks of supervisors look again at what they show: a conversation is over.
    pub fn look_again(&self) {
        let all = self.all();
        let watching = all.values().filter(|desk| desk.lock().supervised.is_some());
        watching.for_each(|desk| desk.changed.notify_one());
    }

    /// Whether a call rings at the agent's desk: its page is there, with a line that is up.
    pub fn rings(&self, agent: &AgentId) -> bool {
        self.all().get(agent).is_some_and(|desk| desk.lock().line_up)
    }

    /// Lets the desks know what the engine said about their agents.
    pub fn apply(&self, output: &Output) {
        let agent = match output {
            Output::Offer { agent, .. }
            | Output::Withdraw { agent, .. }
            | Output::OfferLost { agent, .. }
            | Output::Connect { agent, .. }
            | Output::Disconnect { agent, .. }
            | Output::Interrupt { agent, .. }
            | Output::Resume { agent, .. }
            | Output::AgentChanged { agent, .. }
            | Output::WrapUpEnded { agent, .. } => agent,
            _ => return,
        };
        let desk = self.all().get(agent).cloned();
        if let Some(desk) = desk {
            desk.note(output);
            desk.changed.notify_one();
        }
    }

    fn remove(&self, agent: &AgentId) {
        self.all().remove(agent);
    }
}

/// One agent's desk.
pub struct Desk {
    /// Whose.
    pub agent: AgentId,
    config: DeskConfig,
    state: Mutex<State>,
    /// Something about the agent has changed.
    changed: Notify,
    /// How many messages there were: sockets wait for more.
    told: channel::Sender<u64>,
    /// Who is connected: the newest page takes the place of the others.
    page: channel::Sender<u64>,
}

struct State {
    /// Names this desk: a page that comes back knows whether it is still the same.
    id: String,
    outbox: Outbox,
    answers: VecDeque<(String, Value)>,
    line: Option<Arc<dyn Line>>,
    /// Whether a browser is connected to the line.
    line_up: bool,
    muted: bool,
    /// Conversations on hold.
    held: Vec<InteractionId>,
    /// When what is in hand began.
    since: BTreeMap<InteractionId, Instant>,
    /// Offers whose customer was not shown yet, with the reasons for this agent.
    to_show: Vec<(InteractionId, Vec<(String, String)>)>,
    consult: Option<Consult>,
    supervised: Option<Supervised>,
    /// Whether a page has come that was not shown the view yet.
    unshown: bool,
    /// Since when no page is connected; `None` while one is.
    alone_since: Option<tokio::time::Instant>,
    closed: bool,
}

/// What a page is told when it comes.
pub struct Welcome {
    /// The messages that it has not seen.
    pub messages: Vec<String>,
    /// The number of the last.
    pub last: u64,
    /// Which page it is.
    pub page: u64,
}

impl Desk {
    fn new(agent: AgentId, config: DeskConfig) -> Self {
        let state = State {
            id: secret::random_token(),
            outbox: Outbox::new(config.messages),
            answers: VecDeque::new(),
            line: None,
            line_up: false,
            muted: false,
            held: Vec::new(),
            since: BTreeMap::new(),
            to_show: Vec::new(),
            consult: None,
            supervised: None,
            unshown: false,
            alone_since: Some(tokio::time::Instant::now()),
            closed: false,
        };
        Self {
            agent,
            config,
            state: Mutex::new(state),
            changed: Notify::new(),
            told: channel::Sender::new(0),
            page: channel::Sender::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the page something; it is kept until it was seen.
    fn tell(&self, message: Value) {
        self.lock().outbox.push(message);
        self.told.send_modify(|count| *count += 1);
    }

    /// A page comes, with what it knows of an earlier connection: the desk's name and the last message it
    /// saw. Another page of the same agent is sent away.
    pub fn welcome(&self, known: Option<(&str, u64)>) -> Welcome {
        let mut state = self.lock();
        (state.alone_since, state.unshown) = (None, true);
        let seen = known.filter(|(id, seen)| *id == state.id && state.outbox.reaches(*seen));
        let resumed = seen.is_some();
        let seen = seen.map_or_else(|| state.outbox.after(0).1, |(_, seen)| seen);
        let id = state.id.clone();
        state.outbox.seen(seen);
        state.outbox.push(json!({ "type": "welcome", "desk": id, "resumed": resumed }));
        let (messages, last) = state.outbox.after(seen);
        drop(state);
        self.page.send_modify(|page| *page += 1);
        let page = *self.page.borrow();
        // The whole view follows, whatever was missed.
        self.changed.notify_one();
        Welcome { messages, last, page }
    }

    /// Waits for messages after `seq`; `None` once another page has come or the desk is given up.
    pub async fn more(&self, page: u64, seq: u64) -> Option<(Vec<String>, u64)> {
        let (mut told, mut pages) = (self.told.subscribe(), self.page.subscribe());
        loop {
            {
                let state = self.lock();
                if state.closed || *pages.borrow_and_update() != page {
                    return None;
                }
                let (messages, last) = state.outbox.after(seq);
                if seq < last {
                    return Some((messages, last));
                }
                told.mark_unchanged();
            }
            tokio::select! {
                changed = told.changed() => changed.ok()?,
                changed = pages.changed() => changed.ok()?,
            }
        }
    }

    /// Whether a page waits for the view; not any more.
    fn take_unshown(&self) -> bool {
        std::mem::take(&mut self.lock().unshown)
    }

    /// A conversation that is over is supervised no more.
    fn forget_supervised(&self, tenant: &Tenant) {
        let mut state = self.lock();
        if state.supervised.as_ref().is_some_and(|one| !one.lasts(tenant)) {
            state.supervised = None;
        }
    }

    /// The page has seen all up to `seq`.
    pub fn seen(&self, seq: u64) {
        self.lock().outbox.seen(seq);
    }

    /// The page has gone.
    pub fn leave(&self, page: u64) {
        if *self.page.borrow() == page {
            self.lock().alone_since = Some(tokio::time::Instant::now());
            self.changed.notify_one();
        }
    }

    /// Notes what the engine said about the agent.
    fn note(&self, output: &Output) {
        let mut state = self.lock();
        match output {
            Output::Offer { interaction, .. } => {
                state.since.insert(*interaction, now());
                let details = story_of(output).map(|(_, _, details)| details);
                state.to_show.push((*interaction, details.unwrap_or_default()));
            }
            Output::Withdraw { interaction, .. } | Output::OfferLost { interaction, .. } => {
                state.to_show.retain(|(one, _)| one != interaction);
            }
            Output::Connect { interaction, .. } => {
                state.since.insert(*interaction, now());
            }
            Output::Disconnect { interaction, .. } => {
                state.since.insert(*interaction, now());
                state.held.retain(|one| one != interaction);
                // Whoever was asked for advice is not needed any more, unless the customer went there.
                if state.consult.as_ref().is_some_and(|one| one.interaction == *interaction) {
                    state.consult = None;
                }
            }
            _ => {}
        }
    }
}
