//! Answers of verbs that are compared with what they never are, and choices that nothing is done about.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{Expr, Position, Stmt};

use super::{Found, Severity, listed};
use crate::studio::parse::Parsed;
use crate::studio::verbs;

/// How a stay in a queue ends, in the interpreter's words.
const ENDS: [&str; 7] =
    ["served", "timed_out", "full", "closed", "no_agents", "left_by_key", "callback"];
/// What a contact comes by.
const CHANNELS: [&str; 5] = ["voice", "chat", "email", "message", "task"];

/// What a variable can hold.
struct Answer {
    verb: String,
    place: Position,
    values: BTreeSet<String>,
    /// With which of them it is compared.
    compared: BTreeSet<String>,
    /// Whether the rest is dealt with: an `else`, a `_`, or any other use.
    rest: bool,
}

/// Checks the script and each of its functions by itself.
pub fn check(parsed: &Parsed, found: &mut Found<'_>) {
    let bodies = std::iter::once(&parsed.main).chain(parsed.functions.iter().map(|one| &one.body));
    for body in bodies {
        let mut check = Check { found, answers: BTreeMap::new() };
        check.block(body);
        let names: Vec<String> = check.answers.keys().cloned().collect();
        names.iter().for_each(|name| check.forget(name));
    }
}

struct Check<'a, 'f> {
    found: &'a mut Found<'f>,
    answers: BTreeMap<String, Answer>,
}

