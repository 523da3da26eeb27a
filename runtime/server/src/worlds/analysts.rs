//! Analysts: what a conversation that is over was about. Their findings stand in its story.

use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use jackfield_core::{Attribute, PluginFailure};
use jackfield_plugin_host::asked::analysis::{Findings, Question, Speaker, Transcript, Utterance};
use jackfield_plugin_host::asked::conversation::Author;
use jackfield_plugin_host::{CallFailure, Services as _, World, asked};
use jackfield_store::InteractionRecord;

use crate::rollout::{Answered, Asked, Exchange, Subject};
use crate::session::chat::Said;
use crate::session::story;
use crate::tenant::{ActivePlugin, Tenant, TenantServices, now};

/// Utterances that an analyst is told.
const UTTERANCES_MAX: usize = 2_000;
/// Topics that are kept.
const TOPICS_MAX: usize = 20;
/// A setting of an analyst whose name begins so is a question of a form.
const QUESTION: &str = "question-";

/// What was said in a chat.
pub fn transcript_of_chat(record: &InteractionRecord, lines: &[Said]) -> Transcript {
    let since = |said: &Said| {
        let micros = said.at.as_micros().saturating_sub(record.arrived_at);
        u32::try_from(micros / 1_000).unwrap_or(u32::MAX)
    };
    let utterance = |said: &Said| Utterance {
        speaker: match said.author {
            Author::Customer => Speaker::Customer,
            Author::Agent => Speaker::Agent,
            Author::Bot => Speaker::Bot,
        },
        start_ms: since(said),
        end_ms: since(said),
        text: said.text.clone(),
    };
    transcript(record, lines.iter().map(utterance).collect())
}

/// What was said in an interaction, with what is known of it.
pub fn transcript(record: &InteractionRecord, mut utterances: Vec<Utterance>) -> Transcript {
    utterances.sort_by_key(|one| one.start_ms);
    utterances.truncate(UTTERANCES_MAX);
    Transcript {
        id: record.id.to_string(),
        channel: asked::channel_of(record.channel),
        language: record.language.clone().unwrap_or_default(),
        utterances,
        questions: Vec::new(),
        attributes: record.attributes.clone(),
    }
}

/// Has every analyst of the tenant read a conversation that is over, and keeps what they found. A
/// conversation without a word is read by none.
pub async fn analyse(tenant: &Tenant, mut record: InteractionRecord, mut transcript: Transcript) {
    let analysts = tenant.plugins.all(World::Analyst);
    if analysts.is_empty() || transcript.utterances.is_empty() {
        return;
    }
    for active in analysts {
        transcript.questions = questions(&active.services.settings());
        let (by, answer) = ask(tenant, &active, &record, &transcript).await;
        match answer {
            Ok(findings) => {
                let details = told(&by, findings, &transcript.questions);
                story::add(&mut record, now(), "analysed", details);
            }
            Err(failure) => {
                let details = vec![("by".to_owned(), by), ("why".to_owned(), failure.to_string())];
                story::add(&mut record, now(), "not_analysed", details);
            }
        }
    }
    if let Err(error) = tenant.store.put_interaction(&record) {
        tracing::error!(tenant = %tenant.id, interaction = %record.id, %error, "findings are not kept");
    }
}

/// Asks the version whose turn it is, and the shadow if there is one. Returns the analyst's name too.
async fn ask(
    tenant: &Tenant,
    active: &ActivePlugin,
    record: &InteractionRecord,
    transcript: &Transcript,
) -> (String, Result<Findings, CallFailure>) {
    let name = active.name.clone();
    let subject = Subject {
        interaction: record.id,
        queue: record.queue.as_ref(),
        dialled: Some(&record.dnis),
        attributes: &record.attributes,
    };
    let began = Instant::now();
    let asked = tenant.ask_called((&name, World::Analyst), &subject, |version| {
        let transcript = transcript.clone();
        let services = Arc::<TenantServices>::clone(&version.services);
        async move { version.plugin.analyse(&transcript, services).await }.boxed()
    });
    let Some((_, answer)) = asked.await else {
        return (name, Err(PluginFailure::NotLoaded.into()));
    };
    if let Some(shadow) = tenant.rollouts.shadow(&name) {
        let active = answer.as_ref().map(Answered::of);
        let active = active.map_err(|error| error.failure.label());
        let asked = Asked::Transcript(Box::new(transcript.clone()));
        shadow.ask(Exchange { asked, active, took: began.elapsed() });
    }
    (name, answer)
}

/// The questions of a form: `question-ID = "TEXT | ANSWER, ANSWER | WORDS"`, the last two optional.
fn questions(settings: &[Attribute]) -> Vec<Question> {
    let question = |(name, value): &Attribute| {
        let id = name.strip_prefix(QUESTION)?.to_owned();
        let mut parts = value.split('|').map(str::trim);
        let text = parts.next()?.to_owned();
        let answers = parts.next().unwrap_or_default().split(',').map(str::trim);
        let answers = answers.filter(|answer| !answer.is_empty()).map(str::to_owned).collect();
        let words = parts.next().map(|words| ("words".to_owned(), words.to_owned()));
        Some(Question { id, text, answers, attributes: words.into_iter().collect() })
    };
    settings.iter().filter_map(question).collect()
}

/// Findings as an event of the story. What makes no sense is left out: an answer that is none of
/// those possible, a figure out of its range.
fn told(analyst: &str, findings: Findings, questions: &[Question]) -> Vec<Attribute> {
    let mut details = vec![("by".to_owned(), analyst.to_owned())];
    let mut detail = |name: String, value: String| details.push((name, value));
    let sentiment = findings.sentiment.filter(|value| (-1.0..=1.0).contains(value));
    if let Some(sentiment) = sentiment {
        detail("sentiment".to_owned(), format!("{sentiment:.2}"));
    }
    let topics = findings.topics.into_iter().filter(|topic| (0.0..=1.0).contains(&topic.score));
    for topic in topics.take(TOPICS_MAX) {
        detail(format!("topic {}", topic.name), format!("{:.2}", topic.score));
    }
    for answer in findings.answers {
        let asked = questions.iter().find(|question| question.id == answer.question);
        let Some(asked) = asked else { continue };
        if asked.answers.is_empty() || asked.answers.contains(&answer.answer) {
            detail(format!("answer {}", asked.id), answer.answer);
        }
    }
    if let Some(summary) = findings.summary {
        detail("summary".to_owned(), summary);
    }
    details
}

#[cfg(test)]
mod tests;
