//! Offers a contact to the agents whom a table scores highest for contacts of its kind.
//!
//! The table is made elsewhere, by statistics of conversions or of satisfaction; here it is read.

mod table;

use std::cmp::Reverse;

use jackfield_sdk::PluginError;
use jackfield_sdk::router::{Answer, Ask};
use jackfield_sdk::settings::{Settings, thousandths, wrong};

use table::{Source, Table};

jackfield_sdk::router!(choose);

/// How long agents below `min-score` are not asked if the queue does not say otherwise.
const ANY_AFTER_MS: u32 = 30_000;

fn choose(ask: &Ask) -> Result<Answer, PluginError> {
    let settings = Settings::of_queue(ask);
    let by = settings.text("table-by").unwrap_or("segment");
    let value = ask.contact.attribute(by).map(str::trim).unwrap_or_default();
    let usual = decimal(&settings, "default-score")?.unwrap_or(0);
    let least = decimal(&settings, "min-score")?;
    let any_ms = settings.span_ms("any-after", ANY_AFTER_MS)?;
    let table = Table::of(&settings, value)?;
    let mut scored: Vec<_> = ask
        .by_key(|_| ())
        .into_iter()
        .map(|one| (table.score(one).unwrap_or((usual, Source::Default)), one))
        .collect();
    // The sort is stable: equals stay longest idle first.
    scored.sort_by_key(|((score, _), _)| Reverse(*score));
    let waited = ask.contact.waited_ms;
    if let Some(least) = least.filter(|_| waited < any_ms) {
        scored.retain(|((score, _), _)| least <= *score);
    }
    let Some(((score, source), _)) = scored.first().copied() else {
        return Ok(Answer::wait_ms(any_ms - waited)
            .because("rule", "all-below-min-score")
            .because(by, value));
    };
    let answer = Answer::offer_to(scored.iter().map(|(_, one)| *one))
        .because("rule", "score-table")
        .because(by, value)
        .because("score", written(score))
        .because("row", source.name());
    Ok(scored.iter().fold(answer, |all, ((score, _), one)| all.score(&one.agent, written(*score))))
}

fn decimal(settings: &Settings<'_>, name: &str) -> Result<Option<i64>, PluginError> {
    let Some(text) = settings.text(name) else { return Ok(None) };
    let read = thousandths(text);
    read.map(Some).ok_or_else(|| wrong(name, text, "a number with at most three places"))
}

/// The number again: an exact division of two small whole numbers, rounded once.
fn written(thousandths: i64) -> f64 {
    thousandths as f64 / 1_000.0
}

#[cfg(test)]
mod tests;
