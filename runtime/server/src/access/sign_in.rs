//! Signing in, and what somebody who has may change of themselves.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use jackfield_store::{Session, StoreError, User};

use super::people::{People, PeopleError, read};
use super::secret;

/// Recovery codes made at once.
const RECOVERY_CODES: usize = 8;

/// Somebody at the door.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What was typed as a name: `anna`, or `anna@acme` where several tenants have an anna.
    pub name: String,
    /// The password.
    pub password: String,
    /// A one-time code or a recovery code.
    pub code: Option<String>,
    /// From where.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub browser: String,
    /// Microseconds since the Unix epoch.
    pub now: u64,
}

/// Why somebody was not let in.
#[derive(Debug)]
pub enum Refused {
    /// The name or the password is wrong; which is not told.
    Wrong,
    /// The password is right, and a code is needed.
    CodeNeeded,
    /// The password is right, the code is not.
    WrongCode,
    /// Too many failures: try again later.
    Wait(Duration),
    /// The store refused it.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Somebody who has signed in.
#[derive(Debug)]
pub struct Signed {
    /// The value of the cookie, which is not kept.
    pub cookie: String,
    /// The session.
    pub session: Session,
}

impl People {
    /// Who is meant by what was typed: the only one of this name, or `name@tenant`.
    pub fn meant(&self, typed: &str) -> Option<User> {
        let typed = typed.trim().to_lowercase();
        let users = read(&self.users);
        let mut named = users.values().filter(|user| user.name == typed);
        if let (Some(one), None) = (named.next(), named.next()) {
            return Some(one.clone());
        }
        let (name, tenant) = typed.rsplit_once('@')?;
        users.get(&(tenant.to_owned(), name.to_owned())).cloned()
    }

    /// Looks at name, password and code and begins a session. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub async fn sign_in(&self, attempt: Attempt) -> Result<Signed, Refused> {
        let now = Instant::now();
        let Attempt { name, password, code, address, browser, now: at } = attempt;
        let typed = name.trim().to_lowercase();
        let tried = [format!("{typed} {address}"), address.to_string(), typed];
        let wait = self.throttles.iter().zip(&tried).filter_map(|(one, who)| one.wait(who, now));
        if let Some(wait) = wait.max() {
            return Err(Refused::Wait(wait));
        }
        // Counted before it is known, so that guesses at the same time are counted as well.
        for (throttle, who) in self.throttles.iter().zip(&tried) {
            throttle.failed(who, now);
        }
        let user = self.meant(&name).filter(|user| !user.disabled);
        let hash = user.as_ref().and_then(|user| user.password.clone());
        let right = {
            let Ok(_permit) = self.hashing.acquire().await else { return Err(Refused::Wrong) };
            let check = move || secret::verify(&password, hash.as_deref());
            tokio::task::spawn_blocking(check).await.unwrap_or(false)
        };
        let user = user.filter(|_| right).ok_or(Refused::Wrong)?;
        let second = self.second(&user, code.as_deref(), at);
        // Who knows the password and types the code next has not failed; a wrong code has.
        if !matches!(second, Err(Refused::WrongCode)) {
            for (throttle, who) in self.throttles.iter().zip(&tried) {
                throttle.succeeded(who);
            }
        }
        second?;
        self.begin(&user.tenant, &user.name, None, address, browser, at).await
    }

    /// Looks at the second factor of who has one.
    fn second(&self, user: &User, code: Option<&str>, now: u64) -> Result<(), Refused> {
        let Some(secret) = &user.totp else { return Ok(()) };
        let plain: String =
            code.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
        if plain.is_empty() {
            return Err(Refused::CodeNeeded);
        }
        let mut user = self.user(&user.tenant, &user.name).map_err(|_| Refused::Wrong)?;
        if let Some(step) = secret::totp_step(secret, &plain, now / 1_000_000, user.totp_step) {
            user.totp_step = step;
            self.keep_user(user)?;
            return Ok(());
        }
        let digest = secret::digest(&plain.to_lowercase());
        let left = user.recovery.len();
        user.recovery.retain(|kept| *kept != digest);
        if user.recovery.len() == left {
            return Err(Refused::WrongCode);
        }
        self.keep_user(user)?;
        Ok(())
    }

