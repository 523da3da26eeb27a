//! Prompts in files: `<folder>/<language>/<name>.wav`, else `<folder>/<name>.wav`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::{Audio, AudioError};

/// Near matches listed for a name that is not there.
const NEAR: usize = 3;

/// Why a prompt could not be had.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// There is no such prompt.
    #[error(
        "no prompt `{name}` for the language `{language}` in `{folder}`{}",
        if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) }
    )]
    Unknown {
        /// The name asked for.
        name: String,
        /// The language asked for.
        language: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// Names that are there and much alike.
        near: Vec<String>,
    },
    /// The name cannot be one.
    #[error(
        "`{0}` is not a prompt's name: letters, digits, `-`, `_`, `.` and `/` are, but no `..`"
    )]
    BadName(String),
    /// The file is there but no use.
    #[error(transparent)]
    Audio(#[from] AudioError),
}

/// The prompts of one tenant. A file that was changed is read again.
pub struct PromptLibrary {
    folder: PathBuf,
    /// The longest prompt.
    limit: Duration,
    loaded: Mutex<HashMap<PathBuf, (SystemTime, Arc<Audio>)>>,
}

impl PromptLibrary {
    /// Prompts in `folder`, none longer than `limit`.
    pub fn new(folder: PathBuf, limit: Duration) -> Self {
        Self { folder, limit, loaded: Mutex::default() }
    }

    /// The prompt in a language, or else the one for all.
    ///
    /// Reads a file the first time: call it from a blocking task if that matters.
    ///
    /// # Errors
    ///
    /// [`PromptError`]; `Unknown` lists names that are much alike.
    pub fn get(&self, name: &str, language: &str) -> Result<Arc<Audio>, PromptError> {
        for part in [name, language] {
            if !is_safe(part) {
                return Err(PromptError::BadName(part.to_owned()));
            }
        }
        let file = format!("{name}.wav");
        for path in [self.folder.join(language).join(&file), self.folder.join(&file)] {
            if let Ok(changed) = std::fs::metadata(&path).and_then(|data| data.modified()) {
                return self.load(path, changed);
            }
        }
        Err(PromptError::Unknown {
            name: name.to_owned(),
            language: language.to_owned(),
            folder: self.folder.clone(),
            near: self.near(name, language),
        })
    }

    fn load(&self, path: PathBuf, changed: SystemTime) -> Result<Arc<Audio>, PromptError> {
        let loaded = || self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, audio)) = loaded().get(&path)
            && *known == changed
        {
            return Ok(Arc::clone(audio));
        }
        let audio = Arc::new(Audio::from_wav(&path, self.limit)?);
        loaded().insert(path, (changed, Arc::clone(&audio)));
        Ok(audio)
    }

    fn near(&self, name: &str, language: &str) -> Vec<String> {
        let mut names: Vec<(usize, String)> = [self.folder.join(language), self.folder.clone()]
            .iter()
            .flat_map(|folder| names(folder))
            .map(|known| (distance(name, &known), known))
            .filter(|(far, known)| *far <= 2.max(known.chars().count() / 3))
            .collect();
        names.sort();
        names.dedup();
        names.into_iter().take(NEAR).map(|(_, name)| format!("`{name}`")).collect()
    }
}

/// Whether a name stays within the folder.
fn is_safe(name: &str) -> bool {
    let known = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    !name.is_empty()
        && name.chars().all(known)
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let name = |entry: std::fs::DirEntry| {
        entry.file_name().to_str().and_then(|name| name.strip_suffix(".wav")).map(str::to_owned)
    };
    entries.filter_map(Result::ok).filter_map(name).collect()
}

/// How many letters to change, add or leave out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (&b, &above) in other.iter().zip(row.iter().skip(1)) {
            left = (corner + usize::from(a != b)).min(above + 1).min(left + 1);
            corner = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
