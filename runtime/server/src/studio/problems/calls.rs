//! What a script calls, and what it names in doing so.

use std::collections::BTreeSet;

use rhai::{Expr, Position};

use super::{Found, Severity, listed};
use crate::studio::graph::every_call;
use crate::studio::known::{Known, Missing};
use crate::studio::parse::{Called, Parsed, is_of_library};
use crate::studio::verbs;

/// Checks every call of the script and of its functions.
pub fn check(parsed: &Parsed, known: &dyn Known, found: &mut Found<'_>) {
    let mut names: BTreeSet<&str> = verbs::names();
    names.extend(parsed.functions.iter().map(|one| one.name.as_str()));
    let mut variables = BTreeSet::new();
    let mut languages: BTreeSet<String> = [known.language()].into();
    let mut called_functions = BTreeSet::new();
    let bodies: Vec<&[rhai::Stmt]> = std::iter::once(parsed.main.as_slice())
        .chain(parsed.functions.iter().map(|one| one.body.as_slice()))
        .collect();
    for body in &bodies {
        collect_variables(body, &mut variables);
        every_call(body, &mut |called| {
            called_functions.insert(called.call.name.to_string());
            if let ("language", [Expr::StringConstant(tag, _)]) =
                (called.call.name.as_str(), called.call.args.as_slice())
            {
                languages.insert(tag.to_string());
            }
        });
    }
    let mut check =
        Check { parsed, known, queues: known.queues(), names, variables, languages, found };
    for body in &bodies {
        every_call(body, &mut |called| check.call(called));
    }
    check.unused(&called_functions);
}

fn collect_variables(body: &[rhai::Stmt], variables: &mut BTreeSet<String>) {
    for stmt in body {
        let mut path = Vec::new();
        stmt.walk(&mut path, &mut |path| {
            match path.last() {
                Some(rhai::ASTNode::Stmt(rhai::Stmt::Var(var, ..))) => {
                    variables.insert(var.0.name.to_string());
                }
                // A function that is handed on by its name.
                Some(rhai::ASTNode::Expr(Expr::StringConstant(text, _))) => {
                    variables.insert(text.to_string());
                }
                Some(rhai::ASTNode::Expr(Expr::Variable(name, ..))) => {
                    variables.insert(name.1.to_string());
                }
                _ => {}
            }
            true
        });
    }
}

struct Check<'a, 'f> {
    parsed: &'a Parsed,
    known: &'a dyn Known,
    queues: BTreeSet<String>,
    names: BTreeSet<&'a str>,
    variables: BTreeSet<String>,
    languages: BTreeSet<String>,
    found: &'a mut Found<'f>,
}

impl Check<'_, '_> {
    fn call(&mut self, called: &Called<'_>) {
        let (name, count) = (called.call.name.as_str(), called.call.args.len());
        if called.call.is_operator_call() || called.call.is_qualified() {
            return;
        }
        let own: Vec<usize> = self
            .parsed
            .functions
            .iter()
            .filter(|one| one.name == name)
            .map(|one| one.parameters.len())
            .collect();
        if own.contains(&count) || (called.method && !own.is_empty()) {
            return;
        }
        if !called.method && verbs::find(name, count).is_some() {
            return self.verb(called);
        }
        if is_of_library(name) || self.variables.contains(name) {
            return;
        }
        let place = self.word(called.place, name);
        if !called.method && (!own.is_empty() || !verbs::signatures(name).is_empty()) {
            let mut ways = verbs::signatures(name);
            ways.extend(
                self.parsed
                    .functions
                    .iter()
                    .filter(|one| one.name == name)
                    .map(|one| format!("{}({})", one.name, one.parameters.join(", "))),
            );
            let ways = listed(ways.iter().map(String::as_str));
            let text = format!("`{name}` is called as {ways}; here it has {count} arguments");
            let count = count.to_string();
            let names = [("name", name), ("count", &count), ("accepted", &ways)];
            return self.found.at(Severity::Error, "wrong_arguments", place, text, &names);
        }
        self.unknown(name, place);
    }

    fn unknown(&mut self, name: &str, place: (usize, usize)) {
        let near = verbs::nearest(name, self.names.iter().copied());
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let text = format!("there is no verb or function `{name}`{hint}");
        let names = [("name", name), ("nearest", near.unwrap_or_default())];
        self.found.at(Severity::Error, "unknown_verb", place, text, &names);
    }

    fn word(&self, place: Position, word: &str) -> (usize, usize) {
        let from = self.found.source.offset(place);
        (from, from + word.chars().count())
    }

    fn verb(&mut self, called: &Called<'_>) {
        let (name, arguments) = (called.call.name.as_str(), called.call.args.as_slice());
        match (name, arguments) {
            ("enqueue" | "callback" | "is_open", [queue, ..]) => self.queue(queue),
            ("transfer", [Expr::StringConstant(number, place)]) => {
                if let Err(why) = self.known.destination(number) {
                    let place = self.quoted(*place, number);
                    let names = [("name", number.as_str())];
                    self.found.at(Severity::Error, "unknown_number", place, why, &names);
                }
            }
            ("play", [Expr::StringConstant(prompt, place)]) => self.prompt(prompt, *place),
            ("menu", [prompt, choices]) => {
                self.prompts(prompt);
                self.choices(choices);
            }
            ("digits", [_, prompt]) => self.prompts(prompt),
            ("gather", [Expr::Map(map, _)]) => {
                map.0.iter().filter(|(key, _)| key.name == "prompt").for_each(|(_, prompt)| {
                    self.prompts(prompt);
                });
            }
            _ => {}
        }
        if let (Some(Expr::Map(map, _)), Some(verb)) =
            (arguments.last(), verbs::find(name, arguments.len()))
        {
            for (key, _) in map.0.iter().filter(|_| !verb.options.is_empty()) {
                self.option(name, &key.name, key.pos, &verb.options);
            }
        }
    }