    /// Begins a session of a user, or of an access token with this digest. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`Refused::Store`].
    pub async fn begin(
        &self,
        tenant: &str,
        user: &str,
        token: Option<String>,
        address: IpAddr,
        browser: String,
        now: u64,
    ) -> Result<Signed, Refused> {
        let cookie = secret::random_token();
        let session = Session {
            id: secret::digest(&cookie),
            tenant: tenant.to_owned(),
            user: user.to_owned(),
            token,
            began_at: now,
            used_at: now,
            address: address.to_string(),
            browser: browser.chars().take(200).collect(),
        };
        let written = self.keep_session(session.clone())?;
        let mut own: Vec<(u64, String)> = read(&self.sessions)
            .values()
            .filter(|one| {
                (&one.tenant, &one.user, &one.token)
                    == (&session.tenant, &session.user, &session.token)
            })
            .map(|one| (one.began_at, one.id.clone()))
            .collect();
        own.sort_unstable();
        let over = own.len().saturating_sub(self.policy.sessions_each);
        let over: Vec<String> = own.into_iter().take(over).map(|(_, id)| id).collect();
        if !over.is_empty() {
            self.end_sessions(|one| over.contains(&one.id))?;
        }
        self.durable(written).await?;
        Ok(Signed { cookie, session })
    }

    /// Changes one's own password; the other sessions end. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Invalid`] if the old one is wrong or the new one not accepted.
    pub async fn change_password(
        &self,
        session: &Session,
        old: String,
        new: String,
        now: u64,
    ) -> Result<User, PeopleError> {
        let user = self.user(&session.tenant, &session.user)?;
        self.confirm(&user, "old", old.clone()).await?;
        if old == new {
            let reason = "it is the old one".to_owned();
            return Err(PeopleError::Invalid { field: "new", reason });
        }
        let hash = self.hash("new", new, &user.name).await?;
        let user = User { password: Some(hash), must_change: false, updated_at: now, ..user };
        self.keep_user(user.clone())?;
        let of_user = |one: &Session| one.tenant == user.tenant && one.user == user.name;
        self.end_sessions(|one| of_user(one) && one.id != session.id)?;
        let written = self.keep_session(session.clone())?;
        self.durable(written).await?;
        Ok(user)
    }

    /// Looks at the password of somebody who has signed in, as slowly as at the door.
    async fn confirm(
        &self,
        user: &User,
        field: &'static str,
        password: String,
    ) -> Result<(), PeopleError> {
        let wrong = |reason: String| PeopleError::Invalid { field, reason };
        let now = Instant::now();
        let who = format!("{} {}", user.tenant, user.name);
        let [throttle, ..] = &self.throttles;
        if let Some(wait) = throttle.wait(&who, now) {
            return Err(wrong(format!("too many failures: try again in {} s", wait.as_secs() + 1)));
        }
        throttle.failed(&who, now);
        let hash = user.password.clone();
        let _permit = self.hashing.acquire().await.map_err(|error| wrong(error.to_string()))?;
        let check = move || secret::verify(&password, hash.as_deref());
        if !tokio::task::spawn_blocking(check).await.unwrap_or(false) {
            return Err(wrong("it is not the password".to_owned()));
        }
        throttle.succeeded(&who);
        Ok(())
    }

    /// Switches one-time codes on with a secret whose code was shown; returns recovery codes, which
    /// are not kept. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Invalid`] if the code is not the secret's.
    pub async fn switch_totp_on(
        &self,
        session: &Session,
        totp: &str,
        code: &str,
        now: u64,
    ) -> Result<Vec<String>, PeopleError> {
        let user = self.user(&session.tenant, &session.user)?;
        let Some(step) = secret::totp_step(totp, code.trim(), now / 1_000_000, 0) else {
            let reason = "it is not the code of now; is the telephone's clock right?".to_owned();
            return Err(PeopleError::Invalid { field: "code", reason });
        };
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| secret::readable(3)).collect();
        let user = User {
            totp: Some(totp.to_owned()),
            totp_step: step,
            recovery: codes.iter().map(|code| secret::digest(code)).collect(),
            updated_at: now,
            ..user
        };
        let written = self.keep_user(user)?;
        self.durable(written).await?;
        Ok(codes)
    }

    /// Switches one-time codes off. Durable when it returns.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Invalid`] if it is not the password.
    pub async fn switch_totp_off(
        &self,
        session: &Session,
        password: String,
        now: u64,
    ) -> Result<(), PeopleError> {
        let user = self.user(&session.tenant, &session.user)?;
        self.confirm(&user, "password", password).await?;
        let user = User { totp: None, recovery: Vec::new(), updated_at: now, ..user };
        let written = self.keep_user(user)?;
        Ok(self.durable(written).await?)
    }
}

#[cfg(test)]
mod tests;
