//! One record as bytes.
//!
//! ```text
//! u32 length of what follows the checksum | u32 crc32 of it | u64 lsn | u64 acknowledged | u8 kind | payload
//! ```
//!
//! All little-endian. `acknowledged` is the highest record somebody had been told is durable when
//! this one was queued: a reader that finds a bad frame can tell a torn tail (nobody was promised
//! it) from damage (somebody was).

use std::sync::Arc;

use super::Lsn;

/// Length and checksum.
pub(crate) const HEAD: usize = 8;
/// Number, acknowledged, kind.
const FIXED: usize = 17;
/// The largest frame: a bound on what a reader allocates for a damaged length.
pub(crate) const MAX: usize = 64 << 20;

const JOURNAL: u8 = 1;
const KEY_VALUES: u8 = 2;

/// A key and what it is from now on; `None` deletes it.
pub(crate) type Op = (Vec<u8>, Option<Arc<[u8]>>);

/// Puts and deletes that happen together. The last one of a key wins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub ops: Vec<Op>,
}

impl Batch {
    pub fn put(&mut self, key: Vec<u8>, value: impl Into<Arc<[u8]>>) {
        self.ops.push((key, Some(value.into())));
    }

    pub fn delete(&mut self, key: Vec<u8>) {
        self.ops.push((key, None));
    }

    fn encode(&self, out: &mut Vec<u8>) {
        for (key, value) in &self.ops {
            out.extend((key.len() as u32).to_le_bytes());
            // The highest length stands for a delete; no value can have it (MAX is far below).
            let length = value.as_ref().map_or(u32::MAX, |value| value.len() as u32);
            out.extend(length.to_le_bytes());
            out.extend(key);
            out.extend(value.iter().flat_map(|value| value.iter()));
        }
    }

    /// Reads what [`Batch::encode`] wrote; `None` if it did not.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut ops = Vec::new();
        while !bytes.is_empty() {
            let key_length = take_u32(&mut bytes)? as usize;
            let length = take_u32(&mut bytes)?;
            let (key, rest) = bytes.split_at_checked(key_length)?;
            bytes = rest;
            let value = if length == u32::MAX {
                None
            } else {
                let (value, rest) = bytes.split_at_checked(length as usize)?;
                bytes = rest;
                Some(value.into())
            };
            ops.push((key.to_owned(), value));
        }
        Some(Self { ops })
    }

    /// Returns about how many bytes the batch takes in the log.
    pub fn size(&self) -> usize {
        let value = |value: &Option<Arc<[u8]>>| value.as_ref().map_or(0, |value| value.len());
        self.ops.iter().map(|(key, v)| 8 + key.len() + value(v)).sum()
    }
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*head))
}

/// What a record carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    /// A tenant's journal record.
    Journal { tenant: &'a str, bytes: &'a [u8] },
    /// A batch for the key-value state.
    KeyValues(&'a Batch),
}

impl Body<'_> {
    /// Returns how many bytes the frame will take.
    pub fn size(&self) -> usize {
        HEAD + FIXED
            + match self {
                Self::Journal { tenant, bytes } => 1 + tenant.len() + bytes.len(),
                Self::KeyValues(batch) => batch.size(),
            }
    }
}

/// Appends one frame to `out`.
pub(crate) fn encode(out: &mut Vec<u8>, lsn: Lsn, acknowledged: Lsn, body: Body<'_>) {
    let start = out.len();
    out.extend([0; HEAD]);
    out.extend(lsn.0.to_le_bytes());
    out.extend(acknowledged.0.to_le_bytes());
    match body {
        Body::Journal { tenant, bytes } => {
            out.push(JOURNAL);
            // A tenant's name has at most 64 bytes.
            out.push(tenant.len() as u8);
            out.extend(tenant.as_bytes());
            out.extend(bytes);
        }
        Body::KeyValues(batch) => {
            out.push(KEY_VALUES);
            batch.encode(out);
        }
    }
    let length = (out.len() - start - HEAD) as u32;
    let crc = crc32fast::hash(&out[start + HEAD..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + HEAD].copy_from_slice(&crc.to_le_bytes());
}

/// A frame that was read and whose checksum is right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Frame {
    pub lsn: Lsn,
    pub acknowledged: Lsn,
    kind: u8,
    payload: Vec<u8>,
}

impl Frame {
    /// Returns tenant and record, if this is one of a journal.
    pub fn journal(&self) -> Option<(&[u8], &[u8])> {
        if self.kind != JOURNAL {
            return None;
        }
        let (&length, rest) = self.payload.split_first()?;
        rest.split_at_checked(usize::from(length))
    }

    /// Returns the batch, if this is one.
    pub fn batch(&self) -> Option<Batch> {
        if self.kind != KEY_VALUES {
            return None;
        }
        Batch::decode(&self.payload)
    }

    /// Returns whether the frame says what this version understands.
    pub fn is_known(&self) -> bool {
        self.journal().is_some() || self.batch().is_some()
    }
}

/// Returns the length that follows a frame's head, and its checksum; or why it cannot be one.
pub(crate) fn parse_head(head: [u8; HEAD]) -> Result<(usize, u32), &'static str> {
    let [a, b, c, d, e, f, g, h] = head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if !(FIXED..=MAX).contains(&length) {
        return Err("the frame's length makes no sense");
    }
    Ok((length, u32::from_le_bytes([e, f, g, h])))
}

/// Reads the part of a frame that follows its head.
pub(crate) fn parse_rest(rest: &[u8], crc: u32) -> Result<Frame, &'static str> {
    if crc32fast::hash(rest) != crc {
        return Err("the frame's checksum is wrong");
    }
    let cut = || "the frame is too short";
    let (lsn, rest) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let (acknowledged, rest) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let (&kind, payload) = rest.split_first().ok_or_else(cut)?;
    Ok(Frame {
        lsn: Lsn(u64::from_le_bytes(*lsn)),
        acknowledged: Lsn(u64::from_le_bytes(*acknowledged)),
        kind,
        payload: payload.to_owned(),
    })
}

/// Returns whether `bytes` hold, at any offset, a whole frame queued after somebody was told that
/// `lsn` is durable.
pub(crate) fn any_acknowledges(bytes: &[u8], lsn: Lsn) -> bool {
    (0..bytes.len().saturating_sub(HEAD + FIXED - 1)).any(|at| {
        let head = bytes[at..].first_chunk::<HEAD>().copied();
        let Some(Ok((length, crc))) = head.map(parse_head) else { return false };
        let Some(rest) = bytes.get(at + HEAD..at + HEAD + length) else { return false };
        // Cheap refusal first: the checksum of every offset of a large tail would take minutes.
        let number = |from: usize| rest.get(from..)?.first_chunk::<8>().copied();
        let (Some(number), Some(told)) = (number(0), number(8)) else { return false };
        let (number, told) = (u64::from_le_bytes(number), u64::from_le_bytes(told));
        lsn.0 <= told && told < number && parse_rest(rest, crc).is_ok()
    })
}
