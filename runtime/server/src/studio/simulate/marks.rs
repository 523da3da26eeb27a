//! Marks in a script: a line to the log before each statement, by which the steps find their places.

use std::collections::BTreeMap;

use rhai::{Expr, Stmt, StmtBlock};
use serde_json::{Map, Value};

use crate::studio::graph::{Graph, draw};
use crate::studio::parse::{Parsed, Part, parse, read_map, start_of, visit};
use crate::studio::source::Source;

/// The key of a mark's number; it sorts before every variable.
const KEY: &str = "@";
/// Variables that a mark tells of.
const VARIABLES_MAX: usize = 20;

/// Where a marked statement stands.
#[derive(Clone, Copy, Debug)]
struct Statement {
    line: u32,
    /// The lines and columns that it spans.
    span: ((u32, u32), (u32, u32)),
}

/// What the marks of a script mean.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    statements: Vec<Statement>,
    graph: Graph,
}

/// A mark as it came through the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// Which statement begins.
    pub number: usize,
    /// The variables just before.
    pub variables: Map<String, Value>,
}

impl Marks {
    /// The line of a statement.
    pub fn line(&self, number: usize) -> Option<u32> {
        Some(self.statements.get(number)?.line)
    }

    /// The node of a verb within a statement: the one with this text, or the first.
    pub fn node(&self, number: usize, verbs: &[&str], text: &str) -> Option<usize> {
        let statement = self.statements.get(number)?;
        let inside = |node: &&crate::studio::graph::Node| {
            let place = (node.range.line, node.range.column);
            let (from, until) = statement.span;
            (from..until).contains(&place)
                && node.verb.as_deref().is_some_and(|verb| verbs.contains(&verb))
        };
        let nodes: Vec<_> = self.graph.nodes.iter().filter(inside).collect();
        let same = nodes.iter().find(|node| !text.is_empty() && node.text == text);
        same.or(nodes.first()).map(|node| node.id)
    }
}

/// Reads a line of the log, if it is a mark.
pub fn read(line: &str) -> Option<Mark> {
    let after_place = line.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    let text = after_place.map_or(line, |(_, text)| text);
    if !text.starts_with("#{\"@\": ") {
        return None;
    }
    let mut map = read_map(text).or_else(|| {
        // A variable that cannot be read back, such as a function: the number is enough.
        let number = text.strip_prefix("#{\"@\": ")?.split([',', '}']).next()?;
        read_map(&format!("#{{\"@\": {number}}}"))
    })?;
    let number = usize::try_from(map.remove(KEY)?.as_int().ok()?).ok()?;
    let variables = map
        .into_iter()
        .map(|(name, value)| {
            let kept = serde_json::from_str(&rhai::format_map_as_json(
                &[("v".into(), value.clone())].into_iter().collect(),
            ));
            let kept = kept.ok().and_then(|kept: Value| kept.get("v").cloned());
            (name.to_string(), kept.unwrap_or_else(|| Value::String(value.to_string())))
        })
        .collect();
    Some(Mark { number, variables })
}

/// Marks a script. One that cannot be marked stays as it is, and its steps have no places.
pub fn mark(script: &str) -> (String, Marks) {
    let unmarked = || (script.to_owned(), Marks::default());
    let Ok(parsed) = parse(script) else { return unmarked() };
    let mut source = Source::new(script);
    source.learn_functions(parsed.functions.iter().map(|one| one.begins));
    let mut marking = Marking {
        source: &source,
        statements: Vec::new(),
        put: BTreeMap::new(),
        scope: Vec::new(),
    };
    marking.all(&parsed);
    let Marking { statements, put, .. } = marking;
    let mut marked = String::with_capacity(script.len() * 2);
    for (at, c) in script.chars().enumerate() {
        put.get(&at).into_iter().flatten().for_each(|text| marked.push_str(text));
        marked.push(c);
    }
    put.range(script.chars().count()..).flat_map(|(_, all)| all).for_each(|text| {
        marked.push_str(text);
    });
    // What is drawn from a tree may be put where rhai does not take it: then there are no marks.
    if parse(&marked).is_err() {
        return unmarked();
    }
    (marked, Marks { statements, graph: draw(&parsed, &source) })
}

struct Marking<'a> {
    source: &'a Source,
    statements: Vec<Statement>,
    /// What is put in, by offset.
    put: BTreeMap<usize, Vec<String>>,
    /// The variables that are known.
    scope: Vec<String>,
}

