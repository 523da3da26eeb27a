//! What an agent is worth: a number, or several that are compared place by place.

use std::cmp::Ordering;

use rhai::{Array, Dynamic};
use rhai_script::kind;

/// Places of a score.
const PLACES_MAX: usize = 8;

/// Reads what `score` gave: none if the contact is not for the agent.
///
/// # Errors
///
/// In words, if it is no score.
pub fn read(given: &Dynamic) -> Result<Option<Vec<f64>>, String> {
    if given.is_unit() {
        return Ok(None);
    }
    if let Some(list) = given.read_lock::<Array>() {
        if list.is_empty() || PLACES_MAX < list.len() {
            return Err(format!(
                "`score` gives a list of 1 to {PLACES_MAX} numbers; it gave {}",
                list.len()
            ));
        }
        return list.iter().map(finite).collect::<Result<_, _>>().map(Some);
    }
    let score = finite(given)?;
    Ok((0.0 <= score).then(|| vec![score]))
}

fn finite(given: &Dynamic) -> Result<f64, String> {
    match number(given) {
        // Without the sign of a zero: it is shown to people.
        Some(score) if score.is_finite() => Ok(score + 0.0),
        Some(score) => Err(format!("`score` gave {score}")),
        None => Err(format!(
            "`score` gives a number, a list of numbers, or () if the contact is not for the agent; \
             it gave {}",
            kind(given)
        )),
    }
}

/// A number, whole or not.
pub fn number(value: &Dynamic) -> Option<f64> {
    match (value.as_int(), value.as_float()) {
        (Ok(whole), _) => Some(whole as f64),
        (_, Ok(number)) => Some(number),
        _ => None,
    }
}

/// Place by place; a place that is missing counts as 0.
pub fn compare(one: &[f64], other: &[f64]) -> Ordering {
    let place = |of: &[f64], index: usize| of.get(index).copied().unwrap_or(0.0);
    let places = 0..one.len().max(other.len());
    places.fold(Ordering::Equal, |so_far, index| {
        so_far.then_with(|| place(one, index).total_cmp(&place(other, index)))
    })
}

/// The numbers, divided by slashes.
pub fn written(worth: &[f64]) -> String {
    let numbers: Vec<_> = worth.iter().map(f64::to_string).collect();
    numbers.join("/")
}
