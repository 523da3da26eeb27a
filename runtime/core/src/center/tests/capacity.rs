//! How much an agent has at once: slots, weights, interruptions, kept hours, blends.

use expect_test::expect;

use super::check;

/// chatwoot#10583: queued chats are not assigned when capacity frees.
#[test]
fn chats_are_assigned_as_slots_free() {
    check(
        "
        queue chat wrap=5
        agent ann chat chat=2/40 voice=1/100
        0 ready ann
        1 call c1 chat chat
        2 accept 1
        3 call c2 chat chat
        4 accept 2
        5 call c3 chat chat
        6 call c4 chat
        10 part c1 customer
        15 wait
        16 accept 3
        20 ready ann
        30 pause ann lunch
        31 part c2 customer
        32 part c3 customer
        40 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins chat at 1
            1.00 offer o1: c1 to ann from chat
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 c2 joins chat at 1
            3.00 offer o2: c2 to ann from chat
            3.00 ann is reserved, was busy for 1s
            4.00 connect c2 with ann after 1s, in target
            4.00 ann is busy, was reserved for 1s
            5.00 c3 joins chat at 1
            6.00 c4 joins chat at 2
            10.00 disconnect c1 from ann after 8s by Customer
            10.00 c1 leaves chat after 1s: Served
            15.00 ann has wrapped up c1 after 5s
            15.00 offer o3: c3 to ann from chat
            15.00 ann is reserved, was busy for 11s
            16.00 connect c3 with ann after 11s, in target
            16.00 ann is busy, was reserved for 1s
            31.00 disconnect c2 from ann after 27s by Customer
            31.00 c2 leaves chat after 1s: Served
            32.00 disconnect c3 from ann after 16s by Customer
            32.00 ann is after_call_work, was busy for 16s
            32.00 c3 leaves chat after 11s: Served
            36.00 ann has wrapped up c2 after 5s
            37.00 ann has wrapped up c3 after 5s
            37.00 ann is not_ready (lunch), was after_call_work for 5s
        "#]],
    );
}

