//! A plain CSV of contacts, one line for each stay in a queue.
//!
//! The columns are `contact,queue,arrived_ms,ended_ms,outcome,agent,talk_ms,hold_ms,acw_ms`, in any
//! order; `channel`, `customer` and `reason` are read as well if they are there. `arrived_ms` is when
//! the contact joined the queue and `ended_ms` when its **wait** ended, whatever the outcome: by the
//! answer, the abandon, the request of a callback, the way out. So the wait is always
//! `ended_ms − arrived_ms`, and talk, hold and after-call work come after it.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Trim};
use jackfield_core::Channel;

use super::{ImportError, Imported, fixed_point};
use crate::kpi::channel_by_name;
use crate::kpi::record::{ContactRecord, Conversation, QueueStay, StayOutcome};

const COLUMNS: [&str; 9] = [
    "contact",
    "queue",
    "arrived_ms",
    "ended_ms",
    "outcome",
    "agent",
    "talk_ms",
    "hold_ms",
    "acw_ms",
];
const OPTIONAL: [&str; 3] = ["channel", "customer", "reason"];
/// An agent whom the log does not name.
const NOBODY: &str = "(not named)";

/// What `ended_ms` of an answered contact means.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum EndedMs {
    /// The end of the wait: the moment of the answer.
    #[default]
    Wait,
    /// The end of the conversation: the wait is what is left without talk and hold.
    Talk,
    /// The end of the after-call work: the wait is what is left without talk, hold and it.
    AfterCallWork,
}

/// Reads a CSV of contacts.
///
/// # Errors
///
/// [`ImportError`] if the columns are not there or no line can be used. A bad line alone is no
/// error: see [`Imported::bad`].
///
/// # Examples
///
/// ```
/// use jackfield_figures::import::{EndedMs, read_csv};
///
/// let text = "contact,queue,arrived_ms,ended_ms,outcome,agent,talk_ms,hold_ms,acw_ms\n\
///             1,sales,0,12000,answered,ann,200000,20000,15000\n\
///             2,sales,1000,4000,abandoned,,,,\n";
/// let imported = read_csv(text.as_bytes(), EndedMs::Wait).unwrap();
/// assert_eq!(imported.records.contacts.len(), 2);
/// ```
pub fn read_csv(bytes: &[u8], ended: EndedMs) -> Result<Imported, ImportError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
    let header = match reader.byte_headers() {
        Ok(header) if !header.is_empty() => StringRecord::from_byte_record_lossy(header.clone()),
        _ => return Err(ImportError::Empty),
    };
    let mut import = Import::new(&header, ended)?;
    for row in reader.into_byte_records() {
        match row {
            Ok(row) => {
                let line = row.position().map_or(0, csv::Position::line);
                import.row(line, &StringRecord::from_byte_record_lossy(row));
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                import.imported.refuse(line, None, error.to_string());
            }
        }
    }
    import.finish()
}

struct Import {
    imported: Imported,
    ended: EndedMs,
    width: usize,
    /// The place of each column that is used.
    places: BTreeMap<&'static str, usize>,
    contacts: BTreeMap<String, usize>,
    /// Answered rows, and those whose wait is at least as long as talk and hold.
    answered: u64,
    long: u64,
    /// Rows without an answer that have a talk time all the same.
    talk_without_answer: u64,
}

