//! What the network does to the voice, and what that sounds like.

use std::time::Duration;

use crate::api::LineQuality;

/// The packets' own length and the codec's look-ahead.
const PACKET: Duration = Duration::from_millis(26);

/// Sets the score of what was measured: that of the worse direction, nothing before anything was
/// measured.
pub(super) fn judge(quality: &mut LineQuality) {
    let one = |loss: Option<f32>, jitter: Option<Duration>| {
        let (loss, jitter) = (loss?, jitter.unwrap_or_default());
        // A receiver holds the voice about two jitters long.
        let delay = quality.rtt.unwrap_or_default() / 2 + jitter * 2 + PACKET;
        Some(mos(delay, loss))
    };
    let inwards = one(quality.loss_in, quality.jitter_in);
    let outwards = one(quality.loss_out, quality.jitter_out);
    quality.mos = match (inwards, outwards) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

/// The mean opinion score that delay and random loss let expect.
///
/// ITU-T G.107 with default values (R₀ = 93.2); delay by the approximation of R. Cole and
/// J. Rosenbluth, "Voice over IP performance monitoring" (2001); loss by G.107 §7.4 with G.711's
/// robustness from G.113 Appendix I (Ie = 0, Bpl = 25.1 with concealment), for the voice is G.711
/// on a part of its way; R to the score by G.107 Annex B.
fn mos(delay: Duration, loss: f32) -> f32 {
    let delay = delay.as_secs_f32() * 1000.0;
    let percent = loss.clamp(0.0, 1.0) * 100.0;
    let of_delay = 0.024 * delay + 0.11 * (delay - 177.3).max(0.0);
    let of_loss = 95.0 * percent / (percent + 25.1);
    let rating = (93.2 - of_delay - of_loss).clamp(0.0, 100.0);
    (1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6).clamp(1.0, 4.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(rtt: u64, jitter: u64, loss: f32) -> String {
        let mut quality = LineQuality {
            rtt: Some(Duration::from_millis(rtt)),
            jitter_in: Some(Duration::from_millis(jitter)),
            loss_in: Some(loss),
            ..LineQuality::default()
        };
        judge(&mut quality);
        format!("{:.2}", quality.mos.unwrap())
    }

    #[test]
    fn scores_fall_with_delay_and_loss() {
        let mut nothing = LineQuality::default();
        judge(&mut nothing);
        assert_eq!(nothing.mos, None);
        let scores = [
            score(2, 1, 0.0),
            score(100, 10, 0.0),
            score(600, 20, 0.0),
            score(2, 1, 0.01),
            score(2, 1, 0.05),
            score(2, 1, 0.5),
        ];
        expect_test::expect!["4.40 4.36 3.29 4.31 3.89 1.58"].assert_eq(&scores.join(" "));
    }
}
