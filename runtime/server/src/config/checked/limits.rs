//! What plugins may use.

use std::time::Duration;

use jackfield_plugin_host::{QuarantineRules, TenantLimits};

use super::raw;

/// What plugins may use.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitsConfig {
    /// Stack of one instance, in bytes.
    pub stack: usize,
    /// Elements of one table.
    pub table_elements: usize,
    /// Bytes handed over at once.
    pub output_bytes: usize,
    /// Host calls of one flow.
    pub flow_host_calls: u32,
    /// Host calls of one answer.
    pub answer_host_calls: u32,
    /// Log lines of one call.
    pub log_lines: u32,
    /// Log bytes of one call.
    pub log_bytes: usize,
    /// Names of metrics of one plugin.
    pub metric_names: usize,
    /// Of one tenant.
    pub tenant: TenantLimits,
    /// Threads for plugins that compute for long.
    pub plugin_threads: u32,
    /// By how many steps these give way.
    pub plugin_nice: u8,
    /// Instances kept for the next question.
    pub idle_instances: u32,
    /// How long one is kept.
    pub idle_time: Duration,
}

/// Builds `[limits]`.
pub fn limits(raw: raw::Limits) -> LimitsConfig {
    let bytes = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    LimitsConfig {
        stack: bytes(raw.stack.0),
        table_elements: raw.table_elements,
        output_bytes: bytes(raw.output_bytes.0),
        flow_host_calls: raw.flow_host_calls,
        answer_host_calls: raw.answer_host_calls,
        log_lines: raw.log_lines,
        log_bytes: bytes(raw.log_bytes.0),
        metric_names: raw.metric_names,
        tenant: TenantLimits {
            instances: raw.tenant_instances,
            cpu_share: raw.tenant_cpu_share,
            cpu_window: raw.tenant_cpu_window.0,
            host_calls_per_second: raw.host_calls_per_second,
            plugin_state_bytes: raw.state_bytes.0,
            state_bytes: raw.tenant_state.0,
            state_keys: raw.state_keys,
            egress_bytes_per_minute: raw.tenant_egress.0,
            quarantine: QuarantineRules {
                failures: raw.quarantine_failures,
                window: raw.quarantine_window.0,
                back_off: raw.quarantine.0,
                back_off_max: raw.quarantine_max.0,
                trials: raw.quarantine_trials,
            },
        },
        plugin_threads: raw.plugin_threads,
        plugin_nice: raw.plugin_nice,
        idle_instances: raw.idle_instances,
        idle_time: raw.idle_time.0,
    }
}
