//! The answer, for people and for programs.

use std::fmt::Write as _;

use jackfield_figures::staffing::Staffing;
use jackfield_figures::staffing::Target;
use jackfield_figures::staffing::back_office::{BackOffice, BackOfficeStaffing};
use jackfield_figures::staffing::shrinkage::{Shrinkage, whole_up};
use serde_json::{Value, json};

use super::{ModelArg, StaffArgs, name};
use crate::cli::error::CliError;
use crate::cli::output::{pairs, table};

/// The most rows of a forecast that people are shown.
const DAYS_SHOWN: usize = 14;

const UNSTABLE: &str = "at least as much work comes as the agents can do, and nobody gives up: the \
    queue grows without end, there is no mean wait, and in the long run nobody is served in time";

/// Prints the figures of an Erlang model.
pub fn erlang(
    args: &StaffArgs,
    target: &Target,
    rows: &[Staffing],
    shrinkage: Option<Shrinkage>,
    json: bool,
) -> Result<String, CliError> {
    if json {
        let rows: Vec<Value> =
            rows.iter().map(|row| figures(args, target, row, shrinkage)).collect();
        return as_json(&one_or_rows(rows, args));
    }
    let mut text = format!("{}\n\n", asked(args, rows));
    text += &match rows {
        [row] => pairs(&described(args, target, row, shrinkage)),
        rows => erlang_table(rows, shrinkage),
    };
    if rows.iter().any(|row| !row.stable) {
        let _ = write!(text, "\nNote: with agents ≤ load {UNSTABLE}.\n");
    }
    Ok(text)
}

/// One row alone is the answer; of a range `rows` is.
fn one_or_rows(mut rows: Vec<Value>, args: &StaffArgs) -> Value {
    if rows.len() == 1 {
        return rows.swap_remove(0);
    }
    json!({ "model": name(args.model), "rows": rows })
}

fn figures(
    args: &StaffArgs,
    target: &Target,
    row: &Staffing,
    shrinkage: Option<Shrinkage>,
) -> Value {
    let mut value = json!({
        "model": name(args.model),
        "agents": count(row.agents),
        "service_level": row.service_level,
        "asa_seconds": row.asa_seconds,
        "occupancy": row.occupancy,
        "p_wait": row.p_wait,
        "p_abandon": row.p_abandon,
        "mean_wait_seconds": row.mean_wait_seconds,
        "p_block": row.p_block,
        "p_abandon_within": row.p_abandon_within,
        "queue_length": row.queue_length,
        "wait_p90_seconds": percentile(row),
        "p_lost": row.p_lost,
        "attempts": row.attempts_per_second * args.interval.0,
        "erlangs": row.load.erlangs(),
        "stable": row.stable,
        "meets_target": has_limits(target).then(|| target.is_met(row)),
    });
    // What does not exist for this model by what it is, rather than null by accident.
    if args.model != ModelArg::ErlangB {
        value["within_seconds"] = json!(row.within_seconds);
    }
    if let Some(share) = target.service_level {
        value["target"] = json!(share);
    }
    if let Some(shrinkage) = shrinkage {
        value["scheduled"] = count(shrinkage.scheduled_heads(row.agents));
        value["shrinkage"] = json!(shrinkage.share());
    }
    if !row.stable {
        value["note"] = json!(UNSTABLE);
    }
    value
}

/// What was computed, in one line.
fn asked(args: &StaffArgs, rows: &[Staffing]) -> String {
    let formula = match args.model {
        ModelArg::ErlangB => "Erlang B (M/M/c/c, calls are lost)",
        ModelArg::ErlangC => "Erlang C (M/M/c, nobody gives up)",
        ModelArg::ErlangA => "Erlang A (M/M/c+M, callers give up)",
        ModelArg::ErlangX => "Erlang X (M/M/c+M with redials)",
        ModelArg::BackOffice => "Back office",
    };
    let erlangs = rows.first().map_or(0.0, |row| row.load.erlangs());
    let (calls, interval, aht) = (args.calls, clock(args.interval.0), clock(args.aht.0));
    format!("{formula}: {calls} calls in {interval}, {aht} each = {erlangs:.2} erlangs")
}

