//! What is worked on in the flow studio: the working copy of a flow, and its scenarios.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// The script of a flow as somebody is writing it. It takes no calls.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct WorkingCopy {
    /// The flow's name.
    pub flow: String,
    /// The script.
    pub script: String,
    /// The version it was begun from; 0 if none.
    pub base: u32,
    /// Who wrote last.
    pub by: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
}

/// A customer by whom a flow is tried, and what is expected of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// The flow's name.
    pub flow: String,
    /// Its own name.
    pub name: String,
    /// What the customer does and what is expected, as the studio reads it.
    pub body: String,
    /// Who wrote it.
    pub by: String,
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
}

impl TenantStore {
    /// Keeps the working copy of a flow in place of the one before, if that is as `seen`: the moment
    /// it was written, 0 for none. Returns what is kept instead otherwise.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the flow's name cannot be a key.
    pub fn put_working_copy(
        &self,
        copy: &WorkingCopy,
        seen: u64,
    ) -> Result<Result<Lsn, WorkingCopy>, StoreError> {
        let _one_at_a_time = self.rewrite();
        if let Some(kept) = self.working_copy(&copy.flow)?.filter(|kept| kept.at_micros != seen) {
            return Ok(Err(kept));
        }
        let key = self.key(Kind::WorkingCopy, &[name("flow name", &copy.flow)?]);
        self.put_document(key, copy).map(Ok)
    }

    /// Returns the working copy of a flow.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn working_copy(&self, flow: &str) -> Result<Option<WorkingCopy>, StoreError> {
        self.document(&self.key(Kind::WorkingCopy, &[flow.as_bytes()]))
    }

    /// Throws the working copy of a flow away.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the flow's name cannot be a key.
    pub fn delete_working_copy(&self, flow: &str) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        batch.delete(self.key(Kind::WorkingCopy, &[name("flow name", flow)?]));
        self.write(batch)
    }

    /// Keeps a scenario in place of the one of the same name.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if one of its names cannot be a key.
    pub fn put_scenario(&self, scenario: &Scenario) -> Result<Lsn, StoreError> {
        let flow = name("flow name", &scenario.flow)?;
        let own = name("scenario name", &scenario.name)?;
        self.put_document(self.key(Kind::Scenario, &[flow, own]), scenario)
    }

    /// Lists the scenarios of a flow by name.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn scenarios(&self, flow: &str) -> Result<Vec<Scenario>, StoreError> {
        self.documents(&self.key(Kind::Scenario, &[flow.as_bytes(), b""]))
    }

    /// Forgets a scenario.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if one of its names cannot be a key.
    pub fn delete_scenario(&self, flow: &str, scenario: &str) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        let (flow, own) = (name("flow name", flow)?, name("scenario name", scenario)?);
        batch.delete(self.key(Kind::Scenario, &[flow, own]));
        self.write(batch)
    }
}
