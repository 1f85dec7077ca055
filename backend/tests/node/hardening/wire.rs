//! Requests as no honest client writes them.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Folder, PATIENCE, Station};

/// Sends bytes as they are and reads until the other side hangs up, or says nothing for a while.
async fn say(station: &Station, bytes: &[u8]) -> String {
    let address = station.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    // The server may hang up before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    let mut pause = PATIENCE;
    while let Ok(Ok(read @ 1..)) = tokio::time::timeout(pause, stream.read(&mut buffer)).await {
        heard.extend_from_slice(&buffer[..read]);
        pause = Duration::from_secs(2);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

fn status(answer: &str) -> u16 {
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or_default()
}

/// What is asked, as bytes, and the statuses that refuse it.
type Malformed = (&'static str, Vec<u8>, &'static [u16]);

fn head(line: &str, more: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: a\r\n{more}\r\n").into_bytes()
}

fn get(path: &str) -> Vec<u8> {
    head(&format!("GET {path}"), "Connection: close\r\n")
}

fn malformed_heads(token: &str) -> Vec<Malformed> {
    let many = "X-A: y\r\n".repeat(10_000);
    let long = format!("X-Long: {}\r\n", "y".repeat(100_000));
    let huge = format!(
        "Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 4294967296\r\n"
    );
    let gzip = format!(
        "Authorization: Bearer {token}\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nConnection: close\r\n"
    );
    vec![
        (
            "two lengths",
            head(
                "POST /api/v1/reports",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            ),
            &[400, 401],
        ),
        (
            "lengths that differ",
            head(
                "POST /api/v1/reports",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
            ),
            &[400],
        ),
        (
            "a length with a sign",
            head("POST /api/v1/reports", "Content-Length: +5\r\n"),
            &[400],
        ),
        (
            "chunked twice and more",
            head(
                "POST /api/v1/reports",
                "Transfer-Encoding: chunked, identity\r\n",
            ),
            &[400],
        ),
        ("two hosts", head("GET /api/v1/me", "Host: b\r\n"), &[400]),
        (
            "a space before the colon",
            head("GET /", "X-A : b\r\n"),
            &[400],
        ),
        ("10,000 headers", head("GET /", &many), &[431]),
        ("a long header", head("GET /", &long), &[431]),
        (
            "four gigabytes announced",
            head("POST /api/v1/reports", &huge),
            &[413],
        ),
        (
            "a compressed body",
            [
                head("POST /api/v1/incidents/x/close", &gzip),
                b"abc".to_vec(),
            ]
            .concat(),
            &[415],
        ),
    ]
}

fn strange_addresses() -> Vec<Malformed> {
    vec![
        ("trace", head("TRACE /", "Connection: close\r\n"), &[405]),
        (
            "a long query",
            get(&format!("/api/v1/incidents?q={}", "x".repeat(8_000))),
            &[414],
        ),
        (
            "bad utf-8 in a path",
            get("/api/v1/incidents/%ff%fe"),
            &[400, 401, 404],
        ),
        (
            "climbing out of the app",
            get("/assets/../../../../etc/passwd"),
            &[404],
        ),
        (
            "climbing out, encoded",
            get("/assets/%2e%2e/%2e%2e/etc/passwd"),
            &[404],
        ),
        (
            "an attachment elsewhere",
            get("/api/v1/attachments/..%2f..%2fgridlamp.db"),
            &[401, 404],
        ),
    ]
}

#[tokio::test]
async fn malformed_requests_are_refused_and_the_node_lives() {
    let folder = Folder::new("wire");
    let station = Station::start(&folder.0).await;
    let refused = malformed_heads(&station.source).into_iter();
    for (what, bytes, wanted) in refused.chain(strange_addresses()) {
        let answer = say(&station, &bytes).await;
        assert!(wanted.contains(&status(&answer)), "{what}: {answer:.300}");
        assert!(!answer.contains("root:"), "{what}");
    }
    assert_eq!(status(&say(&station, &get("/healthz")).await), 200);
    station.stop().await;
}

#[tokio::test]
async fn a_second_request_hidden_in_a_body_is_not_answered() {
    let folder = Folder::new("smuggle");
    let station = Station::start(&folder.0).await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    // The HTTP library goes by the chunks and drops the length; whoever stands before it and went by
    // the length would see other requests than it does. So the connection ends with the first.
    for order in [
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let request =
            format!("POST /api/v1/reports HTTP/1.1\r\nHost: a\r\n{order}\r\n0\r\n\r\n{hidden}");
        let answer = say(&station, request.as_bytes()).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        assert!(!answer.contains("200 OK"), "{answer}");
    }
    station.stop().await;
}

#[tokio::test]
async fn a_giant_frame_on_a_websocket_is_not_waited_for() {
    let folder = Folder::new("giant");
    let station = Station::start(&folder.0).await;
    let handshake = format!(
        "GET /api/v1/live?scope=330899 HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: gridlamp.v1\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
             Authorization: Bearer {token}\r\n\r\n",
        host = station.url.trim_start_matches("http://"),
        token = station.reader,
    );
    let mut stream = TcpStream::connect(station.url.trim_start_matches("http://"))
        .await
        .expect("connected");
    // A data frame of 2^62 bytes is announced; none of it is waited for or kept.
    let mut bytes = handshake.into_bytes();
    bytes.extend_from_slice(b"\x82\xff\x40\0\0\0\0\0\0\0\x01\x02\x03\x04some");
    stream.write_all(&bytes).await.expect("sent");
    let mut heard = Vec::new();
    let read = stream.read_to_end(&mut heard);
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("closed in time")
        .ok();
    let text = String::from_utf8_lossy(&heard);
    assert_eq!(status(&text), 101, "{text:.200}");
    assert!(
        !text.to_lowercase().contains("sec-websocket-extensions"),
        "no compression"
    );
    let close = [&b"\x88\x02"[..], &4004_u16.to_be_bytes()].concat();
    assert!(
        heard.windows(4).any(|window| window == close),
        "closed with 4004"
    );
    station.stop().await;
}

#[tokio::test]
async fn what_goes_into_a_header_has_no_second_line() {
    let folder = Folder::new("inject");
    let station = Station::start(&folder.0).await;
    for path in [
        "/enter/x%0d%0aSet-Cookie:%20a=b",
        "/api/v1/attachments/x%0d%0aSet-Cookie:%20a=b",
        "/api/v1/sign-in/x%0d%0aLocation:%20https:%2f%2fevil.example",
        "/wall%0d%0aSet-Cookie:%20a=b",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = say(&station, request.as_bytes()).await;
        let head = answer
            .split("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .to_lowercase();
        assert!(status(&answer) >= 400, "{path}: {answer:.200}");
        assert!(
            !head.contains("a=b") && !head.contains("evil.example"),
            "{path}: {head}"
        );
    }
    station.stop().await;
}