fn described(
    args: &StaffArgs,
    target: &Target,
    row: &Staffing,
    shrinkage: Option<Shrinkage>,
) -> Vec<(String, String)> {
    let within = clock(row.within_seconds);
    let served = match args.model {
        ModelArg::ErlangB => "service level (served at all, 1 - B)".to_owned(),
        ModelArg::ErlangX => format!("service level (attempts served within {within})"),
        _ => format!("service level (served within {within} / offered, SL3)"),
    };
    let found = if args.agents.is_none() { " (the fewest that meet the target)" } else { "" };
    let mut lines = vec![("agents".to_owned(), format!("{}{found}", row.agents))];
    if let Some(shrinkage) = shrinkage {
        let exact = shrinkage.scheduled(row.agents);
        let heads = shrinkage.scheduled_heads(row.agents);
        lines.push(("scheduled (n / (1 - s))".to_owned(), format!("{heads} ({exact:.2})")));
    }
    lines.push((served, percent(Some(row.service_level))));
    let mut line = |label: &str, value: String| {
        if value != "-" {
            lines.push((label.to_owned(), value));
        }
    };
    let blocked = if args.lines.is_some() {
        "turned away, P(all lines taken)"
    } else {
        "blocked, P(all busy)"
    };
    line(blocked, percent(row.p_block));
    line("P(wait)", percent(row.p_wait));
    line("ASA, mean wait of the served", seconds(row.asa_seconds));
    line("mean wait of all callers", seconds(row.mean_wait_seconds));
    line("90% of all wait at most", seconds(percentile(row)));
    line("waiting on average, Lq", row.queue_length.map_or("-".into(), |lq| format!("{lq:.2}")));
    line("give up", percent(row.p_abandon));
    line(&format!("give up within {within}"), percent(row.p_abandon_within));
    if args.model == ModelArg::ErlangX {
        line("attempts with redials", format!("{:.1}", row.attempts_per_second * args.interval.0));
        line("customers never served", percent(row.p_lost));
    }
    line("occupancy", percent(Some(row.occupancy)));
    if args.agents.is_some() && has_limits(target) {
        line("meets the target", if target.is_met(row) { "yes" } else { "no" }.to_owned());
    }
    lines
}

fn has_limits(target: &Target) -> bool {
    let nothing = Target { within_seconds: target.within_seconds, ..Target::default() };
    *target != nothing
}

fn erlang_table(rows: &[Staffing], shrinkage: Option<Shrinkage>) -> String {
    let headings = [
        "AGENTS",
        "SCHEDULED",
        "SERVICE LEVEL",
        "BLOCKED",
        "P(WAIT)",
        "ASA",
        "MEAN WAIT",
        "GIVE UP",
        "OCCUPANCY",
    ];
    let cells = |row: &Staffing| {
        vec![
            row.agents.to_string(),
            shrinkage.map_or("-".into(), |s| s.scheduled_heads(row.agents).to_string()),
            percent(Some(row.service_level)),
            percent(row.p_block),
            percent(row.p_wait),
            seconds(row.asa_seconds),
            seconds(row.mean_wait_seconds),
            percent(row.p_abandon),
            percent(Some(row.occupancy)),
        ]
    };
    table(&headings, &rows.iter().map(cells).collect::<Vec<_>>())
}

