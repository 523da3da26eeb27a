//! Files torn at any byte.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Folder, Random, check_steps, config, copy_folder, open, seed, step, tenant_id};
use crate::{Lsn, Store, StoreConfig, StoreError};

/// Returns every file below `path` with its length.
fn files(path: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else if let Ok(data) = entry.metadata() {
            found.insert(entry.path(), data.len());
        }
    }
    found
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Cut,
    Garble,
    Zeros,
    Flip,
}

fn damage(file: &Path, at: u64, damage: Damage, random: &mut Random) {
    let length = fs::metadata(file).unwrap().len();
    let mut open = OpenOptions::new().write(true).open(file).unwrap();
    match damage {
        Damage::Cut => open.set_len(at).unwrap(),
        Damage::Garble | Damage::Zeros => {
            let noise =
                |_| if matches!(damage, Damage::Zeros) { 0 } else { random.below(256) as u8 };
            let bytes: Vec<u8> = (at..length).map(noise).collect();
            open.seek(SeekFrom::Start(at)).unwrap();
            open.write_all(&bytes).unwrap();
        }
        Damage::Flip => {
            let mut bytes = fs::read(file).unwrap();
            if let Some(byte) = bytes.get_mut(at as usize) {
                *byte ^= 0x41;
            }
            fs::write(file, bytes).unwrap();
        }
    }
}

fn quiet(path: &Path) -> StoreConfig {
    // No new files while the sizes are taken.
    StoreConfig { segment_bytes: 1 << 20, checkpoint_after: 1 << 30, ..config(path) }
}

