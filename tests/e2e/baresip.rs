//! baresip, a phone that shares no code with ours, as a caller and as an agent's phone.
//!
//! It refuses loopback as a local address, so each test runs once more inside a network namespace
//! of its own, where `lo` has a second address.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::audio;
use crate::harness::{Peer, Server, Turn, attribute, detail, free_port};
use crate::queue::{QUEUE, wait_for_state};

/// The address of the namespace.
const HOST: &str = "10.77.0.1";
/// Set inside the namespace.
const INSIDE: &str = "JACKFIELD_TEST_NAMESPACE";

/// Returns whether the test is to go on: outside the namespace it runs itself inside instead.
#[track_caller]
fn inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    // The server inside is one of another process, which knows nothing of the turns here.
    let _alone = Turn::take(true);
    let network = format!(
        "ip link set lo up && ip addr add {HOST}/24 dev lo && ip route add default dev lo && exec \"$0\" \"$@\""
    );
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c", &network])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("baresip::{test}"), "--nocapture"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}\n{err}");
    false
}

/// A centre on the namespace's address.
fn start(name: &str, flow: &str) -> Server {
    start_with(name, flow, QUEUE)
}

fn start_with(name: &str, flow: &str, config: &str) -> Server {
    let config = config.replace("[\"127.0.0.0/8\"]", "[\"10.77.0.0/24\"]");
    let bind = [("JACKFIELD__SIP__BIND", HOST)];
    Server::start_alone_with(name, &config, &[("main.rhai", flow)], &bind)
}

/// A running baresip that takes commands and keys.
struct Baresip {
    peer: Peer,
    dir: PathBuf,
}

impl Baresip {
    /// Starts it with this account.
    fn start(server: &Server, account: &str) -> Self {
        let dir = server.dir.join("baresip");
        std::fs::create_dir_all(&dir).unwrap();
        // Its own generator of tones knows one rate only, which is not that of G.711.
        let sound = dir.join("1000.wav");
        audio::write_tone(&sound, 1000.0, 60.0);
        let config = format!(
            "poll_method epoll\nsip_listen {HOST}:{port}\nrtp_ports 44000-44100\n\
             audio_source aufile,{sound}\naudio_alert aufile,{sound}\n\
             ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n\
             module_path {modules}\nmodule stdio.so\nmodule g711.so\nmodule aufile.so\n\
             module sndfile.so\n\
             module_tmp account.so\nmodule_app menu.so\n",
            port = free_port(),
            modules = modules().display(),
            sound = sound.display(),
        );
        std::fs::write(dir.join("config"), config).unwrap();
        std::fs::write(dir.join("accounts"), format!("{account}\n")).unwrap();
        std::fs::write(dir.join("contacts"), "").unwrap();
        let log = std::fs::File::create(dir.join("log")).unwrap();
        // `sndfile` keeps what is heard in the current folder.
        let child = Command::new("baresip")
            .arg("-f")
            .arg(&dir)
            .current_dir(&dir)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let started = Self { peer: Peer(child), dir };
        server.until("baresip", Duration::from_secs(10), || {
            started.log().contains("baresip is ready").then_some(())
        });
        started
    }

    /// What it printed.
    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Presses keys; it takes each for released after a moment without another.
    fn press(&mut self, keys: &str) {
        let keyboard = self.peer.0.stdin.as_mut().unwrap();
        for key in keys.bytes() {
            keyboard.write_all(&[key]).unwrap();
            keyboard.flush().unwrap();
            std::thread::sleep(Duration::from_millis(400));
        }
    }

