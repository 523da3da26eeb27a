//! What is needed of agents: refusals, expressions, steps, who must be there, and why not me.

use expect_test::expect;

use super::check;

/// No cherry-picking: who refuses again and again is sent to NotReady; the contact keeps its place.
#[test]
fn refusals_in_a_row_send_the_agent_away() {
    check(
        "
        queue sales refusals=2 lenient ring=5
        agent ann sales
        0 ready ann
        1 call c1 sales
        2 fail 1 declined
        4 wait
        5 accept 2
        6 part c1 agent
        7 call c2 sales
        8 fail 3 declined
        9 call c3 sales
        20 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 lost o1: c1 by ann: Declined
            2.00 ann is ready, was reserved for 1s
            4.00 offer o2: c1 to ann from sales
            4.00 ann is reserved, was ready for 2s
            5.00 connect c1 with ann after 4s, in target
            5.00 ann is busy, was reserved for 1s
            6.00 disconnect c1 from ann after 1s by Agent
            6.00 ann is ready, was busy for 1s
            6.00 c1 leaves sales after 4s: Served
            7.00 c2 joins sales at 1
            7.00 offer o3: c2 to ann from sales
            7.00 ann is reserved, was ready for 1s
            8.00 lost o3: c2 by ann: Declined
            8.00 ann is ready, was reserved for 1s
            9.00 c3 joins sales at 2
            9.00 offer o4: c3 to ann from sales
            9.00 ann is reserved, was ready for 1s
            14.00 withdraw o4: c3 from ann: NoAnswer
            14.00 ann is not_ready (refusals), was reserved for 5s
        "#]],
    );
}

#[test]
fn an_expression_says_who_may_serve() {
    check(
        r#"
        queue sales eligible=language==contact.language&&level("sales")>=3
        agent ann sales sales:5 @language=lv
        agent ben sales sales:2 @language=ru
        agent cat sales sales:3 @language=ru
        0 ready ann
        0 ready ben
        0 ready cat
        1 call c1 sales @language=ru
        2 call c2 sales @language=ru
        3 call c3 sales
        4 why c2 ann
        4 why c2 ben
        4 why c2 cat
        4 why c3 ann
        "#,
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            0.00 cat is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to cat from sales
            1.00 cat is reserved, was ready for 1s
            2.00 c2 joins sales at 2
            3.00 c3 joins sales at 3
            4.00 why not ann for c2: does not meet `language == "ru"`; contacts of the queue with a better place: 1
            4.00 why not ben for c2: does not meet `level("sales") >= 3`; contacts of the queue with a better place: 1
            4.00 why not cat for c2: is offered 0000000000001; contacts of the queue with a better place: 1
            4.00 why not ann for c3: does not meet `false`; contacts of the queue with a better place: 2
        "#]],
    );
}

/// Bullseye, and the reverse: skills may be lowered, dropped and added while a contact waits.
#[test]
fn what_is_needed_changes_step_by_step() {
    check(
        "
        certificates
        queue sales step=10,lower,russian:3 step=20,drop,russian,add,billing:2 step=30,drop-all
        agent ann sales
        agent ben sales billing:2
        agent cat sales russian:3
        0 ready ann
        0 ready ben
        0 ready cat
        1 call c1 sales skill=russian:7
        12 fail 1 declined
        25 fail 2 declined
        40 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            0.00 cat is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            11.00 c1 is at step 1: russian >= 3
            11.00 offer o1: c1 to cat from sales
                of 1: cat idle 11000 ms; step 1, priority 0, OnlyOne
            11.00 cat is reserved, was ready for 11s
            12.00 lost o1: c1 by cat: Declined
            12.00 cat is ready, was reserved for 1s
            14.00 offer o2: c1 to cat from sales
                of 1: cat idle 2000 ms; step 1, priority 0, OnlyOne
            14.00 cat is reserved, was ready for 2s
            21.00 c1 is at step 2: billing >= 2
            25.00 lost o2: c1 by cat: Declined
            25.00 cat is ready, was reserved for 11s
            25.00 offer o3: c1 to ben from sales
                of 1: ben idle 25000 ms; step 2, priority 0, OnlyOne
            25.00 ben is reserved, was ready for 25s
            31.00 c1 is at step 3: any agent of the queue
        "#]],
    );
}

