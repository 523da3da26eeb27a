//! Schedules, ratings and reasons through the command line, to figures that the journal proves.

use crate::harness::Server;

const CONFIG: &str = r#"
[tenants.acme]
max_reason = 20
[tenants.acme.figures]
same_reason = true
kept = "24h"
[tenants.acme.fallback]
then = "hang_up"
[tenants.acme.queues.office]
wrap_up = "0s"
standard_time = "1m"
[tenants.acme.agents.anna]
password = "anna-acme"
queues = { office = 5 }
capacity.task = { slots = 1, weight = 100 }
"#;

const PLAN: &str = "agent,from,to,activity\n\
    anna,2026-01-01T00:00:00Z,2026-01-01T12:00:00Z,work\n\
    anna,2026-01-01T12:00:00Z,2026-01-01T13:00:00Z,meal\n";

#[test]
fn what_is_planned_and_said_reaches_the_figures() {
    let server = Server::start("planning", CONFIG, &[("plan.csv", PLAN), ("late.csv", "")]);
    let file = |name: &str| server.dir.join(name).display().to_string();
    server.ok(&["schedule", "import", "--tenant", "acme", &file("plan.csv")]);
    // From a minute ago for an hour, so that it has begun.
    let (since, until) = (crate::harness::moment(-60), crate::harness::moment(3_600));
    let now = format!("agent,from,to,activity\nanna,{since},{until},work\n");
    std::fs::write(file("late.csv"), now).unwrap();
    server.ok(&["schedule", "import", "--tenant", "acme", &file("late.csv")]);
    let shown = server.json(&["schedule", "show", "--tenant", "acme", "--agent", "anna"]);
    assert!(shown["items"].as_array().unwrap().iter().any(|entry| entry["from"] == since));

    server.ok(&["agent", "state", "acme", "anna", "ready"]);
    let made = server.json(&["interaction", "create", "acme", "office", "--channel", "task"]);
    let id = made["id"].as_str().unwrap().to_owned();
    let within = std::time::Duration::from_secs(30);
    let offered =
        || server.cli(&["agent", "accept", "acme", "anna"]).status.success().then_some(());
    server.until("the task is accepted", within, offered);
    server.ok(&["agent", "end", "acme", "anna"]);
    server.ok(&["interaction", "rate", &id, "--csat", "4", "--nps", "9"]);
    server.ok(&["interaction", "reason", &id, "invoice"]);
    let long = server.cli(&["interaction", "reason", &id, "much longer than twenty"]);
    assert!(String::from_utf8_lossy(&long.stderr).contains("`max_reason`"), "{long:?}");

    let day = ["report", "--tenant", "acme", "--day", "today"];
    let report = server.json(&day);
    let total = &report["total"];
    assert_eq!((&total["csat"], &total["nps"]), (&1.0.into(), &100.0.into()));
    let sums = &total["sums"]["time"];
    let (adherent, scheduled) =
        (sums["adherent"].as_f64().unwrap(), sums["scheduled"].as_f64().unwrap());
    assert!(0.0 < adherent && adherent < scheduled, "{sums}");
    assert_eq!(total["adherence"], adherent / scheduled);
    let worked = sums["paid_working"].as_f64().unwrap();
    assert_eq!(total["earned_hours_index"], 60e6 / worked);
    let asked = &report["definitions"]["fcr"]["parameters"];
    assert_eq!(asked, "W = 7 days, same reason");
    let proved = server.ok(&["report", "--tenant", "acme", "--day", "today", "--recompute"]);
    assert!(proved.contains("to the last digit"), "{proved}");
    let journal = server.ok(&["journal", "export", "acme"]);
    std::fs::write(file("journal.jsonl"), journal).unwrap();
    let verified = server.ok(&["verify", &file("journal.jsonl")]);
    assert!(verified.starts_with("OK"), "{verified}");
}
