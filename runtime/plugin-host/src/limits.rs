//! The limits of plugins by name, and those of one tenant. What one call may use is in
//! [`HostConfig`](crate::HostConfig); each is a configuration key of the server.

use std::time::Duration;

use crate::QuarantineRules;

/// What may stop a plugin. Its name is in the error and in the metrics.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(usize)]
pub enum Limit {
    /// Computing, or taking, too long for one answer or between two waits.
    Deadline,
    /// Linear memory of one instance.
    Memory,
    /// Depth of calls.
    Stack,
    /// Elements of a table of one instance.
    Tables,
    /// Bytes handed to the host at once: an answer, or what a host call is given.
    Output,
    /// Host calls of one answer or one run.
    HostCalls,
    /// Host calls of one plugin in a second.
    HostCallRate,
    /// Log lines of one call; more are dropped.
    LogLines,
    /// Log bytes of one call; more are dropped.
    LogBytes,
    /// Names of metrics of one plugin; more are dropped.
    MetricNames,
    /// Instances of one tenant at once.
    Instances,
    /// Processor time of one tenant's plugins.
    CpuShare,
    /// Bytes of state.
    StateBytes,
    /// Keys of state of one plugin.
    StateKeys,
    /// Bytes sent to the world by one tenant's plugins.
    Egress,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 15] = [
        Self::Deadline,
        Self::Memory,
        Self::Stack,
        Self::Tables,
        Self::Output,
        Self::HostCalls,
        Self::HostCallRate,
        Self::LogLines,
        Self::LogBytes,
        Self::MetricNames,
        Self::Instances,
        Self::CpuShare,
        Self::StateBytes,
        Self::StateKeys,
        Self::Egress,
    ];

    /// Returns its name in errors and metrics: `host_calls`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::Tables => "tables",
            Self::Output => "output",
            Self::HostCalls => "host_calls",
            Self::HostCallRate => "host_call_rate",
            Self::LogLines => "log_lines",
            Self::LogBytes => "log_bytes",
            Self::MetricNames => "metric_names",
            Self::Instances => "instances",
            Self::CpuShare => "cpu_share",
            Self::StateBytes => "state_bytes",
            Self::StateKeys => "state_keys",
            Self::Egress => "egress",
        }
    }
}

/// What one tenant's plugins may use together, and what becomes of those that fail.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantLimits {
    /// Instances at once.
    pub instances: u32,
    /// Share of the time of all plugin threads, over the window.
    pub cpu_share: f64,
    /// The window of the share.
    pub cpu_window: Duration,
    /// Host calls of one plugin in a second.
    pub host_calls_per_second: u32,
    /// Bytes of state of one plugin, keys included.
    pub plugin_state_bytes: u64,
    /// Bytes of state of all plugins of a tenant.
    pub state_bytes: u64,
    /// Keys of state of one plugin.
    pub state_keys: u64,
    /// Bytes sent to the world in a minute.
    pub egress_bytes_per_minute: u64,
    /// When a version is asked no more.
    pub quarantine: QuarantineRules,
}

impl Default for TenantLimits {
    fn default() -> Self {
        Self {
            instances: 5_000,
            cpu_share: 0.5,
            cpu_window: Duration::from_secs(10),
            host_calls_per_second: 20_000,
            plugin_state_bytes: 1 << 20,
            state_bytes: 16 << 20,
            state_keys: 10_000,
            egress_bytes_per_minute: 64 << 20,
            quarantine: QuarantineRules::default(),
        }
    }
}
