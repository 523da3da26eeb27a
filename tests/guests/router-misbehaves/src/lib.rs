//! Does what a router must not do: the contact's attribute `do` names the misdeed.

use std::cell::Cell;
use std::hint::black_box;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask, Router};

struct Misbehaves;

impl Router for Misbehaves {
    fn choose(ask: Ask) -> Result<Answer, PluginError> {
        let misdeed = ask.contact.attributes.iter().find(|(name, _)| name == "do");
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
            Some("unknown-agent") => Ok(Answer::offer(["nobody-at-all".to_owned()])),
            Some("busy-agent") => {
                // Was ready in an earlier question, is no candidate of this one.
                let busy = ask.contact.attributes.iter().find(|(name, _)| name == "busy");
                Ok(Answer::offer(busy.map(|(_, agent)| agent.clone())))
            }
            Some("refuse") => Err(PluginError::Configuration("no rule for this queue".to_owned())),
            Some("empty-offer") => Ok(Answer::offer([])),
            Some("no-number") => {
                let first = ask.candidates.first().map_or("", |one| one.agent.as_str());
                Ok(Answer::wait_ms(1).score(first, black_box(0.0_f64) / 0.0))
            }
            // Remembers how often it was asked: an instance of its own starts at one.
            Some("count") => {
                thread_local!(static ASKED: Cell<u32> = const { Cell::new(0) });
                ASKED.set(ASKED.get() + 1);
                Ok(Answer::wait_ms(ASKED.get()))
            }
            Some("chatter") => {
                (0..200).for_each(|n| jackfield_sdk::log::info(&format!("{n} +441632960011")));
                Ok(Answer::wait_ms(1))
            }
            _ => Ok(Answer::offer(ask.candidates.into_iter().map(|one| one.agent))),
        }
    }
}

jackfield_sdk::export_router!(Misbehaves);
