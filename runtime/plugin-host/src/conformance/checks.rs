//! What an answer must be, by what was asked. Answers are looked at as JSON, as whoever reads a trace
//! sees them.

use serde_json::Value;

use super::questions::{Put, Question};

/// Says what is wrong with an answer.
pub fn problem(question: &Question, answer: &Value) -> Option<String> {
    match &question.put {
        Put::TakeTurn(_) => turn(answer),
        Put::Describe => capabilities(answer),
        Put::Receive(_) => {
            let most = most(answer, "events", 100);
            most.or_else(|| reply(&answer["reply"]))
        }
        Put::Send(_) => receipt(answer),
        Put::FindContact(_) if answer.is_null() => None,
        Put::FindContact(_) => filled(answer, "id").or_else(|| filled(answer, "name")),
        Put::CreateLead(_) => {
            let empty = answer.as_str().is_some_and(str::is_empty);
            empty.then(|| "the lead's id is empty".to_owned())
        }
        Put::TakeWebhook(_) => reply(answer),
        Put::Analyse(transcript) => findings(answer, &transcript.questions),
        Put::Decide(_) => within(answer, "again_ms", 100.0, 60_000.0),
        Put::HandleEvent(_)
        | Put::LogInteraction(_)
        | Put::AttachRecording(_)
        | Put::RunSchedule => None,
    }
}

fn filled(answer: &Value, name: &str) -> Option<String> {
    answer[name].as_str().is_some_and(str::is_empty).then(|| format!("`{name}` is empty"))
}

fn most(answer: &Value, name: &str, limit: usize) -> Option<String> {
    let count = answer[name].as_array().map_or(0, Vec::len);
    (limit < count).then(|| format!("`{name}` has {count}, at most {limit} are taken"))
}

fn within(answer: &Value, name: &str, least: f64, most: f64) -> Option<String> {
    let value = answer[name].as_f64();
    let fits = value.is_some_and(|value| (least..=most).contains(&value));
    (!fits).then(|| format!("`{name}` is {}, {least} to {most} is accepted", answer[name]))
}

fn turn(answer: &Value) -> Option<String> {
    let actions = answer["actions"].as_array()?;
    if actions.is_empty() {
        return Some("no action: the customer stays without an answer".to_owned());
    }
    if let Some(wrong) = most(answer, "actions", 20) {
        return Some(wrong);
    }
    let last = |action: &Value| ["HandOver", "End"].iter().any(|kind| action.get(kind).is_some());
    let at = actions.iter().position(last);
    if at.is_some_and(|at| at + 1 < actions.len()) {
        return Some("an action after `hand-over` or `end` is never done".to_owned());
    }
    for action in actions {
        if action["Say"].as_str().is_some_and(|text| text.trim().is_empty()) {
            return Some("it says nothing".to_owned());
        }
        if let Some(wrong) = most(&action["OfferChoices"], "choices", 10) {
            return Some(wrong);
        }
        let summary = action["HandOver"]["summary"].as_str();
        if summary.is_some_and(|text| text.trim().is_empty() || 2_000 < text.len()) {
            return Some("the summary for the agent has 1 to 2,000 bytes".to_owned());
        }
    }
    None
}

fn capabilities(answer: &Value) -> Option<String> {
    let kinds = ["Chat", "Email", "Message"];
    if !answer["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)) {
        return Some(format!("`kind` is {}, chat, email or message is accepted", answer["kind"]));
    }
    within(answer, "text_bytes_max", 16.0, f64::from(u32::MAX))
}

fn reply(answer: &Value) -> Option<String> {
    within(answer, "status", 200.0, 599.0)
}

fn receipt(answer: &Value) -> Option<String> {
    let states = ["accepted", "sent", "delivered"];
    if !answer["state"].as_str().is_some_and(|state| states.contains(&state)) {
        return Some(format!("`state` is {}: accepted, sent or delivered", answer["state"]));
    }
    filled(answer, "id")
}

fn findings(answer: &Value, questions: &[crate::asked::analysis::Question]) -> Option<String> {
    if !answer["sentiment"].is_null()
        && let Some(wrong) = within(answer, "sentiment", -1.0, 1.0)
    {
        return Some(wrong);
    }
    let topics = answer["topics"].as_array().into_iter().flatten();
    for topic in topics {
        let wrong = within(topic, "score", 0.0, 1.0).or_else(|| filled(topic, "name"));
        if wrong.is_some() {
            return wrong;
        }
    }
    for given in answer["answers"].as_array().into_iter().flatten() {
        let asked = questions.iter().find(|one| given["question"] == one.id.as_str());
        let Some(asked) = asked else {
            return Some(format!("an answer to {}, which nobody asked", given["question"]));
        };
        let known = asked.answers.iter().any(|one| given["answer"] == one.as_str());
        if !asked.answers.is_empty() && !known {
            return Some(format!("{} is none of the possible answers", given["answer"]));
        }
        if let Some(wrong) = within(given, "confidence", 0.0, 1.0) {
            return Some(wrong);
        }
    }
    None
}
