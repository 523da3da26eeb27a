//! Where a script goes on, where it cannot, and loops that it cannot leave.

use rhai::{ASTFlags, Expr, FlowControl, Position, Stmt, StmtBlock};

use super::{Found, Severity};
use crate::studio::graph::every_call;
use crate::studio::parse::{Parsed, constant, start_of};
use crate::studio::verbs;

/// How a part of a script may end.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    /// It goes on with what follows.
    on: bool,
    /// It leaves the loop around it.
    breaks: bool,
    /// It leaves the function, or ends the contact.
    leaves: bool,
}

impl Ends {
    const ON: Self = Self { on: true, breaks: false, leaves: false };
    const LEAVES: Self = Self { on: false, breaks: false, leaves: true };

    const fn or(self, other: Self) -> Self {
        Self {
            on: self.on || other.on,
            breaks: self.breaks || other.breaks,
            leaves: self.leaves || other.leaves,
        }
    }
}

/// Checks the script and each of its functions by itself.
pub fn check(parsed: &Parsed, found: &mut Found<'_>) {
    let mut check = Check { found, over: false };
    let end = check.found.source.len();
    check.block(&parsed.main, end);
    for function in &parsed.functions {
        check.over = false;
        let end = check.found.source.offset(function.ends);
        check.block(&function.body, end);
    }
}

struct Check<'a, 'f> {
    found: &'a mut Found<'f>,
    /// The contact has been ended: only `note` and `log` still work.
    over: bool,
}

impl Check<'_, '_> {
    fn block(&mut self, stmts: &[Stmt], until: usize) -> Ends {
        let mut ends = Ends::ON;
        let mut told = self.over;
        for (place, stmt) in stmts.iter().enumerate() {
            let next = stmts.get(place + 1).map(|next| self.found.source.offset(start_of(next)));
            let range = (self.found.source.offset(start_of(stmt)), next.unwrap_or(until));
            let range = (range.0, self.found.source.end_of(range.0, range.1));
            if !ends.on {
                let text = "nothing comes here: what stands before always ends first".to_owned();
                self.found.at(Severity::Warning, "unreachable", range, text, &[]);
                break;
            }
            if self.over
                && !told
                && let Some(verb) = needs_customer(stmt)
            {
                let text = format!("the contact has been ended: `{verb}` is not done any more");
                let names = [("verb", verb.as_str())];
                self.found.at(Severity::Warning, "after_end", range, text, &names);
                told = true;
            }
            let own = self.statement(stmt, range.1);
            ends = Ends { on: own.on, ..ends.or(own) };
        }
        ends
    }

    /// How a block ends; one without braces is up to `until`.
    fn inner(&mut self, block: &StmtBlock, until: usize) -> Ends {
        let (over, ends) = (self.over, block.end_position());
        let until = if ends.is_none() { until } else { self.found.source.offset(ends) };
        let ends = self.block(block.statements(), until);
        // What one branch ends, another has not.
        self.over = over;
        ends
    }

    fn statement(&mut self, stmt: &Stmt, until: usize) -> Ends {
        match stmt {
            Stmt::Return(..) => Ends::LEAVES,
            Stmt::BreakLoop(_, flags, _) => {
                Ends { breaks: flags.intersects(ASTFlags::BREAK), ..Ends::default() }
            }
            Stmt::Block(block) => self.inner(block, until),
            Stmt::If(control, place) => self.branch(control, *place, until),
            Stmt::Switch(parts, _) => self.switch(&parts.1),
            Stmt::While(control, place) => self.repeat(control, *place, false),
            Stmt::Do(control, flags, place) => {
                self.repeat(control, *place, flags.intersects(ASTFlags::NEGATED))
            }
            Stmt::For(parts, _) => {
                let body = self.inner(&parts.2.body, until);
                Ends { on: true, breaks: false, leaves: body.leaves }
            }
            Stmt::TryCatch(control, _) => {
                // Anything in it may fail, so what catches can always be reached.
                let (tried, caught) =
                    (self.inner(&control.body, until), self.inner(&control.branch, until));
                tried.or(caught)
            }
            Stmt::Expr(expr) => self.expression(expr, until),
            Stmt::Var(var, ..) => self.expression(&var.1, until),
            Stmt::Assignment(pair) => self.expression(&pair.1.rhs, until),
            Stmt::FnCall(call, _) if call.name == "hang_up" => {
                self.over = true;
                Ends { leaves: true, ..Ends::ON }
            }
            _ => Ends::ON,
        }
    }

