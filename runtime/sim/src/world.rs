//! The world around an engine: virtual time, customers, agents, network, faults.
//!
//! One step is one input with all that comes of it. What is next is decided by time alone: the
//! engine's own deadline, then what the plan says, then what the world has put on its agenda.

mod agents;
mod callbacks;
mod crash;
mod customers;
mod disk;
mod plugins;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentId, AskId, CallbackId, Center, CenterConfig, EndCause, Estimate, Input, Instant,
    InteractionId, JournalRecord, OfferId, Output, Party, PluginFailure, QueueId, RoutingAnswer,
};

use crate::book::{Book, Rule, Wrong};
use crate::engine::Engine;
use crate::plan::{Act, ContactPlan, Plan};
use crate::router::{Estimator, Router};
use agents::Wish;
use callbacks::Wanted;
use customers::Customer;
use disk::Disk;

/// How closely a run is watched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Checks {
    /// Not at all: for measuring.
    Off,
    /// Each record by itself.
    Records,
    /// Each record, and the whole book against the engine after every so many of them.
    Every(u64),
}

/// How a run is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How closely it is watched.
    pub checks: Checks,
    /// Whether the journal and the script are kept.
    pub keep: bool,
    /// After so many steps it stops, wherever it is.
    pub steps_max: u64,
    /// The liveness phase may take this long.
    pub liveness_max: Duration,
    /// See [`Book::believing`].
    pub estimates_believed: bool,
    /// Whether the disk says that it has synced what it has not: for tests.
    pub disk_lies: bool,
}

impl Default for Options {
    /// Everything is checked after every step; nothing is kept.
    fn default() -> Self {
        Self {
            checks: Checks::Every(1),
            keep: false,
            steps_max: u64::MAX,
            liveness_max: Duration::from_secs(7 * 24 * 3600),
            estimates_believed: false,
            disk_lies: false,
        }
    }
}

/// The routers and estimators of a run, by the names that queues know them by.
#[derive(Default)]
pub struct Cast {
    /// The routers. A queue whose router is not here gets the failure `not_loaded`.
    pub routers: BTreeMap<String, Box<dyn Router>>,
    /// The estimators.
    pub estimators: BTreeMap<String, Box<dyn Estimator>>,
}

/// Something wrong, and when.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("step {step} at {at}: {wrong}")]
pub struct Failure {
    /// After which step, from 1.
    pub step: u64,
    /// When.
    pub at: Instant,
    /// What.
    pub wrong: Wrong,
}

/// One thing that happened to the engine: what a script is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// It was told something.
    Fed(Instant, Input),
    /// The process died and started again; chance says what was lost.
    Crashed(Instant, u64),
}

/// Something on the world's agenda.
#[derive(Clone, Debug)]
enum Event {
    Arrive(Box<ContactPlan>),
    Enqueue(InteractionId),
    GiveUp(InteractionId),
    React(OfferId, Reaction),
    TalkEnds(InteractionId),
    Hold(InteractionId, bool),
    Silence(InteractionId),
    WrapEnds(AgentId),
    Back(AgentId),
    Router(AskId, Result<RoutingAnswer, PluginFailure>, String),
    Estimator(AskId, Result<Option<Estimate>, PluginFailure>, String),
    /// The dialling of this try came to something or not.
    Dialled(CallbackId, u32, bool),
    /// Hangs up a call that nobody wanted.
    Unwanted(InteractionId),
    Cancel(CallbackId),
    Hopeless,
    Said(Input),
}

/// What an agent does about an offer.
#[derive(Clone, Copy, Debug)]
enum Reaction {
    Accept,
    Fail(jackfield_core::OfferFailure),
}

/// The phase of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// Nothing wrong may happen, whatever breaks.
    Safety,
    /// Everything must come to its end.
    Liveness,
    /// It has.
    Over,
}

/// A contact centre in full swing.
pub struct World<E: Engine = Center> {
    plan: Arc<Plan>,
    options: Options,
    engine: E,
    cast: Cast,
    book: Book,
    now: Instant,
    phase: Phase,
    steps: u64,
    config: Arc<CenterConfig>,
    agenda: BTreeMap<(Instant, u64), Event>,
    /// Numbers what is on the agenda: first come, first served.
    entries: u64,
    inbox: VecDeque<Input>,
    next_contact: usize,
    next_act: usize,
    customers: BTreeMap<InteractionId, Customer>,
    callbacks: BTreeMap<CallbackId, Wanted>,
    wishes: BTreeMap<AgentId, Wish>,
    /// Whose after-call work is expected to end when.
    wraps: BTreeMap<AgentId, Instant>,
    closed_queues: BTreeSet<QueueId>,
    /// Numbers what is said, for the network's chances.
    said: u64,
    last_id: u64,
    journal: Vec<JournalRecord>,
    disk: Disk,
    /// How much of `journal` is from before the latest start.
    journal_before: usize,
    script: Vec<Happening>,
    /// Contacts that have ended for good, over all crashes.
    ended: BTreeSet<InteractionId>,
    crashes: u64,
}

