//! Contacts from CSV.

use std::io::Read;

use expect_test::expect;

use super::{Folder, open, tenant_id};
use crate::{ImportOptions, ImportReport, OnConflict, StoreError, TenantStore};

fn import(tenant: &TenantStore, csv: &[u8], options: &ImportOptions) -> ImportReport {
    tenant.import_contacts_csv(csv, options, |_| ()).unwrap()
}

fn latvia() -> ImportOptions {
    let default_country_code = Some("371".to_owned());
    ImportOptions { default_country_code, now_micros: 7, ..ImportOptions::default() }
}

fn rejected(report: &ImportReport) -> String {
    let line = |r: &crate::RejectedLine| {
        format!("line {} {} {:?}: {}\n", r.line, r.column, r.value, r.reason)
    };
    report.rejected.iter().map(line).collect()
}

#[test]
fn columns_by_header_and_rejected_lines_with_reasons() {
    let folder = Folder::new("import");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    let csv = b"\xef\xbb\xbfName,Phone,E-Mail,Language,Segment,External ID,City\r\n\
        \"Berzina, Anna\",20000001; +371 2000 0002,Anna@Example.com,lv,gold,7,Riga\r\n\
        Bert,abc,,,,,\r\n\
        Carl,20000003\r\n\
        Dora,,nobody,,,,\r\n\
        ,,,,,,Riga\r\n\
        Emil,20000002,,,,8,\"Old\r\nTown\"\r\n\
        Fred,20000004,,,,,\r\n\
        \xff,20000005,,,,,\r\n\
        Gita,20000004,anna@example.com,,,,\r\n";
    let report = import(&tenant, csv, &latvia());
    assert_eq!((report.imported, report.updated, report.rejected_total()), (2, 1, 6));
    expect![[r#"
        line 3 Phone "abc": `abc` is not a phone number: `a` does not belong
        line 4  "": it has 2 columns, the header has 7
        line 5 E-Mail "nobody": `nobody` is not an e-mail address
        line 6  "": it has neither name, phone, e-mail nor external id
        line 10 Name "�": it is not UTF-8
        line 11 E-Mail "anna@example.com": its addresses belong to different contacts
    "#]]
    .assert_eq(&rejected(&report));
    // Emil has a phone of Anna's: the same contact, with a new name and external id.
    let anna = tenant.find_contact("+37120000001").unwrap().unwrap();
    assert_eq!((anna.name.as_str(), anna.language.as_deref()), ("Emil", Some("lv")));
    assert_eq!(anna.external_id.as_deref(), Some("8"));
    assert_eq!(anna.fields["City"], "Old\r\nTown");
    assert_eq!((anna.created_at, anna.updated_at), (7, 7));
    assert_eq!(tenant.find_contact("7").unwrap(), None);
}

#[test]
fn delimiters_are_detected() {
    let folder = Folder::new("delimiters");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    for (place, csv) in
        ["name;phone\nA;+37120000001\n", "name\tphone\nB\t+37120000002", "phone\n+37120000003\n"]
            .iter()
            .enumerate()
    {
        let report = import(&tenant, csv.as_bytes(), &latvia());
        assert_eq!((report.imported, report.rejected_total()), (1, 0), "{place}: {report:?}");
    }
}

#[test]
fn conflicts_are_rejected_if_asked_and_a_dry_run_writes_nothing() {
    let folder = Folder::new("conflicts");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    let csv = b"name,phone\nA,20000001\nB,20000002\nC,20000001\n";
    let reject = ImportOptions { on_conflict: OnConflict::Reject, ..latvia() };
    let dry = import(&tenant, csv, &ImportOptions { dry_run: true, ..reject.clone() });
    assert_eq!((dry.imported, dry.rejected_total()), (2, 1));
    let dry = import(&tenant, csv, &ImportOptions { dry_run: true, ..latvia() });
    assert_eq!((dry.imported, dry.updated), (2, 1));
    assert_eq!(tenant.list_contacts(None, 9).unwrap().items, []);
    let report = import(&tenant, csv, &reject);
    assert_eq!(report.imported, 2);
    expect![[r#"
        line 4 phone "+37120000001": it belongs to the contact `c0000000001` already
    "#]]
    .assert_eq(&rejected(&report));
}

#[test]
fn header_without_a_contact_is_refused() {
    let folder = Folder::new("header");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    let refused = |csv: &[u8]| match tenant.import_contacts_csv(csv, &latvia(), |_| ()) {
        Err(StoreError::Csv { reason }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(b"city,street\nx,y\n"),
        "the header needs a column `name`, `phone`, `email` or `external_id`, it has `city`, `street`"
    );
    assert_eq!(refused(b"name,name\nx,y\n"), "the header has the column `name` twice");
    assert!(refused(b"").starts_with("the header needs"));
}

/// A large file, made while it is read.
struct Rows {
    next: u32,
    rows: u32,
    rest: Vec<u8>,
}

impl Read for Rows {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() && self.next < self.rows {
            let phone =
                if self.next % 4 == 3 { "bad".to_owned() } else { format!("2{:07}", self.next) };
            self.rest = format!("Customer {},{phone}\n", self.next).into_bytes();
            self.next += 1;
        }
        let length = out.len().min(self.rest.len());
        out[..length].copy_from_slice(&self.rest[..length]);
        self.rest.drain(..length);
        Ok(length)
    }
}

#[test]
fn large_import_reports_progress_and_is_durable() {
    let folder = Folder::new("large");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    let rows = Rows { next: 0, rows: 5000, rest: b"name,phone\n".to_vec() };
    let mut progress = Vec::new();
    let report = tenant.import_contacts_csv(rows, &latvia(), |now| progress.push(now)).unwrap();
    assert_eq!((report.imported, report.rejected_total()), (3750, 1250));
    assert_eq!((report.rejected.len(), report.rejected_more), (1000, 250));
    let lines: Vec<u64> = progress.iter().map(|now| now.lines).collect();
    assert_eq!(lines, [1000, 2000, 3000, 4000, 5000, 5000]);
    let last = progress.last().unwrap();
    assert_eq!((last.imported, last.rejected), (3750, 1250));
    assert!(progress.windows(2).all(|pair| pair[0].bytes_read <= pair[1].bytes_read));
    assert_eq!(store.metrics().durable_lsn, store.last_lsn().0);
    assert!(tenant.find_contact("+37120004998").unwrap().is_some());
}
