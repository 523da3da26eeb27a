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
            2s: contact 1 is put into queue-0 with priority -3
                contact 1 is number 1 in queue-0
            10s798ms: time passes
                ask 1 erlang how long contact 1 will wait
            10s818ms: time passes
                EstimatorFailed { ask: AskId(1), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            13s508ms: time passes
                ask 2 erlang how long contact 1 will wait
            13s528ms: time passes
                EstimatorFailed { ask: AskId(2), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            16s218ms: time passes
                ask 3 erlang how long contact 1 will wait
            16s238ms: time passes
                EstimatorFailed { ask: AskId(3), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            18s928ms: time passes
                ask 4 erlang how long contact 1 will wait
            18s948ms: time passes
                EstimatorFailed { ask: AskId(4), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            19s687ms: time passes
                BlendChanged { blend: "office", peak: true }
            21s638ms: time passes
                ask 5 erlang how long contact 1 will wait
            21s658ms: time passes
                EstimatorFailed { ask: AskId(5), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            24s348ms: time passes
                ask 6 erlang how long contact 1 will wait
            24s368ms: time passes
                EstimatorFailed { ask: AskId(6), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            27s58ms: time passes
                ask 7 erlang how long contact 1 will wait
            27s78ms: time passes
                EstimatorFailed { ask: AskId(7), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            29s768ms: time passes
                ask 8 erlang how long contact 1 will wait
            29s788ms: time passes
                EstimatorFailed { ask: AskId(8), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            32s478ms: time passes
                ask 9 erlang how long contact 1 will wait
            32s498ms: time passes
                EstimatorFailed { ask: AskId(9), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            35s188ms: time passes
                ask 10 erlang how long contact 1 will wait
            35s208ms: time passes
                EstimatorFailed { ask: AskId(10), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            37s898ms: time passes
                ask 11 erlang how long contact 1 will wait
            37s918ms: time passes
                EstimatorFailed { ask: AskId(11), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            40s608ms: time passes
                ask 12 erlang how long contact 1 will wait
            40s628ms: time passes
                EstimatorFailed { ask: AskId(12), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            43s318ms: time passes
                ask 13 erlang how long contact 1 will wait
            43s338ms: time passes
                EstimatorFailed { ask: AskId(13), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            46s28ms: time passes
                ask 14 erlang how long contact 1 will wait
            46s48ms: time passes
                EstimatorFailed { ask: AskId(14), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            48s738ms: time passes
                ask 15 erlang how long contact 1 will wait
            48s758ms: time passes
                EstimatorFailed { ask: AskId(15), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            51s448ms: time passes
                ask 16 erlang how long contact 1 will wait
            51s468ms: time passes
                EstimatorFailed { ask: AskId(16), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            54s158ms: time passes
                ask 17 erlang how long contact 1 will wait
            54s178ms: time passes
                EstimatorFailed { ask: AskId(17), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            56s868ms: time passes
                ask 18 erlang how long contact 1 will wait
            56s888ms: time passes
                EstimatorFailed { ask: AskId(18), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            59s578ms: time passes
                ask 19 erlang how long contact 1 will wait
            59s598ms: time passes
                EstimatorFailed { ask: AskId(19), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            1m2s288ms: time passes
                ask 20 erlang how long contact 1 will wait
            1m2s308ms: time passes
                EstimatorFailed { ask: AskId(20), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            1m4s998ms: time passes
                ask 21 erlang how long contact 1 will wait
            1m5s18ms: time passes
                EstimatorFailed { ask: AskId(21), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            1m7s708ms: time passes
                ask 22 erlang how long contact 1 will wait
            1m7s728ms: time passes
                EstimatorFailed { ask: AskId(22), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            1m10s418ms: time passes
                ask 23 erlang how long contact 1 will wait
            1m10s438ms: time passes
                EstimatorFailed { ask: AskId(23), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            1m13s128ms: time passes
                ask 24 erlang how long contact 1 will wait
            1m13s148ms: time passes
                EstimatorFailed { ask: AskId(24), queue: queue-0, failure: DeadlineExceeded, plugin: "" }
                contact 1 is told of queue-0, place 1
            1m13s148ms: contact 1 ends: CustomerLeft
                contact 1 abandons queue-0
                contact 1 is closed: CustomerLeft
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
            8m38s691ms528us: contact 1 arrives
            8m38s691ms528us: contact 1 is put into queue-0 with priority -3
                contact 1 is number 1 in queue-0
            8m53s939ms528us: time passes
                contact 1 is told of queue-0, place 1
            8m54s168ms528us: time passes
                Prioritised { interaction: 001j791jgnpp8, queue: queue-0, from: -3, to: -2, by: "ageing" }
            8m59s145ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m4s351ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m9s557ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m9s645ms528us: time passes
                Prioritised { interaction: 001j791jgnpp8, queue: queue-0, from: -2, to: -1, by: "ageing" }
            9m14s763ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m19s969ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m25s122ms528us: time passes
                Prioritised { interaction: 001j791jgnpp8, queue: queue-0, from: -1, to: 0, by: "ageing" }
            9m25s175ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m30s381ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m33s215ms998us: contact 2 arrives
            9m35s587ms528us: time passes
                contact 1 is told of queue-0, place 1
            9m36s479ms107us: CallbackRequested { interaction: 001j791m4nn7y, queue: Some(queue-2), address: None, origin: Voicemail, owner: None, deadline: None }
                CallbackChanged { callback: CallbackId(1), interaction: 001j791m4nn7y, queue: queue-2, state: Waiting { address: "customer-6", origin: Voicemail, owner: None, deadline: Instant(1767226207227107), place: CallbackPlace { joined: Instant(1767226176479107), options: QueueOptions { required: [], preferred: [], priority: 0, max_wait: None, attributes: [], history: [], waiting_since: None }, owner_until: Instant(1767226176479107), rules: CallbackRules { after_abandon: None, mode: AgentFirst, attempts: 1, retry: 35.492s, deadline: 30.748s, owner_only: 52.494s } } } }
            9m36s479ms107us: contact 2 ends: Completed
                contact 2 is closed: Completed
            9m36s479ms107us: agent-0 is ready
                agent-0: logged_out -> ready
                offer 1 of contact 1 to agent-0
                agent-0: ready -> reserved
            weight: agent-0 is offered 001j791jgnpp8, but 8000000000001 waits in a heavier queue
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
                BlendChanged { blend: "office", peak: true }
            3m9s71ms647us: time passes
                ask 1 empirical how long contact 1 will wait
            3m9s71ms647us: estimator answers 1: p50 2s377ms, p90 8s97ms600us
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
            5m26s694ms132us: contact 1 arrives
            5m31s621ms714us: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
                offer 1 of contact 1 to agent-2
                agent-2: ready -> reserved
            5m50s705ms714us: time passes
                ask 1 erlang how long contact 1 will wait
            5m50s725ms714us: time passes
                EstimatorFailed { ask: AskId(1), queue: queue-1, failure: DeadlineExceeded, plugin: "" }
            5m51s89ms714us: time passes
                withdraw offer 1 from agent-2: NoAnswer
                agent-2: reserved -> ready
            5m53s89ms714us: time passes
                offer 2 of contact 1 to agent-2
                agent-2: ready -> reserved
            5m53s762ms714us: time passes
                ask 2 erlang how long contact 1 will wait
            5m53s782ms714us: time passes
                EstimatorFailed { ask: AskId(2), queue: queue-1, failure: DeadlineExceeded, plugin: "" }
            5m56s819ms714us: time passes
                ask 3 erlang how long contact 1 will wait
            5m56s839ms714us: time passes
                EstimatorFailed { ask: AskId(3), queue: queue-1, failure: DeadlineExceeded, plugin: "" }
            5m57s976ms742us: set-up of 3 queues and 3 agents
            5m59s876ms714us: time passes
            6m989ms714us: time passes
                Prioritised { interaction: 001j791csjd7m, queue: queue-1, from: 0, to: 1, by: "ageing" }
            6m6s533ms714us: time passes
            6m7s845ms605us: set-up of 3 queues and 2 agents
            6m12s557ms714us: time passes
                withdraw offer 2 from agent-2: NoAnswer
                agent-2: reserved -> ready
            6m13s190ms714us: time passes
                ask 4 erlang how long contact 1 will wait
            6m13s190ms714us: estimator answers 4: p50 22s260ms101us, p90 58s82ms187us
                Estimated { interaction: 001j791csjd7m, queue: queue-1, position: 1, estimate: Estimate { p50: 22.260101s, p90: 58.082187s }, told: true, plugin: "native:erlang" }
                contact 1 is told of queue-1, place 1, Estimate { p50: 22.260101s, p90: 58.082187s }
            6m14s557ms714us: time passes
                offer 3 of contact 1 to agent-2
                agent-2: ready -> reserved
            6m20s981ms714us: time passes
                withdraw offer 3 from agent-2: NoAnswer
                agent-2: reserved -> ready
            6m22s981ms714us: time passes
                offer 4 of contact 1 to agent-2
                agent-2: ready -> reserved
            6m29s405ms714us: time passes
                withdraw offer 4 from agent-2: NoAnswer
                agent-2: reserved -> ready
            6m29s892ms714us: time passes
                ask 5 erlang how long contact 1 will wait
            6m29s892ms714us: estimator answers 5: p50 21s118ms555us, p90 55s998ms743us
                Estimated { interaction: 001j791csjd7m, queue: queue-1, position: 1, estimate: Estimate { p50: 21.118555s, p90: 55.998743s }, told: true, plugin: "native:erlang" }
                contact 1 is told of queue-1, place 1, Estimate { p50: 21.118555s, p90: 55.998743s }
            estimate: 001j791csjd7m hears 21.118555s, where 5.558101s is what it may hear
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
