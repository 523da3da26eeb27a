//! Users and sessions: kept in the store, read from memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use jackfield_store::{Lsn, Session, Store, StoreError, User};
use tokio::sync::Semaphore;

use super::role::{Rights, Role};
use super::secret;
use super::throttle::{Pace, Throttle};

/// Passwords hashed at once: each takes 19 MiB and a processor.
const HASHES_AT_ONCE: usize = 2;
/// A session's use is written down this often at most.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// A tenant, empty for the provider's users, and a user's name.
pub type UserKey = (String, String);

/// How long sessions last and how many there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// A session that was not used for this long is over.
    pub idle: Duration,
    /// No session lasts longer.
    pub longest: Duration,
    /// Sessions of one user; the oldest ends when there is one more.
    pub sessions_each: usize,
    /// Users of one tenant.
    pub users: usize,
    /// How failures to sign in are answered.
    pub pace: Pace,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(12 * 60 * 60),
            longest: Duration::from_secs(7 * 24 * 60 * 60),
            sessions_each: 10,
            users: 10_000,
            pace: Pace {
                failures: 5,
                pause: Duration::from_secs(30),
                longest: Duration::from_secs(15 * 60),
            },
        }
    }
}

/// What is set of a user.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserChange {
    /// The name as shown.
    pub full_name: String,
    /// The roles.
    pub roles: Vec<Role>,
    /// Which of the tenant's agents it is.
    pub agent: Option<String>,
    /// Issuer and subject at another provider of identity.
    pub external: Option<String>,
    /// Whether the user may not sign in.
    pub disabled: bool,
}

/// Why a user was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// There is none of this name.
    #[error("there is no user `{0}`")]
    Unknown(String),
    /// There is one already.
    #[error("there is a user `{0}` already")]
    Taken(String),
    /// A value is not accepted.
    #[error("`{field}`: {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// There are too many.
    #[error("there are {0} users already, which is the limit")]
    Full(usize),
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everybody who signs in, and who has.
pub struct People {
    store: Option<Store>,
    pub(super) policy: Policy,
    pub(super) users: RwLock<BTreeMap<UserKey, User>>,
    pub(super) sessions: RwLock<HashMap<String, Session>>,
    pub(super) hashing: Semaphore,
    /// By name and address, by address, by name.
    pub(super) throttles: [Throttle; 3],
}

pub(super) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// What the roles of a user allow; a provider's roles only without a tenant.
pub fn rights_of(user: &User) -> Rights {
    let roles = user.roles.iter().filter_map(|name| Role::named(name));
    let fits = |role: &Role| (*role == Role::Provider) == user.tenant.is_empty();
    roles.filter(fits).fold(Rights::default(), |all, role| all.with(role.rights()))
}

