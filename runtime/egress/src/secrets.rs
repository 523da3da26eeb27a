//! `{{secret:NAME}}` on the way out, and the same secrets hidden on the way back.

use std::collections::BTreeMap;

const START: &[u8] = b"{{secret:";
const END: &[u8] = b"}}";
/// What stands in an answer where a secret was.
const HIDDEN: &[u8] = b"[secret]";

/// Puts secrets into a text, and notes which.
///
/// # Errors
///
/// The name that is not known.
pub fn put_in<'a>(
    text: &[u8],
    secrets: &'a BTreeMap<String, String>,
    used: &mut Vec<&'a str>,
) -> Result<Vec<u8>, String> {
    let mut whole = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest, START) {
        whole.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = find(rest, END) else { break };
        let name = String::from_utf8_lossy(&rest[START.len()..end]);
        let Some(secret) = secrets.get(name.as_ref()) else {
            let name: String = name.chars().take(64).collect();
            return Err(name);
        };
        whole.extend_from_slice(secret.as_bytes());
        used.push(secret);
        rest = &rest[end + END.len()..];
    }
    whole.extend_from_slice(rest);
    Ok(whole)
}

/// Hides the secrets that a request carried in what came back.
pub fn hide(text: Vec<u8>, used: &[&str]) -> Vec<u8> {
    let mut text = text;
    // An empty one would be everywhere.
    for secret in used.iter().map(|secret| secret.as_bytes()).filter(|secret| !secret.is_empty()) {
        let Some(mut at) = find(&text, secret) else { continue };
        let mut whole = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        loop {
            whole.extend_from_slice(&rest[..at]);
            whole.extend_from_slice(HIDDEN);
            rest = &rest[at + secret.len()..];
            match find(rest, secret) {
                Some(next) => at = next,
                None => break,
            }
        }
        whole.extend_from_slice(rest);
        text = whole;
    }
    text
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}
