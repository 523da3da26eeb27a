//! Says when one is open, and fetches a person for everything else.

use jackfield_sdk::PluginError;
use jackfield_sdk::chatbot::{Action, Chatbot, HandOver, Reply, Turn};
use jackfield_sdk::outside::settings;

struct Hours;

jackfield_sdk::export_chatbot!(Hours);

const HOURS: &str = "We are open from 9 to 18.";

/// Questions in a row that were not understood, kept on the conversation.
const MISSES: &str = "misses";

impl Chatbot for Hours {
    fn take_turn(turn: Turn) -> Result<Reply, PluginError> {
        let said = turn.text.trim().to_lowercase();
        let has = |words: [&str; 2]| words.iter().any(|word| said.contains(word));
        if said.is_empty() {
            return Ok(say("Hello! Ask me about our opening hours.").because("rule", "greeting"));
        }
        if has(["person", "agent"]) {
            return Ok(fetch("The customer asked for a person", &turn));
        }
        if has(["open", "hours"]) {
            let hours = settings::get("hours").unwrap_or_else(|| HOURS.to_owned());
            return Ok(remember(say(&hours), 0).because("rule", "hours"));
        }
        if 0 < misses(&turn) {
            return Ok(fetch("The bot did not understand the customer twice", &turn));
        }
        let ask = say("I did not understand that. Shall I get a person?");
        Ok(remember(ask, 1).because("rule", "not-understood"))
    }
}

fn say(text: &str) -> Reply {
    Reply::of(vec![Action::Say(text.to_owned())])
}

fn misses(turn: &Turn) -> u32 {
    let kept = turn.attributes.iter().find(|(name, _)| name == MISSES);
    kept.and_then(|(_, count)| count.parse().ok()).unwrap_or(0)
}

/// Each turn has a fresh instance: what the next one is to know is kept on the conversation.
fn remember(mut reply: Reply, misses: u32) -> Reply {
    reply.actions.push(Action::SetAttribute((MISSES.to_owned(), misses.to_string())));
    reply
}

fn fetch(why: &str, turn: &Turn) -> Reply {
    // The agent reads it at a glance, and the contract keeps 2,000 bytes.
    let wrote: String = turn.text.chars().take(200).collect();
    let order = HandOver::with_summary(format!("{why}: {wrote}"));
    Reply::of(vec![Action::HandOver(order)]).because("rule", "person")
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::chatbot::{Action, Chatbot as _};
    use jackfield_sdk::testing::{MockHost, turn};

    use super::Hours;

    /// What is done at a turn after so many misses, in words.
    fn answer(text: &str, misses: &str) -> Vec<String> {
        let reply = Hours::take_turn(turn(text, &[("misses", misses)])).unwrap();
        let words = reply.actions.into_iter().map(|action| match action {
            Action::Say(text) => text,
            Action::SetAttribute((name, value)) => format!("{name}={value}"),
            Action::HandOver(order) => format!("person: {}", order.summary),
            other => format!("{other:?}"),
        });
        words.collect()
    }

    #[test]
    fn it_greets_and_says_when_one_is_open() {
        let host = MockHost::new();
        assert_eq!(answer("", "0"), ["Hello! Ask me about our opening hours."]);
        assert_eq!(answer("When are you OPEN?", "1"), ["We are open from 9 to 18.", "misses=0"]);
        host.set("hours", "Always.");
        assert_eq!(answer("Your hours?", "0"), ["Always.", "misses=0"]);
    }

    #[test]
    fn whoever_is_not_understood_twice_gets_a_person() {
        let sorry = "I did not understand that. Shall I get a person?";
        assert_eq!(answer("blue", ""), [sorry, "misses=1"]);
        let twice = "person: The bot did not understand the customer twice: blue";
        assert_eq!(answer("blue", "1"), [twice]);
        let asked = "person: The customer asked for a person: An Agent, please";
        assert_eq!(answer("An Agent, please", "0"), [asked]);
        assert!(answer(&"ж".repeat(5_000), "1")[0].len() < 1_000);
    }
}
