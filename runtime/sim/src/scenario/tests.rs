use expect_test::{Expect, expect};

use super::*;

fn check(text: &str, expected: Expect) {
    let told = match Scenario::read(text) {
        Ok(_) => "read".to_owned(),
        Err(problems) => problems.to_string(),
    };
    expected.assert_eq(&told);
}

#[test]
fn bundled_scenarios_are_read() {
    for (name, text) in BUNDLED {
        let scenario = Scenario::read(text).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let plan = scenario.plan(1);
        assert!(!plan.contacts.is_empty() && !plan.agents.is_empty(), "{name}");
        assert!(!scenario.about.is_empty(), "{name}");
    }
}

/// The page tells of every key that is read, and of no other.
#[test]
fn every_key_is_documented() {
    let page = include_str!("../../SCENARIOS.md");
    // Reading asks for all keys of all tables that are there.
    let everything = "[limits]\n[queues.a]\n[agents.a]\nbreaks = [{}]\n[agents.a.capacity.chat]\n\
        [customers.a]\nqueue = 'a'\nintervals = [{}]\n\
        [faults]\ncloses = [{}]\nswaps = [{}]\nchanges = [{}]\n";
    let (_, findings) = Scenario::read_with(everything);
    let known = findings.known.into_inner();
    for key in &known {
        assert!(page.contains(&format!("| `{key}` |")), "SCENARIOS.md has no `{key}`");
    }
    for line in page.lines().filter_map(|line| line.strip_prefix("| `")) {
        let key = line.split('`').next().unwrap_or_default();
        assert!(known.contains(key), "SCENARIOS.md has `{key}`, which is not read");
    }
}

#[test]
fn mistakes_are_told_together_with_what_would_be_accepted() {
    check(
        r#"
lenght = "8h"
[queues.sales]
max_wait = "3 parsecs"
target = "180%"
join_needs = "loged-in"
eligible = 'language = "ru"'
[agents.novice]
count = -3
queues = { sale = 5 }
skills = { russian = 11 }
[customers.callers]
queue = "salse"
rate = 350
patience = "exponental 5m"
talk_by_class = { novice = "quantiles 3m 2m" }
"#,
        expect![[r#"
            queues.sales.target: `"180%"` is not a share such as "40%", "0.5%" or 0.4, 0 to 1
            queues.sales.eligible: line 1, column 10: `=` is not an operator; accepted: `==`
            queues.sales.max_wait: `"3 parsecs"` is not a time such as "500ms", "20s", "5m", "1h30m", at most 30d
            queues.sales.join_needs: `"loged-in"` is none of `nobody`, `logged-in`, `working`, `free`; did you mean `logged-in`?
            agents.novice.count: `-3` is not a whole number from 0 to 100000
            agents.novice.skills.russian: `11` is not a level from 1 to 10
            agents.novice.queues: there is no queue `sale`
            customers.callers.queue: there is no queue `salse`; did you mean `sales`?
            customers.callers.rate: `350` is not a rate such as "350/h", "5/min", "0.2/s" or "8000/d"
            customers.callers.rate: say how many come: `rate`, `intervals` or `trace`
            customers.callers.patience: `"exponental 5m"` is not "never", "fixed 3m" or "3m", "exponential 5m", "lognormal 5m cv 0.8", "uniform 1m to 3m" or "quantiles 0s 10s 30s 2m" (2 to 1000 of them, rising)
            customers.callers.talk_by_class.novice: `"quantiles 3m 2m"` is not "never", "fixed 3m" or "3m", "exponential 5m", "lognormal 5m cv 0.8", "uniform 1m to 3m" or "quantiles 0s 10s 30s 2m" (2 to 1000 of them, rising)
            lenght: there is no such key; did you mean `length`?"#]],
    );
    check(
        "[queues.sales",
        expect![[r#"
        TOML parse error at line 1, column 14
          |
        1 | [queues.sales
          |              ^
        unclosed table, expected `]`"#]],
    );
    check("", expect!["customers: nobody comes: name at least one kind of customers"]);
}

#[test]
fn units_are_read_as_they_are_written() {
    for text in ["500ms", "20s", "5m", "1m30s", "2h", "1d", "0s", "7us"] {
        assert_eq!(show_time(parse_time(text).expect(text)), text);
    }
    for text in ["", "20", "s", "20 parsecs", "-5s", "1.5s", "31d", "99999999999999999999s"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
    assert_eq!(text::parse_rate("350/h"), Some(350.0 / 3_600.0));
    assert_eq!(text::parse_share("40%"), Some(0.4));
    for text in ["350", "350/w", "-1/h", "1e9/h", "nan/h", "inf/s"] {
        assert_eq!(text::parse_rate(text), None, "{text}");
    }
}

/// The number of arrivals of a rate is met, interval by interval, within four standard errors.
#[test]
fn arrivals_come_at_their_rates() {
    let scenario = Scenario::read(Scenario::bundled("busy-day").expect("bundled")).expect("read");
    let (mut early, mut noon) = (0, 0);
    let runs = 40;
    for seed in 0..runs {
        for contact in scenario.plan(seed).contacts.iter().filter(|contact| contact.stream == 1) {
            let hour = (contact.at - make::START).as_secs() / 3_600;
            early += u32::from(hour == 0);
            noon += u32::from(hour == 3);
        }
    }
    for (count, rate) in [(early, 80.0), (noon, 260.0)] {
        let (mean, error) = (f64::from(count) / runs as f64, (rate / runs as f64).sqrt());
        assert!((mean - rate).abs() < 4.0 * error, "{mean} an hour, not {rate}");
    }
}
