//! The thread that serves ports: packets as they arrive, and the shared tick.
//!
//! A thread of our own and level-triggered epoll instead of a task for each socket: one system call
//! receives a packet (a task needs a second one to learn that there is no more), nothing is handed
//! between threads on the way of a packet, and a slow task elsewhere does not delay the voice.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};

use super::port::{Port, Wire, lock};

/// The tick is divided so that the packets of all ports do not leave in one burst, behind which
/// what arrives would wait.
const PHASES: usize = 4;
/// Between two phases.
const PHASE: Duration = Duration::from_millis(5);
/// A tick that comes later than this makes up for no more than this: three packets of a stream.
const LATEST: Duration = Duration::from_millis(60);
/// How often silence is looked for.
const CHECK: Duration = Duration::from_secs(1);
/// The mark of the waker among the ports' numbers.
const WAKER: u64 = u64::MAX;
/// Larger than any packet on an Ethernet.
const DATAGRAM: usize = 2048;

/// Figures of a shard.
#[derive(Default)]
pub(super) struct Counts {
    pub received: AtomicU64,
    pub sent: AtomicU64,
    pub discarded: AtomicU64,
}

impl Counts {
    /// One more.
    pub fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// A part of the ports and the thread that serves them.
pub(super) struct Shard {
    epoll: OwnedFd,
    waker: OwnedFd,
    /// All ports ever bound here; a port's place is its mark in epoll.
    ports: Mutex<Vec<Arc<Port>>>,
    /// Ports that join the tick.
    joining: Mutex<Vec<Arc<Port>>>,
    stop: AtomicBool,
    /// What is told of.
    pub counts: Counts,
}

impl Shard {
    /// Starts a thread. It ends with [`Shard::stop`].
    pub fn start(index: usize, timeout: Duration) -> std::io::Result<Arc<Self>> {
        let shard = Arc::new(Self {
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            waker: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
            ports: Mutex::default(),
            joining: Mutex::default(),
            stop: AtomicBool::new(false),
            counts: Counts::default(),
        });
        let data = EventData::new_u64(WAKER);
        epoll::add(&shard.epoll, &shard.waker, data, EventFlags::IN)?;
        let served = Arc::clone(&shard);
        std::thread::Builder::new()
            .name(format!("media-{index}"))
            .spawn(move || Server::new(served, timeout).run())?;
        Ok(shard)
    }

    /// Ends the thread and closes the sockets.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.wake();
        lock(&self.ports).clear();
    }

    /// Has a new port served that has a socket.
    pub fn register(&self, port: &Arc<Port>) -> std::io::Result<()> {
        let Wire::Udp(socket, _) = &port.wire else { return Ok(()) };
        let mut ports = lock(&self.ports);
        let data = EventData::new_u64(ports.len() as u64);
        epoll::add(&self.epoll, socket, data, EventFlags::IN)?;
        ports.push(Arc::clone(port));
        Ok(())
    }

    /// Makes a port part of the tick.
    pub fn add(&self, port: Arc<Port>) {
        lock(&self.joining).push(port);
        self.wake();
    }

    fn wake(&self) {
        // It fails only if the counter is full: then the thread is awake.
        let _ = rustix::io::write(&self.waker, &1_u64.to_ne_bytes());
    }
}

/// The thread's own state.
struct Server {
    shard: Arc<Shard>,
    /// A copy of the shard's, so that a packet takes no lock to find its port.
    ports: Vec<Arc<Port>>,
    ticking: [Vec<Arc<Port>>; PHASES],
    phase: usize,
    due: Instant,
    check: Instant,
    timeout: Duration,
}

impl Server {
    fn new(shard: Arc<Shard>, timeout: Duration) -> Self {
        let now = Instant::now();
        Self {
            shard,
            ports: Vec::new(),
            ticking: Default::default(),
            phase: 0,
            due: now,
            check: now + CHECK,
            timeout,
        }
    }

    fn run(mut self) {
        let mut events = Vec::with_capacity(256);
        let mut buffer = [0; DATAGRAM];
        while !self.shard.stop.load(Ordering::Acquire) {
            let wait = self.wake_at().saturating_duration_since(Instant::now());
            let wait = Timespec::try_from(wait).ok();
            events.clear();
            // An error is an interruption by a signal: nothing is lost, the next turn waits again.
            let _ = epoll::wait(&self.shard.epoll, spare_capacity(&mut events), wait.as_ref());
            let now = Instant::now();
            for event in &events {
                self.receive(now, event.data.u64(), &mut buffer);
            }
            self.join(now);
            self.tick();
            if self.check <= now {
                self.check = now + CHECK;
                self.check_timeouts(now);
            }
        }
    }

    fn wake_at(&self) -> Instant {
        if self.ticking.iter().all(Vec::is_empty) { self.check } else { self.due.min(self.check) }
    }

    fn receive(&mut self, now: Instant, mark: u64, buffer: &mut [u8]) {
        if mark == WAKER {
            let mut count = [0; 8];
            let _ = rustix::io::read(&self.shard.waker, &mut count);
            return;
        }
        let place = mark as usize;
        if place >= self.ports.len() {
            self.learn();
        }
        if let Some(port) = self.ports.get(place) {
            // One packet a turn: a flood on one port does not starve the others.
            port.receive(now, buffer);
        }
    }

    /// Copies the ports that are new.
    fn learn(&mut self) {
        let known = lock(&self.shard.ports);
        let new = known.get(self.ports.len()..).unwrap_or_default();
        self.ports.extend(new.iter().cloned());
    }

    /// Puts new ports into the phase that is next, so that audio starts within 5 ms.
    fn join(&mut self, now: Instant) {
        let mut joining = std::mem::take(&mut *lock(&self.shard.joining));
        if joining.is_empty() {
            return;
        }
        if self.ticking.iter().all(Vec::is_empty) {
            self.due = now;
        }
        if let Some(phase) = self.ticking.get_mut(self.phase) {
            phase.append(&mut joining);
        }
    }

    /// Runs one phase if it is due. Only one, so that packets are received between phases however
    /// far the tick is behind.
    fn tick(&mut self) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        if let Some(ports) = self.ticking.get_mut(self.phase) {
            ports.retain(|port| port.tick(now));
        }
        self.phase = (self.phase + 1) % PHASES;
        self.due += PHASE;
        if now.saturating_duration_since(self.due) > LATEST {
            self.due = now - LATEST;
        }
    }

    fn check_timeouts(&mut self, now: Instant) {
        if self.timeout.is_zero() {
            return;
        }
        self.learn();
        for port in &self.ports {
            port.check_timeout(now, self.timeout);
        }
    }
}
