//! Questions with less in them, the greatest steps first. What somebody would ask stays such: a text
//! that has words keeps one letter, an address stays an address, and nobody hears of more calls
//! answered than were placed.

use super::questions::{Put, Question};
use crate::asked::analysis::Transcript;
use crate::asked::channels::Outgoing;
use crate::asked::connecting::{Event, InteractionLog, Lead, Recording};
use crate::asked::conversation::Turn;
use crate::asked::pacing::Campaign;
use crate::asked::webhook::Incoming;

/// Elements of a list that are made smaller one by one.
const EACH: usize = 4;

impl Question {
    /// The same with a little less in it: each once without something whole, then with a part of it.
    pub fn simpler(&self) -> Vec<Self> {
        let strange = self.strange;
        let all: Vec<Put> = match &self.put {
            Put::TakeTurn(one) => puts(turn(one, strange), Put::TakeTurn),
            Put::Receive(one) => puts(incoming(one), Put::Receive),
            Put::TakeWebhook(one) => puts(incoming(one), Put::TakeWebhook),
            Put::Send(one) => puts(outgoing(one, strange), Put::Send),
            Put::HandleEvent(one) => puts(event(one), Put::HandleEvent),
            Put::FindContact(one) if strange => puts(text(one), Put::FindContact),
            Put::CreateLead(one) => puts(lead(one, strange), Put::CreateLead),
            Put::LogInteraction(one) => puts(log(one), Put::LogInteraction),
            Put::AttachRecording(one) => puts(recording(one), Put::AttachRecording),
            Put::Analyse(one) => puts(transcript(one, strange), Put::Analyse),
            Put::Decide(one) => puts(campaign(one, strange), Put::Decide),
            Put::FindContact(_) | Put::Describe | Put::RunSchedule => Vec::new(),
        };
        all.into_iter().map(|put| Self { put, strange }).collect()
    }
}

fn puts<T>(all: Vec<T>, put: impl Fn(T) -> Put) -> Vec<Put> {
    all.into_iter().map(put).collect()
}

fn turn(whole: &Turn, strange: bool) -> Vec<Turn> {
    let mut less = Less::than(whole, strange);
    less.list(|turn| &mut turn.lines, 0);
    less.attributes(|turn| &mut turn.attributes);
    less.text(|turn| &mut turn.text);
    less.number(|turn| &mut turn.turns);
    for at in 0..whole.lines.len().min(EACH) {
        less.text(|turn| &mut turn.lines[at].text);
        less.number(|turn| &mut turn.lines[at].seconds_ago);
    }
    less.all()
}

fn incoming(whole: &Incoming) -> Vec<Incoming> {
    let mut less = Less::than(whole, true);
    less.list(|request| &mut request.headers, 0);
    less.list(|request| &mut request.body, 0);
    less.all()
}

fn outgoing(whole: &Outgoing, strange: bool) -> Vec<Outgoing> {
    let mut less = Less::than(whole, strange);
    less.optional(|message| &mut message.id);
    less.list(|message| &mut message.choices, 0);
    less.attributes(|message| &mut message.attributes);
    less.text(|message| &mut message.text);
    if strange {
        less.text(|message| &mut message.to);
    }
    less.all()
}

fn event(whole: &Event) -> Vec<Event> {
    let mut less = Less::than(whole, true);
    less.attributes(|event| &mut event.attributes);
    less.optional(|event| &mut event.queue);
    less.optional(|event| &mut event.agent);
    less.optional(|event| &mut event.address);
    less.attempt(|event| event.at_seconds = 0.0);
    less.all()
}

fn text(whole: &String) -> Vec<String> {
    let mut less = Less::than(whole, true);
    less.text(|text| text);
    less.all()
}

fn lead(whole: &Lead, strange: bool) -> Vec<Lead> {
    let mut less = Less::than(whole, strange);
    less.attributes(|lead| &mut lead.attributes);
    less.optional(|lead| &mut lead.interaction);
    less.optional(|lead| &mut lead.name);
    less.text(|lead| &mut lead.text);
    if strange {
        less.text(|lead| &mut lead.address);
    }
    less.all()
}

fn log(whole: &InteractionLog) -> Vec<InteractionLog> {
    let mut less = Less::than(whole, true);
    less.attributes(|log| &mut log.attributes);
    less.optional(|log| &mut log.customer);
    less.optional(|log| &mut log.address);
    less.optional(|log| &mut log.queue);
    less.optional(|log| &mut log.agent);
    less.attempt(|log| log.started_seconds = 0.0);
    less.number(|log| &mut log.waited_ms);
    less.number(|log| &mut log.talked_ms);
    less.all()
}

fn recording(whole: &Recording) -> Vec<Recording> {
    let mut less = Less::than(whole, true);
    less.optional(|recording| &mut recording.entry);
    less.number(|recording| &mut recording.length_ms);
    less.all()
}

fn transcript(whole: &Transcript, strange: bool) -> Vec<Transcript> {
    let mut less = Less::than(whole, strange);
    // One is never asked about a conversation without a word.
    less.list(|said| &mut said.utterances, 1);
    less.list(|said| &mut said.questions, 0);
    less.attributes(|said| &mut said.attributes);
    for at in 0..whole.utterances.len().min(EACH) {
        less.text(|said| &mut said.utterances[at].text);
    }
    for at in 0..whole.questions.len().min(EACH) {
        less.list(|said| &mut said.questions[at].answers, 0);
        less.attributes(|said| &mut said.questions[at].attributes);
    }
    less.all()
}

