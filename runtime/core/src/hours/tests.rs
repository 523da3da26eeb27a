//! Hours and moments in, open or closed and the next change out.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;

fn moment(text: &str) -> Instant {
    instant(text.parse().unwrap()).unwrap()
}

/// A moment on the wall's clock, with its distance from UTC.
fn shown(hours: &Hours, at: Instant) -> String {
    let at = timestamp(at).unwrap();
    let rules = &hours.0.time_zone.rules;
    format!("{} ({})", rules.to_datetime(at).strftime("%a %F %T"), rules.to_offset(at))
}

fn hours(json: serde_json::Value) -> Hours {
    serde_json::from_value(json).unwrap()
}

/// For each moment: whether it is open then, and what changes next.
#[track_caller]
fn check(json: serde_json::Value, moments: &[&str], expected: Expect) {
    let hours = hours(json);
    let mut said = String::new();
    for text in moments {
        let at = moment(text);
        let state = if hours.is_open(at) { "open  " } else { "closed" };
        let change = hours.next_change(at).map_or("never".to_owned(), |at| shown(&hours, at));
        said.push_str(&format!("{} {state} until {change}\n", shown(&hours, at)));
    }
    expected.assert_eq(&said);
}

/// All changes from a moment on.
#[track_caller]
fn check_changes(json: serde_json::Value, from: &str, number: usize, expected: Expect) {
    let hours = hours(json);
    let (mut at, mut said) = (moment(from), String::new());
    for _ in 0..number {
        let Some(change) = hours.next_change(at) else { break };
        let state = if hours.is_open(change) { "opens " } else { "closes" };
        said.push_str(&format!("{state} {}\n", shown(&hours, change)));
        at = change;
    }
    expected.assert_eq(&said);
}

