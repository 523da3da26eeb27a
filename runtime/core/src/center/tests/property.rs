//! Random schedules: valid, late and absurd inputs against the model, then a phase without faults in
//! which everything must come to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::model::Model;
use crate::distribute::BACK_OFF;
use crate::*;

const SEEDS: u64 = 500;
const STEPS: u32 = 200;
/// Set it to a seed to play only that one.
const SEED_VARIABLE: &str = "JACKFIELD_SEED";

/// Splitmix64: the whole schedule comes from one number.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit.max(1) as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).cloned()
    }
}

struct World {
    dice: Dice,
    now: Instant,
    center: Center,
    model: Model,
    stats: Stats,
    journal: Vec<JournalRecord>,
    last_interaction: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            now: Instant::from_micros(1_000_000),
            center: Center::new(),
            model: Model::default(),
            stats: Stats::default(),
            journal: Vec::new(),
            last_interaction: 0,
        }
    }

    fn feed(&mut self, input: Input) -> Result<(), String> {
        let record = JournalRecord::take(&mut self.center, self.now, input);
        let taken = self.model.take(&record);
        for output in &record.outputs {
            self.stats.apply(record.at, output);
        }
        let idle = record.input == Input::TimeElapsed && record.outputs.is_empty();
        self.journal.push(record);
        taken?;
        if idle {
            return Ok(());
        }
        let snapshot = self.center.snapshot();
        self.model.compare(&snapshot)?;
        self.check_rules(&snapshot)
    }

    fn check_rules(&self, snapshot: &CenterSnapshot) -> Result<(), String> {
        if let Some(due) = self.center.next_deadline().filter(|due| *due < self.now) {
            return Err(format!("the next deadline is in the past: {due}"));
        }
        let excused = |agent: &AgentId, contact| {
            let stay = self.center.stay(contact);
            let key = self.center.agents.key(agent).expect("an agent");
            let failed = stay.and_then(|stay| stay.failed.get(&key));
            failed.is_some_and(|at| self.now < *at + BACK_OFF)
                || !self.center.agents[key].held_by.is_empty()
        };
        if let Some((agent, contact)) = self.model.idle_pair(snapshot, excused) {
            return Err(format!("{agent} is ready and could serve {contact}, who waits"));
        }
        if let Some(contact) = self.model.unstaffed() {
            return Err(format!("{contact} waits for agents who are not logged in"));
        }
        let mut asked = BTreeSet::new();
        for ask in self.center.asks.values() {
            if !asked.insert(ask.queue) {
                return Err(format!("two questions about {:?} are open", ask.queue));
            }
        }
        for (name, queue) in &self.stats.queues {
            let waiting = snapshot.queues.get(name).map_or(0, |queue| queue.waiting.len());
            let ended = queue.answered + queue.abandoned + queue.short_abandoned;
            let ended = ended + queue.left.total() + queue.overflowed_out + waiting as u64;
            if queue.offered != ended {
                return Err(format!("{name}: {} offered, {ended} accounted for", queue.offered));
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        match self.dice.below(8) {
            0 => (),
            1 => {
                let due = self.center.next_deadline();
                self.now = due.filter(|due| self.now <= *due).unwrap_or(self.now);
                self.feed(Input::TimeElapsed)?;
            }
            2 => self.now = self.now + Duration::from_millis(self.dice.below(12_000) as u64),
            _ => self.now = self.now + Duration::from_millis(self.dice.below(700) as u64),
        }
        if self.dice.one_in(2) {
            self.feed(Input::TimeElapsed)?;
        }
        let input = self.input();
        if matches!(input, Input::Configured { .. }) {
            // What is due under the old set-up is done under the old set-up.
            self.feed(Input::TimeElapsed)?;
        }
        self.feed(input)
    }

    fn input(&mut self) -> Input {
        match self.dice.below(40) {
            0..3 => Input::AgentReady { agent: self.agent() },
            3 => Input::AgentLoggedIn { agent: self.agent() },
            4 => Input::AgentLoggedOut { agent: self.agent() },
            5 => {
                let reason = NotReadyReason(["lunch", "training"][self.dice.below(2)].to_owned());
                Input::AgentNotReady { agent: self.agent(), reason }
            }
            6..11 => {
                self.last_interaction += u64::from(!self.dice.one_in(20));
                Input::InteractionArrived {
                    interaction: InteractionId(self.last_interaction),
                    channel: [Channel::Voice, Channel::Voice, Channel::Chat, Channel::Email]
                        [self.dice.below(4)],
                    ani: None,
                    dnis: "sip:shop".to_owned(),
                }
            }
            11..18 => self.enqueue(),
            18 => Input::InteractionLeftQueue { interaction: self.interaction(), key: '#' },
            19..21 => {
                Input::InteractionEnded { interaction: self.interaction(), cause: self.cause() }
            }
            21..26 => Input::OfferAccepted { offer: self.offer() },
            26..29 => Input::OfferFailed { offer: self.offer(), failure: self.failure() },
            29..32 => {
                let talks = self.model.talks();
                let interaction = match self.dice.pick(&talks).filter(|_| !self.dice.one_in(10)) {
                    Some(interaction) => interaction,
                    None => self.interaction(),
                };
                let by = [Party::Agent, Party::Customer, Party::System][self.dice.below(3)];
                Input::ConversationEnded { interaction, by }
            }
            32..38 => self.router(),
            38 if self.dice.one_in(4) => {
                Input::Configured { config: Arc::new(config(&mut self.dice)) }
            }
            38 if self.dice.one_in(2) => Input::InteractionMoved {
                interaction: self.interaction(),
                queue: queue_id(self.dice.below(5)),
                by: "eve".to_owned(),
            },
            38 if self.dice.one_in(2) => Input::InteractionPrioritised {
                interaction: self.interaction(),
                priority: self.dice.below(9) as i8 - 3,
                by: "eve".to_owned(),
            },
            38 => Input::Restarted {
                agents: vec![(self.agent(), AgentState::Busy)],
                checkpoint: Box::default(),
            },
            _ => Input::Noted {
                interaction: self.interaction(),
                what: "prompt".to_owned(),
                details: Vec::new(),
            },
        }
    }

    fn enqueue(&mut self) -> Input {
        let options = QueueOptions {
            required: skills(&mut self.dice, 3),
            preferred: Vec::new(),
            priority: [0, 0, 0, 5, -3][self.dice.below(5)],
            max_wait: self.dice.one_in(5).then(|| self.dice.span()),
            attributes: vec![("least".to_owned(), ["1", "5"][self.dice.below(2)].to_owned())],
            ..QueueOptions::default()
        };
        let flows = self.in_flow();
        let interaction = match self.dice.pick(&flows).filter(|_| !self.dice.one_in(10)) {
            Some(interaction) => interaction,
            None => self.interaction(),
        };
        Input::InteractionEnqueued { interaction, queue: queue_id(self.dice.below(5)), options }
    }

    fn router(&mut self) -> Input {
        let ask = AskId(1 + self.dice.below(self.center.last_ask as usize + 1) as u64);
        let open: Vec<AskId> = self.center.asks.keys().copied().collect();
        let ask = self.dice.pick(&open).filter(|_| !self.dice.one_in(8)).unwrap_or(ask);
        let plugin = "v1".to_owned();
        if self.dice.one_in(6) {
            let failure =
                [PluginFailure::OutOfFuel, PluginFailure::NotLoaded][self.dice.below(2)].clone();
            return Input::RouterFailed { ask, failure, plugin };
        }
        let shown = self.model.candidates(ask);
        let decision = match self.dice.below(14) {
            0 => RoutingDecision::WaitMs(self.dice.below(9_000) as u32),
            1 => RoutingDecision::Offer(vec![agent_id(self.dice.below(7)).to_string()]),
            2 => RoutingDecision::Offer(vec!["NOBODY at all".to_owned()]),
            3 => RoutingDecision::Offer(Vec::new()),
            4..7 => RoutingDecision::OfferAll(shown.iter().map(ToString::to_string).collect()),
            7 | 8 => RoutingDecision::OfferProgressive {
                agents: shown.iter().rev().map(ToString::to_string).collect(),
                step_ms: self.dice.below(9_000) as u32,
            },
            9 => RoutingDecision::MoveTo(queue_id(self.dice.below(5)).to_string()),
            10 => RoutingDecision::SetPriority(self.dice.below(9) as i8 - 3),
            _ => {
                let names = shown.iter().rev().map(ToString::to_string);
                RoutingDecision::Offer(names.collect())
            }
        };
        let answer = RoutingAnswer {
            decision,
            because: vec![("x".to_owned(), "1".to_owned())],
            scores: Vec::new(),
        };
        Input::RouterReplied { ask, answer, plugin }
    }

    fn in_flow(&self) -> Vec<InteractionId> {
        self.model.open().into_iter().filter(|id| !self.model.waits(*id)).collect()
    }

    fn agent(&mut self) -> AgentId {
        agent_id(self.dice.below(7))
    }

    fn interaction(&mut self) -> InteractionId {
        InteractionId(self.dice.below(self.last_interaction as usize + 2) as u64)
    }

    fn offer(&mut self) -> OfferId {
        let rings = self.model.rings();
        let any = OfferId(self.dice.below(self.center.last_offer as usize + 2) as u64);
        self.dice.pick(&rings).filter(|_| !self.dice.one_in(8)).unwrap_or(any)
    }

    fn failure(&mut self) -> OfferFailure {
        use OfferFailure::{Busy, Declined, Failed, NoAnswer, Unreachable};
        [Busy, Declined, Declined, NoAnswer, Unreachable, Failed][self.dice.below(6)]
    }

    fn cause(&mut self) -> EndCause {
        [EndCause::CustomerLeft, EndCause::Completed, EndCause::Lost][self.dice.below(3)].clone()
    }

    /// No more faults: every agent works, every phone is answered, every conversation ends.
    fn come_to_an_end(&mut self) -> Result<(), String> {
        self.feed(Input::TimeElapsed)?;
        let mut config = self.model.config.clone();
        let expert = |name: &str| SkillLevel { name: name.to_owned(), level: Proficiency::MAX };
        let omnibus = AgentConfig {
            skills: ["russian", "billing"].map(expert).to_vec(),
            queues: config.queues.keys().map(|queue| (queue.clone(), Proficiency::MIN)).collect(),
            ..AgentConfig::default()
        };
        config.agents.insert(agent_id(99), omnibus);
        config.blends.clear();
        for queue in config.queues.values_mut() {
            (queue.eligible, queue.steps) = (None, Vec::new());
        }
        let agents: Vec<AgentId> = config.agents.keys().cloned().collect();
        self.feed(Input::Configured { config: Arc::new(config) })?;
        for _ in 0..2_000 {
            for agent in &agents {
                if !matches!(self.center.snapshot().agents[agent].state, AgentState::Ready) {
                    self.feed(Input::AgentReady { agent: agent.clone() })?;
                }
            }
            if let Some(offer) = self.model.rings().first().copied() {
                self.feed(Input::OfferAccepted { offer })?;
            } else if let Some(interaction) = self.model.talks().first().copied() {
                self.feed(Input::ConversationEnded { interaction, by: Party::Agent })?;
            } else if let Some(interaction) = self.in_flow().first().copied() {
                let cause = EndCause::Completed;
                self.feed(Input::InteractionEnded { interaction, cause })?;
            } else if let Some(due) = self.center.next_deadline() {
                self.now = due;
                self.feed(Input::TimeElapsed)?;
            } else {
                break;
            }
        }
        let snapshot = self.center.snapshot();
        let stuck = snapshot.agents.iter().find(|(_, agent)| agent.state != AgentState::Ready);
        if let Some((name, agent)) = stuck {
            return Err(format!("{name} never became free: {}", agent.state));
        }
        let left = snapshot.interactions;
        let leases = self.center.offers.len() + self.center.asks.len();
        if 0 < left || 0 < leases || self.center.next_deadline().is_some() {
            return Err(format!("{left} interactions and {leases} leases never ended"));
        }
        Ok(())
    }
}

impl Dice {
    fn span(&mut self) -> Duration {
        Duration::from_millis(self.below(30_000) as u64)
    }
}

fn agent_id(number: usize) -> AgentId {
    AgentId::new(&format!("a{number}")).unwrap()
}

fn queue_id(number: usize) -> QueueId {
    QueueId::new(&format!("q{number}")).unwrap()
}

fn skills(dice: &mut Dice, one_in: usize) -> Vec<SkillLevel> {
    let names = ["russian", "billing"].into_iter().filter(|_| dice.one_in(one_in));
    let names: Vec<_> = names.collect();
    let level = |dice: &mut Dice| Proficiency::new(1 + dice.below(10) as u8).unwrap();
    names.into_iter().map(|name| SkillLevel { name: name.to_owned(), level: level(dice) }).collect()
}

fn config(dice: &mut Dice) -> CenterConfig {
    let mut config = CenterConfig::default();
    config.limits.interactions = 25;
    // Long enough for much to happen between a question and its answer.
    config.limits.router_deadline = Duration::from_millis(20 + dice.below(4_000) as u64);
    config.limits.router_candidates = 1 + dice.below(4) as u32;
    for number in 0..4 {
        if dice.one_in(8) {
            continue;
        }
        let router = match dice.one_in(2) {
            true => RouterChoice::BuiltIn,
            false => RouterChoice::Plugin("idle".to_owned()),
        };
        let rules = [Staffing::Nobody, Staffing::Nobody, Staffing::LoggedIn, Staffing::Working];
        let staffing = rules[dice.below(4)];
        let queue = QueueConfig {
            ring_time: Duration::from_secs(1 + dice.below(20) as u64),
            max_wait: dice.one_in(2).then(|| dice.span()),
            max_size: 1 + dice.below(8) as u32,
            wrap_up: Duration::from_secs(dice.below(3) as u64 * 4),
            overflow: dice.one_in(2).then(|| queue_id(dice.below(4))),
            join_needs: staffing,
            stay_needs: staffing,
            service_level: ServiceLevelTarget { share: 0.8, within: Duration::from_secs(5) },
            short_abandon: Duration::from_secs(2),
            router,
            not_ready_on_no_answer: dice.one_in(2),
            refusals_max: dice.one_in(2).then_some(2),
            weight: u8::from(dice.one_in(4)),
            age_every: dice.one_in(3).then(|| Duration::from_secs(1 + dice.below(9) as u64)),
            age_limit: 4,
            eligible: dice.one_in(3).then(|| "queue_level >= contact.least".parse().unwrap()),
            steps: steps(dice),
            ..QueueConfig::default()
        };
        config.queues.insert(queue_id(number), queue);
    }
    for number in 0..6 {
        if dice.one_in(8) {
            continue;
        }
        let queues = (0..4).filter(|_| !dice.one_in(3)).map(|q| (queue_id(q), Proficiency::MIN));
        let queues: BTreeMap<_, _> = queues.collect();
        let skills = skills(dice, 2);
        config
            .agents
            .insert(agent_id(number), AgentConfig { skills, queues, ..AgentConfig::default() });
        if dice.one_in(2)
            && let Some(agent) = config.agents.get_mut(&agent_id(number))
        {
            for channel in [Channel::Voice, Channel::Chat, Channel::Email] {
                let (slots, weight) = (dice.below(4) as u8, 20 + dice.below(81) as u8);
                let interruptible = channel == Channel::Email;
                agent.capacity.insert(channel, ChannelCapacity { slots, weight, interruptible });
            }
        }
    }
    if dice.one_in(2) {
        let blend = Blend {
            calls: vec![queue_id(0)],
            deferred: vec![queue_id(1), queue_id(2)],
            peak_waiting: 1 + dice.below(3) as u32,
            peak_wait: dice.span(),
            calm_waiting: 0,
            calm_for: dice.span(),
        };
        config.blends.insert("day".to_owned(), blend);
    }
    config
}

fn steps(dice: &mut Dice) -> Vec<EligibilityStep> {
    let count = [0, 0, 1, 3][dice.below(4)];
    let mut after = Duration::ZERO;
    let mut step = || {
        after += Duration::from_secs(dice.below(6) as u64);
        let level = Proficiency::new(1 + dice.below(9) as u8).unwrap();
        let skill = SkillLevel { name: "russian".to_owned(), level };
        let change = match dice.below(5) {
            0 => SkillChange::Add(skill),
            1 => SkillChange::Lower(skill),
            2 => SkillChange::LowerAll(2),
            3 => SkillChange::Drop("billing".to_owned()),
            _ => SkillChange::DropAll,
        };
        let eligible = dice.one_in(3).then(Expression::default);
        EligibilityStep { after, eligible, skills: vec![change] }
    };
    (0..count).map(|_| step()).collect()
}

fn run(seed: u64) -> World {
    let mut world = World::new(seed);
    let first = Arc::new(config(&mut world.dice));
    let mut result = world.feed(Input::Configured { config: first });
    let mut step = 0;
    while result.is_ok() && step < STEPS {
        step += 1;
        result = world.step();
    }
    let phase = if result.is_ok() { "the last phase" } else { "random phase" };
    if let Err(what) = result.and_then(|()| world.come_to_an_end()) {
        let tail = world.journal.len().saturating_sub(12);
        for record in &world.journal[tail..] {
            eprintln!("{} {:?}", record.at, record.input);
            record.outputs.iter().for_each(|output| eprintln!("    {output:?}"));
        }
        panic!(
            "seed {seed}, step {step}, {phase}: {what}\n\
             repeat: {SEED_VARIABLE}={seed} cargo test -p jackfield-core property"
        );
    }
    world
}

#[test]
fn random_schedules_keep_every_rule_and_come_to_an_end() {
    let only = std::env::var(SEED_VARIABLE).ok().map(|seed| seed.parse().unwrap());
    let seeds = only.map_or(0..SEEDS, |seed: u64| seed..seed + 1);
    let (mut offers, mut connects) = (0, 0);
    for seed in seeds {
        let world = run(seed);
        let again = replay(&world.journal);
        let again = again.unwrap_or_else(|divergence| panic!("seed {seed}: {divergence}"));
        assert_eq!(again.snapshot(), world.center.snapshot(), "seed {seed}");
        if seed % 20 == 0 {
            assert_eq!(run(seed).journal, world.journal, "seed {seed} is not one schedule");
        }
        offers += world.model.offers_made;
        connects += world.model.connects;
    }
    // A schedule in which nothing happens keeps every rule too.
    if only.is_none() {
        assert!(
            10 * SEEDS < offers && 5 * SEEDS < connects,
            "{offers} offers, {connects} connects"
        );
    }
}
