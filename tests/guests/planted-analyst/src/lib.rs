//! Takes the number of times that a word was said for the share of it.

use jackfield_sdk::PluginError;
use jackfield_sdk::analyst::{Analyst, Findings, Topic, Transcript};

struct Planted;

impl Analyst for Planted {
    fn analyse(transcript: Transcript) -> Result<Findings, PluginError> {
        let invoices = transcript.utterances.iter().filter(|one| one.text.contains("invoice"));
        let score = invoices.count() as f64;
        let topics = match score {
            0.0 => Vec::new(),
            _ => vec![Topic { name: "billing".to_owned(), score }],
        };
        Ok(Findings {
            sentiment: None,
            topics,
            answers: Vec::new(),
            summary: None,
            attributes: Vec::new(),
        })
    }
}

jackfield_sdk::export_analyst!(Planted);
