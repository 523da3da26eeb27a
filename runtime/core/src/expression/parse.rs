//! From text to an expression: recursive descent, with errors that point at a column.
//!
//! ```text
//! any        = all { "||" all }
//! all        = condition { "&&" condition }
//! condition  = "!" condition | "(" any ")" | "true" | "false" | "has" "(" skill ")" | comparison
//! comparison = value ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) value | value "in" "[" list "]"
//! value      = TEXT | NUMBER | NAME | "agent." NAME | "contact." NAME | "level" "(" skill ")" | "queue_level"
//! skill      = TEXT | "contact." NAME
//! ```

use std::fmt;

use crate::nearest::nearest;

use super::{Node, Number, Operator, Skill, Value, all, any};

/// Words that are not attributes of an agent unless written `agent.NAME`.
pub(super) const RESERVED: [&str; 8] =
    ["true", "false", "in", "contact", "agent", "level", "has", "queue_level"];

const CHARACTERS_MAX: usize = 1_000;
const DEPTH_MAX: usize = 32;
const PARTS_MAX: usize = 200;

const VALUES: &str = "an attribute, `contact.NAME`, `level(\"SKILL\")`, `queue_level`, \"text\" or a \
                      number";
const OPERATORS: &str = "`==`, `!=`, `<`, `<=`, `>`, `>=` or `in [...]`";
const SKILLS: &str = "a skill such as \"sales\", or `contact.NAME`";

/// Why a text is no expression, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExpressionError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be accepted there.
    pub accepted: String,
}

impl std::error::Error for ExpressionError {}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message, accepted } = self;
        write!(f, "line {line}, column {column}: {message}; accepted: {accepted}")
    }
}

impl ExpressionError {
    /// Returns the line of `source` with a caret below the column, each line ending in a newline.
    pub fn caret(&self, source: &str) -> String {
        let line = source.lines().nth(self.line - 1).unwrap_or("");
        let before = line.chars().chain(std::iter::repeat(' ')).take(self.column - 1);
        // A tab stays one: the caret is below its character however wide that is shown.
        let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        format!("  | {line}\n  | {indent}^ {}\n", self.message)
    }
}

/// An error at a byte of the text; line and column are found when it is handed out.
struct Fault {
    at: usize,
    message: String,
    accepted: String,
}

fn fault<T>(
    at: usize,
    message: impl Into<String>,
    accepted: impl Into<String>,
) -> Result<T, Fault> {
    Err(Fault { at, message: message.into(), accepted: accepted.into() })
}

pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    parse_all(text).map_err(|Fault { at, message, accepted }| {
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ExpressionError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            accepted,
        }
    })
}

fn parse_all(text: &str) -> Result<Node, Fault> {
    let allowed = format!("at most {CHARACTERS_MAX} characters");
    if let Some((at, _)) = text.char_indices().nth(CHARACTERS_MAX) {
        return fault(
            at,
            format!("the expression has {} characters", text.chars().count()),
            allowed,
        );
    }
    let mut parser = Parser { text, at: 0, start: 0, token: Token::End, depth: 0, parts: 0 };
    parser.advance()?;
    if parser.token == Token::End {
        return fault(parser.start, "the expression is empty", "a condition, or `true`");
    }
    let node = parser.any()?;
    match &parser.token {
        Token::End => (),
        Token::Symbol(")") => return fault(parser.start, "no `(` for this `)`", "no `)` here"),
        Token::Name(word @ ("and" | "or" | "AND" | "OR")) => {
            let operator = if word.eq_ignore_ascii_case("and") { "&&" } else { "||" };
            return fault(
                parser.start,
                format!("`{word}` is not an operator"),
                format!("`{operator}`"),
            );
        }
        other => {
            let message = format!("{other} behind a complete condition");
            return fault(parser.start, message, "`&&`, `||` or the end");
        }
    }
    // What is kept and read again is the plain spelling.
    let length = node.to_string().chars().count();
    if CHARACTERS_MAX < length {
        return fault(0, format!("written out, the expression has {length} characters"), allowed);
    }
    Ok(node)
}

