//! Does what a flow must not do: the number the customer dialled names the misdeed.

use std::hint::black_box;

use jackfield_sdk::PluginError;
use jackfield_sdk::crm;
use jackfield_sdk::flow::{Flow, Session};

struct Misbehaves;

impl Flow for Misbehaves {
    fn run(session: Session) -> Result<(), PluginError> {
        match session.dialled().as_str() {
            "trap" => panic!("as told"),
            "loop" => loop {
                black_box(());
            },
            "memory-bomb" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(Vec::<u8>::with_capacity(1 << 20)));
                }
            }
            "recursion" => {
                let depth = recurse(black_box(1));
                Err(PluginError::Failed(depth.to_string()))
            }
            "host-calls" => loop {
                black_box(session.id());
            },
            "refuse" => Err(PluginError::Unavailable("the order system".to_owned())),
            // Makes the component import `crm/read`, which a test does not grant.
            "crm" => {
                let _ = crm::find("+441632960011");
                Ok(())
            }
            _ => {
                let _ = session.say("hello");
                Ok(())
            }
        }
    }
}

jackfield_sdk::export_flow!(Misbehaves);

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    if black_box(depth) == 0 { 0 } else { black_box(recurse(depth + 1)) + 1 }
}
