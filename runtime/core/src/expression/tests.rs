//! Expressions in, what they are and whom they admit out.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::*;

/// An agent as a line: `language=ru branch=riga sales:7 @4`; `@` is the level in the queue.
struct Facts {
    attributes: BTreeMap<String, String>,
    levels: BTreeMap<String, u8>,
    queue_level: u8,
}

impl Facts {
    fn new(line: &str) -> Self {
        let mut facts =
            Self { attributes: BTreeMap::new(), levels: BTreeMap::new(), queue_level: 0 };
        for word in line.split_whitespace() {
            if let Some((name, value)) = word.split_once('=') {
                facts.attributes.insert(name.to_owned(), value.to_owned());
            } else if let Some((skill, level)) = word.split_once(':') {
                facts.levels.insert(skill.to_owned(), level.parse().unwrap());
            } else {
                facts.queue_level = word.trim_start_matches('@').parse().unwrap();
            }
        }
        facts
    }
}

impl AgentFacts for Facts {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn level(&self, skill: &str) -> u8 {
        self.levels.get(skill).copied().unwrap_or(0)
    }

    fn queue_level(&self) -> u8 {
        self.queue_level
    }
}

fn attributes(line: &str) -> Vec<Attribute> {
    let pairs = line.split_whitespace().map(|word| word.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Each line parsed: its plain spelling, or the error below a caret.
#[track_caller]
fn check_parsed(lines: &[&str], expected: Expect) {
    let mut said = String::new();
    for line in lines {
        match Expression::parse(line) {
            Ok(expression) => {
                assert_eq!(expression.to_string().parse().as_ref(), Ok(&expression));
                said.push_str(&format!("{expression}\n"));
            }
            Err(error) => said.push_str(&format!("{error}\n{}", error.caret(line))),
        }
    }
    expected.assert_eq(&said);
}

/// Each condition of each agent: `+` if it holds.
#[track_caller]
fn check_holds(agents: &[&str], conditions: &[&str], expected: Expect) {
    let agents: Vec<Facts> = agents.iter().map(|line| Facts::new(line)).collect();
    let mut said = String::new();
    for condition in conditions {
        let expression = Expression::parse(condition).unwrap();
        let signs = agents.iter().map(|agent| if expression.holds(agent) { '+' } else { '-' });
        said.push_str(&format!("{} {expression}\n", signs.collect::<String>()));
    }
    expected.assert_eq(&said);
}

#[test]
fn an_expression_has_one_spelling() {
    check_parsed(
        &[
            r#"language=="ru"&&level('sales')>=3"#,
            r#"((a == "1") && (b == "2")) && c == "3""#,
            r#"a == "1" || b == "2" && c == "3""#,
            r#"(a == "1" || b == "2") && c == "3""#,
            r#"!a == "1" && !(b == "2" && has("x")) && !has(contact.topic)"#,
            r#"agent.language == contact.language && agent.level == "x""#,
            r#"branch in ["riga", 'vilnius', 3, -2.50]"#,
            r#"level(contact.topic) >= 5 && queue_level < 3.000001"#,
            r#"note == "a \"quote\", a \\ and 'single'" "#,
            "contact.crm.tier == \"gold\"\n  && true\n",
            "!true || has(\"x\")",
            "язык == \"русский\"",
        ],
        expect![[r#"
            language == "ru" && level("sales") >= 3
            a == "1" && b == "2" && c == "3"
            a == "1" || b == "2" && c == "3"
            (a == "1" || b == "2") && c == "3"
            !(a == "1") && !(b == "2" && has("x")) && !has(contact.topic)
            language == contact.language && agent.level == "x"
            branch in ["riga", "vilnius", 3, -2.5]
            level(contact.topic) >= 5 && queue_level < 3.000001
            note == "a \"quote\", a \\ and 'single'"
            contact.crm.tier == "gold"
            has("x")
            язык == "русский"
        "#]],
    );
}

#[test]
fn an_error_points_at_its_column() {
    check_parsed(
        &[
            "",
            "language",
            "language = \"ru\"",
            "level(\"sales\") => 3",
            "levle(\"sales\") >= 3",
            "queue_level() >= 3",
            "level(sales) >= 3",
            "level >= 3",
            "has(\"x\") == true",
            "vip == true",
            "true == vip",
            "1 < level(\"x\") < 3",
            "a == \"1\" and b == \"2\"",
            "not a == \"1\"",
            "a == \"1\" & b == \"2\"",
            "a <> \"1\"",
            "(a == \"1\" && b == \"2\"",
            "a == \"1\")",
            "a in \"1\"",
            "a in []",
            "a in [b]",
            "a in [\"b\" \"c\"]",
            "a == \"open",
            "a == \"\\x\"",
            "a == “ru”",
            "caller.tier == \"gold\"",
            "contact == \"gold\"",
            "a == 1.2.3",
            "a == 1234567890123",
            "язык == русский русский",
            "a == \"1\" &&\n\t(b ! \"2\")",
            "a == \"1\" # b",
            "a == \"1\" &&",
        ],
        expect![[r#"
            line 1, column 1: the expression is empty; accepted: a condition, or `true`
              | 
              | ^ the expression is empty
            line 1, column 1: `language` is a value, not a condition; accepted: `language` followed by `==`, `!=`, `<`, `<=`, `>`, `>=` or `in [...]`
              | language
              | ^ `language` is a value, not a condition
            line 1, column 10: `=` is not an operator; accepted: `==`
              | language = "ru"
              |          ^ `=` is not an operator
            line 1, column 16: `=>` is not an operator; accepted: `>=`
              | level("sales") => 3
              |                ^ `=>` is not an operator
            line 1, column 1: unknown function `levle` (did you mean `level`?); accepted: `level("SKILL")` and `has("SKILL")`
              | levle("sales") >= 3
              | ^ unknown function `levle` (did you mean `level`?)
            line 1, column 1: `queue_level` takes nothing; accepted: `queue_level` without parentheses
              | queue_level() >= 3
              | ^ `queue_level` takes nothing
            line 1, column 7: `sales` is not a skill; accepted: "sales" in quotes, or `contact.NAME`
              | level(sales) >= 3
              |       ^ `sales` is not a skill
            line 1, column 7: `level` without a skill; accepted: `level("SKILL")`
              | level >= 3
              |       ^ `level` without a skill
            line 1, column 10: `==` behind a complete condition; accepted: `&&`, `||` or the end
              | has("x") == true
              |          ^ `==` behind a complete condition
            line 1, column 8: `true` is a condition, and attributes are text; accepted: "true" in quotes
              | vip == true
              |        ^ `true` is a condition, and attributes are text
            line 1, column 6: `true` is a condition, and attributes are text; accepted: a comparison with "true" in quotes
              | true == vip
              |      ^ `true` is a condition, and attributes are text
            line 1, column 16: `<` after a comparison: they do not chain; accepted: two comparisons joined by `&&`
              | 1 < level("x") < 3
              |                ^ `<` after a comparison: they do not chain
            line 1, column 10: `and` is not an operator; accepted: `&&`
              | a == "1" and b == "2"
              |          ^ `and` is not an operator
            line 1, column 1: `not` is not an operator; accepted: `!`
              | not a == "1"
              | ^ `not` is not an operator
            line 1, column 10: a single `&`; accepted: `&&`
              | a == "1" & b == "2"
              |          ^ a single `&`
            line 1, column 3: `<>` is not an operator; accepted: `!=`
              | a <> "1"
              |   ^ `<>` is not an operator
            line 1, column 22: the end where `)` is expected; accepted: `)` for the `(` at character 1
              | (a == "1" && b == "2"
              |                      ^ the end where `)` is expected
            line 1, column 9: no `(` for this `)`; accepted: no `)` here
              | a == "1")
              |         ^ no `(` for this `)`
            line 1, column 6: "1" behind `in`; accepted: a list such as ["a", "b"]
              | a in "1"
              |      ^ "1" behind `in`
            line 1, column 7: `]` in a list; accepted: "text" or a number; a list holds constants
              | a in []
              |       ^ `]` in a list
            line 1, column 7: `b` in a list; accepted: "text" or a number; a list holds constants
              | a in [b]
              |       ^ `b` in a list
            line 1, column 11: "c" where `]` is expected; accepted: `]` for the `[` at character 6
              | a in ["b" "c"]
              |           ^ "c" where `]` is expected
            line 1, column 6: the text has no end; accepted: a closing " on the same line
              | a == "open
              |      ^ the text has no end
            line 1, column 7: `\` in text does not stand alone; accepted: `\\`, `\"`, `\'` or `\n`
              | a == "\x"
              |       ^ `\` in text does not stand alone
            line 1, column 6: the typographic quote “; accepted: the quote "
              | a == “ru”
              |      ^ the typographic quote “
            line 1, column 1: `caller` has no attributes; accepted: `contact.tier` or `agent.tier`
              | caller.tier == "gold"
              | ^ `caller` has no attributes
            line 1, column 1: `contact` has no value; accepted: `contact.NAME`
              | contact == "gold"
              | ^ `contact` has no value
            line 1, column 6: `1.2.3` is not a number; accepted: up to 12 digits, with up to 6 behind a point
              | a == 1.2.3
              |      ^ `1.2.3` is not a number
            line 1, column 6: `1234567890123` is not a number; accepted: up to 12 digits, with up to 6 behind a point
              | a == 1234567890123
              |      ^ `1234567890123` is not a number
            line 1, column 17: `русский` behind a complete condition; accepted: `&&`, `||` or the end
              | язык == русский русский
              |                 ^ `русский` behind a complete condition
            line 2, column 5: `!` where a comparison goes on; accepted: `==`, `!=`, `<`, `<=`, `>`, `>=` or `in [...]`
              | 	(b ! "2")
              | 	   ^ `!` where a comparison goes on
            line 1, column 10: the character '#' means nothing here; accepted: names, numbers, "text" and operators
              | a == "1" # b
              |          ^ the character '#' means nothing here
            line 1, column 12: the end where a value is expected; accepted: an attribute, `contact.NAME`, `level("SKILL")`, `queue_level`, "text" or a number
              | a == "1" &&
              |            ^ the end where a value is expected
        "#]],
    );
}

#[test]
fn there_are_limits() {
    let deep = |levels: usize| format!("{}has(\"x\"){}", "(".repeat(levels), ")".repeat(levels));
    let nots = |levels: usize| format!("{}a == 1", "!".repeat(levels));
    let many = |parts| vec!["a==1"; parts].join("||");
    let long = |length: usize| format!("a == \"{}\"", "ü".repeat(length - 7));
    for text in [deep(32), nots(32), many(66), long(1_000)] {
        let expression = Expression::parse(&text).unwrap();
        assert_eq!(expression.to_string().parse(), Ok(expression));
    }
    let refused = [deep(33), nots(33), many(67), long(1_001), vec!["x == 1"; 100].join("&&")];
    let said: Vec<String> =
        refused.iter().map(|text| Expression::parse(text).unwrap_err().to_string()).collect();
    expect![[r#"
        line 1, column 33: the expression is nested too deep; accepted: at most 32 levels of `(` and `!`
        line 1, column 33: the expression is nested too deep; accepted: at most 32 levels of `(` and `!`
        line 1, column 400: the expression has too many parts; accepted: at most 200 conditions, values and items of lists
        line 1, column 1001: the expression has 1001 characters; accepted: at most 1000 characters
        line 1, column 534: the expression has too many parts; accepted: at most 200 conditions, values and items of lists"#]].assert_eq(&said.join("\n"));
    let spread = format!("a in[{}1]", "1,".repeat(150).replace("1,", "12345,"));
    expect!["line 1, column 1: written out, the expression has 1058 characters; accepted: at most 1000 characters"].assert_eq(&Expression::parse(&spread).unwrap_err().to_string());
}

#[test]
fn conditions_admit_agents() {
    check_holds(
        &["language=ru tier=2 sales:7 @4", "language=lv tier=10 sales:2 @1", "tier=gold"],
        &[
            r#"language == "ru""#,
            r#"language != "ru""#,
            r#"!(language == "ru")"#,
            r#"language in ["ru", "lv"]"#,
            r#"level("sales") >= 3"#,
            r#"level("sales") == 0"#,
            r#"has("sales")"#,
            r#"!has("sales")"#,
            r#"queue_level > 0 && queue_level < 4"#,
            r#"tier >= 2"#,
            r#"tier < 2"#,
            r#"tier == 10.0"#,
            r#"tier == "10.0""#,
            r#"tier != 10"#,
            r#"tier in [2, "gold"]"#,
            r#"tier > "9""#,
            r#"tier > "a""#,
            r#"language < language"#,
            r#"language <= language"#,
            r#"nothing == nothing"#,
            r#"nothing != nothing"#,
            r#"nothing < 5"#,
            r#"nothing >= 5"#,
            r#"language == "lv" || level("sales") > 5 && queue_level == 4"#,
            r#"true"#,
            r#"false"#,
        ],
        expect![[r#"
            +-- language == "ru"
            -++ language != "ru"
            -++ !(language == "ru")
            ++- language in ["ru", "lv"]
            +-- level("sales") >= 3
            --+ level("sales") == 0
            ++- has("sales")
            --+ !has("sales")
            -+- queue_level > 0 && queue_level < 4
            ++- tier >= 2
            --- tier < 2
            -+- tier == 10
            --- tier == "10.0"
            +-+ tier != 10
            +-+ tier in [2, "gold"]
            -++ tier > "9"
            --+ tier > "a"
            --- language < language
            ++- language <= language
            --- nothing == nothing
            +++ nothing != nothing
            --- nothing < 5
            --- nothing >= 5
            ++- language == "lv" || level("sales") > 5 && queue_level == 4
            +++ true
            --- false
        "#]],
    );
}

#[test]
fn binding_takes_the_contact_out() {
    let contact = attributes("language=ru topic=billing tier=3 tier=4 empty=");
    let mut said = String::new();
    for text in [
        r#"language == contact.language"#,
        r#"level(contact.topic) >= contact.tier && has(contact.topic)"#,
        r#"level(contact.unknown) >= 1 || has(contact.unknown)"#,
        r#"level(contact.unknown) < queue_level"#,
        r#"contact.tier == "3" && language == "ru""#,
        r#"contact.tier > 3 || language == "ru""#,
        r#"contact.tier > 3 && language == "ru""#,
        r#"!(contact.tier > 3) && (contact.tier in [3] || has("x"))"#,
        r#"contact.unknown == language"#,
        r#"contact.unknown != language"#,
        r#"!(contact.unknown >= 3) && contact.empty == """#,
        r#"(contact.tier == 3 && has("x") && has("y")) && has("z")"#,
    ] {
        let bound = Expression::parse(text).unwrap().bind(&contact);
        said.push_str(&format!("{text}  =>  {bound}\n"));
    }
    expect![[r#"
        language == contact.language  =>  language == "ru"
        level(contact.topic) >= contact.tier && has(contact.topic)  =>  level("billing") >= "3" && has("billing")
        level(contact.unknown) >= 1 || has(contact.unknown)  =>  false
        level(contact.unknown) < queue_level  =>  0 < queue_level
        contact.tier == "3" && language == "ru"  =>  language == "ru"
        contact.tier > 3 || language == "ru"  =>  language == "ru"
        contact.tier > 3 && language == "ru"  =>  false
        !(contact.tier > 3) && (contact.tier in [3] || has("x"))  =>  true
        contact.unknown == language  =>  false
        contact.unknown != language  =>  true
        !(contact.unknown >= 3) && contact.empty == ""  =>  true
        (contact.tier == 3 && has("x") && has("y")) && has("z")  =>  has("x") && has("y") && has("z")
    "#]].assert_eq(&said);
}

#[test]
fn contacts_with_equal_bound_expressions_are_one_group() {
    let rule = Expression::parse("language == contact.language && contact.tier in [1, 2]").unwrap();
    let contacts = ["language=ru tier=1", "tier=2 language=ru", "language=lv tier=1", "tier=9", ""];
    let mut groups: BTreeMap<Expression, Vec<usize>> = BTreeMap::new();
    for (index, contact) in contacts.iter().enumerate() {
        groups.entry(rule.bind(&attributes(contact))).or_default().push(index);
    }
    expect![[r#"{false: [3, 4], language == "lv": [2], language == "ru": [0, 1]}"#]]
        .assert_eq(&format!("{groups:?}"));
}

#[test]
fn an_agent_learns_why_not() {
    let rule = r#"(language == "ru" || has("russian")) && level("sales") >= 3 && !(branch in ["riga"])
        && queue_level > 2"#;
    let rule = Expression::parse(rule).unwrap();
    let mut said = String::new();
    for agent in
        ["language=lv sales:2 @3", "language=ru sales:3 branch=riga @9", "russian:1 sales:9 @3"]
    {
        let unmet = rule.explain(&Facts::new(agent));
        assert_eq!(unmet.is_empty(), rule.holds(&Facts::new(agent)));
        said.push_str(&format!("{agent}\n"));
        unmet.iter().for_each(|unmet| said.push_str(&format!("  {unmet}\n")));
    }
    expect![[r#"
        language=lv sales:2 @3
          language == "ru" || has("russian"): language is "lv", level("russian") is 0
          level("sales") >= 3: level("sales") is 2
        language=ru sales:3 branch=riga @9
          !(branch in ["riga"]): branch is "riga"
        russian:1 sales:9 @3
    "#]]
    .assert_eq(&said);
}

#[test]
fn serde_keeps_the_text() {
    let rule = Expression::parse(r#"language=="ru""#).unwrap();
    let json = serde_json::to_string(&rule).unwrap();
    expect![[r#""language == \"ru\"""#]].assert_eq(&json);
    assert_eq!(serde_json::from_str::<Expression>(&json).unwrap(), rule);
    let error = serde_json::from_str::<Expression>(r#""language = 3""#).unwrap_err();
    expect!["line 1, column 10: `=` is not an operator; accepted: `==`"]
        .assert_eq(&error.to_string());
}

/// A small generator of its own: tests must not depend on a library's stream.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn value(&mut self) -> Value {
        let name = |draw: &mut Self| ["a", "b", "level"][draw.below(3) as usize].into();
        match self.below(6) {
            0 => Value::Text(["", "1", "2.0", "x"][self.below(4) as usize].into()),
            1 => Value::Number(Number(self.below(5) as i64 * 500_000 - 1_000_000)),
            2 => Value::Agent(name(self)),
            3 => Value::Contact(name(self)),
            4 => Value::Level(self.skill()),
            _ => Value::QueueLevel,
        }
    }

    fn skill(&mut self) -> Skill {
        match self.below(2) {
            0 => Skill::Named("x".into()),
            _ => Skill::Contact("a".into()),
        }
    }

    fn node(&mut self, depth: u64) -> Node {
        let kind = if depth == 0 { self.below(3) } else { self.below(6) };
        match kind {
            0 => {
                let operators = ["==", "!=", "<", "<=", ">", ">="];
                let text = format!("a {} b", operators[self.below(6) as usize]);
                let Ok(Node::Compare { operator, .. }) = parse::parse(&text) else {
                    panic!("{text}")
                };
                Node::Compare { left: self.value(), operator, right: self.value() }
            }
            1 => {
                let list = (0..=self.below(2)).map(|n| Value::Text(n.to_string().into()));
                Node::In { list: list.collect(), value: self.value() }
            }
            2 => Node::Has(self.skill()),
            3 => Node::Not(Box::new(self.node(depth - 1))),
            4 => all((0..=self.below(3)).map(|_| self.node(depth - 1)).collect::<Vec<_>>()),
            _ => any((0..=self.below(3)).map(|_| self.node(depth - 1)).collect::<Vec<_>>()),
        }
    }
}

/// What the expression means, written as plainly as possible: attributes joined, nothing simplified.
struct Joined<'a>(&'a Facts, &'a [Attribute]);

fn means(node: &Node, world: &Joined<'_>) -> bool {
    let find = |name: &str| world.1.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let level = |skill: &Skill| match skill {
        Skill::Named(name) => world.0.level(name),
        Skill::Contact(name) => find(name).map_or(0, |skill| world.0.level(skill)),
    };
    let found = |value: &Value| -> Option<String> {
        match value {
            Value::Text(text) => Some(text.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Agent(name) => world.0.attribute(name).map(str::to_owned),
            Value::Contact(name) => find(name).cloned(),
            Value::Level(skill) => Some(level(skill).to_string()),
            Value::QueueLevel => Some(world.0.queue_level.to_string()),
        }
    };
    let number =
        |value: &Value| matches!(value, Value::Number(_) | Value::Level(_) | Value::QueueLevel);
    let order = |left: &Value, right: &Value, equality: bool| {
        let (a, b) = (found(left)?, found(right)?);
        let numbers = a.parse::<f64>().ok().zip(b.parse::<f64>().ok());
        if number(left) || number(right) {
            return numbers.and_then(|(a, b)| a.partial_cmp(&b));
        }
        match numbers.filter(|_| !equality) {
            Some((a, b)) => a.partial_cmp(&b),
            None => Some(a.cmp(&b)),
        }
    };
    match node {
        Node::Bool(value) => *value,
        Node::Compare { left, operator, right } => match operator {
            Operator::Equal => order(left, right, true) == Some(Ordering::Equal),
            Operator::NotEqual => order(left, right, true) != Some(Ordering::Equal),
            Operator::Less => order(left, right, false).is_some_and(Ordering::is_lt),
            Operator::LessOrEqual => order(left, right, false).is_some_and(Ordering::is_le),
            Operator::Greater => order(left, right, false).is_some_and(Ordering::is_gt),
            Operator::GreaterOrEqual => order(left, right, false).is_some_and(Ordering::is_ge),
        },
        Node::In { value, list } => {
            list.iter().any(|item| order(value, item, true) == Some(Ordering::Equal))
        }
        Node::Has(skill) => level(skill) != 0,
        Node::Not(inner) => !means(inner, world),
        Node::And(parts) => parts.iter().all(|part| means(part, world)),
        Node::Or(parts) => parts.iter().any(|part| means(part, world)),
    }
}

#[test]
fn binding_and_spelling_keep_the_meaning() {
    let agents = ["", "a=1 x:2 @2", "a=2.0 b=2 level=x @0", "a=x b=x x:1", "b= 0:1 1:4 @1"];
    let contacts = ["", "a=x", "a=1 b=2", "a=2 level=0"];
    let mut held = 0_u32;
    for seed in 0..3_000 {
        let expression = Expression(Arc::new(Draw(seed).node(3)));
        let again = Expression::parse(&expression.to_string());
        assert_eq!(again.as_ref(), Ok(&expression), "seed {seed}");
        for (agent, contact) in agents.iter().flat_map(|a| contacts.iter().map(move |c| (a, c))) {
            let (facts, contact) = (Facts::new(agent), attributes(contact));
            let bound = expression.bind(&contact);
            assert!(!bound.to_string().contains("contact."), "seed {seed}: {bound}");
            let expected = means(&expression.0, &Joined(&facts, &contact));
            assert_eq!(bound.holds(&facts), expected, "seed {seed}: {expression}, {agent}");
            held += u32::from(expected);
        }
    }
    // Both answers were tried, or the loop would prove nothing.
    assert!((10_000..50_000).contains(&held), "{held} of 60,000 hold");
}

/// A name taken apart and put together again at random: the parser errs, it does not panic.
#[test]
fn no_text_makes_the_parser_panic() {
    let pieces = [
        "a", "\"", "'", "\\", "(", ")", "[", "]", ",", "!", "=", "==", "<", ">", "&&", "||", "in",
        "level", "has", "contact.", "agent.b", ".", "-", "1", "1.5", " ", "\n", "ü", "“", "true",
    ];
    let mut parsed = 0;
    for seed in 0..20_000 {
        let mut draw = Draw(seed);
        let text: String =
            (0..draw.below(12)).map(|_| pieces[draw.below(pieces.len() as u64) as usize]).collect();
        match Expression::parse(&text) {
            Ok(expression) => {
                parsed += 1;
                assert_eq!(expression.to_string().parse(), Ok(expression));
            }
            Err(error) => assert!(error.caret(&text).contains('^')),
        }
    }
    assert!(0 < parsed);
}
