//! What a shadow is asked and what it answers: whatever a plugin only says, and does not do itself.

use std::sync::Arc;

use jackfield_core::{Estimate, EstimateAsk, PluginFailure, RoutingAsk, RoutingDecision};
use jackfield_plugin_host::asked::analysis::{Findings, Transcript};
use jackfield_plugin_host::asked::pacing::{Campaign, Pace};
use jackfield_plugin_host::{CalledPlugin, EstimatorPlugin, RouterPlugin, Services};

/// A question that the active version was asked.
pub enum Asked {
    /// Who serves a contact.
    Routing(Box<RoutingAsk>),
    /// How long a contact will wait.
    Estimate(Box<EstimateAsk>),
    /// What a conversation was about.
    Transcript(Box<Transcript>),
    /// How many calls to place.
    Campaign(Box<Campaign>),
}

/// Whoever is asked besides.
pub enum Asker {
    /// A router.
    Router(RouterPlugin),
    /// An estimator.
    Estimator(EstimatorPlugin),
    /// An analyst or a pacer.
    Called(CalledPlugin),
}

/// An answer, as far as it is compared: why it was given is not.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// Who serves a contact.
    Routing(RoutingDecision),
    /// How long a contact will wait, if that can be told.
    Estimate(Option<Estimate>),
    /// What a conversation was about, in words.
    Findings(String),
    /// How many calls to place, and when to ask again.
    Pace(u32, u32),
}

impl Asked {
    /// Whom it is about: a contact, or a campaign.
    pub fn about(&self) -> String {
        match self {
            Self::Routing(ask) => ask.contact.id.to_string(),
            Self::Estimate(ask) => ask.interaction.to_string(),
            Self::Transcript(transcript) => transcript.id.clone(),
            Self::Campaign(campaign) => campaign.name.clone(),
        }
    }

    /// Where the contact waits, if it does.
    pub fn queue(&self) -> Option<String> {
        match self {
            Self::Routing(ask) => Some(ask.contact.queue.to_string()),
            Self::Estimate(ask) => Some(ask.queue.to_string()),
            Self::Transcript(_) | Self::Campaign(_) => None,
        }
    }
}

impl Asker {
    /// Asks.
    ///
    /// # Errors
    ///
    /// The label of the failure; a question of another world is not loaded.
    pub async fn answer(
        &self,
        asked: &Asked,
        services: Arc<dyn Services>,
    ) -> Result<Answered, &'static str> {
        let failed = |failure: PluginFailure| failure.label();
        match (self, asked) {
            (Self::Router(router), Asked::Routing(ask)) => {
                let answer = router.choose(ask, services).await;
                answer.map(|answer| Answered::Routing(answer.decision)).map_err(failed)
            }
            (Self::Estimator(estimator), Asked::Estimate(ask)) => {
                estimator.estimate(ask, services).await.map(Answered::Estimate).map_err(failed)
            }
            (Self::Called(analyst), Asked::Transcript(transcript)) => {
                let findings = analyst.analyse(transcript, services).await;
                findings.map(|found| Answered::of(&found)).map_err(|error| failed(error.failure))
            }
            (Self::Called(pacer), Asked::Campaign(campaign)) => {
                let pace = pacer.decide(campaign, services).await;
                pace.map(|pace| Answered::from(&pace)).map_err(|error| failed(error.failure))
            }
            _ => Err(PluginFailure::NotLoaded.label()),
        }
    }
}

impl From<&Pace> for Answered {
    fn from(pace: &Pace) -> Self {
        Self::Pace(pace.dial, pace.again_ms)
    }
}

impl Answered {
    /// Findings as they are compared: figures to two places, the summary's wording aside.
    pub fn of(findings: &Findings) -> Self {
        let mut parts = Vec::new();
        parts.extend(findings.sentiment.map(|value| format!("sentiment {value:.2}")));
        let topics = findings.topics.iter();
        parts.extend(topics.map(|topic| format!("topic {} {:.2}", topic.name, topic.score)));
        let answers = findings.answers.iter();
        parts.extend(answers.map(|one| format!("{} = {}", one.question, one.answer)));
        let found = parts.join(", ");
        Self::Findings(if found.is_empty() { "nothing".to_owned() } else { found })
    }

    /// The answer in words, short.
    pub fn words(&self) -> String {
        match self {
            Self::Routing(RoutingDecision::Offer(agents)) => format!("offer {}", list(agents)),
            Self::Routing(RoutingDecision::OfferAll(agents)) => {
                format!("offer to all of {}", list(agents))
            }
            Self::Routing(RoutingDecision::OfferProgressive { agents, step_ms }) => {
                format!("offer to {} every {step_ms} ms", list(agents))
            }
            Self::Routing(other) => format!("{other:?}"),
            Self::Estimate(None) => "no estimate".to_owned(),
            Self::Estimate(Some(Estimate { p50, p90 })) => {
                format!("{:.1} s, nine of ten {:.1} s", p50.as_secs_f64(), p90.as_secs_f64())
            }
            Self::Findings(found) => found.clone(),
            Self::Pace(dial, again_ms) => format!("dial {dial}, ask again in {again_ms} ms"),
        }
    }
}

fn list(agents: &[String]) -> String {
    let more = agents.len().saturating_sub(3);
    let first = agents.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if 0 < more { format!("{first} and {more} more") } else { first }
}
