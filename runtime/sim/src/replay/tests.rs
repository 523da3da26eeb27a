//! A made day, its journal, and the journal's day again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use jackfield_core::{
    AgentConfig, AgentId, AgentState, CenterConfig, Channel, EndCause, Input, Instant,
    InteractionId, JournalRecord, Output, Party, PluginFailure, Proficiency, QueueConfig, QueueId,
    QueueOptions, RouterChoice, RoutingAnswer, RoutingAsk, RoutingDecision,
};

use super::compare::{Metric, Thresholds, figure};
use super::exact::{decision, exact};
use super::gate::Gate;
use super::rerun::{Change, Flow, FlowStep, Span, rerun};
use super::study::{Study, study, versions};
use super::tape::{self, Answer, Contact, Response, Stay, Talk, Tape, WaitEnd, sent_away};
use super::travel::{branch, steps};
use crate::chance::Seed;
use crate::router::Router;

mod callbacks;

const START: u64 = 1_000_000_000;

fn at(seconds: u64) -> Instant {
    Instant::from_micros((START + seconds) * 1_000_000)
}

fn queue(name: &str) -> QueueId {
    QueueId::new(name).unwrap()
}

fn agent(number: u64) -> AgentId {
    AgentId::new(&format!("agent-{number}")).unwrap()
}

/// Names as the router of the made day, `first` or `last` of the candidates by name.
struct Pick {
    last: bool,
    asked: u64,
}

impl Router for Pick {
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        self.asked += 1;
        let mut names: Vec<String> =
            ask.candidates.iter().map(|one| one.agent.as_str().to_owned()).collect();
        names.sort();
        if self.last {
            names.reverse();
        }
        let decision = RoutingDecision::Offer(names);
        Ok(RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() })
    }

    fn digest(&self) -> String {
        if self.last { "last".to_owned() } else { "first".to_owned() }
    }
}

/// Leaves every contact waiting for a minute at a time.
struct Lazy;

impl Router for Lazy {
    fn choose(&mut self, ask: &RoutingAsk) -> Result<RoutingAnswer, PluginFailure> {
        let decision = if ask.contact.waited_ms < 60_000 {
            RoutingDecision::WaitMs(60_000)
        } else {
            RoutingDecision::Offer(vec![ask.candidates[0].agent.as_str().to_owned()])
        };
        Ok(RoutingAnswer { decision, because: Vec::new(), scores: Vec::new() })
    }

    fn digest(&self) -> String {
        "lazy".to_owned()
    }
}

fn change<'a>(router: impl Router + 'a) -> Change<'a> {
    let router: Box<dyn Router> = Box::new(router);
    Change { routers: BTreeMap::from([("r".to_owned(), router)]), ..Change::default() }
}

fn config() -> CenterConfig {
    let mut config = CenterConfig::default();
    for (name, router) in
        [("sales", RouterChoice::Plugin("r".to_owned())), ("service", RouterChoice::BuiltIn)]
    {
        let wrap_up = Duration::from_secs(60);
        let max_wait = Some(Duration::from_secs(300));
        config
            .queues
            .insert(queue(name), QueueConfig { router, wrap_up, max_wait, ..Default::default() });
    }
    for number in 0..6 {
        let level = Proficiency::MIN;
        let queues = match number % 3 {
            0 => vec![queue("sales")],
            1 => vec![queue("service")],
            _ => vec![queue("sales"), queue("service")],
        };
        let queues = queues.into_iter().map(|queue| (queue, level)).collect();
        config.agents.insert(agent(number), AgentConfig { queues, ..Default::default() });
    }
    config
}