#[derive(Clone, Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Text(String),
    Number(Number),
    Symbol(&'static str),
    End,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "`{number}`"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Symbols, longer ones first.
const SYMBOLS: [&str; 14] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ","];

struct Parser<'a> {
    text: &'a str,
    /// Behind the token.
    at: usize,
    /// Where the token starts.
    start: usize,
    token: Token<'a>,
    depth: usize,
    parts: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Node, Fault> {
        let mut parts = vec![self.all()?];
        while self.take("||")? {
            parts.push(self.all()?);
        }
        Ok(any(parts))
    }

    fn all(&mut self) -> Result<Node, Fault> {
        let mut parts = vec![self.condition()?];
        while self.take("&&")? {
            parts.push(self.condition()?);
        }
        Ok(all(parts))
    }

    fn condition(&mut self) -> Result<Node, Fault> {
        self.count()?;
        let start = self.start;
        if self.take("!")? {
            // The parentheses of `!(...)` belong to it.
            let inner = match self.token {
                Token::Symbol("(") => self.condition()?,
                _ => self.deeper(start, Self::condition)?,
            };
            return Ok(match inner {
                Node::Bool(value) => Node::Bool(!value),
                other => Node::Not(Box::new(other)),
            });
        }
        if self.take("(")? {
            let inner = self.deeper(start, Self::any)?;
            self.close(")", start)?;
            return Ok(inner);
        }
        match self.token {
            Token::Name("true") => self.constant(true),
            Token::Name("false") => self.constant(false),
            Token::Name("has") => {
                self.advance()?;
                Ok(Node::Has(self.skill("has")?))
            }
            _ => self.comparison(),
        }
    }

    fn constant(&mut self, value: bool) -> Result<Node, Fault> {
        self.advance()?;
        if self.operator().is_some() {
            let message = format!("`{value}` is a condition, and attributes are text");
            return fault(self.start, message, format!("a comparison with \"{value}\" in quotes"));
        }
        Ok(Node::Bool(value))
    }

    fn comparison(&mut self) -> Result<Node, Fault> {
        let start = self.start;
        let value = self.value()?;
        if self.token == Token::Name("in") {
            self.advance()?;
            return Ok(Node::In { value, list: self.list()? });
        }
        let Some(operator) = self.operator() else {
            return match &self.token {
                Token::End | Token::Symbol("&&" | "||" | ")") => {
                    let message = format!("`{value}` is a value, not a condition");
                    fault(start, message, format!("`{value}` followed by {OPERATORS}"))
                }
                other => {
                    fault(self.start, format!("{other} where a comparison goes on"), OPERATORS)
                }
            };
        };
        self.advance()?;
        let right = self.value()?;
        if self.operator().is_some() || self.token == Token::Name("in") {
            let message = format!("{} after a comparison: they do not chain", self.token);
            return fault(self.start, message, "two comparisons joined by `&&`");
        }
        Ok(Node::Compare { left: value, operator, right })
    }

    fn operator(&self) -> Option<Operator> {
        let Token::Symbol(symbol) = self.token else { return None };
        Some(match symbol {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            _ => return None,
        })
    }

    fn list(&mut self) -> Result<Vec<Value>, Fault> {
        let open = self.start;
        if !self.take("[")? {
            return fault(
                open,
                format!("{} behind `in`", self.token),
                "a list such as [\"a\", \"b\"]",
            );
        }
        let mut list = Vec::new();
        loop {
            self.count()?;
            let literal = match &self.token {
                Token::Text(text) => Value::Text(text.as_str().into()),
                Token::Number(number) => Value::Number(*number),
                other => {
                    let message = format!("{other} in a list");
                    return fault(
                        self.start,
                        message,
                        "\"text\" or a number; a list holds constants",
                    );
                }
            };
            list.push(literal);
            self.advance()?;
            if !self.take(",")? {
                self.close("]", open)?;
                return Ok(list);
            }
        }
    }

    fn value(&mut self) -> Result<Value, Fault> {
        self.count()?;
        let start = self.start;
        let value = match self.token.clone() {
            Token::Text(text) => Value::Text(text.into()),
            Token::Number(number) => Value::Number(number),
            Token::Name("level") => {
                self.advance()?;
                return Ok(Value::Level(self.skill("level")?));
            }
            Token::Name(name) => {
                self.advance()?;
                if self.token == Token::Symbol("(") {
                    return unknown_function(start, name);
                }
                return self.named(start, name);
            }
            Token::Symbol(">") if self.text[..start].ends_with('<') => {
                return fault(start - 1, "`<>` is not an operator", "`!=`");
            }
            other => return fault(start, format!("{other} where a value is expected"), VALUES),
        };
        self.advance()?;
        Ok(value)
    }

    fn named(&self, start: usize, name: &str) -> Result<Value, Fault> {
        if let Some(name) = name.strip_prefix("contact.") {
            return Ok(Value::Contact(name.into()));
        }
        if let Some(name) = name.strip_prefix("agent.") {
            return Ok(Value::Agent(name.into()));
        }
        match name {
            "queue_level" => Ok(Value::QueueLevel),
            "contact" | "agent" => {
                fault(start, format!("`{name}` has no value"), format!("`{name}.NAME`"))
            }
            "true" | "false" => {
                let message = format!("`{name}` is a condition, and attributes are text");
                fault(start, message, format!("\"{name}\" in quotes"))
            }
            "has" => fault(start, "`has(...)` is a condition, not a value", VALUES),
            "in" => fault(start, "`in` without a value before it", VALUES),
            "not" => fault(start, "`not` is not an operator", "`!`"),
            _ if name.contains('.') => {
                let (owner, rest) = name.split_once('.').unwrap_or((name, ""));
                let message = format!("`{owner}` has no attributes");
                fault(start, message, format!("`contact.{rest}` or `agent.{rest}`"))
            }
            _ => Ok(Value::Agent(name.into())),
        }
    }

    /// What stands in parentheses behind a function's name.
    fn skill(&mut self, function: &str) -> Result<Skill, Fault> {
        let open = self.start;
        if !self.take("(")? {
            return fault(
                open,
                format!("`{function}` without a skill"),
                format!("`{function}(\"SKILL\")`"),
            );
        }
        let skill = match self.token.clone() {
            Token::Text(text) => Skill::Named(text.into()),
            Token::Name(name) => match name.strip_prefix("contact.") {
                Some(name) => Skill::Contact(name.into()),
                None => {
                    let message = format!("`{name}` is not a skill");
                    return fault(
                        self.start,
                        message,
                        format!("\"{name}\" in quotes, or `contact.NAME`"),
                    );
                }
            },
            other => return fault(self.start, format!("{other} is not a skill"), SKILLS),
        };
        self.advance()?;
        self.close(")", open)?;
        Ok(skill)
    }

    fn deeper(
        &mut self,
        start: usize,
        inner: impl FnOnce(&mut Self) -> Result<Node, Fault>,
    ) -> Result<Node, Fault> {
        self.depth += 1;
        if DEPTH_MAX < self.depth {
            let accepted = format!("at most {DEPTH_MAX} levels of `(` and `!`");
            return fault(start, "the expression is nested too deep", accepted);
        }
        let node = inner(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn count(&mut self) -> Result<(), Fault> {
        self.parts += 1;
        if PARTS_MAX < self.parts {
            let accepted = format!("at most {PARTS_MAX} conditions, values and items of lists");
            return fault(self.start, "the expression has too many parts", accepted);
        }
        Ok(())
    }

    fn take(&mut self, symbol: &str) -> Result<bool, Fault> {
        let taken = matches!(self.token, Token::Symbol(found) if found == symbol);
        if taken {
            self.advance()?;
        }
        Ok(taken)
    }

    fn close(&mut self, symbol: &'static str, open: usize) -> Result<(), Fault> {
        if self.take(symbol)? {
            return Ok(());
        }
        let opened = &self.text[open..=open];
        let column = self.text[..open].chars().count() + 1;
        let message = format!("{} where `{symbol}` is expected", self.token);
        fault(self.start, message, format!("`{symbol}` for the `{opened}` at character {column}"))
    }

    fn advance(&mut self) -> Result<(), Fault> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.start = self.at + rest.len() - trimmed.len();
        self.at = self.start;
        let Some(first) = trimmed.chars().next() else {
            self.token = Token::End;
            return Ok(());
        };
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| trimmed.starts_with(**symbol)) {
            self.at += symbol.len();
            self.token = Token::Symbol(symbol);
            return Ok(());
        }
        self.token = match first {
            '"' | '\'' => self.quoted(first)?,
            '-' | '0'..='9' => self.number()?,
            _ if starts_name(first) => self.name(),
            '=' => return self.wrong_equals(trimmed),
            '&' | '|' => {
                return fault(
                    self.start,
                    format!("a single `{first}`"),
                    format!("`{first}{first}`"),
                );
            }
            '“' | '”' | '„' | '’' | '‘' => {
                return fault(self.start, format!("the typographic quote {first}"), "the quote \"");
            }
            _ => {
                let message = format!("the character {first:?} means nothing here");
                return fault(self.start, message, "names, numbers, \"text\" and operators");
            }
        };
        Ok(())
    }

    fn wrong_equals(&self, rest: &str) -> Result<(), Fault> {
        let (written, meant) = match rest.as_bytes().get(1) {
            Some(b'>') => ("=>", ">="),
            Some(b'<') => ("=<", "<="),
            _ => ("=", "=="),
        };
        fault(self.start, format!("`{written}` is not an operator"), format!("`{meant}`"))
    }

    fn quoted(&mut self, quote: char) -> Result<Token<'a>, Fault> {
        let mut text = String::new();
        let mut rest = self.text[self.start + 1..].char_indices();
        while let Some((at, c)) = rest.next() {
            match c {
                _ if c == quote => {
                    self.at = self.start + 1 + at + 1;
                    return Ok(Token::Text(text));
                }
                '\\' => match rest.next() {
                    Some((_, escaped @ ('"' | '\'' | '\\'))) => text.push(escaped),
                    Some((_, 'n')) => text.push('\n'),
                    _ => {
                        let message = "`\\` in text does not stand alone";
                        return fault(
                            self.start + 1 + at,
                            message,
                            "`\\\\`, `\\\"`, `\\'` or `\\n`",
                        );
                    }
                },
                '\n' => break,
                _ => text.push(c),
            }
        }
        fault(self.start, "the text has no end", format!("a closing {quote} on the same line"))
    }

    fn number(&mut self) -> Result<Token<'a>, Fault> {
        let rest = &self.text[self.start..];
        let within = |c: char| c == '-' || c == '.' || c == '_' || c.is_alphanumeric();
        let word = rest.split_once(|c| !within(c)).map_or(rest, |(word, _)| word);
        self.at = self.start + word.len();
        match Number::parse(word) {
            Some(number) => Ok(Token::Number(number)),
            None => {
                let accepted = "up to 12 digits, with up to 6 behind a point";
                fault(self.start, format!("`{word}` is not a number"), accepted)
            }
        }
    }

    /// A name with all that dots join to it.
    fn name(&mut self) -> Token<'a> {
        let rest = &self.text[self.start..];
        let mut end = 0;
        let mut characters = rest.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let joins = c == '.' && characters.peek().is_some_and(|(_, next)| starts_name(*next));
            if !joins && !starts_name(c) && !c.is_numeric() && c != '-' {
                break;
            }
            end = at + c.len_utf8();
        }
        self.at = self.start + end;
        Token::Name(&rest[..end])
    }
}

fn starts_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn unknown_function<T>(at: usize, name: &str) -> Result<T, Fault> {
    if name == "queue_level" {
        return fault(at, "`queue_level` takes nothing", "`queue_level` without parentheses");
    }
    let near = nearest(name, ["level", "has"]);
    let near = near.map(|known| format!(" (did you mean `{known}`?)")).unwrap_or_default();
    let accepted = "`level(\"SKILL\")` and `has(\"SKILL\")`";
    fault(at, format!("unknown function `{name}`{near}"), accepted)
}
