//! The file as it is written, after [`walk`](super::walk) has filled in the defaults.
//!
//! Fields carry the names of the keys, whose meaning is in the table of [`keys`](super::keys). A key
//! without a default is an `Option`, also if it is required: its absence was reported by the walk.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use toml::Table;

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
        webrtc: Webrtc,
        desk: Desk,
        http: Http,
        speech: Speech,
        runtime: Runtime,
        plugins: Plugins,
        limits: Limits,
        log: Log,
        oidc: BTreeMap<String, Oidc>,
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

    /// `[webrtc]`
    Webrtc {
        enabled: bool,
        bind: Option<IpAddr>,
        port: u16,
        advertise: Option<IpAddr>,
        lines_max: usize,
        lost_after: Time,
        grace: Time,
    }

    /// `[desk]`
    Desk {
        messages: usize,
        away: Time,
        keep: Time,
        sockets_max: usize,
    }

    /// `[http]`
    Http {
        bind: IpAddr,
        port: u16,
        body_max: Size,
        proxies: Vec<String>,
        session_idle: Time,
        session_max: Time,
        sessions_each: usize,
        users_max: usize,
        sign_in_failures: u32,
        sign_in_pause: Time,
        sign_in_pause_max: Time,
        audit_keep: Time,
        audit_entries: usize,
        audit_strangers: usize,
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
        api_threads: usize,
        replays: usize,
    }

    /// `[plugins]`
    Plugins {
        path: String,
        cache: Option<String>,
        compile_memory: Size,
        compile_reuse: Size,
        compile_time: Time,
        compile_patience: Time,
        compile_threads: Option<u32>,
        instances_max: u32,
        memory_max: Size,
        flow_slice: Time,
        router_deadline: Time,
        router_candidates: u32,
        estimator_deadline: Time,
        trust: Option<String>,
        revoked: String,
        package_bytes: Size,
        indexes: Vec<String>,
        plain_http: Vec<String>,
        drain: Time,
        canary_alpha: f64,
        canary_minimum: u64,
        canary_service_level: f64,
        canary_abandons: f64,
        canary_failures: f64,
        shadow_waiting: usize,
        migrate_time: Time,
        call_instances_max: u32,
        call_slice: Time,
        call_time: Time,
        http: PluginsHttp,
    }

    /// `[plugins.http]`
    PluginsHttp {
        allow_networks: Vec<String>,
        time_max: Time,
        request_max: Size,
        response_max: Size,
        at_once_max: usize,
        at_once_each_max: usize,
    }

    /// `[limits]`
    Limits {
        stack: Size,
        table_elements: usize,
        output_bytes: Size,
        flow_host_calls: u32,
        answer_host_calls: u32,
        host_calls_per_second: u32,
        log_lines: u32,
        log_bytes: Size,
        metric_names: usize,
        tenant_instances: u32,
        tenant_cpu_share: f64,
        tenant_cpu_window: Time,
        tenant_state: Size,
        state_bytes: Size,
        state_keys: u64,
        tenant_egress: Size,
        quarantine_failures: u32,
        quarantine_window: Time,
        quarantine: Time,
        quarantine_max: Time,
        quarantine_trials: u32,
        plugin_threads: u32,
        plugin_nice: u8,
        idle_instances: u32,
        idle_time: Time,
    }

    /// `[log]`
    Log {
        level: String,
        format: String,
    }

    /// `[oidc.<name>]`
    Oidc {
        issuer: Option<String>,
        client_id: Option<String>,
        client_secret: Option<Secret<String>>,
        scopes: Vec<String>,
        tenant: Option<String>,
        label: Option<String>,
        roles: Option<Vec<String>>,
        claim: String,
        url: Option<String>,
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
        max_callbacks: u32,
        certificate_candidates: u32,
        calibration: Calibration,
        max_schedule_entries: u32,
        max_reason: u32,
        figures: Figures,
        packages: Packages,
        api_tokens: Vec<ApiToken>,
        fallback: Fallback,
        flows: BTreeMap<String, Flow>,
        routers: BTreeMap<String, Router>,
        estimators: BTreeMap<String, Estimator>,
        webchat: Webchat,
        plugins: BTreeMap<String, Plugin>,
        hours: BTreeMap<String, Hours>,
        queues: BTreeMap<String, Queue>,
        blends: BTreeMap<String, Blend>,
        agents: BTreeMap<String, Agent>,
    }

    /// `[tenants.<id>.webchat]`
    Webchat {
        enabled: bool,
        origins: Vec<String>,
        chatbot: Option<String>,
        queue: Option<String>,
        idle: Time,
        message_max: usize,
        messages_per_minute: u32,
        address_messages_per_minute: u32,
        connections: usize,
        address_connections: usize,
        conversations: usize,
        history: usize,
    }

    /// `[tenants.<id>.calibration]`
    Calibration {
        window: u32,
        minimum: u32,
        p50_tolerance: f64,
        p90_tolerance: f64,
    }

    /// `[tenants.<id>.figures]`
    Figures {
        window: Time,
        same_reason: bool,
        channels: Option<Vec<String>>,
        exclude_transferred: bool,
        exclude_abandoned: bool,
        genesys_exclude: Option<Vec<String>>,
        kept: Time,
    }

    /// `[tenants.<id>.packages]`
    Packages {
        require_signature: bool,
        publishers: Vec<String>,
        operator_grants: Vec<String>,
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
        grants: Option<Vec<String>>,
    }

    /// `[tenants.<id>.routers.<name>]`
    Router {
        plugin: Option<String>,
        script: Option<String>,
        gate: Option<String>,
        grants: Option<Vec<String>>,
    }

    /// `[tenants.<id>.estimators.<name>]`
    Estimator {
        plugin: Option<String>,
        grants: Option<Vec<String>>,
    }

    /// `[tenants.<id>.plugins.<name>]`
    Plugin {
        world: Option<String>,
        plugin: Option<String>,
        grants: Option<Vec<String>>,
        hosts: Vec<String>,
        secrets: BTreeMap<String, Secret<String>>,
        settings: Table,
        chatbot: Option<String>,
        queue: Option<String>,
        idle: Time,
        every: Option<Time>,
        lookup: bool,
        leads: bool,
    }

    /// `[tenants.<id>.hours.<name>]`
    Hours {
        time_zone: Option<String>,
        weekly: Vec<WeeklySpan>,
        holidays: Vec<String>,
        exceptions: Vec<DayException>,
    }

    /// `[[tenants.<id>.hours.<name>.weekly]]`
    WeeklySpan {
        days: Option<String>,
        from: Option<String>,
        to: Option<String>,
    }

    /// `[[tenants.<id>.hours.<name>.exceptions]]`
    DayException {
        date: Option<String>,
        spans: Vec<DaySpan>,
    }

    /// `[[tenants.<id>.hours.<name>.exceptions.spans]]`
    DaySpan {
        from: Option<String>,
        to: Option<String>,
    }

    /// `[tenants.<id>.queues.<name>]`
    Queue {
        router: Option<String>,
        ring_time: Time,
        max_wait: Time,
        max_size: u32,
        wrap_up: Time,
        wrap_up_codes: Vec<String>,
        wrap_up_required: Vec<String>,
        wrap_up_fields: Vec<String>,
        overflow: Option<String>,
        needs_agents: bool,
        join_needs: Option<String>,
        stay_needs: Option<String>,
        weight: u8,
        age_every: Time,
        age_limit: i8,
        eligible: Option<String>,
        steps: Vec<Step>,
        hours: Option<String>,
        branches: Vec<String>,
        at_closing: String,
        closed_message: Option<String>,
        settings: Table,
        announcements: Option<Announcements>,
        estimator: Option<String>,
        callbacks: Callbacks,
        callback_key: Option<char>,
        service_level: ServiceLevel,
        short_abandon: Time,
        standard_time: Time,
        not_ready_on_no_answer: bool,
        refusals_max: u32,
        record: bool,
        music: Option<String>,
        leave_key: Option<char>,
    }

    /// `[[tenants.<id>.queues.<name>.steps]]`
    Step {
        after: Option<Time>,
        eligible: Option<String>,
        add: BTreeMap<String, u8>,
        lower: BTreeMap<String, u8>,
        lower_all: u8,
        drop: Vec<String>,
        drop_all: bool,
    }

    /// `[tenants.<id>.queues.<name>.announcements]`
    Announcements {
        first: Time,
        every: Time,
        position: bool,
        wait: bool,
        message: Option<String>,
    }

    /// `[tenants.<id>.queues.<name>.callbacks]`
    Callbacks {
        after_abandon: Time,
        mode: String,
        attempts: u32,
        retry: Time,
        deadline: Time,
        owner_only: Time,
    }

    /// `[tenants.<id>.blends.<name>]`
    Blend {
        calls: Option<Vec<String>>,
        deferred: Option<Vec<String>>,
        peak_waiting: u32,
        peak_wait: Time,
        calm_waiting: u32,
        calm_for: Time,
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
        ranks: BTreeMap<String, u8>,
        attributes: Table,
        capacity: BTreeMap<String, Capacity>,
        protected: Vec<Protected>,
        ready_on_register: bool,
    }

    /// `[tenants.<id>.agents.<id>.capacity.<channel>]`
    Capacity {
        slots: u8,
        weight: u8,
        interruptible: bool,
    }

    /// `[[tenants.<id>.agents.<id>.protected]]`
    Protected {
        hours: Option<String>,
        channels: Option<Vec<String>>,
        queues: Vec<String>,
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
