//! A script as a graph: steps that a customer notices, branches, loops, and where each stands.

mod layout;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTFlags, Expr, Position, Stmt, StmtBlock};
use serde::Serialize;

use super::parse::{Called, Function, Parsed, Part, start_of, visit};
use super::source::{Range, Source};
use super::verbs;

/// The most nodes of a graph: what comes after them is not drawn.
pub const NODES_MAX: usize = 2_000;

/// One node.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Names it.
    pub id: usize,
    /// `start`, `step`, `ask`, `queue`, `end`, `branch`, `loop`, `attempt`, `call`, `throw`, `finish`.
    pub kind: &'static str,
    /// The verb, or the function that is called.
    pub verb: Option<String>,
    /// What it says, asks, or depends on.
    pub text: String,
    /// The variable that keeps its answer.
    pub assigns: Option<String>,
    /// The function it is in; `None` is the script itself.
    pub function: Option<String>,
    /// Where it is written.
    #[serde(flatten)]
    pub range: Range,
    /// The left edge.
    pub x: i32,
    /// The upper edge.
    pub y: i32,
    /// Whether a customer can come there.
    pub reachable: bool,
}

/// From one node to the next.
#[derive(Clone, Debug, Serialize)]
pub struct Edge {
    /// Names it.
    pub id: usize,
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// `next`, `yes`, `no`, `case`, `otherwise`, `repeat`, `again`, `done`, `error`, `call`.
    pub kind: &'static str,
    /// Of a `case`: which.
    pub label: String,
}

/// The graph of a script.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Graph {
    /// The nodes, in the order of the text.
    pub nodes: Vec<Node>,
    /// The edges; those of a branch in the order of its branches.
    pub edges: Vec<Edge>,
    /// The width of the whole.
    pub width: i32,
    /// The height of the whole.
    pub height: i32,
    /// The width of a node.
    pub node_width: i32,
    /// The height of a node.
    pub node_height: i32,
    /// Whether there are more nodes than are drawn.
    pub truncated: bool,
}

/// What stands below one another.
pub(super) enum Item {
    Step(usize),
    Fork(usize, Vec<Vec<Item>>),
}

/// An edge without an end.
#[derive(Clone)]
struct Loose {
    from: usize,
    kind: &'static str,
    label: String,
    /// Which of its node's edges it is.
    order: usize,
}

impl Loose {
    fn new(from: usize, kind: &'static str) -> Self {
        Self::nth(from, kind, 0)
    }

    fn nth(from: usize, kind: &'static str, order: usize) -> Self {
        Self { from, kind, label: String::new(), order }
    }
}

/// Draws a script.
pub fn draw(parsed: &Parsed, source: &Source) -> Graph {
    let acting = acting(parsed);
    let mut drawing = Drawing {
        source,
        acting: &acting,
        graph: Graph::default(),
        function: None,
        loose: Vec::new(),
        ended: None,
        breaks: Vec::new(),
        returns: Vec::new(),
        calls: Vec::new(),
    };
    let mut columns = vec![drawing.part(None, &parsed.main)];
    let mut starts = BTreeMap::new();
    for function in parsed.functions.iter().filter(|one| acting.contains(&one.name)) {
        starts.insert(function.name.clone(), drawing.graph.nodes.len());
        columns.push(drawing.part(Some(function), &function.body));
    }
    for (node, name) in std::mem::take(&mut drawing.calls) {
        if let Some(start) = starts.get(&name) {
            drawing.edge(Loose::nth(node, "call", 1), *start);
        }
    }
    let mut graph = drawing.graph;
    // Until now the id is the edge's place among those of its node.
    graph.edges.sort_by_key(|edge| (edge.from, edge.id));
    graph.edges.iter_mut().enumerate().for_each(|(id, edge)| edge.id = id);
    layout::place(&mut graph, &columns);
    reach(&mut graph);
    graph
}

