//! The table of keys: one place for shape, range, default, meaning and whether a key changes live.
//!
//! The walk over the file, the environment, the reload and `CONFIG.md` all read this table.

mod limits;
mod process;
mod tenants;

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a key's value looks like.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// Text that is never shown.
    Secret,
    /// A BCP 47 language tag such as `en` or `pt-BR`.
    Language,
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Integer(i64, i64),
    /// A number in this range.
    Fraction(f64, f64),
    /// A length of time in this range; with `true`, zero as well, which the meaning explains.
    Time(&'static str, &'static str, bool),
    /// A number of bytes in this range.
    Size(&'static str, &'static str),
    /// An IP address.
    Address,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of these words, without repetition, at least one.
    Choices(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of networks such as `10.0.0.0/8`; a single address is a network of one.
    Networks,
    /// A list of numbers, each exact or a prefix that ends in `*`.
    Numbers,
    /// A table of names with levels from 1 to 10.
    Levels,
    /// A table of names with whole numbers from 0 to 255.
    Ranks,
    /// A table of names with texts, numbers, `true` or `false`.
    Settings,
    /// `"hang_up"` or `{ queue = "NAME" }`.
    Then,
    /// A telephone key.
    Digit,
}

/// Whether a change takes effect by a reload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// By a reload.
    Live,
    /// Only by a restart.
    Restart,
}

/// What stands for a key that is absent.
#[derive(Clone, Copy, Debug)]
pub enum Preset {
    /// This value, written as in an environment variable.
    Is(&'static str),
    /// Nothing: the key is required.
    Required,
    /// Nothing; the text says what that means.
    Absent(&'static str),
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted path; `<word>` stands for any name, `[]` follows the name of a list of tables.
    pub path: &'static str,
    /// The shape of its value.
    pub kind: Kind,
    /// What stands for it when it is absent.
    pub default: Preset,
    /// Whether it changes live.
    pub change: Change,
    /// What it means.
    pub meaning: &'static str,
}

/// Names in one table of settings.
pub const SETTINGS_MAX: usize = 64;
/// Characters of one setting.
pub const SETTING_CHARS_MAX: usize = 1_000;

/// Tables that exist only if written; all others are made to carry their defaults.
const OPTIONAL_TABLES: &[&str] = &["outbound", "announcements"];

/// Writes a table of keys; a line or two for each.
macro_rules! keys {
    ($($path:literal $kind:expr, $default:expr, $change:ident, $meaning:literal;)*) => {
        pub(super) const KEYS: &[Key] = &[$(Key {
            path: $path,
            kind: $kind,
            default: $default,
            change: Change::$change,
            meaning: $meaning,
        },)*];
    };
}
use keys;

pub use tenants::CHANNELS;

/// Returns every key, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Key> {
    process::KEYS.iter().chain(limits::KEYS).chain(tenants::KEYS)
}

/// The keys as a tree.
#[derive(Debug, Default)]
pub struct Node {
    /// What lies below, by name.
    pub children: BTreeMap<&'static str, Node>,
    /// What lies below any other name, and the word that stands for the name.
    pub any: Option<(&'static str, Box<Node>)>,
    /// Whether this is a list of tables.
    pub list: bool,
    /// Whether the table exists only if it is written.
    pub optional: bool,
    /// The key that ends here.
    pub key: Option<&'static Key>,
}

impl Node {
    /// Builds the tree of [`all`] keys.
    pub fn root() -> Self {
        let mut root = Self::default();
        for key in all() {
            let mut node = &mut root;
            for segment in key.path.split('.') {
                node = node.child(segment);
            }
            node.key = Some(key);
        }
        root
    }

    fn child(&mut self, segment: &'static str) -> &mut Self {
        if segment.starts_with('<') {
            return &mut self.any.get_or_insert_with(|| (segment, Box::default())).1;
        }
        let name = segment.trim_end_matches("[]");
        let node = self.children.entry(name).or_default();
        node.list = name != segment;
        node.optional = OPTIONAL_TABLES.contains(&name);
        node
    }

    /// Returns what lies below `name`.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.children.get(name).or_else(|| self.any.as_ref().map(|(_, node)| &**node))
    }
}

impl Kind {
    /// Returns what a name in a table of this kind is given; `None` if it has no names.
    pub fn inner(&self) -> Option<Self> {
        match self {
            Self::Levels => Some(Self::Integer(1, 10)),
            Self::Ranks => Some(Self::Integer(0, 255)),
            Self::Settings => Some(Self::Text),
            _ => None,
        }
    }

