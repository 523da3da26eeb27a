//! A chatbot that is the next version of any: it says so, and traps if the customer wants it to. What it
//! is to remember it notes, and a version after it takes the note over in another form.

use jackfield_sdk::chatbot::{Action, Chatbot, Reply, Turn};
use jackfield_sdk::migration::{Entry, Migration};
use jackfield_sdk::{PluginError, state};

/// The note, and what becomes of it.
const NOTE: &str = "last-turn";
const TAKEN: &str = "taken-over";

struct Second;

impl Chatbot for Second {
    fn take_turn(turn: Turn) -> Result<Reply, PluginError> {
        assert!(!turn.text.contains("trap"), "as the customer wants it");
        let failed = |what: &str| PluginError::Unavailable(format!("the note is not {what}"));
        let taken = state::get(TAKEN).map_err(|_| failed("read"))?;
        let before = taken.map_or_else(String::new, |taken| {
            format!(" Before it: {}", String::from_utf8_lossy(&taken))
        });
        if turn.text.contains("remember") {
            state::set(NOTE, turn.text.as_bytes(), None).map_err(|_| failed("kept"))?;
        }
        Ok(Reply::of(vec![Action::Say(format!("The second version.{before}"))]))
    }
}

impl Migration for Second {
    fn migrate(entries: Vec<Entry>) -> Result<Vec<Entry>, String> {
        let note = entries.into_iter().find(|entry| entry.key == NOTE);
        let note = note.ok_or("there is no note")?;
        Ok(vec![Entry { key: TAKEN.to_owned(), ..note }])
    }
}

jackfield_sdk::export_chatbot!(Second);
jackfield_sdk::export_migration!(Second);
