//! The table: rows such as `gold ann 0.82; gold skill:billing 0.5; * * 0.1`.

use jackfield_sdk::PluginError;
use jackfield_sdk::router::Candidate;
use jackfield_sdk::settings::{Settings, thousandths};

const ACCEPTED: &str = "a list of rows of three words, VALUE WHO SCORE, such as \
    `gold ann 0.82; gold skill:billing 0.5; * * 0.1`";

/// The table may be divided into so many settings.
const PARTS_MAX: u32 = 40;

/// The row an agent's score came from, the more particular first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Source {
    ValueAndAgent,
    ValueAndSkill,
    Value,
    Agent,
    Skill,
    All,
    Default,
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValueAndAgent => "value-and-agent",
            Self::ValueAndSkill => "value-and-skill",
            Self::Value => "value",
            Self::Agent => "agent",
            Self::Skill => "skill",
            Self::All => "all",
            Self::Default => "default",
        }
    }
}

#[derive(Clone, Copy)]
enum Who<'a> {
    Agent(&'a str),
    Skill(&'a str),
    All,
}

struct Row<'a> {
    value: &'a str,
    who: Who<'a>,
    thousandths: i64,
}

/// The rows that concern a contact.
pub struct Table<'a> {
    rows: Vec<(bool, Row<'a>)>,
}

impl<'a> Table<'a> {
    /// Reads the rows for contacts with this value, and those for all.
    ///
    /// # Errors
    ///
    /// A row that cannot be read.
    pub fn of(settings: &Settings<'a>, value: &str) -> Result<Self, PluginError> {
        let mut rows = settings.list("table", ';', ACCEPTED, row)?;
        // One setting has room for some fifty rows.
        for more in (2..=PARTS_MAX).map(|part| format!("table-{part}")) {
            rows.extend(settings.list(&more, ';', ACCEPTED, row)?);
        }
        let concern = rows.into_iter().filter_map(|row| match row.value {
            "*" => Some((false, row)),
            of if of == value => Some((true, row)),
            _ => None,
        });
        Ok(Self { rows: concern.collect() })
    }

    /// The score of the most particular row, in thousandths; of several equally particular ones the
    /// highest.
    pub fn score(&self, agent: &Candidate) -> Option<(i64, Source)> {
        let fits = self.rows.iter().filter_map(|(of_value, row)| {
            let source = match (row.who, of_value) {
                (Who::Agent(name), _) if name != agent.agent => return None,
                (Who::Skill(skill), _) if agent.skill(skill) == 0 => return None,
                (Who::Agent(_), true) => Source::ValueAndAgent,
                (Who::Agent(_), false) => Source::Agent,
                (Who::Skill(_), true) => Source::ValueAndSkill,
                (Who::Skill(_), false) => Source::Skill,
                (Who::All, true) => Source::Value,
                (Who::All, false) => Source::All,
            };
            Some((source, row.thousandths))
        });
        let best = fits.min_by_key(|(source, thousandths)| (*source, -thousandths));
        best.map(|(source, thousandths)| (thousandths, source))
    }
}

fn row(item: &str) -> Option<Row<'_>> {
    let words: Vec<_> = item.split_whitespace().collect();
    let [value, who, score] = words.as_slice() else { return None };
    let who = match (*who, who.strip_prefix("skill:")) {
        ("*", _) => Who::All,
        (_, Some("")) => return None,
        (_, Some(skill)) => Who::Skill(skill),
        (agent, None) => Who::Agent(agent),
    };
    Some(Row { value, who, thousandths: thousandths(score)? })
}