    /// Gives a command, such as `dial`.
    fn command(&mut self, command: &str) {
        let keyboard = self.peer.0.stdin.as_mut().unwrap();
        keyboard.write_all(format!("/{command}\n").as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// What it heard.
    fn heard(&self) -> Vec<f64> {
        let files = std::fs::read_dir(&self.dir).unwrap().map(|entry| entry.unwrap().path());
        let received = |path: &PathBuf| path.to_string_lossy().ends_with("-dec.wav");
        let file = files.into_iter().find(received).expect("baresip kept no sound");
        audio::read(&file).swap_remove(0)
    }
}

/// Debian has them in one of two places.
fn modules() -> PathBuf {
    let machine = format!("/usr/lib/{}-linux-gnu/baresip/modules", std::env::consts::ARCH);
    let places = ["/usr/lib/baresip/modules", &machine];
    let found = places.into_iter().map(Path::new).find(|place| place.exists());
    found.expect("baresip's modules").to_owned()
}

#[test]
fn a_caller_presses_keys() {
    if !inside("a_caller_presses_keys") {
        return;
    }
    let flow = r#"
answer();
let code = gather(#{ prompt: "Your code.", max: 7, first: 8, next: 4 });
attribute("code", code);
hang_up(code);
"#;
    let server = start("baresip-caller", flow);
    let mut phone = Baresip::start(&server, &format!("<sip:tester@{HOST}>;regint=0"));
    phone.command(&format!("dial sip:100@{HOST}:{}", server.sip));
    server.until("the call", Duration::from_secs(10), || {
        phone.log().contains("Call established").then_some(())
    });
    // Twice the same in a row: neither may swallow the other. The hash ends the input.
    phone.press("1228*0#");
    let call = server.last_interaction("acme");
    assert_eq!(attribute(&call, "code").as_deref(), Some("1228*0"), "{call}\n{}", phone.log());
    assert_eq!(call["end"], "completed", "{call}");
    assert_eq!(call["ani"], "tester", "{call}");
}

#[test]
fn an_agents_phone_is_heard_hears_and_hangs_up() {
    if !inside("an_agents_phone_is_heard_hears_and_hangs_up") {
        return;
    }
    let server = start("baresip-agent", "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n");
    let account = format!(
        "<sip:alice@{HOST}:{}>;auth_pass=alice-test;regint=60;answermode=auto;audio_codecs=PCMA",
        server.sip
    );
    let mut phone = Baresip::start(&server, &account);
    wait_for_state(&server, "alice", "ready");
    let heard_by_caller = server.dir.join("caller-heard.wav");
    let uri = format!("sip:100@{HOST}:{}", server.sip);
    let mut caller = server.command(&["phone", "--call", &uri, "--bind", HOST, "--tone", "440"]);
    caller.args(["--duration", "30s", "--record", heard_by_caller.to_str().unwrap()]);
    let mut caller = Peer(caller.stdout(Stdio::null()).spawn().unwrap());
    server.until("the conversation", Duration::from_secs(15), || {
        phone.log().contains("Call established").then_some(())
    });
    std::thread::sleep(Duration::from_secs(5));
    phone.command("hangup");
    let ended = server
        .until("the end of the call", Duration::from_secs(10), || caller.0.try_wait().unwrap());
    assert!(ended.success(), "{ended}\n{}", phone.log());

    let call = server.last_interaction("acme");
    assert_eq!(call["end"], "completed", "{call}");
    assert_eq!(call["agent"], "alice", "{call}");
    assert_eq!(detail(&call, "disconnected", "by").as_deref(), Some("agent"), "{call}");
    let loud = audio::share_of_tone(&phone.heard(), 440.0);
    assert!(0.6 < loud, "the agent heard the caller in {loud} of the call");
    let loud = audio::share_of_tone(&audio::read(&heard_by_caller)[0], 1000.0);
    assert!(0.5 < loud, "the caller heard the agent in {loud} of the call");
    wait_for_state(&server, "alice", "ready");
}

#[test]
fn a_caller_hears_the_queues_music_while_waiting_and_on_hold() {
    if !inside("a_caller_hears_the_queues_music_while_waiting_and_on_hold") {
        return;
    }
    let music = std::env::temp_dir().join(format!("jackfield-music-{}.wav", std::process::id()));
    // Shorter than the wait: it is played over and over.
    audio::write_tone(&music, 700.0, 1.5);
    let with = format!("short_abandon = \"0s\"\nmusic = \"{}\"\n", music.display());
    let config = QUEUE.replace("short_abandon = \"0s\"\n", &with);
    let flow = "answer();\nenqueue(\"sales\");\nhang_up(\"done\");\n";
    let server = start_with("baresip-hold", flow, &config);
    let heard = server.dir.join("heard.wav");
    let uri = format!("sip:100@{HOST}:{}", server.sip);
    let mut caller = server.command(&["phone", "--call", &uri, "--bind", HOST, "--tone", "440"]);
    caller.args(["--duration", "60s", "--record", heard.to_str().unwrap()]);
    let mut caller = Peer(caller.stdout(Stdio::null()).spawn().unwrap());
    server.until("a call in the queue", Duration::from_secs(15), || {
        (server.metric("jackfield_queue_waiting", "sales") == 1.0).then_some(())
    });
    std::thread::sleep(Duration::from_secs(4));
    let account = format!(
        "<sip:alice@{HOST}:{}>;auth_pass=alice-test;regint=60;answermode=auto;audio_codecs=PCMA",
        server.sip
    );
    let mut phone = Baresip::start(&server, &account);
    server.until("the conversation", Duration::from_secs(15), || {
        phone.log().contains("Call established").then_some(())
    });
    std::thread::sleep(Duration::from_secs(3));
    phone.command("hold");
    std::thread::sleep(Duration::from_secs(4));
    phone.command("resume");
    std::thread::sleep(Duration::from_secs(3));
    phone.command("hangup");
    let ended = server
        .until("the end of the call", Duration::from_secs(10), || caller.0.try_wait().unwrap());
    assert!(ended.success(), "{ended}\n{}", phone.log());
    std::fs::remove_file(&music).unwrap();
    let journal = server.ok(&["journal", "export", "acme"]);
    let at =
        |word: &str| journal.find(word).unwrap_or_else(|| panic!("no {word}: {}", phone.log()));
    assert!(at("hold_started") < at("hold_ended"));
    // In order: music, the agent, music, the agent.
    let heard = &audio::read(&heard)[0];
    let mut parts: Vec<&str> = heard
        .chunks_exact(4_000)
        .filter_map(|window| match () {
            () if 0.5 < audio::share_of_tone(window, 700.0) => Some("music"),
            () if 0.5 < audio::share_of_tone(window, 1000.0) => Some("agent"),
            () => None,
        })
        .collect();
    parts.dedup();
    assert_eq!(parts, ["music", "agent", "music", "agent"]);
}
