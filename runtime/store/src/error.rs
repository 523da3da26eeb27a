//! Why the store could not do what it was asked.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::phone::PhoneError;

/// Why the store refused or failed.
///
/// The message of a source error is not repeated: log the whole chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused an operation on a file.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// The operation: `create`, `read`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Another process has the folder.
    #[error("`{}` is locked: is another jackfield using it?", path.display())]
    Locked {
        /// The store's folder.
        path: PathBuf,
    },
    /// The log is damaged where it must not be: this is not a torn tail but lost data. Restore the
    /// file from a backup, or move the folder aside.
    #[error("the log file `{}` is damaged at byte {offset}: {reason}", file.display())]
    CorruptLog {
        /// The damaged file.
        file: PathBuf,
        /// Where its first bad frame starts.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A log file is missing: the records between two others are gone.
    #[error("the log lacks records {missing_from} to {missing_to}, which belong before `{}`", before.display())]
    MissingLog {
        /// The first record that is missing.
        missing_from: u64,
        /// The last record that is missing.
        missing_to: u64,
        /// The file after the gap.
        before: PathBuf,
    },
    /// A newer jackfield wrote this file.
    #[error("`{}` has schema {found}, this jackfield knows up to {supported}: use a newer one", file.display())]
    NewerSchema {
        /// The file that says so.
        file: PathBuf,
        /// The schema found.
        found: u32,
        /// The newest schema known here.
        supported: u32,
    },
    /// The key-value state is lost and what is left of log and checkpoints does not reach back to
    /// its beginning.
    #[error(
        "the state cannot be rebuilt: the log starts at record {log_from} and no checkpoint covers what was before"
    )]
    CannotRebuild {
        /// The first record the log still has.
        log_from: u64,
    },
    /// The key-value engine failed.
    #[error("the key-value engine failed")]
    Sled(#[source] sled::Error),
    /// More is waiting for the disk than may wait. Try again later; nothing was written.
    #[error("the disk is behind: {pending} bytes wait to be written, the limit is {limit}")]
    Busy {
        /// Bytes that wait.
        pending: usize,
        /// The limit, `pending_bytes_max`.
        limit: usize,
    },
    /// One write is larger than the log can carry.
    #[error("a write of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// An earlier write failed, so nothing later can be trusted to the disk: restart the process.
    #[error("the store stopped after a failed write: {reason}")]
    Failed {
        /// The first failure, with its causes.
        reason: Arc<str>,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A document is not what this version reads or writes.
    #[error("the document `{key}` cannot be read or written")]
    BadDocument {
        /// Its key, printable.
        key: String,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// A phone, an e-mail or an external id belongs to another contact already.
    #[error("{field} `{value}` belongs to the contact `{owner}`")]
    Conflict {
        /// `phone`, `email` or `external_id`.
        field: &'static str,
        /// The address.
        value: String,
        /// The id of the contact that has it.
        owner: String,
    },
    /// A phone number is not one.
    #[error(transparent)]
    Phone(#[from] PhoneError),
    /// An e-mail address is not one.
    #[error("`{value}` is not an e-mail address")]
    Email {
        /// As given.
        value: String,
    },
    /// A name holds a character that keys cannot, or is empty.
    #[error("`{value}` cannot be a {what}: 1 to {limit} bytes without a zero byte are accepted")]
    BadName {
        /// What it should have named.
        what: &'static str,
        /// As given.
        value: String,
        /// The longest accepted.
        limit: usize,
    },
    /// Something that was named does not exist.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// `flow version`, `component`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A plugin wants to keep more than it may.
    #[error("the plugin `{plugin}` would keep {wanted} bytes, its quota is {quota}")]
    QuotaExceeded {
        /// The plugin.
        plugin: String,
        /// What it would keep with this write.
        wanted: u64,
        /// What it may keep.
        quota: u64,
    },
    /// A component's bytes are not those its digest names.
    #[error("the component `{digest}` is damaged: its bytes have the digest `{found}`")]
    DigestMismatch {
        /// The digest asked for.
        digest: String,
        /// The digest of the bytes.
        found: String,
    },
    /// A CSV file cannot be imported at all: no header, or no column that names a contact.
    #[error("the CSV file cannot be imported: {reason}")]
    Csv {
        /// Why.
        reason: String,
    },
}

impl StoreError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    /// Returns the whole chain on one line: this message and those of its causes.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl From<sled::Error> for StoreError {
    fn from(source: sled::Error) -> Self {
        Self::Sled(source)
    }
}
