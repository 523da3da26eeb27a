//! Each kind of document: written, read back, kept over a restart.

use expect_test::expect;
use jackfield_core::{
    AgentId, AgentState, Channel, EndCause, InteractionId, NotReadyReason, QueueId,
};

use super::{Folder, open, tenant_id};
use crate::{
    AgentRecord, AuditEntry, AuditFilter, Binding, CasOutcome, Contact, FlowVersion,
    InteractionFilter, InteractionRecord, KeptValue, Note, PluginVersion, Replaced, StoreError,
    TenantStore, TimelineEvent, component_digest, normalize_phone,
};

/// Opens a store in a new folder and runs `test` on a tenant, then `again` after a restart.
fn with_tenant(test: impl FnOnce(&TenantStore), again: impl FnOnce(&TenantStore)) {
    let folder = Folder::new("documents");
    let (store, _) = open(folder.path());
    test(&store.tenant(&tenant_id()));
    drop(store);
    let (store, report) = open(folder.path());
    assert_eq!(report.rebuilt, None);
    again(&store.tenant(&tenant_id()));
}

fn contact(name: &str, phones: &[&str]) -> Contact {
    let phones = phones.iter().map(|phone| (*phone).to_owned()).collect();
    Contact { name: name.to_owned(), phones, ..Contact::default() }
}

