//! What is known of a deterministic script: a tree of its questions, with a branch for each answer.

use std::collections::HashMap;

/// What a script may ask.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Question {
    /// The caller's address.
    Caller,
    /// What was dialled.
    Dialled,
    /// The card under an address.
    Card(String),
    /// The minute of the call.
    Minute,
    /// A number by chance.
    Random,
    /// What the caller enters: fewest keys, most keys, the key that ends it.
    Input(u8, u8, Option<char>),
    /// How a stay in this queue ends.
    Stay(String),
    /// Whether this queue is open.
    Open(String),
}

/// Who answers.
pub trait Answerer {
    /// Answers the next question.
    fn answer(&mut self, question: &Question) -> String;
}

/// Questions with their answers, in order.
pub type Trace = Vec<(Question, String)>;

enum Node<T> {
    Asks(Question, HashMap<String, usize>),
    Ends(T),
}

/// The tree.
pub struct Memo<T>(Vec<Node<T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Memo<T> {
    /// What came of it for somebody who answers like this, if that was seen.
    pub fn find(&self, who: &mut impl Answerer) -> Option<&T> {
        let mut at = 0;
        loop {
            match self.0.get(at)? {
                Node::Ends(result) => return Some(result),
                Node::Asks(question, branches) => at = *branches.get(&who.answer(question))?,
            }
        }
    }

    /// Remembers what came of these answers.
    pub fn keep(&mut self, trace: Trace, result: T) {
        let mut result = Some(result);
        let mut at = 0;
        for (question, answer) in trace {
            if self.0.len() <= at {
                self.0.push(Node::Asks(question, HashMap::new()));
            }
            let next = self.0.len();
            let Some(Node::Asks(_, branches)) = self.0.get_mut(at) else { return };
            at = *branches.entry(answer).or_insert(next);
        }
        if self.0.len() <= at {
            self.0.extend(result.take().map(Node::Ends));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody whose answers come from a number.
    struct Number {
        of: u64,
        asked: u32,
    }

    impl Answerer for Number {
        fn answer(&mut self, question: &Question) -> String {
            self.asked += 1;
            match question {
                Question::Caller => (self.of % 3).to_string(),
                Question::Stay(_) => (self.of / 3 % 2).to_string(),
                _ => (self.of / 7 % u64::from(self.asked + 1)).to_string(),
            }
        }
    }

    /// A made-up script: asks, and does by what it hears.
    fn script(who: &mut Number, trace: &mut Trace) -> String {
        let mut ask = |question: Question| {
            let answer = who.answer(&question);
            trace.push((question, answer.clone()));
            answer
        };
        let mut done = ask(Question::Caller);
        if done == "1" {
            return done;
        }
        for _ in 0..4 {
            let pressed = ask(Question::Input(1, 1, None));
            done += &pressed;
            if pressed == "2" {
                done += &ask(Question::Stay("sales".to_owned()));
                break;
            }
        }
        done
    }

    #[test]
    fn what_is_remembered_is_what_everybody_would_see() {
        let mut memo = Memo::default();
        let mut led = 0;
        for of in 0..10_000_u64 {
            let who = || Number { of, asked: 0 };
            let mut trace = Trace::new();
            let truth = script(&mut who(), &mut trace);
            match memo.find(&mut who()) {
                Some(found) => assert_eq!(*found, truth, "{of}"),
                None => {
                    led += 1;
                    memo.keep(trace, truth);
                }
            }
        }
        assert!((5..200).contains(&led), "{led} ways were led");
    }

    #[test]
    fn a_script_that_asks_nothing_has_one_way() {
        let mut memo = Memo::default();
        assert!(memo.find(&mut Number { of: 1, asked: 0 }).is_none());
        memo.keep(Vec::new(), 7);
        assert_eq!(memo.find(&mut Number { of: 2, asked: 0 }), Some(&7));
    }
}
