//! Reads a conversation by its words: how the customer felt, whether it was about a bill, whether the
//! agent said hello.

use jackfield_sdk::PluginError;
use jackfield_sdk::analyst::{Analyst, Findings, FormAnswer, Speaker, Topic, Transcript};

struct Words;

jackfield_sdk::export_analyst!(Words);

const GOOD: [&str; 5] = ["thank", "thanks", "great", "good", "helpful"];
const BAD: [&str; 5] = ["bad", "broken", "angry", "terrible", "refund"];
const BILLING: [&str; 2] = ["invoice", "bill"];

impl Analyst for Words {
    fn analyse(transcript: Transcript) -> Result<Findings, PluginError> {
        Ok(Findings {
            sentiment: sentiment(&transcript),
            topics: billing(&transcript).into_iter().collect(),
            answers: greeted(&transcript).into_iter().collect(),
            summary: None,
            attributes: Vec::new(),
        })
    }
}

/// How many words of a text are among these.
fn count(text: &str, among: &[&str]) -> usize {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| among.contains(word)).count()
}

/// From -1 to 1; none if no word of the customer's shows it.
fn sentiment(transcript: &Transcript) -> Option<f64> {
    let said = transcript.utterances.iter().filter(|one| one.speaker == Speaker::Customer);
    let (good, bad) = said.fold((0, 0), |(good, bad), one| {
        (good + count(&one.text, &GOOD), bad + count(&one.text, &BAD))
    });
    (0 < good + bad).then(|| (good as f64 - bad as f64) / (good + bad) as f64)
}

/// The share of utterances that name a bill.
fn billing(transcript: &Transcript) -> Option<Topic> {
    let about = transcript.utterances.iter().filter(|one| 0 < count(&one.text, &BILLING)).count();
    let score = about as f64 / transcript.utterances.len() as f64;
    (0 < about).then(|| Topic { name: "billing".to_owned(), score })
}

/// Whether the agent began with hello, if a form asks.
fn greeted(transcript: &Transcript) -> Option<FormAnswer> {
    let asked = transcript.questions.iter().find(|one| one.id == "greeted")?;
    let first = transcript.utterances.iter().position(|one| one.speaker == Speaker::Agent);
    let hello = first.is_some_and(|at| 0 < count(&transcript.utterances[at].text, &["hello"]));
    let answer = if hello { "yes" } else { "no" }.to_owned();
    let possible = asked.answers.is_empty() || asked.answers.contains(&answer);
    possible.then(|| FormAnswer {
        question: asked.id.clone(),
        answer,
        confidence: 0.9,
        evidence: first.and_then(|at| u32::try_from(at).ok()),
    })
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::analyst::{Analyst as _, Findings, Speaker};
    use jackfield_sdk::testing::transcript;

    use super::Words;

    fn findings(said: &[(Speaker, &str)]) -> Findings {
        Words::analyse(transcript(said, &["greeted"])).unwrap()
    }

    #[test]
    fn how_the_customer_felt_is_in_the_customer_s_words() {
        let felt = |text| {
            findings(&[(Speaker::Customer, text), (Speaker::Agent, "That is bad")]).sentiment
        };
        assert_eq!(felt("Thanks, that was GREAT!"), Some(1.0));
        assert_eq!(felt("It is good, but broken"), Some(0.0));
        assert_eq!(felt("Terrible!"), Some(-1.0));
        assert_eq!(felt("My number is twelve"), None);
    }

    #[test]
    fn bills_are_a_topic() {
        let found =
            findings(&[(Speaker::Customer, "My bill is wrong"), (Speaker::Agent, "Oh")]).topics;
        assert_eq!((found.len(), &*found[0].name, found[0].score), (1, "billing", 0.5));
        assert!(findings(&[(Speaker::Customer, "A billion")]).topics.is_empty());
    }

    #[test]
    fn the_form_is_answered_by_the_agent_s_first_words() {
        let said = [(Speaker::Customer, "Hello?"), (Speaker::Agent, "Hello, this is Anna")];
        let answer = &findings(&said).answers[0];
        assert_eq!((&*answer.answer, answer.evidence), ("yes", Some(1)));
        assert_eq!(findings(&said[..1]).answers[0].answer, "no");
        assert!(Words::analyse(transcript(&said, &[])).unwrap().answers.is_empty());
    }
}
