//! A copy of the key-value state in one file, so that the log need not reach back to its beginning.
//!
//! ```text
//! magic | u32 schema | u64 start | (u32 key length | u32 value length | key | value)* |
//! u32::MAX | u32::MAX | u64 end | u64 count | u32 crc32 of all before
//! ```
//!
//! The copy is taken while writes go on, so it holds some writes between `start` and `end` and not
//! others. Loading it and then applying every batch after `start` gives the exact state again,
//! because puts and deletes may be repeated; the log on disk reaches `end`, because sled only ever
//! gets what is durable.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::StoreError;
use crate::kv::{META, State};
use crate::wal::Lsn;
use crate::wal::queue::Queue;
use crate::wal::segment::{self, SCHEMA, SegmentReader};

const MAGIC: [u8; 8] = *b"JFCKP\x01\r\n";
const KEPT: usize = 2;
/// No key or value is longer: the log's frames are not.
const LONGEST: usize = crate::wal::frame::MAX;

/// A checkpoint's file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Found {
    pub path: PathBuf,
    /// Everything up to here is in it.
    pub start: Lsn,
}

/// Lists the checkpoints of `folder`, newest first.
pub(crate) fn list(folder: &Path) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io("list", folder))? {
        let path = entry.map_err(StoreError::io("list", folder))?.path();
        let start = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("checkpoint-")?.strip_suffix(".jfc")?.parse().ok());
        if let Some(start) = start {
            found.push(Found { path, start: Lsn(start) });
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.start));
    Ok(found)
}

struct Summed<T> {
    inner: T,
    crc: crc32fast::Hasher,
}

impl<T: Write> Summed<T> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<T: Read> Summed<T> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut out = [0; N];
        self.inner.read_exact(&mut out)?;
        self.crc.update(&out);
        Ok(out)
    }

    fn take_many(&mut self, length: u32) -> io::Result<Vec<u8>> {
        if LONGEST < length as usize {
            return Err(io::Error::other("a length makes no sense"));
        }
        let mut out = vec![0; length as usize];
        self.inner.read_exact(&mut out)?;
        self.crc.update(&out);
        Ok(out)
    }
}

/// Writes a checkpoint into `folder` and returns up to where it reaches for sure.
pub(crate) fn write(folder: &Path, state: &State, queue: &Queue) -> Result<Lsn, StoreError> {
    let start = state.applied();
    let path = folder.join(format!("checkpoint-{:020}.jfc", start.0));
    let temporary = folder.join("checkpoint.tmp");
    let file = File::create(&temporary).map_err(StoreError::io("create", &temporary))?;
    let inner = BufWriter::with_capacity(256 << 10, file);
    let mut out = Summed { inner, crc: crc32fast::Hasher::new() };
    let io = |error| StoreError::io("write", &temporary)(error);
    out.put(&MAGIC).map_err(io)?;
    out.put(&SCHEMA.to_le_bytes()).map_err(io)?;
    out.put(&start.0.to_le_bytes()).map_err(io)?;
    let mut count = 0_u64;
    for pair in state.db.iter() {
        let (key, value) = pair?;
        if key == META {
            continue;
        }
        count += 1;
        out.put(&(key.len() as u32).to_le_bytes()).map_err(io)?;
        out.put(&(value.len() as u32).to_le_bytes()).map_err(io)?;
        out.put(&key).map_err(io)?;
        out.put(&value).map_err(io)?;
    }
    // Read after the copy: whatever the copy saw was durable before sled got it.
    let end = queue.durable();
    out.put(&[0xff; 8]).map_err(io)?;
    out.put(&end.0.to_le_bytes()).map_err(io)?;
    out.put(&count.to_le_bytes()).map_err(io)?;
    let crc = out.crc.clone().finalize();
    out.put(&crc.to_le_bytes()).map_err(io)?;
    let file = out.inner.into_inner().map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(StoreError::io("sync", &temporary))?;
    fs::rename(&temporary, &path).map_err(StoreError::io("rename", &temporary))?;
    sync_folder(folder)?;
    Ok(start)
}

/// Makes the names in `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(StoreError::io("sync", folder))
}

/// Reads a checkpoint and returns its end. `Err(reason)` in the inner result: it is damaged.
pub(crate) fn read(
    found: &Found,
    mut pair: impl FnMut(Vec<u8>, Vec<u8>) -> Result<(), StoreError>,
) -> Result<Result<Lsn, String>, StoreError> {
    let file = File::open(&found.path).map_err(StoreError::io("open", &found.path))?;
    let inner = BufReader::with_capacity(256 << 10, file);
    let mut file = Summed { inner, crc: crc32fast::Hasher::new() };
    let mut refused = None;
    let end = read_body(&mut file, found, &mut |key, value| {
        pair(key, value).map_err(|error| {
            refused = Some(error);
            io::Error::other("not taken")
        })
    });
    match (refused, end) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Ok(Err(error.to_string())),
        (None, Ok(end)) => Ok(Ok(end)),
    }
}

fn read_body(
    file: &mut Summed<impl Read>,
    found: &Found,
    pair: &mut dyn FnMut(Vec<u8>, Vec<u8>) -> io::Result<()>,
) -> io::Result<Lsn> {
    let bad = |reason: &str| Err(io::Error::other(reason.to_owned()));
    if file.take()? != MAGIC {
        return bad("it does not begin like a checkpoint");
    }
    let schema = u32::from_le_bytes(file.take()?);
    if SCHEMA < schema {
        return bad(&format!("it has the schema {schema}, this jackfield knows up to {SCHEMA}"));
    }
    if u64::from_le_bytes(file.take()?) != found.start.0 {
        return bad("it is another checkpoint's");
    }
    let mut count = 0;
    loop {
        let key = u32::from_le_bytes(file.take()?);
        let value = u32::from_le_bytes(file.take()?);
        if key == u32::MAX {
            break;
        }
        let key = file.take_many(key)?;
        let value = file.take_many(value)?;
        pair(key, value)?;
        count += 1;
    }
    let end = Lsn(u64::from_le_bytes(file.take()?));
    if u64::from_le_bytes(file.take()?) != count {
        return bad("its count is wrong");
    }
    let crc = file.crc.clone().finalize();
    if u32::from_le_bytes(file.take()?) != crc {
        return bad("its checksum is wrong");
    }
    Ok(end)
}

/// Removes checkpoints but the newest two, and the log's files that neither the older of these nor
/// the journal's keeping time needs. Returns how many of the log's files were removed.
pub(crate) fn retire(
    folder: &Path,
    wal: &Path,
    keep_after: Option<u64>,
) -> Result<u64, StoreError> {
    let checkpoints = list(folder)?;
    for old in checkpoints.iter().skip(KEPT) {
        fs::remove_file(&old.path).map_err(StoreError::io("remove", &old.path))?;
    }
    // With one checkpoint only, its damage would leave nothing to rebuild from.
    let (Some(keep_after), Some(needed)) = (keep_after, checkpoints.get(KEPT - 1)) else {
        return Ok(0);
    };
    let segments = segment::list(wal)?;
    let mut removed = 0;
    for (old, next) in segments.iter().zip(segments.iter().skip(1)) {
        let superseded = next.first <= needed.start.next();
        // The next file's beginning is the end of this one's time.
        let ended = SegmentReader::open(next).map_err(|stop| stop.into_error(&next.path))?;
        if !superseded || keep_after <= ended.created_micros {
            break;
        }
        fs::remove_file(&old.path).map_err(StoreError::io("remove", &old.path))?;
        removed += 1;
    }
    if 0 < removed {
        sync_folder(wal)?;
    }
    Ok(removed)
}
