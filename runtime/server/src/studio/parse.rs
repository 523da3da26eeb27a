//! Reads a script as the interpreter does, and finds what it calls.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::packages::{
    BasicArrayPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{AST, Engine, Expr, FnCallExpr, OptimizationLevel, Position, Stmt};

/// Names that rhai itself answers, however many arguments they have.
const KEYWORDS: [&str; 9] =
    ["Fn", "call", "curry", "debug", "is_def_fn", "is_def_var", "is_shared", "print", "type_of"];

/// A function of the script's own.
pub struct Function {
    /// Its name; one without a name begins with `anon$`.
    pub name: String,
    /// Its parameters' names.
    pub parameters: Vec<String>,
    /// What it does.
    pub body: Vec<Stmt>,
    /// The brace before its body.
    pub begins: Position,
    /// The brace after its body.
    pub ends: Position,
}

impl Function {
    /// Whether it is written as `|x| …`.
    pub fn is_closure(&self) -> bool {
        self.name.starts_with("anon$")
    }
}

/// A script that was read.
pub struct Parsed {
    /// What it does from top to bottom.
    pub main: Vec<Stmt>,
    /// Its functions, in the order of the text.
    pub functions: Vec<Function>,
}

/// A mistake that keeps a script from being read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreadable {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Position,
}

/// The engine of the interpreter, without verbs and without anything left out of the tree.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = Engine::new_raw();
    for module in [
        CorePackage::new().as_shared_module(),
        LogicPackage::new().as_shared_module(),
        BasicMathPackage::new().as_shared_module(),
        BasicArrayPackage::new().as_shared_module(),
        BasicMapPackage::new().as_shared_module(),
        MoreStringPackage::new().as_shared_module(),
    ] {
        engine.register_global_module(module);
    }
    // The limits of `plugins/rhai-script`: what is refused there is refused here.
    engine
        .set_max_operations(10_000)
        .set_max_call_levels(32)
        .set_max_string_size(64 * 1024)
        .set_max_array_size(10_000)
        .set_max_map_size(10_000)
        .set_max_variables(1_000)
        .set_max_functions(500)
        .set_max_modules(0)
        .set_max_expr_depths(64, 32)
        .set_module_resolver(DummyModuleResolver::new())
        .set_strict_variables(true)
        .disable_symbol("eval")
        .disable_symbol("import")
        .disable_symbol("export")
        .set_optimization_level(OptimizationLevel::None);
    engine
});

/// Functions that rhai brings: name and number of arguments.
static LIBRARY: LazyLock<BTreeSet<(String, usize)>> = LazyLock::new(|| {
    let all = ENGINE.collect_fn_metadata(
        None,
        |info| Some((info.metadata.name.to_string(), info.metadata.num_params)),
        true,
    );
    all.into_iter().collect()
});

/// Reads a script.
///
/// # Errors
///
/// [`Unreadable`] says where rhai stopped.
pub fn parse(script: &str) -> Result<Parsed, Unreadable> {
    let ast = ENGINE.compile(script).map_err(|error| Unreadable {
        message: error.err_type().to_string(),
        place: error.position(),
    })?;
    let mut functions: Vec<Function> = ast
        .iter_fn_def()
        .map(|function| {
            let (name, count) = (function.name.as_str(), function.params.len());
            Function {
                name: name.to_owned(),
                parameters: function.params.iter().map(ToString::to_string).collect(),
                body: body(&ast, name, count),
                begins: function.body.start_position(),
                ends: function.body.end_position(),
            }
        })
        .collect();
    functions.sort_by_key(|function| (function.begins, function.name.clone()));
    Ok(Parsed { main: ast.statements().to_vec(), functions })
}

/// The statements of one function. The tree shows them only on a walk.
fn body(ast: &AST, name: &str, count: usize) -> Vec<Stmt> {
    let mut alone = ast.clone_functions_only();
    alone.retain_functions(|_, _, other, parameters| other == name && parameters == count);
    let mut body = Vec::new();
    alone.walk(&mut |path| {
        if let [rhai::ASTNode::Stmt(stmt)] = path {
            body.push((*stmt).clone());
        }
        true
    });
    body
}

/// Whether rhai itself has a function of this name.
pub fn is_of_library(name: &str) -> bool {
    let from = (name.to_owned(), 0);
    KEYWORDS.contains(&name) || LIBRARY.range(from..).next().is_some_and(|(found, _)| found == name)
}

/// The value of a condition that is always the same, if it depends on nothing.
pub fn constant(expr: &Expr, text: &str) -> Option<bool> {
    if let Expr::BoolConstant(value, _) = expr {
        return Some(*value);
    }
    let mut fixed = true;
    let mut path = Vec::new();
    expr.walk(&mut path, &mut |path| {
        if let Some(rhai::ASTNode::Expr(expr)) = path.last() {
            fixed &= match expr {
                Expr::FnCall(call, _) => call.is_operator_call(),
                Expr::And(..) | Expr::Or(..) => true,
                other => other.is_constant(),
            };
        } else {
            fixed = false;
        }
        fixed
    });
    if !fixed {
        return None;
    }
    ENGINE.eval_expression::<bool>(text).ok()
}

/// Where a statement begins. rhai's own place of an operator is that of its sign.
pub fn start_of(stmt: &Stmt) -> Position {
    match stmt {
        Stmt::Assignment(pair) => first(&pair.1.lhs),
        Stmt::Expr(expr) => first(expr),
        other => other.position(),
    }
}

fn first(expr: &Expr) -> Position {
    let inner = match expr {
        Expr::FnCall(call, _) if call.is_operator_call() => call.args.first(),
        Expr::And(all, _) | Expr::Or(all, _) | Expr::Coalesce(all, _) => all.first(),
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => Some(&pair.lhs),
        _ => None,
    };
    inner.map_or_else(|| expr.start_position(), first)
}

/// Reads what the interpreter writes of a map: `#{"a": 1}`.
pub fn read_map(text: &str) -> Option<rhai::Map> {
    ENGINE.eval_expression(text).ok()
}

/// One call in an expression.
pub struct Called<'a> {
    /// What is called, with its arguments.
    pub call: &'a FnCallExpr,
    /// Where its name stands.
    pub place: Position,
    /// Whether it is called as `value.name(…)`.
    pub method: bool,
}

/// What an expression holds, in the order in which it is done.
pub enum Part<'a> {
    /// A call; its arguments came before.
    Call(Called<'a>),
    /// A block of statements in the place of a value.
    Block(&'a rhai::StmtBlock),
}

/// Visits what an expression holds, in the order in which it is done.
pub fn visit<'a>(expr: &'a Expr, seen: &mut dyn FnMut(Part<'a>)) {
    match expr {
        Expr::FnCall(call, place) | Expr::MethodCall(call, place) => {
            call.args.iter().for_each(|argument| visit(argument, seen));
            let method = matches!(expr, Expr::MethodCall(..));
            seen(Part::Call(Called { call, place: *place, method }));
        }
        Expr::Stmt(block) => seen(Part::Block(block)),
        Expr::InterpolatedString(all, _) | Expr::Array(all, _) => {
            all.iter().for_each(|one| visit(one, seen));
        }
        Expr::Map(map, _) => map.0.iter().for_each(|(_, value)| visit(value, seen)),
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => {
            visit(&pair.lhs, seen);
            visit(&pair.rhs, seen);
        }
        Expr::And(all, _) | Expr::Or(all, _) | Expr::Coalesce(all, _) => {
            all.iter().for_each(|one| visit(one, seen));
        }
        _ => {}
    }
}