impl People {
    /// Reads users and sessions; without a store they are forgotten with the process.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn open(store: Option<Store>, policy: Policy) -> Result<Self, StoreError> {
        let (users, sessions) = match &store {
            Some(store) => (store.users()?, store.sessions()?),
            None => (Vec::new(), Vec::new()),
        };
        let key = |user: User| ((user.tenant.clone(), user.name.clone()), user);
        let Pace { failures, pause, longest } = policy.pace;
        // One address may be that of a whole office, one name be tried from everywhere: neither shall
        // keep those out who know their password.
        let paced = |times| Throttle::new(Pace { failures: failures * times, pause, longest });
        Ok(Self {
            store,
            policy,
            users: RwLock::new(users.into_iter().map(key).collect()),
            sessions: RwLock::new(
                sessions.into_iter().map(|session| (session.id.clone(), session)).collect(),
            ),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            throttles: [paced(1), paced(10), paced(10)],
        })
    }

    pub(super) async fn durable(&self, written: Option<Lsn>) -> Result<(), StoreError> {
        match (&self.store, written) {
            (Some(store), Some(lsn)) => store.durable(lsn).await,
            _ => Ok(()),
        }
    }

    pub(super) fn put(&self, user: &User) -> Result<Option<Lsn>, StoreError> {
        self.store.as_ref().map(|store| store.put_user(user)).transpose()
    }

    pub(super) fn keep_user(&self, user: User) -> Result<Option<Lsn>, StoreError> {
        let written = self.put(&user)?;
        write(&self.users).insert((user.tenant.clone(), user.name.clone()), user);
        Ok(written)
    }

    pub(super) fn keep_session(&self, session: Session) -> Result<Option<Lsn>, StoreError> {
        let written = self.store.as_ref().map(|store| store.put_session(&session)).transpose()?;
        write(&self.sessions).insert(session.id.clone(), session);
        Ok(written)
    }

    /// Ends the sessions that `ended` says are.
    pub(super) fn end_sessions(
        &self,
        mut ended: impl FnMut(&Session) -> bool,
    ) -> Result<Option<Lsn>, StoreError> {
        let mut sessions = write(&self.sessions);
        let ids: Vec<String> =
            sessions.values().filter(|one| ended(one)).map(|one| one.id.clone()).collect();
        let removed = |store: &Store| store.remove_sessions(ids.iter().map(String::as_str));
        let written = self.store.as_ref().filter(|_| !ids.is_empty()).map(removed).transpose()?;
        for id in &ids {
            sessions.remove(id);
        }
        Ok(written)
    }

    /// Whether a session is still good at `now`, in microseconds since the Unix epoch.
    fn lasts(&self, session: &Session, now: u64) -> bool {
        let since = |at: u64| Duration::from_micros(now.saturating_sub(at));
        since(session.used_at) < self.policy.idle && since(session.began_at) < self.policy.longest
    }

    /// The session of a cookie's value, and its user unless an access token signed in. `None` if it is
    /// over or its user may not sign in any more. `now` in microseconds since the Unix epoch.
    pub fn session(&self, cookie: &str, now: u64) -> Option<(Session, Option<User>)> {
        let id = secret::digest(cookie);
        let session = read(&self.sessions).get(&id).cloned()?;
        if !self.lasts(&session, now) {
            // What cannot be removed now is found to be over the next time as well.
            let _ = self.end_sessions(|one| !self.lasts(one, now));
            return None;
        }
        let user = match session.user.as_str() {
            "" => None,
            name => {
                let key = (session.tenant.clone(), name.to_owned());
                let user = read(&self.users).get(&key).cloned();
                Some(user.filter(|user| !user.disabled)?)
            }
        };
        if u128::from(now.saturating_sub(session.used_at)) >= NOTED_EVERY.as_micros() {
            let used = Session { used_at: now, ..session.clone() };
            if let Err(error) = self.keep_session(used) {
                tracing::warn!(%error, "the use of a session was not noted");
            }
        }
        Some((session, user))
    }

    /// Ends one session.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub async fn sign_out(&self, id: &str) -> Result<(), PeopleError> {
        let written = self.end_sessions(|session| session.id == id)?;
        Ok(self.durable(written).await?)
    }

    /// Users and sessions, for metrics.
    pub fn counts(&self) -> (usize, usize) {
        (read(&self.users).len(), read(&self.sessions).len())
    }

    /// The users of a tenant, or the provider's if it is empty, by name.
    pub fn of_tenant(&self, tenant: &str) -> Vec<User> {
        let users = read(&self.users);
        let from = (tenant.to_owned(), String::new());
        let ours = users.range(from..).take_while(|((of, _), _)| of == tenant);
        ours.map(|(_, user)| user.clone()).collect()
    }

    /// One user.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`].
    pub fn user(&self, tenant: &str, name: &str) -> Result<User, PeopleError> {
        let key = (tenant.to_owned(), name.to_lowercase());
        let found = read(&self.users).get(&key).cloned();
        found.ok_or_else(|| PeopleError::Unknown(name.to_owned()))
    }

    /// Adds a user. Returns the user with the password, which is made up and must be changed unless
    /// one is given. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError`] if the name is taken or a value is not accepted.
    pub async fn add(
        &self,
        tenant: &str,
        name: &str,
        change: UserChange,
        password: Option<String>,
        now: u64,
    ) -> Result<(User, Option<String>), PeopleError> {
        let name = accepted_name(name)?;
        if read(&self.users).contains_key(&(tenant.to_owned(), name.clone())) {
            return Err(PeopleError::Taken(name));
        }
        let count = self.of_tenant(tenant).len();
        if self.policy.users <= count {
            return Err(PeopleError::Full(count));
        }
        let (made, hash) = self.first_password(&name, password).await?;
        let user = User {
            tenant: tenant.to_owned(),
            name: name.clone(),
            password: Some(hash),
            must_change: made.is_some(),
            created_at: now,
            ..User::default()
        };
        let user = changed(user, change, now)?;
        let written = {
            // Two who add the same name at once: one of them is told.
            let mut users = write(&self.users);
            let key = (tenant.to_owned(), name.clone());
            if users.contains_key(&key) {
                return Err(PeopleError::Taken(name));
            }
            let written = self.put(&user)?;
            users.insert(key, user.clone());
            written
        };
        self.durable(written).await?;
        Ok((user, made))
    }

    async fn first_password(
        &self,
        name: &str,
        given: Option<String>,
    ) -> Result<(Option<String>, String), PeopleError> {
        let made = given.is_none().then(|| secret::readable(4));
        let password = given.or_else(|| made.clone()).unwrap_or_default();
        let hash = self.hash("password", password, name).await?;
        Ok((made, hash))
    }

    /// Hashes a new password, which takes a while, on a thread for that.
    pub(super) async fn hash(
        &self,
        field: &'static str,
        password: String,
        name: &str,
    ) -> Result<String, PeopleError> {
        let invalid = |reason| PeopleError::Invalid { field, reason };
        secret::check_password(&password, name).map_err(invalid)?;
        let _permit = self.hashing.acquire().await.map_err(|error| invalid(error.to_string()))?;
        let hashed = tokio::task::spawn_blocking(move || secret::hash(&password)).await;
        hashed.map_err(|error| invalid(error.to_string()))?.map_err(invalid)
    }

    /// Changes a user; whoever loses a role or may not sign in any more is signed out. Durable when it
    /// returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError`] if there is no such user or a value is not accepted.
    pub async fn change(
        &self,
        tenant: &str,
        name: &str,
        change: UserChange,
        now: u64,
    ) -> Result<User, PeopleError> {
        let before = self.user(tenant, name)?;
        let after = changed(before.clone(), change, now)?;
        let mut written = self.keep_user(after.clone())?;
        if after.disabled || !rights_of(&before).within(rights_of(&after)) {
            written = self.sign_out_user(&after)?.or(written);
        }
        self.durable(written).await?;
        Ok(after)
    }

    pub(super) fn sign_out_user(&self, user: &User) -> Result<Option<Lsn>, StoreError> {
        self.end_sessions(|session| session.tenant == user.tenant && session.user == user.name)
    }

    /// Removes a user and ends the sessions. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`], or what the store says.
    pub async fn remove(&self, tenant: &str, name: &str) -> Result<User, PeopleError> {
        let user = self.user(tenant, name)?;
        self.sign_out_user(&user)?;
        let removed = |store: &Store| store.remove_user(tenant, &user.name);
        let written = self.store.as_ref().map(removed).transpose()?;
        write(&self.users).remove(&(tenant.to_owned(), user.name.clone()));
        self.durable(written).await?;
        Ok(user)
    }

    /// Gives a user a new password, which must be changed, without one-time codes, and ends the
    /// sessions: for who has forgotten it or lost the telephone. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Unknown`], or what the store says.
    pub async fn reset(
        &self,
        tenant: &str,
        name: &str,
        now: u64,
    ) -> Result<(User, String), PeopleError> {
        let user = self.user(tenant, name)?;
        let (made, hash) = self.first_password(&user.name, None).await?;
        let user = User {
            password: Some(hash),
            must_change: true,
            totp: None,
            totp_step: 0,
            recovery: Vec::new(),
            updated_at: now,
            ..user
        };
        self.keep_user(user.clone())?;
        let written = self.sign_out_user(&user)?;
        self.durable(written).await?;
        Ok((user, made.unwrap_or_default()))
    }
}

