//! Says how long a waiting contact will wait: everybody ahead, and the contact, need an agent to
//! become free, and one does so every mean handle time / agents.

use jackfield_sdk::PluginError;
use jackfield_sdk::estimator::{EstimateAsk, WaitEstimate};

jackfield_sdk::estimator!(estimate);

fn estimate(ask: &EstimateAsk) -> Result<Option<WaitEstimate>, PluginError> {
    let handles = &ask.recent_handles_ms;
    if handles.is_empty() || ask.agents == 0 {
        return Ok(None);
    }
    let sum: f64 = handles.iter().map(|&span| f64::from(span)).sum();
    let mean = sum / handles.len() as f64;
    let ahead = ask.position.saturating_sub(ask.agents_ready);
    let wait = f64::from(ahead) * mean / f64::from(ask.agents);
    Ok(Some(WaitEstimate::of_ms(wait, 2.0 * wait)))
}

#[cfg(test)]
mod tests {
    use jackfield_sdk::estimator::WaitEstimate;
    use jackfield_sdk::testing::estimate_ask;

    use super::estimate;

    #[test]
    fn a_handle_time_for_each_agent_and_place_in_line() {
        let ask = estimate_ask("ask position=4 agents=2\nhandles 100s 140s");
        let expected = WaitEstimate { p50_ms: 240_000, p90_ms: 480_000 };
        assert_eq!(estimate(&ask), Ok(Some(expected)));
    }

    #[test]
    fn without_handle_times_it_cannot_tell() {
        assert_eq!(estimate(&estimate_ask("ask agents=2")), Ok(None));
    }
}
