//! Why a plugin was not installed, published or run.

use std::time::Duration;

use jackfield_core::PluginFailure;
use serde::{Deserialize, Serialize};

use crate::{Session, World};

/// Why the host did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The engine refused its configuration, or the address space for its pool.
    #[error(
        "cannot reserve a pool of {instances} instances: {reason}; lower `flow_instances_max`, or \
         lift `ulimit -v`"
    )]
    Engine {
        /// How many were wanted.
        instances: u32,
        /// What the engine said.
        reason: String,
    },
    /// The folder for compiled plugins cannot be used.
    #[error("cannot use the cache folder `{path}`")]
    Cache {
        /// The folder.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// The steps of an installation, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallStep {
    /// The component is small enough.
    Size,
    /// It is a valid component.
    Decode,
    /// Its imports and exports are those of a world.
    World,
    /// Every import is granted.
    Grant,
    /// It became machine code within the limits.
    Compile,
    /// It starts, and a router answers a sample question.
    SelfTest,
}

impl InstallStep {
    /// Returns the step's name in messages and metrics: `self_test`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Decode => "decode",
            Self::World => "world",
            Self::Grant => "grant",
            Self::Compile => "compile",
            Self::SelfTest => "self_test",
        }
    }
}

/// Why a component was not installed. The version that serves is not touched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("step `{}`: {problem}; {mend}", step.name())]
pub struct InstallError {
    /// Where it stopped.
    pub step: InstallStep,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub mend: String,
}

/// What is called so until somebody says where it is.
pub(crate) const ENTRY: &str = "the plugin's entry";

impl InstallError {
    pub(crate) fn new(
        step: InstallStep,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { step, problem: problem.into(), mend: mend.into() }
    }

    /// Says which table of the configuration is meant where a grant is missing.
    #[must_use]
    pub fn with_entry(mut self, table: &str) -> Self {
        if self.step == InstallStep::Grant {
            self.mend = self.mend.replace(ENTRY, &format!("`[{table}]`"));
        }
        self
    }
}

/// Where in a script something went wrong, in words for its author.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ScriptError {
    /// What went wrong.
    pub message: String,
    /// 1 is the first line; 0 means that the place is not known.
    pub line: u32,
    /// 1 is the first column; 0 means that the place is not known.
    pub column: u32,
}

/// Why a script was not published.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The script is wrong.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The script is longer than one may be.
    #[error("the script has {bytes} bytes, at most {max} are accepted")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The interpreter is not one, or failed while it read the script.
    #[error("the interpreter failed: {0}")]
    Interpreter(String),
    /// The worker process did not do its work.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// Why the worker process did not do its work.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WorkerError {
    /// It could not be started, or its files could not be read or written.
    #[error("the worker process cannot work: {0}")]
    Io(String),
    /// It took longer than it may.
    #[error("took longer than {0:?}")]
    Deadline(Duration),
    /// It was ended by the system, most often for its limits of memory or processor time.
    #[error("was ended by its limits ({0})")]
    Killed(String),
    /// The component cannot be compiled, or the interpreter trapped.
    #[error("{0}")]
    Refused(String),
    /// The script that was to be published is wrong.
    #[error(transparent)]
    Script(ScriptError),
}

/// A digest under which nothing is installed, or nothing of that world.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no {world} is installed under `{digest}`; install it first")]
pub struct NotInstalled {
    /// What was looked for.
    pub digest: String,
    /// As what.
    pub world: World,
}

/// How a flow ended, and the session, so that the caller can go on with it.
pub struct FlowOutcome {
    /// The contact's session, given back.
    pub session: Box<dyn Session>,
    /// Whether the flow returned, or why it did not.
    pub result: Result<(), FlowFailure>,
}

impl std::fmt::Debug for FlowOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowOutcome").field("result", &self.result).finish_non_exhaustive()
    }
}

/// Why a flow did not return.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{failure}")]
pub struct FlowFailure {
    /// The kind, as the engine counts it.
    pub failure: PluginFailure,
    /// The place, if a script failed.
    pub script: Option<ScriptError>,
}
