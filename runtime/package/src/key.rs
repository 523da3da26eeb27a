//! Ed25519 keys of publishers (RFC 8032), in the files that `openssl` reads and writes too.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::PackageError;

/// How public keys are written.
const PREFIX: &str = "ed25519:";

/// The half of a key that signs. Never shown.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Makes a new one from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`PackageError::BadKey`] if the system has none to give.
    pub fn generate() -> Result<Self, PackageError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| bad("the new key", error.to_string()))?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads a PKCS#8 file (`-----BEGIN PRIVATE KEY-----`).
    ///
    /// # Errors
    ///
    /// [`PackageError::BadKey`].
    pub fn from_pem(pem: &str) -> Result<Self, PackageError> {
        SigningKey::from_pkcs8_pem(pem).map(Self).map_err(|error| {
            let accepted = "a PKCS#8 file of `jackfield plugin key` is accepted";
            PackageError::BadKey { what: "it".to_owned(), problem: format!("{error}; {accepted}") }
        })
    }

    /// Returns the PKCS#8 file.
    ///
    /// # Errors
    ///
    /// [`PackageError::BadKey`] if it cannot be encoded.
    pub fn to_pem(&self) -> Result<String, PackageError> {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF);
        pem.map(|pem| pem.to_string()).map_err(|error| bad("the key", error.to_string()))
    }

    /// Returns the half that others may know.
    pub fn public(&self) -> PublisherKey {
        PublisherKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

/// The half of a key that verifies; written `ed25519:` and 32 bytes in base64.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublisherKey(VerifyingKey);

impl PublisherKey {
    /// Returns the key's name: the SHA-256 of its 32 bytes.
    pub fn id(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// Tells whether `signature` over `message` is this key's. Strict: no malleable signatures, no
    /// weak keys.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        self.0.verify_strict(message, &signature).is_ok()
    }
}

impl fmt::Display for PublisherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", STANDARD.encode(self.0.as_bytes()))
    }
}

impl FromStr for PublisherKey {
    type Err = PackageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let accepted = || bad(text, "`ed25519:` and 32 bytes in base64 are accepted".to_owned());
        let encoded = text.trim().strip_prefix(PREFIX).ok_or_else(accepted)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| accepted())?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| accepted())?;
        VerifyingKey::from_bytes(&bytes).map(Self).map_err(|_| accepted())
    }
}

impl TryFrom<String> for PublisherKey {
    type Error = PackageError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PublisherKey> for String {
    fn from(key: PublisherKey) -> Self {
        key.to_string()
    }
}

fn bad(what: &str, problem: String) -> PackageError {
    PackageError::BadKey { what: format!("`{what}`"), problem }
}
