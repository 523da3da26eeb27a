//! What a contact demands of an agent after the time it has waited.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Candidate};
use jackfield_sdk::settings::{Settings, number, timed, wrong};

/// Asked again after this long at the latest when nothing will change any more.
const PAUSE_MS: u32 = 60_000;
const LEVEL_MAX: u32 = 10;

/// The demands in force.
#[derive(Debug)]
pub struct Demands<'a> {
    /// Skill, least level (0 after relaxing: anybody) and from which wait on it is demanded.
    all: Vec<(&'a str, u32, u32)>,
    /// Levels that the steps have let go.
    let_go: u32,
    /// Changes by name that are in force.
    relaxed: Vec<&'a str>,
    added: Vec<&'a str>,
    next_ms: u32,
}

/// A change by name: `russian-2@15s`, `russian@30s`, `retention=5@60s`.
struct Change<'a> {
    written: &'a str,
    skill: &'a str,
    levels: u32,
    from_ms: u32,
}

impl<'a> Demands<'a> {
    /// Reads the settings; the contact's come before the queue's.
    pub fn of(ask: &'a Ask) -> Result<Self, PluginError> {
        let settings = Settings::of_contact(ask);
        let waited = ask.contact.waited_ms;
        let relax = settings.list("relax", ',', RELAX, relaxation)?;
        let add = settings.list("add", ',', ADD, addition)?;
        // Whoever says by name what is relaxed does not want the usual steps besides.
        let steps = Steps::of(&settings, relax.is_empty())?;
        let let_go = steps.let_go(waited);
        let preferred = ask.contact.preferred.iter();
        let mut demands = Self {
            all: preferred
                .map(|one| (one.name.as_str(), u32::from(one.level).saturating_sub(let_go), 0))
                .collect(),
            let_go: let_go.min(LEVEL_MAX),
            relaxed: Vec::new(),
            added: Vec::new(),
            next_ms: PAUSE_MS.min(steps.next_ms(waited)),
        };
        let (due, later): (Vec<_>, Vec<_>) = add.iter().partition(|one| one.from_ms <= waited);
        for one in due {
            demands.all.push((one.skill, one.levels, one.from_ms));
            demands.added.push(one.written);
        }
        let (relaxing, relaxing_later): (Vec<_>, Vec<_>) =
            relax.iter().partition(|one| one.from_ms <= waited);
        for one in relaxing {
            demands.relax(one);
        }
        for one in later.into_iter().chain(relaxing_later) {
            demands.next_ms = demands.next_ms.min(one.from_ms - waited);
        }
        Ok(demands)
    }

    /// Lowers the demands for one skill, but not those that were added later.
    fn relax(&mut self, change: &Change<'a>) {
        for (skill, level, from_ms) in &mut self.all {
            if *skill == change.skill && *from_ms <= change.from_ms {
                *level = level.saturating_sub(change.levels);
            }
        }
        self.relaxed.push(change.written);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// How many of them an agent meets. One that has fallen to nothing is met without the skill.
    pub fn met(&self, agent: &Candidate) -> usize {
        self.all.iter().filter(|(skill, level, _)| *level <= agent.skill(skill)).count()
    }

    /// The sum of the agent's levels in the skills demanded: compared within a tier only.
    pub fn total(&self, agent: &Candidate) -> u32 {
        self.all.iter().map(|(skill, ..)| agent.skill(skill)).sum()
    }

    /// Until the next change, a minute at the most.
    pub const fn next_ms(&self) -> u32 {
        self.next_ms
    }

    /// Adds to an answer what has changed by now.
    pub fn explain(&self, answer: Answer) -> Answer {
        let mut answer = answer.because("levels-let-go", self.let_go);
        for (term, changes) in [("relaxed", &self.relaxed), ("added", &self.added)] {
            if !changes.is_empty() {
                answer = answer.because(term, changes.join(","));
            }
        }
        answer
    }
}

const RELAX: &str =
    "a list of skills, levels to let go and waits, such as `russian-2@15s, russian@30s`";
const ADD: &str = "a list of skills, levels from 1 to 10 and waits, such as `retention=5@60s`";

fn relaxation(item: &str) -> Option<Change<'_>> {
    let (what, from_ms) = timed(item)?;
    let by_levels = what
        .rsplit_once('-')
        .and_then(|(skill, levels)| Some((skill.trim(), number(levels.trim(), &(1..=LEVEL_MAX))?)));
    let (skill, levels) = by_levels.unwrap_or((what, LEVEL_MAX));
    let dated = item.contains('@') && !skill.is_empty();
    dated.then_some(Change { written: item, skill, levels, from_ms })
}

fn addition(item: &str) -> Option<Change<'_>> {
    let (what, from_ms) = timed(item)?;
    let (skill, levels) = what.split_once('=')?;
    let levels = number(levels.trim(), &(1..=LEVEL_MAX))?;
    let skill = skill.trim();
    (!skill.is_empty()).then_some(Change { written: item, skill, levels, from_ms })
}

/// How all demands fall, step by step.
#[derive(Clone, Copy, Debug)]
struct Steps {
    /// One step each time this long has been waited; 0 asks for nothing from the start, none never
    /// lets anything go.
    after_ms: Option<u32>,
    /// Levels by which a step lowers each demand.
    levels: u32,
}

impl Steps {
    /// From 10 down to no demand at all in a minute, unless the settings say otherwise.
    fn of(settings: &Settings<'_>, usual: bool) -> Result<Self, PluginError> {
        let after_ms = match settings.text("relax-after-ms") {
            None => usual.then_some(15_000),
            Some(text) => Some(number(text, &(0..=86_400_000)).ok_or_else(|| {
                wrong("relax-after-ms", text, "a number of milliseconds from 0 to 86400000")
            })?),
        };
        Ok(Self { after_ms, levels: settings.number("relax-levels", 3, 1..=LEVEL_MAX)? })
    }

    /// How many levels have been let go after this wait.
    fn let_go(self, waited_ms: u32) -> u32 {
        let Some(after_ms) = self.after_ms else { return 0 };
        match waited_ms.checked_div(after_ms) {
            Some(steps) => steps.saturating_mul(self.levels),
            None => LEVEL_MAX,
        }
    }

    /// Until the next step.
    fn next_ms(self, waited_ms: u32) -> u32 {
        let Some(after_ms) = self.after_ms else { return PAUSE_MS };
        match waited_ms.checked_rem(after_ms) {
            Some(into_step) => after_ms - into_step,
            None => PAUSE_MS,
        }
    }
}
