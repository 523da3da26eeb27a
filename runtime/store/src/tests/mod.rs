//! The store as its callers see it, and as crashes leave it.

mod crash;
mod documents;
mod faults;
mod imports;
mod log;
mod studio;
mod torn;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jackfield_core::TenantId;

use crate::tenant::{Kind, TenantStore};
use crate::wal::frame::Batch;
use crate::{Lsn, OpenReport, Store, StoreConfig, StoreError};

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let unique = format!("jackfield-store-{}-{number}-{name}", std::process::id());
        let path = std::env::temp_dir().join(unique);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Small files, so that short tests see many.
fn config(path: &Path) -> StoreConfig {
    StoreConfig {
        path: path.to_owned(),
        commit_interval: Duration::from_millis(1),
        segment_bytes: 16 << 10,
        checkpoint_after: 64 << 10,
        journal_keep: Duration::ZERO,
        cache_bytes: 8 << 20,
        ..StoreConfig::default()
    }
}

fn open(path: &Path) -> (Store, OpenReport) {
    Store::open(config(path)).unwrap()
}

fn tenant_id() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// The generator of Lehmer, 64 bit: the same numbers everywhere.
struct Random(u128);

/// Returns the seed of a test: its own, shifted by `JACKFIELD_STORE_SEED` to try others.
fn seed(own: u64) -> u64 {
    let shift = std::env::var("JACKFIELD_STORE_SEED").ok().and_then(|text| text.parse().ok());
    own + shift.unwrap_or(0)
}

impl Random {
    fn new(seed: u64) -> Self {
        let mut random = Self(u128::from(seed) << 1 | 1);
        random.below(2);
        random
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x12e1_5e35_b500_f16e_2e71_4eb2_b379_16a5);
        ((self.0 >> 64) as u64) % limit
    }
}

const KEYS: u64 = 20;

/// One step of the load that crash tests check: a journal record, then a batch that moves the step
/// counter and one of a ring of keys.
fn step(tenant: &TenantStore, number: u64) -> Result<Lsn, StoreError> {
    let record = format!("step {number} {}", "x".repeat((number * 37 % 300) as usize));
    tenant.store().append_journal(tenant.id(), record.into_bytes())?;
    let mut batch = Batch::default();
    let value = number.to_be_bytes().repeat(1 + (number % 40) as usize);
    batch.put(tenant.key(Kind::PluginState, &[b"step"]), number.to_be_bytes().as_slice());
    let ring = format!("ring{}", number % KEYS);
    batch.put(tenant.key(Kind::PluginState, &[ring.as_bytes()]), value);
    // A key that lives for one step only: deletes must come back too.
    let passing = |number: u64| format!("passing{number}");
    batch.put(tenant.key(Kind::PluginState, &[passing(number).as_bytes()]), &b"x"[..]);
    if let Some(before) = number.checked_sub(1) {
        batch.delete(tenant.key(Kind::PluginState, &[passing(before).as_bytes()]));
    }
    tenant.write(batch)
}

/// Opens the store and checks that it holds every step up to `acknowledged`, and no hole or mixture
/// after it. Returns the number of steps.
fn check_steps(config: StoreConfig, acknowledged: Option<u64>) -> Result<u64, String> {
    let (store, report) = Store::open(config).map_err(|error| error.chain())?;
    let tenant = store.tenant(&tenant_id());
    let mut steps = 0;
    for record in store.read_journal(&tenant_id(), Lsn::ZERO) {
        let (_, bytes) = record.map_err(|error| error.chain())?;
        if !bytes.starts_with(format!("step {steps} ").as_bytes()) {
            return Err(format!("the journal has a hole at step {steps}; {report}"));
        }
        steps += 1;
    }
    if acknowledged.is_some_and(|acknowledged| steps <= acknowledged) {
        return Err(format!("{acknowledged:?} was acknowledged, {steps} steps remain; {report}"));
    }
    let number = |key: &str| -> Option<u64> {
        let value = tenant.read(&tenant.key(Kind::PluginState, &[key.as_bytes()])).ok()??;
        Some(u64::from_be_bytes(*value.first_chunk()?))
    };
    let applied = number("step").map_or(0, |step| step + 1);
    // A step's record comes before its batch, so a cut may lie between.
    if applied != steps && applied + 1 != steps {
        return Err(format!("{steps} steps in the journal, {applied} applied; {report}"));
    }
    if acknowledged.is_some_and(|acknowledged| applied <= acknowledged) {
        return Err(format!("{acknowledged:?} was acknowledged, {applied} applied; {report}"));
    }
    for place in 0..KEYS {
        let should = (0..applied).rev().find(|step| step % KEYS == place);
        let found = number(&format!("ring{place}"));
        if found != should {
            return Err(format!("ring{place} is {found:?}, should be {should:?}; {report}"));
        }
    }
    let passing = tenant.all(&tenant.key(Kind::PluginState, &[b"passing"])).unwrap();
    if passing.len() as u64 != applied.min(1) {
        return Err(format!("{} passing keys after {applied} steps; {report}", passing.len()));
    }
    Ok(steps)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            // A file may be renamed or removed while a living store is copied.
            let _ = fs::copy(&path, &target);
        }
    }
}
