//! Contacts: the people who call.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_core::InteractionId;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::phone::normalize_phone;
use crate::tenant::{Kind, Page, TenantStore, name, parse};
use crate::wal::Lsn;
use crate::wal::frame::Batch;

/// A person or company the tenant knows.
///
/// A phone, an e-mail address and an external id each belong to one contact at most.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Names it in this store; empty in a new one, the store then makes one up.
    pub id: String,
    /// The name as shown to agents.
    pub name: String,
    /// In E.164, such as `+37120000000`; the first is the main one.
    pub phones: Vec<String>,
    /// In lower case; the first is the main one.
    pub emails: Vec<String>,
    /// BCP 47, such as `lv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What flows and routers tell customers apart by, such as `gold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The contact's name in the tenant's own CRM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The tenant's own fields.
    pub fields: BTreeMap<String, String>,
    /// What agents and plugins wrote down, oldest first.
    pub notes: Vec<Note>,
    /// When it was first written, in microseconds since the Unix epoch.
    pub created_at: u64,
    /// When it was last written, in microseconds since the Unix epoch.
    pub updated_at: u64,
}

/// A remark about a contact.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// The conversation it is about.
    pub interaction: Option<InteractionId>,
    /// What was noted.
    pub text: String,
    /// Who noted it.
    pub author: String,
}

impl Contact {
    /// Writes phones, e-mails and the rest in the one way they are compared by.
    ///
    /// # Errors
    ///
    /// [`StoreError::Phone`] or [`StoreError::Email`] for what cannot be one.
    pub fn normalize(&mut self, default_country_code: Option<&str>) -> Result<(), StoreError> {
        let mut seen = BTreeSet::new();
        let mut phones = Vec::new();
        for phone in &self.phones {
            let phone = normalize_phone(phone, default_country_code)?;
            if seen.insert(phone.clone()) {
                phones.push(phone);
            }
        }
        let mut emails = Vec::new();
        for email in &self.emails {
            let email = normalize_email(email)?;
            if seen.insert(email.clone()) {
                emails.push(email);
            }
        }
        (self.phones, self.emails) = (phones, emails);
        for option in [&mut self.language, &mut self.segment, &mut self.external_id] {
            *option = option.take().filter(|text| !text.is_empty());
        }
        Ok(())
    }
}

/// Returns the address in lower case. Checks only what would surely not be one.
pub(crate) fn normalize_email(email: &str) -> Result<String, StoreError> {
    let trimmed = email.trim().to_lowercase();
    let refused = || StoreError::Email { value: email.to_owned() };
    let (user, host) = trimmed.rsplit_once('@').ok_or_else(refused)?;
    let bad = |c: char| c.is_whitespace() || c.is_control() || ",;<>".contains(c);
    if user.is_empty() || host.is_empty() || trimmed.contains(bad) || 254 < trimmed.len() {
        return Err(refused());
    }
    Ok(trimmed)
}

/// One way to find a contact.
pub(crate) type Address<'a> = (Kind, &'static str, &'a str);

/// Lists what finds a contact: its external id first, which is the surest.
pub(crate) fn addresses(contact: &Contact) -> impl Iterator<Item = Address<'_>> {
    let phones = contact.phones.iter().map(|p| (Kind::ContactByPhone, "phone", p.as_str()));
    let emails = contact.emails.iter().map(|e| (Kind::ContactByEmail, "email", e.as_str()));
    let external = contact.external_id.iter();
    let external = external.map(|x| (Kind::ContactByExternalId, "external_id", x.as_str()));
    external.chain(phones).chain(emails)
}

impl TenantStore {
    /// Writes a contact, new if its id is empty or unknown, and returns it as written: with its id,
    /// its addresses normalised, and the time of its creation kept.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if one of its addresses belongs to another contact,
    /// [`StoreError::Phone`] or [`StoreError::Email`] if one is none. Nothing is written then.
    pub fn upsert_contact(&self, contact: Contact) -> Result<(Contact, Lsn), StoreError> {
        let _one_at_a_time = self.rewrite();
        self.upsert_contact_locked(contact)
    }

    pub(crate) fn upsert_contact_locked(
        &self,
        mut contact: Contact,
    ) -> Result<(Contact, Lsn), StoreError> {
        contact.normalize(None)?;
        for (kind, field, value) in addresses(&contact) {
            let owner = self.read(&self.key(kind, &[name(field, value)?]))?;
            if let Some(owner) = owner.filter(|owner| owner != contact.id.as_bytes()) {
                let (value, owner) = (value.to_owned(), String::from_utf8_lossy(&owner).into());
                return Err(StoreError::Conflict { field, value, owner });
            }
        }
        let mut batch = Batch::default();
        if contact.id.is_empty() {
            contact.id = self.next_contact_id(&mut batch)?;
        }
        let id = name("contact id", &contact.id)?;
        let key = self.key(Kind::Contact, &[id]);
        if let Some(old) = self.document::<Contact>(&key)? {
            contact.created_at = old.created_at;
            for (kind, field, value) in addresses(&old) {
                batch.delete(self.key(kind, &[name(field, value)?]));
            }
        }
        // After the deletes: the last of a key in a batch wins.
        for (kind, field, value) in addresses(&contact) {
            batch.put(self.key(kind, &[name(field, value)?]), id);
        }
        batch.put_document(key, &contact)?;
        let lsn = self.write(batch)?;
        Ok((contact, lsn))
    }

