use jackfield_sdk::Channel;
use jackfield_sdk::chatbot::{Action, Author, Line, Turn};

use super::Bot;

fn turn(text: &str, missed: &str) -> Turn {
    let line = Line { author: Author::Customer, text: "Good day".to_owned(), seconds_ago: 9 };
    Turn {
        id: "1".to_owned(),
        channel: Channel::Chat,
        language: "en".to_owned(),
        text: text.to_owned(),
        lines: vec![line],
        turns: 1,
        attributes: vec![("faq-missed".to_owned(), missed.to_owned())],
    }
}

fn bot() -> Bot {
    let settings = [
        ("faq-hours", "open, hours, режим, работаете | We are open from 9 to 18."),
        ("faq-delivery", "deliver, доставка | Two days."),
    ];
    let owned = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Bot::read(&owned).unwrap()
}

fn first(text: &str, missed: &str) -> String {
    match &bot().reply(&turn(text, missed)).actions[0] {
        Action::Say(text) => text.clone(),
        Action::HandOver(order) => order.summary.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_is_asked_often_is_answered_in_both_languages() {
    assert_eq!(first("", ""), "Hello! What can I do for you?");
    assert_eq!(first("What are your opening HOURS?", ""), "We are open from 9 to 18.");
    assert_eq!(first("Сколько стоит доставки ждать?", ""), "Two days.");
    assert_eq!(first("Когда вы работаете", ""), "We are open from 9 to 18.");
}

#[test]
fn a_person_gets_what_was_written() {
    assert_eq!(
        first("Оператора, пожалуйста", ""),
        "The customer wrote: Good day / Оператора, пожалуйста"
    );
    assert!(first("blue elephants", "").starts_with("I did not understand"));
    assert_eq!(first("blue elephants", "1"), "The customer wrote: Good day / blue elephants");
    let long = "ж".repeat(5_000);
    assert!(first(&long, "1").len() < 1_600);
}

#[test]
fn a_setting_that_makes_no_sense_is_named() {
    let read =
        |name: &str, value: &str| Bot::read(&[(name.to_owned(), value.to_owned())]).map(|_| ());
    assert!(
        format!("{:?}", read("faq-x", "no answer")).contains("`faq-x` is no `WORD, WORD | ANSWER`")
    );
    assert!(format!("{:?}", read("tries", "0")).contains("`tries` is no number from 1 to 10"));
}
