//! Contacts from CSV, as exported by another system or a spreadsheet.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use csv::ByteRecord;

use crate::contact::{Contact, addresses};
use crate::error::StoreError;
use crate::tenant::TenantStore;

/// Lines between two syncs and two reports of progress.
const BATCH: u64 = 1000;
/// The longest header looked at for the delimiter.
const HEADER_LIMIT: usize = 64 << 10;
/// How many rejected lines a report names.
const REJECTED_LIMIT: usize = 1000;

/// What happens to a line whose contact is there already.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnConflict {
    /// Its columns that are not empty replace what was there.
    #[default]
    Update,
    /// The line is rejected.
    Reject,
}

/// How to import.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ImportOptions {
    /// Completes national phone numbers, such as `371`.
    pub default_country_code: Option<String>,
    /// What happens to a line whose contact is there already.
    pub on_conflict: OnConflict,
    /// Only say what would happen.
    pub dry_run: bool,
    /// The time of the import, in microseconds since the Unix epoch.
    pub now_micros: u64,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ImportProgress {
    /// Lines read, without the header.
    pub lines: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// New contacts and updated ones.
    pub imported: u64,
    /// Lines rejected.
    pub rejected: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ImportReport {
    /// New contacts.
    pub imported: u64,
    /// Contacts that were there and changed.
    pub updated: u64,
    /// The first thousand lines that were rejected.
    pub rejected: Vec<RejectedLine>,
    /// How many more were.
    pub rejected_more: u64,
}

impl ImportReport {
    /// Returns how many lines were rejected.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.len() as u64 + self.rejected_more
    }
}

/// A line that was not imported.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RejectedLine {
    /// Its number in the file, the header being 1.
    pub line: u64,
    /// The column, as the header names it; empty if it is about the whole line.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Column {
    Name,
    Phone,
    Email,
    Language,
    Segment,
    ExternalId,
    Field(String),
}

impl Column {
    fn of(header: &str) -> Self {
        match header.to_lowercase().replace([' ', '-'], "_").as_str() {
            "name" => Self::Name,
            "phone" | "phones" => Self::Phone,
            "email" | "emails" | "e_mail" => Self::Email,
            "language" => Self::Language,
            "segment" => Self::Segment,
            "external_id" | "externalid" => Self::ExternalId,
            _ => Self::Field(header.to_owned()),
        }
    }
}

/// A line's outcome: what is wrong (column, value, reason), or whether the contact was new.
type Outcome = Result<bool, (String, String, String)>;

struct Import<'a> {
    tenant: &'a TenantStore,
    options: &'a ImportOptions,
    headers: Vec<String>,
    columns: Vec<Column>,
    /// Addresses of earlier lines, which a dry run does not write.
    seen: BTreeSet<String>,
}

impl TenantStore {
    /// Imports contacts from CSV and reports what was rejected and why. Blocks until all is on
    /// disk; runs of a thousand lines are synced together, and after each `progress` is called.
    ///
    /// The header names the columns: `name`, `phone` and `email` (several separated by `;`),
    /// `language`, `segment`, `external_id`; any other is a custom field of that name. The
    /// delimiter (`,`, `;` or tab) is the one the header has most of. A byte order mark, CRLF and
    /// quotes are understood. A line is the same contact as one that has its external id, one of
    /// its phones or one of its e-mail addresses. Lines that were imported stay if a later one, or
    /// the import itself, fails.
    ///
    /// # Errors
    ///
    /// [`StoreError::Csv`] if there is no usable header or the input cannot be read;
    /// [`StoreError::Failed`] if the disk refuses. Bad lines are no error: see the report.
    pub fn import_contacts_csv(
        &self,
        mut input: impl Read,
        options: &ImportOptions,
        mut progress: impl FnMut(ImportProgress),
    ) -> Result<ImportReport, StoreError> {
        let (head, delimiter) = read_head(&mut input)?;
        // The parser takes the LF of a CRLF for the beginning of the next line.
        let crlf = head.split(|byte| *byte == b'\n').next().is_some_and(|h| h.ends_with(b"\r"));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(Cursor::new(head).chain(input));
        let headers = reader.byte_headers().map_err(unreadable)?.clone();
        let mut import = Import::new(self, options, &headers)?;
        let (mut report, mut now) = (ImportReport::default(), ImportProgress::default());
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            let line = record.position().map_or(0, csv::Position::line) + u64::from(crlf);
            match import.line(&record)? {
                Ok(true) => report.imported += 1,
                Ok(false) => report.updated += 1,
                Err(_) if REJECTED_LIMIT <= report.rejected.len() => report.rejected_more += 1,
                Err((column, value, reason)) => {
                    report.rejected.push(RejectedLine { line, column, value, reason });
                }
            }
            now = ImportProgress {
                lines: now.lines + 1,
                bytes_read: reader.position().byte(),
                imported: report.imported + report.updated,
                rejected: report.rejected_total(),
            };
            if now.lines % BATCH == 0 {
                self.store().durable_blocking(self.store().last_lsn())?;
                progress(now);
            }
        }
        self.store().durable_blocking(self.store().last_lsn())?;
        progress(now);
        Ok(report)
    }
}

