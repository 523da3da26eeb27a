//! The interface over a real socket.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Desk;
use crate::http::listen;

/// A stream would go on for ever: the end of the process ends it, and with it the connection.
#[tokio::test]
async fn open_streams_end_when_the_process_does() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(listen::serve(Arc::clone(&desk.front), listener));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = "GET /api/v1/tenants/acme/events HTTP/1.1\r\nhost: x\r\n\
                   authorization: Bearer root\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut told = Vec::new();
    while !String::from_utf8_lossy(&told).contains("lagged") {
        assert!(stream.read_buf(&mut told).await.expect("read") != 0, "it ended too soon");
    }
    desk.front.stop.cancel();
    let ended = stream.read_to_end(&mut told);
    tokio::time::timeout(Duration::from_secs(4), ended).await.expect("in time").expect("read");
    let told = String::from_utf8(told).expect("UTF-8");
    assert!(told.starts_with("HTTP/1.1 200 OK") && told.ends_with("0\r\n\r\n"), "{told}");
    let ended = tokio::time::timeout(Duration::from_secs(4), server).await.expect("in time");
    ended.expect("no panic").expect("no error");
}
