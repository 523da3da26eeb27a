//! What a stream costs: `media_bench play|talk|bridge [PORTS] [SECONDS] [record]`.
//!
//! `play` plays music to all ports; `talk` does, and all parties send too; `bridge` joins ports in
//! pairs and all parties send. Prints the processor time of the media threads a stream and the gaps
//! that the parties hear.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackfield_telephony::media::{MediaEngine, MediaSettings};
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{Codec, PlayId, Repeat, RtpConfig};

const TICK: Duration = Duration::from_millis(20);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let text = |n: usize| arguments.get(n).map(String::as_str);
    let mode = text(0).unwrap_or("play").to_owned();
    let count: usize = text(1).map_or(Ok(500), str::parse)?;
    let seconds: u64 = text(2).map_or(Ok(5), str::parse)?;
    let engine = MediaEngine::new(RtpConfig {
        bind: [127, 0, 0, 1].into(),
        advertise: None,
        port_min: 20_000,
        port_max: 32_000,
        codecs: vec![Codec::Pcmu, Codec::Pcma],
        jitter: Duration::from_millis(40),
        timeout: Duration::from_secs(30),
    })?;
    let phones = UdpSocket::bind("127.0.0.1:0")?;
    let before = resident();
    let start = Instant::now();
    let ports = (0..count).map(|_| engine.allocate()).collect::<Result<Vec<_>, _>>()?;
    let took = start.elapsed() / count as u32;
    println!("allocated: {took:?} and {} octets a port", (resident() - before) / count);
    let music = Arc::new(Audio::music_on_hold());
    for (n, port) in (0_u64..).zip(&ports) {
        let settings = MediaSettings {
            remote: phones.local_addr()?,
            codec: Codec::Pcmu,
            payload_type: 0,
            event_types: vec![101],
            event_type_out: Some(101),
            send: true,
            receive: true,
        };
        port.start(settings, tokio::sync::mpsc::unbounded_channel().0);
        if text(3) == Some("record") {
            port.start_recording(std::env::temp_dir().join(format!("media_bench/{n}.wav")))?;
        }
        if mode != "bridge" {
            port.play(PlayId(n), Arc::clone(&music), Repeat::Forever);
        }
    }
    if mode == "bridge" {
        for pair in ports.chunks_exact(2) {
            engine.bridge(&pair[0], &pair[1]);
        }
    }
    let addresses: Vec<SocketAddr> = ports.iter().map(|port| port.local()).collect();
    let end = Instant::now() + Duration::from_secs(seconds);
    let ears = phones.try_clone()?;
    let ears = std::thread::spawn(move || listen(&ears, end));
    let ((cpu, wait), sent, start) = (media_time(), engine.counters().sent, Instant::now());
    if mode == "play" {
        std::thread::sleep(end - Instant::now());
    } else {
        talk(&phones, &addresses, end);
    }
    let wall = start.elapsed().as_secs_f64();
    let (cpu_end, wait_end) = media_time();
    let (cpu, sent) = (cpu_end - cpu, engine.counters().sent - sent);
    println!("sent: {sent} packets of {:.0} due", count as f64 * wall * 50.0);
    let packet = cpu / sent as f64;
    println!("{:.2} us a packet: {:.4} % of a core a stream", packet * 1e6, packet * 5e3);
    // On a busy machine this, not the engine, makes the gaps.
    println!(
        "{:.3} of a core; waited for a core {:.3} of the time",
        cpu / wall,
        (wait_end - wait) / wall
    );
    let mut gaps = ears.join().map_err(|_| "the listener failed")?;
    gaps.sort();
    if let (Some(median), Some(most)) = (gaps.get(gaps.len() / 2), gaps.get(gaps.len() * 99 / 100))
    {
        println!("longest gap of a stream: median {median:?}, p99 {most:?}");
    }
    Ok(())
}

/// Sends a packet to each port every 20 ms.
fn talk(phones: &UdpSocket, ports: &[SocketAddr], end: Instant) {
    let mut packet = [0x55; 172];
    let start = Instant::now();
    for n in 0_u32.. {
        if end <= Instant::now() {
            return;
        }
        packet[..4].copy_from_slice(&[0x80, 0, (n >> 8) as u8, n as u8]);
        packet[4..8].copy_from_slice(&(n * 160).to_be_bytes());
        for (k, port) in ports.iter().enumerate() {
            // In eight groups: calls do not all speak at the same instant.
            if k % (ports.len() / 8).max(1) == 0 {
                let due = start + TICK * n + TICK * k as u32 / ports.len() as u32;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            let _ = phones.send_to(&packet, port);
        }
    }
}

/// The longest gap of each stream.
fn listen(phones: &UdpSocket, end: Instant) -> Vec<Duration> {
    let mut last: HashMap<u16, (Instant, Duration)> = HashMap::new();
    let mut buffer = [0; 2048];
    let _ = phones.set_read_timeout(Some(Duration::from_millis(100)));
    while Instant::now() < end {
        let Ok((_, source)) = phones.recv_from(&mut buffer) else { continue };
        let now = Instant::now();
        let (at, gap) = last.entry(source.port()).or_insert((now, Duration::ZERO));
        *gap = (*gap).max(now - *at);
        *at = now;
    }
    last.into_values().map(|(_, gap)| gap).collect()
}

/// Seconds that the threads called `media-*` ran, and that they waited to run.
fn media_time() -> (f64, f64) {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let (mut ran, mut waited) = (0.0, 0.0);
    for task in tasks {
        let read = |file| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        if read("comm").starts_with("media-") {
            let figures = read("schedstat");
            let mut figures = figures.split(' ').map(|figure| figure.parse().unwrap_or(0.0));
            ran += figures.next().unwrap_or(0.0);
            waited += figures.next().unwrap_or(0.0);
        }
    }
    (ran / 1e9, waited / 1e9)
}

/// Octets of memory in use.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}
