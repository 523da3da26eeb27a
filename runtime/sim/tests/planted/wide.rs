//! Mistakes in what a centre has besides calls: callbacks, staff, steps, estimates, the disk.

use std::sync::Arc;

use expect_test::expect;
use jackfield_sim::{Cast, Options, Plan, Rule, World};

use super::patches::Patch;
use super::{EVENTS, LENGTH, SEEDS, found};

#[test]
fn a_callback_is_forgotten() {
    found(
        Patch::CallbackForgotten,
        expect![[r#"
            0s: set-up of 1 queues and 0 agents
            1s: contact 1 arrives
            2s: CallbackRequested { interaction: 001j7913sfg4j, queue: Some(queue-1), address: None, origin: Voicemail, owner: None, deadline: None }
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913sfg4j, queue: queue-1, state: Waiting { address: "customer-6", origin: Voicemail, owner: None, deadline: Instant(1767240002000000), place: CallbackPlace { joined: Instant(1767225602000000), options: QueueOptions { required: [], preferred: [], priority: 0, max_wait: None, attributes: [], history: [], waiting_since: None }, owner_until: Instant(1767225602000000), rules: CallbackRules { after_abandon: None, mode: AgentFirst, attempts: 3, retry: 600s, deadline: 14400s, owner_only: 1800s } } } }
            callback: callback 1 is lost
        "#]],
    );
}

#[test]
fn a_customer_has_two_callbacks() {
    found(
        Patch::CallbackDoubled,
        expect![[r#"
            0s: set-up of 1 queues and 0 agents
            1s: CallbackRequested { interaction: 001j7913sfg4j, queue: Some(queue-1), address: None, origin: Voicemail, owner: None, deadline: None }
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913sfg4j, queue: queue-1, state: Waiting { address: "customer", origin: Voicemail, owner: None, deadline: Instant(1767240001000000), place: CallbackPlace { joined: Instant(1767225601000000), options: QueueOptions { required: [], preferred: [], priority: 0, max_wait: None, attributes: [], history: [], waiting_since: None }, owner_until: Instant(1767225601000000), rules: CallbackRules { after_abandon: None, mode: AgentFirst, attempts: 3, retry: 600s, deadline: 14400s, owner_only: 1800s } } } }
            2s: CallbackRequested { interaction: 001j7913z5h63, queue: Some(queue-1), address: None, origin: Voicemail, owner: None, deadline: None }
                CallbackChanged { callback: CallbackId(2), interaction: 001j7913z5h63, queue: queue-1, state: Waiting { address: "customer", origin: Voicemail, owner: None, deadline: Instant(1767240002000000), place: CallbackPlace { joined: Instant(1767225602000000), options: QueueOptions { required: [], preferred: [], priority: 0, max_wait: None, attributes: [], history: [], waiting_since: None }, owner_until: Instant(1767225602000000), rules: CallbackRules { after_abandon: None, mode: AgentFirst, attempts: 3, retry: 600s, deadline: 14400s, owner_only: 1800s } } } }
            callback: customer has two callbacks in queue-1
        "#]],
    );
}

#[test]
fn a_callback_loses_its_place() {
    found(
        Patch::CallbackPlaceLost,
        expect![[r#"
            0s: set-up of 1 queues and 0 agents
            1s: contact 1 arrives
            2s: CallbackRequested { interaction: 001j7913sfg4j, queue: Some(queue-1), address: None, origin: Voicemail, owner: None, deadline: None }
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913sfg4j, queue: queue-1, state: Waiting { address: "customer-6", origin: Voicemail, owner: None, deadline: Instant(1767240002000000), place: CallbackPlace { joined: Instant(1767225602000000), options: QueueOptions { required: [], preferred: [], priority: 0, max_wait: None, attributes: [], history: [], waiting_since: None }, owner_until: Instant(1767225602000000), rules: CallbackRules { after_abandon: None, mode: AgentFirst, attempts: 3, retry: 600s, deadline: 14400s, owner_only: 1800s } } } }
            2s: contact 1 ends: Completed
                contact 1 is closed: Completed
            4h2s: time passes
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913sfg4j, queue: queue-1, state: Overdue }
            callback: callback 1 has lost its place
        "#]],
    );
}

#[test]
fn a_customer_is_given_up_too_early() {
    found(
        Patch::CallbackGivenUp,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: contact 1 arrives
            2s: CallbackRequested { interaction: 001j7913z5h63, queue: Some(queue-1), address: None, origin: Voicemail, owner: None, deadline: None }
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913z5h63, queue: queue-1, state: Waiting { address: "customer-2", origin: Voicemail, owner: None, deadline: Instant(1767240002000000), place: CallbackPlace { joined: Instant(1767225602000000), options: QueueOptions { required: [], preferred: [], priority: 0, max_wait: None, attributes: [], history: [], waiting_since: None }, owner_until: Instant(1767225602000000), rules: CallbackRules { after_abandon: None, mode: AgentFirst, attempts: 1, retry: 600s, deadline: 14400s, owner_only: 1800s } } } }
            2s: contact 1 ends: Completed
                contact 1 is closed: Completed
            2s: agent-4 is ready
                agent-4: logged_out -> ready
                offer 1 of contact 2 to agent-4
                agent-4: ready -> reserved
            2s: offer 1 is accepted
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913z5h63, queue: queue-1, state: Dialling { attempt: 1 } }
                Dial { callback: CallbackId(1), address: "customer-2", queue: queue-1, agent: Some(agent-4) }
                agent-4: reserved -> busy
            2s: CallbackNotReached { callback: CallbackId(1), failure: NoAnswer }
                agent-4: busy -> ready
                CallbackChanged { callback: CallbackId(1), interaction: 001j7913z5h63, queue: queue-1, state: Failed }
            callback: callback 1 is given up too early
        "#]],
    );
}

