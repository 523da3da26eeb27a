//! An IVR stands on digits: none lost, none doubled.

use crate::calls::BASE;
use crate::harness::{Server, attribute, detail};
use crate::sipp::Caller;

/// Takes four digits while a prompt plays, and says which.
const FOUR: &str = r##"
answer();
let code = gather(#{ prompt: "Please enter your code now, it has four digits, take your time.", max: 4, first: 6, next: 4 });
attribute("code", code);
hang_up(code);
"##;
const LONG: &str = r##"
answer();
let code = gather(#{ prompt: "Number, then hash.", max: 20, terminator: "#", first: 6, next: 4 });
attribute("code", code);
hang_up(code);
"##;
const FLOWS: [(&str, &str); 2] = [("menu.rhai", FOUR), ("silent.rhai", LONG)];

/// The codes of all calls, newest first.
fn codes(server: &Server) -> Vec<String> {
    let calls = server.interactions("acme");
    calls.iter().map(|call| attribute(call, "code").unwrap_or_default()).collect()
}

#[test]
fn real_captures_with_gaps_between_them() {
    let server = Server::start_alone("digits-pcap", BASE, &FLOWS);
    // The first digit comes during the prompt; the captures' sequence numbers jump.
    Caller::new()
        .call()
        .pause(300)
        .digit('5', 500)
        .digit('9', 700)
        .digit('9', 300)
        .digit('0', 0)
        .expect_bye(5_000)
        .run(&server, "100");
    assert_eq!(codes(&server), ["5990"]);
}

#[test]
fn a_terminator_ends_the_input() {
    let server = Server::start_alone("digits-hash", BASE, &FLOWS);
    Caller::new()
        .call()
        .pause(300)
        .digit('1', 400)
        .digit('*', 400)
        .digit('7', 400)
        .digit('#', 0)
        .expect_bye(5_000)
        .run(&server, "101");
    assert_eq!(codes(&server), ["1*7"]);
}

#[test]
fn digits_by_info() {
    let server = Server::start_alone("digits-info", BASE, &FLOWS);
    let caller = Caller::new().call().info('1', 50).info('1', 50).info('3', 50).info('4', 0);
    caller.expect_bye(5_000).run(&server, "100");
    assert_eq!(codes(&server), ["1134"]);
}

#[test]
fn too_few_digits_are_nothing() {
    let script = FOUR.replace("max: 4,", "max: 4, min: 4,").replace("next: 4", "next: 1");
    let flows = [("menu.rhai", script.as_str()), ("silent.rhai", LONG)];
    let server = Server::start_alone("digits-few", BASE, &flows);
    let caller = Caller::new().call().pause(300).digit('1', 300).digit('2', 0);
    caller.expect_bye(8_000).run(&server, "100");
    let call = server.last_interaction("acme");
    assert_eq!(detail(&call, "gathered", "complete").as_deref(), Some("false"));
}

#[test]
fn a_thousand_calls_of_four_digits() {
    let server = Server::start_alone("digits-1000", BASE, &FLOWS);
    let caller = Caller::new()
        .call()
        .pause(200)
        .digit('1', 350)
        .digit('2', 350)
        .digit('2', 350)
        .digit('8', 0)
        .expect_bye(8_000);
    caller.run_many(&server, "100", 1_000, 25);
    let codes = codes(&server);
    assert_eq!(codes.len(), 1_000, "every call is kept");
    let wrong: Vec<_> = codes.iter().filter(|code| *code != "1228").collect();
    assert!(wrong.is_empty(), "{} calls with other digits: {wrong:?}", wrong.len());
}
