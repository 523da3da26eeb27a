use std::sync::mpsc;

use super::*;
use crate::TenantLimits;

fn account(limits: TenantLimits) -> Arc<TenantAccount> {
    Arc::new(TenantAccount::new(limits, 1, Instant::now()))
}

/// Gives its thread back `turns` times, after computing for a while each time.
fn busy(turns: u32, name: &'static str, told: mpsc::Sender<&'static str>) -> Work<&'static str> {
    Box::pin(async move {
        for _ in 0..turns {
            let until = thread_time() + Duration::from_micros(500);
            while thread_time() < until {}
            // Nobody listens any more once the test is over.
            let _ = told.send(name);
            let mut again = true;
            std::future::poll_fn(|context| match std::mem::take(&mut again) {
                true => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                false => Poll::Ready(()),
            })
            .await;
        }
        name
    })
}

#[tokio::test]
async fn what_is_quick_runs_where_it_is_asked() {
    let lanes = Lanes::start(1, 0, true).unwrap();
    let here = std::thread::current().id();
    let work = Box::pin(async { std::thread::current().id() });
    assert_eq!(lanes.run(&account(TenantLimits::default()), work).await, Some(here));
}

#[tokio::test]
async fn what_computes_for_long_goes_on_elsewhere() {
    let lanes = Lanes::start(1, 0, true).unwrap();
    let here = std::thread::current().id();
    let account = account(TenantLimits::default());
    let (told, _listen) = mpsc::channel();
    let long = Box::pin(async move {
        busy(2, "long", told).await;
        std::thread::current().id()
    });
    assert_ne!(lanes.run(&account, long).await, Some(here));
    // Its tenant's next work is not even begun here.
    let next = Box::pin(async { std::thread::current().id() });
    assert_ne!(lanes.run(&account, next).await, Some(here));
}

#[tokio::test]
async fn who_had_no_processor_has_not_computed() {
    let lanes = Lanes::start(1, 0, true).unwrap();
    let here = std::thread::current().id();
    let account = account(TenantLimits::default());
    for _ in 0..5 {
        let waits = Box::pin(async {
            std::thread::sleep(Duration::from_millis(5));
            std::thread::current().id()
        });
        assert_eq!(lanes.run(&account, waits).await, Some(here));
    }
    assert!(account.cpu() < Duration::from_millis(5), "{:?}", account.cpu());
}

#[tokio::test]
async fn tenants_take_turns_whatever_they_have_to_do() {
    let lanes = Lanes::start(1, 0, false).unwrap();
    let (greedy, modest) = (account(TenantLimits::default()), account(TenantLimits::default()));
    let (told, listen) = mpsc::channel();
    let many: Vec<_> =
        (0..20).map(|_| lanes.run(&greedy, busy(20, "greedy", told.clone()))).collect();
    let mut all = tokio::task::JoinSet::new();
    for one in many {
        all.spawn(one);
    }
    tokio::task::yield_now().await;
    let one = lanes.run(&modest, busy(20, "modest", told.clone()));
    assert_eq!(one.await, Some("modest"));
    drop(told);
    let order: Vec<_> = listen.try_iter().collect();
    let begun = order.iter().position(|name| *name == "modest").unwrap();
    let between = order[begun..].iter().filter(|name| **name == "greedy").count();
    // Half of the time each, whatever the machine does: twenty turns against at most about as many.
    assert!(between <= 30, "{between} turns of the greedy one between 20 of the modest one");
}

#[tokio::test]
async fn a_tenant_beyond_its_share_waits() {
    let limits = TenantLimits {
        cpu_share: 0.05,
        cpu_window: Duration::from_millis(100),
        ..TenantLimits::default()
    };
    let lanes = Lanes::start(1, 0, false).unwrap();
    let account = account(limits);
    let (told, _listen) = mpsc::channel();
    let started = Instant::now();
    // 20 ms of computing at 5 %, less the 5 ms that the window holds at the start.
    assert_eq!(lanes.run(&account, busy(40, "greedy", told)).await, Some("greedy"));
    assert!(Duration::from_millis(250) < started.elapsed(), "{:?}", started.elapsed());
    assert!(Duration::from_millis(20) <= account.cpu());
}

#[tokio::test]
async fn work_that_is_dropped_ends_and_one_that_panics_costs_itself_only() {
    let lanes = Lanes::start(1, 0, false).unwrap();
    let account = account(TenantLimits::default());
    let held = Arc::new(());
    let kept = Arc::clone(&held);
    let mut run = lanes.run(&account, {
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(kept);
        })
    });
    let looked = std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut run).poll(context)));
    assert!(looked.await.is_pending());
    drop(run);
    let panics: Work<u32> = Box::pin(async { panic!("as told") });
    assert_eq!(lanes.run(&account, panics).await, None);
    assert_eq!(lanes.run(&account, Box::pin(async { 7 })).await, Some(7));
    // The thread has had its turns since.
    assert_eq!(Arc::strong_count(&held), 1);
}
