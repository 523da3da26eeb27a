//! From files in whatever condition to a store that may be trusted.
//!
//! The log decides. Its torn end is cut. sled is taken as it is if it opens, agrees with its own
//! account and is not ahead of the log; else it is moved aside and built anew from the newest
//! checkpoint. Then the log is read on from there.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::checkpoint;
use crate::error::StoreError;
use crate::kv::State;
use crate::store::StoreConfig;
use crate::wal::Lsn;
use crate::wal::frame::Batch;
use crate::wal::segment::{self, CutTail, Segment, SegmentReader};

const LOAD_PAIRS: usize = 1000;

/// What opening found and mended. Shown as one line for the operator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenReport {
    /// The newest record in the log.
    pub last_lsn: Lsn,
    /// The torn end that was removed from the log: writes nobody was told are durable.
    pub cut: Option<CutTail>,
    /// Why the key-value state was built anew, if it was.
    pub rebuilt: Option<String>,
    /// How many records were read to bring the key-value state up to date.
    pub replayed: u64,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for OpenReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store open at record {} in {:?}", self.last_lsn, self.took)?;
        if let Some(cut) = &self.cut {
            let (bytes, file) = (cut.bytes, cut.file.display());
            write!(f, "; cut {bytes} torn bytes off `{file}` ({})", cut.reason)?;
        }
        if let Some(reason) = &self.rebuilt {
            write!(f, "; rebuilt the key-value state, because {reason}")?;
        }
        if 0 < self.replayed {
            write!(f, "; replayed {} records", self.replayed)?;
        }
        Ok(())
    }
}

pub(crate) struct Recovered {
    pub state: State,
    pub report: OpenReport,
    /// Bytes of the log after the newest checkpoint, about.
    pub since_checkpoint: u64,
}

/// Recovers the store in `config.path`, whose lock the caller holds.
pub(crate) fn recover(config: &StoreConfig) -> Result<Recovered, StoreError> {
    let started = Instant::now();
    let mut segments = segment::list(&config.wal())?;
    let (mut cut, mut next) = (None, Lsn::ZERO.next());
    if let Some(newest) = segments.last() {
        let tail = segment::mend_tail(newest)?;
        (cut, next) = (tail.cut, tail.next);
        if tail.removed {
            segments.pop();
        }
    }
    let log = Log { segments, next };
    let ((state, from), rebuilt) = open_state(config, &log)?;
    let newest_checkpoint = checkpoint::list(&config.path)?.first().map(|found| found.start);
    let scan_from = newest_checkpoint.map_or(Lsn::ZERO, |start| start.min(from));
    let replayed = log.replay(&state, from, scan_from)?;
    if Lsn::ZERO < log.last() {
        state.apply(&[], log.last())?;
    }
    let since_checkpoint = log
        .segments
        .iter()
        .filter(|segment| newest_checkpoint.is_none_or(|start| start < segment.first))
        .filter_map(|segment| Some(fs::metadata(&segment.path).ok()?.len()))
        .sum();
    let report =
        OpenReport { last_lsn: log.last(), cut, rebuilt, replayed, took: started.elapsed() };
    Ok(Recovered { state, report, since_checkpoint })
}

struct Log {
    segments: Vec<Segment>,
    next: Lsn,
}

/// The state and the record from which the log must be applied to it.
type StateFrom = (State, Lsn);

fn open_state(config: &StoreConfig, log: &Log) -> Result<(StateFrom, Option<String>), StoreError> {
    let folder = config.sled();
    let marker = config.path.join("sled.opening");
    let reason = if marker.exists() {
        // Damage that ends or hangs the process would otherwise do so at every start.
        "an earlier start did not survive opening it".to_owned()
    } else {
        fs::write(&marker, b"").map_err(StoreError::io("create", &marker))?;
        let opened = State::open(&folder, config.cache_bytes, log.last());
        fs::remove_file(&marker).map_err(StoreError::io("remove", &marker))?;
        // From a checkpoint is faster than from the first record.
        let begun = |state: &State| state.applied() != Lsn::ZERO;
        let checkpointed = !checkpoint::list(&config.path)?.is_empty();
        match opened? {
            Ok(state) if checkpointed && !begun(&state) => "it is empty".to_owned(),
            Ok(state) if log.first() <= state.applied().next() => {
                let from = state.applied();
                return Ok(((state, from), None));
            }
            Ok(state) => format!("it ends at record {}, before the log begins", state.applied()),
            Err(reason) => reason,
        }
    };
    tracing::warn!(%reason, "rebuilding the key-value state from the log");
    let state = rebuild(config, log)?;
    if marker.exists() {
        fs::remove_file(&marker).map_err(StoreError::io("remove", &marker))?;
    }
    Ok((state, Some(reason)))
}

