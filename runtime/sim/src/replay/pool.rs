//! What customers and agents would have done where the tape does not say: from those like them.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{AgentId, CenterConfig, Input, InteractionId, OfferFailure, QueueId};
use jackfield_figures::statistics::{KaplanMeier, Observed};

use super::tape::{Answer, Tape, WaitEnd};
use crate::chance::Seed;

/// With fewer conversations than this the whole centre's serve for a class of agents.
const CLASS_MIN: usize = 20;
/// With fewer abandons than this the whole centre's patience serves for a queue.
const ABANDONS_MIN: usize = 30;

/// Agents who serve the same queues with the same skills, at whatever levels.
type Class = String;

/// What is known of patience, handle times and answers.
#[derive(Debug)]
pub struct Pool {
    classes: BTreeMap<AgentId, Class>,
    /// Conversations by class, and those of all under the empty name; sorted.
    talks: BTreeMap<Class, Vec<Duration>>,
    wraps: BTreeMap<Class, Vec<Duration>>,
    patience: BTreeMap<QueueId, KaplanMeier>,
    patience_of_all: Option<KaplanMeier>,
    answers: BTreeMap<AgentId, Vec<(Duration, Answer)>>,
    answers_of_all: Vec<(Duration, Answer)>,
    /// Sorted.
    returns: Vec<Duration>,
    known: BTreeMap<(InteractionId, AgentId), (Duration, Answer)>,
    /// What came of calls to customers who were to be called back.
    pub(super) calls: Vec<(Duration, Result<(), OfferFailure>)>,
}

impl Pool {
    /// Learns from a tape. Classes are by the last set-up in it.
    pub fn learn(tape: &Tape) -> Self {
        let mut configs = tape.fixed.iter().filter_map(|(_, input)| match input {
            Input::Configured { config } => Some(config),
            _ => None,
        });
        let classes = configs.next_back().map(|config| classes(config)).unwrap_or_default();
        let (mut talks, mut wraps) = (BTreeMap::new(), BTreeMap::new());
        for talk in tape.contacts.values().flat_map(|c| &c.stays).filter_map(|s| s.talk.as_ref()) {
            let class = classes.get(&talk.agent).cloned().unwrap_or_default();
            for name in [class, String::new()] {
                let talks: &mut Vec<_> = talks.entry(name.clone()).or_default();
                talks.extend(talk.talked);
                let wraps: &mut Vec<_> = wraps.entry(name).or_default();
                wraps.extend(talk.wrap_up);
            }
        }
        for values in talks.values_mut().chain(wraps.values_mut()) {
            values.sort_unstable();
        }
        let mut answers: BTreeMap<AgentId, Vec<_>> = BTreeMap::new();
        let (mut answers_of_all, mut known) = (Vec::new(), BTreeMap::new());
        for response in &tape.responses {
            let answer = (response.after, response.answer);
            answers.entry(response.agent.clone()).or_default().push(answer);
            answers_of_all.push(answer);
            known.entry((response.interaction, response.agent.clone())).or_insert(answer);
        }
        let mut returns = tape.returns.clone();
        returns.sort_unstable();
        let (patience, patience_of_all) = patience(tape);
        let calls = tape.calls.values().flatten();
        let calls = calls.map(|call| (call.after, call.answer.map(|_| ()))).collect();
        Self {
            classes,
            talks,
            wraps,
            patience,
            patience_of_all,
            answers,
            answers_of_all,
            returns,
            known,
            calls,
        }
    }

    /// How long the customer would wait at most: from joining, given that it waited `waited` without
    /// giving up. `None` if nobody ever gave up.
    pub fn patience(&self, queue: &QueueId, waited: Duration, seed: Seed) -> Option<Duration> {
        let curve = self.patience.get(queue).or(self.patience_of_all.as_ref())?;
        curve.impute(waited, 1.0 - seed.pcg().share())
    }

    /// How long `agent` would talk with a customer with whom another talked for `talked`.
    pub fn talk(&self, agent: &AgentId, was: Option<(&AgentId, Duration)>, seed: Seed) -> Duration {
        self.time(&self.talks, agent, was, seed)
    }

