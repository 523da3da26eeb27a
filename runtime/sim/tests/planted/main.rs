//! The faults of other systems, planted: each is found by made-up centres, and shrunk to ten events
//! or fewer.

mod patches;
mod wide;

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use jackfield_core::Center;
use jackfield_sim::{Cast, Options, Plan, Script, World};

use patches::{Patch, Wrong};

const SEEDS: u64 = 200;
const LENGTH: Duration = Duration::from_secs(600);
/// As many events a counterexample may have, the set-up apart.
const EVENTS: usize = 10;

/// A script of a run in which the patched engine failed, shrunk.
fn counterexample(patch: Patch) -> Script {
    for seed in 0..SEEDS {
        let centre = if patch.is_wide() { Plan::chaos } else { Plan::chaos_of_calls };
        let plan = Arc::new(centre(seed, LENGTH));
        let estimates_believed = patch == Patch::EstimateRises;
        let liveness_max = Duration::from_secs(7_200);
        let options =
            Options { keep: true, estimates_believed, liveness_max, ..Options::default() };
        let mut world = World::around(Wrong::new(patch), plan, Cast::native(), options);
        let Err(failure) = world.run(|_| ()) else { continue };
        let script = Script::of(world.script(), world.book());
        let shrunk = script.and_then(|script| {
            let rule = script.play(Wrong::new(patch)).failure?.wrong.rule;
            (rule == failure.wrong.rule).then_some(())?;
            script.shrunk(rule, || Wrong::new(patch))
        });
        // Another seed may show it in less.
        if let Some(script) = shrunk.filter(|script| script.moves.len() <= EVENTS) {
            return script;
        }
    }
    panic!("{patch:?} is not found in {SEEDS} seeds, or not in {EVENTS} events");
}

#[track_caller]
fn found(patch: Patch, transcript: Expect) {
    let script = counterexample(patch);
    let played = script.play(Wrong::new(patch));
    transcript.assert_eq(&played.tell());
    let events = script.moves.len();
    assert!(events <= EVENTS, "{events} events");
    if script.estimates_believed {
        // The engine would tell nothing at all.
        return;
    }
    let right = script.play(Center::new()).failure;
    assert_eq!(right, None, "the engine without the patch fails too");
}

#[test]
fn the_engine_freezes_and_the_agent_stays_receiving() {
    found(
        Patch::Freeswitch1062,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: contact 1 arrives
            2s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
            3s: agent-0 is ready
                agent-0: logged_out -> ready
            4s: set-up of 2 queues and 3 agents
                ask 1 least-talk-time about contact 1: agent-0
            4s20ms: time passes
                RouterFailed { ask: AskId(1), queue: queue-1, failure: DeadlineExceeded, plugin: "" }
                offer 1 of contact 1 to agent-0
                agent-0: ready -> reserved
            5s: offer 1 fails: Declined
            6s: contact 2 arrives
            two-way: 1 are in the centre, but the world was told of 2
        "#]],
    );
}

#[test]
fn the_agents_thread_dies() {
    found(
        Patch::Freeswitch1641,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: agent-0 is ready
                agent-0: logged_out -> ready
            2s: contact 1 arrives
            3s: contact 1 is put into queue-0 with priority 5
                contact 1 is number 1 in queue-0
                offer 1 of contact 1 to agent-0
                agent-0: ready -> reserved
            4s: offer 1 fails: Busy
                offer 1 to agent-0 is lost: Busy
                agent-0: reserved -> not_ready (phone-busy)
            4s: agent-0 is ready
            6s: time passes
            6s: agent-0 is ready
            liveness: 1 contacts never end, 001j7914f92d9 the first of them
        "#]],
    );
}

#[test]
fn a_hang_up_is_lost_in_a_race() {
    found(
        Patch::Freeswitch1973,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            4s741ms203us: contact 1 arrives
            4s932ms: agent-1 is ready
                agent-1: logged_out -> ready
            6s605ms842us: contact 1 is put into queue-2
                contact 1 is number 1 in queue-2
                offer 1 of contact 1 to agent-1
                agent-1: ready -> reserved
            7s887ms525us: offer 1 is accepted
                connect contact 1 with agent-1 after 1s281ms683us
                agent-1: reserved -> busy
            8s633ms191us: contact 1 ends: CustomerLeft
            liveness: 1 contacts never end, 001j79136h62m the first of them
        "#]],
    );
}

#[test]
fn an_agent_is_stuck_in_reserved() {
    found(
        Patch::Freeswitch2540,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: agent-1 is ready
            agent-1: logged_out -> ready
        2s: contact 1 arrives
        3s: contact 1 is put into queue-2
            contact 1 is number 1 in queue-2
            offer 1 of contact 1 to agent-1
            agent-1: ready -> reserved
        4s: contact 1 ends: CustomerLeft
            withdraw offer 1 from agent-1: CustomerLeft
            contact 1 abandons queue-2
            contact 1 is closed: CustomerLeft
        agent-state: agent-1 is reserved: 0 ring, 0 talk
    "#]],
    );
}

