//! Compiled plugins on disk. Machine code is only loaded if this host wrote it: each file has a
//! keyed digest beside it, and the key is readable by this user only.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

const KEY_BYTES: usize = 64;

/// The folder and its key.
#[derive(Debug)]
pub struct Cache {
    dir: PathBuf,
    key: [u8; KEY_BYTES],
    /// Two files make one entry: nobody reads between them, nobody else writes.
    entry: Mutex<()>,
}

impl Cache {
    /// Opens the folder, creating it and its key if need be.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        Ok(Self { dir: dir.to_owned(), key: key(dir)?, entry: Mutex::default() })
    }

    /// Returns a name for a temporary file that nobody else uses.
    pub fn temporary(&self, suffix: &str) -> PathBuf {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        self.dir.join(format!("tmp-{}-{next}{suffix}", std::process::id()))
    }

    /// Reads machine code kept under `name`; `None` if there is none that this host wrote.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entry.lock().unwrap_or_else(PoisonError::into_inner);
        let code = fs::read(self.dir.join(format!("{name}.cwasm"))).ok()?;
        let mac = fs::read(self.dir.join(format!("{name}.mac"))).ok()?;
        drop(entry);
        if same(&mac, &self.mac(name, &code)) {
            return Some(code);
        }
        tracing::warn!(name, "a compiled plugin was changed by somebody else: compiling it again");
        None
    }

    /// Keeps machine code under `name`. A crash in between leaves a file without its digest, which
    /// is not loaded.
    pub fn put(&self, name: &str, code: &[u8]) -> io::Result<()> {
        let mac = self.mac(name, code);
        let _entry = self.entry.lock().unwrap_or_else(PoisonError::into_inner);
        for (suffix, bytes) in [("cwasm", code), ("mac", &mac[..])] {
            let temporary = self.temporary(suffix);
            write_private(&temporary, bytes)?;
            fs::rename(temporary, self.dir.join(format!("{name}.{suffix}")))?;
        }
        Ok(())
    }

    /// HMAC-SHA-256 of the name and the code (RFC 2104).
    fn mac(&self, name: &str, code: &[u8]) -> [u8; 32] {
        let pad = |with: u8| self.key.map(|byte| byte ^ with);
        let mut inner = Sha256::new();
        inner.update(pad(0x36));
        inner.update((name.len() as u64).to_le_bytes());
        inner.update(name);
        inner.update(code);
        let mut outer = Sha256::new();
        outer.update(pad(0x5c));
        outer.update(inner.finalize());
        outer.finalize().into()
    }
}

/// Writes a file that only this user can read.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

fn key(dir: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let path = dir.join("key");
    let mut key = [0; KEY_BYTES];
    if let Ok(kept) = fs::read(&path)
        && kept.len() == KEY_BYTES
    {
        key.copy_from_slice(&kept);
        return Ok(key);
    }
    fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    write_private(&path, &key)?;
    Ok(key)
}

/// Compares without telling by its time where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_code_is_not_loaded() {
        let dir = std::env::temp_dir().join(format!("jackfield-cache-{}", std::process::id()));
        let cache = Cache::open(&dir).unwrap();
        cache.put("one", b"code").unwrap();
        assert_eq!(cache.get("one").unwrap(), b"code");
        fs::write(dir.join("one.cwasm"), b"evil").unwrap();
        assert_eq!(cache.get("one"), None);
        assert_eq!(Cache::open(&dir).unwrap().key, cache.key);
        fs::remove_dir_all(dir).unwrap();
    }
}
