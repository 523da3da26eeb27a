//! Programs that speak: text in by the standard input, WAV out.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::{Audio, AudioError};

/// Why a text could not be spoken.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// The program is not installed.
    #[error("`{program}` is not installed: it is in the Debian package `{package}`")]
    NotInstalled {
        /// The program, or the voice, that is missing.
        program: String,
        /// What to install.
        package: String,
    },
    /// No provider speaks this language.
    #[error("no speech provider speaks `{0}`")]
    NoVoice(String),
    /// The text is too long.
    #[error("the text has {length} characters, more than the {limit} allowed")]
    TextTooLong {
        /// Its length.
        length: usize,
        /// The longest accepted.
        limit: usize,
    },
    /// The program took too long.
    #[error("`{program}` did not finish within {limit:?}")]
    TimedOut {
        /// Which.
        program: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The program gave more than it may.
    #[error("`{program}` gave more than {limit} octets")]
    TooMuch {
        /// Which.
        program: String,
        /// How much it may give.
        limit: usize,
    },
    /// The program failed.
    #[error("`{program}` failed ({status}): {message}")]
    Failed {
        /// Which.
        program: String,
        /// How it ended.
        status: String,
        /// The start of what it complained.
        message: String,
    },
    /// The program could not be started or talked to.
    #[error("cannot run `{program}`")]
    Io {
        /// Which.
        program: String,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// What it gave is not audio.
    #[error(transparent)]
    Audio(#[from] AudioError),
}

/// Turns text into sound.
#[async_trait]
pub trait SpeechProvider: Send + Sync {
    /// Names what decides how a text sounds: provider, voice and rate. Part of the cache's key.
    fn voice(&self, language: &str) -> String;
    /// Whether it speaks a language, such as `ru` or `en-GB`.
    fn speaks(&self, language: &str) -> bool;
    /// Speaks.
    async fn synthesise(&self, text: &str, language: &str) -> Result<Audio, SpeechError>;
}

/// Limits of a program that speaks.
#[derive(Clone, Copy, Debug)]
pub struct ProcessLimits {
    /// How long it may take.
    pub time: Duration,
    /// How many octets it may give.
    pub output: usize,
    /// How long the audio may play.
    pub length: Duration,
    /// How many may run at once; others wait.
    pub at_once: usize,
}

impl Default for ProcessLimits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            output: 32 << 20,
            length: Duration::from_secs(300),
            at_once: 2,
        }
    }
}

/// A program with its limits.
struct Program {
    name: &'static str,
    package: &'static str,
    limits: ProcessLimits,
    running: Semaphore,
}

impl Program {
    fn new(name: &'static str, package: &'static str, limits: ProcessLimits) -> Self {
        let running = Semaphore::new(limits.at_once.max(1));
        Self { name, package, limits, running }
    }

    fn io(&self, source: std::io::Error) -> SpeechError {
        let program = self.name.to_owned();
        if source.kind() == std::io::ErrorKind::NotFound {
            return SpeechError::NotInstalled { program, package: self.package.to_owned() };
        }
        SpeechError::Io { program, source: Arc::new(source) }
    }

    /// Runs it; the text goes through its standard input and is never seen by a shell.
    async fn run(&self, arguments: &[&str], text: &str) -> Result<Audio, SpeechError> {
        // The semaphore is never closed.
        let _permit = self.running.acquire().await;
        let limit = self.limits.time;
        let timed_out = || SpeechError::TimedOut { program: self.name.to_owned(), limit };
        let ran = tokio::time::timeout(limit, self.output(arguments, text)).await;
        let octets = ran.map_err(|_| timed_out())??;
        let length = self.limits.length;
        let name = self.name;
        let read = move || Audio::from_wav_bytes(octets, Path::new(name), length);
        let audio = tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| self.io(std::io::Error::other(error)))?;
        Ok(audio?)
    }

    async fn output(&self, arguments: &[&str], text: &str) -> Result<Vec<u8>, SpeechError> {
        let mut child = Command::new(self.name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.io(error))?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let feed = async move {
            if let Some(mut stdin) = stdin {
                // A program that ends early tells why by its status.
                let _ = stdin.write_all(text.as_bytes()).await;
            }
        };
        let limit = self.limits.output;
        let ((), octets, complaint) =
            tokio::join!(feed, read_to(stdout, limit), read_to(stderr, 4096));
        let octets = octets.map_err(|error| self.io(error))?;
        let program = self.name.to_owned();
        if octets.len() > limit {
            return Err(SpeechError::TooMuch { program, limit });
        }
        let status = child.wait().await.map_err(|error| self.io(error))?;
        if !status.success() {
            let complaint = complaint.unwrap_or_default();
            let message = String::from_utf8_lossy(&complaint).trim().to_owned();
            return Err(SpeechError::Failed { program, status: status.to_string(), message });
        }
        Ok(octets)
    }
}

