use std::fmt::Write as _;

use expect_test::{Expect, expect};

use super::super::tests::{Uniform, near};
use super::*;

/// Reads `RELEASED DUE AMOUNT` a line, plays it and tells the course, hour by hour.
#[track_caller]
fn check(agents: &[Span], work: &str, expected: Expect) {
    let work: Vec<Work> = work
        .lines()
        .map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect::<Vec<f64>>())
        .filter(|numbers| !numbers.is_empty())
        .map(|numbers| Work { released: numbers[0], due: numbers[1], amount: numbers[2] })
        .collect();
    let capacity = Capacity::new(agents).unwrap();
    let window = busiest_window(&work, &capacity).unwrap().unwrap();
    let mut text = String::new();
    let Window { from, to, demand, capacity: able } = window;
    writeln!(text, "busiest {from}-{to}: {demand} of {able}").unwrap();
    let told = forecast(&work, &capacity, &[2.0, 4.0, 6.0]).unwrap();
    for outcome in &told.outcomes {
        match outcome.done {
            Some(done) => writeln!(text, "done {done}, late {}", outcome.late).unwrap(),
            None => writeln!(text, "not done, late {}", outcome.late).unwrap(),
        }
    }
    for open in &told.open {
        writeln!(text, "at {}: {:?}, overdue {}", open.at, open.by_age, open.overdue).unwrap();
    }
    expected.assert_eq(&text);
}

#[test]
fn what_is_due_first_is_done_first() {
    check(
        &[Span { from: 0.0, to: 10.0, agents: 1.0 }],
        "0 6 3
         1 3 2",
        expect![[r#"
            busiest 1-3: 2 of 2
            done 5, late 0
            done 3, late 0
            at 2: [(2.0, 2.0), (1.0, 1.0)], overdue 0
            at 4: [(4.0, 1.0)], overdue 0
            at 6: [], overdue 0
        "#]],
    );
}

#[test]
fn a_window_inside_may_ask_too_much_although_the_whole_does_not() {
    check(
        &[Span { from: 0.0, to: 10.0, agents: 1.0 }],
        "0 9 1
         2 4 3",
        expect![[r#"
            busiest 2-4: 3 of 2
            done 1, late 0
            done 5, late 1
            at 2: [(0.0, 3.0)], overdue 0
            at 4: [(2.0, 1.0)], overdue 1
            at 6: [], overdue 0
        "#]],
    );
}

#[test]
fn nobody_works_at_night() {
    check(
        &[Span { from: 0.0, to: 2.0, agents: 2.0 }, Span { from: 5.0, to: 7.0, agents: 2.0 }],
        "0 4 6
         0 9 1",
        expect![[r#"
            busiest 0-4: 6 of 4
            done 6, late 2
            done 6.5, late 0
            at 2: [(2.0, 2.0), (2.0, 1.0)], overdue 0
            at 4: [(4.0, 2.0), (4.0, 1.0)], overdue 2
            at 6: [(6.0, 1.0)], overdue 0
        "#]],
    );
}

#[test]
fn the_criterion_and_the_play_agree() {
    let (mut uniform, mut feasible) = (Uniform(8), 0);
    for round in 0..400 {
        let spans: Vec<Span> = (0..5)
            .map(|day| Span {
                from: f64::from(day) * 24.0 + 8.0 * uniform.next(),
                to: f64::from(day) * 24.0 + 9.0 + 14.0 * uniform.next(),
                agents: (4.0 * uniform.next()).ceil(),
            })
            .collect();
        let capacity = Capacity::new(&spans).unwrap();
        let work: Vec<Work> = (0..12)
            .map(|_| {
                let released = 72.0 * uniform.next();
                let due = released + 4.0 + 44.0 * uniform.next();
                Work { released, due, amount: 11.0 * uniform.next() }
            })
            .collect();
        let window = busiest_window(&work, &capacity).unwrap().unwrap();
        let told = forecast(&work, &capacity, &[]).unwrap();
        let late: f64 = told.outcomes.iter().map(|outcome| outcome.late).sum();
        if window.ratio() <= 1.0 {
            feasible += 1;
            assert!(late < 1e-6, "round {round}: {late} late although feasible");
        } else {
            let over = window.demand - window.capacity;
            assert!(over - 1e-6 <= late, "round {round}: {over} too much, {late} late");
        }
        // Agents as many as the ratio says are enough, and a little fewer are not.
        for (more, enough) in [(1.000_001, true), (0.999, false)] {
            let times = window.ratio() * more;
            let scaled: Vec<Span> =
                spans.iter().map(|span| Span { agents: span.agents * times, ..*span }).collect();
            if !times.is_finite() {
                continue;
            }
            let told = forecast(&work, &Capacity::new(&scaled).unwrap(), &[]).unwrap();
            let late: f64 = told.outcomes.iter().map(|outcome| outcome.late).sum();
            assert_eq!(late < 1e-6, enough, "round {round}: {times} times, {late} late");
        }
    }
    assert!((50..350).contains(&feasible), "{feasible} of 400 say little");
}

#[test]
fn capacity_is_what_lies_between() {
    let spans =
        [Span { from: 1.0, to: 3.0, agents: 2.0 }, Span { from: 5.0, to: 6.0, agents: 10.0 }];
    let capacity = Capacity::new(&spans).unwrap();
    for (from, to, able) in
        [(0.0, 1.0, 0.0), (0.0, 2.0, 2.0), (2.0, 5.5, 7.0), (3.0, 5.0, 0.0), (0.0, 99.0, 14.0)]
    {
        near(capacity.between(from, to), able, 1e-15);
    }
    let constant = Capacity::constant(3.0, 8.0).unwrap();
    near(constant.between(2.0, 9.0), 18.0, 1e-15);
}

#[test]
fn nonsense_is_refused() {
    let span = |from, to, agents| Span { from, to, agents };
    assert!(Capacity::new(&[span(0.0, 2.0, 1.0), span(1.0, 3.0, 1.0)]).is_err());
    assert!(Capacity::new(&[span(2.0, 2.0, 1.0)]).is_err());
    assert!(Capacity::new(&[span(0.0, 2.0, -1.0)]).is_err());
    let capacity = Capacity::constant(1.0, 9.0).unwrap();
    let refused = |released, due, amount| {
        busiest_window(&[Work { released, due, amount }], &capacity).unwrap_err().to_string()
    };
    assert_eq!(refused(3.0, 3.0, 1.0), "work must be due after its release, got 0");
    assert_eq!(refused(0.0, 3.0, -1.0), "work must be of times and amounts from 0 on, got -1");
    let many = vec![Work { released: 0.0, due: 1.0, amount: 0.0 }; ENTRIES_MAX + 1];
    assert_eq!(
        forecast(&many, &capacity, &[]).unwrap_err().to_string(),
        "work must be at most 5000 entries, got 5001"
    );
}
