//! What agents were doing: handed to the engine after a restart.

use jackfield_core::{AgentId, AgentState};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, TenantStore};
use crate::wal::Lsn;

/// An agent's state and since when.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AgentRecord {
    /// Who.
    pub agent: AgentId,
    /// What.
    pub state: AgentState,
    /// Since when, in microseconds since the Unix epoch.
    pub since: u64,
}

impl TenantStore {
    /// Writes what an agent is doing.
    ///
    /// # Errors
    ///
    /// As every write: [`StoreError::Busy`], [`StoreError::Failed`].
    pub fn put_agent(&self, record: &AgentRecord) -> Result<Lsn, StoreError> {
        self.put_document(self.key(Kind::Agent, &[record.agent.as_str().as_bytes()]), record)
    }

    /// Lists all agents that were ever written, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn agents(&self) -> Result<Vec<AgentRecord>, StoreError> {
        self.documents(&self.key(Kind::Agent, &[]))
    }
}
