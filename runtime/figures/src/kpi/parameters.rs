//! What a report may be asked for: the parameters of the formulas and the grouping.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_core::Channel;
use serde::{Deserialize, Serialize};

use super::record::Target;
use super::report::channel_by_name;

/// Everything that a report depends on besides the records. Lengths are microseconds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Count what is attributed to this moment or later.
    pub from_us: Option<u64>,
    /// Count what is attributed to a moment before this.
    pub to_us: Option<u64>,
    /// T; `None` is each queue's own target.
    pub within_us: Option<u64>,
    /// s; `None` is each queue's own.
    pub short_abandon_us: Option<u64>,
    /// Which moment of a stay decides to what interval it belongs.
    pub attribute: Attribution,
    /// Since when a wait is measured.
    pub wait_from: WaitFrom,
    /// The length of an interval.
    pub interval_us: u64,
    /// The tables besides the total.
    pub by: Vec<Grouping>,
    /// Genesys Cloud's switches.
    pub genesys: GenesysSwitches,
    /// What counts as a contact that came again.
    pub repeat: RepeatRule,
    /// The standard time of one contact by queue, for the earned-hours index.
    pub standard_times_us: BTreeMap<String, u64>,
}

/// The target of queues that have none, and none was asked for: 20 s and 5 s.
const USUAL: Target = Target { within: 20_000_000, short: 5_000_000 };

impl Default for Parameters {
    fn default() -> Self {
        Self {
            from_us: None,
            to_us: None,
            within_us: None,
            short_abandon_us: None,
            attribute: Attribution::Enter,
            wait_from: WaitFrom::FirstQueue,
            interval_us: 1_800_000_000,
            by: vec![Grouping::one(Dimension::Queue), Grouping::one(Dimension::Agent)],
            genesys: GenesysSwitches::default(),
            repeat: RepeatRule::default(),
            standard_times_us: BTreeMap::new(),
        }
    }
}

impl Parameters {
    /// Returns T and s for a stay whose queue has `own`.
    pub fn target(&self, own: Option<Target>) -> Target {
        let own = own.unwrap_or(USUAL);
        Target {
            within: self.within_us.unwrap_or(own.within),
            short: self.short_abandon_us.unwrap_or(own.short),
        }
    }

    /// Sets the standard times of these queues, in microseconds; 0 is none.
    pub fn set_standard_times(&mut self, times: impl IntoIterator<Item = (String, u64)>) {
        self.standard_times_us.extend(times);
        self.standard_times_us.retain(|_, time| *time != 0);
    }

    /// Returns whether what is attributed to `at` is counted.
    pub fn covers(&self, at: u64) -> bool {
        self.from_us.is_none_or(|from| from <= at) && self.to_us.is_none_or(|to| at < to)
    }
}

/// Which moment decides to what interval something belongs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// When it entered the queue; a contact, when it arrived.
    #[default]
    Enter,
    /// When it left the queue; a contact, when it was over. What is still there is not counted.
    Exit,
}

/// Since when a wait is measured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitFrom {
    /// Since joining the first queue of a chain of overflows: what the customer waited.
    #[default]
    FirstQueue,
    /// Since joining the queue where it ended: what this queue is answerable for.
    ThisQueue,
}

/// Genesys Cloud's switches of the service level.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesysSwitches {
    /// Flow-outs are in the denominator.
    pub include_flow_outs: bool,
    /// Short abandons are in the denominator.
    pub include_short_abandons: bool,
    /// Abandons are in the denominator.
    pub include_abandons: bool,
}

impl GenesysSwitches {
    /// What can be left out of the denominator.
    pub const PARTS: [&str; 3] = ["flow-outs", "short-abandons", "abandons"];

