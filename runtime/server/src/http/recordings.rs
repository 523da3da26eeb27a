//! Recordings of interactions, as files.

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::call::{Answer, Call};
use super::problem::Problem;

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// `GET /interactions/{interaction}/recording`
pub fn fetch(call: Call) -> Answer {
    Box::pin(async move {
        let name = call.name("interaction");
        let interaction = call.tenant()?.interaction(name).await?;
        let Some(path) = interaction.recording else {
            return Err(Problem::not_found("recording of", name));
        };
        if interaction.ended_at.is_none() {
            let reason = format!("the interaction `{name}` goes on: its recording is not whole");
            return Err(Problem::not_now(reason));
        }
        let gone = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Problem::not_found("file of the recording of", name),
            _ => Problem::internal(&format!("{path}: {error}")),
        };
        let mut file = File::open(&path).await.map_err(gone)?;
        let whole = file.metadata().await.map_err(gone)?.len();
        let range = call.headers.get(header::RANGE).and_then(|range| part(range, whole));
        let (from, until) = range.unwrap_or((0, whole));
        file.seek(SeekFrom::Start(from)).await.map_err(gone)?;
        let mut response = Response::new(Body::from_stream(read(file, until - from)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(until - from));
        // Whoever may hear it may not leave it with a cache that others read.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if range.is_some()
            && let Ok(said) =
                HeaderValue::from_str(&format!("bytes {from}-{}/{whole}", until.saturating_sub(1)))
        {
            headers.insert(header::CONTENT_RANGE, said);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        Ok(response)
    })
}

/// The one part that is asked for (RFC 9110, 14.1.2), from its first byte to before the next. What is not
/// understood is answered with the whole, as the RFC allows.
fn part(range: &HeaderValue, whole: u64) -> Option<(u64, u64)> {
    let (first, last) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let (from, until) = match (first.trim(), last.trim()) {
        ("", last) => (whole.saturating_sub(last.parse().ok()?), whole),
        (first, "") => (first.parse().ok()?, whole),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.checked_add(1)?),
    };
    let until = until.min(whole);
    (from < until).then_some((from, until))
}

/// The next `left` bytes, a chunk at a time.
fn read(file: File, left: u64) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send {
    stream::unfold((file, left), |(mut file, left)| async move {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        if most == 0 {
            return None;
        }
        let mut bytes = vec![0; most];
        match file.read(&mut bytes).await {
            // It is shorter than it was: whoever reads is told by the connection's end.
            Ok(0) => Some((Err(std::io::ErrorKind::UnexpectedEof.into()), (file, 0))),
            Ok(read) => {
                bytes.truncate(read);
                Some((Ok(bytes.into()), (file, left - read as u64)))
            }
            Err(error) => Some((Err(error), (file, 0))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_hundred_bytes() {
        let of = |text: &str| part(&HeaderValue::from_str(text).unwrap(), 100);
        assert_eq!(of("bytes=0-9"), Some((0, 10)));
        assert_eq!(of("bytes=90-"), Some((90, 100)));
        assert_eq!(of("bytes=-10"), Some((90, 100)));
        assert_eq!(of("bytes=90-500"), Some((90, 100)));
        for none in ["bytes=100-", "bytes=5-4", "bytes=0-9,20-29", "lines=1-2", "bytes=-"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
