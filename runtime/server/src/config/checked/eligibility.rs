//! Which agents may serve a queue, and how that changes while a contact waits.

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_core::{EligibilityStep, Expression, Proficiency, SkillChange, SkillLevel};

use super::{Checker, raw};

/// Steps one queue may have.
const STEPS_MAX: usize = 32;

impl Checker<'_> {
    /// Parses the expression at `key`; the problem points at the column.
    pub(super) fn expression(&mut self, key: &str, text: Option<String>) -> Option<Expression> {
        let text = text?;
        match text.parse() {
            Ok(expression) => Some(expression),
            Err(error) => {
                let error: jackfield_core::ExpressionError = error;
                let pointed = error.caret(&text);
                let pointed: String = pointed.lines().map(|line| format!("\n    {line}")).collect();
                self.problem(key, format!("is no condition: {error}{pointed}"));
                None
            }
        }
    }

    /// Builds `[[tenants.<id>.queues.<name>.steps]]`, where `key` is that path.
    pub(super) fn steps(&mut self, key: &str, raw: Vec<raw::Step>) -> Vec<EligibilityStep> {
        if STEPS_MAX < raw.len() {
            self.problem(key, format!("has {} steps; at most {STEPS_MAX} are accepted", raw.len()));
        }
        let mut steps = Vec::new();
        let mut before = Duration::ZERO;
        for (index, step) in raw.into_iter().enumerate() {
            let key = format!("{key}[{index}]");
            let eligible = self.expression(&format!("{key}.eligible"), step.eligible.clone());
            let Some(after) = step.after.map(|after| after.0) else { continue };
            if after <= before {
                self.problem(&format!("{key}.after"), "is not later than the step before it");
            }
            before = after;
            if step.eligible.is_none() && changes(&step).is_empty() {
                self.problem(
                    &key,
                    "changes nothing: give it `eligible`, `add`, `lower`, `lower_all`, `drop` or `drop_all`",
                );
            }
            steps.push(EligibilityStep { after, eligible, skills: changes(&step) });
        }
        steps
    }
}

/// The changes of skills: what falls away comes first, so that what is added stays.
fn changes(step: &raw::Step) -> Vec<SkillChange> {
    let mut changes = Vec::new();
    if step.drop_all {
        changes.push(SkillChange::DropAll);
    }
    changes.extend(step.drop.iter().cloned().map(SkillChange::Drop));
    if 0 < step.lower_all {
        changes.push(SkillChange::LowerAll(step.lower_all));
    }
    changes.extend(levels(&step.lower).into_iter().map(SkillChange::Lower));
    changes.extend(levels(&step.add).into_iter().map(SkillChange::Add));
    changes
}

/// Skills with levels; the walk has let through only 1 to 10.
pub fn levels(raw: &BTreeMap<String, u8>) -> Vec<SkillLevel> {
    let level = |(name, &level): (&String, &u8)| SkillLevel {
        name: name.clone(),
        level: Proficiency::new(level).unwrap_or(Proficiency::MIN),
    };
    raw.iter().map(level).collect()
}
