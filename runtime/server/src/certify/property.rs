//! What must hold of a plugin, and how often it was looked at.

use std::collections::BTreeMap;

use jackfield_core::PluginFailure;

/// What must hold.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Property {
    /// It installs and starts.
    Installs,
    /// It never traps.
    NoTrap,
    /// It keeps the limits.
    WithinLimits,
    /// Its answers can be meant.
    WellFormed,
    /// It answers alike.
    Deterministic,
    /// It mostly answers.
    Answers,
    /// Nobody waits for ever because of it.
    NobodyStarves,
    /// Who serves has the skills.
    MandatorySkills,
    /// The engine's rules hold with it.
    EngineRules,
    /// A flow comes to its end.
    WayOut,
    /// Its replies keep the contract's ranges.
    InContract,
    /// It bears that nothing answers outside.
    OutsideMayFail,
    /// Its errors are texts.
    ErrorsAreTold,
}

impl Property {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installs => "installs",
            Self::NoTrap => "no-trap",
            Self::WithinLimits => "within-limits",
            Self::WellFormed => "well-formed",
            Self::Deterministic => "deterministic",
            Self::Answers => "answers",
            Self::NobodyStarves => "nobody-starves",
            Self::MandatorySkills => "mandatory-skills",
            Self::EngineRules => "engine-rules",
            Self::WayOut => "way-out",
            Self::InContract => "in-contract",
            Self::OutsideMayFail => "outside-may-fail",
            Self::ErrorsAreTold => "errors-are-told",
        }
    }

    /// What it says.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Installs => {
                "it is a component of its world, starts, and answers a sample question"
            }
            Self::NoTrap => "no call traps",
            Self::WithinLimits => {
                "no call exceeds fuel, memory, stack, tables, output or host calls"
            }
            Self::WellFormed => {
                "an answer names candidates only, each once, and says nothing impossible"
            }
            Self::Deterministic => {
                "a fresh instance with the same state gives the same answer to the same question"
            }
            Self::Answers => "not more than half of the calls end in an error of its own",
            Self::NobodyStarves => {
                "with every agent at work and nothing broken, everybody is served or leaves, and \
                 nobody is overtaken without end"
            }
            Self::MandatorySkills => {
                "no contact is offered to an agent without the skills it requires"
            }
            Self::EngineRules => "every rule of the simulator's book holds after every step",
            Self::WayOut => {
                "a flow ends: soon once its customer is gone, and before 500 verbs if it is not"
            }
            Self::InContract => "answers are within the ranges that the contract gives",
            Self::OutsideMayFail => "when the world outside fails it answers or says so",
            Self::ErrorsAreTold => "an error is one to 2,000 bytes of text",
        }
    }

    /// What a failure of a call breaks; none if it is an answer of its own.
    pub fn broken_by(failure: &PluginFailure) -> Option<Self> {
        match failure {
            PluginFailure::Refused(_) => None,
            PluginFailure::BadReply(_) => Some(Self::WellFormed),
            PluginFailure::OutOfFuel
            | PluginFailure::OutOfMemory
            | PluginFailure::DeadlineExceeded => Some(Self::WithinLimits),
            PluginFailure::Trapped(why) if why.starts_with("limit ") => Some(Self::WithinLimits),
            PluginFailure::Trapped(_) | PluginFailure::NotLoaded | PluginFailure::Suspended(_) => {
                Some(Self::NoTrap)
            }
        }
    }
}

/// What was looked at, and what it took.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Questions, or contacts led.
    pub decisions: u64,
    /// Answers that were errors of its own.
    pub refused: u64,
    /// How often each property was looked at.
    pub properties: BTreeMap<Property, u64>,
    /// Fuel of answers of instances that had answered before.
    pub warm_fuel: Vec<u64>,
    /// Fuel of first answers.
    pub fresh_fuel: Vec<u64>,
    /// The most memory of an instance.
    pub memory_bytes: u64,
}

impl Tally {
    /// Counts that this was looked at.
    pub fn checked(&mut self, property: Property, times: u64) {
        *self.properties.entry(property).or_default() += times;
    }

    /// Adds another part.
    pub fn add(&mut self, other: Self) {
        self.decisions += other.decisions;
        self.refused += other.refused;
        for (property, times) in other.properties {
            self.checked(property, times);
        }
        self.warm_fuel.extend(other.warm_fuel);
        self.fresh_fuel.extend(other.fresh_fuel);
        self.memory_bytes = self.memory_bytes.max(other.memory_bytes);
    }

    /// What half of the calls are; more refusals are too many.
    pub const fn refuses_too_often(&self) -> bool {
        self.decisions < self.refused * 2
    }
}
