//! Answers what is asked often, and fetches a person with the question when it cannot.

use jackfield_sdk::chatbot::{Action, Author, Chatbot, HandOver, Reply, Turn};
use jackfield_sdk::outside::settings;
use jackfield_sdk::{Attribute, PluginError};

struct Faq;

impl Chatbot for Faq {
    fn take_turn(turn: Turn) -> Result<Reply, PluginError> {
        Bot::read(&settings::all()).map(|bot| bot.reply(&turn))
    }
}

jackfield_sdk::export_chatbot!(Faq);

/// A setting whose name begins so is a question: `WORD, WORD | ANSWER`.
const ENTRY: &str = "faq-";
/// Asks for a person in both languages.
const PERSON: &str = "operator, agent, human, person, оператор, человек, специалист";
/// How often it has not understood, kept on the conversation.
const MISSED: &str = "faq-missed";
/// Letters by which a longer word is known whatever its ending.
const STEM: usize = 5;
/// Bytes of the summary that are the customer's own words.
const SUMMARY_BYTES: usize = 1_500;

struct Entry {
    name: String,
    words: Vec<String>,
    answer: String,
}

struct Bot {
    entries: Vec<Entry>,
    person: Vec<String>,
    greeting: String,
    unknown: String,
    tries: u32,
}

fn words(text: &str) -> Vec<String> {
    let all = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    all.map(str::to_lowercase).collect()
}

/// Tells whether two words are the same but for their endings.
fn same(ours: &str, theirs: &str) -> bool {
    let stem = |word: &str| word.chars().take(STEM).collect::<String>();
    ours == theirs || (STEM <= ours.chars().count() && stem(ours) == stem(theirs))
}

impl Bot {
    fn read(all: &[Attribute]) -> Result<Self, PluginError> {
        let text = |name: &str, usual: &str| {
            let found = all.iter().find(|(known, _)| known == name);
            found.map_or_else(|| usual.to_owned(), |(_, value)| value.clone())
        };
        let wrong = |name: &str, accepted: &str| {
            Err(PluginError::Configuration(format!("`{name}` is no {accepted}")))
        };
        let mut entries = Vec::new();
        for (name, value) in all.iter().filter(|(name, _)| name.starts_with(ENTRY)) {
            match value.split_once('|') {
                Some((asked, answer)) if !words(asked).is_empty() && !answer.trim().is_empty() => {
                    entries.push(Entry {
                        name: name[ENTRY.len()..].to_owned(),
                        words: words(asked),
                        answer: answer.trim().to_owned(),
                    });
                }
                _ => return wrong(name, "`WORD, WORD | ANSWER`"),
            }
        }
        let Ok(tries @ 1..=10) = text("tries", "2").parse() else {
            return wrong("tries", "number from 1 to 10");
        };
        Ok(Self {
            entries,
            person: words(&text("person-words", PERSON)),
            greeting: text("greeting", "Hello! What can I do for you?"),
            unknown: text("unknown", "I did not understand that. Could you say it in other words?"),
            tries,
        })
    }

    fn reply(&self, turn: &Turn) -> Reply {
        let said = words(&turn.text);
        if said.is_empty() {
            return Reply::of(vec![Action::Say(self.greeting.clone())]).because("rule", "greeting");
        }
        let has = |word: &String| said.iter().any(|theirs| same(word, theirs));
        if self.person.iter().any(has) {
            return self.fetch(turn, "asked-for-a-person");
        }
        let hits = |entry: &Entry| entry.words.iter().filter(|word| has(word)).count();
        // Of two that fit as well the first is taken: the latter of equals is what `max` prefers.
        let best = self.entries.iter().rev().max_by_key(|entry| hits(entry));
        if let Some(best) = best.filter(|entry| 0 < hits(entry)) {
            let forget = Action::SetAttribute((MISSED.to_owned(), "0".to_owned()));
            return Reply::of(vec![Action::Say(best.answer.clone()), forget])
                .because("rule", "answer")
                .because("entry", &best.name)
                .because("words", hits(best));
        }
        let missed = turn.attributes.iter().find(|(name, _)| name == MISSED);
        let missed = missed.and_then(|(_, count)| count.parse().ok()).unwrap_or(0_u32) + 1;
        if self.tries <= missed {
            return self.fetch(turn, "not-understood");
        }
        let note = Action::SetAttribute((MISSED.to_owned(), missed.to_string()));
        Reply::of(vec![Action::Say(self.unknown.clone()), note]).because("rule", "not-understood")
    }

    /// Gives the conversation to a person, with what the customer has written.
    fn fetch(&self, turn: &Turn, rule: &str) -> Reply {
        let mut asked: Vec<&str> = turn
            .lines
            .iter()
            .filter(|line| line.author == Author::Customer)
            .map(|line| line.text.as_str())
            .collect();
        asked.push(&turn.text);
        let mut told = asked.join(" / ");
        let from = told.len().saturating_sub(SUMMARY_BYTES);
        let from = (from..=told.len()).find(|at| told.is_char_boundary(*at)).unwrap_or(0);
        told.drain(..from);
        let summary = format!("The customer wrote: {told}");
        Reply::of(vec![Action::HandOver(HandOver::with_summary(summary))]).because("rule", rule)
    }
}

#[cfg(test)]
mod tests;
