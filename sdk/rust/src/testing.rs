//! Questions and answers as text, for the tests of plugins.
//!
//! A script is a line for the contact, the queue and each agent:
//!
//! ```
//! use jackfield_sdk::testing::{answer, ask};
//! use jackfield_sdk::router::Answer;
//!
//! let question = ask("
//!     contact waited=15s want.billing=6 segment=gold
//!     queue waiting=3 last=ann
//!     set tiers = 8, 5@10s
//!     other support waiting=2 level=0.5 target=0.8
//!     agent ann idle=10 level=7 skill.billing=6 rank.sales=1 branch=riga
//!     seed 7
//! ");
//! let given = Answer::offer_to(question.by_name()).because("rule", "by-name");
//! assert_eq!(answer(&Ok(given)), "offer ann\nbecause rule=by-name");
//! ```
//!
//! `need.NAME` and `want.NAME` are required and preferred skills; `idle` and `talk` are seconds;
//! words that mean nothing else are attributes. A line that cannot be read panics.
//!
//! What a plugin asks of its host (settings, requests, customers, state) is answered by a [`MockHost`].

mod contact;
mod estimates;
mod hmac;
mod host;
mod questions;

use std::cell::RefCell;
use std::fmt::Write as _;

use crate::log::Level;

use crate::order::Lots;
use crate::router::{Answer, Ask, Candidate, Decision, QueueRank, QueueView, Waiting};
use crate::settings::span;
use crate::{Channel, PluginError, SkillLevel};

pub use contact::MockContact;
pub use estimates::{check_estimate, estimate_ask};
pub use host::MockHost;
pub(crate) use host::with_host;
pub use questions::{campaign, event, incoming, outgoing, transcript, turn};

thread_local! {
    static LOGGED: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
}

/// Takes the lines that were logged on this thread since the last time.
pub fn logged() -> Vec<(Level, String)> {
    LOGGED.take()
}

pub(crate) fn keep(level: Level, message: &str) {
    LOGGED.with_borrow_mut(|lines| lines.push((level, message.to_owned())));
}

/// Reads a question.
pub fn ask(script: &str) -> Ask {
    let mut ask = Ask {
        contact: contact(""),
        candidates: Vec::new(),
        queue: view("sales", ""),
        others: Vec::new(),
        now_seconds: 0.0,
        seed: 0,
    };
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "contact" => ask.contact = contact(rest),
            "queue" => ask.queue = view("sales", rest),
            "other" => ask.others.push(named(rest, view)),
            "agent" => ask.candidates.push(named(rest, agent)),
            "set" => {
                let (name, value) = split(rest, " = ");
                ask.queue.attributes.push((name.to_owned(), value.to_owned()));
            }
            "seed" => ask.seed = number(rest),
            _ => panic!("`{kind}` begins no line of a question: {line}"),
        }
    }
    ask
}

/// Writes an answer: the decision, its reasons and scores, a line each.
pub fn answer(given: &Result<Answer, PluginError>) -> String {
    let given = match given {
        Ok(given) => given,
        Err(PluginError::Configuration(text)) => return format!("configuration: {text}"),
        Err(PluginError::Script(error)) => {
            return format!("script {}:{}: {}", error.line, error.column, error.message);
        }
        Err(PluginError::Failed(text) | PluginError::Unavailable(text)) => {
            return format!("failed: {text}");
        }
    };
    let mut text = match &given.decision {
        Decision::Offer(agents) => format!("offer {}", agents.join(" ")),
        Decision::OfferAll(agents) => format!("all {}", agents.join(" ")),
        Decision::OfferProgressive(order) => {
            format!("progressive {}ms {}", order.step_ms, order.agents.join(" "))
        }
        Decision::WaitMs(span) => format!("wait {span}ms"),
        Decision::MoveTo(queue) => format!("move {queue}"),
        Decision::SetPriority(priority) => format!("priority {priority}"),
    };
    let because: Vec<_> = given.because.iter().map(|(term, why)| format!("{term}={why}")).collect();
    if !because.is_empty() {
        let _ = write!(text, "\nbecause {}", because.join(" "));
    }
    let scores = given.scores.iter().map(|score| format!("{}={}", score.agent, score.value));
    let scores: Vec<_> = scores.collect();
    if !scores.is_empty() {
        let _ = write!(text, "\nscores {}", scores.join(" "));
    }
    text
}