/// The functions in which a customer notices something, or which call such a one.
fn acting(parsed: &Parsed) -> BTreeSet<String> {
    let mut acting = BTreeSet::new();
    // Each turn adds one function at least, and there is an end to them.
    loop {
        let known = acting.len();
        for function in parsed.functions.iter().filter(|one| !one.is_closure()) {
            let mut acts = false;
            every_call(&function.body, &mut |called| {
                let name = called.call.name.as_str();
                acts |= verbs::find(name, called.call.args.len()).is_some_and(|verb| verb.acts)
                    || acting.contains(name);
            });
            if acts {
                acting.insert(function.name.clone());
            }
        }
        if acting.len() == known {
            return acting;
        }
    }
}

/// Visits every call below these statements.
pub(super) fn every_call(stmts: &[Stmt], seen: &mut dyn FnMut(&Called<'_>)) {
    for stmt in stmts {
        let mut path = Vec::new();
        stmt.walk(&mut path, &mut |path| {
            let called = match path.last() {
                Some(rhai::ASTNode::Stmt(Stmt::FnCall(call, place))) => {
                    Some(Called { call, place: *place, method: false })
                }
                Some(rhai::ASTNode::Expr(Expr::FnCall(call, place))) => {
                    Some(Called { call, place: *place, method: false })
                }
                Some(rhai::ASTNode::Expr(Expr::MethodCall(call, place))) => {
                    Some(Called { call, place: *place, method: true })
                }
                _ => None,
            };
            if let Some(called) = called {
                seen(&called);
            }
            true
        });
    }
}

/// Marks what can be reached from the beginning.
fn reach(graph: &mut Graph) {
    let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for edge in &graph.edges {
        after.entry(edge.from).or_default().push(edge.to);
    }
    let mut open = vec![0];
    while let Some(id) = open.pop() {
        let Some(node) = graph.nodes.get_mut(id).filter(|node| !node.reachable) else { continue };
        node.reachable = true;
        open.extend(after.get(&id).into_iter().flatten());
    }
}

struct Drawing<'a> {
    source: &'a Source,
    acting: &'a BTreeSet<String>,
    graph: Graph,
    function: Option<String>,
    /// What the next node comes after.
    loose: Vec<Loose>,
    /// The step that ended the contact, if what follows still works.
    ended: Option<usize>,
    /// What leaves each loop around.
    breaks: Vec<(usize, Vec<Loose>)>,
    /// What leaves the function.
    returns: Vec<Loose>,
    /// Calls of functions, to be joined when all are drawn.
    calls: Vec<(usize, String)>,
}

