//! A replay's report in words.

use serde_json::Value;

use crate::cli::output::table;

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("-")
}

fn count(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// The report in words.
pub fn report(report: &Value) -> String {
    let mut said = exact(report);
    if let Some(comparison) = report.get("comparison") {
        said.push_str(&compared(comparison));
    }
    if let Some(conditions) = report.pointer("/gate/conditions").and_then(Value::as_array) {
        said.push_str("\nthe gate\n");
        for condition in conditions {
            said.push_str(&format!("  {}\n", text(condition, "/says")));
        }
    }
    if let Some(story) = report.get("story").and_then(Value::as_array) {
        said.push_str(&format!("\nas recorded\n{}", told(story)));
    }
    if let Some(branch) = report.get("branch") {
        let story = branch.get("story").and_then(Value::as_array);
        let story = told(story.map_or(&[][..], Vec::as_slice));
        said.push_str(&format!("\nthe other branch, from {}\n{story}", text(branch, "/fork")));
    }
    if report.get("flow_failures").is_some() {
        let failures = count(report, "/flow_failures/contacts");
        let first = text(report, "/flow_failures/first/0/why");
        said.push_str(&format!("\nthe flow failed for {failures} callers, first: {first}\n"));
    }
    said.trim_end().to_owned()
}

fn exact(report: &Value) -> String {
    let same = report.get("identical").and_then(Value::as_bool) == Some(true);
    let mut said = format!(
        "{} to {}: {} records, {} decisions, {} process runs\n",
        text(report, "/from"),
        text(report, "/to"),
        count(report, "/exact/records"),
        count(report, "/exact/decisions"),
        count(report, "/runs"),
    );
    said.push_str(if same {
        "the replay is the record, to the byte\n"
    } else {
        "THE REPLAY IS NOT THE RECORD\n"
    });
    if let Some(why) = report.pointer("/exact/divergence").and_then(Value::as_str) {
        said.push_str(&format!("  {why}\n"));
    }
    said.push_str(&format!(
        "  decision log {:.16}, figures {:.16}; {} answers of routers asked again, {} taken from the \
         record\n",
        text(report, "/exact/decision_log_sha256/replayed"),
        text(report, "/exact/kpi_sha256/replayed"),
        count(report, "/exact/answers_asked_again"),
        count(report, "/exact/answers_taken_from_the_record"),
    ));
    said
}

fn compared(comparison: &Value) -> String {
    let empty = Vec::new();
    let rows = comparison.get("figures").and_then(Value::as_array).unwrap_or(&empty);
    let value = |row: &Value, pointer: &str, signed: bool| {
        let Some(number) = row.pointer(pointer).and_then(Value::as_f64) else {
            return "no data".to_owned();
        };
        let seconds = text(row, "/unit") == "seconds";
        match (seconds, signed) {
            (true, true) => format!("{number:+.2} s"),
            (true, false) => format!("{number:.2} s"),
            (false, true) => format!("{:+.2} pp", number * 100.0),
            (false, false) => format!("{:.2} %", number * 100.0),
        }
    };
    let line = |row: &Value| {
        let interval = format!(
            "{} to {}",
            value(row, "/interval_95/0", true),
            value(row, "/interval_95/1", true)
        );
        let interval = if row.get("interval_95").is_some_and(Value::is_null) {
            "-".to_owned()
        } else {
            interval
        };
        vec![
            text(row, "/figure").to_owned(),
            value(row, "/recorded", false),
            value(row, "/active", false),
            value(row, "/candidate", false),
            value(row, "/difference", true),
            interval,
        ]
    };
    let heads = ["FIGURE", "RECORDED", "ACTIVE", "CANDIDATE", "DIFFERENCE", "95 % INTERVAL"];
    let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
    let mut said = format!(
        "\nthe candidate, over {} imputations of what is not known\n{}\n",
        count(comparison, "/imputations"),
        table(&heads, &lines).trim_end()
    );
    said.push_str(&format!(
        "{} stays in queues: {} waited longer, {} less; {} had another agent, {} ended otherwise\n",
        count(comparison, "/stays"),
        count(comparison, "/waited_longer"),
        count(comparison, "/waited_less"),
        count(comparison, "/other_agent"),
        count(comparison, "/ended_otherwise"),
    ));
    let changed = comparison.get("most_changed").and_then(Value::as_array).unwrap_or(&empty);
    if !changed.is_empty() {
        said.push_str("changed most\n");
    }
    for change in changed {
        let fate = |pointer: &str| {
            let fate = change.pointer(pointer).unwrap_or(&Value::Null);
            let waited = fate.get("waited_seconds").and_then(Value::as_f64).unwrap_or_default();
            let agent = fate.get("agent").and_then(Value::as_str);
            let by = agent.map_or(String::new(), |agent| format!(" by {agent}"));
            format!("{}{by} after {waited:.1} s", text(fate, "/ending"))
        };
        said.push_str(&format!(
            "  {}: {} -> {}\n",
            text(change, "/interaction"),
            fate("/active"),
            fate("/candidate")
        ));
    }
    said
}

fn told(story: &[Value]) -> String {
    let line = |step: &Value| {
        format!("  {:>3}  {}  {}\n", count(step, "/step"), text(step, "/at"), text(step, "/what"))
    };
    story.iter().map(line).collect()
}