impl World<Center> {
    /// A world around the real engine.
    pub fn new(plan: Arc<Plan>, cast: Cast, options: Options) -> Self {
        Self::around(Center::new(), plan, cast, options)
    }
}

impl<E: Engine> World<E> {
    /// A world around `engine`.
    pub fn around(engine: E, plan: Arc<Plan>, cast: Cast, options: Options) -> Self {
        let config = plan.config.clone();
        let inbox = VecDeque::from([Input::Configured { config: config.clone() }]);
        Self {
            book: Book::new(plan.overtakes_max).believing(options.estimates_believed),
            now: plan.start,
            phase: Phase::Safety,
            steps: 0,
            agenda: BTreeMap::new(),
            entries: 0,
            next_contact: 0,
            next_act: 0,
            customers: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            wishes: BTreeMap::new(),
            wraps: BTreeMap::new(),
            closed_queues: BTreeSet::new(),
            said: 0,
            last_id: 0,
            journal: Vec::new(),
            journal_before: 0,
            disk: Disk::default(),
            script: Vec::new(),
            ended: BTreeSet::new(),
            crashes: 0,
            plan,
            options,
            engine,
            cast,
            config,
            inbox,
        }
    }

    /// Makes one step and returns its record, or `None` when the run is over.
    ///
    /// # Errors
    ///
    /// [`Failure`] if something wrong happened.
    pub fn step(&mut self) -> Result<Option<JournalRecord>, Box<Failure>> {
        if self.options.steps_max <= self.steps {
            return Ok(None);
        }
        loop {
            if let Some(input) = self.inbox.pop_front() {
                return self.feed(input).map(Some);
            }
            if !self.advance()? {
                return Ok(None);
            }
        }
    }

    /// Runs to the end and shows each record to `watch`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if something wrong happened.
    pub fn run(&mut self, mut watch: impl FnMut(&JournalRecord)) -> Result<(), Box<Failure>> {
        while let Some(record) = self.step()? {
            watch(&record);
        }
        Ok(())
    }

    /// Returns the moment of the latest step.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Returns the phase of the run.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns how many steps were made.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Returns the book.
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// Returns the set-up in force.
    pub fn config(&self) -> &CenterConfig {
        &self.config
    }

    /// Returns the engine.
    pub const fn engine(&self) -> &E {
        &self.engine
    }

    /// Returns how often the process died.
    pub const fn crashes(&self) -> u64 {
        self.crashes
    }

    /// Returns the records, lost ones apart, if they are kept.
    pub fn journal(&self) -> &[JournalRecord] {
        &self.journal
    }

    /// Returns what happened to the engine, if it is kept.
    pub fn script(&self) -> &[Happening] {
        &self.script
    }

    fn feed(&mut self, input: Input) -> Result<JournalRecord, Box<Failure>> {
        let outputs = self.engine.feed(self.now, input.clone());
        self.steps += 1;
        if self.options.keep {
            self.script.push(Happening::Fed(self.now, input.clone()));
        }
        let record = JournalRecord { at: self.now, input, outputs };
        let checked = self.check(&record);
        if self.keeps_journal() {
            self.write(record.clone());
        }
        checked.map_err(|wrong| self.failure(wrong))?;
        if let Input::Configured { config } = &record.input {
            self.config = config.clone();
            self.agents_return();
        }
        for output in &record.outputs {
            self.react(output);
        }
        Ok(record)
    }

    fn keeps_journal(&self) -> bool {
        self.options.keep || self.plan.acts.iter().any(|(_, act)| matches!(act, Act::Crash(_)))
    }

    fn check(&mut self, record: &JournalRecord) -> Result<(), Wrong> {
        self.book.take(record)?;
        let Checks::Every(steps) = self.options.checks else { return Ok(()) };
        let idle = record.input == Input::TimeElapsed && record.outputs.is_empty();
        if idle || !self.steps.is_multiple_of(steps.max(1)) {
            return Ok(());
        }
        self.book.check_moment()?;
        let due = self.engine.next_deadline();
        if let Some(due) = due.filter(|due| *due < self.now) {
            let what = format!("the next deadline is in the past: {due}");
            return Err(Wrong { rule: Rule::Limit, what });
        }
        self.book.compare(&self.engine.snapshot())
    }

