//! What the server holds of a line: the handle, and what it shares with the worker.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::Shared;
use super::connection::Connection;
use super::worker::Job;
use crate::api::{
    Leg, LegError, LegId, Line, LineEnd, LineError, LineEvent, LineQuality, PlayId, Repeat,
};
use crate::media::{Held, MediaEvent, MediaPort};
use crate::speech::Audio;

/// What the handle and the worker share.
pub(super) struct LineState {
    /// The line's name.
    pub id: LegId,
    /// The worker that serves it.
    pub worker: usize,
    /// Whether nobody shall hear the agent.
    pub muted: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    held: Held,
    /// Gone when the line is over, so that nothing can follow [`LineEvent::Closed`].
    events: Option<mpsc::UnboundedSender<LineEvent>>,
    quality: LineQuality,
}

impl LineState {
    /// A new line with its port, and the receiver of its events.
    pub fn new(
        id: LegId,
        worker: usize,
        port: MediaPort,
        mut media: mpsc::UnboundedReceiver<MediaEvent>,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<LineEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        let passed_on = events.downgrade();
        let inner =
            Inner { held: Held::new(port), events: Some(events), quality: LineQuality::default() };
        let muted = AtomicBool::new(false);
        let state = Self { id, worker, muted, inner: Mutex::new(inner) };
        // It ends with the port, which holds the other end.
        tokio::spawn(async move {
            while let Some(event) = media.recv().await {
                let event = match event {
                    MediaEvent::Digit(digit) => LineEvent::Digit(digit),
                    MediaEvent::Played(id) => LineEvent::Played(id),
                    // A browser's silence is seen by its worker.
                    MediaEvent::TimedOut => continue,
                };
                let Some(events) = passed_on.upgrade() else { return };
                let _ = events.send(event);
            }
        });
        (Arc::new(state), receiver)
    }

    /// The port, unless the line is over.
    pub fn port(&self) -> Option<MediaPort> {
        self.lock().held.port()
    }

    /// Reports what happened, unless the line is over.
    pub fn report(&self, event: LineEvent) {
        if let Some(events) = &self.lock().events {
            // The server may have dropped its receiver; then nobody wants to know.
            let _ = events.send(event);
        }
    }

    /// Keeps what was measured.
    pub fn measured(&self, quality: LineQuality) {
        self.lock().quality = quality;
    }

    /// Reports the end, once. Returns the port for the engine to unbridge.
    pub fn end(&self, end: LineEnd) -> Option<MediaPort> {
        let mut inner = self.lock();
        let events = inner.events.take()?;
        let _ = events.send(LineEvent::Closed(end));
        inner.held.end()
    }

    /// Whether the end was reported.
    pub fn is_over(&self) -> bool {
        self.lock().events.is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server's handle. Dropping it closes the line.
pub(super) struct Handle {
    pub state: Arc<LineState>,
    pub shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.hang_up();
    }
}

#[async_trait]
impl Leg for Handle {
    fn id(&self) -> LegId {
        self.state.id
    }

    async fn ring(&self) -> Result<(), LegError> {
        Ok(())
    }

    async fn answer(&self) -> Result<(), LegError> {
        Ok(())
    }

    async fn refuse(&self, _status: u16, _reason: &str, _retry_after: Option<Duration>) {}

    fn hang_up(&self) {
        self.shared.close(&self.state, LineEnd::Closed);
    }

    fn play(&self, audio: Arc<Audio>, repeat: Repeat) -> PlayId {
        let id = PlayId::next();
        if let Some(port) = self.state.port() {
            port.play(id, audio, repeat);
        }
        id
    }

    fn stop_playing(&self) {
        if let Some(port) = self.state.port() {
            port.stop_playing();
        }
    }

    fn send_digits(&self, _digits: &str) -> Result<(), LegError> {
        Err(LegError::NotPossible("a browser takes no digits".to_owned()))
    }

    fn start_recording(&self, path: PathBuf) -> Result<(), LegError> {
        self.state.lock().held.start_recording(path)
    }

    async fn stop_recording(&self) -> Duration {
        let stopping = self.state.lock().held.stop_recording();
        stopping.length().await
    }

    async fn hold(&self, _on: bool) -> Result<(), LegError> {
        Err(LegError::NotPossible("an agent's line is not held, its calls are".to_owned()))
    }

    async fn transfer(&self, _to: &str) -> Result<(), LegError> {
        Err(LegError::NotPossible("an agent's line is not transferred, its calls are".to_owned()))
    }

    fn level(&self) -> u16 {
        self.state.port().map_or(0, |port| port.level())
    }
}

#[async_trait]
impl Line for Handle {
    async fn connect(&self, offer: &str) -> Result<String, LineError> {
        if self.state.is_over() {
            return Err(LineError::Closed);
        }
        let shared = &self.shared;
        let taken = |ufrag: &str| shared.routes().knows(ufrag);
        let (connection, answer) = Connection::answer(offer, shared.local, taken, Instant::now())?;
        let job = Job::Connect(self.state.id, Box::new(connection));
        if !shared.give(self.state.worker, job) {
            return Err(LineError::Busy);
        }
        Ok(answer)
    }

    fn quality(&self) -> LineQuality {
        self.state.lock().quality
    }

    fn mute(&self, on: bool) {
        self.state.muted.store(on, Ordering::Relaxed);
    }
}
