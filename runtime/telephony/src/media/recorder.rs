//! Recordings: two voices gathered by the tick, written by a thread of its own.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::codec::FRAME;
use super::timeline::Timeline;
use crate::api::Codec;

/// Octets of the WAV header.
const HEADER: u32 = 44;
/// Octets of one stereo sample.
const SAMPLE: u32 = 4;
/// Stereo samples a second.
const RATE: u32 = 8000;
/// Samples that are handed to the writer together: 200 ms of both voices.
const BLOCK: usize = FRAME * 2 * 10;
/// Samples that may wait for a slow disk, in all recordings together: 128 MB.
const BACKLOG: usize = 64 << 20;
/// How often the header learns the length, so that a killed process leaves a valid file.
const HEADER_EVERY: Duration = Duration::from_secs(1);

/// One recording while it runs.
pub(super) struct Recorder {
    id: u64,
    left: Timeline,
    right: Timeline,
    pending: Vec<i16>,
    /// Ticks by which the jitter buffers lag behind.
    lag: u32,
    /// Ticks that are not written, so that the file begins with the recording and not before.
    skip: u32,
    writer: Writer,
}

impl Recorder {
    /// Adds what the party said; false if it came too late.
    pub fn heard(&mut self, timestamp: u32, codec: Codec, payload: &[u8]) -> bool {
        self.left.push(timestamp, codec, payload)
    }

    /// Adds what the party hears.
    pub fn said(&mut self, timestamp: u32, codec: Codec, payload: &[u8]) {
        self.right.push(timestamp, codec, payload);
    }

    /// Moves on by 20 ms.
    pub fn tick(&mut self) {
        let (left, right) = (self.left.pop(), self.right.pop());
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.pending.extend(left.into_iter().zip(right).flat_map(|(left, right)| [left, right]));
        if self.pending.len() >= BLOCK {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let samples = std::mem::replace(&mut self.pending, Vec::with_capacity(BLOCK));
        self.writer.append(self.id, samples);
    }

    /// Hands over what is left; the answer is the length of the file.
    pub fn finish(mut self) -> oneshot::Receiver<Duration> {
        for _ in self.skip..self.lag {
            self.tick();
        }
        self.hand_over();
        let (reply, length) = oneshot::channel();
        self.writer.send(Job::Finish { id: self.id, reply });
        length
    }
}

enum Job {
    Open { id: u64, path: PathBuf, file: File },
    Append { id: u64, samples: Vec<i16> },
    Finish { id: u64, reply: oneshot::Sender<Duration> },
}

/// The way to the writer thread, which ends with the last of them.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Sender<Job>,
    /// Samples handed over and not yet written.
    backlog: Arc<AtomicUsize>,
    next: Arc<std::sync::atomic::AtomicU64>,
}

impl Writer {
    /// Starts the thread.
    pub fn start() -> std::io::Result<Self> {
        let (jobs, inbox) = channel();
        let backlog = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&backlog);
        std::thread::Builder::new()
            .name("recordings".to_owned())
            .spawn(move || write_all(&inbox, &counted))?;
        Ok(Self { jobs, backlog, next: Arc::default() })
    }

    /// Creates the file and the folders above it.
    pub fn record(&self, path: PathBuf, depth: u32) -> std::io::Result<Recorder> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = File::create(&path)?;
        file.write_all(&header(0))?;
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.send(Job::Open { id, path, file });
        let lag = depth / FRAME as u32;
        let (left, right) = (Timeline::new(depth), Timeline::new(depth));
        Ok(Recorder {
            id,
            left,
            right,
            pending: Vec::with_capacity(BLOCK),
            lag,
            skip: lag,
            writer: self.clone(),
        })
    }

    fn append(&self, id: u64, samples: Vec<i16>) {
        let count = samples.len();
        if self.backlog.fetch_add(count, Ordering::Relaxed) > BACKLOG {
            self.backlog.fetch_sub(count, Ordering::Relaxed);
            tracing::error!("the disk is too slow for the recordings: 200 ms of one are lost");
            return;
        }
        self.send(Job::Append { id, samples });
    }

    fn send(&self, job: Job) {
        // The thread outlives every sender: it ends only when all are gone.
        let _ = self.jobs.send(job);
    }
}

/// A file being written.
struct Wav {
    path: PathBuf,
    file: File,
    octets: u32,
    stale: bool,
    failed: bool,
}

impl Wav {
    fn append(&mut self, samples: &[i16]) {
        let octets: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        match self.file.write_all_at(&octets, u64::from(HEADER + self.octets)) {
            Ok(()) => {
                self.octets = self.octets.saturating_add(octets.len() as u32);
                self.stale = true;
                self.failed = false;
            }
            Err(error) => self.complain(&error),
        }
    }

    fn update_header(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        if let Err(error) = self.file.write_all_at(&header(self.octets), 0) {
            self.complain(&error);
        }
    }

    /// Logs the first of a series of errors: a full disk would else log five times a second.
    fn complain(&mut self, error: &std::io::Error) {
        if !std::mem::replace(&mut self.failed, true) {
            let path: &Path = &self.path;
            tracing::error!(path = %path.display(), %error, "cannot write a recording");
        }
    }

    fn length(&self) -> Duration {
        Duration::from_secs_f64(f64::from(self.octets / SAMPLE) / f64::from(RATE))
    }
}

fn write_all(inbox: &Receiver<Job>, backlog: &AtomicUsize) {
    let mut files: HashMap<u64, Wav> = HashMap::new();
    let mut headers_due = Instant::now() + HEADER_EVERY;
    loop {
        let wait = headers_due.saturating_duration_since(Instant::now());
        // Nothing to do without files: wait for a job, however long.
        let job = if files.is_empty() {
            inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            inbox.recv_timeout(wait)
        };
        match job {
            Ok(Job::Open { id, path, file }) => {
                files.insert(id, Wav { path, file, octets: 0, stale: false, failed: false });
            }
            Ok(Job::Append { id, samples }) => {
                backlog.fetch_sub(samples.len(), Ordering::Relaxed);
                if let Some(wav) = files.get_mut(&id) {
                    wav.append(&samples);
                }
            }
            Ok(Job::Finish { id, reply }) => {
                let length = files.remove(&id).map_or(Duration::ZERO, |mut wav| {
                    wav.update_header();
                    wav.length()
                });
                // Nobody waits when the leg ended with the recording on.
                let _ = reply.send(length);
            }
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if headers_due <= Instant::now() {
            files.values_mut().for_each(Wav::update_header);
            headers_due = Instant::now() + HEADER_EVERY;
        }
    }
}

/// A WAV header: stereo, 16 bit, 8 kHz, `octets` of samples.
fn header(octets: u32) -> [u8; HEADER as usize] {
    let mut bytes = [0; HEADER as usize];
    let words = [
        *b"RIFF",
        octets.saturating_add(HEADER - 8).to_le_bytes(),
        *b"WAVE",
        *b"fmt ",
        16_u32.to_le_bytes(),
        [1, 0, 2, 0],
        RATE.to_le_bytes(),
        (RATE * SAMPLE).to_le_bytes(),
        [4, 0, 16, 0],
        *b"data",
        octets.to_le_bytes(),
    ];
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word);
    }
    bytes
}
