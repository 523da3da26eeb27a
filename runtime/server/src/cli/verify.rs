//! Proves a journal without its server: runs the engine over the inputs again and compares every
//! output and every certificate, and follows the chain of digests.
//!
//! A journal may hold several runs of the process: each begins with a set-up that is followed by what
//! was known of agents, and with an engine that knows nothing. The file is read a line at a time; no
//! more than one record is in memory.

mod difference;
mod router;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{BufRead, IsTerminal as _, Read as _};

use jackfield_core::{Center, Input, JournalRecord, Output};

use super::error::CliError;
use crate::chain::{self, Link};
use difference::first_difference;

pub use router::Router;

/// The longest record, in bytes.
const LINE_MAX: usize = 64 << 20;
/// Records between two words on how far it is.
const TELL_EVERY: u64 = 50_000;

/// What was proved.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Proof {
    /// Records that are in order.
    pub records: u64,
    /// Runs of the process.
    pub runs: u64,
    /// Outputs that the engine gave again.
    pub outputs: u64,
    /// Certificates of decisions among them.
    pub certificates: u64,
    /// Records whose digests fit.
    pub chained: u64,
    /// Questions that the router answered again as it had.
    pub asked_again: u64,
    /// The first record that is not in order.
    pub broken: Option<Broken>,
}

/// A record that is not in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Broken {
    /// Its line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: u64, one: &str| {
            if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
        };
        write!(
            f,
            "{} of {}, {}, {}, {}",
            count(self.records, "record"),
            count(self.runs, "run"),
            count(self.outputs, "output"),
            count(self.certificates, "certificate"),
            if self.chained == self.records {
                "all chained".to_owned()
            } else {
                format!("{} chained", self.chained)
            },
        )?;
        if 0 < self.asked_again {
            write!(f, ", {}", count(self.asked_again, "router answer"))?;
        }
        Ok(())
    }
}

/// Reads a journal, `bytes` long, a record a line, to its end or to the first record that is not in
/// order.
///
/// # Errors
///
/// [`CliError`] if the file cannot be read, or the router cannot be run.
pub fn verify(
    mut file: impl BufRead,
    bytes: u64,
    router: Option<Router>,
) -> Result<Proof, CliError> {
    let mut verifier = Verifier { router, ..Verifier::default() };
    let (mut line, mut number, mut read) = (Vec::new(), 0, 0_u64);
    let shows = std::io::stderr().is_terminal();
    loop {
        line.clear();
        let limit = LINE_MAX as u64 + 1;
        let got = file.by_ref().take(limit).read_until(b'\n', &mut line);
        let got = got.map_err(|error| CliError::failed(format!("cannot read on: {error}")))?;
        if got == 0 {
            break;
        }
        number += 1;
        read += got as u64;
        while line.last().is_some_and(u8::is_ascii_whitespace) {
            line.pop();
        }
        if line.is_empty() {
            continue;
        }
        let checked = if LINE_MAX < line.len() {
            Err(format!("is longer than {LINE_MAX} bytes"))
        } else {
            verifier.take(number, &line)
        };
        if let Err(broken) = checked.and_then(|()| verifier.check_held(false)) {
            verifier.proof.broken.get_or_insert(Broken { line: number, what: broken });
        }
        if verifier.proof.broken.is_some() {
            break;
        }
        if shows && verifier.proof.records % TELL_EVERY == TELL_EVERY - 1 {
            let part = (read * 100).checked_div(bytes).unwrap_or(100);
            eprint!("\r{} records, {part} %", verifier.proof.records);
        }
    }
    if shows && TELL_EVERY <= verifier.proof.records {
        eprintln!();
    }
    if verifier.proof.broken.is_none() {
        if let Err(what) = verifier.check_held(true) {
            verifier.proof.broken.get_or_insert(Broken { line: number, what });
        }
        if number == 0 || verifier.proof.records == 0 && verifier.proof.broken.is_none() {
            return Err(CliError::failed("the file has no records"));
        }
    }
    Ok(verifier.proof)
}

