//! Who hears whom: three parties, each with a tone of its own.

use std::time::Duration;

use expect_test::{Expect, expect};

use crate::api::{Codec, LegError, MixId, PlayId, Repeat};
use crate::media::phone::{Phone, config, share, talk};
use crate::media::{MediaEngine, MediaPort};
use crate::speech::Audio;

const MIX: MixId = MixId(7);
const NAMES: [&str; 3] = ["customer", "agent", "supervisor"];
const TONES: [f32; 3] = [440.0, 1000.0, 700.0];

const LISTEN: &str = "customer < agent\nagent < customer\nsupervisor < customer agent";
const WHISPER: &str = "customer < agent\nagent < customer supervisor\nsupervisor < customer agent";
const BARGE: &str =
    "customer < agent supervisor\nagent < customer supervisor\nsupervisor < customer agent";

struct Room {
    engine: MediaEngine,
    phones: Vec<Phone>,
    ports: Vec<MediaPort>,
}

impl Room {
    fn start(port_min: u16) -> Self {
        let engine = MediaEngine::new(config(port_min)).unwrap();
        let phones: Vec<Phone> =
            [Codec::Pcmu, Codec::Pcma, Codec::Pcmu].into_iter().map(Phone::new).collect();
        let ports: Vec<MediaPort> = NAMES.iter().map(|_| engine.allocate().unwrap()).collect();
        for (phone, port) in phones.iter().zip(&ports) {
            drop(phone.connect(port));
        }
        Self { engine, phones, ports }
    }

    /// Sets a plan: `LISTENER < HEARD…` a line.
    fn plan(&self, text: &str) {
        plan(&self.engine, &self.ports, text);
    }

    fn talk(&mut self, packets: usize) {
        let mut talking: Vec<(&mut Phone, f32)> = self.phones.iter_mut().zip(TONES).collect();
        talk(&mut talking, packets);
        for phone in &mut self.phones {
            phone.drain();
        }
    }

    /// All talk for a second; tells who heard whom.
    #[track_caller]
    fn check(&mut self, heard: Expect) {
        for phone in &mut self.phones {
            phone.drain();
            phone.heard.clear();
        }
        self.talk(50);
        let mut told = String::new();
        for (name, phone) in NAMES.iter().zip(&self.phones) {
            told += &format!("{name} hears{}\n", voices(&phone.samples()));
        }
        heard.assert_eq(&told);
    }
}

fn plan(engine: &MediaEngine, ports: &[MediaPort], text: &str) {
    let port = |name: &str| {
        let place = NAMES.iter().position(|known| *known == name).unwrap();
        ports[place].clone()
    };
    let row = |line: &str| {
        let (listener, heard) = line.split_once(" <").unwrap();
        (port(listener), heard.split_whitespace().map(port).collect())
    };
    let rows: Vec<(MediaPort, Vec<MediaPort>)> = text.lines().map(row).collect();
    engine.mix(MIX, &rows);
}

/// Whose tones there are, and that nothing else is.
fn voices(samples: &[i16]) -> String {
    // What the jitter buffers hold at first, and at the end.
    let Some(steady) = samples.get(1600..samples.len().saturating_sub(800)) else {
        return String::new();
    };
    let mut told = String::new();
    let mut all = 0.0;
    for (name, hertz) in NAMES.iter().zip(TONES) {
        let share = share(steady, hertz);
        if share > 0.2 {
            told += &format!(" {name}");
            all += share;
        }
    }
    assert!(all > 0.95, "only {all} of what is heard is voices: {told}");
    told
}

