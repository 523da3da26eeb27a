//! Where and when threads run that must not be in the way of calls.
//!
//! A compiler that runs only where a processor is idle still leaves its own data in that processor's caches,
//! and whoever answers a call there next is slower by it: tens of microseconds. So it keeps to some of the
//! processors, and moves away from where it is interrupted.

use std::time::{Duration, Instant};

/// How often a process looks whether it is interrupted.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// What is left of what was seen elsewhere after one look: half after a second.
const REMEMBERED: f64 = 0.9986;
/// By how many interruptions a second another place must be better.
const WORTH_MOVING: f64 = 100.0;

/// Makes this thread, and those it starts, yield its processor to those of calls.
pub fn give_way(nice: u8) {
    // SAFETY: numbers only; on Linux the priority is that of the thread that asks.
    #[allow(unsafe_code, reason = "std does not set the priority of a thread")]
    let done = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice.min(19).into()) };
    if done != 0 {
        tracing::warn!("the threads of plugins keep the priority of all others");
    }
}

/// Makes this thread, and those it starts, run only where a processor has nothing else to do: whoever
/// wakes up, calls above all, has it at once.
pub fn only_when_idle() {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the call reads the struct it is given, which lives until it returns.
    #[allow(unsafe_code, reason = "std does not set the scheduling of a thread")]
    let done = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) };
    if done != 0 {
        give_way(19);
    }
}

/// Keeps this process on `count` of the processors that it may use, in the place where it is interrupted
/// least: whoever runs elsewhere finds its caches as it left them. Does nothing if there are no more than
/// that. Threads that are started later have the place of the one that starts them.
pub fn stay_aside(count: usize) {
    let usable = usable();
    let places: Vec<Vec<usize>> = usable.chunks(count.max(1)).map(<[usize]>::to_vec).collect();
    let Some(last) = places.len().checked_sub(1).filter(|last| 0 < *last) else { return };
    // It may run anywhere: where it looks it would interrupt the work itself.
    let watch = std::thread::Builder::new().name("stay-aside".to_owned());
    let watch = watch.spawn(move || move_away(&places, last));
    if let Err(error) = watch {
        tracing::warn!(%error, "a compilation runs on all processors");
    }
}

fn move_away(places: &[Vec<usize>], first: usize) {
    let mut here = first;
    let mut seen = vec![0.0; places.len()];
    move_to(&places[here]);
    let mut before = (Instant::now(), interruptions());
    loop {
        std::thread::sleep(LOOK_EVERY);
        let now = (Instant::now(), interruptions());
        let more = now.1.saturating_sub(before.1) as f64;
        seen.iter_mut().for_each(|rate| *rate *= REMEMBERED);
        seen[here] = more / now.0.duration_since(before.0).as_secs_f64();
        before = now;
        let best = (0..places.len()).min_by(|a, b| seen[*a].total_cmp(&seen[*b]));
        if let Some(best) = best.filter(|best| seen[*best] + WORTH_MOVING < seen[here]) {
            here = best;
            move_to(&places[here]);
        }
    }
}

/// The processors that this thread may use.
fn usable() -> Vec<usize> {
    let size = size_of::<libc::cpu_set_t>();
    let most = usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    // SAFETY: a set of processors is bits, of which all may be zero; the call writes the set it is given,
    // which lives until it returns, and every number is below the size of a set.
    #[allow(unsafe_code, reason = "std does not say where a thread runs")]
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size, &raw mut set) != 0 {
            return Vec::new();
        }
        (0..most).filter(|one| libc::CPU_ISSET(*one, &set)).collect()
    }
}

/// Moves all threads of this process but the one that asks. A thread that has ended is nowhere.
fn move_to(place: &[usize]) {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let threads = threads.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let threads: Vec<libc::pid_t> = threads.collect();
    // SAFETY: as in `usable`; a number that is no thread's is refused.
    #[allow(unsafe_code, reason = "std does not say where a thread runs")]
    unsafe {
        let own = libc::gettid();
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        place.iter().for_each(|one| libc::CPU_SET(*one, &mut set));
        for thread in threads.into_iter().filter(|thread| *thread != own) {
            libc::sched_setaffinity(thread, size_of::<libc::cpu_set_t>(), &raw const set);
        }
    }
}

/// How often threads of this process lost their processor to others.
fn interruptions() -> u64 {
    // SAFETY: numbers, of which all may be zero; the call writes the struct, which lives until it returns.
    #[allow(unsafe_code, reason = "std does not tell what a process has used")]
    let used = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut used);
        used
    };
    u64::try_from(used.ru_nivcsw).unwrap_or(0)
}