/// A record that waits for the next one: only then is it known whether a run begins with it.
struct Held {
    line: u64,
    record: JournalRecord,
}

#[derive(Default)]
struct Verifier {
    center: Option<Center>,
    held: Option<Held>,
    chain: Option<Link>,
    router: Option<Router>,
    proof: Proof,
}

impl Verifier {
    /// Takes one line. What it says is not in order is of this line; what is found about the record
    /// before is noted with its own.
    fn take(&mut self, line: u64, bytes: &[u8]) -> Result<(), String> {
        let chained = self.follow(bytes);
        let record: JournalRecord = match serde_json::from_slice(bytes) {
            Ok(record) => record,
            Err(error) => {
                chained?;
                return Err(format!("is no record of a journal: {error}"));
            }
        };
        if let Some(held) = self.held.take() {
            if matches!(record.input, Input::Restarted { .. }) {
                // A run begins: an engine that knows nothing.
                self.center = Some(Center::new());
                self.proof.runs += 1;
            }
            let held_line = held.line;
            if let Err(what) = self.compare(held.record) {
                self.proof.broken = Some(Broken { line: held_line, what });
                return Ok(());
            }
        }
        if let Err(what) = chained {
            // The chain says that it was changed; the engine may know what.
            let differs =
                self.compare(record).err().map_or(String::new(), |how| format!("; {how}"));
            return Err(format!("{what}{differs}"));
        }
        if matches!(record.input, Input::Configured { .. }) {
            self.held = Some(Held { line, record });
            return Ok(());
        }
        self.compare(record)
    }

    /// Looks at a record that is held although nothing follows it.
    fn check_held(&mut self, end: bool) -> Result<(), String> {
        match self.held.take() {
            Some(held) if end => self.compare(held.record),
            held => {
                self.held = held;
                Ok(())
            }
        }
    }

    /// Follows the chain over one line.
    fn follow(&mut self, bytes: &[u8]) -> Result<(), String> {
        let Some(sealed) = chain::unseal(bytes) else {
            return match self.chain {
                None => Ok(()),
                Some(_) => Err("has no digest, though the records before it have".to_owned()),
            };
        };
        let before = match (self.chain, sealed.after) {
            (Some(before), Some(after)) if before != after => {
                return Err(
                    "does not follow the record before it: records between them are missing, or \
                     one was changed"
                        .to_owned(),
                );
            }
            (Some(before), _) | (None, Some(before)) => before,
            (None, None) => {
                // The file begins in the middle of a run: there is nothing to follow.
                self.chain = Some(sealed.digest);
                return Ok(());
            }
        };
        if chain::link(&before, &sealed.record) != sealed.digest {
            return Err(
                "its digest does not fit: it was changed, or records before it are missing"
                    .to_owned(),
            );
        }
        self.chain = Some(sealed.digest);
        self.proof.chained += 1;
        Ok(())
    }

    /// Runs the engine over one record and compares.
    fn compare(&mut self, record: JournalRecord) -> Result<(), String> {
        let center = match &mut self.center {
            Some(center) => center,
            None if matches!(record.input, Input::Configured { .. }) => {
                self.proof.runs += 1;
                self.center.insert(Center::new())
            }
            None => {
                return Err("is in the middle of a run: a journal begins with `configured`, as \
                            `jackfield journal export` writes it"
                    .to_owned());
            }
        };
        let JournalRecord { at, input, outputs } = record;
        if let Some(router) = &mut self.router {
            router.note(at, &input, &outputs)?;
        }
        let again = JournalRecord::take(center, at, input);
        if again.outputs != outputs {
            return Err(first_difference(&outputs, &again.outputs));
        }
        if let Some(router) = &self.router {
            self.proof.asked_again = router.asked_again();
        }
        self.proof.records += 1;
        self.proof.outputs += outputs.len() as u64;
        let certified =
            |output: &&Output| matches!(output, Output::Offer { certificate: Some(_), .. });
        self.proof.certificates += outputs.iter().filter(certified).count() as u64;
        Ok(())
    }
}
