//! Prints what journal appends, key-value writes and commits cost on this machine.
//!
//! `cargo run --release -p jackfield-store --example commit_bench [folder]`

use std::time::{Duration, Instant};

use jackfield_core::TenantId;
use jackfield_store::{Contact, Store, StoreConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let unique = format!("jackfield-commit-bench-{}", std::process::id());
    let base = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let path = base.join(unique);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(run(&path));
    std::fs::remove_dir_all(&path)?;
    done
}

async fn run(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let config = StoreConfig { path: path.to_owned(), ..StoreConfig::default() };
    let (store, report) = Store::open(config.clone())?;
    println!("{report}");
    let tenant = TenantId::new("bench")?;
    let documents = store.tenant(&tenant);

    // As fast as it goes, synced at the end.
    let count = 100_000_u32;
    let started = Start::now();
    for _ in 0..count {
        store.append_journal(&tenant, vec![b'j'; 300])?;
    }
    let queued = started.elapsed();
    store.durable(store.last_lsn()).await?;
    print("journal append, 300 bytes, caller's side", queued, count);
    print("journal append, 300 bytes, until durable", started.elapsed(), count);

    let count = 20_000_u32;
    let started = Start::now();
    for number in 0..count {
        documents.state_set(
            "bench",
            &format!("key{number}"),
            Some(&[0; 100]),
            1,
            None,
            u64::MAX,
        )?;
    }
    let queued = started.elapsed();
    store.durable(store.last_lsn()).await?;
    print("plugin state set, 100 bytes, caller's side", queued, count);
    let started = Start::now();
    for number in 0..count {
        let name = format!("Customer {number}");
        let phones = vec![format!("+3712{number:07}")];
        documents.upsert_contact(Contact { name, phones, ..Contact::default() })?;
    }
    print("contact upsert with a phone, caller's side", started.elapsed(), count);
    store.durable(store.last_lsn()).await?;
    let started = Start::now();
    for number in 0..count {
        assert!(documents.find_contact(&format!("+3712{number:07}"))?.is_some());
    }
    print("contact lookup by phone", started.elapsed(), count);

    steady(&store, &tenant).await?;
    latency(&store, &tenant).await?;
    println!("{:?}", store.metrics());
    store.close().await;
    drop((store, documents));
    let (store, report) = Store::open(config)?;
    println!("{report}");
    let started = Start::now();
    let read = store.read_journal(&tenant, jackfield_store::Lsn::ZERO).count();
    print("journal read", started.elapsed(), u32::try_from(read)?);
    Ok(())
}

/// Ten thousand appends a second for three seconds.
async fn steady(store: &Store, tenant: &TenantId) -> Result<(), Box<dyn std::error::Error>> {
    let before = store.metrics();
    let mut spent = (Duration::ZERO, Duration::ZERO);
    let mut tick = tokio::time::interval(Duration::from_millis(1));
    for _ in 0..3000 {
        tick.tick().await;
        let started = Start::now();
        for _ in 0..10 {
            store.append_journal(tenant, vec![b'j'; 300])?;
        }
        let (took, busy) = started.elapsed();
        spent = (spent.0 + took, spent.1 + busy);
        tokio::spawn(store.durable(store.last_lsn()));
    }
    store.durable(store.last_lsn()).await?;
    let after = store.metrics();
    print("journal append at 10,000 a second, caller's side", spent, 30_000);
    let commits = after.commits - before.commits;
    let seconds = after.commit_seconds - before.commit_seconds;
    println!("  {commits} commits, {:.0} us each", seconds / commits as f64 * 1e6);
    Ok(())
}

/// From append to durable, one at a time.
async fn latency(store: &Store, tenant: &TenantId) -> Result<(), Box<dyn std::error::Error>> {
    let mut times = Vec::new();
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(7)).await;
        let started = Start::now();
        let lsn = store.append_journal(tenant, vec![b'j'; 300])?;
        store.durable(lsn).await?;
        times.push(started.elapsed().0);
    }
    times.sort();
    println!("append to durable: median {:?}, 99th {:?}", times[100], times[198]);
    Ok(())
}

/// Returns how long the calling thread has been on a processor: the figure that other load on the
/// machine does not change.
fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// A moment on both clocks.
struct Start(Instant, Duration);

impl Start {
    fn now() -> Self {
        Self(Instant::now(), on_processor())
    }

    fn elapsed(&self) -> (Duration, Duration) {
        (self.0.elapsed(), on_processor() - self.1)
    }
}

fn print(what: &str, (took, busy): (Duration, Duration), count: u32) {
    let (each, busy) = (took / count.max(1), busy / count.max(1));
    let rate = f64::from(count) / took.as_secs_f64();
    println!("{what}: {each:?} each, {busy:?} of it on the processor, {rate:.0} a second");
}
