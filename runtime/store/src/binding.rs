//! Where phones can be reached: SIP bindings, which must survive a restart because phones register
//! again only every so many minutes.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::tenant::{Kind, TenantStore, name};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// One phone registered for an address of record.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Binding {
    /// The phone's contact URI.
    pub contact: String,
    /// Where its REGISTER came from.
    pub source: SocketAddr,
    /// Whether it came over TCP.
    pub tcp: bool,
    /// The Call-ID of its REGISTERs.
    pub call_id: String,
    /// The sequence number of the last one.
    pub cseq: u32,
    /// When it ends, in seconds since the Unix epoch.
    pub expires_at: u64,
    /// What the phone calls itself.
    pub user_agent: String,
}

impl TenantStore {
    /// Writes a binding of the address of record `aor`, in place of the one with the same contact.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if address or contact cannot be a key.
    pub fn put_binding(&self, aor: &str, binding: &Binding) -> Result<Lsn, StoreError> {
        let parts = [name("address of record", aor)?, name("contact URI", &binding.contact)?];
        self.put_document(self.key(Kind::Binding, &parts), binding)
    }

    /// Lists the bindings of one address of record, expired ones included.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn bindings(&self, aor: &str) -> Result<Vec<Binding>, StoreError> {
        self.documents(&self.key(Kind::Binding, &[aor.as_bytes(), b""]))
    }

    /// Lists all bindings with their addresses of record.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn all_bindings(&self) -> Result<Vec<(String, Binding)>, StoreError> {
        let prefix = self.key(Kind::Binding, &[]);
        let mut found = Vec::new();
        self.scan(&prefix, None, |key, value| {
            let aor = key[prefix.len()..].split(|byte| *byte == 0).next().unwrap_or_default();
            found.push((String::from_utf8_lossy(aor).into(), crate::tenant::parse(key, value)?));
            Ok(true)
        })?;
        Ok(found)
    }

    /// Removes the binding with this contact, or all of the address of record if `None`.
    ///
    /// # Errors
    ///
    /// As every write: [`StoreError::Busy`], [`StoreError::Failed`].
    pub fn remove_binding(&self, aor: &str, contact: Option<&str>) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        if let Some(contact) = contact {
            batch.delete(self.key(Kind::Binding, &[aor.as_bytes(), contact.as_bytes()]));
        } else {
            for (key, _) in self.all(&self.key(Kind::Binding, &[aor.as_bytes(), b""]))? {
                batch.delete(key);
            }
        }
        self.write(batch)
    }
}
