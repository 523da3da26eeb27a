//! Estimates a wait from the latest waits of contacts who joined at a similar position.
//!
//! Positions fall into classes: 1, 2, 3, 4-5, 6-8, 9-12 and so on, each half as long again. The
//! samples of a class are the waits of those who joined within it, each divided by its position: time
//! per place. Are they too few, the classes on both sides are taken in, one more at a time. With
//! `s(c)` the quantile of class `c` (linear between neighbours, type 7 of Hyndman and Fan, 1996), the
//! estimate for position `p` is
//!
//! ```text
//! max over the classes c up to that of p:  s(c) · min(p, last position of c)
//! ```
//!
//! In the class of `p` that is the scaled quantile; the classes before make sure that a better
//! place never has a longer wait. Who was answered at once did not queue and tells nothing.

use jackfield_sdk::PluginError;
use jackfield_sdk::estimator::{EstimateAsk, WaitEstimate};
use jackfield_sdk::settings::Settings;

jackfield_sdk::estimator!(estimate);

/// Positions beyond the last class belong to it.
const CLASSES: usize = 24;

fn estimate(ask: &EstimateAsk) -> Result<Option<WaitEstimate>, PluginError> {
    let least = Settings::of_estimate(ask).number("estimate-least-waits", 20, 5..=1_000)? as usize;
    // Behind those for whom somebody is free already.
    let position = ask.position.max(1).saturating_sub(ask.agents_ready);
    let ends = ends();
    let waits = ask.recent_waits.iter().filter(|past| past.waited_ms != 0 && past.position != 0);
    let samples: Vec<(usize, f64)> = waits
        .map(|past| {
            let per_place = f64::from(past.waited_ms) / f64::from(past.position);
            (class(&ends, past.position), per_place)
        })
        .collect();
    if samples.len() < least {
        return Ok(None);
    }
    let (mut p50, mut p90) = (0.0_f64, 0.0_f64);
    for (number, end) in ends.iter().enumerate().take(class(&ends, position) + 1) {
        let similar = similar(&samples, number, least);
        let places = if number == CLASSES - 1 { position } else { position.min(*end) };
        p50 = p50.max(quantile(&similar, 0.5) * f64::from(places));
        p90 = p90.max(quantile(&similar, 0.9) * f64::from(places));
    }
    Ok(Some(WaitEstimate::of_ms(p50, p90)))
}

/// The last position of each class.
fn ends() -> [u32; CLASSES] {
    let mut end = 0_u32;
    std::array::from_fn(|_| {
        end += end.div_ceil(2).max(1);
        end
    })
}

fn class(ends: &[u32; CLASSES], position: u32) -> usize {
    ends.iter().position(|end| position <= *end).unwrap_or(CLASSES - 1)
}

/// The samples of a class, and of as many classes on both sides as make them enough, in order.
fn similar(samples: &[(usize, f64)], class: usize, least: usize) -> Vec<f64> {
    let mut found = Vec::new();
    for reach in 0..CLASSES {
        let near = samples.iter().filter(|(of, _)| of.abs_diff(class) <= reach);
        found = near.map(|(_, per_place)| *per_place).collect();
        if least <= found.len() {
            break;
        }
    }
    found.sort_by(f64::total_cmp);
    found
}

/// Linear between neighbours; 0 of nothing.
fn quantile(ordered: &[f64], share: f64) -> f64 {
    let place = ordered.len().saturating_sub(1) as f64 * share;
    let at = |index: f64| ordered.get(index as usize).copied().unwrap_or(0.0);
    let (below, above) = (at(place.floor()), at(place.ceil()));
    below + (above - below) * (place - place.floor())
}

#[cfg(test)]
mod tests;
