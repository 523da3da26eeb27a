//! What agents are planned to do. The engine decides nothing by it: a plan is in the journal, so that
//! adherence and conformance are counted from there.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// One entry of an agent's schedule.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PlannedSpan {
    /// What is planned.
    pub activity: PlannedActivity,
    /// Since when.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// Whether the time is paid.
    pub paid: bool,
}

/// What an agent can be planned to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedActivity {
    /// To serve contacts.
    Work,
    /// A short break.
    Break,
    /// A meal.
    Meal,
    /// A meeting.
    Meeting,
    /// Training or coaching.
    Training,
    /// To be away: a holiday, an illness.
    Leave,
}

impl PlannedActivity {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Work, Self::Break, Self::Meal, Self::Meeting, Self::Training, Self::Leave];

    /// Returns the name that is written and read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Break => "break",
            Self::Meal => "meal",
            Self::Meeting => "meeting",
            Self::Training => "training",
            Self::Leave => "leave",
        }
    }

    /// Returns the activity of this name.
    ///
    /// # Errors
    ///
    /// The names there are.
    pub fn by_name(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|activity| activity.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("`{name}` is no activity; {known} are accepted")
        })
    }

    /// Returns whether the plan is to serve contacts; else it is to take none.
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Work)
    }

    /// Returns whether such time is paid where the plan says nothing of it: all but meals.
    pub const fn is_usually_paid(self) -> bool {
        !matches!(self, Self::Meal)
    }
}
