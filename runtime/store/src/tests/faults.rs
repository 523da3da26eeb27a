//! The order of syncing and telling, with a disk that loses what is not synced.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Folder, Random, check_steps, config, seed, step, tenant_id};
use crate::wal::file::{LogFile, LogFolder};
use crate::wal::queue::lock;
use crate::{Store, StoreError};

/// A disk with a volatile cache: the folder holds what survives a power cut, nothing else.
#[derive(Clone)]
struct Disk {
    folder: PathBuf,
    power: Arc<Mutex<Power>>,
    /// The planted bug: sync returns without syncing.
    lies: bool,
}

struct Power {
    /// Operations until the cut.
    left: u64,
    random: Random,
}

impl Disk {
    fn operate(&self) -> io::Result<()> {
        let mut power = lock(&self.power);
        power.left = power.left.saturating_sub(1);
        if power.left == 0 { Err(io::Error::other("the power is cut")) } else { Ok(()) }
    }
}

struct Cached {
    disk: Disk,
    path: PathBuf,
    cache: Vec<u8>,
}

impl LogFolder for Disk {
    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        self.operate()?;
        let path = self.folder.join(name);
        Ok(Box::new(Cached { disk: self.clone(), path, cache: Vec::new() }))
    }

    fn sync(&self) -> io::Result<()> {
        self.operate()
    }
}

impl Cached {
    fn store(&mut self, length: usize) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        file.write_all(&self.cache.drain(..length).collect::<Vec<u8>>())
    }
}

impl LogFile for Cached {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.disk.operate()?;
        self.cache.extend(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if let Err(cut) = self.disk.operate() {
            // Some of it may have reached the medium.
            let length = lock(&self.disk.power).random.below(self.cache.len() as u64 + 1);
            self.store(length as usize)?;
            return Err(cut);
        }
        if self.disk.lies { Ok(()) } else { self.store(self.cache.len()) }
    }
}

/// Does steps until the power is cut; returns the last that was acknowledged.
fn run_until_cut(folder: &Path, seed: u64, lies: bool) -> Option<u64> {
    let mut random = Random::new(seed);
    let power = Power { left: 10 + random.below(120), random: Random::new(seed + 1) };
    let disk = Disk { folder: folder.join("wal"), power: Arc::new(Mutex::new(power)), lies };
    let (store, _) = Store::open_with(config(folder), Arc::new(disk)).unwrap();
    let tenant = store.tenant(&tenant_id());
    let (mut acknowledged, mut number) = (None, 0);
    loop {
        let mut last = crate::Lsn::ZERO;
        for _ in 0..=random.below(10) {
            match step(&tenant, number) {
                Ok(lsn) => last = lsn,
                Err(StoreError::Failed { .. }) => return acknowledged,
                Err(error) => panic!("{error}"),
            }
            number += 1;
        }
        if store.durable_blocking(last).is_err() {
            return acknowledged;
        }
        acknowledged = Some(number - 1);
    }
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    for seed in seed(0)..seed(40) {
        let folder = Folder::new("power");
        let acknowledged = run_until_cut(folder.path(), seed, false);
        // With sled as it is: it must not be ahead of the log.
        let (store, report) = super::open(folder.path());
        assert_eq!(report.rebuilt, None, "seed {seed}: {report}");
        drop(store);
        let steps = check_steps(config(folder.path()), acknowledged);
        let steps = steps.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        // And without it.
        fs::remove_dir_all(folder.path().join("sled")).unwrap();
        assert_eq!(check_steps(config(folder.path()), acknowledged), Ok(steps), "seed {seed}");
    }
}

#[test]
fn the_test_would_see_an_acknowledgement_before_the_sync() {
    let seen = (0..5).any(|seed| {
        let folder = Folder::new("lies");
        let acknowledged = run_until_cut(folder.path(), seed, true);
        check_steps(config(folder.path()), acknowledged).is_err()
    });
    assert!(seen);
}

#[tokio::test]
async fn waiting_ends_with_an_error_when_the_disk_fails() {
    let folder = Folder::new("fails");
    let power = Power { left: 6, random: Random::new(1) };
    let wal = folder.path().join("wal");
    let disk = Disk { folder: wal, power: Arc::new(Mutex::new(power)), lies: false };
    let (store, _) = Store::open_with(config(folder.path()), Arc::new(disk)).unwrap();
    let lsn = store.append_journal(&tenant_id(), b"one".to_vec()).unwrap();
    let error = store.durable(lsn).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store stopped after a failed write: cannot write the log: the power is cut"
    );
    let error = store.append_journal(&tenant_id(), b"two".to_vec()).unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }));
}
