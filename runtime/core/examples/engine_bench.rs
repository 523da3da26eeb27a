//! What the engine costs: inputs a second, and how long one decision takes, by size.
//!
//! ```text
//! cargo run --release -p jackfield-core --example engine_bench -- [INPUTS] [SEED]
//! ```
//!
//! One thread plays a centre that is kept at the size named: calls arrive, ring, are answered or
//! refused, abandoned, talked through and wrapped up; agents pause and come back. Each agent serves
//! three queues and has three of eight skills; three contacts of ten need one. Of each centre the
//! first quarter of the inputs warms up. Throughput is by processor time and over everything, making the inputs and draining
//! the outputs included; a decision is an input, or a timeout, that made at least one offer or
//! question, timed one by one in a second run of the same schedule.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::*;

/// Splitmix64: the whole schedule comes from one number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

#[derive(Clone, Copy)]
struct Size {
    agents: usize,
    /// Contacts that are kept waiting; none keeps half of the agents idle instead.
    waiting: usize,
    /// Whether every other queue asks a router.
    routers: bool,
}

struct World {
    dice: Dice,
    size: Size,
    now: Instant,
    center: Center,
    agents: Vec<AgentId>,
    queues: Vec<QueueId>,
    /// What is to be fed next, before anything else.
    next: VecDeque<Input>,
    talks: Vec<InteractionId>,
    lines: Vec<InteractionId>,
    paused: VecDeque<usize>,
    waiting: usize,
    last: u64,
    inputs: u64,
    offers: u64,
    /// Nanoseconds of each decision, if they are timed.
    timed: Option<Vec<u64>>,
}

const SKILLS: [&str; 8] =
    ["latvian", "russian", "german", "sales", "billing", "cards", "loans", "vip"];

impl World {
    fn new(size: Size, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let name = |what: &str, number: usize| format!("{what}-{number:05}");
        let queues = (size.agents / 25).max(4);
        let queues: Vec<QueueId> =
            (0..queues).map(|n| QueueId::new(&name("queue", n)).expect("a name")).collect();
        let agents: Vec<AgentId> =
            (0..size.agents).map(|n| AgentId::new(&name("agent", n)).expect("a name")).collect();
        let mut config = CenterConfig::default();
        config.limits.interactions = u32::MAX;
        for (number, queue) in queues.iter().enumerate() {
            let router = match size.routers && number % 2 == 0 {
                true => RouterChoice::Plugin("best".to_owned()),
                false => RouterChoice::BuiltIn,
            };
            let wrap_up = Duration::from_secs(if number % 3 == 0 { 5 } else { 0 });
            let max_size = u32::MAX;
            let queue_config = QueueConfig { router, wrap_up, max_size, ..QueueConfig::default() };
            config.queues.insert(queue.clone(), queue_config);
        }
        for agent in &agents {
            let mut config_of = AgentConfig::default();
            for _ in 0..3 {
                let level = Proficiency::new(1 + dice.below(10) as u8).expect("a level");
                config_of.queues.insert(queues[dice.below(queues.len())].clone(), level);
                let skill = SKILLS[dice.below(SKILLS.len())].to_owned();
                config_of.skills.push(SkillLevel { name: skill, level });
            }
            config.agents.insert(agent.clone(), config_of);
        }
        let mut world = Self {
            dice,
            size,
            now: Instant::from_micros(1_000_000),
            center: Center::new(),
            agents,
            queues,
            next: VecDeque::new(),
            talks: Vec::new(),
            lines: Vec::new(),
            paused: VecDeque::new(),
            waiting: 0,
            last: 0,
            inputs: 0,
            offers: 0,
            timed: None,
        };
        world.feed(Input::Configured { config: Arc::new(config) });
        for number in 0..world.agents.len() {
            let agent = world.agents[number].clone();
            world.feed(Input::AgentReady { agent });
        }
        world
    }