/// A cell that cannot be used: its column and why.
type Problem = (&'static str, String);

impl Import {
    fn new(header: &StringRecord, ended: EndedMs) -> Result<Self, ImportError> {
        let mut places = BTreeMap::new();
        let mut ignored = Vec::new();
        for (place, name) in header.iter().enumerate() {
            match COLUMNS.iter().chain(&OPTIONAL).find(|column| **column == name) {
                Some(column) if places.insert(*column, place).is_some() => {
                    return Err(ImportError::ColumnTwice(name.to_owned()));
                }
                Some(_) => (),
                None => ignored.push(format!("`{name}`")),
            }
        }
        let missing = COLUMNS.iter().filter(|column| !places.contains_key(*column));
        let missing: Vec<String> = missing.map(|column| (*column).to_owned()).collect();
        if !missing.is_empty() {
            let found = header.iter().map(str::to_owned).collect();
            return Err(ImportError::MissingColumns { missing, found });
        }
        let mut imported = Imported::default();
        if !ignored.is_empty() {
            imported.notes.push(format!("ignored columns: {}", ignored.join(", ")));
        }
        Ok(Self {
            imported,
            ended,
            width: header.len(),
            places,
            contacts: BTreeMap::new(),
            answered: 0,
            long: 0,
            talk_without_answer: 0,
        })
    }

    fn row(&mut self, line: u64, row: &StringRecord) {
        if row.len() != self.width {
            let problem = format!("{} cells, but the first line names {}", row.len(), self.width);
            self.imported.refuse(line, None, problem);
            return;
        }
        if let Err((column, problem)) = self.contact(row) {
            self.imported.refuse(line, Some(column), problem);
        }
    }

    fn contact(&mut self, row: &StringRecord) -> Result<(), Problem> {
        let name = self.cell(row, "contact");
        if name.is_empty() {
            return Err(("contact", "is empty; a name is accepted".to_owned()));
        }
        let queue = self.cell(row, "queue");
        if queue.is_empty() {
            return Err(("queue", "is empty; a name is accepted".to_owned()));
        }
        let channel = self.channel(row)?;
        let stay = self.stay(row, queue)?;
        let conversation = stay.conversation.as_ref();
        let closed = conversation.and_then(|talk| talk.to).or(stay.left).unwrap_or_default();
        let busy_until = closed + conversation.and_then(|talk| talk.acw).unwrap_or_default();
        let own = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (customer, reason) = (own(self.cell(row, "customer")), own(self.cell(row, "reason")));
        let name = name.to_owned();
        let records = &mut self.imported.records;
        records.known_until = records.known_until.max(busy_until);
        let place = *self.contacts.entry(name.clone()).or_insert_with(|| {
            let arrived = stay.entered;
            let contact = ContactRecord {
                contact: name,
                channel,
                arrived,
                closed: Some(closed),
                ..ContactRecord::default()
            };
            records.contacts.push(contact);
            records.contacts.len() - 1
        });
        let Some(contact) = records.contacts.get_mut(place) else { return Ok(()) };
        contact.customer = contact.customer.take().or(customer);
        contact.reason = contact.reason.take().or(reason);
        contact.arrived = contact.arrived.min(stay.entered);
        contact.closed = contact.closed.max(Some(closed));
        contact.stays.push(stay);
        Ok(())
    }

    fn stay(&mut self, row: &StringRecord, queue: &str) -> Result<QueueStay, Problem> {
        let arrived = self.moment(row, "arrived_ms")?;
        let ended = self.moment(row, "ended_ms")?;
        if ended < arrived {
            return Err(("ended_ms", "is before arrived_ms".to_owned()));
        }
        let outcome = match self.cell(row, "outcome") {
            "answered" => StayOutcome::Answered,
            "abandoned" => StayOutcome::Abandoned,
            "callback" => StayOutcome::Callback,
            "flow-out" | "flow_out" => StayOutcome::FlowOut,
            other => {
                let accepted = "answered, abandoned, callback, flow-out are accepted";
                return Err(("outcome", format!("`{other}` is no outcome; {accepted}")));
            }
        };
        let talk = self.length(row, "talk_ms")?;
        let hold = self.length(row, "hold_ms")?;
        let acw = self.length(row, "acw_ms")?;
        let mut stay = QueueStay::begun(queue.to_owned(), arrived);
        if outcome != StayOutcome::Answered {
            let any = [talk, hold, acw].into_iter().flatten().any(|length| length != 0);
            self.talk_without_answer += u64::from(any);
            stay.end(ended, outcome);
            return Ok(stay);
        }
        let Some(talk) = talk else {
            return Err(("talk_ms", "is empty; an answered contact needs one".to_owned()));
        };
        let hold = hold.unwrap_or_default();
        let after = match self.ended {
            EndedMs::Wait => 0,
            EndedMs::Talk => talk + hold,
            EndedMs::AfterCallWork => talk + hold + acw.unwrap_or_default(),
        };
        let Some(answered) = ended.checked_sub(after).filter(|answered| arrived <= *answered)
        else {
            let problem = "is too early for the contact's talk, hold and after-call work";
            return Err(("ended_ms", problem.to_owned()));
        };
        self.answered += 1;
        self.long += u64::from(talk != 0 && talk + hold <= ended - arrived);
        let agent = match self.cell(row, "agent") {
            "" => NOBODY,
            agent => agent,
        };
        stay.end(answered, outcome);
        stay.conversation = Some(Conversation {
            agent: agent.to_owned(),
            from: answered,
            to: Some(answered + talk + hold),
            talk: Some(talk),
            hold,
            holds: u64::from(hold != 0),
            acw,
            ..Conversation::default()
        });
        Ok(stay)
    }

    fn channel(&self, row: &StringRecord) -> Result<Channel, Problem> {
        let text = self.cell(row, "channel");
        if text.is_empty() {
            return Ok(Channel::Voice);
        }
        channel_by_name(text).map_err(|problem| ("channel", problem))
    }

    fn cell<'r>(&self, row: &'r StringRecord, column: &str) -> &'r str {
        self.places.get(column).and_then(|place| row.get(*place)).unwrap_or_default()
    }

    fn moment(&self, row: &StringRecord, column: &'static str) -> Result<u64, Problem> {
        let moment = self.length(row, column)?;
        moment.ok_or_else(|| (column, "is empty; milliseconds are accepted".to_owned()))
    }

    /// Reads milliseconds into microseconds; `None` is an empty cell.
    fn length(&self, row: &StringRecord, column: &'static str) -> Result<Option<u64>, Problem> {
        let text = self.cell(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        // Sums of many must not overflow.
        let micros = fixed_point(text, 3).filter(|micros| *micros < u64::MAX / 1_000);
        micros.map(Some).ok_or_else(|| {
            (column, format!("`{text}` is no length; milliseconds such as 12000 are accepted"))
        })
    }

    fn finish(mut self) -> Result<Imported, ImportError> {
        let notes = &mut self.imported.notes;
        if self.talk_without_answer != 0 {
            notes.push(format!(
                "not answered, but with a talk, hold or after-call time, which is not counted: {} \
                 lines",
                self.talk_without_answer
            ));
        }
        if self.ended == EndedMs::Wait && 2 <= self.answered && self.answered == self.long {
            notes.push(
                "every answered contact waited at least as long as it talked: if ended_ms is the \
                 end of the conversation, say so (--ended-ms talk, or acw)"
                    .to_owned(),
            );
        }
        self.imported.records.contacts.sort_by_key(|contact| contact.arrived);
        for contact in &mut self.imported.records.contacts {
            contact.stays.sort_by_key(|stay| stay.entered);
        }
        self.imported.finish()
    }
}
