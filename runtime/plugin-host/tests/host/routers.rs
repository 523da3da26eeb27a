//! Routers: what they answer, and what becomes of those that cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::{Expect, expect};
use jackfield_core::{
    AgentId, Candidate, Channel, InteractionId, PastContact, Proficiency, QueueId, QueueView,
    RoutingAsk, RoutingDecision, SkillLevel, WaitingView,
};
use jackfield_plugin_host::{Grants, RouterPlugin, World};

use crate::support::{Books, HOST, guest};

fn router(name: &str) -> RouterPlugin {
    let installed = HOST.install(&guest(name), World::Router, &Grants::all()).unwrap();
    HOST.router(&installed.digest).unwrap()
}

fn skill(name: &str, level: u8) -> SkillLevel {
    SkillLevel { name: name.to_owned(), level: Proficiency::new(level).unwrap() }
}

/// Three agents: `ann` idle longest, `bob` with the better billing, `cat` with none.
pub fn question(attributes: &[(&str, &str)]) -> RoutingAsk {
    let agent = |name: &str, idle_ms, skills: Vec<SkillLevel>| Candidate {
        agent: AgentId::new(name).unwrap(),
        level: 5,
        skills,
        idle_ms,
        contacts: 1,
        talk_seconds: 60,
        load: 0,
        ranks: BTreeMap::new(),
        attributes: Vec::new(),
    };
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    RoutingAsk {
        contact: WaitingView {
            id: InteractionId(7),
            channel: Channel::Voice,
            queue: QueueId::new("sales").unwrap(),
            waited_ms: 1_000,
            priority: 0,
            required: Vec::new(),
            preferred: vec![skill("billing", 6)],
            attributes: attributes.iter().map(text).collect(),
            step: 0,
            history: Vec::new(),
        },
        candidates: vec![
            agent("bob", 5_000, vec![skill("billing", 8)]),
            agent("ann", 9_000, vec![skill("billing", 6)]),
            agent("cat", 7_000, Vec::new()),
        ],
        queue: QueueView {
            waiting: 1,
            longest_wait_ms: 1_000,
            agents_ready: 3,
            ..QueueView::quiet(QueueId::new("sales").unwrap())
        },
        others: Vec::new(),
        now_seconds: 12.5,
        seed: 1,
    }
}

async fn answers(router: &RouterPlugin, attributes: &[(&str, &str)]) -> String {
    let books = Arc::new(Books::default());
    match router.choose(&question(attributes), books).await {
        Ok(answer) => format!("{:?} {:?}", answer.decision, answer.because),
        Err(failure) => failure.to_string(),
    }
}

#[track_caller]
fn check(name: &str, expected: Expect) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    expected.assert_eq(&runtime.block_on(answers(&router(name), &[])));
}

#[test]
fn longest_idle_first() {
    check(
        "router-longest-idle",
        expect![[
            r#"Offer(["ann", "cat", "bob"]) [("rule", "longest-idle"), ("idle-ms", "9000")]"#
        ]],
    );
}

#[test]
fn best_skills_first() {
    check(
        "router-skills",
        expect![[
            r#"Offer(["bob", "ann"]) [("rule", "preferred-skills"), ("levels-let-go", "0"), ("total", "8"), ("idle-ms", "5000")]"#
        ]],
    );
}

#[tokio::test]
async fn each_misdeed_has_its_failure_and_the_next_question_is_answered() {
    let router = router("router-misbehaves");
    let mut all = String::new();
    let misdeeds = [
        "trap",
        "loop",
        "memory-bomb",
        "unknown-agent",
        "busy-agent",
        "empty-offer",
        "no-number",
        "refuse",
    ];
    for misdeed in misdeeds {
        let told = [("do", misdeed), ("busy", "dan")];
        all.push_str(&format!("{misdeed}: {}\n", answers(&router, &told).await));
        let next = answers(&router, &[]).await;
        assert!(next.starts_with("Offer([\"bob\", \"ann\", \"cat\"])"), "after {misdeed}: {next}");
    }
    expect![[r#"
        trap: trapped: gave up (panic)
        loop: exceeded its deadline
        memory-bomb: ran out of memory
        unknown-agent: bad reply: `nobody-at-all` is no candidate
        busy-agent: bad reply: `dan` is no candidate
        empty-offer: bad reply: an offer to nobody
        no-number: bad reply: a score of NaN
        refuse: refused: no rule for this queue
    "#]]
    .assert_eq(&all);
}

#[tokio::test]
async fn who_served_the_customer_before_is_seen_by_a_grant() {
    let router = router("router-sticky");
    let mut ask = question(&[]);
    ask.contact.history.push(PastContact {
        agent: AgentId::new("cat").ok(),
        queue: QueueId::new("sales").ok(),
        channel: Channel::Voice,
        seconds_ago: 86_400,
        outcome: "served".to_owned(),
    });
    let books = Arc::new(Books::default());
    let answer = router.choose(&ask, books.clone()).await.unwrap();
    assert_eq!(answer.decision, RoutingDecision::Offer(vec!["cat".to_owned()]));
    // The instance that saw it does not know it any more.
    ask.contact.history.clear();
    let answer = router.choose(&ask, books).await.unwrap();
    assert!(
        matches!(&answer.decision, RoutingDecision::Offer(all) if all.len() == 3),
        "{answer:?}"
    );
}

#[tokio::test]
async fn log_lines_are_masked_and_limited() {
    let router = router("router-misbehaves");
    let books = Arc::new(Books::default());
    let services = Arc::clone(&books);
    router.choose(&question(&[("do", "chatter")]), services).await.unwrap();
    let lines = books.lines();
    assert!(lines.starts_with("Info 0 +**********11\n"), "{lines}");
    assert_eq!(lines.lines().filter(|line| line.starts_with("Info")).count(), 100);
    assert_eq!(lines.lines().filter(|line| line.starts_with("count log_lines")).count(), 100);
}
