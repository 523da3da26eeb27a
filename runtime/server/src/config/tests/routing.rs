//! What queues, hours, agents and blends say, and what is refused of it.

use super::*;

const WHOLE: &str = r#"
    [tenants.acme]
    max_callbacks = 50
    estimators.erlang.plugin = "estimator-erlang"

    [tenants.acme.hours.riga]
    time_zone = "Europe/Riga"
    weekly = [{ days = "mon-fri", from = "09:00", to = "18:00" }]
    holidays = ["2026-04-03", "12-25"]
    exceptions = [{ date = "2026-12-24", spans = [{ from = "09:00", to = "13:00" }] }]

    [tenants.acme.queues.night]

    [tenants.acme.queues.sales]
    weight = 2
    age_every = "30s"
    refusals_max = 3
    settings = { tier = 2, fair = true, note = "x" }
    eligible = 'language == "ru" && level("sales") >= 3'
    steps = [
        { after = "30s", eligible = 'language == "ru"', lower = { sales = 2 } },
        { after = "1m", eligible = "true", drop_all = true, add = { patience = 5 } },
    ]
    hours = "riga"
    branches = ["night"]
    at_closing = "release"
    closed_message = "We are closed."
    join_needs = "working"
    estimator = "erlang"
    announcements = { first = "10s", wait = true }
    callbacks = { after_abandon = "1m", mode = "customer_first" }
    callback_key = "1"

    [tenants.acme.queues.mail]
    [tenants.acme.blends.office]
    calls = ["sales"]
    deferred = ["mail"]

    [tenants.acme.agents.alice]
    password = "x"
    queues = { sales = 5 }
    ranks = { sales = 1 }
    attributes = { language = "ru", cost = 1.5 }
    capacity.chat = { slots = 3, weight = 33, interruptible = true }
    protected = [{ hours = "riga", channels = ["email"], queues = ["mail"] }]
"#;

#[test]
fn what_a_queue_may_say_reaches_the_engine() {
    let config = parse(WHOLE, &[("JACKFIELD__TENANTS__ACME__QUEUES__SALES__SETTINGS__TIER", "7")]);
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    let acme = &config.tenants[&TenantId::new("acme").expect("a name")];
    assert_eq!(acme.estimators["erlang"], "estimator-erlang");
    assert_eq!(acme.center.limits.callbacks, 50);
    let json = serde_json::to_string_pretty(&(
        &acme.center.queues[&"sales".parse().expect("a name")],
        &acme.center.agents[&"alice".parse().expect("a name")],
        &acme.center.blends["office"],
    ));
    expect_file!["routing.json"].assert_eq(&json.expect("it is JSON"));
    let extras = &acme.queue_extras[&"sales".parse().expect("a name")];
    assert_eq!(extras.callback_key, Some('1'));
}

