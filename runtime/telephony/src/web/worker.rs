//! The threads that own the connections: each line has one, so nothing of a connection is shared.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::Shared;
use super::connection::{Connection, Outcome};
use super::demux::Target;
use super::line::LineState;
use crate::api::{LegId, LineEnd, LineEvent};
use crate::media::MediaPort;

/// How often lost browsers are looked for.
const CHECK: Duration = Duration::from_millis(250);
/// Addresses of a browser that are remembered: a new one for each change of its network.
const SOURCES_MAX: usize = 8;

/// What a worker is given to do.
pub(super) enum Job {
    /// Serve a new line.
    Open(Arc<LineState>, MediaPort),
    /// A browser connects, in the place of the one before.
    Connect(LegId, Box<Connection>),
    /// A datagram for a line.
    Datagram { line: LegId, source: SocketAddr, at: Instant, datagram: Vec<u8> },
    /// The line's port has something to say.
    Voice(LegId, Vec<u8>),
    /// Close a line.
    Close(LegId, LineEnd),
}

/// A line, on its worker.
struct Served {
    state: Arc<LineState>,
    port: MediaPort,
    connection: Option<Box<Connection>>,
    /// Where its browser has been, the newest last.
    sources: VecDeque<SocketAddr>,
    /// The last sign of life, or when the line was opened.
    heard: Instant,
    /// Whether [`LineEvent::Connected`] was the last that was said.
    connected: bool,
    /// When the connection wants to be called.
    due: Option<Instant>,
}

/// A thread's own state.
pub(super) struct Worker {
    shared: Arc<Shared>,
    place: usize,
    lines: HashMap<LegId, Served>,
    /// The earliest of what is due.
    next: Instant,
    check: Instant,
}

impl Worker {
    /// A worker without lines.
    pub fn new(shared: Arc<Shared>, place: usize) -> Self {
        let now = Instant::now();
        Self { shared, place, lines: HashMap::new(), next: now + CHECK, check: now + CHECK }
    }

    /// Works until the end of the process's lines.
    pub fn run(mut self, inbox: &Receiver<Job>) {
        while !self.shared.stop.load(Ordering::Acquire) {
            let now = Instant::now();
            match inbox.recv_timeout(self.next.saturating_duration_since(now)) {
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(job) => self.take(job),
                Err(RecvTimeoutError::Timeout) => (),
            }
            let now = Instant::now();
            if self.next <= now {
                self.pass(now);
            }
        }
    }

    fn take(&mut self, job: Job) {
        let now = Instant::now();
        match job {
            Job::Open(state, port) => {
                let served = Served {
                    state,
                    port,
                    connection: None,
                    sources: VecDeque::new(),
                    heard: now,
                    connected: false,
                    due: None,
                };
                self.lines.insert(served.state.id, served);
            }
            Job::Connect(line, connection) => self.connect(now, line, connection),
            Job::Datagram { line, source, at, datagram } => {
                self.call(line, Some(source), |connection| {
                    connection.receive(at, source, &datagram)
                });
            }
            Job::Voice(line, packet) => self.call(line, None, |connection| {
                connection.say(now, &packet);
                connection.timeout(now)
            }),
            Job::Close(line, end) => self.close(line, end),
        }
    }

    fn connect(&mut self, now: Instant, line: LegId, connection: Box<Connection>) {
        let target = Target { worker: self.place, line };
        let Some(served) = self.lines.get_mut(&line) else { return };
        served.let_go(&self.shared);
        self.shared.routes().add_ufrag(&connection.ufrag, target);
        served.connection = Some(connection);
        // The grace begins anew: whoever offers is there.
        served.heard = now;
        self.call(line, None, |connection| connection.timeout(now));
    }

