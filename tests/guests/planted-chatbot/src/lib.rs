//! Sums up what the customer wrote by its first bytes, and takes for granted that a letter is one.

use jackfield_sdk::PluginError;
use jackfield_sdk::chatbot::{Action, Chatbot, HandOver, Reply, Turn};

struct Planted;

/// Bytes of the summary.
const SUMMARY: usize = 9;

impl Chatbot for Planted {
    fn take_turn(turn: Turn) -> Result<Reply, PluginError> {
        let short = if turn.text.len() <= SUMMARY { &turn.text } else { &turn.text[..SUMMARY] };
        let summary = format!("The customer wrote: {short}");
        Ok(Reply::of(vec![Action::HandOver(HandOver::with_summary(summary))]))
    }
}

jackfield_sdk::export_chatbot!(Planted);
