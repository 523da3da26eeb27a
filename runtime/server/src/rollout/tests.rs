use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use jackfield_core::{AgentId, EndCause, InteractionId, OfferId, Output, QueueEnd, QueueId};
use jackfield_plugin_host::{ReplayServices, Services, StateError};

use super::canary::Canary;
use super::share::Arm;
use super::*;

const RULES: Rules =
    Rules { alpha: 0.05, minimum: 5, service_level: 0.02, abandons: 0.01, failures: 0.005 };

fn percent(percent: f64) -> Share {
    Share { percent, queue: None, number: None, attribute: None }
}

fn subject(interaction: u64) -> Subject<'static> {
    let interaction = InteractionId(interaction);
    Subject { interaction, queue: None, dialled: None, attributes: &[] }
}

#[test]
fn chance_is_even_and_always_the_same() {
    let share = percent(10.0);
    for candidate in ["aaaa", "bbbb"] {
        let has = |id: &u64| share.arm(candidate, &subject(*id)) == Arm::Candidate;
        // Names are microseconds: those of a busy second follow each other closely.
        let chosen: Vec<u64> =
            (0..100_000).map(|n| 1_764_000_000_000_000 + n * 37).filter(has).collect();
        assert!((9_700..10_300).contains(&chosen.len()), "{}", chosen.len());
        assert!(chosen.iter().all(has));
    }
    // Another candidate has others: who was unlucky once is not always.
    let both = (0..10_000_u64).filter(|id| {
        let has = |candidate| share.arm(candidate, &subject(*id)) == Arm::Candidate;
        has("aaaa") && has("bbbb")
    });
    assert!((50..150).contains(&both.count()));
}

