//! The whole sending half over real loopback sockets, with tokio-tungstenite as the client, or a bare
//! socket where the client has to misbehave.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;

use super::fanout::{AudienceId, Config, ConnId, Fanout, Limits};
use super::frame::text_frame;
use super::serve::{HttpLimits, serve};
use super::upgrade;

mod latest;

type Client = WebSocketStream<TcpStream>;

const ALL: AudienceId = AudienceId(1);
const OTHERS: AudienceId = AudienceId(2);

/// A server with one live route; what a joiner is told first is up to the test.
struct Server {
    fanout: Fanout,
    address: SocketAddr,
    joined: mpsc::UnboundedReceiver<ConnId>,
    closed: mpsc::UnboundedReceiver<(ConnId, u16)>,
    viewed: mpsc::UnboundedReceiver<(ConnId, AudienceId)>,
    shutdown: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<()>,
}

type Join = Arc<dyn Fn(&Fanout, upgrade::Handover) -> ConnId + Send + Sync>;

impl Server {
    async fn start(limits: Limits, join: Join) -> Self {
        let (tell_closed, closed) = mpsc::unbounded_channel();
        let (tell_joined, joined) = mpsc::unbounded_channel();
        let (tell_view, viewed) = mpsc::unbounded_channel();
        let on_close = Arc::new(move |id, code| {
            let _ = tell_closed.send((id, code));
        });
        let on_view = Arc::new(move |id, audience, _| {
            let _ = tell_view.send((id, audience));
        });
        let fanout = Fanout::start(Config {
            limits,
            on_close: Some(on_close),
            on_view: Some(on_view),
        })
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, ending) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(
            listener,
            app(&fanout, join, tell_joined),
            HttpLimits::default(),
            async {
                let _ = ending.await;
            },
        ));
        Self {
            fanout,
            address,
            joined,
            closed,
            viewed,
            shutdown: Some(shutdown),
            served,
        }
    }

    async fn plain() -> Self {
        Self::start(Limits::default(), greeting(b"hello")).await
    }

    /// A client that has joined and had its hello.
    async fn client(&mut self) -> (Client, ConnId) {
        let mut client = connect(self.address).await;
        assert_eq!(text(&mut client).await, "hello");
        (client, soon(self.joined.recv()).await.unwrap())
    }

    /// A client that has joined, over a bare socket; the hello has yet to be read.
    async fn bare_client(&mut self, also: &[u8]) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(&[HANDSHAKE, also].concat()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(socket.read_u8()).await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"));
        soon(self.joined.recv()).await.unwrap();
        socket
    }

    fn closes(&self, code: &str) -> u64 {
        self.fanout
            .metrics()
            .closes()
            .find(|(label, _)| *label == code)
            .unwrap()
            .1
    }
}

const HANDSHAKE: &[u8] =
    b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: gridlamp.v1\r\n\r\n";

fn app(fanout: &Fanout, join: Join, joined: mpsc::UnboundedSender<ConnId>) -> Router {
    let fanout = fanout.clone();
    let live = move |request: Request| {
        let response = live(request, fanout.clone(), Arc::clone(&join), joined.clone());
        async move { response }
    };
    Router::new()
        .route("/live", get(live))
        .route("/plain", get(|| async { "plain" }))
}

fn live(
    mut request: Request,
    fanout: Fanout,
    join: Join,
    joined: mpsc::UnboundedSender<ConnId>,
) -> Response {
    upgrade::accept(&mut request, move |handover| async move {
        let _ = joined.send(join(&fanout, handover));
    })
    .unwrap_or_else(IntoResponse::into_response)
}

fn greeting(hello: &[u8]) -> Join {
    let hello = text_frame(hello);
    Arc::new(move |fanout, handover| {
        fanout.join(ALL, handover.socket, handover.leftover, vec![hello.clone()])
    })
}

/// Whatever a test waits for comes within this, or something is wrong.
async fn soon<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .expect("nothing came")
}

