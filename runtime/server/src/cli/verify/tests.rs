//! Journals in, proofs out.

use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::{Expect, expect};
use jackfield_core::{
    AgentConfig, CenterConfig, Channel, Input, Instant, JournalRecord, OfferId, Party, Proficiency,
    QueueConfig, QueueId, QueueOptions,
};

use super::*;
use crate::chain::Chain;

/// The journal of two runs of a process with two agents and three calls.
fn journal() -> Vec<Vec<u8>> {
    let mut chain = Chain::default();
    let mut lines = Vec::new();
    let mut at = 0;
    for run in 0..2 {
        let mut center = Center::new();
        if 0 < run {
            // Another process goes on with the chain.
            let last: &Vec<u8> = lines.last().expect("the first run wrote");
            chain = Chain::after(chain::unseal(last).expect("it is sealed").digest);
        }
        for input in run_of(run) {
            at += 1_000_000;
            let record = JournalRecord::take(&mut center, Instant::from_micros(at), input);
            lines.push(chain.seal(serde_json::to_vec(&record).expect("it is JSON")));
        }
    }
    lines
}

fn run_of(run: u64) -> Vec<Input> {
    let queue = QueueId::new("sales").expect("a name");
    let agent = |name: &str| name.parse().expect("a name");
    let level = Proficiency::new(5).expect("a level");
    let serves = AgentConfig { queues: [(queue.clone(), level)].into(), ..Default::default() };
    let config = CenterConfig {
        queues: BTreeMap::from([(queue.clone(), QueueConfig::default())]),
        agents: [(agent("alice"), serves.clone()), (agent("bob"), serves)].into(),
        ..CenterConfig::default()
    };
    let mut inputs = vec![
        Input::Configured { config: Arc::new(config) },
        Input::Restarted { agents: Vec::new(), checkpoint: Box::default() },
        Input::AgentReady { agent: agent("alice") },
        Input::AgentReady { agent: agent("bob") },
    ];
    for call in 1..=3 {
        let interaction = jackfield_core::InteractionId(run * 10 + call);
        let (ani, dnis) = (Some("371200".to_owned()), "100".to_owned());
        inputs.extend([
            Input::InteractionArrived { interaction, channel: Channel::Voice, ani, dnis },
            Input::InteractionEnqueued {
                interaction,
                queue: queue.clone(),
                options: QueueOptions::default(),
            },
            Input::OfferAccepted { offer: OfferId(call) },
            Input::ConversationEnded { interaction, by: Party::Agent },
        ]);
    }
    inputs
}

fn prove(lines: &[Vec<u8>]) -> Proof {
    let file = lines.join(&b'\n');
    verify(file.as_slice(), file.len() as u64, None).expect("it can be read")
}

#[track_caller]
fn broken(lines: &[Vec<u8>], expected: Expect) {
    let broken = prove(lines).broken.expect("something is not in order");
    expected.assert_eq(&format!("line {}: {}\n", broken.line, broken.what));
}

/// The journal with `from` replaced in a line, which must be there, and all digests made anew if
/// `sealed`.
fn changed(line: usize, from: &str, to: &str, sealed: bool) -> Vec<Vec<u8>> {
    let mut lines = journal();
    let text = String::from_utf8(lines[line - 1].clone()).expect("it is text");
    assert!(text.contains(from), "{text}");
    lines[line - 1] = text.replacen(from, to, 1).into_bytes();
    if !sealed {
        return lines;
    }
    let mut chain = Chain::default();
    let records = lines.iter().map(|line| chain::unseal(line).expect("it is sealed").record);
    records.collect::<Vec<_>>().into_iter().map(|record| chain.seal(record)).collect()
}

#[test]
fn a_whole_journal_is_in_order() {
    let proof = prove(&journal());
    assert_eq!(proof.broken, None);
    assert_eq!((proof.records, proof.runs, proof.chained), (32, 2, 32));
    assert_eq!(proof.certificates, 6);
    // A part is proved alone if it begins with a run.
    let second = prove(&journal()[16..]);
    assert_eq!((second.broken, second.records, second.runs, second.chained), (None, 16, 1, 16));
}

