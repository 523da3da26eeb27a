//! Counts how often it was asked, in its state, as text, and tells the count as a reason.

use jackfield_sdk::router::{Answer, Ask, Router};
use jackfield_sdk::{PluginError, state};

struct Remembers;

impl Router for Remembers {
    fn choose(ask: Ask) -> Result<Answer, PluginError> {
        let failed = |what: &str| PluginError::Unavailable(what.to_owned());
        // Left for the version to come: how its migration is to go wrong.
        if let Some((_, how)) = ask.contact.attributes.iter().find(|(name, _)| name == "spoil") {
            state::set("spoil", how.as_bytes(), None).map_err(|_| failed("not kept"))?;
        }
        let agents = ask.candidates.into_iter().map(|one| one.agent);
        // Without state, as in the test at an installation, it does what it can.
        let Ok(kept) = state::get("count") else { return Ok(Answer::offer(agents)) };
        let count: u32 = match kept {
            Some(text) => String::from_utf8(text)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| failed("the count has another form"))?,
            None => 0,
        };
        let next = (count + 1).to_string();
        state::set("count", next.as_bytes(), None).map_err(|_| failed("not kept"))?;
        Ok(Answer::offer(agents).because("count", next))
    }
}

jackfield_sdk::export_router!(Remembers);