/// Prints the figures of work with a deadline.
pub fn back_office(
    args: &StaffArgs,
    office: &BackOffice,
    rows: &[BackOfficeStaffing],
    shrinkage: Option<Shrinkage>,
    json: bool,
) -> Result<String, CliError> {
    let to_clear = office.agents_to_clear().map_err(|error| super::usage(&error))?;
    let by_deadline = office.agents_by_deadline().map_err(|error| super::usage(&error))?;
    if json {
        let value = |row: &BackOfficeStaffing| {
            let mut value = office_figures(row, to_clear, by_deadline);
            if let Some(shrinkage) = shrinkage {
                value["scheduled"] = count(shrinkage.scheduled_heads(row.agents));
                value["shrinkage"] = json!(shrinkage.share());
            }
            value
        };
        return as_json(&one_or_rows(rows.iter().map(value).collect(), args));
    }
    let (backlog, calls) = (office.backlog, args.calls);
    let (interval, aht) = (clock(args.interval.0), clock(args.aht.0));
    let (deadline, hours) = (clock(office.deadline_seconds), office.hours_per_day);
    let mut text = format!(
        "Back office: a backlog of {backlog} cases, {calls} more in {interval}, {aht} each, due in \
         {deadline}; agents work {hours} h a day\n\n"
    );
    let plan = [
        ("to clear the backlog in time", to_clear, "(backlog / days + inflow) / (hours / AHT)"),
        ("for no case to be late", by_deadline, "demand of each window, earliest deadline first"),
    ];
    let plan = plan.map(|(label, agents, formula)| {
        (format!("agents {label}"), format!("{} ({agents:.2}: {formula})", whole_up(agents)))
    });
    text += &pairs(&plan);
    text += "\n";
    let last = rows.first().and_then(|row| row.forecast.last()).map_or(0.0, |step| step.day);
    let in_time = format!("IN TIME FOR {} D", short(last));
    let headings =
        ["AGENTS", "SCHEDULED", "CASES A DAY", "OCCUPANCY", "BACKLOG GONE", in_time.as_str()];
    let cells = |row: &BackOfficeStaffing| {
        vec![
            row.agents.to_string(),
            shrinkage.map_or("-".into(), |s| s.scheduled_heads(row.agents).to_string()),
            format!("{:.1}", row.cases_per_day),
            percent(Some(row.occupancy)),
            row.days_to_clear.map_or("never".into(), |days| format!("{days:.1} d")),
            percent(Some(row.on_time)),
        ]
    };
    text += &table(&headings, &rows.iter().map(cells).collect::<Vec<_>>());
    if let [row] = rows {
        text += &format!("\n{}", course(row));
    }
    Ok(text)
}

fn office_figures(row: &BackOfficeStaffing, to_clear: f64, by_deadline: f64) -> Value {
    let step = |step: &jackfield_figures::staffing::back_office::BackOfficeStep| {
        json!({
            "day": step.day, "arrived": step.arrived, "done": step.done, "open": step.open,
            "oldest_days": step.oldest_days, "overdue": step.overdue,
        })
    };
    json!({
        "model": "back-office",
        "agents": count(row.agents),
        "agents_to_clear_backlog": to_clear,
        "agents_by_deadline": by_deadline,
        "cases_per_day": row.cases_per_day,
        "occupancy": row.occupancy,
        "days_to_clear": row.days_to_clear,
        "on_time": row.on_time,
        // Figures of callers on the line: this work has none of them.
        "service_level": null,
        "asa_seconds": null,
        "p_wait": null,
        "p_abandon": null,
        "mean_wait_seconds": null,
        "forecast": row.forecast.iter().map(step).collect::<Vec<_>>(),
    })
}

/// The age profile, step by step.
fn course(row: &BackOfficeStaffing) -> String {
    let cells = |step: &jackfield_figures::staffing::back_office::BackOfficeStep| {
        vec![
            short(step.day),
            format!("{:.1}", step.arrived),
            format!("{:.1}", step.done),
            format!("{:.1}", step.open),
            format!("{:.1} d", step.oldest_days),
            format!("{:.1}", step.overdue),
        ]
    };
    let shown: Vec<_> = row.forecast.iter().take(DAYS_SHOWN).map(cells).collect();
    let mut text = table(&["DAY", "CAME", "DONE", "OPEN", "OLDEST", "OVERDUE"], &shown);
    if DAYS_SHOWN < row.forecast.len() {
        let _ = writeln!(text, "and {} more with --json", row.forecast.len() - DAYS_SHOWN);
    }
    text
}

/// At most two decimals.
fn short(number: f64) -> String {
    format!("{}", (number * 100.0).round() / 100.0)
}

fn percentile(row: &Staffing) -> Option<f64> {
    row.wait_percentile(0.9).ok().flatten()
}

/// A whole number without a point.
fn count(number: f64) -> Value {
    if number.fract() == 0.0 { json!(number as u64) } else { json!(number) }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.2}%", 100.0 * share))
}

fn seconds(time: Option<f64>) -> String {
    time.map_or("-".to_owned(), |time| format!("{time:.2} s"))
}

/// A length of time in its largest unit: `5m`, `1.5h`.
fn clock(seconds: f64) -> String {
    let units = [("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0)];
    let fits = units.into_iter().find(|(_, unit)| *unit <= seconds);
    let (unit, size) = fits.unwrap_or(("s", 1.0));
    format!("{}{unit}", (seconds / size * 1_000.0).round() / 1_000.0)
}

fn as_json(value: &Value) -> Result<String, CliError> {
    serde_json::to_string_pretty(value)
        .map_err(|error| CliError::failed(format!("cannot write JSON: {error}")))
}