#[test]
fn with_nothing_said_one_contact_of_any_channel_fills_the_agent() {
    check(
        "
        queue all
        agent ann all
        0 ready ann
        1 call c1 all email
        2 accept 1
        3 call c2 all
        4 call c3 all email
        9 part c1 agent
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins all at 1
            1.00 offer o1: c1 to ann from all
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 c2 joins all at 1
            4.00 c3 joins all at 2
            9.00 disconnect c1 from ann after 7s by Agent
            9.00 ann is ready, was busy for 7s
            9.00 c1 leaves all after 1s: Served
            9.00 offer o2: c2 to ann from all
            9.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn an_email_is_put_aside_for_a_call_and_taken_up_after_it() {
    check(
        "
        queue mail
        queue sales wrap=5
        agent ann mail,sales email=1/100! voice=1/100
        0 ready ann
        1 call c1 mail email
        2 accept 1
        3 call c2 sales
        4 accept 2
        5 call c3 mail email
        9 part c2 customer
        14 wait
        20 part c1 agent
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins mail at 1
            1.00 offer o1: c1 to ann from mail
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 c2 joins sales at 1
            3.00 offer o2: c2 to ann from sales
            3.00 ann is reserved, was busy for 1s
            4.00 connect c2 with ann after 1s, in target
            4.00 ann puts c1 aside for c2
            4.00 ann is busy, was reserved for 1s
            5.00 c3 joins mail at 1
            9.00 disconnect c2 from ann after 5s by Customer
            9.00 c2 leaves sales after 1s: Served
            14.00 ann has wrapped up c2 after 5s
            14.00 ann takes c1 up again
            20.00 disconnect c1 from ann after 18s by Agent
            20.00 ann is ready, was busy for 16s
            20.00 c1 leaves mail after 1s: Served
            20.00 offer o3: c3 to ann from mail
            20.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

/// Genesys: the idle timer piles chats on one agent.
#[test]
fn the_least_loaded_agent_is_first() {
    check(
        "
        certificates
        queue chat
        agent ann chat chat=3/30
        agent ben chat chat=3/30
        0 ready ann
        1 ready ben
        2 call c1 chat chat
        3 accept 1
        4 call c2 chat chat
        5 accept 2
        6 call c3 chat chat
        7 accept 3
        8 call c4 chat chat
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 ben is ready, was logged_out for 1s
            2.00 c1 joins chat at 1
            2.00 offer o1: c1 to ann from chat
                of 2: ann idle 2000 ms, ben idle 1000 ms; step 0, priority 0, LongestIdle
            2.00 ann is reserved, was ready for 2s
            3.00 connect c1 with ann after 1s, in target
            3.00 ann is busy, was reserved for 1s
            4.00 c2 joins chat at 1
            4.00 offer o2: c2 to ben from chat
                of 2: ben idle 3000 ms, ann idle 1000 ms; step 0, priority 0, LeastLoaded
            4.00 ben is reserved, was ready for 3s
            5.00 connect c2 with ben after 1s, in target
            5.00 ben is busy, was reserved for 1s
            6.00 c3 joins chat at 1
            6.00 offer o3: c3 to ann from chat
                of 2: ann idle 3000 ms, ben idle 1000 ms; step 0, priority 0, LongestIdle
            6.00 ann is reserved, was busy for 3s
            7.00 connect c3 with ann after 1s, in target
            7.00 ann is busy, was reserved for 1s
            8.00 c4 joins chat at 1
            8.00 offer o4: c4 to ben from chat
                of 2: ben idle 3000 ms, ann idle 1000 ms; step 0, priority 0, LeastLoaded
            8.00 ben is reserved, was busy for 3s
        "#]],
    );
}

#[test]
fn a_channel_without_slots_is_never_offered() {
    check(
        "
        queue all staffed
        agent ann all voice=0/100
        0 ready ann
        1 call c1 all
        2 call c2 all chat
        3 why c1 ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins all at 1
            2.00 c2 joins all at 2
            2.00 offer o1: c2 to ann from all
            2.00 ann is reserved, was ready for 2s
            3.00 why not ann for c1: is offered 0000000000002; has no room: 0 percent taken
        "#]],
    );
}

#[test]
fn hours_kept_for_mail_are_free_of_calls() {
    check(
        "
        queue sales
        queue mail
        agent ann sales,mail kept=00:01-00:02/email
        0 ready ann
        70 call c1 sales
        71 why c1 ann
        80 call c2 mail email
        81 accept 1
        90 part c2 agent
        125 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            70.00 c1 joins sales at 1
            71.00 why not ann for c1: has hours kept for other work
            80.00 c2 joins mail at 1
            80.00 offer o1: c2 to ann from mail
            80.00 ann is reserved, was ready for 80s
            81.00 connect c2 with ann after 1s, in target
            81.00 ann is busy, was reserved for 1s
            90.00 disconnect c2 from ann after 9s by Agent
            90.00 ann is ready, was busy for 9s
            90.00 c2 leaves mail after 1s: Served
            120.00 offer o2: c1 to ann from sales
            120.00 ann is reserved, was ready for 30s
        "#]],
    );
}

#[test]
fn staff_is_moved_by_load_with_hysteresis() {
    check(
        "
        queue sales
        queue mail
        agent ann sales,mail
        agent ben mail
        blend day calls=sales deferred=mail peak=2 calm=0 calm-for=30
        0 call c1 sales
        1 call c2 sales
        2 call c3 mail email
        2 call c4 mail email
        3 ready ann
        4 accept 1
        5 part c1 agent
        6 accept 2
        7 part c2 agent
        8 why c3 ann
        9 ready ben
        20 call c5 sales
        21 hangup c5
        60 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c2 joins sales at 2
            1.00 day is in its peak
            2.00 c3 joins mail at 1
            2.00 c4 joins mail at 2
            3.00 ann is ready, was logged_out for 3s
            3.00 offer o1: c1 to ann from sales
            3.00 ann is reserved, was ready for 0ns
            4.00 connect c1 with ann after 4s, in target
            4.00 ann is busy, was reserved for 1s
            5.00 disconnect c1 from ann after 1s by Agent
            5.00 ann is ready, was busy for 1s
            5.00 c1 leaves sales after 4s: Served
            5.00 offer o2: c2 to ann from sales
            5.00 ann is reserved, was ready for 0ns
            6.00 connect c2 with ann after 5s, in target
            6.00 ann is busy, was reserved for 1s
            7.00 disconnect c2 from ann after 1s by Agent
            7.00 ann is ready, was busy for 1s
            7.00 c2 leaves sales after 5s: Served
            8.00 why not ann for c3: is kept for calls by the blend `day`
            9.00 ben is ready, was logged_out for 9s
            9.00 offer o3: c3 to ben from mail
            9.00 ben is reserved, was ready for 0ns
            20.00 c5 joins sales at 1
            20.00 offer o4: c5 to ann from sales
            20.00 ann is reserved, was ready for 13s
            21.00 withdraw o4: c5 from ann: CustomerLeft
            21.00 ann is ready, was reserved for 1s
            21.00 c5 abandons sales after 1s, short
            21.00 c5 is closed after 1s: CustomerLeft
            29.00 withdraw o3: c3 from ben: NoAnswer
            29.00 ben is not_ready (no-answer), was reserved for 20s
            35.00 day is calm
            35.00 offer o5: c3 to ann from mail
            35.00 ann is reserved, was ready for 14s
            55.00 withdraw o5: c3 from ann: NoAnswer
            55.00 ann is not_ready (no-answer), was reserved for 20s
        "#]],
    );
}

#[test]
fn a_long_wait_begins_a_peak_too() {
    check(
        "
        queue sales
        queue mail
        agent ann sales,mail
        blend day calls=sales deferred=mail peak-wait=60 calm=0
        0 call c1 sales skill=russian:1
        1 ready ann
        70 call c2 mail email
        80 hangup c1
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 ann is ready, was logged_out for 1s
            60.00 day is in its peak
            70.00 c2 joins mail at 1
            80.00 c1 abandons sales after 80s
            80.00 c1 is closed after 80s: CustomerLeft
            80.00 day is calm
            80.00 offer o1: c2 to ann from mail
            80.00 ann is reserved, was ready for 79s
        "#]],
    );
}

/// opensips#2530, twilio-taskrouter.js#2: what an agent asks for while it has work in hand waits, and
/// nothing flips it back.
#[test]
fn a_pause_with_several_works_in_hand_takes_no_more_and_comes_after_the_last() {
    check(
        "
        queue chat wrap=3
        agent ann chat chat=3/30
        0 ready ann
        1 call c1 chat chat
        1 accept 1
        2 call c2 chat chat
        2 accept 2
        3 call c3 chat chat
        4 pause ann lunch
        5 part c1 agent
        6 call c4 chat chat
        9 logout ann
        10 part c2 agent
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins chat at 1
            1.00 offer o1: c1 to ann from chat
            1.00 ann is reserved, was ready for 1s
            1.00 connect c1 with ann after 0ns, in target
            1.00 ann is busy, was reserved for 0ns
            2.00 c2 joins chat at 1
            2.00 offer o2: c2 to ann from chat
            2.00 ann is reserved, was busy for 1s
            2.00 connect c2 with ann after 0ns, in target
            2.00 ann is busy, was reserved for 0ns
            3.00 c3 joins chat at 1
            3.00 offer o3: c3 to ann from chat
            3.00 ann is reserved, was busy for 1s
            4.00 withdraw o3: c3 from ann: AgentLeft
            4.00 ann is busy, was reserved for 1s
            5.00 disconnect c1 from ann after 4s by Agent
            5.00 c1 leaves chat after 0ns: Served
            6.00 c4 joins chat at 2
            8.00 ann has wrapped up c1 after 3s
            10.00 disconnect c2 from ann after 8s by Agent
            10.00 ann is logged_out, was busy for 6s
            10.00 c2 leaves chat after 0ns: Served
        "#]],
    );
}

#[test]
fn the_after_call_work_of_each_conversation_is_finished_by_itself() {
    check(
        "
        queue chat wrap=60
        agent ann chat chat=2/50
        0 ready ann
        1 call c1 chat chat
        2 accept 1
        3 call c2 chat chat
        4 accept 2
        10 part c1 agent
        11 part c2 agent
        12 call c3 chat chat
        13 finish ann c2
        13 finish ann c2
        14 finish ann c9
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins chat at 1
            1.00 offer o1: c1 to ann from chat
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            3.00 c2 joins chat at 1
            3.00 offer o2: c2 to ann from chat
            3.00 ann is reserved, was busy for 1s
            4.00 connect c2 with ann after 1s, in target
            4.00 ann is busy, was reserved for 1s
            10.00 disconnect c1 from ann after 8s by Agent
            10.00 c1 leaves chat after 1s: Served
            11.00 disconnect c2 from ann after 7s by Agent
            11.00 ann is after_call_work, was busy for 7s
            11.00 c2 leaves chat after 1s: Served
            12.00 c3 joins chat at 1
            13.00 ann has wrapped up c2 after 2s
            13.00 offer o3: c3 to ann from chat
            13.00 ann is reserved, was after_call_work for 2s
        "#]],
    );
}

#[test]
fn who_waited_before_has_its_place_again() {
    check(
        "
        queue chat
        agent ann chat chat=1/50
        20 call c1 chat chat
        30 call c2 chat chat since=5
        40 call c3 chat chat since=60
        50 ready ann
        51 accept 1
        ",
        expect![[r#"
            20.00 c1 joins chat at 1
            30.00 c2 joins chat at 1
            40.00 c3 joins chat at 3
            50.00 ann is ready, was logged_out for 50s
            50.00 offer o1: c2 to ann from chat
            50.00 ann is reserved, was ready for 0ns
            51.00 connect c2 with ann after 46s, late
            51.00 ann is busy, was reserved for 1s
        "#]],
    );
}
