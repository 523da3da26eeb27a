//! The vocabulary of scripts: what the host offers, in one table with the interpreter's documentation.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// One verb with one number of arguments.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Verb {
    /// Its name.
    pub name: String,
    /// Its arguments' names, in order.
    pub parameters: Vec<String>,
    /// What it gives back, `""` for nothing.
    pub gives: String,
    /// `speaking`, `asking`, `moving` or `knowing`.
    pub group: String,
    /// Whether the customer notices, or something is kept: such verbs are steps of the graph.
    pub acts: bool,
    /// The keys of its last argument, if that is a map of options.
    #[serde(default)]
    pub options: Vec<String>,
    /// What it does, in English.
    pub en: String,
    /// What it does, in Russian.
    pub ru: String,
    /// A script that uses it.
    pub example: String,
}

impl Verb {
    /// How it is called: `menu(prompt, choices)`.
    pub fn signature(&self) -> String {
        format!("{}({})", self.name, self.parameters.join(", "))
    }
}

static VERBS: LazyLock<Vec<Verb>> = LazyLock::new(|| {
    // A mistake in the file fails the tests below.
    serde_json::from_str(include_str!("../../../../plugins/flow-rhai/verbs.json"))
        .unwrap_or_default()
});

/// Returns every verb, in the order of the documentation.
pub fn all() -> &'static [Verb] {
    &VERBS
}

/// Returns the verb with this name and number of arguments.
pub fn find(name: &str, arguments: usize) -> Option<&'static Verb> {
    VERBS.iter().find(|verb| verb.name == name && verb.parameters.len() == arguments)
}

/// Returns every way to call a name: `hang_up()`, `hang_up(reason)`.
pub fn signatures(name: &str) -> Vec<String> {
    VERBS.iter().filter(|verb| verb.name == name).map(Verb::signature).collect()
}

/// Returns the name that is most like `wanted`, if one is alike: at most about a third differs.
pub fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = |name: &str| (wanted.chars().count().max(name.chars().count()) + 1) / 3;
    let far = known.map(|name| (distance(wanted, name), name));
    far.filter(|(far, name)| *far <= most(name)).min().map(|(_, name)| name)
}

/// The names of all verbs, each once.
pub fn names() -> BTreeSet<&'static str> {
    VERBS.iter().map(|verb| verb.name.as_str()).collect()
}

/// How many letters must be put in, taken out or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (right, pair) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let before = next.last().copied().unwrap_or_default();
            let replaced = diagonal + usize::from(left != *right);
            next.push(replaced.min(above + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const INTERPRETER: &str = include_str!("../../../../plugins/flow-rhai/src/verbs.rs");
    const README: &str = include_str!("../../../../plugins/flow-rhai/README.md");

    /// The table has what the interpreter registers, each as often.
    #[test]
    fn the_table_is_the_interpreters() {
        let mut registered = BTreeMap::<&str, usize>::new();
        let flat = INTERPRETER.replace("engine\n        .", "engine.");
        for part in flat.split("register_fn(\"").skip(1) {
            let name = part.split('"').next().expect("a name");
            let name = all().iter().map(|verb| verb.name.as_str()).find(|known| *known == name);
            *registered.entry(name.expect("a verb of the table")).or_default() += 1;
        }
        let mut listed = BTreeMap::<&str, usize>::new();
        for verb in all() {
            *listed.entry(&verb.name).or_default() += 1;
        }
        assert_eq!(registered, listed);
    }

    #[test]
    fn the_documentation_has_every_signature_and_says_the_same_of_options() {
        for verb in all() {
            let signature = verb.signature();
            assert!(README.contains(&format!("`{signature}`")), "{signature} is not documented");
            assert!(!verb.en.is_empty() && !verb.ru.is_empty(), "{signature} has no words");
            assert!(verb.example.contains(&verb.name), "{signature} has another's example");
        }
    }

    #[test]
    fn what_is_misspelt_finds_what_was_meant() {
        let near = |wanted| nearest(wanted, names().into_iter());
        assert_eq!(near("enque"), Some("enqueue"));
        assert_eq!(near("hangup"), Some("hang_up"));
        assert_eq!(near("gahter"), Some("gather"));
        assert_eq!(near("xylophone"), None);
    }
}