    fn option(&mut self, verb: &str, key: &str, place: Position, accepted: &[String]) {
        if accepted.iter().any(|one| one == key) {
            return;
        }
        let near = verbs::nearest(key, accepted.iter().map(String::as_str)).unwrap_or_default();
        let all = listed(accepted.iter().map(String::as_str));
        let text = format!("`{verb}` has no option `{key}`; it has {all}");
        let names = [("verb", verb), ("name", key), ("nearest", near), ("accepted", &all)];
        let place = self.word(place, key);
        self.found.at(Severity::Error, "unknown_option", place, text, &names);
    }

    fn queue(&mut self, queue: &Expr) {
        let Expr::StringConstant(name, place) = queue else { return };
        if self.queues.contains(name.as_str()) {
            return;
        }
        let near = verbs::nearest(name, self.queues.iter().map(String::as_str));
        let near = near.unwrap_or_default().to_owned();
        let all = listed(self.queues.iter().map(String::as_str));
        let text = format!("there is no queue `{name}`; there are {all}");
        let names = [("name", name.as_str()), ("nearest", &near), ("accepted", &all)];
        let place = self.quoted(*place, name);
        self.found.at(Severity::Error, "unknown_queue", place, text, &names);
    }

    /// The place of a text with its quotes.
    fn quoted(&self, place: Position, text: &str) -> (usize, usize) {
        let from = self.found.source.offset(place);
        (from, from + text.chars().count() + 2)
    }

    /// The prompts by name in what is said: `#{ play: "name" }`, or a list with it.
    fn prompts(&mut self, said: &Expr) {
        match said {
            Expr::Map(map, _) => {
                for (key, value) in &map.0 {
                    if let ("play", Expr::StringConstant(name, place)) = (key.name.as_str(), value)
                    {
                        self.prompt(name, *place);
                    }
                    if !["say", "play", "pause"].contains(&key.name.as_str()) {
                        let all = ["say", "play", "pause"].map(str::to_owned);
                        self.option("a prompt", &key.name, key.pos, &all);
                    }
                }
            }
            Expr::Array(all, _) => all.iter().for_each(|one| self.prompts(one)),
            _ => {}
        }
    }

    fn prompt(&mut self, name: &str, place: Position) {
        let missing: Vec<(String, Missing)> = self
            .languages
            .iter()
            .filter_map(|tag| Some((tag.clone(), self.known.prompt(name, tag).err()?)))
            .collect();
        let Some((_, first)) = missing.first() else { return };
        let near = first.nearest.clone().unwrap_or_default();
        let tags: Vec<&str> = missing.iter().map(|(tag, _)| tag.as_str()).collect();
        let tags = tags.join(", ");
        let hint =
            if near.is_empty() { String::new() } else { format!("; did you mean `{near}`?") };
        let text = format!("there is no prompt `{name}` in the languages {tags}{hint}");
        let names = [("name", name), ("nearest", &near), ("languages", &tags)];
        let place = self.quoted(place, name);
        self.found.at(Severity::Error, "missing_prompt", place, text, &names);
    }

    /// The keys of a menu: each is one key, and there once.
    fn choices(&mut self, choices: &Expr) {
        let keys: Vec<(String, Position)> = match choices {
            Expr::Map(map, _) => {
                map.0.iter().map(|(key, _)| (key.name.to_string(), key.pos)).collect()
            }
            Expr::Array(all, _) => all
                .iter()
                .filter_map(|one| match one {
                    Expr::StringConstant(key, place) => Some((key.to_string(), *place)),
                    Expr::IntegerConstant(key, place) => Some((key.to_string(), *place)),
                    _ => None,
                })
                .collect(),
            _ => return,
        };
        let mut before = BTreeSet::new();
        for (key, place) in &keys {
            let place = self.quoted(*place, key);
            let names = [("name", key.as_str())];
            if key.chars().count() != 1 {
                let text = format!("a choice of a menu is one key such as \"1\", not `{key}`");
                self.found.at(Severity::Error, "bad_choice", place, text, &names);
            } else if !"0123456789*#ABCD".contains(key.as_str()) {
                let text = format!("no telephone has the key `{key}`");
                self.found.at(Severity::Warning, "no_such_key", place, text, &names);
            } else if !before.insert(key) {
                let text = format!("the key `{key}` is offered twice");
                self.found.at(Severity::Warning, "choice_twice", place, text, &names);
            }
        }
    }

    /// Functions that nothing calls or hands on.
    fn unused(&mut self, called: &BTreeSet<String>) {
        for function in self.parsed.functions.iter().filter(|one| !one.is_closure()) {
            let name = function.name.as_str();
            if called.contains(name) || self.variables.contains(name) {
                continue;
            }
            let text = format!("nothing calls the function `{name}`");
            let head = self.found.source.head_of(function.begins);
            let place = (head, self.found.source.offset(function.begins));
            self.found.at(Severity::Info, "unused_function", place, text, &[("name", name)]);
        }
    }
}
