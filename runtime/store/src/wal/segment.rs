//! One file of the log: its header, its frames, its torn end.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::Lsn;
use super::frame::{self, Frame};
use crate::error::StoreError;

const MAGIC: [u8; 8] = *b"JFWAL\x01\r\n";
/// Magic, schema, first number, created, crc32 of these.
pub(crate) const HEADER: usize = 8 + 4 + 8 + 8 + 4;
/// The schema of everything this version writes. Raise it when older versions would misread.
pub(crate) const SCHEMA: u32 = 1;

/// A file of the log as found in the folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Segment {
    pub path: PathBuf,
    pub first: Lsn,
}

/// Returns the name of the file that begins with `first`: names sort like numbers.
pub(crate) fn name(first: Lsn) -> String {
    format!("{:020}.log", first.0)
}

/// Returns the header of a new file.
pub(crate) fn header(first: Lsn, created_micros: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER);
    out.extend(MAGIC);
    out.extend(SCHEMA.to_le_bytes());
    out.extend(first.0.to_le_bytes());
    out.extend(created_micros.to_le_bytes());
    let crc = crc32fast::hash(&out);
    out.extend(crc.to_le_bytes());
    out
}

/// Lists the files of the log, oldest first.
pub(crate) fn list(folder: &Path) -> Result<Vec<Segment>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::io("list", folder))? {
        let path = entry.map_err(StoreError::io("list", folder))?.path();
        let first = path
            .extension()
            .filter(|extension| *extension == "log")
            .and_then(|_| path.file_stem()?.to_str()?.parse().ok());
        if let Some(first) = first {
            found.push(Segment { path, first: Lsn(first) });
        }
    }
    found.sort_by_key(|segment| segment.first);
    Ok(found)
}

/// Why reading stopped before the end of the file.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What is at `offset` is no frame.
    Bad { offset: u64, reason: String },
    /// The file itself could not be read, or is of a newer schema.
    Failed(StoreError),
}

impl Stop {
    /// Returns the error to report where a torn end cannot be.
    pub fn into_error(self, file: &Path) -> StoreError {
        match self {
            Self::Bad { offset, reason } => {
                StoreError::CorruptLog { file: file.to_owned(), offset, reason }
            }
            Self::Failed(error) => error,
        }
    }
}

/// Reads the frames of one file in order.
pub(crate) struct SegmentReader {
    file: BufReader<File>,
    path: PathBuf,
    /// Where the next frame starts.
    pub offset: u64,
    /// The number the next frame must have.
    pub next: Lsn,
    /// When the file was begun, in microseconds since the Unix epoch.
    pub created_micros: u64,
    scratch: Vec<u8>,
}

impl SegmentReader {
    /// Opens `segment` and checks its header.
    pub fn open(segment: &Segment) -> Result<Self, Stop> {
        let path = segment.path.clone();
        let file = File::open(&path).map_err(|e| Stop::Failed(StoreError::io("open", &path)(e)))?;
        let mut file = BufReader::with_capacity(256 << 10, file);
        let mut head = [0; HEADER];
        let bad = |reason: &str| Stop::Bad { offset: 0, reason: reason.to_owned() };
        fill(&mut file, &mut head, &path)?.then_some(()).ok_or_else(|| bad("no whole header"))?;
        let (body, crc) = head.split_at(HEADER - 4);
        if body[..8] != MAGIC || crc32fast::hash(body).to_le_bytes() != *crc {
            return Err(bad("the header's checksum is wrong"));
        }
        let u64_at = |at: usize| body[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        let schema = body[8..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b));
        if SCHEMA < schema {
            let error = StoreError::NewerSchema { file: path, found: schema, supported: SCHEMA };
            return Err(Stop::Failed(error));
        }
        if u64_at(12) != segment.first.0 {
            return Err(bad("the header is another file's"));
        }
        let (next, created_micros) = (segment.first, u64_at(20));
        let offset = HEADER as u64;
        Ok(Self { file, path, offset, next, created_micros, scratch: Vec::new() })
    }

