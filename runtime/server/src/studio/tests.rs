//! Scripts as somebody may write them, with what is said of them and how they are drawn.

use std::collections::BTreeSet;
use std::fmt::Write;

use expect_test::{Expect, expect};

use super::source::Range;
use super::*;

/// A tenant with two queues and one prompt in English.
struct Shop;

impl Known for Shop {
    fn queues(&self) -> BTreeSet<String> {
        ["sales", "support"].map(str::to_owned).into()
    }

    fn language(&self) -> String {
        "en".to_owned()
    }

    fn prompt(&self, name: &str, language: &str) -> Result<(), Missing> {
        match (name, language) {
            ("welcome", "en") => Ok(()),
            ("welcom", _) => Err(Missing { nearest: Some("welcome".to_owned()) }),
            _ => Err(Missing::default()),
        }
    }

    fn destination(&self, number: &str) -> Result<(), String> {
        match number.starts_with('+') {
            true => Ok(()),
            false => Err(format!("`{number}` is no number")),
        }
    }
}

#[track_caller]
fn problems(script: &str, expected: Expect) {
    let mut told = String::new();
    for Problem { severity, code, range, message, .. } in analyse(script, &Shop).problems {
        let Range { line, column, end_line, end_column } = range;
        let _ = writeln!(
            told,
            "{line}:{column}-{end_line}:{end_column} {severity:?} {code}: {message}"
        );
    }
    expected.assert_eq(&told);
}

#[track_caller]
fn drawn(script: &str, expected: Expect) {
    let analysis = analyse(script, &Shop);
    let graph = analysis.graph.expect("it can be read");
    let mut told = String::new();
    for node in &graph.nodes {
        let verb = node.verb.as_deref().unwrap_or("-");
        let to = node.assigns.as_deref().map(|name| format!(" -> {name}")).unwrap_or_default();
        let of = node.function.as_deref().map(|name| format!(" in {name}")).unwrap_or_default();
        let far = if node.reachable { "" } else { " unreachable" };
        let Range { line, column, end_line, end_column } = node.range;
        let (id, kind, text, x, y) = (node.id, node.kind, &node.text, node.x, node.y);
        let _ = writeln!(
            told,
            "{id} {kind} {verb} [{text}]{to}{of}{far} {line}:{column}-{end_line}:{end_column} at {x},{y}"
        );
        for edge in graph.edges.iter().filter(|edge| edge.from == id) {
            let label =
                if edge.label.is_empty() { String::new() } else { format!(" {}", edge.label) };
            let _ = writeln!(told, "    {}{label} -> {}", edge.kind, edge.to);
        }
    }
    expected.assert_eq(&told);
}