impl Marking<'_> {
    fn all(&mut self, parsed: &Parsed) {
        self.block(&parsed.main, self.source.len());
        for function in parsed.functions.iter().filter(|one| !one.is_closure()) {
            self.scope = function.parameters.clone();
            self.block(&function.body, self.source.offset(function.ends));
        }
    }

    fn block(&mut self, stmts: &[Stmt], until: usize) {
        let known = self.scope.len();
        for (place, stmt) in stmts.iter().enumerate() {
            let next = stmts.get(place + 1).map(|next| self.source.offset(start_of(next)));
            let begins = self.source.offset(start_of(stmt));
            let ends = self.source.end_of(begins, next.unwrap_or(until));
            // Where an operator leads, a bracket may stand before what rhai says is the beginning.
            let plain = !matches!(stmt, Stmt::Noop(_) | Stmt::Share(_) | Stmt::Block(_))
                && !matches!(stmt, Stmt::Expr(expr) if !is_plain(expr));
            if plain {
                let mark = self.mark(begins, ends);
                self.put.entry(begins).or_default().push(mark);
            }
            self.inside(stmt, ends);
            if let Stmt::Var(var, ..) = stmt {
                self.scope.push(var.0.name.to_string());
            }
        }
        self.scope.truncate(known);
    }

    fn mark(&mut self, begins: usize, ends: usize) -> String {
        let number = self.statements.len();
        let span = (self.source.place(begins), self.source.place(ends));
        self.statements.push(Statement { line: span.0.0, span });
        let mut named: Vec<&str> = Vec::new();
        for name in self.scope.iter().rev() {
            if !named.contains(&name.as_str()) && named.len() < VARIABLES_MAX {
                named.push(name);
            }
        }
        let variables: String = named.iter().map(|name| format!(", \"{name}\": {name}")).collect();
        format!("debug(#{{\"{KEY}\": {number}{variables}}}); ")
    }

    fn inner(&mut self, block: &StmtBlock, until: usize) {
        let ends = block.end_position();
        let ends = if ends.is_none() { until } else { self.source.offset(ends) };
        self.block(block.statements(), ends);
    }

    fn inside(&mut self, stmt: &Stmt, until: usize) {
        match stmt {
            Stmt::Block(block) => self.inner(block, until),
            Stmt::If(control, _) => {
                self.inner(&control.body, until);
                match control.branch.statements() {
                    // Nothing can stand between `else` and `if`.
                    [next @ Stmt::If(..)] if control.branch.position().is_none() => {
                        self.inside(next, until);
                    }
                    [next @ Stmt::If(_, place)] if control.branch.position() == *place => {
                        self.inside(next, until);
                    }
                    _ => self.inner(&control.branch, until),
                }
            }
            Stmt::While(control, _) | Stmt::Do(control, ..) => self.inner(&control.body, until),
            Stmt::For(parts, _) => {
                let known = self.scope.len();
                self.scope.push(parts.0.name.to_string());
                self.scope.extend(parts.1.iter().map(|counter| counter.name.to_string()));
                self.inner(&parts.2.body, until);
                self.scope.truncate(known);
            }
            Stmt::TryCatch(control, _) => {
                self.inner(&control.body, until);
                let known = self.scope.len();
                if let Expr::Variable(name, ..) = &control.expr {
                    self.scope.push(name.1.to_string());
                }
                self.inner(&control.branch, until);
                self.scope.truncate(known);
            }
            Stmt::Switch(parts, place) => self.cases(&parts.1, *place),
            Stmt::Var(var, ..) => self.blocks(&var.1, until),
            Stmt::Assignment(pair) => self.blocks(&pair.1.rhs, until),
            Stmt::Expr(expr) => self.blocks(expr, until),
            _ => {}
        }
    }

    /// The blocks that stand in the place of a value.
    fn blocks(&mut self, expr: &Expr, until: usize) {
        let mut blocks = Vec::new();
        visit(expr, &mut |part| {
            if let Part::Block(block) = part {
                blocks.push(block);
            }
        });
        for block in blocks {
            match block.statements() {
                [only] if block.position().is_none() || block.end_position().is_none() => {
                    self.inside(only, until);
                }
                [only @ (Stmt::If(..) | Stmt::Switch(..))] => self.inside(only, until),
                _ => self.inner(block, until),
            }
        }
    }

    /// The cases of a `switch`: one that is no block becomes one.
    fn cases(&mut self, switch: &rhai::SwitchCasesCollection, place: rhai::Position) {
        let begins = self.source.offset(place) + "switch".len();
        let Some(brace) = self.source.find(begins, '{') else { return };
        let (heads, closes) = self.source.cases(brace);
        for case in &switch.expressions {
            let at = self.source.offset(case.rhs.start_position());
            let next = heads.partition_point(|head| head.arrow < at);
            let until = heads.get(next).map_or(closes, |head| head.begins);
            match &case.rhs {
                Expr::Stmt(block) if !block.end_position().is_none() => self.inner(block, until),
                _ => {}
            }
        }
    }
}