impl Check<'_, '_> {
    fn block(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|stmt| self.statement(stmt));
    }

    fn statement(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Var(var, ..) => {
                self.read(&var.1);
                self.keep(&var.0.name, &var.1);
            }
            Stmt::Assignment(pair) => {
                self.read(&pair.1.rhs);
                match &pair.1.lhs {
                    Expr::Variable(name, ..) => self.keep(&name.1, &pair.1.rhs),
                    other => self.read(other),
                }
            }
            Stmt::FnCall(call, _) => call.args.iter().for_each(|one| self.read(one)),
            Stmt::Expr(expr) => self.read(expr),
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::If(control, _) => self.branch(control),
            Stmt::Switch(parts, _) => self.switch(&parts.0, &parts.1),
            Stmt::While(control, _) | Stmt::Do(control, ..) => {
                self.read(&control.expr);
                self.block(control.body.statements());
            }
            Stmt::For(parts, _) => {
                self.read(&parts.2.expr);
                self.block(parts.2.body.statements());
            }
            Stmt::TryCatch(control, _) => {
                self.block(control.body.statements());
                self.block(control.branch.statements());
            }
            Stmt::Return(Some(value), ..) | Stmt::BreakLoop(Some(value), ..) => self.read(value),
            _ => {}
        }
    }

    fn branch(&mut self, control: &rhai::FlowControl) {
        self.read(&control.expr);
        self.block(control.body.statements());
        if control.branch.is_empty() {
            return;
        }
        let names = |of: &Expr| -> BTreeSet<String> { variables(of).into_iter().collect() };
        let goes_on = match control.branch.statements() {
            [Stmt::If(next, _)] => !names(&next.expr).is_disjoint(&names(&control.expr)),
            _ => false,
        };
        if !goes_on {
            self.rest_of(&control.expr);
        }
        self.block(control.branch.statements());
    }

    /// The variables of a condition are dealt with by its `else`.
    fn rest_of(&mut self, condition: &Expr) {
        for name in variables(condition) {
            if let Some(answer) = self.answers.get_mut(&name) {
                answer.rest = true;
            }
        }
    }

    fn switch(&mut self, on: &Expr, switch: &rhai::SwitchCasesCollection) {
        let source = self.found.source;
        if let Expr::Variable(name, _, place) = on {
            let brace = source.find(source.offset(*place), '{').unwrap_or(source.len());
            let (heads, _) = source.cases(brace);
            for head in heads {
                let values = head.text.split(" if ").next().unwrap_or_default();
                for value in values.split('|').map(str::trim) {
                    let text = value.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                    if let Some(text) = text {
                        let from = head.arrow.saturating_sub(head.text.chars().count() + 1);
                        self.compare(&name.1, text, (from, head.arrow));
                    }
                }
            }
            if let Some(answer) = self.answers.get_mut(name.1.as_str()) {
                answer.rest |= switch.def_case.is_some();
            }
        } else {
            self.read(on);
        }
        switch.expressions.iter().for_each(|case| self.read(&case.rhs));
    }

    /// Reads an expression: comparisons are looked at, any other use of a variable deals with all of it.
    fn read(&mut self, expr: &Expr) {
        match expr {
            Expr::FnCall(call, _) if call.is_operator_call() => {
                if let ("==" | "!=", [left, right]) = (call.name.as_str(), call.args.as_slice()) {
                    let pair = match (left, right) {
                        (Expr::Variable(name, ..), Expr::StringConstant(text, place))
                        | (Expr::StringConstant(text, place), Expr::Variable(name, ..)) => {
                            Some((name.1.to_string(), text, *place))
                        }
                        _ => None,
                    };
                    if let Some((name, text, place)) = pair {
                        let from = self.found.source.offset(place);
                        let until = from + text.chars().count() + 2;
                        self.compare(&name, text, (from, until));
                        // `!=` has all others on its other side.
                        if call.name == "!="
                            && let Some(answer) = self.answers.get_mut(&name)
                        {
                            answer.rest = true;
                        }
                        return;
                    }
                    self.direct(left, right);
                }
                call.args.iter().for_each(|one| self.read(one));
            }
            Expr::FnCall(call, _) | Expr::MethodCall(call, _) => {
                call.args.iter().for_each(|one| self.read(one));
            }
            Expr::Variable(name, ..) => {
                if let Some(answer) = self.answers.get_mut(name.1.as_str()) {
                    answer.rest = true;
                }
            }
            Expr::Stmt(block) => self.block(block.statements()),
            Expr::InterpolatedString(all, _) | Expr::Array(all, _) => {
                all.iter().for_each(|one| self.read(one));
            }
            Expr::Map(map, _) => map.0.iter().for_each(|(_, value)| self.read(value)),
            Expr::Dot(pair, ..) | Expr::Index(pair, ..) => {
                self.read(&pair.lhs);
                self.read(&pair.rhs);
            }
            Expr::And(all, _) | Expr::Or(all, _) | Expr::Coalesce(all, _) => {
                all.iter().for_each(|one| self.read(one));
            }
            _ => {}
        }
    }

    /// `enqueue("sales") == "served"`, without a variable.
    fn direct(&mut self, left: &Expr, right: &Expr) {
        let ((call @ Expr::FnCall(..), Expr::StringConstant(text, place))
        | (Expr::StringConstant(text, place), call @ Expr::FnCall(..))) = (left, right)
        else {
            return;
        };
        let Some((verb, _, values)) = answers_of(call) else { return };
        let from = self.found.source.offset(*place);
        let place = (from, from + text.chars().count() + 2);
        self.impossible(&verb, &values, text, place);
    }

    fn keep(&mut self, name: &str, value: &Expr) {
        self.forget(name);
        if let Some((verb, place, values)) = answers_of(value) {
            let (compared, rest) = (BTreeSet::new(), false);
            self.answers.insert(name.to_owned(), Answer { verb, place, values, compared, rest });
        }
    }

    fn compare(&mut self, name: &str, text: &str, place: (usize, usize)) {
        let Some(answer) = self.answers.get_mut(name) else { return };
        answer.compared.insert(text.to_owned());
        let (verb, values) = (answer.verb.clone(), answer.values.clone());
        self.impossible(&verb, &values, text, place);
    }

    fn impossible(
        &mut self,
        verb: &str,
        values: &BTreeSet<String>,
        text: &str,
        place: (usize, usize),
    ) {
        // A menu gives "" after three tries.
        if values.contains(text) || (verb == "menu" && text.is_empty()) {
            return;
        }
        let near = verbs::nearest(text, values.iter().map(String::as_str)).unwrap_or_default();
        let all = listed(values.iter().map(String::as_str));
        let message = format!("`{verb}` never gives `{text}` here; it gives {all}");
        let names = [("verb", verb), ("name", text), ("nearest", near), ("accepted", &all)];
        self.found.at(Severity::Warning, "impossible_value", place, message, &names);
    }

    /// What the variable held is replaced: tells of choices that nothing was done about.
    fn forget(&mut self, name: &str) {
        let Some(answer) = self.answers.remove(name) else { return };
        if answer.verb != "menu" || answer.rest || answer.compared.is_empty() {
            return;
        }
        let idle: Vec<&str> =
            answer.values.difference(&answer.compared).map(String::as_str).collect();
        if idle.is_empty() {
            return;
        }
        let keys = listed(idle.into_iter());
        let text = format!("the menu offers {keys}, and nothing is done about it");
        let from = self.found.source.offset(answer.place);
        let place = (from, from + "menu".len());
        let names = [("keys", keys.as_str())];
        self.found.at(Severity::Warning, "idle_choice", place, text, &names);
    }
}

/// The variables that an expression reads.
fn variables(expr: &Expr) -> Vec<String> {
    let (mut names, mut path) = (Vec::new(), Vec::new());
    expr.walk(&mut path, &mut |path| {
        if let Some(rhai::ASTNode::Expr(Expr::Variable(name, ..))) = path.last() {
            names.push(name.1.to_string());
        }
        true
    });
    names
}

/// What a verb can give, if that is known: the keys of a menu, the ends of a stay in a queue.
fn answers_of(value: &Expr) -> Option<(String, Position, BTreeSet<String>)> {
    let Expr::FnCall(call, place) = value else { return None };
    let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    let values: BTreeSet<String> = match (call.name.as_str(), call.args.as_slice()) {
        ("menu", [_, Expr::Map(map, _)]) => {
            map.0.iter().map(|(key, _)| key.name.to_string()).collect()
        }
        ("menu", [_, Expr::Array(all, _)]) => all
            .iter()
            .map(|one| match one {
                Expr::StringConstant(key, _) => Some(key.to_string()),
                Expr::IntegerConstant(key, _) => Some(key.to_string()),
                _ => None,
            })
            .collect::<Option<_>>()?,
        ("enqueue", _) => words(&ENDS),
        ("channel", []) => words(&CHANNELS),
        _ => return None,
    };
    Some((call.name.to_string(), *place, values))
}
