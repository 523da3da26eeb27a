//! A script's text: places, and what of it is code rather than comment or quoted text.

use rhai::Position;
use serde::Serialize;

/// A part of the script; lines and columns count from 1, the end is the last character's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Range {
    /// The first line.
    pub line: u32,
    /// The column of the first character.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column of the last character.
    pub end_column: u32,
}

/// What stands before the `=>` of a case.
pub struct Head {
    /// The text.
    pub text: String,
    /// Where the case before ends.
    pub begins: usize,
    /// Where the arrow is.
    pub arrow: usize,
}

/// What a character belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Code,
    Quoted,
    Comment,
}

/// A script as characters.
pub struct Source {
    chars: Vec<char>,
    parts: Vec<Part>,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Where functions begin.
    heads: Vec<usize>,
}

impl Source {
    /// Reads a script.
    pub fn new(script: &str) -> Self {
        let chars: Vec<char> = script.chars().collect();
        let begins = |(at, c): (usize, &char)| (*c == '\n').then_some(at + 1);
        let lines = std::iter::once(0).chain(chars.iter().enumerate().filter_map(begins)).collect();
        let parts = parts(&chars);
        Self { chars, parts, lines, heads: Vec::new() }
    }

    /// Learns where functions begin, by the braces of their bodies.
    pub fn learn_functions(&mut self, braces: impl Iterator<Item = Position>) {
        self.heads = braces.map(|brace| self.head_of(brace)).collect();
    }

    /// Where a statement ends that begins at `from`, the next one, or the end of its block, being at
    /// `next`: a function that is written in between is no part of it.
    pub fn end_of(&self, from: usize, next: usize) -> usize {
        self.heads.iter().copied().filter(|head| (from..next).contains(head)).min().unwrap_or(next)
    }

    /// How many characters it has.
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// The offset of a place; the end of the script if there is none.
    pub fn offset(&self, place: Position) -> usize {
        let Some(line) = place.line().and_then(|line| self.lines.get(line.saturating_sub(1)))
        else {
            return self.len();
        };
        (line + place.position().unwrap_or(1).saturating_sub(1)).min(self.len())
    }

    /// The line and column of an offset, from 1.
    pub fn place(&self, offset: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|begins| *begins <= offset).saturating_sub(1);
        let begins = self.lines.get(line).copied().unwrap_or_default();
        let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        (number(line), number(offset.saturating_sub(begins)))
    }

    /// The part from `from` up to, not including, `until`, without what is no code at its end.
    pub fn range(&self, from: usize, until: usize) -> Range {
        let end = self.trimmed(from, until);
        let ((line, column), (end_line, end_column)) =
            (self.place(from), self.place(end.saturating_sub(1).max(from)));
        Range { line, column, end_line, end_column }
    }

    /// The text from `from` up to `until` on one line, without comments.
    pub fn text(&self, from: usize, until: usize) -> String {
        let end = self.trimmed(from, until);
        let inside = self.chars.get(from..end).unwrap_or_default();
        let parts = self.parts.get(from..end).unwrap_or_default();
        let code = inside.iter().zip(parts).filter(|(_, part)| **part != Part::Comment);
        let text: String = code.map(|(c, _)| c).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The end of what is code or quoted before `until`.
    pub fn trimmed(&self, from: usize, until: usize) -> usize {
        let mut end = until.min(self.len());
        while from < end {
            let (Some(c), Some(part)) = (self.chars.get(end - 1), self.parts.get(end - 1)) else {
                break;
            };
            let filler = *part == Part::Comment
                || (*part == Part::Code && (c.is_whitespace() || matches!(c, ';' | ',')));
            if !filler {
                break;
            }
            end -= 1;
        }
        end
    }

    /// The first of these characters as code at or after `from`.
    pub fn find(&self, from: usize, wanted: char) -> Option<usize> {
        (from..self.len()).find(|at| self.is(*at, wanted))
    }

    /// Where the function begins whose body's brace is here: at its `fn`.
    pub fn head_of(&self, brace: Position) -> usize {
        let brace = self.offset(brace);
        let word = |at: &usize| {
            let edge = |at: Option<usize>| {
                at.and_then(|at| self.chars.get(at))
                    .is_none_or(|c| !c.is_alphanumeric() && *c != '_')
            };
            self.is(*at, 'f')
                && self.is(at + 1, 'n')
                && edge(at.checked_sub(1))
                && edge(Some(at + 2))
        };
        (0..brace).rev().find(word).unwrap_or(brace)
    }

    fn is(&self, at: usize, wanted: char) -> bool {
        self.chars.get(at) == Some(&wanted) && self.parts.get(at) == Some(&Part::Code)
    }

    /// The heads of a `switch` whose brace opens at `brace`, and where the closing brace is.
    pub fn cases(&self, brace: usize) -> (Vec<Head>, usize) {
        let (mut heads, mut depth, mut begins, mut in_head) = (Vec::new(), 0_u32, brace + 1, true);
        for at in brace..self.len() {
            if self.parts.get(at) != Some(&Part::Code) {
                continue;
            }
            match self.chars.get(at) {
                Some('{' | '(' | '[') => depth += 1,
                Some(closing @ ('}' | ')' | ']')) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return (heads, at);
                    }
                    // A block ends its case; a comma may follow and begins nothing.
                    if depth == 1 && *closing == '}' && !in_head {
                        (begins, in_head) = (at + 1, true);
                    }
                }
                Some(',') if depth == 1 => (begins, in_head) = (at + 1, true),
                Some('=') if depth == 1 && in_head && self.is(at + 1, '>') => {
                    let text = self.text(begins, at);
                    let text = text.trim_start_matches(',').trim().to_owned();
                    heads.push(Head { text, begins, arrow: at });
                    in_head = false;
                }
                _ => {}
            }
        }
        (heads, self.len())
    }
}

/// Tells code from comments, which nest, and from quoted text. What `${}` holds counts as quoted.
fn parts(chars: &[char]) -> Vec<Part> {
    let mut parts = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let (end, part) = match (c, chars.get(at + 1)) {
            ('/', Some('/')) => (line_end(chars, at), Part::Comment),
            ('/', Some('*')) => (comment_end(chars, at), Part::Comment),
            ('"' | '\'' | '`', _) => (quote_end(chars, at, *c), Part::Quoted),
            _ => (at + 1, Part::Code),
        };
        parts.resize(end, part);
        at = end;
    }
    parts
}

fn line_end(chars: &[char], from: usize) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
}

fn comment_end(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_u32);
    while at < chars.len() {
        match (chars.get(at), chars.get(at + 1)) {
            (Some('/'), Some('*')) => (at, depth) = (at + 2, depth + 1),
            (Some('*'), Some('/')) => (at, depth) = (at + 2, depth.saturating_sub(1)),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(chars.len())
}

fn quote_end(chars: &[char], from: usize, quote: char) -> usize {
    let (mut at, mut depth) = (from + 1, 0_u32);
    while let Some(c) = chars.get(at) {
        match c {
            '\\' if quote != '`' => at += 1,
            '$' if quote == '`' && chars.get(at + 1) == Some(&'{') => depth += 1,
            '}' if quote == '`' => depth = depth.saturating_sub(1),
            c if *c == quote && depth == 0 => return at + 1,
            _ => {}
        }
        at += 1;
    }
    chars.len()
}
