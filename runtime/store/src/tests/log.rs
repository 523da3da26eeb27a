//! The journal, its limits and its keeping.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use jackfield_core::TenantId;

use super::{Folder, Random, check_steps, config, open, step, tenant_id};
use crate::tenant::Kind;
use crate::wal::frame::Batch;
use crate::wal::segment;
use crate::{Lsn, Store, StoreConfig, StoreError};

#[tokio::test]
async fn journal_is_read_back_per_tenant_and_from_any_record() {
    let folder = Folder::new("journal");
    let (store, report) = open(folder.path());
    assert_eq!((report.last_lsn, report.rebuilt), (Lsn::ZERO, None));
    let other = TenantId::new("other").unwrap();
    let mut written = Vec::new();
    for number in 0..500_u32 {
        let bytes = format!("record {number} {}", "y".repeat(100)).into_bytes();
        let lsn = store.append_journal(&tenant_id(), bytes.clone()).unwrap();
        store.append_journal(&other, b"theirs".to_vec()).unwrap();
        written.push((lsn, bytes));
        if number % 100 == 0 {
            store.durable(lsn).await.unwrap();
        }
    }
    store.durable(store.last_lsn()).await.unwrap();
    let read =
        |from| -> Vec<_> { store.read_journal(&tenant_id(), from).map(Result::unwrap).collect() };
    assert_eq!(read(Lsn::ZERO), written);
    assert_eq!(read(written[321].0), written[321..]);
    assert_eq!(read(written[321].0.next()), written[322..]);
    assert_eq!(read(store.last_lsn().next()), []);
    assert_eq!(store.read_journal(&other, Lsn::ZERO).count(), 500);
    assert_eq!(store.read_journal(&TenantId::new("none").unwrap(), Lsn::ZERO).count(), 0);
    let metrics = store.metrics();
    assert_eq!((metrics.appends, metrics.durable_lsn), (1000, 1000));
    assert!(0 < metrics.commits && metrics.bytes < metrics.wal_bytes, "{metrics:?}");
    store.close().await;
    let refused = store.append_journal(&tenant_id(), Vec::new()).unwrap_err();
    assert!(matches!(refused, StoreError::Closed));
    drop(store);
    let (store, report) = open(folder.path());
    assert_eq!(report.last_lsn, Lsn(1000));
    assert_eq!(store.read_journal(&tenant_id(), Lsn::ZERO).map(Result::unwrap).count(), 500);
}

#[test]
fn journal_is_read_up_to_what_was_appended_last() {
    let folder = Folder::new("latest");
    let (store, _) = open(folder.path());
    for number in 1..=20 {
        store.append_journal(&tenant_id(), vec![number]).unwrap();
        // Nobody waited for the disk, and who reads finds the record all the same.
        let read = store.read_journal(&tenant_id(), Lsn::ZERO).last().unwrap().unwrap();
        assert_eq!(read, (Lsn(number.into()), vec![number]));
    }
}

#[test]
fn second_process_is_refused() {
    let folder = Folder::new("lock");
    let (_store, _) = open(folder.path());
    let error = Store::open(config(folder.path())).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }));
    assert!(error.to_string().ends_with("is locked: is another jackfield using it?"), "{error}");
}

#[test]
fn newer_schema_is_refused() {
    let folder = Folder::new("schema");
    drop(open(folder.path()));
    let file = folder.path().join("wal").join(segment::name(Lsn(1)));
    let mut header = segment::header(Lsn(1), 0);
    header[8] = 9;
    let crc = crc32fast::hash(&header[..28]);
    header[28..].copy_from_slice(&crc.to_le_bytes());
    fs::write(&file, &header).unwrap();
    let error = Store::open(config(folder.path())).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 9, supported: 1, .. }), "{error:?}");
    assert_eq!(fs::read(&file).unwrap(), header, "another version's file must stay");
}

#[test]
fn too_much_at_once_is_refused_and_later_accepted() {
    let folder = Folder::new("busy");
    let slow = Duration::from_secs(3600);
    let limits =
        StoreConfig { pending_bytes_max: 10_000, commit_interval: slow, ..config(folder.path()) };
    let (store, _) = Store::open(limits).unwrap();
    let append = || store.append_journal(&tenant_id(), vec![0; 1000]);
    let refused = (0..20).find_map(|_| append().err()).unwrap();
    assert!(matches!(refused, StoreError::Busy { limit: 10_000, .. }), "{refused:?}");
    store.durable_blocking(store.last_lsn()).unwrap();
    append().unwrap();
    let huge = store.append_journal(&tenant_id(), vec![0; 65 << 20]).unwrap_err();
    assert!(matches!(huge, StoreError::TooLarge { .. }));
}