    fn feed(&mut self, input: Input) {
        self.inputs += 1;
        let started = self.timed.is_some().then(std::time::Instant::now);
        let before = self.offers;
        match input {
            Input::TimeElapsed => self.center.handle_timeout(self.now),
            input => self.center.handle_input(self.now, input),
        }
        while let Some(output) = self.center.poll_output() {
            self.take(output);
        }
        if let (Some(started), Some(timed)) = (started, &mut self.timed)
            && before < self.offers
        {
            timed.push(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX));
        }
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Queued { interaction, .. } => {
                self.waiting += 1;
                self.lines.push(interaction);
            }
            Output::Offer { offer, .. } => {
                self.offers += 1;
                let failure = OfferFailure::Declined;
                self.next.push_back(match self.dice.one_in(25) {
                    true => Input::OfferFailed { offer, failure },
                    false => Input::OfferAccepted { offer },
                });
            }
            Output::AskRouter { ask, request, .. } => {
                self.offers += 1;
                let best = request.candidates.iter().max_by_key(|one| (one.level, one.idle_ms));
                let best = best.map(|one| one.agent.to_string()).into_iter().collect();
                let decision = RoutingDecision::Offer(best);
                let answer = RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() };
                let plugin = "bench".to_owned();
                self.next.push_front(Input::RouterReplied { ask, answer, plugin });
            }
            Output::Connect { interaction, .. } => {
                self.waiting -= 1;
                self.talks.push(interaction);
            }
            Output::Abandoned { .. } => self.waiting -= 1,
            _ => (),
        }
    }

    fn step(&mut self) {
        self.now = self.now + Duration::from_micros(180_000_000 / self.size.agents as u64 / 8);
        while self.center.next_deadline().is_some_and(|due| due <= self.now) {
            self.feed(Input::TimeElapsed);
        }
        if let Some(input) = self.next.pop_front() {
            return self.feed(input);
        }
        let wanted = match self.size.waiting {
            0 => self.talks.len() + self.waiting < self.size.agents / 2,
            waiting => self.waiting < waiting,
        };
        if wanted {
            return self.arrive();
        }
        match self.dice.below(40) {
            0..4 if self.size.waiting != 0 => {
                let place = self.dice.below(self.lines.len());
                let interaction = self.lines.swap_remove(place);
                if self.size.waiting < self.lines.len() / 4 {
                    self.lines.drain(..self.lines.len() / 2);
                }
                // Who talks by now hangs up; who is gone is a race that changes nothing.
                let cause = EndCause::CustomerLeft;
                self.feed(Input::InteractionEnded { interaction, cause });
            }
            4 => {
                let number = self.dice.below(self.agents.len());
                let (agent, reason) = (self.agents[number].clone(), NotReadyReason("lunch".into()));
                self.feed(Input::AgentNotReady { agent, reason });
                self.paused.push_back(number);
                if self.agents.len() / 50 < self.paused.len()
                    && let Some(number) = self.paused.pop_front()
                {
                    let agent = self.agents[number].clone();
                    self.feed(Input::AgentReady { agent });
                }
            }
            _ if !self.talks.is_empty() => {
                let place = self.dice.below(self.talks.len());
                let interaction = self.talks.swap_remove(place);
                self.feed(Input::ConversationEnded { interaction, by: Party::Customer });
                let cause = EndCause::Completed;
                self.feed(Input::InteractionEnded { interaction, cause });
            }
            _ => (),
        }
    }

    fn arrive(&mut self) {
        self.last += 1;
        let interaction = InteractionId(self.last);
        let dnis = String::new();
        let channel = Channel::Voice;
        self.feed(Input::InteractionArrived { interaction, channel, ani: None, dnis });
        let queue = self.queues[self.dice.below(self.queues.len())].clone();
        let mut options = QueueOptions::default();
        if self.dice.below(10) < 3 {
            let name = SKILLS[self.dice.below(SKILLS.len())].to_owned();
            let level = Proficiency::new(1 + self.dice.below(6) as u8).expect("a level");
            options.required.push(SkillLevel { name, level });
        }
        if self.dice.one_in(10) {
            options.priority = 5;
        }
        self.feed(Input::InteractionEnqueued { interaction, queue, options });
    }

    fn play(&mut self, inputs: u64) {
        let end = self.inputs + inputs;
        while self.inputs < end {
            self.step();
        }
    }
}

/// What this thread has had of a processor, so that a shared machine does not count; the wall clock
/// where the system does not tell.
fn processor_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.as_deref().and_then(|told| told.split(' ').next()?.parse::<u64>().ok());
    let wall = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    nanos.map_or_else(|| wall().map_or(0.0, |at| at.as_secs_f64()), |nanos| nanos as f64 / 1e9)
}

fn measure(size: Size, inputs: u64, seed: u64) {
    let mut world = World::new(size, seed);
    world.play(inputs / 4);
    let (begun, fed) = (processor_seconds(), world.inputs);
    world.play(inputs);
    let taken = processor_seconds() - begun;
    let rate = (world.inputs - fed) as f64 / taken;

    let mut world = World::new(size, seed);
    world.play(inputs / 4);
    world.timed = Some(Vec::new());
    world.play(inputs);
    let mut timed = world.timed.take().unwrap_or_default();
    timed.sort_unstable();
    let at = |share: f64| {
        let place = ((timed.len() as f64 * share) as usize).min(timed.len().saturating_sub(1));
        timed.get(place).map_or(0.0, |nanos| *nanos as f64 / 1e3)
    };
    println!(
        "| {:>6} | {:>7} | {} | {:>9.0} | {:>6.0} | {:>9} | {:>6.1} | {:>6.1} | {:>6.1} |",
        size.agents,
        size.waiting,
        if size.routers { "router  " } else { "built-in" },
        rate,
        1e9 / rate,
        timed.len(),
        at(0.5),
        at(0.99),
        at(0.999),
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse().expect("a number"));
    let (inputs, seed) = (arguments.next().unwrap_or(2_000_000), arguments.next().unwrap_or(1));
    println!(
        "| agents | waiting | chosen   | inputs/s  | ns each | decisions | p50 us | p99 us | p99.9  |"
    );
    println!("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (agents, waiting) in [
        (200, 1_000),
        (500, 2_500),
        (1_000, 5_000),
        (2_000, 10_000),
        (4_000, 20_000),
        (8_000, 40_000),
    ] {
        measure(Size { agents, waiting, routers: false }, inputs, seed);
    }
    for (agents, waiting, routers) in [
        (200, 0, false),
        (2_000, 0, false),
        (200, 1_000, true),
        (2_000, 10_000, true),
        (2_000, 0, true),
    ] {
        measure(Size { agents, waiting, routers }, inputs, seed);
    }
}
