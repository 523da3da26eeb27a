//! What the examples have in common.

use std::net::SocketAddr;
use std::time::Duration;

use jackfield_telephony::{
    Admission, Binding, Codec, Directory, InboundInvite, RtpConfig, SipConfig,
};

/// Lets everybody in; nobody registers.
pub struct Open;

impl Directory for Open {
    fn admit(&self, _: &InboundInvite) -> Admission {
        Admission::Accept
    }

    fn account(&self, user: &str, _: &str) -> Option<String> {
        Some(user.to_owned())
    }

    fn password(&self, _: &str) -> Option<String> {
        None
    }

    fn may_register(&self, _: &str, _: &str) -> bool {
        false
    }

    fn save_bindings(&self, _: &str, _: &[Binding]) {}

    fn load_bindings(&self) -> Vec<(String, Vec<Binding>)> {
        Vec::new()
    }
}

/// A configuration for the loopback.
pub fn configuration(bind: SocketAddr, calls: usize) -> (SipConfig, RtpConfig) {
    let sip = SipConfig {
        bind,
        udp: true,
        tcp: true,
        advertise: None,
        user_agent: "jackfield".to_owned(),
        realm: "jackfield".to_owned(),
        register_expires: (Duration::from_secs(60), Duration::from_secs(3600)),
        session_expires: Duration::from_secs(1800),
        min_session_expires: Duration::from_secs(90),
        max_calls: calls,
        max_calls_per_second: 0,
        max_lag: Duration::ZERO,
        max_backlog: 256,
        retry_after: Duration::from_secs(5),
    };
    let rtp = RtpConfig {
        bind: bind.ip(),
        advertise: None,
        port_min: 10_000,
        port_max: 29_998,
        codecs: vec![Codec::Pcmu, Codec::Pcma],
        jitter: Duration::from_millis(40),
        timeout: Duration::ZERO,
    };
    (sip, rtp)
}
