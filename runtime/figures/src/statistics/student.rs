//! Quantiles of the normal distribution and of Student's t.

/// Returns z with P(Z ≤ z) = `share` for a standard normal Z, 0.0 < share < 1.0, to about 14 digits;
/// infinite at 0.0 and 1.0.
pub fn normal_quantile(share: f64) -> f64 {
    quantile(share, normal_below)
}

/// Returns t with P(T ≤ t) = `share` for Student's t with `degrees` (≥ 1) degrees of freedom.
pub fn student_quantile(share: f64, degrees: u64) -> f64 {
    let degrees = degrees.max(1) as f64;
    quantile(share, |t| student_below(t, degrees))
}

/// P(Z ≤ z).
fn normal_below(z: f64) -> f64 {
    libm::erfc(-z * core::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// P(T ≤ t) for t ≤ 0: half of the regularised incomplete beta function at n / (n + t²).
fn student_below(t: f64, degrees: f64) -> f64 {
    beta_regularised(degrees / (degrees + t * t), degrees / 2.0, 0.5) / 2.0
}

/// Inverts a symmetric distribution in its lower half, where small shares keep their digits.
fn quantile(share: f64, below: impl Fn(f64) -> f64) -> f64 {
    if !(0.0..=1.0).contains(&share) {
        return f64::NAN;
    }
    if 0.5 < share {
        return -quantile(1.0 - share, below);
    }
    if share == 0.5 {
        return 0.0;
    }
    if share == 0.0 {
        return f64::NEG_INFINITY;
    }
    let mut low = -1.0;
    while share < below(low) {
        low *= 2.0;
    }
    let mut high = 0.0;
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || high <= middle {
            return middle;
        }
        if below(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// I_x(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8, method of Lentz).
fn beta_regularised(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if 1.0 <= x {
        return 1.0;
    }
    if (a + 1.0) / (a + b + 2.0) < x {
        return 1.0 - beta_regularised(1.0 - x, b, a);
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    let tiny = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / tiny(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..=10_000_u32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / tiny(1.0 + even * d);
        c = tiny(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / tiny(1.0 + odd * d);
        c = tiny(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    libm::exp(log_front) * fraction / a
}
