//! Scenarios: a customer by whom a flow is tried, with what is expected of it.

use serde::{Deserialize, Serialize};

use super::simulate::{Order, Simulated};

/// The most expectations of a scenario.
pub const EXPECTED_MAX: usize = 50;

/// One thing that is expected.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// `queue`, `says`, `never_says`, `ends`, `never_hangs_up` or `attribute`.
    pub kind: String,
    /// The queue, a part of what is said, how it ends, or `name=value`.
    #[serde(default)]
    pub value: String,
}

/// A customer and what is expected.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Who calls, when, and what happens.
    #[serde(default)]
    pub order: Order,
    /// What is expected.
    #[serde(default)]
    pub expect: Vec<Expected>,
}

/// How a scenario went.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// Whether all was as expected.
    pub passed: bool,
    /// What was not, in English.
    pub failures: Vec<String>,
}

impl Body {
    /// Says what cannot be expected.
    pub fn check(&self) -> Result<(), String> {
        if EXPECTED_MAX < self.expect.len() {
            return Err(format!("at most {EXPECTED_MAX} are accepted, got {}", self.expect.len()));
        }
        for expected in &self.expect {
            let ends =
                ["returned", "hung_up", "transferred", "customer_left", "failed", "too_long"];
            let value = expected.value.as_str();
            match expected.kind.as_str() {
                "never_hangs_up" => {}
                "queue" | "says" | "never_says" if !value.is_empty() => {}
                "queue" | "says" | "never_says" => {
                    return Err(format!("`{}` needs a value", expected.kind));
                }
                "ends" if ends.contains(&value) => {}
                "ends" => {
                    return Err(format!("a flow ends {}, got `{value}`", ends.join(", ")));
                }
                "attribute" if value.contains('=') => {}
                "attribute" => return Err(format!("`name=value` is accepted, got `{value}`")),
                other => {
                    let kinds = "queue, says, never_says, ends, never_hangs_up or attribute";
                    return Err(format!("{kinds} can be expected, got `{other}`"));
                }
            }
        }
        Ok(())
    }

    /// Compares what happened with what is expected.
    pub fn judge(&self, simulated: &Simulated) -> Vec<String> {
        let mut failures: Vec<String> =
            self.expect.iter().filter_map(|one| missed(one, simulated)).collect();
        let meant = self.expect.iter().any(|one| one.kind == "ends");
        if let Some(ended) = &simulated.ended
            && matches!(ended.how, "failed" | "too_long")
            && !meant
        {
            let at = ended.line.map(|line| format!(" at line {line}")).unwrap_or_default();
            failures.push(format!("it failed{at}: {}", ended.reason.as_deref().unwrap_or("")));
        }
        failures
    }
}

/// Why one thing is not as expected, if so.
fn missed(expected: &Expected, simulated: &Simulated) -> Option<String> {
    let value = expected.value.as_str();
    let said = || {
        let spoken = simulated.steps.iter().filter(|step| matches!(step.what, "say" | "play"));
        spoken.map(|step| step.text.as_str()).collect::<Vec<_>>()
    };
    let how = match (&simulated.ended, &simulated.waiting) {
        (Some(ended), _) => ended.how,
        (None, Some(_)) => "waits for the customer",
        (None, None) => "goes on",
    };
    match expected.kind.as_str() {
        "queue" if simulated.queue.as_deref() != Some(value) => {
            let got = simulated.queue.as_deref().unwrap_or("none");
            Some(format!("the last queue is {got}, expected {value}"))
        }
        "says" if !said().iter().any(|text| text.contains(value)) => {
            Some(format!("it never says `{value}`"))
        }
        "never_says" => {
            let found = said().into_iter().find(|text| text.contains(value));
            found.map(|text| format!("it says `{text}`"))
        }
        "ends" if how != value => Some(format!("it ends otherwise: {how}, expected {value}")),
        "never_hangs_up" if how == "hung_up" => Some("it hangs up".to_owned()),
        "attribute" => {
            let (name, wanted) = value.split_once('=')?;
            let got = simulated.attributes.get(name).map_or("", String::as_str);
            (got != wanted).then(|| format!("the attribute {name} is `{got}`, expected `{wanted}`"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::studio::simulate::{Ended, Step};

    #[test]
    fn what_is_not_as_expected_is_told() {
        let step = |what, text: &str| Step { what, text: text.to_owned(), ..Step::default() };
        let simulated = Simulated {
            steps: vec![step("say", "Sales, good morning"), step("attribute", "plan = gold")],
            waiting: None,
            ended: Some(Ended { how: "hung_up", reason: None, line: None }),
            queue: Some("sales".to_owned()),
            attributes: [("plan".to_owned(), "gold".to_owned())].into(),
            variables: serde_json::Map::new(),
        };
        let mut told = String::new();
        for (kind, value) in [
            ("queue", "sales"),
            ("queue", "support"),
            ("says", "good"),
            ("says", "plan"),
            ("never_says", "bad"),
            ("never_says", "Sales"),
            ("ends", "hung_up"),
            ("ends", "returned"),
            ("never_hangs_up", ""),
            ("attribute", "plan=gold"),
            ("attribute", "plan=blue"),
            ("attribute", "plan"),
            ("dances", "well"),
            ("says", ""),
            ("ends", "well"),
        ] {
            let expect = vec![Expected { kind: kind.to_owned(), value: value.to_owned() }];
            let body = Body { expect, ..Body::default() };
            let said = match body.check() {
                Ok(()) => body.judge(&simulated).join("; "),
                Err(refused) => format!("refused: {refused}"),
            };
            told.push_str(&format!("{kind} {value}: {said}\n"));
        }
        expect![[r#"
            queue sales: 
            queue support: the last queue is sales, expected support
            says good: 
            says plan: it never says `plan`
            never_says bad: 
            never_says Sales: it says `Sales, good morning`
            ends hung_up: 
            ends returned: it ends otherwise: hung_up, expected returned
            never_hangs_up : it hangs up
            attribute plan=gold: 
            attribute plan=blue: the attribute plan is `gold`, expected `blue`
            attribute plan: refused: `name=value` is accepted, got `plan`
            dances well: refused: queue, says, never_says, ends, never_hangs_up or attribute can be expected, got `dances`
            says : refused: `says` needs a value
            ends well: refused: a flow ends returned, hung_up, transferred, customer_left, failed, too_long, got `well`
        "#]].assert_eq(&told);
    }
}