#[test]
fn a_step_begins_while_a_router_is_asked_or_waits() {
    check(
        "
        queue sales router=best step=10,drop-all
        agent ann sales russian:5
        agent ben sales
        0 ready ann
        0 ready ben
        1 call c1 sales skill=russian:5
        1 reply 1 wait=60000
        11 reply 2 wait=60000
        11 call c2 sales skill=russian:5
        20.99 trap 3
        21.01 wait
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 ask best a1 about c1: ann
            11.00 c1 is at step 1: any agent of the queue
            11.00 ask best a2 about c1: ann, ben
            11.00 c2 joins sales at 2
            11.00 ask best a3 about c2: ann
            11.02 router failed a3: exceeded its deadline
            11.02 offer o1: c2 to ann from sales by fallback
            11.02 ann is reserved, was ready for 11.02s
            21.00 c2 is at step 1: any agent of the queue
        "#]],
    );
}

#[test]
fn who_must_be_there_is_said_apart_for_joining_and_staying() {
    check(
        "
        queue sales join=free stay=working
        agent ann sales
        0 login ann
        1 call c1 sales
        2 ready ann
        3 call c2 sales
        4 accept 1
        5 call c3 sales
        6 part c2 agent
        7 call c4 sales
        8 fail 2 busy
        ",
        expect![[r#"
            0.00 ann is not_ready (logged-in), was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 c1 leaves sales after 0ns: NoAgents
            2.00 ann is ready, was not_ready for 2s
            3.00 c2 joins sales at 1
            3.00 offer o1: c2 to ann from sales
            3.00 ann is reserved, was ready for 1s
            4.00 connect c2 with ann after 1s, in target
            4.00 ann is busy, was reserved for 1s
            5.00 c3 joins sales at 1
            5.00 c3 leaves sales after 0ns: NoAgents
            6.00 disconnect c2 from ann after 2s by Agent
            6.00 ann is ready, was busy for 2s
            6.00 c2 leaves sales after 1s: Served
            7.00 c4 joins sales at 1
            7.00 offer o2: c4 to ann from sales
            7.00 ann is reserved, was ready for 1s
            8.00 lost o2: c4 by ann: Busy
            8.00 ann is not_ready (phone-busy), was reserved for 1s
            8.00 c4 leaves sales after 1s: NoAgents
        "#]],
    );
}

#[test]
fn where_only_the_free_count_the_last_who_is_taken_empties_the_queue() {
    check(
        "
        queue sales stay=free
        agent ann sales
        agent ben sales russian:5
        0 ready ann
        0 ready ben
        1 call c1 sales
        2 call c2 sales
        3 call c3 sales
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            1.00 offer o1: c1 to ann from sales
            1.00 ann is reserved, was ready for 1s
            2.00 c2 joins sales at 2
            2.00 offer o2: c2 to ben from sales
            2.00 ben is reserved, was ready for 2s
            3.00 c3 joins sales at 3
            3.00 c3 leaves sales after 0ns: NoAgents
        "#]],
    );
}

#[test]
fn every_reason_why_not_has_its_name() {
    check(
        "
        queue sales
        queue help router=best
        agent ann sales russian:2
        agent ben help
        agent cat sales russian:9
        agent dan sales russian:9
        agent eve sales,help russian:9
        0 why c1 ann
        1 login ann
        1 ready cat
        2 ready dan
        3 call c1 sales skill=russian:5
        4 accept 1
        4 pause cat lunch
        5 call c2 sales skill=russian:5
        6 call c3 sales skill=russian:5
        7 why c3 ann
        7 why c3 ben
        7 why c3 cat
        7 why c3 dan
        7 why c3 zoe
        7 why c1 dan
        8 fail 2 declined
        8.1 why c2 dan
        9 ready eve
        9 why c3 eve
        10 accept 4
        ",
        expect![[r#"
            0.00 why not ann for c1: the contact does not wait in a queue
            1.00 ann is not_ready (logged-in), was logged_out for 1s
            1.00 cat is ready, was logged_out for 1s
            2.00 dan is ready, was logged_out for 2s
            3.00 c1 joins sales at 1
            3.00 offer o1: c1 to cat from sales
            3.00 cat is reserved, was ready for 2s
            4.00 connect c1 with cat after 1s, in target
            4.00 cat is busy, was reserved for 1s
            5.00 c2 joins sales at 1
            5.00 offer o2: c2 to dan from sales
            5.00 dan is reserved, was ready for 3s
            6.00 c3 joins sales at 2
            7.00 why not ann for c3: has `russian` at 2, 5 is needed; is not ready (logged-in) since 1.000000; contacts of the queue with a better place: 1
            7.00 why not ben for c3: does not serve the queue `sales`; has `russian` at 0, 5 is needed; is not logged in; contacts of the queue with a better place: 1
            7.00 why not cat for c3: takes no more after the work in hand; has no room: 100 percent taken; contacts of the queue with a better place: 1
            7.00 why not dan for c3: is offered 0000000000002; contacts of the queue with a better place: 1
            7.00 why not zoe for c3: there is no agent of this name
            7.00 why not dan for c1: the contact talks with cat
            8.00 lost o2: c2 by dan: Declined
            8.00 dan is ready, was reserved for 3s
            8.00 offer o3: c3 to dan from sales
            8.00 dan is reserved, was ready for 0ns
            8.10 why not dan for c2: is offered 0000000000003; did not take it at 8.000000
            9.00 eve is ready, was logged_out for 9s
            9.00 offer o4: c2 to eve from sales
            9.00 eve is reserved, was ready for 0ns
            9.00 why not eve for c3: is offered 0000000000002; it rings at dan
            10.00 connect c2 with eve after 5s, in target
            10.00 eve is busy, was reserved for 1s
        "#]],
    );
}

#[test]
fn a_certificate_says_what_decided() {
    check(
        "
        certificates
        queue sales
        queue help router=best
        agent ann sales,help
        agent ben sales,help
        agent cat sales
        0 ready ann
        0 ready ben
        1 ready cat
        2 call c1 sales
        3 fail 1 busy
        4 fail 2 declined
        5 fail 3 declined
        6 wait
        7 accept 4
        8 ready ann
        9 call c2 help
        9 reply 1 ben,ann
        10 call c3 help
        10 trap 2
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            0.00 ben is ready, was logged_out for 0ns
            1.00 cat is ready, was logged_out for 1s
            2.00 c1 joins sales at 1
            2.00 offer o1: c1 to ann from sales
                of 3: ann idle 2000 ms, ben idle 2000 ms, cat idle 1000 ms; step 0, priority 0, Name
            2.00 ann is reserved, was ready for 2s
            3.00 lost o1: c1 by ann: Busy
            3.00 ann is not_ready (phone-busy), was reserved for 1s
            3.00 offer o2: c1 to ben from sales
                of 2: ben idle 3000 ms, cat idle 2000 ms; step 0, priority 0, LongestIdle
            3.00 ben is reserved, was ready for 3s
            4.00 lost o2: c1 by ben: Declined
            4.00 ben is ready, was reserved for 1s
            4.00 offer o3: c1 to cat from sales
                of 1: cat idle 3000 ms, ben (failed-before); step 0, priority 0, OnlyOne
            4.00 cat is reserved, was ready for 3s
            5.00 lost o3: c1 by cat: Declined
            5.00 cat is ready, was reserved for 1s
            6.00 offer o4: c1 to ben from sales
                of 1: ben idle 2000 ms, cat (failed-before); step 0, priority 0, OnlyOne
            6.00 ben is reserved, was ready for 2s
            7.00 connect c1 with ben after 5s, in target
            7.00 ben is busy, was reserved for 1s
            8.00 ann is ready, was not_ready for 5s
            9.00 c2 joins help at 1
            9.00 ask best a1 about c2: ann
            9.00 router failed a1: bad reply: `ben` is no candidate
            9.00 offer o5: c2 to ann from help by fallback
                of 1: ann idle 1000 ms; step 0, priority 0, OnlyOne, a1
            9.00 ann is reserved, was ready for 1s
            10.00 c3 joins help at 2
        "#]],
    );
}

#[test]
fn skills_of_a_new_set_up_count_at_once() {
    check(
        "
        queue sales
        agent ann sales
        0 ready ann
        1 call c1 sales skill=russian:2
        agent ann sales latvian:9 russian:2
        2 configure
        ",
        expect![[r#"
            0.00 ann is ready, was logged_out for 0ns
            1.00 c1 joins sales at 1
            2.00 offer o1: c1 to ann from sales
            2.00 ann is reserved, was ready for 2s
        "#]],
    );
}
