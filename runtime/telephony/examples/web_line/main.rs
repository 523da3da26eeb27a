//! One line and the page for it, to try browsers: `web_line 127.0.0.1:8088 [--advertise IP]`.
//!
//! Plays 1000 Hz to the browser and prints, each second, which frequency it hears from it, with what
//! it measures of the network. `drive.mjs` beside this file does that with Chromium.
#![expect(clippy::print_stdout, reason = "a program to be looked at")]

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jackfield_telephony::sip::start;
use jackfield_telephony::speech::Audio;
use jackfield_telephony::{Line, LineEvent, Repeat, WebConfig};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[path = "../shared/mod.rs"]
mod shared;

const PAGE: &str = include_str!("page.html");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let http: SocketAddr = args.first().map_or("127.0.0.1:8088", String::as_str).parse()?;
    let advertise = args.iter().position(|arg| arg == "--advertise");
    let advertise = advertise.and_then(|at| args.get(at + 1)).map(|ip| ip.parse()).transpose()?;
    let web = WebConfig {
        bind: SocketAddr::new(http.ip(), 0),
        advertise,
        lines_max: 10,
        lost_after: Duration::from_secs(5),
        grace: Duration::from_secs(60),
    };
    let (sip, rtp) = shared::configuration(SocketAddr::new(http.ip(), 0), 10);
    let (endpoint, _calls) = start(sip, rtp, Some(web), Arc::new(shared::Open)).await?;
    let (line, mut events) = endpoint.open_line()?;
    line.play(Arc::new(Audio::tone(&[1000.0], Duration::from_secs(1))), Repeat::Forever);
    tokio::spawn(listen(Arc::clone(&line)));
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            println!("event {event:?}");
            if let LineEvent::Closed(_) = event {
                std::process::exit(0);
            }
        }
    });
    let listener = TcpListener::bind(http).await?;
    println!("open http://{http}/");
    loop {
        let (stream, _) = listener.accept().await?;
        let line = Arc::clone(&line);
        tokio::spawn(async move {
            if let Err(error) = serve(stream, &line).await {
                println!("http: {error}");
            }
        });
    }
}

/// Answers one request: the page, or an offer.
async fn serve(
    stream: TcpStream,
    line: &Arc<dyn Line>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await?;
        let header = header.trim().to_ascii_lowercase();
        if let Some(text) = header.strip_prefix("content-length:") {
            length = text.trim().parse()?;
        }
        if header.is_empty() {
            break;
        }
    }
    let (status, kind, body) = if request.starts_with("POST /offer") {
        let mut offer = vec![0; usize::min(length, 1 << 20)];
        stream.read_exact(&mut offer).await?;
        match line.connect(&String::from_utf8_lossy(&offer)).await {
            Ok(answer) => ("200 OK", "application/sdp", answer),
            Err(error) => ("400 Bad Request", "text/plain", error.to_string()),
        }
    } else if request.starts_with("GET / ") || request.starts_with("GET /?") {
        ("200 OK", "text/html; charset=utf-8", PAGE.to_owned())
    } else {
        ("404 Not Found", "text/plain", String::new())
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.flush().await?;
    Ok(())
}

/// Prints what is heard, second by second.
async fn listen(line: Arc<dyn Line>) {
    let path = std::env::temp_dir().join(format!("web-line-{}.wav", std::process::id()));
    loop {
        if let Err(error) = line.start_recording(path.clone()) {
            println!("recording: {error}");
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        line.stop_recording().await;
        let quality = line.quality();
        match loudest(&path) {
            Ok((hertz, share)) if line.level() > 20 => {
                println!("hears {hertz} Hz ({:.0} % of it) {quality:?}", share * 100.0);
            }
            Ok(_) => println!("hears nothing"),
            Err(error) => println!("recording: {error}"),
        }
    }
}

/// The loudest frequency of the browser's channel, in steps of 10 Hz, and its part of the energy.
fn loudest(path: &Path) -> Result<(u32, f64), hound::Error> {
    let samples: Vec<i16> =
        hound::WavReader::open(path)?.into_samples().collect::<Result<_, _>>()?;
    let heard: Vec<f64> = samples.iter().step_by(2).map(|&sample| f64::from(sample)).collect();
    let energy: f64 = heard.iter().map(|sample| sample * sample).sum();
    let power = |hertz: u32| {
        let step = std::f64::consts::TAU * f64::from(hertz) / 8000.0;
        let (sine, cosine) = heard.iter().enumerate().fold((0.0, 0.0), |(sine, cosine), (n, s)| {
            let phase = n as f64 * step;
            (sine + s * phase.sin(), cosine + s * phase.cos())
        });
        (sine * sine + cosine * cosine) * 2.0 / (energy * heard.len() as f64).max(1.0)
    };
    let powers = (10..200).map(|tens| (tens * 10, power(tens * 10)));
    Ok(powers.max_by(|(_, one), (_, other)| one.total_cmp(other)).unwrap_or_default())
}
