//! What one question shows, whoever is asked: a component as it runs in a centre, or a metered one.

use jackfield_core::PluginFailure;

use super::questions::Question;
use super::{Answer, Property, checks, told};
use crate::convert::ERROR_BYTES;
use crate::worlds::CallFailure;

/// Tries by which a question that shows something is made smaller.
const TRIES: usize = 300;

/// How one call ended.
pub(crate) struct Asked {
    /// The answer, or why there is none.
    pub answer: Answer,
    /// What it took; 0 where instructions are not counted.
    pub fuel: u64,
    /// The linear memory of the instance after it.
    pub memory_bytes: u64,
}

/// What one question showed.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What was looked at.
    pub checked: Vec<Property>,
    /// The plugin's own error, if it refused the question.
    pub refused: Option<String>,
    /// Whether anybody would ask it.
    pub ordinary: bool,
    /// Fuel of the first call, the instance's start included.
    pub fuel: u64,
    /// The linear memory of the instance after it.
    pub memory_bytes: u64,
    /// What did not hold.
    pub broken: Option<Fault>,
    /// The answer in which it was seen.
    pub(super) answer: Answer,
}

/// What did not hold, and how the call ended if that is why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What should have held.
    pub property: Property,
    /// The failure, if the call did not end in an answer or an error of the plugin's own.
    pub failure: Option<PluginFailure>,
    /// What was wrong, in words.
    pub wrong: String,
}

/// Asks a question in fresh surroundings; the second argument tells whether anything answers outside.
pub type Asks<'a> = &'a dyn Fn(&Question, bool) -> Asked;

/// Looks at everything that a question can show: as it is, again, and without the world outside.
pub fn look(question: &Question, ask: Asks<'_>) -> Looked {
    let asked = ask(question, true);
    let mut looked = Looked {
        checked: Vec::new(),
        refused: None,
        ordinary: !question.strange,
        fuel: asked.fuel,
        memory_bytes: asked.memory_bytes,
        broken: None,
        answer: asked.answer.clone(),
    };
    looked.broken = fault(question, ask, &asked, &mut looked);
    looked
}

/// Finds what does not hold, and writes down what was looked at.
fn fault(question: &Question, ask: Asks<'_>, asked: &Asked, looked: &mut Looked) -> Option<Fault> {
    let whole = if question.strange { Property::TakesAnything } else { Property::Answers };
    looked.checked.push(whole);
    let fault = |property, wrong| Some(Fault { property, failure: None, wrong });
    match &asked.answer {
        Ok(value) => {
            looked.checked.push(Property::WellFormed);
            if let Some(wrong) = checks::problem(question, value) {
                return fault(Property::WellFormed, wrong);
            }
        }
        Err(CallFailure { failure: PluginFailure::Refused(text), .. }) => {
            looked.refused = Some(text.clone());
            looked.checked.push(Property::ErrorsAreTold);
            if let Some(wrong) = unfit_error(text) {
                return fault(Property::ErrorsAreTold, wrong);
            }
        }
        Err(failed) => return Some(Fault::ended(whole, failed)),
    }
    looked.checked.push(Property::Deterministic);
    let again = ask(question, true);
    if again.answer != asked.answer || again.fuel != asked.fuel {
        let (first, then) = (told(&asked.answer), told(&again.answer));
        let wrong = match first == then {
            true => format!("the same answer took {} of fuel, then {}", asked.fuel, again.fuel),
            false => format!("first {first}, then {then}"),
        };
        return fault(Property::Deterministic, wrong);
    }
    looked.checked.push(Property::OutsideMayFail);
    let alone = ask(question, false).answer;
    match &alone {
        Ok(_) | Err(CallFailure { failure: PluginFailure::Refused(_), .. }) => None,
        Err(failed) => {
            let fault = Fault::ended(Property::OutsideMayFail, failed);
            looked.answer = alone;
            Some(fault)
        }
    }
}

/// Makes a question smaller as long as `shows` finds the same in it. Returns the least question and
/// what it showed: the first, if no smaller one shows it or it does not show again.
pub fn smallest(
    question: Question,
    first: Looked,
    ask: Asks<'_>,
    shows: &dyn Fn(&Looked) -> bool,
) -> (Question, Looked) {
    let (mut least, mut shown) = (question, first);
    let mut tries = 0;
    'smaller: loop {
        for simpler in least.simpler() {
            tries += 1;
            if TRIES < tries {
                break 'smaller;
            }
            let looked = look(&simpler, ask);
            if shows(&looked) {
                (least, shown) = (simpler, looked);
                continue 'smaller;
            }
        }
        break;
    }
    (least, shown)
}

impl Fault {
    fn ended(property: Property, failed: &CallFailure) -> Self {
        let failure = failed.failure.clone();
        Self { property, wrong: failure.to_string(), failure: Some(failure) }
    }
}

/// Says what is wrong with the text of a plugin's own error.
fn unfit_error(text: &str) -> Option<String> {
    let bytes = text.len();
    (bytes == 0 || ERROR_BYTES < bytes).then(|| format!("the error has {bytes} bytes"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::World;
    use crate::conformance::questions::{Chance, any};

    fn answered(answer: Answer) -> Asked {
        Asked { answer, fuel: 1, memory_bytes: 1 }
    }

    #[test]
    fn a_fault_that_does_not_show_again_is_told_as_it_was() {
        let question = any(World::Pacer, &mut Chance::new(7));
        let calls = Cell::new(0);
        let ask = |_: &Question, _: bool| {
            calls.set(calls.get() + 1);
            answered(match calls.get() {
                1 => Err(PluginFailure::Trapped("a stack overflow".to_owned()).into()),
                _ => Ok(serde_json::json!({ "dial": 0, "again_ms": 1_000 })),
            })
        };
        let first = look(&question, &ask);
        let asked = question.to_string();
        let (least, shown) = smallest(question, first, &ask, &|looked| looked.broken.is_some());
        assert_eq!(least.to_string(), asked);
        assert_eq!(shown.broken.unwrap().wrong, "trapped: a stack overflow");
        assert_eq!(told(&shown.answer), "error: trapped: a stack overflow");
        assert!(1 < calls.get(), "nothing smaller was tried");
    }

    #[test]
    fn the_text_of_an_error_is_looked_at_without_what_is_said_before_it() {
        let question = any(World::Pacer, &mut Chance::new(7));
        let with = |text: String| {
            let failure = PluginFailure::Refused(text);
            look(&question, &|_, _| answered(Err(failure.clone().into()))).broken
        };
        let wrong = |text: &str| with(text.to_owned()).map(|fault| fault.wrong);
        assert_eq!(wrong("").as_deref(), Some("the error has 0 bytes"));
        assert_eq!(wrong("x"), None);
        assert_eq!(wrong(&"x".repeat(2_000)), None);
        assert_eq!(wrong(&"x".repeat(2_001)).as_deref(), Some("the error has 2001 bytes"));
    }
}