/// Asks, and compares what is answered with a text, line by line without their indents.
///
/// # Panics
///
/// If the answer is another one, or the same question has two answers.
#[track_caller]
pub fn check(choose: impl Fn(&Ask) -> Result<Answer, PluginError>, script: &str, expected: &str) {
    let question = ask(script);
    let given = answer(&choose(&question));
    assert_eq!(given, answer(&choose(&question)), "the same ask, another answer");
    let expected: Vec<_> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(given, expected.join("\n"));
}

/// Asks some hundred questions, made by chance around the script, and holds what is true of every
/// router: the same question has the same answer, in whatever order the candidates come; an offer
/// names candidates, each once, and somebody; scores are numbers. A question without any setting has
/// an answer: the host asks one before it lets a plugin in.
///
/// # Panics
///
/// With the seed, if one of these does not hold.
pub fn hold(choose: impl Fn(&Ask) -> Result<Answer, PluginError>, script: &str) {
    let plain = choose(&self::ask("agent self-test idle=1"));
    assert!(plain.is_ok(), "without settings: {}", answer(&plain));
    for seed in 0..300 {
        let question = by_chance(ask(script), seed);
        let given = choose(&question);
        assert_eq!(answer(&given), answer(&choose(&question)), "seed {seed}: another answer");
        let mut turned = question.clone();
        turned.candidates.reverse();
        assert_eq!(answer(&given), answer(&choose(&turned)), "seed {seed}: the order matters");
        let given = given.unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        let agents = match given.decision {
            Decision::Offer(agents) | Decision::OfferAll(agents) => agents,
            Decision::OfferProgressive(order) => order.agents,
            Decision::WaitMs(_) | Decision::MoveTo(_) | Decision::SetPriority(_) => continue,
        };
        assert!(!agents.is_empty(), "seed {seed}: an offer to nobody");
        for (place, agent) in agents.iter().enumerate() {
            let known = question.candidates.iter().any(|one| one.agent == *agent);
            assert!(known, "seed {seed}: `{agent}` is no candidate");
            assert!(!agents[..place].contains(agent), "seed {seed}: `{agent}` twice");
        }
        assert!(given.scores.iter().all(|score| score.value.is_finite()), "seed {seed}: a score");
    }
}

/// Adds candidates, and another wait, seed and last offer, to a question.
fn by_chance(mut ask: Ask, seed: u32) -> Ask {
    ask.seed = seed;
    let mut lots = ask.lots();
    let below = |lots: &mut Lots, end: u64| u32::try_from(lots.below(end)).unwrap_or(0);
    ask.contact.waited_ms = below(&mut lots, 120_000);
    for _ in 0..=lots.below(6) {
        let name = format!("agent-{}", lots.below(20));
        if ask.candidates.iter().any(|one| one.agent == name) {
            continue;
        }
        let mut one = agent(&name, "");
        one.level = 1 + below(&mut lots, 10) as u8;
        one.idle_ms = 1_000 * below(&mut lots, 4);
        one.contacts = below(&mut lots, 4);
        one.talk_seconds = 60 * below(&mut lots, 4);
        for skill in ["billing", "russian"] {
            let level = below(&mut lots, 11) as u8;
            if level != 0 {
                one.skills.push(SkillLevel { name: skill.to_owned(), level });
            }
        }
        ask.candidates.push(one);
    }
    ask.queue.last_offered = Some(format!("agent-{}", lots.below(20)));
    ask.queue.agents_busy = below(&mut lots, 3);
    ask
}

