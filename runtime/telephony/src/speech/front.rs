//! The front of the speech providers: choice by language, cache, one process for equal wishes.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use super::{Audio, Espeak, Festival, ProcessLimits, SpeechError, SpeechProvider};

/// The longest audio read back from the cache folder.
const LONGEST: Duration = Duration::from_secs(3600);

/// Limits of [`Speech`].
#[derive(Clone, Debug)]
pub struct SpeechConfig {
    /// Where spoken texts are kept; none to keep them in memory only.
    pub folder: Option<PathBuf>,
    /// Octets of audio kept in memory.
    pub memory: usize,
    /// Octets of audio kept in the folder; the oldest files go first.
    pub disk: u64,
    /// The longest text in characters.
    pub text: usize,
}

impl Default for SpeechConfig {
    fn default() -> Self {
        Self { folder: None, memory: 64 << 20, disk: 1 << 30, text: 4000 }
    }
}

type Spoken = Result<Arc<Audio>, SpeechError>;
type Speaking = BoxFuture<'static, Spoken>;

/// Speaks texts by the first provider that knows the language, and remembers them.
#[derive(Clone)]
pub struct Speech {
    shared: Arc<Inner>,
}

struct Inner {
    config: SpeechConfig,
    providers: Vec<Arc<dyn SpeechProvider>>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    ready: HashMap<u128, Arc<Audio>>,
    /// The least recently used first.
    order: VecDeque<u128>,
    octets: usize,
    /// Weak: a process that nobody waits for any more is killed.
    speaking: HashMap<u128, WeakShared<Speaking>>,
}

impl Speech {
    /// The providers in order of preference.
    pub fn new(config: SpeechConfig, providers: Vec<Arc<dyn SpeechProvider>>) -> Self {
        Self { shared: Arc::new(Inner { config, providers, cache: Mutex::default() }) }
    }

    /// What is installed here: Festival for Russian if its voice is there, else espeak-ng for all.
    pub fn installed(config: SpeechConfig, limits: ProcessLimits) -> Self {
        let espeak: Arc<dyn SpeechProvider> = Arc::new(Espeak::new(160, limits));
        let mut providers = vec![espeak];
        if Festival::is_installed() {
            providers.insert(0, Arc::new(Festival::new(limits)));
        }
        Self::new(config, providers)
    }

    /// Speaks a text, or finds it spoken. Two callers with the same text wait for one process; if
    /// all give up, the process is killed.
    ///
    /// # Errors
    ///
    /// [`SpeechError`]. A failure is not remembered: the next caller tries again.
    pub async fn say(&self, text: &str, language: &str) -> Result<Arc<Audio>, SpeechError> {
        let length = text.chars().count();
        let limit = self.shared.config.text;
        if length > limit {
            return Err(SpeechError::TextTooLong { length, limit });
        }
        let provider = self.shared.providers.iter().find(|provider| provider.speaks(language));
        let provider = provider.ok_or_else(|| SpeechError::NoVoice(language.to_owned()))?;
        let key = key(&[&provider.voice(language), text]);
        let speaking = {
            let mut cache = self.shared.cache();
            if let Some(audio) = cache.get(key) {
                return Ok(audio);
            }
            let running = cache.speaking.get(&key).and_then(WeakShared::upgrade);
            running.unwrap_or_else(|| {
                let (inner, provider) = (Arc::clone(&self.shared), Arc::clone(provider));
                let (text, language) = (text.to_owned(), language.to_owned());
                let started: Shared<Speaking> =
                    speak(inner, provider, key, text, language).boxed().shared();
                cache.speaking.retain(|_, running| running.upgrade().is_some());
                cache.speaking.extend(started.downgrade().map(|weak| (key, weak)));
                started
            })
        };
        speaking.await
    }
}

impl Inner {
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    fn get(&mut self, key: u128) -> Option<Arc<Audio>> {
        let audio = self.ready.get(&key)?;
        self.order.retain(|&other| other != key);
        self.order.push_back(key);
        Some(Arc::clone(audio))
    }

    fn put(&mut self, key: u128, audio: &Arc<Audio>, limit: usize) {
        if self.ready.insert(key, Arc::clone(audio)).is_none() {
            self.order.push_back(key);
            self.octets += audio.weight();
        }
        while self.octets > limit {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some(audio) = self.ready.remove(&oldest) {
                self.octets -= audio.weight();
            }
        }
    }
}

async fn speak(
    inner: Arc<Inner>,
    provider: Arc<dyn SpeechProvider>,
    key: u128,
    text: String,
    language: String,
) -> Spoken {
    let path = inner.config.folder.as_ref().map(|folder| folder.join(format!("{key:032x}.wav")));
    let kept = match path.clone() {
        Some(path) => blocking(move || Audio::from_wav(&path, LONGEST).ok()).await.flatten(),
        None => None,
    };
    let audio = match kept {
        Some(audio) => Arc::new(audio),
        None => {
            let audio = Arc::new(provider.synthesise(&text, &language).await?);
            if let Some(path) = path {
                let (audio, limit) = (Arc::clone(&audio), inner.config.disk);
                blocking(move || keep(&path, &audio, limit)).await;
            }
            audio
        }
    };
    inner.cache().put(key, &audio, inner.config.memory);
    Ok(audio)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Writes a file beside its place and moves it there, so that no reader sees half of it.
fn keep(path: &Path, audio: &Audio, limit: u64) {
    let write = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let temporary = path.with_extension(format!("{}.part", std::process::id()));
        std::fs::write(&temporary, audio.to_wav().map_err(std::io::Error::other)?)?;
        std::fs::rename(&temporary, path)?;
        prune(folder, limit)
    };
    if let Err(error) = write() {
        tracing::warn!(path = %path.display(), %error, "cannot keep a spoken text");
    }
}

/// Deletes the oldest files until the rest is within the limit.
fn prune(folder: &Path, limit: u64) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        if entry.path().extension().is_some_and(|extension| extension == "wav") {
            files.push((data.modified()?, data.len(), entry.path()));
        }
    }
    let mut total: u64 = files.iter().map(|(_, octets, _)| octets).sum();
    files.sort();
    for (_, octets, path) in files {
        if total <= limit {
            break;
        }
        std::fs::remove_file(path)?;
        total -= octets;
    }
    Ok(())
}

/// FNV-1a with 128 bit: the same on every machine and release, which the standard hasher is not.
fn key(parts: &[&str]) -> u128 {
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for part in parts {
        // The zero octet parts them: "ab", "c" is not "a", "bc".
        for octet in part.bytes().chain([0]) {
            hash = (hash ^ u128::from(octet)).wrapping_mul(PRIME);
        }
    }
    hash
}
