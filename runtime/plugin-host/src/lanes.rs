//! Where guests run. One that is quick runs where it is asked. One that is not goes on on the threads
//! of plugins, which serve tenants in turn, by the processor time each has used: who computes much
//! waits for who computes little, and who has used up its share waits for time to pass.
//!
//! A guest gives its thread back at every tick of the epochs, so a turn is at most a tick long.

use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::account::{Computed, LONG, TenantAccount};
use crate::processors;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The threads. They end with the last user.
pub struct Lanes {
    shared: Arc<Shared>,
    inline: bool,
}

struct Shared {
    queues: Mutex<Queues>,
    more: Condvar,
}

#[derive(Default)]
struct Queues {
    /// By the address of the tenant's account, which lives as long as a job of it.
    tenants: BTreeMap<usize, TenantQueue>,
    /// The virtual time of whoever was served last: nobody starts before it.
    clock: u64,
    closed: bool,
}

struct TenantQueue {
    account: Arc<TenantAccount>,
    ready: VecDeque<Arc<Job>>,
}

/// The states of a job.
const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const RUNNING: u8 = 2;
const RUNNING_WOKEN: u8 = 3;
const DONE: u8 = 4;

struct Job {
    state: AtomicU8,
    work: Mutex<Option<Work<()>>>,
    account: Arc<TenantAccount>,
    runtime: Option<Handle>,
    lanes: Weak<Shared>,
}

impl Lanes {
    /// Starts `threads` threads that give way to others by `nice` steps. Unless `inline`, nothing
    /// runs where it is asked.
    pub fn start(threads: usize, nice: u8, inline: bool) -> std::io::Result<Self> {
        let shared = Arc::new(Shared { queues: Mutex::default(), more: Condvar::new() });
        for number in 0..threads.max(1) {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("plugins-{number}")).spawn(move || {
                processors::give_way(nice);
                shared.serve();
            })?;
        }
        Ok(Self { shared, inline })
    }

    /// Runs `work` to its end: here while it and its tenant are quick, on the threads of plugins from
    /// the moment when they are not. `None` if it panicked there.
    pub fn run<T: Send + 'static>(&self, account: &Arc<TenantAccount>, work: Work<T>) -> Run<T> {
        Run {
            place: Place::Here(work),
            account: Arc::clone(account),
            lanes: Arc::clone(&self.shared),
            here: self.inline,
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        let abandoned = {
            let mut queues = self.shared.lock();
            queues.closed = true;
            std::mem::take(&mut queues.tenants)
        };
        drop(abandoned);
        self.shared.more.notify_all();
    }
}

/// Work that is run to its end. Dropping it ends the work.
pub struct Run<T> {
    place: Place<T>,
    account: Arc<TenantAccount>,
    lanes: Arc<Shared>,
    here: bool,
}

enum Place<T> {
    Here(Work<T>),
    There(oneshot::Receiver<T>, Arc<Job>),
    Over,
}

impl<T: Send + 'static> Future for Run<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        if let Place::Here(work) = &mut this.place {
            let started = Instant::now();
            let now = this.account.at(started);
            if this.here && this.account.may_run_inline(now) {
                let processor = this.account.is_suspected(now).then(thread_time);
                let polled = work.as_mut().poll(context);
                let (ended, computed) = computed(started, processor);
                let long = this.account.used_inline(computed, this.account.at(ended));
                match polled {
                    Poll::Ready(done) => {
                        this.place = Place::Over;
                        return Poll::Ready(Some(done));
                    }
                    Poll::Pending if !long => return Poll::Pending,
                    Poll::Pending => {}
                }
            }
            this.move_over();
        }
        match &mut this.place {
            Place::There(done, _) => Pin::new(done).poll(context).map(Result::ok),
            Place::Here(_) | Place::Over => Poll::Ready(None),
        }
    }
}

impl<T: Send + 'static> Run<T> {
    fn move_over(&mut self) {
        let Place::Here(work) = std::mem::replace(&mut self.place, Place::Over) else { return };
        let (done, listen) = oneshot::channel();
        let work = Box::pin(async move {
            // Nobody may be waiting any more.
            let _ = done.send(work.await);
        });
        let job = Arc::new(Job {
            state: AtomicU8::new(IDLE),
            work: Mutex::new(Some(work)),
            account: Arc::clone(&self.account),
            runtime: Handle::try_current().ok(),
            lanes: Arc::downgrade(&self.lanes),
        });
        Arc::clone(&job).wake();
        self.place = Place::There(listen, job);
    }
}

impl<T> Drop for Run<T> {
    fn drop(&mut self) {
        let Place::There(_, job) = &self.place else { return };
        // On this thread unless it is being polled right now: then its thread finds it gone after.
        if job.state.swap(DONE, Ordering::AcqRel) < RUNNING {
            let work = job.work.lock().unwrap_or_else(PoisonError::into_inner).take();
            drop(work);
        }
    }
}

