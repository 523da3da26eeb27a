//! Signatures: a statement in a DSSE envelope (secure-systems-lab/dsse, protocol v1.0.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::PackageError;
use crate::key::{PublisherKey, SecretKey};

/// What kind of payload is signed.
const PAYLOAD_TYPE: &str = "application/vnd.jackfield.statement.v1+json";

/// What a publisher signs: that these bytes are this version of this plugin.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The plugin.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The component's manifest: the component and all files.
    pub package: Digest,
}

/// A signed statement.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<Signed>,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    keyid: Digest,
    sig: String,
}

impl Envelope {
    /// Signs a statement.
    ///
    /// # Errors
    ///
    /// [`PackageError::Malformed`] if it cannot be written, which does not happen.
    pub fn sign(statement: &Statement, key: &SecretKey) -> Result<Self, PackageError> {
        let payload = serde_json::to_vec(statement).map_err(malformed)?;
        let signature = key.sign(&pre_authentication(&payload));
        Ok(Self {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload: STANDARD.encode(&payload),
            signatures: vec![Signed { keyid: key.public().id(), sig: STANDARD.encode(signature) }],
        })
    }

    /// Returns the names of the keys that are said to have signed.
    pub fn key_ids(&self) -> Vec<Digest> {
        self.signatures.iter().map(|signed| signed.keyid).collect()
    }

    /// Returns the statement if `key` signed it, `None` if it did not.
    pub fn verified_by(&self, key: &PublisherKey) -> Option<Statement> {
        if self.payload_type != PAYLOAD_TYPE {
            return None;
        }
        let payload = STANDARD.decode(&self.payload).ok()?;
        let message = pre_authentication(&payload);
        let by_key = |signed: &&Signed| {
            let bytes = STANDARD.decode(&signed.sig).unwrap_or_default();
            signed.keyid == key.id() && key.verifies(&message, &bytes)
        };
        self.signatures.iter().find(by_key)?;
        serde_json::from_slice(&payload).ok()
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, PackageError> {
        serde_json::to_vec(self).map_err(malformed)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, PackageError> {
        serde_json::from_slice(bytes).map_err(malformed)
    }
}

fn malformed(error: serde_json::Error) -> PackageError {
    PackageError::Malformed { file: "signature".to_owned(), problem: error.to_string() }
}

/// DSSE's PAE: what is signed besides the payload is its type and both lengths.
fn pre_authentication(payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len());
    [head.as_bytes(), payload].concat()
}
