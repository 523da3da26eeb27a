//! What a node says of itself.

use rhai::{Expr, FlowControl};

/// The longest text of a node, in characters.
const TEXT_MAX: usize = 80;

fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= TEXT_MAX {
        return text;
    }
    text.chars().take(TEXT_MAX - 1).chain(['…']).collect()
}

/// What a call is about: its first argument, or the prompt where that is another one.
pub fn of_call(name: &str, arguments: &[Expr]) -> String {
    let about = match (name, arguments) {
        ("digits", [_, prompt]) => of(prompt),
        ("attribute", [name, value]) => format!("{} = {}", of(name), of(value)),
        ("gather", [Expr::Map(map, _)]) => {
            let prompt = map.0.iter().find(|(key, _)| key.name == "prompt");
            prompt.map(|(_, prompt)| of(prompt)).unwrap_or_default()
        }
        (_, [first, ..]) => of(first),
        _ => String::new(),
    };
    short(&about)
}

/// An expression as somebody would read it out.
pub fn of(expr: &Expr) -> String {
    let text = match expr {
        Expr::StringConstant(text, _) => text.to_string(),
        Expr::IntegerConstant(number, _) => number.to_string(),
        Expr::FloatConstant(number, _) => number.to_string(),
        Expr::BoolConstant(value, _) => value.to_string(),
        Expr::DynamicConstant(value, _) => value.to_string(),
        Expr::Variable(name, ..) => name.1.to_string(),
        Expr::InterpolatedString(all, _) => all
            .iter()
            .map(|one| match one {
                Expr::StringConstant(text, _) => text.to_string(),
                other => format!("{{{}}}", of(other)),
            })
            .collect(),
        Expr::Array(all, _) => all.iter().map(of).collect::<Vec<_>>().join(", "),
        Expr::Map(map, _) => {
            let one = |(_, value): &(rhai::Ident, Expr)| of(value);
            map.0.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Expr::Stmt(block) => match block.statements() {
            [rhai::Stmt::Expr(one)] => of(one),
            _ => "…".to_owned(),
        },
        Expr::FnCall(call, _) if !call.is_operator_call() => format!("{}(…)", call.name),
        Expr::Dot(pair, ..) => match &pair.rhs {
            Expr::Property(name, _) => format!("{}.{}", of(&pair.lhs), name.2),
            _ => "…".to_owned(),
        },
        _ => "…".to_owned(),
    };
    short(&text)
}

/// A case without its quotes.
pub fn bare(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    short(inner.filter(|inner| !inner.contains('"')).unwrap_or(text))
}

/// The variable and the values that a chain of `if` compares with, if it is one and does nothing else.
pub fn cases(chain: &[&FlowControl]) -> (Option<String>, Option<Vec<String>>) {
    let mut variable: Option<String> = None;
    let mut values = Vec::new();
    for control in chain {
        let Some((name, value)) = compared(&control.expr) else { return (None, None) };
        if *variable.get_or_insert_with(|| name.to_owned()) != name {
            return (None, None);
        }
        values.push(value);
    }
    if values.len() < 2 { (None, None) } else { (variable, Some(values)) }
}

/// `variable == constant`, either way round.
fn compared(expr: &Expr) -> Option<(&str, String)> {
    let Expr::FnCall(call, _) = expr else { return None };
    if !call.is_operator_call() || call.name != "==" {
        return None;
    }
    let [left, right] = call.args.as_slice() else { return None };
    let (name, value) = match (left, right) {
        (Expr::Variable(name, ..), value) | (value, Expr::Variable(name, ..)) => (name, value),
        _ => return None,
    };
    let constant = matches!(
        value,
        Expr::StringConstant(..) | Expr::IntegerConstant(..) | Expr::BoolConstant(..)
    );
    constant.then(|| (name.1.as_str(), of(value)))
}
