//! Agents' browsers: WebRTC without signalling of its own.
//!
//! A line is a media port without a socket, and at most one connection of a browser beside it. The
//! connection turns what the browser says into packets of the port (G.711 at 8 kHz) and back, so
//! that bridging, recording, playing, digits and loudness are those of every leg, and a page that is
//! loaded anew changes nothing but the connection.
//!
//! ```text
//!  browsers ── one UDP socket ── demux ──┬── worker: connections ── deliver ──► port ─► bridged port
//!                                        └── worker: connections ◄── outlet ─── port ◄─ bridged port
//! ```
//!
//! * `offer` is the SDP, `connection` ICE, DTLS-SRTP (`str0m`) and codecs, `voice` Opus;
//! * `demux` is the thread that receives; each `worker` is a thread that owns its lines' connections;
//! * `line` is what the server holds.

mod connection;
mod demux;
mod line;
mod offer;
mod quality;
mod voice;
mod worker;

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::api::{LegId, Line, LineEnd, LineError, LineEvent, WebConfig};
use crate::media::{MediaEngine, MediaPort};
use demux::Routes;
use line::{Handle, LineState};
use worker::{Job, Worker};

/// What may wait for a worker: a tenth of a second of 400 lines.
const BACKLOG: usize = 4096;
/// How often the receiving thread looks whether to go on.
const LOOK: Duration = Duration::from_millis(200);
/// A full send buffer costs the packet after this long.
const SEND: Duration = Duration::from_millis(1);

/// The lines of one process.
pub(crate) struct Web {
    shared: Arc<Shared>,
    media: MediaEngine,
    opened: AtomicUsize,
}

/// What the handles, the receiving thread and the workers share.
struct Shared {
    config: WebConfig,
    socket: UdpSocket,
    /// The address in SDP.
    local: SocketAddr,
    workers: Vec<SyncSender<Job>>,
    routes: Mutex<Routes>,
    lines: Mutex<HashMap<LegId, Arc<LineState>>>,
    media: MediaEngine,
    /// Datagrams nobody wanted, and jobs for which there was no room.
    discarded: AtomicU64,
    stop: AtomicBool,
    runtime: tokio::runtime::Handle,
}

impl Web {
    /// Binds the socket and starts the threads, which end with this. Must be called within a Tokio
    /// runtime.
    pub fn start(config: WebConfig, media: MediaEngine) -> std::io::Result<Self> {
        let socket = UdpSocket::bind(config.bind)?;
        socket.set_read_timeout(Some(LOOK))?;
        socket.set_write_timeout(Some(SEND))?;
        let port = socket.local_addr()?.port();
        let ip = config.advertise.unwrap_or_else(|| crate::sip::outward(config.bind.ip()));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (workers, inboxes): (Vec<_>, Vec<_>) =
            (0..(cores / 2).clamp(1, 8)).map(|_| sync_channel(BACKLOG)).unzip();
        let shared = Arc::new(Shared {
            config,
            socket,
            local: SocketAddr::new(ip, port),
            workers,
            routes: Mutex::default(),
            lines: Mutex::default(),
            media: media.clone(),
            discarded: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            runtime: tokio::runtime::Handle::current(),
        });
        for (place, inbox) in inboxes.into_iter().enumerate() {
            let worker = Worker::new(Arc::clone(&shared), place);
            std::thread::Builder::new()
                .name(format!("web-{place}"))
                .spawn(move || worker.run(&inbox))?;
        }
        let receiver = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("web-receive".to_owned())
            .spawn(move || demux::receive(&receiver))?;
        Ok(Self { shared, media, opened: AtomicUsize::new(0) })
    }

    /// Opens a line; see [`crate::api::Endpoint::open_line`].
    pub fn open(&self) -> Result<(Arc<dyn Line>, mpsc::UnboundedReceiver<LineEvent>), LineError> {
        let id = LegId::next();
        let shared = &self.shared;
        let count = shared.workers.len().max(1);
        let worker = self.opened.fetch_add(1, Ordering::Relaxed) % count;
        let outlet = shared.workers.get(worker).cloned().ok_or(LineError::Closed)?;
        let outlet = move |packet: &[u8]| {
            // A worker that is far behind loses packets, as a network would.
            let _ = outlet.try_send(Job::Voice(id, packet.to_vec()));
        };
        let mut lines = shared.lines();
        let most = shared.config.lines_max;
        if most <= lines.len() {
            return Err(LineError::TooMany(most));
        }
        let (media, media_events) = mpsc::unbounded_channel();
        let port = self
            .media
            .within(connection::CODEC, Box::new(outlet), media)
            .ok_or(LineError::Closed)?;
        let (state, events) = LineState::new(id, worker, port.clone(), media_events);
        if !shared.give(worker, Job::Open(Arc::clone(&state), port)) {
            return Err(LineError::Busy);
        }
        lines.insert(id, Arc::clone(&state));
        Ok((Arc::new(Handle { state, shared: Arc::clone(shared) }), events))
    }

    /// The port of a line.
    pub fn port(&self, line: LegId) -> Option<MediaPort> {
        self.shared.lines().get(&line)?.port()
    }

    /// Lines that are open.
    pub fn lines(&self) -> usize {
        self.shared.lines().len()
    }

    /// Datagrams nobody wanted or for which there was no room.
    pub fn discarded(&self) -> u64 {
        self.shared.discarded.load(Ordering::Relaxed)
    }

    /// Closes all lines.
    pub fn close_all(&self) {
        let lines: Vec<_> = self.shared.lines().values().cloned().collect();
        lines.iter().for_each(|state| self.shared.close(state, LineEnd::Closed));
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.close_all();
        self.shared.stop.store(true, Ordering::Release);
    }
}

impl Shared {
    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<LegId, Arc<LineState>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a worker something to do; false if it has too much already.
    fn give(&self, worker: usize, job: Job) -> bool {
        self.workers.get(worker).is_some_and(|worker| worker.try_send(job).is_ok())
    }

    /// Sends a datagram; what the network does not take is lost.
    fn send(&self, to: SocketAddr, contents: &[u8]) {
        let _ = self.socket.send_to(contents, to);
    }

    /// Closes a line at once; its connection ends when the worker learns of it.
    fn close(&self, state: &LineState, end: LineEnd) {
        self.over(state, end);
        // A worker that has no room finds the line by itself.
        let _ = self.give(state.worker, Job::Close(state.id, end));
    }

    /// Reports the end of a line and parts it from others.
    fn over(&self, state: &LineState, end: LineEnd) {
        self.lines().remove(&state.id);
        // A recording that runs is finished by a task, whichever thread ends the line.
        let _entered = self.runtime.enter();
        if let Some(port) = state.end(end) {
            self.media.unbridge(&port);
        }
    }
}

#[cfg(test)]
mod tests;
