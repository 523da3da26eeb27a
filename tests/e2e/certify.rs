//! Certification on the command line: who passes has a report that anybody can make again; planted
//! faults are found and told by the smallest trace.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::{Expect, expect};

use crate::harness::{jackfield, root};

pub fn tool(args: &[&str]) -> Output {
    Command::new(jackfield())
        .args(args)
        .env("XDG_CACHE_HOME", root().join("target/e2e-compiled"))
        .env("JACKFIELD_CONFIG", "/nonexistent.toml")
        .current_dir(root())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

fn component(name: &str) -> String {
    format!("target/plugins/{name}.wasm")
}

/// A folder of this test.
fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("jackfield-e2e-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[track_caller]
fn passes(args: &[&str]) -> String {
    let output = tool(args);
    assert!(output.status.success(), "{args:?}\n{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn fails(args: &[&str]) -> String {
    let output = tool(args);
    assert_eq!(output.status.code(), Some(1), "{args:?}\n{}", said(&output));
    // How far it is depends on the machine.
    let text = said(&output);
    text.lines()
        .filter(|line| !line.starts_with("world "))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[track_caller]
fn is_found(guest: &str, trace: Expect) {
    let file = component(guest);
    let told = fails(&["plugin", "certify", &file, "--worlds", "300"]);
    trace.assert_eq(&told);
    let mentioned = told.lines().find_map(|line| line.split_once("again: jackfield ")).unwrap().1;
    let again: Vec<&str> = mentioned.split(' ').collect();
    assert_eq!(fails(&again), told, "the command that it names shows something else");
}

#[test]
fn every_bundled_router_and_estimator_passes() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("plugins")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let kind = name.split('-').next().unwrap();
        if !matches!(kind, "router" | "estimator") || name == "router-rhai" {
            continue;
        }
        passes(&["plugin", "certify", &component(&name), "--worlds", "60"]);
        count += 1;
    }
    assert_eq!(count, 19);
}

/// The worlds that are called once in a while meet made-up questions instead of a centre.
#[test]
fn bundled_plugins_of_the_other_worlds_pass() {
    let dir = folder("certify-called");
    let report = dir.join("report.json").to_str().unwrap().to_owned();
    for (name, settings) in [
        ("analyst-lexicon", &[][..]),
        ("channel-webchat", &[]),
        ("chatbot-faq", &[]),
        ("connector-webhook", &["--set", "url=https://crm.example.com/hook"]),
        ("pacer-progressive", &[]),
    ] {
        let file = component(name);
        let certify = [&["plugin", "certify", &file], settings].concat();
        passes(&[&certify[..], &["--worlds", "60", "--out", &report]].concat());
        let first = std::fs::read(&report).unwrap();
        passes(&["plugin", "certify", &file, "--verify", &report]);
        passes(&[&certify[..], &["--worlds", "60", "--out", &report]].concat());
        assert_eq!(std::fs::read(&report).unwrap(), first, "{name}: not the same bytes");
    }
    std::fs::remove_dir_all(dir).unwrap();
}

/// What `plugin check --conformance` finds is what certification finds.
#[track_caller]
fn is_found_by_both(guest: &str, wrong: &str, trace: Expect) {
    is_found(guest, trace);
    let told = fails(&["plugin", "check", &component(guest), "--conformance"]);
    assert!(told.contains(&format!("does not hold: {wrong}\n")), "{told}");
}

#[test]
fn a_connector_that_answers_outside_the_contract_is_found() {
    is_found_by_both(
        "connector-hostile",
        "the lead's id is empty",
        expect![[r#"
            broken     in-contract: answers are within the ranges that the contract gives
            by         the lead's id is empty
              asked      {"CreateLead":{"interaction":null,"address":"+37120000009","name":null,"text":"h","attributes":[]}}
              answer     ""
            error: not certified: `in-contract` does not hold; again: jackfield plugin certify target/plugins/connector-hostile.wasm --seed 1 --worlds 1
        "#]],
    );
}

#[test]
fn a_summary_that_cuts_a_letter_in_two_is_found() {
    is_found_by_both(
        "planted-chatbot",
        "trapped: gave up (panic)",
        expect![[r#"
            broken     no-trap: no call traps
            by         trapped: gave up (panic)
              asked      {"TakeTurn":{"id":"01jd8x2k4m7qa","channel":"Chat","language":"en","text":"Опера","lines":[],"turns":0,"attributes":[]}}
              answer     error: trapped: gave up (panic)
            error: not certified: `no-trap` does not hold; again: jackfield plugin certify target/plugins/planted-chatbot.wasm --seed 1 --worlds 1
        "#]],
    );
}

#[test]
fn a_channel_that_takes_an_answer_for_granted_is_found() {
    is_found_by_both(
        "planted-channel",
        "trapped: gave up (panic)",
        expect![[r#"
            broken     outside-may-fail: when the world outside fails it answers or says so
            by         trapped: gave up (panic)
              asked      {"Send":{"id":null,"to":"visitor-0","text":"T","choices":["1"],"attributes":[]}}
              answer     error: trapped: gave up (panic)
            error: not certified: `outside-may-fail` does not hold; again: jackfield plugin certify target/plugins/planted-channel.wasm --seed 4 --worlds 1
        "#]],
    );
}

#[test]
fn a_count_that_is_given_for_a_share_is_found() {
    is_found_by_both(
        "planted-analyst",
        "`score` is 2.0, 0 to 1 is accepted",
        expect![[r#"
            broken     in-contract: answers are within the ranges that the contract gives
            by         `score` is 2.0, 0 to 1 is accepted
              asked      {"Analyse":{"id":"01jd8x2k4m7qa","channel":"Chat","language":"en","utterances":[{"speaker":"Bot","start_ms":24000,"end_ms":24900,"text":"invoice"},{"speaker":"Customer","start_ms":25000,"end_ms":25900,"text":"invoice"}],"questions":[],"attributes":[]}}
              answer     {"answers":[],"attributes":[],"sentiment":null,"summary":null,"topics":[{"name":"billing","score":2.0}]}
            error: not certified: `in-contract` does not hold; again: jackfield plugin certify target/plugins/planted-analyst.wasm --seed 3 --worlds 1
        "#]],
    );
}

#[test]
fn an_error_without_a_word_is_found() {
    is_found_by_both(
        "planted-pacer",
        "the error has 0 bytes",
        expect![[r#"
            broken     errors-are-told: an error is one to 2,000 bytes of text
            by         the error has 0 bytes
              asked      {"Decide":{"name":"","agents_idle":1,"agents_talking":0,"agents_wrapping":0,"dialling":0,"waiting":0,"numbers_left":0,"lines_free":0,"attempts":0,"answered":0,"abandoned":0,"abandoned_max":0.0,"ring_ms":0,"talk_ms":0,"wrap_ms":0,"attributes":[],"now_seconds":0.0,"seed":0}}
              answer     error: refused: 
            error: not certified: `errors-are-told` does not hold; again: jackfield plugin certify target/plugins/planted-pacer.wasm --seed 197 --worlds 1
        "#]],
    );
}

#[test]
fn scripts_are_certified_as_what_they_become() {
    let dir = folder("certify-scripts");
    let write = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).unwrap();
        dir.join(name).to_str().unwrap().to_owned()
    };
    let flow = write(
        "main.rhai",
        "let key = menu(\"Sales 1, support 2\", [\"1\", \"2\"]);\n\
         if key == \"1\" && is_open(\"sales\") { enqueue(\"sales\"); } else { say(\"Bye\"); }\n",
    );
    let rhai = component("flow-rhai");
    let said = passes(&["plugin", "certify", &rhai, "--script", &flow, "--worlds", "200"]);
    assert!(said.starts_with("certified  flow"), "{said}");
    let router = write("router.rhai", "fn score(contact, agent) { agent.idle }\n");
    let rhai = component("router-rhai");
    let said = passes(&["plugin", "certify", &rhai, "--script", &router, "--worlds", "20"]);
    assert!(said.starts_with("certified  router"), "{said}");
    let refused = tool(&["plugin", "certify", &rhai]);
    assert!(self::said(&refused).contains("`--script FILE`"), "{}", self::said(&refused));
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_report_travels_in_the_package_and_is_made_again() {
    let dir = folder("certify-package");
    let at = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let file = component("router-skills");
    let (report, package) = (at("certification.json"), at("router-skills.tar"));
    passes(&["plugin", "certify", &file, "--worlds", "25", "--seed", "7", "--out", &report]);
    let bytes = std::fs::read(&report).unwrap();
    passes(&["plugin", "certify", &file, "--worlds", "25", "--seed", "7", "--out", &report]);
    assert_eq!(std::fs::read(&report).unwrap(), bytes, "another report of the same");
    let same = passes(&["plugin", "certify", &file, "--verify", &report]);
    assert!(same.contains("the same to the byte"), "{same}");

    let manifest = "name = \"router-skills\"\nversion = \"1.0.0\"\nworld = \"router\"\n\
                    on_trap = \"the built-in rule decides\"\nsummary = \"Skills\"\n\
                    licence = \"Apache-2.0\"\n";
    std::fs::write(dir.join("plugin.toml"), manifest).unwrap();
    let folder = dir.to_str().unwrap();
    let packed = passes(&["plugin", "pack", folder, "--component", &file, "--out", &package]);
    assert!(packed.contains("certified  25 worlds from seed 7"), "{packed}");
    let verified = passes(&["plugin", "verify", &package, "--rerun"]);
    assert!(verified.contains("the same to the byte"), "{verified}");

    let other = component("router-random");
    let refused = fails(&["plugin", "pack", folder, "--component", &other, "--out", &package]);
    assert!(refused.contains("certify it again"), "{refused}");
    lie(&report, &file);
    std::fs::remove_dir_all(dir).unwrap();
}

/// A report that somebody embellished is not what comes out.
#[track_caller]
fn lie(report: &str, file: &str) {
    let text = std::fs::read_to_string(Path::new(report)).unwrap();
    let lied = text.replace("\"refused\":0", "\"refused\":3");
    assert_ne!(lied, text);
    std::fs::write(report, lied).unwrap();
    let told = fails(&["plugin", "certify", file, "--verify", report]);
    assert!(told.contains("/refused: 3, now 0"), "{told}");
    std::fs::write(report, format!("{text}\n")).unwrap();
    let told = fails(&["plugin", "certify", file, "--verify", report]);
    assert!(told.contains("the same contents, written otherwise"), "{told}");
}

#[test]
fn a_stranger_is_found() {
    is_found(
        "planted-stranger",
        expect![[r#"
        broken     well-formed: an answer names candidates only, each once, and says nothing impossible
        by         bad reply: `the-billing-desk` is no candidate
          contact    voice in queue-0, waited 0 ms, prefers billing 1
          queue      queue-0, 1 waiting
          candidate  agent-0: level 5, idle 0 ms
          answer     bad reply: `the-billing-desk` is no candidate
        error: not certified: `well-formed` does not hold; again: jackfield plugin certify target/plugins/planted-stranger.wasm --seed 1 --worlds 1
    "#]],
    );
}

#[test]
fn a_name_that_comes_twice_is_found() {
    is_found(
        "planted-twice",
        expect![[r#"
        broken     well-formed: an answer names candidates only, each once, and says nothing impossible
        by         names `agent-0` twice
          contact    voice in queue-0, waited 0 ms
          queue      queue-0, 1 waiting
          candidate  agent-0: level 5, idle 1000 ms
          candidate  agent-1: level 5, idle 0 ms
          answer     ring agent-0, agent-0
        error: not certified: `well-formed` does not hold; again: jackfield plugin certify target/plugins/planted-twice.wasm --seed 1 --worlds 1
    "#]],
    );
}

#[test]
fn a_contact_that_is_never_served_is_found() {
    is_found(
        "planted-starves",
        expect![[r#"
            broken     nobody-starves: with every agent at work and nothing broken, everybody is served or leaves, and nobody is overtaken without end
            by         starvation: a contact is made to wait for 15 minutes while agents are free
              0s: set-up of 1 queues and 1 agents
              1s: contact 1 arrives
              1s: contact 1 is put into queue-0
                  contact 1 is number 1 in queue-0
              13s786ms: time passes
                  Prioritised { interaction: 001j79132z0j0, queue: queue-0, from: 0, to: 1, by: "ageing" }
              15s: time passes
              15s: set-up of 1 queues and 1 agents
              15s: supervisor opens queue-0
              15s: agent-3 is ready
                  agent-3: logged_out -> ready
                  ask 1 plugin about contact 1: agent-3
              15s: agent-3 is ready
              15s: router answers 1: wait 20000 ms
              … 91 more steps …
              14m35s: router answers 44: wait 20000 ms
              14m55s: time passes
                  ask 45 plugin about contact 1: agent-3
              14m55s: router answers 45: wait 20000 ms
              15m15s: time passes
                  ask 46 plugin about contact 1: agent-3
              the latest question
              contact    voice in queue-0, waited 914000 ms, priority 6
              queue      queue-0, 1 waiting, longest wait 914000 ms, 1 ready
              candidate  agent-3: level 8, idle 900000 ms
              time       915 s, seed 1502337302
              answer     wait 20000 ms, because rule="nobody-good-enough"
            error: not certified: `nobody-starves` does not hold; again: jackfield plugin certify target/plugins/planted-starves.wasm --seed 3 --worlds 1
        "#]],
    );
}

#[test]
fn a_memory_of_its_own_is_found() {
    is_found(
        "planted-remembers",
        expect![[r#"
        broken     deterministic: a fresh instance with the same state gives the same answer to the same question
        by         it answers `offer to agent-1, agent-0`, a fresh instance `offer to agent-0, agent-1`
          question 1
          contact    voice in queue-0, waited 0 ms
          queue      queue-0, 1 waiting
          candidate  agent-0: level 5, idle 1000 ms
          candidate  agent-1: level 5, idle 0 ms
          question 2
          contact    voice in queue-0, waited 0 ms
          queue      queue-0, 1 waiting
          candidate  agent-0: level 5, idle 1000 ms
          candidate  agent-1: level 5, idle 0 ms
          answer     offer to agent-1, agent-0
          fresh      offer to agent-0, agent-1
        error: not certified: `deterministic` does not hold; again: jackfield plugin certify target/plugins/planted-remembers.wasm --seed 1 --worlds 1
    "#]],
    );
}

#[test]
fn a_trap_on_an_empty_history_is_found() {
    is_found(
        "planted-history",
        expect![[r#"
        broken     no-trap: no call traps
        by         trapped: gave up (panic)
          contact    voice in queue-0, waited 0 ms, segment="gold"
          queue      queue-0, 1 waiting
          candidate  agent-0: level 5, idle 0 ms
          answer     trapped: gave up (panic)
        error: not certified: `no-trap` does not hold; again: jackfield plugin certify target/plugins/planted-history.wasm --seed 1 --worlds 1
    "#]],
    );
}

#[test]
fn an_answer_that_takes_too_much_fuel_is_found() {
    is_found(
        "planted-greedy",
        expect![[r#"
        broken     within-limits: no call exceeds fuel, memory, stack, tables, output or host calls
        by         ran out of fuel
          contact    voice in queue-0, waited 0 ms
          queue      queue-0, 1 waiting
          candidate  agent-0: level 5, idle 36000 ms
          candidate  agent-1: level 5, idle 35000 ms
          candidate  agent-2: level 5, idle 34000 ms
          candidate  agent-3: level 5, idle 33000 ms
          candidate  agent-4: level 5, idle 32000 ms
          candidate  agent-5: level 5, idle 31000 ms
          candidate  agent-6: level 5, idle 30000 ms
                     and 30 more
          answer     ran out of fuel
        error: not certified: `within-limits` does not hold; again: jackfield plugin certify target/plugins/planted-greedy.wasm --seed 2 --worlds 1
    "#]],
    );
}

#[test]
fn a_menu_without_a_way_out_is_found() {
    is_found(
        "planted-menu",
        expect![[r#"
        broken     way-out: a flow ends: soon once its customer is gone, and before 500 verbs if it is not
        by         the customer gives up after 500 verbs
          gather "Press 1 for sales": nothing (499 times)
          gather "Press 1 for sales": the customer gives up
          the flow returns
        error: not certified: `way-out` does not hold; again: jackfield plugin certify target/plugins/planted-menu.wasm --seed 3 --worlds 1
    "#]],
    );
}

#[test]
fn a_division_by_the_agents_that_are_not_there_is_found() {
    is_found(
        "planted-estimator",
        expect![[r#"
        broken     no-trap: no call traps
        by         trapped: gave up (panic)
          contact    voice in queue-0, place 1, waited 0 ms
          queue      0 agents, 0 ready
          answer     trapped: gave up (panic)
        error: not certified: `no-trap` does not hold; again: jackfield plugin certify target/plugins/planted-estimator.wasm --seed 1 --worlds 1
    "#]],
    );
}
