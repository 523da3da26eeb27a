//! Where two lists of outputs differ first, in words.

use jackfield_core::Output;
use serde_json::Value;

/// Characters shown of a value.
const SHOWN: usize = 120;

/// Says what the journal has and the engine gave, where they differ first.
pub fn first_difference(recorded: &[Output], given: &[Output]) -> String {
    let pairs = recorded.iter().zip(given).zip(1..);
    for ((theirs, ours), place) in pairs {
        if theirs != ours {
            let (theirs, ours) = (json(theirs), json(ours));
            let kind = theirs.get("output").and_then(Value::as_str).unwrap_or("?").to_owned();
            let mut path = format!("output {place} (`{kind}`)");
            let (theirs, ours) = deepest(&mut path, &theirs, &ours);
            return format!(
                "{path}: the journal has {}, the engine gives {}",
                show(theirs),
                show(ours)
            );
        }
    }
    let count = |outputs: &[Output]| match outputs.len() {
        1 => "1 output".to_owned(),
        number => format!("{number} outputs"),
    };
    let more = recorded.get(given.len()).or_else(|| given.get(recorded.len()));
    let more = more.map(|output| show(&json(output))).unwrap_or_default();
    format!(
        "the journal has {}, the engine gives {}; the first that one has alone: {more}",
        count(recorded),
        count(given)
    )
}

fn json(output: &Output) -> Value {
    serde_json::to_value(output).unwrap_or_default()
}

/// Follows the one difference as deep as it is one.
fn deepest<'v>(path: &mut String, theirs: &'v Value, ours: &'v Value) -> (&'v Value, &'v Value) {
    static NOTHING: Value = Value::Null;
    match (theirs, ours) {
        (Value::Object(left), Value::Object(right)) => {
            let names = left.keys().chain(right.keys());
            let differs = |name: &&String| left.get(*name) != right.get(*name);
            let Some(name) = names.into_iter().find(differs) else { return (theirs, ours) };
            path.push_str(&format!(".{name}"));
            let of =
                |fields: &'v serde_json::Map<String, Value>| fields.get(name).unwrap_or(&NOTHING);
            deepest(path, of(left), of(right))
        }
        (Value::Array(left), Value::Array(right)) => {
            let length = left.len().max(right.len());
            let differs = |index: &usize| left.get(*index) != right.get(*index);
            let Some(index) = (0..length).find(differs) else { return (theirs, ours) };
            path.push_str(&format!("[{index}]"));
            let of = |items: &'v Vec<Value>| items.get(index).unwrap_or(&NOTHING);
            deepest(path, of(left), of(right))
        }
        _ => (theirs, ours),
    }
}

fn show(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start}…")
}
