use jackfield_sdk::Channel;
use jackfield_sdk::analyst::{Question, Speaker, Transcript, Utterance};

use super::findings;

fn heard(said: &[(Speaker, &str)]) -> Transcript {
    let utterance = |(speaker, text): &(Speaker, &str)| Utterance {
        speaker: *speaker,
        start_ms: 0,
        end_ms: 0,
        text: (*text).to_owned(),
    };
    Transcript {
        id: "1".to_owned(),
        channel: Channel::Chat,
        language: "en".to_owned(),
        utterances: said.iter().map(utterance).collect(),
        questions: Vec::new(),
        attributes: Vec::new(),
    }
}

fn feels(text: &str) -> Option<f64> {
    findings(&heard(&[(Speaker::Customer, text), (Speaker::Agent, "terrible")]), &[]).sentiment
}

#[test]
fn how_the_customer_felt() {
    assert_eq!(feels("Thank you, that was great!"), Some(1.0));
    assert_eq!(feels("Спасибо, но доставка ужасная"), Some(0.0));
    assert_eq!(feels("This is not good"), Some(-1.0));
    assert_eq!(feels("No problem"), Some(1.0));
    assert_eq!(feels("My number is twelve"), None);
}

#[test]
fn what_it_was_about() {
    let all = [("topic-billing", "invoice, счёт, счет"), ("topic-delivery", "deliver, доставк")];
    let all = all.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let said = heard(&[
        (Speaker::Customer, "The invoice for my delivery is wrong"),
        (Speaker::Agent, "Which invoice?"),
    ]);
    let found = findings(&said, &all).topics;
    let found: Vec<(&str, f64)> = found.iter().map(|one| (&*one.name, one.score)).collect();
    assert_eq!(found, [("billing", 1.0), ("delivery", 0.5)]);
}

#[test]
fn forms_are_filled_in_by_what_was_said() {
    let question = |id: &str, answers: &[&str], words: &[&str]| Question {
        id: id.to_owned(),
        text: String::new(),
        answers: answers.iter().map(|one| (*one).to_owned()).collect(),
        attributes: words.iter().map(|one| ("words".to_owned(), (*one).to_owned())).collect(),
    };
    let mut said = heard(&[(Speaker::Agent, "Good morning"), (Speaker::Customer, "The red one")]);
    said.questions = vec![
        question("greeted", &["yes", "no"], &["morning, hello"]),
        question("sorry", &["yes", "no"], &["sorry"]),
        question("colour", &["green", "red"], &[]),
        question("size", &["large"], &[]),
    ];
    let given = findings(&said, &[]).answers;
    let given: Vec<_> =
        given.iter().map(|one| (&*one.question, &*one.answer, one.evidence)).collect();
    assert_eq!(
        given,
        [("greeted", "yes", Some(0)), ("sorry", "no", None), ("colour", "red", Some(1))]
    );
}