/// A day that nobody recorded: `contacts` within an hour, six agents.
fn made(seed: u64, contacts: u64) -> Tape {
    let root = Seed::new(seed);
    let mut tape = Tape { until: at(7_200), ..Tape::default() };
    tape.fixed.push((at(0), Input::Configured { config: Arc::new(config()) }));
    for number in 0..6 {
        tape.fixed.push((at(1 + number), Input::AgentReady { agent: agent(number) }));
    }
    for number in 0..contacts {
        let mut dice = root.leaf(number).pcg();
        let arrived = at(10) + Duration::from_micros(dice.below(3_600_000_000));
        let name = if dice.happens(0.5) { "sales" } else { "service" };
        let seconds = |dice: &mut crate::chance::Pcg, most: u64| {
            Duration::from_micros(1_000_000 + dice.below(most * 1_000_000))
        };
        let gives_up = dice.happens(0.3);
        let talk = Talk {
            agent: agent(dice.below(6)),
            talked: Some(seconds(&mut dice, 300)),
            wrap_up: Some(seconds(&mut dice, 80)),
            by: Party::Agent,
            closed: dice.happens(0.5).then_some(EndCause::CustomerLeft),
        };
        let stay = Stay {
            lead: seconds(&mut dice, 20),
            queue: queue(name),
            options: QueueOptions::default(),
            waited: seconds(&mut dice, 90),
            end: if gives_up { WaitEnd::Abandoned } else { WaitEnd::Answered },
            talk: Some(talk),
        };
        let contact = Contact {
            arrived,
            channel: Channel::Voice,
            ani: None,
            dnis: "100".to_owned(),
            stays: vec![stay],
            tail: seconds(&mut dice, 5),
            said: Vec::new(),
            called_back: false,
            cause: Some(EndCause::Completed),
        };
        tape.contacts.insert(InteractionId(arrived.as_micros()), contact);
    }
    tape
}

fn whole(tape: &Tape) -> Span {
    Span { from: Instant::default(), until: tape.until }
}

/// The journal of a made day.
fn journal(seed: u64) -> Vec<JournalRecord> {
    let tape = made(seed, 120);
    rerun(&tape, whole(&tape), &mut change(Pick { last: false, asked: 0 }), 1, true).records
}

fn log(records: &[JournalRecord]) -> String {
    let mut log = String::new();
    for record in records {
        for output in &record.outputs {
            decision(record.at, output, &mut log);
        }
    }
    log
}

#[test]
fn a_journal_replays_to_the_byte_and_its_router_is_asked_again() {
    for seed in 1..=20 {
        let records = journal(seed);
        let router: Box<dyn Router> = Box::new(Pick { last: false, asked: 0 });
        let mut routers = BTreeMap::from([("first".to_owned(), router)]);
        let exact = exact(&records, Instant::default(), &mut routers, &mut |_, _| ());
        assert!(exact.identical(), "seed {seed}: {:?}", exact.divergence);
        assert!(10 < exact.asked && exact.not_asked == 0, "seed {seed}: {} asked", exact.asked);
        assert_eq!(exact.recorded, log(&records));
        assert_eq!(versions(&records)["r"], ["first"]);
    }
}

