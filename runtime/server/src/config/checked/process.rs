//! Storage, telephony, HTTP, speech, plugins, log.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jackfield_core::CenterLimits;
use jackfield_store::StoreConfig;
use jackfield_telephony::{Codec, RtpConfig, SipConfig, WebConfig};

use super::{Checker, raw};
use crate::access::{Keep, Pace, Policy};
use crate::config::network::Network;
use crate::desk::DeskConfig;
use crate::rollout::Rules;

/// Where the API is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpConfig {
    /// Where to listen.
    pub bind: SocketAddr,
    /// The largest request body in bytes.
    pub body_max: usize,
    /// The networks of the proxies in front.
    pub proxies: Vec<Network>,
    /// How long sessions last, and how failures to sign in are answered.
    pub policy: Policy,
    /// How long the audit log is kept.
    pub audit: Keep,
}

/// How prompts are spoken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SpeechConfig {
    /// Programs, in order of preference.
    pub providers: Vec<String>,
    /// Bytes of spoken prompts that are kept.
    pub cache_bytes: u64,
    /// Where they are kept.
    pub cache_path: PathBuf,
    /// How long a program may take.
    pub time_limit: Duration,
    /// How many run at once.
    pub concurrent: usize,
}

/// How plugins are run.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginsConfig {
    /// Where built components lie: folders to search, in this order.
    pub paths: Vec<PathBuf>,
    /// Where compiled components are kept.
    pub cache: PathBuf,
    /// Bytes a compilation may take.
    pub compile_memory: u64,
    /// Bytes of compiled functions kept for the next compilation.
    pub compile_reuse: u64,
    /// How long a compilation may take.
    pub compile_time: Duration,
    /// How long it waits for idle processors.
    pub compile_patience: Duration,
    /// Processors it runs on.
    pub compile_threads: usize,
    /// Instances at once.
    pub instances_max: u32,
    /// Bytes of one instance.
    pub memory_max: u64,
    /// How long a flow may compute between two waits.
    pub flow_slice: Duration,
    /// How long a router may take.
    pub router_deadline: Duration,
    /// How long an estimator may take.
    pub estimator_deadline: Duration,
    /// Whom packages are trusted from; without one, nobody.
    pub trust: Option<PathBuf>,
    /// Whether what serves and was revoked is stopped.
    pub stop_revoked: bool,
    /// Bytes of a package.
    pub package_bytes: u64,
    /// Catalogues.
    pub indexes: Vec<String>,
    /// Registries that are asked without TLS.
    pub plain_http: Vec<String>,
    /// How long a replaced version goes on with the contacts it leads.
    pub drain: Duration,
    /// When a canary is taken back.
    pub canary: Rules,
    /// How long a version may compute to take over state.
    pub migrate_time: Duration,
    /// Questions that wait for a shadow.
    pub shadow_waiting: usize,
    /// Chatbots, channels, connectors, analysts and pacers at work at once.
    pub call_instances_max: u32,
    /// How long one of these may compute between two calls of the host.
    pub call_slice: Duration,
    /// How long a call of one of these may take.
    pub call_time: Duration,
    /// Networks that plugins may reach although they are not public.
    pub allow_networks: Vec<String>,
    /// How long a plugin's request to outside may take.
    pub http_time_max: Duration,
    /// Bytes of the largest body a plugin may send.
    pub http_request_max: usize,
    /// Bytes of the largest answer a plugin may get.
    pub http_response_max: usize,
    /// Requests of all plugins at once.
    pub http_at_once_max: usize,
    /// Requests of one plugin at once.
    pub http_at_once_each_max: usize,
}

