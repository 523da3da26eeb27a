//! Stays in queues: how long, where to next, and how they end.

use expect_test::expect;

use super::check;

#[test]
fn the_longest_wait_of_the_queue_moves_the_contact_on_with_its_waiting_time() {
    check(
        "
        queue sales wait=10 over=help
        queue help wait=5 over=sales
        0 call c1 sales
        30 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            10.00 c1 overflows from sales to help
            15.00 c1 leaves help after 15s: TimedOut
        "#]],
    );
}

#[test]
fn the_contacts_own_longest_wait_ends_the_whole_stay() {
    check(
        "
        queue sales wait=10 over=help
        queue help
        agent ann help
        0 call c1 sales wait=25
        12 ready ann
        30 wait
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            10.00 c1 overflows from sales to help
            12.00 ann is ready, was logged_out for 12s
            12.00 offer o1: c1 to ann from help
            12.00 ann is reserved, was ready for 0ns
            25.00 withdraw o1: c1 from ann: TimedOut
            25.00 ann is ready, was reserved for 13s
            25.00 c1 leaves help after 25s: TimedOut
        "#]],
    );
}

#[test]
fn a_ringing_phone_may_be_answered_past_the_queues_longest_wait() {
    check(
        "
        queue sales wait=10 over=help
        queue help
        agent ann sales
        0 call c1 sales
        8 ready ann
        12 fail 1 declined
        20 call c2 sales
        21 wait
        32 accept 2
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            8.00 ann is ready, was logged_out for 8s
            8.00 offer o1: c1 to ann from sales
            8.00 ann is reserved, was ready for 0ns
            12.00 lost o1: c1 by ann: Declined
            12.00 ann is ready, was reserved for 4s
            12.00 c1 overflows from sales to help
            20.00 c2 joins sales at 1
            20.00 offer o2: c2 to ann from sales
            20.00 ann is reserved, was ready for 8s
            32.00 connect c2 with ann after 12s, in target
            32.00 ann is busy, was reserved for 12s
        "#]],
    );
}

#[test]
fn a_full_queue_overflows_to_the_first_that_has_room() {
    check(
        "
        queue sales size=1 over=help
        queue help size=1 over=desk
        queue desk size=1 over=sales
        0 call c1 sales
        0 call c2 help
        0 call c3 sales
        0 call c4 sales
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            0.00 c2 joins help at 1
            0.00 c3 joins sales at 2
            0.00 c3 overflows from sales to desk
            0.00 c4 joins sales at 2
            0.00 c4 leaves sales after 0ns: Full
        "#]],
    );
}

#[test]
fn nobody_waits_where_nobody_who_could_serve_is_logged_in() {
    check(
        "
        queue sales staffed
        agent ann sales russian:3
        agent ben sales
        0 call c1 sales
        1 login ann
        2 ready ben
        3 arrive c2
        3 enqueue c2 sales skill=russian:5
        4 call c3 sales skill=russian:3
        5 logout ben
        6 call c4 sales
        7 logout ann
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            0.00 c1 leaves sales after 0ns: NoAgents
            1.00 ann is not_ready (logged-in), was logged_out for 1s
            2.00 ben is ready, was logged_out for 2s
            3.00 c2 joins sales at 1
            3.00 c2 leaves sales after 0ns: NoAgents
            4.00 c3 joins sales at 1
            5.00 ben is logged_out, was ready for 3s
            6.00 c4 joins sales at 2
            7.00 ann is logged_out, was not_ready for 6s
            7.00 c3 leaves sales after 3s: NoAgents
            7.00 c4 leaves sales after 1s: NoAgents
        "#]],
    );
}

#[test]
fn a_key_leaves_the_queue_and_is_no_abandon() {
    check(
        "
        queue sales
        agent ann sales
        0 call c1 sales
        1 key c1 1
        1 key c1 1
        2 enqueue c1 sales
        3 ready ann
        4 key c1 2
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            1.00 c1 leaves sales after 1s: LeftByKey('1')
            2.00 c1 joins sales at 1
            3.00 ann is ready, was logged_out for 3s
            3.00 offer o1: c1 to ann from sales
            3.00 ann is reserved, was ready for 0ns
            4.00 withdraw o1: c1 from ann: CustomerLeft
            4.00 ann is ready, was reserved for 1s
            4.00 c1 leaves sales after 2s: LeftByKey('2')
        "#]],
    );
}

