//! Metrics of what plugins use, which limits they meet, and whether they are asked.

use std::sync::Arc;

use jackfield_plugin_host::{Limit, PluginAccount, TenantAccount};

use super::exposition::{Exposition, Kind};
use super::standings::{active_digest, standing};
use crate::app::{App, Serving, serving};
use crate::tenant::Tenant;
use Kind::{Counter, Gauge};

type TenantMetric = (&'static str, Kind, &'static str, fn(&TenantAccount) -> f64);
type PluginMetric = (&'static str, Kind, &'static str, fn(&PluginAccount) -> f64);

const TENANTS: &[TenantMetric] = &[
    (
        "jackfield_plugins_cpu_seconds_total",
        Counter,
        "Processor time of a tenant's plugins.",
        |account| account.cpu().as_secs_f64(),
    ),
    (
        "jackfield_plugins_cpu_share_used",
        Gauge,
        "How much of its share over limits.tenant_cpu_window a tenant has used; from 1 on what is built in serves it.",
        TenantAccount::cpu_share_used,
    ),
    (
        "jackfield_plugins_cpu_share_limit",
        Gauge,
        "The share: limits.tenant_cpu_share.",
        |account| account.limits().cpu_share,
    ),
    ("jackfield_plugins_instances", Gauge, "Instances of a tenant's plugins now.", |account| {
        f64::from(account.instances())
    }),
    (
        "jackfield_plugins_instances_limit",
        Gauge,
        "Their limit: limits.tenant_instances.",
        |account| f64::from(account.limits().instances),
    ),
    (
        "jackfield_plugins_egress_bytes_total",
        Counter,
        "Bytes that a tenant's plugins sent to the world.",
        |account| account.egress_bytes() as f64,
    ),
];

const PLUGINS: &[PluginMetric] = &[
    (
        "jackfield_plugin_calls_total",
        Counter,
        "Calls of plugins: answers and runs that were begun.",
        |account| account.calls() as f64,
    ),
    (
        "jackfield_plugin_host_calls_total",
        Counter,
        "What plugins have called of the host.",
        |account| account.host_calls() as f64,
    ),
    ("jackfield_plugin_log_bytes_total", Counter, "Log lines of plugins, in bytes.", |account| {
        account.log_bytes() as f64
    }),
    (
        "jackfield_plugin_memory_peak_bytes",
        Gauge,
        "The largest memory that one instance had.",
        |account| account.memory_peak() as f64,
    ),
];

/// Writes them.
pub fn expose(page: &mut Exposition, app: &App) {
    for (name, kind, help, value) in TENANTS {
        page.metric(name, *kind, help);
        for (id, tenant) in &app.tenants {
            page.sample(&[("tenant", id.as_str())], value(&tenant.account));
        }
    }
    let accounts: Vec<(&Tenant, Arc<PluginAccount>)> = app
        .tenants
        .values()
        .flat_map(|tenant| tenant.account.plugins().into_iter().map(|one| (tenant.as_ref(), one)))
        .collect();
    for (name, kind, help, value) in PLUGINS {
        page.metric(name, *kind, help);
        for (tenant, account) in &accounts {
            let labels = [("tenant", tenant.id.as_str()), ("plugin", account.name())];
            page.sample(&labels, value(account));
        }
    }
    let help = "How often a plugin met a limit, by limit.";
    page.metric("jackfield_plugin_limit_hits_total", Counter, help);
    for (tenant, account) in &accounts {
        for limit in Limit::ALL {
            let labels = [
                ("tenant", tenant.id.as_str()),
                ("plugin", account.name()),
                ("limit", limit.name()),
            ];
            let hits = account.hits(limit);
            // Fifteen samples that say nothing, for each plugin of a thousand tenants, help nobody.
            if 0 < hits {
                page.sample(&labels, hits as f64);
            }
        }
    }
    rollouts(page, app);
    revoked(page, app);
    let help = "Whether the active version is asked, by what it is instead: 1 for what it is.";
    page.metric("jackfield_plugin_standing", Gauge, help);
    for (tenant, account) in &accounts {
        let name = account.name();
        let digest = active_digest(tenant, name);
        let labels = [
            ("tenant", tenant.id.as_str()),
            ("plugin", name),
            ("standing", standing(account, digest.as_deref())),
        ];
        page.sample(&labels, 1.0);
    }
}

