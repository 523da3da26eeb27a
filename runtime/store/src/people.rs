//! Who signs in: users and their sessions. They belong to the whole store, because a provider's users
//! belong to no tenant and a session is looked up before its tenant is known.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::kv::View;
use crate::store::Store;
use crate::tenant::{end_of, name, parse};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// Where these documents' keys begin: no tenant's name begins like this.
const PEOPLE: u8 = 1;
const USER: u8 = b'u';
const SESSION: u8 = b's';

/// Somebody who signs in.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The tenant's name; empty for a provider's user, who belongs to none.
    pub tenant: String,
    /// What the user signs in by, unique within the tenant, in lower case.
    pub name: String,
    /// The name as shown.
    pub full_name: String,
    /// The roles by name.
    pub roles: Vec<String>,
    /// Which of the tenant's agents the user is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The password's hash in PHC format; without one only another provider of identity signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the password was given by somebody else and must be changed first.
    pub must_change: bool,
    /// The secret of the one-time codes (RFC 6238), in Base32.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<String>,
    /// The time step of the last code that was taken: a code is taken once.
    pub totp_step: u64,
    /// SHA-256 digests of the recovery codes that are left, in hexadecimal.
    pub recovery: Vec<String>,
    /// Issuer and subject at another provider of identity, as `issuer subject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Whether the user may not sign in.
    pub disabled: bool,
    /// When it was first written, in microseconds since the Unix epoch.
    pub created_at: u64,
    /// When it was last written, in microseconds since the Unix epoch.
    pub updated_at: u64,
}

/// Somebody who has signed in, until they sign out.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The SHA-256 digest of the cookie's value, in hexadecimal.
    pub id: String,
    /// The user's tenant; empty for a provider's user.
    pub tenant: String,
    /// The user's name; empty if an access token signed in.
    pub user: String,
    /// The SHA-256 digest of the access token that signed in, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// When it began, in microseconds since the Unix epoch.
    pub began_at: u64,
    /// When it was last used, to the minute or so, in microseconds since the Unix epoch.
    pub used_at: u64,
    /// The address it began from.
    pub address: String,
    /// What the browser calls itself.
    pub browser: String,
}

fn user_key(tenant: &str, user: &str) -> Result<Vec<u8>, StoreError> {
    let mut key = vec![PEOPLE, USER];
    key.extend_from_slice(tenant.as_bytes());
    key.push(0);
    key.extend_from_slice(name("user", user)?);
    Ok(key)
}

fn session_key(id: &str) -> Result<Vec<u8>, StoreError> {
    let mut key = vec![PEOPLE, SESSION];
    key.extend_from_slice(name("session", id)?);
    Ok(key)
}

impl Store {
    fn people<T: serde::de::DeserializeOwned>(&self, kind: u8) -> Result<Vec<T>, StoreError> {
        let prefix = [PEOPLE, kind];
        let shared = self.shared();
        let view = View { state: &shared.state, queue: &shared.queue };
        let mut found = Vec::new();
        let range = (std::ops::Bound::Included(prefix.to_vec()), end_of(&prefix));
        view.scan(range, false, |key, value| {
            found.push(parse(key, value)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// Writes a user, in place of the one of the same name and tenant.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if the name cannot be a key, or as every write.
    pub fn put_user(&self, user: &User) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        batch.put_document(user_key(&user.tenant, &user.name)?, user)?;
        self.shared().queue.append_batch(batch)
    }

    /// Removes a user, if there is one of this name.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn remove_user(&self, tenant: &str, user: &str) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        batch.delete(user_key(tenant, user)?);
        self.shared().queue.append_batch(batch)
    }

    /// Lists all users of all tenants.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        self.people(USER)
    }

    /// Writes a session, in place of the one of the same id.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn put_session(&self, session: &Session) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        batch.put_document(session_key(&session.id)?, session)?;
        self.shared().queue.append_batch(batch)
    }

    /// Removes sessions; those that are unknown are none.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn remove_sessions<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<Lsn, StoreError> {
        let mut batch = Batch::default();
        for id in ids {
            batch.delete(session_key(id)?);
        }
        self.shared().queue.append_batch(batch)
    }

    /// Lists all sessions, those that are over included.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        self.people(SESSION)
    }
}