#[test]
fn mistakes_of_routing_point_at_their_place() {
    refused(
        r#"
        [tenants.acme.hours.riga]
        time_zone = "Europe/Rigga"
        weekly = [{ days = "mon-fry", from = "9", to = "18:00" }]
        holidays = ["12-32"]

        [tenants.acme.hours.vilnius]
        time_zone = "Europe/Vilnius"
        weekly = [{ days = "daily", from = "09:00", to = "09:00" }]

        [tenants.acme.queues.sales]
        eligible = 'language = "ru"'
        hours = "rigga"
        branches = ["nihgt", "sales"]
        estimator = "erlang"
        settings = { nested = { a = 1 } }
        at_closing = "hang up"
        leave_key = "1"
        callback_key = "1"
        announcements = { wait = true }
        steps = [
            { after = "30s", eligible = "levle(\"sales\") > 1" },
            { after = "20s", drop_all = true },
            { after = "40s" },
            { eligible = "true" },
        ]

        [tenants.acme.queues.night]
        branches = ["sales"]

        [tenants.acme.blends.office]
        calls = ["sales"]
        deferred = ["sales", "mial"]
        peak_waiting = 1
        calm_waiting = 1

        [tenants.acme.agents.alice]
        password = "x"
        ranks = { night = 300 }
        capacity.vioce = {}
        capacity.chat = { slots = 3, weight = 50 }
        protected = [{ hours = "vilnus", queues = ["nigth"] }, { channels = ["fax"] }]
        "#,
        &[],
        expect![[r#"
            line 3: `tenants.acme.hours.riga.time_zone` is "Europe/Rigga", not a time zone; accepted: a name such as `Europe/Berlin` or `UTC` (did you mean `Europe/Riga`?)
            line 4: `tenants.acme.hours.riga.weekly[0].days` is "mon-fry", not a set of days; accepted: `mon-fri`, `sat,sun`, `daily` and the like
            line 4: `tenants.acme.hours.riga.weekly[0].from` is "9", not a time of day; accepted: `00:00` to `24:00`
            line 5: `tenants.acme.hours.riga.holidays` is "12-32", not a holiday; accepted: `2026-04-03`, or `12-25` for every year
            line 7: `tenants.acme.hours.vilnius` cannot be kept: weekly[0]: `09:00` to `09:00` is no span; accepted: two different times, the first before `24:00`; a whole day is `00:00` to `24:00`
            line 12: `tenants.acme.queues.sales.eligible` is no condition: line 1, column 10: `=` is not an operator; accepted: `==`
                  | language = "ru"
                  |          ^ `=` is not an operator
            line 13: `tenants.acme.queues.sales.hours` names the hours `rigga`, which is not defined: did you mean `riga`?
            line 14: `tenants.acme.queues.sales.branches` names the queue `nihgt`, which is not defined: did you mean `night`?
            line 14: `tenants.acme.queues.sales.branches` has the queue itself
            line 15: `tenants.acme.queues.sales.estimator` names the estimator `erlang`, which is not defined
            line 16: `tenants.acme.queues.sales.settings` must be a table of at most 64 names with texts of at most 1000 characters, numbers, true or false, got { nested = { a = 1 } }
            line 17: `tenants.acme.queues.sales.at_closing` must be one of "serve", "release", got "hang up"
            line 19: `tenants.acme.queues.sales.callback_key` is the `leave_key` too
            line 20: `tenants.acme.queues.sales.announcements.wait` wants the wait to be told, and the queue has no `estimator`
            line 22: `tenants.acme.queues.sales.steps[0].eligible` is no condition: line 1, column 1: unknown function `levle` (did you mean `level`?); accepted: `level("SKILL")` and `has("SKILL")`
                  | levle("sales") > 1
                  | ^ unknown function `levle` (did you mean `level`?)
            line 23: `tenants.acme.queues.sales.steps[1].after` is not later than the step before it
            line 24: `tenants.acme.queues.sales.steps[2]` changes nothing: give it `eligible`, `add`, `lower`, `lower_all`, `drop` or `drop_all`
            line 25: `tenants.acme.queues.sales.steps[3].after` is missing: it must be a length of time from 1s to 1d
            line 29: `tenants.acme.queues.night.branches` are for the time the queue is closed, and it has no `hours`
            line 33: `tenants.acme.blends.office.deferred` names the queue `mial`, which is not defined; there are `night`, `sales`
            line 33: `tenants.acme.blends.office.deferred` has `sales`, as `calls` has
            line 35: `tenants.acme.blends.office.calm_waiting` must be less than `peak_waiting`, which is 1, got 1
            line 39: `tenants.acme.agents.alice.ranks` must be a table of names with whole numbers from 0 to 255, got { night = 300 }
            line 40: `tenants.acme.agents.alice.capacity.vioce` names the channel `vioce`, which is not defined: did you mean `voice`?
            line 41: `tenants.acme.agents.alice.capacity.chat` has 3 slots of 50 % each, which is 150 %: at most 2 fit
            line 42: `tenants.acme.agents.alice.protected[0].hours` names the hours `vilnus`, which is not defined: did you mean `vilnius`?
            line 42: `tenants.acme.agents.alice.protected[0].queues` names the queue `nigth`, which is not defined: did you mean `night`?
            line 42: `tenants.acme.agents.alice.protected[1].channels` must be a list of "voice", "chat", "email", "message", "task", each once, got ["fax"]
            line 42: `tenants.acme.agents.alice.protected[1].hours` is missing: it must be text
            29 problems in etc/jackfield.toml
        "#]],
    );
}

#[test]
fn the_example_of_blended_work_is_in_order() {
    let config = parse(keys::BLENDED, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let tenant = config.tenants.values().next().expect("a tenant");
    let alice = tenant.center.agents.values().next().expect("an agent");
    assert_eq!((alice.capacity.len(), alice.protected.len()), (4, 1));
    assert!(alice.capacity[&jackfield_core::Channel::Task].interruptible);
    assert!(tenant.center.blends.contains_key("day"));
}
