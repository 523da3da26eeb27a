//! Functions compiled before: components of one interpreter differ in their data, hardly in their
//! functions, so that a second one is compiled in a fraction of the time.
//!
//! What is kept is machine code: it is trusted as [`Cache`](crate::cache::Cache) says, and a worker
//! gets it with the component and gives it back with its output.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmtime::CacheStore;

/// A component below this is compiled sooner than what was compiled before is read.
pub const COMPONENT_BYTES_MIN: usize = 256 << 10;

/// What the compiler asks before it compiles a function. A key is a hash of everything that decides
/// about a function's machine code, so an answer is the same bytes that it would make.
#[derive(Debug, Default)]
pub struct Functions {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    functions: HashMap<Vec<u8>, Function>,
    added: bool,
}

#[derive(Debug)]
struct Function {
    code: Vec<u8>,
    /// Whether this compilation asked for it or made it.
    used: bool,
}

impl Functions {
    /// Reads what [`Self::write`] wrote; what is cut off is left out.
    pub fn read(mut bytes: &[u8]) -> Self {
        let mut functions = HashMap::new();
        while let Some((key, rest)) = field(bytes)
            && let Some((code, rest)) = field(rest)
        {
            functions.insert(key.to_vec(), Function { code: code.to_vec(), used: false });
            bytes = rest;
        }
        Self { kept: Mutex::new(Kept { functions, added: false }) }
    }

    /// At most `bytes_max` bytes of functions, those of this compilation first; `None` if it made
    /// none that was not there before.
    pub fn write(&self, bytes_max: usize) -> Option<Vec<u8>> {
        let kept = self.kept();
        if !kept.added {
            return None;
        }
        let mut functions: Vec<_> = kept.functions.iter().collect();
        functions.sort_by_key(|(key, function)| (!function.used, *key));
        let mut bytes = Vec::new();
        for (key, function) in functions {
            if bytes_max < bytes.len() + 8 + key.len() + function.code.len() {
                break;
            }
            for part in [key, &function.code] {
                bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend(part);
            }
        }
        Some(bytes)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let mut kept = self.kept();
        let function = kept.functions.get_mut(key)?;
        function.used = true;
        Some(Cow::Owned(function.code.clone()))
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let mut kept = self.kept();
        kept.added = true;
        kept.functions.insert(key.to_vec(), Function { code: value, used: true });
        true
    }
}

/// The field at the start, and what follows it.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_this_compilation_are_kept_first() {
        let old = Functions::default();
        old.insert(b"a", vec![1; 10]);
        old.insert(b"b", vec![2; 10]);
        let new = Functions::read(&old.write(1_000).unwrap());
        assert_eq!(new.write(1_000), None, "nothing was added");
        assert_eq!(new.get(b"b").as_deref(), Some(&[2; 10][..]));
        new.insert(b"c", vec![3; 10]);
        let kept = Functions::read(&new.write(40).unwrap());
        assert_eq!(kept.get(b"a"), None, "the limit leaves room for two");
        assert!(kept.get(b"b").is_some() && kept.get(b"c").is_some());
    }

    #[test]
    fn what_is_cut_off_is_left_out() {
        let whole = Functions::default();
        whole.insert(b"a", vec![1; 10]);
        let bytes = whole.write(1_000).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(Functions::read(&bytes[..length]).get(b"a"), None);
        }
        assert!(Functions::read(&bytes).get(b"a").is_some());
    }
}
