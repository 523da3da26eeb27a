//! The bytes of components, in files named by their digest: too large for the log.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::checkpoint::sync_folder;
use crate::error::StoreError;
use crate::store::Store;

/// Returns the SHA-256 of a component's bytes in hexadecimal.
pub fn component_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Store {
    /// Keeps a component's bytes and returns their digest. Durable when it returns; blocks.
    ///
    /// Tenants share components: equal bytes are one file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn put_component(&self, bytes: &[u8]) -> Result<String, StoreError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let digest = component_digest(bytes);
        // What is there and whole need not be written again; what is damaged is mended.
        if matches!(self.component(&digest), Ok(Some(_))) {
            return Ok(digest);
        }
        let path = self.component_path(&digest)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_extension(format!("{number}.tmp"));
        let mut file = File::create(&temporary).map_err(StoreError::io("create", &temporary))?;
        file.write_all(bytes).map_err(StoreError::io("write", &temporary))?;
        file.sync_all().map_err(StoreError::io("sync", &temporary))?;
        fs::rename(&temporary, &path).map_err(StoreError::io("rename", &temporary))?;
        sync_folder(&self.shared().config.components())?;
        Ok(digest)
    }

    /// Returns the bytes of a component, `None` if it is not here. Blocks.
    ///
    /// # Errors
    ///
    /// [`StoreError::DigestMismatch`] if the file is damaged; [`StoreError::BadName`] if `digest`
    /// is no digest.
    pub fn component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.component_path(digest)?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        let found = component_digest(&bytes);
        if found != digest {
            return Err(StoreError::DigestMismatch { digest: digest.to_owned(), found });
        }
        Ok(Some(bytes))
    }

    /// Returns where a component's bytes are kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadName`] if `digest` is not 64 lower case hexadecimal digits: a digest that
    /// came from outside must not name another file.
    pub fn component_path(&self, digest: &str) -> Result<PathBuf, StoreError> {
        let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digest.len() != 64 || !digest.bytes().all(hexadecimal) {
            let value = digest.to_owned();
            return Err(StoreError::BadName { what: "digest", value, limit: 64 });
        }
        Ok(self.shared().config.components().join(format!("{digest}.wasm")))
    }
}
