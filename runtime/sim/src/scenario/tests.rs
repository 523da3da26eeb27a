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
    let everything = "[limits.calibration]\n[queues.a]\nsteps = [{}]\n[queues.a.callbacks]\n[blends.a]\n\
        [agents.a]\nbreaks = [{}]\nprotected = [{}]\n[agents.a.capacity.chat]\n\
        [customers.a]\nqueue = 'a'\nintervals = [{}]\n\
        [faults]\ncloses = [{}]\nswaps = [{}]\nmoves = [{}]\npriorities = [{}]\nchanges = [{}]\n";
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
            line 5: queues.sales.target: `"180%"` is not a share such as "40%", "0.5%" or 0.4, 0 to 1
            line 4: queues.sales.max_wait: `"3 parsecs"` is not a time such as "500ms", "20s", "5m", "1h30m", at most 30d
            line 6: queues.sales.join_needs: `"loged-in"` is none of `nobody`, `logged-in`, `working`, `free`; did you mean `logged-in`?
            line 7: queues.sales.eligible: line 1, column 10: `=` is not an operator; accepted: `==`
            line 9: agents.novice.count: `-3` is not a whole number from 0 to 100000
            line 11: agents.novice.skills.russian: `11` is not a level from 1 to 10
            line 10: agents.novice.queues: there is no queue `sale`; did you mean `sales`?
            line 13: customers.callers.queue: there is no queue `salse`; did you mean `sales`?
            line 14: customers.callers.rate: `350` is not a rate such as "350/h", "5/min", "0.2/s" or "8000/d"
            line 14: customers.callers.rate: say how many come: `rate`, `intervals` or `trace`
            line 15: customers.callers.patience: `"exponental 5m"` is not "never", "fixed 3m" or "3m", "exponential 5m", "lognormal 5m cv 0.8", "uniform 1m to 3m" or "quantiles 0s 10s 30s 2m" (2 to 1000 of them, rising)
            line 16: customers.callers.talk_by_class.novice: `"quantiles 3m 2m"` is not "never", "fixed 3m" or "3m", "exponential 5m", "lognormal 5m cv 0.8", "uniform 1m to 3m" or "quantiles 0s 10s 30s 2m" (2 to 1000 of them, rising)
            line 2: lenght: there is no such key; did you mean `length`?"#]],
    );
    check(
        r#"
[queues.sales]
steps = [{ after = "1m", drop = "russian" }, { eligible = 'levle("sales") >' }]
hours = { time_zone = "Europe/Rigga" }
estimator = 3
[queues.sales.callbacks]
mode = "agent-frist"
attempts = 0
[queues.mail]
announce_wait = false
branches = ["sale"]
[blends.office]
calls = ["sales"]
deferred = ["male"]
peak_waiting = 2
calm_waiting = 2
[agents.novice]
ranks = { sales = 256 }
protected = [{ channels = ["fax"] }]
[customers.callers]
queue = "sales"
rate = "5/h"
[faults]
moves = [{ from = "sales", to = "mial" }]
"#,
        expect![[r#"
            line 9: queues.mail.announce_every: say how often: without it nothing is announced
            line 3: queues.sales.steps[0].drop: `"russian"` is not a list of texts such as ["sales"]
            line 3: queues.sales.steps[1].after: say after how long a wait the step comes
            line 3: queues.sales.steps[1].eligible: line 1, column 1: unknown function `levle` (did you mean `level`?); accepted: `level("SKILL")` and `has("SKILL")`
            line 3: queues.sales.steps: they are not in the order of `after`
            line 4: queues.sales.hours: `Europe/Rigga` is not a time zone; accepted: a name such as `Europe/Berlin` or `UTC` (did you mean `Europe/Riga`?) in `time_zone`
            line 5: queues.sales.estimator: `3` is not a text
            line 7: queues.sales.callbacks.mode: `"agent-frist"` is none of `agent-first`, `customer-first`; did you mean `agent-first`?
            line 8: queues.sales.callbacks.attempts: `0` is not a whole number from 1 to 100
            line 11: queues.mail.branches: there is no queue `sale`
            line 14: blends.office.deferred: there is no queue `male`; did you mean `mail`?
            line 16: blends.office.calm_waiting: `2` is not under `peak_waiting` (2): a peak would never end
            line 18: agents.novice.ranks.sales: `256` is not a rank from 0 to 255
            line 19: agents.novice.protected[0].hours: say when the work is protected
            line 19: agents.novice.protected[0].channels: `fax` is none of `voice`, `chat`, `email`, `message`, `task`
            line 24: faults.moves[0].to: there is no queue `mial`; did you mean `mail`?"#]],
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
