//! The engines: one that runs guests, one that only compiles, one that takes snapshots.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::HostConfig;

/// What decides about machine code: the same in every engine, or nothing fits together.
fn code() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.concurrency_support(false);
    config.wasm_threads(false);
    config
}

/// The engine of the host: a pool of instances, epochs.
pub fn running(host: &HostConfig) -> wasmtime::Result<Engine> {
    let instances = host.flow_instances_max.saturating_add(host.router_instances_max);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(instances)
        // A component of Rust has its module and two adapters for its imports.
        .total_core_instances(instances.saturating_mul(4))
        .total_memories(instances)
        .total_tables(instances.saturating_mul(3))
        .total_stacks(instances)
        .max_core_instances_per_component(16)
        .max_memories_per_component(1)
        .max_memory_size(host.memory_bytes_max)
        .max_unused_warm_slots(128)
        // What is rewritten in place is not faulted in again by the next guest of the slot.
        .linear_memory_keep_resident(host.keep_resident_bytes);
    let mut config = code();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.max_wasm_stack(host.flow_stack);
    config.async_stack_size(host.flow_stack + HOST_STACK);
    let engine = Engine::new(&config)?;
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

/// What host functions may use of a fibre besides the guest's share.
const HOST_STACK: usize = 512 * 1024;

/// The engine of the worker: it never runs what it compiles.
pub fn compiling() -> wasmtime::Result<Engine> {
    Engine::new(&code())
}

/// The engine in which an interpreter reads a script, once.
pub fn snapshotting() -> wasmtime::Result<Engine> {
    let mut config = code();
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

/// Runs a future that waits for nothing but the processor.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}