fn unreadable(error: csv::Error) -> StoreError {
    StoreError::Csv { reason: error.to_string() }
}

/// Reads the header line, and maybe more, to learn the delimiter. Drops a byte order mark.
fn read_head(input: &mut impl Read) -> Result<(Vec<u8>, u8), StoreError> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    while !head.contains(&b'\n') && head.len() < HEADER_LIMIT {
        let got = input.read(&mut chunk).map_err(|error| unreadable(error.into()))?;
        if got == 0 {
            break;
        }
        head.extend_from_slice(&chunk[..got]);
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    let (mut counts, mut quoted) = ([(b',', 0), (b';', 0), (b'\t', 0)], false);
    for byte in head.iter().take_while(|byte| **byte != b'\n') {
        quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == delimiter);
        }
    }
    // The first of equals: a single column has none and any will do.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    Ok((head, most.map_or(b',', |(delimiter, _)| *delimiter)))
}

impl<'a> Import<'a> {
    fn new(
        tenant: &'a TenantStore,
        options: &'a ImportOptions,
        headers: &ByteRecord,
    ) -> Result<Self, StoreError> {
        let headers: Vec<String> =
            headers.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let columns: Vec<Column> = headers.iter().map(|header| Column::of(header)).collect();
        let known = |column: &Column| {
            matches!(column, Column::Name | Column::Phone | Column::Email | Column::ExternalId)
        };
        if !columns.iter().any(known) {
            let found = headers.join("`, `");
            let reason = format!(
                "the header needs a column `name`, `phone`, `email` or `external_id`, it has `{found}`"
            );
            return Err(StoreError::Csv { reason });
        }
        for (place, header) in headers.iter().enumerate() {
            if headers[..place].contains(header) {
                let reason = format!("the header has the column `{header}` twice");
                return Err(StoreError::Csv { reason });
            }
        }
        Ok(Self { tenant, options, headers, columns, seen: BTreeSet::new() })
    }

    /// Imports one line. The outer error ends the import.
    fn line(&mut self, record: &ByteRecord) -> Result<Outcome, StoreError> {
        let contact = match self.parse(record) {
            Ok(contact) => contact,
            Err(rejected) => return Ok(Err(rejected)),
        };
        loop {
            match self.save(&contact) {
                // The disk is behind: an import has time.
                Err(StoreError::Busy { .. }) => {
                    self.tenant.store().shared().queue.wait_for_room()?
                }
                other => return other,
            }
        }
    }

    fn parse(&self, record: &ByteRecord) -> Result<Contact, (String, String, String)> {
        if record.len() != self.columns.len() {
            let reason =
                format!("it has {} columns, the header has {}", record.len(), self.columns.len());
            return Err((String::new(), String::new(), reason));
        }
        let mut contact = Contact::default();
        for ((bytes, column), header) in record.iter().zip(&self.columns).zip(&self.headers) {
            let Ok(text) = std::str::from_utf8(bytes) else {
                let value = String::from_utf8_lossy(bytes).into();
                return Err((header.clone(), value, "it is not UTF-8".to_owned()));
            };
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            self.set(&mut contact, column, text)
                .map_err(|error| (header.clone(), text.to_owned(), error.to_string()))?;
        }
        let nameless = contact.name.is_empty() && contact.external_id.is_none();
        if nameless && contact.phones.is_empty() && contact.emails.is_empty() {
            let reason = "it has neither name, phone, e-mail nor external id".to_owned();
            return Err((String::new(), String::new(), reason));
        }
        Ok(contact)
    }

