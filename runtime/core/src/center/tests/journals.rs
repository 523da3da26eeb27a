//! The journal: it can be written, read and played again, and figures can be made from it.

use expect_test::expect;

use super::script;
use crate::*;

const DAY: &str = "
    queue sales wrap=10 short=1 over=help size=2 router=best
    queue help target=5
    agent ann sales
    agent ben sales,help
    0 ready ann
    1 ready ben
    1.333333 call c1 sales
    1.34 reply 1 ben,ann
    4 accept 1
    5 call c2 sales
    5.01 reply 2 nobody
    6 accept 2
    7 call c3 sales
    8 call c4 sales
    9 call c5 sales
    30 part c1 agent
    31 complete c1
    45 hangup c3
    50 hangup c2
    70 accept 3
    90 hangup c4
";

#[test]
fn a_journal_survives_writing_and_reading_and_replays() {
    let played = script::play(DAY);
    let lines = played.journal.iter().map(|record| serde_json::to_string(record).unwrap());
    let lines: Vec<String> = lines.collect();
    let read = lines.iter().map(|line| serde_json::from_str(line).unwrap());
    let read: Vec<JournalRecord> = read.collect();
    assert_eq!(read, played.journal);
    assert_eq!(replay(read).unwrap().snapshot(), played.center.snapshot());
}

#[test]
fn a_replay_names_the_record_that_differs() {
    let mut journal = script::play(DAY).journal;
    let index = journal.iter().rposition(|record| !record.outputs.is_empty()).unwrap();
    journal[index].outputs.pop();
    let divergence = replay(&journal).unwrap_err();
    assert_eq!(divergence.index, index);
    assert_eq!(divergence.recorded.len() + 1, divergence.replayed.len());
}

#[test]
fn figures_made_again_from_the_journal_are_the_same() {
    let played = script::play(DAY);
    let mut live = Stats::default();
    let mut center = Center::new();
    for record in &played.journal {
        center.handle_input(record.at, record.input.clone());
        while let Some(output) = center.poll_output() {
            live.apply(record.at, &output);
        }
    }
    let mut again = Stats::default();
    for record in &played.journal {
        record.outputs.iter().for_each(|output| again.apply(record.at, output));
    }
    assert_eq!(again, live);
    let sales = &live.queues[&"sales".parse().unwrap()];
    let figures = format!(
        "{sales:#?}\nservice level {:?}\nASA {:?}\nAHT {:?}\n",
        sales.service_level(),
        sales.average_speed_of_answer(),
        sales.average_handle_time(),
    );
    expect![[r#"
        QueueStats {
            offered: 5,
            answered: 2,
            answered_in_target: 2,
            abandoned: 2,
            short_abandoned: 0,
            left: LeftStats {
                timed_out: 0,
                full: 0,
                closed: 0,
                no_agents: 0,
                by_key: 0,
                callback: 0,
            },
            overflowed_in: 0,
            overflowed_out: 1,
            wait_of_answered: 3.666667s,
            handled: 2,
            talk: 70s,
            wrap_up: 20s,
            router_failures: {
                "bad_reply": 1,
                "deadline_exceeded": 3,
            },
        }
        service level Ok(0.5)
        ASA Ok(1.833333s)
        AHT Ok(45s)
    "#]]
    .assert_eq(&figures);
    let ann = format!("{:?}", live.agents[&"ann".parse().unwrap()]);
    expect!["AgentStats { contacts: 1, talk: 44s, wrap_up: 10s, ready: 10.05s, not_ready: 0ns }"]
        .assert_eq(&ann);
}

#[test]
fn figures_of_nothing_are_no_figures() {
    let none = QueueStats::default();
    assert_eq!(none.service_level(), Err(StatsError::NoInteractions));
    assert_eq!(none.average_speed_of_answer(), Err(StatsError::NoInteractions));
    assert_eq!(none.average_handle_time(), Err(StatsError::NoInteractions));
}

#[test]
fn a_snapshot_is_what_a_wallboard_shows() {
    let played = script::play(
        "
        queue sales
        agent ann sales russian:7
        0 ready ann
        3 call c1 sales
        4 call c2 sales priority=1
        5 wait
        ",
    );
    let shown = serde_json::to_string(&played.center.snapshot()).unwrap();
    let shown = shown.replace("},", "},\n");
    expect![[r#"
        {"at":5000000,"agents":{"ann":{"state":"reserved","since":3000000,"next":null,"interaction":"0000000000001","offer":{"offer":1,"interaction":"0000000000001","channel":"voice","queue":"sales","until":23000000},
        "works":[],"load":0,"refusals":0,"queues":{"sales":5},
        "skills":[{"name":"russian","level":7}],"contacts":0,"talk":{"secs":0,"nanos":0}}},
        "queues":{"sales":{"waiting":[{"interaction":"0000000000002","position":1,"priority":1,"waited":{"secs":1,"nanos":0},
        "ringing":[],"step":0},
        {"interaction":"0000000000001","position":2,"priority":0,"waited":{"secs":2,"nanos":0},
        "ringing":[[1,"ann"]],"step":0}],"longest_wait":{"secs":2,"nanos":0},
        "ready":0,"busy":1,"logged_in":1,"open":true,"calibration":null}},
        "interactions":2,"callbacks":{}}"#]]
    .assert_eq(&shown);
}

#[test]
fn a_timeout_and_a_record_of_it_are_the_same() {
    let journal = script::play(DAY).journal;
    let mut center = Center::new();
    center.handle_timeout(Instant::default());
    for record in &journal {
        match &record.input {
            Input::TimeElapsed => center.handle_timeout(record.at),
            input => center.handle_input(record.at, input.clone()),
        }
        let outputs: Vec<Output> = std::iter::from_fn(|| center.poll_output()).collect();
        assert_eq!(outputs, record.outputs, "at {}", record.at);
    }
}