/// Reads at most one octet more than `limit`, so that the excess shows; closes the pipe then.
async fn read_to(pipe: Option<impl AsyncRead + Unpin>, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit as u64 + 1).read_to_end(&mut octets).await?;
    }
    Ok(octets)
}

/// espeak-ng: about a hundred languages, robotic, fast.
pub struct Espeak {
    program: Program,
    /// Words a minute.
    rate: u16,
}

impl Espeak {
    /// Speaks with `rate` words a minute (80 to 450; 160 is calm).
    pub fn new(rate: u16, limits: ProcessLimits) -> Self {
        let program = Program::new("espeak-ng", "espeak-ng", limits);
        Self { program, rate: rate.clamp(80, 450) }
    }

    /// The voice for a language; plain English is meant American.
    fn name(language: &str) -> String {
        match language.to_ascii_lowercase().replace('_', "-").as_str() {
            "en" => "en-us".to_owned(),
            "ru-ru" => "ru".to_owned(),
            other => other.to_owned(),
        }
    }
}

#[async_trait]
impl SpeechProvider for Espeak {
    fn voice(&self, language: &str) -> String {
        format!("espeak-ng {} {}", Self::name(language), self.rate)
    }

    fn speaks(&self, language: &str) -> bool {
        // It becomes an argument: nothing that could be taken for an option or a path.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        language.starts_with(|c: char| c.is_ascii_alphabetic()) && language.chars().all(plain)
    }

    async fn synthesise(&self, text: &str, language: &str) -> Result<Audio, SpeechError> {
        if !self.speaks(language) {
            return Err(SpeechError::NoVoice(language.to_owned()));
        }
        let (voice, rate) = (Self::name(language), self.rate.to_string());
        let arguments = ["-v", &voice, "-s", &rate, "-b", "1", "--stdin", "--stdout"];
        self.program.run(&arguments, text).await
    }
}

/// Festival with the Russian voice of Moscow State University: far better than espeak-ng, slower.
pub struct Festival {
    program: Program,
}

impl Festival {
    const VOICE: &str = "voice_msu_ru_nsh_clunits";
    const VOICE_FOLDER: &str = "/usr/share/festival/voices/russian/msu_ru_nsh_clunits";

    /// With these limits.
    pub fn new(limits: ProcessLimits) -> Self {
        Self { program: Program::new("text2wave", "festival", limits) }
    }

    /// Whether program and voice are installed.
    pub fn is_installed() -> bool {
        let program = std::env::var_os("PATH").is_some_and(|path| {
            std::env::split_paths(&path).any(|folder| folder.join("text2wave").is_file())
        });
        program && PathBuf::from(Self::VOICE_FOLDER).is_dir()
    }
}

#[async_trait]
impl SpeechProvider for Festival {
    fn voice(&self, _language: &str) -> String {
        format!("festival {}", Self::VOICE)
    }

    fn speaks(&self, language: &str) -> bool {
        let language = language.to_ascii_lowercase();
        language == "ru" || language.starts_with("ru-") || language.starts_with("ru_")
    }

    async fn synthesise(&self, text: &str, _language: &str) -> Result<Audio, SpeechError> {
        if !Path::new(Self::VOICE_FOLDER).is_dir() {
            return Err(SpeechError::NotInstalled {
                program: Self::VOICE.to_owned(),
                package: "festvox-ru".to_owned(),
            });
        }
        self.program.run(&["-eval", &format!("({})", Self::VOICE)], text).await
    }
}
