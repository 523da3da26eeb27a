//! Attacks its host: the contact's attribute `attack` names the way. Attacks that need what a router may
//! not import (outbound HTTP: addresses that change, addresses inside) belong to the guest of a connector.

use std::cell::RefCell;
use std::hint::black_box;

use jackfield_sdk::router::{Answer, Ask, Router};
use jackfield_sdk::{PluginError, log, metrics, state};

struct Hostile;

thread_local!(static HOARD: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) });

/// A text that is longer than any that is meant.
fn giant() -> String {
    "x".repeat(black_box(8 << 20))
}

/// What a good router says: after a flood the contact is served all the same.
fn everybody(ask: Ask) -> Result<Answer, PluginError> {
    Ok(Answer::offer(ask.candidates.into_iter().map(|one| one.agent)))
}

impl Router for Hostile {
    fn choose(ask: Ask) -> Result<Answer, PluginError> {
        let attack = ask.contact.attributes.iter().find(|(name, _)| name == "attack");
        match attack.map_or("", |(_, value)| value.as_str()) {
            "endless-loop" => loop {
                black_box(());
            },
            "deep-recursion" => Ok(Answer::wait_ms(recurse(black_box(1)) as u32)),
            "memory-growth" => loop {
                HOARD.with_borrow_mut(|hoard| hoard.push(black_box(Vec::with_capacity(1 << 20))));
            },
            "giant-string" => Err(PluginError::Failed(giant())),
            "giant-strings" => Ok(Answer::wait_ms(1).because("why", giant())),
            "giant-list" => Ok(Answer::offer((0..black_box(300_000)).map(|_| "nobody".to_owned()))),
            "long-list" => Ok(Answer::offer((0..black_box(2_000)).map(|_| "nobody".to_owned()))),
            "log-flood" => {
                (0..190).for_each(|n| log::error(&format!("{n} {}", "flood ".repeat(1_000))));
                everybody(ask)
            }
            "host-call-flood" => loop {
                metrics::add("calls", 1);
            },
            "metric-flood" => {
                (0..190)
                    .for_each(|n| metrics::add(&format!("name_{}_{n}", ask.contact.waited_ms), 1));
                everybody(ask)
            }
            "state-flood" => {
                // As much as fits into the calls of one answer.
                for n in 0..190 {
                    let _ = state::set(
                        &format!("key-{n}-{}", ask.contact.waited_ms),
                        &[7; 16 << 10],
                        None,
                    );
                }
                everybody(ask)
            }
            "trap" => panic!("as told"),
            "nonsense" => Ok(Answer::offer(["nobody-at-all".to_owned()])),
            "no-number" => {
                let first = ask.candidates.first().map_or("", |one| one.agent.as_str());
                Ok(Answer::wait_ms(1).score(first, black_box(0.0_f64) / 0.0))
            }
            // Computes for most of what it may, and then answers as it should.
            "slow-answer" => {
                for turn in 0..black_box(4_000_000_u64) {
                    black_box(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                }
                everybody(ask)
            }
            // Waits for the host again and again.
            "slow-host" => {
                for n in 0..190 {
                    let _ = state::get(&format!("{n}"));
                }
                everybody(ask)
            }
            _ => everybody(ask),
        }
    }
}

jackfield_sdk::export_router!(Hostile);

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    if black_box(depth) == 0 { 0 } else { black_box(recurse(depth + 1)) + 1 }
}