pub(super) fn accepted_name(name: &str) -> Result<String, PeopleError> {
    let name = name.trim().to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || "._-+@".contains(c);
    if name.is_empty() || 100 < name.len() || !name.chars().all(plain) {
        let reason = "1 to 100 letters, digits, `.`, `_`, `-`, `+` and `@` are accepted, as in an e-mail address";
        return Err(PeopleError::Invalid { field: "name", reason: reason.to_owned() });
    }
    Ok(name)
}

pub(super) fn changed(user: User, change: UserChange, now: u64) -> Result<User, PeopleError> {
    let invalid = |field, reason: &str| PeopleError::Invalid { field, reason: reason.to_owned() };
    let UserChange { full_name, mut roles, agent, external, disabled } = change;
    let full_name = full_name.trim().to_owned();
    if 200 < full_name.chars().count() || full_name.chars().any(char::is_control) {
        return Err(invalid("full_name", "at most 200 printable characters are accepted"));
    }
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() {
        return Err(invalid("roles", "one or more are needed"));
    }
    if roles.iter().any(|role| (*role == Role::Provider) != user.tenant.is_empty()) {
        let reason = "`provider` is the role of users without a tenant, and theirs alone";
        return Err(invalid("roles", reason));
    }
    if agent.is_some() && user.tenant.is_empty() {
        return Err(invalid("agent", "only a tenant's user is an agent"));
    }
    let roles = roles.iter().map(|role| role.name().to_owned()).collect();
    Ok(User { full_name, roles, agent, external, disabled, updated_at: now, ..user })
}
