//! `Idempotency-Key`: a POST that is repeated because its answer was lost is done once.
//!
//! Keys live in memory: after a restart a repetition is a new request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::problem::Problem;

/// How long an answer is kept.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// How many keys are kept; the oldest go first.
const KEYS_MAX: usize = 10_000;
/// Bytes of the answers kept; the oldest go first.
const BYTES_MAX: usize = 64 << 20;
/// The longest key.
const KEY_MAX: usize = 128;

/// An answer as it was given.
#[derive(Clone)]
enum Kept {
    Answer { status: StatusCode, headers: HeaderMap, body: Bytes },
    Problem(Box<Problem>),
}

impl Kept {
    fn size(&self) -> usize {
        match self {
            Self::Answer { body, .. } => body.len(),
            Self::Problem(_) => 512,
        }
    }

    fn replay(self) -> Response {
        let mut response = match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Answer { status, headers, body } => {
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                response
            }
        };
        let replayed = axum::http::HeaderValue::from_static("true");
        response.headers_mut().insert("idempotency-replayed", replayed);
        response
    }
}

struct Entry {
    fingerprint: [u8; 32],
    number: u64,
    /// `None` while the first request is at work.
    kept: Option<Kept>,
}

#[derive(Default)]
struct Book {
    entries: HashMap<String, Entry>,
    /// By age, with the entry's number: a key that was given up and used again has another.
    order: VecDeque<(Instant, u64, String)>,
    bytes: usize,
    last_number: u64,
}

/// The keys used.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<Book>>);

/// What is to be done with a request that has a key.
pub enum Turn {
    /// Do it, and tell the ticket what was answered.
    Do(Ticket),
    /// It was done: this was the answer.
    Done(Response),
}

/// The right to do a request. Dropped without an answer, the key may be used again.
pub struct Ticket {
    keys: Keys,
    key: String,
    number: u64,
}

impl Keys {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many keys are kept.
    pub fn len(&self) -> usize {
        self.book().entries.len()
    }

    /// Decides about a request of `who` with this key and content.
    ///
    /// # Errors
    ///
    /// 400 if the key is none, 422 if it was used for something else, 409 while the first request
    /// is at work.
    pub fn begin(&self, who: &str, key: &str, request: &[&[u8]]) -> Result<Turn, Problem> {
        if key.is_empty() || KEY_MAX < key.len() || !key.bytes().all(|c| c.is_ascii_graphic()) {
            let detail = format!("`Idempotency-Key`: 1 to {KEY_MAX} printable characters");
            let title = "The key is not accepted";
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "bad-idempotency-key",
                title,
                detail,
            ));
        }
        let fingerprint = fingerprint(request);
        // Neither part can contain the separator.
        let key = format!("{who}\n{key}");
        let now = Instant::now();
        let mut book = self.book();
        book.forget(now);
        if let Some(entry) = book.entries.get(&key) {
            if entry.fingerprint != fingerprint {
                return Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "idempotency-key-reused",
                    "The key was used for another request",
                    "use a new `Idempotency-Key` for a new request",
                ));
            }
            let Some(kept) = entry.kept.clone() else {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    "idempotency-key-in-use",
                    "The first request with the key is at work",
                    "ask again when it may be done",
                )
                .with_header(header::RETRY_AFTER, "1"));
            };
            return Ok(Turn::Done(kept.replay()));
        }
        book.last_number += 1;
        let number = book.last_number;
        book.entries.insert(key.clone(), Entry { fingerprint, number, kept: None });
        book.order.push_back((now, number, key.clone()));
        Ok(Turn::Do(Ticket { keys: self.clone(), key, number }))
    }
}

impl Book {
    /// Drops what is too old, and the oldest of what is too much.
    fn forget(&mut self, now: Instant) {
        while let Some((since, number, key)) = self.order.front() {
            let over = KEYS_MAX <= self.entries.len() || BYTES_MAX < self.bytes;
            let current = self.entries.get(key).is_some_and(|entry| entry.number == *number);
            if current && !over && now.duration_since(*since) < KEPT_FOR {
                return;
            }
            if current && let Some(entry) = self.entries.remove(key) {
                self.bytes -= entry.kept.map_or(0, |kept| kept.size());
            }
            self.order.pop_front();
        }
    }
}

