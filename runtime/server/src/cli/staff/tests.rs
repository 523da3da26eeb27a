//! Command lines in, what is printed out.

use clap::Parser as _;
use expect_test::{Expect, expect};
use serde_json::Value;

use super::super::args::{Cli, Command};
use super::*;

/// What the command prints, or the first line of why it does not.
fn printed(line: &str) -> Result<String, String> {
    let words = ["jackfield", "staff"].into_iter().chain(line.split_whitespace());
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let cli = Cli::try_parse_from(words).map_err(|error| first(error.to_string()))?;
    let Command::Staff(args) = cli.command else { panic!("not `staff`") };
    answer(&args, cli.global.json).map_err(|error| first(format!("error: {error}")))
}

#[track_caller]
fn check(line: &str, expected: Expect) {
    expected.assert_eq(&printed(line).unwrap_or_else(|error| error));
}

#[track_caller]
fn figures(line: &str) -> Value {
    serde_json::from_str(&printed(&format!("{line} --json")).unwrap()).unwrap()
}

#[test]
fn erlang_c_for_a_program() {
    check(
        "--model erlang-c --calls 350 --interval 1h --aht 300s --agents 30 --within 30s --json",
        expect![[r#"
            {
              "agents": 30,
              "asa_seconds": 298.0752756653259,
              "attempts": 350.0,
              "erlangs": 29.166666666666668,
              "mean_wait_seconds": 298.0752756653259,
              "meets_target": null,
              "model": "erlang-c",
              "occupancy": 0.9722222222222222,
              "p_abandon": 0.0,
              "p_abandon_within": 0.0,
              "p_block": null,
              "p_lost": 0.0,
              "p_wait": 0.8279868768481262,
              "queue_length": 28.97954068968446,
              "service_level": 0.23821529856950407,
              "stable": true,
              "wait_p90_seconds": 760.9777628595598,
              "within_seconds": 30.0
            }"#]],
    );
}

#[test]
fn the_smallest_number_that_meets_the_target() {
    check(
        "--model erlang-c --calls 100 --interval 30m --aht 180s --within 20s --target 80% \
         --max-occupancy 70% --shrinkage 30%",
        expect![[r#"
            Erlang C (M/M/c, nobody gives up): 100 calls in 30m, 3m each = 10.00 erlangs

            agents                                            15 (the fewest that meet the target)
            scheduled (n / (1 - s))                           22 (21.43)
            service level (served within 20s / offered, SL3)  94.15%
            P(wait)                                           10.20%
            ASA, mean wait of the served                      3.67 s
            mean wait of all callers                          3.67 s
            90% of all wait at most                           0.73 s
            waiting on average, Lq                            0.20
            give up                                           0.00%
            give up within 20s                                0.00%
            occupancy                                         66.67%
        "#]],
    );
    let target = "--model erlang-c --calls 100 --interval 30m --aht 3m --within 20s --target 80%";
    assert_eq!(figures(target)["agents"], 14);
    assert_eq!(figures(&format!("{target} --shrinkage 30%"))["scheduled"], 20);
    assert_eq!(figures(&target.replace("80%", "0.8"))["agents"], 14);
    // 80/20 is aimed at if nothing is said.
    assert_eq!(figures("--model erlang-c --calls 100 --interval 30m --aht 3m")["agents"], 14);
    let lost = "--model erlang-b --calls 200 --interval 1h --aht 180s --target 98%";
    assert_eq!(figures(lost)["agents"], 17);
}

#[test]
fn erlang_a_names_both_waits() {
    check(
        "--model erlang-a --calls 48 --interval 1m --aht 1m --patience 2m --agents 50 --target 0.9",
        expect![[r#"
            Erlang A (M/M/c+M, callers give up): 48 calls in 1m, 1m each = 48.00 erlangs

            agents                                            50
            service level (served within 20s / offered, SL3)  94.30%
            P(wait)                                           46.78%
            ASA, mean wait of the served                      3.62 s
            mean wait of all callers                          3.71 s
            90% of all wait at most                           12.44 s
            waiting on average, Lq                            2.97
            give up                                           3.09%
            give up within 20s                                2.98%
            occupancy                                         93.03%
            meets the target                                  yes
        "#]],
    );
}

#[test]
fn erlang_x_counts_attempts() {
    check(
        "--model erlang-x --calls 100 --interval 30m --aht 180s --patience 120s --redial 0.4 \
         --agents 10",
        expect![[r#"
            Erlang X (M/M/c+M with redials): 100 calls in 30m, 3m each = 10.00 erlangs

            agents                                      10
            service level (attempts served within 20s)  56.69%
            P(wait)                                     57.67%
            ASA, mean wait of the served                18.28 s
            mean wait of all callers                    20.24 s
            90% of all wait at most                     60.85 s
            waiting on average, Lq                      1.21
            give up                                     16.86%
            give up within 20s                          7.69%
            attempts with redials                       107.2
            customers never served                      10.85%
            occupancy                                   89.15%
        "#]],
    );
}

#[test]
fn a_row_for_each_number_of_agents() {
    check(
        "--model erlang-c --calls 100 --interval 30m --aht 180s --agents 9..15 --shrinkage 30%",
        expect![[r#"
            Erlang C (M/M/c, nobody gives up): 100 calls in 30m, 3m each = 10.00 erlangs

            AGENTS  SCHEDULED  SERVICE LEVEL  P(WAIT)  ASA       MEAN WAIT  GIVE UP  OCCUPANCY
            9       13         0.00%          100.00%  -         -          0.00%    100.00%
            10      15         0.00%          100.00%  -         -          0.00%    100.00%
            11      16         38.96%         68.21%   122.78 s  122.78 s   0.00%    90.91%
            12      18         64.02%         44.94%   40.44 s   40.44 s    0.00%    83.33%
            13      19         79.56%         28.53%   17.12 s   17.12 s    0.00%    76.92%
            14      20         88.84%         17.41%   7.84 s    7.84 s     0.00%    71.43%
            15      22         94.15%         10.20%   3.67 s    3.67 s     0.00%    66.67%

            Note: with agents ≤ load at least as much work comes as the agents can do, and nobody gives up: the queue grows without end, there is no mean wait, and in the long run nobody is served in time.
        "#]],
    );
    check(
        "--model erlang-b --calls 200 --aht 180s --agents 15..17",
        expect![[r#"
            Erlang B (M/M/c/c, calls are lost): 200 calls in 1h, 3m each = 10.00 erlangs

            AGENTS  SERVICE LEVEL  BLOCKED  P(WAIT)  ASA     MEAN WAIT  GIVE UP  OCCUPANCY
            15      96.35%         3.65%    0.00%    0.00 s  0.00 s     0.00%    64.23%
            16      97.77%         2.23%    0.00%    0.00 s  0.00 s     0.00%    61.11%
            17      98.71%         1.29%    0.00%    0.00 s  0.00 s     0.00%    58.06%
        "#]],
    );
    let rows = figures("--model erlang-c --calls 100 --interval 30m --aht 3m --agents 10.5..12.5");
    let agents: Vec<f64> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["agents"].as_f64().unwrap())
        .collect();
    assert_eq!(agents, [10.5, 11.5, 12.5]);
}

#[test]
fn an_overload_is_said_to_be_one() {
    check(
        "--model erlang-c --calls 350 --interval 1h --aht 300s --agents 29 --within 30s --json",
        expect![[r#"
            {
              "agents": 29,
              "asa_seconds": null,
              "attempts": 350.0,
              "erlangs": 29.166666666666668,
              "mean_wait_seconds": null,
              "meets_target": null,
              "model": "erlang-c",
              "note": "at least as much work comes as the agents can do, and nobody gives up: the queue grows without end, there is no mean wait, and in the long run nobody is served in time",
              "occupancy": 1.0,
              "p_abandon": 0.0,
              "p_abandon_within": 0.0,
              "p_block": null,
              "p_lost": null,
              "p_wait": 1.0,
              "queue_length": null,
              "service_level": 0.0,
              "stable": false,
              "wait_p90_seconds": null,
              "within_seconds": 30.0
            }"#]],
    );
}

#[test]
fn what_erlang_b_does_not_know_is_null() {
    check(
        "--model erlang-b --calls 200 --aht 3m --agents 10 --json",
        expect![[r#"
            {
              "agents": 10,
              "asa_seconds": 0.0,
              "attempts": 200.0,
              "erlangs": 10.0,
              "mean_wait_seconds": 0.0,
              "meets_target": null,
              "model": "erlang-b",
              "occupancy": 0.7854176568926526,
              "p_abandon": 0.0,
              "p_abandon_within": 0.0,
              "p_block": 0.21458234310734736,
              "p_lost": 0.21458234310734736,
              "p_wait": 0.0,
              "queue_length": 0.0,
              "service_level": 0.7854176568926526,
              "stable": true,
              "wait_p90_seconds": null
            }"#]],
    );
}

#[test]
fn back_office_by_backlog_and_deadline() {
    check(
        "--model back-office --backlog 200 --calls 80 --interval 1d --aht 25m --deadline 5d \
         --hours 5.5h --shrinkage 30%",
        expect![[r#"
            Back office: a backlog of 200 cases, 80 more in 1d, 25m each, due in 5d; agents work 5.5 h a day

            agents to clear the backlog in time  10 (9.09: (backlog / days + inflow) / (hours / AHT))
            agents for no case to be late        7 (6.06: demand of each window, earliest deadline first)

            AGENTS  SCHEDULED  CASES A DAY  OCCUPANCY  BACKLOG GONE  IN TIME FOR 10 D
            10      15         132.0        90.91%     3.8 d         100.00%

            DAY  CAME  DONE   OPEN   OLDEST  OVERDUE
            1    80.0  132.0  148.0  1.0 d   0.0
            2    80.0  132.0  96.0   2.0 d   0.0
            3    80.0  132.0  44.0   1.0 d   0.0
            4    80.0  124.0  0.0    0.0 d   0.0
            5    80.0  80.0   0.0    0.0 d   0.0
            6    80.0  80.0   0.0    0.0 d   0.0
            7    80.0  80.0   0.0    0.0 d   0.0
            8    80.0  80.0   0.0    0.0 d   0.0
            9    80.0  80.0   0.0    0.0 d   0.0
            10   80.0  80.0   0.0    0.0 d   0.0
        "#]],
    );
    check(
        "--model back-office --backlog 200 --calls 80 --interval 1d --aht 25m --deadline 5d \
         --hours 5.5h --agents 5..10",
        expect![[r#"
            Back office: a backlog of 200 cases, 80 more in 1d, 25m each, due in 5d; agents work 5.5 h a day

            agents to clear the backlog in time  10 (9.09: (backlog / days + inflow) / (hours / AHT))
            agents for no case to be late        7 (6.06: demand of each window, earliest deadline first)

            AGENTS  CASES A DAY  OCCUPANCY  BACKLOG GONE  IN TIME FOR 10 D
            5       66.0         100.00%    never         96.18%
            6       79.2         100.00%    never         100.00%
            7       92.4         100.00%    16.1 d        100.00%
            8       105.6        100.00%    7.8 d         100.00%
            9       118.8        100.00%    5.2 d         100.00%
            10      132.0        90.91%     3.8 d         100.00%
        "#]],
    );
    let plan = figures(
        "--model back-office --calls 350 --interval 1h --aht 300s --within 8h --shrinkage 0.3",
    );
    assert_eq!((&plan["agents"], &plan["scheduled"]), (&Value::from(30), &Value::from(43)));
    assert_eq!(plan["service_level"], Value::Null);
}

#[test]
fn nonsense_is_refused_by_the_name_of_the_option() {
    let c = "--model erlang-c --calls 350 --aht 300s";
    let mut said = String::new();
    for line in [
        "--model erlang-d --calls 350 --aht 300s",
        "--model erlang-c --calls 0 --aht 300s",
        "--model erlang-c --calls -5 --aht 300s",
        "--model erlang-c --calls many --aht 300s",
        "--model erlang-c --calls 350 --aht 0s",
        "--model erlang-c --calls 350 --aht 300",
        "--model erlang-c --calls 350 --aht -3s",
        "--model erlang-c --calls 350 --aht 300s --interval 0s",
        "--model erlang-c --calls 1000000000 --aht 300s",
        "--model erlang-a --calls 350 --aht 300s",
        "--model erlang-a --calls 350 --aht 300s --patience 0s",
        "--model erlang-x --calls 350 --aht 300s --patience 2m",
        "--model erlang-x --calls 350 --aht 300s --patience 2m --redial 100%",
        "--model erlang-a --calls 350 --aht 300s --patience 2m --redial 40%",
        "--model erlang-b --calls 350 --aht 300s",
        "--model erlang-b --calls 350 --aht 300s --max-asa 5s",
        "--model back-office --calls 350 --aht 300s",
        "--model back-office --calls 350 --aht 300s --deadline 30s",
        "--model back-office --calls 350 --aht 300s --deadline 1d --hours 25h",
        "--model back-office --calls 350 --aht 300s --deadline 1d --target 80%",
        "--model back-office --calls 350 --aht 300s --deadline 1d --patience 2m",
        "--model back-office --calls 0 --aht 300s --deadline 1d",
    ] {
        said += &format!("{line}\n  {}\n", printed(line).unwrap_err());
    }
    for option in [
        "--target 120%",
        "--target 80",
        "--target 0",
        "--target 100%",
        "--max-occupancy 0%",
        "--shrinkage 100%",
        "--shrinkage -1%",
        "--agents 0",
        "--agents -3",
        "--agents 100001",
        "--agents 9..3",
        "--agents 1..500",
        "--agents thirty",
        "--within -1s",
        "--patience 2m",
        "--redial 0.4",
        "--backlog 200",
        "--deadline 5d",
        "--max-abandon 3%",
        "--agents inf",
        "--target nan",
    ] {
        said += &format!("{option}\n  {}\n", printed(&format!("{c} {option}")).unwrap_err());
    }
    expect![[r#"
        --model erlang-d --calls 350 --aht 300s
          error: invalid value 'erlang-d' for '--model <MODEL>'
        --model erlang-c --calls 0 --aht 300s
          error: --calls must be a number above 0, got 0
        --model erlang-c --calls -5 --aht 300s
          error: invalid value '-5' for '--calls <NUMBER>': write a number of more than 0 and at most 1000000000
        --model erlang-c --calls many --aht 300s
          error: invalid value 'many' for '--calls <NUMBER>': write a number of more than 0 and at most 1000000000
        --model erlang-c --calls 350 --aht 0s
          error: invalid value '0s' for '--aht <TIME>': write a length of time of more than 0s and at most 366d, such as 1500ms, 30s, 5m, 1.5h or 2d
        --model erlang-c --calls 350 --aht 300
          error: invalid value '300' for '--aht <TIME>': write a length of time of more than 0s and at most 366d, such as 1500ms, 30s, 5m, 1.5h or 2d
        --model erlang-c --calls 350 --aht -3s
          error: invalid value '-3s' for '--aht <TIME>': write a length of time of more than 0s and at most 366d, such as 1500ms, 30s, 5m, 1.5h or 2d
        --model erlang-c --calls 350 --aht 300s --interval 0s
          error: invalid value '0s' for '--interval <TIME>': write a length of time of more than 0s and at most 366d, such as 1500ms, 30s, 5m, 1.5h or 2d
        --model erlang-c --calls 1000000000 --aht 300s
          error: --calls must be so few that calls × aht / interval is at most 100000 erlangs, got 83333333.33333333
        --model erlang-a --calls 350 --aht 300s
          error: --model erlang-a needs --patience, such as --patience 120s
        --model erlang-a --calls 350 --aht 300s --patience 0s
          error: invalid value '0s' for '--patience <TIME>': write a length of time of more than 0s and at most 366d, such as 1500ms, 30s, 5m, 1.5h or 2d
        --model erlang-x --calls 350 --aht 300s --patience 2m
          error: --model erlang-x needs --redial, such as --redial 40%
        --model erlang-x --calls 350 --aht 300s --patience 2m --redial 100%
          error: invalid value '100%' for '--redial <SHARE>': write a share of at least 0% and less than 100%, such as 30% or 0.3
        --model erlang-a --calls 350 --aht 300s --patience 2m --redial 40%
          error: --redial does not go with --model erlang-a: callers redial with erlang-x only
        --model erlang-b --calls 350 --aht 300s
          error: say --agents, or what is to be met: --target 98% for 2% of the calls lost
        --model erlang-b --calls 350 --aht 300s --max-asa 5s
          error: --max-asa does not go with --model erlang-b: with erlang-b nobody waits: use erlang-c, erlang-a or erlang-x
        --model back-office --calls 350 --aht 300s
          error: --model back-office needs --deadline, such as --deadline 5d
        --model back-office --calls 350 --aht 300s --deadline 30s
          error: --deadline must be at least the aht of one case (what must be answered at once is staffed by Erlang's formulas), got 30
        --model back-office --calls 350 --aht 300s --deadline 1d --hours 25h
          error: --hours must be more than 0h and at most 24h a day, got 25
        --model back-office --calls 350 --aht 300s --deadline 1d --target 80%
          error: --target does not go with --model back-office: back-office work waits for hours and days and nobody hangs up: Erlang's figures do not apply to it; say --deadline 5d
        --model back-office --calls 350 --aht 300s --deadline 1d --patience 2m
          error: --patience does not go with --model back-office: callers give up with erlang-a and erlang-x only
        --model back-office --calls 0 --aht 300s --deadline 1d
          error: --calls must be more than 0 if there is no --backlog, got 0
        --target 120%
          error: invalid value '120%' for '--target <SHARE>': write a share of more than 0% and less than 100%, such as 80% or 0.8
        --target 80
          error: invalid value '80' for '--target <SHARE>': write a share of more than 0% and less than 100%, such as 80% or 0.8
        --target 0
          error: invalid value '0' for '--target <SHARE>': write a share of more than 0% and less than 100%, such as 80% or 0.8
        --target 100%
          error: invalid value '100%' for '--target <SHARE>': write a share of more than 0% and less than 100%, such as 80% or 0.8
        --max-occupancy 0%
          error: invalid value '0%' for '--max-occupancy <SHARE>': write a share of more than 0% and less than 100%, such as 80% or 0.8
        --shrinkage 100%
          error: invalid value '100%' for '--shrinkage <SHARE>': write a share of at least 0% and less than 100%, such as 30% or 0.3
        --shrinkage -1%
          error: invalid value '-1%' for '--shrinkage <SHARE>': write a share of at least 0% and less than 100%, such as 30% or 0.3
        --agents 0
          error: invalid value '0' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --agents -3
          error: invalid value '-3' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --agents 100001
          error: invalid value '100001' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --agents 9..3
          error: invalid value '9..3' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --agents 1..500
          error: invalid value '1..500' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --agents thirty
          error: invalid value 'thirty' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --within -1s
          error: invalid value '-1s' for '--within <TIME>': write a length of time from 0s to 366d, such as 1500ms, 30s, 5m, 1.5h or 2d
        --patience 2m
          error: --patience does not go with --model erlang-c: callers give up with erlang-a and erlang-x only
        --redial 0.4
          error: --redial does not go with --model erlang-c: callers redial with erlang-x only
        --backlog 200
          error: --backlog does not go with --model erlang-c: the Erlang formulas are for callers who wait on the line: for e-mail and back office use --model back-office
        --deadline 5d
          error: --deadline does not go with --model erlang-c: the Erlang formulas are for callers who wait on the line: for e-mail and back office use --model back-office
        --max-abandon 3%
          error: --max-abandon does not go with --model erlang-c: callers give up with erlang-a and erlang-x only
        --agents inf
          error: invalid value 'inf' for '--agents <NUMBER|FROM..TO>': write a number of more than 0 and at most 100000, such as 30 or 30.5, or a range of at most 200 such as 28..34
        --target nan
          error: invalid value 'nan' for '--target <SHARE>': write a share of more than 0% and less than 100%, such as 80% or 0.8
    "#]].assert_eq(&said);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let seconds = |text: &str| input::time(text).unwrap().0;
    assert_eq!(
        ["1500ms", "30s", "5m", "1h", "1m30s", "1.5h", "0.5s", "2d", "0s"].map(seconds),
        [1.5, 30.0, 300.0, 3_600.0, 90.0, 5_400.0, 0.5, 172_800.0, 0.0]
    );
    for text in ["", "30", "s", "-5s", "1e3s", "1..5h", ".5h", "1.5h30m", "infs", "400d"] {
        assert!(input::time(text).is_err(), "{text}");
    }
    assert_eq!(["80%", "0.8", "80.0 %"].map(|text| input::proper_share(text).unwrap()), [0.8; 3]);
    let agents = |text: &str| input::agents(text).unwrap().each().collect::<Vec<_>>();
    assert_eq!(agents("30.5"), [30.5]);
    assert_eq!(agents("3..5"), [3.0, 4.0, 5.0]);
}