#[tokio::test]
async fn listen_whisper_and_barge_after_a_bridge() {
    let mut room = Room::start(42_000);
    room.engine.bridge(&room.ports[0], &room.ports[1]);
    room.check(expect![[r#"
        customer hears agent
        agent hears customer
        supervisor hears
    "#]]);
    room.plan(LISTEN);
    room.check(expect![[r#"
        customer hears agent
        agent hears customer
        supervisor hears customer agent
    "#]]);
    room.plan(WHISPER);
    room.check(expect![[r#"
        customer hears agent
        agent hears customer supervisor
        supervisor hears customer agent
    "#]]);
    room.plan(BARGE);
    room.check(expect![[r#"
        customer hears agent supervisor
        agent hears customer supervisor
        supervisor hears customer agent
    "#]]);
    // A consultation: the customer waits.
    room.plan("agent < supervisor\nsupervisor < agent");
    room.check(expect![[r#"
        customer hears
        agent hears supervisor
        supervisor hears agent
    "#]]);
    room.plan("");
    room.check(expect![[r#"
        customer hears
        agent hears
        supervisor hears
    "#]]);
}

#[tokio::test]
async fn a_change_of_the_plan_leaves_no_gap() {
    let mut room = Room::start(42_100);
    room.plan(LISTEN);
    let (engine, ports) = (room.engine.clone(), room.ports.clone());
    let changes = std::thread::spawn(move || {
        for text in [WHISPER, LISTEN] {
            std::thread::sleep(Duration::from_millis(500));
            plan(&engine, &ports, text);
        }
    });
    room.talk(80);
    changes.join().unwrap();
    for phone in &room.phones {
        let ssrc = phone.heard[0].0.ssrc;
        for pair in phone.heard.windows(2) {
            assert_eq!(pair[1].0.sequence, pair[0].0.sequence.wrapping_add(1));
            assert_eq!(pair[1].0.ssrc, ssrc);
            let step = pair[1].0.timestamp.wrapping_sub(pair[0].0.timestamp);
            assert!((160..1600).contains(&step), "{step} samples from packet to packet");
        }
    }
    // Who hears the same as before hears it as if nothing had been.
    let customer = room.phones[0].samples();
    assert!(customer.len() >= 79 * 160, "{}", customer.len());
    assert!(share(&customer, 1000.0) > 0.95, "{}", share(&customer, 1000.0));
    assert_eq!(voices(&room.phones[2].samples()), " customer agent");
}

#[tokio::test]
async fn who_ends_or_is_bridged_leaves_the_mix() {
    let mut room = Room::start(42_200);
    room.plan(BARGE);
    room.engine.bridge(&room.ports[0], &room.ports[1]);
    room.check(expect![[r#"
        customer hears agent
        agent hears customer
        supervisor hears
    "#]]);
    room.plan(BARGE);
    let agent = room.ports.remove(1);
    drop(agent);
    room.check(expect![[r#"
        customer hears supervisor
        agent hears
        supervisor hears customer
    "#]]);
    room.engine.unbridge(&room.ports[0]);
    room.check(expect![[r#"
        customer hears
        agent hears
        supervisor hears
    "#]]);
    // A port of a mix is taken by another.
    room.plan("customer < supervisor".replace("supervisor", "agent").as_str());
    let other = [(room.ports[1].clone(), vec![room.ports[0].clone()])];
    room.engine.mix(MixId(8), &other);
    room.check(expect![[r#"
        customer hears
        agent hears
        supervisor hears customer
    "#]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_heard_instead_of_the_mix_and_the_mix_is_recorded() -> Result<(), LegError> {
    let mut room = Room::start(42_300);
    let folder = std::env::temp_dir().join(format!("jackfield-mix-{}", std::process::id()));
    let path = folder.join("agent.wav");
    room.ports[2].play(PlayId(1), Audio::music_on_hold().into(), Repeat::Forever);
    room.plan(WHISPER);
    room.ports[1].start_recording(path.clone())?;
    room.check(expect![[r#"
        customer hears agent
        agent hears customer supervisor
        supervisor hears customer agent
    "#]]);
    room.ports[1].stop_recording().await;
    let samples: Vec<i16> =
        hound::WavReader::open(&path).unwrap().into_samples().map(Result::unwrap).collect();
    let right: Vec<i16> =
        samples.iter().skip(1).step_by(2).copied().skip(4800).take(4800).collect();
    assert_eq!(voices(&right), " customer supervisor");

    let prompt = Audio::tone(&[1600.0], Duration::from_secs(1));
    room.ports[2].play(PlayId(2), prompt.into(), Repeat::Once);
    room.phones[2].heard.clear();
    room.talk(100);
    let heard = room.phones[2].samples();
    assert!(share(&heard[..7200], 1600.0) > 0.95);
    assert_eq!(voices(&heard[8000..]), " customer agent");
    std::fs::remove_dir_all(folder).unwrap();
    Ok(())
}