    /// Says what is accepted, to follow "must be".
    pub fn accepted(&self) -> String {
        match self {
            Self::Text | Self::Secret => "text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Language => "a language tag such as \"en\" or \"pt-BR\"".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Integer(min, max) => format!("a whole number from {min} to {max}"),
            Self::Fraction(min, max) => format!("a number from {min:?} to {max:?}"),
            Self::Time(min, max, false) => format!("a length of time from {min} to {max}"),
            Self::Time(min, max, true) => format!("0s or a length of time from {min} to {max}"),
            Self::Size(min, max) => format!("a size from {min} to {max}"),
            Self::Address => "an IP address".to_owned(),
            Self::Choice(words) => format!("one of {}", words_of(words)),
            Self::Choices(words) => format!("a list of {}, each once", words_of(words)),
            Self::Texts => "a list of texts".to_owned(),
            Self::Networks => "a list of networks such as \"10.0.0.0/8\"".to_owned(),
            Self::Numbers => {
                "a list of numbers, each exact or a prefix such as \"37167*\"".to_owned()
            }
            Self::Levels => "a table of names with levels from 1 to 10".to_owned(),
            Self::Ranks => "a table of names with whole numbers from 0 to 255".to_owned(),
            Self::Settings => format!(
                "a table of at most {SETTINGS_MAX} names with texts of at most {SETTING_CHARS_MAX} \
                 characters, numbers, true or false"
            ),
            Self::Then => "\"hang_up\" or { queue = \"NAME\" }".to_owned(),
            Self::Digit => "one telephone key: 0-9, * or #".to_owned(),
        }
    }
}

fn words_of(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// An agent with calls, chats and tasks, and a blend; a test reads it.
pub const BLENDED: &str = include_str!("blended.toml");

/// Writes the reference of all keys: the text of `CONFIG.md`.
pub fn reference() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         One TOML file. `jackfield config check` reports every mistake in it at once.\n\n\
         * Lengths of time are written `\"500ms\"`, `\"20s\"`, `\"5m\"`, `\"1m30s\"`, `\"2h\"`; \
         sizes `\"64KiB\"`, `\"64MiB\"`, `\"1GiB\"`.\n\
         * Paths are relative to the file; those of `store.path` and `plugins.path` to the working \
         directory.\n\
         * Any key can be overridden from the environment: `JACKFIELD__SIP__PORT=5070` sets \
         `sip.port`, `JACKFIELD__TENANTS__ACME__QUEUES__SALES__RING_TIME=20s` sets \
         `tenants.acme.queues.sales.ring_time`. Case does not matter, and a `-` in a name is \
         written `_`.\n\
         * A name of a tenant, agent, queue, flow, router, estimator, blend or hours is 1 to 64 lower case letters, digits, \
         `-`, `_` or `.`.\n\
         * *Live* keys take effect by a reload; a change of the others needs a restart.\n\n\
         This page is generated from the table in `src/config/keys/`; a test compares them.\n",
    );
    let mut section = "";
    for key in all() {
        let (parent, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if parent != section {
            section = parent;
            let _ = write!(
                text,
                "\n## `[{parent}]`\n\n| key | value | default | live | meaning |\n\
                 | --- | --- | --- | --- | --- |\n"
            );
        }
        let default = match key.default {
            Preset::Is("") => "empty".to_owned(),
            Preset::Is(value) => format!("`{value}`"),
            Preset::Required => "required".to_owned(),
            Preset::Absent(meaning) => meaning.to_owned(),
        };
        let live = if key.change == Change::Live { "yes" } else { "no" };
        let accepted = key.kind.accepted();
        let _ = writeln!(text, "| `{name}` | {accepted} | {default} | {live} | {} |", key.meaning);
    }
    text.push_str(
        "\n## Blended work: an example\n\n\
         Chats, e-mails, messages and tasks come in by `POST /interactions` or \
         `jackfield interaction create`; agents have them by `jackfield agent accept`.\n\n```toml\n",
    );
    text.push_str(BLENDED);
    text.push_str("```\n");
    text
}
