//! Sentiment, topics and the answers to forms, by words: nothing is guessed that no word shows.

use jackfield_sdk::analyst::{Analyst, Findings, FormAnswer, Question, Speaker, Topic, Transcript};
use jackfield_sdk::outside::settings;
use jackfield_sdk::{Attribute, PluginError};

struct Lexicon;

impl Analyst for Lexicon {
    fn analyse(transcript: Transcript) -> Result<Findings, PluginError> {
        Ok(findings(&transcript, &settings::all()))
    }
}

jackfield_sdk::export_analyst!(Lexicon);

/// A setting whose name begins so is a topic: `WORD, WORD`.
const TOPIC: &str = "topic-";
/// The most topics.
const TOPICS: usize = 20;
/// Words before which the next one means the opposite.
const NOT: [&str; 7] = ["not", "no", "never", "don", "isn", "не", "нет"];
/// Beginnings of words that are said when things are well.
const GOOD: [&str; 26] = [
    "thank",
    "great",
    "good",
    "excellent",
    "perfect",
    "helpful",
    "happy",
    "love",
    "nice",
    "pleased",
    "wonderful",
    "resolved",
    "quick",
    "спасиб",
    "отличн",
    "хорош",
    "прекрасн",
    "замечательн",
    "довол",
    "помогл",
    "быстр",
    "благодар",
    "удобн",
    "рад",
    "люблю",
    "супер",
];
/// Beginnings of words that are said when they are not.
const BAD: [&str; 27] = [
    "bad",
    "terrible",
    "awful",
    "angry",
    "annoy",
    "disappoint",
    "complain",
    "broken",
    "problem",
    "useless",
    "worst",
    "hate",
    "refund",
    "cancel",
    "плох",
    "ужасн",
    "кошмар",
    "жалоб",
    "злюсь",
    "возмущ",
    "сломал",
    "проблем",
    "разочаров",
    "верните",
    "хуже",
    "недовол",
    "отврат",
];

fn words(text: &str) -> Vec<String> {
    let all = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    all.map(str::to_lowercase).collect()
}

/// Words of a list that a setting or a form names.
fn listed(text: &str) -> Vec<String> {
    let all = text.split(',').map(|word| word.trim().to_lowercase());
    all.filter(|word| !word.is_empty()).collect()
}

fn begins(said: &str, with: &[String]) -> bool {
    with.iter().any(|word| said.starts_with(word.as_str()))
}

/// How the customer felt; none if no word of theirs shows it.
fn sentiment(transcript: &Transcript) -> Option<f64> {
    let (mut good, mut bad) = (0_u32, 0_u32);
    for said in transcript.utterances.iter().filter(|one| one.speaker == Speaker::Customer) {
        let said = words(&said.text);
        for (at, word) in said.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| said.get(at));
            let turned = before.is_some_and(|before| NOT.contains(&before.as_str()));
            let is = |list: &[&str]| list.iter().any(|start| word.starts_with(start));
            match (is(&GOOD), is(&BAD), turned) {
                (true, _, false) | (false, true, true) => good += 1,
                (true, _, true) | (false, true, false) => bad += 1,
                (false, false, _) => {}
            }
        }
    }
    let all = good + bad;
    (0 < all).then(|| (f64::from(good) - f64::from(bad)) / f64::from(all))
}

/// Topics by the share of utterances that name them, best first.
fn topics(transcript: &Transcript, settings: &[Attribute]) -> Vec<Topic> {
    let all = transcript.utterances.len().max(1) as f64;
    let topic = |(name, value): &Attribute| {
        let (name, with) = (name.strip_prefix(TOPIC)?, listed(value));
        let about = |said: &str| words(said).iter().any(|word| begins(word, &with));
        let hits = transcript.utterances.iter().filter(|one| about(&one.text)).count();
        (0 < hits).then(|| Topic { name: name.to_owned(), score: hits as f64 / all })
    };
    let mut found: Vec<Topic> = settings.iter().filter_map(topic).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
    found.truncate(TOPICS);
    found
}

/// The answer to one question: that of two that its words decide, or one that was said.
fn answer(transcript: &Transcript, question: &Question) -> Option<FormAnswer> {
    let said = |with: &[String]| {
        let at = transcript
            .utterances
            .iter()
            .position(|one| words(&one.text).iter().any(|word| begins(word, with)));
        at.and_then(|at| u32::try_from(at).ok())
    };
    let given = |answer: &str, confidence: f64, evidence: Option<u32>| {
        let (question, answer) = (question.id.clone(), answer.to_owned());
        Some(FormAnswer { question, answer, confidence, evidence })
    };
    let looked_for = question.attributes.iter().find(|(name, _)| name == "words");
    if let Some((_, looked_for)) = looked_for {
        let found = said(&listed(looked_for));
        return match (&question.answers[..], found) {
            ([yes, ..], Some(_)) => given(yes, 0.9, found),
            ([_, no], None) => given(no, 0.6, None),
            ([], Some(at)) => given(&transcript.utterances[at as usize].text, 0.7, found),
            _ => None,
        };
    }
    let mut named = question.answers.iter().filter_map(|one| Some((one, said(&listed(one))?)));
    let (name, at) = named.next()?;
    given(name, 0.7, Some(at))
}

fn findings(transcript: &Transcript, settings: &[Attribute]) -> Findings {
    Findings {
        sentiment: sentiment(transcript),
        topics: topics(transcript, settings),
        answers: transcript.questions.iter().filter_map(|one| answer(transcript, one)).collect(),
        summary: None,
        attributes: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