    fn failure(&self, wrong: Wrong) -> Box<Failure> {
        Box::new(Failure { step: self.steps, at: self.now, wrong })
    }

    /// Goes on to whatever is next; returns whether there is anything.
    fn advance(&mut self) -> Result<bool, Box<Failure>> {
        let end = self.plan.start + self.plan.length;
        let safe = self.phase == Phase::Safety;
        let contact = self.plan.contacts.get(self.next_contact).filter(|_| safe).map(|c| c.at);
        let act = self.plan.acts.get(self.next_act).filter(|_| safe).map(|(at, _)| *at);
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let engine = self.engine.next_deadline();
        let next = [engine, act, contact, agenda].into_iter().flatten().min();
        if safe && next.is_none_or(|next| end <= next) {
            self.now = self.now.max(end);
            self.recover_from_everything();
            return Ok(true);
        }
        let Some(next) = next.filter(|_| self.phase != Phase::Over) else {
            return self.come_to_rest();
        };
        self.now = self.now.max(next);
        if self.phase == Phase::Liveness && end + self.options.liveness_max < self.now {
            let what = format!("still not at rest {:?} after the last fault", self.now - end);
            return Err(self.failure(Wrong { rule: Rule::Liveness, what }));
        }
        if engine == Some(next) {
            self.inbox.push_back(Input::TimeElapsed);
        } else if act == Some(next) {
            self.next_act += 1;
            if let Some((_, act)) = self.plan.clone().acts.get(self.next_act - 1) {
                self.act(act)?;
            }
        } else if contact == Some(next) {
            self.next_contact += 1;
            if let Some(contact) = self.plan.contacts.get(self.next_contact - 1).cloned() {
                self.arrive(contact);
            }
        } else if let Some((_, event)) = self.agenda.pop_first() {
            self.handle(event);
        }
        Ok(true)
    }

    fn at(&mut self, at: Instant, event: Event) {
        self.entries += 1;
        self.agenda.insert((at, self.entries), event);
    }

    fn after(&mut self, span: Duration, event: Event) {
        self.at(self.now + span, event);
    }

    /// Tells the engine, through a network that repeats and delays.
    fn say(&mut self, input: Input) {
        if self.phase != Phase::Safety {
            self.inbox.push_back(input);
            return;
        }
        self.said += 1;
        let faults = &self.plan.faults;
        let mut pcg = self.plan.seed.branch("network").leaf(self.said).pcg();
        let (twice, late) = (pcg.happens(faults.duplicate), pcg.happens(faults.reorder));
        let delay = crate::span::times(faults.late, pcg.share());
        if twice {
            self.after(delay, Event::Said(input.clone()));
        }
        if late {
            self.after(delay, Event::Said(input));
        } else {
            self.inbox.push_back(input);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrive(contact) => self.arrive(*contact),
            Event::Enqueue(id) => self.enqueue(id),
            Event::GiveUp(id) => self.give_up(id),
            Event::React(offer, reaction) => self.answer(offer, reaction),
            Event::TalkEnds(id) => self.talk_ends(id),
            Event::Hold(id, true) => self.say(Input::HoldStarted { interaction: id }),
            Event::Hold(id, false) => self.say(Input::HoldEnded { interaction: id }),
            Event::Silence(id) => self.end(id, EndCause::Lost),
            Event::WrapEnds(agent) => self.wrap_ends(&agent),
            Event::Back(agent) => self.back(&agent),
            Event::Router(ask, Ok(answer), plugin) => {
                self.say(Input::RouterReplied { ask, answer, plugin });
            }
            Event::Router(ask, Err(failure), plugin) => {
                self.say(Input::RouterFailed { ask, failure, plugin });
            }
            Event::Estimator(ask, Ok(estimate), plugin) => {
                self.say(Input::EstimatorReplied { ask, estimate, plugin });
            }
            Event::Estimator(ask, Err(failure), plugin) => {
                self.say(Input::EstimatorFailed { ask, failure, plugin });
            }
            Event::Dialled(callback, attempt, reached) => self.dialled(callback, attempt, reached),
            Event::Hopeless => self.lose_hope(),
            Event::Unwanted(id) => self.unwanted(id),
            Event::Cancel(callback) => {
                self.say(Input::CallbackCancelled { callback, by: "customer".to_owned() });
            }
            Event::Said(input) => self.inbox.push_back(input),
        }
    }