fn contact(words: &str) -> Waiting {
    let mut contact = Waiting {
        id: "0000000000000".to_owned(),
        channel: Channel::Voice,
        queue: "sales".to_owned(),
        waited_ms: 0,
        priority: 0,
        required: Vec::new(),
        preferred: Vec::new(),
        step: 0,
        attributes: Vec::new(),
    };
    for (name, value) in pairs(words) {
        match (name, name.split_once('.')) {
            (_, Some(("need", skill))) => contact.required.push(skill_level(skill, value)),
            (_, Some(("want", skill))) => contact.preferred.push(skill_level(skill, value)),
            ("waited", _) => contact.waited_ms = milliseconds(value),
            ("priority", _) => contact.priority = number(value),
            ("step", _) => contact.step = number(value),
            _ => contact.attributes.push((name.to_owned(), value.to_owned())),
        }
    }
    contact
}

fn agent(name: &str, words: &str) -> Candidate {
    let mut agent = Candidate {
        agent: name.to_owned(),
        level: 5,
        skills: Vec::new(),
        idle_ms: 0,
        contacts: 0,
        talk_seconds: 0,
        load: 0,
        ranks: Vec::new(),
        attributes: Vec::new(),
    };
    for (name, value) in pairs(words) {
        match (name, name.split_once('.')) {
            (_, Some(("skill", skill))) => agent.skills.push(skill_level(skill, value)),
            (_, Some(("rank", queue))) => {
                agent.ranks.push(QueueRank { queue: queue.to_owned(), rank: number(value) });
            }
            ("level", _) => agent.level = number(value),
            ("idle", _) => agent.idle_ms = number::<u32>(value).saturating_mul(1_000),
            ("contacts", _) => agent.contacts = number(value),
            ("talk", _) => agent.talk_seconds = number(value),
            ("load", _) => agent.load = number(value),
            _ => agent.attributes.push((name.to_owned(), value.to_owned())),
        }
    }
    agent
}

fn view(name: &str, words: &str) -> QueueView {
    let mut view = QueueView {
        queue: name.to_owned(),
        waiting: 1,
        longest_wait_ms: 0,
        agents_ready: 1,
        agents_busy: 0,
        counted: 0,
        service_level: 1.0,
        target_share: 0.8,
        target_within_ms: 20_000,
        last_offered: None,
        attributes: Vec::new(),
    };
    for (name, value) in pairs(words) {
        match name {
            "waiting" => view.waiting = number(value),
            "longest" => view.longest_wait_ms = milliseconds(value),
            "ready" => view.agents_ready = number(value),
            "busy" => view.agents_busy = number(value),
            "counted" => view.counted = number(value),
            "level" => view.service_level = number(value),
            "target" => view.target_share = number(value),
            "within" => view.target_within_ms = milliseconds(value),
            "last" => view.last_offered = Some(value.to_owned()),
            _ => view.attributes.push((name.to_owned(), value.to_owned())),
        }
    }
    view
}

fn named<T>(rest: &str, make: impl Fn(&str, &str) -> T) -> T {
    let (name, words) = rest.split_once(' ').unwrap_or((rest, ""));
    make(name, words)
}

fn pairs(words: &str) -> impl Iterator<Item = (&str, &str)> {
    words.split_whitespace().map(|word| split(word, "="))
}

fn split<'a>(text: &'a str, by: &str) -> (&'a str, &'a str) {
    text.split_once(by).unwrap_or_else(|| panic!("`{text}` has no `{by}`"))
}

fn skill_level(name: &str, level: &str) -> SkillLevel {
    SkillLevel { name: name.to_owned(), level: number(level) }
}

fn milliseconds(text: &str) -> u32 {
    span(text).unwrap_or_else(|| panic!("`{text}` is no span"))
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}
