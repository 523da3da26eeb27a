//! The engines: one that runs guests live, one that runs them metered, one that only compiles, one
//! that takes snapshots.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::HostConfig;
use crate::functions::Functions;

/// What stops a guest that computes for too long, and so what is compiled into its machine code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Code {
    /// Looks at the clock of epochs now and then: cheap.
    Live,
    /// Counts instructions and gives every NaN the same bits: exact, the same on every machine.
    Metered,
}

impl Code {
    /// The name of the worker's task.
    pub const fn task(self) -> &'static str {
        match self {
            Self::Live => "compile",
            Self::Metered => "compile-metered",
        }
    }

    /// What decides about machine code: the same in every engine of a kind, or nothing fits
    /// together.
    fn config(self) -> Config {
        let mut config = Config::new();
        match self {
            Self::Live => config.epoch_interruption(true),
            Self::Metered => config
                .consume_fuel(true)
                .cranelift_nan_canonicalization(true)
                .relaxed_simd_deterministic(true),
        };
        config.concurrency_support(false);
        config.wasm_threads(false);
        config
    }
}

/// The engine of the host: a pool of instances, epochs.
pub fn running(host: &HostConfig) -> wasmtime::Result<Engine> {
    let instances = host
        .flow_instances_max
        .saturating_add(host.router_instances_max)
        .saturating_add(host.call_instances_max);
    let engine = pooled(host, Code::Live, instances)?;
    let weak = engine.weak();
    let tick = host.epoch_tick.max(Duration::from_micros(100));
    // The only clock of guests: it ends with the last user of the engine.
    std::thread::Builder::new().name("plugin-epochs".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(tick);
            let Some(engine) = weak.upgrade() else { return };
            engine.increment_epoch();
        }
    })?;
    Ok(engine)
}

/// The engine of a replay: a small pool of instances, fuel, no clock.
pub fn metered(host: &HostConfig, instances: u32) -> wasmtime::Result<Engine> {
    pooled(host, Code::Metered, instances)
}

fn pooled(host: &HostConfig, code: Code, instances: u32) -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(instances)
        // A component of Rust has its module and two adapters for its imports; one of Python has some
        // forty. The number is only counted, nothing is set aside for it.
        .total_core_instances(instances.saturating_mul(64))
        // One of JavaScript has, beside its own, two empty ones of what stands for the system it has
        // not. There is room for that in all that answer questions; fewer flows in it fit at once.
        .total_memories(instances.saturating_add(host.router_instances_max.saturating_mul(3)))
        .total_tables(instances.saturating_mul(3))
        .table_elements(host.table_elements_max)
        .total_stacks(instances)
        .max_core_instances_per_component(128)
        .max_memories_per_component(4)
        .max_memory_size(host.memory_bytes_max)
        .max_unused_warm_slots(128)
        // What is rewritten in place is not faulted in again by the next guest of the slot.
        .linear_memory_keep_resident(host.keep_resident_bytes);
    let mut config = code.config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.max_wasm_stack(host.flow_stack);
    config.async_stack_size(host.flow_stack + HOST_STACK);
    Engine::new(&config)
}

/// What host functions may use of a fibre besides the guest's share.
const HOST_STACK: usize = 512 * 1024;

/// The engine of the worker: it never runs what it compiles. With `functions` it compiles only what
/// is not among them.
pub fn compiling(code: Code, functions: Option<Arc<Functions>>) -> wasmtime::Result<Engine> {
    let mut config = code.config();
    if let Some(functions) = functions {
        config.enable_incremental_compilation(functions)?;
    }
    Engine::new(&config)
}

/// The engine in which an interpreter reads a script, once.
pub fn snapshotting() -> wasmtime::Result<Engine> {
    let mut config = Code::Live.config();
    config.epoch_interruption(false);
    // Read once: compiling it well would take longer than running it badly.
    config.cranelift_opt_level(OptLevel::None);
    // The worker's address space is limited.
    config.memory_reservation(64 << 20);
    config.memory_guard_size(64 << 10);
    Engine::new(&config)
}

/// A number that changes whenever machine code made before does not fit any more.
pub fn code_hash(engine: &Engine) -> u64 {
    // Fixed keys: the same number in every process of this build.
    #[allow(deprecated, reason = "the only hasher of std with documented fixed keys")]
    let mut hasher = std::hash::SipHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// How long a future that is not ready may sleep before it is looked at again.
///
/// A busy guest yields with Tokio's own yield, whose wake-up waits for the runtime that this thread
/// belongs to, if it does; and that runtime waits for us.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Runs a future to its end on this thread, which sleeps while the future waits for another one.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let waker = Waker::from(Arc::new(Unparks(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
        std::thread::park_timeout(LOOK_AGAIN);
    }
}

struct Unparks(Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
