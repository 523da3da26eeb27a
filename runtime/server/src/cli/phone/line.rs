//! What a phone says: a line for each thing that happens, with the time since the start.

use std::time::{Duration, Instant};

use jackfield_telephony::LegEnd;

use crate::cli::output::print;

/// Says what happens on one line of the phone.
#[derive(Clone, Debug)]
pub struct Line {
    began: Instant,
    /// Who says it, where there are several.
    name: Option<String>,
}

impl Line {
    /// A line whose time begins now.
    pub fn new() -> Self {
        Self { began: Instant::now(), name: None }
    }

    /// The same clock, for one of several users.
    pub fn named(&self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self.clone() }
    }

    /// Says something.
    pub fn say(&self, what: &str) {
        let at = self.began.elapsed();
        let name = self.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        print(&format!("{:>9}  {name}{what}", stamp(at)));
    }
}

fn stamp(at: Duration) -> String {
    format!("+{}.{:03} s", at.as_secs(), at.subsec_millis())
}

/// Says why a call is over.
pub fn why(end: &LegEnd) -> String {
    match end {
        LegEnd::RemoteHangUp => "the other side hung up".to_owned(),
        LegEnd::LocalHangUp => "hung up".to_owned(),
        LegEnd::Refused { status, reason } => format!("refused: {status} {reason}"),
        LegEnd::NoResponse => "nobody responded".to_owned(),
        LegEnd::MediaTimeout => "no sound came any more".to_owned(),
        LegEnd::SessionExpired => "the session timer ran out".to_owned(),
        LegEnd::Failed(what) => format!("failed: {what}"),
    }
}

/// Whether a call that was answered ended as calls do.
pub fn is_normal(end: &LegEnd) -> bool {
    matches!(end, LegEnd::RemoteHangUp | LegEnd::LocalHangUp)
}