    fn set(&self, contact: &mut Contact, column: &Column, text: &str) -> Result<(), StoreError> {
        let country = self.options.default_country_code.as_deref();
        let several = || text.split(';').map(str::trim).filter(|part| !part.is_empty());
        match column {
            Column::Name => contact.name = text.to_owned(),
            Column::Language => contact.language = Some(text.to_owned()),
            Column::Segment => contact.segment = Some(text.to_owned()),
            Column::ExternalId => {
                crate::tenant::name("external id", text)?;
                contact.external_id = Some(text.to_owned());
            }
            Column::Field(name) => {
                contact.fields.insert(name.clone(), text.to_owned());
            }
            Column::Phone => contact.phones.extend(several().map(str::to_owned)),
            Column::Email => contact.emails.extend(several().map(str::to_owned)),
        }
        match column {
            Column::Phone | Column::Email => contact.normalize(country),
            _ => Ok(()),
        }
    }

    fn save(&mut self, new: &Contact) -> Result<Outcome, StoreError> {
        let _one_at_a_time = self.tenant.rewrite();
        let mut known: Option<Contact> = None;
        let mut earlier_line = false;
        for address in addresses(new) {
            let (_, field, value) = address;
            earlier_line |= self.seen.contains(value);
            let Some(found) = self.tenant.contact_at(address)? else { continue };
            if known.as_ref().is_some_and(|known| known.id != found.id) {
                let reason = "its addresses belong to different contacts".to_owned();
                return Ok(Err((self.column_of(field), value.to_owned(), reason)));
            }
            if self.options.on_conflict == OnConflict::Reject {
                let reason = format!("it belongs to the contact `{}` already", found.id);
                return Ok(Err((self.column_of(field), value.to_owned(), reason)));
            }
            known = Some(found);
        }
        if earlier_line && self.options.on_conflict == OnConflict::Reject {
            let reason = "an earlier line has one of its addresses".to_owned();
            return Ok(Err((String::new(), String::new(), reason)));
        }
        let fresh = known.is_none() && !earlier_line;
        if self.options.dry_run {
            self.seen.extend(addresses(new).map(|(_, _, value)| value.to_owned()));
            return Ok(Ok(fresh));
        }
        let now = self.options.now_micros;
        let mut contact =
            known.unwrap_or_else(|| Contact { created_at: now, ..Contact::default() });
        contact.updated_at = now;
        merge(&mut contact, new);
        match self.tenant.upsert_contact_locked(contact) {
            Ok(_) => Ok(Ok(fresh)),
            Err(StoreError::Conflict { field, value, owner }) => {
                let reason = format!("it belongs to the contact `{owner}` already");
                Ok(Err((self.column_of(field), value, reason)))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns how the header calls the column of addresses called `field`.
    fn column_of(&self, field: &str) -> String {
        let column = Column::of(field);
        let place = self.columns.iter().position(|other| *other == column);
        place.map_or_else(String::new, |place| self.headers[place].clone())
    }
}

/// Lets what the line has replace, and its addresses add to, what was there.
fn merge(contact: &mut Contact, new: &Contact) {
    if !new.name.is_empty() {
        contact.name.clone_from(&new.name);
    }
    for (old, new) in [
        (&mut contact.language, &new.language),
        (&mut contact.segment, &new.segment),
        (&mut contact.external_id, &new.external_id),
    ] {
        if new.is_some() {
            old.clone_from(new);
        }
    }
    contact.phones.extend(new.phones.iter().cloned());
    contact.emails.extend(new.emails.iter().cloned());
    contact.fields.extend(new.fields.clone());
}