#[test]
fn protected_hours_are_not_minded() {
    found(
        Patch::ProtectedIgnored,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-1 with priority -3
            contact 1 is number 1 in queue-1
        2s: agent-2 is ready
            agent-2: logged_out -> ready
            offer 1 of contact 1 to agent-2
            agent-2: ready -> reserved
        protected: agent-2 is offered 001j791gwmb59 in protected hours
    "#]],
    );
}

#[test]
fn a_peak_ends_without_hysteresis() {
    found(
        Patch::NoHysteresis,
        expect![[r#"
        0s: set-up of 1 queues and 0 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-0
            contact 1 is number 1 in queue-0
            BlendChanged { blend: "office", peak: true }
        17s964ms: time passes
            AskEstimator { ask: AskId(1), estimator: "erlang", deadline: Instant(1767225617984000), request: EstimateAsk { interaction: 001j79132z0j1, channel: Voice, queue: queue-0, position: 1, waited_ms: 15964, agents: 0, agents_ready: 0, recent_waits: [], recent_handles_ms: [], abandon_share: 0.0, attributes: [], now_seconds: 17.964 } }
        17s984ms: time passes
            EstimatorFailed { ask: AskId(1), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
        31s987ms: time passes
            AskEstimator { ask: AskId(2), estimator: "erlang", deadline: Instant(1767225632007000), request: EstimateAsk { interaction: 001j79132z0j1, channel: Voice, queue: queue-0, position: 1, waited_ms: 29987, agents: 0, agents_ready: 0, recent_waits: [], recent_handles_ms: [], abandon_share: 0.0, attributes: [], now_seconds: 31.987 } }
        32s7ms: time passes
            EstimatorFailed { ask: AskId(2), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
        46s10ms: time passes
            AskEstimator { ask: AskId(3), estimator: "erlang", deadline: Instant(1767225646030000), request: EstimateAsk { interaction: 001j79132z0j1, channel: Voice, queue: queue-0, position: 1, waited_ms: 44010, agents: 0, agents_ready: 0, recent_waits: [], recent_handles_ms: [], abandon_share: 0.0, attributes: [], now_seconds: 46.01 } }
        46s30ms: time passes
            EstimatorFailed { ask: AskId(3), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
        58s275ms: time passes
            contact 1 leaves queue-0: TimedOut
            BlendChanged { blend: "office", peak: false }
        blend: the peak of office ends after a calm of 0ns
    "#]],
    );
}

#[test]
fn weights_are_not_minded() {
    found(
        Patch::WeightsIgnored,
        expect![[r#"
            0s: set-up of 2 queues and 1 agents
                QueueChanged { queue: queue-0, open: false, by: "hours" }
            2m: time passes
                QueueChanged { queue: queue-0, open: true, by: "hours" }
            2m32s558ms243us: contact 1 arrives
            2m32s558ms243us: contact 2 arrives
            2m32s707ms70us: contact 1 is put into queue-0 with priority 5
                contact 1 is number 1 in queue-0
            2m33s641ms788us: contact 2 is put into queue-0 with priority 5
                contact 2 is number 2 in queue-0
            2m39s55ms360us: agent-3 is ready
                agent-3: logged_out -> ready
                offer 1 of contact 1 to agent-3
                agent-3: ready -> reserved
            2m40s94ms80us: contact 3 arrives
            2m44s758ms265us: contact 3 is put into queue-2 with priority -3
                contact 3 is number 1 in queue-2
            2m45s554ms70us: time passes
                withdraw offer 1 from agent-3: TimedOut
                agent-3: reserved -> ready
                contact 1 leaves queue-0: TimedOut
                offer 2 of contact 2 to agent-3
                agent-3: ready -> reserved
            weight: agent-3 is offered 001j7917kg6n4, but 001j7917tp5w1 waits in a heavier queue
        "#]],
    );
}

#[test]
fn a_step_comes_early() {
    found(
        Patch::RelaxedEarly,
        expect![[r#"
        0s: set-up of 1 queues and 0 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-2
            contact 1 is number 1 in queue-2
        3s469ms500us: time passes
            Relaxed { interaction: 001j7914n1fna, queue: queue-2, step: 1, need: "russian >= 3" }
        relaxing: step 1 of 001j7914n1fna comes after 1.4695s
    "#]],
    );
}

#[test]
fn a_step_never_comes() {
    found(
        Patch::NeverRelaxed,
        expect![[r#"
        0s: set-up of 1 queues and 0 agents
        53s509ms802us: contact 1 arrives
        57s407ms348us: contact 1 is put into queue-2
            contact 1 is number 1 in queue-2
        1m542ms382us: contact 2 arrives
        relaxing: 001j7914n1fna is still at step 0
    "#]],
    );
}

#[test]
fn eligibility_is_not_minded() {
    found(
        Patch::EligibilityIgnored,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: agent-1 is ready
            agent-1: logged_out -> ready
        3s: contact 1 is put into queue-2
            contact 1 is number 1 in queue-2
            offer 1 of contact 1 to agent-1
            agent-1: ready -> reserved
        mandatory-skill: agent-1 may not serve 001j79136h62m
    "#]],
    );
}

#[test]
fn capacity_is_exceeded() {
    found(
        Patch::CapacityExceeded,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-0 with priority 5
            contact 1 is number 1 in queue-0
        3s: contact 2 arrives
        4s: contact 2 is put into queue-0 with priority 5
            contact 2 is number 2 in queue-0
        5s: contact 3 arrives
        6s: contact 3 is put into queue-0 with priority 5
            contact 3 is number 3 in queue-0
        7s: contact 4 arrives
        8s: contact 4 is put into queue-0 with priority 5
            contact 4 is number 4 in queue-0
        8s: agent-1 is ready
            agent-1: logged_out -> ready
            offer 1 of contact 1 to agent-1
            agent-1: ready -> reserved
        8s: offer 1 is accepted
            connect contact 1 with agent-1 after 6s
            agent-1: reserved -> busy
            offer 2 of contact 2 to agent-1
            agent-1: busy -> reserved
        8s: offer 2 is accepted
            connect contact 2 with agent-1 after 4s
            agent-1: reserved -> busy
            offer 3 of contact 3 to agent-1
            agent-1: busy -> reserved
        8s: offer 3 is accepted
            connect contact 3 with agent-1 after 2s
            agent-1: reserved -> busy
            offer 4 of contact 4 to agent-1
            agent-1: busy -> reserved
        double-booking: agent-1 is offered 001j7913q8zy0 and has no room for it
    "#]],
    );
}

#[test]
fn what_cannot_wait_is_put_aside() {
    found(
        Patch::EverythingAside,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-0 with priority 5
            contact 1 is number 1 in queue-0
        3s: contact 2 arrives
        4s: contact 2 is put into queue-0
            contact 2 is number 2 in queue-0
        4s: agent-1 is ready
            agent-1: logged_out -> ready
            offer 1 of contact 1 to agent-1
            agent-1: ready -> reserved
        4s: offer 1 is accepted
            connect contact 1 with agent-1 after 2s
            agent-1: reserved -> busy
            offer 2 of contact 2 to agent-1
            agent-1: busy -> reserved
        double-booking: agent-1 is offered 001j791367cej and has no room for it
    "#]],
    );
}

#[test]
fn a_wait_is_told_uncalibrated() {
    found(
        Patch::ToldUncalibrated,
        expect![[r#"
        0s: set-up of 2 queues and 0 agents
        2m29s925ms723us: contact 1 arrives
        2m30s599ms712us: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
        2m34s129ms712us: time passes
            Prioritised { interaction: 001j7917gzvtv, queue: queue-1, from: 0, to: 1, by: "ageing" }
        2m37s659ms712us: time passes
            Prioritised { interaction: 001j7917gzvtv, queue: queue-1, from: 1, to: 2, by: "ageing" }
        2m41s189ms712us: time passes
            Prioritised { interaction: 001j7917gzvtv, queue: queue-1, from: 2, to: 3, by: "ageing" }
        2m44s719ms712us: time passes
            Prioritised { interaction: 001j7917gzvtv, queue: queue-1, from: 3, to: 4, by: "ageing" }
        2m48s249ms712us: time passes
            Prioritised { interaction: 001j7917gzvtv, queue: queue-1, from: 4, to: 5, by: "ageing" }
        2m51s779ms712us: time passes
            Prioritised { interaction: 001j7917gzvtv, queue: queue-1, from: 5, to: 6, by: "ageing" }
        2m55s25ms647us: InteractionMoved { interaction: 001j7917gzvtv, queue: queue-0, by: "supervisor" }
            Moved { interaction: 001j7917gzvtv, from: queue-1, to: queue-0, by: "supervisor" }
        3m9s71ms647us: time passes
            AskEstimator { ask: AskId(1), estimator: "empirical", deadline: Instant(1767225789091647), request: EstimateAsk { interaction: 001j7917gzvtv, channel: Chat, queue: queue-0, position: 1, waited_ms: 38471, agents: 0, agents_ready: 0, recent_waits: [], recent_handles_ms: [], abandon_share: 0.0, attributes: [], now_seconds: 189.071647 } }
        3m9s71ms647us: EstimatorReplied { ask: AskId(1), estimate: Some(Estimate { p50: 2.377s, p90: 8.0976s }), plugin: "native:empirical" }
            Estimated { interaction: 001j7917gzvtv, queue: queue-0, position: 1, estimate: Estimate { p50: 2.377s, p90: 8.0976s }, told: true, plugin: "native:empirical" }
        estimate: 001j7917gzvtv is told: true, the estimates of queue-0 are calibrated: false
    "#]],
    );
}

#[test]
fn an_estimate_rises() {
    found(
        Patch::EstimateRises,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        3m45s274ms371us: agent-2 is ready
            agent-2: logged_out -> ready
        4m15s355ms932us: contact 1 arrives
        4m17s399ms508us: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
            offer 1 of contact 1 to agent-2
            agent-2: ready -> reserved
        4m31s975ms696us: contact 2 arrives
        4m31s975ms696us: contact 2 is put into queue-1 with priority 5
            contact 2 is number 1 in queue-1
        4m36s483ms508us: time passes
            AskEstimator { ask: AskId(1), estimator: "erlang", deadline: Instant(1767225876503508), request: EstimateAsk { interaction: 001j791anhb0w, channel: Voice, queue: queue-1, position: 2, waited_ms: 19084, agents: 1, agents_ready: 0, recent_waits: [], recent_handles_ms: [], abandon_share: 0.0, attributes: [], now_seconds: 276.483508 } }
        4m36s483ms508us: EstimatorReplied { ask: AskId(1), estimate: Some(Estimate { p50: 72.552133s, p90: 156.627065s }), plugin: "native:erlang" }
            Estimated { interaction: 001j791anhb0w, queue: queue-1, position: 2, estimate: Estimate { p50: 72.552133s, p90: 156.627065s }, told: true, plugin: "native:erlang" }
        4m36s867ms508us: time passes
            withdraw offer 1 from agent-2: NoAnswer
            agent-2: reserved -> ready
            offer 2 of contact 2 to agent-2
            agent-2: ready -> reserved
        4m38s867ms508us: time passes
        4m39s540ms508us: time passes
            AskEstimator { ask: AskId(2), estimator: "erlang", deadline: Instant(1767225879560508), request: EstimateAsk { interaction: 001j791anhb0w, channel: Voice, queue: queue-1, position: 2, waited_ms: 22141, agents: 1, agents_ready: 0, recent_waits: [], recent_handles_ms: [], abandon_share: 0.0, attributes: [], now_seconds: 279.540508 } }
        4m39s540ms508us: EstimatorReplied { ask: AskId(2), estimate: Some(Estimate { p50: 74.173414s, p90: 159.484518s }), plugin: "native:erlang" }
            Estimated { interaction: 001j791anhb0w, queue: queue-1, position: 2, estimate: Estimate { p50: 74.173414s, p90: 159.484518s }, told: true, plugin: "native:erlang" }
            Announce { interaction: 001j791anhb0w, queue: queue-1, position: Some(2), wait: Some(Estimate { p50: 74.173414s, p90: 159.484518s }), message: None }
        estimate: 001j791anhb0w hears 74.173414s, where 69.495133s is what it may hear
    "#]],
    );
}

/// A disk that says that it has synced what it has not: what was answered is forgotten by a crash.
#[test]
fn a_disk_lies() {
    let fails = |plan: &Plan| {
        let options = Options { disk_lies: true, ..Options::default() };
        let mut world = World::new(Arc::new(plan.clone()), Cast::native(), options);
        let failure = world.run(|_| ()).err()?;
        (failure.wrong.rule == Rule::Durability).then_some(failure)
    };
    let plans = (0..SEEDS).map(|seed| Plan::chaos(seed, LENGTH));
    let mut plan = plans.into_iter().find(|plan| fails(plan).is_some()).expect("it is found");
    // What goes on without customers and acts is the same for all: only they are left out.
    let mut part = plan.contacts.len().max(plan.acts.len());
    while 0 < part {
        for from in (0..plan.contacts.len().max(plan.acts.len())).step_by(part).rev() {
            for contacts in [true, false] {
                let mut less = plan.clone();
                let length = if contacts { less.contacts.len() } else { less.acts.len() };
                let cut = from.min(length)..(from + part).min(length);
                if contacts {
                    less.contacts.drain(cut);
                } else {
                    less.acts.drain(cut);
                }
                if fails(&less).is_some() {
                    plan = less;
                }
            }
        }
        part /= 2;
    }
    let events = plan.contacts.len() + plan.acts.len();
    assert!(events <= EVENTS, "{events} events");
    let mut honest = World::new(Arc::new(plan), Cast::native(), Options::default());
    assert_eq!(honest.run(|_| ()), Ok(()));
}
