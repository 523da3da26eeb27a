//! The one UDP socket: whose datagram is it?
//!
//! A datagram is a line's if it comes from an address at which the line's browser has shown its ICE
//! password, or if it is a STUN request that names the line's credentials. All else is dropped after
//! a look into a table: a flood makes no state and wakes no worker.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Instant;

use str0m::ice::StunMessage;

use super::Shared;
use super::connection::is_stun;
use super::worker::Job;
use crate::api::LegId;

/// Larger than any packet on an Ethernet.
const DATAGRAM: usize = 2048;

/// Who serves a line.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// The worker's place.
    pub worker: usize,
    /// The line.
    pub line: LegId,
}

/// Whose datagrams are whose.
#[derive(Default)]
pub(super) struct Routes {
    by_ufrag: HashMap<String, Target>,
    by_source: HashMap<SocketAddr, Target>,
}

impl Routes {
    /// Whether a connection has these credentials.
    pub fn knows(&self, ufrag: &str) -> bool {
        self.by_ufrag.contains_key(ufrag)
    }

    /// Lets STUN requests with these credentials reach a line.
    pub fn add_ufrag(&mut self, ufrag: &str, target: Target) {
        self.by_ufrag.insert(ufrag.to_owned(), target);
    }

    /// Lets all that comes from an address reach a line.
    pub fn add_source(&mut self, source: SocketAddr, target: Target) {
        self.by_source.insert(source, target);
    }

    /// Forgets what belongs to a connection of `line`, unless another line has it by now.
    pub fn remove(
        &mut self,
        line: LegId,
        ufrag: Option<&str>,
        sources: impl Iterator<Item = SocketAddr>,
    ) {
        if let Some(ufrag) = ufrag {
            self.by_ufrag.remove(ufrag);
        }
        for source in sources {
            if self.by_source.get(&source).is_some_and(|target| target.line == line) {
                self.by_source.remove(&source);
            }
        }
    }

    /// Whether any connection is known.
    #[cfg(test)]
    pub fn knows_anyone(&self) -> bool {
        !self.by_ufrag.is_empty() || !self.by_source.is_empty()
    }

    /// Whose a datagram is.
    fn find(&self, source: SocketAddr, datagram: &[u8]) -> Option<Target> {
        if is_stun(datagram) {
            // The credentials have precedence: behind a NAT an address may become another's.
            let message = StunMessage::parse(datagram).ok()?;
            let (ufrag, _) = message.split_username()?;
            return self.by_ufrag.get(ufrag).copied();
        }
        // RFC 7983 §7: DTLS, and RTP with RTCP.
        let first = *datagram.first()?;
        let wanted = (20..64).contains(&first) || (128..192).contains(&first);
        self.by_source.get(&source).copied().filter(|_| wanted)
    }
}

/// Receives until the end of the process's lines.
pub(super) fn receive(shared: &Shared) {
    let mut buffer = [0; DATAGRAM];
    while !shared.stop.load(Ordering::Acquire) {
        // The socket's time limit ends the waiting, to see whether to go on.
        let Ok((length, source)) = shared.socket.recv_from(&mut buffer) else { continue };
        let at = Instant::now();
        let Some(datagram) = buffer.get(..length) else { continue };
        let target = shared.routes().find(source, datagram);
        let taken = target.is_some_and(|Target { worker, line }| {
            shared.give(worker, Job::Datagram { line, source, at, datagram: datagram.to_vec() })
        });
        if !taken {
            shared.discarded.fetch_add(1, Ordering::Relaxed);
        }
    }
}