/// Whether nothing can stand before what rhai says is the beginning.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::FnCall(call, _) => !call.is_operator_call(),
        Expr::Variable(..) | Expr::StringConstant(..) | Expr::IntegerConstant(..) => true,
        Expr::Stmt(block) => {
            matches!(block.statements(), [Stmt::Switch(..) | Stmt::If(..) | Stmt::FnCall(..)])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn each_statement_has_a_mark_where_one_can_stand() {
        let script = r#"let a = 1;
if a == 1 { say("x"); } else if a == 2 { say("y"); } else { a += 1; }
fn f(b) { let c = b; say(c); c == 1 }
for n in 0..2 { (a) == n; f(n); }
switch a { 1 => say("one"), 2 => { say("two"); } _ => return }
try { f(1); } catch (why) { log(why); }
let d = if a > 1 { say("d"); 1 } else { 2 };
"#;
        expect![[r#"
            debug(#{"@": 0}); let a = 1;
            debug(#{"@": 1, "a": a}); if a == 1 { debug(#{"@": 2, "a": a}); say("x"); } else if a == 2 { debug(#{"@": 3, "a": a}); say("y"); } else { debug(#{"@": 4, "a": a}); a += 1; }
            fn f(b) { debug(#{"@": 16, "b": b}); let c = b; debug(#{"@": 17, "c": c, "b": b}); say(c); c == 1 }
            debug(#{"@": 5, "a": a}); for n in 0..2 { (a) == n; debug(#{"@": 6, "n": n, "a": a}); f(n); }
            debug(#{"@": 7, "a": a}); switch a { 1 => say("one"), 2 => { debug(#{"@": 8, "a": a}); say("two"); } _ => return }
            debug(#{"@": 9, "a": a}); try { debug(#{"@": 10, "a": a}); f(1); } catch (why) { debug(#{"@": 11, "why": why, "a": a}); log(why); }
            debug(#{"@": 12, "a": a}); let d = if a > 1 { debug(#{"@": 13, "a": a}); say("d"); debug(#{"@": 14, "a": a}); 1 } else { debug(#{"@": 15, "a": a}); 2 };
        "#]].assert_eq(&mark(script).0);
        let (_, marks) = mark(script);
        let lines: Vec<_> = (0..20).map_while(|number| marks.line(number)).collect();
        expect!["[1, 2, 2, 2, 2, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 7, 3, 3]"]
            .assert_eq(&format!("{lines:?}"));
    }

    #[test]
    fn a_mark_is_read_from_the_log_with_its_variables() {
        let read = |line: &str| format!("{:?}", super::read(line));
        let told = [
            r##"line 3: #{"@": 7, "a": 1, "b": "x\"y", "c": [1, ()], "d": #{"e": true}}"##,
            r##"#{"@": 7}"##,
            r##"line 3: #{"@": 7, "f": Fn(anon)}"##,
            r##"line 3: #{"a": 7}"##,
            "line 3: said so",
        ];
        let told: Vec<String> = told.iter().map(|line| read(line)).collect();
        expect![[r#"
            Some(Mark { number: 7, variables: {"a": Number(1), "b": String("x\"y"), "c": Array [Number(1), Null], "d": Object {"e": Bool(true)}} })
            Some(Mark { number: 7, variables: {} })
            Some(Mark { number: 7, variables: {} })
            None
            None"#]].assert_eq(&told.join("\n"));
    }

    /// What cannot be read, or has no place for a mark, is played as it is.
    #[test]
    fn what_cannot_be_marked_stays_as_it_is() {
        for script in ["let = 1;", "", "// nothing", "(1) == 2;"] {
            assert_eq!(mark(script).0, script);
        }
    }
}