impl Drawing<'_> {
    /// Draws the script itself or one of its functions.
    fn part(&mut self, function: Option<&Function>, body: &[Stmt]) -> Vec<Item> {
        self.function = function.map(|one| one.name.clone());
        (self.loose, self.ended) = (Vec::new(), None);
        let (begins, ends) = match function {
            Some(one) => (self.source.head_of(one.begins), self.source.offset(one.ends)),
            None => (0, self.source.len()),
        };
        let mut items = Vec::new();
        let text = function.map(|one| format!("{}({})", one.name, one.parameters.join(", ")));
        let first = self.source.range(begins, begins + 1);
        self.node(&mut items, "start", None, text.unwrap_or_default(), first);
        items.extend(self.block(body, ends));
        let returns = std::mem::take(&mut self.returns);
        self.loose.extend(returns);
        if !self.loose.is_empty() {
            let last = self.source.range(ends.saturating_sub(1), ends);
            self.node(&mut items, "finish", None, String::new(), last);
        }
        items
    }

    fn node(
        &mut self,
        items: &mut Vec<Item>,
        kind: &'static str,
        verb: Option<&str>,
        text: String,
        range: Range,
    ) -> Option<usize> {
        let id = self.graph.nodes.len();
        if NODES_MAX <= id {
            self.graph.truncated = true;
            return None;
        }
        let (verb, function) = (verb.map(str::to_owned), self.function.clone());
        let (assigns, x, y, reachable) = (None, 0, 0, false);
        let node = Node { id, kind, verb, text, assigns, function, range, x, y, reachable };
        self.graph.nodes.push(node);
        for loose in std::mem::take(&mut self.loose) {
            self.edge(loose, id);
        }
        self.loose.push(Loose::new(id, "next"));
        items.push(Item::Step(id));
        Some(id)
    }

    fn edge(&mut self, loose: Loose, to: usize) {
        let Loose { from, kind, label, order } = loose;
        self.graph.edges.push(Edge { id: order, from, to, kind, label });
    }

    fn block(&mut self, stmts: &[Stmt], until: usize) -> Vec<Item> {
        let mut items = Vec::new();
        for (place, stmt) in stmts.iter().enumerate() {
            let next = stmts.get(place + 1).map(|next| self.source.offset(start_of(next)));
            let begins = self.source.offset(start_of(stmt));
            let next = next.unwrap_or(until);
            self.statement(stmt, self.source.end_of(begins, next), &mut items);
        }
        items
    }

    /// What a block does; one without braces ends at `until`.
    fn inner(&mut self, block: &StmtBlock, until: usize) -> Vec<Item> {
        self.ended = None;
        let ends = block.end_position();
        let ends = if ends.is_none() { until } else { self.source.offset(ends) };
        self.block(block.statements(), ends)
    }

    fn statement(&mut self, stmt: &Stmt, until: usize, items: &mut Vec<Item>) {
        match stmt {
            Stmt::Var(var, ..) => self.expression(&var.1, Some(&var.0.name), until, items),
            Stmt::Assignment(pair) => {
                let to = match &pair.1.lhs {
                    Expr::Variable(name, ..) => Some(name.1.as_str()),
                    _ => None,
                };
                self.expression(&pair.1.rhs, to, until, items);
            }
            Stmt::FnCall(call, place) => {
                call.args.iter().for_each(|one| self.expression(one, None, until, items));
                self.call(&Called { call, place: *place, method: false }, None, until, items);
            }
            Stmt::Expr(expr) => self.expression(expr, None, until, items),
            Stmt::Block(block) => items.extend(self.inner(block, until)),
            Stmt::If(..) => self.branch(stmt, until, items),
            Stmt::Switch(parts, place) => self.switch(&parts.0, &parts.1, *place, until, items),
            Stmt::While(control, place) => {
                let begins = self.source.offset(*place) + "while".len();
                let brace = self.source.offset(control.body.position());
                let endless = matches!(control.expr, Expr::Unit(_));
                let text = if endless { String::new() } else { self.source.text(begins, brace) };
                let always = endless || super::parse::constant(&control.expr, &text) == Some(true);
                self.expression(&control.expr, None, brace, items);
                self.repeat(&control.body, *place, text, !always, items);
            }
            Stmt::Do(control, _, place) => {
                let begins = self.source.offset(control.body.end_position()) + 1;
                let text = self.source.text(begins, until);
                self.repeat(&control.body, *place, text, true, items);
            }
            Stmt::For(parts, place) => {
                let begins = self.source.offset(*place);
                let brace = self.source.offset(parts.2.body.position());
                self.expression(&parts.2.expr, None, brace, items);
                let text = self.source.text(begins, brace);
                let text = text.trim_start_matches("for ").to_owned();
                self.repeat(&parts.2.body, *place, text, true, items);
            }
            Stmt::TryCatch(control, place) => self.attempt(control, *place, items),
            Stmt::Return(value, flags, place) => {
                if let Some(value) = value {
                    self.expression(value, None, until, items);
                }
                if flags.intersects(ASTFlags::BREAK) {
                    let range = self.source.range(self.source.offset(*place), until);
                    let text = value.as_ref().map(|value| words::of(value)).unwrap_or_default();
                    self.node(items, "throw", None, text, range);
                    self.loose.clear();
                }
                let leaving = std::mem::take(&mut self.loose);
                self.returns.extend(leaving);
            }
            Stmt::BreakLoop(_, flags, _) => {
                let leaving = std::mem::take(&mut self.loose);
                let Some((head, breaks)) = self.breaks.last_mut() else { return };
                if flags.intersects(ASTFlags::BREAK) {
                    breaks.extend(leaving);
                } else {
                    let head = *head;
                    leaving.into_iter().for_each(|one| self.edge(again(one), head));
                }
            }
            _ => {}
        }
    }

    fn expression(
        &mut self,
        expr: &Expr,
        assigns: Option<&str>,
        until: usize,
        items: &mut Vec<Item>,
    ) {
        let mut parts = Vec::new();
        visit(expr, &mut |part| parts.push(part));
        let last = parts.len().saturating_sub(1);
        for (place, part) in parts.into_iter().enumerate() {
            match part {
                Part::Call(called) => {
                    let whole = place == last && matches!(expr, Expr::FnCall(..));
                    self.call(&called, assigns.filter(|_| whole), until, items);
                }
                Part::Block(block) => items.extend(self.inner(block, until)),
            }
        }
    }

    fn call(
        &mut self,
        called: &Called<'_>,
        assigns: Option<&str>,
        until: usize,
        items: &mut Vec<Item>,
    ) {
        let (name, arguments) = (called.call.name.as_str(), &called.call.args);
        let own = self.acting.contains(name) && !called.method;
        if !own && !verbs::find(name, arguments.len()).is_some_and(|verb| verb.acts) {
            return;
        }
        let kind = match name {
            _ if own => "call",
            "menu" | "gather" | "digits" | "record" => "ask",
            "enqueue" | "callback" => "queue",
            "hang_up" | "transfer" => "end",
            _ => "step",
        };
        let range = self.source.range(self.source.offset(called.place), until);
        if let (true, "note", Some(ended)) = (self.loose.is_empty(), name, self.ended) {
            self.loose.push(Loose::new(ended, "next"));
        }
        let text = words::of_call(name, arguments);
        let Some(id) = self.node(items, kind, Some(name), text, range) else { return };
        if let Some(node) = self.graph.nodes.get_mut(id) {
            node.assigns = assigns.map(str::to_owned);
        }
        if own {
            self.calls.push((id, name.to_owned()));
        }
        if name == "hang_up" || self.ended.is_some() {
            self.ended = Some(id);
            self.loose.clear();
        }
    }

    /// An `if`, with those that follow from it: one branch where all ask about one variable.
    fn branch(&mut self, stmt: &Stmt, until: usize, items: &mut Vec<Item>) {
        let Stmt::If(first, place) = stmt else { return };
        let mut chain = vec![&**first];
        while let Some([Stmt::If(next, _)]) = chain.last().map(|last| last.branch.statements()) {
            chain.push(next);
        }
        let (name, cases) = words::cases(&chain);
        if cases.is_none() {
            chain.truncate(1);
        }
        let brace = self.source.offset(first.body.position());
        let text = match (&name, &cases) {
            (Some(name), Some(_)) => name.clone(),
            _ => self.source.text(self.source.offset(*place) + "if".len(), brace),
        };
        self.expression(&first.expr, None, brace, items);
        let begins = self.source.offset(*place);
        let range = self.source.range(begins, if cases.is_some() { until } else { brace });
        let Some(fork) = self.node(items, "branch", None, text, range) else { return };
        items.pop();
        let (mut arms, mut ends) = (Vec::new(), Vec::new());
        for (place, control) in chain.iter().enumerate() {
            let label = cases.as_ref().and_then(|cases| cases.get(place)).cloned();
            let kind = if label.is_some() { "case" } else { "yes" };
            let label = label.unwrap_or_default();
            self.loose = vec![Loose { label, ..Loose::nth(fork, kind, place) }];
            arms.push(self.inner(&control.body, until));
            ends.append(&mut self.loose);
        }
        let kind = if cases.is_some() { "otherwise" } else { "no" };
        self.loose = vec![Loose::nth(fork, kind, chain.len())];
        if let Some(last) = chain.last() {
            arms.push(self.inner(&last.branch, until));
        }
        self.loose.splice(0..0, ends);
        self.ended = None;
        items.push(Item::Fork(fork, arms));
    }

    fn switch(
        &mut self,
        on: &Expr,
        switch: &rhai::SwitchCasesCollection,
        place: Position,
        until: usize,
        items: &mut Vec<Item>,
    ) {
        let begins = self.source.offset(place) + "switch".len();
        let brace = self.source.find(begins, '{').unwrap_or(until);
        let (heads, closes) = self.source.cases(brace);
        self.expression(on, None, brace, items);
        let range = self.source.range(self.source.offset(place), closes + 1);
        let text = self.source.text(begins, brace);
        let Some(fork) = self.node(items, "branch", None, text, range) else { return };
        items.pop();
        let mut cases: Vec<(usize, &Expr)> = switch
            .expressions
            .iter()
            .map(|case| (self.source.offset(case.rhs.start_position()), &case.rhs))
            .collect();
        cases.sort_by_key(|(at, _)| *at);
        let (mut arms, mut ends) = (Vec::new(), Vec::new());
        for (order, (at, rhs)) in cases.into_iter().enumerate() {
            let place = heads.partition_point(|head| head.arrow < at);
            let head = place.checked_sub(1).and_then(|place| heads.get(place));
            let label = head.map(|head| words::bare(&head.text)).unwrap_or_default();
            let kind = if label == "_" { "otherwise" } else { "case" };
            let label = if label == "_" { String::new() } else { label };
            self.loose = vec![Loose { label, ..Loose::nth(fork, kind, order) }];
            let until = heads.get(place).map_or(closes, |head| head.begins);
            let mut arm = Vec::new();
            self.ended = None;
            self.expression(rhs, None, until, &mut arm);
            arms.push(arm);
            ends.append(&mut self.loose);
        }
        if switch.def_case.is_none() {
            ends.push(Loose::nth(fork, "otherwise", arms.len()));
            arms.push(Vec::new());
        }
        (self.loose, self.ended) = (ends, None);
        items.push(Item::Fork(fork, arms));
    }

    fn repeat(
        &mut self,
        body: &StmtBlock,
        place: Position,
        text: String,
        ends: bool,
        items: &mut Vec<Item>,
    ) {
        let brace = self.source.offset(body.position());
        let range = self.source.range(self.source.offset(place), brace);
        let Some(head) = self.node(items, "loop", None, text, range) else { return };
        items.pop();
        self.breaks.push((head, Vec::new()));
        self.loose = vec![Loose::new(head, "repeat")];
        let mut arms = vec![self.inner(body, brace)];
        for loose in std::mem::take(&mut self.loose) {
            self.edge(again(loose), head);
        }
        if ends {
            self.loose.push(Loose::nth(head, "done", 1));
            arms.push(Vec::new());
        }
        if let Some((_, breaks)) = self.breaks.pop() {
            self.loose.extend(breaks);
        }
        self.ended = None;
        items.push(Item::Fork(head, arms));
    }

    fn attempt(&mut self, control: &rhai::FlowControl, place: Position, items: &mut Vec<Item>) {
        let brace = self.source.offset(control.body.position());
        let range = self.source.range(self.source.offset(place), brace);
        let Some(fork) = self.node(items, "attempt", None, String::new(), range) else { return };
        items.pop();
        let tried = self.inner(&control.body, brace);
        let ends = std::mem::replace(&mut self.loose, vec![Loose::nth(fork, "error", 1)]);
        let caught = self.inner(&control.branch, brace);
        self.loose.splice(0..0, ends);
        self.ended = None;
        items.push(Item::Fork(fork, vec![tried, caught]));
    }
}

/// Back to the head of a loop.
fn again(loose: Loose) -> Loose {
    if loose.kind == "next" { Loose { kind: "again", ..loose } } else { loose }
}
