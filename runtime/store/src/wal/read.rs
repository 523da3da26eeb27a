//! Reading a tenant's journal out of the log.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::path::Path;

use super::Lsn;
use super::segment::{self, Segment, SegmentReader, Stop};
use crate::error::StoreError;

/// The records of one tenant in order, up to the newest that was durable when reading began.
///
/// Ends after the first error.
pub struct Journal {
    tenant: String,
    from: Lsn,
    until: Lsn,
    segments: VecDeque<Segment>,
    reader: Option<(SegmentReader, Segment)>,
    error: Option<StoreError>,
}

impl Journal {
    pub(crate) fn new(folder: &Path, tenant: &str, from: Lsn, until: Lsn) -> Self {
        let (mut segments, error) = match segment::list(folder) {
            Ok(segments) => (VecDeque::from(segments), None),
            Err(error) => (VecDeque::new(), Some(error)),
        };
        while segments.get(1).is_some_and(|second| second.first <= from) {
            segments.pop_front();
        }
        Self { tenant: tenant.to_owned(), from, until, segments, reader: None, error }
    }

    fn read(&mut self) -> Result<Option<(Lsn, Vec<u8>)>, StoreError> {
        loop {
            if self.reader.is_none() && !self.open_next()? {
                return Ok(None);
            }
            let Some((reader, segment)) = &mut self.reader else { return Ok(None) };
            // What is behind may be half written at this moment.
            if self.until < reader.next {
                return Ok(None);
            }
            match reader.next_frame().map_err(|stop| stop.into_error(&segment.path))? {
                None => self.end_of_segment()?,
                Some(frame) => match frame.journal() {
                    Some((tenant, bytes))
                        if self.from <= frame.lsn && tenant == self.tenant.as_bytes() =>
                    {
                        return Ok(Some((frame.lsn, bytes.to_owned())));
                    }
                    _ => (),
                },
            }
        }
    }

    fn open_next(&mut self) -> Result<bool, StoreError> {
        while let Some(segment) = self.segments.pop_front() {
            match SegmentReader::open(&segment) {
                Ok(reader) => {
                    self.reader = Some((reader, segment));
                    return Ok(true);
                }
                // Its time was over between listing and opening: the journal begins later now.
                Err(Stop::Failed(StoreError::Io { source, .. }))
                    if source.kind() == ErrorKind::NotFound => {}
                // Begun after the last durable record.
                Err(Stop::Bad { .. }) if self.until < segment.first => return Ok(false),
                Err(stop) => return Err(stop.into_error(&segment.path)),
            }
        }
        Ok(false)
    }

    fn end_of_segment(&mut self) -> Result<(), StoreError> {
        let Some((reader, segment)) = self.reader.take() else { return Ok(()) };
        let went_on = !self.segments.is_empty() || self.grew(&reader);
        match self.segments.front() {
            Some(next) if next.first != reader.next => Err(StoreError::MissingLog {
                missing_from: reader.next.0,
                missing_to: next.first.0.saturating_sub(1),
                before: next.path.clone(),
            }),
            // A file that ends early, with none after it, has lost what was durable.
            None if reader.next <= self.until && !went_on => Err(StoreError::CorruptLog {
                file: segment.path,
                offset: reader.offset,
                reason: format!("it ends before record {}", self.until),
            }),
            _ => Ok(()),
        }
    }

    /// Returns whether the log went on in a new file since its files were listed; if so, lists it.
    fn grew(&mut self, reader: &SegmentReader) -> bool {
        let Some(folder) = reader.path().parent() else { return false };
        let Ok(segments) = segment::list(folder) else { return false };
        self.segments = segments.into_iter().filter(|s| reader.next <= s.first).collect();
        self.segments.front().is_some_and(|segment| segment.first == reader.next)
    }
}

impl Iterator for Journal {
    type Item = Result<(Lsn, Vec<u8>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = match self.error.take() {
            Some(error) => Err(error),
            None => self.read(),
        };
        if read.is_err() {
            (self.reader, self.until) = (None, Lsn::ZERO);
            self.segments.clear();
        }
        read.transpose()
    }
}
