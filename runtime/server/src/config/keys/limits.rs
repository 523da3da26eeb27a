//! Keys of what plugins may use: of one call, of one tenant, and when one that fails is quarantined.

use super::Kind::{Fraction, Integer, Size, Time};
use super::Preset::Is;
use super::{Change, Key, keys};

keys! {
    "limits.stack" Size("64KiB", "8MiB"), Is("512KiB"), Restart,
        "Stack of one instance; deeper calls trap.";
    "limits.table_elements" Integer(100, 10_000_000), Is("20000"), Restart,
        "Elements of one table of an instance.";
    "limits.output_bytes" Size("64KiB", "64MiB"), Is("1MiB"), Restart,
        "What a plugin may hand over at once: an answer with its texts and lists, or what a host call is given.";
    "limits.flow_host_calls" Integer(100, 10_000_000), Is("100000"), Restart,
        "Host calls of one flow from its start to its end.";
    "limits.answer_host_calls" Integer(1, 1_000_000), Is("200"), Restart,
        "Host calls of a router or an estimator for one answer.";
    "limits.host_calls_per_second" Integer(10, 10_000_000), Is("20000"), Restart,
        "Host calls of one plugin of a tenant in a second, over all its instances.";
    "limits.log_lines" Integer(0, 100_000), Is("100"), Restart,
        "Log lines of one call; more are dropped and counted.";
    "limits.log_bytes" Size("1KiB", "16MiB"), Is("64KiB"), Restart,
        "Log bytes of one call; more are dropped and counted. A line is cut at 4 KiB.";
    "limits.metric_names" Integer(1, 10_000), Is("100"), Restart,
        "Names of metrics of one plugin; more are dropped and counted.";

    "limits.tenant_instances" Integer(1, 1_000_000), Is("5000"), Restart,
        "Instances of one tenant's plugins at once, flows in progress and kept routers together.";
    "limits.tenant_cpu_share" Fraction(0.001, 1.0), Is("0.5"), Restart,
        "The share of the time of all plugin threads that one tenant's plugins may use over `tenant_cpu_window`; beyond it what is built in serves the tenant.";
    "limits.tenant_cpu_window" Time("100ms", "1h", false), Is("10s"), Restart,
        "Over how long the share is counted.";
    "limits.tenant_state" Size("64KiB", "64GiB"), Is("16MiB"), Restart,
        "Bytes of state of all plugins of one tenant.";
    "limits.state_bytes" Size("1KiB", "1GiB"), Is("1MiB"), Restart,
        "Bytes of state of one plugin of a tenant, keys included.";
    "limits.state_keys" Integer(1, 10_000_000), Is("10000"), Restart,
        "Keys of state of one plugin of a tenant.";
    "limits.tenant_egress" Size("1KiB", "64GiB"), Is("64MiB"), Restart,
        "Bytes that one tenant's plugins may send to the world in a minute.";

    "limits.quarantine_failures" Integer(0, 10_000), Is("5"), Restart,
        "Failures of a plugin's version within `quarantine_window` after which it is asked no more for a while; what is built in serves. 0 switches the quarantine off.";
    "limits.quarantine_window" Time("1s", "1d", false), Is("1m"), Restart,
        "How long a failure counts.";
    "limits.quarantine" Time("100ms", "1d", false), Is("5s"), Restart,
        "The first quarantine of a version; each further one is twice as long.";
    "limits.quarantine_max" Time("1s", "7d", false), Is("10m"), Restart,
        "The longest quarantine. A version that has served for as long starts with the first again.";
    "limits.quarantine_trials" Integer(1, 1_000), Is("3"), Restart,
        "Calls in a row, one at a time, that must go well after a quarantine.";

    "limits.plugin_threads" Integer(0, 256), Is("0"), Restart,
        "Threads for plugins that compute for more than a moment; 0 is one for every two processors.";
    "limits.plugin_nice" Integer(0, 19), Is("10"), Restart,
        "By how many steps these threads give way to those that serve calls.";
    "limits.idle_instances" Integer(2, 100_000), Is("128"), Restart,
        "Instances of routers and estimators that are kept for the next question, over all tenants; with more a question has a fresh one.";
    "limits.idle_time" Time("1s", "1d", false), Is("1m"), Restart,
        "How long one is kept without a question.";
}
