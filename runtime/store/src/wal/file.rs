//! The log's files behind a small trait, so that a test can lose what was not synced.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// A folder of log files.
pub(crate) trait LogFolder: Send + Sync {
    /// Creates the file `name`, which must not exist.
    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Makes the creation of files durable.
    fn sync(&self) -> io::Result<()>;
}

/// A file that grows at its end.
pub(crate) trait LogFile: Send {
    /// Adds `bytes` at the end; not durable yet.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything appended durable: on the medium, not in a cache.
    fn sync(&mut self) -> io::Result<()>;
}

/// A folder of the operating system.
pub(crate) struct OsFolder(pub PathBuf);

impl LogFolder for OsFolder {
    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let file = OpenOptions::new().append(true).create_new(true).open(self.0.join(name))?;
        Ok(Box::new(OsFile(file)))
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }
}

struct OsFile(File);

impl LogFile for OsFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        // fdatasync: the length is part of the data that must survive, times are not.
        self.0.sync_data()
    }
}