#[test]
fn old_log_files_go_when_two_checkpoints_cover_them_and_their_time_is_over() {
    let folder = Folder::new("keep");
    let keep = StoreConfig {
        journal_keep: Duration::from_micros(1),
        checkpoint_after: 1 << 30,
        ..config(folder.path())
    };
    let (store, _) = Store::open(keep.clone()).unwrap();
    let tenant = store.tenant(&tenant_id());
    let mut number = 0;
    let mut steps = |count: u64| {
        for _ in 0..count {
            let lsn = step(&tenant, number).unwrap();
            number += 1;
            if number % 20 == 0 {
                store.durable_blocking(lsn).unwrap();
            }
        }
        store.durable_blocking(store.last_lsn()).unwrap();
        // The applier is done when it has everything that is durable.
        while store.metrics().applied_lsn < store.last_lsn().0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let logs = || segment::list(&folder.path().join("wal")).unwrap();
    steps(300);
    store.checkpoint().unwrap();
    assert_eq!(logs()[0].first, Lsn(1));
    steps(100);
    store.checkpoint().unwrap();
    steps(100);
    store.checkpoint().unwrap();
    assert_eq!(crate::checkpoint::list(folder.path()).unwrap().len(), 2);
    let first = logs()[0].first;
    assert!(Lsn(1) < first && first <= Lsn(801), "{first}");
    let (from, _) = store.read_journal(&tenant_id(), Lsn::ZERO).next().unwrap().unwrap();
    assert!(first <= from);
    let ring = tenant.key(Kind::PluginState, &[b"ring3"]);
    let before = tenant.read(&ring).unwrap();
    drop((store, tenant));
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let (store, report) = Store::open(keep.clone()).unwrap();
    assert!(report.rebuilt.is_some(), "{report}");
    assert_eq!(store.tenant(&tenant_id()).read(&ring).unwrap(), before);
    drop(store);
    for checkpoint in crate::checkpoint::list(folder.path()).unwrap() {
        fs::remove_file(checkpoint.path).unwrap();
    }
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let error = Store::open(keep).unwrap_err();
    assert!(matches!(error, StoreError::CannotRebuild { .. }), "{error:?}");
}

#[test]
fn checkpoints_are_written_by_themselves() {
    let folder = Folder::new("auto");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    for number in 0..1000 {
        let lsn = step(&tenant, number).unwrap();
        if number % 50 == 0 {
            store.durable_blocking(lsn).unwrap();
        }
    }
    drop(tenant);
    let copy = store.clone();
    drop(store);
    drop(copy);
    assert!(!crate::checkpoint::list(folder.path()).unwrap().is_empty());
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    fs::write(folder.path().join("sled.opening"), b"").unwrap();
    assert_eq!(check_steps(config(folder.path()), Some(999)), Ok(1000));
}

/// Every read against a map, both ways: nothing missing and nothing that should not be there.
#[test]
fn reads_and_scans_agree_with_a_model() {
    let folder = Folder::new("model");
    let mut random = Random::new(99);
    let mut model = BTreeMap::<Vec<u8>, Vec<u8>>::new();
    for round in 0..4 {
        let (store, _) = open(folder.path());
        let tenant = store.tenant(&tenant_id());
        let prefix = tenant.key(Kind::PluginState, &[]);
        for turn in 0..400 {
            let mut batch = Batch::default();
            for _ in 0..=random.below(3) {
                let key = tenant.key(Kind::PluginState, &[&[random.below(60) as u8]]);
                if random.below(3) == 0 {
                    model.remove(&key);
                    batch.delete(key);
                } else {
                    let value = random.below(u64::MAX).to_be_bytes().to_vec();
                    model.insert(key.clone(), value.clone());
                    batch.put(key, value);
                }
            }
            tenant.write(batch).unwrap();
            if turn % 37 == 0 {
                store.durable_blocking(store.last_lsn()).unwrap();
            }
            let place = format!("round {round} turn {turn}");
            let key = tenant.key(Kind::PluginState, &[&[random.below(60) as u8]]);
            assert_eq!(tenant.read(&key).unwrap().as_ref(), model.get(&key), "{place}");
            let all: Vec<_> = model.clone().into_iter().collect();
            assert_eq!(tenant.all(&prefix).unwrap(), all, "{place}");
            let mut backwards = Vec::new();
            let end = crate::tenant::end_of(&prefix);
            let visit = |key: &[u8], value: &[u8]| {
                backwards.push((key.to_vec(), value.to_vec()));
                Ok(true)
            };
            tenant.scan_backwards(prefix.clone(), end, visit).unwrap();
            backwards.reverse();
            assert_eq!(backwards, all, "{place}");
        }
        let other = store.tenant(&TenantId::new("acme2").unwrap());
        assert_eq!(other.all(&other.key(Kind::PluginState, &[])).unwrap(), []);
    }
}
