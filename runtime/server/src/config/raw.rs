//! The file as it is written, after [`walk`](super::walk) has filled in the defaults.
//!
//! Fields carry the names of the keys, whose meaning is in the table of [`keys`](super::keys). A key
//! without a default is an `Option`, also if it is required: its absence was reported by the walk.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::secret::Secret;
use super::units::{Size, Time};

impl<'de> Deserialize<'de> for Secret<String> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Declares a table of the file: every field mirrors a key.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(missing_docs, reason = "the table of keys has the meaning of each field")]
        pub struct $name { $(pub $field: $kind,)* }
    )*};
}

tables! {
    /// The whole file.
    File {
        store: Store,
        sip: Sip,
        rtp: Rtp,
        http: Http,
        speech: Speech,
        runtime: Runtime,
        plugins: Plugins,
        log: Log,
        trunks: BTreeMap<String, Trunk>,
        numbers: BTreeMap<String, Number>,
        tenants: BTreeMap<String, Tenant>,
    }

    /// `[store]`
    Store {
        path: String,
        commit_interval: Time,
        pending_bytes_max: Size,
        segment_bytes: Size,
        checkpoint_after: Size,
        journal_keep: Time,
        cache_bytes: Size,
    }

    /// `[sip]`
    Sip {
        bind: IpAddr,
        port: u16,
        transports: Vec<String>,
        advertise: Option<String>,
        user_agent: String,
        realm: String,
        register_expires_min: Time,
        register_expires_max: Time,
        session_expires: Time,
        min_session_expires: Time,
        max_calls: usize,
        max_calls_per_second: u32,
        max_lag: Time,
        max_backlog: usize,
        retry_after: Time,
    }

    /// `[rtp]`
    Rtp {
        bind: Option<IpAddr>,
        advertise: Option<IpAddr>,
        port_min: u16,
        port_max: u16,
        codecs: Vec<String>,
        jitter: Time,
        timeout: Time,
    }

    /// `[http]`
    Http {
        bind: IpAddr,
        port: u16,
        body_max: Size,
    }

    /// `[speech]`
    Speech {
        providers: Vec<String>,
        cache_bytes: Size,
        cache_path: Option<String>,
        time_limit: Time,
        concurrent: usize,
    }

    /// `[runtime]`
    Runtime {
        worker_threads: usize,
    }

    /// `[plugins]`
    Plugins {
        path: String,
        cache: Option<String>,
        compile_memory: Size,
        compile_time: Time,
        instances_max: u32,
        memory_max: Size,
        flow_slice: Time,
        router_deadline: Time,
        router_candidates: u32,
    }

    /// `[log]`
    Log {
        level: String,
        format: String,
    }

    /// `[trunks.<name>]`
    Trunk {
        sources: Vec<String>,
        user: Option<String>,
        password: Option<Secret<String>>,
        numbers: Option<Vec<String>>,
        outbound: Option<Outbound>,
    }

    /// `[trunks.<name>.outbound]`
    Outbound {
        proxy: Option<String>,
        domain: Option<String>,
        from: Option<String>,
        user: Option<String>,
        password: Option<Secret<String>>,
        register: bool,
        registrar: Option<String>,
        aor: Option<String>,
        expires: Time,
    }

    /// `[numbers.<dialled>]`
    Number {
        tenant: Option<String>,
        flow: Option<String>,
    }

    /// `[tenants.<id>]`
    Tenant {
        name: Option<String>,
        domain: Option<String>,
        language: String,
        languages: Option<Vec<String>>,
        country_code: Option<String>,
        contacts: Option<String>,
        prompts: Option<String>,
        music: Option<String>,
        max_interactions: u32,
        api_tokens: Vec<ApiToken>,
        fallback: Fallback,
        flows: BTreeMap<String, Flow>,
        routers: BTreeMap<String, Router>,
        queues: BTreeMap<String, Queue>,
        agents: BTreeMap<String, Agent>,
    }

    /// `[[tenants.<id>.api_tokens]]`
    ApiToken {
        name: Option<String>,
        token: Option<Secret<String>>,
        scopes: Vec<String>,
    }

    /// `[tenants.<id>.fallback]`
    Fallback {
        message: String,
        then: Then,
    }

    /// `[tenants.<id>.flows.<name>]`
    Flow {
        script: Option<String>,
    }

    /// `[tenants.<id>.routers.<name>]`
    Router {
        plugin: Option<String>,
    }

    /// `[tenants.<id>.queues.<name>]`
    Queue {
        router: Option<String>,
        ring_time: Time,
        max_wait: Time,
        max_size: u32,
        wrap_up: Time,
        overflow: Option<String>,
        needs_agents: bool,
        service_level: ServiceLevel,
        short_abandon: Time,
        not_ready_on_no_answer: bool,
        record: bool,
        music: Option<String>,
        leave_key: Option<char>,
    }

    /// `[tenants.<id>.queues.<name>.service_level]`
    ServiceLevel {
        share: f64,
        within: Time,
    }

    /// `[tenants.<id>.agents.<id>]`
    Agent {
        password: Option<Secret<String>>,
        uri: Option<String>,
        skills: BTreeMap<String, u8>,
        queues: BTreeMap<String, u8>,
        ready_on_register: bool,
    }
}

/// What follows the fallback message.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Then {
    /// `"hang_up"`: the walk lets no other word through.
    Word(#[allow(dead_code, reason = "there is one word")] String),
    /// `{ queue = "NAME" }`
    Queue {
        /// The queue's name.
        queue: String,
    },
}