#[test]
fn leaving_soon_is_a_short_abandon() {
    check(
        "
        queue sales short=5
        0 call c1 sales
        0 call c2 sales
        4 hangup c1
        5 hangup c2
        ",
        expect![[r#"
            0.00 c1 joins sales at 1
            0.00 c2 joins sales at 2
            4.00 c1 abandons sales after 4s, short
            4.00 c1 is closed after 4s: CustomerLeft
            5.00 c2 abandons sales after 5s
            5.00 c2 is closed after 5s: CustomerLeft
        "#]],
    );
}

#[test]
fn a_queue_that_is_removed_releases_who_waits_and_lets_phones_ring() {
    check(
        "
        queue sales
        queue help
        agent ann sales,help
        0 ready ann
        1 call c1 sales
        1 call c2 sales
        1 call c3 help
        remove queue sales
        2 configure
        2 call c4 sales
        3 accept 1
        4 part c1 agent
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            1.00 c2 joins sales at 2
            1.00 c3 joins help at 1
            2.00 c2 leaves sales after 1s: Closed
            2.00 c4 is refused: there is no queue `sales`
            3.00 connect c1 with ann after 2s, in target
            3.00 ann is busy, was reserved for 2s
            4.00 disconnect c1 from ann after 1s by Agent
            4.00 ann is ready, was busy for 1s
            4.00 c1 leaves sales after 2s: Served
            4.00 offer o2: c3 to ann from help
            4.00 ann is reserved, was ready for 0ns
        "#]],
    );
}

#[test]
fn an_agent_who_is_removed_finishes_first() {
    check(
        "
        queue sales wrap=5
        agent ann sales
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales
        2 accept 1
        2 call c2 sales
        remove agent ann
        remove agent ben
        3 configure
        4 ready ann
        5 part c1 customer
        6 login ann
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            2.00 c2 joins sales at 1
            2.00 offer o2: c2 to ben from sales
            2.00 ben is reserved, was ready for 2s
            3.00 withdraw o2: c2 from ben: AgentLeft
            3.00 ben is logged_out, was reserved for 1s
            5.00 disconnect c1 from ann after 3s by Customer
            5.00 ann is logged_out, was busy for 3s
            5.00 c1 leaves sales after 1s: Served
        "#]],
    );
}

#[test]
fn after_a_restart_agents_are_where_they_were() {
    check(
        "
        queue sales
        agent ann sales
        agent ben sales
        agent cat sales
        agent dan sales
        0 restart ann=busy ben=lunch cat=logged-out dan=ready eve=ready
        1 call c1 sales
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is not_ready (lunch), was logged_out for 0ns
            0.00 dan is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
        "#]],
    );
}

#[test]
fn requests_during_a_conversation_are_granted_after_it() {
    check(
        "
        queue sales wrap=5
        agent ann sales
        agent ben sales
        agent cat sales
        0 ready ann
        0 ready ben
        0 ready cat
        1 call c1 sales
        1 call c2 sales
        1 call c3 sales
        2 accept 1
        2 accept 2
        2 accept 3
        3 pause ann lunch
        3 logout ben
        3 logout cat
        4 login cat
        9 part c1 agent
        9 part c2 agent
        9 part c3 agent
        20 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            0.00 cat is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            1.00 c2 joins sales at 2
            1.00 offer o2: c2 to ben from sales
            1.00 ben is reserved, was ready for 1s
            1.00 c3 joins sales at 3
            1.00 offer o3: c3 to cat from sales
            1.00 cat is reserved, was ready for 1s
            2.00 connect c1 with ann after 1s, in target
            2.00 ann is busy, was reserved for 1s
            2.00 connect c2 with ben after 1s, in target
            2.00 ben is busy, was reserved for 1s
            2.00 connect c3 with cat after 1s, in target
            2.00 cat is busy, was reserved for 1s
            9.00 disconnect c1 from ann after 7s by Agent
            9.00 ann is after_call_work, was busy for 7s
            9.00 c1 leaves sales after 1s: Served
            9.00 disconnect c2 from ben after 7s by Agent
            9.00 ben is logged_out, was busy for 7s
            9.00 c2 leaves sales after 1s: Served
            9.00 disconnect c3 from cat after 7s by Agent
            9.00 cat is after_call_work, was busy for 7s
            9.00 c3 leaves sales after 1s: Served
            14.00 ann has wrapped up c1 after 5s
            14.00 ann is not_ready (lunch), was after_call_work for 5s
            14.00 cat has wrapped up c3 after 5s
            14.00 cat is not_ready (logged-in), was after_call_work for 5s
        "#]],
    );
}

#[test]
fn a_set_up_that_takes_the_skill_away_while_it_rings_leaves_nobody_waiting_for_it() {
    check(
        "
        queue sales staffed
        agent ann sales russian:5
        0 ready ann
        1 call c1 sales skill=russian:5
        agent ann sales russian:4
        2 configure
        3 fail 1 declined
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            3.00 lost o1: c1 by ann: Declined
            3.00 ann is ready, was reserved for 2s
            3.00 c1 leaves sales after 2s: NoAgents
        "#]],
    );
}
