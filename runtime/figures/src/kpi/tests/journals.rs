//! A day made by the engine: live and in a batch, and against what was told on the way.

use std::sync::Arc;
use std::time::Duration;

use jackfield_core::*;

use super::*;

/// A day of two queues and two agents, as its journal.
struct Day {
    center: Center,
    journal: Vec<JournalRecord>,
}

fn seconds(at: u64) -> Instant {
    // A day's beginning that is no round number.
    Instant::from_micros(1_767_225_600_000_000 + at * 1_000_000)
}

fn queue(overflow: Option<&str>) -> QueueConfig {
    QueueConfig {
        ring_time: Duration::from_secs(15),
        max_wait: Some(Duration::from_secs(60)),
        max_size: 3,
        wrap_up: Duration::from_secs(10),
        overflow: overflow.map(|name| name.parse().unwrap()),
        ..QueueConfig::default()
    }
}

impl Day {
    fn new() -> Self {
        let mut day = Self { center: Center::new(), journal: Vec::new() };
        let mut config = CenterConfig::default();
        config.queues.insert("sales".parse().unwrap(), queue(Some("help")));
        config.queues.insert("help".parse().unwrap(), queue(None));
        let level = Proficiency::new(5).unwrap();
        for (name, queues) in [("ann", &["sales", "help"][..]), ("bob", &["help"])] {
            let queues = queues.iter().map(|queue| (queue.parse().unwrap(), level)).collect();
            let agent = AgentConfig { queues, ..AgentConfig::default() };
            config.agents.insert(name.parse().unwrap(), agent);
        }
        day.feed(0, Input::Configured { config: Arc::new(config) });
        day
    }

    fn feed(&mut self, at: u64, input: Input) {
        let at = seconds(at);
        while let Some(due) = self.center.next_deadline().filter(|due| *due <= at) {
            self.step(due, Input::TimeElapsed);
        }
        self.step(at, input);
    }

    fn step(&mut self, at: Instant, input: Input) {
        self.journal.push(JournalRecord::take(&mut self.center, at, input));
    }

    fn ready(&mut self, at: u64, agent: &str) {
        self.feed(at, Input::AgentReady { agent: agent.parse().unwrap() });
    }

    fn call(&mut self, at: u64, id: u64, queue: &str) {
        let interaction = InteractionId(id);
        self.feed(
            at,
            Input::InteractionArrived {
                interaction,
                channel: Channel::Voice,
                ani: Some(format!("+3712000{}", id % 3)),
                dnis: "shop".to_owned(),
            },
        );
        let options = QueueOptions::default();
        let queue = queue.parse().unwrap();
        self.feed(at + 2, Input::InteractionEnqueued { interaction, queue, options });
    }

    fn end(&mut self, at: u64, id: u64, cause: EndCause) {
        self.feed(at, Input::InteractionEnded { interaction: InteractionId(id), cause });
    }

    fn accept(&mut self, at: u64, offer: u64) {
        self.feed(at, Input::OfferAccepted { offer: OfferId(offer) });
    }
}

fn scripted() -> Day {
    let mut day = Day::new();
    day.ready(1, "ann");
    day.call(10, 1, "sales");
    day.accept(15, 1);
    // Nobody is free: one leaves soon, one leaves late, one overflows and is served by bob.
    day.call(20, 2, "sales");
    day.end(26, 2, EndCause::CustomerLeft);
    day.call(30, 3, "sales");
    day.call(31, 4, "sales");
    day.end(60, 4, EndCause::CustomerLeft);
    day.feed(75, Input::ConversationEnded { interaction: InteractionId(1), by: Party::Customer });
    day.end(76, 1, EndCause::Completed);
    // ann is in after-call work until 85, then lets the phone ring until 100.
    day.ready(95, "bob");
    day.accept(105, 3);
    day.feed(120, Input::HoldStarted { interaction: InteractionId(3) });
    day.feed(130, Input::HoldEnded { interaction: InteractionId(3) });
    // On hold to the end: that counts up to it.
    day.feed(200, Input::HoldStarted { interaction: InteractionId(3) });
    day.end(205, 3, EndCause::CustomerLeft);
    // The flow itself serves one; a caller hangs up in it.
    day.feed(
        210,
        Input::InteractionArrived {
            interaction: InteractionId(5),
            channel: Channel::Voice,
            ani: None,
            dnis: "shop".to_owned(),
        },
    );
    day.end(220, 5, EndCause::Completed);
    day.ready(230, "ann");
    day.call(240, 6, "help");
    // The longest idle agent is rung; the caller gives up meanwhile.
    day.end(246, 6, EndCause::CustomerLeft);
    day.feed(300, Input::AgentLoggedOut { agent: "bob".parse().unwrap() });
    day
}