#[test]
fn a_week_with_holidays_and_exceptions() {
    let riga = json!({
        "time_zone": "Europe/Riga",
        "weekly": [
            { "days": "mon-fri", "from": "09:00", "to": "13:00" },
            { "days": "mon-fri", "from": "14:00", "to": "18:00" },
            { "days": "fri,sat", "from": "22:00", "to": "02:00" },
        ],
        "holidays": ["12-25", "2026-12-26"],
        "exceptions": [
            { "date": "2026-12-24", "spans": [{ "from": "10:00", "to": "12:00" }] },
            { "date": "2026-12-26", "spans": [{ "from": "23:00", "to": "24:00" }] },
            { "date": "2026-12-28" },
        ],
    });
    check_changes(
        riga,
        "2026-12-22T20:00:00Z",
        14,
        expect![[r#"
        opens  Wed 2026-12-23 09:00:00 (+02)
        closes Wed 2026-12-23 13:00:00 (+02)
        opens  Wed 2026-12-23 14:00:00 (+02)
        closes Wed 2026-12-23 18:00:00 (+02)
        opens  Thu 2026-12-24 10:00:00 (+02)
        closes Thu 2026-12-24 12:00:00 (+02)
        opens  Sat 2026-12-26 23:00:00 (+02)
        closes Sun 2026-12-27 00:00:00 (+02)
        opens  Tue 2026-12-29 09:00:00 (+02)
        closes Tue 2026-12-29 13:00:00 (+02)
        opens  Tue 2026-12-29 14:00:00 (+02)
        closes Tue 2026-12-29 18:00:00 (+02)
        opens  Wed 2026-12-30 09:00:00 (+02)
        closes Wed 2026-12-30 13:00:00 (+02)
    "#]],
    );
}

#[test]
fn a_start_is_open_and_an_end_is_closed() {
    let moments = [
        "2026-06-01T06:59:59.999999Z",
        "2026-06-01T07:00:00Z",
        "2026-06-01T15:59:59.999999Z",
        "2026-06-01T16:00:00Z",
    ];
    let berlin = json!({
        "time_zone": "Europe/Berlin",
        "weekly": [{ "days": "daily", "from": "9:00", "to": "18:00" }],
    });
    check(
        berlin,
        &moments,
        expect![[r#"
        Mon 2026-06-01 08:59:59 (+02) closed until Mon 2026-06-01 09:00:00 (+02)
        Mon 2026-06-01 09:00:00 (+02) open   until Mon 2026-06-01 18:00:00 (+02)
        Mon 2026-06-01 17:59:59 (+02) open   until Mon 2026-06-01 18:00:00 (+02)
        Mon 2026-06-01 18:00:00 (+02) closed until Tue 2026-06-02 09:00:00 (+02)
    "#]],
    );
}

#[test]
fn spans_that_touch_or_overlap_are_one() {
    let always = json!({
        "time_zone": "UTC",
        "weekly": [{ "days": "daily", "from": "00:00", "to": "24:00" }],
    });
    check(
        always,
        &["2026-06-01T07:00:00Z"],
        expect![[r#"
        Mon 2026-06-01 07:00:00 (+00) open   until never
    "#]],
    );
    let never = json!({ "time_zone": "UTC" });
    check(
        never,
        &["2026-06-01T07:00:00Z"],
        expect![[r#"
        Mon 2026-06-01 07:00:00 (+00) closed until never
    "#]],
    );
    let touching = json!({
        "time_zone": "UTC",
        "weekly": [
            { "days": "mon", "from": "09:00", "to": "12:00" },
            { "days": "mon", "from": "12:00", "to": "14:00" },
            { "days": "mon", "from": "13:00", "to": "00:00" },
            { "days": "tue", "from": "00:00", "to": "01:00" },
        ],
    });
    check_changes(
        touching,
        "2026-06-01T07:00:00Z",
        3,
        expect![[r#"
        opens  Mon 2026-06-01 09:00:00 (+00)
        closes Tue 2026-06-02 01:00:00 (+00)
        opens  Mon 2026-06-08 09:00:00 (+00)
    "#]],
    );
}

#[test]
fn a_rare_opening_is_found_within_400_days() {
    let leap = json!({
        "time_zone": "UTC",
        "exceptions": [{ "date": "2028-02-29", "spans": [{ "from": "09:00", "to": "10:00" }] }],
    });
    check(
        leap,
        &["2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"],
        expect![[r#"
        Fri 2027-01-01 00:00:00 (+00) closed until never
        Mon 2027-02-01 00:00:00 (+00) closed until Tue 2028-02-29 09:00:00 (+00)
    "#]],
    );
}

/// Put forward from 02:00 to 03:00 on 2026-03-29, back from 03:00 to 02:00 on 2026-10-25.
#[test]
fn berlin_nights() {
    let nights = |from: &str, to: &str| {
        json!({
            "time_zone": "Europe/Berlin",
            "weekly": [{ "days": "sun", "from": from, "to": to }],
        })
    };
    let (spring, autumn) = ("2026-03-28T00:00:00Z", "2026-10-24T00:00:00Z");
    for (from, to, gap, fold) in [
        (
            "01:00",
            "02:30",
            expect![[r#"
            opens  Sun 2026-03-29 01:00:00 (+01)
            closes Sun 2026-03-29 03:00:00 (+02)
        "#]],
            expect![[r#"
            opens  Sun 2026-10-25 01:00:00 (+02)
            closes Sun 2026-10-25 02:30:00 (+01)
        "#]],
        ),
        (
            "02:30",
            "05:00",
            expect![[r#"
            opens  Sun 2026-03-29 03:00:00 (+02)
            closes Sun 2026-03-29 05:00:00 (+02)
        "#]],
            expect![[r#"
            opens  Sun 2026-10-25 02:30:00 (+02)
            closes Sun 2026-10-25 05:00:00 (+01)
        "#]],
        ),
        (
            "02:10",
            "02:50",
            expect![[r#"
            opens  Sun 2026-04-05 02:10:00 (+02)
            closes Sun 2026-04-05 02:50:00 (+02)
        "#]],
            expect![[r#"
            opens  Sun 2026-10-25 02:10:00 (+02)
            closes Sun 2026-10-25 02:50:00 (+01)
        "#]],
        ),
        (
            "00:00",
            "24:00",
            expect![[r#"
            opens  Sun 2026-03-29 00:00:00 (+01)
            closes Mon 2026-03-30 00:00:00 (+02)
        "#]],
            expect![[r#"
            opens  Sun 2026-10-25 00:00:00 (+02)
            closes Mon 2026-10-26 00:00:00 (+01)
        "#]],
        ),
    ] {
        check_changes(nights(from, to), spring, 2, gap);
        check_changes(nights(from, to), autumn, 2, fold);
    }
}

#[test]
fn new_york_at_night() {
    let hours = json!({
        "time_zone": "America/New_York",
        "weekly": [{ "days": "sat", "from": "22:00", "to": "03:00" }],
    });
    check_changes(
        hours.clone(),
        "2026-03-07T00:00:00Z",
        2,
        expect![[r#"
        opens  Sat 2026-03-07 22:00:00 (-05)
        closes Sun 2026-03-08 03:00:00 (-04)
    "#]],
    );
    check_changes(
        hours,
        "2026-10-31T12:00:00Z",
        2,
        expect![[r#"
        opens  Sat 2026-10-31 22:00:00 (-04)
        closes Sun 2026-11-01 03:00:00 (-05)
    "#]],
    );
}

#[test]
fn half_an_hour_from_the_others() {
    let kolkata = json!({
        "time_zone": "Asia/Kolkata",
        "weekly": [{ "days": "mon", "from": "09:00", "to": "18:00" }],
    });
    let moments = ["2026-06-01T03:29:59Z", "2026-06-01T03:30:00Z", "2026-06-01T12:30:00Z"];
    check(
        kolkata,
        &moments,
        expect![[r#"
        Mon 2026-06-01 08:59:59 (+05:30) closed until Mon 2026-06-01 09:00:00 (+05:30)
        Mon 2026-06-01 09:00:00 (+05:30) open   until Mon 2026-06-01 18:00:00 (+05:30)
        Mon 2026-06-01 18:00:00 (+05:30) closed until Mon 2026-06-08 09:00:00 (+05:30)
    "#]],
    );
}

/// Lord Howe moves its clocks by half an hour: back at 02:00 on 2026-04-05, forward at 02:00 on
/// 2026-10-04.
#[test]
fn a_clock_that_moves_by_half_an_hour() {
    let hours = json!({
        "time_zone": "Australia/Lord_Howe",
        "weekly": [{ "days": "sun", "from": "01:45", "to": "02:15" }],
    });
    check_changes(
        hours.clone(),
        "2026-04-04T00:00:00Z",
        2,
        expect![[r#"
        opens  Sun 2026-04-05 01:45:00 (+11)
        closes Sun 2026-04-05 02:15:00 (+10:30)
    "#]],
    );
    check_changes(
        hours,
        "2026-10-03T00:00:00Z",
        2,
        expect![[r#"
        opens  Sun 2026-10-04 01:45:00 (+10:30)
        closes Sun 2026-10-04 02:30:00 (+11)
    "#]],
    );
}

/// Apia crossed the date line: 2011-12-30 was no day there.
#[test]
fn a_day_that_never_was() {
    let hours = json!({
        "time_zone": "Pacific/Apia",
        "weekly": [{ "days": "daily", "from": "09:00", "to": "17:00" }],
        "exceptions": [{ "date": "2011-12-29", "spans": [{ "from": "20:00", "to": "03:00" }] }],
    });
    check_changes(
        hours,
        "2011-12-29T00:00:00Z",
        6,
        expect![[r#"
        closes Wed 2011-12-28 17:00:00 (-10)
        opens  Thu 2011-12-29 20:00:00 (-10)
        closes Sat 2011-12-31 00:00:00 (+14)
        opens  Sat 2011-12-31 09:00:00 (+14)
        closes Sat 2011-12-31 17:00:00 (+14)
        opens  Sun 2012-01-01 09:00:00 (+14)
    "#]],
    );
}

#[test]
fn words_have_one_spelling() {
    let json = json!({
        "time_zone": "europe/berlin",
        "weekly": [
            { "days": "Mon-Sun", "from": "9:00", "to": "24:00" },
            { "days": "sat-mon, wednesday", "from": "00:00", "to": "08:05" },
            { "days": "fri", "from": "00:00", "to": "08:00" },
        ],
        "holidays": ["02-29", "2026-04-03"],
        "exceptions": [{ "date": "2026-12-31", "spans": [] }, { "date": "2026-12-24" }],
    });
    let hours = hours(json);
    let text = serde_json::to_string_pretty(&hours).unwrap();
    expect![[r#"
        {
          "time_zone": "Europe/Berlin",
          "weekly": [
            {
              "days": "daily",
              "from": "09:00",
              "to": "24:00"
            },
            {
              "days": "mon,wed,sat,sun",
              "from": "00:00",
              "to": "08:05"
            },
            {
              "days": "fri",
              "from": "00:00",
              "to": "08:00"
            }
          ],
          "holidays": [
            "02-29",
            "2026-04-03"
          ],
          "exceptions": [
            {
              "date": "2026-12-24",
              "spans": []
            },
            {
              "date": "2026-12-31",
              "spans": []
            }
          ]
        }"#]]
    .assert_eq(&text);
    assert_eq!(serde_json::from_str::<Hours>(&text).unwrap(), hours);
}

#[test]
fn what_is_wrong_is_named() {
    let mut said = String::new();
    let weekly = |days: &str, from: &str, to: &str| json!({ "time_zone": "UTC", "weekly": [{ "days": days, "from": from, "to": to }] });
    for json in [
        json!({ "time_zone": "Europe/Belrin" }),
        json!({ "time_zone": "Moon" }),
        json!({ "weekly": [] }),
        json!({ "time_zone": "UTC", "weakly": [] }),
        weekly("workdays", "09:00", "18:00"),
        weekly("mon-", "09:00", "18:00"),
        weekly("mon", "9", "18:00"),
        weekly("mon", "09:60", "18:00"),
        weekly("mon", "09:00", "24:01"),
        weekly("mon", "+9:00", "18:00"),
        weekly("mon", "09:00", "09:00"),
        weekly("mon", "24:00", "09:00"),
        json!({ "time_zone": "UTC", "holidays": ["2026-02-29"] }),
        json!({ "time_zone": "UTC", "holidays": ["25.12."] }),
        json!({ "time_zone": "UTC", "holidays": vec!["12-25"; 1_001] }),
        json!({ "time_zone": "UTC", "exceptions": [{ "date": "2026-01-01" }, { "date": "2026-01-01" }] }),
        json!({ "time_zone": "UTC", "exceptions": [
            { "date": "2026-01-01", "spans": [{ "from": "09:00", "to": "09:00" }] },
        ] }),
    ] {
        let error = serde_json::from_value::<Hours>(json).unwrap_err();
        said.push_str(&format!("{error}\n"));
    }
    expect![[r#"
        `Europe/Belrin` is not a time zone; accepted: a name such as `Europe/Berlin` or `UTC` (did you mean `Europe/Berlin`?)
        `Moon` is not a time zone; accepted: a name such as `Europe/Berlin` or `UTC`
        missing field `time_zone`
        unknown field `weakly`, expected one of `time_zone`, `weekly`, `holidays`, `exceptions`
        `workdays` is not a set of days; accepted: `mon-fri`, `sat,sun`, `daily` and the like
        `mon-` is not a set of days; accepted: `mon-fri`, `sat,sun`, `daily` and the like
        `9` is not a time of day; accepted: `00:00` to `24:00`
        `09:60` is not a time of day; accepted: `00:00` to `24:00`
        `24:01` is not a time of day; accepted: `00:00` to `24:00`
        `+9:00` is not a time of day; accepted: `00:00` to `24:00`
        weekly[0]: `09:00` to `09:00` is no span; accepted: two different times, the first before `24:00`; a whole day is `00:00` to `24:00`
        weekly[0]: `24:00` to `09:00` is no span; accepted: two different times, the first before `24:00`; a whole day is `00:00` to `24:00`
        `2026-02-29` is not a holiday; accepted: `2026-04-03`, or `12-25` for every year
        `25.12.` is not a holiday; accepted: `2026-04-03`, or `12-25` for every year
        holidays: 1001 entries; accepted: at most 1000
        exceptions: 2026-01-01 is there twice; accepted: one exception a day, with all its spans
        exceptions of 2026-01-01, spans[0]: `09:00` to `09:00` is no span; accepted: two different times, the first before `24:00`; a whole day is `00:00` to `24:00`
    "#]].assert_eq(&said);
}

/// Walks every half hour around the changes of clocks: what `next_change` jumps to is where one half
/// hour is open and the next closed, or the other way round.
#[test]
fn changes_are_where_open_and_closed_meet() {
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    let seasons = [
        ("2026-03-01T00:00:00Z", "2026-04-15T00:00:00Z"),
        ("2026-09-25T00:00:00Z", "2026-11-10T00:00:00Z"),
    ];
    for (index, zone) in zones.into_iter().enumerate() {
        let time = |n: usize| format!("{:02}:{:02}", (index * 7 + n * 5) % 24, (n % 2) * 30);
        let span = |n, days: &str| json!({ "days": days, "from": time(n), "to": time(n + 2) });
        let hours = hours(json!({
            "time_zone": zone,
            "weekly": [span(0, "mon-wed"), span(1, "daily"), span(3, "sat,sun"), span(4, "sun")],
            "holidays": ["2026-03-29", "10-04"],
            "exceptions": [{ "date": "2026-10-25", "spans": [{ "from": "01:00", "to": "02:30" }] }],
        }));
        for (from, to) in seasons {
            let (from, to) = (moment(from), moment(to));
            let jump = |at: &Instant| hours.next_change(*at).filter(|at| *at < to);
            let jumps: Vec<Instant> = std::iter::successors(jump(&from), jump).collect();
            let half_hours = (1_u32..).map(|n| from + std::time::Duration::from_secs(1_800) * n);
            let mut open = hours.is_open(from);
            let differs = |at: &Instant| {
                let now = hours.is_open(*at);
                now != std::mem::replace(&mut open, now)
            };
            let walked: Vec<Instant> =
                half_hours.take_while(|at| *at < to).filter(differs).collect();
            assert_eq!(walked, jumps, "{zone}");
            assert!(60 < jumps.len(), "{zone}: {} changes", jumps.len());
        }
    }
}