#[test]
fn another_answer_of_the_same_version_is_found() {
    let records = journal(3);
    let router: Box<dyn Router> = Box::new(Pick { last: true, asked: 0 });
    let mut routers = BTreeMap::from([("first".to_owned(), router)]);
    let exact = exact(&records, Instant::default(), &mut routers, &mut |_, _| ());
    assert!(!exact.identical());
    expect![[r#"question 1 at 1000000125.027003: router first had answered {"decision":{"offer":["agent-0","agent-3","agent-5"]},"because":[]}, now {"decision":{"offer":["agent-5","agent-3","agent-0"]},"because":[]}"#]]
    .assert_eq(&exact.divergence.unwrap().to_string());
}

/// Changes one thing in one record after another: each is found.
#[test]
fn a_changed_record_is_found() {
    let records = journal(4);
    let mut tried = 0;
    for index in (0..records.len()).step_by(7) {
        let mut changed = records.clone();
        if changed[index].outputs.pop().is_none() {
            continue;
        }
        tried += 1;
        let exact = exact(&changed, Instant::default(), &mut BTreeMap::new(), &mut |_, _| ());
        assert!(!exact.identical(), "record {index} was changed");
    }
    assert!(20 < tried, "{tried} records were changed");
}

/// What a journal says of customers and agents, played again with the same router, is the journal.
#[test]
fn a_day_read_from_its_journal_and_decided_anew_is_the_same_day() {
    for seed in 1..=20 {
        let records = journal(seed);
        let tape = tape::read(records.clone());
        let again =
            rerun(&tape, whole(&tape), &mut change(Pick { last: false, asked: 0 }), 9, true);
        similar_asserts(&log(&records), &log(&again.records), seed);
    }
}

/// From any instant on.
#[test]
fn a_day_decided_anew_from_its_middle_is_the_same_day() {
    let records = journal(5);
    let tape = tape::read(records.clone());
    for minute in 1..60 {
        let span = Span { from: at(minute * 60), until: tape.until };
        let again = rerun(&tape, span, &mut change(Pick { last: false, asked: 0 }), 9, true);
        similar_asserts(&log(&records), &log(&again.records), minute);
    }
}

#[track_caller]
fn similar_asserts(one: &str, other: &str, which: u64) {
    if let Some((line, (a, b))) =
        one.lines().zip(other.lines()).enumerate().find(|(_, (a, b))| a != b)
    {
        panic!("{which}: line {line}\n{a}\n{b}");
    }
    assert_eq!(one.lines().count(), other.lines().count(), "{which}");
}

const USUAL: Thresholds =
    Thresholds { within: Duration::from_secs(20), short_abandon: Duration::from_secs(5) };

fn report(seed: u64, other: fn() -> Box<dyn Router>, wanted: Expect) {
    let tape = tape::read(journal(seed));
    let plan = Study { span: whole(&tape), thresholds: USUAL, imputations: 5, seed: 1, most: 3 };
    let mut told = Vec::new();
    let comparison = study(
        &[tape],
        plan,
        &mut || change(Pick { last: false, asked: 0 }),
        &mut || Change {
            routers: BTreeMap::from([("r".to_owned(), other())]),
            ..Change::default()
        },
        &mut |done, all| told.push((done, all)),
    );
    assert_eq!((told.len(), told.last()), (10, Some(&(10, 10))));
    let shown = |metric: Metric, value: Option<f64>| {
        value.map_or("no data".to_owned(), |value| metric.value(value))
    };
    let differs = |metric: Metric, value: Option<f64>| {
        value.map_or("no data".to_owned(), |value| metric.difference(value))
    };
    let mut text = String::new();
    for row in &comparison.rows {
        text.push_str(&format!(
            "{}: {} as recorded, {} -> {}: {} [{}, {}]\n",
            row.metric.name(),
            shown(row.metric, row.recorded),
            shown(row.metric, row.base),
            shown(row.metric, row.candidate),
            differs(row.metric, row.difference),
            differs(row.metric, row.low),
            differs(row.metric, row.high),
        ));
    }
    text.push_str(&format!(
        "{} stays: {} longer, {} shorter, {} other agent, {} other end\n",
        comparison.stays,
        comparison.longer,
        comparison.shorter,
        comparison.other_agent,
        comparison.other_end
    ));
    for change in &comparison.most_changed {
        text.push_str(&format!(
            "{}: {} after {:?} -> {} after {:?}\n",
            change.interaction,
            change.base.ending,
            change.base.waited,
            change.candidate.ending,
            change.candidate.waited
        ));
    }
    let gate: Gate = "SL1 >= -0.5pp, abandon <= +0.2pp, surely asa <= 2s".parse().unwrap();
    for verdict in gate.judge(&comparison) {
        text.push_str(&format!("{verdict}\n"));
    }
    wanted.assert_eq(&text);
}

#[test]
fn the_same_router_makes_no_difference_at_all() {
    report(
        6,
        || Box::new(Pick { last: false, asked: 0 }),
        expect![[r#"
            SL1: 52.50 % as recorded, 52.50 % -> 52.50 %: +0.00pp [+0.00pp, +0.00pp]
            SL2: 60.22 % as recorded, 60.22 % -> 60.22 %: +0.00pp [+0.00pp, +0.00pp]
            SL3: 46.67 % as recorded, 46.67 % -> 46.67 %: +0.00pp [+0.00pp, +0.00pp]
            SL4: 49.56 % as recorded, 49.56 % -> 49.56 %: +0.00pp [+0.00pp, +0.00pp]
            SL5: 49.17 % as recorded, 49.17 % -> 49.17 %: +0.00pp [+0.00pp, +0.00pp]
            SL6: 47.86 % as recorded, 47.86 % -> 47.86 %: +0.00pp [+0.00pp, +0.00pp]
            abandon: 22.50 % as recorded, 22.50 % -> 22.50 %: +0.00pp [+0.00pp, +0.00pp]
            asa: 27.24 s as recorded, 27.24 s -> 27.24 s: +0.00s [+0.00s, +0.00s]
            wait: 34.22 s as recorded, 34.22 s -> 34.22 s: +0.00s [+0.00s, +0.00s]
            transfers: 0.00 % as recorded, 0.00 % -> 0.00 %: +0.00pp [+0.00pp, +0.00pp]
            left: 0.00 % as recorded, 0.00 % -> 0.00 %: +0.00pp [+0.00pp, +0.00pp]
            occupancy: 79.13 % as recorded, 79.13 % -> 79.13 %: +0.00pp [+0.00pp, +0.00pp]
            spread: 5.81 % as recorded, 5.81 % -> 5.81 %: +0.00pp [+0.00pp, +0.00pp]
            120 stays: 0 longer, 0 shorter, 0 other agent, 0 other end
            holds: SL1 >= -0.50pp, is +0.00pp
            holds: abandon <= +0.20pp, is +0.00pp
            holds: surely asa <= +2.00s, is +0.00s (surely +0.00s)
        "#]],
    );
}

#[test]
fn who_does_not_answer_comes_back_as_in_the_record() {
    let stays_away = Duration::from_secs(60);
    let mut tape = made(6, 120);
    tape.returns = vec![stays_away];
    // Every agent misses one call of three.
    let answers = [Answer::NoAnswer, Answer::Accepted, Answer::Accepted];
    let first = *tape.contacts.keys().next().unwrap();
    for (number, answer) in (0..6).flat_map(|number| answers.map(|answer| (number, answer))) {
        let (agent, after) = (agent(number), Duration::from_secs(2));
        tape.responses.push(Response { agent, interaction: first, after, answer });
    }
    let found = rerun(&tape, whole(&tape), &mut Change::default(), 1, true);
    let (mut away, mut came_back) = (BTreeMap::new(), 0);
    for record in &found.records {
        for output in &record.outputs {
            let Output::AgentChanged { agent, state, .. } = output else { continue };
            if let Some(since) = away.remove(agent) {
                assert_eq!(record.at - since, stays_away, "{agent}");
                assert_eq!(*state, AgentState::Ready, "{agent}");
                came_back += 1;
            }
            if sent_away(state) {
                away.insert(agent.clone(), record.at);
            }
        }
    }
    assert!(10 < came_back, "{came_back} came back");
    for (agent, since) in away {
        assert!(tape.until < since + stays_away, "{agent} stays away");
    }
    assert_eq!(tape::read(found.records).returns, vec![stays_away; came_back]);
}

#[test]
fn a_lazy_router_is_refused_with_its_figures() {
    report(
        6,
        || Box::new(Lazy),
        expect![[r#"
            SL1: 52.50 % as recorded, 52.50 % -> 36.83 %: -15.67pp [-25.96pp, -5.38pp]
            SL2: 60.22 % as recorded, 60.22 % -> 44.88 %: -15.33pp [-31.05pp, +0.38pp]
            SL3: 46.67 % as recorded, 46.67 % -> 29.33 %: -17.33pp [-27.79pp, -6.88pp]
            SL4: 49.56 % as recorded, 49.56 % -> 31.71 %: -17.85pp [-28.88pp, -6.81pp]
            SL5: 49.17 % as recorded, 49.17 % -> 32.00 %: -17.17pp [-27.44pp, -6.89pp]
            SL6: 47.86 % as recorded, 47.86 % -> 30.13 %: -17.73pp [-28.38pp, -7.08pp]
            abandon: 22.50 % as recorded, 22.50 % -> 34.50 %: +12.00pp [+2.52pp, +21.48pp]
            asa: 27.24 s as recorded, 27.24 s -> 45.51 s: +18.28s [+6.51s, +30.04s]
            wait: 34.22 s as recorded, 34.22 s -> 47.87 s: +13.65s [+4.75s, +22.55s]
            transfers: 0.00 % as recorded, 0.00 % -> 0.00 %: +0.00pp [+0.00pp, +0.00pp]
            left: 0.00 % as recorded, 0.00 % -> 0.00 %: +0.00pp [+0.00pp, +0.00pp]
            occupancy: 79.13 % as recorded, 79.13 % -> 67.49 %: -11.64pp [-22.37pp, -0.91pp]
            spread: 5.81 % as recorded, 5.81 % -> 7.09 %: +1.28pp [-9.85pp, +12.42pp]
            120 stays: 53 longer, 22 shorter, 47 other agent, 26 other end
            000wdfw102avq: abandoned after 79.412581s -> answered after 2s
            000wdfw64txv1: abandoned after 73.126517s -> answered after 2s
            000wdftxqavp9: answered after 2s -> abandoned after 68.46371s
            FAILS: SL1 >= -0.50pp, is -15.67pp
            FAILS: abandon <= +0.20pp, is +12.00pp
            FAILS: surely asa <= +2.00s, is +18.28s (surely +30.04s)
        "#]],
    );
}

/// Sends every caller who was recorded in sales to service, and hangs up on the rest.
struct ToService;

impl Flow for ToService {
    fn next(
        &mut self,
        _: InteractionId,
        contact: &Contact,
        ends: &[jackfield_core::QueueEnd],
    ) -> FlowStep {
        let after = Duration::from_secs(3);
        let sales = contact.stays.first().is_some_and(|stay| stay.queue == queue("sales"));
        match ends {
            [] if sales => FlowStep::Enqueue {
                after,
                queue: queue("service"),
                options: QueueOptions::default(),
            },
            [] => FlowStep::End { after, cause: EndCause::Completed },
            _ => FlowStep::AsRecorded,
        }
    }
}

#[test]
fn another_flow_sends_callers_elsewhere() {
    let tape = tape::read(journal(7));
    let in_sales =
        tape.contacts.values().filter(|contact| contact.stays[0].queue == queue("sales")).count();
    let mut change =
        Change { flow: Some(Box::new(ToService)), ..change(Pick { last: false, asked: 0 }) };
    let rerun = rerun(&tape, whole(&tape), &mut change, 1, false);
    assert_eq!(rerun.outcomes.list.len(), in_sales);
    assert!(rerun.outcomes.list.iter().all(|outcome| outcome.queue == queue("service")));
    assert!(figure(Metric::Asa, &rerun.outcomes, USUAL).is_some());
}

#[test]
fn gates_say_where_they_are_not_understood() {
    let error = |text: &str| match text.parse::<Gate>() {
        Ok(gate) => gate.0.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", "),
        Err(error) => format!("{}: {}", error.column, error.problem),
    };
    let all = [
        "SL1 >= -0.5pp, abandon <= +0.2pp",
        "surely ASA <= 2.5 s",
        "sl9 >= 0pp",
        "SL1 > 1pp",
        "SL1 >= -0.5",
        "SL1 >= -0.5pp, asa <= fast",
        "",
    ];
    let said: Vec<String> = all.iter().map(|text| format!("{text}\n  {}\n", error(text))).collect();
    expect![[r#"
        SL1 >= -0.5pp, abandon <= +0.2pp
          SL1 >= -0.50pp, abandon <= +0.20pp
        surely ASA <= 2.5 s
          surely asa <= +2.50s
        sl9 >= 0pp
          1: `sl9` is no figure; there are SL1, SL2, SL3, SL4, SL5, SL6, abandon, asa, wait, transfers, left, occupancy, spread
        SL1 > 1pp
          5: `>=` or `<=` is expected
        SL1 >= -0.5
          8: `-0.5` is no difference of SL1; one such as `-0.5pp` is expected
        SL1 >= -0.5pp, asa <= fast
          23: `fast` is no difference of asa; one such as `-0.5s` is expected

          1: `` is no figure; there are SL1, SL2, SL3, SL4, SL5, SL6, abandon, asa, wait, transfers, left, occupancy, spread
    "#]].assert_eq(&said.concat());
}

/// Steps of a contact, and what another router makes of it from one of them on.
#[test]
fn a_contact_takes_another_branch_from_a_step_on() {
    let tape = tape::read(journal(8));
    let id = *tape
        .contacts
        .iter()
        .find(|(_, contact)| contact.stays[0].queue == queue("sales"))
        .expect("somebody called sales")
        .0;
    let mut lazy = change(Lazy);
    let branches = branch(&tape, id, 1, &mut lazy, 1, Duration::from_secs(3_600)).unwrap();
    let story = |steps: &[super::travel::Step]| {
        let line = |step: &super::travel::Step| {
            let since = step.at.saturating_since(steps[0].at).as_secs_f64();
            format!("{} +{since:.3} {}\n", step.number, step.what)
        };
        steps.iter().map(line).collect::<String>()
    };
    expect![[r#"
        recorded
        0 +0.000 arrives
        1 +17.365 joins sales at position 1
        2 +17.365 is offered to agent-0 from sales by router first
        3 +19.365 is answered by agent-0 after 2.000 s
        4 +24.051 has talked with agent-0 for 4.686 s
        5 +28.060 is over after 28.060 s: Completed
        other
        0 +0.000 arrives
        1 +17.365 joins sales at position 1
        2 +76.318 abandons sales after 58.953 s
        3 +76.318 is over after 76.318 s: CustomerLeft
    "#]]
    .assert_eq(&format!(
        "recorded\n{}other\n{}",
        story(&branches.recorded),
        story(&branches.other)
    ));
    assert_eq!(branch(&tape, id, 99, &mut lazy, 1, Duration::ZERO).map(|_| ()), None);
}

/// Rewound to any step, the engine is as it was there when the day was played through.
#[test]
fn a_rewound_engine_is_as_it_was() {
    let records = journal(9);
    let mut through = jackfield_core::Center::new();
    let states: Vec<String> = records
        .iter()
        .map(|record| {
            JournalRecord::take(&mut through, record.at, record.input.clone());
            serde_json::to_string(&through.snapshot()).unwrap()
        })
        .collect();
    let tape = tape::read(records);
    let mut compared = 0;
    for id in tape.contacts.keys() {
        for step in steps(&tape.records, *id).iter().step_by(3) {
            let mut rewound = jackfield_core::Center::new();
            for record in &tape.records[..=step.record] {
                JournalRecord::take(&mut rewound, record.at, record.input.clone());
            }
            assert_eq!(serde_json::to_string(&rewound.snapshot()).unwrap(), states[step.record]);
            compared += 1;
        }
    }
    assert!(200 < compared, "{compared} steps were compared");
}

/// The traveller's flow is changed while it is in charge, also where it would have been quicker.
#[test]
fn a_travellers_flow_takes_over_at_the_fork() {
    let tape = tape::read(journal(8));
    let sales = |contact: &Contact| contact.stays[0].queue == queue("sales");
    let id = *tape.contacts.iter().find(|(_, contact)| sales(contact)).expect("somebody called").0;
    for step in [0, 1] {
        let flow: Option<Box<dyn Flow>> = Some(Box::new(ToService));
        let mut other = Change { flow, ..change(Pick { last: false, asked: 0 }) };
        let hour = Duration::from_secs(3_600);
        let branches = branch(&tape, id, step, &mut other, 1, hour).unwrap();
        let joins: Vec<&str> = branches.other.iter().map(|step| step.what.as_str()).collect();
        assert!(joins[1].starts_with("joins service"), "from step {step}: {joins:?}");
    }
}