#[test]
fn live_and_batch_are_the_same_to_the_bit() {
    let day = scripted();
    let by = Grouping::list("queue,agent,interval,channel,interval+queue+agent").unwrap();
    let parameters = Parameters { by, interval_us: 60_000_000, ..Parameters::default() };
    let mut live = Folder::new();
    for (index, record) in day.journal.iter().enumerate() {
        live.take(record);
        let live = live.report(&parameters);
        let batch = Folder::fold(&day.journal[..=index]);
        let batch = Report::of(&batch.records(), &parameters);
        assert_eq!(live, batch, "after record {index}");
        assert_eq!(to_json(&live).to_string(), to_json(&batch).to_string());
        // What was shown live is what the journal gives later.
        let shown = serde_json::from_str(&to_json(&live).to_string()).unwrap();
        assert_eq!(recompute(&shown, &day.journal[..=index]), Ok(()));
    }
}

#[test]
fn what_is_forgotten_changes_no_later_figure() {
    let day = scripted();
    for from in (0..320).step_by(7) {
        let from = seconds(from).as_micros();
        for attribute in [Attribution::Enter, Attribution::Exit] {
            let by = Grouping::list("queue,agent,interval").unwrap();
            let parameters =
                Parameters { from_us: Some(from), attribute, by, ..Parameters::default() };
            let whole = Folder::fold(&day.journal);
            let mut short = Folder::new();
            for record in &day.journal {
                short.take(record);
                if from <= record.at.as_micros() {
                    short.forget(from);
                }
            }
            assert_eq!(short.report(&parameters), whole.report(&parameters));
            assert_eq!(short.folded(), day.journal.len() as u64);
        }
    }
}

