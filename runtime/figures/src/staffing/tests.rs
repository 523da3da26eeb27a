//! What a load may be, and numbers printed elsewhere compared with ours.

use std::time::Duration;

use expect_test::expect;

use super::*;

/// Compares with a number as it is printed: to its last digit.
#[track_caller]
pub(super) fn printed(got: f64, text: &str) {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{got:.decimals$}"), text, "{got}");
}

/// Compares to so many parts of the number.
#[track_caller]
pub(super) fn near(got: f64, want: f64, relative: f64) {
    assert!((got - want).abs() <= relative * want.abs(), "{got} is not {want}");
}

pub(super) fn per_half_hour(calls: f64, handle: f64) -> Load {
    Load::of_rate(calls / 1_800.0, handle).unwrap()
}

/// A seeded stream of numbers between 0 and 1, for properties.
pub(super) struct Uniform(pub u64);

impl Uniform {
    pub fn next(&mut self) -> f64 {
        // SplitMix64: Steele, Lea, Flood (2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Between `low` and `high`, as many near each power of ten.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        libm::exp(libm::log(low) + self.next() * libm::log(high / low))
    }
}

#[test]
fn a_load_is_calls_times_handle_time() {
    let hour = Duration::from_secs(3_600);
    let load = Load::new(350.0, hour, Duration::from_secs(300)).unwrap();
    near(load.erlangs(), 350.0 * 300.0 / 3_600.0, 1e-15);
    // Little's law, as a vendor uses it to size a job: 40 % of 1,000 calls an hour of 5 minutes.
    printed((Load::new(400.0, hour, Duration::from_secs(300)).unwrap()).erlangs(), "33");
    printed((Load::new(1_200.0, hour, Duration::from_secs(600)).unwrap()).erlangs(), "200");
}

#[test]
fn nonsense_is_refused_by_name() {
    let hour = Duration::from_secs(3_600);
    let text = |result: Result<Load, StaffingError>| result.unwrap_err().to_string();
    let mut said = String::new();
    for (calls, interval, handle) in [
        (0.0, hour, hour),
        (-1.0, hour, hour),
        (f64::NAN, hour, hour),
        (f64::INFINITY, hour, hour),
        (1.0, Duration::ZERO, hour),
        (1.0, hour, Duration::ZERO),
        (1.0, hour, Duration::from_secs(400 * 86_400)),
        (1e9, hour, hour),
    ] {
        said += &text(Load::new(calls, interval, handle));
        said.push('\n');
    }
    expect![[r#"
        calls must be a number above 0, got 0
        calls must be a number above 0, got -1
        calls must be a number above 0, got NaN
        calls must be a number above 0, got inf
        interval must be more than 0s and at most 366d, got 0
        aht must be more than 0s and at most 366d, got 0
        aht must be more than 0s and at most 366d, got 34560000
        calls must be so few that calls × aht / interval is at most 100000 erlangs, got 999999999.9999999
    "#]].assert_eq(&said);
}
