//! Desks at one node: `cargo run --release -p jackfield-tests --example desks_bench [DESKS]`.
//!
//! Each desk is a connection of its own that says it is ready, takes every chat it is offered, ends it and
//! finishes the work after it. Chats are brought in at a steady rate. What is printed: how long it took from
//! the engine's decision until the message was read at the desk, for the customer's card and for the ring, and
//! the server's processor time and memory.

#![allow(
    dead_code,
    unused_imports,
    reason = "shares the end-to-end tests' files, and uses a part of them"
)]

mod api;
#[path = "../e2e/harness.rs"]
mod harness;

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use harness::Server;
use serde_json::{Value, json};

/// Chats a second.
const RATE: f64 = 20.0;
/// How long chats are brought in.
const FOR: Duration = Duration::from_secs(30);

/// Spans in milliseconds until a desk has read what it is told.
#[derive(Default)]
struct Measured {
    pops: Vec<f64>,
    rings: Vec<f64>,
    served: usize,
}

/// A WebSocket (RFC 6455) as far as it is needed: short texts both ways.
struct Socket(TcpStream);

impl Socket {
    fn open(port: u16, token: &str, agent: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET /api/v1/tenants/acme/agents/{agent}/desk HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: desk.v1\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        Self(stream)
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        // Final, text; masked by zeros.
        let mut frame = vec![0x81];
        match u8::try_from(text.len()) {
            Ok(length) if length < 126 => frame.push(0x80 | length),
            _ => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).unwrap();
    }

    /// The next text; `None` at the end.
    fn next(&mut self) -> Option<Value> {
        loop {
            let mut head = [0; 2];
            self.0.read_exact(&mut head).ok()?;
            let length = match head[1] & 0x7f {
                126 => {
                    let mut length = [0; 2];
                    self.0.read_exact(&mut length).ok()?;
                    u64::from(u16::from_be_bytes(length))
                }
                127 => {
                    let mut length = [0; 8];
                    self.0.read_exact(&mut length).ok()?;
                    u64::from_be_bytes(length)
                }
                length => u64::from(length),
            };
            let mut body = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut body).ok()?;
            match head[0] & 0x0f {
                1 => return serde_json::from_slice(&body).ok(),
                8 => return None,
                _ => {}
            }
        }
    }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1_000.0
}

/// Milliseconds of `2026-11-21T09:00:00.123Z` within its day.
fn of_day(moment: &str) -> f64 {
    let part = |from: usize, to: usize| moment[from..to].parse::<f64>().unwrap();
    ((part(11, 13) * 60.0 + part(14, 16)) * 60.0 + part(17, 23)) * 1_000.0
}

fn since(moment: &str) -> f64 {
    (now_ms() - of_day(moment)).rem_euclid(86_400_000.0)
}

/// One agent: ready, takes what comes, ends it, finishes it.
fn work(mut desk: Socket, measured: &Mutex<Measured>) {
    desk.send(&json!({ "type": "hello" }));
    desk.send(&json!({ "id": "ready", "type": "state", "state": "ready" }));
    let mut done: Vec<String> = Vec::new();
    let mut popped = None;
    while let Some(message) = desk.next() {
        if let Some(seq) = message["seq"].as_u64() {
            desk.send(&json!({ "type": "ack", "seq": seq }));
        }
        if message["type"] == "pop" {
            popped = Some(now_ms());
        }
        if message["type"] != "view" {
            continue;
        }
        for task in message["tasks"].as_array().unwrap() {
            let id = task["interaction"].as_str().unwrap();
            let (asked, state) = match task["state"].as_str().unwrap() {
                "offered" => ("accept", "offered"),
                "talking" => ("end", "talking"),
                _ => ("finish", "wrapping_up"),
            };
            let name = format!("{asked} {id}");
            if done.contains(&name) {
                continue;
            }
            if state == "offered" {
                let rung = since(task["since"].as_str().unwrap());
                let mut measured = measured.lock().unwrap();
                measured.rings.push(rung);
                measured.pops.extend(popped.take().map(|at| rung - (now_ms() - at)));
            }
            if state == "talking" {
                measured.lock().unwrap().served += 1;
            }
            desk.send(&json!({ "id": name, "type": asked, "interaction": id }));
            done.push(name);
        }
    }
}

fn tell(what: &str, spans: &mut [f64]) {
    spans.sort_by(f64::total_cmp);
    let at = |share: f64| spans[((spans.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: {} times, median {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        spans.len(),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
}

/// Processor seconds and resident MiB of the server.
fn used(pid: u32) -> (f64, f64) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    let pages: f64 = fields[21].parse().unwrap();
    (ticks / 100.0, pages * 4_096.0 / 1_048_576.0)
}

fn main() {
    let desks: usize = std::env::args().nth(1).map_or(200, |count| count.parse().unwrap());
    let mut config = String::from(
        "[trunks.local]\nsources = [\"127.0.0.0/8\"]\n[numbers.\"100\"]\ntenant = \"acme\"\nflow = \"main\"\n\
         [tenants.acme]\nname = \"Acme\"\nlanguage = \"en\"\n[tenants.acme.fallback]\nthen = \"hang_up\"\n\
         [tenants.acme.flows.main]\nscript = \"main.rhai\"\n[tenants.acme.queues.help]\nwrap_up = \"1s\"\n",
    );
    for number in 0..desks {
        let agent = "password = \"secret-password\"\nqueues = { help = 5 }";
        let _ = write!(config, "[tenants.acme.agents.a{number}]\n{agent}\n");
    }
    let server =
        Server::start_alone("desks-bench", &config, &[("main.rhai", "hang_up(\"done\");\n")]);
    let (token, port) = (api::token(&server), server.http);
    let before = used(server.pid());
    let measured = Arc::new(Mutex::new(Measured::default()));
    for number in 0..desks {
        let desk = Socket::open(port, &token, &format!("a{number}"));
        let measured = Arc::clone(&measured);
        std::thread::spawn(move || work(desk, &measured));
    }
    std::thread::sleep(Duration::from_secs(2));
    let connected = used(server.pid());
    println!("{desks} desks connected: {:.1} MiB more", connected.1 - before.1);
    let begun = Instant::now();
    let mut number = 0.0;
    while begun.elapsed() < FOR {
        let address = format!("visitor-{number}@example.com");
        let chat = json!({ "channel": "chat", "queue": "help", "address": address });
        api::post(port, &token, "interactions", &chat);
        number += 1.0;
        let due = Duration::from_secs_f64(number / RATE);
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    std::thread::sleep(Duration::from_secs(2));
    let after = used(server.pid());
    let mut measured = measured.lock().unwrap();
    println!("{number} chats brought in, {} served", measured.served);
    tell("customer's card at the desk", &mut measured.pops);
    tell("ring at the desk", &mut measured.rings);
    let share = (after.0 - connected.0) / begun.elapsed().as_secs_f64();
    println!("server: {:.1} % of a processor, {:.1} MiB", share * 100.0, after.1);
}
