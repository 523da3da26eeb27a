//! Scripts to begin a flow with.

use serde::Serialize;

/// Stand in a template for queues of the tenant.
const QUEUES: [&str; 2] = ["FIRST", "SECOND"];

/// A script to begin with.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    /// Names it.
    pub name: &'static str,
    /// What it is, in each language.
    pub title: Title,
    /// The script, with queues of the tenant.
    pub script: String,
}

/// A title in each language of the console.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Title {
    /// In English.
    pub en: &'static str,
    /// In Russian.
    pub ru: &'static str,
}

const ALL: [(&str, Title, &str); 5] = [
    (
        "menu",
        Title { en: "Menu with queues", ru: "Меню с очередями" },
        include_str!("templates/menu.rhai"),
    ),
    (
        "night",
        Title { en: "Night service", ru: "Ночной режим" },
        include_str!("templates/night.rhai"),
    ),
    (
        "callback",
        Title {
            en: "Callback offer", ru: "Предложение обратного звонка"
        },
        include_str!("templates/callback.rhai"),
    ),
    (
        "known",
        Title { en: "Known customers", ru: "Знакомые клиенты" },
        include_str!("templates/known.rhai"),
    ),
    (
        "voicemail",
        Title { en: "Voicemail", ru: "Голосовая почта" },
        include_str!("templates/voicemail.rhai"),
    ),
];

/// The templates with these queues: the second one stands in for the first where there is but one.
pub fn templates(queues: &[&str]) -> Vec<Template> {
    let first = queues.first().copied().unwrap_or("queue");
    let second = queues.get(1).copied().unwrap_or(first);
    let fill = |script: &str| {
        let names = QUEUES.iter().zip([first, second]);
        names.fold(script.to_owned(), |text, (mark, name)| {
            text.replace(&format!("\"{mark}\""), &format!("\"{name}\""))
        })
    };
    ALL.iter()
        .map(|(name, title, script)| Template { name, title: *title, script: fill(script) })
        .collect()
}
