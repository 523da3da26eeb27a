//! The story of a call: totals at the top, then what happened and when.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use super::output::{pairs, plain};
use super::time::{clock, parse_rfc3339};

/// Tells the story of an interaction as the API gives it.
pub fn story(interaction: &Value) -> String {
    let word = |name: &str| interaction.get(name).map(plain).filter(|text| text != "-");
    let began = word("arrived_at").and_then(|at| parse_rfc3339(&at));
    let mut text = format!("interaction {}\n\n", word("id").unwrap_or_default());
    let mut head: Vec<(String, String)> = Vec::new();
    let mut line = |name: &str, value: Option<String>| {
        head.extend(value.map(|value| (name.to_owned(), value)));
    };
    line("channel", word("channel"));
    line("from", word("ani"));
    line("to", word("dnis"));
    line("contact", word("contact"));
    line("flow", word("flow"));
    line("queue", word("queue"));
    line("agent", word("agent"));
    line("arrived", word("arrived_at"));
    line("answered", word("answered_at"));
    line("ended", word("ended_at").or(Some("in progress".to_owned())));
    line("end", word("end"));
    line("waited", length(interaction, "wait_ms"));
    line("talked", length(interaction, "talk_ms"));
    let ended = word("ended_at").and_then(|at| parse_rfc3339(&at));
    let total = began.zip(ended).and_then(|(began, ended)| u64::try_from(ended - began).ok());
    line("in all", total.map(|micros| clock(Duration::from_micros(micros))));
    line("recording", word("recording"));
    text.push_str(&pairs(&head));
    let attributes = details(interaction.get("attributes"));
    if !attributes.is_empty() {
        let _ = write!(text, "\nattributes\n{}", indent(&pairs(&attributes)));
    }
    let events = interaction.get("timeline").and_then(Value::as_array);
    let events = events.map(Vec::as_slice).unwrap_or_default();
    if events.is_empty() {
        text.push_str("\nno timeline was kept\n");
    } else {
        let _ = write!(text, "\ntimeline\n{}", indent(&timeline(events, began)));
    }
    text
}

fn length(interaction: &Value, name: &str) -> Option<String> {
    let milliseconds = interaction.get(name)?.as_u64()?;
    Some(clock(Duration::from_millis(milliseconds)))
}

/// Reads `[[name, value], ...]`.
fn details(value: Option<&Value>) -> Vec<(String, String)> {
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |pair: &Value| Some((plain(pair.get(0)?), plain(pair.get(1)?)));
    list.iter().filter_map(pair).collect()
}

/// Aligns events as `+12.340 s  queued  sales, position 1`.
fn timeline(events: &[Value], began: Option<i64>) -> String {
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for event in events {
        let at = event.get("at").map(plain).unwrap_or_default();
        let offset = began.zip(parse_rfc3339(&at)).map(|(began, at)| seconds(at - began));
        let what = event.get("what").map(plain).unwrap_or_default();
        let details: Vec<String> = details(event.get("details"))
            .into_iter()
            // What the detail is goes without saying where the event itself says it.
            .map(|(name, value)| match name.as_str() {
                "queue" | "agent" | "prompt" | "text" | "digit" | "digits" | "reason" => value,
                _ => format!("{name} {value}"),
            })
            .collect();
        rows.push((offset.unwrap_or(at), what.replace('_', " "), details.join(", ")));
    }
    let width = |cells: &mut dyn Iterator<Item = &String>| {
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let first = width(&mut rows.iter().map(|row| &row.0));
    let second = width(&mut rows.iter().map(|row| &row.1));
    let mut text = String::new();
    for (offset, what, details) in &rows {
        let line = format!("{offset:>first$}  {what:<second$}  {details}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn seconds(micros: i64) -> String {
    let sign = if micros < 0 { '-' } else { '+' };
    let milliseconds = micros.unsigned_abs() / 1_000;
    format!("{sign}{}.{:03} s", milliseconds / 1_000, milliseconds % 1_000)
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_told_from_arrival_to_end() {
        let call = json!({
            "id": "01jd8x2k4m7qa", "channel": "voice", "ani": "37120000001", "dnis": "100",
            "contact": "c-17", "arrived_at": "2026-11-21T08:05:09.120Z",
            "answered_at": "2026-11-21T08:05:24.500Z", "ended_at": "2026-11-21T08:06:31.000Z",
            "end": "agent_hung_up", "queue": "sales", "agent": "alice", "flow": "main 3",
            "recording": null, "wait_ms": 3040, "talk_ms": 66500,
            "attributes": [["menu", "sales"], ["vip", "yes"]],
            "timeline": [
                {"at": "2026-11-21T08:05:09.120Z", "what": "arrived", "details": []},
                {"at": "2026-11-21T08:05:21.460Z", "what": "queued",
                 "details": [["queue", "sales"], ["position", "1"]]},
                {"at": "2026-11-21T08:05:21.480Z", "what": "offered", "details": [["agent", "alice"]]},
                {"at": "2026-11-21T08:06:31Z", "what": "ended", "details": [["reason", "agent_hung_up"]]},
            ],
        });
        expect![[r#"
            interaction 01jd8x2k4m7qa

            channel   voice
            from      37120000001
            to        100
            contact   c-17
            flow      main 3
            queue     sales
            agent     alice
            arrived   2026-11-21T08:05:09.120Z
            answered  2026-11-21T08:05:24.500Z
            ended     2026-11-21T08:06:31.000Z
            end       agent_hung_up
            waited    0:03
            talked    1:06
            in all    1:21

            attributes
              menu  sales
              vip   yes

            timeline
               +0.000 s  arrived
              +12.340 s  queued   sales, position 1
              +12.360 s  offered  alice
              +81.880 s  ended    agent_hung_up
        "#]]
        .assert_eq(&story(&call));
    }

    #[test]
    fn a_call_in_progress_has_no_end() {
        let text = story(&json!({"id": "01jd8x2k4m7qa", "arrived_at": "2026-11-21T08:05:09Z"}));
        assert!(text.contains("in progress") && text.contains("no timeline"), "{text}");
    }
}