/// Moves sled's folder aside and loads the newest whole checkpoint into a new one.
fn rebuild(config: &StoreConfig, log: &Log) -> Result<StateFrom, StoreError> {
    for found in checkpoint::list(&config.path)? {
        // Read twice: a pair of a checkpoint that proves damaged later must not stay.
        match checkpoint::read(&found, |_, _| Ok(()))? {
            Ok(end) if end <= log.last() && log.first() <= found.start.next() => {
                let state = fresh_state(config)?;
                let mut pairs = Vec::new();
                let read = checkpoint::read(&found, |key, value| {
                    pairs.push((key, value));
                    if pairs.len() < LOAD_PAIRS {
                        return Ok(());
                    }
                    state.load(std::mem::take(&mut pairs))
                })?;
                if let Err(reason) = read {
                    let reason = format!("the checkpoint changed while it was read: {reason}");
                    let file = found.path;
                    return Err(StoreError::CorruptLog { file, offset: 0, reason });
                }
                state.load(pairs)?;
                return Ok((state, found.start));
            }
            Ok(end) => {
                let file = found.path.display();
                tracing::warn!(%file, %end, "the checkpoint does not fit the log: not used");
            }
            Err(reason) => {
                let file = found.path.display();
                tracing::warn!(%file, %reason, "the checkpoint is damaged: not used");
            }
        }
    }
    if Lsn::ZERO.next() < log.first() {
        return Err(StoreError::CannotRebuild { log_from: log.first().0 });
    }
    Ok((fresh_state(config)?, Lsn::ZERO))
}

fn fresh_state(config: &StoreConfig) -> Result<State, StoreError> {
    let (folder, aside) = (config.sled(), config.path.join("sled.broken"));
    if folder.exists() {
        remove_all(&aside)?;
        fs::rename(&folder, &aside).map_err(StoreError::io("rename", &folder))?;
        checkpoint::sync_folder(&config.path)?;
    }
    State::create(&folder, config.cache_bytes)
}

fn remove_all(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return fs::remove_dir_all(path).map_err(StoreError::io("remove", path));
    }
    if path.exists() {
        return fs::remove_file(path).map_err(StoreError::io("remove", path));
    }
    Ok(())
}

impl Log {
    fn last(&self) -> Lsn {
        Lsn(self.next.0 - 1)
    }

    /// Returns the first record the log still has, or will have.
    fn first(&self) -> Lsn {
        self.segments.first().map_or(self.next, |segment| segment.first)
    }

    /// Checks every record after `scan_from` and applies the batches after `from`.
    fn replay(&self, state: &State, from: Lsn, scan_from: Lsn) -> Result<u64, StoreError> {
        let (mut replayed, mut batches, mut size) = (0, Vec::new(), 0);
        for (place, segment) in self.segments.iter().enumerate() {
            let after = self.segments.get(place + 1);
            if after.is_some_and(|after| after.first <= scan_from.next()) {
                continue;
            }
            let damaged = |stop: segment::Stop| stop.into_error(&segment.path);
            let mut reader = SegmentReader::open(segment).map_err(damaged)?;
            while let Some(frame) = reader.next_frame().map_err(damaged)? {
                if frame.lsn <= from {
                    continue;
                }
                replayed += 1;
                if let Some(batch) = frame.batch() {
                    size += batch.size();
                    batches.push((frame.lsn, batch));
                }
                if 4 << 20 < size {
                    apply(state, &mut batches)?;
                    size = 0;
                }
            }
            let belongs = after.map_or(self.next, |after| after.first);
            if reader.next != belongs {
                return Err(gap(segment, after, reader.next, belongs, reader.offset));
            }
        }
        apply(state, &mut batches)?;
        Ok(replayed)
    }
}

fn apply(state: &State, batches: &mut Vec<(Lsn, Batch)>) -> Result<(), StoreError> {
    let Some(&(last, _)) = batches.last() else { return Ok(()) };
    state.apply(batches, last)?;
    batches.clear();
    Ok(())
}

fn gap(
    segment: &Segment,
    after: Option<&Segment>,
    found: Lsn,
    belongs: Lsn,
    offset: u64,
) -> StoreError {
    let file = segment.path.clone();
    if belongs < found {
        let reason = format!("it has records from {belongs}, which are another file's");
        return StoreError::CorruptLog { file, offset, reason };
    }
    let before = after.map_or(file, |after| after.path.clone());
    StoreError::MissingLog { missing_from: found.0, missing_to: belongs.0 - 1, before }
}