    /// Has a connection do something and carries out what comes of it. A connection that fails, in
    /// whatever way, ends; its line waits for another.
    fn call(
        &mut self,
        line: LegId,
        from: Option<SocketAddr>,
        act: impl FnOnce(&mut Connection) -> Result<(), String>,
    ) {
        let Some(served) = self.lines.get_mut(&line) else { return };
        let Some(connection) = &mut served.connection else { return };
        let (shared, port) = (&*self.shared, &served.port);
        let muted = served.state.muted.load(Ordering::Relaxed);
        let (mut alive, mut connected, mut gone) = (false, false, false);
        let acted = catch_unwind(AssertUnwindSafe(|| {
            act(connection)?;
            connection.drain(from, (port, muted), |outcome| match outcome {
                Outcome::Transmit(to, contents) => shared.send(to, &contents),
                Outcome::Alive => alive = true,
                Outcome::Connected => connected = true,
                Outcome::Gone => gone = true,
            })
        }));
        served.state.measured(connection.quality());
        match acted {
            Ok(Ok(due)) => served.due = Some(due),
            Ok(Err(error)) => {
                tracing::debug!(line = line.0, error, "the connection of a browser ended");
                gone = true;
            }
            Err(_) => {
                tracing::error!(line = line.0, "the connection of a browser failed in our code");
                gone = true;
            }
        }
        if alive {
            served.alive(Target { worker: self.place, line }, from, shared);
        }
        if connected {
            served.state.report(LineEvent::Connected);
            served.connected = true;
        }
        if gone {
            served.let_go(shared);
            served.lost();
        }
        if let Some(due) = served.due {
            self.next = self.next.min(due);
        }
    }

    /// Does all that is due.
    fn pass(&mut self, now: Instant) {
        let due = |served: &Served| served.due.is_some_and(|due| due <= now);
        let lines: Vec<LegId> =
            self.lines.iter().filter(|(_, served)| due(served)).map(|(&line, _)| line).collect();
        for line in lines {
            self.call(line, None, |connection| connection.timeout(now));
        }
        if self.check <= now {
            self.check = now + CHECK;
            self.check_lost(now);
        }
        let earliest = self.lines.values().filter_map(|served| served.due).min();
        self.next = earliest.map_or(self.check, |due| due.min(self.check));
    }

    fn check_lost(&mut self, now: Instant) {
        let mut over = Vec::new();
        for (&line, served) in &mut self.lines {
            let silent = now.saturating_duration_since(served.heard);
            if self.shared.config.lost_after <= silent {
                served.lost();
            }
            if self.shared.config.grace <= silent || served.state.is_over() {
                over.push(line);
            }
        }
        for line in over {
            self.close(line, LineEnd::NoBrowser);
        }
    }

    fn close(&mut self, line: LegId, end: LineEnd) {
        let Some(mut served) = self.lines.remove(&line) else { return };
        served.let_go(&self.shared);
        self.shared.over(&served.state, end);
    }
}

impl Served {
    /// Takes note of a sign of life.
    fn alive(&mut self, target: Target, from: Option<SocketAddr>, shared: &Shared) {
        self.heard = Instant::now();
        if let Some(source) = from.filter(|source| !self.sources.contains(source)) {
            if self.sources.len() == SOURCES_MAX {
                let oldest = self.sources.pop_front();
                shared.routes().remove(target.line, None, oldest.into_iter());
            }
            self.sources.push_back(source);
            shared.routes().add_source(source, target);
        }
        let ready = self.connection.as_ref().is_some_and(|connection| connection.is_ready());
        if ready && !self.connected {
            self.connected = true;
            self.state.report(LineEvent::Connected);
        }
    }

    /// Says that the browser is away, once.
    fn lost(&mut self) {
        if std::mem::take(&mut self.connected) {
            self.state.report(LineEvent::Lost);
        }
    }

    /// Ends the connection.
    fn let_go(&mut self, shared: &Shared) {
        self.due = None;
        if let Some(connection) = self.connection.take() {
            let sources = self.sources.drain(..);
            shared.routes().remove(self.state.id, Some(&connection.ufrag), sources);
        }
    }
}