/// Runs a store, and returns a copy made while it wrote, the durable length of each of its log's
/// files, and the last step acknowledged.
fn torn_copy(folder: &Folder, checkpoint: bool) -> (PathBuf, BTreeMap<PathBuf, u64>, u64) {
    let (living, copy) = (folder.path().join("living"), folder.path().join("copy"));
    let (store, _) = Store::open(quiet(&living)).unwrap();
    let tenant = store.tenant(&tenant_id());
    let mut last = Lsn::ZERO;
    for number in 0..300 {
        last = step(&tenant, number).unwrap();
        if checkpoint && (number == 100 || number == 200) {
            store.durable_blocking(last).unwrap();
            store.checkpoint().unwrap();
        }
    }
    store.durable_blocking(last).unwrap();
    let durable = files(&living);
    for number in 300..340 {
        step(&tenant, number).unwrap();
        if number % 10 == 0 {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
    // The tail must be in the copy, though nobody is told.
    std::thread::sleep(std::time::Duration::from_millis(120));
    copy_folder(&living, &copy);
    drop((store, tenant));
    let moved = |path: PathBuf| copy.join(path.strip_prefix(&living).unwrap());
    let durable = durable.into_iter().map(|(path, length)| (moved(path), length)).collect();
    (copy, durable, 299)
}

#[test]
fn log_torn_at_any_byte_after_the_durable_commit() {
    let folder = Folder::new("torn-log");
    let (copy, durable, acknowledged) = torn_copy(&folder, false);
    let mut random = Random::new(seed(1));
    let log = |path: &&PathBuf| path.extension().is_some_and(|e| e == "log");
    let file = durable.keys().find(log).unwrap();
    let (from, length) = (durable[file], fs::metadata(file).unwrap().len());
    assert!(from + 1000 < length, "nothing after the durable commit: {from} of {length}");
    let trial = folder.path().join("trial");
    for round in 0..60 {
        let at = match round {
            0 => from,
            1 => from + 1,
            2 => length - 1,
            _ => from + random.below(length - from),
        };
        let kind = [Damage::Cut, Damage::Garble, Damage::Zeros, Damage::Flip][round % 4];
        copy_folder(&copy, &trial);
        damage(&trial.join(file.strip_prefix(&copy).unwrap()), at, kind, &mut random);
        let what = format!("{kind:?} at {at} of {length}, durable to {from}");
        let steps = check_steps(quiet(&trial), Some(acknowledged));
        let steps = steps.unwrap_or_else(|error| panic!("{what}: {error}"));
        // And again: mending must leave what opens.
        assert_eq!(check_steps(quiet(&trial), Some(acknowledged)), Ok(steps), "{what}");
        fs::remove_dir_all(&trial).unwrap();
    }
}

fn tear_sled(checkpoint: bool, seed: u64) {
    let folder = Folder::new("torn-sled");
    let (copy, _, acknowledged) = torn_copy(&folder, checkpoint);
    let mut random = Random::new(seed);
    let trial = folder.path().join("trial");
    let mut rebuilt = 0;
    let sled = files(&copy.join("sled"));
    assert!(!sled.is_empty());
    for (file, length) in sled {
        for round in 0..12 {
            let at = match round {
                0 | 1 => 0,
                2 => 1.min(length),
                _ => random.below(length.max(1)),
            };
            let kind = [Damage::Cut, Damage::Garble, Damage::Zeros, Damage::Flip][round % 4];
            copy_folder(&copy, &trial);
            damage(&trial.join(file.strip_prefix(&copy).unwrap()), at, kind, &mut random);
            let what = format!("{} {kind:?} at {at} of {length}", file.display());
            let steps = check_steps(quiet(&trial), Some(acknowledged));
            steps.unwrap_or_else(|error| panic!("{what}: {error}"));
            rebuilt += usize::from(trial.join("sled.broken").exists());
            fs::remove_dir_all(&trial).unwrap();
        }
        copy_folder(&copy, &trial);
        fs::remove_file(trial.join(file.strip_prefix(&copy).unwrap())).unwrap();
        let steps = check_steps(quiet(&trial), Some(acknowledged));
        steps.unwrap_or_else(|error| panic!("without {}: {error}", file.display()));
        fs::remove_dir_all(&trial).unwrap();
    }
    assert!(0 < rebuilt, "no damage was ever seen");
}

#[test]
fn sled_torn_anywhere_is_rebuilt_from_the_log() {
    tear_sled(false, seed(7));
}

#[test]
fn sled_torn_anywhere_is_rebuilt_from_a_checkpoint() {
    tear_sled(true, seed(8));
}

#[test]
fn damaged_checkpoint_falls_back_to_the_one_before() {
    let folder = Folder::new("checkpoint");
    let (copy, _, acknowledged) = torn_copy(&folder, true);
    let newest = crate::checkpoint::list(&copy).unwrap().remove(0);
    damage(&newest.path, 500, Damage::Flip, &mut Random::new(1));
    fs::remove_dir_all(copy.join("sled")).unwrap();
    fs::create_dir(copy.join("sled")).unwrap();
    fs::write(copy.join("sled.opening"), b"").unwrap();
    check_steps(quiet(&copy), Some(acknowledged)).unwrap();
}

#[test]
fn log_damaged_in_the_middle_is_an_error_that_names_the_place() {
    let folder = Folder::new("middle");
    let (store, _) = open(folder.path());
    let tenant = store.tenant(&tenant_id());
    for number in 0..400 {
        let lsn = step(&tenant, number).unwrap();
        if number % 20 == 0 {
            store.durable_blocking(lsn).unwrap();
        }
    }
    drop((store, tenant));
    let all: Vec<PathBuf> = files(&folder.path().join("wal")).into_keys().collect();
    assert!(3 < all.len());
    for checkpoint in crate::checkpoint::list(folder.path()).unwrap() {
        fs::remove_file(checkpoint.path).unwrap();
    }
    damage(&all[1], 3000, Damage::Flip, &mut Random::new(1));
    match Store::open(config(folder.path())) {
        Err(StoreError::CorruptLog { file, offset, .. }) => {
            assert_eq!(file, all[1]);
            assert!(offset <= 3000 && 2000 < offset, "{offset}");
        }
        other => panic!("{other:?}"),
    }
    // A file that is gone altogether.
    fs::remove_file(&all[1]).unwrap();
    let error = Store::open(config(folder.path())).unwrap_err();
    assert!(matches!(error, StoreError::MissingLog { .. }), "{error:?}");
}

#[test]
fn damage_to_what_was_acknowledged_is_no_torn_tail() {
    let folder = Folder::new("acknowledged");
    let (store, _) = Store::open(quiet(folder.path())).unwrap();
    let tenant = store.tenant(&tenant_id());
    for number in 0..50 {
        let lsn = step(&tenant, number).unwrap();
        store.durable_blocking(lsn).unwrap();
    }
    drop((store, tenant));
    let (file, length) = files(&folder.path().join("wal")).pop_last().unwrap();
    damage(&file, length / 2, Damage::Flip, &mut Random::new(1));
    let error = Store::open(quiet(folder.path())).unwrap_err();
    assert!(matches!(error, StoreError::CorruptLog { .. }), "{error:?}");
    assert_eq!(fs::metadata(&file).unwrap().len(), length, "evidence must stay");
}

/// sled's files that open well and are wrong: with a hole, with an old value, ahead of the log.
#[test]
fn sled_that_disagrees_with_its_account_is_rebuilt() {
    let folder = Folder::new("account");
    let (copy, _, acknowledged) = torn_copy(&folder, false);
    check_steps(quiet(&copy), Some(acknowledged)).unwrap();
    let trial = folder.path().join("trial");
    for (round, expected) in
        ["pairs that are not", "pairs that are not", "the log ends at"].into_iter().enumerate()
    {
        copy_folder(&copy, &trial);
        if round == 2 {
            // As if the log had lost what sled has: all but its first records.
            let log = files(&trial.join("wal")).into_keys().next().unwrap();
            for later in files(&trial.join("wal")).into_keys().skip(1) {
                fs::remove_file(later).unwrap();
            }
            fs::OpenOptions::new().write(true).open(log).unwrap().set_len(5000).unwrap();
        } else {
            let db = sled::open(trial.join("sled")).unwrap();
            let (key, value) = db.range(b"acme".as_slice()..).next().unwrap().unwrap();
            if round == 0 {
                db.remove(key).unwrap();
            } else {
                db.insert(key, [value.as_ref(), b"!"].concat()).unwrap();
            }
            db.flush().unwrap();
        }
        let (store, report) = Store::open(quiet(&trial)).unwrap();
        let reason = report.rebuilt.unwrap();
        assert!(reason.contains(expected), "{reason}");
        drop(store);
        check_steps(quiet(&trial), None).unwrap();
        fs::remove_dir_all(&trial).unwrap();
    }
}
