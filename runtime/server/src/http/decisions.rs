//! Why this agent, why not that one: the decisions about one interaction, from the journal.

use std::collections::BTreeMap;

use jackfield_core::{
    AgentId, AskId, Attribute, Center, Certificate, Input, Instant, InteractionId, JournalRecord,
    OfferId, Output, RoutedBy, TieBreak, WhyNot,
};
use jackfield_store::Lsn;
use serde::Serialize;

use super::centre::Fault;
use super::live::{fault, word};
use crate::rfc3339;
use crate::tenant::Tenant;

/// Decisions told of one interaction; one that is offered more often is told the first of them.
const DECISIONS_MAX: usize = 200;
/// An interaction's last decision lies before its end, but for the clock's grain.
const AFTER_END: u64 = 1_000_000;

/// One offer: what it was decided upon, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// When.
    pub at: String,
    /// The offer's number.
    pub offer: u64,
    /// Who was chosen.
    pub agent: String,
    /// From which queue.
    pub queue: String,
    /// `built-in`, `fallback`, or a plugin's digest.
    pub routed_by: String,
    /// The reasons, the first and most important one first.
    pub why: Vec<String>,
    /// Why the agent who was asked about was not chosen.
    pub why_not: Option<String>,
    /// `accepted`, or why not.
    pub outcome: Option<String>,
    /// What each agent was worth to the router, in its order.
    pub scores: Vec<(String, f64)>,
    /// The certificate as the journal has it.
    pub certificate: Option<serde_json::Value>,
}

/// What a router was asked and said.
#[derive(Default)]
struct Question {
    candidates: Vec<AgentId>,
    scores: Vec<(String, f64)>,
}

#[derive(Default)]
struct Gathering {
    questions: BTreeMap<AskId, Question>,
    decisions: Vec<Decision>,
    places: BTreeMap<OfferId, usize>,
}

/// Returns the decisions about `interaction`, the oldest first; with `agent`, also why that one was
/// not chosen each time.
pub fn of(
    tenant: &Tenant,
    interaction: InteractionId,
    agent: Option<&AgentId>,
) -> Result<Vec<Decision>, Fault> {
    let kept = tenant.store.interaction(interaction).map_err(fault)?;
    let (from, to) = kept.map_or((0, None), |kept| (kept.arrived_at, kept.ended_at));
    let mut gathering = Gathering::default();
    let mut past = agent.map(|_| Past::default());
    for entry in tenant.journal.read_journal(&tenant.id, Lsn::ZERO) {
        let (_, bytes) = entry.map_err(fault)?;
        // Without a question about an agent the time before the interaction says nothing.
        if past.is_none() && moment(&bytes).is_some_and(|at| at < from) {
            continue;
        }
        let Ok(record) = serde_json::from_slice::<JournalRecord>(&bytes) else { continue };
        if to.is_some_and(|to| to + AFTER_END < record.at.as_micros())
            || DECISIONS_MAX <= gathering.decisions.len()
        {
            break;
        }
        if let Some(past) = &mut past {
            past.feed(&record);
        }
        let center = past.as_ref().and_then(|past| past.center.as_ref());
        gathering.take(&record, interaction, agent.zip(center));
    }
    Ok(gathering.decisions)
}

/// Reads the moment of a record without reading all of it.
fn moment(bytes: &[u8]) -> Option<u64> {
    let rest = bytes.strip_prefix(b"{\"at\":")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()
}

/// The engine as it was, made again from the journal of one run of the process.
#[derive(Default)]
struct Past {
    center: Option<Center>,
    configured: Option<JournalRecord>,
}

impl Past {
    fn feed(&mut self, record: &JournalRecord) {
        if let (Input::Restarted { .. }, Some(first)) = (&record.input, self.configured.take()) {
            // A run begins with the set-up that is followed by what was known of agents.
            let mut center = Center::new();
            JournalRecord::take(&mut center, first.at, first.input);
            self.center = Some(center);
        }
        if let Input::Configured { .. } = record.input {
            self.configured = Some(record.clone());
        }
        if let Some(center) = &mut self.center {
            JournalRecord::take(center, record.at, record.input.clone());
        }
    }
}

impl Gathering {
    fn take(
        &mut self,
        record: &JournalRecord,
        interaction: InteractionId,
        asked: Option<(&AgentId, &Center)>,
    ) {
        if let Input::RouterReplied { ask, answer, .. } = &record.input
            && let Some(question) = self.questions.get_mut(ask)
        {
            question.scores.clone_from(&answer.scores);
        }
        for output in &record.outputs {
            match output {
                Output::AskRouter { ask, request, .. } if request.contact.id == interaction => {
                    let candidates = request.candidates.iter();
                    let candidates = candidates.map(|candidate| candidate.agent.clone()).collect();
                    self.questions.insert(*ask, Question { candidates, scores: Vec::new() });
                }
                Output::Offer { interaction: of, .. } if *of == interaction => {
                    self.decide(record.at, output, asked);
                }
                Output::Connect { offer, .. } => self.ended(*offer, "accepted".to_owned()),
                Output::Withdraw { offer, reason, .. } => self.ended(*offer, spoken(&word(reason))),
                Output::OfferLost { offer, failure, .. } => {
                    self.ended(*offer, spoken(&word(failure)));
                }
                _ => (),
            }
        }
    }

