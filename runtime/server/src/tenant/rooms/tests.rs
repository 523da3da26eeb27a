//! Who hears whom, in every constellation.

use std::fmt::Write as _;

use jackfield_telephony::LegId;

use super::{Ear, Room};
use expect_test::expect;

const NAMES: [&str; 4] = ["customer", "agent", "third", "supervisor"];

fn told(room: &Room) -> String {
    let name = |leg: LegId| NAMES[usize::try_from(leg.0).expect("small")];
    let hears = room.hears();
    let rows = (0..4).filter_map(|leg| {
        let heard: Vec<_> =
            hears.iter().filter(|(one, _)| one.0 == leg).map(|(_, other)| name(*other)).collect();
        (!heard.is_empty()).then(|| format!("{} hears {}", name(LegId(leg)), heard.join("+")))
    });
    rows.collect::<Vec<_>>().join("; ")
}

#[test]
fn what_is_heard_follows_from_who_is_there() {
    let mut script = String::new();
    for held in [false, true] {
        for third in [None, Some(LegId(2))] {
            for ear in [None, Some(Ear::Listen), Some(Ear::Whisper), Some(Ear::Barge)] {
                let supervisor = ear.map(|ear| (LegId(3), ear));
                let room = Room { held, third, supervisor, ..Room::new(LegId(0), LegId(1)) };
                let ear = ear.map_or("-", Ear::name);
                let who = format!("held {held}, third {}, {ear}", third.is_some());
                let _ = writeln!(script, "{who}: {}", told(&room));
            }
        }
    }
    expect![[r#"
        held false, third false, -: customer hears agent; agent hears customer
        held false, third false, listen: customer hears agent; agent hears customer; supervisor hears customer+agent
        held false, third false, whisper: customer hears agent; agent hears customer+supervisor; supervisor hears customer+agent
        held false, third false, barge: customer hears agent+supervisor; agent hears customer+supervisor; supervisor hears customer+agent
        held false, third true, -: customer hears agent+third; agent hears customer+third; third hears customer+agent
        held false, third true, listen: customer hears agent+third; agent hears customer+third; third hears customer+agent; supervisor hears customer+agent+third
        held false, third true, whisper: customer hears agent+third; agent hears customer+third+supervisor; third hears customer+agent; supervisor hears customer+agent+third
        held false, third true, barge: customer hears agent+third+supervisor; agent hears customer+third+supervisor; third hears customer+agent+supervisor; supervisor hears customer+agent+third
        held true, third false, -: 
        held true, third false, listen: supervisor hears agent
        held true, third false, whisper: agent hears supervisor; supervisor hears agent
        held true, third false, barge: agent hears supervisor; supervisor hears agent
        held true, third true, -: agent hears third; third hears agent
        held true, third true, listen: agent hears third; third hears agent; supervisor hears agent+third
        held true, third true, whisper: agent hears third+supervisor; third hears agent; supervisor hears agent+third
        held true, third true, barge: agent hears third+supervisor; third hears agent+supervisor; supervisor hears agent+third
    "#]].assert_eq(&script);
}
