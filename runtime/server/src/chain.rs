//! The chain of a journal: each record carries the digest of itself and of all before it.
//!
//! A record is JSON; what is added here is its last member:
//!
//! ```text
//! {"at":…,"input":…,"outputs":…,"chain":{"after":"…","digest":"…"}}
//! ```
//!
//! `digest` is SHA-256 (FIPS 180-4) over the 32 bytes of the digest before it and the record's bytes
//! as they were without the chain. `after` is that digest before, and is written by the first record
//! of each run of the process, so that a part of a journal can be tested alone. Before the first
//! record of all stand 32 zeros. Records of older releases have no chain.

use sha2::{Digest as _, Sha256};

/// A digest of the chain.
pub type Link = [u8; 32];

/// Where the chain of one tenant ends.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Chain {
    last: Link,
    /// Whether a record of this run has said what it follows.
    begun: bool,
}

/// A record without its chain, and what the chain said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sealed {
    /// The record's bytes.
    pub record: Vec<u8>,
    /// The digest of the record before, if this one is the first of a run.
    pub after: Option<Link>,
    /// The digest of this record.
    pub digest: Link,
}

/// What begins the chain within a record.
const MARK: &[u8] = b",\"chain\":{";

impl Chain {
    /// A chain that goes on after `last`; zeros are before the first record of all.
    pub fn after(last: Link) -> Self {
        Self { last, begun: false }
    }

    /// Adds the chain to a record, which must be a JSON object.
    pub fn seal(&mut self, record: Vec<u8>) -> Vec<u8> {
        let digest = link(&self.last, &record);
        let mut sealed = record;
        // The closing brace comes after the chain.
        sealed.pop();
        sealed.extend_from_slice(MARK);
        if !self.begun {
            sealed.extend_from_slice(format!("\"after\":\"{}\",", hex(&self.last)).as_bytes());
        }
        sealed.extend_from_slice(format!("\"digest\":\"{}\"}}}}", hex(&digest)).as_bytes());
        (self.last, self.begun) = (digest, true);
        sealed
    }
}

/// Returns the digest of a record that follows `before`.
pub fn link(before: &Link, record: &[u8]) -> Link {
    Sha256::new().chain_update(before).chain_update(record).finalize().into()
}

/// Takes a record and its chain apart; `None` if it has none.
pub fn unseal(bytes: &[u8]) -> Option<Sealed> {
    let at = bytes.windows(MARK.len()).rposition(|window| window == MARK)?;
    let (record, chain) = (bytes.get(..at)?, bytes.get(at + MARK.len()..)?);
    let chain = std::str::from_utf8(chain).ok()?.strip_suffix("\"}}")?;
    let (after, digest) = match chain.strip_prefix("\"after\":\"") {
        Some(rest) => {
            let (after, digest) = rest.split_once("\",\"digest\":\"")?;
            (Some(parse(after)?), digest)
        }
        None => (None, chain.strip_prefix("\"digest\":\"")?),
    };
    Some(Sealed { record: [record, b"}"].concat(), after, digest: parse(digest)? })
}

/// Writes a digest in lower case hexadecimal.
pub fn hex(link: &Link) -> String {
    link.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse(text: &str) -> Option<Link> {
    let mut link = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in link.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_apart_as_it_was_sealed() {
        let mut chain = Chain::default();
        let records: [&[u8]; 3] =
            [b"{\"at\":1}", b"{\"note\":\",\\\"chain\\\":{\"}", b"{\"at\":3}"];
        let mut before = [0; 32];
        for (index, record) in records.into_iter().enumerate() {
            let sealed = chain.seal(record.to_vec());
            assert!(serde_json::from_slice::<serde_json::Value>(&sealed).is_ok());
            let apart = unseal(&sealed).expect("it is sealed");
            assert_eq!(apart.record, record);
            assert_eq!(apart.after, (index == 0).then_some([0; 32]));
            assert_eq!(apart.digest, link(&before, record));
            before = apart.digest;
        }
        assert_eq!(unseal(b"{\"at\":1}"), None);
    }

    #[test]
    fn a_process_goes_on_where_the_one_before_it_ended() {
        let mut first = Chain::default();
        let digest = unseal(&first.seal(b"{\"at\":1}".to_vec())).expect("it is sealed").digest;
        let sealed = Chain::after(digest).seal(b"{\"at\":2}".to_vec());
        let next = unseal(&sealed).expect("it is sealed");
        assert_eq!(next.after, Some(digest));
        assert_eq!(next.digest, link(&digest, b"{\"at\":2}"));
    }

    #[test]
    fn any_changed_byte_is_another_digest() {
        let sealed = Chain::default().seal(b"{\"at\":1,\"who\":\"alice\"}".to_vec());
        let whole = unseal(&sealed).expect("it is sealed");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            let same = unseal(&changed).is_some_and(|apart| {
                apart.digest == link(&[0; 32], &apart.record) && apart.after == whole.after
            });
            assert!(!same, "byte {index}");
        }
    }
}