/// Versions that serve although they were revoked.
fn revoked(page: &mut Exposition, app: &App) {
    let help = "Versions that serve and were revoked since they were installed: 1 for each; whether they are stopped says jackfield_plugin_standing.";
    page.metric("jackfield_plugin_revoked", Gauge, help);
    for (id, tenant) in &app.tenants {
        for Serving { plugin, digest, .. } in serving(tenant) {
            if tenant.account.plugin(&plugin).revoked(&digest).is_some() {
                let labels =
                    [("tenant", id.as_str()), ("plugin", &plugin), ("digest", digest.as_str())];
                page.sample(&labels, 1.0);
            }
        }
    }
}

/// Candidates beside the active versions, and versions that were replaced.
fn rollouts(page: &mut Exposition, app: &App) {
    let help = "Steps of rollouts by what they were: canary, shadow, promoted, rolled_back, ended.";
    page.metric("jackfield_plugin_rollout_steps_total", Counter, help);
    for (id, tenant) in &app.tenants {
        for ((plugin, step), count) in tenant.rollouts.steps() {
            let labels = [("tenant", id.as_str()), ("plugin", &plugin), ("step", step)];
            page.sample(&labels, count as f64);
        }
    }
    let tried: Vec<_> = app
        .tenants
        .iter()
        .flat_map(|(id, tenant)| tenant.rollouts.views().into_iter().map(move |one| (id, one)))
        .collect();
    let canaries = || {
        tried.iter().filter_map(|(id, (plugin, view))| Some((id, plugin, view.canary.as_ref()?)))
    };
    let help = "Contacts since a canary began, by the version that has them.";
    page.metric("jackfield_plugin_canary_contacts", Gauge, help);
    for (id, plugin, canary) in canaries() {
        for (version, count) in [("candidate", canary.contacts), ("active", canary.active_contacts)]
        {
            let labels = [("tenant", id.as_str()), ("plugin", plugin), ("version", version)];
            page.sample(&labels, count as f64);
        }
    }
    let help =
        "How likely a canary's figure is if the candidate is no worse than it may be, at any time.";
    page.metric("jackfield_plugin_canary_p_value", Gauge, help);
    for (id, plugin, canary) in canaries() {
        for figure in &canary.figures {
            let labels = [("tenant", id.as_str()), ("plugin", plugin), ("figure", figure.figure)];
            page.sample(&labels, figure.p_value);
        }
    }
    let help = "Questions since a shadow began, by what became of them.";
    page.metric("jackfield_plugin_shadow_questions", Gauge, help);
    for (id, (plugin, view)) in &tried {
        let Some(shadow) = &view.shadow else { continue };
        let failed = shadow.failures.values().sum();
        for (outcome, count) in [
            ("agreed", shadow.agreed),
            ("differed", shadow.differed),
            ("failed", failed),
            ("skipped", shadow.skipped),
        ] {
            let labels = [("tenant", id.as_str()), ("plugin", plugin), ("outcome", outcome)];
            page.sample(&labels, count as f64);
        }
    }
    let help = "Contacts that are led by a version that was replaced.";
    page.metric("jackfield_plugin_draining_sessions", Gauge, help);
    for (id, tenant) in &app.tenants {
        let sessions: u32 = tenant.drains.list().iter().map(|one| one.sessions).sum();
        page.sample(&[("tenant", id.as_str())], f64::from(sessions));
    }
    let help = "Contacts whose flow was ended because plugins.drain was over for its version.";
    page.metric("jackfield_plugin_drain_ended_total", Counter, help);
    for (id, tenant) in &app.tenants {
        page.sample(&[("tenant", id.as_str())], tenant.drains.ended() as f64);
    }
}
