//! A leg's hold on its port.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::oneshot;

use super::MediaPort;
use crate::api::LegError;

/// The port of a leg and its recording. The port is let go when the leg is over, so that it is free
/// although a handle of the leg lives on.
pub(crate) struct Held {
    port: Option<MediaPort>,
    recording: Recording,
}

enum Recording {
    Never,
    Running,
    /// The leg ended first; the length comes when the file is written.
    Finishing(oneshot::Receiver<Duration>),
}

/// A recording that is to be finished.
pub(crate) struct Stopping(Recording, Option<MediaPort>);

impl Held {
    /// Holds a port.
    pub fn new(port: MediaPort) -> Self {
        Self { port: Some(port), recording: Recording::Never }
    }

    /// The port, unless the leg is over.
    pub fn port(&self) -> Option<MediaPort> {
        self.port.clone()
    }

    /// Starts a recording; see [`MediaPort::start_recording`].
    pub fn start_recording(&mut self, path: PathBuf) -> Result<(), LegError> {
        self.port.as_ref().ok_or(LegError::Ended)?.start_recording(path)?;
        self.recording = Recording::Running;
        Ok(())
    }

    /// The recording to be finished. Its length is had by [`Stopping::length`], without a lock.
    pub fn stop_recording(&mut self) -> Stopping {
        Stopping(std::mem::replace(&mut self.recording, Recording::Never), self.port.clone())
    }

    /// Lets go of the port and has the recording finished, whose length stays to be asked for.
    /// Returns the port for the engine to unbridge. Must be called within a Tokio runtime.
    pub fn end(&mut self) -> Option<MediaPort> {
        let port = self.port.take();
        if let (Recording::Running, Some(port)) = (&self.recording, &port) {
            let (done, length) = oneshot::channel();
            self.recording = Recording::Finishing(length);
            let port = port.clone();
            tokio::spawn(async move {
                let _ = done.send(port.stop_recording().await);
            });
        }
        port
    }
}

impl Stopping {
    /// Finishes the file; returns its length, zero if nothing was recorded.
    pub async fn length(self) -> Duration {
        match self {
            Self(Recording::Running, Some(port)) => port.stop_recording().await,
            Self(Recording::Finishing(length), _) => length.await.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}