const MENU: &str = r#"answer();
play("welcome");
let choice = menu("Sales 1, support 2", #{ "1": "sales", "2": "support" });
if choice == "1" {
    let end = enqueue("sales", #{ max_wait: 120 });
    if end != "served" {
        say("Nobody is free.");
    }
} else if choice == "2" {
    enqueue("support");
} else {
    hang_up("no choice");
}
"#;

#[test]
fn a_menu_has_no_problems_and_its_branches_stand_in_order() {
    problems(MENU, expect![[r#""#]]);
    drawn(
        MENU,
        expect![[r#"
            0 start - [] 1:1-1:1 at 365,0
                next -> 1
            1 step answer [] 1:1-1:8 at 365,112
                next -> 2
            2 step play [welcome] 2:1-2:15 at 365,224
                next -> 3
            3 ask menu [Sales 1, support 2] -> choice 3:14-3:74 at 365,336
                next -> 4
            4 branch - [choice] 4:1-13:1 at 365,448
                case 1 -> 5
                case 2 -> 8
                otherwise -> 9
            5 queue enqueue [sales] -> end 5:15-5:50 at 210,560
                next -> 6
            6 branch - [end != "served"] 6:5-6:22 at 210,672
                yes -> 7
                no -> 10
            7 step say [Nobody is free.] 7:9-7:30 at 0,784
                next -> 10
            8 queue enqueue [support] 10:5-10:22 at 470,560
                next -> 10
            9 end hang_up [no choice] 12:5-12:24 at 730,560
            10 finish - [] 13:2-13:2 at 365,896
        "#]],
    );
}

#[test]
fn loops_switches_functions_and_attempts_are_drawn() {
    drawn(
        r#"
// Greets.
fn greet(name) { say(`Hello ${name}`); }
fn is_late() { now().hour > 18 }
greet("Ada");
for n in 0..3 {
    let pin = digits(4, "PIN");
    if pin == "1234" { break; }
    if pin == "" { continue; }
    say("Wrong");
}
switch language() {
    "en" => say("English"),
    "ru" | "lv" if is_late() => { say("Late"); pause(100); }
    _ => (),
}
try { transfer("+1"); } catch (why) { log(why); callback("sales"); }
loop { if !is_open("sales") { return; } enqueue("sales"); }
"#,
        expect![[r#"
            0 start - [] 1:1-1:1 at 470,0
                next -> 1
            1 call greet [Ada] 5:1-5:12 at 470,112
                next -> 2
                call -> 18
            2 loop - [n in 0..3] 6:1-6:13 at 470,224
                repeat -> 3
                done -> 7
            3 ask digits [PIN] -> pin 7:15-7:30 at 230,336
                next -> 4
            4 branch - [pin == "1234"] 8:5-8:20 at 230,448
                yes -> 7
                no -> 5
            5 branch - [pin == ""] 9:5-9:16 at 230,560
                yes -> 2
                no -> 6
            6 step say [Wrong] 10:5-10:16 at 230,672
                again -> 2
            7 branch - [language()] 12:1-16:1 at 470,784
                case en -> 8
                case "ru" | "lv" if is_late() -> 9
                otherwise -> 11
            8 step say [English] 13:13-13:26 at 0,896
                next -> 11
            9 step say [Late] 14:35-14:45 at 260,896
                next -> 10
            10 step pause [100] 14:48-14:57 at 260,1008
                next -> 11
            11 attempt - [] 17:1-17:3 at 470,1120
                next -> 12
                error -> 13
            12 end transfer [+1] 17:7-17:20 at 340,1232
                next -> 14
            13 queue callback [sales] 17:49-17:65 at 600,1232
                next -> 14
            14 loop - [] 18:1-18:4 at 470,1344
                repeat -> 15
            15 branch - [!is_open("sales")] 18:8-18:27 at 470,1456
                yes -> 17
                no -> 16
            16 queue enqueue [sales] 18:41-18:56 at 470,1568
                again -> 14
            17 finish - [] 18:60-18:60 at 470,1680
            18 start - [greet(name)] in greet 3:1-3:1 at 900,0
                next -> 19
            19 step say [Hello {name}] in greet 3:18-3:37 at 900,112
                next -> 20
            20 finish - [] in greet 3:39-3:39 at 900,224
        "#]],
    );
}

#[test]
fn what_names_nothing_is_told_with_what_was_meant() {
    problems(
        r#"
anser();
menu("one");
enqueue("slaes", #{ prioriti: 1 });
let open = is_open("help");
play("welcom");
language("ru");
menu(#{ play: "welcome" }, #{ "1": "a", "22": "b", "x": "c" });
menu([#{ plays: "welcome" }], ["1", 1]);
transfer("nowhere");
helper(1, 2);
"abc".shout();
fn helper(a) { a.len() }
fn forgotten() { say("never"); }
"#,
        expect![[r#"
            2:1-2:5 Error unknown_verb: there is no verb or function `anser`; did you mean `answer`?
            3:1-3:4 Error wrong_arguments: `menu` is called as `menu(prompt, choices)`; here it has 1 arguments
            4:9-4:15 Error unknown_queue: there is no queue `slaes`; there are `sales`, `support`
            4:21-4:28 Error unknown_option: `enqueue` has no option `prioriti`; it has `attributes`, `max_wait`, `prefer`, `priority`, `skills`
            5:20-5:25 Error unknown_queue: there is no queue `help`; there are `sales`, `support`
            6:6-6:13 Error missing_prompt: there is no prompt `welcom` in the languages en, ru; did you mean `welcome`?
            8:15-8:23 Error missing_prompt: there is no prompt `welcome` in the languages ru
            8:41-8:44 Error bad_choice: a choice of a menu is one key such as "1", not `22`
            8:52-8:54 Warning no_such_key: no telephone has the key `x`
            9:10-9:14 Error unknown_option: `a prompt` has no option `plays`; it has `pause`, `play`, `say`
            9:37-9:39 Warning choice_twice: the key `1` is offered twice
            10:10-10:18 Error unknown_number: `nowhere` is no number
            11:1-11:6 Error wrong_arguments: `helper` is called as `helper(a)`; here it has 2 arguments
            12:7-12:11 Error unknown_verb: there is no verb or function `shout`
            14:1-14:14 Info unused_function: nothing calls the function `forgotten`
        "#]],
    );
}

#[test]
fn what_is_never_reached_is_told() {
    problems(
        r#"
if true { say("a"); } else { say("b"); }
if 1 > 2 || false { say("c"); }
hang_up();
note("kept");
say("too late");
return;
say("never");
fn f(x) { if x { return 1; } else { return 2; } say("never"); }
f(true);
fn g() { loop { break; say("never"); } throw "x"; log("never"); }
g();
"#,
        expect![[r#"
            2:4-2:7 Warning always_so: `true` is always so: one of the branches is never taken
            3:4-3:17 Warning never_so: `1 > 2 || false` is never so: one of the branches is never taken
            6:1-6:15 Warning after_end: the contact has been ended: `say` is not done any more
            8:1-8:12 Warning unreachable: nothing comes here: what stands before always ends first
            9:49-9:60 Warning unreachable: nothing comes here: what stands before always ends first
            11:24-11:35 Warning unreachable: nothing comes here: what stands before always ends first
            11:51-11:62 Warning unreachable: nothing comes here: what stands before always ends first
        "#]],
    );
}

#[test]
fn loops_without_a_way_out_are_told() {
    problems(
        r#"
fn a() { loop { say("on and on"); } }
fn b() { while true { let x = 1; } }
fn c() { loop { if random() > 0.5 { break; } } }
fn d() { loop { switch caller() { "" => return, _ => say("x") } } }
fn e() { do { pause(10); } while true; }
fn f() { do { pause(10); } until true; }
fn g() { loop { hang_up(); } }
a(); b(); c(); d(); e(); f(); g();
"#,
        expect![[r#"
            2:10-2:13 Warning endless_loop: nothing in the loop leaves it: only the customer's end does
            3:10-3:19 Error spinning_loop: nothing leaves the loop, and nothing in it waits: the script is stopped
            6:10-6:11 Warning endless_loop: nothing in the loop leaves it: only the customer's end does
        "#]],
    );
}

#[test]
fn answers_that_never_come_are_told() {
    problems(
        r#"
let choice = menu("1 or 2", ["1", "2", "3"]);
if choice == "1" { enqueue("sales"); } else if choice == "4" { say("?"); }
let end = enqueue("sales");
if end == "severd" { say("thanks"); }
if enqueue("sales") != "serve" { say("sorry"); }
switch end { "full" => say("full"), "empty" => say("empty"), _ => () }
let other = menu("1 or 2", #{ "1": "a", "2": "b" });
attribute("choice", other);
let third = menu("1 or 2", #{ "1": "a", "2": "b" });
if third == "1" { say("a"); } else { say("b"); }
if channel() == "phone" { say("x"); }
"#,
        expect![[r#"
            2:14-2:17 Warning idle_choice: the menu offers `2`, `3`, and nothing is done about it
            3:58-3:60 Warning impossible_value: `menu` never gives `4` here; it gives `1`, `2`, `3`
            5:11-5:18 Warning impossible_value: `enqueue` never gives `severd` here; it gives `callback`, `closed`, `full`, `left_by_key`, `no_agents`, `served`, `timed_out`
            6:24-6:30 Warning impossible_value: `enqueue` never gives `serve` here; it gives `callback`, `closed`, `full`, `left_by_key`, `no_agents`, `served`, `timed_out`
            7:37-7:43 Warning impossible_value: `enqueue` never gives `empty` here; it gives `callback`, `closed`, `full`, `left_by_key`, `no_agents`, `served`, `timed_out`
            12:17-12:23 Warning impossible_value: `channel` never gives `phone` here; it gives `chat`, `email`, `message`, `task`, `voice`
        "#]],
    );
}

#[test]
fn what_cannot_be_read_has_its_place() {
    for (script, expected) in [
        (
            "let = 1;",
            expect![[r#"
            1:5-1:5 Error syntax: Expecting name of a variable
        "#]],
        ),
        (
            "say(\"a\"",
            expect![[r#"
            1:8-1:8 Error syntax: Expecting ')' to close the arguments list of this function call 'say'
        "#]],
        ),
        (
            "say(unknown);",
            expect![[r#"
            1:5-1:5 Error syntax: Undefined variable: unknown
        "#]],
        ),
        (
            "let x = \"abc",
            expect![[r#"
            1:9-1:9 Error syntax: Open string is not terminated
        "#]],
        ),
        (
            "import \"x\";",
            expect![[r#"
            1:1-1:1 Error syntax: 'import' is a reserved keyword
        "#]],
        ),
        (
            "eval(\"x\");",
            expect![[r#"
            1:1-1:1 Error syntax: reserved keyword 'eval' is disabled
        "#]],
        ),
        (
            "if x { ",
            expect![[r#"
            1:4-1:4 Error syntax: Undefined variable: x
        "#]],
        ),
        (
            "let default = 1;",
            expect![[r#"
            1:5-1:5 Error syntax: 'default' is a reserved keyword
        "#]],
        ),
        (
            "}",
            expect![[r#"
            1:1-1:1 Error syntax: Unexpected '}'
        "#]],
        ),
        (
            "\u{1F600}",
            expect![[r#"
            1:1-1:1 Error syntax: Unexpected '😀'
        "#]],
        ),
    ] {
        problems(script, expected);
    }
}

/// Odd scripts are looked at like others: nothing is too empty, too deep, too long or too strange.
#[test]
fn nothing_is_too_odd() {
    let deep = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    let many = "say(\"a\");\n".repeat(20_000);
    let scripts = [
        String::new(),
        " \n\t// only a comment".to_owned(),
        "/* open".to_owned(),
        "`${`${1}`}`;".to_owned(),
        "let f = |x| { say(x); x }; f.call(1); call(f, 2);".to_owned(),
        "switch 1 { 0..5 => say(\"a\"), 5..=9 => say(\"b\") }".to_owned(),
        "let x = if caller() == \"\" { say(\"a\"); 1 } else { 2 };".to_owned(),
        "let m = #{ a: [#{ b: say(\"x\") }] }; m.a[0].b ?? say(\"y\");".to_owned(),
        "fn say(text) { text } say(\"own\");".to_owned(),
        "fn f() { g() } fn g() { f() } f();".to_owned(),
        "break; continue;".to_owned(),
        "ы; let я = menu(\"да\", #{\"1\": 1});".to_owned(),
        deep("if caller() == \"\" {", "}", 20),
        deep("{", "}", 5_000),
        deep("(", ")", 5_000),
        deep("[", "]", 5_000),
        deep("loop {", "}", 200),
        "x".repeat(200_000),
        format!("\"{}", "a".repeat(200_000)),
        many,
    ];
    for script in scripts {
        let start: String = script.chars().take(40).collect();
        let analysis = analyse(&script, &Shop);
        assert_eq!(
            analysis.graph.is_none(),
            analysis.problems.iter().any(|one| one.code == "syntax"),
            "{start}"
        );
        if let Some(graph) = analysis.graph {
            assert!(graph.nodes.len() <= graph::NODES_MAX, "{start}");
            assert!(graph.edges.iter().all(|edge| edge.to < graph.nodes.len()), "{start}");
            overlaps(&graph, &start);
        }
        assert!(analysis.problems.len() <= problems::PROBLEMS_MAX, "{start}");
    }
}

/// No two nodes stand on each other.
#[track_caller]
fn overlaps(graph: &Graph, of: &str) {
    let mut places = BTreeSet::new();
    for node in &graph.nodes {
        assert!(places.insert((node.y, node.x)), "{of}: two nodes at {},{}", node.x, node.y);
        assert!(
            0 <= node.x && node.x + graph.node_width <= graph.width.max(graph.node_width),
            "{of}"
        );
    }
    let places: Vec<_> = places.into_iter().collect();
    for pair in places.windows(2) {
        let [(y, x), (below, right)] = pair else { continue };
        assert!(y != below || x + graph.node_width <= *right, "{of}: nodes overlap at {x},{y}");
    }
}

/// A script cut anywhere, and with a letter changed anywhere, is looked at as well.
#[test]
fn no_cut_and_no_slip_breaks_it() {
    let chars: Vec<char> = MENU.chars().collect();
    for at in 0..chars.len() {
        let cut: String = chars[..at].iter().collect();
        analyse(&cut, &Shop);
        for other in ['{', '"', ';', 'x'] {
            let mut slip = chars.clone();
            slip[at] = other;
            analyse(&slip.iter().collect::<String>(), &Shop);
        }
    }
}

#[test]
fn every_example_of_the_vocabulary_is_right() {
    for verb in verbs() {
        let found = analyse(&verb.example, &Everything).problems;
        assert_eq!(found, [], "{}", verb.example);
    }
}

#[test]
fn every_template_is_right() {
    for template in templates(&["sales", "support"]) {
        let found = analyse(&template.script, &Shop).problems;
        assert_eq!(found, [], "{}", template.name);
    }
}

/// A tenant that has whatever is named.
struct Everything;

impl Known for Everything {
    fn queues(&self) -> BTreeSet<String> {
        Shop.queues()
    }

    fn language(&self) -> String {
        "en".to_owned()
    }

    fn prompt(&self, _: &str, _: &str) -> Result<(), Missing> {
        Ok(())
    }

    fn destination(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}
