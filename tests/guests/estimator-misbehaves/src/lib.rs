//! Does what an estimator must not do: the queue's attribute `do` names the misdeed.

use std::hint::black_box;

use jackfield_sdk::PluginError;
use jackfield_sdk::estimator::{EstimateAsk, Estimator, WaitEstimate};

struct Misbehaves;

impl Estimator for Misbehaves {
    fn estimate(ask: EstimateAsk) -> Result<Option<WaitEstimate>, PluginError> {
        let misdeed = ask.attributes.iter().find(|(name, _)| name == "do");
        match misdeed.map(|(_, value)| value.as_str()) {
            Some("trap") => panic!("as told"),
            Some("loop") => loop {
                black_box(());
            },
            Some("memory-bomb") => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(Vec::<u8>::with_capacity(1 << 20)));
                }
            }
            Some("upside-down") => Ok(Some(WaitEstimate { p50_ms: 2_000, p90_ms: 1_999 })),
            Some("refuse") => Err(PluginError::Configuration("no handle times".to_owned())),
            Some("silent") => Ok(None),
            _ => {
                let p50_ms = ask.position.saturating_mul(1_000);
                Ok(Some(WaitEstimate { p50_ms, p90_ms: p50_ms.saturating_mul(2) }))
            }
        }
    }
}

jackfield_sdk::export_estimator!(Misbehaves);
