//! Two hundred swaps while questions are open: an engine, real routers, and a seed that says what happens
//! next. Every question is answered by the version that was asked, no agent has two contacts, none is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jackfield_core::{
    AgentConfig, AgentId, AskId, Center, CenterConfig, Channel, Input, Instant, InteractionId,
    OfferId, Output, Party, PluginFailure, Proficiency, QueueConfig, QueueId, QueueOptions,
    RouterChoice, RoutingAnswer,
};
use jackfield_plugin_host::{Grants, PluginAccount, RouterPlugin, World};
use tokio::task::JoinHandle;

use crate::support::{Books, HOST, guest};

const AGENTS: u32 = 5;
const SWAPS: u32 = 200;

/// SplitMix64.
fn draw(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % below
}

type Asked = (AskId, String, JoinHandle<Result<RoutingAnswer, PluginFailure>>);

struct Play {
    center: Center,
    now: u64,
    account: Arc<PluginAccount>,
    active: (String, RouterPlugin),
    asked: Vec<Asked>,
    /// Offers that ring, and conversations: whose they are.
    ringing: BTreeMap<OfferId, AgentId>,
    talking: BTreeMap<InteractionId, AgentId>,
    arrived: BTreeSet<InteractionId>,
    served: BTreeSet<InteractionId>,
    /// Answers by digest.
    answers: BTreeMap<String, u32>,
}

impl Play {
    fn swap(&mut self, digest: &str) {
        let router = HOST.router(digest).unwrap().billed_to(&self.account);
        self.active = (digest.to_owned(), router);
    }

    fn feed(&mut self, input: Input) {
        self.now += 1;
        self.center.handle_input(Instant::from_micros(self.now), input);
        while let Some(output) = self.center.poll_output() {
            match output {
                Output::AskRouter { ask, request, .. } => {
                    let (digest, router) = self.active.clone();
                    let asked =
                        async move { router.choose(&request, Arc::new(Books::default())).await };
                    self.asked.push((ask, digest, tokio::spawn(asked)));
                }
                Output::Offer { offer, agent, .. } => {
                    let taken = self.ringing.values().chain(self.talking.values());
                    assert!(taken.clone().all(|other| *other != agent), "{agent} has two contacts");
                    self.ringing.insert(offer, agent);
                }
                Output::Connect { offer, interaction, agent, .. } => {
                    assert_eq!(self.ringing.remove(&offer), Some(agent.clone()));
                    assert!(self.served.insert(interaction), "{interaction} was served twice");
                    self.talking.insert(interaction, agent);
                }
                Output::Disconnect { interaction, .. } => drop(self.talking.remove(&interaction)),
                Output::RouterFailed { failure, .. } => panic!("{failure}"),
                _ => {}
            }
        }
    }

    fn arrive(&mut self) {
        let interaction = InteractionId(self.arrived.len() as u64 + 1);
        self.arrived.insert(interaction);
        let (ani, dnis, channel) = (None, "100".to_owned(), Channel::Voice);
        self.feed(Input::InteractionArrived { interaction, channel, ani, dnis });
        let (queue, options) = (QueueId::new("sales").unwrap(), QueueOptions::default());
        self.feed(Input::InteractionEnqueued { interaction, queue, options });
    }

    /// Takes in the answer to one of the open questions, not always the oldest.
    async fn answer(&mut self, place: usize) {
        let (ask, plugin, answer) = self.asked.swap_remove(place);
        let answer = answer.await.unwrap().unwrap();
        *self.answers.entry(plugin.clone()).or_default() += 1;
        self.feed(Input::RouterReplied { ask, answer, plugin });
    }

    fn accept(&mut self) {
        if let Some(offer) = self.ringing.keys().next().copied() {
            self.feed(Input::OfferAccepted { offer });
        }
    }

    fn hang_up(&mut self) {
        if let Some(interaction) = self.talking.keys().next().copied() {
            self.feed(Input::ConversationEnded { interaction, by: Party::Agent });
        }
    }
}

fn config() -> CenterConfig {
    let mut config = CenterConfig::default();
    config.limits.router_deadline = Duration::from_secs(60);
    let queue = QueueId::new("sales").unwrap();
    let router = RouterChoice::Plugin("r".to_owned());
    let (wrap_up, ring_time) = (Duration::ZERO, Duration::from_secs(60));
    let sales = QueueConfig { router, wrap_up, ring_time, ..QueueConfig::default() };
    config.queues.insert(queue.clone(), sales);
    for number in 0..AGENTS {
        let queues = [(queue.clone(), Proficiency::MIN)].into();
        let agent = AgentConfig { queues, ..AgentConfig::default() };
        config.agents.insert(AgentId::new(&format!("a{number}")).unwrap(), agent);
    }
    config
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nobody_is_booked_twice() {
    let versions = ["router-longest-idle", "router-skills"]
        .map(|name| HOST.install(&guest(name), World::Router, &Grants::all()).unwrap().digest);
    for seed in 1..=3_u64 {
        let account = HOST.account(&format!("swaps-{seed}")).plugin("r");
        let router = HOST.router(&versions[0]).unwrap().billed_to(&account);
        let mut play = Play {
            center: Center::new(),
            now: 0,
            account: Arc::clone(&account),
            active: (versions[0].clone(), router),
            asked: Vec::new(),
            ringing: BTreeMap::new(),
            talking: BTreeMap::new(),
            arrived: BTreeSet::new(),
            served: BTreeSet::new(),
            answers: BTreeMap::new(),
        };
        play.feed(Input::Configured { config: Arc::new(config()) });
        for number in 0..AGENTS {
            let agent = AgentId::new(&format!("a{number}")).unwrap();
            play.feed(Input::AgentReady { agent });
        }
        let (mut state, mut swaps) = (seed, 0);
        while swaps < SWAPS {
            match draw(&mut state, 8) {
                0 | 1 => play.arrive(),
                2 => {
                    swaps += 1;
                    play.swap(&versions[swaps as usize % 2]);
                }
                3..=5 if !play.asked.is_empty() => {
                    let place = draw(&mut state, play.asked.len() as u64) as usize;
                    play.answer(place).await;
                }
                6 => play.accept(),
                _ => play.hang_up(),
            }
        }
        while play.served != play.arrived || !play.talking.is_empty() {
            let before = play.now;
            if !play.asked.is_empty() {
                play.answer(0).await;
            }
            play.accept();
            play.hang_up();
            assert_ne!(before, play.now, "{:?} wait for ever", &play.arrived - &play.served);
        }
        assert!(versions.iter().all(|digest| 20 < play.answers[digest]), "{:?}", play.answers);
        // Replaced versions are gone, with their instances.
        assert!(account.tenant().instances() <= 2, "{}", account.tenant().instances());
    }
}