    fn next_contact_id(&self, batch: &mut Batch) -> Result<String, StoreError> {
        let key = self.key(Kind::ContactNumber, &[]);
        let mut number = self.document::<u64>(&key)?.unwrap_or(0);
        loop {
            number += 1;
            // Ten digits, so that they sort by age; an import may have taken some.
            let id = format!("c{number:010}");
            if self.read(&self.key(Kind::Contact, &[id.as_bytes()]))?.is_none() {
                batch.put_document(key, &number)?;
                return Ok(id);
            }
        }
    }

    /// Returns the contact with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn contact(&self, id: &str) -> Result<Option<Contact>, StoreError> {
        self.document(&self.key(Kind::Contact, &[id.as_bytes()]))
    }

    /// Returns the contact that has this phone, e-mail address, id or external id.
    ///
    /// Phones need their country code, with `+`, `00` or, as many trunks send them, without either;
    /// complete national numbers with [`normalize_phone`] first.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn find_contact(&self, address: &str) -> Result<Option<Contact>, StoreError> {
        let address = address.trim();
        if let Some(contact) = self.contact(address)? {
            return Ok(Some(contact));
        }
        let bare = || normalize_phone(&format!("+{address}"), None);
        if let Ok(phone) = normalize_phone(address, None).or_else(|_| bare())
            && let Some(found) = self.contact_at((Kind::ContactByPhone, "phone", &phone))?
        {
            return Ok(Some(found));
        }
        if let Ok(email) = normalize_email(address)
            && let Some(found) = self.contact_at((Kind::ContactByEmail, "email", &email))?
        {
            return Ok(Some(found));
        }
        self.contact_at((Kind::ContactByExternalId, "external_id", address))
    }

    /// Returns the contact that has exactly this address.
    pub(crate) fn contact_at(&self, address: Address<'_>) -> Result<Option<Contact>, StoreError> {
        let (kind, _, value) = address;
        match self.read(&self.key(kind, &[value.as_bytes()]))? {
            Some(id) => self.document(&self.key(Kind::Contact, &[&id])),
            None => Ok(None),
        }
    }

    /// Lists contacts by id, at most `limit`, after the one with the id `cursor`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sled`] or [`StoreError::BadDocument`].
    pub fn list_contacts(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Contact>, StoreError> {
        let after = cursor.map(|id| self.key(Kind::Contact, &[id.as_bytes()]));
        let mut page = Page { items: Vec::<Contact>::new(), next: None };
        self.scan(&self.key(Kind::Contact, &[]), after, |key, value| {
            if page.items.len() == limit {
                page.next = page.items.last().map(|contact| contact.id.clone());
                return Ok(false);
            }
            page.items.push(parse(key, value)?);
            Ok(true)
        })?;
        Ok(page)
    }

    /// Removes a contact and frees its addresses; `None` if there is none.
    ///
    /// Interactions keep its id. The log keeps what was written until its time is over.
    ///
    /// # Errors
    ///
    /// As every write: [`StoreError::Busy`], [`StoreError::Failed`].
    pub fn delete_contact(&self, id: &str) -> Result<Option<Lsn>, StoreError> {
        let _one_at_a_time = self.rewrite();
        let Some(old) = self.contact(id)? else { return Ok(None) };
        let mut batch = Batch::default();
        for (kind, _, value) in addresses(&old) {
            batch.delete(self.key(kind, &[value.as_bytes()]));
        }
        batch.delete(self.key(Kind::Contact, &[id.as_bytes()]));
        self.write(batch).map(Some)
    }

    /// Adds a note to a contact.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if there is no such contact.
    pub fn add_note(&self, id: &str, note: Note) -> Result<Lsn, StoreError> {
        let _one_at_a_time = self.rewrite();
        let missing = || StoreError::NotFound { what: "contact", name: id.to_owned() };
        let mut contact = self.contact(id)?.ok_or_else(missing)?;
        contact.updated_at = contact.updated_at.max(note.at_micros);
        contact.notes.push(note);
        self.put_document(self.key(Kind::Contact, &[id.as_bytes()]), &contact)
    }
}
