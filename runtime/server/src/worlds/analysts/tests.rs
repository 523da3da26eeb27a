use expect_test::expect;
use jackfield_plugin_host::asked::analysis::{Findings, FormAnswer, Topic};

use super::{questions, told};

fn settings() -> Vec<(String, String)> {
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let all = [
        ("language", "ru"),
        ("question-solved", "Was it solved? | yes, no | works; fixed"),
        ("question-why", "Why did they call?"),
    ];
    all.into_iter().map(text).collect()
}

#[test]
fn questions_of_a_form_are_settings() {
    let shown: Vec<String> = questions(&settings())
        .iter()
        .map(|one| format!("{}: {} {:?} {:?}", one.id, one.text, one.answers, one.attributes))
        .collect();
    expect![[r#"
        solved: Was it solved? ["yes", "no"] [("words", "works; fixed")]
        why: Why did they call? [] []"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn what_makes_no_sense_is_left_out() {
    let answer = |question: &str, answer: &str| FormAnswer {
        question: question.to_owned(),
        answer: answer.to_owned(),
        confidence: 1.0,
        evidence: None,
    };
    let topic = |name: &str, score| Topic { name: name.to_owned(), score };
    let findings = Findings {
        sentiment: Some(7.0),
        topics: vec![topic("billing", 0.5), topic("nonsense", f64::NAN)],
        answers: vec![answer("solved", "maybe"), answer("why", "a bill"), answer("unasked", "x")],
        summary: Some("A bill.".to_owned()),
        attributes: Vec::new(),
    };
    let details = told("lexicon", findings, &questions(&settings()));
    let lines: Vec<String> =
        details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    expect![[r#"
        by: lexicon
        topic billing: 0.50
        answer why: a bill
        summary: A bill."#]]
    .assert_eq(&lines.join("\n"));
}