    fn ended(&mut self, offer: OfferId, outcome: String) {
        if let Some(decision) =
            self.places.get(&offer).and_then(|place| self.decisions.get_mut(*place))
        {
            // A phone that rings out is first lost, then withdrawn: the first word counts.
            decision.outcome.get_or_insert(outcome);
        }
    }

    fn decide(&mut self, at: Instant, output: &Output, asked: Option<(&AgentId, &Center)>) {
        let Output::Offer {
            offer, agent, queue, routed_by, because, certificate, interaction, ..
        } = output
        else {
            return;
        };
        let certificate = certificate.as_deref();
        let ask = certificate.and_then(|certificate| certificate.ask);
        let question = ask.and_then(|ask| self.questions.get(&ask));
        let chosen = Chosen { agent, routed_by, because, certificate, question };
        let why_not = asked.map(|(other, center)| chosen.why_not(other, center, *interaction));
        self.places.insert(*offer, self.decisions.len());
        self.decisions.push(Decision {
            at: rfc3339::format(at.as_micros()),
            offer: offer.0,
            agent: agent.to_string(),
            queue: queue.to_string(),
            routed_by: match routed_by {
                RoutedBy::BuiltIn => "built-in".to_owned(),
                RoutedBy::Fallback => "fallback".to_owned(),
                RoutedBy::Plugin(digest) => digest.clone(),
            },
            why: chosen.why(),
            why_not,
            outcome: None,
            scores: question.map(|question| question.scores.clone()).unwrap_or_default(),
            certificate: certificate.and_then(|kept| serde_json::to_value(kept).ok()),
        });
    }
}

/// An offer and all that is known of how it came about.
struct Chosen<'a> {
    agent: &'a AgentId,
    routed_by: &'a RoutedBy,
    because: &'a [Attribute],
    certificate: Option<&'a Certificate>,
    question: Option<&'a Question>,
}

impl Chosen<'_> {
    /// The reasons in words.
    fn why(&self) -> Vec<String> {
        let mut why = vec![match self.routed_by {
            RoutedBy::BuiltIn => "the built-in rule chose".to_owned(),
            RoutedBy::Fallback => {
                "the router gave no usable answer: the built-in rule chose".to_owned()
            }
            RoutedBy::Plugin(digest) => format!("the router {digest:.12} chose"),
        }];
        why.extend(self.because.iter().map(|(name, value)| format!("{name}: {value}")));
        let Some(certificate) = self.certificate else { return why };
        why.push(match certificate.tie_break {
            TieBreak::OnlyOne => "nobody else could have been offered it".to_owned(),
            TieBreak::LeastLoaded => "least work in hand".to_owned(),
            TieBreak::LongestIdle => format!("longest idle of {}", certificate.candidates),
            TieBreak::Name => "equal in all, and first by name".to_owned(),
            TieBreak::Router => format!("the router's order of {}", certificate.candidates),
        });
        if 0 < certificate.step {
            why.push(format!("what agents need was changed by waiting, step {}", certificate.step));
        }
        if certificate.priority != 0 {
            why.push(format!("the contact's priority was {}", certificate.priority));
        }
        why
    }

    fn why_not(&self, other: &AgentId, center: &Center, interaction: InteractionId) -> String {
        if other == self.agent {
            return format!("{other} was chosen");
        }
        let considered = self.certificate.map(|certificate| certificate.considered.as_slice());
        let considered = considered.unwrap_or_default();
        let of = |agent: &AgentId| considered.iter().find(|entry| entry.agent == *agent);
        if let Some(passed) = of(other).and_then(|entry| entry.passed.as_deref()) {
            return match passed {
                "taken" => format!("{other} was taken by another contact at that moment"),
                "failed-before" => format!("{other} had not answered this contact before"),
                "held" => format!("{other} was held for a contact with a better place"),
                other_reason => format!("{other} was passed over: {other_reason}"),
            };
        }
        if let Some(question) = self.question
            && question.candidates.contains(other)
        {
            let score = |agent: &AgentId| {
                let mut scores = question.scores.iter();
                scores.find(|(name, _)| name == agent.as_str()).map(|(_, score)| score)
            };
            return match (score(other), score(self.agent)) {
                (Some(theirs), Some(best)) => {
                    format!("the router gave {other} {theirs}, and {} {best}", self.agent)
                }
                _ => format!("{other} was a candidate, and the router chose {}", self.agent),
            };
        }
        if let (Some(theirs), Some(best)) = (of(other), of(self.agent)) {
            let idle = |ms: u32| f64::from(ms) / 1_000.0;
            return format!(
                "{other} had been idle for {:.1} s, and {} for {:.1} s",
                idle(theirs.idle_ms),
                self.agent,
                idle(best.idle_ms)
            );
        }
        self.no_candidate(other, center, interaction)
    }

    /// Why an agent could not have been offered the contact, from the engine as it was then.
    fn no_candidate(&self, other: &AgentId, center: &Center, interaction: InteractionId) -> String {
        let why = center.why_not(interaction, other).into_iter();
        // That it rings somewhere is what was decided, not why.
        let why = why.filter(|why| !matches!(why, WhyNot::OfferedTo { .. } | WhyNot::NotWaiting));
        let why: Vec<String> = why.map(|why| why.to_string()).collect();
        match why.is_empty() {
            true => format!("{other} could have been offered it, and {} came first", self.agent),
            false => format!("{other}: {}", why.join("; ")),
        }
    }
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}
