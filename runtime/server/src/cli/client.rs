//! Talks HTTP/1.1 to the running server.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::error::CliError;

/// Where the server is and how to prove who asks.
pub struct Client {
    url: String,
    host: String,
    /// What precedes every path, for a server behind a proxy.
    prefix: String,
    token: Option<String>,
}

/// A request body and its media type.
pub type Body = (&'static str, Vec<u8>);

impl Client {
    /// A client of the server at `url`, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    ///
    /// [`CliError::Usage`] unless it begins with `http://`.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, CliError> {
        let Some(rest) = url.strip_prefix("http://") else {
            return Err(CliError::Usage(format!(
                "`{url}` is not a URL that can be used: write http://HOST:PORT; \
                 a server behind https is reached through an SSH tunnel"
            )));
        };
        let (host, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let host = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        let prefix = match prefix.trim_end_matches('/') {
            "" => String::new(),
            prefix => format!("/{prefix}"),
        };
        Ok(Self { url: url.trim_end_matches('/').to_owned(), host, prefix, token })
    }

    /// Reads what is at `path` below `/api/v1/`.
    pub async fn get(&self, path: &str) -> Result<Value, CliError> {
        self.call(Method::GET, path, None).await
    }

    /// Reads the text at `path` below `/api/v1/`.
    pub async fn text(&self, path: &str) -> Result<String, CliError> {
        let response = self.request(Method::GET, path, None).await?;
        let bytes = response.into_body().collect().await.map_err(|error| self.lost(&error))?;
        Ok(String::from_utf8_lossy(&bytes.to_bytes()).into_owned())
    }

    /// Hands over each line of what is at `path` as it comes, until `each` has enough.
    pub async fn text_lines(
        &self,
        path: &str,
        mut each: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), CliError> {
        let mut stream = self.request(Method::GET, path, None).await?.into_body();
        let mut pending: Vec<u8> = Vec::new();
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|error| self.lost(&error))?;
            pending.extend_from_slice(frame.data_ref().map_or(&[][..], |data| &data[..]));
            let Some(end) = pending.iter().rposition(|&byte| byte == b'\n') else { continue };
            let rest = pending.split_off(end + 1);
            for line in std::mem::replace(&mut pending, rest).split(|&byte| byte == b'\n') {
                if !line.is_empty() && !each(line) {
                    return Ok(());
                }
            }
        }
        if !pending.is_empty() {
            each(&pending);
        }
        Ok(())
    }

    /// Sends JSON.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Value, CliError> {
        self.call(method, path, Some(("application/json", body.to_string().into_bytes()))).await
    }

    /// Sends a body and reads the whole answer.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Value, CliError> {
        let response = self.request(method, path, body).await?;
        let bytes =
            response.into_body().collect().await.map_err(|error| self.lost(&error))?.to_bytes();
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            CliError::failed(format!("{} did not answer with JSON: {error}", self.url))
        })
    }

    /// Sends a body and hands over each line of the answer as it comes.
    pub async fn lines(
        &self,
        path: &str,
        body: Body,
        mut each: impl FnMut(Value),
    ) -> Result<(), CliError> {
        let mut stream = self.request(Method::POST, path, Some(body)).await?.into_body();
        let mut pending: Vec<u8> = Vec::new();
        let mut flush = |line: &[u8]| {
            if let Ok(value) = serde_json::from_slice(line) {
                each(value);
            }
        };
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|error| self.lost(&error))?;
            pending.extend_from_slice(frame.data_ref().map_or(&[][..], |data| &data[..]));
            while let Some(end) = pending.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                flush(&line);
            }
        }
        flush(&pending);
        Ok(())
    }

    /// Reads what is at `path` and hands over each part of it as it comes.
    pub async fn download(
        &self,
        path: &str,
        mut each: impl FnMut(&[u8]) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let mut stream = self.request(Method::GET, path, None).await?.into_body();
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|error| self.lost(&error))?;
            if let Some(data) = frame.data_ref() {
                each(data)?;
            }
        }
        Ok(())
    }

    /// Sends a request; an answer that is no success is an error.
    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Response<Incoming>, CliError> {
        let stream = TcpStream::connect(&self.host).await.map_err(|error| self.lost(&error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.lost(&error))?;
        // Ends with the sender, or with the process.
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v1/{path}", self.prefix))
            .header("host", &self.host)
            .header("accept", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let bytes = match body {
            Some((media, bytes)) => {
                request = request.header("content-type", media);
                bytes
            }
            None => Vec::new(),
        };
        let request = request
            .body(Full::new(Bytes::from(bytes)))
            .map_err(|error| CliError::Usage(format!("this cannot be asked for: {error}")))?;
        let response = sender.send_request(request).await.map_err(|error| self.lost(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.into_body().collect().await.map_err(|error| self.lost(&error))?;
        Err(CliError::of_response(status.as_u16(), &body.to_bytes()))
    }

    fn lost(&self, error: &dyn std::error::Error) -> CliError {
        let mut why = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            why = format!("{why}: {inner}");
            source = inner.source();
        }
        CliError::Unreachable { url: self.url.clone(), why }
    }
}

/// Writes one segment of a path, or one value of a query.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let bytes = text.bytes();
    bytes
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Appends a query to a path; values that are absent are left out.
pub fn with_query(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let given = query.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    let query: Vec<String> =
        given.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}