    fn act(&mut self, act: &Act) -> Result<(), Box<Failure>> {
        match act {
            Act::LogIn(agent) => self.wish(agent, Wish::In),
            Act::Ready(agent) => self.wish(agent, Wish::Ready),
            Act::NotReady(agent, reason) => self.wish(agent, Wish::Pause(reason.clone())),
            Act::LogOut(agent) => self.wish(agent, Wish::Out),
            Act::Configure(config) => {
                // What is due under the old set-up is done under the old set-up.
                self.inbox.push_back(Input::TimeElapsed);
                self.inbox.push_back(Input::Configured { config: config.clone() });
            }
            Act::Close(queue) => {
                self.closed_queues.insert(queue.clone());
                let (queue, by) = (queue.clone(), "supervisor".to_owned());
                self.say(Input::QueueClosed { queue, message: None, by });
            }
            Act::Open(queue) => {
                self.closed_queues.remove(queue);
                self.say(Input::QueueOpened { queue: queue.clone(), by: "supervisor".to_owned() });
            }
            Act::Move(from, to) => {
                if let Some(interaction) = self.book.in_line(from).first().copied() {
                    let (queue, by) = (to.clone(), "supervisor".to_owned());
                    self.say(Input::InteractionMoved { interaction, queue, by });
                }
            }
            Act::Prioritise(queue, priority) => {
                if let Some(interaction) = self.book.in_line(queue).last().copied() {
                    let (priority, by) = (*priority, "supervisor".to_owned());
                    self.say(Input::InteractionPrioritised { interaction, priority, by });
                }
            }
            Act::Swap(from, to) => {
                let config = Arc::make_mut(&mut self.config);
                let routers = config.queues.values_mut().map(|queue| &mut queue.router);
                for router in routers {
                    if *router == jackfield_core::RouterChoice::Plugin(from.clone()) {
                        *router = jackfield_core::RouterChoice::Plugin(to.clone());
                    }
                }
                self.inbox.push_back(Input::Configured { config: self.config.clone() });
            }
            Act::Crash(lost) => self.crash(*lost).map_err(|wrong| self.failure(wrong))?,
        }
        Ok(())
    }

    fn react(&mut self, output: &Output) {
        match output {
            Output::AskRouter { ask, router, deadline, request } => {
                self.ask_router(*ask, router, *deadline, request);
            }
            Output::AskEstimator { ask, estimator, deadline, request } => {
                self.ask_estimator(*ask, estimator, *deadline, request);
            }
            Output::Offer { offer, interaction, agent, .. } => {
                self.phone_rings(*offer, *interaction, agent);
            }
            Output::Withdraw { offer, interaction, .. } => {
                self.phone_stops(*offer, *interaction);
            }
            Output::Connect { interaction, agent, .. } => self.connected(*interaction, agent),
            Output::Disconnect { interaction, agent, .. } => self.parted(*interaction, agent),
            Output::Queued { interaction, .. } => self.queued(*interaction),
            Output::Announce { interaction, .. } => self.announced(*interaction),
            Output::Abandoned { interaction, .. } => self.abandoned(*interaction),
            Output::LeaveQueue { interaction, queue, end, .. } => {
                self.left_queue(*interaction, queue, end);
            }
            Output::Interrupt { interaction, .. } => self.interrupted(*interaction),
            Output::Resume { interaction, .. } => self.resumed(*interaction),
            Output::Dial { callback, address, .. } => self.dial(*callback, address),
            Output::CallbackChanged { callback, interaction, state, .. } => {
                self.callback_changed(*callback, *interaction, state);
            }
            Output::AgentChanged { agent, state, .. } => self.agent_changed(agent, state),
            Output::Refused { interaction, why } => self.refused(*interaction, why),
            Output::Closed { interaction, .. } => {
                self.customers.remove(interaction);
            }
            _ => (),
        }
    }

    fn end(&mut self, id: InteractionId, cause: EndCause) {
        self.say(Input::InteractionEnded { interaction: id, cause });
    }

    fn hang_up(&mut self, id: InteractionId, by: Party) {
        match by {
            Party::Customer => self.end(id, EndCause::CustomerLeft),
            Party::Agent | Party::System => {
                self.say(Input::ConversationEnded { interaction: id, by });
            }
        }
    }
}