impl Wake for Job {
    fn wake(self: Arc<Self>) {
        let next = |state| match state {
            IDLE => Some(QUEUED),
            RUNNING => Some(RUNNING_WOKEN),
            _ => None,
        };
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        if before == Ok(IDLE)
            && let Some(lanes) = self.lanes.upgrade()
        {
            lanes.push(self);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Arc<Job>) {
        let mut queues = self.lock();
        if queues.closed {
            return;
        }
        let clock = queues.clock;
        let account = Arc::clone(&job.account);
        let queue = queues.tenants.entry(Arc::as_ptr(&account) as usize).or_insert_with(|| {
            // Who was away has not saved up time to spend at the others' expense.
            account.virtual_nanos.fetch_max(clock, Ordering::Relaxed);
            TenantQueue { account, ready: VecDeque::new() }
        });
        queue.ready.push_back(job);
        drop(queues);
        self.more.notify_one();
    }

    fn serve(&self) {
        let mut queues = self.lock();
        loop {
            if queues.closed {
                return;
            }
            match queues.next() {
                Next::Job(job) => {
                    drop(queues);
                    job.turn();
                    queues = self.lock();
                }
                Next::After(time) => {
                    let waited = self.more.wait_timeout(queues, time);
                    queues = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
                Next::Nothing => {
                    queues = self.more.wait(queues).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

enum Next {
    Job(Arc<Job>),
    /// All that is ready has used up its share until then.
    After(Duration),
    Nothing,
}

impl Queues {
    fn next(&mut self) -> Next {
        let mut best: Option<(u64, usize)> = None;
        let mut soonest: Option<Duration> = None;
        for (key, queue) in &self.tenants {
            let wait = queue.account.throttled_for();
            if !wait.is_zero() {
                soonest = Some(soonest.map_or(wait, |before| before.min(wait)));
                continue;
            }
            let time = queue.account.virtual_nanos.load(Ordering::Relaxed);
            if best.is_none_or(|(least, _)| time < least) {
                best = Some((time, *key));
            }
        }
        let Some((time, key)) = best else {
            let at_least = Duration::from_millis(1);
            return soonest.map_or(Next::Nothing, |wait| Next::After(wait.max(at_least)));
        };
        self.clock = self.clock.max(time);
        let Some(queue) = self.tenants.get_mut(&key) else { return Next::Nothing };
        let job = queue.ready.pop_front();
        if queue.ready.is_empty() {
            self.tenants.remove(&key);
        }
        job.map_or(Next::Nothing, Next::Job)
    }
}

impl Job {
    /// Polls the work once, and bills what it took.
    fn turn(self: Arc<Self>) {
        let mut slot = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if self
            .state
            .compare_exchange(QUEUED, RUNNING, Ordering::AcqRel, Ordering::Acquire)
            .is_err()
        {
            *slot = None;
            return;
        }
        let Some(work) = slot.as_mut() else { return };
        let waker = Waker::from(Arc::clone(&self));
        let before = thread_time();
        let polled = {
            let _inside = self.runtime.as_ref().map(Handle::enter);
            let mut context = Context::from_waker(&waker);
            // A mistake of the host's costs the call, not the thread.
            std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)))
        };
        let used = thread_time().saturating_sub(before);
        self.account.used(used, self.account.now());
        let nanos = u64::try_from(used.as_nanos()).unwrap_or(u64::MAX);
        self.account.virtual_nanos.fetch_add(nanos, Ordering::Relaxed);
        if !matches!(polled, Ok(Poll::Pending)) {
            self.state.store(DONE, Ordering::Release);
            *slot = None;
            return;
        }
        let next = |state| match state {
            RUNNING => Some(IDLE),
            RUNNING_WOKEN => Some(QUEUED),
            _ => None,
        };
        match self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) {
            Ok(RUNNING_WOKEN) => {
                drop(slot);
                if let Some(lanes) = self.lanes.upgrade() {
                    lanes.push(self);
                }
            }
            Ok(_) => {}
            // It was dropped meanwhile.
            Err(_) => *slot = None,
        }
    }
}

/// The moment, and how long this thread has computed since `started`, when its processor time was
/// `processor` if that was looked at: which costs as much as a short call of a guest takes.
fn computed(started: Instant, processor: Option<Duration>) -> (Instant, Computed) {
    let ended = Instant::now();
    let passed = ended.saturating_duration_since(started);
    let computed = match processor {
        Some(before) if LONG <= passed => Computed::Time(thread_time().saturating_sub(before)),
        _ => Computed::AtMost(passed),
    };
    (ended, computed)
}

/// Processor time of this thread.
fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the struct it is given, which lives until it returns.
    #[allow(unsafe_code, reason = "std does not tell the processor time of a thread")]
    let done = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    if done != 0 {
        return Duration::ZERO;
    }
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests;
