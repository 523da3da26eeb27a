//! Measures what lines cost: `web_load [LINES] [SECONDS] [opus|pcmu]`. Browsers in this process talk
//! and listen to nothing but their line; the CPU time of the threads that serve them is printed.
//! Lines are bridged in pairs, so that both directions carry voice.
#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jackfield_telephony::sip::start;
use jackfield_telephony::{LineEvent, WebConfig};

#[path = "../tests/browser/mod.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod browser;
mod shared;

use browser::{Browser, Voice};

/// The CPU time of this process's threads so far, by the beginning of their names, in milliseconds.
fn cpu() -> Result<BTreeMap<&'static str, u64>, Box<dyn Error>> {
    let mut times = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task")? {
        let path = task?.path();
        let name = std::fs::read_to_string(path.join("comm"))?;
        let Some(kind) =
            ["web-receive", "web-", "media-"].into_iter().find(|kind| name.starts_with(kind))
        else {
            continue;
        };
        let schedule = std::fs::read_to_string(path.join("schedstat"))?;
        let spent: u64 = schedule.split(' ').next().unwrap_or("0").parse()?;
        *times.entry(kind).or_default() += spent / 1_000_000;
    }
    Ok(times)
}

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default: u64| args.get(place).map_or(Ok(default), |n| n.parse());
    let (lines, seconds) = (number(0, 20)?, number(1, 20)?);
    let voice =
        if args.get(2).is_some_and(|kind| kind == "pcmu") { Voice::Pcmu } else { Voice::Opus };
    let any: SocketAddr = "127.0.0.1:0".parse()?;
    let web = WebConfig {
        bind: any,
        advertise: None,
        lines_max: usize::try_from(lines)?,
        lost_after: Duration::from_secs(6),
        grace: Duration::from_secs(60),
    };
    let (sip, rtp) = shared::configuration(any, 10);
    let (endpoint, _calls) = start(sip, rtp, Some(web), Arc::new(shared::Open)).await?;
    let mut open = Vec::new();
    for _ in 0..lines {
        let (line, mut events) = endpoint.open_line()?;
        let mut browser = Browser::new(voice, 440, false);
        browser.talk(&line.connect(&browser.offer).await?);
        while events.recv().await.is_some_and(|event| event != LineEvent::Connected) {}
        open.push((line, events, browser));
    }
    for pair in open.chunks_exact(2) {
        if let [(one, ..), (other, ..)] = pair {
            endpoint.bridge(one.id(), other.id())?;
        }
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = cpu()?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let mut sum = 0;
    for (kind, after) in cpu()? {
        let spent = after - before.get(kind).copied().unwrap_or_default();
        sum += spent;
        println!("{kind:12} {spent} ms in {seconds} s");
    }
    let each = sum as f64 / 10.0 / seconds as f64 / lines as f64;
    println!("{lines} lines of {voice:?}: {each:.3} % of a core each");
    if let Some((line, ..)) = open.first() {
        println!("{:?}, dropped {}", line.quality(), endpoint.counters().web_discarded);
    }
    Ok(())
}