    /// How long an agent who was sent away for not answering stays away: the median of the record;
    /// `None` if nobody came back.
    pub fn stays_away(&self) -> Option<Duration> {
        self.returns.get(self.returns.len() / 2).copied()
    }

    /// The after-call work of such a conversation.
    pub fn wrap_up(
        &self,
        agent: &AgentId,
        was: Option<(&AgentId, Duration)>,
        seed: Seed,
    ) -> Duration {
        self.time(&self.wraps, agent, was, seed)
    }

    /// The same agent class takes the time that was taken; another class the same quantile of its
    /// own times; an unseen conversation a quantile of its own chance.
    fn time(
        &self,
        times: &BTreeMap<Class, Vec<Duration>>,
        agent: &AgentId,
        was: Option<(&AgentId, Duration)>,
        seed: Seed,
    ) -> Duration {
        let class = |agent: &AgentId| self.classes.get(agent).map_or("", String::as_str);
        let of = |class: &str| {
            let own = times.get(class).filter(|own| CLASS_MIN <= own.len());
            own.or_else(|| times.get("")).map_or(&[][..], Vec::as_slice)
        };
        let here = class(agent);
        let share = match was {
            Some((other, time)) if class(other) == here => return time,
            Some((other, time)) => {
                let theirs = of(class(other));
                let below = theirs.partition_point(|value| *value < time);
                let upto = theirs.partition_point(|value| *value <= time);
                if theirs.is_empty() {
                    return time;
                }
                (below + upto) as f64 / (2 * theirs.len()) as f64
            }
            None => seed.pcg().share(),
        };
        let own = of(here);
        let last = own.len().saturating_sub(1);
        own.get(((share * own.len() as f64) as usize).min(last)).copied().unwrap_or_default()
    }

    /// What the agent does about the `times`-th offer of a contact: what it did about this contact, else what it did about
    /// some other, else what anybody did.
    pub fn answer(
        &self,
        agent: &AgentId,
        id: InteractionId,
        times: u64,
        seed: Seed,
    ) -> (Duration, Answer) {
        if times == 1
            && let Some(known) = self.known.get(&(id, agent.clone()))
        {
            return *known;
        }
        let own = self.answers.get(agent).unwrap_or(&self.answers_of_all);
        let pick = seed.pcg().below(own.len() as u64) as usize;
        // Nobody was ever offered anything: an agent who answers at once.
        own.get(pick).copied().unwrap_or((Duration::from_secs(2), Answer::Accepted))
    }
}

fn classes(config: &CenterConfig) -> BTreeMap<AgentId, Class> {
    let class = |agent: &jackfield_core::AgentConfig| {
        let queues = agent.queues.keys().map(|queue| queue.as_str().to_owned());
        let mut skills: Vec<String> =
            agent.skills.iter().map(|skill| format!("+{}", skill.name)).collect();
        skills.sort();
        queues.chain(skills).collect::<Vec<_>>().join(" ")
    };
    config.agents.iter().map(|(id, agent)| (id.clone(), class(agent))).collect()
}

fn patience(tape: &Tape) -> (BTreeMap<QueueId, KaplanMeier>, Option<KaplanMeier>) {
    let mut by_queue: BTreeMap<QueueId, Vec<Observed>> = BTreeMap::new();
    for stay in tape.contacts.values().flat_map(|contact| &contact.stays) {
        let gave_up = stay.end == WaitEnd::Abandoned;
        let observed = Observed { time: stay.waited, ended: gave_up };
        by_queue.entry(stay.queue.clone()).or_default().push(observed);
    }
    let all: Vec<Observed> = by_queue.values().flatten().copied().collect();
    let gave_up = |waits: &[Observed]| waits.iter().filter(|wait| wait.ended).count();
    let of_all = if gave_up(&all) == 0 { None } else { KaplanMeier::fit(&all).ok() };
    let enough = by_queue.into_iter().filter(|(_, waits)| ABANDONS_MIN <= gave_up(waits));
    let fitted = enough.filter_map(|(queue, waits)| Some((queue, KaplanMeier::fit(&waits).ok()?)));
    (fitted.collect(), of_all)
}
