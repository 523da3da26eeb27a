//! kill -9 at any moment.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Folder, Random, check_steps, config, open, seed, step, tenant_id};
use crate::{Lsn, StoreConfig};

const CHILD: &str = "JACKFIELD_STORE_TEST_CHILD";

/// The process that is killed: does steps for ever and prints those that are acknowledged.
#[test]
fn child() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let (store, _) = open(path.as_ref());
    let tenant = store.tenant(&tenant_id());
    let mut number = store.read_journal(&tenant_id(), Lsn::ZERO).count() as u64;
    // A step whose batch was cut off is done again, under the next number of its own.
    let mut random = Random::new(number + 1);
    if let Some(last) = number.checked_sub(1) {
        repeat_batch(&tenant, last);
    }
    loop {
        let mut last = Lsn::ZERO;
        for _ in 0..=random.below(20) {
            last = step(&tenant, number).unwrap();
            number += 1;
        }
        if random.below(3) == 0 {
            store.durable_blocking(last).unwrap();
            println!("acknowledged {}", number - 1);
        }
    }
}

/// Writes the batch of a step again, if the crash came between its record and its batch.
fn repeat_batch(tenant: &crate::TenantStore, last: u64) {
    use crate::tenant::Kind;
    use crate::wal::frame::Batch;
    let mut batch = Batch::default();
    let state = |name: &str| tenant.key(Kind::PluginState, &[name.as_bytes()]);
    let value = last.to_be_bytes().as_slice().repeat(1 + (last % 40) as usize);
    batch.put(state("step"), last.to_be_bytes().as_slice());
    batch.put(state(&format!("ring{}", last % super::KEYS)), value);
    batch.put(state(&format!("passing{last}")), &b"x"[..]);
    if let Some(before) = last.checked_sub(1) {
        batch.delete(state(&format!("passing{before}")));
    }
    tenant.write(batch).unwrap();
}

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let folder = Folder::new("crash");
    let mut random = Random::new(seed(4711));
    let mut before = 0;
    for round in 0..15 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tests::crash::child", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines
                .filter_map(|line| line.split("acknowledged ").nth(1)?.trim().parse::<u64>().ok())
                .last()
        });
        // Some die while they open.
        std::thread::sleep(Duration::from_millis(random.below(700)));
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = reader.join().unwrap();
        let steps = check_steps(config(folder.path()), acknowledged)
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert!(before <= steps, "round {round}: {steps} steps, there were {before}");
        before = steps;
    }
    assert!(100 < before, "only {before} steps in all rounds: nothing was tested");
    assert!(1 < fs::read_dir(folder.path().join("wal")).unwrap().count());
    // All of it again from the log and the checkpoint alone.
    fs::remove_dir_all(folder.path().join("sled")).unwrap();
    let all: StoreConfig = config(folder.path());
    assert_eq!(check_steps(all, before.checked_sub(1)), Ok(before));
}
