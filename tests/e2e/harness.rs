//! Starting and asking a server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running server with everything of its own.
pub struct Server {
    child: Option<Child>,
    /// Its folder: configuration, flows, store.
    pub dir: PathBuf,
    /// Its SIP port.
    pub sip: u16,
    /// Its HTTP port.
    pub http: u16,
    rtp: u16,
    env: Vec<(String, String)>,
    _turn: Turn,
}

/// How much longer than on an idle machine things may take before a test gives up.
pub const LADEN: u32 = 4;

static RTP_BASE: AtomicU16 = AtomicU16::new(0);

/// Servers at once: tests wait for their peers most of the time.
const SERVERS: usize = 2;

/// A server's place among those that run at once, or all of them for one that is to be alone.
pub struct Turn(usize);

/// Places that are taken, and tests that wait to be alone.
static TURNS: Mutex<(usize, usize)> = Mutex::new((0, 0));
static ENDED: Condvar = Condvar::new();

impl Turn {
    /// Waits for a place.
    pub fn take(alone: bool) -> Self {
        let wanted = if alone { SERVERS } else { 1 };
        // A test that failed while it had its turn has done the others no harm.
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        turns.1 += usize::from(alone);
        // Whoever is to be alone would wait for ever if others went first.
        while SERVERS < turns.0 + wanted || (!alone && 0 < turns.1) {
            turns = ENDED.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        turns.0 += wanted;
        turns.1 -= usize::from(alone);
        Self(wanted)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TURNS.lock().unwrap_or_else(PoisonError::into_inner).0 -= self.0;
        ENDED.notify_all();
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The binary under test, built with the same profile as this test.
pub fn jackfield() -> PathBuf {
    let path = std::env::current_exe().unwrap();
    let profile = path.ancestors().nth(2).unwrap();
    let binary = profile.join("jackfield");
    assert!(binary.exists(), "{} is missing: run `make test`", binary.display());
    binary
}

/// A port that is free for UDP and TCP, and that no other test of this run has had: the system's own choice
/// may be the same for two who have not begun to listen. Below those that it chooses; the three after it are left
/// free, which SIPp uses for media.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Another run of the tests on this machine begins somewhere else.
    let run = (std::process::id() % 4) as u16 * 2_500;
    loop {
        let next = NEXT.fetch_add(4, Ordering::Relaxed).wrapping_add(run);
        let port = 10_000 + next % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok()
            && UdpSocket::bind(("127.0.0.1", port)).is_ok()
        {
            return port;
        }
    }
}

impl Server {
    /// Starts a server with this configuration (after the parts that are the same for all) and
    /// these flows: file name and script.
    pub fn start(name: &str, config: &str, flows: &[(&str, &str)]) -> Self {
        Self::begin(name, config, flows, &[], false)
    }

    /// The same for a test of loads, times or sounds, beside which no other server runs.
    pub fn start_alone(name: &str, config: &str, flows: &[(&str, &str)]) -> Self {
        Self::begin(name, config, flows, &[], true)
    }

    /// The same, with further environment variables.
    pub fn start_alone_with(
        name: &str,
        config: &str,
        flows: &[(&str, &str)],
        env: &[(&str, &str)],
    ) -> Self {
        Self::begin(name, config, flows, env, true)
    }

    fn begin(
        name: &str,
        config: &str,
        flows: &[(&str, &str)],
        env: &[(&str, &str)],
        alone: bool,
    ) -> Self {
        let turn = Turn::take(alone);
        let dir = std::env::temp_dir().join(format!("jackfield-e2e-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        for (file, script) in flows {
            std::fs::write(dir.join(file), script).unwrap();
        }
        std::fs::write(dir.join("jackfield.toml"), config).unwrap();
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        // Another run of the tests on this machine begins somewhere else.
        let run = (std::process::id() % 10) as u16 * 2_000;
        let rtp = RTP_BASE.fetch_add(2_000, Ordering::Relaxed).wrapping_add(run);
        let rtp = 20_000 + rtp % 20_000;
        let (sip, http) = (free_port(), free_port());
        let mut server = Self { child: None, dir, sip, http, rtp, env, _turn: turn };
        server.spawn();
        server
    }

    /// Starts the process and waits until it is ready.
    pub fn spawn(&mut self) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.join("server.log"))
            .unwrap();
        let child =
            self.command(&["serve"]).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        self.child = Some(child);
        let begin = Instant::now();
        // A first start compiles the flows and plugins; a debug build takes its time for that.
        while !self.ready() {
            let child = self.child.as_mut().unwrap();
            let gone = child.try_wait().unwrap();
            assert!(
                gone.is_none() && begin.elapsed() < Duration::from_secs(180),
                "the server did not start: {gone:?}\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn ready(&self) -> bool {
        self.http("GET", "/readyz", None).is_some_and(|(status, _)| status == 200)
    }

    /// The command line with this server's ports and store.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(jackfield());
        command
            .args(args)
            .env("JACKFIELD_CONFIG", self.dir.join("jackfield.toml"))
            .env("JACKFIELD__SIP__PORT", self.sip.to_string())
            .env("JACKFIELD__HTTP__PORT", self.http.to_string())
            .env("JACKFIELD__RTP__PORT_MIN", self.rtp.to_string())
            .env("JACKFIELD__RTP__PORT_MAX", (self.rtp + 1_998).to_string())
            .env("JACKFIELD__STORE__PATH", self.dir.join("store"))
            // A debug build shares two cores with its peers and a compiler: being late is no overload.
            .env("JACKFIELD__SIP__MAX_LAG", "2s")
            // Nor is it a fault of a plugin that it was kept waiting for a processor.
            .env("JACKFIELD__PLUGINS__ROUTER_DEADLINE", "500ms")
            .env("JACKFIELD__PLUGINS__ESTIMATOR_DEADLINE", "500ms")
            .env("JACKFIELD__PLUGINS__CACHE", root().join("target/e2e-compiled"))
            .env("JACKFIELD__SPEECH__CACHE_PATH", root().join("target/e2e-speech"))
            .env("JACKFIELD_TOOLS", root().join("target/tools"))
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .current_dir(root())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command of the command line to its end.
    pub fn cli(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed; returns what it printed.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.cli(args);
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "jackfield {args:?} failed:\n{out}\n{err}\n{}",
            self.log()
        );
        out
    }

    /// Runs a command that reads `input`, and that must succeed.
    #[track_caller]
    pub fn typed(&self, args: &[&str], input: &str) {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "jackfield {args:?} failed");
    }

    /// Runs a command with `--json`; returns what it printed.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        all.push("--json");
        let out = self.ok(&all);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error} in {out}"))
    }

    /// One HTTP request without a token; the status and the body.
    pub fn http(&self, method: &str, path: &str, token: Option<&str>) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.http)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}\r\n",
            token.unwrap_or_default()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_once("\r\n\r\n")?.1.to_owned();
        Some((status, body))
    }

    /// The sum of a metric's samples whose labels hold `label`.
    pub fn metric(&self, name: &str, label: &str) -> f64 {
        let (_, body) = self.http("GET", "/metrics", None).expect("no answer from /metrics");
        let of = |line: &str| line.starts_with(name) && line.contains(label);
        let samples = body.lines().filter(|line| of(line));
        samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Waits until `look` gives something, at most `limit` on a machine with nothing else to do.
    #[track_caller]
    pub fn until<T>(&self, what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
        let begin = Instant::now();
        let limit = limit * LADEN;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begin.elapsed() < limit, "{what}: not within {limit:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// All interactions of a tenant that have ended, newest first, with their stories.
    pub fn interactions(&self, tenant: &str) -> Vec<Value> {
        let list = self.json(&["interaction", "list", tenant, "--limit", "5000"]);
        list["items"].as_array().unwrap().clone()
    }

    /// The newest interaction of a tenant, once it has ended, with its story.
    #[track_caller]
    pub fn last_interaction(&self, tenant: &str) -> Value {
        self.until("an ended interaction", Duration::from_secs(15), || {
            let newest = self.interactions(tenant).into_iter().next()?;
            let id = newest["id"].as_str()?.to_owned();
            let whole = self.json(&["interaction", "show", tenant, &id]);
            whole["ended_at"].is_string().then_some(whole)
        })
    }

    /// The process.
    #[allow(dead_code, reason = "a benchmark reads its memory")]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Sends the signal that asks for the configuration to be read again.
    pub fn hang_up(&self) {
        let process = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-HUP", &process]).status().unwrap().success());
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.dir.join("server.log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

/// A process that ends with its handle.
pub struct Peer(pub Child);

impl Drop for Peer {
    fn drop(&mut self) {
        // Politely first: phones unregister and hang up.
        // SAFETY: kill(2) takes no pointer; the child is ours and not yet waited for.
        #[allow(unsafe_code)]
        unsafe {
            libc::kill(self.0.id().cast_signed(), libc::SIGTERM);
        }
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(3) {
            if self.0.try_wait().ok().flatten().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a story says happened, in order.
pub fn story(interaction: &Value) -> Vec<String> {
    let events = interaction["timeline"].as_array().cloned().unwrap_or_default();
    events.iter().filter_map(|event| event["what"].as_str().map(str::to_owned)).collect()
}

/// The value of a detail of the first event with this name.
pub fn detail(interaction: &Value, what: &str, name: &str) -> Option<String> {
    let events = interaction["timeline"].as_array()?;
    let event = events.iter().find(|event| event["what"] == what)?;
    let details = event["details"].as_array()?;
    let pair = details.iter().find(|pair| pair[0] == name)?;
    pair[1].as_str().map(str::to_owned)
}

/// The value of an attribute.
pub fn attribute(interaction: &Value, name: &str) -> Option<String> {
    let pairs = interaction["attributes"].as_array()?;
    pairs.iter().find(|pair| pair[0] == name)?[1].as_str().map(str::to_owned)
}
