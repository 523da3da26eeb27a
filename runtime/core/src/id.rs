//! Names of things. A name is checked once, where it is made.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a name was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a name: 1 to 64 lower case letters, digits, `-`, `_` or `.` are accepted")]
pub struct NameError(pub String);

fn checked(name: &str) -> Result<Arc<str>, NameError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    if name.is_empty() || 64 < name.len() || !name.chars().all(fits) {
        return Err(NameError(name.to_owned()));
    }
    Ok(name.into())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks `name`.
            ///
            /// # Errors
            ///
            /// [`NameError`] unless it is 1 to 64 lower case letters, digits, `-`, `_` or `.`.
            pub fn new(name: &str) -> Result<Self, NameError> {
                checked(name).map(Self)
            }

            /// Returns the name as written in the configuration.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(name: String) -> Result<Self, NameError> {
                Self::new(&name)
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(name: &str) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// Names one tenant of the centre.
    TenantId;
    /// Names one agent within one tenant.
    AgentId;
    /// Names one queue within one tenant.
    QueueId;
}

/// Names one interaction within one tenant, whatever its channel.
///
/// The shell makes it from the microsecond of arrival, made unique; so names sort by arrival. Shown
/// as 13 characters of Crockford's base 32, such as `01jd8x2k4m7qa`.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct InteractionId(pub u64);

impl InteractionId {
    /// The names from here on are those of callbacks in line.
    const CALLBACKS: u64 = 1 << 63;

    /// Returns the name under which a callback stands in its queue's line. It is no interaction: it
    /// neither arrives nor is closed.
    pub const fn of_callback(callback: CallbackId) -> Self {
        Self(Self::CALLBACKS | callback.0)
    }

    /// Returns the callback that stands in line under this name, if it is one's.
    pub const fn callback(self) -> Option<CallbackId> {
        if self.0 < Self::CALLBACKS { None } else { Some(CallbackId(self.0 & !Self::CALLBACKS)) }
    }
}

const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl fmt::Display for InteractionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..13).rev() {
            let digit = (self.0 >> (place * 5)) & 31;
            write!(f, "{}", char::from(CROCKFORD[digit as usize]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for InteractionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for InteractionId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refused = || NameError(text.to_owned());
        if text.len() != 13 {
            return Err(refused());
        }
        text.bytes()
            .try_fold(0_u64, |sum, byte| {
                let digit = CROCKFORD.iter().position(|&c| c == byte.to_ascii_lowercase())?;
                sum.checked_mul(32)?.checked_add(digit as u64)
            })
            .map(Self)
            .ok_or_else(refused)
    }
}

impl Serialize for InteractionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InteractionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

numbers! {
    /// Names one question to a plugin within one tenant's journal.
    AskId;
    /// Names one callback within one tenant's journal.
    CallbackId;
    /// Names one offer within one tenant's journal: the lease of one agent to one interaction.
    OfferId;
}