#[test]
fn a_journal_of_an_older_release_is_proved_without_its_chain() {
    let bare = journal().into_iter();
    let bare = bare.map(|line| chain::unseal(&line).expect("it is sealed").record);
    let proof = prove(&bare.collect::<Vec<_>>());
    assert_eq!((proof.broken, proof.records, proof.chained), (None, 32, 0));
}

#[test]
fn a_changed_record_is_found_by_its_digest_and_by_the_engine() {
    broken(
        &changed(6, "\"alice\"", "\"bob\"", false),
        expect![[r#"
        line 6: its digest does not fit: it was changed, or records before it are missing; output 2 (`offer`).agent: the journal has "bob", the engine gives "alice"
    "#]],
    );
    broken(
        &changed(20, "\"ready\"", "\"busy\"", false),
        expect![[r#"
        line 20: its digest does not fit: it was changed, or records before it are missing; output 1 (`agent_changed`).state: the journal has "busy", the engine gives "ready"
    "#]],
    );
    // What the engine does not say is found by the digest alone.
    broken(
        &changed(5, "371200", "371299", false),
        expect![[r#"
        line 5: its digest does not fit: it was changed, or records before it are missing
    "#]],
    );
}

#[test]
fn who_makes_all_digests_anew_is_found_by_the_engine() {
    broken(
        &changed(6, "\"agent\":\"alice\"", "\"agent\":\"bob\"", true),
        expect![[r#"
        line 6: output 2 (`offer`).agent: the journal has "bob", the engine gives "alice"
    "#]],
    );
    broken(
        &changed(6, "\"candidates\":2", "\"candidates\":1", true),
        expect![[r#"
        line 6: output 2 (`offer`).certificate.candidates: the journal has 1, the engine gives 2
    "#]],
    );
    broken(
        &changed(7, "\"offer\":1", "\"offer\":7", true),
        expect![[r#"
        line 7: the journal has 2 outputs, the engine gives 0 outputs; the first that one has alone: {"agent":"alice","in_target":true,"interaction":"0000000000001","offer":1,"output":"connect","queue":"sales","waited":{"…
    "#]],
    );
}

#[test]
fn what_is_missing_or_cut_off_is_found() {
    let mut lines = journal();
    lines.remove(8);
    broken(
        &lines,
        expect![[r#"
        line 9: its digest does not fit: it was changed, or records before it are missing; the journal has 3 outputs, the engine gives 0 outputs; the first that one has alone: {"interaction":"0000000000002","output":"queued","position":1,"queue":"sales"}
    "#]],
    );
    let mut lines = journal();
    lines.remove(16);
    broken(
        &lines,
        expect![[r#"
        line 17: its digest does not fit: it was changed, or records before it are missing
    "#]],
    );
    let mut lines = journal();
    lines.swap(5, 6);
    broken(
        &lines,
        expect![[r#"
        line 6: its digest does not fit: it was changed, or records before it are missing; the journal has 2 outputs, the engine gives 0 outputs; the first that one has alone: {"agent":"alice","in_target":true,"interaction":"0000000000001","offer":1,"output":"connect","queue":"sales","waited":{"…
    "#]],
    );
    broken(
        &journal()[3..],
        expect![[r#"
        line 1: is in the middle of a run: a journal begins with `configured`, as `jackfield journal export` writes it
    "#]],
    );
    let mut lines = journal();
    lines[9].truncate(40);
    broken(
        &lines,
        expect![[r#"
        line 10: has no digest, though the records before it have
    "#]],
    );
    let mut lines = journal();
    lines[9] = chain::unseal(&lines[9]).expect("it is sealed").record;
    broken(
        &lines,
        expect![[r#"
        line 10: has no digest, though the records before it have
    "#]],
    );
    assert!(verify(&b""[..], 0, None).is_err());
}
