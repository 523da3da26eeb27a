//! Requests to a running centre that cost it no more than themselves: no program is started for them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use super::harness::Server;

/// The administrator's.
pub fn token(server: &Server) -> String {
    std::fs::read_to_string(server.dir.join("store/admin.token")).unwrap().trim().to_owned()
}

/// Posts below the tenant `acme`; panics unless that is answered 200 or 201.
pub fn post(port: u16, token: &str, path: &str, body: &Value) {
    let body = body.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "POST /api/v1/tenants/acme/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}
