//! Questions to estimators, and their answers, as text.

use crate::estimator::{EstimateAsk, PastWait, WaitEstimate};
use crate::{Channel, PluginError};

use super::{milliseconds, number, pairs, split};

/// Reads a question: `ask position=3 agents=10 ready=0 abandon=0.1`, `handles 300s 200s`,
/// `waits 1:20s 2:45s` (position and wait) and `set NAME = VALUE`. Lines of times add up.
///
/// # Panics
///
/// On a line that cannot be read.
pub fn estimate_ask(script: &str) -> EstimateAsk {
    let mut ask = EstimateAsk {
        id: "0000000000000".to_owned(),
        channel: Channel::Voice,
        queue: "sales".to_owned(),
        position: 1,
        waited_ms: 0,
        agents: 1,
        agents_ready: 0,
        recent_waits: Vec::new(),
        recent_handles_ms: Vec::new(),
        abandon_share: 0.0,
        attributes: Vec::new(),
        now_seconds: 0.0,
    };
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (kind, rest) = split(line, " ");
        match kind {
            "ask" => figures(&mut ask, rest),
            "handles" => ask.recent_handles_ms.extend(rest.split_whitespace().map(milliseconds)),
            "waits" => ask.recent_waits.extend(rest.split_whitespace().map(|word| {
                let (position, waited) = split(word, ":");
                PastWait { position: number(position), waited_ms: milliseconds(waited) }
            })),
            "set" => {
                let (name, value) = split(rest, " = ");
                ask.attributes.push((name.to_owned(), value.to_owned()));
            }
            _ => panic!("`{kind}` begins no line of a question: {line}"),
        }
    }
    ask
}

fn figures(ask: &mut EstimateAsk, words: &str) {
    for (name, value) in pairs(words) {
        match name {
            "position" => ask.position = number(value),
            "waited" => ask.waited_ms = milliseconds(value),
            "agents" => ask.agents = number(value),
            "ready" => ask.agents_ready = number(value),
            "abandon" => ask.abandon_share = number(value),
            _ => panic!("`{name}` is no figure of a question"),
        }
    }
}

/// Asks twice, and compares what is answered with `p50=1000ms p90=2000ms`, `none` or
/// `configuration: ...`.
///
/// # Panics
///
/// If the answer is another one, or the same question has two answers.
#[track_caller]
pub fn check_estimate(
    estimate: impl Fn(&EstimateAsk) -> Result<Option<WaitEstimate>, PluginError>,
    script: &str,
    expected: &str,
) {
    let question = estimate_ask(script);
    let given = written(&estimate(&question));
    assert_eq!(given, written(&estimate(&question)), "the same ask, another answer");
    assert_eq!(given, expected);
}

fn written(given: &Result<Option<WaitEstimate>, PluginError>) -> String {
    match given {
        Ok(Some(wait)) => format!("p50={}ms p90={}ms", wait.p50_ms, wait.p90_ms),
        Ok(None) => "none".to_owned(),
        Err(PluginError::Configuration(text)) => format!("configuration: {text}"),
        Err(error) => format!("{error:?}"),
    }
}
