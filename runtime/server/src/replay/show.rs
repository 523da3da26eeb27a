//! A replay's report as JSON.

use jackfield_core::Instant;
use jackfield_sim::replay::compare::{Comparison, Fate, Row};
use jackfield_sim::replay::travel::Step;
use jackfield_store::component_digest as digest;
use serde_json::{Value, json};

use super::{Order, Progress, Report};
use crate::rfc3339;

fn moment(at: Instant) -> String {
    rfc3339::format(at.as_micros())
}

impl Report {
    /// Returns the report: `exact`, `kpi`, and with a candidate `comparison` and `gate`, with an
    /// interaction `story` and `branch`. Shares are 0 to 1, times seconds.
    pub fn to_json(&self, order: &Order) -> Value {
        let exact = &self.exact;
        let (kpi, kpi_again) = (self.kpi.0.to_string(), self.kpi.1.to_string());
        let mut report = json!({
            "from": moment(self.span.from),
            "to": moment(Instant::from_micros(self.span.until.as_micros() + 1)),
            "runs": self.runs,
            "identical": self.identical(),
            "exact": {
                "records": exact.records,
                "decisions": exact.decisions,
                "decision_log_sha256": {
                    "recorded": digest(exact.recorded.as_bytes()),
                    "replayed": digest(exact.replayed.as_bytes()),
                },
                "kpi_sha256": { "recorded": digest(kpi.as_bytes()), "replayed": digest(kpi_again.as_bytes()) },
                "routers": self.versions,
                "answers_asked_again": exact.asked,
                "answers_taken_from_the_record": exact.not_asked,
                "divergence": exact.divergence.as_ref().map(ToString::to_string),
            },
            "kpi": self.kpi.0,
        });
        if order.log {
            report["decision_log"] = json!(exact.replayed);
        }
        if let Some(comparison) = &self.comparison {
            report["comparison"] = compared(comparison);
        }
        if let Some(verdicts) = &self.verdicts {
            let judged = verdicts.iter().map(|verdict| {
                json!({
                    "condition": verdict.condition.to_string(),
                    "difference": verdict.difference,
                    "holds": verdict.holds,
                    "says": verdict.to_string(),
                })
            });
            report["gate"] =
                json!({ "passes": self.passes(), "conditions": judged.collect::<Vec<_>>() });
        }
        if let Some(steps) = &self.steps {
            report["story"] = told(steps);
        }
        if let Some(branches) = &self.branches {
            report["branch"] =
                json!({ "fork": moment(branches.fork), "story": told(&branches.other) });
        }
        if !self.flow_failures.is_empty() {
            let failed = self.flow_failures.iter().take(order.most);
            let failed = failed.map(|(id, why)| json!({ "interaction": id, "why": why }));
            report["flow_failures"] = json!({
                "contacts": self.flow_failures.len(),
                "first": failed.collect::<Vec<_>>(),
            });
        }
        report
    }
}

fn compared(comparison: &Comparison) -> Value {
    let row = |row: &Row| {
        let interval = row.low.zip(row.high).map(|(low, high)| json!([low, high]));
        json!({
            "figure": row.metric.name(),
            "unit": if row.metric.unit().0 == "s" { "seconds" } else { "share" },
            "recorded": row.recorded,
            "active": row.base,
            "candidate": row.candidate,
            "difference": row.difference,
            "interval_95": interval,
        })
    };
    let fate = |fate: &Fate| {
        json!({
            "ending": fate.ending,
            "waited_seconds": fate.waited.as_secs_f64(),
            "agent": fate.agent,
        })
    };
    let changed = comparison.most_changed.iter().map(|change| {
        json!({
            "interaction": change.interaction,
            "stay": change.stay,
            "active": fate(&change.base),
            "candidate": fate(&change.candidate),
        })
    });
    json!({
        "figures": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        "imputations": comparison.imputations,
        "stays": comparison.stays,
        "waited_longer": comparison.longer,
        "waited_less": comparison.shorter,
        "other_agent": comparison.other_agent,
        "ended_otherwise": comparison.other_end,
        "most_changed": changed.collect::<Vec<_>>(),
    })
}

fn told(steps: &[Step]) -> Value {
    let told = steps
        .iter()
        .map(|step| json!({ "step": step.number, "at": moment(step.at), "what": step.what }));
    told.collect()
}

/// How far a replay is: `{"phase": "exact", "done": 3, "of": 7}`.
pub fn shown(progress: Progress) -> Value {
    match progress {
        Progress::Exact(done, of) => json!({ "phase": "exact", "done": done, "of": of }),
        Progress::Reruns(done, of) => json!({ "phase": "reruns", "done": done, "of": of }),
    }
}