fn campaign(whole: &Campaign, strange: bool) -> Vec<Campaign> {
    let mut less = Less::than(whole, strange);
    less.attributes(|campaign| &mut campaign.attributes);
    less.text(|campaign| &mut campaign.name);
    less.number(|campaign| &mut campaign.attempts);
    less.number(|campaign| &mut campaign.answered);
    less.number(|campaign| &mut campaign.abandoned);
    less.number(|campaign| &mut campaign.agents_idle);
    less.number(|campaign| &mut campaign.agents_talking);
    less.number(|campaign| &mut campaign.agents_wrapping);
    less.number(|campaign| &mut campaign.dialling);
    less.number(|campaign| &mut campaign.waiting);
    less.number(|campaign| &mut campaign.numbers_left);
    less.number(|campaign| &mut campaign.lines_free);
    less.number(|campaign| &mut campaign.ring_ms);
    less.number(|campaign| &mut campaign.talk_ms);
    less.number(|campaign| &mut campaign.wrap_ms);
    less.number(|campaign| &mut campaign.seed);
    less.attempt(|campaign| campaign.abandoned_max = 0.0);
    less.attempt(|campaign| campaign.now_seconds = 0.0);
    let mut all = less.all();
    for one in &mut all {
        one.answered = one.answered.min(one.attempts);
        one.abandoned = one.abandoned.min(one.answered);
    }
    all
}

/// Gathers what is less than something: first without a part of it, then with that part cut.
struct Less<'q, T> {
    whole: &'q T,
    /// Letters that a text keeps.
    letters: usize,
    without: Vec<T>,
    cut: Vec<T>,
}

impl<'q, T: Clone + PartialEq> Less<'q, T> {
    fn than(whole: &'q T, strange: bool) -> Self {
        Self { whole, letters: usize::from(!strange), without: Vec::new(), cut: Vec::new() }
    }

    fn all(mut self) -> Vec<T> {
        self.without.append(&mut self.cut);
        self.without
    }

    fn changed(&self, change: impl FnOnce(&mut T)) -> Option<T> {
        let mut less = self.whole.clone();
        change(&mut less);
        (less != *self.whole).then_some(less)
    }

    /// Adds what `change` makes, if it makes a difference.
    fn attempt(&mut self, change: impl FnOnce(&mut T)) {
        self.without.extend(self.changed(change));
    }

    fn optional<U>(&mut self, part: impl Fn(&mut T) -> &mut Option<U>) {
        self.attempt(|whole| *part(whole) = None);
    }

    /// The `least` first elements, then without its beginning or its end.
    fn list<U>(&mut self, part: impl Fn(&mut T) -> &mut Vec<U>, least: usize) {
        let count = part(&mut self.whole.clone()).len();
        if count <= least {
            return;
        }
        self.attempt(|whole| part(whole).truncate(least));
        for less in steps(count).filter(|less| least <= count - less) {
            self.cut.extend(self.changed(|whole| part(whole).truncate(count - less)));
            self.cut.extend(self.changed(|whole| drop(part(whole).drain(..less))));
        }
    }

    fn attributes(&mut self, part: impl Fn(&mut T) -> &mut Vec<(String, String)>) {
        self.list(&part, 0);
        for at in 0..part(&mut self.whole.clone()).len().min(EACH) {
            self.text(|whole| &mut part(whole)[at].1);
        }
    }

    fn text(&mut self, part: impl Fn(&mut T) -> &mut String) {
        let text = part(&mut self.whole.clone()).clone();
        let (count, least) = (text.chars().count(), self.letters);
        if count <= least {
            return;
        }
        let first = |letters: usize| text.chars().take(letters).collect::<String>();
        self.attempt(|whole| *part(whole) = first(least));
        for less in steps(count).filter(|less| least <= count - less) {
            let last = text.chars().skip(less).collect::<String>();
            self.cut.extend(self.changed(|whole| *part(whole) = first(count - less)));
            self.cut.extend(self.changed(|whole| *part(whole) = last));
        }
    }

    fn number(&mut self, part: impl Fn(&mut T) -> &mut u32) {
        let number = *part(&mut self.whole.clone());
        self.attempt(|whole| *part(whole) = 0);
        for less in steps(number as usize) {
            self.cut.extend(self.changed(|whole| *part(whole) = number - less as u32));
        }
    }
}

/// Half of it, a quarter and so on down to one.
fn steps(whole: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(whole / 2), |step| Some(step / 2)).take_while(|step| 0 < *step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;
    use crate::conformance::questions::{Chance, any};

    /// Makes a question smaller as long as something is in it, as the suites do.
    fn smallest(mut question: Question, shows: impl Fn(&str) -> bool) -> String {
        while let Some(less) = question.simpler().into_iter().find(|less| shows(&less.to_string()))
        {
            question = less;
        }
        question.to_string()
    }

    #[test]
    fn every_question_comes_to_its_end() {
        for world in World::CALLED {
            for seed in 0..200 {
                let question = any(world, &mut Chance::new(seed));
                let least = smallest(question.clone(), |_| true);
                assert!(least.len() <= question.to_string().len(), "{question}");
                assert!(least.len() < 700, "{least}");
            }
        }
    }

    #[test]
    fn what_shows_it_stays_and_the_rest_goes() {
        let found = (0..200).map(|seed| any(World::Connector, &mut Chance::new(seed)));
        let lead = found.filter(|one| !one.strange && one.to_string().contains("refund"));
        let lead = lead.into_iter().find(|one| matches!(one.put, Put::CreateLead(_))).unwrap();
        expect_test::expect![[r#"{"CreateLead":{"interaction":null,"address":"+37120000009","name":null,"text":"T","attributes":[["name-1","refund"]]}}"#]].assert_eq(&smallest(lead, |text| text.contains("refund")));
    }
}
