//! What is kept of JSON: without secrets, and not more than a few kilobytes.

use serde_json::{Value, json};

/// The most that is kept of one value, in bytes.
pub const KEPT_MAX: usize = 4 * 1024;
/// What stands for a secret, and where something was cut.
const LEFT_OUT: &str = "…";
/// Characters of a text and items of a list that are kept: the first of these that fits.
const SHORTER: [(usize, usize); 5] = [(4096, 512), (1024, 64), (256, 32), (80, 8), (20, 2)];

/// Whether what is called so is a secret. `old` and `new` are those of a change of a password.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let part = ["password", "passphrase", "secret", "token", "credential", "authorization"];
    let whole = ["code", "codes", "old", "new", "pin", "cookie", "key", "private_key", "api_key"];
    part.iter().any(|part| key.contains(part)) || whole.contains(&key.as_str())
}

/// The value as JSON text of at most [`KEPT_MAX`] bytes: secrets are replaced by `…`, and what is too long
/// ends so.
pub fn without_secrets(mut value: Value) -> String {
    redact(&mut value);
    let whole = value.to_string();
    if whole.len() <= KEPT_MAX {
        return whole;
    }
    let shorter = SHORTER.iter().map(|&(text, items)| cut(&value, text, items).to_string());
    shorter
        .into_iter()
        .find(|text| text.len() <= KEPT_MAX)
        .unwrap_or_else(|| json!(LEFT_OUT).to_string())
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let said = !matches!(field, Value::Null | Value::Bool(_));
                match said && is_secret(key) {
                    true => *field = json!(LEFT_OUT),
                    false => redact(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        // The address of a secret of one-time codes.
        Value::String(text) if text.starts_with("otpauth:") => *value = json!(LEFT_OUT),
        _ => {}
    }
}

fn cut(value: &Value, characters: usize, items: usize) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(characters) {
            Some((end, _)) => json!(format!("{}{LEFT_OUT}", text.get(..end).unwrap_or_default())),
            None => value.clone(),
        },
        Value::Array(all) => {
            let kept = all.iter().take(items).map(|item| cut(item, characters, items));
            let more = (items < all.len()).then(|| json!(LEFT_OUT));
            Value::Array(kept.chain(more).collect())
        }
        Value::Object(fields) => {
            let kept = fields.iter().take(items);
            let kept = kept.map(|(key, field)| (key.clone(), cut(field, characters, items)));
            let more = (items < fields.len()).then(|| (LEFT_OUT.to_owned(), Value::Null));
            Value::Object(kept.chain(more).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT_MAX, without_secrets};
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn secrets_are_known_by_their_names() {
        let kept = without_secrets(json!({
            "name": "anna", "password": "p", "Old": "o", "new": "n", "code": 7, "codes": ["c"],
            "deep": [{ "access_token": "t", "address": "otpauth://totp/x?secret=y" }],
            "country_code": "371", "totp_secret": null, "reason": "code", "api_token": { "a": "b" },
        }));
        expect![[r#"{"Old":"…","api_token":"…","code":"…","codes":"…","country_code":"371","deep":[{"access_token":"…","address":"…"}],"name":"anna","new":"…","password":"…","reason":"code","totp_secret":null}"#]]
            .assert_eq(&kept);
    }

    #[test]
    fn what_is_long_is_cut_and_stays_json() {
        let text = "ж".repeat(9_000);
        let many: Vec<_> =
            (0..900).map(|number| json!({ "number": number, "text": text })).collect();
        let wide: serde_json::Map<_, _> =
            (0..900).map(|number| (format!("{number}{text}"), json!(text))).collect();
        for value in [json!({ "script": text }), json!(many), json!(wide), json!([[many]])] {
            let kept = without_secrets(value);
            assert!(kept.len() <= KEPT_MAX && kept.contains('…'), "{}", kept.len());
            serde_json::from_str::<serde_json::Value>(&kept).expect("JSON");
        }
    }
}
