use jackfield_sdk::testing::{check, hold};

use crate::script::Script;

const AGENTS: &str = "
    agent ann level=9 skill.billing=5 contacts=7 idle=3 branch=riga cost=20
    agent bob level=5 skill.billing=8 contacts=2 idle=9 branch=riga cost=12
    agent cat level=2 skill.billing=9 contacts=0 idle=5 branch=vilnius cost=1
    agent dan level=5 skill.billing=8 contacts=2 idle=10";

#[track_caller]
fn with(script: &str, question: &str, expected: &str) {
    let script = Script::read(script).unwrap();
    check(|ask| script.choose(ask), &format!("{question}\n{AGENTS}"), expected);
}

/// The scripts of the README, in their order.
fn examples() -> Vec<&'static str> {
    let blocks = include_str!("../README.md").split("```rhai\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

#[test]
fn the_examples_do_what_they_say() {
    let [billing, gold, branch] = examples()[..] else { panic!("{} examples", examples().len()) };
    with(
        billing,
        "",
        "offer dan bob ann
        because rule=script score=8 left-out=1
        scores dan=8 bob=8 ann=5",
    );
    with(
        gold,
        "contact segment=gold",
        "offer ann\nbecause rule=script score=9 left-out=3\nscores ann=9",
    );
    with(
        gold,
        "contact segment=gold waited=20s",
        "offer ann dan bob cat
        because rule=script score=9 left-out=0
        scores ann=9 dan=5 bob=5 cat=2",
    );
    with(
        gold,
        "contact segment=silver",
        "offer cat dan bob ann
        because rule=script score=1000 left-out=0
        scores cat=1000 dan=998 bob=998 ann=993",
    );
    with(
        branch,
        "contact branch=riga waited=31s\nseed 3",
        "offer bob ann cat dan
        because rule=script score=1/-12/0.6129746823571622 left-out=0
        scores bob=1 ann=1 cat=0 dan=0",
    );
}

#[test]
fn a_contact_waits_as_long_as_the_script_says() {
    let nobody = "fn score(contact, agent) { -1 }";
    with(nobody, "", "wait 10000ms\nbecause rule=no-score");
    let wait = |body: &str, expected: &str| {
        let script = format!("{nobody}\nfn wait(contact) {{ {body} }}");
        with(&script, "contact waited=5500ms", expected);
    };
    wait("20 - contact.waited", "wait 14500ms\nbecause rule=no-score");
    wait("()", "wait 10000ms\nbecause rule=no-score");
    wait("-1", "wait 100ms\nbecause rule=no-score");
    wait("1e9", "wait 3600000ms\nbecause rule=no-score");
    wait("\"soon\"", "script 0:0: `wait` gives seconds; it gave a text");
}

/// A sum of a tier and an idle time mixes them up after 11.57 days: a million seconds.
#[test]
fn places_of_a_list_are_strict_tiers() {
    let script = Script::read("fn score(contact, agent) { [agent.level, agent.idle] }").unwrap();
    check(
        |ask| script.choose(ask),
        "agent ann level=8 idle=1000001
        agent bob level=9 idle=0
        agent cat level=8 idle=4294967",
        "offer bob cat ann
        because rule=script score=9/0 left-out=0
        scores bob=9 cat=8 ann=8",
    );
    with(
        "fn score(c, agent) { if agent.level < 9 { [] } else { [-1] } }",
        "",
        "script 0:0: `score` gives a list of 1 to 8 numbers; it gave 0 for bob",
    );
}

#[test]
fn a_script_sees_the_whole_question() {
    with(
        r#"
        const LIMIT = 4;
        fn score(contact, agent) {
            if contact.line.waiting != 3 || contact.others.support.busy != 2 { return (); }
            if contact.settings.mode != "x" || contact.preferred.billing != 6 { return (); }
            if contact.preferred.russian != () || contact.line.last_offered != "bob" { return (); }
            if agent.contacts < global::LIMIT { return (); }
            agent.skill("billing") + agent.skill("russian") + rank(agent, "sales") + agent.idle
        }"#,
        "contact want.billing=6\nqueue waiting=3 last=bob mode=x\nother support busy=2",
        "offer ann\nbecause rule=script score=8 left-out=3\nscores ann=8",
    );
}

#[test]
fn what_one_agent_changes_the_next_does_not_see() {
    with(
        "fn score(contact, agent) { contact.waited += 1; contact.waited }",
        "contact waited=3s",
        "offer dan bob cat ann
        because rule=script score=4 left-out=0
        scores dan=4 bob=4 cat=4 ann=4",
    );
}

#[test]
fn scripts_that_cannot_be_read_are_refused_with_the_place() {
    let refused = |text: &str, expected: &str| {
        let Err(error) = Script::read(text) else { panic!("read: {text}") };
        assert_eq!(format!("{}:{}: {}", error.line, error.column, error.message), expected);
    };
    refused("fn score(contact, agent) {\n    agent.level +\n}", "3:1: Unexpected '}'");
    refused("fn worth(a) { 1 }", "0:0: the script needs a function `score(contact, agent)`");
    refused("fn score(a) { 1 }", "0:0: the script needs a function `score(contact, agent)`");
    refused(
        "fn score(c, a) { 1 }\nfn wait() { 1 }",
        "0:0: `wait` takes one argument: `fn wait(contact)`",
    );
    refused("fn score(c, a) { eval(\"1\") }", "1:18: reserved keyword 'eval' is disabled");
}

#[test]
fn scripts_that_fail_say_where() {
    let fails = |body: &str, expected: &str| {
        with(&format!("fn score(contact, agent) {{\n{body}\n}}"), "", expected);
    };
    fails("agent.level + worth(1)", "script 2:15: there is no verb or function `worth` (number)");
    fails(
        "loop {}",
        "script 0:0: the script did more than 20000 steps: is there a loop that never stops?",
    );
    fails("throw \"no\"", "script 2:1: no");
    fails(
        "skill(contact, \"x\")",
        "script 2:1: `skill` reads `skills` of an agent or a contact: nothing there",
    );
    fails(
        "\"high\"",
        "script 0:0: `score` gives a number, a list of numbers, or () if the contact is not for the \
         agent; it gave a text for ann",
    );
    fails("0.0 / 0.0", "script 0:0: `score` gave NaN for ann");
}

#[test]
fn what_is_true_of_every_router() {
    for script in examples() {
        let script = Script::read(script).unwrap();
        hold(|ask| script.choose(ask), "contact segment=gold branch=riga");
    }
}
