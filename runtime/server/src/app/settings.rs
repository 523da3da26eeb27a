//! Settings of a plugin against the JSON Schema of its manifest.
//!
//! Settings are a flat table of texts, numbers and truth values, so a part of JSON Schema (draft
//! 2020-12) says all that can be said: `properties`, `required`, `additionalProperties`, and of each
//! property `type`, `enum`, `minimum`, `maximum`, `minLength`, `maxLength`, besides what only people
//! read (`title`, `description`, `default`, `examples`). Another keyword is refused rather than passed over.

use jackfield_core::Attribute;
use serde_json::Value;

const OF_OBJECT: [&str; 9] = [
    "$schema",
    "$id",
    "type",
    "title",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "examples",
];
const OF_PROPERTY: [&str; 11] = [
    "type",
    "title",
    "description",
    "default",
    "examples",
    "enum",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "format",
];

/// Everything that is wrong, each with what would be accepted; empty if all is well.
pub fn problems(schema: &Value, settings: &[Attribute]) -> Vec<String> {
    let mut found: Vec<String> = unknown(schema, &OF_OBJECT, "the schema");
    let properties = schema.get("properties").and_then(Value::as_object);
    let names = || properties.into_iter().flat_map(|all| all.keys());
    for required in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let name = required.as_str().unwrap_or_default();
        if !settings.iter().any(|(known, _)| known == name) {
            found.push(format!("`{name}` is missing"));
        }
    }
    let open = schema.get("additionalProperties") != Some(&Value::Bool(false));
    for (name, value) in settings {
        match properties.and_then(|all| all.get(name)) {
            Some(property) => {
                found.extend(unknown(property, &OF_PROPERTY, &format!("the schema of `{name}`")));
                found.extend(problem(name, property, value));
            }
            None if open => {}
            None => {
                let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                found.push(format!("`{name}` is no setting of it: it has {}", names.join(", ")));
            }
        }
    }
    found
}

fn unknown(schema: &Value, known: &[&str], whose: &str) -> Vec<String> {
    let Some(schema) = schema.as_object() else { return vec![format!("{whose} is no object")] };
    let unknown = schema.keys().filter(|key| !known.contains(&key.as_str()));
    unknown.map(|key| format!("{whose} has `{key}`, which this host does not know")).collect()
}

fn problem(name: &str, schema: &Value, value: &str) -> Option<String> {
    let wrong = |accepted: String| Some(format!("`{name}` is `{value}`: {accepted} is accepted"));
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let text = |word: &Value| word.as_str().map_or_else(|| word.to_string(), str::to_owned);
        let words: Vec<String> = words.iter().map(text).collect();
        if !words.iter().any(|word| word == value) {
            return wrong(format!("one of {}", words.join(", ")));
        }
    }
    let number = |key: &str| schema.get(key).and_then(Value::as_f64);
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") if value != "true" && value != "false" => {
            wrong("`true` or `false`".to_owned())
        }
        Some(kind @ ("integer" | "number")) => {
            let (least, most) = (number("minimum"), number("maximum"));
            let read = match kind {
                "integer" => value.parse::<i64>().ok().map(|whole| whole as f64),
                _ => value.parse::<f64>().ok().filter(|read| read.is_finite()),
            };
            let fits = read.is_some_and(|read| {
                least.is_none_or(|least| least <= read) && most.is_none_or(|most| read <= most)
            });
            if fits {
                return None;
            }
            let what = if kind == "integer" { "a whole number" } else { "a number" };
            let range = match (least, most) {
                (Some(least), Some(most)) => format!(" from {least} to {most}"),
                (Some(least), None) => format!(" from {least} on"),
                (None, Some(most)) => format!(" up to {most}"),
                (None, None) => String::new(),
            };
            wrong(format!("{what}{range}"))
        }
        _ => {
            let length = value.chars().count() as f64;
            let (least, most) = (number("minLength"), number("maxLength"));
            let short = least.is_some_and(|least| length < least);
            if short || most.is_some_and(|most| most < length) {
                let (least, most) = (least.unwrap_or(0.0), most.unwrap_or(1_000.0));
                return wrong(format!("a text of {least} to {most} characters"));
            }
            None
        }
    }
}

#[cfg(test)]
mod tests;