#[test]
fn what_is_said_narrows_the_contacts() {
    let (sales, support) = (QueueId::new("sales").unwrap(), QueueId::new("support").unwrap());
    let vip = [("segment".to_owned(), "vip".to_owned())];
    let mut text = String::new();
    let queue = Share { queue: Some("sales".to_owned()), ..percent(100.0) };
    let some = Share { percent: 50.0, ..queue.clone() };
    let number = Share { number: Some("3712*".to_owned()), ..percent(100.0) };
    let attribute = Share { attribute: Some(vip[0].clone()), ..percent(100.0) };
    for (share, of) in [
        (queue, World::Router),
        (some, World::Router),
        (number, World::Flow),
        (attribute, World::Flow),
    ] {
        assert_eq!(share.check(of), Ok(()));
        let _ = writeln!(text, "{}", share.words());
        for (what, one) in [
            ("sales", Subject { queue: Some(&sales), ..subject(3) }),
            ("sales", Subject { queue: Some(&sales), ..subject(4) }),
            ("support", Subject { queue: Some(&support), ..subject(3) }),
            ("37120000001", Subject { dialled: Some("37120000001"), ..subject(3) }),
            ("100", Subject { dialled: Some("100"), ..subject(3) }),
            ("vip", Subject { attributes: &vip, ..subject(3) }),
        ] {
            let _ = writeln!(text, "  {what}: {:?}", share.arm("aaaa", &one));
        }
    }
    expect![[r#"
        100 % of queue sales
          sales: Candidate
          sales: Candidate
          support: Active
          37120000001: Active
          100: Active
          vip: Active
        50 % of queue sales
          sales: Candidate
          sales: Active
          support: Outside
          37120000001: Outside
          100: Outside
          vip: Outside
        100 % of calls to 3712*
          sales: Active
          sales: Active
          support: Active
          37120000001: Candidate
          100: Active
          vip: Active
        100 % of contacts with segment = vip
          sales: Active
          sales: Active
          support: Active
          37120000001: Active
          100: Active
          vip: Candidate
    "#]]
    .assert_eq(&text);
}

#[test]
fn shares_that_make_no_sense_are_refused() {
    let mut text = String::new();
    for (of, share) in [
        (World::Router, percent(0.0)),
        (World::Router, percent(f64::NAN)),
        (World::Router, percent(101.0)),
        (World::Flow, percent(100.0)),
        (World::Router, Share { number: Some("100".to_owned()), ..percent(10.0) }),
        (World::Flow, Share { queue: Some("sales".to_owned()), ..percent(10.0) }),
        (World::Chatbot, Share { queue: Some("sales".to_owned()), ..percent(10.0) }),
        (World::Estimator, Share { number: Some("100".to_owned()), ..percent(10.0) }),
        (
            World::Channel,
            Share { attribute: Some(("a".to_owned(), "b".to_owned())), ..percent(10.0) },
        ),
        (World::Connector, Share { queue: Some("sales".to_owned()), ..percent(10.0) }),
        (World::Pacer, Share { number: Some("100".to_owned()), ..percent(10.0) }),
    ] {
        let error = share.check(of).unwrap_err();
        let _ =
            writeln!(text, "{} {}: {}: {}", of.name(), share.words(), error.field, error.reason);
    }
    expect![[r#"
        router 0 %: percent: more than 0 and at most 100 is accepted
        router NaN %: percent: more than 0 and at most 100 is accepted
        router 101 %: percent: more than 0 and at most 100 is accepted
        flow 100 %: percent: all contacts is no canary: give a percentage below 100, or a queue, number or attribute; or activate it
        router 10 % of calls to 100: number: a router does not know what was dialled: its canary is chosen by percent, queue or attribute
        flow 10 % of queue sales: queue: a flow has its contacts before they are in a queue: its canary is chosen by percent, number or the customer's attribute
        chatbot 10 % of queue sales: queue: a chatbot has its conversations before they are in a queue: its canary is chosen by percent, channel (number) or attribute
        estimator 10 % of calls to 100: number: an estimator does not know what was dialled: its canary is chosen by percent, queue or attribute
        channel 10 % of contacts with a = b: attribute: a channel does not know the customer: its canary is chosen by percent
        connector 10 % of queue sales: queue: a connector is told of contacts before they are in a queue: its canary is chosen by percent, number or the customer's attribute
        pacer 10 % of calls to 100: number: a pacer has a campaign and no number: its canary is chosen by percent or the campaign's attribute
    "#]].assert_eq(&text);
}

fn queue() -> QueueId {
    QueueId::new("sales").unwrap()
}

fn connect(interaction: InteractionId, in_target: bool) -> Output {
    let (offer, agent) = (OfferId(1), AgentId::new("alice").unwrap());
    let waited = Duration::from_secs(9);
    Output::Connect { offer, interaction, agent, queue: queue(), waited, in_target }
}

fn abandoned(interaction: InteractionId, short: bool) -> Output {
    Output::Abandoned { interaction, queue: queue(), waited: Duration::from_secs(9), short }
}

fn left(interaction: InteractionId, end: QueueEnd) -> Output {
    let waited = Duration::from_secs(9);
    Output::LeaveQueue { interaction, queue: queue(), end, waited, message: None }
}

fn closed(interaction: InteractionId) -> Output {
    let lasted = Duration::from_secs(60);
    Output::Closed { interaction, cause: EndCause::Completed, lasted }
}

/// A canary of half of the contacts: each line is so many of one side's, and what becomes of each.
fn run(script: &str, whole: bool) -> String {
    let mut canary = Canary::new("aaaa", percent(50.0), RULES);
    let mut text = String::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let (Some(times), Some(who)) = (words.next(), words.next()) else { panic!("{line}") };
        let fates: Vec<&str> = words.collect();
        let wanted = who == "candidate";
        let mut done = 0;
        let mut id = canary.contacts().0 * 1_000 + canary.contacts().1 * 1_000_000;
        while done < times.parse::<u32>().unwrap() {
            id += 1;
            let of = subject(id);
            if (percent(50.0).arm("aaaa", &of) == Arm::Candidate) != wanted {
                continue;
            }
            assert_eq!(canary.assign(&of), wanted);
            for fate in &fates {
                let output = match *fate {
                    "in-target" => connect(of.interaction, true),
                    "late" => connect(of.interaction, false),
                    "abandons" => abandoned(of.interaction, false),
                    "leaves-at-once" => abandoned(of.interaction, true),
                    "times-out" => left(of.interaction, QueueEnd::TimedOut),
                    "served" => left(of.interaction, QueueEnd::Served),
                    "closes" => closed(of.interaction),
                    "fails" => {
                        canary.failed(of.interaction);
                        continue;
                    }
                    other => panic!("{other}"),
                };
                canary.observe(&output, whole);
            }
            done += 1;
        }
        let _ = writeln!(text, "{line}");
        for standing in canary.standings() {
            let show = |of: jackfield_figures::statistics::Trials| {
                standing.share(of).map_or("-".to_owned(), |share| {
                    format!("{:.0} % of {}", 100.0 * share, of.count)
                })
            };
            let (candidate, active) = (standing.test.candidate(), standing.test.active());
            let p = standing.test.p_value();
            let _ = writeln!(
                text,
                "  {}: {} / {}, p {p:.3}",
                standing.figure,
                show(candidate),
                show(active)
            );
        }
        if let Some(verdict) = canary.verdict() {
            let _ = writeln!(text, "  back: {verdict}");
        }
    }
    text
}

#[test]
fn a_router_that_serves_late_is_taken_back() {
    let said = run(
        "40 active in-target served
         4 candidate abandons
         3 candidate leaves-at-once
         1 candidate times-out
         10 candidate late",
        false,
    );
    expect![[r#"
        40 active in-target served
          service level: - / 100 % of 40, p 1.000
          abandons: - / 0 % of 40, p 1.000
          failures: - / 0 % of 40, p 1.000
        4 candidate abandons
          service level: 0 % of 4 / 100 % of 40, p 0.000
          abandons: 100 % of 4 / 0 % of 40, p 0.000
          failures: 0 % of 4 / 0 % of 40, p 1.000
        3 candidate leaves-at-once
          service level: 0 % of 4 / 100 % of 40, p 0.000
          abandons: 100 % of 4 / 0 % of 40, p 0.000
          failures: 0 % of 7 / 0 % of 40, p 1.000
          back: abandons: 100.0 % of 4 contacts with the candidate, 0.0 % of 40 contacts with the active version; worse by more than 1.0 points, p = 9.62e-5 at any time
        1 candidate times-out
          service level: 0 % of 5 / 100 % of 40, p 0.000
          abandons: 80 % of 5 / 0 % of 40, p 0.000
          failures: 0 % of 8 / 0 % of 40, p 1.000
          back: service level: 0.0 % of 5 contacts with the candidate, 100.0 % of 40 contacts with the active version; worse by more than 2.0 points, p = 1.70e-5 at any time
        10 candidate late
          service level: 0 % of 15 / 100 % of 40, p 0.000
          abandons: 27 % of 15 / 0 % of 40, p 0.000
          failures: 0 % of 18 / 0 % of 40, p 1.000
          back: service level: 0.0 % of 15 contacts with the candidate, 100.0 % of 40 contacts with the active version; worse by more than 2.0 points, p = 2.33e-12 at any time
    "#]].assert_eq(&said);
}

#[test]
fn a_flow_that_fails_is_taken_back_when_its_contacts_are_closed() {
    let said = run(
        "30 active in-target served closes
         10 candidate fails
         2 candidate fails closes
         6 candidate fails late closes",
        true,
    );
    expect![[r#"
        30 active in-target served closes
          service level: - / 100 % of 30, p 1.000
          abandons: - / 0 % of 30, p 1.000
          failures: - / 0 % of 30, p 1.000
        10 candidate fails
          service level: - / 100 % of 30, p 1.000
          abandons: - / 0 % of 30, p 1.000
          failures: - / 0 % of 30, p 1.000
        2 candidate fails closes
          service level: - / 100 % of 30, p 1.000
          abandons: - / 0 % of 30, p 1.000
          failures: 100 % of 2 / 0 % of 30, p 0.017
        6 candidate fails late closes
          service level: 0 % of 6 / 100 % of 30, p 0.000
          abandons: 0 % of 6 / 0 % of 30, p 1.000
          failures: 100 % of 8 / 0 % of 30, p 0.000
          back: failures: 100.0 % of 8 contacts with the candidate, 0.0 % of 30 contacts with the active version; worse by more than 0.5 points, p = 1.93e-7 at any time
    "#]].assert_eq(&said);
}

/// Of a plugin that leads no contact each call counts by itself, and only if its turn was kept.
#[test]
fn calls_that_fail_take_a_candidate_back() {
    let mut canary = Canary::new("aaaa", percent(50.0), RULES).by_call();
    let calls: Vec<Subject<'static>> = (0..40).map(subject).collect();
    let (candidates, actives): (Vec<_>, Vec<_>) =
        calls.iter().partition(|call| canary.assign(call));
    assert!(10 < candidates.len() && 10 < actives.len());
    for call in &actives {
        canary.answered("bbbb", call, false);
    }
    // What the active version answered for the candidate counts for neither, nor does what was asked
    // before the canary began.
    canary.answered("bbbb", &candidates[0], true);
    canary.answered("aaaa", &actives[0], true);
    assert_eq!(canary.contacts(), (0, actives.len() as u64));
    let failed = candidates.iter().position(|call| {
        canary.answered("aaaa", call, true);
        canary.verdict().is_some()
    });
    assert_eq!(failed, Some(4), "five calls at the least");
    assert_eq!(canary.standings().len(), 1);
    expect!["failures: 100.0 % of 5 calls with the candidate, 0.0 % of 19 calls with the active version; worse by more than 0.5 points, p = 1.65e-4 at any time"]
        .assert_eq(&canary.verdict().unwrap());
}

/// SplitMix64, numbers between 0 and 1.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A day of contacts with a canary of a tenth: after how many it was taken back.
fn day(seed: u64, contacts: u64, candidate_late: f64, active_late: f64) -> Option<u64> {
    let mut canary = Canary::new("aaaa", percent(10.0), RULES);
    let mut state = seed;
    (0..contacts).find(|n| {
        let of = subject(seed * 1_000_000 + n);
        let late = if canary.assign(&of) { candidate_late } else { active_late };
        let output = match uniform(&mut state) {
            draw if draw < late / 2.0 => abandoned(of.interaction, false),
            draw => connect(of.interaction, late <= draw),
        };
        canary.observe(&output, false);
        canary.verdict().is_some()
    })
}

#[test]
fn equals_are_left_alone_and_what_is_worse_is_not() {
    for seed in 0..30 {
        assert_eq!(day(seed, 5_000, 0.2, 0.2), None, "seed {seed}");
        let found = day(seed, 2_000, 0.6, 0.2);
        assert!(found.is_some(), "seed {seed}: {found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_replaced_version_has_its_time() {
    let drains = Drains::default();
    let (busy, idle) = (Arc::new(Pins::default()), Arc::new(Pins::default()));
    let (first, second) = (busy.pin(), busy.pin());
    drains.begin("main", "aaaa", &busy, Duration::from_secs(60));
    // Nobody is with it: it is gone at once.
    drop(idle.pin());
    drains.begin("main", "bbbb", &idle, Duration::from_secs(60));
    let listed = || {
        let each = drains.list().into_iter();
        each.map(|one| (one.digest, one.sessions, one.left.as_secs())).collect::<Vec<_>>()
    };
    assert_eq!(listed(), [("aaaa".to_owned(), 2, 60)]);
    drop(first);
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert!(!busy.stop().is_cancelled());
    assert_eq!(listed(), [("aaaa".to_owned(), 1, 1)]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(busy.stop().is_cancelled() && busy.over().load(Ordering::Relaxed));
    // It is listed until the last has gone.
    assert_eq!(listed(), [("aaaa".to_owned(), 1, 0)]);
    drop(second);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(listed(), []);
}

#[tokio::test]
async fn what_a_shadow_writes_only_it_sees() {
    let live = Arc::new(ReplayServices::new(1));
    live.state_set("who", b"alice".to_vec(), None).await.unwrap();
    let inner: Arc<dyn Services> = Arc::<ReplayServices>::clone(&live);
    let shadow = ShadowServices::new(inner, "shadow");
    assert_eq!(shadow.state_get("who").await, Ok(Some(b"alice".to_vec())));
    assert_eq!(shadow.state_compare_and_set("who", None, vec![1]).await, Ok(false));
    let alice = Some(b"alice".to_vec());
    assert_eq!(shadow.state_compare_and_set("who", alice, b"bob".to_vec()).await, Ok(true));
    assert_eq!(shadow.state_get("who").await, Ok(Some(b"bob".to_vec())));
    assert_eq!(live.state_get("who").await, Ok(Some(b"alice".to_vec())));
    // It may keep something, not everything.
    let large = vec![0; 1 << 20];
    assert_eq!(shadow.state_set("large", large, None).await, Err(StateError::Quota));
    assert!(shadow.add_note("c1", None, "hello").await.is_err());
}
