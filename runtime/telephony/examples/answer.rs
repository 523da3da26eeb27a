//! Answers every call at once, for measuring: `answer 127.0.0.1:5060 [--tone] [--calls N]
//! [--rate CALLS_PER_SECOND]`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program to be looked at")]

use std::sync::Arc;

use jackfield_telephony::sip::start;
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{EndpointEvent, LegEvent, Repeat};

mod shared;

/// A second of 440 Hz.
fn tone() -> Audio {
    let samples = (0..8000_u16)
        .map(|at| {
            let phase = f64::from(at) * 440.0 / 8000.0 * std::f64::consts::TAU;
            #[expect(clippy::cast_possible_truncation, reason = "8000 at most")]
            let sample = (phase.sin() * 8000.0) as i16;
            sample
        })
        .collect();
    Audio::from_samples(samples)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let bind = args.first().map_or("127.0.0.1:5060", String::as_str).parse()?;
    let number = |name: &str, default: u32| {
        let at = args.iter().position(|arg| arg == name);
        at.and_then(|at| args.get(at + 1)).map_or(Ok(default), |number| number.parse())
    };
    let (calls, rate) = (number("--calls", 5000)?, number("--rate", 0)?);
    let audio = args.iter().any(|arg| arg == "--tone").then(|| Arc::new(tone()));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let (mut sip, rtp) = shared::configuration(bind, usize::try_from(calls)?);
        sip.max_calls_per_second = rate;
        let (endpoint, mut events) = start(sip, rtp, None, Arc::new(shared::Open)).await?;
        println!("answering on {}", endpoint.local_addr());
        while let Some(event) = events.recv().await {
            let EndpointEvent::Incoming(mut call) = event else { continue };
            let audio = audio.clone();
            tokio::spawn(async move {
                if call.leg.answer().await.is_err() {
                    return;
                }
                if let Some(audio) = audio {
                    call.leg.play(audio, Repeat::Forever);
                }
                while let Some(event) = call.events.recv().await {
                    if let LegEvent::Ended(end) = event
                        && std::env::var_os("VERBOSE").is_some()
                    {
                        eprintln!("{end:?}");
                    }
                }
            });
        }
        Ok(())
    })
}