impl PluginsConfig {
    /// Returns the built component of the plugin `name`, if there is one.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        // Cargo writes `router_skills.wasm` for the package `router-skills`.
        let files = [format!("{name}.wasm"), format!("{}.wasm", name.replace('-', "_"))];
        let paths = self.paths.iter().flat_map(|path| files.iter().map(|file| path.join(file)));
        paths.into_iter().find(|path| path.is_file())
    }

    /// Returns the names of the built components.
    pub fn built(&self) -> Vec<String> {
        let folders = self.paths.iter().filter_map(|path| std::fs::read_dir(path).ok());
        let files = folders.flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let components = files.filter(|path| path.extension().is_some_and(|end| end == "wasm"));
        let mut names: Vec<String> = components
            .filter_map(|path| Some(path.file_stem()?.to_str()?.replace('_', "-")))
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// What is logged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogConfig {
    /// A level, or a filter such as `info,jackfield_telephony=debug`.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// Builds `[store]`.
pub fn store(raw: raw::Store) -> StoreConfig {
    StoreConfig {
        path: raw.path.into(),
        commit_interval: raw.commit_interval.0,
        pending_bytes_max: usize::try_from(raw.pending_bytes_max.0).unwrap_or(usize::MAX),
        segment_bytes: raw.segment_bytes.0,
        checkpoint_after: raw.checkpoint_after.0,
        journal_keep: raw.journal_keep.0,
        cache_bytes: raw.cache_bytes.0,
    }
}

fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Builds `[plugins]`, and the part of it that the engine keeps.
pub fn plugins(raw: raw::Plugins, store: &StoreConfig) -> (PluginsConfig, CenterLimits) {
    let mut paths = vec![PathBuf::from(&raw.path)];
    let program = std::env::current_exe().ok();
    if let Some(folder) = program.as_deref().and_then(Path::parent) {
        // `target/debug/jackfield` has its plugins in `target/plugins`, an installation in
        // `plugins` next to the program.
        let name = Path::new(&raw.path).file_name().unwrap_or("plugins".as_ref());
        paths.push(folder.join(name));
        paths.extend(folder.parent().map(|target| target.join(name)));
    }
    let limits = CenterLimits {
        router_deadline: raw.router_deadline.0,
        router_candidates: raw.router_candidates,
        estimator_deadline: raw.estimator_deadline.0,
        ..CenterLimits::default()
    };
    let plugins = PluginsConfig {
        paths,
        cache: raw.cache.map_or_else(|| store.path.join("compiled"), PathBuf::from),
        compile_memory: raw.compile_memory.0,
        compile_reuse: raw.compile_reuse.0,
        compile_time: raw.compile_time.0,
        compile_patience: raw.compile_patience.0,
        compile_threads: raw.compile_threads.map_or_else(half, |threads| threads as usize),
        instances_max: raw.instances_max,
        memory_max: raw.memory_max.0,
        flow_slice: raw.flow_slice.0,
        router_deadline: raw.router_deadline.0,
        estimator_deadline: raw.estimator_deadline.0,
        trust: raw.trust.map(PathBuf::from),
        stop_revoked: raw.revoked == "stop",
        package_bytes: raw.package_bytes.0,
        indexes: raw.indexes,
        plain_http: raw.plain_http,
        drain: raw.drain.0,
        canary: Rules {
            alpha: raw.canary_alpha,
            minimum: raw.canary_minimum,
            service_level: raw.canary_service_level,
            abandons: raw.canary_abandons,
            failures: raw.canary_failures,
        },
        shadow_waiting: raw.shadow_waiting,
        migrate_time: raw.migrate_time.0,
        call_instances_max: raw.call_instances_max,
        call_slice: raw.call_slice.0,
        call_time: raw.call_time.0,
        allow_networks: raw.http.allow_networks,
        http_time_max: raw.http.time_max.0,
        http_request_max: bytes(raw.http.request_max.0),
        http_response_max: bytes(raw.http.response_max.0),
        http_at_once_max: raw.http.at_once_max,
        http_at_once_each_max: raw.http.at_once_each_max,
    };
    (plugins, limits)
}

/// Builds `[webrtc]`; what it does not say is as for telephones.
pub fn webrtc(raw: &raw::Webrtc, rtp: &RtpConfig) -> Option<WebConfig> {
    let bind = SocketAddr::new(raw.bind.unwrap_or(rtp.bind), raw.port);
    raw.enabled.then_some(WebConfig {
        bind,
        advertise: raw.advertise.or(rtp.advertise),
        lines_max: raw.lines_max,
        lost_after: raw.lost_after.0,
        grace: raw.grace.0,
    })
}

/// Builds `[desk]`.
pub fn desk(raw: &raw::Desk) -> DeskConfig {
    DeskConfig { messages: raw.messages, away: raw.away.0, keep: raw.keep.0 }
}

/// Builds `[http]`.
pub fn http(raw: raw::Http) -> HttpConfig {
    HttpConfig {
        bind: SocketAddr::new(raw.bind, raw.port),
        body_max: usize::try_from(raw.body_max.0).unwrap_or(usize::MAX),
        // What is no network was reported before.
        proxies: raw.proxies.iter().filter_map(|network| Network::parse(network)).collect(),
        policy: Policy {
            idle: raw.session_idle.0,
            longest: raw.session_max.0,
            sessions_each: raw.sessions_each,
            users: raw.users_max,
            pace: Pace {
                failures: raw.sign_in_failures,
                pause: raw.sign_in_pause.0,
                longest: raw.sign_in_pause_max.0,
            },
        },
        audit: Keep {
            time: raw.audit_keep.0,
            most: raw.audit_entries,
            strangers: raw.audit_strangers,
        },
    }
}

/// Builds `[log]`.
pub fn log(raw: raw::Log) -> LogConfig {
    let format = if raw.format == "json" { LogFormat::Json } else { LogFormat::Text };
    LogConfig { level: raw.level, format }
}

/// Returns the number of threads, where 0 stands for the number of cores.
pub fn threads(wanted: usize) -> usize {
    match wanted {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        wanted => wanted,
    }
}

/// Reads a codec's name, of which the walk has let through only these.
pub fn codec(name: &str) -> Codec {
    if name == "pcmu" { Codec::Pcmu } else { Codec::Pcma }
}

impl Checker<'_> {
    /// Builds `[sip]`.
    pub(super) fn sip(&mut self, raw: raw::Sip) -> SipConfig {
        let (min, max) = (raw.register_expires_min.0, raw.register_expires_max.0);
        if max < min {
            self.problem("sip.register_expires_max", "is less than `sip.register_expires_min`");
        }
        let session = raw.session_expires.0;
        if !session.is_zero() && session < raw.min_session_expires.0 {
            self.problem("sip.session_expires", "is less than `sip.min_session_expires`");
        }
        SipConfig {
            bind: SocketAddr::new(raw.bind, raw.port),
            udp: raw.transports.iter().any(|name| name == "udp"),
            tcp: raw.transports.iter().any(|name| name == "tcp"),
            advertise: raw.advertise,
            user_agent: raw.user_agent,
            realm: raw.realm,
            register_expires: (min, max),
            session_expires: session,
            min_session_expires: raw.min_session_expires.0,
            max_calls: raw.max_calls,
            max_calls_per_second: raw.max_calls_per_second,
            max_lag: raw.max_lag.0,
            max_backlog: raw.max_backlog,
            retry_after: raw.retry_after.0,
        }
    }

    /// Builds `[rtp]`; without an address of its own it is bound where SIP is.
    pub(super) fn rtp(&mut self, raw: raw::Rtp, sip: IpAddr) -> RtpConfig {
        // A bridged call has two legs.
        if raw.port_max < raw.port_min.saturating_add(2) {
            let message = format!(
                "must leave room for a call above `rtp.port_min`: at least {}, got {}",
                raw.port_min.saturating_add(2),
                raw.port_max
            );
            self.problem("rtp.port_max", message);
        }
        RtpConfig {
            bind: raw.bind.unwrap_or(sip),
            advertise: raw.advertise,
            port_min: raw.port_min,
            port_max: raw.port_max,
            codecs: raw.codecs.iter().map(|name| codec(name)).collect(),
            jitter: raw.jitter.0,
            timeout: raw.timeout.0,
        }
    }

    /// Builds `[speech]`.
    pub(super) fn speech(&mut self, raw: raw::Speech, store: &StoreConfig) -> SpeechConfig {
        let cache_path = raw.cache_path.map(|path| self.file(path));
        SpeechConfig {
            providers: raw.providers,
            cache_bytes: raw.cache_bytes.0,
            cache_path: cache_path.unwrap_or_else(|| store.path.join("speech")),
            time_limit: raw.time_limit.0,
            concurrent: raw.concurrent,
        }
    }
}

/// Half of the processors, at least one.
fn half() -> usize {
    std::thread::available_parallelism().map_or(1, |all| all.get() / 2).max(1)
}
