use std::fmt::Write as _;

use expect_test::expect;

use super::super::tests::{Uniform, near, printed};
use super::*;

/// 200 cases lie there, to be cleared in 5 days; 80 come a day; 25 minutes each; 5.5 hours a day.
fn published() -> BackOffice {
    BackOffice {
        backlog: 200.0,
        inflow_per_day: 80.0,
        handle_seconds: 1_500.0,
        deadline_seconds: 5.0 * DAY,
        hours_per_day: 5.5,
    }
}

#[test]
fn published_example() {
    let office = published();
    printed(office.cases_to_clear(), "120");
    printed(office.cases_per_agent(), "13.2");
    printed(office.agents_to_clear().unwrap(), "9.09");
    let plan = office.smallest_agents().unwrap();
    assert_eq!(plan.agents, 10.0);
    // 52 cases a day more than come.
    near(plan.days_to_clear.unwrap(), 200.0 / 52.0, 1e-12);
    printed(plan.on_time, "1.000");
    printed(plan.occupancy, "0.909");
}

#[test]
fn fewer_are_enough_for_the_deadline_alone() {
    let office = published();
    // 80 a day need 6.06 agents, and the backlog alone 3: no case is late with 7, but the backlog
    // goes more slowly.
    printed(office.agents_by_deadline().unwrap(), "6.06");
    let seven = office.staffing(7.0).unwrap();
    printed(seven.on_time, "1.000");
    printed(seven.days_to_clear.unwrap(), "16.1");
}

#[test]
fn a_forecast_of_too_few_shows_the_breach() {
    let told = published().staffing(5.0).unwrap();
    assert_eq!(told.days_to_clear, None);
    let mut text = String::new();
    for step in &told.forecast {
        let BackOfficeStep { day, arrived, done, open, oldest_days, overdue } = step;
        writeln!(
            text,
            "day {day:2}: {arrived:.0} came, {done:.0} done, {open:.0} open, \
             oldest {oldest_days:.0} d, {overdue:.0} overdue"
        )
        .unwrap();
    }
    expect![[r#"
        day  1: 80 came, 66 done, 214 open, oldest 1 d, 0 overdue
        day  2: 80 came, 66 done, 228 open, oldest 2 d, 0 overdue
        day  3: 80 came, 66 done, 242 open, oldest 3 d, 0 overdue
        day  4: 80 came, 66 done, 256 open, oldest 4 d, 0 overdue
        day  5: 80 came, 66 done, 270 open, oldest 4 d, 0 overdue
        day  6: 80 came, 66 done, 284 open, oldest 4 d, 0 overdue
        day  7: 80 came, 66 done, 298 open, oldest 4 d, 0 overdue
        day  8: 80 came, 66 done, 312 open, oldest 4 d, 0 overdue
        day  9: 80 came, 66 done, 326 open, oldest 5 d, 6 overdue
        day 10: 80 came, 66 done, 340 open, oldest 5 d, 20 overdue
    "#]]
    .assert_eq(&text);
    assert!(told.on_time < 1.0);
}

#[test]
fn the_forecast_is_the_recursion() {
    let mut uniform = Uniform(9);
    for _ in 0..50 {
        let office = BackOffice {
            backlog: (500.0 * uniform.next()).floor(),
            inflow_per_day: uniform.between(1.0, 300.0),
            handle_seconds: uniform.between(60.0, 3_000.0),
            deadline_seconds: uniform.between(0.1, 12.0) * DAY,
            hours_per_day: uniform.between(1.0, 24.0),
        };
        let needed = office.agents_by_deadline().unwrap();
        let told = office.staffing(needed * (0.5 + uniform.next())).unwrap();
        let step = office.step() / DAY;
        let mut backlog = office.backlog;
        for row in &told.forecast {
            let arrivals = office.inflow_per_day * step;
            backlog = backlog_after(backlog, arrivals, told.cases_per_day * step);
            near(row.open + 1.0, backlog + 1.0, 1e-9);
        }
        // The agents of the deadline are enough, and never more than those of the plan.
        printed(office.staffing(needed * 1.000_001).unwrap().on_time, "1.00000");
        assert!(needed <= office.agents_to_clear().unwrap() * (1.0 + 1e-9));
        let planned = office.smallest_agents().unwrap();
        assert!(1.0 - 1e-9 <= planned.on_time);
        if 0.0 < office.backlog {
            assert!(planned.days_to_clear.unwrap() <= office.deadline_seconds / DAY + 1e-9);
        }
    }
}

#[test]
fn a_backlog_alone_and_an_inflow_alone() {
    let office = BackOffice { inflow_per_day: 0.0, ..published() };
    printed(office.agents_to_clear().unwrap(), "3.03");
    printed(office.agents_by_deadline().unwrap(), "3.03");
    let office = BackOffice { backlog: 0.0, ..published() };
    printed(office.agents_to_clear().unwrap(), "6.06");
    assert_eq!(office.smallest_agents().unwrap().days_to_clear, Some(0.0));
}

#[test]
fn nonsense_is_refused_by_name() {
    let said = |office: BackOffice| office.smallest_agents().unwrap_err().to_string();
    let mut text = String::new();
    for office in [
        BackOffice { backlog: -1.0, ..published() },
        BackOffice { inflow_per_day: f64::NAN, ..published() },
        BackOffice { backlog: 0.0, inflow_per_day: 0.0, ..published() },
        BackOffice { handle_seconds: 0.0, ..published() },
        BackOffice { deadline_seconds: 0.0, ..published() },
        BackOffice { deadline_seconds: 1_499.0, ..published() },
        BackOffice { hours_per_day: 25.0, ..published() },
        BackOffice { backlog: 1e9, ..published() },
    ] {
        writeln!(text, "{}", said(office)).unwrap();
    }
    expect![[r#"
        backlog must be 0 to 1000000000 cases (a day), got -1
        calls must be 0 to 1000000000 cases (a day), got NaN
        calls must be more than 0 if there is no --backlog, got 0
        aht must be more than 0s and at most 366d, got 0
        deadline must be more than 0s and at most 366d, got 0
        deadline must be at least the aht of one case (what must be answered at once is staffed by Erlang's formulas), got 1499
        hours must be more than 0h and at most 24h a day, got 25
        no number of agents up to 100000 meets the deadline
    "#]]
    .assert_eq(&text);
}