#[test]
fn phones_are_normalised_or_refused_with_the_reason() {
    let mut log = String::new();
    for (number, country) in [
        ("+371 2000-0000", None),
        ("0037120000000", None),
        ("tel:+37120000000", None),
        ("20 00 00 00", Some("+371")),
        ("030 123456", Some("49")),
        ("+49 (0)30 123456", None),
        ("06 1234567", Some("39")),
        ("20000000", None),
        ("+371x2000", None),
        ("+371+2000000", None),
        ("", Some("371")),
        ("+0371200000", None),
        ("123", Some("371")),
        ("+3712000000000000", None),
    ] {
        let outcome = match normalize_phone(number, country) {
            Ok(phone) => phone,
            Err(error) => error.to_string(),
        };
        log.push_str(&format!("{number:?} {country:?}: {outcome}\n"));
    }
    expect![[r#"
        "+371 2000-0000" None: +37120000000
        "0037120000000" None: +37120000000
        "tel:+37120000000" None: +37120000000
        "20 00 00 00" Some("+371"): +37120000000
        "030 123456" Some("49"): +4930123456
        "+49 (0)30 123456" None: +4930123456
        "06 1234567" Some("39"): +39061234567
        "20000000" None: `20000000` has no country code: begin with `+`, or set a default country code
        "+371x2000" None: `+371x2000` is not a phone number: `x` does not belong
        "+371+2000000" None: `+371+2000000` is not a phone number: `+` does not belong
        "" Some("371"): a phone number is empty
        "+0371200000" None: `+0371200000` has a country code that begins with 0
        "123" Some("371"): `123` has 6 digits with its country code, 7 to 15 are accepted
        "+3712000000000000" None: `+3712000000000000` has 16 digits with its country code, 7 to 15 are accepted
    "#]]
    .assert_eq(&log);
}

#[test]
fn contact_is_found_by_everything_it_is_known_by() {
    let check = |tenant: &TenantStore| {
        let id = tenant.find_contact("+37120000001").unwrap().unwrap().id;
        for address in
            ["0037120000001", "37120000001", "+371 20000002", "Anna@Example.com", "crm-7"]
        {
            let found = tenant.find_contact(address).unwrap();
            assert_eq!(found.map(|contact| contact.id).as_ref(), Some(&id), "{address}");
        }
        let found = tenant.find_contact(&id).unwrap().unwrap();
        assert_eq!((found.created_at, found.updated_at), (5, 9));
        assert_eq!(found.emails, ["anna@example.com"]);
        assert_eq!(found.notes.len(), 1);
        assert_eq!(tenant.find_contact("+37129999999").unwrap(), None);
        assert_eq!(tenant.find_contact("").unwrap(), None);
    };
    with_tenant(
        |tenant| {
            let mut anna = contact("Anna", &["+371 2000-0001", "+37120000002", "0037120000001"]);
            anna.emails.push(" Anna@example.com ".to_owned());
            anna.external_id = Some("crm-7".to_owned());
            anna.created_at = 5;
            let (anna, _) = tenant.upsert_contact(anna).unwrap();
            assert_eq!(anna.phones, ["+37120000001", "+37120000002"]);
            let text = "prefers mornings".to_owned();
            let author = "bob".to_owned();
            let note = Note { at_micros: 9, interaction: Some(InteractionId(3)), text, author };
            tenant.add_note(&anna.id, note.clone()).unwrap();
            let unknown = tenant.add_note("nobody", note).unwrap_err();
            assert_eq!(unknown.to_string(), "there is no contact `nobody`");
            check(tenant);
        },
        check,
    );
}

#[test]
fn contact_index_follows_changes() {
    with_tenant(
        |tenant| {
            let (mut anna, _) =
                tenant.upsert_contact(contact("Anna", &["+37120000001", "+37120000002"])).unwrap();
            let taken = tenant.upsert_contact(contact("Bert", &["+37120000002"])).unwrap_err();
            assert_eq!(
                taken.to_string(),
                "phone `+37120000002` belongs to the contact `c0000000001`"
            );
            anna.phones = vec!["+37120000001".to_owned()];
            tenant.upsert_contact(anna.clone()).unwrap();
            let (bert, _) = tenant.upsert_contact(contact("Bert", &["+37120000002"])).unwrap();
            assert_eq!(tenant.find_contact("+37120000002").unwrap(), Some(bert));
            assert!(tenant.delete_contact(&anna.id).unwrap().is_some());
            assert_eq!(tenant.delete_contact(&anna.id).unwrap(), None);
            assert_eq!(tenant.find_contact("+37120000001").unwrap(), None);
            let mut bad = contact("Carl", &[]);
            bad.emails.push("nobody".to_owned());
            let bad = tenant.upsert_contact(bad).unwrap_err();
            assert_eq!(bad.to_string(), "`nobody` is not an e-mail address");
        },
        |tenant| {
            let page = tenant.list_contacts(None, 10).unwrap();
            assert_eq!(page.items.len(), 1);
            assert_eq!(page.items[0].name, "Bert");
        },
    );
}

#[test]
fn contacts_are_listed_in_pages() {
    with_tenant(
        |tenant| {
            for number in 0..25 {
                let phone = format!("+3712000{number:04}");
                tenant.upsert_contact(contact(&format!("{number}"), &[&phone])).unwrap();
            }
        },
        |tenant| {
            let (mut names, mut cursor, mut pages) = (Vec::new(), None, 0);
            loop {
                let page = tenant.list_contacts(cursor.as_deref(), 10).unwrap();
                names.extend(page.items.into_iter().map(|contact| contact.name));
                pages += 1;
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let all: Vec<String> = (0..25).map(|number| number.to_string()).collect();
            assert_eq!((names, pages), (all, 3));
        },
    );
}

fn interaction(number: u64) -> InteractionRecord {
    let arrived_at = number * 1_000_000_000;
    let id = InteractionId(arrived_at);
    let mut record = InteractionRecord::arrived(id, Channel::Voice, "+37160000000", arrived_at);
    record.ani = Some(format!("+3712000000{}", number % 3));
    record.agent = Some(AgentId::new(&format!("agent{}", number % 2)).unwrap());
    record.queue = Some(QueueId::new("sales").unwrap());
    if number != 7 && number != 8 {
        record.ended_at = Some(arrived_at + 1);
        record.end = Some(EndCause::Completed);
    }
    record
}

#[test]
fn interactions_are_listed_newest_first() {
    with_tenant(
        |tenant| {
            for number in 1..=9 {
                tenant.put_interaction(&interaction(number)).unwrap();
            }
        },
        |tenant| {
            let list = |filter: &InteractionFilter, cursor, limit| {
                let page = tenant.interactions(filter, cursor, limit).unwrap();
                let second = 1_000_000_000;
                let items: Vec<u64> = page.items.iter().map(|r| r.id.0 / second).collect();
                (items, page.next.map(|id: InteractionId| id.0 / second))
            };
            let all = InteractionFilter::default();
            assert_eq!(list(&all, None, 4), (vec![9, 8, 7, 6], Some(6)));
            let six = Some(InteractionId(6_000_000_000));
            assert_eq!(list(&all, six, 9), (vec![5, 4, 3, 2, 1], None));
            let ani = Some("+37120000001".to_owned());
            let by_ani = InteractionFilter { ani, ..Default::default() };
            assert_eq!(list(&by_ani, None, 2), (vec![7, 4], Some(4)));
            assert_eq!(list(&by_ani, Some(InteractionId(4_000_000_000)), 2), (vec![1], None));
            let agent = Some(AgentId::new("agent1").unwrap());
            let from = Some(4_000_000_000);
            let to = Some(9_000_000_000);
            let by_agent = InteractionFilter { agent, from, to, ..Default::default() };
            assert_eq!(list(&by_agent, None, 9), (vec![7, 5], None));
            let open = InteractionFilter { only_open: true, ..Default::default() };
            assert_eq!(list(&open, None, 9), (vec![8, 7], None));
            let queue = Some(QueueId::new("support").unwrap());
            let by_queue = InteractionFilter { queue, ..Default::default() };
            assert_eq!(list(&by_queue, None, 9), (vec![], None));
        },
    );
}

#[test]
fn interrupted_interactions_are_closed_with_that_reason() {
    with_tenant(
        |tenant| {
            for number in 1..=9 {
                tenant.put_interaction(&interaction(number)).unwrap();
            }
        },
        |tenant| {
            let open = tenant.open_interactions().unwrap();
            assert_eq!(open, [interaction(7), interaction(8)]);
            let closed = tenant.close_interrupted(77, |_| false).unwrap();
            assert_eq!(closed, [open[0].id, open[1].id]);
            let record = tenant.interaction(closed[0]).unwrap().unwrap();
            assert_eq!((record.ended_at, record.end), (Some(77), Some(EndCause::Interrupted)));
            let details = vec![("reason".to_owned(), "the process ended".to_owned())];
            let event = TimelineEvent { at_micros: 77, what: "interrupted".to_owned(), details };
            assert_eq!(record.timeline, [event]);
            assert_eq!(tenant.open_interactions().unwrap(), []);
            assert_eq!(tenant.close_interrupted(78, |_| false).unwrap(), []);
            // What had ended keeps its own end.
            assert_eq!(tenant.interaction(interaction(9).id).unwrap(), Some(interaction(9)));
        },
    );
}

#[test]
fn agents_and_bindings_survive_a_restart() {
    let record =
        |name: &str, state| AgentRecord { agent: AgentId::new(name).unwrap(), state, since: 4 };
    let lunch = AgentState::NotReady { reason: NotReadyReason("lunch".to_owned()) };
    let anna = record("anna", lunch);
    let bert = record("bert", AgentState::Ready);
    let binding = |contact: &str| Binding {
        contact: contact.to_owned(),
        source: "192.0.2.1:5060".parse().unwrap(),
        tcp: true,
        call_id: "abc".to_owned(),
        cseq: 7,
        expires_at: 1000,
        user_agent: "phone/1".to_owned(),
    };
    with_tenant(
        |tenant| {
            tenant.put_agent(&record("bert", AgentState::LoggedOut)).unwrap();
            tenant.put_agent(&bert).unwrap();
            tenant.put_agent(&anna).unwrap();
            for (aor, contact) in
                [("sip:anna@a", "sip:1"), ("sip:anna@a", "sip:2"), ("sip:anna@ab", "sip:3")]
            {
                tenant.put_binding(aor, &binding(contact)).unwrap();
            }
            tenant.remove_binding("sip:anna@a", Some("sip:1")).unwrap();
        },
        |tenant| {
            assert_eq!(tenant.agents().unwrap(), [anna.clone(), bert.clone()]);
            assert_eq!(tenant.bindings("sip:anna@a").unwrap(), [binding("sip:2")]);
            let all = tenant.all_bindings().unwrap();
            assert_eq!(all[1], ("sip:anna@ab".to_owned(), binding("sip:3")));
            tenant.remove_binding("sip:anna@a", None).unwrap();
            assert_eq!(tenant.all_bindings().unwrap().len(), 1);
            let error = tenant.put_binding("a\0b", &binding("sip:1")).unwrap_err();
            assert!(matches!(error, StoreError::BadName { .. }));
        },
    );
}

#[test]
fn flow_versions_are_numbered_and_can_be_rolled_back() {
    let script = |text: &str| FlowVersion {
        flow: "main".to_owned(),
        script: text.to_owned(),
        ..FlowVersion::default()
    };
    with_tenant(
        |tenant| {
            assert_eq!(tenant.publish_flow(script("one")).unwrap().0, 1);
            assert_eq!(tenant.publish_flow(script("two")).unwrap().0, 2);
            // Larger than sled keeps in its main file.
            let long = "x".repeat(300_000);
            assert_eq!(tenant.publish_flow(script(&long)).unwrap().0, 3);
            assert_eq!(tenant.active_flow("main").unwrap(), None);
            tenant.activate_flow("main", Some(1), 10, "anna").unwrap();
            tenant.activate_flow("main", Some(2), 20, "anna").unwrap();
            tenant.activate_flow("main", Some(1), 30, "bert").unwrap();
            let error = tenant.activate_flow("main", Some(9), 40, "bert").unwrap_err();
            assert_eq!(error.to_string(), "there is no flow version `main 9`");
        },
        |tenant| {
            assert_eq!(tenant.active_flow("main").unwrap().unwrap().script, "one");
            let history = tenant.flow_history("main").unwrap();
            let versions: Vec<_> = history.iter().map(|a| a.version.as_deref().unwrap()).collect();
            assert_eq!(versions, ["1", "2", "1"]);
            assert_eq!(tenant.flow_versions("main").unwrap().len(), 3);
            assert_eq!(tenant.flow_version("main", 3).unwrap().unwrap().script.len(), 300_000);
            assert_eq!(tenant.flow_names().unwrap(), ["main"]);
            tenant.activate_flow("main", None, 50, "bert").unwrap();
            assert_eq!(tenant.active_flow("main").unwrap(), None);
        },
    );
}

#[test]
fn plugin_versions_and_their_components() {
    let bytes = b"\0asm and so on".as_slice();
    let digest = component_digest(bytes);
    let version = |digest: &str, at| PluginVersion {
        name: "router".to_owned(),
        world: "router".to_owned(),
        digest: digest.to_owned(),
        installed_at: at,
        imports: vec!["jackfield:log/log".to_owned()],
        ..PluginVersion::default()
    };
    with_tenant(
        |tenant| {
            assert_eq!(tenant.store().put_component(bytes).unwrap(), digest);
            assert_eq!(tenant.store().put_component(bytes).unwrap(), digest);
            tenant.put_plugin(&version(&digest, 2)).unwrap();
            tenant.put_plugin(&version("older", 1)).unwrap();
            tenant.activate_plugin("router", Some("older"), 1, "anna").unwrap();
            tenant.activate_plugin("router", Some(&digest), 2, "anna").unwrap();
        },
        |tenant| {
            let store = tenant.store();
            assert_eq!(store.component(&digest).unwrap().as_deref(), Some(bytes));
            assert_eq!(tenant.active_plugin("router").unwrap(), Some(version(&digest, 2)));
            let all = tenant.plugins(Some("router")).unwrap();
            assert_eq!(all, [version("older", 1), version(&digest, 2)]);
            assert_eq!(tenant.plugins(None).unwrap(), all);
            assert_eq!(tenant.plugin_history("router").unwrap().len(), 2);
            tenant.remove_plugin("router", "older").unwrap();
            assert!(tenant.activate_plugin("router", Some("older"), 3, "anna").is_err());

            assert_eq!(store.component(&component_digest(b"none")).unwrap(), None);
            assert!(matches!(store.component("../../etc"), Err(StoreError::BadName { .. })));
            std::fs::write(store.component_path(&digest).unwrap(), b"torn").unwrap();
            let error = store.component(&digest).unwrap_err();
            assert!(matches!(error, StoreError::DigestMismatch { .. }), "{error}");
            // Installing again mends it.
            store.put_component(bytes).unwrap();
            assert_eq!(store.component(&digest).unwrap().as_deref(), Some(bytes));
        },
    );
}

#[test]
fn all_that_a_plugin_keeps_is_replaced_at_once_or_not_at_all() {
    with_tenant(
        |tenant| {
            let value = |key: &str, value: &[u8], until| KeptValue {
                key: key.to_owned(),
                value: value.to_vec(),
                until,
            };
            for (key, until) in [("a", None), ("b", Some(500)), ("over", Some(50))] {
                tenant.state_set("bot", key, Some(b"1"), 0, until, 1_000).unwrap();
            }
            tenant.state_set("other", "a", Some(b"1"), 0, None, 1_000).unwrap();
            let before = tenant.state_values("bot", 100).unwrap();
            assert_eq!(before, [value("a", b"1", None), value("b", b"1", Some(500))]);
            let after = [value("b", b"22", Some(700)), value("c", b"3", None)];
            let replace = |expected: &[KeptValue], new: &[KeptValue], left, quota| {
                let mut then = false;
                let done =
                    tenant.replace_state("bot", (expected, 100), new, left, quota, || then = true);
                assert_eq!(then, matches!(done, Ok(Replaced::Done(_))));
                done
            };
            // Somebody wrote meanwhile, a key cannot be one, or it is too much: nothing happens.
            assert_eq!(replace(&after, &after, None, 1_000).unwrap(), Replaced::Changed);
            let bad = [value("", b"1", None)];
            assert!(matches!(replace(&before, &bad, None, 1_000), Err(StoreError::BadName { .. })));
            let error = replace(&before, &after, None, 20).unwrap_err();
            assert!(matches!(error, StoreError::QuotaExceeded { wanted: 21, .. }), "{error}");
            assert_eq!(tenant.state_values("bot", 100).unwrap(), before);

            replace(&before, &after, Some("old"), 1_000).unwrap();
        },
        |tenant| {
            let kept = tenant.state_values("bot", 100).unwrap();
            assert_eq!(kept.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["b", "c"]);
            assert_eq!(tenant.state_usage("bot").unwrap(), 21);
            assert_eq!(tenant.state_get("other", "a", 100).unwrap(), Some(b"1".to_vec()));
            let left = tenant.left_state("bot").unwrap().unwrap();
            assert_eq!((left.digest.as_str(), left.values.len()), ("old", 2));
            // Given back, it is left no more.
            tenant.replace_state("bot", (&kept, 100), &left.values, None, 1_000, || ()).unwrap();
            assert_eq!(tenant.state_values("bot", 100).unwrap(), left.values);
            assert_eq!(tenant.left_state("bot").unwrap(), None);
        },
    );
}

#[test]
fn plugin_state_has_quota_time_and_compare_and_set() {
    with_tenant(
        |tenant| {
            let get = |key: &str, now| tenant.state_get("bot", key, now).unwrap();
            let set = |key: &str, value: Option<&[u8]>, now, until| {
                tenant.state_set("bot", key, value, now, until, 100)
            };
            set("a", Some(b"1"), 0, None).unwrap();
            set("b", Some(b"22"), 0, Some(50)).unwrap();
            assert_eq!(get("a", 1000), Some(b"1".to_vec()));
            assert_eq!(get("b", 49), Some(b"22".to_vec()));
            assert_eq!(get("b", 50), None);
            assert_eq!(tenant.state_get("other", "a", 0).unwrap(), None);
            let error = set("c", Some(&[0; 90]), 40, None).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the plugin `bot` would keep 120 bytes, its quota is 100"
            );
            let used = tenant.state_usage("bot").unwrap();
            // What is over makes room.
            set("c", Some(&[0; 80]), 60, None).unwrap();
            assert!(tenant.state_usage("bot").unwrap() <= 100);
            set("c", None, 60, None).unwrap();
            assert!(tenant.state_usage("bot").unwrap() < used);

            let cas = |expected: Option<&[u8]>, value: Option<&[u8]>| {
                tenant.state_cas("bot", "a", expected, value, 60, None, 100).unwrap()
            };
            assert_eq!(cas(Some(b"9"), Some(b"2")), CasOutcome::Differs(Some(b"1".to_vec())));
            assert!(matches!(cas(Some(b"1"), Some(b"2")), CasOutcome::Written(_)));
            assert!(matches!(cas(Some(b"2"), None), CasOutcome::Written(_)));
            assert!(matches!(cas(None, Some(b"3")), CasOutcome::Written(_)));
            assert_eq!(cas(None, Some(b"4")), CasOutcome::Differs(Some(b"3".to_vec())));
        },
        |tenant| {
            assert_eq!(tenant.state_get("bot", "a", 60).unwrap(), Some(b"3".to_vec()));
        },
    );
}

/// Numbers and operations of a page.
fn told(store: &crate::Store, filter: &AuditFilter, cursor: Option<u64>, limit: usize) -> String {
    let page = store.audit(filter, cursor, limit).unwrap();
    let items = page.items.iter().map(|entry| format!("{} {}", entry.id, entry.operation));
    format!("{} next {:?}", items.collect::<Vec<_>>().join(", "), page.next)
}

#[test]
fn the_audit_log_is_read_backwards_in_pages_by_tenant_and_filter() {
    let fill = |tenant: &TenantStore| {
        let acts =
            [(1, "acme", "anna"), (2, "", "olga"), (3, "acme-2", "ivan"), (4, "acme", "vera")];
        for (at, of, who) in acts {
            let text = |text: &str| text.to_owned();
            let (tenant_name, who, operation) = (text(of), text(who), format!("act{at}"));
            let entry = AuditEntry {
                id: at,
                at,
                tenant: tenant_name,
                who,
                operation,
                ..Default::default()
            };
            tenant.store().put_audit(&entry, &[]).unwrap();
        }
    };
    let check = |tenant: &TenantStore| {
        let store = tenant.store();
        let all = AuditFilter::default();
        let of = AuditFilter { tenant: Some("acme".to_owned()), ..AuditFilter::default() };
        let mut log = String::new();
        for (filter, cursor, limit) in [
            (all.clone(), None, 9),
            (all.clone(), None, 3),
            (all.clone(), Some(2), 3),
            (of.clone(), None, 1),
            (of.clone(), Some(4), 1),
            (AuditFilter { from: Some(2), to: Some(4), ..all.clone() }, None, 9),
            (AuditFilter { who: Some("vera".to_owned()), ..of }, None, 9),
            (AuditFilter { operation: Some("act2".to_owned()), ..all }, None, 9),
        ] {
            log.push_str(&told(store, &filter, cursor, limit));
            log.push('\n');
        }
        expect![[r#"
            4 act4, 3 act3, 2 act2, 1 act1 next None
            4 act4, 3 act3, 2 act2 next Some(2)
            1 act1 next None
            4 act4 next Some(4)
            1 act1 next None
            3 act3, 2 act2 next None
            4 act4 next None
            2 act2 next None
        "#]]
        .assert_eq(&log);
        assert_eq!(store.audit_extent().unwrap(), (4, 4));
    };
    with_tenant(
        |tenant| {
            fill(tenant);
            check(tenant);
        },
        |tenant| {
            check(tenant);
            let store = tenant.store();
            let over = store.oldest_audit(3).unwrap();
            let entry = AuditEntry { id: 5, operation: "act5".to_owned(), ..AuditEntry::default() };
            store.put_audit(&entry, &over).unwrap();
            let of = |tenant: &str| AuditFilter {
                tenant: Some(tenant.to_owned()),
                ..AuditFilter::default()
            };
            assert_eq!(told(store, &AuditFilter::default(), None, 9), "5 act5, 4 act4 next None");
            assert_eq!(told(store, &of("acme"), None, 9), "4 act4 next None");
            assert_eq!(told(store, &of("acme-2"), None, 9), " next None");
        },
    );
}