#[test]
fn a_phone_rings_for_a_caller_who_has_left() {
    found(
        Patch::Freeswitch2529,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: agent-1 is ready
                agent-1: logged_out -> ready
            2s: contact 1 arrives
            3s: contact 1 is put into queue-2
                contact 1 is number 1 in queue-2
                offer 1 of contact 1 to agent-1
                agent-1: ready -> reserved
            4s: contact 1 ends: CustomerLeft
                agent-1: reserved -> ready
                contact 1 abandons queue-2
                contact 1 is closed: CustomerLeft
            ringing: agent-1 is rung for 001j7917axfbr, who has left
        "#]],
    );
}

#[test]
fn the_same_phone_is_rung_twice() {
    found(
        Patch::Freeswitch2901,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
        2s: agent-4 is ready
            agent-4: logged_out -> ready
            offer 1 of contact 1 to agent-4
            offer 1000001 of contact 1 to agent-4
            agent-4: ready -> reserved
        double-booking: agent-4 is offered 001j79132z0j0 and has no room for it
    "#]],
    );
}

#[test]
fn a_status_change_gives_a_loop_of_invitations() {
    found(
        Patch::FreeswitchPr800,
        expect![[r#"
            0s: set-up of 1 queues and 2 agents
            1s: contact 1 arrives
            2s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
            3s: agent-0 is ready
                agent-0: logged_out -> ready
            4s: agent-4 is ready
                agent-4: logged_out -> ready
                offer 1 of contact 1 to agent-4
                agent-4: ready -> reserved
            5s: set-up of 2 queues and 3 agents
                withdraw offer 1 from agent-4: AgentLeft
                agent-4: reserved -> ready
                offer 1000000 of contact 1 to agent-4
                agent-4: reserved -> logged_out
                ask 1 least-talk-time about contact 1: agent-0
            mandatory-skill: agent-4 may not serve 001j791d4dh43
        "#]],
    );
}

#[test]
fn after_call_work_ends_early() {
    found(
        Patch::Asterisk1006,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: contact 1 arrives
            2s: agent-1 is ready
                agent-1: logged_out -> ready
            3s: contact 1 is put into queue-2
                contact 1 is number 1 in queue-2
                offer 1 of contact 1 to agent-1
                agent-1: ready -> reserved
            4s: offer 1 is accepted
                connect contact 1 with agent-1 after 1s
                agent-1: reserved -> busy
            5s: contact 1 ends: CustomerLeft
                part contact 1 and agent-1 after 1s
                agent-1: busy -> after_call_work
                contact 1 is closed: CustomerLeft
            6s: contact 2 is put into queue-2
                the work of agent-1 after contact 1 is over after 1s
                agent-1: after_call_work -> ready
            wrap-up: the after-call work of agent-1 ended after 1s
        "#]],
    );
}

#[test]
fn a_call_is_counted_twice() {
    found(
        Patch::Asterisk1736,
        expect![[r#"
        0s: set-up of 1 queues and 0 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
            contact 1 is number 1 in queue-1
        one-ending: 001j79132z0j0 is queued while in a queue or a conversation
    "#]],
    );
}

#[test]
fn one_hang_up_drops_all_ringing() {
    found(
        Patch::Asterisk1557,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: agent-0 is ready
                agent-0: logged_out -> ready
            2s: contact 1 arrives
            3s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
                offer 1 of contact 1 to agent-0
                agent-0: ready -> reserved
            4s: the conversation of contact 2 ends by Agent
                withdraw offer 1 from agent-0: AnsweredElsewhere
            agent-state: agent-0 is reserved: 0 ring, 0 talk
        "#]],
    );
}

#[test]
fn offers_stop_altogether() {
    found(
        Patch::Asterisk1691,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
        2s: agent-4 is ready
            agent-4: logged_out -> ready
        work-conserving: agent-4 could serve 001j79132z0j0, who waits
    "#]],
    );
}

#[test]
fn a_lost_bye_leaves_the_agent_in_a_call() {
    found(
        Patch::Opensips2530,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: agent-0 is ready
                agent-0: logged_out -> ready
            2s: contact 1 arrives
            3s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
                offer 1 of contact 1 to agent-0
                agent-0: ready -> reserved
            4s: offer 1 is accepted
                connect contact 1 with agent-0 after 1s
                agent-0: reserved -> busy
            5s: contact 1 ends: Lost
            liveness: 1 contacts never end, 001j7914gtxxk the first of them
        "#]],
    );
}

#[test]
fn a_pause_asked_for_is_forgotten() {
    found(
        Patch::TwilioTaskrouter2,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: contact 1 arrives
            2s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
            3s: agent-4 is ready
                agent-4: logged_out -> ready
                offer 1 of contact 1 to agent-4
                agent-4: ready -> reserved
            4s: offer 1 is accepted
                connect contact 1 with agent-4 after 2s
                agent-4: reserved -> busy
            5s: agent-4 pauses (lunch)
            5s: the conversation of contact 1 ends by Agent
                part contact 1 and agent-4 after 1s
                agent-4: busy -> after_call_work
                contact 1 leaves queue-1: Served
            5s: contact 1 ends: Completed
                contact 1 is closed: Completed
            14s913ms: time passes
                the work of agent-4 after contact 1 is over after 9s913ms
                agent-4: after_call_work -> ready
            agent-state: agent-4 asked for a pause during its work and is ready
        "#]],
    );
}

#[test]
fn low_priority_goes_first() {
    found(
        Patch::TaskrouterCcis1719,
        expect![[r#"
            0s: set-up of 1 queues and 0 agents
            1s: contact 1 arrives
            2s: contact 2 arrives
            3s: contact 2 is put into queue-0 with priority -3
                contact 2 is number 1 in queue-0
            4s: contact 1 is put into queue-0
                contact 1 is number 2 in queue-0
                contact 1 leaves queue-0: Full
            position: 001j79132z0j0 is number 1, not 2
        "#]],
    );
}

#[test]
fn an_offer_is_not_shown() {
    found(
        Patch::RocketChat22105,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
        2s: agent-4 is ready
            agent-4: logged_out -> ready
            agent-4: ready -> reserved
        agent-state: agent-4 is reserved: 0 ring, 0 talk
    "#]],
    );
}

#[test]
fn what_is_queued_is_never_assigned() {
    found(
        Patch::Chatwoot10583,
        expect![[r#"
        0s: set-up of 1 queues and 1 agents
        1s: contact 1 arrives
        2s: contact 1 is put into queue-1
            contact 1 is number 1 in queue-1
        2s: agent-4 is ready
            agent-4: logged_out -> ready
        work-conserving: agent-4 could serve 001j79143p3cs, who waits
    "#]],
    );
}

#[test]
fn limits_are_enforced_late() {
    found(
        Patch::AmazonConnectLimits,
        expect![[r#"
            0s: set-up of 1 queues and 0 agents
            1s: contact 1 arrives
            2s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
            3s: contact 2 arrives
            4s: contact 2 is put into queue-1
                contact 2 is number 2 in queue-1
            limit: 2 stand in queue-1, where 1 may
        "#]],
    );
}

#[test]
fn a_caller_is_lost_when_the_bridge_fails() {
    found(
        Patch::PoppedBeforeTheBridge,
        expect![[r#"
            0s: set-up of 1 queues and 1 agents
            1s: contact 1 arrives
            2s: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
            3s: agent-0 is ready
                agent-0: logged_out -> ready
            4s: set-up of 2 queues and 3 agents
                ask 1 least-talk-time about contact 1: agent-0
            4s20ms: time passes
                RouterFailed { ask: AskId(1), queue: queue-1, failure: DeadlineExceeded, plugin: "" }
                offer 1 of contact 1 to agent-0
                agent-0: ready -> reserved
            5s: offer 1 fails: Declined
                offer 1 to agent-0 is lost: Declined
                agent-0: reserved -> ready
            two-way: the world was told that 001j791czz6zq is in queue-1
        "#]],
    );
}

#[test]
fn the_place_is_lost_on_no_answer() {
    found(
        Patch::PlaceLostOnNoAnswer,
        expect![[r#"
            0s: set-up of 2 queues and 2 agents
            4s741ms203us: contact 1 arrives
            4s932ms: agent-1 is ready
                agent-1: logged_out -> ready
            4s949ms543us: contact 2 arrives
            5s420ms907us: contact 1 is put into queue-1
                contact 1 is number 1 in queue-1
            5s968ms373us: contact 3 arrives
            6s844ms409us: contact 3 is put into queue-2
                contact 3 is number 1 in queue-2
                offer 1 of contact 3 to agent-1
                agent-1: ready -> reserved
            10s724ms177us: contact 2 is put into queue-2
                contact 2 is number 2 in queue-2
            16s241ms409us: time passes
                withdraw offer 1 from agent-1: NoAnswer
                agent-1: reserved -> ready
                offer 2 of contact 2 to agent-1
                agent-1: ready -> reserved
            16s901ms441us: agent-1 is ready
            16s901ms441us: offer 2 is accepted
                connect contact 2 with agent-1 after 6s177ms264us
                agent-1: reserved -> busy
            16s901ms441us: the conversation of contact 2 ends by Agent
                part contact 2 and agent-1 after 0s
                agent-1: busy -> after_call_work
                contact 2 leaves queue-2: Served
            16s901ms441us: contact 2 ends: Completed
                contact 2 is closed: Completed
            16s901ms441us: agent-4 is ready
                agent-4: logged_out -> ready
                offer 3 of contact 1 to agent-4
                agent-4: ready -> reserved
            16s901ms441us: offer 3 is accepted
                connect contact 1 with agent-4 after 11s480ms534us
                agent-4: reserved -> busy
            16s901ms441us: the conversation of contact 1 ends by Agent
                part contact 1 and agent-4 after 0s
                agent-4: busy -> after_call_work
                contact 1 leaves queue-1: Served
            16s901ms441us: contact 1 ends: Completed
                contact 1 is closed: Completed
            26s814ms441us: time passes
                the work of agent-4 after contact 1 is over after 9s913ms
                agent-4: after_call_work -> ready
            limit: 001j79137pmfp waits too long
        "#]],
    );
}
