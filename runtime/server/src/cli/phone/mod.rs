//! `jackfield phone`: a small SIP phone on our own stack, to try a centre and to test it.

mod call;
mod line;
mod register;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{
    Admission, Binding, Codec, Directory, Endpoint, EndpointEvent, InboundInvite, RtpConfig,
    SipConfig,
};
use tokio::sync::mpsc;

use super::args::Global;
use super::error::CliError;
use crate::config::units::parse_time;

/// The longest sound that is played.
const SOUND_MAX: Duration = Duration::from_secs(3600);

/// What the phone is to do.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    jackfield phone --call sip:100@127.0.0.1 --digits 1 --duration 20s\n  \
    jackfield phone --register alice,bob --auto-answer --hang-up-after 20s")]
pub struct PhoneArgs {
    /// Call this address and end when the call does
    #[arg(
        long,
        value_name = "URI",
        conflicts_with = "register",
        required_unless_present = "register"
    )]
    pub call: Option<String>,
    /// Register as these agents and take their calls, until Ctrl-C
    #[arg(long, value_name = "USER,...", value_delimiter = ',')]
    pub register: Vec<String>,

    /// Press these keys once answered; a comma is a pause of one second
    #[arg(long, requires = "call")]
    pub digits: Option<String>,
    /// How long after the answer
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "2s")]
    pub digits_after: Duration,
    /// Hang up this long after the answer
    #[arg(long, value_name = "TIME", value_parser = time, requires = "call")]
    pub duration: Option<Duration>,
    /// The number or URI to call from
    #[arg(long, value_name = "USER|URI", default_value = "jackfield-phone")]
    pub from: String,
    /// The user to authenticate as
    #[arg(long, requires = "password")]
    pub user: Option<String>,

    /// The password [default with --register: the agent's in the configuration]
    #[arg(long)]
    pub password: Option<String>,
    /// The server to register with [default: sip.bind and sip.port of the configuration]
    #[arg(long, value_name = "HOST:PORT")]
    pub server: Option<String>,
    /// Answer calls; without it they ring until the caller gives up
    #[arg(long, requires = "register")]
    pub auto_answer: bool,
    /// How long to ring before the answer
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "1s")]
    pub answer_after: Duration,
    /// Hang up this long after the answer
    #[arg(long, value_name = "TIME", value_parser = time, requires = "register")]
    pub hang_up_after: Option<Duration>,
    /// Refuse calls with this status, such as 486
    #[arg(long, value_name = "STATUS", conflicts_with = "auto_answer", value_parser = clap::value_parser!(u16).range(400..700))]
    pub reject: Option<u16>,

    /// Play this WAV file into the call, over and over
    #[arg(long, value_name = "FILE", conflicts_with = "tone")]
    pub wav: Option<PathBuf>,
    /// Play a tone of this many hertz into the call
    #[arg(long, value_name = "HERTZ", value_parser = clap::value_parser!(u16).range(50..4000))]
    pub tone: Option<u16>,
    /// Record the call (left: the other side, right: the phone)
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How SIP is sent
    #[arg(long, value_enum, default_value_t = Transport::Udp)]
    pub transport: Transport,
    /// The address to call from
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
}

/// How SIP is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Transport {
    /// One datagram a message.
    Udp,
    /// A connection.
    Tcp,
}

impl Transport {
    /// Adds the transport to a URI or `host:port`, unless it is the usual one or there already.
    fn add_to(self, address: &str) -> String {
        if self == Self::Udp || address.contains(";transport=") {
            return address.to_owned();
        }
        format!("{address};transport=tcp")
    }
}

fn time(text: &str) -> Result<Duration, String> {
    parse_time(text).ok_or_else(|| "write a length of time such as 500ms, 20s or 5m".to_owned())
}

/// Runs the phone until its call ends, or until Ctrl-C.
pub async fn run(global: &Global, args: PhoneArgs) -> Result<ExitCode, CliError> {
    let sound = sound(&args)?;
    let (endpoint, events) = start(&args).await?;
    let result = if args.call.is_some() {
        call::run(&endpoint, &args, sound).await
    } else {
        register::run(global, &endpoint, events, &args, sound).await
    };
    // Hangs up and unregisters.
    endpoint.shut_down(Duration::ZERO).await;
    result
}

/// What is to be played into calls.
fn sound(args: &PhoneArgs) -> Result<Option<Arc<Audio>>, CliError> {
    if let Some(path) = &args.wav {
        let audio = Audio::from_wav(path, SOUND_MAX).map_err(|error| {
            CliError::failed(format!("cannot play {}: {error}", path.display()))
        })?;
        return Ok(Some(Arc::new(audio)));
    }
    let tone = |hertz: u16| Arc::new(Audio::tone(&[f32::from(hertz)], Duration::from_secs(1)));
    Ok(args.tone.map(tone))
}

async fn start(
    args: &PhoneArgs,
) -> Result<(Arc<dyn Endpoint>, mpsc::Receiver<EndpointEvent>), CliError> {
    let sip = SipConfig {
        bind: SocketAddr::new(args.bind, 0),
        udp: args.transport == Transport::Udp,
        tcp: args.transport == Transport::Tcp,
        advertise: None,
        user_agent: "Jackfield phone".to_owned(),
        realm: "phone".to_owned(),
        register_expires: (Duration::from_secs(60), Duration::from_secs(3600)),
        session_expires: Duration::ZERO,
        min_session_expires: Duration::from_secs(90),
        max_calls: 1_000,
        max_calls_per_second: 0,
        max_lag: Duration::ZERO,
        max_backlog: 256,
        retry_after: Duration::from_secs(5),
    };
    let rtp = RtpConfig {
        bind: args.bind,
        advertise: None,
        port_min: 40_000,
        port_max: 49_998,
        codecs: vec![Codec::Pcma, Codec::Pcmu],
        jitter: Duration::from_millis(40),
        timeout: Duration::ZERO,
    };
    jackfield_telephony::sip::start(sip, rtp, None, Arc::new(Anybody))
        .await
        .map_err(|error| CliError::failed(format!("the phone cannot start: {error}")))
}

/// A phone lets everybody ring it and nobody register with it.
struct Anybody;

impl Directory for Anybody {
    fn admit(&self, _invite: &InboundInvite) -> Admission {
        Admission::Accept
    }

    fn account(&self, _user: &str, _host: &str) -> Option<String> {
        None
    }

    fn password(&self, _account: &str) -> Option<String> {
        None
    }

    fn may_register(&self, _account: &str, _aor: &str) -> bool {
        false
    }

    fn save_bindings(&self, _account: &str, _bindings: &[Binding]) {}

    fn load_bindings(&self) -> Vec<(String, Vec<Binding>)> {
        Vec::new()
    }
}