    /// Returns the switches with the named parts left out.
    ///
    /// # Errors
    ///
    /// The word that is no part, with those that are.
    pub fn without<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut switches = Self::default();
        for part in parts {
            match part.trim() {
                "flow-outs" => switches.include_flow_outs = false,
                "short-abandons" => switches.include_short_abandons = false,
                "abandons" => switches.include_abandons = false,
                other => {
                    let known = Self::PARTS.join(", ");
                    return Err(format!("`{other}` cannot be left out; {known} are accepted"));
                }
            }
        }
        Ok(switches)
    }

    /// Returns the parts that are left out.
    pub fn left_out(self) -> Vec<&'static str> {
        let included = [self.include_flow_outs, self.include_short_abandons, self.include_abandons];
        let parts = Self::PARTS.into_iter().zip(included);
        parts.filter(|(_, included)| !included).map(|(part, _)| part).collect()
    }
}

impl Default for GenesysSwitches {
    fn default() -> Self {
        Self { include_flow_outs: true, include_short_abandons: true, include_abandons: true }
    }
}

/// What counts as a contact that came again, for FCR and containment.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RepeatRule {
    /// W, inclusive: so long after the end of a contact another one is a repetition.
    pub window_us: u64,
    /// Only a contact with the same reason repeats it.
    pub same_reason: bool,
    /// Only contacts of these channels are looked at; empty is all.
    pub channels: Vec<Channel>,
    /// Contacts that were transferred are not eligible.
    pub exclude_transferred: bool,
    /// Contacts that were abandoned do not repeat another one.
    pub exclude_abandoned: bool,
}

impl Default for RepeatRule {
    fn default() -> Self {
        Self {
            window_us: 7 * 86_400_000_000,
            same_reason: false,
            channels: Vec::new(),
            exclude_transferred: false,
            exclude_abandoned: false,
        }
    }
}

impl RepeatRule {
    /// Reads the channels that are looked at, such as `voice` and `chat`.
    ///
    /// # Errors
    ///
    /// The word that is no channel, with those that are.
    pub fn channels_of<'a>(
        words: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Channel>, String> {
        let mut channels = Vec::new();
        for word in words {
            let channel = channel_by_name(word.trim())?;
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        Ok(channels)
    }
}

/// What a table can have a row for each of.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// An interval of time.
    Interval,
    /// A queue.
    Queue,
    /// An agent.
    Agent,
    /// A channel.
    Channel,
}

impl Dimension {
    /// All of them, in the order of columns.
    pub const ALL: [Self; 4] = [Self::Interval, Self::Queue, Self::Agent, Self::Channel];

    /// Returns the name that is written and read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interval => "interval",
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Channel => "channel",
        }
    }
}

/// One table: a row for each combination of its dimensions.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grouping(BTreeSet<Dimension>);

impl Grouping {
    /// Returns the table with a row for each value of one dimension.
    pub fn one(dimension: Dimension) -> Self {
        Self(BTreeSet::from([dimension]))
    }

    /// Returns whether rows differ in `dimension`.
    pub fn has(&self, dimension: Dimension) -> bool {
        self.0.contains(&dimension)
    }

    /// Returns the dimensions in the order of columns.
    pub fn dimensions(&self) -> impl Iterator<Item = Dimension> + '_ {
        self.0.iter().copied()
    }

    /// Reads a list such as `queue,agent,interval+queue`: a comma begins another table, a plus
    /// joins dimensions in one.
    ///
    /// # Errors
    ///
    /// The word that is no dimension, with those that are.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        let mut list: Vec<Self> = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let grouping: Self = word.to_owned().try_into()?;
            if !list.contains(&grouping) {
                list.push(grouping);
            }
        }
        Ok(list)
    }
}

impl TryFrom<String> for Grouping {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let dimension = |word: &str| {
            let found =
                Dimension::ALL.into_iter().find(|dimension| dimension.name() == word.trim());
            found.ok_or_else(|| {
                let known = Dimension::ALL.map(Dimension::name).join(", ");
                format!("`{word}` cannot be grouped by: {known} are accepted, joined by `+`")
            })
        };
        text.split('+').map(dimension).collect::<Result<_, _>>().map(Self)
    }
}

impl From<Grouping> for String {
    fn from(grouping: Grouping) -> Self {
        let names: Vec<_> = grouping.dimensions().map(Dimension::name).collect();
        names.join("+")
    }
}