impl Ticket {
    /// Keeps the answer, if it is one that a repetition should get, and passes it on.
    pub async fn answered(self, answer: Result<Response, Problem>) -> Result<Response, Problem> {
        let response = match answer {
            Err(problem) => {
                if !problem.is_passing() {
                    self.keep(Kept::Problem(Box::new(problem.clone())));
                }
                return Err(problem);
            }
            Ok(response) => response,
        };
        let kind = response.headers().get(header::CONTENT_TYPE);
        if kind.is_some_and(|kind| kind == "application/x-ndjson") {
            // A stream is not kept: what streams may be repeated.
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| Problem::internal(&error.to_string()))?;
        let body = body.to_bytes();
        let (status, headers) = (parts.status, parts.headers.clone());
        self.keep(Kept::Answer { status, headers, body: body.clone() });
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    fn keep(&self, kept: Kept) {
        let mut book = self.keys.book();
        let size = kept.size();
        if let Some(entry) = book.entries.get_mut(&self.key)
            && entry.number == self.number
        {
            entry.kept = Some(kept);
            book.bytes += size;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut book = self.keys.book();
        let waiting = |entry: &Entry| entry.number == self.number && entry.kept.is_none();
        if book.entries.get(&self.key).is_some_and(waiting) {
            book.entries.remove(&self.key);
        }
    }
}

fn fingerprint(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{KEYS_MAX, Keys, Turn};
    use crate::http::call;
    use crate::http::problem::Problem;
    use http_body_util::BodyExt;
    use serde_json::json;

    fn ticket(keys: &Keys, key: &str) -> super::Ticket {
        match keys.begin("admin", key, &[b"body"]) {
            Ok(Turn::Do(ticket)) => ticket,
            Ok(Turn::Done(_)) => panic!("done already"),
            Err(problem) => panic!("{problem:?}"),
        }
    }

    #[tokio::test]
    async fn an_answer_is_given_again() {
        let keys = Keys::default();
        let answer = call::ok(&json!({ "n": 1 }));
        ticket(&keys, "k").answered(answer).await.expect("passed on");
        let Ok(Turn::Done(again)) = keys.begin("admin", "k", &[b"body"]) else {
            panic!("not kept")
        };
        let body = again.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(body, r#"{"n":1}"#);
        assert!(keys.begin("admin", "k", &[b"other"]).is_err(), "another body");
        assert!(
            matches!(keys.begin("somebody", "k", &[b"other"]), Ok(Turn::Do(_))),
            "another caller"
        );
    }

    #[tokio::test]
    async fn a_key_whose_request_failed_may_be_used_again() {
        let keys = Keys::default();
        let first = ticket(&keys, "k");
        assert!(keys.begin("admin", "k", &[b"body"]).is_err(), "at work");
        first.answered(Err(Problem::busy("later"))).await.expect_err("passed on");
        drop(ticket(&keys, "k"));
        ticket(&keys, "k").answered(Err(Problem::invalid("x", "no"))).await.expect_err("passed on");
        assert!(matches!(keys.begin("admin", "k", &[b"body"]), Ok(Turn::Done(_))), "kept");
    }

    #[tokio::test]
    async fn keys_are_bounded() {
        let keys = Keys::default();
        for number in 0..KEYS_MAX + 10 {
            let answer = Ok(call::done());
            ticket(&keys, &number.to_string()).answered(answer).await.expect("passed on");
        }
        assert_eq!(keys.len(), KEYS_MAX);
        assert!(matches!(keys.begin("admin", "0", &[b"body"]), Ok(Turn::Do(_))), "forgotten");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "k".repeat(129);
        for key in ["", "with space", "ключ", long.as_str()] {
            assert!(Keys::default().begin("admin", key, &[]).is_err(), "{key}");
        }
    }
}