    fn expression(&mut self, expr: &Expr, until: usize) -> Ends {
        match expr {
            Expr::Stmt(block) => match block.statements() {
                [only] => self.statement(only, until),
                _ => self.inner(block, until),
            },
            Expr::FnCall(call, _) if call.name == "hang_up" => {
                self.over = true;
                Ends { leaves: true, ..Ends::ON }
            }
            _ => Ends::ON,
        }
    }

    fn branch(&mut self, control: &FlowControl, place: Position, until: usize) -> Ends {
        let from = self.found.source.offset(place) + "if".len();
        let always = self.condition(control, from);
        let yes = self.inner(&control.body, until);
        let no = match control.branch.statements() {
            [Stmt::If(next, place)] => self.branch(next, *place, until),
            [] => Ends::ON,
            _ => self.inner(&control.branch, until),
        };
        match always {
            Some(true) => yes,
            Some(false) => no,
            None => yes.or(no),
        }
    }

    /// Tells of a condition that is always the same, and returns it.
    fn condition(&mut self, control: &FlowControl, from: usize) -> Option<bool> {
        let until = self.found.source.offset(control.body.position());
        let text = self.found.source.text(from, until);
        let always = constant(&control.expr, &text)?;
        let which = if always { "always" } else { "never" };
        let message = format!("`{text}` is {which} so: one of the branches is never taken");
        let code = if always { "always_so" } else { "never_so" };
        let place = (from + 1, until);
        self.found.at(Severity::Warning, code, place, message, &[("text", &text)]);
        Some(always)
    }

    fn switch(&mut self, switch: &rhai::SwitchCasesCollection) -> Ends {
        let mut ends = if switch.def_case.is_some() { Ends::default() } else { Ends::ON };
        for case in &switch.expressions {
            let over = self.over;
            let until = self.found.source.offset(case.rhs.start_position()) + 1;
            let own = match &case.rhs {
                Expr::Stmt(block) => self.inner(block, until),
                other => self.expression(other, until),
            };
            self.over = over;
            ends = ends.or(own);
        }
        ends
    }

    fn repeat(&mut self, control: &FlowControl, place: Position, negated: bool) -> Ends {
        let always = match &control.expr {
            Expr::Unit(_) => Some(true),
            Expr::BoolConstant(value, _) => Some(*value != negated),
            _ => None,
        };
        let from = self.found.source.offset(place);
        let body = self.inner(&control.body, from);
        let endless = always == Some(true);
        if endless && !body.breaks && !body.leaves {
            let until = self.found.source.offset(control.body.position());
            let (severity, code, text) = if waits(&control.body) {
                let text = "nothing in the loop leaves it: only the customer's end does";
                (Severity::Warning, "endless_loop", text)
            } else {
                let text =
                    "nothing leaves the loop, and nothing in it waits: the script is stopped";
                (Severity::Error, "spinning_loop", text)
            };
            self.found.at(severity, code, (from, until), text.to_owned(), &[]);
        }
        Ends { on: !endless || body.breaks, breaks: false, leaves: body.leaves }
    }
}

/// Whether something in the block takes the customer's time.
fn waits(block: &StmtBlock) -> bool {
    let mut waits = false;
    every_call(block.statements(), &mut |called| {
        let name = called.call.name.as_str();
        let verb = verbs::find(name, called.call.args.len());
        // A function may do anything.
        waits |= verb.map_or(!called.call.is_operator_call(), |verb| {
            verb.acts && !matches!(name, "attribute" | "note" | "language")
        });
    });
    waits
}

/// The first verb of a statement, not looking into its blocks, that is not done without the customer.
fn needs_customer(stmt: &Stmt) -> Option<String> {
    if !matches!(stmt, Stmt::FnCall(..) | Stmt::Expr(_) | Stmt::Var(..) | Stmt::Assignment(_)) {
        return None;
    }
    let mut first = None;
    every_call(std::slice::from_ref(stmt), &mut |called| {
        let name = called.call.name.as_str();
        let verb = verbs::find(name, called.call.args.len());
        let done = matches!(name, "note" | "attribute" | "hang_up" | "language");
        if verb.is_some_and(|verb| verb.acts) && !done && first.is_none() {
            first = Some(name.to_owned());
        }
    });
    first
}
