//! Tables and pairs, aligned; JSON if asked for.

use std::fmt::Write as _;

use serde_json::Value;

use super::error::CliError;

/// Prints to stdout. A reader that went away, as `| head` does, is no error.
pub fn print(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
}

/// Prints a value as JSON.
pub fn print_json(value: &Value) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| CliError::failed(format!("cannot write JSON: {error}")))?;
    print(&text);
    Ok(())
}

/// Shows a value in a cell: text without quotes, absent as `-`, lists and tables in short.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let pairs: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name} {}", plain(value))).collect();
            if pairs.is_empty() { "-".to_owned() } else { pairs.join(", ") }
        }
    }
}

/// Aligns rows under headings. Columns in which no row has anything are left out.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
    let shown: Vec<usize> = (0..headings.len())
        .filter(|&column| rows.iter().any(|row| !matches!(cell(row, column).as_str(), "" | "-")))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| cell(row, column).chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = shown.iter().map(|&column| width(column)).collect();
    let mut text = String::new();
    let head: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (&column, &width) in shown.iter().zip(&widths) {
            let _ = write!(line, "{:<width$}  ", cell(row, column));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Aligns names and values, one pair a line.
pub fn pairs(pairs: &[(String, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in pairs {
        let line = format!("{name:<width$}  {value}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The rows of a list of objects: one cell for each of the named fields.
pub fn rows(items: &[Value], fields: &[&str]) -> Vec<Vec<String>> {
    let cell = |item: &Value, field: &str| item.get(field).map_or("-".to_owned(), plain);
    items.iter().map(|item| fields.iter().map(|field| cell(item, field)).collect()).collect()
}

/// Shows any object: its values as pairs, its lists of objects as tables below.
pub fn object(value: &Value) -> String {
    let Value::Object(fields) = value else { return plain(value) };
    let (mut own, mut below) = (Vec::new(), String::new());
    for (name, value) in fields {
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let _ = write!(below, "\n{name}\n{}", list(items));
            }
            Value::Object(inner)
                if inner.values().any(|value| value.is_object() || value.is_array()) =>
            {
                let _ = write!(below, "\n{name}\n{}", object(value));
            }
            value => own.push((name.clone(), plain(value))),
        }
    }
    pairs(&own) + below.as_str()
}

/// Shows a list of objects as a table of all their fields, in the order of the first.
pub fn list(items: &[Value]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in items.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    table(&names, &rows(items, &names))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_pairs_and_tables() {
        let value = json!({"tenant": "acme", "open": true, "queues": [
            {"name": "sales", "waiting": 3, "note": null},
            {"name": "Ромашка", "waiting": 12, "note": null},
        ]});
        expect![[r#"
            open    yes
            tenant  acme

            queues
            name     waiting
            sales    3
            Ромашка  12
        "#]]
        .assert_eq(&object(&value));
    }
}