#[test]
fn the_records_of_a_scripted_day_are_what_happened() {
    let day = scripted();
    let report = Report::of(&Folder::fold(&day.journal).records(), &Parameters::default());
    let told = |ids: &[&str]| {
        let told = ids.iter().map(|id| format!("{id} {}", printed(&report, id)));
        told.collect::<Vec<_>>().join("\n")
    };
    expect_test::expect![[r#"
        contacts 6
        offered 6
        answered 2
        answered_within 1
        abandoned 3
        short_abandoned 2
        flow_out 1
        timed_out 0
        SL1 60.000 %
        SL2 50.000 %
        SL3 20.000 %
        SL4 33.333 %
        SL5 60.000 %
        SL6 33.333 %
        asa_seconds 38
        mean_wait_seconds 18.5
        handled 2
        aht_seconds 90
        att_seconds 72.5
        hold_seconds 7.5
        acw_seconds 10
        offers 4
        offers_answered 2
        occupancy 51.873 %
        car 50.000 %
        missed_rate 60.000 %
        containment no data
        containment_pending 6
        fcr_pending 2
        logged_in_seconds 504
        idle_seconds 167
        contact_time_seconds 180"#]]
    .assert_eq(&told(&[
        "contacts",
        "offered",
        "answered",
        "answered_within",
        "abandoned",
        "short_abandoned",
        "flow_out",
        "timed_out",
        "SL1",
        "SL2",
        "SL3",
        "SL4",
        "SL5",
        "SL6",
        "asa_seconds",
        "mean_wait_seconds",
        "handled",
        "aht_seconds",
        "att_seconds",
        "hold_seconds",
        "acw_seconds",
        "offers",
        "offers_answered",
        "occupancy",
        "car",
        "missed_rate",
        "containment",
        "containment_pending",
        "fcr_pending",
        "logged_in_seconds",
        "idle_seconds",
        "contact_time_seconds",
    ]));
}

/// The engine keeps figures of its own: what both count must be equal.
#[test]
fn the_engines_own_figures_agree() {
    let day = scripted();
    let mut stats = Stats::default();
    for record in &day.journal {
        for output in &record.outputs {
            stats.apply(record.at, output);
        }
    }
    let report = Report::of(&Folder::fold(&day.journal).records(), &Parameters::default());
    let by_queue = &report.tables[0];
    assert_eq!(by_queue.rows.len(), stats.queues.len());
    for (key, tally) in &by_queue.rows {
        let own = &stats.queues[&key.queue.as_ref().unwrap().parse().unwrap()];
        let queue = &tally.queue;
        assert_eq!(queue.offered, own.offered);
        assert_eq!(queue.answered, own.answered);
        assert_eq!(queue.answered_within, own.answered_in_target);
        assert_eq!(queue.abandoned, own.abandoned + own.short_abandoned);
        assert_eq!(queue.wait_answered, own.wait_of_answered.as_micros() as u64);
        assert_eq!(tally.handled.talk + tally.handled.hold, own.talk.as_micros() as u64);
        assert_eq!(tally.handled.acw, own.wrap_up.as_micros() as u64);
    }
}

#[test]
fn a_changed_figure_is_found_and_named() {
    let day = scripted();
    let records = Folder::fold(&day.journal).records();
    let stored = to_json(&Report::of(&records, &Parameters::default()));
    let stored: serde_json::Value = serde_json::from_str(&stored.to_string()).unwrap();
    assert_eq!(recompute(&stored, &day.journal), Ok(()));
    let mut changed = stored.clone();
    changed["total"]["sums"]["queue"]["wait_answered"] = 1.into();
    let error = recompute(&changed, &day.journal).unwrap_err();
    expect_test::expect![
        "total.sums.queue.wait_answered: the report has 1, the journal gives 76000000"
    ]
    .assert_eq(&error.to_string());
    // A journal without its last record gives another report.
    let error = recompute(&stored, &day.journal[..day.journal.len() - 1]).unwrap_err();
    expect_test::expect!["by_agent[0].idle_seconds: the report has 81.0, the journal gives 27.0"]
        .assert_eq(&error.to_string());
    changed["parameters"]["within"] = 1.into();
    let error = recompute(&changed, &day.journal).unwrap_err();
    assert!(matches!(error, RecomputeError::Parameters(_)), "{error}");
}

/// Two of three chats at once: told by hand, as a journal would.
#[test]
fn chats_at_once_fill_slots_and_the_clock_once() {
    let capacity = ChannelCapacity { slots: 3, ..ChannelCapacity::default() };
    let agent =
        AgentConfig { capacity: [(Channel::Chat, capacity)].into(), ..AgentConfig::default() };
    let mut config = CenterConfig::default();
    let ann: AgentId = "ann".parse().unwrap();
    config.agents.insert(ann.clone(), agent);
    let (agent, queue) = (ann.clone(), QueueId::new("chats").unwrap());
    let arrived = |id| Input::InteractionArrived {
        interaction: InteractionId(id),
        channel: Channel::Chat,
        ani: None,
        dnis: "shop".to_owned(),
    };
    let queued =
        |id| Output::Queued { interaction: InteractionId(id), queue: queue.clone(), position: 1 };
    let connect = |id| Output::Connect {
        offer: OfferId(id),
        interaction: InteractionId(id),
        agent: agent.clone(),
        queue: queue.clone(),
        waited: Duration::ZERO,
        in_target: true,
    };
    let disconnect = |id| Output::Disconnect {
        interaction: InteractionId(id),
        agent: agent.clone(),
        by: Party::Customer,
        talked: Duration::ZERO,
        queue: queue.clone(),
    };
    let changed = |state| Output::AgentChanged {
        agent: agent.clone(),
        state,
        lasted: Duration::ZERO,
        before: String::new(),
    };
    let record = |at, input, outputs| JournalRecord { at: seconds(at), input, outputs };
    let tick = || Input::TimeElapsed;
    let journal = [
        record(0, Input::Configured { config: Arc::new(config) }, Vec::new()),
        record(0, Input::AgentReady { agent: ann }, vec![changed(AgentState::Ready)]),
        record(10, arrived(1), vec![queued(1), connect(1)]),
        record(20, arrived(2), vec![queued(2), connect(2)]),
        record(40, tick(), vec![disconnect(1)]),
        record(50, tick(), vec![disconnect(2)]),
        record(60, tick(), vec![changed(AgentState::LoggedOut)]),
    ];
    let report = Folder::fold(&journal).report(&Parameters::default());
    assert_eq!(figure(&report, "occupancy"), Figure::ratio(40_000_000, 60_000_000));
    // 10 × 1 + 20 × 2 + 10 × 1 of 60 × 3.
    assert_eq!(figure(&report, "occupancy_slots"), Figure::ratio(60_000_000, 180_000_000));
    assert_eq!(printed(&report, "att_seconds"), "30");
}

/// The process dies while one waits, one talks and one is in the flow.
#[test]
fn what_a_crash_cut_off_ends_with_the_last_record() {
    let mut day = Day::new();
    day.ready(1, "ann");
    day.call(10, 1, "sales");
    day.accept(15, 1);
    day.call(20, 2, "sales");
    day.call(40, 3, "sales");
    let last = day.journal.last().unwrap().at;
    let mut center = Center::new();
    let agents = vec![("ann".parse().unwrap(), AgentState::Ready)];
    let config = match &day.journal[0].input {
        Input::Configured { config } => Arc::clone(config),
        other => panic!("{other:?}"),
    };
    let checkpoint = Box::default();
    for input in [Input::Configured { config }, Input::Restarted { agents, checkpoint }] {
        day.journal.push(JournalRecord::take(&mut center, seconds(500), input));
    }
    let records = Folder::fold(&day.journal).records();
    assert!(records.contacts.iter().all(|contact| contact.closed == Some(last.as_micros())));
    let report = Report::of(&records, &Parameters::default());
    assert_eq!(printed(&report, "waiting"), "0");
    assert_eq!(printed(&report, "handled"), "1");
    assert_eq!(printed(&report, "att_seconds"), "27");
    // Between the last record and the restart nobody worked.
    assert_eq!(printed(&report, "logged_in_seconds"), "41");
}