    /// Returns which file this is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the next frame, or `None` at a clean end.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Stop> {
        let offset = self.offset;
        let bad = |reason: &str| Stop::Bad { offset, reason: reason.to_owned() };
        let mut head = [0; frame::HEAD];
        let got = fill_some(&mut self.file, &mut head, &self.path)?;
        if got == 0 {
            return Ok(None);
        }
        if got < head.len() {
            return Err(bad("the frame is cut off"));
        }
        let (length, crc) = frame::parse_head(head).map_err(bad)?;
        self.scratch.resize(length, 0);
        if !fill(&mut self.file, &mut self.scratch, &self.path)? {
            return Err(bad("the frame is cut off"));
        }
        let frame = frame::parse_rest(&self.scratch, crc).map_err(bad)?;
        if frame.lsn != self.next {
            return Err(bad(&format!("record {} where {} belongs", frame.lsn, self.next)));
        }
        if !frame.is_known() {
            return Err(bad("the frame's content makes no sense"));
        }
        self.offset += (frame::HEAD + length) as u64;
        self.next = self.next.next();
        Ok(Some(frame))
    }
}

/// Fills `out`; false if the file ends before.
fn fill(file: &mut impl Read, out: &mut [u8], path: &Path) -> Result<bool, Stop> {
    let wanted = out.len();
    Ok(fill_some(file, out, path)? == wanted)
}

fn fill_some(file: &mut impl Read, out: &mut [u8], path: &Path) -> Result<usize, Stop> {
    let mut got = 0;
    while got < out.len() {
        match file.read(&mut out[got..]) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => (),
            Err(error) => return Err(Stop::Failed(StoreError::io("read", path)(error))),
        }
    }
    Ok(got)
}

/// A torn end that was removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CutTail {
    /// The file.
    pub file: PathBuf,
    /// Its length now.
    pub at: u64,
    /// How many bytes were removed.
    pub bytes: u64,
    /// What was wrong with them.
    pub reason: String,
}

/// The newest file after its torn end, if any, was removed.
pub(crate) struct Tail {
    /// The number the next record gets.
    pub next: Lsn,
    pub cut: Option<CutTail>,
    /// The file has no record (and is gone now).
    pub removed: bool,
}

/// Finds the end of the newest file, removes what is torn, and makes the rest durable: what a killed
/// process wrote may still be in the page cache only, and later files imply that this one is whole.
pub(crate) fn mend_tail(segment: &Segment) -> Result<Tail, StoreError> {
    let path = &segment.path;
    let (mut end, mut next, mut torn) = (0, segment.first, None);
    match SegmentReader::open(segment) {
        Ok(mut reader) => {
            loop {
                match reader.next_frame() {
                    Ok(Some(_)) => (),
                    Ok(None) => break,
                    Err(Stop::Bad { reason, .. }) => {
                        torn = Some(reason);
                        break;
                    }
                    Err(Stop::Failed(error)) => return Err(error),
                }
            }
            (end, next) = (reader.offset, reader.next);
        }
        Err(Stop::Bad { reason, .. }) => torn = Some(reason),
        Err(Stop::Failed(error)) => return Err(error),
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(StoreError::io("open", path))?;
    let mut cut = None;
    if let Some(reason) = torn {
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(end)).map_err(StoreError::io("read", path))?;
        file.read_to_end(&mut rest).map_err(StoreError::io("read", path))?;
        if frame::any_acknowledges(&rest, next) {
            let reason = format!("{reason}; what is lost was acknowledged");
            return Err(StoreError::CorruptLog { file: path.clone(), offset: end, reason });
        }
        file.set_len(end).map_err(StoreError::io("cut", path))?;
        let bytes = rest.len() as u64;
        tracing::warn!(file = %path.display(), at = end, bytes, %reason, "cut the log's torn end");
        cut = Some(CutTail { file: path.clone(), at: end, bytes, reason });
    }
    file.sync_all().map_err(StoreError::io("sync", path))?;
    let removed = next == segment.first;
    if removed {
        fs::remove_file(path).map_err(StoreError::io("remove", path))?;
    }
    Ok(Tail { next, cut, removed })
}
