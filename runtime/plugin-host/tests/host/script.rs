//! The vocabulary of `flow-rhai`, by its transcript.

use expect_test::{Expect, expect};
use jackfield_core::QueueEnd;
use jackfield_plugin_host::{PublishError, ScriptError};

use crate::support::{HOST, Scripted, interpreter, play};

/// Tries a script as a draft and compares everything it did.
#[track_caller]
fn check(script: &str, session: Scripted, transcript: Expect) {
    let flow = HOST.draft(&interpreter(), script).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    transcript.assert_eq(&runtime.block_on(play(&flow, session)));
}

#[test]
fn a_menu_asks_three_times_and_then_gives_nothing() {
    let script = r#"
        answer();
        let choice = menu("Sales 1, support 2", #{ "1": "sales", "2": "support" });
        say(`chose '${choice}'`);
        let choice = menu(["Again", #{ play: "beep" }], #{ "1": "sales" });
        say(`chose '${choice}'`);
        let choice = menu("By keys", ["1", 2, "*"]);
        say(`chose '${choice}'`);
    "#;
    check(
        script,
        Scripted::new(&["9", "", "2", "7", "7", "7", "2"]),
        expect![[r#"
        answer
        gather 1-1 in 5000 ms "Sales 1, support 2" -> "9"
        gather 1-1 in 5000 ms "Sales 1, support 2" -> ""
        gather 1-1 in 5000 ms "Sales 1, support 2" -> "2"
        play "chose '2'"
        gather 1-1 in 5000 ms "Again" <beep> -> "7"
        gather 1-1 in 5000 ms "Again" <beep> -> "7"
        gather 1-1 in 5000 ms "Again" <beep> -> "7"
        play "chose ''"
        gather 1-1 in 5000 ms "By keys" -> "2"
        play "chose '2'"
        => returned
    "#]],
    );
}

#[test]
fn input_in_all_its_forms() {
    let script = r##"
        let pin = gather(#{ prompt: "Your PIN", min: 4, max: 6, first: 7.5, next: 2, barge_in: false });
        let order = digits(3, "Your order");
        let nothing = gather(#{ terminator: "*" });
        let kept = record(#{ max: 10, silence: 2 });
        say(`${pin} ${order} '${nothing}' ${kept.seconds} ${kept.name}`);
        send_digits("12#");
    "##;
    check(
        script,
        Scripted::new(&["1234", "567"]),
        expect![[r#"
        gather 4-6 end # in 7500 ms "Your PIN" -> "1234"
        gather 3-3 end # in 5000 ms "Your order" -> "567"
        gather 1-32 end * in 5000 ms  -> ""
        record 10000 ms, silence 2000 ms
        play "1234 567 '' 1.5 rec-1"
        send_digits 12#
        => returned
    "#]],
    );
}

#[test]
fn a_queue_with_everything() {
    let script = r#"
        let end = enqueue("sales", #{
            priority: 3, skills: #{ english: 5 }, prefer: #{ billing: 7 }, max_wait: 90,
            attributes: #{ topic: "refund" },
        });
        if end == "timed_out" { hang_up("nobody"); }
        note("left without help");
        say("nobody hears this");
    "#;
    let mut session = Scripted::new(&[]);
    session.queue_end = QueueEnd::TimedOut;
    check(
        script,
        session,
        expect![[r#"
        enqueue sales priority 3 required [english 5] preferred [billing 7] max_wait Some(90s) [("topic", "refund")]
        hang_up (nobody)
        note c1 Some("0000000000007") left without help
        => returned
    "#]],
    );
}

#[test]
fn a_callback_out_of_hours() {
    let script = r#"
        for queue in ["sales", "closed"] {
            if is_open(queue) { continue; }
            let kept = record(#{ max: 60 });
            callback(queue, #{ address: "+441632960012", owner: "alice", deadline: 7200, voicemail: kept.seconds > 1 });
        }
        callback("sales");
        let end = enqueue("sales");
        say(`ended ${end}`);
    "#;
    let mut session = Scripted::new(&[]);
    session.queue_end = QueueEnd::Callback;
    check(
        script,
        session,
        expect![[r#"
        is_open sales
        is_open closed
        record 60000 ms, silence 3000 ms
        callback closed CallbackOptions { address: Some("+441632960012"), owner: Some("alice"), deadline_ms: Some(7200000), voicemail: true }
        callback sales CallbackOptions { address: None, owner: None, deadline_ms: None, voicemail: false }
        enqueue sales priority 0 required [] preferred [] max_wait None []
        play "ended callback"
        => returned
    "#]],
    );
}

#[test]
fn what_a_script_knows() {
    let script = r#"
        let card = contact();
        language(card.language);
        attribute("plan", card.fields.plan);
        let at = now();
        say(`${card.name} ${caller()} ${dialled()} ${language()} ${attribute("plan")} '${attribute("none")}'`);
        say(`${at.year}-${at.month}-${at.day} ${at.weekday} ${random()} ${find_contact("nobody") == ()}`);
        log(`caller ${caller()}`);
        print("printed");
        debug("debugged");
        fn greet(name) { say(`Hello ${name}`) }
        const TIMES = 2;
        for i in 0..TIMES { greet(card.name); pause(250); }
        transfer("+441632960012");
    "#;
    check(
        script,
        Scripted::new(&[]),
        expect![[r#"
        play "Ada +441632960011 800 ru gold ''"
        play "2026-3-1 7 0.25 true"
        play "Hello Ada"
        play 250 ms
        play "Hello Ada"
        play 250 ms
        transfer +441632960012
        Info caller +**********11
        Info printed
        Debug line 10: "debugged"
        => returned
    "#]],
    );
}

#[test]
fn a_customer_who_hangs_up_ends_the_script_quietly() {
    let script = r#"
        fn ask() { try { digits(1, "Press") } catch { say("caught") } }
        ask();
        say("never");
    "#;
    check(
        script,
        Scripted::new(&["*gone"]),
        expect![[r#"
        gather 1-1 end # in 5000 ms "Press" -> "*gone"
        => returned
    "#]],
    );
}

#[test]
fn errors_say_what_and_where() {
    let cases = [
        "say(\"a\");\n  play(\"missing\");",
        "let a = 1;\n\nsay(b);",
        "sya(\"hello\");",
        "enqueue(\"sales\", #{ prioritty: 1 });",
        "enqueue(\"sales\", #{ skills: #{ english: 11 } });",
        "enqueue(\"nowhere\");",
        "loop { }",
        "fn f(x) { f(x + 1) }\nf(1);",
        "let s = \"x\";\nloop { s += s; }",
        "fn pick() {\n  menu(\"?\", #{});\n}\npick();",
        "gather(#{ max: \"four\" });",
        "callback(\"sales\", #{ adress: \"+441632960012\" });",
        "callback(\"sales\", #{ address: \"\" });",
        "callback(\"sales\", #{ voicemail: 1 });",
        "callback(\"sales\", #{ deadline: 86401 });",
        "callback();",
        "is_open(\"nowhere\");",
        "language(\"xx\");",
        "throw \"my own\";",
        "eval(\"1\");",
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut all = String::new();
    for script in cases {
        let flow = HOST.draft(&interpreter(), script).unwrap();
        let end = runtime.block_on(play(&flow, Scripted::new(&[])));
        let last = end.lines().next_back().unwrap_or_default();
        all.push_str(&format!("{}\n    {last}\n", script.replace('\n', " ⏎ ")));
    }
    expect![[r#"
        say("a"); ⏎   play("missing");
            => refused: line 2, column 3: there is no prompt, queue, language or destination `missing`
        let a = 1; ⏎  ⏎ say(b);
            => refused: line 3, column 5: Undefined variable: b
        sya("hello");
            => refused: line 1, column 1: there is no verb or function `sya` (text)
        enqueue("sales", #{ prioritty: 1 });
            => refused: line 1, column 1: enqueue has no option `prioritty`; it has priority, skills, prefer, max_wait, attributes
        enqueue("sales", #{ skills: #{ english: 11 } });
            => refused: line 1, column 1: `english` must be 1 to 10, got 11
        enqueue("nowhere");
            => refused: line 1, column 1: there is no prompt, queue, language or destination `nowhere`
        loop { }
            => refused: line 1, column 6: the script did more than 1000000 steps: is there a loop that never stops?
        fn f(x) { f(x + 1) } ⏎ f(1);
            => refused: line 2, column 1: functions call each other too deeply: does one call itself for ever?
        let s = "x"; ⏎ loop { s += s; }
            => refused: line 2, column 10: Length of string too large
        fn pick() { ⏎   menu("?", #{}); ⏎ } ⏎ pick();
            => refused: line 2, column 3: a menu needs choices: #{ "1": "sales" } or ["1", "2"]
        gather(#{ max: "four" });
            => refused: line 1, column 1: `max` is a whole number, not a text
        callback("sales", #{ adress: "+441632960012" });
            => refused: line 1, column 1: callback has no option `adress`; it has address, owner, deadline, voicemail
        callback("sales", #{ address: "" });
            => refused: line 1, column 1: `address` is empty; leave it out instead
        callback("sales", #{ voicemail: 1 });
            => refused: line 1, column 1: `voicemail` is true or false, not a number
        callback("sales", #{ deadline: 86401 });
            => refused: line 1, column 1: `deadline` must be 0 to 86400 seconds, got 86401
        callback();
            => refused: line 1, column 1: there is no verb or function `callback` nothing
        is_open("nowhere");
            => refused: line 1, column 1: there is no prompt, queue, language or destination `nowhere`
        language("xx");
            => refused: line 1, column 1: there is no prompt, queue, language or destination `xx`
        throw "my own";
            => refused: line 1, column 1: my own
        eval("1");
            => refused: line 1, column 1: reserved keyword 'eval' is disabled
    "#]].assert_eq(&all);
}

#[test]
fn a_script_is_checked_without_running_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let check = |script: &str| runtime.block_on(HOST.check_script(&interpreter(), script));
    assert_eq!(check("say(\"hello\");"), Ok(()));
    let error = check("say(\"a\");\nlet = 3;").unwrap_err();
    let PublishError::Script(ScriptError { line, column, message }) = error else {
        panic!("{error}")
    };
    expect!["2:5 Expecting name of a variable"].assert_eq(&format!("{line}:{column} {message}"));
    let long = check(&"x".repeat(300 << 10));
    assert!(matches!(long, Err(PublishError::TooLong { .. })), "{long:?}");
}

#[test]
fn the_words_that_the_guide_calls_taken_are_and_verbs_are_not() {
    let guide = include_str!("../../../../plugins/flow-rhai/README.md");
    let section = guide.split("## Words that mean something already").nth(1).unwrap();
    let section = section.split("As the name of an option").next().unwrap();
    let bullets = section.split_once("* of the language").unwrap().1;
    let words: Vec<&str> = bullets.split('`').skip(1).step_by(2).collect();
    assert!(60 < words.len(), "{words:?}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let check = |script: &str| runtime.block_on(HOST.check_script(&interpreter(), script));
    for word in words {
        assert!(check(&format!("let {word} = 1;")).is_err(), "`{word}` is no taken word");
        assert_eq!(check(&format!("let m = #{{ \"{word}\": 1 }};")), Ok(()), "{word}");
    }
    let script = "let caller = 1; log(`${caller} ${caller()}`);";
    check_log(script, "1 +**********11");
}

/// Runs a script that logs one line.
#[track_caller]
fn check_log(script: &str, line: &str) {
    let flow = HOST.draft(&interpreter(), script).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let end = runtime.block_on(play(&flow, Scripted::new(&[])));
    assert!(end.contains(line), "{end}");
}