async fn connect(address: SocketAddr) -> Client {
    let mut request = format!("ws://{address}/live")
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", "gridlamp.v1".parse().unwrap());
    let socket = TcpStream::connect(address).await.unwrap();
    soon(tokio_tungstenite::client_async(request, socket))
        .await
        .unwrap()
        .0
}

async fn text(client: &mut Client) -> String {
    loop {
        match soon(client.next()).await.unwrap().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?} instead of text"),
        }
    }
}

/// Reads to the end; the close code, which must be the last thing.
async fn close_code(client: &mut Client) -> u16 {
    let mut code = None;
    while let Some(message) = soon(client.next()).await {
        if let Ok(Message::Close(frame)) = message {
            code = Some(frame.map_or(1005, |frame| frame.code.into()));
        }
    }
    code.expect("a close frame")
}

fn numbered(number: usize) -> Bytes {
    text_frame(number.to_string().as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_gets_everything_in_order() {
    let mut server = Server::plain().await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(server.client().await.0);
    }
    for start in (0..3000).step_by(3) {
        server.fanout.publish(
            (start..start + 3)
                .map(|number| (ALL, numbered(number)))
                .collect(),
        );
        server
            .fanout
            .publish(vec![(OTHERS, text_frame(b"not for you"))]);
    }
    for client in &mut clients {
        for number in 0..3000 {
            assert_eq!(text(client).await, number.to_string());
        }
    }
    assert_eq!(
        server.fanout.metrics().connections.load(Ordering::Relaxed),
        5
    );
    assert_eq!(server.fanout.metrics().joined.load(Ordering::Relaxed), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_in_the_middle_gets_the_hello_and_then_all_that_follows() {
    const LAST: usize = 20_000;
    let published = Arc::new(Mutex::new(0));
    let count = Arc::clone(&published);
    let join: Join = Arc::new(move |fanout, handover| {
        let next = count.lock().unwrap();
        fanout.join(
            ALL,
            handover.socket,
            handover.leftover,
            vec![numbered(*next)],
        )
    });
    let server = Server::start(Limits::default(), join).await;
    let fanout = server.fanout.clone();
    let publisher = tokio::task::spawn_blocking(move || {
        for _ in 0..LAST {
            let mut next = published.lock().unwrap();
            fanout.publish(vec![(ALL, numbered(*next))]);
            *next += 1;
        }
    });
    let mut seen = Vec::new();
    for _ in 0..20 {
        let mut client = connect(server.address).await;
        let first: usize = text(&mut client).await.parse().unwrap();
        for number in first..LAST {
            assert_eq!(text(&mut client).await, number.to_string());
        }
        seen.push(first);
    }
    publisher.await.unwrap();
    assert!(seen.is_sorted());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_cut_and_delays_nobody() {
    let mut server = Server::plain().await;
    let mut slow = server.bare_client(b"").await;
    let mut healthy = [server.client().await.0, server.client().await.0];
    let mut chunks = Vec::new();
    while server.closes("4001") == 0 {
        assert!(chunks.len() < 4000, "never cut");
        let chunk = text_frame(&vec![b'a' + (chunks.len() % 26) as u8; 60_000]);
        server.fanout.publish(vec![(ALL, chunk.clone())]);
        for client in &mut healthy {
            assert_eq!(text(client).await.as_bytes(), &chunk[4..]);
        }
        chunks.push(chunk);
    }
    assert_eq!(soon(server.closed.recv()).await.unwrap().1, 4001);
    // Of all that was published the slow one holds no more than the frame it has half taken.
    let held = chunks.iter_mut().filter(|chunk| !chunk.is_unique()).count();
    assert!(held <= 2, "{held} chunks held");
    let mut rest = Vec::new();
    soon(slow.read_to_end(&mut rest)).await.unwrap();
    let mut whole = [text_frame(b"hello")].concat();
    while whole.len() < rest.len() - 4 {
        whole.extend_from_slice(&chunks.remove(0));
    }
    whole.extend_from_slice(&[0x88, 2, 0x0f, 0xa1]);
    assert!(rest == whole, "whole frames, then the close frame");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_hello_counts_against_no_limit() {
    let hello = vec![b'h'; 24 << 20];
    let mut server = Server::start(Limits::default(), greeting(&hello)).await;
    let mut socket = server.bare_client(b"").await;
    server.fanout.publish(vec![(ALL, numbered(1))]);
    let mut got = vec![0; hello.len() + 10 + 3];
    soon(socket.read_exact(&mut got)).await.unwrap();
    assert!(got[10..].starts_with(&hello));
    assert_eq!(&got[got.len() - 3..], b"\x81\x011");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_are_answered_also_those_sent_with_the_handshake() {
    let mut server = Server::plain().await;
    let (mut client, _) = server.client().await;
    client
        .send(Message::Ping(Bytes::from_static(b"are you there")))
        .await
        .unwrap();
    let answer = soon(client.next()).await.unwrap().unwrap();
    assert_eq!(answer, Message::Pong(Bytes::from_static(b"are you there")));
    client.send(Message::text("whatever")).await.unwrap();
    server.fanout.publish(vec![(ALL, numbered(1))]);
    assert_eq!(text(&mut client).await, "1");

    let mut early = server.bare_client(b"\x89\x81\x00\x00\x00\x00p").await;
    let mut got = [0; 10];
    soon(early.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got, b"\x81\x05hello\x8a\x01p");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_answers_pings_stays_and_who_is_silent_is_cut() {
    let limits = Limits {
        ping_interval: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut server = Server::start(limits, greeting(b"hello")).await;
    let (mut client, alive) = server.client().await;
    let mut silent = server.bare_client(b"").await;
    let answering = tokio::spawn(async move { close_code(&mut client).await });
    let mut all = Vec::new();
    soon(silent.read_to_end(&mut all)).await.unwrap();
    assert_eq!(
        all,
        b"\x81\x05hello\x89\x00\x89\x00\x89\x00\x88\x02\x0f\xa1"
    );
    let (ended, code) = soon(server.closed.recv()).await.unwrap();
    assert_eq!(code, 4001);
    assert_ne!(ended, alive);
    server.fanout.close(alive, 4002);
    assert_eq!(soon(answering).await.unwrap(), 4002);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closes_carry_their_codes() {
    let mut server = Server::plain().await;
    let (mut first, first_id) = server.client().await;
    let (mut second, second_id) = server.client().await;
    let (mut third, third_id) = server.client().await;
    let (fourth, fourth_id) = server.client().await;
    server.fanout.publish(vec![(ALL, numbered(1))]);
    server.fanout.close(first_id, 4003);
    assert_eq!(text(&mut first).await, "1");
    assert_eq!(close_code(&mut first).await, 4003);
    server
        .fanout
        .move_to(second_id, OTHERS, vec![text_frame(b"welcome")]);
    server
        .fanout
        .publish(vec![(ALL, numbered(2)), (OTHERS, numbered(3))]);
    server.fanout.close_audience(OTHERS, 4002);
    for expected in ["1", "welcome", "3"] {
        assert_eq!(text(&mut second).await, expected);
    }
    assert_eq!(close_code(&mut second).await, 4002);
    third.close(None).await.unwrap();
    assert_eq!(close_code(&mut third).await, 1000);
    drop(fourth);
    let mut ended = Vec::new();
    for _ in 0..4 {
        ended.push(soon(server.closed.recv()).await.unwrap());
    }
    ended.sort_unstable();
    let codes: Vec<u16> = ended.iter().map(|(_, code)| *code).collect();
    assert_eq!(
        ended.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [first_id, second_id, third_id, fourth_id]
    );
    assert_eq!(codes, [4003, 4002, 1000, 1006]);
    assert_eq!(
        server.fanout.metrics().connections.load(Ordering::Relaxed),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_frames_are_answered_with_a_code() {
    let mut server = Server::plain().await;
    let flood = b"\x82\x84\x00\x00\x00\x00data".repeat(30_000);
    let cases: [(&[u8], u16); 4] = [
        (b"\x81\x02hi", 1002),
        (b"\xf1\x80\x00\x00\x00\x00", 1002),
        (
            b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
            4004,
        ),
        (&flood, 4004),
    ];
    for (bytes, code) in cases {
        let mut socket = server.bare_client(b"").await;
        socket.write_all(bytes).await.unwrap();
        let mut got = Vec::new();
        soon(socket.read_to_end(&mut got)).await.unwrap();
        assert_eq!(
            got,
            [b"\x81\x05hello\x88\x02", &code.to_be_bytes()[..]].concat()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_during_a_long_sweep_is_not_left_lying() {
    // No wheel to help out: what nobody wakes the thread for stays for hours.
    let limits = Limits {
        ping_interval: Duration::from_hours(100),
        ..Limits::default()
    };
    let mut server = Server::start(limits, greeting(b"hello")).await;
    let mut others = Vec::new();
    for _ in 0..600 {
        others.push(server.bare_client(b"").await);
    }
    let (mut last, _) = server.client().await;
    for round in 0..100 {
        for number in 0..20 {
            server
                .fanout
                .publish(vec![(ALL, numbered(round * 20 + number))]);
        }
        for number in 0..20 {
            assert_eq!(text(&mut last).await, (round * 20 + number).to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_tells_all_and_ends() {
    let mut server = Server::plain().await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(server.client().await.0);
    }
    server.fanout.publish(vec![(ALL, numbered(1))]);
    let stopped = server.fanout.stop(4000, Duration::from_mins(1));
    for client in &mut clients {
        assert_eq!(text(client).await, "1");
        assert_eq!(close_code(client).await, 4000);
    }
    drop(clients);
    soon(stopped).await.unwrap();
    assert!(
        soon(server.fanout.stop(4000, Duration::ZERO))
            .await
            .is_err(),
        "stopped already"
    );
    server.shutdown.take().unwrap().send(()).unwrap();
    soon(server.served).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_waits_for_nobody_longer_than_its_grace() {
    let mut server = Server::plain().await;
    let _holding = server.bare_client(b"").await;
    soon(server.fanout.stop(4000, Duration::from_millis(50)))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_come_back_at_once() {
    let mut server = Server::plain().await;
    for round in 0..2 {
        let address = server.address;
        let all = (0..1000).map(|_| async move {
            let mut client = connect(address).await;
            assert_eq!(text(&mut client).await, "hello");
            client
        });
        let mut clients = soon(futures_util::future::join_all(all)).await;
        server.fanout.publish(vec![(ALL, numbered(round))]);
        for client in &mut clients {
            assert_eq!(text(client).await, round.to_string());
        }
        drop(clients);
        for _ in 0..1000 {
            assert_eq!(soon(server.closed.recv()).await.unwrap().1, 1006);
        }
    }
    assert_eq!(
        server.fanout.metrics().connections.load(Ordering::Relaxed),
        0
    );
    assert_eq!(server.fanout.metrics().joined.load(Ordering::Relaxed), 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_requests_and_bad_handshakes_are_answered() {
    let server = Server::plain().await;
    for (request, status) in [
        (
            "GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200",
        ),
        (
            "GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 400",
        ),
        ("nonsense\r\n\r\n", "HTTP/1.1 400"),
    ] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon(socket.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_comes_back_from_axums_own_loop_too() {
    let fanout = Fanout::start(Config::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell_joined, _joined) = mpsc::unbounded_channel();
    let app = app(&fanout, greeting(b"hello"), tell_joined);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut client = connect(address).await;
    assert_eq!(text(&mut client).await, "hello");
}
