//! The sockets: bound when first needed, kept, and used again after a rest.

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::port::{Port, Wire, lock};
use super::shard::Shard;
use crate::api::RtpConfig;

/// A port rests for this long, so that the last packets of a call do not reach the next. It is used
/// sooner only if no other is left.
const REST: Duration = Duration::from_secs(2);

/// So many ports taken by other programs are stepped over at once. A refused attempt costs a few
/// microseconds, a call refused for want of a port costs a caller.
const ATTEMPTS: usize = 2048;

/// Ports at rest and ports never bound.
pub(super) struct Pool {
    /// The one that has rested longest comes first.
    resting: Mutex<VecDeque<(Instant, Arc<Port>)>>,
    unbound: Mutex<VecDeque<u16>>,
}

impl Pool {
    /// Of all even ports of the range.
    pub fn new(config: &RtpConfig) -> Self {
        let unbound = (config.port_min..=config.port_max).filter(|port| port % 2 == 0).collect();
        Self { resting: Mutex::default(), unbound: Mutex::new(unbound) }
    }

    /// Takes a port.
    pub fn take(&self, config: &RtpConfig, shards: &[Arc<Shard>]) -> Option<Arc<Port>> {
        if let Some(port) = self.rested(REST) {
            return Some(port);
        }
        self.bind(config, shards).or_else(|| self.rested(Duration::ZERO))
    }

    /// Gives a port back. One without a socket is not kept.
    pub fn give(&self, port: Arc<Port>) {
        let Wire::Udp(..) = port.wire else { return };
        lock(&self.resting).push_back((Instant::now(), port));
    }

    fn rested(&self, least: Duration) -> Option<Arc<Port>> {
        let mut resting = lock(&self.resting);
        let (since, _) = resting.front()?;
        if since.elapsed() < least {
            return None;
        }
        resting.pop_front().map(|(_, port)| port)
    }

    fn bind(&self, config: &RtpConfig, shards: &[Arc<Shard>]) -> Option<Arc<Port>> {
        let mut unbound = lock(&self.unbound);
        for _ in 0..ATTEMPTS.min(unbound.len()) {
            let number = unbound.pop_front()?;
            match open(config, shards, number) {
                Ok(port) => return Some(port),
                Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                    unbound.push_back(number);
                }
                Err(error) => {
                    unbound.push_front(number);
                    tracing::warn!(number, %error, "cannot bind an RTP port");
                    return None;
                }
            }
        }
        None
    }
}

fn open(config: &RtpConfig, shards: &[Arc<Shard>], number: u16) -> std::io::Result<Arc<Port>> {
    let socket = UdpSocket::bind(SocketAddr::new(config.bind, number))?;
    socket.set_nonblocking(true)?;
    let place = usize::from(number / 2) % shards.len().max(1);
    let shard = shards.get(place).ok_or(std::io::ErrorKind::NotFound)?;
    let port = Arc::new(Port::new(Wire::Udp(socket, number), Arc::clone(shard)));
    shard.register(&port)?;
    Ok(port)
}
